//! Reads intervals in prose: `1-100`, `[1, 100]`, `at most 50 ids`, `fewer than 512 characters`.

/// The smallest and the largest value that are allowed, as far as they are named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Interval {
    /// The smallest value.
    pub(crate) min: Option<i128>,
    /// The largest value.
    pub(crate) max: Option<i128>,
    /// What is counted: `characters`, `ids`; empty if that isn't said.
    pub(crate) unit: String,
}

impl Interval {
    fn new(min: Option<i128>, max: Option<i128>) -> Self {
        Self { min, max, unit: String::new() }
    }

    /// Returns what both allow.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let min = self.min.into_iter().chain(other.min).max();
        let max = self.max.into_iter().chain(other.max).min();
        Self { min, max, unit: if self.unit.is_empty() { other.unit.clone() } else { self.unit.clone() } }
    }

    /// Returns what either allows; an end that only one of them names is taken from that one.
    pub(crate) fn or(&self, other: &Self) -> Self {
        let min = self.min.into_iter().chain(other.min).min();
        let max = self.max.into_iter().chain(other.max).max();
        Self { min, max, unit: if self.unit.is_empty() { other.unit.clone() } else { self.unit.clone() } }
    }

    /// Returns all whole numbers in the interval, if they are few.
    pub(crate) fn numbers(&self) -> Vec<String> {
        match (self.min, self.max) {
            (Some(min), Some(max)) if max - min < 64 => (min..=max).map(|number| number.to_string()).collect(),
            _ => Vec::new(),
        }
    }
}

/// What a number after certain words means.
#[derive(Clone, Copy)]
enum Bound {
    Max,
    Below,
    Min,
    Above,
    Exact,
}

/// Longer phrases come before those that they begin with.
const PHRASES: &[(&str, Bound)] = &[
    ("no more than", Bound::Max),
    ("not more than", Bound::Max),
    ("at most", Bound::Max),
    ("up to", Bound::Max),
    ("maximum", Bound::Max),
    ("max.", Bound::Max),
    ("max", Bound::Max),
    ("<=", Bound::Max),
    ("≤", Bound::Max),
    ("fewer than", Bound::Below),
    ("shorter than", Bound::Below),
    ("less than", Bound::Below),
    ("<", Bound::Below),
    ("at least", Bound::Min),
    ("minimum", Bound::Min),
    ("min.", Bound::Min),
    ("min", Bound::Min),
    (">=", Bound::Min),
    ("≥", Bound::Min),
    ("greater than", Bound::Above),
    ("longer than", Bound::Above),
    ("more than", Bound::Above),
    (">", Bound::Above),
    ("exactly", Bound::Exact),
];

/// Whether a text mentions a limit, or has a number that could be one.
pub(crate) fn hints_at_limit(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split([' ', ',', ';', '[', ']', '(', ')']).collect();
    words
        .iter()
        .any(|word| !word.is_empty() && word.trim_end_matches(['.', '%']).bytes().all(|byte| byte.is_ascii_digit()))
        || ["limit", "multiple", "exceed", "between"].iter().any(|word| lower.contains(word))
        || PHRASES.iter().any(|(phrase, _)| {
            if phrase.contains(' ') {
                lower.contains(phrase)
            } else {
                words.iter().any(|word| word.starts_with(phrase))
            }
        })
}

/// Reads the interval that a clause begins with; returns what follows as well. Returns `None` if the clause begins
/// otherwise, or counts something that isn't known here.
pub(crate) fn leading(clause: &str) -> Option<(Interval, &str)> {
    let clause = clause.trim_start();
    let (mut interval, rest) =
        brackets(clause).or_else(|| phrase(clause)).or_else(|| pair(clause)).or_else(|| bare(clause))?;
    let (unit, rest) = unit(rest)?;
    unit.clone_into(&mut interval.unit);
    Some((interval, rest.trim_start_matches([',', ':', ' '])))
}

/// Reads `[1, 100]`.
fn brackets(clause: &str) -> Option<(Interval, &str)> {
    let (inner, rest) = clause.strip_prefix('[')?.split_once(']')?;
    let (min, max) = inner.split_once(',')?;
    Some((Interval::new(Some(min.trim().parse().ok()?), Some(max.trim().parse().ok()?)), rest))
}

/// Reads `at most 50`.
fn phrase(clause: &str) -> Option<(Interval, &str)> {
    let lower = clause.to_ascii_lowercase();
    let (phrase, bound) = PHRASES.iter().find(|(phrase, _)| lower.starts_with(phrase))?;
    let (number, rest) = number(clause.get(phrase.len()..)?.trim_start())?;
    let interval = match bound {
        Bound::Max => Interval::new(None, Some(number)),
        Bound::Below => Interval::new(None, Some(number - 1)),
        Bound::Min => Interval::new(Some(number), None),
        Bound::Above => Interval::new(Some(number + 1), None),
        Bound::Exact => Interval::new(Some(number), Some(number)),
    };
    Some((interval, rest))
}

