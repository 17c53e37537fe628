//! What is declared against what is documented: docs, and answers of which one member is damaged.

use std::path::Path;

use koodrive_proto::check::FromParams;
use koodrive_proto::http::Response;
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::{Error, Meta, Operation, WithHead};
use koodrive_sim::facts;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read_to_string(path).unwrap()));
        }
    }
}

/// The lines that the macros add to docs would satisfy the compiler.
#[test]
fn every_declaration_and_member_has_docs() {
    let mut files = Vec::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../koodrive-proto/src/ops")), &mut files);
    let mut members = 0;
    for (path, text) in files {
        let mut inside = false;
        let mut before = "";
        for line in text.lines() {
            let trimmed = line.trim();
            let opens = ["operation! {", "object! {", "choices! {", "answer! {"].contains(&line);
            inside = opens || (inside && line != "}");
            // The first line of a declaration, and each member: `name: Type`, `Name = value`.
            let is_method = |line: &str| {
                ["GET ", "POST ", "PUT ", "PATCH ", "DELETE "].iter().any(|method| line.starts_with(method))
            };
            let method = is_method(trimmed);
            let name = trimmed.split([':', ' ']).next().unwrap_or_default();
            let named = !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || char == '_');
            let member = named && (trimmed[name.len()..].starts_with(": ") || trimmed[name.len()..].starts_with(" = "));
            // A long first line goes on in the next.
            if inside && !opens && !trimmed.starts_with("//") && (method || member && !is_method(before)) {
                assert!(before.starts_with("///"), "{path}: {trimmed} has no docs");
                members += 1;
            }
            before = trimmed;
        }
    }
    assert!(members > 200, "{members} found");
}

/// What was read, and what was noted.
type Read = (Json, Vec<String>);

/// An operation without its type.
struct Declared {
    meta: &'static Meta,
    parse: fn(&Json) -> Result<Read, Error>,
}

struct Collect(Vec<Declared>);

impl Visitor for Collect {
    fn operation<O: Operation<Output: Serialize> + FromParams>(&mut self) {
        self.0.push(Declared {
            meta: O::META,
            parse: |answer| {
                let answer = WithHead::<O>::parse(&Response::new(answer.to_string()))?;
                Ok((serde_json::to_value(answer.output).unwrap(), answer.notes.paths().to_vec()))
            },
        });
    }
}

/// The ways to all members and entries.
fn ways(json: &Json, way: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Json)> = match json {
        Json::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Json::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => return,
    };
    for (name, value) in inner {
        let way = format!("{way}/{name}");
        ways(value, &way, found);
        found.push(way);
    }
}

fn without(json: &Json, way: &str) -> Json {
    let mut json = json.clone();
    let (parent, name) = way.rsplit_once('/').unwrap();
    match json.pointer_mut(parent).unwrap() {
        Json::Array(items) => drop(items.remove(name.parse().unwrap())),
        parent => drop(parent.as_object_mut().unwrap().remove(name)),
    }
    json
}

/// Whether some JSON stands in another.
fn holds(json: &Json, part: &Json) -> bool {
    json == part
        || match json {
            Json::Object(members) => members.values().any(|value| holds(value, part)),
            Json::Array(items) => items.iter().any(|item| holds(item, part)),
            _ => false,
        }
}

/// `/data/list/2/size` as errors and notes name it.
fn path(way: &str) -> String {
    way.split('/').skip(1).fold(String::new(), |path, step| match step.parse::<usize>() {
        Ok(index) => format!("{path}[{index}]"),
        Err(_) if path.is_empty() => step.to_owned(),
        Err(_) => format!("{path}.{step}"),
    })
}

/// A documented answer, damaged anywhere: all the rest is read as before, and the damage is noted; or, where that is
/// all that there is on a page, the answer is refused with its place.
#[test]
fn damage_in_one_place_costs_nothing_else() {
    let mut collect = Collect(Vec::new());
    ops::visit(&mut collect);
    let (mut damaged, mut odd, mut refused) = (0, 0, 0);
    for op in collect.0 {
        let name = op.meta.name;
        for response in facts::operation(name).unwrap()["responses"].as_array().into_iter().flatten() {
            let success = &response["by_status"]["200"];
            let table = Json::Object(facts::sample(&success["fields"]).0);
            let example: Option<Json> = Some(success["example"].clone()).filter(Json::is_object);
            for mut answer in [Some(table), example].into_iter().flatten() {
                for name in ["code", "msg"] {
                    answer.as_object_mut().map(|members: &mut Map<_, _>| members.remove(name));
                }
                // An example may have types for values: `"string"` is noted where a number belongs, damage or not.
                let before = (op.parse)(&answer).unwrap().1;
                assert!(before.is_empty() || holds(&answer, &json!("string")), "{name}: {before:?}");
                let parse = |other: &Json| {
                    (op.parse)(other).map(|(read, mut notes)| {
                        notes.retain(|note| !before.contains(note));
                        (read, notes)
                    })
                };
                let mut found = Vec::new();
                ways(&answer, "", &mut found);
                for (way, junk) in
                    found.iter().flat_map(|way| [json!([[[]]]), json!([{"a": 1}, [7]])].map(|junk| (way, junk)))
                {
                    let mut other = answer.clone();
                    *other.pointer_mut(way).unwrap() = junk;
                    damaged += 1;
                    match parse(&other) {
                        // Only where any JSON is kept as it is, nothing is odd; or where nobody reads it.
                        Ok((read, notes)) if notes.is_empty() => {
                            let kept = [json!([[[]]]), json!([{"a": 1}, [7]])].iter().any(|junk| holds(&read, junk));
                            assert!(kept || read == parse(&without(&answer, way)).unwrap().0, "{name} {way}: {read}");
                        }
                        Ok((read, notes)) => {
                            odd += 1;
                            let place = path(way);
                            // The names in a map are content.
                            let map = place.rsplit_once('.').map_or("", |(map, _)| map);
                            let there =
                                |note: &String| note.starts_with(&place) || note.starts_with(&format!("{map}.*"));
                            assert!(notes.iter().all(there), "{name} {way}: {notes:?}");
                            // Of a list some entry may be read: it stands where nothing of the kind was.
                            let expected = parse(&without(&answer, way)).unwrap().0;
                            if !notes.iter().any(|note| note.starts_with(&format!("{place}["))) {
                                assert_eq!(read, expected, "{name} {way}");
                            }
                        }
                        Err(error) => {
                            refused += 1;
                            let all =
                                way == "/data" || !path(way).contains('[') || parse(&without(&answer, way)).is_err();
                            let alone = way
                                .rsplit_once('/')
                                .is_some_and(|(parent, last)| last == "0" && !path(parent).contains('['));
                            assert!(all || alone, "{name} {way}: {error}");
                            assert!(error.to_string().contains(&path(way)), "{name} {way}: {error}");
                        }
                    }
                }
            }
        }
    }
    println!("{damaged} damaged, {odd} noted, {refused} refused");
    assert!(odd > 500 && refused > 20, "{damaged} damaged, {odd} noted, {refused} refused");
}
