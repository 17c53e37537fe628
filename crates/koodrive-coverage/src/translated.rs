//! What no rule can decide and a reader has to: names that are not the manual's, what each listed value is called, and which
//! texts are read as numbers.
//!
//! All of it stands in `translated.txt`, next to the manual's words. A change of a declaration changes a line there, where it
//! is read again; `cargo xtask coverage --write` writes the file anew.

use std::collections::BTreeMap;

use koodrive_proto::schema::{Answer, Field, Kind};
use koodrive_sim::facts;
use serde_json::{Map, Value as Json};

use super::range::words;
use super::{Declared, table};

/// The lines of one operation.
pub(super) fn lines(op: &Declared, fact: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fields = Vec::new();
    table::flatten(op.meta.params, "", &mut fields);
    for (name, field) in fields {
        let label = format!("{} {} {name}", op.meta.name, table::section(field.place));
        if !field.rust.is_empty() && camel_case(field.rust) != field.name {
            lines.push(format!("{label}: {}", field.rust));
        }
        lines.extend(choices(&label, field, &name, fact));
    }
    lines.extend(answers(op, fact).0);
    lines
}

/// `status = 2: Finished (finished | completed)`
fn choices(label: &str, field: &Field, name: &str, fact: &Json) -> Vec<String> {
    let kind = match field.kind {
        Kind::List(inner) | Kind::Quoted(inner) => *inner,
        kind => kind,
    };
    let Kind::Choice(choices) = kind else { return Vec::new() };
    let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, row) in table::rows(fact).filter(|(_, row)| row["name"] == name) {
        for range in table::said(row, "range") {
            for (value, words) in words(range.as_str().unwrap_or_default()) {
                said.entry(value).or_default().extend((!words.is_empty()).then_some(words));
            }
        }
    }
    let listed = choices.iter().filter(|choice| field.allows(choice));
    listed
        .map(|choice| value_line(label, &choice.wire.to_string(), choice.name, said.get(&choice.wire.to_string())))
        .collect()
}

fn value_line(label: &str, value: &str, variant: &str, words: Option<&Vec<String>>) -> String {
    let words = words.map(|words| words.join(" | ")).filter(|words| !words.is_empty());
    format!("{label} = {value}: {variant} ({})", words.as_deref().unwrap_or("no words"))
}

/// Each documented member of an answer, fed alone: the lines about it, and what `Debug` shows that it should not.
pub(super) fn answers(op: &Declared, fact: &Json) -> (Vec<String>, Vec<String>) {
    let (mut lines, mut shown) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<String, (String, BTreeMap<String, Vec<String>>)> = BTreeMap::new();
    for response in fact["responses"].as_array().into_iter().flatten() {
        for row in response["by_status"]["200"]["fields"].as_array().into_iter().flatten() {
            let (Some(path), Some(kind)) = (row["path"].as_str(), row["type"].as_str()) else { continue };
            let scalar = ["String", "Integer", "Long", "Double", "Boolean", "Array of strings", "Array of longs"];
            if ["code", "msg"].contains(&path) || !scalar.contains(&kind) {
                continue;
            }
            let (_, said) = seen.entry(path.to_owned()).or_insert_with(|| (kind.to_owned(), BTreeMap::new()));
            for (value, words) in values(&row["values"]) {
                let all = said.entry(value).or_default();
                if !words.is_empty() && !all.contains(&words) {
                    all.push(words);
                }
            }
        }
    }
    for (path, (kind, said)) in seen {
        let label = format!("{} answer {path}", op.meta.name);
        let Some((output, debug)) = alone(op, &path, &kind, "7") else {
            lines.push(format!("{label}: not read alone"));
            continue;
        };
        let last = path.rsplit('.').next().unwrap_or_default().trim_end_matches("[]");
        let (name, _) = leaf(&debug);
        let is_all = op.meta.answer == Answer::Data && path == "data";
        if !is_all && camel_case(name) != last {
            lines.push(format!("{label}: {name}"));
        }
        if kind == "String" && !has_text(&output) {
            lines.push(format!("{label}: String read as a number"));
        }
        for (value, words) in &said {
            if let Some((_, debug)) = alone(op, &path, &kind, value) {
                let (_, variant) = leaf(&debug);
                if variant.starts_with(char::is_uppercase) {
                    lines.push(value_line(&label, value, variant, Some(words)));
                }
            }
        }
        if kind == "String" && is_secret(last) {
            if let Some((_, debug)) = alone(op, &path, &kind, "s3cret") {
                if debug.contains("s3cret") {
                    shown.push(format!("answer: {path} is shown by Debug"));
                }
            }
        }
    }
    (lines, shown)
}

