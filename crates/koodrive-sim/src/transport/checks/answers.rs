//! Answers come back as they were sent.

use std::time::Duration;

use koodrive_proto::http::{HeaderMap, Method};

use super::{Check, LIMIT, METHODS, Problem, answered, get, is, modern, reply, request, saw, url};
use crate::transport::drive::Drive;
use crate::transport::server::{Peer, Server};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "answer",
        server: "answers with headers that are repeated, empty or not UTF-8, and a body of all bytes and white space",
        owes: "returns all of that",
        lack: None,
        run: everything,
    },
    Check {
        name: "statuses",
        server: "answers with refusals, 400 to 599, and 16 KiB that explain them",
        owes: "returns them as answers, with their headers and bodies, and sends nothing again, whatever the method",
        lack: None,
        run: statuses,
    },
    Check {
        name: "reasons",
        server: "answers with an unusual reason phrase, an empty one, or none",
        owes: "returns the answer",
        lack: None,
        run: reasons,
    },
    Check {
        name: "redirects",
        server: "answers with 301 to 308, and a Location on another server",
        owes: "returns the answer, and doesn't call the other server",
        lack: None,
        run: redirects,
    },
    Check {
        name: "no-body",
        server: "answers with 204, 304, an empty body, or to HEAD, and keeps the connection open",
        owes: "returns the answer at once, with an empty body",
        lack: None,
        run: no_body,
    },
    Check {
        name: "until-close",
        server: "answers without a length, with HTTP/1.1 or HTTP/1.0, and closes the connection",
        owes: "returns what came before the end as the body",
        lack: None,
        run: until_close,
    },
    Check {
        name: "chunked",
        server: "answers in chunks of several sizes, with an extension and a trailer",
        owes: "returns the body without the chunks",
        lack: None,
        run: chunked,
    },
    Check {
        name: "pieces",
        server: "sends an answer in pieces that end anywhere",
        owes: "puts them together",
        lack: None,
        run: pieces,
    },
    Check {
        name: "interim",
        server: "answers with 100, then with 103 and a header, then with 200",
        owes: "returns the last answer, without what the others said",
        lack: None,
        run: interim,
    },
    Check {
        name: "compressed",
        server: "answers with a body in gzip, which nobody asked for",
        owes: "returns the answer as it is, not decompressed",
        lack: None,
        run: compressed,
    },
    Check {
        name: "large-answer",
        server: "answers with exactly as many bytes as the limit allows: 4 MiB, with a length or in chunks",
        owes: "returns all of them",
        lack: None,
        run: large,
    },
];

/// The values of a header, in their order.
fn values(headers: &HeaderMap, name: &str) -> Vec<Vec<u8>> {
    headers.get_all(name).iter().map(|value| value.as_bytes().to_vec()).collect()
}

fn has(headers: &HeaderMap, name: &str, expected: &[&[u8]]) -> Result<(), String> {
    let values = values(headers, name);
    if values == expected {
        return Ok(());
    }
    let show = |values: &[&[u8]]| -> String {
        let shown: Vec<String> = values.iter().map(|value| format!("\"{}\"", value.escape_ascii())).collect();
        format!("[{}]", shown.join(", "))
    };
    let ours: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    Err(format!("returned {name} with the values {} instead of {}", show(&ours), show(expected)))
}

