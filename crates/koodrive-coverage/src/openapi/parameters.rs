//! What is sent: parameters and bodies, with their limits.

use koodrive_proto::Meta;
use koodrive_proto::schema::{Auth, Constant, Field, Kind, Place};
use serde_json::{Map, Value as Json, json};

use super::examples::Shown;
use super::{patterns, words};
use crate::declared::{Declared, section};
use crate::fact::{Row, rows, text};
use crate::table;

/// Returns the headers that every call may have, by their names among the components.
pub(super) fn common() -> Json {
    let header = |name: &str, required: bool, schema: Json, description: &str| json!({"name": name, "in": "header", "required": required, "schema": schema, "description": description});
    let user = || json!({"type": "string", "pattern": HEADER});
    let date = || json!({"type": "string", "pattern": DATE, "examples": ["20251103T070140Z"]});
    let date_of = "When a request was signed, UTC: at most 15 minutes old, and never later than the service's clock.";
    json!({
        "TraceId": header(
            "X-Traceid",
            false,
            json!({"type": "string", "minLength": 58, "maxLength": 58, "pattern": "^[!-~]{58}$"}),
            "58 characters of your choice, which the service writes into its logs.",
        ),
        "Language": header(
            "language",
            false,
            json!({"type": "string", "pattern": HEADER, "default": "en-US", "examples": ["en-US", "zh-CN"]}),
            "The language of messages. Some pages write it with an underscore, as `zh_cn`.",
        ),
        "UserId": header(
            "X-User-Id",
            false,
            user(),
            "The user on whose behalf the call is made. It is needed with a signature; with a token it is the token's user.",
        ),
        "UserIdSigned": header("X-User-Id", true, user(), "The user on whose behalf the call is made."),
        "Date": header("X-Date", false, date(), &format!("{date_of} It is needed with a signature only.")),
        "DateSigned": header("X-Date", true, date(), date_of),
    })
}

/// The texts that a header can have: visible characters, with blanks only between them.
const HEADER: &str = "^[!-~]([ -~]*[!-~])?$";

/// The texts that a date of a signature can have.
const DATE: &str = "^[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z$";

/// Parameters without which no call makes sense, though the tables call them optional.
const NEEDED: &[(&str, &str)] = &[("CreateTask", "taskType"), ("GetTaskResult", "taskId")];

/// Says of a parameter that the simulator refuses calls without it.
fn note_need(operation: &str, name: &str, parameter: &mut Json) {
    if NEEDED.contains(&(operation, name)) {
        let said = text(&parameter["description"]);
        let need = "The table calls it optional, but no call makes sense without it, and the simulator refuses those.";
        parameter["description"] = format!("{said} {need}").trim_start().into();
        parameter["x-needed"] = true.into();
    }
}

/// Returns the parameters in path, query and headers.
pub(super) fn parameters(op: &Declared, fact: &Json, shown: &Shown) -> Vec<Json> {
    let meta = op.meta;
    let rows = rows(fact);
    let example = (op.example)();
    let mut parameters = Vec::new();
    for field in meta.params {
        let place = match field.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            _ => continue,
        };
        let mut schema = schema(field, field.name, &rows);
        let description = schema.remove("description").unwrap_or_default();
        let mut parameter = json!({"name": field.name, "in": place, "required": is_required(field), "schema": schema});
        match field.place {
            // It is one segment of the path.
            Place::Path if matches!(field.kind, Kind::Text) && field.limit.is_none() => {
                parameter["schema"]["minLength"] = 1.into();
            }
            Place::Header if matches!(field.kind, Kind::Text | Kind::AgentName) => {
                parameter["schema"]["pattern"] = HEADER.into();
            }
            _ => {}
        }
        for name in ["x-only", "x-required-by"] {
            if let Some(edition) = parameter["schema"].as_object_mut().and_then(|schema| schema.remove(name)) {
                parameter[name] = edition;
            }
        }
        if !text(&description).is_empty() {
            parameter["description"] = description;
        }
        let value = shown.params.get(field.name).or_else(|| example.get(field.name).filter(|_| is_required(field)));
        if let Some(value) = value.filter(|_| !field.kind.is_secret()) {
            parameter["example"] = value.clone();
        }
        note_need(meta.name, field.name, &mut parameter);
        parameters.push(parameter);
    }
    let (user, date) = match meta.auth {
        Auth::App => ("UserIdSigned", "DateSigned"),
        Auth::AppOrToken | Auth::Token => ("UserId", "Date"),
        _ => ("", ""),
    };
    let headers = [user, date, "TraceId", "Language"].into_iter().filter(|name| !name.is_empty());
    parameters.extend(headers.map(|name| json!({"$ref": format!("#/components/parameters/{name}")})));
    parameters
}

/// The header with the agent's name is the one parameter that a call goes without if only one of its manuals lists it:
/// a caller who follows the other manual doesn't know it.
fn is_required(field: &Field) -> bool {
    field.required && (field.kind != Kind::AgentName || field.only.is_none())
}

/// Returns the schema of the body.
pub(super) fn body(meta: &Meta, fact: &Json) -> Option<Json> {
    let rows = rows(fact);
    let fields: Vec<Field> =
        meta.params.iter().filter(|field| matches!(field.place, Place::Body | Place::Form)).copied().collect();
    let mut body = object(&fields, "", &rows);
    for (name, member) in body.get_mut("properties").and_then(Json::as_object_mut).into_iter().flatten() {
        note_need(meta.name, name, member);
    }
    (!fields.is_empty()).then(|| body.into())
}

