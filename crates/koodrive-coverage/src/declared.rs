//! Declared operations, with their types erased.

use std::fmt::Debug;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::{FromParams, Untyped};
use koodrive_proto::chrono::Utc;
use koodrive_proto::http::{Request, Response};
use koodrive_proto::operation::{self, Paged};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::schema::{Auth, Field, Kind, Place};
use koodrive_proto::{AccessToken, Api, Credentials, Error, Meta, Operation};
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// An operation: its table, and functions for what it does.
pub(crate) struct Declared {
    /// The table.
    pub(crate) meta: &'static Meta,
    /// Builds a request from its parameters.
    pub(crate) request: fn(&dyn Untyped) -> Result<Request<Bytes>, Error>,
    /// Reads an answer; returns it serialized, and as `Debug` shows it.
    pub(crate) read: fn(&Json) -> Result<(Json, String), Error>,
    /// Returns the smallest input that it allows.
    pub(crate) example: fn() -> Map<String, Json>,
    /// Whether it is a listing, page by page.
    pub(crate) paged: bool,
}

impl Declared {
    /// Creates it from one operation.
    pub(crate) fn of<O: Operation<Output: Serialize + Debug> + FromParams>() -> Self {
        Self {
            meta: O::META,
            request: |input| {
                let credentials = match O::META.auth {
                    Auth::Token | Auth::TokenAlone => Credentials::token(AccessToken::as_issued("token"), "1"),
                    _ => Credentials::app("app", "secret", "1"),
                };
                let api = Api::new("https://drive.example", credentials)?.agent_name("standard")?;
                api.request(&O::from_params(input)?, Utc::now())
            },
            read: |answer| {
                let output = O::parse(&Response::new(answer.to_string()))?;
                Ok((serde_json::to_value(&output).map_err(Error::build)?, format!("{output:?}")))
            },
            example: operation::example::<O>,
            paged: false,
        }
    }

    /// Returns the parameters with their names as the facts write them: `multiParts[].partNumber`.
    pub(crate) fn parameters(&self) -> Vec<(String, Field)> {
        let mut found = Vec::new();
        flatten(self.meta.params, None, &mut found);
        found
    }
}

/// Returns all operations.
pub(crate) fn all() -> Vec<Declared> {
    struct Collect(Vec<Declared>);

    impl Visitor for Collect {
        fn operation<O: Operation<Output: Serialize + Debug> + FromParams>(&mut self) {
            self.0.push(Declared::of::<O>());
        }

        fn listing<O: Paged<Output: Serialize + Debug> + FromParams>(&mut self) {
            if let Some(last) = self.0.last_mut() {
                last.paged = true;
            }
        }
    }

    let mut collect = Collect(Vec::new());
    ops::visit(&mut collect);
    collect.0
}

/// Collects fields and the members of objects, with the limits that the operation sets for them.
fn flatten(fields: &[Field], outer: Option<(&str, &Field)>, found: &mut Vec<(String, Field)>) {
    for field in fields {
        let name = outer.map_or_else(|| field.name.to_owned(), |(outer, _)| format!("{outer}.{}", field.name));
        let field = outer.map_or(*field, |(_, outer)| outer.member(field));
        found.push((name.clone(), field));
        match field.kind {
            Kind::Object(inner) => flatten(inner, Some((&name, &field)), found),
            Kind::List(Kind::Object(inner)) => flatten(inner, Some((&format!("{name}[]"), &field)), found),
            _ => {}
        }
    }
}

/// Returns what the facts call a place.
pub(crate) fn section(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        _ => "body",
    }
}
