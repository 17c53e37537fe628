//! Other ways to write the same answers.

use std::collections::BTreeMap;

use koodrive_proto::Operation;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::FromParams;
use koodrive_proto::chrono::{DateTime, TimeZone, Utc};
use koodrive_proto::http::{Request, Response};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::serde::Serialize;
use koodrive_sim::{Quirk, Quirks, Simulator, facts};
use serde_json::Value;

const TOKEN: &str = "Bearer 1";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

fn simulator() -> Simulator {
    Simulator::new().app("app", "secret", "7").token(TOKEN, "7")
}

fn empty_lists(json: &mut Value) {
    match json {
        Value::Array(items) => items.clear(),
        Value::Object(members) => members.values_mut().for_each(empty_lists),
        _ => {}
    }
}

/// The seeds of plans with one quirk each, and the numbers of the requests that they are drawn for.
const DRAWN: [(u64, u64); 5] = [(0, 1), (1, 1), (2, 2), (3, 1000), (4, u64::MAX)];

/// Compares what is read from each documented answer with and without quirks, and counts those that are written
/// differently.
#[derive(Default)]
struct Compare {
    operations: usize,
    changed: BTreeMap<(Quirk, u64), usize>,
    unread: Vec<String>,
    wrong: Vec<String>,
}

impl Visitor for Compare {
    fn operation<O: Operation<Output: Serialize> + FromParams>(&mut self) {
        let name = O::META.name;
        let examples = facts::examples(facts::operation(name).unwrap());
        let mut answers: Vec<_> = examples.into_iter().map(|(_, example)| example.clone()).collect();
        answers.push(facts::answer(name));
        // No example has an empty list.
        let emptied = answers.clone().into_iter().map(|mut answer| {
            answer.values_mut().for_each(empty_lists);
            answer
        });
        answers.extend(emptied.collect::<Vec<_>>());
        for mut answer in answers {
            // As the simulator does, since examples have types in their places, or none.
            answer.insert("code".to_owned(), 0.into());
            answer.insert("msg".to_owned(), "success".into());
            let plain = Response::new(Bytes::from(Value::Object(answer).to_string()));
            let read = |response: &Response<Bytes>| {
                O::parse(response)
                    .map(|output| serde_json::to_value(output).unwrap())
                    .map_err(|error| error.to_string())
            };
            let expected = read(&plain);
            if let Err(error) = &expected {
                self.unread.push(format!("{name}: {error}: {}", String::from_utf8_lossy(plain.body())));
            }
            let mut check = |quirk: Option<Quirk>, seed: u64, number: u64, quirks: Quirks| {
                let response = quirks.apply(name, number, plain.clone());
                if let Some(quirk) = quirk {
                    *self.changed.entry((quirk, seed)).or_default() += usize::from(response.body() != plain.body());
                }
                let got = read(&response);
                if got != expected {
                    let body = String::from_utf8_lossy(response.body());
                    let drawn = format!("{quirk:?} of {seed} for {number}");
                    self.wrong.push(format!("{name} {drawn}:\n{body}\n{got:?}\n{expected:?}"));
                }
            };
            for (seed, number) in DRAWN {
                for quirk in Quirk::ALL {
                    check(Some(quirk), seed, number, Quirks::new(seed).rate(quirk, 1.0));
                }
            }
            for number in 0..12 {
                let (seed, share) = [(7, 0.2), (8, 0.5), (9, 1.0)][usize::try_from(number % 3).unwrap()];
                check(None, seed, number, Quirks::new(seed).all(share));
            }
        }
        self.operations += 1;
    }
}

/// Whatever the quirks, the core reads the same.
#[test]
fn every_answer_is_read_the_same() {
    let mut compare = Compare::default();
    ops::visit(&mut compare);
    let Compare { operations, changed, unread, wrong } = compare;
    assert_eq!(operations, ops::ALL.len());
    assert!(unread.is_empty(), "{} answers:\n{}", unread.len(), unread.join("\n\n"));
    assert!(wrong.is_empty(), "{} answers:\n{}", wrong.len(), wrong.join("\n\n"));
    // Each of them applies to something, whatever is drawn.
    for quirk in Quirk::ALL {
        assert!(DRAWN.iter().all(|(seed, _)| changed[&(quirk, *seed)] > 0), "{quirk}: {changed:?}");
    }
}

fn call(simulator: &Simulator, method: &str, address: &str, body: &str) -> String {
    let request = Request::builder().method(method).uri(address).header("authorization", TOKEN);
    let response = simulator.handle(request.body(Bytes::from(body.to_owned())).unwrap(), now());
    String::from_utf8(response.into_body().to_vec()).unwrap()
}

/// The same by seed and number of the request, and none without a plan. Refusals have their code in all ways.
#[test]
fn plans() {
    let row = |seed: u64| {
        let simulator = simulator().quirks(Quirks::new(seed).all(0.5));
        (0..20).map(|_| call(&simulator, "GET", "/koodrive/ose/v1/space/usage/overview", "")).collect::<Vec<_>>()
    };
    let first = row(1);
    assert_eq!(row(1), first);
    assert_ne!(row(2), first);
    assert!((1..20).any(|at| first[at] != first[0]));
    let simulator = simulator().quirks(Quirks::new(1).all(1.0));
    let refused = call(&simulator, "GET", "/koodrive/ose/v1/space/7?type=5", "");
    let json: Value = serde_json::from_str(refused.trim_start_matches('\u{feff}')).unwrap();
    assert_eq!(json["code"], "13000102");
    let unknown = call(&simulator, "GET", "/nowhere", "");
    let json: Value = serde_json::from_str(unknown.trim_start_matches('\u{feff}')).unwrap();
    assert!(json["error_code"] == "APIGW.0101" && json.get("notInAnyManual").is_some(), "{json}");
    simulator.set_quirks(None);
    let plain = call(&simulator, "GET", "/koodrive/ose/v1/space/7?type=5", "");
    assert!(plain.starts_with(r#"{"code":13000102,"msg":"#), "{plain}");
}