fn object(fields: &[Field], outer: &str, rows: &[Row<'_>]) -> Map<String, Json> {
    let name = |field: &Field| if outer.is_empty() { field.name.to_owned() } else { format!("{outer}.{}", field.name) };
    let properties: Map<String, Json> =
        fields.iter().map(|field| (field.name.to_owned(), schema(field, &name(field), rows).into())).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut object = Map::new();
    object.insert("type".to_owned(), "object".into());
    object.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        object.insert("required".to_owned(), required.into());
    }
    object
}

/// Returns the schema of a parameter, which has this name in the facts.
fn schema(field: &Field, name: &str, rows: &[Row<'_>]) -> Map<String, Json> {
    let row = rows.iter().find(|row| {
        row.place == section(field.place)
            && (row.name == name || field.place == Place::Header && row.name.eq_ignore_ascii_case(name))
    });
    let mut schema = kind(&field.kind, field, name, rows);
    let mut put = |key: &str, value: Json| schema.insert(key.to_owned(), value);
    let description = words::parameter(field, row);
    if !description.is_empty() {
        put("description", description.into());
    }
    if let Some(default) = field.default {
        put("default", constant(default, matches!(field.kind, Kind::Quoted(_))));
    }
    if let Some(edition) = field.only {
        put("x-only", table::name(edition).into());
    }
    let required_by = field.required_by.or_else(|| field.only.filter(|_| field.required && !is_required(field)));
    if let Some(edition) = required_by {
        put("x-required-by", table::name(edition).into());
    }
    schema
}

fn kind(kind: &Kind, field: &Field, name: &str, rows: &[Row<'_>]) -> Map<String, Json> {
    let limit = field.limit;
    let mut schema = Map::new();
    let mut put = |key: &str, value: Json| schema.insert(key.to_owned(), value);
    match kind {
        Kind::Text | Kind::Rule(_) | Kind::AgentName => {
            put("type", "string".into());
            if let Some(limit) = limit {
                put("minLength", number(limit.min));
                put("maxLength", number(limit.max));
            }
            if let Kind::Rule(rule) = kind {
                put("examples", json!([rule.example]));
                if let Some(pattern) = patterns::of(rule) {
                    put("pattern", pattern.into());
                }
            }
            if kind.is_secret() {
                put("format", "password".into());
            }
        }
        Kind::Number { min, max } => {
            put("type", "integer".into());
            put("minimum", number(limit.map_or(*min, |limit| limit.min)));
            put("maximum", number(limit.map_or(*max, |limit| limit.max)));
        }
        Kind::Bool => {
            put("type", "boolean".into());
        }
        Kind::Choice(choices) => {
            let allowed = || choices.iter().filter(|choice| field.allows(choice));
            put("type", type_of(choices.first().map(|choice| choice.value)).into());
            put("enum", allowed().map(|choice| constant(choice.value, false)).collect());
            put("x-enum-varnames", allowed().map(|choice| choice.name).collect());
        }
        Kind::Fixed(value) => {
            put("type", type_of(Some(*value)).into());
            put("const", constant(*value, false));
        }
        Kind::Quoted(Kind::Choice(choices)) => {
            let allowed = || choices.iter().filter(|choice| field.allows(choice));
            put("type", "string".into());
            put("enum", allowed().map(|choice| constant(choice.value, true)).collect());
            put("x-enum-varnames", allowed().map(|choice| choice.name).collect());
        }
        Kind::Quoted(inner) => {
            let least = match (limit, inner) {
                (Some(limit), _) => limit.min,
                (None, Kind::Number { min, .. }) => *min,
                _ => 0,
            };
            put("type", "string".into());
            put("pattern", if least < 0 { "^-?[0-9]+$" } else { "^[0-9]+$" }.into());
            if let Some(limit) = limit {
                put("x-minimum", number(limit.min));
                put("x-maximum", number(limit.max));
            }
        }
        Kind::List(inner) => {
            // The limit is the list's own.
            let mut entry = *field;
            (entry.limit, entry.among) = (None, &[]);
            put("type", "array".into());
            put("items", self::kind(inner, &entry, &format!("{name}[]"), rows).into());
            if let Some(limit) = limit {
                put("minItems", number(limit.min));
                put("maxItems", number(limit.max));
            }
        }
        Kind::Joined(..) => {
            put("type", "string".into());
        }
        Kind::Object(fields) => {
            let members: Vec<Field> = fields.iter().map(|member| field.member(member)).collect();
            return object(&members, name, rows);
        }
        // What a file contains isn't a text.
        _ => {
            put("type", "string".into());
            put("format", "binary".into());
        }
    }
    schema
}

fn type_of(constant: Option<Constant>) -> &'static str {
    match constant {
        Some(Constant::Number(_)) => "integer",
        Some(Constant::Bool(_)) => "boolean",
        _ => "string",
    }
}

fn constant(constant: Constant, quoted: bool) -> Json {
    if quoted { constant.to_string().into() } else { constant.into() }
}

/// JSON has the numbers that fit into 64 bits; limits don't reach beyond.
fn number(number: i128) -> Json {
    let small = i64::try_from(number).map(Json::from);
    small.or_else(|_| u64::try_from(number).map(Json::from)).unwrap_or_default()
}
