//! The attempts of one request: what every flow is made of.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::api::{Api, Claim, Lease, Options, Stamp};
use crate::auth::Prepared;
use crate::error::{Cause, Error, ErrorKind};
use crate::flow::renewal::Renewal;
use crate::flow::{Attempt, Event, Now, Outcome, Outgoing, Reason, Step};
use crate::operation::{self, Auth, Meta, Operation, Safety};
use crate::retry::{self, Situation};
use crate::wire::{Notes, XDate};

/// How soon a flow looks again whether the token is there that another one renews.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long a leader may be late before others take over.
const GRACE: Duration = Duration::from_secs(1);
/// The longest that others wait for a leader's next step.
const LONGEST_STEP: Duration = Duration::from_secs(120);
/// How long a token that still works holds up the call that renews it.
const EARLY: Duration = Duration::from_secs(10);

/// How long an attempt may take unless the call says otherwise.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// A request and what its answer means, built anew for every attempt.
pub(crate) struct Work<'a, T> {
    pub(crate) meta: &'static Meta,
    pub(crate) build: &'a Build<'a>,
    pub(crate) parse: &'a Parse<'a, T>,
}

/// How far a request is.
#[derive(Debug)]
pub(crate) struct Attempts {
    pub(crate) options: Options,
    /// Whose credentials are used: the session's, or these, which are being renewed.
    renewing: Option<Arc<Prepared>>,
    started: Option<Duration>,
    sent: u32,
    /// Those that count for the retry policy.
    counted: u32,
    /// An attempt has no answer and may have been seen.
    maybe_seen: bool,
    clock_corrected: bool,
    token_refused: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Sent(Sent),
    /// Between two attempts; the error is that of the last.
    Waiting(Duration, Error),
    /// Renews the token for all.
    Leading(Box<Leading>),
    /// Somebody else renews the token, in that turn.
    Following(u64),
    Done,
}

/// An attempt whose answer is outstanding.
#[derive(Debug)]
struct Sent {
    at: Now,
    date: Option<XDate>,
    generation: u64,
    /// It went to the endpoint, with the credentials of that generation.
    ours: bool,
    /// The timeout was what is left of the deadline.
    last: bool,
}

#[derive(Debug)]
struct Leading {
    lease: Lease,
    renewal: Renewal,
}

/// What comes next; the end, if it is an error.
type Next = Step<Error>;

/// Reads an answer, and notes what didn't fit.
type Parse<'a, T> = dyn Fn(&http::Response<Bytes>, &mut Notes) -> Result<T, Error> + 'a;

/// Makes the request of an attempt.
type Build<'a> = dyn Fn(&Options, &Stamp) -> Result<http::Request<Bytes>, Error> + 'a;

impl Attempts {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            renewing: None,
            started: None,
            sent: 0,
            counted: 0,
            maybe_seen: false,
            clock_corrected: false,
            token_refused: false,
            state: State::Ready,
        }
    }

    /// For the request that renews those credentials.
    pub(crate) fn renewing(options: Options, credentials: Arc<Prepared>) -> Self {
        Self { renewing: Some(credentials), ..Self::new(options) }
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
        self.resume(&Work { meta: O::META, build: &build, parse: &parse }, api, now, event)
    }

    pub(crate) fn resume<T>(
        &mut self,
        work: &Work<'_, T>,
        api: &Api,
        now: Now,
        event: Event,
    ) -> Step<Result<T, Error>> {
        let state = std::mem::replace(&mut self.state, State::Done);
        let mut round = Round { flow: self, meta: work.meta, build: work.build, api, now };
        let next = match (state, event) {
            (State::Sent(sent), Event::Response(response)) => {
                round.ended(&sent, Outcome::Answered(response.status()));
                let mut notes = Notes::default();
                match (work.parse)(&response, &mut notes) {
                    Ok(output) => {
                        round.noted(&notes);
                        if sent.ours {
                            api.measure_clock(response.headers(), sent.at, now);
                        }
                        return Step::Done(Ok(output));
                    }
                    Err(error) => round.refused(error, &sent),
                }
            }
            (state, event) => round.other(state, event),
        };
        let (sent, maybe_seen) = (self.sent, self.maybe_seen);
        next.map(|error| Err(error.on(work.meta).of_call(sent, maybe_seen, self.options.trace_id.as_ref())))
    }
}

/// One step, without the type of the result: one copy serves all operations.
struct Round<'a> {
    flow: &'a mut Attempts,
    meta: &'static Meta,
    build: &'a Build<'a>,
    api: &'a Api,
    now: Now,
}

