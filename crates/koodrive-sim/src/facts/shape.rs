//! What a successful answer looks like: everything that the tables and examples of both manuals show, as one tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use serde_json::{Map, Value as Json};

/// What the manuals say about an answer, or about one member of it.
///
/// Where the manuals, or a table and its example, disagree about a type, both are allowed. `null` is allowed for every
/// member but the answer's own `code` and `msg`, since no page says which members are always there.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Shape {
    /// The types that are documented; none if no page shows one, and then every value fits.
    pub types: BTreeSet<Type>,
    /// The members of an object.
    pub members: BTreeMap<&'static str, Self>,
    /// Whether an object may have members that aren't in `members`: its table, or a part of it, could not be read.
    pub open: bool,
    /// What the values of a map are, whose keys are free.
    pub values: Option<Box<Self>>,
    /// What the entries of a list are. Where an object may stand for the list, it is like its entries.
    pub items: Option<Box<Self>>,
    /// The rows of the tables, with `unit`, `values` and `notes`, at most one of each manual's pages.
    pub rows: Vec<&'static Json>,
}

/// A type of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Flag,
    /// An object, or a map.
    Object,
    /// A list.
    List,
}

/// Returns the shape of an operation's successful answer.
pub fn shape(name: &str) -> Option<&'static Shape> {
    static SHAPES: OnceLock<BTreeMap<&str, Shape>> = OnceLock::new();
    let shapes = SHAPES.get_or_init(|| {
        let named = |fact: &'static Json| Some((fact["name"].as_str()?, answer(fact)));
        super::operations().iter().filter_map(named).collect()
    });
    shapes.get(name)
}

impl Shape {
    /// Returns what an answer has that no page documents: members without a name there, and values of another type.
    pub fn misfits(&self, answer: &Json) -> Vec<String> {
        let mut misfits = Vec::new();
        self.compare(answer, "", &mut misfits);
        for name in ["code", "msg"].into_iter().filter(|name| answer.get(name).is_some_and(Json::is_null)) {
            misfits.push(format!("{name}: null, which only other members may be"));
        }
        misfits
    }

    fn compare(&self, value: &Json, path: &str, misfits: &mut Vec<String>) {
        if !self.types.is_empty() && !self.types.iter().any(|kind| kind.has(value)) {
            let documented: Vec<String> = self.types.iter().map(ToString::to_string).collect();
            let place = if path.is_empty() { "the answer" } else { path };
            misfits.push(format!("{place}: {}, documented as {}", describe(value), documented.join(" or ")));
            return;
        }
        match value {
            Json::Object(members) => {
                let shape = self.items.as_deref().unwrap_or(self);
                for (name, value) in members {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    match shape.members.get(name.as_str()).or(shape.values.as_deref()) {
                        // A member without a value says as much as one that is absent.
                        Some(member) if !value.is_null() => member.compare(value, &path, misfits),
                        None if !shape.is_free() => misfits.push(format!("{path}: no page documents this member")),
                        _ => {}
                    }
                }
            }
            Json::Array(values) => {
                for value in values {
                    self.items.iter().for_each(|item| item.compare(value, &format!("{path}[]"), misfits));
                }
            }
            _ => {}
        }
    }

    /// Whether an object may have members that no page names: because its page could not be read, or because no member
    /// is named.
    pub fn is_free(&self) -> bool {
        self.open || self.members.is_empty() && self.values.is_none()
    }

    /// Returns the part of the shape at a path of the tables: `data.list[].size`.
    fn at(&mut self, path: &'static str) -> &mut Self {
        path.split('.').fold(self, |shape, part| {
            let name = part.trim_end_matches("[]");
            shape.types.insert(Type::Object);
            let member = shape.members.entry(name).or_default();
            (0..part.matches("[]").count()).fold(member, |shape, _| {
                shape.types.insert(Type::List);
                shape.items.get_or_insert_default()
            })
        })
    }

    fn add_row(&mut self, row: &'static Json) {
        let path = row["path"].as_str().unwrap_or_default();
        if !path.chars().all(|char| char.is_ascii_alphanumeric() || "_-.[]".contains(char)) {
            // A description stands where the name of a member could not be read.
            if let Some((object, _)) = path.split_once("[] ") {
                let list = self.at(object);
                list.types.insert(Type::List);
                list.items.get_or_insert_default().open = true;
            }
            return;
        }
        let member = self.at(path);
        member.rows.push(row);
        let kind = row["type"].as_str().unwrap_or_default();
        match kind.strip_prefix("Array of ") {
            Some(entries) => {
                member.types.insert(Type::List);
                member.items.get_or_insert_default().types.extend(named(entries));
            }
            None => member.types.extend(named(kind)),
        }
        if kind.starts_with("Map<") {
            member.values.get_or_insert_default().types.insert(Type::Text);
        }
    }

