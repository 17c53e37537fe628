//! Which bytes of an object a request wants: its conditions, and its range.

use std::ops::Range;

use chrono::{DateTime, NaiveDateTime, Utc};
use koodrive_proto::http::HeaderMap;
use koodrive_proto::http::header::{
    HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};

/// An object as requests know it.
pub(crate) struct Known<'a> {
    pub(crate) size: u64,
    /// With its quotes.
    pub(crate) tag: &'a str,
    pub(crate) since: DateTime<Utc>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    Whole,
    Part(Range<u64>),
    /// Nothing, since what it has is the same.
    Nothing,
    /// Another object than this one.
    Another,
    /// A range that isn't there.
    Outside,
}

pub(crate) fn time(since: DateTime<Utc>) -> String {
    since.format(DATE).to_string()
}

const DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// Reads what [`time`] writes, as seconds: objects are as old as that says.
fn seconds(text: &str) -> Option<i64> {
    NaiveDateTime::parse_from_str(text.trim(), DATE).ok().map(|date| date.and_utc().timestamp())
}

pub(crate) fn wants(headers: &HeaderMap, known: &Known<'_>) -> Wants {
    let since = known.since.timestamp();
    let date = |name| text(headers, name).and_then(|text| seconds(&text));
    // A condition on tags takes the place of one on dates. What is no date is no condition.
    let is_another = match text(headers, IF_MATCH) {
        Some(tags) => !has(&tags, known.tag),
        None => date(IF_UNMODIFIED_SINCE).is_some_and(|date| since > date),
    };
    let is_same = match text(headers, IF_NONE_MATCH) {
        // What is the same but for a W/ is the same here.
        Some(tags) => has(&tags.replace("W/", ""), known.tag),
        None => date(IF_MODIFIED_SINCE).is_some_and(|date| since <= date),
    };
    if is_another {
        return Wants::Another;
    }
    if is_same {
        return Wants::Nothing;
    }
    match text(headers, IF_RANGE) {
        Some(validator) if !is_valid(&validator, known) => Wants::Whole,
        _ => text(headers, RANGE).map_or(Wants::Whole, |range| read(&range, known.size)),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn has(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|one| one == "*" || one == tag)
}

fn is_valid(validator: &str, known: &Known<'_>) -> bool {
    seconds(validator).map_or(validator == known.tag, |date| date == known.since.timestamp())
}

/// Reads a range. More than one, or what is none, is as good as nothing.
fn read(range: &str, size: u64) -> Wants {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let bounds = range.split_once('=').filter(|(unit, _)| unit.trim_start().eq_ignore_ascii_case("bytes"));
    let bounds = bounds.and_then(|(_, range)| range.trim().split_once('-'));
    let Some((first, last)) = bounds.filter(|(first, last)| is_number(first) && is_number(last)) else {
        return Wants::Whole;
    };
    // A number that is too large is larger than any size.
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    let range = match (first, last) {
        ("", "") => return Wants::Whole,
        ("", last) => size.saturating_sub(number(last))..size,
        (first, "") => number(first)..size,
        (first, last) if number(first) > number(last) => return Wants::Whole,
        (first, last) => number(first)..number(last).saturating_add(1).min(size),
    };
    if range.is_empty() { Wants::Outside } else { Wants::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(size: u64, headers: &[(&'static str, &'static str)]) -> Wants {
        let known = Known { size, tag: "\"t\"", since: DateTime::from_timestamp_millis(1_763_622_000_900).unwrap() };
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        wants(&headers.collect(), &known)
    }

    #[test]
    fn ranges() {
        for (size, range, wanted) in [
            (10, "bytes=0-", Wants::Part(0..10)),
            (10, "bytes=9-9", Wants::Part(9..10)),
            (10, "bytes=4-99", Wants::Part(4..10)),
            (10, "Bytes=4-5", Wants::Part(4..6)),
            (10, "bytes=0-18446744073709551615", Wants::Part(0..10)),
            (10, "bytes=-3", Wants::Part(7..10)),
            (10, "bytes=-99999999999999999999", Wants::Part(0..10)),
            (10, "bytes=10-", Wants::Outside),
            (10, "bytes=-0", Wants::Outside),
            (10, "bytes=99999999999999999999-", Wants::Outside),
            (0, "bytes=0-", Wants::Outside),
            (0, "bytes=-1", Wants::Outside),
            (10, "bytes=5-4", Wants::Whole),
            (10, "bytes=0-1,3-4", Wants::Whole),
            (10, "bytes=-", Wants::Whole),
            (10, "bytes=+1-2", Wants::Whole),
            (10, "items=0-1", Wants::Whole),
        ] {
            assert_eq!(ask(size, &[("range", range)]), wanted, "{range} of {size}");
        }
    }

    #[test]
    fn conditions() {
        let part = ("range", "bytes=1-2");
        let date = "Thu, 20 Nov 2025 07:00:00 GMT";
        for (condition, wanted) in [
            (("if-match", "\"t\""), Wants::Part(1..3)),
            (("if-match", "\"a\", \"t\""), Wants::Part(1..3)),
            (("if-match", "*"), Wants::Part(1..3)),
            (("if-match", "\"a\""), Wants::Another),
            (("if-match", "W/\"t\""), Wants::Another),
            (("if-none-match", "\"a\", W/\"t\""), Wants::Nothing),
            (("if-none-match", "\"a\""), Wants::Part(1..3)),
            (("if-range", "\"t\""), Wants::Part(1..3)),
            (("if-range", "\"a\""), Wants::Whole),
            (("if-range", "W/\"t\""), Wants::Whole),
            (("if-range", date), Wants::Part(1..3)),
            (("if-range", "Thu, 20 Nov 2025 07:00:01 GMT"), Wants::Whole),
        ] {
            assert_eq!(ask(10, &[part, condition]), wanted, "{condition:?}");
        }
        let earlier = "Thu, 20 Nov 2025 06:59:59 GMT";
        for (conditions, wanted) in [
            (vec![("if-modified-since", date)], Wants::Nothing),
            (vec![("if-modified-since", earlier)], Wants::Whole),
            (vec![("if-modified-since", "yesterday")], Wants::Whole),
            (vec![("if-modified-since", date), ("if-none-match", "\"a\"")], Wants::Whole),
            (vec![("if-modified-since", earlier), ("if-none-match", "\"t\"")], Wants::Nothing),
            (vec![("if-unmodified-since", date)], Wants::Whole),
            (vec![("if-unmodified-since", earlier)], Wants::Another),
            (vec![("if-unmodified-since", "yesterday")], Wants::Whole),
            (vec![("if-unmodified-since", earlier), ("if-match", "\"t\"")], Wants::Whole),
            (vec![("if-unmodified-since", earlier), ("if-modified-since", date)], Wants::Another),
        ] {
            assert_eq!(ask(10, &conditions), wanted, "{conditions:?}");
        }
    }
}