impl Round<'_> {
    /// Everything but an answer.
    fn other(&mut self, state: State, event: Event) -> Next {
        match (state, event) {
            (State::Ready, Event::Start) => self.begin(),
            (State::Sent(sent), Event::Start) => self.cancelled(&sent),
            (State::Sent(sent), Event::Failed(failure)) => {
                self.ended(&sent, Outcome::Failed(failure.reached, failure.cause));
                let over = failure.cause == Cause::Timeout && (sent.last || self.left() == Some(Duration::ZERO));
                let error = Error::from(failure);
                if over { Step::Done(error.past_deadline()) } else { self.failed(error) }
            }
            (State::Sent(_), _) => {
                // Nobody will tell what became of that attempt.
                self.flow.maybe_seen = true;
                Step::Done(Error::misuse("the call waits for an answer, not for time"))
            }
            (State::Waiting(until, error), Event::Start | Event::Elapsed) => self.paused(until, error),
            (State::Following(turn), Event::Start | Event::Elapsed) => self.go(Some(turn)),
            (State::Leading(leading), event) => self.lead(leading, event),
            (State::Ready, _) => Step::Done(Error::misuse("a call begins with Start")),
            (State::Waiting(..) | State::Following(_), _) => {
                Step::Done(Error::misuse("the call waits for time, not for an answer"))
            }
            (State::Done, _) => Step::Done(Error::misuse("the call is over")),
        }
    }

    /// An attempt that counts.
    fn begin(&mut self) -> Next {
        self.flow.counted = self.flow.counted.saturating_add(1);
        self.go(None)
    }

    /// Sends, once there are credentials. `followed` is the turn that it has waited for.
    fn go(&mut self, followed: Option<u64>) -> Next {
        if self.left() == Some(Duration::ZERO) {
            return Step::Done(Error::deadline());
        }
        if let Some(credentials) = &self.flow.renewing {
            let credentials = Arc::clone(credentials);
            return self.send(credentials, 0);
        }
        if self.meta.auth == Auth::None {
            let (credentials, generation) = self.api.session().current();
            return self.send(credentials, generation);
        }
        let claim = self.api.session().claim(self.now.elapsed, followed);
        if let (None, Claim::Follow(_) | Claim::Lead(..)) = (followed, &claim) {
            // A request that can't be built needs no token.
            let stamp = self.api.stamp_with(self.now.utc, self.api.session().current().0);
            if let Err(error) = (self.build)(&self.flow.options, &stamp) {
                return Step::Done(error);
            }
        }
        match claim {
            Claim::Use(credentials, generation) => self.send(credentials, generation),
            Claim::Follow(turn) => {
                self.flow.state = State::Following(turn);
                Step::Wait(self.left().map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN)))
            }
            Claim::Failed(problem) => Step::Done(Error::not_renewed(problem)),
            Claim::Lead(old, lease) => {
                // It is for all: of this call's options, only what is left of its time counts.
                let early = Some(EARLY).filter(|_| lease.early);
                let deadline = self.left().into_iter().chain(early).min();
                let timeout = self.flow.options.attempt_timeout.map(|timeout| timeout.max(ATTEMPT_TIMEOUT));
                let options = Options { deadline, attempt_timeout: timeout, ..Options::default() };
                match Renewal::new(&old, options) {
                    Some(renewal) => self.lead(Box::new(Leading { lease, renewal }), Event::Start),
                    None => Step::Done(Error::misuse("these credentials can't be renewed")),
                }
            }
        }
    }

    fn send(&mut self, credentials: Arc<Prepared>, generation: u64) -> Next {
        let stamp = self.api.stamp_with(self.now.utc, credentials);
        let request = match (self.build)(&self.flow.options, &stamp) {
            Ok(request) => request,
            Err(error) => return Step::Done(error),
        };
        self.flow.sent = self.flow.sent.saturating_add(1);
        let timeout = self.flow.options.attempt_timeout.unwrap_or(ATTEMPT_TIMEOUT);
        let left = self.left();
        let dated = request.headers().contains_key("x-date");
        self.flow.state = State::Sent(Sent {
            at: self.now,
            date: stamp.date.ok().filter(|_| dated),
            generation,
            ours: request.uri().authority().is_some_and(|host| host.as_str() == self.api.endpoint().host()),
            last: left.is_some_and(|left| left <= timeout),
        });
        self.api.observe(|observer| observer.sending(&self.attempt()));
        let timeout = left.map_or(timeout, |left| left.min(timeout));
        Step::Send(Outgoing::new(request, self.meta, self.flow.sent, Some(timeout)))
    }

    /// The service says no, or something that can't be read.
    fn refused(&mut self, error: Error, sent: &Sent) -> Next {
        if sent.ours {
            match sent.date {
                Some(date) => {
                    let mends = self.api.correct_clock(&error, date, sent.at, self.now);
                    if mends && !std::mem::replace(&mut self.flow.clock_corrected, true) {
                        return self.again(Reason::Clock);
                    }
                }
                None => drop(error.headers().map(|headers| self.api.measure_clock(headers, sent.at, self.now))),
            }
        }
        let credentials = self.flow.renewing.is_none() && self.meta.auth != Auth::None && error.is_unauthorized();
        if credentials && !self.flow.token_refused && self.api.session().refused(sent.generation) {
            self.flow.token_refused = true;
            return self.again(Reason::Token);
        }
        self.failed(error)
    }

    /// Once more, at once, and without counting.
    fn again(&mut self, reason: Reason) -> Next {
        self.api.observe(|observer| observer.repeating(&self.attempt(), &reason, Duration::ZERO));
        self.go(None)
    }

    /// An attempt without success: a pause and another one, or the end.
    fn failed(&mut self, error: Error) -> Next {
        let situation = Situation {
            safety: self.meta.safety,
            retry_after: error.retry_after_from(Some(self.api.server_time(self.now.utc))),
            error: &error,
            attempts: self.flow.counted,
            left: self.left(),
            random: self.api.random(),
        };
        let policy = self.flow.options.retry.unwrap_or_else(|| self.api.retry_policy());
        let Some((rule, pause)) = retry::decide(&policy, &situation) else { return Step::Done(error) };
        // Also one that was answered can have run: it's the gateway that speaks.
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

    /// Cancelled while an answer was outstanding, and back.
    fn cancelled(&mut self, sent: &Sent) -> Next {
        self.flow.maybe_seen = true;
        self.ended(sent, Outcome::Cancelled);
        if self.meta.safety == Safety::Once {
            return Step::Done(Error::interrupted());
        }
        self.again(Reason::Resumed)
    }

    /// Renews the token, a step further.
    fn lead(&mut self, mut leading: Box<Leading>, event: Event) -> Next {
        let session = self.api.session();
        if matches!(event, Event::Start | Event::Elapsed) && !session.holds(&leading.lease) {
            // Late, or back from being cancelled, and somebody else has seen to it.
            return self.go(None);
        }
        let step = leading.renewal.resume(self.api, self.now, event);
        let busy_for = match &step {
            Step::Send(outgoing) => outgoing.timeout.unwrap_or(Duration::MAX),
            Step::Wait(time) => *time,
            Step::Done(_) => Duration::ZERO,
        };
        let until = self.now.elapsed.saturating_add(busy_for.min(LONGEST_STEP)).saturating_add(GRACE);
        session.extend(&leading.lease, until);
        let result = match step {
            Step::Send(outgoing) => {
                self.flow.state = State::Leading(leading);
                return Step::Send(outgoing);
            }
            Step::Wait(time) => {
                self.flow.state = State::Leading(leading);
                return Step::Wait(time);
            }
            Step::Done(result) => result,
        };
        let renewed = result.and_then(|credentials| Ok((Prepared::new(credentials.clone())?, credentials)));
        let error = match renewed {
            Ok((prepared, credentials)) => {
                if session.renewed(&leading.lease, prepared) {
                    leading.renewal.tell(&credentials);
                }
                return self.go(None);
            }
            Err(error) => error,
        };
        let works = leading.lease.early && error.kind() != ErrorKind::Misuse && self.left() != Some(Duration::ZERO);
        if error.is_own() && !works {
            // Only this call's time is over, or only this call was cancelled: somebody else may lead.
            return Step::Done(Error::while_renewing(error));
        }
        let error = Arc::new(error);
        if session.not_renewed(&leading.lease, &error) { self.go(None) } else { Step::Done(Error::not_renewed(error)) }
    }

    /// What is left of the deadline.
    fn left(&mut self) -> Option<Duration> {
        let started = *self.flow.started.get_or_insert(self.now.elapsed);
        let taken = self.now.elapsed.saturating_sub(started);
        self.flow.options.deadline.map(|deadline| deadline.saturating_sub(taken))
    }

    fn attempt(&self) -> Attempt {
        Attempt::new(self.meta, self.flow.sent)
    }

    /// Something in an answer wasn't as documented.
    fn noted(&self, notes: &Notes) {
        if !notes.is_empty() {
            self.api.observe(|observer| observer.noted(&self.attempt(), notes));
            #[cfg(feature = "tracing")]
            crate::flow::observer::log(self.meta, notes);
        }
    }

    fn ended(&self, sent: &Sent, outcome: Outcome) {
        let took = self.now.elapsed.saturating_sub(sent.at.elapsed);
        self.api.observe(|observer| observer.ended(&self.attempt(), &outcome, took));
    }
}
