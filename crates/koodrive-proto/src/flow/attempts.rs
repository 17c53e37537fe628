//! The attempts of one request, which every flow is made of.
//!
//! ```text
//!            Start
//!   Ready ─────────► are there credentials? ◄───────────────────────────────────┐
//!                               │                                               │
//!          ┌────────────────────┼──────────────────────┐                        │
//!          │ yes                │ another flow         │ this flow has          │
//!          │                    │ renews the token     │ to renew it            │
//!          ▼                    ▼                      ▼                        │
//!     Outstanding           Following               Leading                     │
//!          │                    │ after 20 ms          │ the renewal is over    │
//!          │                    └──────────────────────┴───────────────────────►│
//!          ├─ date or token refused; cancelled and back: at once, uncounted ───►│
//!          ├─ trouble that may pass ──► Waiting ── the pause is over: counted ─►┘
//!          └─ an answer; any other error; no time left ──► Done
//! ```
//!
//! Everything that sends uses `take_credentials_and_send`, so an attempt never goes out with a token that is known to
//! be refused. That function and the renewal are in `token.rs`; this file has what follows from one attempt. An event
//! that a state doesn't wait for ends the flow with `Misuse`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::api::{Api, Grant, Holder, Options, Refusal, Stamp, Waited};
use crate::auth::Prepared;
use crate::error::{Cause, Error};
use crate::flow::intact::intact;
use crate::flow::token::Leading;
use crate::flow::{Event, Outgoing, Step};
use crate::observer::{Attempt, Outcome, Reason};
use crate::operation::{self, Operation};
use crate::retry::{self, Situation};
use crate::schema::{Auth, Safety, Target};
use crate::time::Now;
use crate::wire::{Notes, XDate};

/// How long an attempt may take unless the call says otherwise.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// How many times a call is sent again since there is another token: others may have renewed it meanwhile.
const TOKENS: u32 = 3;

/// How a request is built, anew for every attempt, and how its answer is read.
pub(crate) struct Work<'a, T> {
    pub(crate) target: Target,
    pub(crate) safety: Safety,
    pub(crate) build: &'a Build<'a>,
    pub(crate) parse: &'a Parse<'a, T>,
}

/// The state of a request.
#[derive(Debug)]
pub(crate) struct Attempts {
    pub(crate) options: Options,
    /// The credentials that are being renewed, if this request renews them; otherwise the Api's are used.
    pub(super) renewing: Option<Arc<Prepared>>,
    /// Whose credentials the flow uses, from its first step on.
    home: Option<Arc<Holder>>,
    started: Option<Duration>,
    /// Whether the deadline is that of all the requests that the flow sends one after the other.
    total: bool,
    sent: u32,
    /// The attempts that count for the retry policy.
    counted: u32,
    /// Whether an attempt without an answer may have been seen.
    maybe_seen: bool,
    clock_corrected: bool,
    /// How many times its token was refused, and which was the last.
    token_refusals: u32,
    pub(super) refused_with: Option<Arc<Grant>>,
    /// What in the answer wasn't as documented.
    pub(super) notes: Notes,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    Ready,
    Outstanding(Outstanding),
    /// Between two attempts; the error is that of the last attempt.
    Waiting(Duration, Error),
    /// This flow renews the token for all flows.
    Leading(Box<Leading>),
    /// Another flow renews the token.
    Following(Waited),
    Done,
}

/// An attempt whose answer is outstanding.
#[derive(Debug)]
pub(super) struct Outstanding {
    at: Now,
    date: Option<XDate>,
    /// `None` for the request that renews it.
    grant: Option<Arc<Grant>>,
    in_doubt: bool,
    method: Method,
    /// How many bytes the answer may have.
    limit: u64,
    /// Whether the timeout was what is left of the deadline.
    last: bool,
}

/// What comes next; `Done` is the end with an error.
pub(super) type Next = Step<Error>;

/// Reads an answer, and notes what didn't fit.
type Parse<'a, T> = dyn Fn(&http::Response<Bytes>, &mut Notes) -> Result<T, Error> + 'a;

/// Builds the request of an attempt.
type Build<'a> = dyn Fn(&Options, &Stamp) -> Result<http::Request<Bytes>, Error> + 'a;

