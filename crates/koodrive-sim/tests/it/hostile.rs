//! Clients that break the rules of HTTP, or none but those of patience: what they get, and that others are served all
//! the same.

use std::fmt::Debug;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::{Duration, Instant};

use koodrive_proto::error::Code;
use koodrive_sim::{Entry, Limits, Server, Simulator};
use serde_json::Value;

const GET: &str = "GET /koodrive/ose/v1/space/usage/overview HTTP/1.1\r\n";
const HEADERS: &str = "host: h\r\nauthorization: Bearer 1\r\n";
const PUT: &str = "PUT /koodrive/ose/v1/space/7 HTTP/1.1\r\nhost: h\r\nauthorization: Bearer 1\r\n";

/// Nothing here takes as long; but if it did, the test would fail instead of hanging.
pub(crate) const LONG: Duration = Duration::from_secs(60);

fn simulator() -> Simulator {
    Simulator::new().app("app", "secret", "7").token("Bearer 1", "7")
}

pub(crate) fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.set_write_timeout(Some(LONG)).unwrap();
    stream
}

/// All answers until the connection ends: status, head and body of each.
pub(crate) fn answers(stream: &mut TcpStream) -> Vec<Answer> {
    read(stream, false)
}

/// Status, head and body.
pub(crate) type Answer = (u16, String, Vec<u8>);

/// Reads answers to the end of the connection. Each has as long a body as it announces, unless it answers HEAD, or is
/// none yet, as 100.
fn read(stream: &mut TcpStream, is_head: bool) -> Vec<Answer> {
    let mut bytes = Vec::new();
    // A connection that was reset has said what it had to say; one that hangs fails.
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}, after {}", String::from_utf8_lossy(&bytes));
    }
    let mut rest = &bytes[..];
    let mut found = Vec::new();
    while !rest.is_empty() {
        let shown = String::from_utf8_lossy(rest);
        let end = rest.windows(4).position(|part| part == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {shown}"));
        let head = String::from_utf8(rest[..end].to_vec()).unwrap().to_ascii_lowercase();
        let status = head.strip_prefix("http/1.").unwrap_or_else(|| panic!("no head: {shown}"))[2..5].parse().unwrap();
        let lengths: Vec<usize> = head
            .lines()
            .filter_map(|line| line.strip_prefix("content-length: "))
            .map(|length| length.parse().unwrap())
            .collect();
        let length = match lengths[..] {
            [] if status < 200 => 0,
            [length] if status >= 200 && length > 0 => length,
            _ => panic!("not one length above zero: {shown}"),
        };
        rest = &rest[end + 4..];
        let here = if is_head { 0 } else { length };
        assert!(here <= rest.len(), "{here} bytes are announced: {shown}");
        let (body, after) = rest.split_at(here);
        found.push((status, head, body.to_vec()));
        rest = after;
    }
    found
}

/// Checks that an answer has KooDrive's form or the gateway's, and a date, and that a refusal has a known code.
pub(crate) fn check_form((status, head, body): &Answer, context: &dyn Debug) {
    if *status == 100 {
        return;
    }
    check_head(head, context);
    let body: Value = serde_json::from_slice(body).unwrap_or_else(|error| panic!("{context:?}: {error}: {head}"));
    if *status == 200 {
        assert!(body["code"] == 0 && body["msg"].is_string(), "{context:?}: {body}");
        return;
    }
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
    let (code, message, count) = match body["code"].as_u64() {
        Some(code) => (code.to_string(), text("msg"), 2),
        None => (text("error_code").unwrap_or_default().to_owned(), text("error_msg"), 3),
    };
    let id = count == 2 || text("request_id").is_some_and(|id| id.len() == 32);
    assert!(id && body.as_object().unwrap().len() == count, "{context:?}: {body}");
    let message = message.unwrap_or_else(|| panic!("{context:?}: {body}"));
    let known = Code::find(&code).unwrap_or_else(|| panic!("{context:?}: {body}"));
    // The gateway has one code for whatever is wrong with a request, and more than one status for it.
    let expected = match (&*code, *status) {
        ("APIGW.0201", 400 | 408 | 413 | 415 | 431) => true,
        // The only one that isn't the client's fault.
        ("APIGW.0201", 503) => message.ends_with("too many large bodies arrive at once"),
        (_, status) => (400..500).contains(&status) && known.status.is_none_or(|known| known == status),
    };
    assert!(expected, "{context:?}: {status}: {body}");
}

