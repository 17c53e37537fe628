//! Reads what the manuals' prose says about a value: an interval, listed values, a rule for texts, a separator.
//!
//! Prose that mentions no limit is skipped. What could be a limit and isn't understood is kept, to be reported.

mod interval;
mod values;

pub(crate) use interval::Interval;
pub(crate) use values::Value;

use interval::{hints_at_limit, leading};
use values::{is_item, numbered, without_remarks};

/// What a text says about a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// The interval.
    pub(crate) interval: Option<Interval>,
    /// The listed values.
    pub(crate) values: Vec<Value>,
    /// Whether there are values beyond the listed ones.
    pub(crate) open: bool,
    /// Patterns and formats.
    pub(crate) rules: Vec<String>,
    /// The separator of entries that are sent as one text.
    pub(crate) separator: Option<char>,
    /// Clauses that may be limits, but aren't understood.
    pub(crate) unclear: Vec<String>,
}

impl Said {
    /// Reads a column about ranges or values.
    pub(crate) fn range(text: &str) -> Self {
        let mut said = Self::default();
        let text = said.pattern(text);
        let text = without_remarks(&text);
        let text = text.trim();
        let text =
            ["fixed:", "always ", "only "].iter().find_map(|start| text.strip_prefix(start)).unwrap_or(text).trim();
        if let Some((words, cut)) =
            values::words(text).filter(|(words, _)| !words.iter().any(|(word, _)| word == "any"))
        {
            (said.values, said.open) = (words, cut);
            return said;
        }
        said.values = numbered(text);
        said.open = OPEN.iter().any(|word| text.contains(word)) || said.values.len() == 1 && text.contains("otherwise");
        for clause in clauses(text) {
            said.clause(clause);
        }
        said
    }

    /// Reads a remark. It may list values or have a pattern, but numbers in it aren't limits.
    pub(crate) fn notes(text: &str) -> Self {
        let mut said = Self::default();
        let text = said.pattern(text);
        let text = without_remarks(&text);
        if !["no value", "not stated", "not given"].iter().any(|word| text.contains(word)) {
            said.values = numbered(&text);
        }
        said.open = !said.values.is_empty() && OPEN.iter().any(|word| text.contains(word));
        said.separator = separator(&text);
        let dates = clauses(&text).into_iter().filter(|clause| is_date(clause));
        said.rules.extend(dates.map(|clause| clause.split(", e.g.").next().unwrap_or_default().to_owned()));
        // A single number counts as a value only if the remark begins with it; otherwise, the remark is about something
        // else.
        if said.values.len() == 1 && !text.trim_start().starts_with(&format!("{} =", said.values[0].0)) {
            said.values.clear();
        }
        said
    }

    /// Takes the regular expression that a text begins with, and returns the rest.
    fn pattern(&mut self, text: &str) -> String {
        let text = text.trim();
        if !text.starts_with('^') {
            return text.to_owned();
        }
        // The `$` at its end, or one in parentheses.
        let ends = text.match_indices('$').map(|(at, _)| at + 1);
        let mut ends = ends.filter_map(|end| {
            let rest = text[end..].trim_start_matches(')');
            (rest.is_empty() || rest.starts_with([' ', ';', ','])).then_some(text.len() - rest.len())
        });
        let (pattern, rest) = text.split_at(ends.next_back().unwrap_or(text.len()));
        self.rules.push(pattern.to_owned());
        rest.trim_start_matches([' ', ';', ',']).to_owned()
    }

    fn clause(&mut self, clause: &str) {
        let clause = clause.trim();
        let lower = clause.to_ascii_lowercase();
        let example =
            ["sample", "e.g.", "example", "default", "no upper limit"].iter().any(|word| lower.starts_with(word));
        if clause.is_empty() || example {
            return;
        }
        if let Some((interval, rest)) = leading(clause) {
            self.interval = Some(self.interval.as_ref().map_or_else(|| interval.clone(), |other| other.and(&interval)));
            self.clause(rest);
        } else if let Some(separator) = separator(clause) {
            self.separator = Some(separator);
        } else if is_item(clause) {
            // It is among the values already.
        } else if is_rule(clause) && !lower.starts_with("at most") {
            self.rules.push(clause.to_owned());
        } else if let Some((words, cut)) = values::words(clause).filter(|(words, cut)| words.len() > 1 || *cut) {
            self.values.extend(words);
            self.open |= cut;
        } else if hints_at_limit(clause) {
            self.unclear.push(clause.to_owned());
        }
    }

    /// Adds what is said elsewhere about the same value.
    pub(crate) fn add(&mut self, other: Self) {
        for (value, words) in other.values {
            match self.values.iter_mut().find(|(known, _)| *known == value) {
                None => self.values.push((value, words)),
                Some((_, known)) if known.is_empty() => *known = words,
                Some((_, known)) if words.is_empty() || known.split(" | ").any(|part| part == words) => {}
                Some((_, known)) => *known = format!("{known} | {words}"),
            }
        }
        self.interval = match (self.interval.take(), other.interval) {
            (Some(a), Some(b)) => Some(a.or(&b)),
            (one, other) => one.or(other),
        };
        self.open |= other.open;
        let rules = other.rules.into_iter().filter(|rule| !self.rules.contains(rule));
        self.rules.extend(rules.collect::<Vec<_>>());
        self.separator = self.separator.or(other.separator);
        self.unclear.extend(other.unclear);
    }

    /// Whether the listed values are the only ones.
    pub(crate) fn lists(&self) -> bool {
        !self.open && (self.values.len() > 1 || self.values.len() == 1 && self.interval.is_none())
    }
}

/// Words which say that not all values are listed.
const OPEN: &[&str] = &["further values", "may grow", "not seen", "elsewhere", "may be extended"];

/// Splits a text at semicolons that aren't quoted, and removes prefixes like `zh-cn:`.
fn clauses(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(';') {
        if !text[..at].ends_with('\'') {
            found.push(&text[start..at]);
            start = at + 1;
        }
    }
    found.push(&text[start..]);
    found.into_iter().map(|clause| clause.trim().trim_start_matches("zh-cn:").trim()).collect()
}

fn separator(text: &str) -> Option<char> {
    if text.contains("comma-separated") || text.contains("separated by comma") {
        return Some(',');
    }
    let (_, rest) = text.split_once("separated by '")?;
    rest.chars().next()
}

fn is_date(clause: &str) -> bool {
    clause.to_ascii_lowercase().starts_with("yyyy")
}

/// Whether a clause says which characters a text has, or in which order.
fn is_rule(clause: &str) -> bool {
    const WORDS: [&str; 12] = [
        "of [",
        "none of",
        "no emoji",
        "not '",
        "letters",
        "-digit",
        "digits",
        "json",
        "base64",
        "iso ",
        "illegal",
        "characters of",
    ];
    let lower = clause.to_ascii_lowercase();
    is_date(clause) || WORDS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests;
