//! Timeouts and limits are kept.

use std::io;
use std::time::{Duration, Instant};

use bytes::Bytes;
use koodrive_proto::flow::{Cause, Outgoing, Reached};
use koodrive_proto::http::Method;

use super::{Check, LIMIT, Problem, SHORT, SLOW, answered, caused, failed, get, is, maybe, modern, once};
use super::{reply, request, short, url};
use crate::transport::Lack;
use crate::transport::drive::{Answer, Drive};
use crate::transport::server::{Peer, Server};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "silent",
        server: "reads the request, and says nothing",
        owes: "says Reached::Maybe and Cause::Timeout once its timeout of 300 ms is over",
        lack: None,
        run: |drive| {
            slow(drive, get, |peer| {
                peer.request()?;
                peer.wait(SLOW)
            })
        },
    },
    Check {
        name: "slow-head",
        server: "sends a byte of its answer's head every 50 ms",
        owes: "says Reached::Maybe and Cause::Timeout once its timeout of 300 ms is over",
        lack: Some(Lack::Deadline),
        run: |drive| {
            slow(drive, get, |peer| {
                peer.request()?;
                peer.write(b"HTTP/1.1 200 OK\r\nx: ")?;
                peer.trickle(b"y", SLOW)
            })
        },
    },
    Check {
        name: "slow-body",
        server: "sends a byte of its answer's body every 50 ms",
        owes: "says Reached::Maybe and Cause::Timeout once its timeout of 300 ms is over",
        lack: Some(Lack::Deadline),
        run: |drive| {
            slow(drive, get, |peer| {
                peer.request()?;
                peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")?;
                peer.trickle(b" ", SLOW)
            })
        },
    },
    Check {
        name: "unread-request",
        server: "reads the head of the request, and none of its body of 32 MiB",
        owes: "says Reached::Maybe and Cause::Timeout once its timeout of 300 ms is over",
        lack: None,
        run: |drive| {
            let outgoing = |server: &Server, path: &str| {
                request(Method::POST, &url(server, path), Bytes::from(vec![b'x'; 32 * 1024 * 1024]))
            };
            slow(drive, outgoing, |peer| {
                peer.head()?;
                peer.wait(SLOW)
            })
        },
    },
    Check {
        name: "in-time",
        server: "reads the request, and says nothing",
        owes: "returns soon after its timeout of 300 ms",
        lack: None,
        run: |drive| in_time(drive, SHORT),
    },
    Check {
        name: "tiny-timeout",
        server: "reads the request, and says nothing",
        owes: "says Cause::Timeout soon after its timeout of 0.5 ms: that isn't zero, which to some means none",
        lack: None,
        run: |drive| in_time(drive, Duration::from_micros(500)),
    },
    Check {
        name: "late-answer",
        server: "answers after one second",
        owes: "returns the answer, since its timeout is 10 s",
        lack: None,
        run: late,
    },
    Check {
        name: "silent-tls",
        server: "is to be called with https://, accepts the connection, and says nothing",
        owes: "says Cause::Timeout once its timeout of 300 ms is over",
        lack: None,
        run: silent_tls,
    },
    Check {
        name: "no-bounds",
        server: "answers at once, and the timeout and the limit of the answer are the largest that there are",
        owes: "returns the answer, though no clock reaches that time",
        lack: None,
        run: boundless,
    },
    Check {
        name: "limit-by-length",
        server: "announces 64 MiB, where the answer may have 1 MiB, and sends them",
        owes: "says Cause::Local, and doesn't read them all",
        lack: None,
        run: |drive| {
            endless(drive, format!("content-length: {}\r\n\r\n", ENDLESS * PART.len()), |peer| peer.write(PART))
        },
    },
    Check {
        name: "limit-until-close",
        server: "sends 64 MiB without a length, where the answer may have 1 MiB",
        owes: "says Cause::Local, and doesn't read them all",
        lack: None,
        run: |drive| endless(drive, "server: s\r\n\r\n".to_owned(), |peer| peer.write(PART)),
    },
    Check {
        name: "limit-in-chunks",
        server: "sends 64 MiB in chunks, where the answer may have 1 MiB",
        owes: "says Cause::Local, and doesn't read them all",
        lack: None,
        run: |drive| {
            modern(drive)?;
            endless(drive, "transfer-encoding: chunked\r\n\r\n".to_owned(), |peer| {
                peer.write(format!("{:x}\r\n", PART.len()).as_bytes())?;
                peer.write(PART)?;
                peer.write(b"\r\n")
            })
        },
    },
    Check {
        name: "limit-of-head",
        server: "sends 64 MiB of headers",
        owes: "says Reached::Maybe, and doesn't read them all",
        lack: None,
        run: endless_head,
    },
];

