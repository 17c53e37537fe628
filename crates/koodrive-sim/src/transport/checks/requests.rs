//! Requests arrive as they are.

use std::net::Ipv6Addr;

use bytes::Bytes;
use koodrive_proto::flow::{self, Body, Cause, Deliver, Failure, Outgoing};
use koodrive_proto::http::{HeaderMap, HeaderValue, Method};

use super::{Check, Problem, answered, describe, failed, get, is, reply, request, saw, unreached, url};
use crate::transport::Lack;
use crate::transport::drive::Drive;
use crate::transport::server::{Header, Peer, Seen, Server};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "request",
        server: "gets a PUT whose path, query, headers and body have everything that may be there",
        owes: "sends it as it is: the same line, the same headers and no others, the same body",
        lack: None,
        run: everything,
    },
    Check {
        name: "header-order",
        server: "gets the same PUT",
        owes: "sends its headers in their order, with Host first",
        lack: Some(Lack::Order),
        run: order,
    },
    Check {
        name: "connection-header",
        server: "gets the same PUT",
        owes: "adds no Connection header",
        lack: Some(Lack::ConnectionHeader),
        run: connection,
    },
    Check {
        name: "bodies",
        server: "gets requests with and without bodies, whatever is usual for the method",
        owes: "sends a body with its Content-Length and not in chunks, and announces none where there is none",
        lack: None,
        run: bodies,
    },
    Check {
        name: "large-request",
        server: "gets a body of 4 MiB",
        owes: "sends all of it, without waiting for a 100 Continue that wasn't asked for",
        lack: None,
        run: large,
    },
    Check { name: "ipv6", server: "listens on [::1]", owes: "connects to such an address", lack: None, run: ipv6 },
    Check {
        name: "cookies",
        server: "sets a cookie, and gets another request",
        owes: "keeps no cookies",
        lack: None,
        run: cookies,
    },
    Check {
        name: "https-in-the-clear",
        server: "is to be called with https://, but answers without TLS",
        owes: "fails, and sends nothing without encryption",
        lack: None,
        run: |drive| https(drive).map(drop),
    },
    Check {
        name: "https-unreached",
        server: "is to be called with https://, but answers without TLS",
        owes: "says Reached::No, and Cause::Local if it can tell: it would fail again",
        lack: Some(Lack::Unreached),
        run: |drive| {
            let failure = https(drive)?;
            let (cause, said) = (failure.cause, describe(&failure));
            unreached(Err(failure), None)?;
            if cause == Cause::Local { Ok(()) } else { Err(Problem::Note(format!("said {said}"))) }
        },
    },
    Check {
        name: "source",
        server: "is to get a body from a source, which the transport wasn't given",
        owes: "refuses that with Reached::No and Cause::Local, before it sends anything",
        lack: None,
        run: source,
    },
    Check {
        name: "sink",
        server: "is to send an answer for a sink, which the transport wasn't given",
        owes: "refuses that with Reached::No and Cause::Local, before it sends anything",
        lack: None,
        run: sink,
    },
];

fn server() -> std::io::Result<Server> {
    Server::answering(reply("200 OK", "", "{}"))
}

/// All that the core may write, and what others may write into a link.
fn put(server: &Server) -> Outgoing {
    let url = url(server, "/a%20b/%7Euser//it's;x,y:z@(1)!$&+*=/%E9%A1%B9?q=a+b&empty=&x=%2F&x=1&flag&z=a/b:c?d");
    let body = [&b" \r\n"[..], &(0..=255).collect::<Vec<u8>>(), b"\r\n "].concat();
    let mut outgoing = request(Method::PUT, &url.replace('\'', "%27"), body);
    let headers = outgoing.request.headers_mut();
    headers.append("x-twice", HeaderValue::from_static("1"));
    headers.append("x-twice", HeaderValue::from_static("2, \"3\""));
    headers.append("x-empty", HeaderValue::from_static(""));
    let mut secret = HeaderValue::from_static("HMAC-SHA256 AppId=a,SignedHeaders=host;x-date,Signature=0=");
    secret.set_sensitive(true);
    headers.append("authorization", secret);
    headers.append("x-date", HeaderValue::from_static("20251103T070140Z"));
    outgoing
}

/// What is to arrive.
pub(super) struct Expected {
    line: String,
    headers: Vec<Header>,
    pub(super) body: Bytes,
}

pub(super) fn expected(outgoing: &Outgoing) -> Expected {
    let request = &outgoing.request;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let body = match request.body() {
        Body::Bytes(body) => body.clone(),
        Body::Source { .. } => Bytes::new(),
    };
    Expected { line: format!("{} {path} HTTP/1.", request.method()), headers: list(request.headers()), body }
}

fn list(headers: &HeaderMap) -> Vec<Header> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

fn show((name, value): &Header) -> String {
    format!("`{name}: {}`", String::from_utf8_lossy(value))
}

/// Sends a request, and returns what has arrived.
fn send(drive: &mut dyn Drive, server: &Server, outgoing: Outgoing) -> Result<(Expected, Seen), Problem> {
    let before = server.requests();
    let expected = expected(&outgoing);
    is(&answered(drive.exchange(outgoing)?)?, 200, b"{}")?;
    saw(server, before + 1)?;
    Ok((expected, server.seen().pop().unwrap_or_default()))
}

