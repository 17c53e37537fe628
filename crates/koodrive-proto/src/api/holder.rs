//! The credentials of an [`Api`](crate::Api), which change while it is used, and which flow renews them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::auth::{Left, Prepared};
use crate::error::Error;

/// The credentials, which have a new generation with each change.
pub(crate) struct Holder(Mutex<State>);

struct State {
    credentials: Arc<Prepared>,
    /// Grows with each change, so that a late refusal doesn't affect the next credentials.
    generation: u64,
    /// Whether the service has refused this generation's token.
    refused: bool,
    /// When this generation was used first and last.
    used: Option<(Duration, Duration)>,
    /// Which flow renews this generation, or was to.
    leader: Option<Leader>,
    /// How many flows have ever been leaders.
    turns: u64,
    /// The latest turn that failed, and why.
    failed: Option<(u64, Arc<Error>)>,
}

struct Leader {
    turn: u64,
    /// Dropped with the flow that leads.
    right: Weak<()>,
    /// A flow that is no longer driven stops leading at this time.
    until: Duration,
}

/// The lease: the right and the duty to renew a generation.
#[derive(Debug)]
pub(crate) struct Lease {
    generation: u64,
    turn: u64,
    /// Whether the token is renewed early. If the renewal fails, the token is used all the same, since the service
    /// hasn't refused it.
    pub(crate) early: bool,
    _right: Arc<()>,
}

/// What a flow has to do about its credentials.
pub(crate) enum Claim {
    /// Use these.
    Use(Arc<Prepared>, u64),
    /// Renew them.
    Lead(Arc<Prepared>, Lease),
    /// Wait for that turn.
    Follow(u64),
    /// Fail, since the turn that it waited for has failed.
    Failed(Arc<Error>),
}

impl Holder {
    pub(crate) fn new(credentials: Prepared) -> Self {
        Self(Mutex::new(State {
            credentials: Arc::new(credentials),
            generation: 0,
            refused: false,
            used: None,
            leader: None,
            turns: 0,
            failed: None,
        }))
    }

    /// The current credentials and their generation.
    pub(crate) fn current(&self) -> (Arc<Prepared>, u64) {
        let state = self.state();
        (Arc::clone(&state.credentials), state.generation)
    }

    pub(crate) fn replace(&self, credentials: Prepared) {
        let credentials = Arc::new(credentials);
        let old = self.state().replace(credentials);
        // Not under the lock: dropping the caller's own `Renew` may run any code.
        drop(old);
    }

    /// Finds out what to do before a request. `followed` is the turn that the flow has waited for.
    pub(crate) fn claim(&self, now: Duration, followed: Option<u64>) -> Claim {
        let mut state = self.state();
        let Some((token, _)) = state.credentials.renewable() else { return state.use_them(now) };
        let left = match state.used {
            Some((first, last)) => token.left(first, last, now),
            None => Left::Enough,
        };
        if !state.refused && left == Left::Enough {
            return state.use_them(now);
        }
        match &state.failed {
            // The service decides whether the token still works.
            Some(_) if !state.refused => return state.use_them(now),
            Some((turn, problem)) if followed.is_some_and(|followed| *turn >= followed) => {
                return Claim::Failed(Arc::clone(problem));
            }
            _ => {}
        }
        match &state.leader {
            Some(leader) if leader.right.strong_count() > 0 && now < leader.until => {
                if !state.refused && left == Left::Little {
                    // The token works while another one is on its way.
                    return state.use_them(now);
                }
                Claim::Follow(leader.turn)
            }
            _ => state.lead(now),
        }
    }

    /// Gives the leader until then for its next step.
    pub(crate) fn extend(&self, lease: &Lease, until: Duration) {
        if let Some(leader) = self.state().leader.as_mut().filter(|leader| leader.turn == lease.turn) {
            leader.until = until;
        }
    }

    /// Whether the lease still belongs to the current turn.
    pub(crate) fn holds(&self, lease: &Lease) -> bool {
        self.state().leader.as_ref().is_some_and(|leader| leader.turn == lease.turn)
    }

    /// Stores renewed credentials, unless others have been set in the meantime; returns whether these are used.
    pub(crate) fn renewed(&self, lease: &Lease, credentials: Prepared) -> bool {
        let credentials = Arc::new(credentials);
        let mut state = self.state();
        let current = state.generation == lease.generation;
        let old = current.then(|| state.replace(credentials));
        drop(state);
        drop(old);
        current
    }

    /// Makes every flow fail that waits for this turn; later calls may try again. Returns whether there is a usable
    /// token all the same.
    pub(crate) fn not_renewed(&self, lease: &Lease, problem: &Arc<Error>) -> bool {
        let mut state = self.state();
        if state.generation != lease.generation {
            return true;
        }
        if state.failed.as_ref().is_none_or(|(turn, _)| *turn < lease.turn) {
            state.failed = Some((lease.turn, Arc::clone(problem)));
        }
        !state.refused
    }

    /// Notes that the service refused a generation. Returns whether another attempt is worthwhile: there are newer
    /// credentials, or a way to get them.
    pub(crate) fn refused(&self, generation: u64) -> bool {
        let mut state = self.state();
        if state.generation != generation {
            return true;
        }
        let renewable = state.credentials.renewable().is_some();
        state.refused |= renewable;
        renewable
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics half-way while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn use_them(&mut self, now: Duration) -> Claim {
        let (first, last) = self.used.unwrap_or((now, now));
        self.used = Some((first, last.max(now)));
        Claim::Use(Arc::clone(&self.credentials), self.generation)
    }

    fn lead(&mut self, now: Duration) -> Claim {
        self.turns = self.turns.saturating_add(1);
        let right = Arc::new(());
        // Lasts until its first step, which follows at once.
        self.leader = Some(Leader {
            turn: self.turns,
            right: Arc::downgrade(&right),
            until: now.saturating_add(Duration::from_secs(1)),
        });
        Claim::Lead(
            Arc::clone(&self.credentials),
            Lease { generation: self.generation, turn: self.turns, early: !self.refused, _right: right },
        )
    }

    /// Replaces the credentials, and returns the old ones.
    fn replace(&mut self, credentials: Arc<Prepared>) -> Arc<Prepared> {
        self.generation = self.generation.wrapping_add(1);
        self.refused = false;
        self.used = None;
        self.leader = None;
        self.failed = None;
        std::mem::replace(&mut self.credentials, credentials)
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.current().0.fmt(f)
    }
}