/// A part of what is too much, and how often it comes.
const PART: &[u8] = &[b'x'; 64 * 1024];
const ENDLESS: usize = 1024;

/// How much the server may get rid of: the limit, and what the buffers of two sockets and the transport may hold.
const BUFFERS: u64 = 40 * 1024 * 1024;

/// An exchange with a server that takes longer than the timeout.
fn slow(
    drive: &mut dyn Drive,
    outgoing: impl Fn(&Server, &str) -> Outgoing,
    script: fn(&mut Peer) -> io::Result<()>,
) -> Result<(), Problem> {
    let server = Server::start(script)?;
    let begun = Instant::now();
    let answer = drive.exchange(short(outgoing(&server, "/")))?;
    once(&server)?;
    if server.read() == 0 {
        // The machine is so busy that the transport can't have got any further.
        return Ok(failed(answer).and_then(|failure| caused(&failure, Some(Cause::Timeout)))?);
    }
    let after = |problem| format!("{problem}, after {:.1} s", begun.elapsed().as_secs_f32());
    Ok(maybe(answer, Some(Cause::Timeout), &server).map_err(after)?)
}

/// A busy machine may make a transport late, but hardly several times.
fn in_time(drive: &mut dyn Drive, timeout: Duration) -> Result<(), Problem> {
    let mut took = Vec::new();
    while took.len() < 3 {
        let server = Server::start(|peer| {
            peer.request()?;
            peer.wait(7 * SHORT)
        })?;
        let mut outgoing = get(&server, "/");
        (outgoing.timeout, outgoing.idle) = (timeout, timeout);
        let begun = Instant::now();
        let failure = failed(drive.exchange(outgoing)?)?;
        took.push(begun.elapsed());
        if begun.elapsed() < 5 * SHORT {
            return Ok(caused(&failure, Some(Cause::Timeout))?);
        }
    }
    Err(format!("took {took:.1?}").into())
}

fn late(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        peer.request()?;
        peer.wait(Duration::from_secs(1))?;
        peer.write(&reply("200 OK", "", "{}"))
    })?;
    Ok(is(&answered(drive.exchange(get(&server, "/"))?)?, 200, b"{}")?)
}

fn silent_tls(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        peer.is_tls()?;
        peer.wait(SLOW)
    })?;
    let https = url(&server, "/").replace("http://", "https://");
    let failure = failed(drive.exchange(short(request(Method::GET, &https, "")))?)?;
    if server.read() == 0 && failure.reached == Reached::No && failure.cause != Cause::Timeout {
        return Err(Problem::Skip(format!("the transport knows no TLS: {}", failure.source)));
    }
    Ok(caused(&failure, Some(Cause::Timeout))?)
}

fn boundless(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::answering(reply("200 OK", "", "{}"))?;
    let mut outgoing = get(&server, "/");
    (outgoing.timeout, outgoing.idle, outgoing.limit) = (Duration::MAX, Duration::MAX, u64::MAX);
    Ok(is(&answered(drive.exchange(outgoing)?)?, 200, b"{}")?)
}

fn endless(drive: &mut dyn Drive, headers: String, part: fn(&mut Peer) -> io::Result<()>) -> Result<(), Problem> {
    let server = Server::start(move |peer| {
        peer.request()?;
        peer.write(format!("HTTP/1.1 200 OK\r\n{headers}").as_bytes())?;
        (0..ENDLESS).try_for_each(|_| part(peer))
    })?;
    let answer = drive.exchange(get(&server, "/"))?;
    Ok(too_large(answer, &server)?)
}

/// That an answer was refused which is larger than the limit.
pub(super) fn too_large(answer: Answer, server: &Server) -> Result<(), String> {
    once(server)?;
    bounded(server)?;
    match answer {
        // The core refuses it.
        Ok(response) if response.body().len() as u64 > LIMIT => Ok(()),
        Ok(response) => Err(format!("returned the first {} bytes as if they were all", response.body().len())),
        Err(_) => maybe(answer, Some(Cause::Local), server),
    }
}

fn endless_head(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        peer.request()?;
        peer.write(b"HTTP/1.1 200 OK\r\n")?;
        let header = format!("x: {}\r\n", "y".repeat(1000));
        (0..64 * 1024).try_for_each(|_| peer.write(header.as_bytes()))
    })?;
    let answer = drive.exchange(get(&server, "/"))?;
    once(&server)?;
    bounded(&server)?;
    Ok(maybe(answer, None, &server)?)
}

pub(super) fn bounded(server: &Server) -> Result<(), String> {
    match server.written() {
        written if written < BUFFERS => Ok(()),
        written => Err(format!("went on reading: the server could send {} MiB", written >> 20)),
    }
}
