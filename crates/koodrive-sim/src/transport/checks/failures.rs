//! Failures are reported for what they are, and nothing is repeated.

use std::net::{Ipv4Addr, TcpListener};

use bytes::Bytes;
use koodrive_proto::chrono::Utc;
use koodrive_proto::flow::{Cause, Event, Now, Step};
use koodrive_proto::http::{Method, Response};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{Api, Call, Credentials, ErrorKind, Flow, RetryPolicy};

use super::{Check, LIMIT, METHODS, Problem};
use super::{describe, get, maybe, modern, request, saw, summary, unreached, url};
use crate::transport::Lack;
use crate::transport::drive::Drive;
use crate::transport::server::Server;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "nobody-listens",
        server: "has left, and its port is free",
        owes: "says Reached::No and Cause::Network",
        lack: Some(Lack::Unreached),
        run: nobody,
    },
    Check {
        name: "unknown-host",
        server: "has a name that doesn't exist",
        owes: "says Reached::No",
        lack: Some(Lack::Unreached),
        run: unknown,
    },
    Check {
        name: "closed-before-answer",
        server: "reads the request, and closes the connection",
        owes: "says Reached::Maybe and Cause::Network, and sends nothing again",
        lack: None,
        run: |drive| breaks(drive, b"", false),
    },
    Check {
        name: "reset-before-answer",
        server: "reads the request, and resets the connection",
        owes: "says Reached::Maybe and Cause::Network, and sends nothing again",
        lack: None,
        run: |drive| breaks(drive, b"", true),
    },
    Check {
        name: "closed-in-head",
        server: "closes the connection within the head of its answer",
        owes: "says Reached::Maybe and Cause::Network, and sends nothing again",
        lack: None,
        run: |drive| {
            breaks(drive, b"HTTP/1.1 20", false)?;
            breaks(drive, b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n", false)
        },
    },
    Check {
        name: "reset-until-close",
        server: "answers without a length, and resets the connection",
        owes: "says Reached::Maybe and Cause::Network, since only an orderly end is the end of an answer",
        lack: None,
        run: |drive| breaks(drive, b"HTTP/1.1 200 OK\r\nserver: s\r\n\r\n{\"code\":0}", true),
    },
    Check {
        name: "short-body",
        server: "announces 36 bytes, sends 10, and closes the connection",
        owes: "says Reached::Maybe and Cause::Network, or returns the answer with its Content-Length: the core compares",
        lack: None,
        run: short,
    },
    Check {
        name: "reset-in-body",
        server: "announces 36 bytes, sends 10, and resets the connection",
        owes: "says Reached::Maybe and Cause::Network",
        lack: None,
        run: |drive| breaks(drive, b"HTTP/1.1 200 OK\r\ncontent-length: 36\r\n\r\n{\"code\":0,", true),
    },
    Check {
        name: "cut-chunks",
        server: "closes the connection within a chunk, or before the last one",
        owes: "says Reached::Maybe and Cause::Network, and doesn't take that for the whole answer",
        lack: None,
        run: |drive| {
            modern(drive)?;
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
            for chunks in [&b"a\r\n{\"co"[..], b"a\r\n{\"code\":0}\r\n", b"a\r\n{\"code\":0}\r\nZZ\r\n"] {
                breaks(drive, &[&head, chunks].concat(), false)?;
            }
            Ok(())
        },
    },
    Check {
        name: "no-http",
        server: "answers with bytes that aren't HTTP, and closes the connection",
        owes: "says Reached::Maybe, and sends nothing again",
        lack: None,
        run: |drive| {
            let server = Server::closing(*b"\x16\x03\x01\x00\xff\x00\x01\r\n\r\n{\"code\":0}")?;
            let answer = drive.exchange(get(&server, "/"))?;
            saw(&server, 1)?;
            Ok(maybe(answer, None, &server)?)
        },
    },
];

fn nobody(drive: &mut dyn Drive) -> Result<(), Problem> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let answer = drive.exchange(request(Method::GET, &format!("http://{address}/"), ""))?;
    Ok(unreached(answer, Some(Cause::Network))?)
}

fn unknown(drive: &mut dyn Drive) -> Result<(), Problem> {
    // A label has at most 63 bytes (RFC 1035), so that no name server need be asked; and `invalid` is nobody's (RFC
    // 6761).
    let name = "koodrive-".repeat(8);
    match drive.exchange(request(Method::GET, &format!("http://{name}.invalid/"), ""))? {
        Err(failure) if failure.cause == Cause::Timeout => {
            Err(Problem::Skip(format!("the name server doesn't answer: {}", describe(&failure))))
        }
        answer => Ok(unreached(answer, None)?),
    }
}

/// The server sends these bytes, and no more.
fn breaks(drive: &mut dyn Drive, bytes: &[u8], reset: bool) -> Result<(), Problem> {
    for (method, body) in METHODS {
        let bytes = bytes.to_vec();
        let server = Server::start(move |peer| {
            peer.request()?;
            peer.write(&bytes)?;
            if reset { peer.reset() } else { Ok(()) }
        })?;
        let answer = drive.exchange(request(method.clone(), &url(&server, "/"), *body))?;
        let what = |problem| format!("for a {method} {problem}");
        saw(&server, 1).map_err(what)?;
        maybe(answer, Some(Cause::Network), &server).map_err(what)?;
    }
    Ok(())
}

fn short(drive: &mut dyn Drive) -> Result<(), Problem> {
    let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 36\r\n\r\n{\"code\":0}";
    let server = Server::closing(*bytes)?;
    match drive.exchange(get(&server, "/"))? {
        Ok(response) if is_refused(response.clone()) => saw(&server, 1)?,
        Ok(response) => return Err(format!("returned {}, which the core takes for whole", summary(&response)).into()),
        Err(_) => breaks(drive, bytes, false)?,
    }
    Ok(())
}

/// Whether a call refuses an answer because it isn't whole.
fn is_refused(response: Response<Bytes>) -> bool {
    let Ok(api) = Api::new("http://localhost", Credentials::app("app", "secret", "1")) else { return false };
    let op = GetSpaceUsageOverview::new();
    let mut call = Call::new(&op).answer_limit(LIMIT).retry(RetryPolicy::none());
    let now = Now { utc: Utc::now(), elapsed: std::time::Duration::ZERO };
    let Step::Send(_) = call.resume(&api, now, Event::Start) else { return false };
    let step = call.resume(&api, now, Event::Response(response));
    matches!(step, Step::Done(Err(error)) if error.kind() == ErrorKind::Transport)
}
