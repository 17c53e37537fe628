//! The idle time ends what doesn't move, and nothing that does; the timeout ends that, too.

use std::io;
use std::time::Duration;

use koodrive_proto::flow::Outgoing;

use super::super::{SHORT, TIMEOUT};
use super::{Answer, Cause, Check, Drive, Ends, Framing, LARGE, Problem, SLOW, Server};
use super::{
    answered, body_begins, broken_off, caused, contents, failed, is, maybe, once, partial, put, range, reply, sank,
};
use crate::transport::Lack;
use crate::transport::server::Peer;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "slow-reader",
        server: "reads a body of 64 MiB slowly, for longer than the idle time of 2 s",
        owes: "sends all of it, since it moves",
        lack: None,
        run: slow_reader,
    },
    Check {
        name: "slow-writer",
        server: "sends a range in small pieces, for longer than the idle time of 2 s",
        owes: "writes all of it to the sink, since it moves",
        lack: None,
        run: slow_writer,
    },
    Check {
        name: "stalled-reader",
        server: "reads no more than 256 KiB of a body of 16 MiB",
        owes: "says Reached::Maybe and Cause::Timeout once its idle time of 300 ms is over, long before its timeout",
        lack: None,
        run: |drive| {
            sending(drive, stalls, LARGE, |peer| {
                body_begins(peer)?;
                peer.some()?;
                peer.wait(SLOW)
            })
            .map(drop)
        },
    },
    Check {
        name: "stalled-answer",
        server: "reads a body, and says nothing",
        owes: "says Reached::Maybe and Cause::Timeout once its idle time of 300 ms is over, long before its timeout",
        lack: None,
        run: |drive| {
            sending(drive, stalls, 1000, |peer| {
                peer.request()?;
                peer.wait(SLOW)
            })
            .map(drop)
        },
    },
    Check {
        name: "stalled-writer",
        server: "sends 100000 of 300000 bytes, and no more",
        owes: "says Reached::Maybe and Cause::Timeout once its idle time of 300 ms is over, long before its timeout, and \
               in Failure::delivered how much is in the sink",
        lack: None,
        run: |drive| receiving(drive, stalls, |peer| peer.wait(SLOW)),
    },
    Check {
        name: "endless-reader",
        server: "reads a body of 16 MiB so slowly that it moves, but takes longer than the timeout",
        owes: "says Reached::Maybe and Cause::Timeout once its timeout of 1 s is over",
        lack: Some(Lack::Deadline),
        run: |drive| {
            let server = sending(drive, moves, LARGE, |peer| read_slowly(peer, LARGE, SLOW))?;
            match server.read() {
                // Half of the server's time isn't over: it wasn't the idle time that ended it in the end.
                read if read < LARGE / 2 => Ok(()),
                read => Err(format!("went on for so long that the server could read {} MiB", read >> 20).into()),
            }
        },
    },
    Check {
        name: "endless-writer",
        server: "sends a byte of a range every 50 ms, for longer than the timeout",
        owes: "says Reached::Maybe and Cause::Timeout once its timeout of 1 s is over, and in Failure::delivered how \
               much is in the sink",
        lack: Some(Lack::Deadline),
        run: |drive| receiving(drive, moves, |peer| peer.trickle(&contents(1, FIRST + SENT, 1), SLOW)),
    },
];

const FIRST: u64 = 5_000_000_000;
const LEN: u64 = 300_000;
const SENT: u64 = 100_000;

/// So much that what the system keeps of it, and takes anew only after a while, is read in little time.
const HUGE: u64 = 4 * LARGE;

/// In how many pieces a body is read.
const PIECES: u32 = 64;

/// An idle time that isn't meant to be reached.
const IDLE: Duration = Duration::from_secs(2);

fn idling(mut outgoing: Outgoing) -> Outgoing {
    (outgoing.timeout, outgoing.idle) = (2 * TIMEOUT, IDLE);
    outgoing
}

