//! Servers and networks that misbehave: every transport gives a clear error and says what the server can have seen.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::Full;
use koodrive_conformance::{Async, Blocking, Transport};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Event, Now, Outgoing, Step};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{Api, Call, Error, ErrorKind, Flow, Operation, RetryPolicy, Sent, http};
use koodrive_sim::Server;

use crate::common::{Recorder, api, reply, simulator};

fn error<T: Transport>(endpoint: &str) -> Error {
    let op = GetSpaceUsageOverview::new();
    // Long enough that only a server which never answers meets it.
    let call = Call::new(&op).attempt_timeout(Duration::from_secs(60)).retry(RetryPolicy::none());
    let error = T::new(api(endpoint)).run(call).unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert!(!error.is_timeout(), "{error}");
    error
}

fn each(check: impl Fn(fn(&str) -> Error)) {
    check(error::<Blocking>);
    check(error::<Async>);
}

#[test]
fn nobody_listens() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    each(|error| {
        let error = error(&format!("http://{address}"));
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No));
        assert!(error.to_string().contains("refused"), "{error}");
    });
}

fn handshake_times_out<T: Transport>(endpoint: &str) {
    let op = GetSpaceUsageOverview::new();
    let error = T::new(api(endpoint)).run(Call::new(&op).attempt_timeout(Duration::from_millis(50))).unwrap_err();
    assert!(error.is_timeout() && error.was_sent() == Sent::No, "{error:?}");
}

/// TLS that never comes about: nothing of the request has gone out.
#[test]
fn no_tls_there() {
    let plain = Server::start(simulator()).unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closing = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoints = [plain.endpoint(), format!("http://{}", closing.local_addr().unwrap())];
    std::thread::spawn(move || closing.incoming().for_each(drop));
    for endpoint in endpoints {
        each(|error| {
            let error = error(&endpoint.replace("http://", "https://"));
            assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
        });
    }
    // A handshake that is never answered ends with the timeout.
    let endpoint = format!("https://{}", silent.local_addr().unwrap());
    handshake_times_out::<Blocking>(&endpoint);
    handshake_times_out::<Async>(&endpoint);
}

/// Timeouts that no clock can reach.
#[test]
fn any_timeout() {
    fn run<T: Transport>(server: &Server) {
        let op = GetSpaceUsageOverview::new();
        let drive = T::new(api(&server.endpoint()));
        drive.run(Call::new(&op).attempt_timeout(Duration::MAX)).unwrap();
        drive.run(Call::new(&op).attempt_timeout(Duration::MAX).deadline(Duration::MAX)).unwrap();
    }
    let server = Server::start(simulator()).unwrap();
    run::<Blocking>(&server);
    run::<Async>(&server);
}

#[test]
fn no_such_host() {
    each(|error| {
        // RFC 6761: never resolves.
        let error = error("http://koodrive.invalid");
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
    });
}

/// Neither followed, nor are our headers sent to the other host.
#[test]
fn redirects_are_not_followed() {
    let elsewhere = Recorder::replying(reply("200 OK", "", "{}"));
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("location: {}/\r\n", elsewhere.endpoint());
        let server = Recorder::replying(reply(status, &location, ""));
        each(|error| {
            let error = error(&server.endpoint());
            assert_eq!(error.kind(), ErrorKind::Api);
            assert_eq!(error.status().unwrap().as_str(), &status[..3]);
            assert_eq!(error.headers().unwrap()["location"], format!("{}/", elsewhere.endpoint()));
        });
        assert_eq!(server.requests().len(), 2);
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn pages_that_are_no_answer() {
    let html = Recorder::replying(reply("200 OK", "content-type: text/html\r\n", "<html>Sign in</html>"));
    each(|error| {
        let error = error(&html.endpoint());
        assert_eq!((error.kind(), error.body()), (ErrorKind::Decode, &b"<html>Sign in</html>"[..]));
        assert!(error.to_string().contains("HTML"), "{error}");
    });
    let bad_gateway = Recorder::replying(reply("502 Bad Gateway", "", "<html>502</html>"));
    each(|error| {
        let error = error(&bad_gateway.endpoint());
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Api, 502));
        assert_eq!(error.body(), b"<html>502</html>");
    });
}

