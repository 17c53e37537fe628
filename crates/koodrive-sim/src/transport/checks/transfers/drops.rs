//! What is left of a transfer that was dropped isn't mixed up with the next exchange.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use koodrive_proto::flow::Outgoing;

use super::super::SHORT;
use super::{Check, Drive, Ends, Framing, LARGE, Problem, SLOW, Server};
use super::{body_begins, next, next_answer, partial, put, range, reply};
use crate::transport::server::Peer;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "after-a-dropped-source",
        server: "reads the rest of a body, and answers it, after the exchange was dropped",
        owes: "sends the next request where it isn't taken for a body, and returns its own answer",
        lack: None,
        run: |drive| {
            let script = |peer: &mut Peer, over: &AtomicBool| {
                let mut read = peer.some()?;
                until(peer, over)?;
                while read < LARGE {
                    match peer.some()? {
                        0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                        count => read += count,
                    }
                }
                peer.write(&wrong())
            };
            dropped(drive, script, |server| put(server, "/first", 0, LARGE), |server| server.read() > 1000)
        },
    },
    Check {
        name: "after-a-dropped-sink",
        server: "sends the rest of a range, which looks like an answer, after the exchange was dropped",
        owes: "doesn't take that for the answer to the next request",
        lack: None,
        run: |drive| {
            let script = |peer: &mut Peer, over: &AtomicBool| {
                peer.write(partial(Framing::Length, 0, 1000 + wrong().len() as u64).as_bytes())?;
                peer.write(&[b'x'; 1000])?;
                until(peer, over)?;
                peer.write(&wrong())
            };
            let first = |server: &Server| range(server, "/first", 0, 1000 + wrong().len() as u64);
            dropped(drive, script, first, |server| server.written() > 1000)
        },
    },
];

/// What comes too late.
fn wrong() -> Vec<u8> {
    reply("200 OK", "", "wrong")
}

/// Goes on once the exchange was dropped.
fn until(peer: &Peer, over: &AtomicBool) -> io::Result<()> {
    let begun = Instant::now();
    while !over.load(Ordering::SeqCst) && begun.elapsed() < SLOW {
        peer.wait(SHORT / 10)?;
    }
    Ok(())
}

/// Drops an exchange once it is under way, and does another one.
fn dropped(
    drive: &mut dyn Drive,
    script: fn(&mut Peer, &AtomicBool) -> io::Result<()>,
    first: fn(&Server) -> Outgoing,
    begun: fn(&Server) -> bool,
) -> Result<(), Problem> {
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let server = Server::start(move |peer| {
        loop {
            if body_begins(peer)?.name() == "next" {
                next_answer(peer)?;
            } else {
                script(peer, &is_over)?;
            }
        }
    })?;
    if !drive.abandon(first(&server), Ends::new(1, LARGE), &|| begun(&server)) {
        return Err(Problem::Skip("only an async exchange can be dropped".to_owned()));
    }
    over.store(true, Ordering::SeqCst);
    Ok(next(drive, &server)?)
}