fn everything(drive: &mut dyn Drive) -> Result<(), Problem> {
    let body = [&b" \r\n\t"[..], &(0..=255).collect::<Vec<u8>>(), b"\t\r\n "].concat();
    let mut bytes = b"HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nContent-Type:application/json\r\nSet-Cookie: b=2\r\n\
        x-empty: \r\nx-bytes: \xff\xfe\r\ndate: Mon, 03 Nov 2025 07:01:40 GMT\r\nx-hw-a_b: 1, 2 : 3\r\n\
        via: 1.1 a\r\nVIA: 1.1 b, 1.1 c\r\ncontent-length: 264\r\n\r\n"
        .to_vec();
    bytes.extend(&body);
    let server = Server::answering(bytes)?;
    let answer = answered(drive.exchange(get(&server, "/"))?)?;
    is(&answer, 200, &body)?;
    let headers = answer.headers();
    has(headers, "set-cookie", &[b"a=1", b"b=2"])?;
    has(headers, "content-type", &[b"application/json"])?;
    has(headers, "x-empty", &[b""])?;
    has(headers, "x-bytes", &[b"\xff\xfe"])?;
    has(headers, "date", &[b"Mon, 03 Nov 2025 07:01:40 GMT"])?;
    has(headers, "x-hw-a_b", &[b"1, 2 : 3"])?;
    has(headers, "via", &[b"1.1 a", b"1.1 b, 1.1 c"])?;
    has(headers, "content-length", &[b"264"])?;
    Ok(())
}

fn refusal(status: &str) -> String {
    format!("{{\"code\":{status},\"msg\":\"{}\"}}", "x".repeat(16 * 1024))
}

fn statuses(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer| {
        loop {
            let status = peer.request()?.name().to_owned();
            let headers = "retry-after: 7\r\nwww-authenticate: Basic realm=\"x\"\r\n";
            peer.write(&reply(&format!("{status} Refused"), headers, &refusal(&status)))?;
        }
    })?;
    let mut number = 0;
    for (method, body) in METHODS {
        for status in [400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504, 599] {
            let outgoing = request(method.clone(), &url(&server, &format!("/{status}")), *body);
            let what = |problem| format!("for a {method} and {status} {problem}");
            let answer = answered(drive.exchange(outgoing)?).map_err(what)?;
            is(&answer, status, refusal(&status.to_string()).as_bytes()).map_err(what)?;
            has(answer.headers(), "retry-after", &[b"7"]).map_err(what)?;
            number += 1;
            saw(&server, number).map_err(what)?;
        }
    }
    Ok(())
}

fn reasons(drive: &mut dyn Drive) -> Result<(), Problem> {
    for line in ["200 ", "200", "200 Alles gut: 100% (\"ok\")"] {
        let server = Server::answering(reply(line, "", "{}"))?;
        let answer = answered(drive.exchange(get(&server, "/"))?)
            .map_err(|problem| format!("for `HTTP/1.1 {line}` {problem}"))?;
        is(&answer, 200, b"{}")?;
    }
    Ok(())
}

fn redirects(drive: &mut dyn Drive) -> Result<(), Problem> {
    let other = Server::answering(reply("200 OK", "", "{}"))?;
    let location = url(&other, "/elsewhere");
    let place = location.clone();
    let server = Server::start(move |peer| {
        loop {
            let status = peer.request()?.name().to_owned();
            peer.write(&reply(&format!("{status} Redirect"), &format!("location: {place}\r\n"), "moved"))?;
        }
    })?;
    for status in [301, 302, 303, 307, 308] {
        for method in [Method::GET, Method::POST] {
            let outgoing = request(method, &url(&server, &format!("/{status}")), "{}");
            let answer = drive.exchange(outgoing)?;
            if other.connections() > 0 {
                return Err(format!("followed a {status} to the other server").into());
            }
            let answer = answered(answer).map_err(|problem| format!("for {status} {problem}"))?;
            is(&answer, status, b"moved")?;
            has(answer.headers(), "location", &[location.as_bytes()])?;
        }
    }
    Ok(())
}

fn no_body(drive: &mut dyn Drive) -> Result<(), Problem> {
    let heads = [
        (Method::GET, 204, "204 No Content\r\nx: 1\r\n\r\n"),
        (Method::GET, 304, "304 Not Modified\r\netag: \"1\"\r\n\r\n"),
        (Method::GET, 304, "304 Not Modified\r\ncontent-length: 100\r\n\r\n"),
        (Method::DELETE, 200, "200 OK\r\ncontent-length: 0\r\n\r\n"),
        (Method::HEAD, 200, "200 OK\r\ncontent-length: 100\r\n\r\n"),
    ];
    for (method, status, head) in heads {
        let server = Server::answering(format!("HTTP/1.1 {head}"))?;
        let answer = answered(drive.exchange(request(method.clone(), &url(&server, "/"), ""))?)
            .map_err(|problem| format!("for {method} and {status} {problem}"))?;
        is(&answer, status, b"")?;
    }
    Ok(())
}

