//! Answers that come before the body was read: a refusal, as an object store gives it.

use std::io;
use std::time::Duration;

use super::{Answer, Cause, Check, Drive, Ends, LARGE, Problem, Reached, SLOW, Server};
use super::{answered, describe, is, next, next_answer, once, put, reply};
use crate::transport::server::Peer;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "early-answer",
        server: "answers 403 to the head of a PUT, says that nothing follows, and reads the body of 16 MiB all the same",
        owes: "returns the answer, with its body in memory",
        lack: None,
        run: |drive| {
            refused(drive, false, |peer| {
                peer.write(&refusal())?;
                peer.linger().map(drop)
            })
        },
    },
    Check {
        name: "early-answer-closed",
        server: "answers 403 to the head of a PUT, and closes the connection with the body unread",
        owes: "returns the answer; or else says Reached::Maybe and Cause::Network",
        lack: None,
        run: |drive| refused(drive, true, |peer| peer.write(&refusal())),
    },
    Check {
        name: "early-answer-reset",
        server: "answers 403 to the head of a PUT, and resets the connection",
        owes: "returns the answer; or else says Reached::Maybe and Cause::Network",
        lack: None,
        run: |drive| {
            refused(drive, true, |peer| {
                peer.write(&refusal())?;
                peer.reset()
            })
        },
    },
    Check {
        name: "early-answer-unread",
        server: "answers 403 to the head of a PUT, reads nothing more, and keeps the connection open",
        owes: "returns the answer; or else says Reached::Maybe and Cause::Timeout once its idle time of 1 s is over",
        lack: None,
        run: unread,
    },
    Check {
        name: "after-an-early-answer",
        server: "answers 403 to the head of a PUT, then takes what comes for its body",
        owes: "sends the next request where it isn't taken for the rest of the body",
        lack: None,
        run: after,
    },
];

const REFUSAL: &str = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";

fn refusal() -> Vec<u8> {
    reply("403 Forbidden", "content-type: application/xml\r\nconnection: close\r\n", REFUSAL)
}

/// A refusal of the head. It may be lost only with the connection.
fn refused(drive: &mut dyn Drive, may_be_lost: bool, script: fn(&mut Peer) -> io::Result<()>) -> Result<(), Problem> {
    let server = Server::start(move |peer| {
        peer.head()?;
        script(peer)
    })?;
    let answer = drive.transfer(put(&server, "/", 0, LARGE), Ends::new(1, LARGE))?;
    seen(answer, Some(Cause::Network).filter(|_| may_be_lost), &server)
}

fn unread(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        peer.head()?;
        peer.write(&refusal())?;
        peer.wait(SLOW)
    })?;
    let mut outgoing = put(&server, "/", 0, LARGE);
    outgoing.idle = Duration::from_secs(1);
    let answer = drive.transfer(outgoing, Ends::new(1, LARGE))?;
    seen(answer, Some(Cause::Timeout), &server)
}

/// That the refusal was seen. It isn't wrong to say that it was lost by this cause, but then the request is sent again.
fn seen(answer: Answer, lost: Option<Cause>, server: &Server) -> Result<(), Problem> {
    once(server)?;
    match answer {
        Err(failure) if failure.reached == Reached::Maybe && Some(failure.cause) == lost => {
            Err(Problem::Note(format!("lost the answer, and said {}", describe(&failure))))
        }
        answer => Ok(is(&answered(answer)?, 403, REFUSAL.as_bytes())?),
    }
}

fn after(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        loop {
            let head = peer.head()?;
            if head.name() == "next" {
                next_answer(peer)?;
            } else {
                peer.write(&reply("403 Forbidden", "", REFUSAL))?;
                peer.body(head)?;
            }
        }
    })?;
    // Another check sees to it that the answer is seen.
    let _ = drive.transfer(put(&server, "/", 0, LARGE), Ends::new(1, LARGE))?;
    Ok(next(drive, &server)?)
}
