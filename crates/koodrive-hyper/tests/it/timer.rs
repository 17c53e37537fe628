//! A service and a clock of the caller's own: no tokio runtime is needed.

use std::future::{Future, Pending, pending};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty};
use hyper::rt::{Sleep, Timer};
use koodrive_hyper::{Client, Ends, RequestBody};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Body, Cause, Outgoing};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::schema::Target;
use koodrive_proto::{Api, Credentials, ErrorKind, Sent, http};
use koodrive_sim::OneRequest;
use tower_service::Service;

/// Never answers.
#[derive(Clone)]
struct Silent;

impl Service<http::Request<RequestBody>> for Silent {
    type Response = http::Response<Empty<Bytes>>;
    type Error = std::io::Error;
    type Future = Pending<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<RequestBody>) -> Self::Future {
        pending()
    }
}

/// A clock on which time passes by sleeping, and takes no time.
#[derive(Clone)]
struct Virtual {
    begin: Instant,
    passed: Arc<Mutex<Duration>>,
    sleeps: Arc<AtomicU32>,
}

struct Sleeping(Duration, Arc<Mutex<Duration>>);

impl Future for Sleeping {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        *self.1.lock().unwrap() += self.0;
        Poll::Ready(())
    }
}

impl Sleep for Sleeping {}

impl Timer for Virtual {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleeps.fetch_add(1, Ordering::Relaxed);
        Box::pin(Sleeping(time, Arc::clone(&self.passed)))
    }

    fn sleep_until(&self, end: Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(end.saturating_duration_since(self.now()))
    }

    fn now(&self) -> Instant {
        self.begin + *self.passed.lock().unwrap()
    }
}

/// Timeouts, pauses and deadlines all keep the one clock, so that four attempts are four timeouts and three pauses.
#[test]
fn a_clock_of_the_callers_own() {
    let api = Api::new("https://h", Credentials::app("app", "secret", "1")).unwrap();
    let clock = Virtual { begin: Instant::now(), passed: Arc::default(), sleeps: Arc::default() };
    let drive = Client::with_service(api, Silent).timer(clock.clone());
    let op = GetSpaceUsageOverview::new();
    let mut call = pin!(drive.call(&op));
    let Poll::Ready(Err(error)) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("the time is over at once");
    };
    assert!(error.is_timeout(), "{error}");
    // Nobody knows what a foreign service did with it.
    assert_eq!((error.kind(), error.was_sent(), error.attempts()), (ErrorKind::Transport, Sent::Maybe, 4));
    assert_eq!(clock.sleeps.load(Ordering::Relaxed), 7);
    assert!(*clock.passed.lock().unwrap() > Duration::from_secs(120));
}

/// Reads the body, and answers.
#[derive(Clone)]
struct Reading;

impl Service<http::Request<RequestBody>> for Reading {
    type Response = http::Response<Empty<Bytes>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<RequestBody>) -> Self::Future {
        Box::pin(async { request.into_body().collect().await.map(|_| http::Response::default()) })
    }
}

/// Sources are read on tokio's threads. Where there are none, it is an error and no panic.
#[test]
fn a_source_without_a_runtime() {
    let api = Api::new("https://h", Credentials::app("app", "secret", "1")).unwrap();
    let clock = Virtual { begin: Instant::now(), passed: Arc::default(), sleeps: Arc::default() };
    let drive = Client::with_service(api, Reading).timer(clock);
    let mut outgoing = Outgoing::new(
        http::Request::new(Bytes::new()),
        Target::Elsewhere("object store"),
        1,
        Duration::from_secs(60),
        1024,
    );
    outgoing.request = http::Request::put("https://h/o").body(Body::Source { offset: 0, len: 5 }).unwrap();
    let mut flow = OneRequest::new(outgoing);
    let mut run = Box::pin(drive.run_with(&mut flow, Ends::source("12345".as_bytes().to_vec())));
    let Poll::Ready(result) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing is to be waited for");
    };
    drop(run);
    let failure = flow.answer(result).unwrap_err();
    assert_eq!(failure.cause, Cause::Local);
    assert!(failure.source.to_string().contains("need a tokio runtime"), "{}", failure.source);
}
