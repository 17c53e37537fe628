//! What a successful call is answered with: the shape that the facts give it.

use koodrive_proto::Meta;
use koodrive_sim::facts::{self, Shape, Type};
use serde_json::{Map, Value as Json, json};

use super::{refusals, words};
use crate::fact::text;

/// Returns all responses of an operation.
pub(super) fn responses(meta: &Meta, fact: &Json) -> Json {
    let mut content = json!({"schema": {"$ref": format!("#/components/schemas/{}Answer", meta.name)}});
    let mut examples = Map::new();
    for (edition, example) in facts::examples(fact) {
        let count = examples.keys().filter(|name| name.starts_with(edition)).count();
        let summary = format!("As the {edition} manual shows it");
        examples.insert(super::numbered(edition, count), json!({"summary": summary, "value": example}));
    }
    if !examples.is_empty() {
        content["examples"] = examples.into();
    }
    let success = json!({
        "description": "The answer. A `code` that isn't 0 means that the call failed, whatever the status.",
        "content": {"application/json": content},
    });
    let mut responses = Map::from_iter([("200".to_owned(), success)]);
    responses.extend(refusals::of(meta.auth));
    responses.into()
}

/// Returns the schema of an operation's answer.
pub(super) fn schema(name: &str) -> Json {
    let Some(shape) = facts::shape(name) else { return Json::Null };
    let mut schema = of(shape);
    schema["type"] = "object".into();
    for name in ["code", "msg"] {
        // These are never null.
        if let Some(Json::Array(types)) = schema["properties"][name].get_mut("type") {
            types.retain(|kind| kind != "null");
        }
    }
    if schema["properties"]["msg"]["type"].as_array().is_some_and(|types| types.len() == 1) {
        schema["properties"]["msg"]["type"] = "string".into();
    }
    schema
}

fn of(shape: &Shape) -> Json {
    let mut schema = Map::new();
    let mut put = |key: &str, value: Json| schema.insert(key.to_owned(), value);
    let description = words::member(&shape.rows);
    if !description.is_empty() {
        put("description", description.into());
    }
    if shape.types.is_empty() {
        return schema.into();
    }
    let types = shape.types.iter().map(|kind| match kind {
        Type::Text => "string",
        Type::Integer => "integer",
        Type::Number => "number",
        Type::Flag => "boolean",
        Type::Object => "object",
        Type::List => "array",
    });
    put("type", types.chain(["null"]).collect());
    if shape.rows.iter().any(|row| text(&row["type"]) == "Long") {
        put("format", "int64".into());
    }
    if shape.types.contains(&Type::Object) {
        // An object may stand for a list of one.
        let object = shape.items.as_deref().unwrap_or(shape);
        if !object.members.is_empty() {
            put("properties", object.members.iter().map(|(name, member)| ((*name).to_owned(), of(member))).collect());
        }
        match &object.values {
            Some(values) => drop(put("additionalProperties", of(values))),
            None if object.open => drop(put("additionalProperties", true.into())),
            None => {}
        }
    }
    if let Some(items) = &shape.items {
        let mut items = of(items);
        if let Some(Json::Array(types)) = items.get_mut("type") {
            types.retain(|kind| kind != "null");
        }
        put("items", items);
    }
    schema.into()
}
