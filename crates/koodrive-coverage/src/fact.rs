//! What the facts say about one operation: its parameters, and the members of its answers.

use std::collections::BTreeMap;

use koodrive_sim::facts;
use serde_json::{Map, Value as Json};

use crate::prose::Said;

/// A documented parameter.
pub(crate) struct Row<'a> {
    /// `path`, `query`, `header` or `body`.
    pub(crate) place: &'static str,
    /// The parameter's name, with those of the objects around it.
    pub(crate) name: &'a str,
    /// The manuals that list it.
    pub(crate) editions: Vec<&'a str>,
    json: &'a Json,
}

/// Returns the documented parameters, without the five common headers and Host, which every call has.
pub(crate) fn rows(fact: &Json) -> Vec<Row<'_>> {
    const COMMON: [&str; 6] = ["host", "authorization", "language", "x-traceid", "x-user-id", "x-date"];
    let all = texts(&fact["editions"]);
    let mut rows = Vec::new();
    for (place, section) in [("path", "path_params"), ("query", "query"), ("header", "headers"), ("body", "body")] {
        // A body that could not be read may be taken from another page.
        let fact_of = |name| facts::operation(name).unwrap_or(fact);
        let source = fact["body_as"].as_str().filter(|_| section == "body").map_or(fact, fact_of);
        for json in source[section].as_array().into_iter().flatten() {
            let name = text(&json["name"]);
            let lower = name.to_ascii_lowercase();
            if place != "header" || !(COMMON.contains(&lower.as_str()) || name.contains(['/', '('])) {
                let editions = if json["editions"].is_array() { &json["editions"] } else { &fact["editions"] };
                let mut editions = texts(editions);
                editions.retain(|edition| all.contains(edition));
                rows.push(Row { place, name, editions, json });
            }
        }
    }
    rows
}

impl<'a> Row<'a> {
    /// Returns what each manual says about something, if it says anything.
    pub(crate) fn each(&self, key: &str) -> Vec<(&'a str, &'a Json)> {
        let of = |edition: &'a str| {
            let value = self.json["differs"][edition].get(key).unwrap_or_else(|| &self.json[key]);
            (!value.is_null()).then_some((edition, value))
        };
        self.editions.iter().filter_map(|edition| of(edition)).collect()
    }

    /// Returns what any of the manuals says about something, without duplicates.
    pub(crate) fn any(&self, key: &str) -> Vec<&'a Json> {
        let mut found = Vec::new();
        for (_, value) in self.each(key) {
            if !found.contains(&value) {
                found.push(value);
            }
        }
        found
    }

    /// Returns the remarks.
    pub(crate) fn notes(&self) -> Vec<&'a str> {
        // These include the remarks beside what the manuals say differently.
        let mut found: Vec<&str> = self.any("notes").into_iter().map(text).collect();
        found.extend(self.json["notes"].as_str().filter(|notes| !found.contains(notes)));
        found
    }

    /// Returns what each manual says about ranges and values: the text of the column, and what it and the remarks mean.
    pub(crate) fn ranges(&self) -> Vec<(&'a str, String, Said)> {
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        for (edition, range) in self.each("range") {
            let mut whose = edition;
            // The form is `carrier: …; enterprise: …`.
            for part in text(range).split("; ") {
                let mut part = part;
                for name in ["carrier", "enterprise"] {
                    if let Some(rest) = part.strip_prefix(name).and_then(|rest| rest.strip_prefix(": ")) {
                        (whose, part) = (name, rest);
                    }
                }
                let said = texts.entry(whose).or_default();
                if !said.split("; ").any(|other| other == part) {
                    said.push_str(if said.is_empty() { "" } else { "; " });
                    said.push_str(part);
                }
            }
        }
        let notes = self.each("notes");
        let mut found = Vec::new();
        for edition in &self.editions {
            let range = texts.remove(edition).unwrap_or_default();
            let mut said = Said::range(&range);
            for (_, note) in notes.iter().filter(|(whose, _)| whose == edition) {
                said.add(Said::notes(text(note)));
            }
            found.push((*edition, range, said));
        }
        found
    }
}

