//! Checks answers: every documented member and example is decoded, and each member is what the facts say.

use std::collections::{BTreeMap, BTreeSet};

use koodrive_proto::Meta;
use koodrive_proto::schema::Envelope;
use koodrive_sim::facts;
use serde_json::{Map, Value as Json};

use crate::alone::{feed, value};
use crate::declared::{self, Declared};
use crate::docs::Docs;
use crate::fact::{Member, members, rows, said, successes, text};
use crate::prose::Said;
use crate::{Counts, limits, secret};

/// Feeds every documented field and every example, and looks for the values in what was decoded.
pub(crate) fn decoded(op: &Declared, fact: &Json, counts: &mut Counts) -> Vec<String> {
    let mut differences = Vec::new();
    for (response, success) in fact["responses"].as_array().into_iter().flatten().zip(successes(fact)) {
        let edition = text(&response["edition"]);
        let (mut table, unknown) = facts::sample(&success["fields"]);
        differences.extend(unknown.iter().map(|path| format!("answer ({edition}): {path} is no path or has no type")));
        counts.fields += leaves(&Json::Object(table.clone()));
        // Any other code would be a refusal.
        table.insert("code".to_owned(), 0.into());
        differences.extend(lost(op, &table).into_iter().map(|what| format!("answer ({edition}): {what}")));
    }
    for (edition, example) in facts::examples(fact) {
        counts.answers += 1;
        let lost = lost(op, example);
        differences.extend(lost.into_iter().map(|what| format!("answer's example ({edition}): {what}")));
    }
    // Only one line for each member, however many tables and examples have it.
    let mut known = BTreeSet::new();
    differences.retain(|line| {
        let what = line.split_once("): ").map_or(line.as_str(), |(_, what)| what);
        known.insert(what.split(": fed ").next().unwrap_or_default().to_owned())
    });
    differences
}

/// Returns what is missing in an answer after it was read and written again.
fn lost(op: &Declared, answer: &Map<String, Json>) -> Vec<String> {
    let answer = facts::with_code(answer);
    match (op.read)(&Json::Object(answer.clone())) {
        Ok((output, _)) => missing(op.meta, &answer, &output),
        Err(error) => vec![error.to_string()],
    }
}

/// Compares an answer with what was read from it, and returns what is missing there: one line for each member.
pub fn missing(meta: &Meta, answer: &Map<String, Json>, output: &Json) -> Vec<String> {
    let mut missing = Vec::new();
    for (name, value) in answer.iter().filter(|(name, _)| !["code", "msg"].contains(&name.as_str())) {
        match meta.envelope {
            Envelope::Data if name == "data" => covers(value, Some(output), name, &mut missing),
            Envelope::Data => covers(value, None, name, &mut missing),
            Envelope::Whole => {
                // A member with two names is written with the first.
                let other =
                    || output.as_object()?.iter().find(|(name, back)| !answer.contains_key(*name) && fits(value, back));
                let back = output.get(name).or_else(|| other().map(|(_, back)| back));
                covers(value, back, name, &mut missing);
            }
        }
    }
    missing
}

fn fits(fed: &Json, back: &Json) -> bool {
    let mut missing = Vec::new();
    covers(fed, Some(back), "", &mut missing);
    missing.is_empty()
}

/// Checks that all of `fed` is in `back`. A number may have become its text, and an object a list of itself.
fn covers(fed: &Json, back: Option<&Json>, path: &str, missing: &mut Vec<String>) {
    match (fed, back) {
        (Json::Null, _) => {}
        (Json::Object(members), Some(back @ Json::Object(_))) => {
            for (name, value) in members {
                covers(value, back.get(name), &format!("{path}.{name}"), missing);
            }
        }
        (Json::Object(_), Some(Json::Array(items))) if items.len() == 1 => covers(fed, items.first(), path, missing),
        (Json::Array(items), Some(Json::Array(others))) if items.len() == others.len() => {
            for (item, other) in items.iter().zip(others) {
                covers(item, Some(other), &format!("{path}[]"), missing);
            }
        }
        // An empty list, or an object that stands for one, is left out when it is written.
        (Json::Array(items), None) if items.is_empty() => {}
        (Json::Object(members), None) if members.is_empty() => {}
        // The example has a placeholder where a number belongs.
        (Json::String(text), None) if text == "string" => {}
        (fed, Some(back)) if same(fed, back) => {}
        (_, back) => {
            let back = back.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            missing.push(format!("{path} is not decoded: fed {fed}, got back {back}"));
        }
    }
}

/// Whether two values are equal, where a number equals its text.
pub(crate) fn same(a: &Json, b: &Json) -> bool {
    let number = |json: &Json| match json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    let exact = |json: &Json| match json {
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) => Some(text.clone()),
        _ => None,
    };
    // 7 and 7.0 are one number; long numbers are compared digit by digit only.
    let close = number(a).zip(number(b)).is_some_and(|(a, b)| (a - b).abs() < f64::EPSILON && a.abs() < 1e15);
    a == b || exact(a).is_some_and(|a| Some(a) == exact(b)) || close
}

fn leaves(json: &Json) -> usize {
    match json {
        Json::Object(members) if !members.is_empty() => members.values().map(leaves).sum(),
        Json::Array(items) if !items.is_empty() => items.iter().map(leaves).sum(),
        _ => 1,
    }
}

