//! X-Date: every year it can hold, none that it can't, and the window to the second.

use koodrive_proto::chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use koodrive_proto::wire::{DateError, XDate};
use proptest::prelude::*;

#[test]
fn every_year_round_trips_at_both_ends() {
    for year in 0..=9999 {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
        let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap().and_hms_opt(23, 59, 59).unwrap().and_utc();
        for (time, end) in [(first, "0101T000000Z"), (last, "1231T235959Z")] {
            let date = XDate::new(time).unwrap();
            assert_eq!(date.to_string(), format!("{year:04}{end}"));
            assert_eq!(date.to_string().parse::<XDate>(), Ok(date));
            assert_eq!(date.utc(), time);
        }
    }
}

#[test]
fn other_forms_are_refused() {
    for text in [
        "",
        "20251103T070140",
        "20251103T070140z",
        "20251103 070140Z",
        "2025-11-03T07:01:40Z",
        "20251103T0701400Z",
        "+2025113T070140Z",
        "20251303T070140Z",
        "20250229T070140Z",
        "20251103T240000Z",
        "20251103T070160Z",
        "20251103T07014éZ",
        "２０251103T070140Z",
    ] {
        assert_eq!(text.parse::<XDate>(), Err(DateError::Malformed), "{text}");
    }
}

fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    let (min, max) = (DateTime::<Utc>::MIN_UTC.timestamp(), DateTime::<Utc>::MAX_UTC.timestamp());
    (min..=max, 0..1_000_000_000u32).prop_filter_map("a time", |(secs, nanos)| DateTime::from_timestamp(secs, nanos))
}

fn any_date() -> impl Strategy<Value = DateTime<Utc>> {
    // 0000-01-01 to 9999-12-31.
    (-62_167_219_200..=253_402_300_799i64, 0..1_000_000_000u32)
        .prop_filter_map("a time", |(secs, nanos)| DateTime::from_timestamp(secs, nanos))
}

proptest! {
    #[test]
    fn round_trips_to_the_second(time in any_date()) {
        let date = XDate::new(time).unwrap();
        prop_assert_eq!(date.to_string().len(), 16);
        prop_assert_eq!(date.to_string().parse::<XDate>(), Ok(date));
        prop_assert_eq!(date.utc().timestamp(), time.timestamp());
    }

    #[test]
    fn years_outside_are_an_error(time in any_time()) {
        let inside = (0..=9999).contains(&time.year());
        prop_assert_eq!(XDate::new(time).is_ok(), inside);
        if !inside {
            prop_assert_eq!(XDate::new(time), Err(DateError::Year(time.year().into())));
        }
    }

    #[test]
    fn the_window_is_exact_at_both_ends(time in any_date(), offset in -2_000_000i64..2_000_000, server in any_time()) {
        let date = XDate::new(time).unwrap();
        let now = date.utc() + TimeDelta::milliseconds(offset);
        prop_assert_eq!(date.check(now).is_ok(), (0..=900_000).contains(&offset));
        // Nothing overflows, however far apart.
        let _ = date.check(server);
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,20}", digits in "[0-9TZ]{16}") {
        let _ = text.parse::<XDate>();
        if let Ok(date) = digits.parse::<XDate>() {
            prop_assert_eq!(date.to_string(), digits);
        }
    }
}

#[test]
fn the_ends_of_the_window() {
    let date: XDate = "20251103T070140Z".parse().unwrap();
    let at = |millis| date.check(date.utc() + TimeDelta::milliseconds(millis));
    assert_eq!(at(0), Ok(()));
    assert_eq!(at(900_000), Ok(()));
    assert_eq!(at(900_001), Err(DateError::TooOld(901)));
    assert_eq!(at(-1), Err(DateError::Future(1)));
    assert_eq!(at(-1_000), Err(DateError::Future(1)));
    assert_eq!(at(-1_001), Err(DateError::Future(2)));
}
