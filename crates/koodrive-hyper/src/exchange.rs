use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt;
use hyper::ext::ReasonPhrase;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use koodrive_proto::bytes::{Buf, Bytes};
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Body, Cause, Deliver, Failure, Outgoing, Place, Reached, Trouble};
use koodrive_proto::http;
use tower_service::Service;

use crate::answer::{self, AnswerBody, Landing};
use crate::body::{Feed, RequestBody};
use crate::ends::{Lane, Output};
use crate::watch::{self, HEAD_LIMIT, Watch};
use crate::{Client, failure};

type Answered<'a> = Pin<Box<dyn Future<Output = Result<http::Response<AnswerBody>, Failure>> + Send + 'a>>;

/// A [`Service`] with its types erased: up to the head of the answer.
pub(crate) trait Exchange: Send + Sync {
    fn exchange<'a>(&'a self, request: http::Request<RequestBody>, limit: u64, watch: &'a Arc<Watch>) -> Answered<'a>;
}

pub(crate) struct Over<S>(pub(crate) S);

impl<S, B> Exchange for Over<S>
where
    S: Service<http::Request<RequestBody>, Response = http::Response<B>> + Clone + Send + Sync,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    fn exchange<'a>(&'a self, request: http::Request<RequestBody>, limit: u64, watch: &'a Arc<Watch>) -> Answered<'a> {
        let mut service = self.0.clone();
        Box::pin(async move {
            let failure = |error: BoxError| failure::classify(error, limit, false, watch);
            if let Err(error) = poll_fn(|cx| service.poll_ready(cx)).await {
                let mut failure = failure(error.into());
                failure.reached = Reached::No;
                return Err(failure);
            }
            watch.call();
            let answer = service.call(request).await.map_err(|error| failure(error.into()))?;
            watch.got();
            let watch = Arc::clone(watch);
            let seen = move |frame: Frame<B::Data>| {
                watch.got();
                frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))
            };
            Ok(answer.map(|body| -> AnswerBody { Box::pin(body.map_frame(seen).map_err(Into::into)) }))
        })
    }
}

/// About as long as the head was on the wire. hyper's own limit isn't sharp: it looks at what it has read so far.
fn head_length<B>(answer: &http::Response<B>) -> usize {
    let status = answer.status();
    let usual = || status.canonical_reason().unwrap_or_default().as_bytes();
    let reason = answer.extensions().get::<ReasonPhrase>().map_or_else(usual, ReasonPhrase::as_bytes);
    let headers = answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    "HTTP/1.1 200 \r\n\r\n".len() + reason.len() + headers.sum::<usize>()
}

impl Client {
    #[cfg(feature = "tracing")]
    pub(crate) async fn exchange(&self, outgoing: Outgoing, lane: &Lane<'_>) -> Result<http::Response<Bytes>, Failure> {
        let span = koodrive_proto::transport::trace::span(&outgoing);
        let result = tracing::Instrument::instrument(self.attempt(outgoing, lane), span.clone()).await;
        koodrive_proto::transport::trace::record(&span, &result);
        result
    }

    #[cfg(not(feature = "tracing"))]
    pub(crate) async fn exchange(&self, outgoing: Outgoing, lane: &Lane<'_>) -> Result<http::Response<Bytes>, Failure> {
        self.attempt(outgoing, lane).await
    }

    async fn attempt(&self, outgoing: Outgoing, lane: &Lane<'_>) -> Result<http::Response<Bytes>, Failure> {
        let Outgoing { request, timeout, idle, limit, deliver, .. } = outgoing;
        let missing = || Failure::new(Reached::No, Cause::Local, "this call brought no source or sink for a big body");
        if matches!((&deliver, &lane.output), (Deliver::Sink(_), Output::Nowhere)) {
            return Err(missing());
        }
        let watch = Arc::new(Watch::new(Arc::clone(&self.timer)));
        let (parts, body) = request.into_parts();
        // The source is let go when this ends, whatever the service does with the body.
        let (body, feed) = match (body, &lane.source) {
            (Body::Bytes(bytes), _) => (RequestBody::memory(bytes, &watch), None),
            (Body::Source { offset, len }, Some(source)) => {
                let feed = Arc::new(Feed::new(source, lane, &watch, offset, len));
                (RequestBody::fed(&feed, &watch), Some(feed))
            }
            (Body::Source { .. }, None) => return Err(missing()),
        };
        let mut landing = Landing::new(lane, &watch);
        let mut request = http::Request::from_parts(parts, body);
        let connection = self.tells.then(|| capture_connection(&mut request));
        let answer = async {
            let answer = self.exchange.exchange(request, limit, &watch).await?;
            if head_length(&answer) > HEAD_LIMIT {
                return Err(Trouble::LargeHead.into());
            }
            let failure = |error| failure::classify(error, limit, true, &watch);
            let (head, body) = answer.into_parts();
            let body = match deliver.place(&head) {
                Place::Memory => answer::collect(body, limit, failure).await?,
                Place::Nowhere => {
                    // hyper would read the rest, if it comes at once.
                    connection.as_ref().inspect(|taken| watch::use_up(taken));
                    Bytes::new()
                }
                Place::Sink(placed) => landing.receive(placed, body, failure).await.map(|()| Bytes::new())?,
            };
            Ok(http::Response::from_parts(head, body))
        };
        let result = self.in_time(answer, (timeout, idle), connection.as_ref(), &watch).await;
        if let Some(feed) = feed {
            if let Some(failure) = feed.failure() {
                return Err(failure);
            }
            if result.as_ref().is_ok_and(|answer| answer.status().is_success()) && !feed.is_taken() {
                // Whatever it says it has, it isn't this.
                let words = "the server answered before it had the body";
                return Err(Failure::new(Reached::Maybe, Cause::Network, words));
            }
        }
        let result = landing.settle(result).await;
        if result.as_ref().is_ok_and(|answer| answer.body().is_empty()) {
            // The pool gets the connection back before the end of a body is seen, but after an answer without one.
            yield_once().await;
        }
        result
    }

    /// Waits for an answer as long as it may take, and as long as something moves.
    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, Failure>>,
        (timeout, idle): (Duration, Duration),
        connection: Option<&CaptureConnection>,
        watch: &Arc<Watch>,
    ) -> Result<T, Failure> {
        let mut connected = false;
        let mut answer = pin!(answer);
        let mut over = pin!(self.timer.sleep(timeout));
        let mut still = (idle < timeout).then(|| self.timer.sleep(idle));
        poll_fn(|cx| {
            let answer = answer.as_mut().poll(cx);
            if !connected && connection.is_some_and(|taken| watch::seated(taken, watch)) {
                connected = true;
                // The idle time is for what comes once there is a connection.
                watch.moved();
            }
            if answer.is_ready() {
                return answer;
            }
            let late = |trouble: Trouble| {
                let mut failure = Failure::from(trouble);
                if (connection.is_some() && !connected) || !watch.is_called() {
                    failure.reached = Reached::No;
                }
                Poll::Ready(Err(failure))
            };
            if over.as_mut().poll(cx).is_ready() {
                return late(Trouble::Timeout(timeout));
            }
            if let Some(still) = &mut still {
                while still.as_mut().poll(cx).is_ready() {
                    let now = self.timer.now();
                    let connecting = connection.is_some() && !connected;
                    let until = if connecting { now } else { watch.last() } + idle;
                    if until <= now {
                        return late(Trouble::Idle(idle));
                    }
                    self.timer.reset(still, until);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Lets other tasks run.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
