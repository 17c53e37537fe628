//! Every declared operation against the facts: method, path, parameters, answers, examples.
//!
//! A difference fails the check unless `explained.json` has its reason; a reason without a difference fails as well. What only
//! a reader can compare stands in `translated.txt`.

mod examples;
mod range;
mod table;
mod translated;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io::Write;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::{FromParams, Untyped};
use koodrive_proto::chrono::Utc;
use koodrive_proto::error::BoxError;
use koodrive_proto::http::{Request, Response};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::schema::Auth;
use koodrive_proto::{AccessToken, Api, Credentials, Error, Meta, Operation};
use koodrive_sim::facts;
use serde::Serialize;
use serde_json::Value as Json;

/// Names and values, next to the manual's words.
const TRANSLATED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/translated.txt"));

/// Where that file is.
pub const TRANSLATED_PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/translated.txt");

/// The reasons, by operation and difference.
const EXPLAINED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/explained.json"));

/// An operation without its type.
struct Declared {
    meta: &'static Meta,
    request: fn(&dyn Untyped) -> Result<Request<Bytes>, Error>,
    parse: fn(&[u8]) -> Result<Json, Error>,
    debug: fn(&[u8]) -> Result<String, Error>,
}

struct Collect(Vec<Declared>);

impl Visitor for Collect {
    fn operation<O: Operation<Output: Serialize + Debug> + FromParams>(&mut self) {
        self.0.push(Declared {
            meta: O::META,
            request: |input| {
                let credentials = match O::META.auth {
                    Auth::Token | Auth::TokenAlone => Credentials::token(AccessToken::as_issued("token"), "1"),
                    _ => Credentials::app("app", "secret", "1"),
                };
                let api = Api::new("https://drive.example", credentials)?.agent_name("standard")?;
                api.request(&O::from_params(input)?, Utc::now())
            },
            debug: |body| Ok(format!("{:?}", O::parse(&Response::new(body))?)),
            parse: |body| serde_json::to_value(O::parse(&Response::new(body))?).map_err(Error::build),
        });
    }
}

fn declared() -> Vec<Declared> {
    let mut collect = Collect(Vec::new());
    ops::visit(&mut collect);
    collect.0
}

/// What was compared.
#[derive(Debug, Default)]
struct Counts {
    fields: usize,
    answers: usize,
    requests: usize,
    /// Of these, the ones that came out the same.
    made: usize,
}

fn compare(op: &Declared, fact: &Json, counts: &mut Counts) -> Vec<String> {
    let mut differences = table::compare(op.meta, fact);
    differences.extend(examples::answers(op, fact, counts));
    differences.extend(examples::requests(op, fact, counts));
    differences.extend(translated::answers(op, fact).1);
    differences
}