/// Checks the secrets and the listed values of the members.
pub(crate) fn contents(op: &Declared, fact: &Json, docs: &Docs) -> Vec<String> {
    let mut differences = Vec::new();
    for (path, member) in members(fact) {
        let label = format!("answer {path}");
        if let Some(fed) = value(member.kind(), "s3cret").and_then(|value| feed(op, &path, value)) {
            // Numbers and flags can't be hidden, and aren't secrets.
            let hidden = !fed.debug.contains("s3cret");
            let plain = member.kind() != "Boolean" && !is_choice(op, &path, &member);
            let why = secret::mismatch(secret::member(&path, &member), hidden);
            differences.extend(why.filter(|_| plain).map(|why| format!("{label}: {why}")));
        }
        differences.extend(listed(op, &path, &member, docs).map(|what| format!("{label}: {what}")));
    }
    differences
}

/// A value that no manual lists.
const UNHEARD: &str = "987654321";

/// Returns what `Debug` shows for a value of a member.
pub(crate) fn shown(op: &Declared, path: &str, member: &Member<'_>, text: &str) -> Option<String> {
    feed(op, path, value(member.kind(), text)?).map(|fed| fed.shown)
}

/// Whether the member's type has listed values.
pub(crate) fn is_choice(op: &Declared, path: &str, member: &Member<'_>) -> bool {
    shown(op, path, member, UNHEARD).is_some_and(|shown| shown == "Other")
}

fn listed(op: &Declared, path: &str, member: &Member<'_>, docs: &Docs) -> Option<String> {
    if member.kind() == "Boolean" {
        return None;
    }
    let documented: BTreeSet<String> = member.said.values.iter().map(|(value, _)| value.clone()).collect();
    let text = |values: &[&String]| values.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", ");
    if !is_choice(op, path, member) {
        let values: Vec<&String> = documented.iter().collect();
        let plain = member.said.lists() && values.len() > 1 && shown(op, path, member, UNHEARD).is_some();
        return plain.then(|| format!("values: documented {}, declared as none", text(&values)));
    }
    let declared: BTreeSet<String> = variants(op, path, member).into_iter().map(|(value, _)| value).collect();
    let lacks: Vec<&String> = documented.difference(&declared).collect();
    // A type that pages share has what any of them lists.
    let elsewhere = || {
        let lists = lists().get(last(path)).into_iter().flatten();
        let mut lists = lists.filter(|(module, _)| docs.uses(op.meta.module, module));
        lacks.is_empty() && lists.any(|(_, list)| list.is_superset(&declared))
    };
    let excess: Vec<&String> =
        declared.difference(&documented).filter(|_| member.said.lists() && !elsewhere()).collect();
    let mut parts = Vec::new();
    if !lacks.is_empty() {
        parts.push(format!("{} documented, not declared", text(&lacks)));
    }
    if !excess.is_empty() {
        parts.push(format!("{} declared, not documented", text(&excess)));
    }
    (!parts.is_empty()).then(|| format!("values: {}", parts.join("; ")))
}

/// Returns the values that a choice lists, with their names.
pub(crate) fn variants(op: &Declared, path: &str, member: &Member<'_>) -> Vec<(String, String)> {
    let variant = |value: &str| shown(op, path, member, value).filter(|shown| shown != "Other");
    let mut found: Vec<(String, String)> = Vec::new();
    for value in candidates() {
        let Some(shown) = variant(value) else { continue };
        // If numbers are listed, 007 is the same as 7.
        let number = value.parse::<i64>().map_or_else(|_| value.clone(), |number| number.to_string());
        if number == *value || variant(&number).as_ref() != Some(&shown) {
            found.push((value.clone(), shown));
        }
    }
    found.sort_by_key(|(value, _)| (value.parse::<i64>().unwrap_or_default(), value.clone()));
    found
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default().trim_end_matches("[]")
}

/// A module, and what one of its pages lists.
type List = (&'static str, BTreeSet<String>);

/// Returns what is listed for each name, in parameters and in answers.
fn lists() -> &'static BTreeMap<&'static str, Vec<List>> {
    static LISTS: std::sync::OnceLock<BTreeMap<&str, Vec<List>>> = std::sync::OnceLock::new();
    LISTS.get_or_init(|| {
        let mut lists: BTreeMap<&str, Vec<List>> = BTreeMap::new();
        let mut add = |module: &'static str, name: &'static str, said: Said| {
            let values: BTreeSet<String> = said.values.into_iter().map(|(value, _)| value).collect();
            lists.entry(last(name)).or_default().push((module, values));
        };
        for fact in facts::operations() {
            let module = text(&fact["module"]);
            for row in rows(fact) {
                row.ranges().into_iter().for_each(|(_, _, said)| add(module, row.name, said));
            }
            for success in successes(fact) {
                for field in success["fields"].as_array().into_iter().flatten() {
                    add(module, text(&field["path"]), said(&field["values"]));
                }
            }
        }
        lists
    })
}

/// Returns what a listed value may be: small numbers, and everything that is listed anywhere.
fn candidates() -> &'static BTreeSet<String> {
    static CANDIDATES: std::sync::OnceLock<BTreeSet<String>> = std::sync::OnceLock::new();
    CANDIDATES.get_or_init(|| {
        let mut found: BTreeSet<String> = (-1..=110).map(|number: i32| number.to_string()).collect();
        for (_, field) in declared::all().iter().flat_map(Declared::parameters) {
            found.extend(limits::choices(&field.kind).iter().map(|choice| choice.value.to_string()));
        }
        for fact in facts::operations() {
            found.extend(members(fact).into_values().flat_map(|member| member.said.values).map(|(value, _)| value));
        }
        found
    })
}
