//! What the manuals' prose about ranges says: an interval, or the values.

use std::collections::BTreeSet;
use std::fmt;

/// A documented range that could be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Range {
    Interval { min: Option<i128>, max: Option<i128> },
    Values(BTreeSet<String>),
}

impl Range {
    /// Understands the usual forms: `1-100`, `[1, 100]`, `at most 50`, `1 name; 2 size`, `true, false`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = without_remarks(text);
        let text = text.trim().trim_start_matches("carrier:").trim_start_matches("enterprise:").trim();
        // `0-3: 0 waiting; 1 running`: what follows says more.
        let text = match text.split_once(": ") {
            Some((interval_, values)) if interval(interval_).is_some() => values,
            _ => text,
        };
        interval(text).or_else(|| values(text).map(Self::Values)).or_else(|| text.split(';').find_map(interval))
    }

    /// What either allows.
    pub(super) fn or(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Values(a), Self::Values(b)) => Some(Self::Values(a.union(&b).cloned().collect())),
            (Self::Interval { min: a, max: b }, Self::Interval { min: c, max: d }) => {
                let both = |a: Option<i128>, b: Option<i128>, pick: fn(i128, i128) -> i128| match (a, b) {
                    (Some(a), Some(b)) => Some(pick(a, b)),
                    (one, other) => one.or(other),
                };
                Some(Self::Interval { min: both(a, c, i128::min), max: both(b, d, i128::max) })
            }
            // The values say more than their ends.
            (Self::Values(values), Self::Interval { min, max })
            | (Self::Interval { min, max }, Self::Values(values)) => {
                let inside = |value: &String| {
                    value
                        .parse::<i128>()
                        .is_ok_and(|value| min.is_none_or(|min| min <= value) && max.is_none_or(|max| value <= max))
                };
                values.iter().all(inside).then_some(Self::Values(values))
            }
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Values(values) => f.write_str(&values.iter().cloned().collect::<Vec<_>>().join(", ")),
            Self::Interval { min, max } => {
                let text = |bound: &Option<i128>| bound.map_or_else(|| "any".to_owned(), |bound| bound.to_string());
                write!(f, "{} to {}", text(min), text(max))
            }
        }
    }
}

