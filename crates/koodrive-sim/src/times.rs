//! The forms in which the service writes times, all in UTC.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

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

/// Reads a time in any form that the manuals show: those above, `2023-12-11 09:17:25`, or milliseconds since 1970.
pub(crate) fn read(text: &str) -> Option<DateTime<Utc>> {
    let naive = |form| NaiveDateTime::parse_from_str(text, form).ok().map(|time| time.and_utc());
    let rfc = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    let epoch = || DateTime::from_timestamp_millis(text.parse().ok()?);
    rfc()
        .or_else(|| naive("%Y-%m-%d %H:%M:%S"))
        .or_else(|| naive("%Y%m%d%H%M%S").filter(|_| text.len() == 14))
        .or_else(epoch)
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
    }
}
