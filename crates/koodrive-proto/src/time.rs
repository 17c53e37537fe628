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
