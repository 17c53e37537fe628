//! Answers, in KooDrive's form and in the gateway's.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use koodrive_proto::error::Code;
use koodrive_proto::http::header::{CONTENT_TYPE, DATE};
use koodrive_proto::http::{HeaderValue, Response, StatusCode};
use koodrive_proto::{InvalidParam, Meta};
use serde_json::{Map, Value as Json, json};

use crate::explain::Explanation;
use crate::facts;

/// A successful answer: what is beside `code` and `msg`.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    members: Map<String, Json>,
    /// Whether it is the manual's example.
    pub(crate) documented: bool,
    /// What it doesn't tell: why the job failed that was asked for.
    pub(crate) failure: Option<String>,
}

impl Reply {
    /// The answer that the manuals show.
    pub(crate) fn documented(meta: &Meta) -> Self {
        Self { members: facts::answer(meta.name), documented: true, failure: None }
    }

    /// An answer whose content is under `data`.
    pub(crate) fn data(data: impl Into<Json>) -> Self {
        Self::default().with("data", data)
    }

    /// An answer with the members of an object.
    pub(crate) fn members(members: Json) -> Self {
        let members = if let Json::Object(members) = members { members } else { Map::new() };
        Self { members, ..Self::default() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds for the ledger why a job failed.
    pub(crate) fn noting(mut self, failure: Option<&str>) -> Self {
        self.failure = failure.map(str::to_owned);
        self
    }

    pub(crate) fn into_response(self, chinese: bool) -> Response<Bytes> {
        let reply = self.with("code", 0).with("msg", if chinese { "成功" } else { "success" });
        json_response(StatusCode::OK, &Json::Object(reply.members))
    }
}

/// A refusal, with a reason for the ledger, which says more than the answer does.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    /// Another status than the one that the table of codes lists.
    status: Option<StatusCode>,
    detail: String,
    pub(crate) reason: String,
    pub(crate) explained: Option<Box<Explanation>>,
}

impl Refusal {
    /// Creates a refusal; `code` is one of the table of codes.
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let reason = if detail.is_empty() { message(code).to_owned() } else { detail.clone() };
        Self { code, status: None, reason, detail, explained: None }
    }

    pub(crate) fn parameter(invalid: &InvalidParam) -> Self {
        Self::new("13000102", invalid.to_string())
    }

    /// Refuses the authentication. The gateway's code for signatures is known from a sample text, the one for tokens
    /// from its pages.
    pub(crate) fn signature(detail: impl Into<String>) -> Self {
        Self::new("APIGW.0303", detail)
    }

    pub(crate) fn token(detail: impl Into<String>) -> Self {
        Self::new("APIGW.0301", detail)
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    pub(crate) fn because(mut self, reason: String) -> Self {
        self.reason = reason;
        self
    }

    pub(crate) fn explained(mut self, explanation: Explanation) -> Self {
        self.explained = Some(Box::new(explanation));
        self
    }

    /// The text of the code, and the detail.
    pub(crate) fn message(&self) -> String {
        let message = message(self.code);
        let separator = if message.ends_with('.') { " " } else { ": " };
        if self.detail.is_empty() { message.to_owned() } else { format!("{message}{separator}{}", self.detail) }
    }

    pub(crate) fn into_response(self, number: u64) -> Response<Bytes> {
        let (code, message) = (self.code, self.message());
        let listed =
            || Code::find(code).and_then(|row| row.status).and_then(|status| StatusCode::from_u16(status).ok());
        let status = self.status.or_else(listed).unwrap_or(StatusCode::BAD_REQUEST);
        let mut body = match code.parse::<u64>() {
            Ok(code) => json!({"code": code, "msg": message}),
            Err(_) => json!({"error_code": code, "error_msg": message, "request_id": format!("{number:032x}")}),
        };
        if let Some(explained) = &self.explained {
            body["explain"] = explained.to_json();
        }
        json_response(status, &body)
    }
}

fn message(code: &str) -> &'static str {
    Code::find(code).and_then(|row| row.message).unwrap_or("The call was refused.")
}

fn json_response(status: StatusCode, body: &Json) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Adds the Date header, by the simulator's clock.
pub(crate) fn date<B>(mut response: Response<B>, now: DateTime<Utc>) -> Response<B> {
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, value);
    }
    response
}
