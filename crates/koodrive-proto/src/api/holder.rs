//! The credentials of an [`Api`](crate::Api), which change while it is used, and which flow renews them.
//!
//! A refusal may have other reasons than the token: a right that the user doesn't have is refused with 401, too. So
//! only a call that was refused itself renews the token, and what it fails with isn't the fate of the others:
//!
//! | the token | a call that was refused | any other call |
//! | --- | --- | --- |
//! | wasn't refused | | uses it; renews it early if it is about to end |
//! | was refused, and a flow renews it | waits for that | waits for a second, then tries the old one |
//! | was refused, and that flow is gone | renews it | tries the old one |
//! | was refused, and the renewal failed | fails | tries the old one |
//! | was refused, and has worked for another call since | fails, without a renewal for a while | uses it |
//! | was renewed | uses the new one, and fails if that is refused, too | uses the new one |

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
    /// Whether these credentials come from a renewal.
    renewed: bool,
    /// When these credentials were last to be renewed. If that came to nothing, an early renewal isn't tried again at
    /// once, since they still work.
    tried: Option<Duration>,
    /// Operations that a renewal hasn't helped.
    excused: Vec<Excuse>,
    /// When these credentials were used first and last.
    used: Option<(Duration, Duration)>,
    /// Which flow renews these credentials, or was to.
    leader: Option<Leader>,
}

/// An operation that a renewal hasn't helped.
struct Excuse {
    operation: &'static str,
    since: Duration,
    /// Whether another operation was sent and accepted since: then the token isn't the reason.
    proved: bool,
}

/// How long a flow has waited for a renewal.
#[derive(Debug)]
pub(crate) struct Waited {
    pub(crate) grant: Arc<Grant>,
    pub(crate) since: Duration,
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
    pub(crate) grant: Arc<Grant>,
    /// Whether the token is renewed early. If the renewal fails, the token is used all the same, since the service
    /// hasn't refused it.
    pub(crate) early: bool,
    right: Arc<()>,
}

