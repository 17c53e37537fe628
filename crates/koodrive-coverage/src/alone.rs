//! Reads an answer that has nothing but one member, and says what became of it.

use koodrive_sim::facts;
use serde_json::{Map, Value as Json};

use crate::declared::Declared;

/// What became of a member that was fed alone.
pub(crate) struct Alone {
    /// The member's name in Rust; empty if the member is the whole answer.
    pub(crate) name: String,
    /// What `Debug` shows for it: `Finished`, `"7"`, `Secret`.
    pub(crate) shown: String,
    /// Everything that `Debug` shows.
    pub(crate) debug: String,
    /// Whether a text came back.
    pub(crate) is_text: bool,
}

/// Feeds one member; returns `None` if nothing of it came back.
pub(crate) fn feed(op: &Declared, path: &str, value: Json) -> Option<Alone> {
    let empty = match value {
        Json::Array(_) => Json::Array(Vec::new()),
        _ => Json::Null,
    };
    let with = |value: Json| {
        let mut root = Json::Object(Map::new());
        facts::put(&mut root, path, value);
        (op.read)(&root).ok()
    };
    let (output, debug) = with(value)?;
    let without = with(empty).map(|(_, debug)| debug).unwrap_or_default();
    if without == debug {
        return None;
    }
    let (name, shown) = differing(&without, &debug);
    Some(Alone { name, shown, is_text: has_text(&output), debug })
}

/// Creates a value of a documented type, from a text.
pub(crate) fn value(kind: &str, text: &str) -> Option<Json> {
    Some(match kind {
        "String" => text.into(),
        "Boolean" => true.into(),
        "Array of strings" => vec![text].into(),
        "Array of longs" | "Array of integers" => vec![text.parse::<i64>().ok()?].into(),
        _ => text.parse::<i64>().ok()?.into(),
    })
}

/// Returns the name and the content of the one thing in which two outputs of `Debug` differ.
fn differing(without: &str, with: &str) -> (String, String) {
    let same: usize = without.chars().zip(with.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    // Splits between two words, since what is shown may begin like what was shown before.
    let at = with[..same].rfind(|char: char| !char.is_alphanumeric() && char != '"').map_or(0, |at| at + 1);
    let (before, mut shown) = with.split_at(at);
    while let Some(rest) = shown.strip_prefix("Some(").or_else(|| shown.strip_prefix('[')) {
        shown = rest;
    }
    let end = shown.find([')', ']', ' ', '(', ',']).unwrap_or(shown.len());
    let before = before.trim_end_matches(['[', ' ', ':']);
    let name = before.rsplit(|char: char| !char.is_alphanumeric() && !"_#".contains(char)).next().unwrap_or_default();
    (name.to_owned(), shown[..end].to_owned())
}

fn has_text(json: &Json) -> bool {
    match json {
        Json::String(_) => true,
        Json::Array(items) => items.iter().any(has_text),
        Json::Object(members) => members.values().any(has_text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::differing;

    #[test]
    fn the_only_thing_that_is_new() {
        for (without, with, name, shown) in [
            ("A { b: None, c: None }", "A { b: None, c: Some(Finished) }", "c", "Finished"),
            ("A { files: [F { id: None }] }", "A { files: [F { id: Some(\"7\") }] }", "id", "\"7\""),
            ("A { token: None }", "A { token: Some(Secret(..)) }", "token", "Secret"),
            ("A { names: [], b: None }", "A { names: [\"7\"], b: None }", "names", "\"7\""),
            ("A { r#type: None }", "A { r#type: Some(Other(7)) }", "r#type", "Other"),
            ("None", "Some(\"7\")", "", "\"7\""),
        ] {
            assert_eq!(differing(without, with), (name.to_owned(), shown.to_owned()), "{with}");
        }
    }
}
