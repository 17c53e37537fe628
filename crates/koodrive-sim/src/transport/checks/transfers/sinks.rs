//! Answers go to the sink at their place, or not at all.

use koodrive_proto::flow::{Deliver, Expected};

use super::super::limits::{bounded, too_large};
use super::super::{SHORT, modern};
use super::{Cause, Check, Drive, Ends, Framing, Problem, Server};
use super::{answered, broken_off, contents, is, next, next_answer, once, partial, range, reply, sank};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "range-into-sink",
        server: "answers 206 with the range that was asked for: 1 byte to 2 MiB, with a length, in chunks, or without",
        owes: "writes it to the sink where it belongs, and returns the answer with an empty body",
        lack: None,
        run: ranges,
    },
    Check {
        name: "whole-into-sink",
        server: "answers 200 with the whole, empty or not, to who asked for the first bytes and has none yet",
        owes: "writes it to the sink from the beginning on, and returns the answer with an empty body",
        lack: None,
        run: whole,
    },
    Check {
        name: "not-for-the-sink",
        server: "answers with another range than the one asked for, with the whole, or with encoded bytes",
        owes: "writes nothing to the sink, returns the answer with an empty body, and doesn't use the connection again",
        lack: None,
        run: |drive| nowhere(drive, 1000),
    },
    Check {
        name: "not-for-the-sink-unread",
        server: "answers like that with 64 MiB",
        owes: "doesn't read them all, and doesn't use the connection again",
        lack: None,
        run: |drive| nowhere(drive, 64 * 1024 * 1024),
    },
    Check {
        name: "refusal-for-sink",
        server: "answers with a redirect or a refusal to who asked for a range",
        owes: "returns the answer with its body in memory, and writes nothing to the sink",
        lack: None,
        run: refusals,
    },
    Check {
        name: "large-refusal-for-sink",
        server: "refuses a range with 64 MiB of text, where an answer in memory may have 1 MiB",
        owes: "says Cause::Local, and doesn't read them all",
        lack: None,
        run: large_refusal,
    },
    Check {
        name: "closed-in-sink",
        server: "sends 100000 of 300000 bytes, and closes the connection",
        owes: "says Reached::Maybe, Cause::Network, and in Failure::delivered how much is in the sink",
        lack: None,
        run: |drive| cut(drive, false),
    },
    Check {
        name: "reset-in-sink",
        server: "sends 100000 of 300000 bytes, and resets the connection",
        owes: "says Reached::Maybe, Cause::Network, and in Failure::delivered how much is in the sink",
        lack: None,
        run: |drive| cut(drive, true),
    },
    Check {
        name: "too-much-for-sink",
        server: "sends more than the range that its head announces, at once or a moment later",
        owes: "says Reached::Maybe, Cause::Network, and in Failure::delivered how much is in the sink: no byte too much",
        lack: None,
        run: too_much,
    },
    Check {
        name: "full-sink",
        server: "sends a range that doesn't fit into the sink",
        owes: "says Reached::Maybe, Cause::Local, and in Failure::delivered how much is in the sink",
        lack: None,
        run: full,
    },
    Check {
        name: "after-a-full-sink",
        server: "sends a range of 860 KB for which the sink has no room, and which looks like answers",
        owes: "doesn't take that for the answer to the next request",
        lack: None,
        run: after_a_full_sink,
    },
];

const REFUSAL: &str = "<Error><Code>No</Code></Error>";
const FIRST: u64 = 5_000_000_000;
const LEN: u64 = 300_000;

/// A server that answers like this on each of its connections, and closes it.
fn answering(pieces: Vec<Vec<u8>>, reset: bool) -> std::io::Result<Server> {
    Server::start(move |peer| {
        peer.request()?;
        pieces.iter().try_for_each(|piece| peer.write(piece))?;
        if reset { peer.reset() } else { Ok(()) }
    })
}

