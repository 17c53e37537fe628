use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};

/// The value of the `X-Date` header: a time in UTC, to the second, as `20251103T070140Z`.
///
/// The manual's pattern is `yyyyMMdd'T'HHmmss'Z'`, misspelt on some pages. The service requires the date to be at most
/// 15 minutes old and never later than its own clock.
///
/// ```
/// use koodrive_proto::wire::XDate;
/// use koodrive_proto::chrono::{TimeDelta, TimeZone, Utc};
///
/// let sent = XDate::new(Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap())?;
/// assert_eq!(sent.to_string(), "20251103T070140Z");
/// assert_eq!("20251103T070140Z".parse(), Ok(sent));
///
/// sent.check(sent.utc() + TimeDelta::minutes(15))?;
/// let late = sent.check(sent.utc() + TimeDelta::minutes(16)).unwrap_err();
/// assert_eq!(late.to_string(), "X-Date is 960 s old, at most 900 s are allowed");
/// # Ok::<(), koodrive_proto::wire::DateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct XDate(DateTime<Utc>);

/// What is wrong with an `X-Date`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// The year is outside of 0000 to 9999, which is all that four digits can hold.
    #[error("X-Date holds the years 0000 to 9999, got {0}")]
    Year(i64),
    /// The text doesn't have the form `yyyyMMdd'T'HHmmss'Z'`, or there is no such day or time.
    #[error("X-Date must look like 20251103T070140Z")]
    Malformed,
    /// The date is older than the service allows.
    #[error("X-Date is {0} s old, at most {max} s are allowed", max = XDate::MAX_AGE.num_seconds())]
    TooOld(
        /// Its age in seconds, rounded up.
        i64,
    ),
    /// The date is later than the server's clock.
    #[error("X-Date is {0} s ahead of the server's clock, it may not be later")]
    Future(
        /// By how many seconds it is later, rounded up.
        i64,
    ),
}

impl XDate {
    /// The largest age at which the service accepts a date: 15 minutes.
    pub const MAX_AGE: TimeDelta = TimeDelta::minutes(15);

    /// Creates a date from a time, truncated to the second. Fails outside of the years 0000 to 9999.
    pub fn new(utc: DateTime<Utc>) -> Result<Self, DateError> {
        match utc.year() {
            // A timestamp has no leap seconds: 23:59:60 is sent as 23:59:59.
            0..=9999 => DateTime::from_timestamp(utc.timestamp(), 0).map(Self).ok_or(DateError::Malformed),
            year => Err(DateError::Year(year.into())),
        }
    }

    /// Returns the time.
    pub fn utc(&self) -> DateTime<Utc> {
        self.0
    }

    /// Checks the date as the service does: at most [`MAX_AGE`](Self::MAX_AGE) old, and never later than the server's
    /// clock.
    pub fn check(&self, server: DateTime<Utc>) -> Result<(), DateError> {
        let age = server.signed_duration_since(self.0);
        if age > Self::MAX_AGE {
            Err(DateError::TooOld(seconds_up(age)))
        } else if age < TimeDelta::zero() {
            Err(DateError::Future(seconds_up(age.abs())))
        } else {
            Ok(())
        }
    }
}

/// Rounds up to whole seconds: half a second too much is still too much.
fn seconds_up(delta: TimeDelta) -> i64 {
    let whole = delta.num_seconds();
    if delta.subsec_nanos() > 0 { whole.saturating_add(1) } else { whole }
}

impl fmt::Display for XDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.0.date_naive(), self.0.time());
        write!(f, "{:04}{:02}{:02}", date.year(), date.month(), date.day())?;
        write!(f, "T{:02}{:02}{:02}Z", time.hour(), time.minute(), time.second())
    }
}

impl FromStr for XDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let digits = |range: std::ops::Range<usize>| {
            text.get(range)
                .filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|part| part.parse().ok())
        };
        let at = |place: usize, byte: u8| text.as_bytes().get(place) == Some(&byte);
        let parse = || -> Option<DateTime<Utc>> {
            (text.len() == 16 && at(8, b'T') && at(15, b'Z')).then_some(())?;
            let year = i32::try_from(digits(0..4)?).ok()?;
            let date = NaiveDate::from_ymd_opt(year, digits(4..6)?, digits(6..8)?)?;
            Some(date.and_hms_opt(digits(9..11)?, digits(11..13)?, digits(13..15)?)?.and_utc())
        };
        parse().map(Self).ok_or(DateError::Malformed)
    }
}