/// Reads `1-100`, `1..100`, `1~100`, `1 to 100`.
fn pair(clause: &str) -> Option<(Interval, &str)> {
    let (clause, separators): (_, &[&str]) = match clause.strip_prefix("between ") {
        Some(rest) => (rest, &["and"]),
        None => (clause, &["..", "-", "~", "–", "to "]),
    };
    let (min, rest) = number(clause)?;
    let rest = rest.trim_start();
    let rest = separators.iter().find_map(|separator| rest.strip_prefix(separator))?;
    let (max, rest) = number(rest.trim_start())?;
    (min <= max).then_some((Interval::new(Some(min), Some(max)), rest))
}

/// Reads `8 characters`, which means exactly 8.
fn bare(clause: &str) -> Option<(Interval, &str)> {
    let (number, rest) = number(clause)?;
    let counts = ["characters", "chars", "letters", "digits"].iter().any(|unit| rest.trim_start().starts_with(unit));
    counts.then_some((Interval::new(Some(number), Some(number)), rest))
}

/// Reads the whole number that a text begins with.
fn number(text: &str) -> Option<(i128, &str)> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let end = digits.find(|char: char| !char.is_ascii_digit()).unwrap_or(digits.len());
    let (first, rest) = text.split_at(text.len() - digits.len() + end);
    let goes_on = rest.starts_with(|char: char| char.is_alphanumeric() || char == '_')
        || rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()));
    if goes_on { None } else { Some((first.parse().ok()?, rest)) }
}

/// Reads what is counted; returns the rest as well. Any plural counts, unless it is neither entries nor characters:
/// `bytes`, `GB`.
fn unit(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_start();
    let ends = |rest: &str| rest.is_empty() || rest.starts_with([',', ';', ':']);
    if ends(rest) || ["of [", "of letters", "comma-", "per ", "separated"].iter().any(|next| rest.starts_with(next)) {
        return Some(("", rest));
    }
    let rest = ["folder ", "file ", "user "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    let (word, after) = rest.split_at(rest.find(|char: char| !char.is_ascii_lowercase()).unwrap_or(rest.len()));
    let next = after.trim_start();
    let known = word.ends_with('s') && !["bytes", "bits", "pairs"].contains(&word);
    (known && (ends(next) || ["of ", "in ", "comma-", "separated"].iter().any(|start| next.starts_with(start))))
        .then_some((word, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let bound = |bound: Option<i128>| bound.map_or_else(|| "any".to_owned(), |bound| bound.to_string());
        leading(text).map_or_else(
            || "?".to_owned(),
            |(interval, rest)| format!("{}..{} {}|{rest}", bound(interval.min), bound(interval.max), interval.unit),
        )
    }

    #[test]
    fn usual_forms() {
        for text in ["1-100", "1..100", "[1,100]", "[1, 100]", "1~100", "1 to 100", "1 – 100", "between 1 and 100"] {
            assert_eq!(read(text), "1..100 |", "{text}");
        }
        for text in ["<= 100", "at most 100", "Max 100", "<=100", "up to 100", "no more than 100", "fewer than 101"] {
            assert_eq!(read(text), "any..100 |", "{text}");
        }
        for text in ["min 0", ">= 0", "> -1", "at least 0", "minimum 0"] {
            assert_eq!(read(text), "0..any |", "{text}");
        }
        for (text, expected) in [
            ("1-100 ids", "1..100 ids|"),
            ("at most 30 folder ids", "any..30 ids|"),
            ("exactly 8 characters of [0-9a-zA-Z]", "8..8 characters|of [0-9a-zA-Z]"),
            ("8 characters of [0-9a-zA-Z]", "8..8 characters|of [0-9a-zA-Z]"),
            ("max 512 characters, no emoji", "any..512 characters|no emoji"),
            ("at most 5 groups, separated by ';'", "any..5 groups|separated by ';'"),
            ("at most 100 comma-separated values", "any..100 |comma-separated values"),
            ("1-7: 1 copy", "1..7 |1 copy"),
            ("exactly 8 of [0-9]", "8..8 |of [0-9]"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    /// What isn't understood isn't guessed.
    #[test]
    fn other_units_and_forms() {
        for text in [
            "<= 200 GB",
            "at most 250 bytes",
            "at most 8 Chinese characters or 24 letters",
            "5GB",
            "1.5",
            "2025-09",
            "7",
            "4-digit",
            "",
        ] {
            assert_eq!(read(text), "?", "{text}");
        }
        assert!(
            ["a multiple of 64 bytes", "at most one", "up to 3", "5 or so", "max. one"]
                .iter()
                .all(|text| hints_at_limit(text))
        );
        assert!(
            ["user id issued by KooDrive", "SHA-256 of it", "the main page", "'root' for the root folder"]
                .iter()
                .all(|text| !hints_at_limit(text))
        );
    }
}
