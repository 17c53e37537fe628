//! Finds the operation and the parameters of a request.

use std::borrow::Cow;

use koodrive_proto::check::Untyped;
use koodrive_proto::operation::Received;
use koodrive_proto::{Meta, http, ops};
use serde_json::Value as Json;

use crate::reply::Refusal;

/// Finds the operation of an address. A slash at the end doesn't matter, and a literal segment takes precedence over a
/// parameter.
pub(crate) fn find(method: &http::Method, path: &str) -> Result<&'static Meta, Refusal> {
    ops::ALL
        .iter()
        .filter(|meta| meta.method == *method)
        .filter_map(|&meta| Some((meta, meta.path_params(path)?.len())))
        .min_by_key(|(_, params)| *params)
        .map(|(meta, _)| meta)
        .ok_or_else(|| Refusal::new("APIGW.0101", ""))
}

/// An operation with everything that was sent to it.
pub(crate) struct Input<'a> {
    pub(crate) meta: &'static Meta,
    pub(crate) received: Received<'a>,
}

impl Input<'_> {
    /// Returns the value of a parameter as a text, if it is set.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.find(name)?.as_ref() {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Returns the value of a parameter as a number, if it is set.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// Returns the texts of a list, if it is set.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let list = self.find(name)?;
        let text = |item: &Json| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
        Some(list.as_array()?.iter().map(text).collect())
    }

    fn find(&self, name: &str) -> Option<Cow<'_, Json>> {
        let field = self.meta.params.iter().find(|field| field.name == name)?;
        self.received.get(field).filter(|value| !value.is_null())
    }
}