impl Attempts {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            renewing: None,
            home: None,
            started: None,
            total: false,
            sent: 0,
            counted: 0,
            maybe_seen: false,
            clock_corrected: false,
            token_refusals: 0,
            refused_with: None,
            notes: Notes::default(),
            state: State::Ready,
        }
    }

    /// For a flow of several requests, whose deadline is that of all of them.
    pub(super) fn in_total(options: Options) -> Self {
        Self { total: true, ..Self::new(options) }
    }

    /// For the request that renews those credentials.
    pub(crate) fn renewing(options: Options, credentials: Arc<Prepared>) -> Self {
        Self { renewing: Some(credentials), ..Self::new(options) }
    }

    /// Begins anew, for the same caller's next request.
    pub(crate) fn renew(&mut self) {
        let (options, home) = (std::mem::take(&mut self.options), self.home.take());
        let started = self.started.filter(|_| self.total);
        *self = Self { home, started, total: self.total, ..Self::new(options) };
    }

    /// Whether the flow may go on with this `Api`: it belongs to the user that it began with.
    fn is_at_home(&mut self, api: &Api) -> bool {
        Arc::ptr_eq(self.home.get_or_insert_with(|| Arc::clone(api.holder())), api.holder())
    }

    /// Drives an operation.
    pub(crate) fn drive<O: Operation>(
        &mut self,
        op: &O,
        api: &Api,
        now: Now,
        event: Event,
    ) -> Step<Result<O::Output, Error>> {
        let build = |options: &Options, stamp: &Stamp| api.build(op, options, stamp);
        let parse = |response: &http::Response<Bytes>, notes: &mut Notes| {
            operation::parse::<O>(response.status(), response.headers(), response.body(), Some(notes))
        };
        self.resume(
            &Work { target: O::META.into(), safety: O::META.safety, build: &build, parse: &parse },
            api,
            now,
            event,
        )
    }

    pub(crate) fn resume<T>(
        &mut self,
        work: &Work<'_, T>,
        api: &Api,
        now: Now,
        event: Event,
    ) -> Step<Result<T, Error>> {
        let state = std::mem::replace(&mut self.state, State::Done);
        if !self.is_at_home(api) {
            let maybe_seen = self.maybe_seen || matches!(state, State::Outstanding(_));
            let error = Error::misuse("this flow began with another Api, and can't go on with this one");
            return Step::Done(Err(error.on(work.target).of_call(
                self.sent,
                maybe_seen,
                self.options.trace_id.as_ref(),
            )));
        }
        let event = match (event, &state) {
            (Event::Response(response), State::Outstanding(sent)) => {
                intact(response, &sent.method, sent.limit).map_or_else(Event::Failed, Event::Response)
            }
            (event, _) => event,
        };
        let mut round = Round { flow: self, target: work.target, safety: work.safety, build: work.build, api, now };
        let next = match (state, event) {
            (State::Outstanding(sent), Event::Response(response)) => {
                round.ended(&sent, Outcome::Answered(response.status()));
                let mut notes = Notes::default();
                match (work.parse)(&response, &mut notes) {
                    Ok(output) => {
                        round.noted(&notes);
                        round.accepted(&sent, response.headers());
                        self.notes = notes;
                        return Step::Done(Ok(output));
                    }
                    Err(error) => round.refused(error, &sent),
                }
            }
            (state, event) => round.without_answer(state, event),
        };
        let (sent, maybe_seen) = (self.sent, self.maybe_seen);
        next.map(|error| Err(error.on(work.target).of_call(sent, maybe_seen, self.options.trace_id.as_ref())))
    }
}

/// One step, without the type of the result, so that one copy serves all operations.
pub(super) struct Round<'a> {
    pub(super) flow: &'a mut Attempts,
    target: Target,
    safety: Safety,
    pub(super) build: &'a Build<'a>,
    pub(super) api: &'a Api,
    pub(super) now: Now,
}

