//! The manuals' examples of requests, with the types that the declarations give them.

use koodrive_proto::check::Untyped;
use koodrive_proto::operation::Received;
use koodrive_proto::schema::{Constant, Kind, Place};
use serde_json::{Map, Value as Json};

use crate::declared::Declared;
use crate::fact::text;
use crate::requests;

/// What the examples of one operation show.
#[derive(Default)]
pub(super) struct Shown {
    /// The values of parameters in path and query, those of the first example first.
    pub(super) params: Map<String, Json>,
    /// The bodies, each with its manual.
    pub(super) bodies: Vec<(String, Json)>,
}

/// Reads the examples of an operation, as far as they are requests that it allows.
pub(super) fn shown(op: &Declared, fact: &Json) -> Shown {
    let mut shown = Shown::default();
    for example in fact["request_examples"].as_array().into_iter().flatten() {
        let line = example["line"].as_str().unwrap_or(op.meta.path);
        let Ok((_, made)) = requests::anew(op, line, &example["body"]) else { continue };
        let (parts, body) = made.into_parts();
        let Ok(received) = Received::read(op.meta, &parts, &body) else { continue };
        for field in op.meta.params.iter().filter(|field| [Place::Path, Place::Query].contains(&field.place)) {
            // Where a page masks a value or has a placeholder, it shows none.
            let value = received.get(field).and_then(|value| typed(&field.kind, &value));
            if let Some(value) = value.filter(|value| *value != "1" && !value.to_string().contains('*')) {
                shown.params.entry(field.name).or_insert(value);
            }
        }
        let known = |body: &Json| shown.bodies.iter().any(|(_, other)| other == body);
        if let Some(body) = serde_json::from_slice(&body).ok().filter(|body| !known(body)) {
            let edition = text(&example["edition"]);
            let count = shown.bodies.iter().filter(|(name, _)| name.starts_with(edition)).count();
            shown.bodies.push((super::numbered(edition, count), body));
        }
    }
    shown
}

/// Returns the value of a text from path or query.
fn typed(kind: &Kind, value: &Json) -> Option<Json> {
    match (kind, value) {
        (Kind::List(inner), Json::Array(items)) => items.iter().map(|item| typed(inner, item)).collect(),
        (Kind::Number { .. }, Json::String(text)) => text.parse::<i64>().ok().map(Json::from),
        (Kind::Bool, Json::String(text)) => text.parse::<bool>().ok().map(Json::from),
        (Kind::Choice(choices), Json::String(text)) => {
            let choice = choices.iter().find(|choice| choice.value.to_string() == *text)?;
            Some(choice.value.into())
        }
        (Kind::Fixed(Constant::Number(number)), _) => Some((*number).into()),
        _ => Some(value.clone()),
    }
}
