//! Examples and tables of answers: every documented field is decoded, every documented request can be produced.

use koodrive_proto::http::{Request, Uri};
use koodrive_proto::operation::Received;
use koodrive_proto::schema::{Answer, Place};
use koodrive_sim::facts;
use serde_json::{Map, Value as Json};

use super::{Counts, Declared};

/// Feeds every documented field and every example, and looks for the values in what was decoded.
pub(super) fn answers(op: &Declared, fact: &Json, counts: &mut Counts) -> Vec<String> {
    let mut differences = Vec::new();
    for response in fact["responses"].as_array().into_iter().flatten() {
        let (edition, success) = (response["edition"].as_str().unwrap_or_default(), &response["by_status"]["200"]);
        let (mut table, unknown) = facts::sample(&success["fields"]);
        differences.extend(unknown.iter().map(|path| format!("answer ({edition}): {path} is no path or has no type")));
        counts.fields += leaves(&Json::Object(table.clone()));
        // Anything else would be a refusal.
        table.insert("code".to_owned(), 0.into());
        differences.extend(decoded(op, &table).into_iter().map(|what| format!("answer ({edition}): {what}")));

        let raw = || serde_json::from_str(success["example_raw"].as_str()?).ok();
        if let Some(example) = success["example"].as_object().cloned().or_else(raw) {
            counts.answers += 1;
            differences
                .extend(decoded(op, &example).into_iter().map(|what| format!("answer's example ({edition}): {what}")));
        }
    }
    differences
}

/// What of an answer doesn't come back when it is read and written again.
fn decoded(op: &Declared, answer: &Map<String, Json>) -> Vec<String> {
    let body = Json::Object(answer.clone()).to_string();
    let output = match (op.parse)(body.as_bytes()) {
        Ok(output) => output,
        Err(error) => return vec![error.to_string()],
    };
    let mut missing = Vec::new();
    for (name, value) in answer.iter().filter(|(name, _)| !["code", "msg"].contains(&name.as_str())) {
        match op.meta.answer {
            Answer::Data if name == "data" => covers(value, Some(&output), name, &mut missing),
            Answer::Data => covers(value, None, name, &mut missing),
            Answer::Whole => covers(value, output.get(name), name, &mut missing),
        }
    }
    missing
}

/// Whether all of `fed` is in `back`, up to a number and its text, and an object and a list of it.
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
        (fed, Some(back)) if same(fed, back) => {}
        (_, back) => {
            let back = back.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            missing.push(format!("{path} is not decoded: fed {fed}, got back {back}"));
        }
    }
}

/// Equal, up to a number and its text.
fn same(a: &Json, b: &Json) -> bool {
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
    // 7 and 7.0 are one number; long ones only digit by digit.
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

/// Makes every documented request anew from its values.
pub(super) fn requests(op: &Declared, fact: &Json, counts: &mut Counts) -> Vec<String> {
    let mut differences = Vec::new();
    for example in fact["request_examples"].as_array().into_iter().flatten() {
        let takes_body = op.meta.params.iter().any(|field| matches!(field.place, Place::Body | Place::Form));
        let (line, body, raw) = (&example["line"], &example["body"], &example["body_raw"]);
        // Where a body is needed and none is shown, there is no example.
        if takes_body && body.is_null() && raw.is_null() || !takes_body && line.is_null() {
            continue;
        }
        counts.requests += 1;
        let problems = if raw.is_null() {
            request(op, line.as_str().unwrap_or(op.meta.path), body).unwrap_or_else(|problem| vec![problem])
        } else {
            vec!["the body is no JSON".to_owned()]
        };
        counts.made += usize::from(problems.is_empty());
        let edition = example["edition"].as_str().unwrap_or_default();
        differences.extend(problems.into_iter().map(|problem| format!("request's example ({edition}): {problem}")));
    }
    differences
}

fn request(op: &Declared, line: &str, body: &Json) -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    let address = match line.split_once(' ') {
        Some((method, address)) if method.chars().all(char::is_uppercase) => {
            if op.meta.method.as_str() != method {
                problems.push(format!("the method is {method}, made was {}", op.meta.method));
            }
            address.trim()
        }
        _ => line.trim(),
    };
    // A placeholder stands for any value.
    let mut filled = String::new();
    for (at, part) in address.split('{').enumerate() {
        filled.push_str(if at == 0 { part } else { part.split_once('}').map_or("1", |(_, rest)| rest) });
        if at + 1 < address.split('{').count() {
            filled.push('1');
        }
    }
    let uri: Uri = filled.parse().map_err(|_| format!("{address} is no address"))?;
    let shown = if body.is_null() { String::new() } else { body.to_string() };
    let mut builder = Request::builder().method(op.meta.method.clone()).uri(&uri);
    for field in op.meta.params.iter().filter(|field| field.place == Place::Header) {
        builder = builder.header(field.name, "1");
    }
    let (parts, ()) = builder.body(()).map_err(|error| error.to_string())?.into_parts();
    let received = Received::read(op.meta, &parts, shown.as_bytes()).map_err(|error| error.to_string())?;
    let made = (op.request)(&received).map_err(|error| error.to_string())?;

    if made.uri().path() != uri.path() {
        problems.push(format!("the path is {}, made was {}", uri.path(), made.uri().path()));
    }
    let items = |uri: &Uri| {
        let mut items: Vec<String> = uri.query().unwrap_or_default().split('&').map(str::to_owned).collect();
        items.sort();
        items
    };
    if items(&uri) != items(made.uri()) {
        problems.push(format!("the query is {:?}, made was {:?}", uri.query(), made.uri().query()));
    }
    let made = serde_json::from_slice(made.body()).unwrap_or(Json::Null);
    differ(body, &made, "", &mut problems);
    Ok(problems)
}

/// Every member that is in one only or has another value.
fn differ(shown: &Json, made: &Json, path: &str, problems: &mut Vec<String>) {
    match (shown, made) {
        (Json::Object(a), Json::Object(b)) => {
            let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => differ(a, b, &path, problems),
                    (Some(a), None) => problems.push(format!("{path} is {a}, and can't be made")),
                    (None, _) => problems.push(format!("{path} is made, and not in the example")),
                }
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).for_each(|(a, b)| differ(a, b, &format!("{path}[]"), problems));
        }
        (a, b) if same(a, b) => {}
        (a, b) => problems.push(format!("{path} is {a}, made was {b}")),
    }
}
