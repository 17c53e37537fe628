//! The credentials of an [`Api`](crate::Api), which change while it is used, and which flow renews them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use crate::auth::{Left, Prepared};
use crate::error::Error;

/// The credentials of one user. Flows belong to the holder that they began with.
pub(crate) struct Holder(Mutex<State>);

/// What attempts are sent with: the same credentials until they are replaced, or until their renewal fails.
///
/// It is compared by identity, so a late refusal, proof or renewal never counts for other credentials than its own.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) credentials: Arc<Prepared>,
    /// Why the renewal failed that the service's refusal of this grant led to.
    failed: OnceLock<Arc<Error>>,
}

struct State {
    grant: Arc<Grant>,
    /// The first operation that the service has refused this grant for.
    refused: Option<&'static str>,
    /// Whether the service has accepted this grant.
    proved: bool,
    /// Whether a renewal of these credentials has failed. Then it is for the service to say when they end.
    tried: bool,
    /// Operations that are refused for another reason than the token, since a renewal didn't help; and since when.
    excused: Vec<(&'static str, Duration)>,
    /// When these credentials were used first and last.
    used: Option<(Duration, Duration)>,
    /// Which flow renews these credentials, or was to.
    leader: Option<Leader>,
}

struct Leader {
    /// Dropped with the flow that leads.
    right: Weak<()>,
    /// A flow that is no longer driven stops leading at this time.
    until: Duration,
}

/// The lease: the right and the duty to renew the credentials.
#[derive(Debug)]
pub(crate) struct Lease {
    grant: Arc<Grant>,
    /// Whether the token is renewed early. If the renewal fails, the token is used all the same, since the service
    /// hasn't refused it.
    pub(crate) early: bool,
    right: Arc<()>,
}

/// What a flow has to do about its credentials.
pub(crate) enum Claim {
    /// Use these.
    Use(Arc<Grant>),
    /// Renew them.
    Lead(Arc<Prepared>, Lease),
    /// Wait until another flow has renewed this grant.
    Follow(Arc<Grant>),
    /// Fail, since the renewal failed that the flow waited for.
    Failed(Arc<Error>),
}

/// What becomes of a request that was refused for its token.
pub(crate) enum Refusal {
    /// It is worth another attempt: there are newer credentials, or a way to get them.
    Again,
    /// It stays refused.
    Final,
    /// It stays refused, since the token has been renewed in vain while the request was under way.
    Failed(Arc<Error>),
}

/// For how long an operation that a renewal didn't help causes no other one. A token seldom ends sooner than this.
const EXCUSE: Duration = Duration::from_secs(60);

impl Holder {
    pub(crate) fn new(credentials: Prepared) -> Self {
        Self(Mutex::new(State {
            grant: Grant::new(Arc::new(credentials)),
            refused: None,
            proved: false,
            tried: false,
            excused: Vec::new(),
            used: None,
            leader: None,
        }))
    }

    pub(crate) fn current(&self) -> Arc<Grant> {
        Arc::clone(&self.state().grant)
    }

    pub(crate) fn replace(&self, credentials: Prepared) {
        let credentials = Arc::new(credentials);
        let old = self.state().replace(credentials);
        // Not under the lock: dropping the caller's own `Renew` may run any code.
        drop(old);
    }

    /// Finds out what to do before a request. `followed` is the grant whose renewal the flow has waited for.
    pub(crate) fn claim(&self, now: Duration, followed: Option<&Arc<Grant>>) -> Claim {
        let mut state = self.state();
        let problem = followed.filter(|grant| state.holds_credentials_of(grant)).and_then(|grant| grant.failed.get());
        if let Some(problem) = problem {
            return Claim::Failed(Arc::clone(problem));
        }
        let Some(left) = state.left(now) else { return state.use_them(now) };
        let refused = state.refused.is_some();
        if !refused && (left == Left::Enough || state.tried) {
            return state.use_them(now);
        }
        match &state.leader {
            Some(leader) if leader.right.strong_count() > 0 && now < leader.until => {
                if !refused && left == Left::Little {
                    // The token works while another one is on its way.
                    return state.use_them(now);
                }
                Claim::Follow(Arc::clone(&state.grant))
            }
            _ => state.lead(now),
        }
    }

    /// Gives the leader until then for its next step.
    pub(crate) fn extend(&self, lease: &Lease, until: Duration) {
        if let Some(leader) = self.state().leader.as_mut().filter(|leader| leader.has(lease)) {
            leader.until = until;
        }
    }

    /// Whether the lease is still that of the leader.
    pub(crate) fn holds(&self, lease: &Lease) -> bool {
        self.state().leader.as_ref().is_some_and(|leader| leader.has(lease))
    }

