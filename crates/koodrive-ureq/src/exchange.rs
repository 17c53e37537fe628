//! One request and its answer.

use std::collections::HashMap;
use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Deliver, Failure, Outgoing, Place, Reached};
use koodrive_proto::http::uri::Authority;
use koodrive_proto::http::{self, HeaderValue, StatusCode, header};
use ureq::SendBody;

use crate::Client;
use crate::body::{self, Broken, SourceBody};
use crate::ends::Context;
use crate::failure::{self, Times};
use crate::written;

/// The body of a larger part is sent only once the server wants it.
const UNASKED: u64 = 64 * 1024;

/// Whether a server is asked if it wants a body before that is sent, by `Expect: 100-continue`. If it refuses the
/// request, no body is sent for nothing, and the refusal isn't lost: ureq reads no answer while it sends.
///
/// A server that doesn't know of this says nothing, and ureq waits for [`timeout_await_100`], a second unless set. So
/// that this isn't lost with each part, the next [`PAUSE`](Self::PAUSE) bodies are then sent to that server unasked. So
/// they are if it answers 417, that it doesn't do this; then the same body is sent at once.
///
/// [`timeout_await_100`]: ureq::config::ConfigBuilder::timeout_await_100
#[derive(Debug, Default)]
pub(crate) struct Asking(Mutex<HashMap<Authority, u32>>);

impl Asking {
    const PAUSE: u32 = 64;

    fn unasked(&self) -> MutexGuard<'_, HashMap<Authority, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asks(&self, server: &Authority) -> bool {
        let mut unasked = self.unasked();
        let left = unasked.get(server).and_then(|left| left.checked_sub(1));
        match left {
            Some(left) => drop(unasked.insert(server.clone(), left)),
            None => drop(unasked.remove(server)),
        }
        left.is_none()
    }

    fn was_ignored(&self, server: Authority) {
        self.unasked().insert(server, Self::PAUSE);
    }
}

impl Client {
    #[cfg(feature = "tracing")]
    pub(crate) fn exchange(&self, outgoing: Outgoing, context: &Context<'_>) -> Result<http::Response<Bytes>, Failure> {
        let span = koodrive_proto::transport::trace::span(&outgoing);
        let result = span.in_scope(|| self.attempt(outgoing, context));
        koodrive_proto::transport::trace::record(&span, &result);
        result
    }

    #[cfg(not(feature = "tracing"))]
    pub(crate) fn exchange(&self, outgoing: Outgoing, context: &Context<'_>) -> Result<http::Response<Bytes>, Failure> {
        self.attempt(outgoing, context)
    }

    fn attempt(&self, outgoing: Outgoing, context: &Context<'_>) -> Result<http::Response<Bytes>, Failure> {
        let own = self.agent.config();
        let times = Times {
            timeout: outgoing.timeout,
            idle: outgoing.idle,
            limit: outgoing.limit,
            own_connect: own.timeouts().connect,
            own_read: own.timeout_per_read(),
            own_write: own.timeout_per_write(),
        };
        let source = context.ends.source;
        let wants_source = matches!(outgoing.request.body(), Body::Source { .. });
        let wants_sink = matches!(outgoing.deliver, Deliver::Sink(_));
        if wants_source && source.is_none() || wants_sink && context.ends.sink.is_none() {
            let what = "this call brought no source or sink for a big body";
            return Err(Failure::new(Reached::No, Cause::Local, what));
        }
        let (parts, body) = outgoing.request.into_parts();
        let server = parts.uri.authority().cloned();
        let (answer, noted) = written::noting(|| {
            let response = match (body, source) {
                (Body::Source { offset, len }, Some(source)) if len > 0 => {
                    self.send_source(parts, || SourceBody::new(source, context, offset, len), times)?
                }
                (Body::Bytes(bytes), _) if !bytes.is_empty() => {
                    self.send(http::Request::from_parts(parts, &*bytes), times)?
                }
                // A request without a body must have a type without one; otherwise ureq announces an empty body.
                _ => self.send(http::Request::from_parts(parts, ()), times)?,
            };
            receive(response, times, &outgoing.deliver, context)
        });
        if let Some(server) = server.filter(|_| noted.unheard) {
            self.asking.was_ignored(server);
        }
        answer.map_err(|broken| match broken {
            Broken::Here(failure) => failure,
            Broken::Http(error, delivered) => {
                let mut failure = failure::classify(error, self.tells && noted.unwritten, times);
                failure.delivered = delivered;
                failure
            }
        })
    }

