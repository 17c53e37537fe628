//! Bodies arrive as they are in the source, or not at all.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use koodrive_proto::flow::Outgoing;

use super::super::modern;
use super::super::requests::{expected, unchanged};
use super::{Answer, Cause, Check, Drive, Ends, Problem, Reached, SLOW, Server};
use super::{Framing, partial};
use super::{answered, caused, contents, describe, failed, is, next, next_answer, put, range, reply, sank, saw};
use crate::transport::Lack;
use crate::transport::server::Seen;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "body-by-source",
        server: "gets PUTs whose bodies of 1 byte to 3 MiB are anywhere in a source",
        owes: "sends each byte for byte, with its Content-Length, not in chunks, and adds at most Expect: 100-continue",
        lack: None,
        run: bodies,
    },
    Check {
        name: "empty-body-by-source",
        server: "gets a PUT whose body is no byte of a source, which is empty or isn't",
        owes: "sends it with its Content-Length of 0, and doesn't wait for a 100 Continue",
        lack: None,
        run: empty,
    },
    Check {
        name: "no-more-than-the-length",
        server: "gets a PUT whose body has more behind it in the source, and closes the connection when it is over",
        owes: "sends no byte more than the length",
        lack: None,
        run: no_more,
    },
    Check {
        name: "transfers-together",
        server: "gets four PUTs and four GETs at the same time, each with a source or a sink of its own",
        owes: "mixes up none of them",
        lack: None,
        run: together,
    },
    Check {
        name: "reuse-by-transfers",
        server: "answers PUTs and GETs one after the other, eight in all, and keeps its connections open",
        owes: "needs fewer than eight connections",
        lack: Some(Lack::Reuse),
        run: reuse,
    },
    Check {
        name: "short-source",
        server: "gets a body whose source ends too early",
        owes: "says Cause::Local, closes the connection, and never sends a complete request",
        lack: None,
        run: |drive| unreadable(drive, |end| Ends::new(1, end)),
    },
    Check {
        name: "failing-source",
        server: "gets a body whose source fails",
        owes: "says Cause::Local, closes the connection, and never sends a complete request",
        lack: None,
        run: |drive| unreadable(drive, |end| Ends::broken(1, u64::MAX, end)),
    },
    Check {
        name: "after-a-failed-source",
        server: "gets another request after one whose source failed",
        owes: "sends it on another connection, where it isn't taken for the rest of the body",
        lack: None,
        run: after_a_failure,
    },
    Check {
        name: "interim-before-body",
        server: "answers 100 to the head of a PUT, and 103, before it reads the body",
        owes: "sends the body, and returns the last answer",
        lack: None,
        run: interim,
    },
    Check {
        name: "no-100-continue",
        server: "says nothing before it has the body of a PUT, even if it is asked for a 100 Continue",
        owes: "sends the body after a while",
        lack: None,
        run: no_continue,
    },
    Check {
        name: "refused-instead-of-100",
        server: "is asked for a 100 Continue, and answers 403 at once, with the connection closed or not",
        owes: "returns that answer, and sends no byte of the body; its next request goes over another connection",
        lack: None,
        run: refused,
    },
];

/// What the server answers to what it stores.
fn stored() -> Vec<u8> {
    reply("200 OK", "etag: \"1\"\r\n", "")
}

/// Sends a request, and returns what has arrived, which has to be unchanged.
fn send(
    drive: &mut dyn Drive,
    server: &Server,
    outgoing: Outgoing,
    ends: Ends,
    body: Vec<u8>,
) -> Result<Seen, Problem> {
    let before = server.requests();
    let mut expected = expected(&outgoing);
    expected.body = body.into();
    is(&answered(drive.transfer(outgoing, ends)?)?, 200, b"")?;
    saw(server, before + 1)?;
    let mut seen = server.seen().pop().unwrap_or_default();
    if seen.expects() && !expected.body.is_empty() {
        seen.headers.retain(|(name, _)| name != "expect");
    }
    unchanged(&expected, &seen)?;
    Ok(seen)
}

