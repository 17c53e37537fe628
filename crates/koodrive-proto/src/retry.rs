//! Retries: which calls are sent again, when, and why.
//!
//! The decision is a pure function of what went wrong, of what the operation [allows](Safety), of the [`RetryPolicy`],
//! of the time that is left, and of a random number that it is given. Every attempt is built, dated and signed anew.
//!
#![doc = include_str!("retry.md")]
//!
//! [`RULES`] is the same table as data. `Retry-After`, in seconds or as a date, is the shortest pause. Two more things
//! make a call go again, without counting as an attempt: a date that the service refused because this side's clock is
//! wrong, at most once; and a token that it refused while there is another one or a way to get one, at most three
//! times, since other calls may have renewed it in between. Both were refused before anything ran, so this applies to
//! `Once` as well.

use std::time::Duration;

use crate::error::{Cause, Error, ErrorKind, Sent};
use crate::schema::Safety;

/// How many times a call is retried, and how soon.
///
/// ```
/// use koodrive_proto::RetryPolicy;
/// use std::time::Duration;
///
/// let patient = RetryPolicy::default().max_attempts(8).longest_pause(Duration::from_secs(60));
/// assert_ne!(patient, RetryPolicy::none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    backoff: Backoff,
    longest_retry_after: Duration,
}

impl Default for RetryPolicy {
    /// Up to 4 attempts; pauses of up to 200 ms, 400 ms and 800 ms; up to 60 s if the service asks for it.
    fn default() -> Self {
        Self {
            max_attempts: 4,
            backoff: Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(10) },
            longest_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// Returns a policy of one attempt, without retries.
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets how many times a call is sent at most; 0 counts as 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets the pause after the first attempt.
    ///
    /// The pause doubles with each attempt. Jitter takes off a random part of up to a half, so that many clients don't
    /// come back at the same time.
    #[must_use]
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.backoff.first = pause;
        self
    }

    /// Sets the longest pause that the policy itself chooses.
    #[must_use]
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.backoff.longest = pause;
        self
    }

    /// Sets the longest `Retry-After` that is waited for. If the service asks for more, the call fails at once, and
    /// [`Error::retry_after`] tells how long to wait.
    #[must_use]
    pub fn longest_retry_after(mut self, pause: Duration) -> Self {
        self.longest_retry_after = pause;
        self
    }

    pub(crate) fn allows(&self, attempts: u32) -> bool {
        attempts < self.max_attempts
    }

    /// Whether a `Retry-After` is waited for.
    pub(crate) fn waits(&self, asked: Duration) -> bool {
        asked <= self.longest_retry_after
    }
}

/// Exponential backoff: pauses that double, up to a longest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Backoff {
    /// The pause after the `n`th attempt, counted from 1: between a half of it and the whole, depending on `random`.
    pub(crate) fn pause(&self, n: u32, random: u64) -> Duration {
        let factor = 1_u32.checked_shl(n.saturating_sub(1)).unwrap_or(u32::MAX);
        let whole = self.first.saturating_mul(factor).min(self.longest);
        let half = whole.checked_div(2).unwrap_or_default();
        let part = u32::try_from(random.checked_rem(1001).unwrap_or_default()).unwrap_or_default();
        // The larger half, so that rounding never results in less than a half.
        let rest = whole.saturating_sub(half);
        rest.saturating_add(half.checked_div(1000).unwrap_or_default().saturating_mul(part))
    }
}

/// A row of the table: something that makes a call go again.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryRule {
    /// What went wrong.
    pub when: When,
    /// Whether [`Safety::Once`] operations are sent again, too.
    pub once: bool,
    /// The reason, in words.
    pub why: &'static str,
}

/// What went wrong with an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// The network failed, and the server can't have seen the request.
    Unreached,
    /// The network failed or no answer came in time, and the server may have seen the request.
    Unanswered,
    /// The service or the gateway answered with this code, whatever the status.
    Code(&'static str),
    /// The answer has this status.
    Status(u16),
}

