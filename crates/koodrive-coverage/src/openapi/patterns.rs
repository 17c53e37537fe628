//! Rules for texts as regular expressions, where these can say what the rule says.

use koodrive_proto::schema::{Field, Kind, Rule};

macro_rules! date {
    () => {
        "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    };
}

macro_rules! time {
    () => {
        "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    };
}

/// What a rule allows, in its own words, and as a regular expression. Emoji, sizes in bytes and the length of months
/// are left to the words.
const PATTERNS: &[(&str, &str)] = &[
    ("ASCII letters and digits", "^[A-Za-z0-9]*$"),
    ("ASCII letters, digits and `_`", "^[A-Za-z0-9_]*$"),
    ("ASCII letters, digits, `_` and white space", r"^[A-Za-z0-9_ \t]*$"),
    ("ASCII letters, digits, `-`, `_` and white space", r"^[A-Za-z0-9_ \t-]*$"),
    ("not empty, not `.` or `..`, none of < > | : \" * ? /", r#"^(?!\.{1,2}$)[^<>|:"*?/]+$"#),
    ("not empty, not `.` or `..`, none of < > | : \" * ? / \\", r#"^(?!\.{1,2}$)[^<>|:"*?/\\]+$"#),
    (
        "not empty, not `.` or `..`, none of < > | : * ? \" /, no emoji, line end, backspace or tab",
        r#"^(?!\.{1,2}$)[^<>|:"*?/\r\n\t\x08]+$"#,
    ),
    ("not blank, not `.` or `..`, none of < > | : \" * ? / \\, no emoji", r#"^(?!\.{1,2}$)(?=.*\S)[^<>|:"*?/\\]+$"#),
    ("empty, or `/` and no backslash after it", r"^(/[^\\]*)?$"),
    ("digits: a code of 4 such as 0027, and the number", "^[0-9]{5,}$"),
    ("a date and time as yyyy-MM-dd HH:mm:ss", concat!("^", date!(), " ", time!(), "$")),
    ("a date and time as yyyy-MM-ddTHH:mm:ssZ", concat!("^", date!(), "T", time!(), "Z$")),
    ("a date and time as yyyy-MM-ddTHH:mm:ss.SSSZ", concat!("^", date!(), "T", time!(), r"\.[0-9]{3}Z$")),
    ("a month as yyyy-MM", "^[0-9]{4}-(0[1-9]|1[0-2])$"),
];

/// Returns the regular expression of a rule.
pub(super) fn of(rule: &Rule) -> Option<&'static str> {
    PATTERNS.iter().find(|(allowed, _)| *allowed == rule.allowed).map(|(_, pattern)| *pattern)
}

/// Returns each regular expression that no parameter uses.
pub(super) fn unused<'a>(parameters: impl Iterator<Item = &'a Field>) -> Vec<String> {
    let mut unused: Vec<&str> = PATTERNS.iter().map(|(allowed, _)| *allowed).collect();
    for field in parameters {
        if let Kind::Rule(rule) = field.kind {
            unused.retain(|allowed| *allowed != rule.allowed);
        }
    }
    unused.into_iter().map(|allowed| format!("openapi: no parameter allows `{allowed}`")).collect()
}