/// With an idle time that is meant to be reached, long before the timeout.
fn stalls(outgoing: &mut Outgoing) {
    outgoing.idle = SHORT;
}

/// With a timeout that is meant to be reached.
fn moves(outgoing: &mut Outgoing) {
    (outgoing.timeout, outgoing.idle) = (Duration::from_secs(1), Duration::from_secs(1));
}

/// Reads a body of so many bytes, which takes about so long.
fn read_slowly(peer: &mut Peer, len: u64, time: Duration) -> io::Result<()> {
    body_begins(peer)?;
    let mut read = 0;
    for piece in 1..=PIECES {
        while read < len * u64::from(piece) / u64::from(PIECES) {
            match peer.some()? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => read += count,
            }
        }
        peer.wait(time / PIECES)?;
    }
    Ok(())
}

fn slow_reader(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        read_slowly(peer, HUGE, IDLE + IDLE / 2)?;
        peer.write(&reply("200 OK", "", ""))
    })?;
    let answer = drive.transfer(idling(put(&server, "/", 0, HUGE)), Ends::new(1, HUGE))?;
    Ok(is(&answered(answer)?, 200, b"")?)
}

fn slow_writer(drive: &mut dyn Drive) -> Result<(), Problem> {
    let bytes = contents(1, FIRST, LEN);
    let sent = bytes.clone();
    let server = Server::start(move |peer| {
        peer.request()?;
        peer.write(partial(Framing::Length, FIRST, LEN).as_bytes())?;
        for piece in sent.chunks(sent.len() / 30) {
            peer.wait(IDLE / 20)?;
            peer.write(piece)?;
        }
        Ok(())
    })?;
    let ends = Ends::new(0, 0);
    let answer = drive.transfer(idling(range(&server, "/", FIRST, LEN)), ends.clone())?;
    Ok(sank(answer, &ends, 206, FIRST, &bytes)?)
}

/// Sends a body to a server that takes longer than the time it is given.
fn sending(
    drive: &mut dyn Drive,
    time: fn(&mut Outgoing),
    len: u64,
    script: fn(&mut Peer) -> io::Result<()>,
) -> Result<Server, Problem> {
    let server = Server::start(script)?;
    let mut outgoing = put(&server, "/", 0, len);
    time(&mut outgoing);
    let answer = drive.transfer(outgoing, Ends::new(1, len))?;
    once(&server)?;
    if let Some(answer) = unseen(answer, &server)? {
        maybe(answer, Some(Cause::Timeout), &server)?;
    }
    Ok(server)
}

/// Receives a range of a server that takes longer than the time it is given; after a while it goes on like that.
fn receiving(
    drive: &mut dyn Drive,
    time: fn(&mut Outgoing),
    script: fn(&mut Peer) -> io::Result<()>,
) -> Result<(), Problem> {
    let server = Server::start(move |peer| {
        peer.request()?;
        peer.write(partial(Framing::Length, FIRST, LEN).as_bytes())?;
        peer.write(&contents(1, FIRST, SENT))?;
        script(peer)
    })?;
    let (mut outgoing, ends) = (range(&server, "/", FIRST, LEN), Ends::new(0, 0));
    time(&mut outgoing);
    let answer = drive.transfer(outgoing, ends.clone())?;
    once(&server)?;
    let Some(answer) = unseen(answer, &server)? else { return Ok(()) };
    let bytes = [contents(1, FIRST, SENT), contents(1, FIRST + SENT, 1).repeat(1000)].concat();
    broken_off(answer, Cause::Timeout, &server, &ends, FIRST, &bytes)?;
    Ok(())
}

/// The answer, unless the machine is so busy that the transport can't have got as far as to send anything.
fn unseen(answer: Answer, server: &Server) -> Result<Option<Answer>, String> {
    if server.read() > 0 {
        return Ok(Some(answer));
    }
    caused(&failed(answer)?, Some(Cause::Timeout))?;
    Ok(None)
}
