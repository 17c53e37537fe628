//! Connections are kept, and answers aren't mixed up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use koodrive_proto::flow::Cause;
use koodrive_proto::http::Method;

use super::{Check, LIMIT, Problem, SHORT, SLOW, answered, describe, get, is, maybe, reply, request, saw, short, url};
use crate::transport::Lack;
use crate::transport::drive::{Answer, Drive};
use crate::transport::ends::Ends;
use crate::transport::server::Server;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "reuse",
        server: "answers eight requests one after the other, and keeps its connections open",
        owes: "needs fewer than eight connections",
        lack: Some(Lack::Reuse),
        run: reuse,
    },
    Check {
        name: "together",
        server: "gets eight requests at the same time, and answers each with its body",
        owes: "sends each of them once, and returns to each its own answer",
        lack: None,
        run: together,
    },
    Check {
        name: "closed-while-kept",
        server: "answers, and closes the connection a moment later, several times",
        owes: "returns the answers; or says that a request failed, and doesn't send it again",
        lack: None,
        run: closed_while_kept,
    },
    Check {
        name: "closed-when-reused",
        server: "answers a request, reads another one, and closes the connection",
        owes: "says Reached::Maybe and Cause::Network for the second one, and doesn't send it again",
        lack: None,
        run: closed_when_reused,
    },
    Check {
        name: "leftovers",
        server: "sends more than the Content-Length of its answer: another answer",
        owes: "doesn't take that for the answer to the next request",
        lack: None,
        run: leftovers,
    },
    Check {
        name: "after-a-timeout",
        server: "sends the rest of an answer, which looks like an answer, after the exchange timed out",
        owes: "doesn't take that for the answer to the next request",
        lack: None,
        run: after_a_timeout,
    },
    Check {
        name: "after-a-drop",
        server: "sends the rest of an answer, which looks like an answer, after the exchange was dropped",
        owes: "doesn't take that for the answer to the next request",
        lack: None,
        run: after_a_drop,
    },
    Check {
        name: "after-a-limit",
        server: "sends an answer that is larger than the limit, and whose end looks like an answer",
        owes: "doesn't take that for the answer to the next request",
        lack: None,
        run: after_a_limit,
    },
];

fn reuse(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::answering(reply("200 OK", "", "{}"))?;
    for _ in 0..8 {
        is(&answered(drive.exchange(request(Method::POST, &url(&server, "/"), "{}"))?)?, 200, b"{}")?;
    }
    match server.connections() {
        0..8 => Ok(()),
        connections => Err(format!("made {connections} connections for 8 requests").into()),
    }
}

fn together(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        loop {
            let seen = peer.request()?;
            // The first ones come last.
            peer.wait(Duration::from_millis(40_u64.saturating_sub(5 * seen.number as u64)))?;
            peer.write(&reply("200 OK", "", &String::from_utf8_lossy(&seen.body)))?;
        }
    })?;
    let bodies: Vec<String> = (0..8_usize).map(|number| number.to_string().repeat(100 * number + 1)).collect();
    let requests = bodies.iter().map(|body| (request(Method::POST, &url(&server, "/"), body.clone()), Ends::new(0, 0)));
    for (answer, body) in drive.together(requests.collect())?.into_iter().zip(&bodies) {
        is(&answered(answer)?, 200, body.as_bytes())?;
    }
    Ok(saw(&server, bodies.len())?)
}

fn closed_while_kept(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::closing(reply("200 OK", "", "{}"))?;
    for number in 0..8 {
        let before = server.requests();
        let answer = drive.exchange(get(&server, &format!("/{number}")))?;
        let seen = server.requests() - before;
        match answer {
            Ok(answer) if seen == 1 => is(&answer, 200, b"{}")?,
            // Only a request that is written to a connection which is being closed may be lost.
            Err(_) if number > 0 && seen == 0 => {}
            Err(failure) => return Err(format!("failed: {}", describe(&failure)).into()),
            Ok(_) => return Err(format!("sent {seen} requests instead of one").into()),
        }
    }
    Ok(())
}

fn closed_when_reused(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        loop {
            match peer.request()?.number {
                1 => return Ok(()),
                _ => peer.write(&reply("200 OK", "", "{}"))?,
            }
        }
    })?;
    is(&answered(drive.exchange(get(&server, "/first"))?)?, 200, b"{}")?;
    let answer = drive.exchange(get(&server, "/second"))?;
    saw(&server, 2)?;
    Ok(maybe(answer, Some(Cause::Network), &server)?)
}

/// That the answer to the second request is its own, or a failure.
fn own(answer: Answer) -> Result<(), Problem> {
    match answer {
        Ok(answer) if answer.body() == "second" => Ok(()),
        Ok(answer) => {
            let body = String::from_utf8_lossy(answer.body());
            Err(format!("returned for the second request: \"{}\"", body.get(..20).unwrap_or(&body)).into())
        }
        Err(_) => Ok(()),
    }
}

fn leftovers(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        loop {
            let name = peer.request()?.name().to_owned();
            let mut bytes = reply("200 OK", "", &name);
            if name == "first" {
                bytes.extend(wrong());
            }
            peer.write(&bytes)?;
        }
    })?;
    is(&answered(drive.exchange(get(&server, "/first"))?)?, 200, b"first")?;
    own(drive.exchange(get(&server, "/second"))?)
}

/// What comes too late, or was too much: to who takes it for an answer, it is one.
fn wrong() -> Vec<u8> {
    reply("200 OK", "", "wrong")
}

/// A server that sends the rest of its first answer once that is wanted no more, and its second answer at once.
fn late(over: &Arc<AtomicBool>) -> std::io::Result<Server> {
    let over = Arc::clone(over);
    Server::start(move |peer| {
        loop {
            if peer.request()?.name() == "first" {
                peer.write(
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\nfirst", 5 + wrong().len()).as_bytes(),
                )?;
                let begun = Instant::now();
                while !over.load(Ordering::SeqCst) && begun.elapsed() < SLOW {
                    peer.wait(SHORT / 10)?;
                }
                peer.write(&wrong())?;
            } else {
                peer.write(&reply("200 OK", "", "second"))?;
            }
        }
    })
}

fn after_a_timeout(drive: &mut dyn Drive) -> Result<(), Problem> {
    let over = Arc::new(AtomicBool::new(false));
    let server = late(&over)?;
    // Another check sees to it that a timeout is kept.
    let _ = drive.exchange(short(get(&server, "/first")))?;
    over.store(true, Ordering::SeqCst);
    own(drive.exchange(get(&server, "/second"))?)
}

fn after_a_drop(drive: &mut dyn Drive) -> Result<(), Problem> {
    let over = Arc::new(AtomicBool::new(false));
    let server = late(&over)?;
    if !drive.abandon(get(&server, "/first"), Ends::new(0, 0), &|| server.requests() > 0) {
        return Err(Problem::Skip("only an async exchange can be dropped".to_owned()));
    }
    over.store(true, Ordering::SeqCst);
    own(drive.exchange(get(&server, "/second"))?)
}

fn after_a_limit(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        loop {
            if peer.request()?.name() == "first" {
                let most = usize::try_from(LIMIT).unwrap_or_default();
                let (body, more) = (vec![b'x'; most + 1], wrong());
                peer.write(
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len() + more.len()).as_bytes(),
                )?;
                peer.write(&[body, more].concat())?;
            } else {
                peer.write(&reply("200 OK", "", "second"))?;
            }
        }
    })?;
    // Another check sees to it that a limit is kept.
    let _ = drive.exchange(get(&server, "/first"))?;
    own(drive.exchange(get(&server, "/second"))?)
}
