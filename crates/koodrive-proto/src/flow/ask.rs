//! A job that is one call.

use std::time::Duration;

use crate::api::{Api, Options};
use crate::error::Error;
use crate::flow::attempts::Attempts;
use crate::flow::work::{What, Worked};
use crate::flow::{Event, Flow, Step, step};
use crate::operation::Operation;
use crate::time::Now;

/// A call whose answer is the result of a job.
pub(super) struct Ask<O: Operation, F> {
    op: O,
    pause: Duration,
    until: Option<Duration>,
    late: Late,
    attempts: Attempts,
    then: F,
}

impl<O: Operation, F: Fn(O::Output, &Api, Now) -> What> Ask<O, F> {
    pub(super) fn new(op: O, options: Options, end: Option<Duration>, then: F) -> Self {
        let (pause, until, late) = (Duration::ZERO, None, Late(end));
        Self { op, pause, until, late, attempts: Attempts::new(options), then }
    }

    /// Waits first.
    pub(super) fn after(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }
}

impl<O: Operation, F: Fn(O::Output, &Api, Now) -> What> Flow for Ask<O, F> {
    type Output = Worked;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<Worked, Error>> {
        if !self.pause.is_zero() {
            self.pause = self.late.left(now).map_or(self.pause, |left| self.pause.min(left));
            let until = *self.until.get_or_insert_with(|| now.elapsed.saturating_add(self.pause));
            let rest = until.saturating_sub(now.elapsed);
            match event {
                Event::Start | Event::Elapsed if !rest.is_zero() => return Step::Wait(rest),
                Event::Start | Event::Elapsed => {}
                _ => return Step::Done(Err(Error::misuse("the job waits for time, not for an answer"))),
            }
            self.pause = Duration::ZERO;
            event = Event::Start;
        }
        self.late.begin(&mut self.attempts, now);
        let result = step!(self.attempts.drive(&self.op, api, now, event));
        Step::Done(result.map(|output| Worked::new((self.then)(output, api, now))))
    }
}

/// The end of all of a transfer's time, by [`Now::elapsed`]. A job has what is left when it begins, since it may have
/// waited for its turn.
pub(super) struct Late(pub(super) Option<Duration>);

impl Late {
    fn left(&self, now: Now) -> Option<Duration> {
        self.0.map(|end| end.saturating_sub(now.elapsed))
    }

    /// Gives the attempts the time that is left, at their first step.
    pub(super) fn begin(&mut self, attempts: &mut Attempts, now: Now) {
        if let Some(left) = self.left(now) {
            attempts.options.deadline = Some(left);
            self.0 = None;
        }
    }
}
