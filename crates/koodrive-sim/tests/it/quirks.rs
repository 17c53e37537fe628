//! Other ways to write the same answers.

use std::collections::BTreeMap;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::FromParams;
use koodrive_proto::chrono::{DateTime, TimeZone, Utc};
use koodrive_proto::http::Request;
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::schema::Auth;
use koodrive_proto::serde::Serialize;
use koodrive_proto::{AccessToken, Api, Credentials, Operation, operation};
use koodrive_sim::{Quirk, Quirks, Simulator};
use serde_json::{Value, json};

const TOKEN: &str = "Bearer 1";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

fn simulator() -> Simulator {
    Simulator::new().app("app", "secret", "7").token(TOKEN, "7")
}

/// Compares what is read from each answer with and without quirks, and counts the answers that are written differently.
#[derive(Default)]
struct Compare {
    changed: BTreeMap<Quirk, usize>,
    wrong: Vec<String>,
}

impl Visitor for Compare {
    fn operation<O: Operation<Output: Serialize> + FromParams>(&mut self) {
        let op = O::from_params(&operation::example::<O>()).unwrap();
        let credentials = match O::META.auth {
            Auth::Token | Auth::TokenAlone => Credentials::token(AccessToken::as_issued(TOKEN), "7"),
            _ => Credentials::app("app", "secret", "7"),
        };
        let api = Api::new("http://h", credentials).unwrap().agent_name("standard").unwrap();
        let answer = |quirks: Option<Quirks>| {
            let simulator = simulator();
            simulator.set_quirks(quirks);
            simulator.handle(api.request(&op, now()).unwrap(), now())
        };
        let read = |response| match O::parse(&response) {
            Ok(output) => serde_json::to_value(output).unwrap(),
            Err(error) => json!([error.code(), error.status().map(|status| status.as_u16())]),
        };
        let plain = answer(None);
        let expected = read(plain.clone());
        let mut check = |quirk: Option<Quirk>, quirks: Quirks| {
            let response = answer(Some(quirks));
            if let Some(quirk) = quirk {
                *self.changed.entry(quirk).or_insert(0) += usize::from(response.body() != plain.body());
            }
            let body = String::from_utf8(response.body().to_vec()).unwrap();
            let got = read(response);
            if got != expected {
                self.wrong.push(format!("{} {quirk:?}:\n{body}\n{got}\n{expected}", O::META.name));
            }
        };
        for seed in 0..3 {
            for quirk in Quirk::ALL {
                check(Some(quirk), Quirks::new(seed).rate(quirk, 1.0));
            }
        }
        for seed in 0..12 {
            check(None, Quirks::new(seed).all([0.2, 0.5, 1.0][usize::try_from(seed % 3).unwrap()]));
        }
    }
}

/// Whatever the quirks, the core reads the same.
#[test]
fn every_answer_is_read_the_same() {
    let mut compare = Compare::default();
    ops::visit(&mut compare);
    let Compare { changed, wrong } = compare;
    assert!(wrong.is_empty(), "{} answers:\n{}", wrong.len(), wrong.join("\n\n"));
    // Each of them applies to something.
    assert!(Quirk::ALL.iter().all(|quirk| changed[quirk] > 0), "{changed:?}");
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