fn bodies(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::answering(stored())?;
    for (offset, len) in [(0, 1), (7, 65_535), (0, 65_536), (1 << 33, 131_073), (100_000, 3 * 1024 * 1024)] {
        let outgoing = put(&server, "/1%2F2?X-Amz-Signature=0a&x", offset, len);
        send(drive, &server, outgoing, Ends::new(1, offset + len), contents(1, offset, len))?;
    }
    Ok(())
}

fn empty(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::answering(stored())?;
    for ends in [Ends::new(1, 0), Ends::new(1, 1000)] {
        send(drive, &server, put(&server, "/", 0, 0), ends, Vec::new())?;
    }
    Ok(())
}

fn no_more(drive: &mut dyn Drive) -> Result<(), Problem> {
    let more = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&more);
    let server = Server::start(move |peer| {
        peer.request()?;
        peer.write(&reply("200 OK", "connection: close\r\n", ""))?;
        count.fetch_add(peer.linger()?, Ordering::SeqCst);
        Ok(())
    })?;
    for len in [1000, 100_000] {
        send(drive, &server, put(&server, "/", 500, len), Ends::new(1, u64::MAX), contents(1, 500, len))?;
    }
    if !server.all_closed(SLOW) {
        return Err("didn't close a connection that was to be closed".to_owned().into());
    }
    match more.load(Ordering::SeqCst) {
        0 => Ok(()),
        more => Err(format!("sent {more} bytes more than announced").into()),
    }
}

fn together(drive: &mut dyn Drive) -> Result<(), Problem> {
    const LEN: u64 = 300_000;
    let server = Server::start(|peer| {
        loop {
            let request = peer.request()?;
            let seed = request.name().parse().unwrap_or_default();
            if request.line.starts_with("PUT") {
                peer.write(&reply("200 OK", "", ""))?;
            } else {
                peer.write(partial(Framing::Length, seed, LEN).as_bytes())?;
                peer.write(&contents(seed, seed, LEN))?;
            }
        }
    })?;
    let ends: Vec<Ends> = (0..8).map(|seed| Ends::new(seed, u64::MAX)).collect();
    let all = ends.iter().zip(0_u64..).map(|(ends, seed)| {
        let (ends, path) = (ends.clone(), format!("/{seed}"));
        let outgoing = if seed < 4 { put(&server, &path, seed, LEN) } else { range(&server, &path, seed, LEN) };
        (outgoing, ends)
    });
    for ((answer, ends), seed) in drive.together(all.collect())?.into_iter().zip(&ends).zip(0..) {
        let what = |problem| format!("for one of several {problem}");
        if seed >= 4 {
            sank(answer, ends, 206, seed, &contents(seed, seed, LEN)).map_err(what)?;
            continue;
        }
        is(&answered(answer).map_err(what)?, 200, b"")?;
        let is_whole = |seen: &Seen| seen.name() == seed.to_string() && seen.body == contents(seed, seed, LEN);
        if !server.seen().iter().any(is_whole) {
            return Err("sent a body that is of another source".to_owned().into());
        }
    }
    Ok(saw(&server, 8)?)
}

fn reuse(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        loop {
            if peer.request()?.line.starts_with("PUT") {
                peer.write(&stored())?;
            } else {
                peer.write(partial(Framing::Length, 0, 1000).as_bytes())?;
                peer.write(&contents(1, 0, 1000))?;
            }
        }
    })?;
    for _ in 0..4 {
        is(&answered(drive.transfer(put(&server, "/", 0, 1000), Ends::new(1, 1000))?)?, 200, b"")?;
        let ends = Ends::new(0, 0);
        sank(drive.transfer(range(&server, "/", 0, 1000), ends.clone())?, &ends, 206, 0, &contents(1, 0, 1000))?;
    }
    match server.connections() {
        0..8 => Ok(()),
        connections => Err(format!("made {connections} connections for 8 requests").into()),
    }
}