fn check_head(head: &str, context: &dyn Debug) {
    assert!(head.contains("\r\ndate: "), "{context:?}: {head}");
    assert!(head.lines().any(|line| line == "content-type: application/json"), "{context:?}: {head}");
}

/// What is sent, and the statuses that come until the connection ends.
type Case = (&'static str, Vec<u8>, &'static [u16]);

/// Sends it, and checks that nobody else notices.
fn check(server: &Server, (what, sent, expected): &Case, and_then: fn(&TcpStream)) {
    let mut stream = connect(server);
    // The server may stop reading half-way.
    let _ = stream.write_all(sent);
    and_then(&stream);
    let is_head = sent.starts_with(b"HEAD ");
    let found = read(&mut stream, is_head);
    let statuses: Vec<u16> = found.iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, *expected, "{what}");
    for answer in &found {
        if is_head {
            check_head(&answer.1, what);
        } else {
            check_form(answer, what);
        }
    }
    let mut other = connect(server);
    other.write_all(good().as_bytes()).unwrap();
    assert_eq!(answers(&mut other)[0].0, 200, "after {what}");
}

fn get(headers: &str) -> String {
    format!("{GET}{HEADERS}{headers}\r\n")
}

fn put(headers: &str, body: &str) -> Vec<u8> {
    format!("{PUT}{headers}\r\n{body}").into()
}

fn chunked(body: &str) -> Vec<u8> {
    put("transfer-encoding: chunked\r\nconnection: close\r\n", body)
}

fn good() -> String {
    get("connection: close\r\n")
}

fn with(from: &str, to: &str) -> Vec<u8> {
    assert!(good().contains(from));
    good().replace(from, to).into()
}