    /// Stores renewed credentials, unless others have been set in the meantime; returns whether these are used.
    pub(crate) fn renewed(&self, lease: &Lease, credentials: Prepared) -> bool {
        let credentials = Arc::new(credentials);
        let mut state = self.state();
        let current = state.holds_credentials_of(&lease.grant);
        let old = current.then(|| state.replace(credentials));
        drop(state);
        drop(old);
        current
    }

    /// Makes every flow fail that waits for this renewal. Later calls try the token once before they renew it again:
    /// the refusal may have had another reason. Returns whether this flow has a usable token all the same.
    pub(crate) fn not_renewed(&self, lease: &Lease, problem: &Arc<Error>, now: Duration) -> bool {
        let mut state = self.state();
        if !state.holds_credentials_of(&lease.grant) {
            return true;
        }
        if !Arc::ptr_eq(&state.grant, &lease.grant) {
            // Another flow took over, and has failed already.
            return false;
        }
        state.tried = true;
        let Some(operation) = state.refused.take() else { return true };
        // Set once, since the grant is replaced with it.
        let _ = lease.grant.failed.set(Arc::clone(problem));
        state.grant = Grant::new(Arc::clone(&lease.grant.credentials));
        state.proved = false;
        state.leader = None;
        state.excuse(operation, now);
        false
    }

    /// Decides about a request with this grant that the service refused for its token.
    pub(crate) fn refused(&self, grant: &Arc<Grant>, operation: &'static str, now: Duration) -> Refusal {
        let mut state = self.state();
        if !state.holds_credentials_of(grant) {
            return Refusal::Again;
        }
        if let Some(problem) = grant.failed.get() {
            return Refusal::Failed(Arc::clone(problem));
        }
        match state.left(now) {
            None => Refusal::Final,
            Some(Left::Enough) if state.is_excused(operation, now) => Refusal::Final,
            Some(_) => {
                state.refused.get_or_insert(operation);
                Refusal::Again
            }
        }
    }

    /// Notes that the service refused an operation with a token that was renewed for it.
    pub(crate) fn refused_again(&self, grant: &Arc<Grant>, operation: &'static str, now: Duration) {
        let mut state = self.state();
        if Arc::ptr_eq(&state.grant, grant) {
            state.excuse(operation, now);
        }
    }

    /// Notes that the service accepted this grant for an operation.
    pub(crate) fn accepted(&self, grant: &Arc<Grant>, operation: &'static str) {
        let mut state = self.state();
        if Arc::ptr_eq(&state.grant, grant) {
            state.proved = true;
            state.excused.retain(|(excused, _)| *excused != operation);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics half-way while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Grant {
    fn new(credentials: Arc<Prepared>) -> Arc<Self> {
        Arc::new(Self { credentials, failed: OnceLock::new() })
    }
}

impl Leader {
    fn has(&self, lease: &Lease) -> bool {
        self.right.ptr_eq(&Arc::downgrade(&lease.right))
    }
}

impl State {
    fn holds_credentials_of(&self, grant: &Grant) -> bool {
        Arc::ptr_eq(&self.grant.credentials, &grant.credentials)
    }

    /// What is left of the token's lifetime; `None` if it can't be renewed.
    fn left(&self, now: Duration) -> Option<Left> {
        let (token, _) = self.grant.credentials.renewable()?;
        Some(self.used.map_or(Left::Enough, |(first, last)| token.left(first, last, now)))
    }

    fn use_them(&mut self, now: Duration) -> Claim {
        let (first, last) = self.used.unwrap_or((now, now));
        self.used = Some((first, last.max(now)));
        Claim::Use(Arc::clone(&self.grant))
    }

    fn lead(&mut self, now: Duration) -> Claim {
        let right = Arc::new(());
        // Lasts until its first step, which follows at once.
        self.leader = Some(Leader { right: Arc::downgrade(&right), until: now.saturating_add(Duration::from_secs(1)) });
        let lease = Lease { grant: Arc::clone(&self.grant), early: self.refused.is_none(), right };
        Claim::Lead(Arc::clone(&self.grant.credentials), lease)
    }

    fn excuse(&mut self, operation: &'static str, now: Duration) {
        self.excused.retain(|(excused, _)| *excused != operation);
        self.excused.push((operation, now));
    }

    /// Whether a refusal of the operation isn't about the token: a renewal hasn't helped it, and the service has
    /// accepted the token since.
    fn is_excused(&self, operation: &str, now: Duration) -> bool {
        let lasts = |since: &Duration| now.saturating_sub(*since) < EXCUSE;
        self.proved && self.excused.iter().any(|(excused, since)| *excused == operation && lasts(since))
    }

    /// Replaces the credentials, and returns the old ones.
    fn replace(&mut self, credentials: Arc<Prepared>) -> Arc<Grant> {
        self.refused = None;
        self.proved = false;
        self.tried = false;
        self.excused.clear();
        self.used = None;
        self.leader = None;
        std::mem::replace(&mut self.grant, Grant::new(credentials))
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.current().credentials.fmt(f)
    }
}
