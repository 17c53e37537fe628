//! The one error type, and the service's own codes.

mod codes;
mod failure;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::check::InvalidParam;
use crate::param::TraceId;
use crate::schema::{Meta, Target};
use crate::wire::http_date;

pub use codes::{Code, codes};
pub use failure::{Cause, Failure, Reached};

/// A boxed error of a transport.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a call has no result.
///
/// One pointer wide. `Display` is one line to act on, without secrets and without the query string; the accessors have
/// the rest. `Debug` doesn't print the answer, since answers can hold tokens; [`body`](Self::body) has it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    target: Option<Target>,
    attempts: u32,
    sent: Sent,
    /// Of a transport's failure.
    cause: Option<Cause>,
    code: Option<String>,
    service_message: Option<String>,
    trace_id: Option<TraceId>,
    response: Option<http::Response<Bytes>>,
    /// The length of the whole answer, of which `response` may have a part.
    length: usize,
    source: Option<BoxError>,
}

/// The kinds of [`Error`], by what to do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A parameter is outside its limits. Nothing was sent; mend the argument.
    Param,
    /// The request couldn't be built or signed. Nothing was sent; mend endpoint, header or date.
    Build,
    /// The credentials are malformed, the operation doesn't allow them, or the token could not be renewed, which
    /// [`is_unauthorized`](Error::is_unauthorized) tells apart.
    Credentials,
    /// Network, TLS, timeout or body limit; [`was_sent`](Error::was_sent) tells whether the server can have seen it.
    Transport,
    /// The service or its gateway refused the call.
    Api,
    /// The service says success, and the answer can't be read.
    Decode,
    /// The total deadline of the call is over.
    Deadline,
    /// The call was cancelled while its answer was outstanding, and to send it again could do something twice.
    Interrupted,
    /// A flow was driven in the wrong order: a bug in the transport.
    Misuse,
}

/// Whether the server can have seen the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sent {
    /// It can't, or it has only refused it (throttled, or for its date or token) before it ran.
    No,
    /// It may have.
    Maybe,
    /// It has: it answered.
    Yes,
}

/// Of an answer that came with an error, at most this many bytes are kept.
const BODY_LIMIT: usize = 64 * 1024;