fn until_close(drive: &mut dyn Drive) -> Result<(), Problem> {
    for version in ["HTTP/1.1", "HTTP/1.0"] {
        let server = Server::closing(format!("{version} 200 OK\r\nserver: s\r\n\r\n{{\"code\":0}}"))?;
        let answer =
            answered(drive.exchange(get(&server, "/"))?).map_err(|problem| format!("for {version} {problem}"))?;
        is(&answer, 200, b"{\"code\":0}")?;
    }
    Ok(())
}

fn chunked(drive: &mut dyn Drive) -> Result<(), Problem> {
    modern(drive)?;
    let long = "x".repeat(0x1a3);
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n";
    let chunks =
        format!("1\r\n{{\r\n5;name=\"v\"\r\n\r\n0\r\n\r\n001A3\r\n{long}\r\n1a3\r\n{long}\r\n1\r\n}}\r\n0\r\n");
    let server = Server::answering(format!("{head}{chunks}x-trailer: 1\r\n\r\n"))?;
    let answer = answered(drive.exchange(get(&server, "/"))?)?;
    Ok(is(&answer, 200, format!("{{\r\n0\r\n{long}{long}}}").as_bytes())?)
}

fn pieces(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::start(|peer: &mut Peer| {
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        for answer in [reply("200 OK", "x: 1\r\n", "abcde"), chunked.into()] {
            peer.request()?;
            for piece in answer.chunks(3) {
                peer.write(piece)?;
                peer.wait(Duration::from_millis(1))?;
            }
        }
        Ok(())
    })?;
    is(&answered(drive.exchange(get(&server, "/"))?)?, 200, b"abcde")?;
    if server.old() {
        return Ok(());
    }
    Ok(is(&answered(drive.exchange(get(&server, "/"))?)?, 200, b"abcde")?)
}

fn interim(drive: &mut dyn Drive) -> Result<(), Problem> {
    modern(drive)?;
    let mut bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".to_vec();
    bytes.extend(reply("200 OK", "x: 1\r\n", "{}"));
    let server = Server::answering(bytes)?;
    let answer = answered(drive.exchange(get(&server, "/"))?)?;
    is(&answer, 200, b"{}")?;
    has(answer.headers(), "link", &[])?;
    Ok(has(answer.headers(), "x", &[b"1"])?)
}

fn compressed(drive: &mut dyn Drive) -> Result<(), Problem> {
    // Nothing at all, compressed.
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n".to_vec();
    bytes.extend(gzip);
    let server = Server::answering(bytes)?;
    let answer = answered(drive.exchange(get(&server, "/"))?)?;
    is(&answer, 200, &gzip)?;
    Ok(has(answer.headers(), "content-encoding", &[b"gzip"])?)
}

fn large(drive: &mut dyn Drive) -> Result<(), Problem> {
    let body: String = (0..4 * LIMIT).map(|number| char::from(b'a' + (number / 1000 % 26) as u8)).collect();
    let mut chunks = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.as_bytes().chunks(100_000) {
        chunks.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
    }
    chunks.extend(b"0\r\n\r\n");
    for bytes in [reply("200 OK", "", &body), chunks] {
        let server = Server::answering(bytes)?;
        let mut outgoing = get(&server, "/");
        outgoing.limit = 4 * LIMIT;
        is(&answered(drive.exchange(outgoing)?)?, 200, body.as_bytes())?;
        if server.old() {
            break;
        }
    }
    Ok(())
}
