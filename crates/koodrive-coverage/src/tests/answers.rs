use koodrive_proto::{Operation, Secret, answer, choices, operation};
use serde_json::{Value as Json, json};

use super::{Declared, differences, fact};
use crate::translated;

operation! {
    /// Makes something.
    POST "/things" Make -> Made as data;
    AppOrToken, Once, Carrier Full, Enterprise Full;
    body {;
        /// Its name.
        name: String,
        /// How many.
        number: u32,
    }
}

answer! {
    /// What was made.
    Made {
        /// Its id.
        id: Option<String>,
        /// Its size.
        size: Option<i64>,
        /// Its state.
        state: Option<State> = "status",
        /// The link.
        download_url: Option<Secret>,
        /// What the SDK wants.
        config: Option<String>,
        /// Parts.
        parts: Vec<Part>,
    }
}

answer! {
    /// A part.
    Part {
        /// Its name.
        name: Option<String>,
        /// Whether it is there.
        exists: Option<bool>,
    }
}

choices! {
    /// A state.
    pub enum State: number {
        /// New.
        New = 0,
        /// Done.
        Done = 1,
    }
}

fn field(path: &str, kind: &str, values: Json, notes: &str) -> Json {
    json!({"path": path, "type": kind, "values": values, "notes": notes})
}

fn agrees(more: &[Json]) -> Json {
    let mut fields = vec![
        field("code", "Integer", Json::Null, "0 = success"),
        field("data", "data object", Json::Null, ""),
        field("data.id", "String", Json::Null, "0 department: its id; 1 user: the user's"),
        field("data.size", "String", Json::Null, ""),
        field("data.status", "Integer", json!({"0": "NEW"}), "1 = done (at last); 0 = new"),
        field("data.downloadUrl", "String", Json::Null, "link"),
        field("data.config", "String", Json::Null, ""),
        field("data.parts", "Array of Part objects", Json::Null, ""),
        field("data.parts[].name", "String", Json::Null, ""),
        field("data.parts[].exists", "Boolean", Json::Null, ""),
    ];
    for row in more {
        fields.retain(|field| field["path"] != row["path"]);
        fields.push(row.clone());
    }
    fact(json!({
        "module": Make::META.module,
        "body": [
            {"name": "name", "type": "String", "required": false},
            {"name": "number", "type": "Integer", "required": false},
        ],
        "responses": [{"edition": "carrier", "by_status": {"200": {"fields": fields}}}],
    }))
}

fn lines(more: &[Json]) -> Vec<String> {
    differences(&Declared::of::<Make>(), &agrees(more))
}

#[test]
fn what_agrees_brings_no_line() {
    assert_eq!(lines(&[]), [""; 0]);
    assert_eq!(
        translated::lines(&Declared::of::<Make>(), &agrees(&[])),
        [
            "Make answer data.size: String read as a number",
            "Make answer data.status: state",
            "Make answer data.status = 0: New (NEW | new)",
            "Make answer data.status = 1: Done (done)",
        ]
    );
}

/// A member that is not decoded is told once, and nothing else is said about it.
#[test]
fn what_is_left_out() {
    let more = [field("data.parts[].token", "String", json!("0 old; 1 new"), "a token")];
    let found = lines(&more);
    assert!(
        found.len() == 1 && found[0].starts_with("answer (carrier): data.parts[].token is not decoded: fed "),
        "{found:?}"
    );
    let lines = translated::lines(&Declared::of::<Make>(), &agrees(&more));
    assert!(lines.iter().all(|line| !line.contains("parts")), "{lines:?}");
    // Once, though both manuals and an example have it.
    let mut fact = agrees(&more);
    let mut other = fact["responses"][0].clone();
    other["edition"] = json!("enterprise");
    other["by_status"]["200"]["example"] = json!({"code": 0, "data": {"parts": [{"token": "a"}]}});
    fact["responses"].as_array_mut().unwrap().push(other);
    assert_eq!(differences(&Declared::of::<Make>(), &fact).len(), 1);
    // A type that the declared one can't hold, and no type at all.
    assert!(lines_of(&field("data.size", "Array of strings", Json::Null, ""))[0].contains("data.size is not decoded"));
    assert_eq!(
        lines_of(&field("data.x member", "Long", Json::Null, "")),
        ["answer (carrier): data.x member is no path or has no type"]
    );
}

