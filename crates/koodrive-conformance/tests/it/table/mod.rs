//! Each row of the table of trouble (`Trouble` in the core), through every transport, with TLS and without.

mod idle;
mod rows;

use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use koodrive_conformance::{Async, Blocking, Transport};
use koodrive_proto::flow::{Attempt, Cause, Observer, Outcome, Reached, Trouble};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType};
use koodrive_proto::schema::Safety;
use koodrive_proto::{Api, Call, ErrorKind, Operation, RetryPolicy, Sent};
use koodrive_sim::rustls::pki_types::CertificateDer;

use crate::common::{Authority, Keeper, Stream, api, authority, chain, trusting, ureq_trusting};

use rows::{certificates, connecting, incomplete, large, late, no_http};

/// How many bytes an answer may have.
const LIMIT: u64 = 10_000;

/// Time enough for whatever doesn't wait for it, and what the rows that do wait for take four times.
const TIMEOUT: Duration = Duration::from_secs(2);

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
