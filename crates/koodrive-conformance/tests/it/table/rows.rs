//! The rows: what a server does, and what becomes of it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use koodrive_proto::flow::{Cause, Failure, Reached, Trouble};

use crate::common::{Authority, authority};

use super::{LIMIT, Row, Server, TIMEOUT};

fn row(what: &'static str, server: Server, reached: Reached, trouble: Trouble) -> Row {
    Row { what, server, reached, cause: trouble.cause(), words: trouble.to_string() }
}

fn text(reply: impl Into<Vec<u8>>) -> Server {
    let reply = reply.into();
    Server::Replies(Box::new(move |stream| {
        let _ = stream.write_all(&reply).and_then(|()| stream.flush());
    }))
}

/// This, and then that without end.
fn endless(first: &'static str, then: &str) -> Server {
    let then = then.repeat(4096 / then.len() + 1);
    Server::Replies(Box::new(move |stream| {
        let _ = stream.write_all(first.as_bytes());
        while stream.write_all(then.as_bytes()).is_ok() {}
    }))
}

/// This, and then nothing: waits for the client to leave.
pub(super) fn silence(first: &'static str) -> Server {
    Server::Replies(Box::new(move |stream| {
        let _ = stream.write_all(first.as_bytes()).and_then(|()| stream.flush());
        let _ = stream.read(&mut [0]);
    }))
}

/// This, and then that every few milliseconds.
fn trickle(first: &'static str, then: &'static str) -> Server {
    Server::Replies(Box::new(move |stream| {
        let _ = stream.write_all(first.as_bytes());
        while stream.write_all(then.as_bytes()).and_then(|()| stream.flush()).is_ok() {
            thread::sleep(Duration::from_millis(5));
        }
    }))
}

fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

pub(super) fn wait_for_the_end(mut stream: TcpStream) {
    while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {}
}

fn ok(headers: &str) -> Server {
    text(format!("HTTP/1.1 200 OK\r\n{headers}content-length: 11\r\n\r\n{{\"code\": 0}}"))
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn chunked(body: &str) -> Server {
    text(format!("{CHUNKED}{body}"))
}

/// No connection comes about.
pub(super) fn connecting() -> Vec<Row> {
    use Reached::No;
    use Trouble as T;
    let at = |endpoint: &str| Server::At(endpoint.to_owned());
    let mut rows = vec![
        row("nobody listens", at(&format!("http://{}", nobody())), No, T::Refused),
        row("nobody listens, TLS", at(&format!("https://{}", nobody())), No, T::Refused),
        // RFC 6761: it never resolves.
        row("no such name", at("http://koodrive.invalid"), No, T::Unresolved),
        row("no such name, TLS", at("https://koodrive.invalid"), No, T::Unresolved),
        row("closed in the handshake", Server::Raw("https", closed), No, T::Closed),
        row("reset in the handshake", Server::Raw("https", reset), No, T::Reset),
        row("https to plain HTTP", Server::Raw("https", plain_http), No, T::NoTls),
    ];
    if cfg!(target_os = "linux") {
        // A broadcast address, which TCP has no route to.
        rows.push(row("no route", at("http://127.255.255.255:9"), No, T::NoRoute));
    }
    rows
}

/// All of what came is read, else the connection would be reset.
fn closed(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 8192]);
}

fn reset(mut stream: TcpStream) {
    let _ = stream.read(&mut [0]);
}

fn plain_http(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 8192]);
    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    wait_for_the_end(stream);
}

pub(super) fn certificates() -> Vec<Row> {
    let certificate = |what, authority: Authority, root, why: &str| Row {
        words: format!("the certificate was refused: {why}"),
        ..row(what, Server::Certificate(Box::new(authority), root), Reached::No, Trouble::Untrusted)
    };
    let misnamed = authority("127.0.0.2");
    let root = misnamed.root.clone();
    let why = "certificate not valid for name \"127.0.0.1\"; certificate is only valid for IpAddress(127.0.0.2)";
    vec![
        // Both authorities have the same name.
        certificate("other authority", authority("127.0.0.1"), authority("127.0.0.1").root, "BadSignature"),
        certificate("other host", misnamed, root, why),
    ]
}

/// An answer that isn't complete.
pub(super) fn incomplete() -> Vec<Row> {
    let closed = |what, reply: &str| row(what, text(reply), Reached::Maybe, Trouble::Closed);
    vec![
        closed("no answer", ""),
        closed("cut status line", "HTTP/1.1 20"),
        closed("cut head", "HTTP/1.1 200 OK\r\ncontent-le"),
        closed("cut body", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"code\": 0}"),
        closed("cut chunk", &format!("{CHUNKED}b\r\n{{\"code")),
        closed("cut size of a chunk", &format!("{CHUNKED}b")),
        closed("no last chunk", &format!("{CHUNKED}b\r\n{{\"code\": 0}}\r\n")),
        row("reset", Server::Raw("http", reset), Reached::Maybe, Trouble::Reset),
        row("reset in a body", Server::Raw("http", reset_in_a_body), Reached::Maybe, Trouble::Reset),
        row("reset without a length", Server::Raw("http", reset_without_a_length), Reached::Maybe, Trouble::Reset),
    ]
}

