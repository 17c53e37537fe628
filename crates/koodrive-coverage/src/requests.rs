//! Checks the examples of requests: each can be built again from its values.

use koodrive_proto::bytes::Bytes;
use koodrive_proto::http::{Request, Uri};
use koodrive_proto::operation::Received;
use koodrive_proto::schema::Place;
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use crate::Counts;
use crate::answers::same;
use crate::declared::Declared;

/// Builds every documented request again from its values.
pub(crate) fn made_anew(op: &Declared, fact: &Json, counts: &mut Counts) -> Vec<String> {
    let mut differences = Vec::new();
    for example in fact["request_examples"].as_array().into_iter().flatten() {
        let takes_body = op.meta.params.iter().any(|field| matches!(field.place, Place::Body | Place::Form));
        let (line, body, raw) = (&example["line"], &example["body"], &example["body_raw"]);
        // If a body is needed and none is shown, there is no example.
        if takes_body && body.is_null() && raw.is_null() || !takes_body && line.is_null() {
            continue;
        }
        if raw.as_str().is_some_and(is_cut) {
            counts.cut += 1;
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

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether only the beginning of an example could be read, as a remark behind it says.
fn is_cut(raw: &str) -> bool {
    ["(cut here)", "[rest not seen]", "the rest cut"].iter().any(|remark| raw.contains(remark))
}

/// Builds a documented request again; returns its address as it is shown, with a value for each placeholder, and what
/// was built.
pub(crate) fn anew(op: &Declared, line: &str, body: &Json) -> Result<(Uri, Request<Bytes>), String> {
    let address = line.split_once(' ').filter(|(method, _)| method.chars().all(char::is_uppercase));
    let address = address.map_or(line, |(_, address)| address).trim();
    // A placeholder may have any value.
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
    Ok((uri, made))
}

fn request(op: &Declared, line: &str, body: &Json) -> Result<Vec<String>, String> {
    let (uri, made) = anew(op, line, body)?;
    let mut problems = Vec::new();
    let method = line.split(' ').next().filter(|word| word.chars().all(char::is_uppercase));
    if let Some(method) = method.filter(|method| op.meta.method.as_str() != *method) {
        problems.push(format!("the method is {method}, made was {}", op.meta.method));
    }
    if made.uri().path() != uri.path() {
        problems.push(format!("the path is {}, made was {}", uri.path(), made.uri().path()));
    }
    // A parameter without a value isn't set.
    let items = |uri: &Uri| {
        let items = uri.query().unwrap_or_default().split('&');
        let mut items: Vec<String> =
            items.filter(|item| item.contains('=') && !item.ends_with('=')).map(decoded).collect();
        items.sort();
        items
    };
    if items(&uri) != items(made.uri()) {
        problems.push(format!("the query is {:?}, made was {:?}", uri.query(), made.uri().query()));
    }
    let made = serde_json::from_slice(made.body()).unwrap_or(Json::Null);
    differ(body, &made, "", &mut problems);
    // An empty text for a parameter that isn't set is left out, if there is such a parameter.
    let declared = op.parameters();
    let empty = |(name, _): &(String, _)| format!("{name} is \"\", and can't be made");
    problems.retain(|problem| !declared.iter().any(|parameter| empty(parameter) == *problem));
    Ok(problems)
}

/// Reports every member that only one of the two has, or that has another value.
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