#[test]
fn broken_answers() {
    for broken in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"code\": 0}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{\"code\": 0}\r\n",
        "HELLO\r\n\r\n",
    ] {
        let server = Recorder::replying(broken);
        each(|error| {
            let error = error(&server.endpoint());
            assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::Maybe), "{broken:?}: {error}");
        });
        assert_eq!(server.requests().len(), 2, "nothing is sent twice");
    }
}

#[test]
fn answers_have_a_limit() {
    fn blocking(api: Api, limit: usize) -> Blocking {
        Blocking::new(api.answer_limit(limit as u64))
    }
    fn asynchronous(api: Api, limit: usize) -> Async {
        Async::new(api.answer_limit(limit as u64))
    }
    fn run(drive: &impl Transport) -> Result<(), Error> {
        let op = GetSpaceUsageOverview::new();
        drive.run(Call::new(&op)).map(drop)
    }
    let body = r#"{"code": 0, "data": {}}"#;
    let exact = Recorder::replying(reply("200 OK", "", body));
    run(&blocking(api(&exact.endpoint()), body.len())).unwrap();
    run(&asynchronous(api(&exact.endpoint()), body.len())).unwrap();
    // One that is announced, and one that never ends.
    let endless = Recorder::start(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        while stream.write_all(b"10\r\n0123456789abcdef\r\n").is_ok() {}
    });
    for (server, limit) in [(&exact, body.len() - 1), (&endless, 100_000)] {
        for result in
            [run(&blocking(api(&server.endpoint()), limit)), run(&asynchronous(api(&server.endpoint()), limit))]
        {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::Maybe));
            assert!(error.to_string().contains("limit"), "{error}");
            assert!(!error.to_string().contains(&(limit + 1).to_string()), "{error}");
        }
    }
}

/// Much too large for one transport is too large for the other. hyper's limit is not sharp: it looks at what it has
/// read so far, which may be some 64 KiB more.
#[test]
fn heads_have_a_limit() {
    fn run<T: Transport>(server: &Recorder) -> Result<(), Error> {
        let op = GetSpaceUsageOverview::new();
        T::new(api(&server.endpoint())).run(Call::new(&op)).map(drop)
    }
    let long = |length: usize| format!("x-long: {}\r\n", "a".repeat(length));
    let many = |count: usize| "x: a\r\n".repeat(count);
    for (head, accepted) in [(long(50_000), true), (long(1_000_000), false), (many(120), true), (many(130), false)] {
        let server = Recorder::replying(reply("200 OK", &head, r#"{"code": 0, "data": {}}"#));
        for result in [run::<Blocking>(&server), run::<Async>(&server)] {
            match result {
                Ok(()) => assert!(accepted, "{} bytes", head.len()),
                Err(error) => {
                    assert!(!accepted, "{} bytes: {error}", head.len());
                    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::Maybe), "{error}");
                }
            }
        }
    }
}

#[test]
fn servers_that_never_answer_meet_the_timeout() {
    fn run<T: Transport>(server: &Recorder) {
        let op = GetSpaceUsageOverview::new();
        let drive = T::new(api(&server.endpoint()));
        let soon = Duration::from_millis(50);
        for (call, kind) in [
            (Call::new(&op).attempt_timeout(soon), ErrorKind::Transport),
            (Call::new(&op).deadline(soon), ErrorKind::Deadline),
        ] {
            let error = drive.run(call).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.is_timeout(), "{error}");
            // On a busy machine the time may be over before anything is sent.
            let seen = !server.requests().is_empty();
            assert!(error.was_sent() == Sent::Maybe || !seen, "{error}");
        }
    }
    fn wait_for_the_client_to_leave(stream: &mut impl Read) {
        let _ = stream.read(&mut [0]);
    }
    for start in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        let server = Recorder::start(move |stream| {
            let _ = stream.write_all(start.as_bytes());
            wait_for_the_client_to_leave(stream);
        });
        run::<Blocking>(&server);
        run::<Async>(&server);
    }
}