/// How a transport of HTTP/1.0 and others may be answered.
fn framings(drive: &mut dyn Drive) -> Result<Vec<Framing>, Problem> {
    match modern(drive) {
        Ok(()) => Ok(vec![Framing::Length, Framing::Chunks, Framing::Close]),
        Err(Problem::Skip(_)) => Ok(vec![Framing::Length, Framing::Close]),
        Err(problem) => Err(problem),
    }
}

fn ranges(drive: &mut dyn Drive) -> Result<(), Problem> {
    for framing in framings(drive)? {
        for (first, len) in [(0, 1), (7, 300_001), (1 << 33, 2 * 1024 * 1024)] {
            let bytes = contents(1, first, len);
            let mut pieces = vec![partial(framing, first, len).into_bytes()];
            pieces.extend(bytes.chunks(100_000).map(|bytes| framing.frame(bytes)));
            pieces.push(framing.end().to_vec());
            let (server, ends) = (answering(pieces, false)?, Ends::new(0, 0));
            let answer = drive.transfer(range(&server, "/", first, len), ends.clone())?;
            sank(answer, &ends, 206, first, &bytes)?;
        }
    }
    Ok(())
}

fn whole(drive: &mut dyn Drive) -> Result<(), Problem> {
    for framing in framings(drive)? {
        for len in [0, 1, LEN] {
            let (bytes, head) =
                (contents(1, 0, len), format!("HTTP/1.1 200 OK\r\netag: \"1\"\r\n{}\r\n", framing.header(len)));
            let body = if len > 0 { framing.frame(&bytes) } else { Vec::new() };
            let server = answering(vec![head.into_bytes(), body, framing.end().to_vec()], false)?;
            let (ends, mut outgoing) = (Ends::new(0, 0), range(&server, "/", 0, 100_000));
            let mut expected = Expected::new(0, 100_000);
            expected.total = Some(len);
            outgoing.deliver = Deliver::Sink(expected);
            sank(drive.transfer(outgoing, ends.clone())?, &ends, 200, 0, &bytes)?;
        }
    }
    Ok(())
}

/// Answers that aren't for the sink, with bodies of so many bytes, and then one to another request.
fn nowhere(drive: &mut dyn Drive, len: u64) -> Result<(), Problem> {
    let encoded =
        format!("content-range: bytes {FIRST}-{}/{}\r\ncontent-encoding: gzip\r\n", FIRST + len - 1, FIRST + len);
    let another = format!("content-range: bytes 0-{}/{}\r\n", len - 1, FIRST + len);
    for (status, headers) in [(206, another), (206, encoded), (200, String::new())] {
        let what = |problem| format!("for {status} {problem}");
        let server = Server::start(move |peer| {
            loop {
                if peer.request()?.name() == "next" {
                    next_answer(peer)?;
                    continue;
                }
                peer.write(format!("HTTP/1.1 {status} OK\r\n{headers}content-length: {len}\r\n\r\n").as_bytes())?;
                let part = contents(1, 0, len.min(64 * 1024));
                (0..len / part.len() as u64).try_for_each(|_| peer.write(&part))?;
                peer.write(&part[..usize::try_from(len % part.len() as u64).unwrap_or_default()])?;
            }
        })?;
        let ends = Ends::new(0, 0);
        let answer = drive.transfer(range(&server, "/", FIRST, len), ends.clone())?;
        sank(answer, &ends, status, FIRST, &[]).map_err(what)?;
        next(drive, &server).map_err(what)?;
        if server.connections() < 2 {
            return Err(what("used the connection again".to_owned()).into());
        }
        bounded(&server).map_err(what)?;
    }
    Ok(())
}

fn refusals(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        loop {
            let status = peer.request()?.name().to_owned();
            peer.write(&reply(&format!("{status} No"), "content-range: bytes */100\r\nlocation: /\r\n", REFUSAL))?;
        }
    })?;
    for status in [307, 403, 404, 412, 416, 500, 503] {
        let ends = Ends::new(0, 0);
        let answer = drive.transfer(range(&server, &format!("/{status}"), FIRST, LEN), ends.clone())?;
        is(&answered(answer)?, status, REFUSAL.as_bytes())?;
        empty(&ends)?;
    }
    Ok(())
}

