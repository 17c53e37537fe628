//! How often a sink is written to: not for each frame, and not again after a timeout.

use std::future::{Future, Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body::{Body as HttpBody, Frame};
use hyper::rt::{Sleep, Timer};
use hyper_util::rt::TokioTimer;
use koodrive_hyper::files::{CHUNK, Sink};
use koodrive_hyper::{Client, Ends, RequestBody};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Deliver, Expected, Failure, Outgoing};
use koodrive_proto::schema::Target;
use koodrive_proto::{Api, Credentials, http};
use koodrive_sim::OneRequest;
use tower_service::Service;

const TOTAL: usize = 1_000_000;
const LIMIT: Duration = Duration::from_secs(30);

/// Answers with frames of these lengths; if that isn't all, the time is over then.
#[derive(Clone)]
struct Frames {
    lengths: Vec<usize>,
    left: usize,
    over: Arc<AtomicBool>,
}

impl HttpBody for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.lengths.pop() {
            Some(length) => {
                self.left -= length;
                Poll::Ready(Some(Ok(Frame::data(vec![7; length].into()))))
            }
            None if self.left == 0 => Poll::Ready(None),
            None => {
                self.over.store(true, Ordering::Relaxed);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

impl Service<http::Request<RequestBody>> for Frames {
    type Response = http::Response<Self>;
    type Error = io::Error;
    type Future = Ready<Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<RequestBody>) -> Self::Future {
        ready(Ok(http::Response::builder().header("content-length", TOTAL).body(self.clone()).unwrap()))
    }
}

/// A clock by which a timeout is over when that is said.
#[derive(Clone)]
struct Over(Arc<AtomicBool>);

impl Future for Over {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Sleep for Over {}

impl Timer for Over {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Sleep>> {
        if time < LIMIT { TokioTimer::new().sleep(time) } else { Box::pin(self.clone()) }
    }

    fn sleep_until(&self, _: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(self.clone())
    }
}

/// Keeps the lengths of what is written.
#[derive(Default)]
struct Writes(Mutex<Vec<usize>>);

impl Sink for Writes {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let mut writes = self.0.lock().unwrap();
        assert_eq!(position, writes.iter().sum::<usize>() as u64);
        writes.push(bytes.len());
        Ok(())
    }
}

/// Returns the writes, and the failure.
async fn receive(mut lengths: Vec<usize>) -> (Vec<usize>, Option<Failure>) {
    lengths.reverse();
    let over = Arc::new(AtomicBool::new(false));
    let api = Api::new("https://h", Credentials::app("app", "secret", "1")).unwrap();
    let frames = Frames { lengths, left: TOTAL, over: Arc::clone(&over) };
    let drive = Client::with_service(api, frames).timer(Over(over));
    let memory = http::Request::new(Bytes::new());
    let mut outgoing = Outgoing::new(memory, Target::Elsewhere("object store"), 1, LIMIT, 1024);
    outgoing.request = http::Request::get("https://h/o").body(Body::Bytes(Bytes::new())).unwrap();
    outgoing.deliver = Deliver::Sink(Expected::new(0, TOTAL as u64));
    let (mut flow, sink) = (OneRequest::new(outgoing), Arc::new(Writes::default()));
    let result = drive.run_with(&mut flow, Ends::sink(Arc::clone(&sink))).await;
    let failure = flow.answer(result).err();
    (sink.0.lock().unwrap().clone(), failure)
}

#[tokio::test]
async fn frames_are_joined() {
    for length in [100, TOTAL] {
        let (writes, failure) = receive(vec![length; TOTAL / length]).await;
        assert!(failure.is_none(), "{failure:?}");
        assert_eq!(writes.iter().sum::<usize>(), TOTAL);
        assert_eq!(writes.len(), TOTAL.div_ceil(CHUNK), "{writes:?}");
    }
}

#[tokio::test]
async fn after_a_timeout_one_write_ends() {
    for (lengths, written) in [(vec![5], 5), (vec![CHUNK, 5], CHUNK), (vec![CHUNK, CHUNK, 5], 2 * CHUNK)] {
        let (writes, failure) = receive(lengths).await;
        let failure = failure.unwrap();
        assert_eq!((failure.cause, failure.delivered), (Cause::Timeout, written as u64));
        assert_eq!(writes.iter().sum::<usize>(), written);
    }
}