fn without_remarks(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|char| {
            match char {
                '(' => depth += 1,
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// The values of a range with what is said about each.
pub(super) fn words(text: &str) -> Vec<(String, String)> {
    let text = without_remarks(text);
    let text = match text.split_once(": ") {
        Some((before, values)) if !before.contains([';', ' ']) => values,
        _ => &text,
    };
    let items = text.split(separator(text)).filter_map(|item| number(item.trim()));
    items.map(|(value, words)| (value.to_owned(), words.trim().to_owned())).collect()
}

/// The number that an item begins with, and the rest.
fn number(item: &str) -> Option<(&str, &str)> {
    let (first, rest) = item.split_once([' ', ':']).unwrap_or((item, ""));
    first.parse::<i64>().ok().map(|_| (first, rest))
}

fn separator(text: &str) -> char {
    [';', '|'].into_iter().find(|separator| text.contains(*separator)).unwrap_or(',')
}

/// Items that each begin with a number, or that are single words.
fn values(text: &str) -> Option<BTreeSet<String>> {
    let items: Vec<&str> = text.split(separator(text)).map(str::trim).collect();
    if items.iter().all(|item| number(item).is_some()) {
        return Some(items.iter().filter_map(|item| number(item)).map(|(number, _)| number.to_owned()).collect());
    }
    let word = |item: &&str| !item.is_empty() && item.chars().all(|char| char.is_ascii_alphabetic() || char == '_');
    items.iter().all(word).then(|| items.iter().map(|item| (*item).to_owned()).collect())
}

fn interval(text: &str) -> Option<Range> {
    let text = text.trim();
    let between = |min: i128, max: i128| Some(Range::Interval { min: Some(min), max: Some(max) });
    if let Some((min, max)) =
        text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).and_then(|text| text.split_once(','))
    {
        return between(min.trim().parse().ok()?, max.trim().parse().ok()?);
    }
    let words = ["characters", "entries", "ids", "extensions", "folder ids"];
    let bare = words.iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text).trim();
    for separator in ["..", " to ", "-"] {
        if let Some((min, max)) = bare.split_once(separator) {
            if let (Ok(min), Ok(max)) = (min.trim().parse(), max.trim().parse()) {
                return between(min, max);
            }
        }
    }
    // The rest may go on: `exactly 8 characters of [0-9]`, `at most 80 characters, no emoji`.
    let number = |prefix: &str| {
        let (first, unit) = {
            let rest = text.strip_prefix(prefix)?.trim_start();
            rest.split_once([' ', ',']).unwrap_or((rest, ""))
        };
        // A number of something else is no limit that can be compared.
        let known = unit.is_empty() || words.iter().any(|word| unit.starts_with(word)) || unit.starts_with("none");
        first.parse::<i128>().ok().filter(|_| known)
    };
    let at_most = ["<=", "at most", "max", "up to"].into_iter().find_map(number);
    let below = ["fewer than", "shorter than"].into_iter().find_map(number).map(|number| number - 1);
    let at_least = [">=", "min"].into_iter().find_map(number);
    let above = number(">").map(|number| number + 1);
    if let Some(exact) = number("exactly") {
        return between(exact, exact);
    }
    let (min, max) = (at_least.or(above), at_most.or(below));
    (min.is_some() || max.is_some()).then_some(Range::Interval { min, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Range::read(text).map_or_else(|| "?".to_owned(), |range| range.to_string())
    }

    #[test]
    fn usual_forms() {
        for text in [
            "1-100",
            "1..100",
            "[1,100]",
            "[1, 100] (range stated in the carrier manual only)",
            "1-100 ids",
            "1 to 100 entries",
        ] {
            assert_eq!(read(text), "1 to 100", "{text}");
        }
        for text in [
            "<= 100",
            "at most 100",
            "max 100",
            "<=100",
            "up to 100",
            "<= 100 entries",
            "at most 100 ids",
            "max 100; small, large",
        ] {
            assert_eq!(read(text), "any to 100", "{text}");
        }
        assert_eq!(read("min 0"), "0 to any");
        assert_eq!(read("> 0"), "1 to any");
        assert_eq!(read("fewer than 512 characters"), "any to 511");
        assert_eq!(read("shorter than 32 characters; no emoji"), "any to 31");
        assert_eq!(read("exactly 8 characters of [0-9a-zA-Z]"), "8 to 8");
        assert_eq!(read("max 250 characters; none of <>|:\"*?/ ; not '..', '.' or empty"), "any to 250");
        assert_eq!(read("[5242880, 5368709120]; last part [0, 5368709120]"), "5242880 to 5368709120");
        assert_eq!(read("root, sbox or a directory id; <= 64 characters (carrier manual)"), "any to 64");
        for text in [
            "0,1",
            "0 | 1",
            "0 individual space; 1 individual recycle bin",
            "0 department, 1 group",
            "0-1: 0 waiting; 1 running (at last, or so)",
        ] {
            assert_eq!(read(text), "0, 1", "{text}");
        }
        assert_eq!(
            read("2 always rename (timestamp); 3 refuse; 4 automatic: same -> nothing, otherwise as 2"),
            "2, 3, 4"
        );
        assert_eq!(read("000,001,002"), "000, 001, 002");
        assert_eq!(
            words("0-1: 0 waiting (for now); 1 running, at last"),
            [("0", "waiting"), ("1", "running, at last")].map(|(value, words)| (value.to_owned(), words.to_owned())),
        );
        assert_eq!(read("personal, team"), "personal, team");
        assert_eq!(read("carrier: personal (enterprise also: team)"), "personal");
        assert_eq!(read("enterprise: at most 80 characters (older: 1-255)"), "any to 80");
        for text in
            ["<= 200 GB", "yyyy-MM-dd HH:mm:ss", "'root' for the root folder", "OBS image-processing expression", ""]
        {
            assert_eq!(read(text), "?", "{text}");
        }
    }

    #[test]
    fn two_manuals() {
        let or = |a, b| Range::read(a).unwrap().or(Range::read(b).unwrap()).map(|range| range.to_string());
        assert_eq!(or("1 link; 3 named", "1,2,3").as_deref(), Some("1, 2, 3"));
        assert_eq!(or("max 64", "1-80").as_deref(), Some("1 to 80"));
        assert_eq!(or("0 a; 1 b", "0-1").as_deref(), Some("0, 1"));
        assert_eq!(or("0 a; 2 b", "0-1"), None);
    }
}
