//! How far the server's clock is from this side's.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use http::header::{AGE, DATE};

use crate::flow::Now;
use crate::wire::{XDate, http_date};

/// What an answer tells of the server's clock.
pub(crate) struct Measurement {
    /// What to add to this side's clock.
    pub(crate) offset: TimeDelta,
    /// How much it may be wrong by.
    uncertainty: TimeDelta,
    round_trip: TimeDelta,
    /// The server's time when it answered, to the second.
    date: DateTime<Utc>,
    /// The server's time now.
    now: DateTime<Utc>,
}

impl Measurement {
    /// Longer ones say too little.
    const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(15 * 60);
    /// The Date header has no parts of seconds.
    const RESOLUTION: TimeDelta = TimeDelta::seconds(1);
    /// How close to the ends of the server's window a date may be and still be the cause of a refusal.
    const MARGIN: TimeDelta = TimeDelta::seconds(2);

    /// From an answer's Date, which belongs to the middle of the round trip; `None` from an answer that was kept somewhere
    /// on its way.
    pub(crate) fn new(headers: &HeaderMap, sent: Now, received: Now) -> Option<Self> {
        if headers.contains_key(AGE) {
            return None;
        }
        let date = http_date::header(headers, DATE)?;
        let round_trip = received.elapsed.saturating_sub(sent.elapsed);
        if round_trip > Self::LONGEST_ROUND_TRIP {
            return None;
        }
        let half = TimeDelta::from_std(round_trip.checked_div(2)?).ok()?;
        let round_trip = TimeDelta::from_std(round_trip).ok()?;
        let middle = received.utc.checked_sub_signed(half)?;
        let uncertainty = half.checked_add(&Self::RESOLUTION)?;
        // Set while the answer was outstanding, this side's clock tells nothing.
        let passed = received.utc.signed_duration_since(sent.utc);
        if passed.checked_sub(&round_trip)?.abs() > uncertainty {
            return None;
        }
        let now = date.checked_add_signed(half)?;
        Some(Self { offset: date.signed_duration_since(middle), uncertainty, round_trip, date, now })
    }

    /// Whether an offset is as good as this one.
    pub(crate) fn agrees(&self, offset: TimeDelta) -> bool {
        self.offset.checked_sub(&offset).is_some_and(|difference| difference.abs() <= self.uncertainty)
    }

    /// Whether a date can have been refused for lying outside the server's window, and `another` lies inside.
    pub(crate) fn mends(&self, sent: XDate, another: XDate) -> bool {
        let age = self.date.signed_duration_since(sent.utc());
        // The server may have looked at it as early as it was sent.
        let youngest = age.checked_sub(&self.round_trip);
        let early = youngest.is_none_or(|age| age < Self::MARGIN);
        let late = XDate::MAX_AGE.checked_sub(&Self::MARGIN).is_none_or(|most| age > most);
        (early || late) && sent != another && another.check(self.now).is_ok()
    }
}

/// That time by a clock that is so far off; it stops where dates end.
pub(crate) fn shift(time: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    let end = if by < TimeDelta::zero() { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    time.checked_add_signed(by).unwrap_or(end)
}
