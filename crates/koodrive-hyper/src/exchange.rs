use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::connect::capture_connection;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Cause, Failure, Outgoing, Reached};
use koodrive_proto::http;
use tower_service::Service;

use crate::{Client, failure};

/// The body of a request, as a [`Service`] gets it.
#[derive(Debug, Default)]
pub struct RequestBody(Full<Bytes>);

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

type Answered<'a> = Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, BoxError>> + Send + 'a>>;

/// A [`Service`] with its types erased.
pub(crate) trait Exchange: Send + Sync {
    fn exchange(&self, request: http::Request<RequestBody>, limit: u64) -> Answered<'_>;
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
    fn exchange(&self, request: http::Request<RequestBody>, limit: u64) -> Answered<'_> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut service = self.0.clone();
        Box::pin(async move {
            poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
            let (parts, body) = service.call(request).await.map_err(Into::into)?.into_parts();
            let bytes = Limited::new(body, limit).collect().await?.to_bytes();
            Ok(http::Response::from_parts(parts, bytes))
        })
    }
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
        let (timeout, limit) = (outgoing.timeout, outgoing.limit);
        let (parts, body) = outgoing.into_memory()?.into_parts();
        let mut request = http::Request::from_parts(parts, RequestBody(Full::new(body)));
        let connection = self.tells.then(|| capture_connection(&mut request));
        let mut answer = self.exchange.exchange(request, limit);
        let mut over = pin!(self.timer.sleep(timeout));
        poll_fn(|cx| match answer.as_mut().poll(cx) {
            Poll::Ready(result) => Poll::Ready(result.map_err(|error| failure::classify(error, limit))),
            Poll::Pending => over.as_mut().poll(cx).map(|()| {
                let unconnected = connection.as_ref().is_some_and(|taken| taken.connection_metadata().is_none());
                let reached = if unconnected { Reached::No } else { Reached::Maybe };
                Err(Failure::new(reached, Cause::Timeout, format!("nothing within {} ms", timeout.as_millis())))
            }),
        })
        .await
    }
}
