//! Dates and times as texts, in the forms that the manuals use.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike, Utc};

use crate::param::IntoParam;
use crate::schema::Rule;
use crate::text;

text! {
    /// A date and time as `yyyy-MM-dd HH:mm:ss`. The manual doesn't say in which time zone it is.
    ///
    /// ```
    /// use koodrive_proto::param::{DateTimeText, IntoParam};
    /// use koodrive_proto::chrono::NaiveDate;
    ///
    /// let day = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
    /// let time: DateTimeText = day.and_hms_opt(23, 59, 0).unwrap().into_param();
    /// assert_eq!(time.as_str(), "2026-01-31 23:59:00");
    /// ```
    pub struct DateTimeText: Rule::new("a date and time as yyyy-MM-dd HH:mm:ss", "2026-01-31 23:59:00", |text| {
        is_date(text, SPACED)
    });
}

text! {
    /// A date and time in UTC as `yyyy-MM-dd'T'HH:mm:ss'Z'`, in whole seconds.
    ///
    /// ```
    /// use koodrive_proto::param::{IntoParam, UtcText};
    /// use koodrive_proto::chrono::{TimeZone, Utc};
    ///
    /// let time: UtcText = Utc.with_ymd_and_hms(2023, 8, 18, 5, 43, 49).unwrap().into_param();
    /// assert_eq!(time.as_str(), "2023-08-18T05:43:49Z");
    /// ```
    pub struct UtcText: Rule::new("a date and time as yyyy-MM-ddTHH:mm:ssZ", "2023-08-18T05:43:49Z", |text| {
        is_date(text, UTC)
    });
}

text! {
    /// A date and time in UTC as `yyyy-MM-dd'T'HH:mm:ss.SSS'Z'`, in milliseconds.
    ///
    /// ```
    /// use koodrive_proto::param::{IntoParam, UtcMillisText};
    /// use koodrive_proto::chrono::{TimeZone, Utc};
    ///
    /// let time: UtcMillisText = Utc.timestamp_millis_opt(1692337429007).unwrap().into_param();
    /// assert_eq!(time.as_str(), "2023-08-18T05:43:49.007Z");
    /// ```
    pub struct UtcMillisText: Rule::new("a date and time as yyyy-MM-ddTHH:mm:ss.SSSZ", "2023-08-18T05:43:49.007Z", |text| {
        is_date(text, UTC_MILLIS)
    });
}

const SPACED: &str = "%Y-%m-%d %H:%M:%S";
const UTC: &str = "%Y-%m-%dT%H:%M:%SZ";
const UTC_MILLIS: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";

/// Checks that a text is a date and time in exactly this form, with a year of four digits and without a leap second.
fn is_date(text: &str, form: &str) -> Result<(), &'static str> {
    let read = NaiveDateTime::parse_from_str(text, form).ok().filter(|time| (0..=9999).contains(&time.year()));
    if read.is_some_and(|time| time.nanosecond() < 1_000_000_000 && time.format(form).to_string() == text) {
        Ok(())
    } else {
        Err("another form, or no such date")
    }
}

/// Truncates a time to the form. A leap second, which the forms can't express, becomes the second before it.
fn date_text(time: NaiveDateTime, form: &str) -> String {
    let leap = time.nanosecond() >= 1_000_000_000;
    time.with_nanosecond(if leap { 999_999_999 } else { time.nanosecond() }).unwrap_or(time).format(form).to_string()
}

impl IntoParam<DateTimeText> for NaiveDateTime {
    /// Truncates the time to the second. A leap second, which the format can't express, is sent as 23:59:59.
    fn into_param(self) -> DateTimeText {
        date_text(self, SPACED).into()
    }
}

impl IntoParam<UtcText> for DateTime<Utc> {
    /// Truncates the time to the second. A leap second is sent as 23:59:59.
    fn into_param(self) -> UtcText {
        date_text(self.naive_utc(), UTC).into()
    }
}

impl IntoParam<UtcMillisText> for DateTime<Utc> {
    /// Truncates the time to the millisecond. A leap second is sent as 23:59:59.999.
    fn into_param(self) -> UtcMillisText {
        date_text(self.naive_utc(), UTC_MILLIS).into()
    }
}

text! {
    /// A month as `yyyy-MM`.
    pub struct YearMonth: Rule::new("a month as yyyy-MM", "2025-09", |text| {
        let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        match text.split_once('-') {
            Some((year, month)) if digits(year, 4) && digits(month, 2) && ("01"..="12").contains(&month) => Ok(()),
            _ => Err("another form, or no such month"),
        }
    });
}
