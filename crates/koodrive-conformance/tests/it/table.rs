//! Each row of the table of trouble (`Trouble` in the core), through every transport, with TLS and without.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use koodrive_conformance::{Async, Blocking, Transport};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Attempt, Cause, Event, Failure, Now, Observer, Outcome, Outgoing, Reached, Step, Trouble};
use koodrive_proto::http::Request;
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType};
use koodrive_proto::schema::{Safety, Target};
use koodrive_proto::{Api, Call, Error, ErrorKind, Flow, Operation, RetryPolicy, Sent};
use koodrive_sim::rustls::pki_types::CertificateDer;

use crate::common::{Authority, Keeper, Stream, api, authority, chain, trusting, ureq_trusting};

/// How many bytes an answer may have.
const LIMIT: u64 = 10_000;

/// Time enough for whatever doesn't wait for it, and what the rows that do wait for take four times.
const TIMEOUT: Duration = Duration::from_secs(1);

type Reply = Box<dyn Fn(&mut dyn Stream) + Send + Sync>;

enum Server {
    /// There, or nowhere.
    At(String),
    /// A server that does this with each connection, for an endpoint with that scheme.
    Raw(&'static str, fn(TcpStream)),
    /// One that reads the request and replies, with TLS and without.
    Replies(Reply),
    /// One with this certificate, and the authority that is trusted.
    Certificate(Box<Authority>, CertificateDer<'static>),
}

struct Row {
    what: &'static str,
    server: Server,
    reached: Reached,
    cause: Cause,
    /// What the error says.
    words: String,
}

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
fn silence(first: &'static str) -> Server {
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

fn wait_for_the_end(mut stream: TcpStream) {
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
fn connecting() -> Vec<Row> {
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

fn certificates() -> Vec<Row> {
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
fn incomplete() -> Vec<Row> {
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

fn no_http() -> Vec<Row> {
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
fn large() -> Vec<Row> {
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
fn late() -> Vec<Row> {
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

/// A transport that trusts an authority of our own.
trait Trusting: Transport {
    fn trusting(api: Api, root: &CertificateDer<'static>) -> Self;
}

impl Trusting for Blocking {
    fn trusting(api: Api, root: &CertificateDer<'static>) -> Self {
        let config = koodrive_ureq::Client::config().tls_config(ureq_trusting(root)).build();
        Self(koodrive_ureq::Client::with_config(api, config))
    }
}

impl Trusting for Async {
    fn trusting(api: Api, root: &CertificateDer<'static>) -> Self {
        let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(trusting(root));
        let connector = builder.https_or_http().enable_http1().build();
        Self::over(koodrive_hyper::Client::with_connector(api, connector))
    }
}

/// How attempts ended.
#[derive(Clone, Default)]
struct Ends(Arc<Mutex<Vec<Outcome>>>);

impl Observer for Ends {
    fn ended(&self, _: &Attempt, outcome: &Outcome, _: Duration) {
        self.0.lock().unwrap().push(*outcome);
    }
}

fn try_out<T: Trusting, O: Operation>(row: &Row, endpoint: &str, root: &CertificateDer<'static>, op: &O) -> String {
    let what = format!("{} ({}, {endpoint})", row.what, T::NAME);
    let ends = Ends::default();
    let drive = T::trusting(api(endpoint).answer_limit(LIMIT).observer(ends.clone()), root);
    // The default policy, but for the pauses.
    let policy = RetryPolicy::default().first_pause(Duration::from_millis(1));
    let waits = row.cause == Cause::Timeout;
    let timeout = if waits { TIMEOUT } else { Duration::from_secs(60) };
    let result = drive.run(Call::new(op).attempt_timeout(timeout).retry(policy));
    let error = result.map(drop).expect_err(&what);

    let again = match (row.cause, row.reached) {
        (Cause::Local, _) => false,
        (_, Reached::No) => true,
        (_, Reached::Maybe) => O::META.safety != Safety::Once,
    };
    let attempts = if again { 4 } else { 1 };
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, attempts), "{what}: {error}");
    assert_eq!(
        *ends.0.lock().unwrap(),
        vec![Outcome::Failed(row.reached, row.cause); attempts as usize],
        "{what}: {error}"
    );
    let sent = if row.reached == Reached::No { Sent::No } else { Sent::Maybe };
    assert_eq!((error.was_sent(), error.is_timeout()), (sent, waits), "{what}: {error}");

    let line = error.to_string();
    let count = if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") };
    assert!(line.ends_with(&format!(": {} ({count})", row.words)), "{what}: {line}");
    // Whoever writes all of them writes nothing twice.
    chain(&error);
    line
}

fn both<O: Operation + Sync>(row: &Row, endpoint: &str, root: &CertificateDer<'static>, op: &O) {
    thread::scope(|scope| {
        let blocking = scope.spawn(|| try_out::<Blocking, O>(row, endpoint, root, op));
        let asynchronous = try_out::<Async, O>(row, endpoint, root, op);
        assert_eq!(blocking.join().unwrap(), asynchronous, "{}", row.what);
    });
}

fn each_call(row: &Row, endpoint: &str, root: &CertificateDer<'static>) {
    thread::scope(|scope| {
        scope.spawn(|| both(row, endpoint, root, &GetSpaceUsageOverview::new()));
        scope.spawn(|| both(row, endpoint, root, &DeleteSpace::new("1", SpaceType::Individual)));
    });
}

/// Tries a row with both kinds of calls, and with TLS as well where the server does.
fn try_row(mut row: Row, ca: &Authority) {
    let server = std::mem::replace(&mut row.server, Server::At(String::new()));
    match server {
        Server::At(endpoint) => each_call(&row, &endpoint, &ca.root),
        Server::Raw(scheme, serve) => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let endpoint = format!("{scheme}://{}", listener.local_addr().unwrap());
            thread::spawn(move || {
                for stream in listener.incoming() {
                    let stream = stream.unwrap();
                    thread::spawn(move || serve(stream));
                }
            });
            each_call(&row, &endpoint, &ca.root);
        }
        Server::Certificate(other, root) => {
            let server = Keeper::start(Some(other.server), |_, _| false);
            each_call(&row, server.endpoint(), &root);
            assert_eq!(server.requests(), 0);
        }
        Server::Replies(reply) => {
            let reply = Arc::new(reply);
            let server = |tls| {
                let reply = Arc::clone(&reply);
                Keeper::start(tls, move |_, stream| {
                    reply(stream);
                    false
                })
            };
            let (plain, tls) = (server(None), server(Some(ca.server.clone())));
            thread::scope(|scope| {
                scope.spawn(|| each_call(&row, plain.endpoint(), &ca.root));
                scope.spawn(|| each_call(&row, tls.endpoint(), &ca.root));
            });
        }
    }
}

fn try_rows(rows: Vec<Row>) {
    let ca = authority("127.0.0.1");
    for row in rows {
        try_row(row, &ca);
    }
}

#[test]
fn no_connection() {
    try_rows(connecting());
}

#[test]
fn certificates_that_are_refused() {
    try_rows(certificates());
}

#[test]
fn answers_that_break_off() {
    try_rows(incomplete());
}

#[test]
fn answers_that_are_no_http() {
    try_rows(no_http());
}

#[test]
fn answers_that_are_too_large() {
    try_rows(large());
}

/// All at the same time, since each takes its time.
#[test]
fn answers_that_are_late() {
    let ca = authority("127.0.0.1");
    thread::scope(|scope| {
        for row in late() {
            scope.spawn(|| try_row(row, &ca));
        }
    });
}

/// A request with an idle time that is much less than its timeout.
struct Idly(Option<Request<Bytes>>, Duration);

const IDLE: Duration = Duration::from_secs(1);

impl Flow for Idly {
    type Output = Bytes;

    fn resume(&mut self, _: &Api, _: Now, event: Event) -> Step<Result<Bytes, Error>> {
        match (event, self.0.take()) {
            (Event::Start, Some(request)) => {
                let mut outgoing = Outgoing::new(request, Target::Elsewhere("a test"), 1, self.1, LIMIT);
                outgoing.idle = IDLE;
                Step::Send(outgoing)
            }
            (Event::Response(response), _) => Step::Done(Ok(response.into_body())),
            (Event::Failed(failure), _) => Step::Done(Err(failure.into())),
            (event, _) => Step::Done(Err(Error::misuse(format!("{event:?}")))),
        }
    }
}

fn idly<T: Trusting>(endpoint: &str, ca: &Authority, body: usize) -> Result<Bytes, Error> {
    idly_within::<T>(Duration::from_secs(120), endpoint, ca, body)
}

fn idly_within<T: Trusting>(timeout: Duration, endpoint: &str, ca: &Authority, body: usize) -> Result<Bytes, Error> {
    let host = endpoint.rsplit('/').next().unwrap();
    let request = Request::post(format!("{endpoint}/")).header("host", host).header("content-length", body);
    let request = request.body(Bytes::from(vec![b' '; body])).unwrap();
    T::trusting(api(endpoint), &ca.root).run(Idly(Some(request), timeout))
}

/// What moves isn't idle, however slow it is, and in either direction.
#[test]
fn slow_is_not_idle() {
    fn script<T: Trusting>(ca: &Authority) {
        /// A byte every so often, longer than the idle time in all.
        fn slowly(stream: &mut dyn Stream) -> bool {
            for byte in format!("HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\n{}", "x".repeat(30)).bytes() {
                thread::sleep(IDLE / 40);
                if stream.write_all(&[byte]).and_then(|()| stream.flush()).is_err() {
                    return false;
                }
            }
            true
        }
        for tls in [None, Some(ca.server.clone())] {
            let server = Keeper::start(tls, |_, stream| slowly(stream));
            assert_eq!(idly::<T>(server.endpoint(), ca, 0).unwrap().len(), 30);
        }
        // A server that reads slowly, and much more than the system keeps for it.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let body = 16 << 20;
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut count, mut bytes) = (0, vec![0; 256 << 10]);
            while count < body {
                thread::sleep(IDLE / 50);
                count += stream.read(&mut bytes).unwrap();
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
            wait_for_the_end(stream);
        });
        assert_eq!(idly::<T>(&endpoint, ca, body).unwrap(), "ok");
    }
    let ca = authority("127.0.0.1");
    thread::scope(|scope| {
        scope.spawn(|| script::<Blocking>(&ca));
        script::<Async>(&ca);
    });
}

/// Nobody waits for the timeout where nothing moves: before the answer, in its head, in its body, and while it is
/// asked.
#[test]
fn idle() {
    fn script<T: Trusting>(ca: &Authority) {
        let check = |endpoint: &str, body| {
            let error = idly::<T>(endpoint, ca, body).unwrap_err();
            assert_eq!((error.is_timeout(), error.was_sent()), (true, Sent::Maybe), "{}: {error}", T::NAME);
            assert!(error.to_string().ends_with(&format!(": {}", Trouble::Idle(IDLE))), "{}: {error}", T::NAME);
            chain(&error);
        };
        for tls in [None, Some(&ca.server)] {
            for first in ["", "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
                let Server::Replies(reply) = silence(first) else { unreachable!() };
                let server = Keeper::start(tls.cloned(), move |_, stream| {
                    reply(stream);
                    false
                });
                check(server.endpoint(), 0);
            }
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        check(&endpoint, 16 << 20);
    }
    let ca = authority("127.0.0.1");
    thread::scope(|scope| {
        scope.spawn(|| script::<Blocking>(&ca));
        script::<Async>(&ca);
    });
}

/// Connecting isn't idle: it has the timeout for itself.
#[test]
fn connecting_is_not_idle() {
    fn script<T: Trusting>(ca: &Authority) {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("https://{}", silent.local_addr().unwrap());
        let timeout = IDLE + IDLE / 2;
        let error = idly_within::<T>(timeout, &endpoint, ca, 0).unwrap_err();
        assert_eq!((error.is_timeout(), error.was_sent()), (true, Sent::No), "{}: {error}", T::NAME);
        assert!(error.to_string().ends_with(&format!(": {}", Trouble::Timeout(timeout))), "{}: {error}", T::NAME);
    }
    let ca = authority("127.0.0.1");
    thread::scope(|scope| {
        scope.spawn(|| script::<Blocking>(&ca));
        script::<Async>(&ca);
    });
}

/// An answer without a length ends with its connection, if that ends as it should. Without TLS nobody can tell; with
/// TLS it is said.
#[test]
fn answers_that_end_with_the_connection() {
    fn script<T: Trusting>(ca: &Authority) {
        let call = |endpoint: &str| {
            let op = DeleteSpace::new("1", SpaceType::Individual);
            let drive = T::trusting(api(endpoint), &ca.root);
            drive.run(Call::new(&op).attempt_timeout(Duration::from_secs(60)))
        };
        for answer in ["HTTP/1.1 200 OK\r\n\r\n{\"code\": 0}", "HTTP/1.1 200 OK\r\n\r\n"] {
            let reply = move |_, stream: &mut dyn Stream| {
                stream.write_all(answer.as_bytes()).and_then(|()| stream.flush()).unwrap();
                false
            };
            call(Keeper::start(None, reply).endpoint()).unwrap();
            let server = Keeper::start(Some(ca.server.clone()), reply);
            let error = call(server.endpoint()).unwrap_err();
            assert_eq!((error.was_sent(), error.attempts(), server.requests()), (Sent::Maybe, 1, 1), "{error}");
            let words = format!("{} (1 attempt)", Trouble::Closed);
            assert!(error.to_string().ends_with(&words), "{}: {error}", T::NAME);
            chain(&error);
            call(Keeper::saying_goodbye(ca.server.clone(), reply).endpoint()).unwrap();
        }
    }
    let ca = authority("127.0.0.1");
    script::<Blocking>(&ca);
    script::<Async>(&ca);
}

/// Nobody asked for another protocol. It is an answer like others, and nothing else is said on that connection.
#[test]
fn switching_protocols() {
    fn script<T: Transport>() {
        let server = Keeper::start(None, |number, stream| {
            let status = if number == 0 { "101 Switching Protocols" } else { "200 OK" };
            let headers = "connection: upgrade\r\nupgrade: x\r\ncontent-length: 11";
            stream.write_all(format!("HTTP/1.1 {status}\r\n{headers}\r\n\r\n{{\"code\": 0}}").as_bytes()).is_ok()
        });
        let drive = T::new(api(server.endpoint()));
        let op = GetSpaceUsageOverview::new();
        let error = drive.run(Call::new(&op)).unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Api, 1), "{}: {error}", T::NAME);
        assert_eq!(error.status().unwrap().as_u16(), 101);
        let _ = drive.run(Call::new(&op));
        assert_eq!((server.connections(), server.requests()), (2, 2), "{}", T::NAME);
    }
    script::<Blocking>();
    script::<Async>();
}