/// The documented values, as a list in prose or as an object.
fn values(json: &Json) -> Vec<(String, String)> {
    match json {
        Json::String(text) => words(text),
        Json::Object(values) => {
            values.iter().map(|(value, words)| (value.clone(), words.as_str().unwrap_or_default().to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

/// An answer with nothing but one member.
fn alone(op: &Declared, path: &str, kind: &str, text: &str) -> Option<(Json, String)> {
    let value: Json = match kind {
        "String" => text.into(),
        "Boolean" => true.into(),
        "Array of strings" => vec![text].into(),
        "Array of longs" => vec![7].into(),
        _ => text.parse::<i64>().ok()?.into(),
    };
    let mut root = Json::Object(Map::new());
    facts::put(&mut root, path, value);
    let output = (op.parse)(root.to_string().as_bytes()).ok()?;
    let debug = (op.debug)(root.to_string().as_bytes()).ok()?;
    Some((output, debug))
}

/// Name and content of the only member that is set: `status: Some(Finished)` in what `Debug` says.
fn leaf(debug: &str) -> (&str, &str) {
    for (at, open) in debug.match_indices(": Some(").chain(debug.match_indices(": [")) {
        let (before, content) = (&debug[..at], &debug[at + open.len()..]);
        let end = content.find([')', ']', ' ', '(']).unwrap_or(content.len());
        let is_struct = content[end..].starts_with(" {");
        if !is_struct && !content.starts_with(']') {
            let name = before.rsplit(|char: char| !char.is_alphanumeric() && char != '_').next().unwrap_or_default();
            return (name, &content[..end]);
        }
    }
    ("", debug)
}

fn has_text(json: &Json) -> bool {
    match json {
        Json::String(_) => true,
        Json::Array(items) => items.iter().any(has_text),
        Json::Object(members) => members.values().any(has_text),
        _ => false,
    }
}

/// By its name a token, a code that opens something, or a link that does.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "url", "urls", "link", "links", "password", "sessionid", "code", "secret"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn camel_case(name: &str) -> String {
    let mut parts = name.trim_start_matches("r#").split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut chars = part.chars();
        camel.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(chars.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_member_that_is_set() {
        let one = |debug| leaf(debug);
        assert_eq!(
            one("A { b: None, job_info: Some(Info { c: None, status: Some(Finished) }), d: [] }"),
            ("status", "Finished")
        );
        assert_eq!(one("A { files: [File { id: Some(\"7\"), size: None }] }"), ("id", "\"7\""));
        assert_eq!(one("A { b: None, token: Some(Secret(..)) }"), ("token", "Secret"));
        assert_eq!(one("A { a: [], names: [\"7\"], b: None }"), ("names", "\"7\""));
        assert_eq!(one("\"7\""), ("", "\"7\""));
    }

    #[test]
    fn names() {
        for (rust, camel) in
            [("part_number", "partNumber"), ("r#type", "type"), ("x_hw_schema", "xHwSchema"), ("a", "a")]
        {
            assert_eq!(camel_case(rust), camel);
        }
        assert!(
            ["accessToken", "uploadUrl", "downloadLinks", "sessionId", "extractCode"]
                .iter()
                .all(|name| is_secret(name))
        );
        assert!(["userId", "fileName", "linkName"].iter().all(|name| !is_secret(name)));
    }
}