#[test]
fn what_breaks_the_rules() {
    let server = Server::start(simulator()).unwrap();
    let long = |count: usize| "a".repeat(count);
    let close = "connection: close\r\n";
    let cases: &[Case] = &[
        ("a good one", good().into(), &[200]),
        // Heads that are too large, or too much.
        ("a head that is too large", get(&format!("x: {}\r\n", long(70_000))).into(), &[431]),
        ("a head that doesn't end", format!("{GET}x: {}", long(100_000)).into(), &[431]),
        ("too many headers", get(&"x: y\r\n".repeat(101)).into(), &[431]),
        ("as many as may be", get(&format!("{close}{}", "x: y\r\n".repeat(97))).into(), &[200]),
        ("a long address", with("overview", &long(60_000)), &[404]),
        ("a long query", with("overview", &format!("overview?{}", "a=1&".repeat(10_000))), &[200]),
        ("a long method", with("GET", &long(60_000)), &[404]),
        // Bodies that are not as long as they say, or not what they say.
        ("a large body", put("content-length: 17000000\r\n", &long(17_000_000)), &[413]),
        ("a body larger than any", put("content-length: 18446744073709551615\r\n", ""), &[431]),
        ("a length that is no number", put("content-length: x\r\n", ""), &[400]),
        ("a length below zero", put("content-length: -1\r\n", ""), &[400]),
        ("a length with a sign", put("content-length: +2\r\n", "{}"), &[400]),
        ("two lengths", put("content-length: 2\r\ncontent-length: 3\r\n", "{}"), &[400]),
        ("two lengths in one", put("content-length: 2, 3\r\n", "{}"), &[400]),
        ("a length that is too small", put("content-length: 1\r\n", "{}\r\n\r\n"), &[400, 400]),
        ("a deep body", put(&format!("{close}content-length: 100000\r\n"), &"[".repeat(100_000)), &[400]),
        ("chunks", chunked("b\r\n{\"type\": 1}\r\n0\r\n\r\n"), &[200]),
        ("a chunk without a size", chunked("x\r\n\r\n"), &[400]),
        ("a chunk with too large a size", chunked("fffffffffffffffff\r\n"), &[400]),
        ("a chunk that is longer than it says", chunked("1\r\n{}\r\n0\r\n\r\n"), &[400]),
        ("a chunk with a long extension", chunked(&format!("2;{}\r\n{{}}\r\n0\r\n\r\n", long(50_000))), &[400]),
        ("too many trailers", chunked(&format!("0\r\n{}\r\n", "x: y\r\n".repeat(20_000))), &[400]),
        ("an encoding that isn't known", put("transfer-encoding: gzip\r\n", ""), &[400]),
        ("chunks in HTTP/1.0", "PUT / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".into(), &[400]),
        (
            "an encoding in a header before",
            put(
                "transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\nconnection: close\r\n",
                "2\r\n{}\r\n0\r\n\r\n",
            ),
            &[400],
        ),
        (
            "a body that is compressed",
            put(&format!("content-encoding: gzip\r\n{close}content-length: 11\r\n"), "{\"type\": 1}"),
            &[415],
        ),
        (
            "a body that says that it is plain",
            put(&format!("content-encoding: identity\r\n{close}content-length: 11\r\n"), "{\"type\": 1}"),
            &[200],
        ),
        // No 100 Continue comes first.
        (
            "an expectation with too long a body",
            put(&format!("expect: 100-continue\r\n{close}content-length: 16777217\r\n"), ""),
            &[413],
        ),
        // The chunks count, and the connection ends, so that nothing can be smuggled in behind them.
        (
            "a length and chunks",
            put(
                "content-length: 3\r\ntransfer-encoding: chunked\r\n",
                &format!("b\r\n{{\"type\": 1}}\r\n0\r\n\r\n{}", good()),
            ),
            &[200],
        ),
        // Other protocols, and other versions of this one.
        ("HTTP/1.0", get("").replace("HTTP/1.1", "HTTP/1.0").into(), &[200]),
        ("HTTP/0.9", "GET /koodrive\r\n".into(), &[400]),
        ("HTTP/1.2", with("HTTP/1.1", "HTTP/1.2"), &[400]),
        ("HTTP/3.0", with("HTTP/1.1", "HTTP/3.0"), &[400]),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0".into(), &[400]),
        ("an upgrade to HTTP/2", get(&format!("upgrade: h2c\r\n{close}")).into(), &[200]),
        ("an upgrade to WebSocket", get(&format!("upgrade: websocket\r\n{close}")).into(), &[200]),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), &[400]),
        ("no HTTP", "hello\r\n\r\n".into(), &[400]),
        // Lines, and what is in them.
        ("ends of lines before the request", format!("\r\n\r\n{}", good()).into(), &[200]),
        ("lines that end with LF", with("\r\n", "\n"), &[200]),
        ("lines that end with CR", with("\r\n", "\r"), &[400]),
        ("a lone CR in a value", get("x: a\rb\r\n").into(), &[400]),
        ("a NUL in a value", get("x: a\0b\r\n").into(), &[400]),
        ("a NUL in the address", with("overview", "over\0view"), &[400]),
        ("a NUL in the method", with("GET", "G\0ET"), &[400]),
        ("a blank before the colon", get("x : y\r\n").into(), &[400]),
        ("a name without a colon", get("xy\r\n").into(), &[400]),
        ("an empty name", get(": y\r\n").into(), &[400]),
        ("a folded header", get("x: y\r\n z\r\n").into(), &[400]),
        (
            "a value that isn't UTF-8",
            [GET.as_bytes(), b"x: \xff\r\n", &good().as_bytes()[GET.len()..]].concat(),
            &[200],
        ),
        ("an address that isn't UTF-8", b"GET /\xff\xfe HTTP/1.1\r\nhost: h\r\n\r\n".to_vec(), &[400]),
        ("a blank in the address", with("overview", "over view"), &[400]),
        ("no slash before the address", with("GET /", "GET "), &[400]),
    ];
    for case in cases {
        check(&server, case, |_| {});
    }
}

/// What HTTP allows.
#[test]
fn what_hardly_anybody_sends() {
    let server = Server::start(simulator()).unwrap();
    let close = "connection: close\r\n";
    let cases: &[Case] = &[
        ("a whole address", with("GET /", "GET http://h/"), &[200]),
        ("a whole address of elsewhere", with("GET /", "GET https://user@elsewhere:1/"), &[200]),
        ("an asterisk", "OPTIONS * HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n".into(), &[404]),
        ("a proxy's method", "CONNECT h:443 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n".into(), &[404]),
        ("a fragment", with("overview", "overview#x"), &[200]),
        ("a path that goes up", with("/usage/", "/usage/../usage/"), &[404]),
        ("HEAD", with("GET", "HEAD"), &[404]),
        ("OPTIONS", with("GET", "OPTIONS"), &[404]),
        ("TRACE", with("GET", "TRACE"), &[404]),
        ("a method of one's own", with("GET", "BREW"), &[404]),
        ("a method in small letters", with("GET", "get"), &[404]),
        (
            "an expectation",
            put(&format!("expect: 100-continue\r\n{close}content-length: 11\r\n"), "{\"type\": 1}"),
            &[100, 200],
        ),
        ("an expectation that isn't known", get(&format!("expect: tea\r\n{close}")).into(), &[200]),
        ("without a host", with("host: h\r\n", ""), &[200]),
        ("two hosts", with("host: h\r\n", "host: h\r\nhost: i\r\n"), &[200]),
        ("two tokens", get(&format!("authorization: Bearer 2\r\n{close}")).into(), &[200]),
        // Several requests at once are answered in their order.
        ("three", [get(""), get("").replace("overview", "x"), good()].concat().into(), &[200, 404, 200]),
        ("a bad one behind good ones", [&get(""), &get(""), "hello\r\n\r\n"].concat().into(), &[200, 200, 400]),
    ];
    for case in cases {
        check(&server, case, |_| {});
    }
}

