//! The time, which is an argument everywhere.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// The time, which the driver reads at every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, for dates.
    pub utc: DateTime<Utc>,
    /// The time since some fixed moment, by a clock that never jumps, for timeouts.
    pub elapsed: Duration,
}
