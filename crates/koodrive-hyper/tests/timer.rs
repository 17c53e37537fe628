//! A service and a clock of the caller's own: no tokio runtime is needed.

use std::future::{Future, Pending, pending};
use std::pin::{Pin, pin};
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

/// A clock on which every pause is over at once.
struct Soon;

struct Over;

impl Future for Over {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

impl Sleep for Over {}

impl Timer for Soon {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(Over)
    }

    fn sleep_until(&self, _: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Over)
    }
}

#[test]
fn a_clock_of_the_callers_own() {
    let api = Api::new("https://h", Credentials::app("app", "secret", "1")).unwrap();
    let drive = Client::with_service(api, Silent).timer(Soon);
    let op = GetSpaceUsageOverview::new();
    let mut call = pin!(drive.call(&op));
    let Poll::Ready(Err(error)) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("the time is over at once");
    };
    assert!(error.is_timeout(), "{error}");
    // Nobody knows what a foreign service did with it.
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::Maybe));
}
