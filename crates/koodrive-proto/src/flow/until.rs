use std::fmt;
use std::time::Duration;

use crate::api::{Api, Options};
use crate::error::Error;
use crate::flow::attempts::Attempts;
use crate::flow::{Event, Flow, Step, options, step};
use crate::operation::Operation;
use crate::retry::{self, Backoff};
use crate::schema::Safety;
use crate::time::Now;

/// Polls until an answer is the one that is waited for, for example until a job has ended.
///
/// The function gets every answer, so it can report progress; the first answer for which it returns true is the result.
/// Pauses grow from 1 s to 15 s, minus jitter: a random part of up to a half. The last poll takes place one second
/// before the time is over. Trouble that may pass, according to [the table](crate::retry), is waited out as the job is;
/// any other error ends the flow. So does a `Retry-After` that is longer than the time that is left, or than
/// [`RetryPolicy::longest_retry_after`](crate::RetryPolicy::longest_retry_after), as it ends a [`Call`](super::Call).
///
/// ```
/// use koodrive_proto::flow::Until;
/// use koodrive_proto::ops::jobs::{GetJob, JobDetail};
/// use std::time::Duration;
///
/// let ten_minutes = Duration::from_secs(600);
/// let until = Until::new(GetJob::new("1309243162258308352"), ten_minutes, |job: &JobDetail| {
///     println!("{:?} %", job.job_info.as_ref().and_then(|job| job.progress));
///     job.is_over()
/// });
/// # let _ = until;
/// ```
#[must_use]
pub struct Until<O, F> {
    op: O,
    over: F,
    patience: Duration,
    pauses: Backoff,
    started: Option<Duration>,
    polls: u32,
    /// The error of the last poll, if it was trouble that may pass.
    trouble: Option<Error>,
    attempts: Attempts,
    state: State,
}

/// How long before its end the flow polls for the last time.
const LAST: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
enum State {
    Asking,
    Waiting(Duration),
    Done,
}

impl<O: Operation, F: FnMut(&O::Output) -> bool> Until<O, F> {
    /// Polls until `over` returns true, at most for the time `patience`. After that, it ends with an error of kind
    /// [`Deadline`](crate::ErrorKind::Deadline).
    pub fn new(op: O, patience: Duration, over: F) -> Self {
        Self {
            op,
            over,
            patience,
            pauses: Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(15) },
            started: None,
            polls: 0,
            trouble: None,
            attempts: Attempts::new(Options::default()),
            state: State::Asking,
        }
    }

    /// Polls for a flow that has sent other requests of its own.
    pub(super) fn within(attempts: Attempts, op: O, patience: Duration, over: F) -> Self {
        Self { attempts, ..Self::new(op, patience, over) }
    }

    options!(attempts.options);

    /// Sets the first and the longest pause.
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.pauses = Backoff { first, longest };
        self
    }

    fn give_up(&mut self) -> Step<Result<O::Output, Error>> {
        let error = self.trouble.take().map_or_else(|| Error::not_yet(self.polls), Error::past_deadline);
        self.finish(Err(error))
    }

    fn finish(&mut self, result: Result<O::Output, Error>) -> Step<Result<O::Output, Error>> {
        self.state = State::Done;
        Step::Done(result.map_err(|error| error.on(O::META)))
    }
}

impl<O: Operation, F: FnMut(&O::Output) -> bool> Flow for Until<O, F> {
    type Output = O::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<O::Output, Error>> {
        let started = *self.started.get_or_insert(now.elapsed);
        let left = self.patience.saturating_sub(now.elapsed.saturating_sub(started));
        let event = match (self.state, event) {
            (State::Asking, event) => event,
            (State::Waiting(until), Event::Start | Event::Elapsed) => {
                if left.is_zero() {
                    return self.give_up();
                }
                let rest = until.saturating_sub(now.elapsed);
                if !rest.is_zero() {
                    return Step::Wait(rest);
                }
                self.state = State::Asking;
                Event::Start
            }
            (State::Waiting(_), _) => return self.finish(Err(Error::misuse("it waits for time, not for an answer"))),
            (State::Done, _) => return self.finish(Err(Error::misuse("the flow is over"))),
        };
        // Each poll has the time that is left at its first step.
        self.attempts.options.deadline.get_or_insert(left);
        let answer = step!(self.attempts.drive(&self.op, api, now, event));
        self.polls = self.polls.saturating_add(1);
        self.trouble = None;
        match answer {
            Ok(answer) if (self.over)(&answer) => return self.finish(Ok(answer)),
            Ok(_) => {}
            Err(error) if O::META.safety != Safety::Once && retry::passes(&error) => self.trouble = Some(error),
            Err(error) => return self.finish(Err(error)),
        }
        self.attempts.renew();
        self.attempts.options.deadline = None;
        let left = self.patience.saturating_sub(now.elapsed.saturating_sub(started));
        if left <= LAST {
            return self.give_up();
        }
        let asked = self.trouble.as_ref().and_then(|error| error.retry_after_from(Some(api.server_time(now.utc))));
        let policy = self.attempts.options.retry.unwrap_or_else(|| api.retry_policy());
        if asked.is_some_and(|asked| !policy.waits(asked) || asked >= left) {
            let error = self.trouble.take();
            return self.finish(Err(error.unwrap_or_else(|| Error::not_yet(self.polls))));
        }
        let pause = self.pauses.pause(self.polls, api.random()).max(asked.unwrap_or_default());
        let pause = pause.min(left.saturating_sub(LAST));
        self.state = State::Waiting(now.elapsed.saturating_add(pause));
        Step::Wait(pause)
    }
}

impl<O: fmt::Debug, F> fmt::Debug for Until<O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Until")
            .field("op", &self.op)
            .field("patience", &self.patience)
            .field("polls", &self.polls)
            .field("attempts", &self.attempts)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
