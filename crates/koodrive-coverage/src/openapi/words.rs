//! Sentences for descriptions, from the remarks of the facts.

use koodrive_proto::schema::{Auth, Facts, Field, Kind, Safety};
use serde_json::Value as Json;

use crate::declared::Declared;
use crate::fact::{Row, text};
use crate::table;

/// Returns what an operation's description says beyond its summary.
pub(super) fn operation(op: &Declared) -> String {
    let manuals = op.meta.editions.iter().map(|(edition, facts)| {
        let read = if *facts == Facts::Full { "" } else { ", whose page could be read in part only" };
        format!("the {} manual{read}", table::name(*edition))
    });
    let mut sentences = vec![format!("Described by {}.", manuals.collect::<Vec<_>>().join(" and by "))];
    sentences.extend(op.paged.then(|| "A listing, page by page.".to_owned()));
    let safety = match op.meta.safety {
        Safety::ReadOnly => "It changes nothing.",
        Safety::Idempotent => "A second run has the same effect as the first.",
        Safety::Once => "It must not be repeated unless the service can't have seen it.",
    };
    sentences.push(safety.to_owned());
    let credentials = match op.meta.auth {
        Auth::TokenAlone => "The page lists neither X-User-Id nor X-Date.",
        Auth::AppOrToken | Auth::App | Auth::Token => "",
        _ => "It needs no credentials.",
    };
    sentences.extend((!credentials.is_empty()).then(|| credentials.to_owned()));
    sentences.join(" ")
}

/// Returns a module's first paragraph.
pub(super) fn module(docs: &str) -> String {
    docs.lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
        .replace("[`", "`")
        .replace("`]", "`")
}

/// Returns what is known about a parameter.
pub(super) fn parameter(field: &Field, row: Option<&Row<'_>>) -> String {
    let mut sentences = Vec::new();
    if let Some(row) = row {
        let mut notes = by_edition("", row.each("notes"));
        if notes.is_empty() {
            notes = row.notes().into_iter().map(sentence).collect();
        }
        sentences.extend(notes);
        sentences.extend(by_edition("Values: ", row.each("range")));
        let units = row.any("unit").into_iter().map(text).find(|unit| !unit.is_empty());
        sentences.extend(units.map(|unit| format!("Unit: {unit}.")));
    }
    if let Some(limit) = field.limit.filter(|_| matches!(field.kind, Kind::Quoted(_))) {
        sentences.push(format!("A number from {} to {}, as a text.", limit.min, limit.max));
    }
    if let Some(limit) = field.limit.filter(|limit| !limit.unit.is_empty()) {
        sentences.push(format!("Unit: {}.", limit.unit));
    }
    match field.kind {
        Kind::Rule(rule) if rule.allowed != "any text" => sentences.push(format!("Allowed: {}.", rule.allowed)),
        Kind::Joined(separator, _) => {
            sentences.push(format!("Entries separated by `{separator}`."));
            sentences.extend(field.limit.map(|limit| format!("{} to {} of them.", limit.min, limit.max)));
        }
        Kind::File(ends) if !ends.is_empty() => {
            sentences.push(format!("The file's name ends in {}.", ends.join(" or ")));
        }
        _ => {}
    }
    if let Some(edition) = field.only {
        sentences.push(format!("Only the {} manual lists it.", table::name(edition)));
    }
    if let Some(edition) = field.required_by {
        sentences.push(format!("Only the {} manual requires it.", table::name(edition)));
    }
    unique(sentences)
}

/// Returns what the rows of both manuals say about a member of an answer.
pub(super) fn member(rows: &[&Json]) -> String {
    let mut sentences = Vec::new();
    for row in rows {
        sentences.push(sentence(text(&row["notes"])));
        sentences.push(match &row["values"] {
            Json::Object(values) => {
                let values = values.iter().map(|(value, meaning)| format!("{value} {}", text(meaning)));
                sentence(&values.collect::<Vec<_>>().join("; "))
            }
            values => sentence(text(values)),
        });
        let unit = text(&row["unit"]);
        sentences.extend((!unit.is_empty()).then(|| format!("Unit: {unit}.")));
    }
    unique(sentences)
}

/// Makes one sentence of what all manuals say alike, and one for each where they differ.
fn by_edition(label: &str, said: Vec<(&str, &Json)>) -> Vec<String> {
    let said: Vec<(&str, &str)> = said.into_iter().map(|(edition, said)| (edition, text(said).trim())).collect();
    let first = said.first().map_or("", |(_, first)| *first);
    if said.iter().all(|(_, other)| *other == first) {
        return if first.is_empty() { Vec::new() } else { vec![sentence(&format!("{label}{first}"))] };
    }
    let differing = said.into_iter().filter(|(_, said)| !said.is_empty());
    differing.map(|(edition, said)| sentence(&format!("{label}{edition}: {said}"))).collect()
}

/// Writes a remark as a sentence.
fn sentence(words: &str) -> String {
    let mut chars = words.trim().chars();
    let Some(first) = chars.next() else { return String::new() };
    // Names and values keep their letters: `shareFolderId of …`.
    let word: String = first.to_string() + chars.as_str().split(' ').next().unwrap_or_default();
    let is_name = word.chars().skip(1).any(|char| !char.is_lowercase() && !",;:'-".contains(char));
    let first = if is_name { first.to_string() } else { first.to_uppercase().to_string() };
    let end = if chars.as_str().ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

fn unique(sentences: Vec<String>) -> String {
    let mut known: Vec<String> = Vec::new();
    for sentence in sentences {
        if !sentence.is_empty() && !known.contains(&sentence) {
            known.push(sentence);
        }
    }
    known.join(" ")
}