/// A documented member of an answer that contains a text, a number, a flag, or a list of these.
#[derive(Default)]
pub(crate) struct Member<'a> {
    /// The types that the manuals give it.
    pub(crate) kinds: Vec<&'a str>,
    /// The remarks.
    pub(crate) notes: Vec<&'a str>,
    /// The listed values, and what is said about them.
    pub(crate) said: Said,
    /// The texts that it has in the examples.
    pub(crate) examples: Vec<&'a str>,
}

impl Member<'_> {
    /// Returns the type that can hold most.
    pub(crate) fn kind(&self) -> &str {
        if self.kinds.contains(&"String") { "String" } else { self.kinds.first().copied().unwrap_or("String") }
    }
}

/// Returns the members of all documented answers, by their paths: `data.list[].size`.
pub(crate) fn members(fact: &Json) -> BTreeMap<String, Member<'_>> {
    const SCALAR: [&str; 8] =
        ["String", "Integer", "Long", "Double", "Boolean", "Array of strings", "Array of longs", "Array of integers"];
    let mut members: BTreeMap<String, Member<'_>> = BTreeMap::new();
    for success in successes(fact) {
        for row in success["fields"].as_array().into_iter().flatten() {
            let (path, kind, notes) = (text(&row["path"]), text(&row["type"]), text(&row["notes"]));
            let named = path.chars().all(|char| char.is_ascii_alphanumeric() || "_.[]-".contains(char));
            if !SCALAR.contains(&kind) || !named || ["code", "msg"].contains(&path) {
                continue;
            }
            let member = members.entry(path.to_owned()).or_default();
            member.kinds.push(kind);
            member.notes.extend((!notes.is_empty()).then_some(notes));
            member.said.add(said(&row["values"]));
            // `0 department: its id; 1 user: the user's` describes the kind that is beside an id.
            let name = path.rsplit('.').next().unwrap_or_default();
            if name != "id" && !name.ends_with("Id") {
                member.said.add(Said::notes(notes));
            }
        }
    }
    for (_, example) in facts::examples(fact) {
        leaves(example, "", &mut |path, example| {
            if !["code", "msg"].contains(&path) {
                let member = members.entry(path.to_owned()).or_default();
                member.examples.push(example);
            }
        });
    }
    for member in members.values_mut().filter(|member| member.kinds.is_empty()) {
        // This member is in an example only.
        member.kinds.push("String");
    }
    members
}

/// Returns what a column of listed values means.
pub(crate) fn said(values: &Json) -> Said {
    match values {
        Json::Object(values) => Said {
            values: values.iter().map(|(value, words)| (value.clone(), text(words).to_owned())).collect(),
            ..Said::default()
        },
        values => {
            let mut said = Said::range(text(values));
            // A single number may be an example.
            said.open |= said.values.len() == 1;
            said
        }
    }
}

/// Passes every text of an example on, with its path.
fn leaves<'a>(object: &'a Map<String, Json>, path: &str, found: &mut impl FnMut(&str, &'a str)) {
    fn value<'a>(json: &'a Json, path: &str, found: &mut impl FnMut(&str, &'a str)) {
        match json {
            Json::Object(object) => leaves(object, path, found),
            Json::Array(items) => items.iter().for_each(|item| value(item, &format!("{path}[]"), found)),
            Json::String(text) => found(path.trim_end_matches("[]"), text),
            _ => {}
        }
    }
    for (name, member) in object {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        value(member, &path, found);
    }
}

/// Returns the documented successful answers.
pub(crate) fn successes(fact: &Json) -> impl Iterator<Item = &Json> {
    fact["responses"].as_array().into_iter().flatten().map(|response| &response["by_status"]["200"])
}

pub(crate) fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

pub(crate) fn texts(json: &Json) -> Vec<&str> {
    json.as_array().into_iter().flatten().map(text).collect()
}