/// What a flow has to do about its credentials.
pub(crate) enum Claim {
    /// Use these. It is open whether they still work if they are in doubt.
    Use { grant: Arc<Grant>, in_doubt: bool },
    /// Renew them.
    Lead(Lease),
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

/// For how long an operation that a renewal didn't help causes no other one, and an early one isn't tried again. A
/// token seldom ends sooner than this.
const EXCUSE: Duration = Duration::from_secs(60);

/// How long a call waits that wasn't refused itself.
const LONGEST_DOUBT: Duration = Duration::from_secs(1);

impl Holder {
    pub(crate) fn new(credentials: Prepared) -> Self {
        Self(Mutex::new(State {
            grant: Grant::new(Arc::new(credentials)),
            refused: None,
            renewed: false,
            tried: None,
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
        let mut state = self.state();
        state.excused.clear();
        let old = state.replace(credentials);
        drop(state);
        // Not under the lock: dropping the caller's own `Renew` may run any code.
        drop(old);
    }

    /// Finds out what to do before a request, whose flow may have waited for a renewal, and may have been refused with
    /// a grant itself.
    pub(crate) fn claim(&self, now: Duration, waited: Option<&Waited>, refused: Option<&Arc<Grant>>) -> Claim {
        let mut state = self.state();
        let refused = refused.is_some_and(|grant| state.holds_credentials_of(grant));
        let is_patient = waited.is_none_or(|waited| now.saturating_sub(waited.since) < LONGEST_DOUBT);
        let failed = waited.filter(|waited| state.holds_credentials_of(&waited.grant));
        match failed.and_then(|waited| waited.grant.failed.get()) {
            Some(problem) if refused => return Claim::Failed(Arc::clone(problem)),
            Some(_) => return state.use_them(now),
            None => {}
        }
        let Some(left) = state.left(now) else { return state.use_them(now) };
        let is_led = state.leader.as_ref().is_some_and(|leader| leader.is_alive(now));
        let waits = if state.refused.is_some() {
            if !is_led && !refused {
                return state.use_them(now);
            }
            refused || is_patient
        } else {
            let lately = state.tried.is_some_and(|tried| now.saturating_sub(tried) < EXCUSE);
            if left == Left::Enough || (lately && !is_led) {
                return state.use_them(now);
            }
            // A token that works is used while another one is on its way.
            left == Left::Nothing && is_patient
        };
        match (is_led, waits) {
            (false, _) => state.lead(now),
            (true, true) => Claim::Follow(Arc::clone(&state.grant)),
            (true, false) => state.use_them(now),
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
        state.renewed |= current;
        drop(state);
        drop(old);
        current
    }

    /// Ends a renewal that failed: with it fail the flows that were refused and wait for it, and later calls try the
    /// token once before they renew it again. Returns whether this flow has a usable token all the same.
    pub(crate) fn not_renewed(&self, lease: &Lease, problem: &Arc<Error>, now: Duration) -> bool {
        let mut state = self.state();
        if !state.leader.as_ref().is_some_and(|leader| leader.has(lease)) {
            // Another flow has taken over, or there are other credentials.
            return true;
        }
        state.leader = None;
        if lease.early {
            // It was short of time. If the token was refused meanwhile, those who were refused renew it.
            return true;
        }
        let Some(operation) = state.refused.take() else { return true };
        // Set once, since the grant is replaced with it.
        let _ = lease.grant.failed.set(Arc::clone(problem));
        state.grant = Grant::new(Arc::clone(&lease.grant.credentials));
        state.excuse(operation, now);
        false
    }

    /// Decides about a request with this grant that the service refused for its token. `again` says whether it was
    /// refused with another one before.
    pub(crate) fn refused(&self, grant: &Arc<Grant>, operation: &'static str, now: Duration, again: bool) -> Refusal {
        let mut state = self.state();
        if !state.holds_credentials_of(grant) {
            return Refusal::Again;
        }
        if let Some(problem) = grant.failed.get() {
            return Refusal::Failed(Arc::clone(problem));
        }
        match state.left(now) {
            None => Refusal::Final,
            Some(_) if again && state.is_fresh(now) => {
                state.excuse(operation, now);
                Refusal::Final
            }
            Some(Left::Enough) if state.is_excused(operation, now) => Refusal::Final,
            Some(_) => {
                state.refused.get_or_insert(operation);
                Refusal::Again
            }
        }
    }

    /// Notes that the service accepted this grant for an operation, in a request that was sent at that time. If it was
    /// `in_doubt`, it works in spite of the refusal of another operation.
    pub(crate) fn accepted(
        &self,
        grant: &Arc<Grant>,
        operation: &'static str,
        in_doubt: bool,
        sent: Duration,
        now: Duration,
    ) {
        let mut state = self.state();
        let in_doubt = in_doubt && Arc::ptr_eq(&state.grant, grant);
        if let Some(refused) = state.refused.take_if(|_| in_doubt) {
            state.excuse(refused, now);
        }
        state.excused.retain(|excuse| excuse.operation != operation);
        state.excused.iter_mut().for_each(|excuse| excuse.proved |= sent >= excuse.since);
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

impl Excuse {
    fn lasts(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) < EXCUSE
    }
}

impl Leader {
    fn is_alive(&self, now: Duration) -> bool {
        self.right.strong_count() > 0 && now < self.until
    }

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
        Claim::Use { grant: Arc::clone(&self.grant), in_doubt: self.refused.is_some() }
    }

    fn lead(&mut self, now: Duration) -> Claim {
        let right = Arc::new(());
        self.tried = Some(now);
        // Lasts until its first step, which follows at once.
        self.leader = Some(Leader { right: Arc::downgrade(&right), until: now.saturating_add(Duration::from_secs(1)) });
        Claim::Lead(Lease { grant: Arc::clone(&self.grant), early: self.refused.is_none(), right })
    }

    /// Whether the token was renewed just now, so that it can't have ended.
    fn is_fresh(&self, now: Duration) -> bool {
        self.renewed && self.used.is_none_or(|(first, _)| now.saturating_sub(first) < EXCUSE)
    }

    fn excuse(&mut self, operation: &'static str, now: Duration) {
        match self.excused.iter_mut().find(|excuse| excuse.operation == operation) {
            Some(excuse) if excuse.lasts(now) => {}
            Some(excuse) => *excuse = Excuse { operation, since: now, proved: false },
            None => self.excused.push(Excuse { operation, since: now, proved: false }),
        }
    }

    /// Whether a refusal of the operation isn't about the token: a renewal hasn't helped it, and the token works.
    fn is_excused(&self, operation: &str, now: Duration) -> bool {
        self.excused.iter().any(|excuse| excuse.operation == operation && excuse.proved && excuse.lasts(now))
    }

    /// Replaces the credentials, and returns the old ones.
    fn replace(&mut self, credentials: Arc<Prepared>) -> Arc<Grant> {
        self.refused = None;
        self.renewed = false;
        self.tried = None;
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
