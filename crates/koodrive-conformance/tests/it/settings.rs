//! Clients with settings, connectors and services of the caller's own: what they do is called by its name.

use std::future::{Ready, ready};
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::Full;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use koodrive_conformance::{Async, Blocking, Transport};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpace, GetSpaceUsageOverview, SpaceType};
use koodrive_proto::{Api, Call, Error, ErrorKind, RetryPolicy, Sent, http};
use ureq::config::Config;
use ureq::middleware::MiddlewareNext;
use ureq::{Body, SendBody};

use crate::common::{Keeper, Recorder, api, authority, chain, reply, ureq_trusting};

type Handled = Result<http::Response<Body>, ureq::Error>;

fn config() -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    koodrive_ureq::Client::config()
}

fn over(config: Config, endpoint: &str) -> Blocking {
    Blocking(koodrive_ureq::Client::with_config(api(endpoint), config))
}

/// A call that runs only once.
fn once() -> DeleteSpace {
    DeleteSpace::new("1", SpaceType::Individual)
}

fn nobody() -> String {
    format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

/// A call within a call, on the same thread, says nothing of the outer one.
#[test]
fn middleware_that_calls() {
    // Reads the request, and closes.
    let server = Keeper::start(None, |_, _| false);
    let other = koodrive_ureq::Client::new(api(&nobody()).retry(RetryPolicy::none()));
    let calls = move |request: http::Request<SendBody<'_>>, next: MiddlewareNext<'_>| -> Handled {
        let result = next.handle(request);
        assert_eq!(other.call(&GetSpaceUsageOverview::new()).unwrap_err().was_sent(), Sent::No);
        result
    };
    let error = over(config().middleware(calls).build(), server.endpoint()).run(Call::new(&once())).unwrap_err();
    assert_eq!((error.was_sent(), error.attempts(), server.requests()), (Sent::Maybe, 1, 1), "{error}");

    // The other way round: what the inner call wrote, the outer one did not.
    let inner = Recorder::replying(reply("200 OK", "", r#"{"code": 0, "data": {}}"#));
    let other = koodrive_ureq::Client::new(api(&inner.endpoint()));
    let calls = move |request: http::Request<SendBody<'_>>, next: MiddlewareNext<'_>| -> Handled {
        other.call(&GetSpaceUsageOverview::new()).unwrap();
        next.handle(request)
    };
    let policy = RetryPolicy::default().first_pause(Duration::from_millis(1));
    let drive = over(config().middleware(calls).build(), &nobody());
    let error = drive.run(Call::new(&once()).retry(policy)).unwrap_err();
    assert_eq!((error.was_sent(), error.attempts(), inner.requests().len()), (Sent::No, 4, 4), "{error}");
}

/// Nobody knows what a middleware did that sends the request elsewhere.
#[test]
fn middleware_that_goes_elsewhere() {
    let elsewhere = |_: http::Request<SendBody<'_>>, _: MiddlewareNext<'_>| -> Handled {
        Err(io::Error::other("lost on the way").into())
    };
    let error = over(config().middleware(elsewhere).build(), &nobody()).run(Call::new(&once())).unwrap_err();
    assert_eq!((error.kind(), error.was_sent(), error.attempts()), (ErrorKind::Transport, Sent::Maybe, 1), "{error}");
}

/// An answer is the same whoever reads it first, with a length and in chunks.
#[test]
fn middleware_that_reads() {
    let reads = |request: http::Request<SendBody<'_>>, next: MiddlewareNext<'_>| -> Handled {
        let (parts, mut body) = next.handle(request)?.into_parts();
        let mut bytes = Vec::new();
        body.as_reader().read_to_end(&mut bytes)?;
        Ok(http::Response::from_parts(parts, Body::builder().data(bytes)))
    };
    let body = format!(r#"{{"code": 0, "data": {{}}{}}}"#, " ".repeat(300_000));
    let chunk = |part: &[u8]| format!("{:x}\r\n{}\r\n", part.len(), String::from_utf8_lossy(part));
    let chunks = body.as_bytes().chunks(1000).map(chunk).collect::<Vec<_>>().concat();
    let ca = authority("127.0.0.1");
    for answer in [
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n{chunks}0\r\nx: y\r\n\r\n"),
    ] {
        for tls in [None, Some(ca.server.clone())] {
            let answer = answer.clone();
            let server = Keeper::start(tls, move |_, stream| {
                stream.write_all(answer.as_bytes()).and_then(|()| stream.flush()).is_ok()
            });
            let config = config().tls_config(ureq_trusting(&ca.root)).middleware(reads).build();
            let drive = over(config, server.endpoint());
            for _ in 0..3 {
                drive.run(Call::new(&GetSpaceUsageOverview::new())).unwrap();
            }
            assert_eq!((server.connections(), server.requests()), (1, 3));
        }
    }
}

/// Whoever allows larger heads gets them.
#[test]
fn larger_heads() {
    let head = format!("x: {}\r\n", "a".repeat(100_000));
    let server = Recorder::start(move |stream| {
        let _ = stream.write_all(reply("200 OK", &head, r#"{"code": 0, "data": {}}"#).as_bytes());
    });
    let call = |config: Config| over(config, &server.endpoint()).run(Call::new(&GetSpaceUsageOverview::new()));
    call(config().max_response_header_size(200_000).build()).unwrap();
    assert_eq!(call(config().build()).unwrap_err().attempts(), 1);
}

/// A request that the settings leave no room for is not the server's fault.
#[test]
fn small_buffers() {
    let server = Keeper::start(None, |_, _| false);
    let error = over(config().output_buffer_size(64).build(), server.endpoint()).run(Call::new(&once())).unwrap_err();
    assert_eq!((error.was_sent(), error.attempts(), error.is_timeout()), (Sent::No, 1, false), "{error}");
    assert!(error.to_string().contains("output too small"), "{error}");
}

fn line(result: Result<(), Error>, sent: Sent) -> String {
    let error = result.unwrap_err();
    assert_eq!((error.was_sent(), error.is_timeout()), (sent, true), "{error}");
    chain(&error);
    error.to_string()
}

/// Timeouts of the caller's own are not taken for the call's.
#[test]
fn own_timeouts() {
    let soon = Some(Duration::from_millis(50));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = |scheme: &str| format!("{scheme}://{}", silent.local_addr().unwrap());
    let op = GetSpaceUsageOverview::new();
    let call = || Call::new(&op).retry(RetryPolicy::none());

    let drive = over(config().timeout_connect(soon).build(), &endpoint("https"));
    let text = line(drive.run(call()).map(drop), Sent::No);
    assert!(text.contains("in time: a timeout of the agent's own settings is over: connect"), "{text}");
    for (config, which) in [
        (config().timeout_recv_response(soon), "receive response"),
        (config().timeout_per_read(soon), "per read"),
        (config().timeout_per_call(soon), "per call"),
    ] {
        let text = line(over(config.build(), &endpoint("http")).run(call()).map(drop), Sent::Maybe);
        assert!(text.contains(&format!("in time: a timeout of the agent's own settings is over: {which}")), "{text}");
    }

    let drive = |api: Api| Async::over(koodrive_hyper::Client::with_connector(api, Late));
    let text = line(drive(api("http://127.0.0.1:1")).run(call()).map(drop), Sent::No);
    assert!(text.contains("in time: the connector's own timeout is over"), "{text}");
}

/// A connector that gave up, as hyper-util's does.
#[derive(Clone)]
struct Late;

impl tower_service::Service<http::Uri> for Late {
    type Response = TokioIo<tokio::net::TcpStream>;
    type Error = io::Error;
    type Future = Ready<Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Uri) -> Self::Future {
        ready(Err(io::Error::new(io::ErrorKind::TimedOut, "deadline has elapsed")))
    }
}

/// A connector without TLS for an endpoint with TLS, and the reverse.
#[test]
fn connectors_that_do_not_fit() {
    let https_only = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(crate::common::trusting(&authority("127.0.0.1").root))
        .https_only()
        .enable_http1()
        .build();
    for drive in [
        koodrive_hyper::Client::with_connector(api("https://127.0.0.1:9"), HttpConnector::new()),
        koodrive_hyper::Client::with_connector(api("http://127.0.0.1:9"), https_only),
    ] {
        let error = Async::over(drive).run(Call::new(&GetSpaceUsageOverview::new())).unwrap_err();
        assert_eq!((error.was_sent(), error.attempts()), (Sent::No, 1), "{error}");
        let words = "the connector makes no connections of the endpoint's kind (1 attempt)";
        assert!(error.to_string().ends_with(words), "{error}");
        chain(&error);
    }
}

/// Settings that forbid the endpoint: nothing is sent, and the address, whose query may be a secret, is not quoted.
#[test]
fn settings_that_forbid_the_endpoint() {
    let config = || config().https_only(true).build();
    let to = || api("http://127.0.0.1:9");
    for client in [
        koodrive_ureq::Client::with_config(to(), config()),
        koodrive_ureq::Client::with_agent(to(), config().new_agent()),
    ] {
        let op = GetSpace::new("1", SpaceType::Individual).container_id("s3cr3t");
        let error = client.run(&mut Call::new(&op)).unwrap_err();
        assert_eq!((error.was_sent(), error.attempts()), (Sent::No, 1), "{error}");
        assert!(error.to_string().ends_with("the agent's settings allow https:// only (1 attempt)"), "{error}");
        assert!(!format!("{error:?} {error:#?}").contains("s3cr3t"), "{error:?}");
        chain(&error);
    }
}

/// A service that isn't ready: never, or with an error.
#[derive(Clone)]
struct Unready(bool);

impl tower_service::Service<http::Request<koodrive_hyper::RequestBody>> for Unready {
    type Response = http::Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = Ready<Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.0 { Poll::Ready(Err(io::Error::other("the queue is full"))) } else { Poll::Pending }
    }

    fn call(&mut self, _: http::Request<koodrive_hyper::RequestBody>) -> Self::Future {
        unreachable!("it isn't ready")
    }
}

/// What was never handed over was never sent.
#[test]
fn services_that_are_not_ready() {
    for fails in [true, false] {
        let drive = Async::over(koodrive_hyper::Client::with_service(api("http://h"), Unready(fails)));
        let policy = RetryPolicy::default().first_pause(Duration::from_millis(1));
        let op = once();
        let error = drive.run(Call::new(&op).attempt_timeout(Duration::from_millis(50)).retry(policy)).unwrap_err();
        assert_eq!((error.was_sent(), error.attempts(), error.is_timeout()), (Sent::No, 4, !fails), "{error}");
    }
}
