//! Made-up operations and facts: what agrees brings no line, and each fault one that says what is wrong.

#![expect(clippy::needless_pass_by_value, reason = "json! makes values")]

mod answers;
mod parameters;

use koodrive_proto::ops;
use serde_json::{Value as Json, json};

use super::*;

/// The lines about an operation.
fn differences(op: &Declared, fact: &Json) -> Vec<String> {
    compare(op, fact, &Docs::default(), &mut Counts::default())
}

#[test]
fn all_is_explained() {
    let mut out = Vec::new();
    let result = run(&mut out);
    let text = String::from_utf8(out).unwrap();
    assert!(result.is_ok(), "{text}");
    assert!(text.ends_with(&format!("\noperations: {} of 181\n", ops::ALL.len())), "{text}");
}

/// The facts of this module's operations, with what they all have in common.
fn fact(json: Json) -> Json {
    let mut fact = json!({
        "module": json["module"], "method": "POST", "path": "/things", "auth": ["app", "token"],
        "editions": ["carrier", "enterprise"], "manual_names": ["Make"],
        "completeness": {"carrier": "full", "enterprise": "full"},
    });
    if let (Json::Object(all), Json::Object(own)) = (&mut fact, json) {
        all.extend(own);
    }
    fact
}