/// The table of what is sent again. The first row that fits counts.
pub const RULES: &[RetryRule] = &[
    RetryRule { when: When::Unreached, once: true, why: "the server can't have seen it" },
    RetryRule { when: When::Unanswered, once: false, why: "no answer, and it may have run" },
    RetryRule { when: When::Status(429), once: true, why: "throttled, before it ran" },
    RetryRule { when: When::Code("APIGW.0308"), once: true, why: "throttled by the gateway, before it ran" },
    RetryRule { when: When::Code("13000201"), once: false, why: "a call inside the service failed: try again later" },
    RetryRule { when: When::Code("InternalError"), once: false, why: "the object store failed: it says to try again" },
    RetryRule { when: When::Code("RequestTimeout"), once: false, why: "the object store waited too long for bytes" },
    RetryRule { when: When::Status(408), once: false, why: "the server gave up waiting for the request" },
    RetryRule { when: When::Status(502), once: false, why: "the gateway got no valid answer from the service" },
    RetryRule { when: When::Status(503), once: false, why: "the service is overloaded or down" },
    RetryRule { when: When::Status(504), once: false, why: "the gateway got no answer from the service in time" },
];

impl RetryRule {
    fn allows(&self, safety: Safety) -> bool {
        self.once || safety != Safety::Once
    }

    fn fits(&self, error: &Error) -> bool {
        match self.when {
            When::Unreached => is_network(error) && error.was_sent() == Sent::No,
            When::Unanswered => is_network(error) && error.was_sent() == Sent::Maybe,
            When::Code(code) => is_refusal(error) && error.code() == Some(code),
            When::Status(status) => is_refusal(error) && error.status().is_some_and(|given| given.as_u16() == status),
        }
    }
}

impl Error {
    /// Returns whether the same call may succeed later and can do nothing twice, for loops of your own around calls:
    /// whether a row of [`RULES`] fits this error, and applies to operations of this one's [`Safety`].
    ///
    /// - The number of attempts, the policy and the time that is left don't matter. An error of the kind
    ///   [`Deadline`](ErrorKind::Deadline) counts as that of the last attempt; without one it is false.
    /// - Where the operation isn't known, as for requests to another server, only rows for [`Safety::Once`] count; the
    ///   parts and ranges of transfers count as what they are.
    /// - If the token could not be renewed, or not in time, the error of the [renewal](Self::renewal) decides.
    /// - It is false for whatever has to be corrected first: parameters, credentials, answers that can't be read.
    ///
    /// [`retry_after`](Self::retry_after) tells how long the service asks to wait.
    pub fn is_retryable(&self) -> bool {
        if let Some(renewal) = self.renewal() {
            return renewal.is_retryable();
        }
        let safety = self.safety().unwrap_or(Safety::Once);
        RULES.iter().find(|rule| rule.fits(self)).is_some_and(|rule| rule.allows(safety))
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Api | ErrorKind::Deadline)
}

fn is_network(error: &Error) -> bool {
    matches!(error.cause(), Some(Cause::Network | Cause::Timeout))
}

/// What [`decide`] takes into account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation<'a> {
    /// What the operation allows.
    pub(crate) safety: Safety,
    /// What went wrong with the last attempt.
    pub(crate) error: &'a Error,
    /// How long the service asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// How many attempts have counted so far.
    pub(crate) attempts: u32,
    /// What is left of the deadline, if there is one.
    pub(crate) left: Option<Duration>,
    /// A random number.
    pub(crate) random: u64,
}

/// Whether the error is trouble that may pass.
pub(crate) fn passes(error: &Error) -> bool {
    RULES.iter().any(|rule| rule.fits(error))
}

/// Whether a call that failed may have had an effect all the same.
pub(crate) fn may_have_run(error: &Error) -> bool {
    match error.kind() {
        _ if error.was_sent() == Sent::No => false,
        // What the gateway answers may not be what the service did.
        ErrorKind::Api => match RULES.iter().find(|rule| rule.fits(error)) {
            Some(rule) => !rule.once,
            None => error.status().is_some_and(|status| status.is_server_error()),
        },
        _ => true,
    }
}

/// Decides whether a call is sent again, by which rule, and after which pause.
///
/// It isn't if the pause would outlast the deadline, so that the error is known at once.
pub(crate) fn decide(policy: &RetryPolicy, situation: &Situation<'_>) -> Option<(&'static RetryRule, Duration)> {
    let rule = RULES.iter().find(|rule| rule.fits(situation.error))?;
    let allowed = rule.allows(situation.safety);
    let floor = situation.retry_after.unwrap_or_default();
    let pause = policy.backoff.pause(situation.attempts, situation.random).max(floor);
    let in_time = situation.left.is_none_or(|left| pause < left);
    (allowed && policy.allows(situation.attempts) && policy.waits(floor) && in_time).then_some((rule, pause))
}
