//! The difference between the server's clock and this side's, and how it dates requests.

use std::ops::RangeInclusive;
use std::time::Duration;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use http::HeaderMap;
use http::header::{AGE, DATE};

use crate::api::Api;
use crate::error::Error;
use crate::time::Now;
use crate::wire::{DateError, XDate, http_date};

impl Api {
    /// Returns what is added to this side's clock for the dates of requests: how far the server's clock is ahead, or
    /// behind if the offset is negative.
    pub fn clock_offset(&self) -> TimeDelta {
        self.shared().clock_offset
    }

    /// Sets the [`clock_offset`](Self::clock_offset), for example to one that was measured before. Answers continue to
    /// change it unless [`clock_correction`](Self::clock_correction) is off. One that leads out of the years that an
    /// X-Date can hold is not applied.
    pub fn set_clock_offset(&self, offset: TimeDelta) {
        self.shared().clock_offset = offset;
    }

    /// Learns the server's time from an answer of the endpoint, for callers who send requests by hand.
    ///
    /// Flows do this by themselves. `sent` and `received` are the times before and after the exchange. A Date outside
    /// of the years 2000 to 9998 is ignored.
    pub fn measure_clock(&self, headers: &HeaderMap, sent: Now, received: Now) {
        self.measure_accepted(headers, None, sent, received);
    }

    /// The server's time, as far as it is known.
    pub(crate) fn server_time(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        shift(now, self.clock_offset())
    }

    /// The X-Date of a request that is sent now. It fails only for a `now` that no X-Date can hold.
    pub(super) fn date(&self, now: DateTime<Utc>) -> Result<XDate, DateError> {
        self.shifted_date(now, self.clock_offset()).map_or_else(|| XDate::new(now), Ok)
    }

    fn shifted_date(&self, now: DateTime<Utc>, offset: TimeDelta) -> Option<XDate> {
        let server = now.checked_add_signed(offset)?;
        XDate::new(server.checked_sub_signed(self.settings.date_back)?).ok()
    }

    fn measure(&self, headers: &HeaderMap, sent: Now, received: Now) -> Option<Measurement> {
        let measured = Some(headers).filter(|_| self.settings.clock_correction)?;
        let measured = Measurement::new(measured, sent, received)?;
        self.shifted_date(received.utc, measured.offset).map(|_| measured)
    }

    fn adopt(&self, measured: &Measurement) {
        let mut shared = self.shared();
        if !measured.agrees(shared.clock_offset) {
            shared.clock_offset = measured.offset;
        }
    }

    /// Learns from an answer to a request with that date, which the service accepted: a Date by which it would have
    /// refused the request is no measure of its clock.
    pub(crate) fn measure_accepted(&self, headers: &HeaderMap, date: Option<XDate>, sent: Now, received: Now) {
        let accepts = |measured: &Measurement| date.is_none_or(|date| measured.accepts(date, sent, received));
        if let Some(measured) = self.measure(headers, sent, received).filter(accepts) {
            self.adopt(&measured);
        }
    }

    /// Whether the clock may be the reason for a refusal, and a new date would be accepted. If so, adopts the server's
    /// time.
    pub(crate) fn correct_clock(&self, error: &Error, date: XDate, sent: Now, received: Now) -> bool {
        let Some(measured) = error.headers().and_then(|headers| self.measure(headers, sent, received)) else {
            return false;
        };
        self.adopt(&measured);
        let another = self.shifted_date(received.utc, measured.offset);
        let mends = error.may_be_the_date() && another.is_some_and(|another| measured.mends(date, another));
        if mends {
            self.set_clock_offset(measured.offset);
        }
        mends
    }
}

/// What an answer reveals about the server's clock.
pub(crate) struct Measurement {
    /// What to add to this side's clock.
    pub(crate) offset: TimeDelta,
    /// How wrong the offset may be, at most.
    uncertainty: TimeDelta,
    round_trip: TimeDelta,
    /// The server's time when it answered, to the second.
    date: DateTime<Utc>,
    /// The server's time now.
    now: DateTime<Utc>,
}

impl Measurement {
    /// Longer round trips say too little.
    const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(15 * 60);
    /// The Date header has no fractions of a second.
    const RESOLUTION: TimeDelta = TimeDelta::seconds(1);
    /// How close to the ends of the server's window a date may be and still be the cause of a refusal.
    const MARGIN: TimeDelta = TimeDelta::seconds(2);

    /// The years that a Date is believed in. An X-Date has to hold a day before and after.
    const YEARS: RangeInclusive<i32> = 2000..=9998;

    /// Measures by an answer's Date, which is taken to belong to the middle of the round trip. Returns `None` if the
    /// answer comes from a cache, or can't be true.
    pub(crate) fn new(headers: &HeaderMap, sent: Now, received: Now) -> Option<Self> {
        if headers.contains_key(AGE) {
            return None;
        }
        let date = http_date::header(headers, DATE).filter(|date| Self::YEARS.contains(&date.year()))?;
        let round_trip = received.elapsed.saturating_sub(sent.elapsed);
        if round_trip > Self::LONGEST_ROUND_TRIP {
            return None;
        }
        let half = TimeDelta::from_std(round_trip.checked_div(2)?).ok()?;
        let round_trip = TimeDelta::from_std(round_trip).ok()?;
        let middle = received.utc.checked_sub_signed(half)?;
        let uncertainty = half.checked_add(&Self::RESOLUTION)?;
        // If this side's clock was set while the answer was outstanding, it tells nothing.
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

    /// Whether a server with this clock can have accepted a date, at whatever time in between it looked at it.
    fn accepts(&self, date: XDate, sent: Now, received: Now) -> bool {
        let age = |now: Now| shift(now.utc, self.offset).signed_duration_since(date.utc());
        age(received) >= TimeDelta::zero() && age(sent) <= XDate::MAX_AGE
    }

    /// Whether a date can have been refused for being outside the server's window, and `another` is inside.
    pub(crate) fn mends(&self, sent: XDate, another: XDate) -> bool {
        let age = self.date.signed_duration_since(sent.utc());
        // The server may have looked at it as early as it was sent.
        let youngest = age.checked_sub(&self.round_trip);
        let early = youngest.is_none_or(|age| age < Self::MARGIN);
        let late = XDate::MAX_AGE.checked_sub(&Self::MARGIN).is_none_or(|most| age > most);
        (early || late) && sent != another && another.check(self.now).is_ok()
    }
}

/// Shifts a time by an offset, up to the first or last date that there is.
pub(crate) fn shift(time: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    let end = if by < TimeDelta::zero() { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    time.checked_add_signed(by).unwrap_or(end)
}