/// What is left unread resets the connection.
fn reset_after(mut stream: TcpStream, answer: &str) {
    let _ = stream.read(&mut [0]);
    let _ = stream.write_all(answer.as_bytes());
}

fn reset_in_a_body(stream: TcpStream) {
    reset_after(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"code\": 0}");
}

fn reset_without_a_length(stream: TcpStream) {
    reset_after(stream, "HTTP/1.1 200 OK\r\n\r\n{\"code\": 0}");
}

pub(super) fn no_http() -> Vec<Row> {
    let no_http = |what, server| row(what, server, Reached::Maybe, Trouble::NotHttp);
    let length = |length: &str| text(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"));
    vec![
        no_http("TLS", Server::Raw("http", tls_alert)),
        no_http("another protocol", text("HELLO\r\n\r\n")),
        no_http("no head", text(r#"{"code": 0}"#)),
        no_http("HTTP/2", text("HTTP/2 200\r\n\r\n")),
        no_http("odd status", text("HTTP/1.1 2x0 OK\r\n\r\n")),
        no_http("status 099", text("HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n")),
        no_http("odd header", ok("a b: c\r\n")),
        no_http("negative length", length("-1")),
        no_http("length of any size", length("99999999999999999999")),
        no_http("two lengths", ok("content-length: 12\r\n")),
        no_http("odd chunk", chunked("ZZ\r\n")),
        no_http("chunk of any size", chunked("FFFFFFFFFFFFFFFFF\r\n")),
        no_http("chunk that doesn't end", chunked("b\r\n{\"code\": 0}XX0\r\n\r\n")),
        no_http("HTTP/1.0", text(format!("{}b\r\n{{\"code\": 0}}\r\n0\r\n\r\n", CHUNKED.replace("/1.1", "/1.0")))),
    ]
}

fn tls_alert(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 8192]);
    // Unexpected message.
    let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 10]);
    wait_for_the_end(stream);
}

/// Too much of something.
pub(super) fn large() -> Vec<Row> {
    let head = |what, server| row(what, server, Reached::Maybe, Trouble::LargeHead);
    let flood = |what, server| row(what, server, Reached::Maybe, Trouble::Flood);
    let words = Failure::too_large(LIMIT).source.to_string();
    let body = |what, server| Row { what, server, reached: Reached::Maybe, cause: Cause::Local, words: words.clone() };
    let last_chunk = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n";
    let trailer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: ";
    let extension = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;";
    vec![
        head("129 headers", ok(&"x: a\r\n".repeat(128))),
        head("a byte more than 64 KiB", ok(&head_of(64 * 1024 + 1))),
        head("66 KiB", ok(&format!("x: {}\r\n", "a".repeat(66 * 1024)))),
        head("long name", ok(&format!("{}: x\r\n", "a".repeat(70_000)))),
        head("endless headers", endless("HTTP/1.1 200 OK\r\n", "x: y\r\n")),
        head("endless header", endless("HTTP/1.1 200 OK\r\nx: ", "y")),
        head("endless status line", endless("HTTP/1.1 200 ", "y")),
        head("endless blank lines", endless("", "\r\n")),
        head("endless 100", endless("", "HTTP/1.1 100 Continue\r\n\r\n")),
        head("endless 103", endless("", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")),
        flood("endless trailers", endless(last_chunk, "x: y\r\n")),
        flood("endless trailer", endless(trailer, "y")),
        flood("endless extension", endless(extension, "x")),
        flood("endless size of a chunk", endless(CHUNKED, "0")),
        body("length of the largest size", text("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n{}")),
        body("a byte too much", text(format!("HTTP/1.1 200 OK\r\ncontent-length: 10001\r\n\r\n{:10001}", ""))),
        body("much too much", endless("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", " ")),
        body("endless body", endless("HTTP/1.1 200 OK\r\n\r\n", " ")),
        body("endless chunks", endless(CHUNKED, "5\r\nabcde\r\n")),
    ]
}

/// A header that makes the head of [`ok`] this long.
fn head_of(length: usize) -> String {
    let others = "HTTP/1.1 200 OK\r\nx: \r\ncontent-length: 11\r\n\r\n".len();
    format!("x: {}\r\n", "a".repeat(length - others))
}

/// What takes longer than the timeout.
pub(super) fn late() -> Vec<Row> {
    let late = |what, server| row(what, server, Reached::Maybe, Trouble::Timeout(TIMEOUT));
    let head = "HTTP/1.1 200 OK\r\nx: ";
    vec![
        Row { reached: Reached::No, ..late("no handshake", Server::Raw("https", wait_for_the_end)) },
        late("no answer", silence("")),
        late("half a head", silence(head)),
        late("half a body", silence("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{")),
        late("slow head", trickle(head, "y")),
        late("slow body", trickle("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n", " ")),
        late("slow 102", trickle("", "HTTP/1.1 102 Processing\r\n\r\n")),
    ]
}