/// That a request wasn't sent completely because of something here.
fn local(answer: Answer, server: &Server) -> Result<(), String> {
    let failure = failed(answer)?;
    if failure.reached == Reached::No && server.read() > 0 {
        return Err(format!("said {}, but the server had read {} bytes", describe(&failure), server.read()));
    }
    caused(&failure, Some(Cause::Local))
}

/// A source that can't be read from there on.
fn unreadable(drive: &mut dyn Drive, source: fn(u64) -> Ends) -> Result<(), Problem> {
    const OFFSET: u64 = 5000;
    for (there, len) in [(0, 1), (999, 1000), (70_000, 100_000), (1024 * 1024, 4 * 1024 * 1024)] {
        let what = |problem| format!("for {there} of {len} bytes {problem}");
        let server = Server::answering(stored())?;
        let answer = drive.transfer(put(&server, "/", OFFSET, len), source(OFFSET + there))?;
        local(answer, &server).map_err(what)?;
        if !server.all_closed(SLOW) {
            return Err(what("kept a connection on which the rest of a body is missing".to_owned()).into());
        }
        saw(&server, 0).map_err(what)?;
    }
    Ok(())
}

fn after_a_failure(drive: &mut dyn Drive) -> Result<(), Problem> {
    for ends in [Ends::broken(1, 100_000, 70_000), Ends::new(1, 70_000)] {
        let server = Server::start(|peer| {
            loop {
                match peer.request()?.name() {
                    "next" => next_answer(peer)?,
                    _ => peer.write(&stored())?,
                }
            }
        })?;
        // Other checks see to it that this fails.
        let _ = drive.transfer(put(&server, "/first", 0, 100_000), ends)?;
        next(drive, &server)?;
    }
    Ok(())
}

fn interim(drive: &mut dyn Drive) -> Result<(), Problem> {
    modern(drive)?;
    let server = Server::start(|peer| {
        loop {
            let head = peer.head()?;
            peer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")?;
            peer.body(head)?;
            peer.write(&stored())?;
        }
    })?;
    for len in [1000, 1024 * 1024] {
        send(drive, &server, put(&server, "/", 0, len), Ends::new(1, len), contents(1, 0, len))?;
    }
    Ok(())
}

fn no_continue(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        loop {
            let head = peer.head()?;
            peer.body(head)?;
            peer.write(&stored())?;
        }
    })?;
    send(drive, &server, put(&server, "/", 0, 100_000), Ends::new(1, 100_000), contents(1, 0, 100_000))?;
    Ok(())
}

fn refused(drive: &mut dyn Drive) -> Result<(), Problem> {
    for headers in ["", "connection: close\r\n"] {
        let (asks, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(None)));
        let (expects, rest) = (Arc::clone(&asks), Arc::clone(&sent));
        let server = Server::start(move |peer| {
            let head = peer.head()?;
            if head.name() == "next" {
                return next_answer(peer);
            }
            if !head.expects() {
                peer.body(head)?;
                return peer.write(&stored());
            }
            expects.store(true, Ordering::SeqCst);
            peer.write(&reply("403 Forbidden", headers, "too late"))?;
            // What comes here is the body, whatever it looks like.
            let count = peer.rest()?;
            *rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(count);
            Ok(())
        })?;
        let answer = drive.transfer(put(&server, "/first", 0, 100_000), Ends::new(1, 100_000))?;
        if !asks.load(Ordering::SeqCst) {
            return Err(Problem::Skip("the transport doesn't ask for a 100 Continue".to_owned()));
        }
        is(&answered(answer)?, 403, b"too late")?;
        next(drive, &server)?;
        server.all_closed(SLOW);
        match *sent.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(0) => {}
            Some(sent) => return Err(format!("sent {sent} bytes of the body all the same").into()),
            None => return Err("didn't close the connection, where the body is missing".to_owned().into()),
        }
    }
    Ok(())
}
