use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, Full, Limited};
use hyper::ext::ReasonPhrase;
use hyper_util::client::legacy::connect::capture_connection;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Failure, Outgoing, Reached, Trouble};
use koodrive_proto::http;
use tower_service::Service;

use crate::watch::{self, HEAD_LIMIT, Watch};
use crate::{Client, failure};

/// The body of a request, as a [`Service`] gets it.
#[derive(Debug, Default)]
pub struct RequestBody {
    body: Full<Bytes>,
    watch: Option<Arc<Watch>>,
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(watch) = &self.watch {
            watch.moved();
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

type Answered<'a> = Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, Failure>> + Send + 'a>>;

/// A [`Service`] with its types erased.
pub(crate) trait Exchange: Send + Sync {
    fn exchange<'a>(&'a self, request: http::Request<RequestBody>, limit: u64, watch: &'a Watch) -> Answered<'a>;
}

pub(crate) struct Over<S>(pub(crate) S);

impl<S, B> Exchange for Over<S>
where
    S: Service<http::Request<RequestBody>, Response = http::Response<B>> + Clone + Send + Sync,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: HttpBody + Send,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    fn exchange<'a>(&'a self, request: http::Request<RequestBody>, limit: u64, watch: &'a Watch) -> Answered<'a> {
        let length = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut service = self.0.clone();
        Box::pin(async move {
            let failure = |error: BoxError, head| failure::classify(error, limit, head, watch);
            if let Err(error) = poll_fn(|cx| service.poll_ready(cx)).await {
                let mut failure = failure(error.into(), false);
                failure.reached = Reached::No;
                return Err(failure);
            }
            watch.call();
            let answer = service.call(request).await.map_err(|error| failure(error.into(), false))?;
            watch.got();
            if head_length(&answer) > HEAD_LIMIT {
                return Err(Trouble::LargeHead.into());
            }
            let (parts, body) = answer.into_parts();
            let body = body.map_frame(|frame| {
                watch.got();
                frame
            });
            let body = Limited::new(body, length).collect().await.map_err(|error| failure(error, true))?;
            Ok(http::Response::from_parts(parts, body.to_bytes()))
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
    pub(crate) async fn exchange(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Failure> {
        let span = koodrive_proto::transport::trace::span(&outgoing);
        let result = tracing::Instrument::instrument(self.attempt(outgoing), span.clone()).await;
        koodrive_proto::transport::trace::record(&span, &result);
        result
    }

    #[cfg(not(feature = "tracing"))]
    pub(crate) async fn exchange(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Failure> {
        self.attempt(outgoing).await
    }

    async fn attempt(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Failure> {
        let (timeout, idle, limit) = (outgoing.timeout, outgoing.idle, outgoing.limit);
        let (parts, body) = outgoing.into_memory()?.into_parts();
        let watch = Arc::new(Watch::new(Arc::clone(&self.timer)));
        let body = RequestBody { body: Full::new(body), watch: Some(Arc::clone(&watch)) };
        let mut request = http::Request::from_parts(parts, body);
        let connection = self.tells.then(|| capture_connection(&mut request));
        let mut connected = false;
        let mut answer = self.exchange.exchange(request, limit, &watch);
        let mut over = pin!(self.timer.sleep(timeout));
        let mut still = (idle < timeout).then(|| self.timer.sleep(idle));
        let result = poll_fn(|cx| {
            let answer = answer.as_mut().poll(cx);
            if !connected && connection.as_ref().is_some_and(|taken| watch::seated(taken, &watch)) {
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
        .await;
        if result.as_ref().is_ok_and(|answer| answer.body().is_empty()) {
            // The pool gets the connection back before the end of a body is seen, but after an answer without one.
            yield_once().await;
        }
        result
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
