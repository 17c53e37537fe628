//! Lists what no rule can decide, and a reader has to: names that are not the manual's, what each listed value is
//! called, rules for texts, and which texts are read as numbers.
//!
//! The folder `translated` has all of it, next to the manual's words. If a declaration changes, a line there changes
//! and is read again; `cargo xtask coverage --write` writes the files anew.

use koodrive_proto::schema::Envelope;
use serde_json::Value as Json;

use crate::alone::{feed, value};
use crate::answers::{is_choice, variants};
use crate::declared::{Declared, section};
use crate::fact::{Member, Row, members, rows};
use crate::limits;
use crate::prose::{Said, Value};

/// Returns the lines of one operation.
pub(crate) fn lines(op: &Declared, fact: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    let rows = rows(fact);
    for (name, field) in op.parameters() {
        let place = section(field.place);
        let label = format!("{} {place} {name}", op.meta.name);
        if !field.rust.is_empty() && !is_name(field.rust, field.name) {
            lines.push(format!("{label}: {}", field.rust));
        }
        let row = rows.iter().find(|row| row.place == place && row.name.eq_ignore_ascii_case(&name));
        let values = row.map(values).unwrap_or_default();
        let choices = limits::choices(&field.kind).iter().filter(|choice| field.allows(choice));
        let choices: Vec<_> = choices.map(|choice| (choice.value.to_string(), choice.name.to_owned())).collect();
        lines.extend(value_lines(&label, &choices, &values));
        lines.extend(row.and_then(|row| limits::rule_words(&field, row)).map(|rule| format!("{label}: {rule}")));
    }
    for (path, member) in members(fact) {
        lines.extend(answer(op, &path, &member));
    }
    lines
}

fn values(row: &Row<'_>) -> Vec<Value> {
    let mut said = Said::default();
    row.ranges().into_iter().for_each(|(_, _, other)| said.add(other));
    said.values
}

/// Writes `status = 2: Finished (finished | completed)` for each value, or one line for all values if the facts list
/// none of them.
fn value_lines(label: &str, declared: &[(String, String)], said: &[Value]) -> Vec<String> {
    if said.is_empty() && !declared.is_empty() {
        let all: Vec<String> = declared.iter().map(|(value, variant)| format!("{value} {variant}")).collect();
        return vec![format!("{label}: nothing listed, declared {}", all.join(", "))];
    }
    let line = |(value, variant): &(String, String)| {
        let words = match said.iter().find(|(listed, _)| listed == value) {
            None => "not listed",
            Some((_, words)) if words.is_empty() => "no words",
            Some((_, words)) => words,
        };
        format!("{label} = {value}: {variant} ({words})")
    };
    declared.iter().map(line).collect()
}

/// Returns the lines of a member of an answer: its name, what it is read as, and its listed values.
fn answer(op: &Declared, path: &str, member: &Member<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let label = format!("{} answer {path}", op.meta.name);
    // A member that isn't decoded is a difference, and has no name.
    let Some(fed) = value(member.kind(), "7").and_then(|value| feed(op, path, value)) else { return lines };
    let last = path.rsplit('.').next().unwrap_or_default().trim_end_matches("[]");
    let is_all = op.meta.envelope == Envelope::Data && path == "data";
    if !is_all && !is_name(&fed.name, last) {
        lines.push(format!("{label}: {}", fed.name));
    }
    if member.kind() == "String" && !fed.is_text {
        lines.push(format!("{label}: String read as a number"));
    }
    if is_choice(op, path, member) {
        lines.extend(value_lines(&label, &variants(op, path, member), &member.said.values));
    }
    lines
}

/// Whether a name in Rust is the manual's.
fn is_name(rust: &str, wire: &str) -> bool {
    rust.trim_start_matches("r#") == wire || camel_case(rust) == wire
}

/// Converts a name in Rust to the form that the manuals use.
pub(crate) fn camel_case(name: &str) -> String {
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
    use super::camel_case;

    #[test]
    fn names() {
        for (rust, camel) in
            [("part_number", "partNumber"), ("r#type", "type"), ("x_hw_schema", "xHwSchema"), ("a", "a")]
        {
            assert_eq!(camel_case(rust), camel);
        }
    }
}
