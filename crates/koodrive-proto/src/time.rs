//! The current time, which is always an argument.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// The current time, which the driver reads at every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The time of the wall clock, for dates.
    pub utc: DateTime<Utc>,
    /// The time since some fixed moment, by a clock that never jumps; for timeouts.
    pub elapsed: Duration,
}

impl Now {
    /// How long it is since then. A clock that stands still while the machine sleeps would make it shorter, so the wall
    /// clock counts as well.
    pub(crate) fn since(&self, then: Self) -> Duration {
        let by_wall_clock = self.utc.signed_duration_since(then.utc).to_std().unwrap_or_default();
        self.elapsed.saturating_sub(then.elapsed).max(by_wall_clock)
    }
}
