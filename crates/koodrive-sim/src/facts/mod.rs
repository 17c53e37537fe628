//! What the manuals document, as JSON: the copy of the facts that the simulator answers from, and that this project's
//! coverage check uses.

mod shape;

use std::sync::OnceLock;

use serde_json::{Map, Value as Json};

pub use shape::{Shape, Type, shape};

macro_rules! files {
    ($($module:literal)*) => {
        const FILES: &[(&str, &str)] =
            &[$(($module, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/facts/", $module, ".json")))),*];
    };
}

files! {
    "accounts" "albums" "archives" "audit_log" "backup" "benefits" "departments" "favorites" "files" "groups" "invitations"
    "jobs" "messages" "moderation" "permissions" "portal" "previews" "reconciliation" "revisions" "service" "sessions"
    "share_links" "shared_folders" "shares" "spaces" "tasks" "users"
}

/// Returns everything that is documented, one object for each operation.
pub fn operations() -> &'static [Json] {
    static OPERATIONS: OnceLock<Vec<Json>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        // These are files of this crate, and its tests read all of them.
        FILES.iter().flat_map(|(_, text)| serde_json::from_str::<Vec<Json>>(text).unwrap_or_default()).collect()
    })
}

/// Returns what is documented about one operation.
pub fn operation(name: &str) -> Option<&'static Json> {
    operations().iter().find(|operation| operation["name"] == name)
}

/// Returns the documented examples of successful answers, as far as they could be read, each with its manual.
pub fn examples<'a>(fact: &'a Json) -> Vec<(&'a str, &'a Map<String, Json>)> {
    let example = |response: &'a Json| {
        let success = &response["by_status"]["200"];
        let example = success["example"].as_object().or_else(|| success["example_part"].as_object())?;
        Some((response["edition"].as_str().unwrap_or_default(), example))
    };
    fact["responses"].as_array().into_iter().flatten().filter_map(example).collect()
}

/// Returns an answer with a code that says that the call succeeded, where an example has a type in its place.
pub fn with_code(answer: &Map<String, Json>) -> Map<String, Json> {
    let mut answer = answer.clone();
    if answer.get("code").and_then(Json::as_str).is_some_and(|code| code.parse::<f64>().is_err()) {
        answer.insert("code".to_owned(), 0.into());
    }
    answer
}

/// Returns the documented answer to a success: the example, or what its table lists if no example could be read in
/// full.
pub fn answer(name: &str) -> Map<String, Json> {
    let successes = || {
        let responses = operation(name).and_then(|operation| operation["responses"].as_array());
        responses.into_iter().flatten().map(|response| &response["by_status"]["200"])
    };
    let example = successes().find_map(|success| success["example"].as_object().cloned());
    example.or_else(|| successes().next().map(|success| sample(&success["fields"]).0)).unwrap_or_default()
}

/// Creates an answer with everything that a table of fields lists, each with its own value. Returns also the fields
/// whose path or type isn't known.
pub fn sample(fields: &Json) -> (Map<String, Json>, Vec<String>) {
    let mut root = Json::Object(Map::new());
    let mut unknown = Vec::new();
    let mut fields: Vec<(&str, &str)> = fields
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|field| Some((field["path"].as_str()?, field["type"].as_str().unwrap_or_default())))
        .collect();
    // Objects come before their members.
    fields.sort_by_key(|(path, _)| path.matches('.').count());
    for (number, (path, kind)) in (2..).zip(fields) {
        let named = path.chars().all(|char| char.is_ascii_alphanumeric() || "_.[]".contains(char));
        match value(kind, number) {
            Some(value) if named => put(&mut root, path, value),
            _ => unknown.push(path.to_owned()),
        }
    }
    let root = if let Json::Object(root) = root { root } else { Map::new() };
    (root, unknown)
}

/// Creates a value of a documented type. Texts are digits, since many are numbers.
fn value(kind: &str, number: u32) -> Option<Json> {
    Some(match kind {
        "String" => number.to_string().into(),
        "Integer" | "Long" => number.into(),
        "Double" => (f64::from(number) + 0.5).into(),
        "Boolean" => (number % 2 == 0).into(),
        "Array of strings" => vec![number.to_string(), "1".to_owned()].into(),
        "Array of longs" | "Array of integers" => vec![number, 1].into(),
        "Map<String,String>" => Json::Object(Map::from_iter([("key".to_owned(), number.to_string().into())])),
        kind if kind.starts_with("Array of ") => Json::Array(vec![Json::Object(Map::new())]),
        kind if kind.ends_with(" object") || kind == "Object" => Json::Object(Map::new()),
        _ => return None,
    })
}

/// Puts a value at `a.b[].c`, unless there is another value.
pub fn put(root: &mut Json, path: &str, value: Json) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let (name, listed) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
    let Some(object) = root.as_object_mut() else { return };
    match rest {
        None => {
            object.entry(name).or_insert(value);
        }
        Some(rest) => {
            let empty = Json::Object(Map::new());
            let inner = object.entry(name).or_insert(if listed { Json::Array(vec![empty]) } else { empty });
            let inner = if inner.is_array() { inner.get_mut(0) } else { Some(inner) };
            if let Some(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_files_are_read_and_are_what_the_index_lists() {
        let index = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/facts/index.json"));
        let index: Vec<Json> = serde_json::from_str(index).unwrap();
        let mut names: Vec<&Json> = index.iter().map(|row| &row["name"]).collect();
        let mut found: Vec<&Json> = operations().iter().map(|operation| &operation["name"]).collect();
        names.sort_by_key(ToString::to_string);
        found.sort_by_key(ToString::to_string);
        assert_eq!(found.len(), 181);
        assert_eq!(found, names);
        // What could be read in full of one manual is full.
        for row in &index {
            let read = operation(row["name"].as_str().unwrap()).unwrap()["completeness"].as_object().unwrap();
            let is_full = read.values().any(|read| read.as_str().unwrap().starts_with("full"));
            assert_eq!(row["facts"], if is_full { "full" } else { "partial" }, "{}", row["name"]);
        }
        for (module, text) in FILES {
            assert!(!serde_json::from_str::<Vec<Json>>(text).unwrap().is_empty(), "{module}");
        }
    }

    #[test]
    fn a_table_becomes_an_answer() {
        let fields = json!([
            {"path": "data.list[].size", "type": "Long"},
            {"path": "data", "type": "data object"},
            {"path": "data.list", "type": "Array of File objects"},
            {"path": "data.list[].names", "type": "Array of strings"},
            {"path": "ok", "type": "Boolean"},
            {"path": "data.x size member", "type": "Long"},
            {"path": "data.y", "type": "(not seen)"},
        ]);
        let (answer, unknown) = sample(&fields);
        assert_eq!(Json::Object(answer), json!({"data": {"list": [{"size": 7, "names": ["8", "1"]}]}, "ok": false}),);
        assert_eq!(unknown, ["data.x size member", "data.y"]);
        assert_eq!(answer_of("RenewBackupLock"), json!({"code": 0, "msg": "success"}));
        assert_eq!(answer_of("DeleteMessages"), json!({"messages": [{"id": "3", "changed": true}]}));
        assert_eq!(answer_of("NoSuchOperation"), json!({}));
    }

    fn answer_of(name: &str) -> Json {
        Json::Object(answer(name))
    }
}
