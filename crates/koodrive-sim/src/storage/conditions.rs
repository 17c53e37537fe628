//! Which bytes of an object a request wants: its conditions, and its range.

use std::ops::Range;

use chrono::{DateTime, NaiveDateTime, Utc};
use koodrive_proto::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE};
use koodrive_proto::http::{HeaderMap, Method};

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
    since.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub(crate) fn wants(method: &Method, headers: &HeaderMap, known: &Known<'_>) -> Wants {
    if let Some(tags) = text(headers, IF_MATCH) {
        if !has(&tags, known.tag) {
            return Wants::Another;
        }
    }
    if let Some(tags) = text(headers, IF_NONE_MATCH) {
        // What is the same but for a W/ is the same here.
        if has(&tags.replace("W/", ""), known.tag) {
            return Wants::Nothing;
        }
    }
    let range = text(headers, RANGE).filter(|_| method == Method::GET);
    match text(headers, IF_RANGE) {
        Some(validator) if !is_valid(&validator, known) => Wants::Whole,
        _ => range.map_or(Wants::Whole, |range| read(&range, known.size)),
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
    match NaiveDateTime::parse_from_str(validator, "%a, %d %b %Y %H:%M:%S GMT") {
        Ok(date) => date.and_utc().timestamp() == known.since.timestamp(),
        Err(_) => validator == known.tag,
    }
}

/// Reads a range. More than one, or what is none, is as good as nothing.
fn read(range: &str, size: u64) -> Wants {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let bounds = range.trim().strip_prefix("bytes=").and_then(|range| range.trim().split_once('-'));
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
        wants(&Method::GET, &headers.collect(), &known)
    }

    #[test]
    fn ranges() {
        for (size, range, wanted) in [
            (10, "bytes=0-", Wants::Part(0..10)),
            (10, "bytes=9-9", Wants::Part(9..10)),
            (10, "bytes=4-99", Wants::Part(4..10)),
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
    }
}