fn halves() -> [Case; 7] {
    [
        ("half a line", "GET /koo".into(), &[0]),
        ("half a head", format!("{GET}host: h\r\n").into(), &[0]),
        ("half a body", put("content-length: 12\r\n", "{"), &[0]),
        ("no body", put("content-length: 12\r\n", ""), &[0]),
        ("half a chunk", chunked("c\r\n{"), &[0]),
        ("chunks without an end", chunked("2\r\n{}\r\n"), &[0]),
        ("half of a second one", [&get(""), GET].concat().into(), &[200, 0]),
    ]
}

/// The client stops sending half-way, and says so.
#[test]
fn what_breaks_off() {
    let server = Server::start(simulator()).unwrap();
    let end = |stream: &TcpStream| stream.shutdown(Shutdown::Write).unwrap();
    for (what, sent, expected) in halves() {
        let expected: &[u16] = if expected.len() == 1 { &[400] } else { &[200, 400] };
        check(&server, &(what, sent, expected), end);
    }
    check(&server, &("nothing", Vec::new(), &[]), end);
    check(&server, &("a good one, kept", get("").into(), &[200]), end);
}

/// The client stops sending half-way, and says nothing.
#[test]
fn what_never_ends() {
    let limit = Duration::from_secs(2);
    let server = Server::start(simulator().limits(Limits::new().head(limit).body(limit))).unwrap();
    std::thread::scope(|scope| {
        for (what, sent, expected) in halves() {
            let expected: &[u16] = if expected.len() == 1 { &[408] } else { &[200, 408] };
            let server = &server;
            scope.spawn(move || check(server, &(what, sent, expected), |_| {}));
        }
        for (what, sent, expected) in [("nothing", Vec::new(), &[][..]), ("a good one, kept", get("").into(), &[200])] {
            let server = &server;
            scope.spawn(move || check(server, &(what, sent, expected), |_| {}));
        }
    });
}

/// All bodies together have only so much room, which is free again once they are answered. Small ones need none.
#[test]
fn many_large_bodies() {
    let server = Server::start(simulator().limits(Limits::new().bodies(200_000))).unwrap();
    let body = |length: usize| format!("{{\"type\": 1{}}}", " ".repeat(length - 11));
    let send = |length: usize, chunks: bool| {
        let body = body(length);
        let mut stream = connect(&server);
        let sent = if chunks {
            chunked(&format!("{length:x}\r\n{body}\r\n0\r\n\r\n"))
        } else {
            put(&format!("connection: close\r\ncontent-length: {length}\r\n"), &body)
        };
        // The server may refuse it half-way.
        let _ = stream.write_all(&sent);
        let found = answers(&mut stream);
        assert_eq!(found.len(), 1);
        check_form(&found[0], &length);
        found[0].0
    };
    for chunks in [true, false] {
        for (length, status) in [(200_000, 200), (200_001, 503), (150_000, 200), (1_000_000, 503), (60_000, 200)] {
            assert_eq!(send(length, chunks), status, "{length}");
        }
    }
    let server = Server::start(simulator().limits(Limits::new().bodies(0))).unwrap();
    let mut stream = connect(&server);
    stream.write_all(&put("connection: close\r\ncontent-length: 65536\r\n", &body(65_536))).unwrap();
    assert_eq!(answers(&mut stream)[0].0, 200);
}

