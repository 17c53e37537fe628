//! From an address to an operation and its parameters.

use std::borrow::Cow;

use bytes::Bytes;
use koodrive_proto::param::Kind;
use koodrive_proto::{Field, InvalidParam, Meta, Place, Untyped, http, ops};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

use crate::reply::Refusal;

/// An operation, with what its path says.
pub(crate) struct Found {
    pub(crate) meta: &'static Meta,
    path: Vec<(&'static str, String)>,
}

/// Finds the operation of an address. One final slash doesn't matter, and a literal segment goes before a parameter.
pub(crate) fn find(method: &http::Method, path: &str) -> Result<Found, Refusal> {
    ops::ALL
        .iter()
        .filter(|meta| meta.method == *method)
        .filter_map(|&meta| Some(Found { meta, path: match_path(meta.path, path)? }))
        .min_by_key(|found| found.path.len())
        .ok_or_else(|| Refusal::new("APIGW.0101", ""))
}

fn match_path(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let segments = |text: &str| text.strip_suffix('/').unwrap_or(text).split('/').count();
    if segments(template) != segments(path) {
        return None;
    }
    let mut params = Vec::new();
    for (expected, given) in template.split('/').zip(path.split('/')) {
        match expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => params.push((name, percent_decode_str(given).decode_utf8().ok()?.into_owned())),
            None if expected == given => {}
            None => return None,
        }
    }
    Some(params)
}

/// An operation with all that was sent to it.
pub(crate) struct Input {
    pub(crate) meta: &'static Meta,
    path: Vec<(&'static str, String)>,
    query: Vec<(String, String)>,
    body: Map<String, Json>,
}

impl Input {
    pub(crate) fn read(found: Found, parts: &http::request::Parts, body: &Bytes) -> Result<Self, Refusal> {
        let decode = |text: &str| {
            percent_decode_str(text)
                .decode_utf8()
                .map(Cow::into_owned)
                .map_err(|_| Refusal::new("13000102", "not UTF-8"))
        };
        let items = parts.uri.query().unwrap_or_default().split('&').filter(|item| !item.is_empty());
        let query = items
            .map(|item| item.split_once('=').unwrap_or((item, "")))
            .map(|(name, value)| Ok((decode(name)?, decode(value)?)))
            .collect::<Result<Vec<(String, String)>, Refusal>>()?;
        for field in found.meta.params.iter().filter(|field| field.place == Place::Query) {
            let count = query.iter().filter(|(name, _)| name == field.name).count();
            if count > 1 && !matches!(field.kind, Kind::List(_)) {
                return Err(Refusal::parameter(&InvalidParam::new(field.name, format!("{count} values"), "one")));
            }
        }
        let takes_body = found.meta.params.iter().any(|field| field.place == Place::Body);
        let body = if takes_body { read_json(parts, body)? } else { Map::new() };
        Ok(Self { meta: found.meta, path: found.path, query, body })
    }

    /// The value of a parameter as a text, if it is there.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.find(name)?.as_ref() {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The value of a parameter as a number, if it is there.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// The texts of a list, if it is there.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let list = self.find(name)?;
        let text = |item: &Json| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
        Some(list.as_array()?.iter().map(text).collect())
    }

    fn find(&self, name: &str) -> Option<Cow<'_, Json>> {
        let field = self.meta.params.iter().find(|field| field.name == name)?;
        self.get(field).filter(|value| !value.is_null())
    }
}

impl Untyped for Input {
    fn get(&self, field: &Field) -> Option<Cow<'_, Json>> {
        let text = |text: &String| Cow::Owned(Json::String(text.clone()));
        match field.place {
            Place::Path => self.path.iter().find(|(name, _)| *name == field.name).map(|(_, value)| text(value)),
            Place::Query => {
                let mut values = self.query.iter().filter(|(name, _)| name == field.name).map(|(_, value)| value);
                if matches!(field.kind, Kind::List(_)) {
                    let values: Vec<Json> = values.cloned().map(Json::String).collect();
                    (!values.is_empty()).then_some(Cow::Owned(Json::Array(values)))
                } else {
                    values.next().map(text)
                }
            }
            Place::Body => self.body.get(field.name).map(Cow::Borrowed),
        }
    }
}

/// An absent body is an empty object: which parameters are required is checked later.
fn read_json(parts: &http::request::Parts, body: &Bytes) -> Result<Map<String, Json>, Refusal> {
    let wrong = |got: &'static str| Refusal::parameter(&InvalidParam::new("body", got, "a JSON object"));
    let kind = parts.headers.get(http::header::CONTENT_TYPE).map(|kind| String::from_utf8_lossy(kind.as_bytes()));
    let is_json =
        |kind: &str| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if kind.is_some_and(|kind| !is_json(&kind)) {
        return Err(wrong("another Content-Type than application/json"));
    }
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(wrong("another JSON value")),
        Err(_) => Err(wrong("no JSON")),
    }
}
