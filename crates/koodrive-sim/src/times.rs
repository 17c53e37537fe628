//! The forms in which the service writes times, all in UTC.

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

use crate::page::rank;

/// `2023-12-11T09:17:25.529Z`
pub(crate) fn millis(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `20231211091725`
pub(crate) fn digits(time: DateTime<Utc>) -> String {
    time.format("%Y%m%d%H%M%S").to_string()
}

/// `Mon Dec 11 09:17:25 UTC 2023`
pub(crate) fn in_words(time: DateTime<Utc>) -> String {
    time.format("%a %b %d %H:%M:%S UTC %Y").to_string()
}

/// Returns the time that is a step after another one, or before it with a negative step, up to the first or last time
/// of the years 0000 to 9999. No form has room for others, and whoever sets the clock can bring it near to where `+`
/// panics.
pub(crate) fn after(time: DateTime<Utc>, step: TimeDelta) -> DateTime<Utc> {
    let end = if step < TimeDelta::zero() { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    let (first, last) = ends();
    time.checked_add_signed(step).unwrap_or(end).clamp(first, last)
}

fn ends() -> (DateTime<Utc>, DateTime<Utc>) {
    let time = |millis| DateTime::from_timestamp_millis(millis).unwrap_or_default();
    (time(-62_167_219_200_000), time(253_402_300_799_999))
}

/// Writes a time so that texts have the order of the times.
pub(crate) fn order(time: DateTime<Utc>) -> String {
    // Times before 1970 are negative.
    rank(time.timestamp_micros().abs_diff(i64::MIN))
}

/// Reads a time in any form that the manuals show: those above, `2023-12-11 09:17:25`, or milliseconds since 1970, of
/// the years that these can show.
pub(crate) fn read(text: &str) -> Option<DateTime<Utc>> {
    let naive = |form| NaiveDateTime::parse_from_str(text, form).ok().map(|time| time.and_utc());
    let rfc = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    let epoch = || DateTime::from_timestamp_millis(text.parse().ok()?);
    let time = rfc()
        .or_else(|| naive("%Y-%m-%d %H:%M:%S"))
        .or_else(|| naive("%Y%m%d%H%M%S").filter(|_| text.len() == 14))
        .or_else(epoch);
    time.filter(|time| (0..=9999).contains(&time.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let time = DateTime::from_timestamp_millis(1_702_286_245_529).unwrap();
        assert_eq!(millis(time), "2023-12-11T09:17:25.529Z");
        assert_eq!(read(&millis(time)), Some(time));
        assert_eq!(read("1702286245529"), Some(time));
        assert_eq!(in_words(time), "Mon Dec 11 09:17:25 UTC 2023");
        let whole = DateTime::from_timestamp_millis(1_702_286_245_000).unwrap();
        assert_eq!(digits(time), "20231211091725");
        assert_eq!((read("20231211091725"), read("2023-12-11 09:17:25")), (Some(whole), Some(whole)));
        assert_eq!(read("yesterday"), None);
        assert!(read("9999-12-31 23:59:59").is_some() && read("0000-01-01 00:00:00").is_some());
        assert_eq!((read("253402300800000"), read("-0001-12-31T00:00:00Z")), (None, None));
    }

    #[test]
    fn up_to_the_ends_of_time() {
        let (first, last) = ends();
        assert_eq!(
            (millis(first), millis(last)),
            ("0000-01-01T00:00:00.000Z".into(), "9999-12-31T23:59:59.999Z".into())
        );
        let second = TimeDelta::seconds(1);
        assert_eq!((after(last, second), after(first, -second)), (last, first));
        assert_eq!((after(first, TimeDelta::MAX), after(last, TimeDelta::MIN)), (last, first));
        let zero = DateTime::default();
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let mut times = vec![last, zero, first, zero - second, zero + second];
        times.sort_by_key(|time| order(*time));
        assert_eq!(times, [first, zero - second, zero, zero + second, last]);
    }
}