impl Error {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            target: None,
            attempts: 0,
            sent: Sent::No,
            cause: None,
            code: None,
            service_message: None,
            trace_id: None,
            response: None,
            length: 0,
            source: None,
        }))
    }

    /// The request can't be built: for operations written by hand.
    pub fn build(source: impl Into<BoxError>) -> Self {
        let source = source.into();
        let mut error = Self::new(ErrorKind::Build, one_line(&source.to_string()));
        error.0.source = Some(source);
        error
    }

    pub(crate) fn credentials(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Credentials, message)
    }

    pub(crate) fn decode(message: &str) -> Self {
        Self::new(ErrorKind::Decode, one_line(message))
    }

    pub(crate) fn api(status: StatusCode, code: Option<String>, message: Option<String>) -> Self {
        let mut text = format!("HTTP {}", status.as_u16());
        if let Some(code) = &code {
            text = format!("{text}, code {}", one_line(code));
        }
        if let Some(message) = message.as_deref().filter(|message| !message.is_empty()) {
            text = format!("{text}: {}", one_line(message));
        }
        if let Some(known) = code.as_deref().and_then(Code::find) {
            text = format!("{text} ({}; {})", known.meaning, known.advice);
        }
        let mut error = Self::new(ErrorKind::Api, text);
        error.0.code = code;
        error.0.service_message = message;
        error
    }

    /// A refusal that says nothing but its status: `problem` tells what its body is.
    pub(crate) fn unreadable(status: StatusCode, problem: &str) -> Self {
        Self::new(ErrorKind::Api, format!("HTTP {}; {}", status.as_u16(), one_line(problem)))
    }

    pub(crate) fn deadline() -> Self {
        Self::new(ErrorKind::Deadline, "the deadline of the call is over")
    }

    pub(crate) fn not_yet(polls: u32) -> Self {
        Self::new(ErrorKind::Deadline, format!("not yet what is waited for, after asking {polls} times"))
    }

    /// A timeout that used up the deadline.
    pub(crate) fn past_deadline(mut self) -> Self {
        self.0.kind = ErrorKind::Deadline;
        self.0.message = format!("the deadline of the call is over; {}", self.0.message);
        self
    }

    pub(crate) fn interrupted() -> Self {
        let message = "cancelled while its answer was outstanding; it may have run, and is not one to repeat";
        Self::new(ErrorKind::Interrupted, message)
    }

    /// The token can't be used any more.
    pub(crate) fn not_renewed(problem: Arc<Self>) -> Self {
        let mut error = Self::new(ErrorKind::Credentials, format!("the token could not be renewed: {problem}"));
        error.0.source = Some(Box::new(problem));
        error
    }

    /// An error of the call itself, which came up while it renewed the token.
    pub(crate) fn while_renewing(problem: Self) -> Self {
        let mut error = Self::new(problem.kind(), format!("while the token was renewed: {problem}"));
        error.0.source = Some(Box::new(problem));
        error
    }

    /// A flow got an event that it didn't wait for: for flows written by hand.
    pub fn misuse(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Misuse, message)
    }

    pub(crate) fn on(mut self, target: impl Into<Target>) -> Self {
        self.0.target.get_or_insert_with(|| target.into());
        self
    }

    /// What the call knows: `maybe_seen` of an earlier attempt goes before a `No` of the last.
    pub(crate) fn of_call(mut self, attempts: u32, maybe_seen: bool, trace_id: Option<&TraceId>) -> Self {
        self.0.attempts = attempts;
        self.0.trace_id = trace_id.cloned();
        if maybe_seen && self.0.sent == Sent::No {
            self.0.sent = Sent::Maybe;
        }
        self
    }

    pub(crate) fn with_response(mut self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut response = http::Response::new(Bytes::copy_from_slice(body.get(..BODY_LIMIT).unwrap_or(body)));
        *response.status_mut() = status;
        response.headers_mut().clone_from(headers);
        self.0.response = Some(response);
        self.0.length = body.len();
        self.0.sent = Sent::Yes;
        self
    }

    /// What happened, by what to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation; `None` where the request went elsewhere, or nothing had one yet.
    pub fn operation(&self) -> Option<&'static Meta> {
        self.0.target.as_ref().and_then(Target::operation)
    }

    /// How often it was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the server can have seen it, which decides whether it may have had an effect.
    pub fn was_sent(&self) -> Sent {
        self.0.sent
    }

    /// The status of the answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.response.as_ref().map(http::Response::status)
    }

    /// The headers of the answer.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.response.as_ref().map(http::Response::headers)
    }

    /// The answer, its first 64 KiB; empty if there was none. May hold secrets.
    pub fn body(&self) -> &[u8] {
        self.0.response.as_ref().map_or(&[], |response| response.body())
    }

    /// The service's code (`13000301`) or the gateway's (`APIGW.0303`). [`Code::find`] has its meaning.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The service's own message, in the language that was asked for.
    pub fn message(&self) -> Option<&str> {
        self.0.service_message.as_deref()
    }

    /// The trace id that the request carried.
    pub fn trace_id(&self) -> Option<&TraceId> {
        self.0.trace_id.as_ref()
    }

    /// How long the service asks to wait: `Retry-After`, in seconds or as a date, which counts from the answer's own
    /// Date.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after_from(None)
    }

    /// `now` is the server's time, for an answer without a Date.
    pub(crate) fn retry_after_from(&self, now: Option<DateTime<Utc>>) -> Option<Duration> {
        let headers = self.headers()?;
        let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // More than a u64 holds is as good as forever.
            return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
        }
        let until = http_date::header(headers, RETRY_AFTER)?;
        let now = http_date::header(headers, DATE).or(now)?;
        Some(until.signed_duration_since(now).to_std().unwrap_or_default())
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.0.cause
    }

    /// No answer came in time.
    pub fn is_timeout(&self) -> bool {
        self.cause() == Some(Cause::Timeout) || self.kind() == ErrorKind::Deadline
    }

    /// The space, file or other thing doesn't exist. The service says so by its code, with HTTP 400.
    pub fn is_not_found(&self) -> bool {
        matches!(self.code(), Some("13000301" | "13000309" | "13000401" | "13000407"))
            || self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// The service doesn't accept token, signature or date (HTTP 401, or a code of the gateway's that says so), or the
    /// token could not be renewed. In that case the source is what came of renewing it: an [`Arc`] of an `Error`.
    pub fn is_unauthorized(&self) -> bool {
        let not_renewed = |source: &BoxError| source.is::<Arc<Self>>();
        self.0.source.as_ref().is_some_and(not_renewed)
            || self.code().and_then(Code::find).is_some_and(|code| code.status == Some(401))
            || self.status() == Some(StatusCode::UNAUTHORIZED)
    }
}

impl Error {
    /// Whether it tells only of this call, and not of what it tried.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.kind(), ErrorKind::Deadline | ErrorKind::Interrupted | ErrorKind::Misuse)
    }

    /// Whether it can be a date that was refused: 401, or 400 or 403 with a code that isn't one of KooDrive's own.
    pub(crate) fn may_be_the_date(&self) -> bool {
        let business = || self.code().and_then(Code::find).is_some_and(|code| !code.editions.is_empty());
        match self.status().map(|status| status.as_u16()) {
            Some(401) => true,
            Some(400 | 403) => !business(),
            _ => false,
        }
    }
}

impl From<InvalidParam> for Error {
    fn from(invalid: InvalidParam) -> Self {
        let mut error = Self::new(ErrorKind::Param, invalid.to_string());
        error.0.source = Some(Box::new(invalid));
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(target) = &self.0.target {
            write!(f, "{target}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(status) = self.status().filter(|_| self.kind() == ErrorKind::Decode) {
            write!(f, " (HTTP {}, {} bytes)", status.as_u16(), self.0.length)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &self.to_string())
            .field("attempts", &self.attempts())
            .field("was_sent", &self.was_sent())
            .field("status", &self.status())
            .field("code", &self.code())
            .field("trace_id", &self.trace_id().map(TraceId::as_str))
            .field("body_bytes", &self.0.length)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Somebody else's words on one line: no control characters, at most 300 characters.
fn one_line(text: &str) -> String {
    const LIMIT: usize = 300;
    let mut line: String =
        text.trim().chars().take(LIMIT).map(|char| if char.is_control() { ' ' } else { char }).collect();
    if text.trim().chars().nth(LIMIT).is_some() {
        line.push('…');
    }
    line
}
