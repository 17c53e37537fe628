//! A service and a clock of the caller's own: no tokio runtime is needed.

use std::future::{Future, Pending, pending};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use http_body_util::Empty;
use hyper::rt::{Sleep, Timer};
use koodrive_hyper::{Client, RequestBody};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{Api, Credentials, ErrorKind, Sent, http};
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
