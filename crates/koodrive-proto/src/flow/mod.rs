//! Calls as state machines: everything that happens between a question and its answer, without I/O.
//!
//! A transport drives a [`Flow`] with one loop: resume it with an [`Event`], do what the [`Step`] says, resume it with what
//! came of that. [`Call`] is the flow of one operation.
//!
//! ```
//! use koodrive_proto::bytes::Bytes;
//! use koodrive_proto::chrono::Utc;
//! use koodrive_proto::flow::{Body, Cause, Event, Failure, Flow, Now, Outgoing, Reached, Step};
//! use koodrive_proto::{Api, Error, http};
//! use std::time::Instant;
//!
//! fn run<F: Flow + ?Sized>(api: &Api, started: Instant, flow: &mut F) -> Result<F::Output, Error> {
//!     let mut event = Event::Start;
//!     loop {
//!         let now = Now { utc: Utc::now(), elapsed: started.elapsed() };
//!         event = match flow.resume(api, now, event) {
//!             Step::Done(result) => return result,
//!             Step::Wait(time) => { std::thread::sleep(time); Event::Elapsed }
//!             Step::Send(out) => exchange(out).map_or_else(Event::Failed, Event::Response),
//!         };
//!     }
//! }
//!
//! /// Sends the request within `out.timeout` and reads the answer, or says what went wrong.
//! fn exchange(out: Outgoing) -> Result<http::Response<Bytes>, Failure> {
//! #   let Body::Bytes(_) = out.request.body() else { panic!() };
//! #   Err(Failure::new(Reached::No, Cause::Network, "this example has no network"))
//!     // ... your HTTP client
//! }
//! ```
//!
//! A transport follows no redirects, repeats nothing on its own, adds no header, limits the size of an answer, and says
//! honestly in [`Failure::reached`] whether the server can have seen the request.

mod attempts;
mod call;
mod observer;
mod options;
mod pages;
mod renewal;
mod until;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::api::Api;
use crate::error::Error;
use crate::operation::Meta;

pub use crate::error::{Cause, Failure, Reached};
pub use call::Call;
pub use observer::{Attempt, Observer, Outcome, Reason};
pub(crate) use options::options;
pub use pages::{Paged, Pages, turn_cursor, turn_number, turn_offset};
pub use until::Until;

/// Something that takes requests to finish.
///
/// One entry point, owned values in and out. A wrong event gives an error of kind
/// [`Misuse`](crate::ErrorKind::Misuse), never a panic.
pub trait Flow {
    /// What comes out in the end.
    type Output;

    /// Goes on after an event, up to the next thing that takes time.
    ///
    /// [`Event::Start`] while a request is outstanding means that the driver was cancelled and came back.
    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Self::Output, Error>>;
}

impl<F: Flow + ?Sized> Flow for &mut F {
    type Output = F::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Self::Output, Error>> {
        (**self).resume(api, now, event)
    }
}

impl<F: Flow + ?Sized> Flow for Box<F> {
    type Output = F::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Self::Output, Error>> {
        (**self).resume(api, now, event)
    }
}

/// The time, which the driver reads at every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, for dates.
    pub utc: DateTime<Utc>,
    /// The time since some fixed moment, by a clock that never jumps, for timeouts.
    pub elapsed: Duration,
}

/// What happened since the last step.
#[derive(Debug)]
pub enum Event {
    /// The driver begins, or comes back after it was cancelled.
    Start,
    /// The time of a [`Step::Wait`] is over.
    Elapsed,
    /// The answer to a [`Step::Send`].
    Response(http::Response<Bytes>),
    /// There is no answer to a [`Step::Send`].
    Failed(Failure),
}

/// What to do next.
#[derive(Debug)]
#[must_use]
#[expect(clippy::large_enum_variant, reason = "moved once per request, which a box wouldn't make cheaper")]
pub enum Step<T> {
    /// Send this request.
    Send(Outgoing),
    /// Wait that long.
    Wait(Duration),
    /// Finished.
    Done(T),
}

impl<T> Step<T> {
    /// The same step with another result.
    pub fn map<U>(self, then: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Send(outgoing) => Step::Send(outgoing),
            Self::Wait(time) => Step::Wait(time),
            Self::Done(result) => Step::Done(then(result)),
        }
    }
}

/// The `?` of flows: what takes time goes to the driver, the result of an inner flow comes out.
macro_rules! step {
    ($step:expr) => {
        match $step {
            $crate::flow::Step::Send(outgoing) => return $crate::flow::Step::Send(outgoing),
            $crate::flow::Step::Wait(time) => return $crate::flow::Step::Wait(time),
            $crate::flow::Step::Done(result) => result,
        }
    };
}

pub(crate) use step;

/// A request on its way to a transport.
#[non_exhaustive]
pub struct Outgoing {
    /// The request, complete: send it unchanged.
    pub request: http::Request<Body>,
    /// The operation, for logs and limits.
    pub operation: &'static Meta,
    /// 1 for the first try.
    pub attempt: u32,
    /// How long everything may take, from connecting to the last byte of the answer.
    pub timeout: Option<Duration>,
    /// Where the answer goes.
    pub deliver: Deliver,
}

impl Outgoing {
    /// A request with its body in memory, whose answer is delivered in memory.
    pub fn new(
        request: http::Request<Bytes>,
        operation: &'static Meta,
        attempt: u32,
        timeout: Option<Duration>,
    ) -> Self {
        Self { request: request.map(Body::Bytes), operation, attempt, timeout, deliver: Deliver::Memory }
    }
}

impl fmt::Debug for Outgoing {
    /// Without query and headers' values: they can hold tokens, and a link may be presigned.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("operation", &self.operation.name)
            .field("method", self.request.method())
            .field("host", &self.request.uri().host())
            .field("path", &self.request.uri().path())
            .field("headers", &self.request.headers().keys().collect::<Vec<_>>())
            .field("body", self.request.body())
            .field("attempt", &self.attempt)
            .field("timeout", &self.timeout)
            .field("deliver", &self.deliver)
            .finish()
    }
}

/// The body of a request. A big one is named, not carried.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// These bytes.
    Bytes(Bytes),
    /// Bytes of the source that the driver was given.
    Source {
        /// Where they begin.
        offset: u64,
        /// How many.
        len: u64,
    },
}

impl fmt::Debug for Body {
    /// Says how long it is: bodies can hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Source { offset, len } => write!(f, "Source({len} bytes from {offset} on)"),
        }
    }
}

/// Where the answer goes. A big one is placed, not carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deliver {
    /// Into memory.
    Memory,
    /// The body of a 2xx answer goes into the sink that the driver was given, and [`Event::Response`] has an empty one;
    /// every other answer goes into memory.
    Sink {
        /// Where it begins in the sink.
        offset: u64,
        /// How many bytes it may have.
        limit: u64,
    },
}