    fn add_example(&mut self, value: &'static Json) {
        let kind = match value {
            Json::Null => return,
            Json::Bool(_) => Type::Flag,
            Json::String(_) => Type::Text,
            Json::Number(number) if number.is_f64() => Type::Number,
            Json::Number(_) => Type::Integer,
            Json::Object(members) => {
                match &mut self.items {
                    Some(entry) => entry.add_members(members),
                    None => self.add_members(members),
                }
                Type::Object
            }
            Json::Array(items) => {
                let item = self.items.get_or_insert_default();
                for value in items {
                    item.add_example(value);
                }
                Type::List
            }
        };
        self.types.insert(kind);
    }

    fn add_members(&mut self, members: &'static Map<String, Json>) {
        for (name, value) in members {
            let member = match &mut self.values {
                Some(values) if !self.members.contains_key(name.as_str()) => values,
                _ => self.members.entry(name).or_default(),
            };
            member.add_example(value);
        }
    }
}

impl Type {
    fn has(self, value: &Json) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Flag => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::List => value.is_array(),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::Object => "an object",
            Self::List => "a list",
        })
    }
}

fn answer(fact: &'static Json) -> Shape {
    let mut answer = Shape { types: [Type::Object].into(), ..Shape::default() };
    let responses = fact["responses"].as_array().into_iter().flatten();
    let rows = responses.filter_map(|response| response["by_status"]["200"]["fields"].as_array()).flatten();
    rows.for_each(|row| answer.add_row(row));
    for (_, example) in super::examples(fact) {
        answer.add_members(example);
    }
    // Each answer has both, although not every page lists them; a code is a number or its text.
    answer.open = answer.members.keys().all(|name| *name == "code");
    answer.members.entry("code").or_default().types = [Type::Text, Type::Integer].into();
    answer.members.entry("msg").or_default().types = [Type::Text].into();
    answer
}

/// Returns the type that a table names; `None` if it was not seen, as in `Array of ... (cut)`.
fn named(kind: &str) -> Option<Type> {
    Some(match kind {
        "String" | "strings" => Type::Text,
        "Integer" | "Long" | "integers" | "longs" => Type::Integer,
        "Double" => Type::Number,
        "Boolean" => Type::Flag,
        kind if kind.contains('(') => return None,
        // What else the tables name is an object: `data object`, `TaskInfo`, `Map<String,String>`.
        _ => Type::Object,
    })
}

fn describe(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a flag",
        Json::Number(number) if number.is_f64() => "a fraction",
        Json::Number(_) => "a whole number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts;

    #[test]
    fn all_that_is_documented_fits() {
        for fact in facts::operations() {
            let name = fact["name"].as_str().unwrap();
            let shape = shape(name).unwrap();
            let answers = facts::examples(fact).into_iter().map(|(_, example)| example.clone());
            for answer in answers.chain([facts::answer(name)]) {
                assert_eq!(shape.misfits(&Json::Object(answer)), [""; 0], "{name}");
            }
        }
    }

    #[test]
    fn what_no_page_shows_is_named() {
        let misfits = |name, answer: Json| shape(name).unwrap().misfits(&answer);
        let found = misfits(
            "ListOwnerSpaces",
            json!({"code": null, "msg": 1, "surprise": true, "data": [{"capacity": 1.5, "x": {}, "status": null}, null]}),
        );
        let expected = [
            "data[].capacity: a fraction, documented as a text",
            "data[].x: no page documents this member",
            "data[]: null, documented as an object",
            "msg: a whole number, documented as a text",
            "surprise: no page documents this member",
            "code: null, which only other members may be",
        ];
        assert_eq!(found, expected);
        assert_eq!(misfits("ListOwnerSpaces", json!([])), ["the answer: a list, documented as an object"]);

        // The table says a list, the example has an object.
        let data = json!({"type": "1", "x": 1});
        let found = misfits("GetSpaceAllocation", json!({"code": "0", "data": data}));
        assert_eq!(found, ["data.x: no page documents this member"]);
        let found = misfits("GetSpaceAllocation", json!({"data": [data]}));
        assert_eq!(found, ["data[].x: no page documents this member"]);
        // The keys of a map are free, its values aren't.
        let file = |value: Json| json!({"files": [{"properties": {"any": value}}]});
        assert_eq!(misfits("ListGroupFiles", file("1".into())), [""; 0]);
        let found = ["files[].properties.any: a whole number, documented as a text"];
        assert_eq!(misfits("ListGroupFiles", file(1.into())), found);
        // These pages could not be read, or not to the end.
        assert_eq!(misfits("CreateAlbum", json!({"code": 0, "id": "1"})), [""; 0]);
        assert_eq!(misfits("GetJob", json!({"data": {"uncompressedFileList": [{"size": 1}]}})), [""; 0]);
        assert_eq!(misfits("ListAlbums", json!({"albumList": [{"scopeDir": [1, "1"]}]})), [""; 0]);
    }
}