fn large_refusal(drive: &mut dyn Drive) -> Result<(), Problem> {
    const PIECE: &[u8] = &[b'x'; 64 * 1024];
    let server = Server::start(|peer| {
        peer.request()?;
        peer.write(format!("HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\n\r\n", 1024 * PIECE.len()).as_bytes())?;
        (0..1024).try_for_each(|_| peer.write(PIECE))
    })?;
    let ends = Ends::new(0, 0);
    let answer = drive.transfer(range(&server, "/", FIRST, LEN), ends.clone())?;
    empty(&ends)?;
    Ok(too_large(answer, &server)?)
}

fn empty(ends: &Ends) -> Result<(), String> {
    match ends.sink(FIRST)?.len() {
        0 => Ok(()),
        len => Err(format!("wrote {len} bytes to the sink")),
    }
}

fn cut(drive: &mut dyn Drive, reset: bool) -> Result<(), Problem> {
    const SENT: u64 = 100_000;
    for framing in framings(drive)? {
        let bytes = contents(1, FIRST, SENT);
        let pieces = vec![partial(framing, FIRST, LEN).into_bytes(), framing.frame(&bytes)];
        let (server, ends) = (answering(pieces, reset)?, Ends::new(0, 0));
        let answer = drive.transfer(range(&server, "/", FIRST, LEN), ends.clone())?;
        once(&server)?;
        let delivered = broken_off(answer, Cause::Network, &server, &ends, FIRST, &bytes)?;
        if !reset && delivered < SENT {
            return Err(Problem::Note(format!("kept only {delivered} of {SENT} bytes that came")));
        }
    }
    Ok(())
}

fn too_much(drive: &mut dyn Drive) -> Result<(), Problem> {
    for framing in framings(drive)? {
        if let Framing::Length = framing {
            // What is behind that is no part of the answer.
            continue;
        }
        for late in [false, true] {
            let bytes = contents(1, FIRST, LEN + 1000);
            let server = {
                let bytes = bytes.clone();
                Server::start(move |peer| {
                    peer.request()?;
                    peer.write(partial(framing, FIRST, LEN).as_bytes())?;
                    let (right, more) = bytes.split_at(bytes.len() - 1000);
                    if late {
                        peer.write(&framing.frame(right))?;
                        peer.wait(SHORT)?;
                        peer.write(&framing.frame(more))?;
                    } else {
                        peer.write(&framing.frame(&bytes))?;
                    }
                    peer.write(framing.end())
                })?
            };
            let ends = Ends::new(0, 0);
            let answer = drive.transfer(range(&server, "/", FIRST, LEN), ends.clone())?;
            broken_off(answer, Cause::Network, &server, &ends, FIRST, &bytes[..bytes.len() - 1000])?;
        }
    }
    Ok(())
}

fn full(drive: &mut dyn Drive) -> Result<(), Problem> {
    for fits in [0, 200_000] {
        let bytes = contents(1, FIRST, LEN);
        let pieces = vec![partial(Framing::Length, FIRST, LEN).into_bytes(), bytes.clone()];
        let (server, ends) = (answering(pieces, false)?, Ends::full(FIRST + fits));
        let answer = drive.transfer(range(&server, "/", FIRST, LEN), ends.clone())?;
        once(&server)?;
        broken_off(answer, Cause::Local, &server, &ends, FIRST, &bytes)?;
    }
    Ok(())
}

fn after_a_full_sink(drive: &mut dyn Drive) -> Result<(), Problem> {
    let wrong = reply("200 OK", "", "wrong").repeat(20_000);
    let len = wrong.len() as u64;
    let server = Server::start(move |peer| {
        loop {
            if peer.request()?.name() == "next" {
                next_answer(peer)?;
            } else {
                peer.write(partial(Framing::Length, FIRST, len).as_bytes())?;
                peer.write(&wrong)?;
            }
        }
    })?;
    // Another check sees to it that this fails.
    let _ = drive.transfer(range(&server, "/", FIRST, len), Ends::full(FIRST))?;
    Ok(next(drive, &server)?)
}
