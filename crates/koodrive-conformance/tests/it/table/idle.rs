//! The idle time: it ends what doesn't move, and nothing that does.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use koodrive_conformance::{Async, Blocking};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Event, Now, Outgoing, Step, Trouble};
use koodrive_proto::http::Request;
use koodrive_proto::schema::Target;
use koodrive_proto::{Api, Error, Flow, Sent};

use crate::common::{Authority, Keeper, Stream, api, authority, chain};

use super::rows::{silence, wait_for_the_end};
use super::{LIMIT, Server, Trusting};

/// A request with an idle time that is much less than its timeout.
struct Idly(Option<Request<Bytes>>, Duration);

const IDLE: Duration = Duration::from_secs(2);

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