fn lines_of(row: &Json) -> Vec<String> {
    lines(std::slice::from_ref(row))
}

#[test]
fn listed_values() {
    let status = |values: &str| lines_of(&field("data.status", "Integer", json!(values), ""));
    assert_eq!(status("0 new; 1 done; 2 failed"), ["answer data.status: values: 2 documented, not declared"]);
    assert_eq!(
        status("0 new; 2 failed"),
        ["answer data.status: values: 2 documented, not declared; 1 declared, not documented"]
    );
    assert_eq!(status("0 new; further values not seen"), [""; 0]);
    assert_eq!(status(""), [""; 0]);
    let name = lines_of(&field("data.parts[].name", "String", Json::Null, "0 big, 1 small"));
    assert_eq!(name, ["answer data.parts[].name: values: documented 0, 1, declared as none"]);
    let none = translated::lines(&Declared::of::<Make>(), &agrees(&[field("data.status", "Integer", Json::Null, "")]));
    assert!(none.contains(&"Make answer data.status: nothing listed, declared 0 New, 1 Done".to_owned()), "{none:?}");
}

#[test]
fn secrets() {
    let config = |notes: &str| lines_of(&field("data.config", "String", Json::Null, notes));
    assert_eq!(
        config("its code works once only"),
        ["answer data.config: not declared as a secret, and one by what is said: `its code works once only`"]
    );
    let with_example = |config: &str| {
        let mut fact = agrees(&[]);
        fact["responses"][0]["by_status"]["200"]["example"] = json!({"code": 0, "data": {"config": config}});
        differences(&Declared::of::<Make>(), &fact)
    };
    let expected = ["answer data.config: not declared as a secret, and one by an example"];
    assert_eq!(with_example(r#"{"sdk_auth_code": "043", "source": "ID"}"#), expected);
    assert_eq!(with_example("https://obs.example/file?X-Amz-Signature=7"), expected);
    assert_eq!(with_example(r#"{"source": "ID"}"#), [""; 0]);
    let icon = lines_of(&field("data.downloadUrl", "String", Json::Null, "picture of the group"));
    assert_eq!(icon, ["answer data.downloadUrl: declared as a secret, and nothing documented makes it one"]);
}

#[test]
fn examples_of_answers() {
    let with_example = |example: Json| {
        let mut fact = agrees(&[]);
        fact["responses"][0]["by_status"]["200"]["example"] = example;
        differences(&Declared::of::<Make>(), &fact)
    };
    assert_eq!(with_example(json!({"code": 0, "data": {"id": "7", "size": "9", "parts": []}})), [""; 0]);
    // Types instead of values.
    assert_eq!(with_example(json!({"code": "string", "data": {"id": "string", "size": "string"}})), [""; 0]);
    let refused = with_example(json!({"code": 13_000_102}));
    assert!(refused.len() == 1 && refused[0].contains("code 13000102"), "{refused:?}");
    assert_eq!(
        with_example(json!({"code": 0, "data": {}, "id": "7"})),
        ["answer's example (carrier): id is not decoded: fed \"7\", got back nothing"]
    );
}

#[test]
fn examples_of_requests() {
    let example = |line: &str, body: Json| {
        let mut fact = agrees(&[]);
        fact["request_examples"] = json!([{"edition": "carrier", "line": line, "body": body}]);
        differences(&Declared::of::<Make>(), &fact)
    };
    let only = |what: &str| [format!("request's example (carrier): {what}")];
    assert_eq!(example("POST /things", json!({"name": "a", "number": "7"})), [""; 0]);
    // Empty for what isn't set.
    assert_eq!(example("POST /things?cursor", json!({"number": ""})), [""; 0]);
    assert_eq!(example("PUT /things", json!({"name": "a"})), only("the method is PUT, made was POST"));
    assert_eq!(example("POST /things", json!({"more": []})), only("more is [], and can't be made"));
    assert_eq!(example("POST /things", json!({"more": ""})), only("more is \"\", and can't be made"));
    assert!(example("POST /thing", json!({"name": "a"}))[0].contains("path"));
    assert!(example("POST /things?a=b", json!({"name": "a"}))[0].contains("the query is"));
    assert!(example("POST /things", json!({"number": -1}))[0].contains("number: got -1"));
}
