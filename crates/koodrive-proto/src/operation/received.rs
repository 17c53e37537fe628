use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json, json};

use crate::check::{InvalidParam, Untyped};
use crate::operation::{Form, Part};
use crate::schema::{Field, Kind, Meta, Place};

/// A request as a server received it, for [`Meta::check`] and
/// [`FromParams::from_params`](crate::check::FromParams::from_params) in simulators, gateways and tests.
///
/// ```
/// use koodrive_proto::http::Request;
/// use koodrive_proto::ops::spaces::{SpaceType, UpdateSpace};
/// use koodrive_proto::operation::Received;
/// use koodrive_proto::Operation;
/// use koodrive_proto::check::FromParams;
///
/// let request = Request::put("/koodrive/ose/v1/space/7").body(r#"{"type": "1"}"#).unwrap();
/// let (parts, body) = request.into_parts();
/// let received = Received::read(UpdateSpace::META, &parts, body.as_bytes())?;
/// UpdateSpace::META.check(&received)?;
/// assert_eq!(UpdateSpace::from_params(&received)?, UpdateSpace::new("7", SpaceType::Individual));
/// # Ok::<(), koodrive_proto::InvalidParam>(())
/// ```
pub struct Received<'a> {
    meta: &'static Meta,
    path: Vec<(&'static str, String)>,
    query: Vec<(String, String)>,
    headers: &'a HeaderMap,
    body: Map<String, Json>,
}

impl Meta {
    /// Returns the parameters in a path, decoded; `None` if it isn't this operation's path. A slash at the end doesn't
    /// matter.
    ///
    /// ```
    /// use koodrive_proto::{Operation, ops::spaces::GetSpace};
    ///
    /// let params = GetSpace::META.path_params("/koodrive/ose/v1/space/a%2Fb");
    /// assert_eq!(params, Some(vec![("ownerId", "a/b".to_owned())]));
    /// assert_eq!(GetSpace::META.path_params("/koodrive/ose/v1/jobs"), None);
    /// ```
    pub fn path_params(&self, path: &str) -> Option<Vec<(&'static str, String)>> {
        let segments = |text: &str| text.strip_suffix('/').unwrap_or(text).split('/').count();
        if segments(self.path) != segments(path) {
            return None;
        }
        let mut params = Vec::new();
        for (expected, given) in self.path.split('/').zip(path.split('/')) {
            match expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => params.push((name, percent_decode_str(given).decode_utf8().ok()?.into_owned())),
                None if expected == given => {}
                None => return None,
            }
        }
        Some(params)
    }
}

impl<'a> Received<'a> {
    /// Parses a request. Fails if its path is another operation's, if its query or body can't be read, or if a query
    /// parameter that isn't a list appears twice.
    pub fn read(meta: &'static Meta, parts: &'a Parts, body: &[u8]) -> Result<Self, InvalidParam> {
        let path = meta
            .path_params(parts.uri.path())
            .ok_or_else(|| InvalidParam::new("path", "another operation's", meta.path))?;
        let decode = |text: &str| {
            let text = percent_decode_str(text).decode_utf8().map(Cow::into_owned);
            text.map_err(|_| InvalidParam::new("query", "what is not UTF-8", "percent-encoded UTF-8"))
        };
        let items = parts.uri.query().unwrap_or_default().split('&').filter(|item| !item.is_empty());
        let query = items
            .map(|item| item.split_once('=').unwrap_or((item, "")))
            .map(|(name, value)| Ok((decode(name)?, decode(value)?)))
            .collect::<Result<Vec<(String, String)>, InvalidParam>>()?;
        for field in meta.params.iter().filter(|field| field.place == Place::Query) {
            let count = query.iter().filter(|(name, _)| name == field.name).count();
            if count > 1 && !matches!(field.kind, Kind::List(_)) {
                return Err(InvalidParam::new(field.name, format!("{count} values"), "one"));
            }
        }
        let kind = parts.headers.get(CONTENT_TYPE).map(|kind| String::from_utf8_lossy(kind.as_bytes()));
        let takes = |place| meta.params.iter().any(|field| field.place == place);
        let body = if takes(Place::Body) {
            read_json(kind.as_deref(), body)?
        } else if takes(Place::Form) {
            read_form(kind.as_deref().unwrap_or_default(), body)?
        } else {
            Map::new()
        };
        Ok(Self { meta, path, query, headers: &parts.headers, body })
    }
}

impl Untyped for Received<'_> {
    fn get(&self, field: &Field) -> Option<Cow<'_, Json>> {
        let text = |text: &str| Cow::Owned(Json::String(text.to_owned()));
        match field.place {
            Place::Path => self.path.iter().find(|(name, _)| *name == field.name).map(|(_, value)| text(value)),
            Place::Query => {
                let mut values = self.query.iter().filter(|(name, _)| name == field.name).map(|(_, value)| value);
                if matches!(field.kind, Kind::List(_)) {
                    let values: Vec<Json> = values.cloned().map(Json::String).collect();
                    (!values.is_empty()).then_some(Cow::Owned(Json::Array(values)))
                } else {
                    values.next().map(|value| text(value))
                }
            }
            Place::Header => self.headers.get(field.name).map(|value| text(&String::from_utf8_lossy(value.as_bytes()))),
            Place::Body | Place::Form => self.body.get(field.name).map(Cow::Borrowed),
        }
    }
}

impl fmt::Debug for Received<'_> {
    /// Shows only which parameters are there, since their values can be passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = self.meta.params.iter().filter(|field| self.get(field).is_some());
        f.debug_struct("Received")
            .field("operation", &self.meta.name)
            .field("given", &given.map(|field| field.name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Reads a JSON body. An absent body is an empty object; which parameters are required is checked later.
fn read_json(content_type: Option<&str>, body: &[u8]) -> Result<Map<String, Json>, InvalidParam> {
    let wrong = |got: &'static str| Err(InvalidParam::new("body", got, "a JSON object"));
    let is_json =
        |kind: &str| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if content_type.is_some_and(|kind| !is_json(kind)) {
        return wrong("another Content-Type than application/json");
    }
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => wrong("another JSON value"),
        Err(_) => wrong("no JSON"),
    }
}

/// Reads a form. A file becomes an object with its name and its content, which is a list of bytes if it isn't text.
fn read_form(content_type: &str, body: &[u8]) -> Result<Map<String, Json>, InvalidParam> {
    let parts = Form::read(content_type, body)
        .ok_or_else(|| InvalidParam::new("body", "something else", "multipart/form-data with its boundary"))?;
    let value = |part: Part<'_>| {
        let content = match std::str::from_utf8(&part.content) {
            Ok(text) => Json::String(text.to_owned()),
            Err(_) => part.content.iter().copied().map(Json::from).collect(),
        };
        match part.file_name {
            Some(name) => (part.name.into_owned(), json!({"fileName": name, "content": content})),
            None => (part.name.into_owned(), content),
        }
    };
    Ok(parts.into_iter().map(value).collect())
}