/// As many connections as allowed are served; others wait for their end, and nothing else is kept from its turn.
#[test]
fn many_connections() {
    let server = Server::start(simulator().limits(Limits::new().connections(2))).unwrap();
    let id = |id: &str| get(&format!("x-traceid: {id:0>58}\r\n"));
    let answer = |stream: &mut TcpStream| {
        let mut byte = [0; 4096];
        assert!(stream.read(&mut byte).unwrap() > 0);
    };
    let mut first = connect(&server);
    first.write_all(id("1").as_bytes()).unwrap();
    answer(&mut first);
    let mut slow = connect(&server);
    slow.write_all(GET.as_bytes()).unwrap();
    let mut waiting: Vec<TcpStream> = (0..20).map(|_| connect(&server)).collect();
    for stream in &mut waiting {
        stream.write_all(id("2").as_bytes()).unwrap();
    }
    for _ in 0..3 {
        first.write_all(id("1").as_bytes()).unwrap();
        answer(&mut first);
    }
    let ids: Vec<_> = server.ledger().into_iter().filter_map(|entry| entry.trace_id).collect();
    assert_eq!(
        ids,
        [format!("{:0>58}", "1"), format!("{:0>58}", "1"), format!("{:0>58}", "1"), format!("{:0>58}", "1")]
    );
    // One after the other takes the place that is free.
    drop(first);
    for mut stream in waiting {
        answer(&mut stream);
    }
    slow.write_all(format!("{HEADERS}\r\n").as_bytes()).unwrap();
    answer(&mut slow);
}

/// A client that sends a lot and reads nothing keeps its place for a while only.
#[test]
fn answers_that_nobody_reads() {
    let limits = Limits::new().connections(1).write(Duration::from_millis(100));
    let server = Server::start(simulator().limits(limits)).unwrap();
    // With a small buffer, the system doesn't take much in its place.
    let deaf = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    deaf.set_recv_buffer_size(4096).unwrap();
    deaf.connect(&server.address().into()).unwrap();
    let mut deaf = TcpStream::from(deaf);
    deaf.set_write_timeout(Some(LONG)).unwrap();
    let many = get("").repeat(1000);
    let mut other = connect(&server);
    other.write_all(good().as_bytes()).unwrap();
    // It is cut off sooner or later.
    let started = Instant::now();
    while deaf.write_all(many.as_bytes()).is_ok() {
        assert!(started.elapsed() < LONG, "it is still served");
    }
    assert_eq!(answers(&mut other)[0].0, 200);
}

/// What is being answered when the server stops is answered to its end; nothing else begins.
#[test]
fn an_orderly_end() {
    // The server says when it is about to answer, and goes on when it is told to. It does so on a thread of its own,
    // as the body is a large one.
    let (entered, entries) = mpsc::channel();
    let (go_on, told) = mpsc::channel();
    let told = Mutex::new(told);
    let hook = move |_: &Entry| {
        entered.send(()).unwrap();
        told.lock().unwrap().recv_timeout(LONG).unwrap();
    };
    let server = Server::start(simulator().on_entry(hook)).unwrap();
    let address = server.address();
    let mut idle = connect(&server);
    let mut running = connect(&server);
    let body = format!("{{\"type\": 1}}{}", " ".repeat(65_536));
    running.write_all(&put(&format!("content-length: {}\r\n", body.len()), &body)).unwrap();
    entries.recv_timeout(LONG).expect("a call that is being answered");
    let stopped = in_background(|| server.stop(Duration::from_secs(600)));
    // These ends say that it has begun to stop.
    assert!(answers(&mut idle).is_empty());
    assert!(TcpStream::connect(address).is_err());
    assert_eq!(stopped.try_recv(), Err(TryRecvError::Empty), "it waits for the call");
    go_on.send(()).unwrap();
    let found = answers(&mut running);
    assert_eq!(found.len(), 1, "{found:?}");
    check_form(&found[0], &"the running one");
    stopped.recv_timeout(LONG).expect("it ends with the last connection");
}

/// Nobody is waited for longer than said.
#[test]
fn an_end_without_patience() {
    let (entered, entries) = mpsc::channel();
    let slow = simulator().faults("slow=100%,slow-by=1000000s".parse().unwrap());
    let server = Server::start(slow.on_entry(move |_| entered.send(()).unwrap())).unwrap();
    let mut running = connect(&server);
    running.write_all(get("").as_bytes()).unwrap();
    entries.recv_timeout(LONG).expect("a call that is executed");
    let stopped = in_background(|| server.stop(Duration::from_millis(1)));
    assert!(answers(&mut running).is_empty());
    stopped.recv_timeout(LONG).expect("it has ended");
}

/// Runs it on another thread, and tells when it has ended.
fn in_background(run: impl FnOnce() + Send + 'static) -> Receiver<()> {
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || {
        run();
        // This fails only if the test has failed.
        let _ = ended.send(());
    });
    end
}