/// An HTTP client of the caller's own.
#[derive(Clone)]
struct Canned;

impl tower_service::Service<http::Request<koodrive_hyper::RequestBody>> for Canned {
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<koodrive_hyper::RequestBody>) -> Self::Future {
        assert_eq!(request.uri().path(), GetSpaceUsageOverview::META.path);
        ready(Ok(http::Response::new(Full::from(r#"{"code": 0, "data": {"totalUsed": "5"}}"#))))
    }
}

#[test]
fn a_service_of_the_callers_own() {
    let drive = Async::over(koodrive_hyper::Client::with_service(api("https://h"), Canned));
    let op = GetSpaceUsageOverview::new();
    assert_eq!(drive.run(Call::new(&op)).unwrap().total_used, Some(5));
}

/// A caller's agent may say what it likes: refusals are answers, and redirects stay where they are.
#[test]
fn an_agent_of_the_callers_own() {
    let config = || ureq::Agent::config_builder().proxy(None).max_redirects(5).user_agent("mine");
    let server = Recorder::replying(reply("302 Found", "location: http://127.0.0.1:1/\r\n", ""));
    let op = GetSpaceUsageOverview::new();
    let to = || api(&server.endpoint());
    for drive in [
        koodrive_ureq::Client::with_agent(to(), config().http_status_as_error(true).build().new_agent()),
        koodrive_ureq::Client::with_config(to(), config().http_status_as_error(true).build()),
    ] {
        assert_eq!(drive.call(&op).unwrap_err().status().unwrap().as_u16(), 302);
        assert!(server.requests()[0].contains("user-agent: koodrive-rust/"));
    }
    // What such an agent refuses was not sent; what it doesn't tell about may have been.
    let https_only = koodrive_ureq::Client::with_agent(to(), config().https_only(true).build().new_agent());
    let error = https_only.call(&op).unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closes = api(&format!("https://{}", listener.local_addr().unwrap())).retry(RetryPolicy::none());
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let error = koodrive_ureq::Client::with_agent(closes, config().build().new_agent()).call(&op).unwrap_err();
    assert_eq!(error.was_sent(), Sent::Maybe);
}

/// A flow of the caller's own may wait, and may ask for what `run` can't give.
struct Odd(u8);

impl Flow for Odd {
    type Output = Vec<String>;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Self::Output, Error>> {
        self.0 += 1;
        match (self.0, event) {
            (1, Event::Start) => Step::Wait(Duration::from_millis(1)),
            (2, Event::Elapsed) => {
                let op = GetSpaceUsageOverview::new();
                let request = api.request(&op, now.utc).unwrap();
                let mut outgoing =
                    Outgoing::new(request, GetSpaceUsageOverview::META, 1, Duration::from_secs(30), 1_000);
                *outgoing.request.body_mut() = Body::Source { offset: 0, len: 1 };
                Step::Send(outgoing)
            }
            (3, Event::Failed(failure)) => Step::Done(Ok(vec![failure.source.to_string()])),
            (_, event) => Step::Done(Err(Error::misuse(format!("{event:?}")))),
        }
    }
}

#[test]
fn flows_of_the_callers_own() {
    let server = Server::start(simulator()).unwrap();
    let expected = vec!["this call brought no source or sink for a big body".to_owned()];
    assert_eq!(Blocking::new(api(&server.endpoint())).run(Odd(0)).unwrap(), expected);
    assert_eq!(Async::new(api(&server.endpoint())).run(Odd(0)).unwrap(), expected);
    assert!(server.ledger().is_empty());
}
