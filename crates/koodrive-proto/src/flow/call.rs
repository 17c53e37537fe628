use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderName, HeaderValue};

use crate::api::{Api, Options};
use crate::error::{Cause, Error};
use crate::flow::{Event, Flow, Now, Outgoing, Step};
use crate::operation::{Operation, Safety};
use crate::param::{Language, TraceId};

/// One operation, sent once.
///
/// The one place for the options of a single call. The request is built, dated and signed when it is sent.
///
/// ```
/// use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
/// use koodrive_proto::{Call, Language, TraceId};
/// use std::time::Duration;
///
/// let op = GetSpaceUsageOverview::new();
/// let call = Call::new(&op)
///     .trace_id(TraceId::from_bytes([7; 29]))
///     .language(Language::ZH_CN)
///     .deadline(Duration::from_secs(10));
/// # let _ = call;
/// ```
#[derive(Debug)]
#[must_use]
pub struct Call<'a, O> {
    op: &'a O,
    options: Options,
    attempt_timeout: Duration,
    deadline: Option<Duration>,
    started: Option<Duration>,
    attempts: u32,
    /// The timeout of the attempt is what is left of the deadline.
    last: bool,
    /// An attempt has no answer and may have been seen.
    maybe_seen: bool,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    Sent,
    Done,
}

impl<'a, O: Operation> Call<'a, O> {
    /// How long an attempt may take unless [`attempt_timeout`](Self::attempt_timeout) says otherwise: 30 s.
    pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

    /// A call with the [`Api`]'s settings.
    pub fn new(op: &'a O) -> Self {
        Self {
            op,
            options: Options::default(),
            attempt_timeout: Self::ATTEMPT_TIMEOUT,
            deadline: None,
            started: None,
            attempts: 0,
            last: false,
            maybe_seen: false,
            state: State::Ready,
        }
    }

    /// The X-Traceid of this call.
    pub fn trace_id(mut self, trace_id: TraceId) -> Self {
        self.options.trace_id = Some(trace_id);
        self
    }

    /// The language of the messages to this call.
    pub fn language(mut self, language: Language) -> Self {
        self.options.language = Some(language);
        self
    }

    /// One more header, or another value of User-Agent or Accept.
    ///
    /// Headers that follow from the request (Host, Authorization, Content-Length and their kind) are refused when the
    /// request is built.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.options.headers.insert(name, value);
        self
    }

    /// How long one attempt may take, from connecting to the last byte of the answer.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long the whole call may take, from its first step on. None unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The request of this call, for those who send it themselves.
    pub fn request(&self, api: &Api, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
        api.build(self.op, &self.options, now)
    }

    fn send(&mut self, api: &Api, now: Now) -> Result<Outgoing, Error> {
        let left = self.left(now);
        if left == Some(Duration::ZERO) {
            return Err(Error::deadline());
        }
        let request = self.request(api, now.utc)?;
        self.attempts = self.attempts.saturating_add(1);
        self.last = left.is_some_and(|left| left <= self.attempt_timeout);
        let timeout = left.map_or(self.attempt_timeout, |left| left.min(self.attempt_timeout));
        Ok(Outgoing::new(request, O::META, self.attempts, Some(timeout)))
    }

    /// What is left of the deadline.
    fn left(&mut self, now: Now) -> Option<Duration> {
        let started = *self.started.get_or_insert(now.elapsed);
        self.deadline.map(|deadline| deadline.saturating_sub(now.elapsed.saturating_sub(started)))
    }

    fn done(&mut self, result: Result<O::Output, Error>) -> Step<Result<O::Output, Error>> {
        self.state = State::Done;
        Step::Done(
            result.map_err(|error| {
                error.on(O::META).of_call(self.attempts, self.maybe_seen, self.options.trace_id.as_ref())
            }),
        )
    }
}

impl<O: Operation> Flow for Call<'_, O> {
    type Output = O::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<O::Output, Error>> {
        if self.state == State::Sent && !matches!(event, Event::Response(_) | Event::Failed(_)) {
            // Nobody will tell what became of that attempt.
            self.maybe_seen = true;
        }
        match (self.state, event) {
            // Cancelled and back.
            (State::Sent, Event::Start) if O::META.safety == Safety::Once => self.done(Err(Error::interrupted())),
            (State::Ready | State::Sent, Event::Start) => match self.send(api, now) {
                Ok(outgoing) => {
                    self.state = State::Sent;
                    Step::Send(outgoing)
                }
                Err(error) => self.done(Err(error)),
            },
            (State::Sent, Event::Response(response)) => self.done(O::parse(&response)),
            (State::Sent, Event::Failed(failure)) => {
                let over = failure.cause == Cause::Timeout && (self.last || self.left(now) == Some(Duration::ZERO));
                let error = Error::from(failure);
                self.done(Err(if over { error.past_deadline() } else { error }))
            }
            (State::Ready, _) => self.done(Err(Error::misuse("a call begins with Start"))),
            (State::Sent, Event::Elapsed) => {
                self.done(Err(Error::misuse("the call waits for an answer, not for time")))
            }
            (State::Done, _) => self.done(Err(Error::misuse("the call is over"))),
        }
    }
}