/// What `translated.txt` should hold.
pub fn translated() -> String {
    let lines = declared()
        .into_iter()
        .flat_map(|op| facts::operation(op.meta.name).map(|fact| translated::lines(&op, fact)).unwrap_or_default());
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// Compares all, prints each difference, and fails if one has no reason.
pub fn run(out: &mut impl Write) -> Result<(), BoxError> {
    let mut explained: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(EXPLAINED)?;
    let (mut counts, mut open, mut reasons) = (Counts::default(), 0, 0);
    let declared = declared();
    for op in &declared {
        let name = op.meta.name;
        let fact = facts::operation(name).ok_or_else(|| format!("{name} is in no fact"))?;
        let mut known = explained.remove(name).unwrap_or_default();
        for difference in compare(op, fact, &mut counts) {
            if let Some(reason) = known.remove(&difference) {
                reasons += 1;
                writeln!(out, "{name}: {difference}\n    {reason}")?;
            } else {
                open += 1;
                writeln!(out, "{name}: {difference}\n    NOT EXPLAINED")?;
            }
        }
        for difference in known.keys() {
            open += 1;
            writeln!(out, "{name}: {difference}\n    EXPLAINED, BUT NO DIFFERENCE")?;
        }
    }
    for name in explained.keys() {
        open += 1;
        writeln!(out, "{name}: EXPLAINED, BUT NOT DECLARED")?;
    }
    let translated = translated();
    let (now, then): (BTreeSet<&str>, BTreeSet<&str>) = (translated.lines().collect(), TRANSLATED.lines().collect());
    for (line, what) in
        now.difference(&then).map(|line| (line, "new")).chain(then.difference(&now).map(|line| (line, "gone")))
    {
        open += 1;
        writeln!(out, "translated.txt: {line}\n    {what}: READ IT, THEN cargo xtask coverage --write")?;
    }
    let Counts { fields, answers, requests, made } = counts;
    writeln!(
        out,
        "\nanswers: {fields} documented fields fed, {answers} examples read; requests: {made} of {requests} examples made anew"
    )?;
    writeln!(out, "differences: {reasons} explained, {open} not")?;
    writeln!(out, "operations: {} of {}", declared.len(), facts::operations().len())?;
    if open == 0 { Ok(()) } else { Err(format!("{open} differences are not explained").into()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn op(name: &str) -> Declared {
        declared().into_iter().find(|op| op.meta.name == name).unwrap()
    }

    /// The differences that a change of the facts brings.
    fn after(name: &str, change: impl FnOnce(&mut Json)) -> Vec<String> {
        let op = op(name);
        let mut fact = facts::operation(name).unwrap().clone();
        let before = compare(&op, &fact, &mut Counts::default());
        change(&mut fact);
        compare(&op, &fact, &mut Counts::default()).into_iter().filter(|line| !before.contains(line)).collect()
    }

    fn set(name: &str, pointer: &str, value: Json) -> Vec<String> {
        after(name, |fact| *fact.pointer_mut(pointer).unwrap() = value)
    }

    #[test]
    fn all_is_explained() {
        let mut out = Vec::new();
        let result = run(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(result.is_ok(), "{text}");
        assert!(text.ends_with(&format!("\noperations: {} of 181\n", ops::ALL.len())), "{text}");
    }

    #[test]
    fn every_change_of_the_facts_is_found() {
        let one = |lines: Vec<String>, expected: &str| assert_eq!(lines, [expected]);
        one(set("UpdateSpace", "/method", json!("POST")), "method: documented POST, declared PUT");
        let documented = set("UpdateSpace", "/path", json!("/koodrive/ose/v1/space/{owner_id}"));
        assert!(
            documented[0].starts_with("path: documented /koodrive/ose/v1/space/{owner_id}, declared"),
            "{documented:?}"
        );
        one(set("UpdateSpace", "/auth", json!(["token"])), "credentials: documented token, declared app, token");
        one(set("UpdateSpace", "/module", json!("files")), "module: documented files, declared spaces");
        let manuals = "manuals: documented carrier partial, enterprise full, declared carrier full, enterprise full";
        one(set("UpdateSpace", "/completeness/carrier", json!("partial: …")), manuals);

        // A page of ten parameters: one more, one less, and each property of one.
        let row = |name: &str| {
            let rows = facts::operation("CreateShare").unwrap()["body"].as_array().unwrap();
            format!("/body/{}", rows.iter().position(|row| row["name"] == name).unwrap())
        };
        let share =
            |row: &str, change: fn(&mut Json)| after("CreateShare", |fact| change(fact.pointer_mut(row).unwrap()));
        one(share(&row("comment"), |row| row["name"] = json!("remark")).split_off(1), "body comment: not documented");
        one(
            share(&row("validDays"), |row| row["range"] = json!("1-366")),
            "body validDays: range: documented `1-366`, declared 1 to 365",
        );
        one(
            share(&row("validDays"), |row| row["required"] = json!(false)),
            "body validDays: required: documented false, declared true",
        );
        one(
            share(&row("validDays"), |row| row["type"] = json!("String")),
            "body validDays: documented as String, declared as number",
        );
        one(
            share(&row("validDays"), |row| row["default"] = json!(7)),
            "body validDays: default: documented 7, declared none",
        );
        one(
            share(&row("validDays"), |row| row["differs"]["carrier"]["unit"] = json!("hours")),
            "body validDays: unit: documented hour, declared day",
        );
        one(
            share(&row("deptIds"), |row| row["editions"] = json!(["carrier", "enterprise"])),
            "body deptIds: manuals: documented all, declared enterprise",
        );
        one(
            share(&row("scope"), |row| row["differs"]["enterprise"]["range"] = json!("1,2,3,4")),
            "body scope: range: documented `1 link open to outsiders; 3 named users` and `1,2,3,4`, declared 1, 2, 3",
        );
        one(
            share(&row("permission.edit"), |row| row["type"] = json!("Integer")),
            "body permission.edit: documented as Integer, declared as flag",
        );
        one(
            after("CreateShare", |fact| drop(fact["headers"].as_array_mut().unwrap().remove(0))),
            "header X-Hw-Agentname: not documented",
        );
        one(set("SearchFiles", "/body/0/name", json!("kind")).split_off(1), "body searchType: not documented");
    }

    /// What is read by eye: each line stands for a name or a value, with the manual's words beside it.
    #[test]
    fn names_and_values_are_written_down() {
        let lines = |fact: &Json| translated::lines(&op("GetJob"), fact);
        let fact = facts::operation("GetJob").unwrap();
        let line = "GetJob answer data.jobInfo.taskResultCode = 2: PartlyFailed (partly failed)".to_owned();
        assert!(lines(fact).contains(&line));
        let text = fact.to_string().replace("2 partly failed; 3 all failed", "2 all failed; 3 partly failed");
        let swapped: Json = serde_json::from_str(&text).unwrap();
        assert!(!lines(&swapped).contains(&line));
        let space = facts::operation("GetSpace").unwrap();
        let space = translated::lines(&op("GetSpace"), space);
        for line in [
            "GetSpace query type: kind",
            "GetSpace answer data.type: kind",
            "GetSpace answer data.capacity: String read as a number",
        ] {
            assert!(space.iter().any(|found| found == line), "{line}");
        }
    }

    #[test]
    fn answers_and_examples_are_fed() {
        let fields = "/responses/0/by_status/200/fields";
        let added = after("GetJob", |fact| {
            let fields = fact.pointer_mut(fields).unwrap().as_array_mut().unwrap();
            fields.push(json!({"path": "data.jobInfo.more[].deep", "type": "Long"}));
        });
        assert!(
            added.len() == 1 && added[0].starts_with("answer (carrier): data.jobInfo.more is not decoded"),
            "{added:?}"
        );
        // A type that the declared one can't hold.
        let listed = after("GetJob", |fact| {
            let fields = fact.pointer_mut(fields).unwrap().as_array_mut().unwrap();
            let progress = fields.iter_mut().find(|field| field["path"] == "data.jobInfo.progress").unwrap();
            progress["type"] = json!("Array of strings");
        });
        assert!(listed.len() == 1 && listed[0].contains("data.jobInfo.progress"), "{listed:?}");
        // An example that is no success, one with more in it, and one whose value is lost.
        let example = "/responses/1/by_status/200/example";
        for (change, expected) in [
            (json!({"code": 13_000_102}), "code 13000102"),
            (
                json!({"code": 0, "data": {"jobInfo": {"taskId": "1", "speed": 7}}}),
                "data.jobInfo.speed is not decoded: fed 7",
            ),
            (json!({"code": 0, "data": {}, "id": "7"}), "id is not decoded: fed \"7\", got back nothing"),
        ] {
            let lines = set("GetJob", example, change);
            assert!(lines.len() == 1 && lines[0].contains(expected), "{lines:?}");
        }
        // A request with a value out of range, and one that differs in a value, a path or a query.
        let example = |name: &str, line: &str, body: Json| {
            after(name, |fact| fact["request_examples"] = json!([{"edition": "carrier", "line": line, "body": body}]))
        };
        let path = "PUT /koodrive/ose/v1/space/7";
        assert_eq!(example("UpdateSpace", path, json!({"type": "1", "capacity": 10})), [""; 0]);
        assert!(example("UpdateSpace", path, json!({"type": 2}))[0].contains("type: got 2"));
        assert!(
            example("UpdateSpace", path, json!({"type": 1, "more": []}))[0].contains("more is [], and can't be made")
        );
        let method = "request's example (carrier): the method is POST, made was PUT";
        assert_eq!(example("UpdateSpace", "POST /koodrive/ose/v1/space/7", json!({"type": 1})), [method]);
        assert!(example("UpdateSpace", "PUT /koodrive/ose/v1/spaces/7", json!({"type": 1}))[0].contains("path"));
        assert_eq!(example("ListJobs", "GET /koodrive/ose/v1/jobs?limit=1&offset=0", Json::Null), [""; 0]);
        assert!(
            example("ListJobs", "GET /koodrive/ose/v1/jobs?limit=1&offset=0&a=b", Json::Null)[0]
                .contains("the query is")
        );
    }
}