impl Round<'_> {
    /// Handles every event but an answer.
    fn without_answer(&mut self, state: State, event: Event) -> Next {
        match (state, event) {
            (State::Ready, Event::Start) => self.begin(),
            (State::Outstanding(sent), Event::Start) => self.cancelled(&sent),
            (State::Outstanding(sent), Event::Failed(failure)) => {
                self.ended(&sent, Outcome::Failed(failure.reached, failure.cause));
                let over = failure.cause == Cause::Timeout && (sent.last || self.left() == Some(Duration::ZERO));
                let server = self.target.is_service().then(|| self.api.endpoint().host_and_port());
                let error = Error::failed(failure, server.as_deref());
                if over { Step::Done(error.past_deadline()) } else { self.failed(error) }
            }
            (State::Outstanding(_), _) => {
                // Nobody will tell what became of that attempt.
                self.flow.maybe_seen = true;
                Step::Done(Error::misuse("the call waits for an answer, not for time"))
            }
            (State::Waiting(until, error), Event::Start | Event::Elapsed) => self.paused(until, error),
            (State::Following(waited), Event::Start | Event::Elapsed) => self.take_credentials_and_send(Some(&waited)),
            (State::Leading(leading), event) => self.lead_renewal(leading, event),
            (State::Ready, _) => Step::Done(Error::misuse("a call begins with Start")),
            (State::Waiting(..) | State::Following(_), _) => {
                Step::Done(Error::misuse("the call waits for time, not for an answer"))
            }
            (State::Done, _) => Step::Done(Error::misuse("the call is over")),
        }
    }

    /// Begins an attempt that counts.
    fn begin(&mut self) -> Next {
        self.flow.counted = self.flow.counted.saturating_add(1);
        self.take_credentials_and_send(None)
    }

    /// Sends the request with these credentials; `grant` is theirs, unless this request renews them.
    pub(super) fn send(&mut self, credentials: &Arc<Prepared>, grant: Option<Arc<Grant>>, in_doubt: bool) -> Next {
        let stamp = self.api.stamp_with(self.now.utc, Arc::clone(credentials));
        let request = match (self.build)(&self.flow.options, &stamp) {
            Ok(request) => request,
            Err(error) => return Step::Done(error),
        };
        self.flow.sent = self.flow.sent.saturating_add(1);
        let timeout = self.flow.options.attempt_timeout.unwrap_or(ATTEMPT_TIMEOUT);
        let left = self.left();
        let limit = self.flow.options.answer_limit.unwrap_or_else(|| self.api.limit_of_answers());
        let dated = request.headers().contains_key("x-date");
        self.flow.state = State::Outstanding(Outstanding {
            at: self.now,
            date: stamp.date.ok().filter(|_| dated),
            grant,
            in_doubt,
            method: request.method().clone(),
            limit,
            last: left.is_some_and(|left| left <= timeout),
        });
        self.api.observe(|observer| observer.sending(&self.attempt()));
        let timeout = left.map_or(timeout, |left| left.min(timeout));
        Step::Send(Outgoing::new(request, self.target, self.flow.sent, timeout, limit))
    }

    /// Handles an answer that refuses the request, or that can't be read.
    fn refused(&mut self, error: Error, sent: &Outstanding) -> Next {
        if let Some(headers) = error.headers().filter(|_| self.target.is_service()) {
            // A success says that the date was good, unless its code says otherwise.
            let accepted = error.status().is_some_and(|status| status.is_success());
            match sent.date {
                Some(date) if !accepted => {
                    let mends = self.api.correct_clock(&error, date, sent.at, self.now);
                    if mends && !std::mem::replace(&mut self.flow.clock_corrected, true) {
                        return self.repeat_at_once(Reason::Clock);
                    }
                }
                date => {
                    let date = date.filter(|_| !error.is_unauthorized());
                    self.api.measure_accepted(headers, date, sent.at, self.now);
                }
            }
        }
        match (&sent.grant, self.target.operation()) {
            (Some(grant), Some(operation)) if error.is_unauthorized() => {
                let again = self.flow.token_refusals > 0;
                self.flow.token_refusals = self.flow.token_refusals.saturating_add(1);
                self.flow.refused_with = Some(Arc::clone(grant));
                match self.api.holder().refused(grant, operation.name, self.now.elapsed, again) {
                    Refusal::Again if self.flow.token_refusals <= TOKENS => self.repeat_at_once(Reason::Token),
                    Refusal::Again | Refusal::Final => self.failed(error),
                    Refusal::Failed(problem) => Step::Done(Error::not_renewed(problem)),
                }
            }
            // An error of KooDrive's own comes only after the token was accepted.
            (Some(grant), Some(operation)) if error.is_business() => {
                self.token_accepted(grant, operation.name, sent);
                self.failed(error)
            }
            _ => self.failed(error),
        }
    }

    /// Learns from an answer that the service did what it was asked to.
    fn accepted(&self, sent: &Outstanding, headers: &HeaderMap) {
        if self.target.is_service() {
            self.api.measure_accepted(headers, sent.date, sent.at, self.now);
        }
        if let (Some(grant), Some(operation)) = (&sent.grant, self.target.operation()) {
            self.token_accepted(grant, operation.name, sent);
        }
    }

    fn token_accepted(&self, grant: &Arc<Grant>, operation: &'static str, sent: &Outstanding) {
        self.api.holder().accepted(grant, operation, sent.in_doubt, sent.at.elapsed, self.now.elapsed);
    }

    /// Sends once more, at once and without counting it.
    fn repeat_at_once(&mut self, reason: Reason) -> Next {
        self.api.observe(|observer| observer.repeating(&self.attempt(), &reason, Duration::ZERO));
        self.take_credentials_and_send(None)
    }

    /// Handles an attempt without success: waits for another one, or ends.
    fn failed(&mut self, error: Error) -> Next {
        let situation = Situation {
            safety: self.safety,
            retry_after: error.retry_after_from(Some(self.api.server_time(self.now.utc))),
            error: &error,
            attempts: self.flow.counted,
            left: self.left(),
            random: self.api.random(),
        };
        let policy = self.flow.options.retry.unwrap_or_else(|| self.api.retry_policy());
        let Some((rule, pause)) = retry::decide(&policy, &situation) else { return Step::Done(error) };
        // Even an answered request can have run, since the answer may be the gateway's.
        self.flow.maybe_seen |= !rule.once;
        self.api.observe(|observer| observer.repeating(&self.attempt(), &Reason::Rule(rule), pause));
        self.flow.state = State::Waiting(self.now.elapsed.saturating_add(pause), error);
        Step::Wait(pause)
    }

    fn paused(&mut self, until: Duration, error: Error) -> Next {
        let rest = until.saturating_sub(self.now.elapsed);
        if self.left() == Some(Duration::ZERO) {
            return Step::Done(error.past_deadline());
        }
        if rest > Duration::ZERO {
            self.flow.state = State::Waiting(until, error);
            return Step::Wait(rest);
        }
        self.begin()
    }

    /// Handles a driver that was cancelled while an answer was outstanding, and came back.
    fn cancelled(&mut self, sent: &Outstanding) -> Next {
        self.flow.maybe_seen = true;
        self.ended(sent, Outcome::Cancelled);
        if self.safety == Safety::Once {
            return Step::Done(Error::interrupted());
        }
        self.repeat_at_once(Reason::Resumed)
    }

    /// What is left of the deadline.
    pub(super) fn left(&mut self) -> Option<Duration> {
        let started = *self.flow.started.get_or_insert(self.now.elapsed);
        let taken = self.now.elapsed.saturating_sub(started);
        self.flow.options.deadline.map(|deadline| deadline.saturating_sub(taken))
    }

    /// Whether the request is sent with KooDrive's credentials.
    pub(super) fn takes_credentials(&self) -> bool {
        self.target.operation().is_some_and(|operation| operation.auth != Auth::None)
    }

    fn attempt(&self) -> Attempt {
        Attempt::new(self.target, self.flow.sent)
    }

    /// Tells that something in an answer wasn't as documented.
    fn noted(&self, notes: &Notes) {
        if !notes.is_empty() {
            self.api.observe(|observer| observer.noted(&self.attempt(), notes));
            #[cfg(feature = "tracing")]
            crate::observer::log(self.target, notes);
        }
    }

    fn ended(&self, sent: &Outstanding, outcome: Outcome) {
        let took = self.now.elapsed.saturating_sub(sent.at.elapsed);
        self.api.observe(|observer| observer.ended(&self.attempt(), &outcome, took));
    }
}