/// That what has arrived is what was sent, but for the order of headers, and for Connection.
pub(super) fn unchanged(expected: &Expected, seen: &Seen) -> Result<(), String> {
    if !seen.line.starts_with(&expected.line) {
        return Err(format!("sent `{}` instead of `{}1`", seen.line, expected.line));
    }
    let count = |headers: &[Header], header: &Header| headers.iter().filter(|other| *other == header).count();
    let more =
        |header: &&_| count(&seen.headers, header) > count(&expected.headers, header) && header.0 != "connection";
    let less = |header: &&Header| count(&seen.headers, header) < count(&expected.headers, header);
    let added: Vec<String> = seen.headers.iter().filter(more).map(show).collect();
    let missing: Vec<String> = expected.headers.iter().filter(less).map(show).collect();
    match (added.is_empty(), missing.is_empty()) {
        (true, true) => {}
        (false, true) => return Err(format!("added {}", added.join(", "))),
        (true, false) => return Err(format!("left out {}", missing.join(", "))),
        (false, false) => return Err(format!("sent {} instead of {}", added.join(", "), missing.join(", "))),
    }
    if seen.body != expected.body {
        return Err(format!("sent another body: {} bytes of {}", seen.body.len(), expected.body.len()));
    }
    Ok(())
}

fn everything(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = server()?;
    let (expected, seen) = send(drive, &server, put(&server))?;
    Ok(unchanged(&expected, &seen)?)
}

fn order(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = server()?;
    let (expected, seen) = send(drive, &server, put(&server))?;
    // What is missing or added is the business of another check.
    let order = |headers: &[Header], others: &[Header]| -> Vec<String> {
        let shared = headers.iter().filter(|(name, _)| others.iter().any(|(other, _)| other == name));
        shared.map(|(name, _)| name.clone()).collect()
    };
    let (theirs, ours) = (order(&expected.headers, &seen.headers), order(&seen.headers, &expected.headers));
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("sent {} instead of {}", ours.join(", "), theirs.join(", ")).into())
    }
}

fn connection(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = server()?;
    let (_, seen) = send(drive, &server, put(&server))?;
    match seen.header("connection") {
        None => Ok(()),
        Some(value) => Err(format!("added `connection: {}`", String::from_utf8_lossy(value)).into()),
    }
}

fn bodies(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = server()?;
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for body in ["", "{\"ids\":[\"1\"]}"] {
            let mut outgoing = request(method.clone(), &url(&server, "/"), body);
            if body.is_empty() && matches!(method, Method::POST | Method::PUT | Method::PATCH) {
                // As the core does.
                outgoing.request.headers_mut().append("content-length", HeaderValue::from_static("0"));
            }
            let what = |problem| format!("for a {method} with a body of {} bytes {problem}", body.len());
            let (expected, seen) = send(drive, &server, outgoing)?;
            unchanged(&expected, &seen).map_err(what)?;
        }
    }
    Ok(())
}

fn large(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = server()?;
    let body: Vec<u8> = (0..4 * 1024 * 1024_u32).map(|number| number.to_le_bytes()[1]).collect();
    let (expected, seen) = send(drive, &server, request(Method::PUT, &url(&server, "/"), body))?;
    Ok(unchanged(&expected, &seen)?)
}

fn ipv6(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::bind(Ipv6Addr::LOCALHOST.into(), |peer: &mut Peer| {
        peer.request()?;
        peer.write(&reply("200 OK", "", "{}"))
    });
    let Ok(server) = server else { return Err(Problem::Skip("this machine has no [::1]".to_owned())) };
    let (expected, seen) = send(drive, &server, get(&server, "/"))?;
    Ok(unchanged(&expected, &seen)?)
}

fn cookies(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::answering(reply("200 OK", "set-cookie: session=1; Path=/\r\n", "{}"))?;
    for _ in 0..2 {
        let (expected, seen) = send(drive, &server, get(&server, "/"))?;
        unchanged(&expected, &seen)?;
    }
    Ok(())
}

fn https(drive: &mut dyn Drive) -> Result<Failure, Problem> {
    let server = Server::start(|peer| {
        peer.is_tls()?;
        peer.write(&reply("400 Bad Request", "connection: close\r\n", "this is http"))
    })?;
    let https = url(&server, "/").replace("http://", "https://");
    let answer = drive.exchange(request(Method::GET, &https, ""))?;
    if server.requests() > 0 {
        return Err("sent the request without encryption".to_owned().into());
    }
    Ok(failed(answer)?)
}

fn source(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = server()?;
    let mut outgoing = request(Method::PUT, &url(&server, "/"), "12345");
    *outgoing.request.body_mut() = Body::Source { offset: 0, len: 5 };
    not_sent(drive, &server, outgoing)
}

fn sink(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = server()?;
    let mut outgoing = get(&server, "/");
    outgoing.deliver = Deliver::Sink(flow::Expected::new(0, 5));
    not_sent(drive, &server, outgoing)
}

fn not_sent(drive: &mut dyn Drive, server: &Server, outgoing: Outgoing) -> Result<(), Problem> {
    let answer = drive.exchange(outgoing)?;
    saw(server, 0)?;
    Ok(unreached(answer, Some(Cause::Local))?)
}
