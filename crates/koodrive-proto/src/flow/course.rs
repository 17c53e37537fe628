//! What all transfers have: whose they are, how long they may take, and how they end.

use std::sync::Arc;
use std::time::Duration;

use crate::api::{Api, Holder, Options};
use crate::error::Error;
use crate::flow::Next;
use crate::time::Now;

#[derive(Debug)]
pub(super) struct Course<O> {
    pub(super) options: Options,
    pub(super) patience: Option<Duration>,
    /// When all must be over, by [`Now::elapsed`].
    pub(super) end: Option<Duration>,
    home: Option<Arc<Holder>>,
    outcome: Outcome<O>,
}

#[derive(Debug)]
enum Outcome<O> {
    Open,
    Known(Box<Result<O, Error>>),
    Given,
}

impl<O> Course<O> {
    pub(super) fn new() -> Self {
        Self { options: Options::default(), patience: None, end: None, home: None, outcome: Outcome::Open }
    }

    /// Begins a step. Returns whether there is something to choose; otherwise [`give`](Self::give) has the rest.
    pub(super) fn step(&mut self, api: &Api, now: Now) -> Result<bool, Error> {
        let home = self.home.get_or_insert_with(|| Arc::clone(api.holder()));
        if !Arc::ptr_eq(home, api.holder()) {
            return Err(Error::misuse("this transfer began with another Api, and can't go on with this one"));
        }
        if self.end.is_none() {
            self.end = self.patience.map(|patience| now.elapsed.saturating_add(patience));
        }
        if self.end.is_some_and(|end| end <= now.elapsed) {
            self.fail(Error::late_transfer());
        }
        Ok(self.is_open())
    }

    pub(super) fn succeed(&mut self, outcome: O) {
        self.finish(Ok(outcome));
    }

    /// Fails; the first error counts.
    pub(super) fn fail(&mut self, error: Error) {
        self.finish(Err(error));
    }

    fn finish(&mut self, result: Result<O, Error>) {
        if let Outcome::Open = self.outcome {
            self.outcome = Outcome::Known(Box::new(result));
        }
    }

    /// Takes back a success that a stored state has.
    pub(super) fn reopen(&mut self) {
        if matches!(&self.outcome, Outcome::Known(result) if result.is_ok()) {
            self.outcome = Outcome::Open;
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.outcome, Outcome::Open)
    }

    /// Gives the outcome away, once.
    pub(super) fn give(&mut self) -> Next<O> {
        match std::mem::replace(&mut self.outcome, Outcome::Given) {
            Outcome::Known(result) => Next::Done(*result),
            Outcome::Given => Next::Done(Err(Error::misuse("the transfer is over"))),
            Outcome::Open => Next::Done(Err(Error::misuse("the transfer has neither work nor an outcome"))),
        }
    }
}
