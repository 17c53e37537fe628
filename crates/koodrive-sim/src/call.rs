//! One call as the families see it: who calls, when, with which parameters, on which state.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::check::{FromParams, Untyped};
use koodrive_proto::operation::Received;
use koodrive_proto::schema::{Field, Kind, Place};
use koodrive_proto::{Meta, Operation};
use serde_json::{Map, Value as Json};

use crate::families::revisions::RevisionConflict;
use crate::reply::{Refusal, Reply};
use crate::storage::content::Joined;
use crate::storage::{Links, Room};
use crate::store::Store;

/// What the owner of the simulator sets.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// How long a job takes, by the simulator's clock.
    pub(crate) job_time: TimeDelta,
    /// How long a token is valid, if it isn't as long as the manuals say.
    pub(crate) token_lifetime: Option<TimeDelta>,
    pub(crate) revision_conflict: RevisionConflict,
    /// How long links to the object store are valid.
    pub(crate) link_seconds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            job_time: TimeDelta::milliseconds(500),
            token_lifetime: None,
            link_seconds: 3600,
            revision_conflict: RevisionConflict::Replace,
        }
    }
}

/// How many characters a text may have for which no page names a limit. What is kept of calls is bounded by this, too.
const MOST_TEXT: usize = 4096;

/// Refuses texts that no drive would take, in parameters without a documented limit.
pub(crate) fn check_texts(meta: &Meta, received: &Received<'_>) -> Result<(), Refusal> {
    fn longest(value: &Json) -> usize {
        match value {
            // Bytes are enough to see that a text is short.
            Json::String(text) if text.len() <= MOST_TEXT => text.len(),
            Json::String(text) => text.chars().count(),
            Json::Array(values) => values.iter().map(longest).max().unwrap_or(0),
            Json::Object(members) => members.values().map(longest).max().unwrap_or(0),
            _ => 0,
        }
    }
    // A file or a list in one text is as long as it is.
    let fields = meta.params.iter().filter(|field| !matches!(field.kind, Kind::File(_) | Kind::Joined(..)));
    for field in fields {
        let length = received.get(field).map_or(0, |value| longest(&value));
        if length > MOST_TEXT {
            let problem = format!("{}: a text of {length} characters, allowed: up to {MOST_TEXT}", field.name);
            return Err(Refusal::new("13000102", problem));
        }
    }
    Ok(())
}

/// The result of a call.
pub(crate) type Answer = Result<Reply, Refusal>;

/// A call whose credentials and parameters were checked.
pub(crate) struct Call<'a> {
    pub(crate) meta: &'static Meta,
    pub(crate) received: Received<'a>,
    /// The calling user; empty if the call needs no credentials.
    pub(crate) user_id: &'a str,
    /// The value of Authorization; empty if the call needs no credentials.
    pub(crate) token: &'a str,
    pub(crate) now: DateTime<Utc>,
    pub(crate) settings: &'a Settings,
    /// The value of the header that a proof of content is made for.
    pub(crate) proof_origin: &'a str,
    pub(crate) links: Links<'a>,
    pub(crate) room: Room<'a>,
    /// What the parts of the upload are that the call is to complete.
    pub(crate) joined: Option<Joined>,
    pub(crate) store: &'a mut Store,
}

impl Call<'_> {
    /// Returns a parameter as a text, unless it is absent or empty. Dots lead into objects: `pageInfo.pageCursor`.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.json(path).and_then(|value| text(&value)).filter(|text| !text.is_empty())
    }

    /// Returns a parameter that the call requires; the check of the parameters has refused its absence.
    pub(crate) fn required(&self, path: &str) -> String {
        self.text(path).unwrap_or_default()
    }

    /// Returns a parameter as a number, if it is one.
    pub(crate) fn number(&self, path: &str) -> Option<u64> {
        self.text(path)?.trim().parse().ok()
    }

    /// Returns a parameter as a flag, if it is one.
    pub(crate) fn flag(&self, path: &str) -> Option<bool> {
        match self.json(path)?.as_ref() {
            Json::Bool(flag) => Some(*flag),
            Json::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Returns the texts of a list; those of a text are separated by commas.
    pub(crate) fn texts(&self, path: &str) -> Option<Vec<String>> {
        match self.json(path)?.as_ref() {
            Json::Array(items) => Some(items.iter().filter_map(text).collect()),
            Json::String(joined) if joined.is_empty() => None,
            Json::String(joined) => Some(joined.split(',').map(str::to_owned).collect()),
            _ => None,
        }
    }

    /// Returns the objects of a list.
    pub(crate) fn objects(&self, path: &str) -> Vec<Map<String, Json>> {
        let list = self.json(path).map(Cow::into_owned);
        let Some(Json::Array(items)) = list else { return Vec::new() };
        items.into_iter().filter_map(|item| if let Json::Object(object) = item { Some(object) } else { None }).collect()
    }

    /// Returns a text in the body that the operation's table doesn't list, unless it is absent or empty.
    pub(crate) fn unlisted(&self, name: &'static str) -> Option<String> {
        let value = self.received.get(&Field::optional(name, Place::Body, Kind::Text))?;
        text(&value).filter(|text| !text.is_empty())
    }

    /// Reads all parameters, and checks the rules between them, which the check of each parameter can't.
    pub(crate) fn typed<O: Operation + FromParams>(&self) -> Result<O, Refusal> {
        let operation = O::from_params(&self.received).map_err(|invalid| Refusal::parameter(&invalid))?;
        operation.check().map_err(|invalid| Refusal::parameter(&invalid))?;
        Ok(operation)
    }

    /// Returns a parameter as it was sent, unless it is absent or `null`.
    pub(crate) fn json(&self, path: &str) -> Option<Cow<'_, Json>> {
        let mut names = path.split('.');
        let name = names.next()?;
        let field = self.meta.params.iter().find(|field| field.name == name)?;
        let value = names.try_fold(self.received.get(field)?, |value, name| match value {
            Cow::Borrowed(value) => value.get(name).map(Cow::Borrowed),
            Cow::Owned(mut value) => value.get_mut(name).map(|value| Cow::Owned(value.take())),
        })?;
        (!value.is_null()).then_some(value)
    }
}

/// Returns a text or a number as a text.
pub(crate) fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