    /// Sends a request whose body is read from a source, which begins anew if the server doesn't take the question
    /// whether it wants the body.
    fn send_source<'s>(
        &self,
        mut parts: http::request::Parts,
        body: impl Fn() -> SourceBody<'s>,
        mut times: Times,
    ) -> Result<http::Response<ureq::Body>, Broken> {
        let begun = Instant::now();
        let asks = |server: &&Authority| self.tells && body().left() > UNASKED && self.asking.asks(server);
        let asked = parts.uri.authority().filter(asks).cloned();
        if asked.is_some() {
            parts.headers.insert(header::EXPECT, HeaderValue::from_static("100-continue"));
        }
        let answer = self.send_body(http::Request::from_parts(parts.clone(), body()), times)?;
        let refused = answer.status() == StatusCode::EXPECTATION_FAILED;
        let Some(server) = asked.filter(|_| refused) else { return Ok(answer) };
        self.asking.was_ignored(server);
        parts.headers.remove(header::EXPECT);
        times.timeout = times.timeout.saturating_sub(begun.elapsed());
        self.send_body(http::Request::from_parts(parts, body()), times)
    }

    fn send_body(
        &self,
        request: http::Request<SourceBody<'_>>,
        times: Times,
    ) -> Result<http::Response<ureq::Body>, Broken> {
        let (parts, mut body) = request.into_parts();
        body.begin();
        let sent = self.send(http::Request::from_parts(parts, SendBody::from_reader(&mut body)), times);
        let answer = sent.map_err(|error| body.broken.take().unwrap_or_else(|| error.into()))?;
        // Nothing was stored of what wasn't sent, whatever the server says.
        if answer.status().is_success() && body.left() > 0 { Err(Broken::early()) } else { Ok(answer) }
    }

    /// Sends a request, and returns the head of the answer with the rest still to be read.
    fn send<B: ureq::AsSendBody>(
        &self,
        request: http::Request<B>,
        times: Times,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        // ureq adds the timeout to the current time, which can overflow.
        const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        let elsewhere = !request.headers().contains_key(header::USER_AGENT);
        let mut config = self
            .agent
            .configure_request(request)
            .timeout_global(Some(times.timeout.min(LONGEST)))
            .http_status_as_error(false)
            .max_redirects(0)
            // Prevents ureq from adding headers that the flow didn't set.
            .accept("")
            .accept_encoding("");
        if times.idle < times.timeout {
            let at_most = |own: Option<Duration>| Some(own.map_or(times.idle, |own| own.min(times.idle)));
            config = config.timeout_per_read(at_most(times.own_read)).timeout_per_write(at_most(times.own_write));
        }
        if elsewhere {
            // If the agent has another one, the request gets a connection of its own: ureq's pool is for requests that
            // agree with the agent in this. So nothing is set where the flow has set it.
            config = config.user_agent("");
        }
        self.agent.run(config.build())
    }
}

/// Reads the body of an answer, into memory or into the sink.
fn receive(
    response: http::Response<ureq::Body>,
    times: Times,
    deliver: &Deliver,
    context: &Context<'_>,
) -> Result<http::Response<Bytes>, Broken> {
    let (parts, mut body) = response.into_parts();
    if parts.version == http::Version::HTTP_10 && parts.headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(ureq::Error::Other(Box::new(failure::Chunked10)).into());
    }
    // Lengths that other clients refuse.
    if body.content_length().is_some_and(|length| length > u64::MAX - 2) {
        return Err(ureq::Error::BodyExceedsLimit(times.limit).into());
    }
    let mut bytes = Vec::new();
    match (deliver.place(&parts), context.ends.sink) {
        (Place::Sink(placed), Some(sink)) => {
            body::write(placed, body.with_config().limit(u64::MAX).reader(), sink, context)?;
        }
        // What isn't read to its end closes its connection.
        (Place::Sink(_) | Place::Nowhere, _) => {}
        (Place::Memory, _) => {
            // ureq refuses a body that reaches its limit, not only one that exceeds it.
            let most = times.limit.saturating_add(1);
            // ureq's limit is for what comes, which it may decompress.
            let read = body.with_config().limit(most).reader().take(most).read_to_end(&mut bytes);
            read.map_err(ureq::Error::from)?;
            if bytes.len() as u64 > times.limit {
                return Err(ureq::Error::BodyExceedsLimit(times.limit).into());
            }
        }
    }
    Ok(http::Response::from_parts(parts, bytes.into()))
}
