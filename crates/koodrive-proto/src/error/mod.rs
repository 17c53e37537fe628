//! The crate's one error type, and the service's own codes.

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

/// A boxed error from a transport.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a call has no result.
///
/// An `Error` is one pointer wide. `Display` writes one line that says what to do, without secrets and without the
/// query string; the accessors have the rest. `Debug` doesn't print the answer, since answers can hold tokens;
/// [`body`](Self::body) returns it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    target: Option<Target>,
    attempts: u32,
    sent: Sent,
    /// The cause, if a transport failed.
    cause: Option<Cause>,
    code: Option<String>,
    service_message: Option<String>,
    trace_id: Option<TraceId>,
    response: Option<http::Response<Bytes>>,
    /// The length of the whole answer; `response` may hold only a part of it.
    length: usize,
    source: Option<BoxError>,
    /// Whether the message quotes the source, which then has nothing to add but its own source.
    quoted: bool,
}

/// The kinds of [`Error`], distinguished by what to do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A parameter is outside its limits. Nothing was sent; correct the argument.
    Param,
    /// The request couldn't be built or signed. Nothing was sent; correct the endpoint, the header or the date.
    Build,
    /// The credentials are malformed, the operation doesn't allow them, or the token could not be renewed.
    /// [`is_unauthorized`](Error::is_unauthorized) is true only for the last of these.
    Credentials,
    /// The network, TLS, a timeout or the limit for bodies made the call fail. [`was_sent`](Error::was_sent) tells
    /// whether the server can have seen the request.
    Transport,
    /// The service or its gateway refused the call.
    Api,
    /// The service reports success, but the answer can't be read.
    Decode,
    /// The deadline of the whole call has passed.
    Deadline,
    /// The call was cancelled while its answer was outstanding, and sending it again could do something twice.
    Interrupted,
    /// A flow was driven in the wrong order, which is a bug in the transport.
    Misuse,
}

/// Whether the server can have seen the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sent {
    /// It can't have seen the request, or has only refused it before it ran: throttled it, or refused its date or
    /// token.
    No,
    /// It may have seen the request.
    Maybe,
    /// It has seen the request, since it answered.
    Yes,
}

/// If an answer came with an error, at most this many of its bytes are kept.
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
            quoted: false,
        }))
    }

    /// Creates the error that a request can't be built, for operations written by hand.
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

    /// A refusal that says nothing but its status; `problem` says what the body is.
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

    /// An error of the call itself, which occurred while it renewed the token.
    pub(crate) fn while_renewing(problem: Self) -> Self {
        let mut error = Self::new(problem.kind(), format!("while the token was renewed: {problem}"));
        error.0.source = Some(Box::new(problem));
        error
    }

    /// Creates the error that a flow got an event that it didn't wait for, for flows written by hand.
    pub fn misuse(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Misuse, message)
    }

    pub(crate) fn on(mut self, target: impl Into<Target>) -> Self {
        self.0.target.get_or_insert_with(|| target.into());
        self
    }

    /// Adds what the call knows. If an earlier attempt may have been seen, that outweighs a `No` of the last one.
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

    /// Returns the kind of error, which says what to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the operation; `None` if the request went elsewhere, or if the error came up before there was an
    /// operation.
    pub fn operation(&self) -> Option<&'static Meta> {
        self.0.target.as_ref().and_then(Target::operation)
    }

    /// Returns how many times the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns whether the server can have seen the request, and thus whether the call may have had an effect.
    pub fn was_sent(&self) -> Sent {
        self.0.sent
    }

    /// Returns the status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.response.as_ref().map(http::Response::status)
    }

    /// Returns the headers of the answer, if there was one.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.response.as_ref().map(http::Response::headers)
    }

    /// Returns the first 64 KiB of the answer's body; empty if there was no answer. It may hold secrets.
    pub fn body(&self) -> &[u8] {
        self.0.response.as_ref().map_or(&[], |response| response.body())
    }

    /// Returns the service's code (`13000301`) or the gateway's (`APIGW.0303`). [`Code::find`] gives its meaning.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the service's own message, in the language that was asked for.
    pub fn message(&self) -> Option<&str> {
        self.0.service_message.as_deref()
    }

    /// Returns the trace id that the request carried.
    pub fn trace_id(&self) -> Option<&TraceId> {
        self.0.trace_id.as_ref()
    }

    /// Returns how long the service asks to wait, according to `Retry-After`, which is in seconds or a date. A date is
    /// compared with the answer's own Date.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after_from(None)
    }

    /// `now` is the server's time, used if the answer has no Date.
    pub(crate) fn retry_after_from(&self, now: Option<DateTime<Utc>>) -> Option<Duration> {
        let headers = self.headers()?;
        let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // If u64 can't hold it, it is as good as forever.
            return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
        }
        let until = http_date::header(headers, RETRY_AFTER)?;
        let now = http_date::header(headers, DATE).or(now)?;
        Some(until.signed_duration_since(now).to_std().unwrap_or_default())
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.0.cause
    }

    /// Returns whether no answer came in time.
    pub fn is_timeout(&self) -> bool {
        self.cause() == Some(Cause::Timeout) || self.kind() == ErrorKind::Deadline
    }

    /// Returns whether the space, file or other thing doesn't exist. The service says so by its code, with HTTP 400.
    pub fn is_not_found(&self) -> bool {
        matches!(self.code(), Some("13000301" | "13000309" | "13000401" | "13000407"))
            || self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Returns whether the service doesn't accept the token, signature or date (HTTP 401, or a code of the gateway that
    /// says so), or the token could not be renewed. In the latter case the source is the error of the renewal: an
    /// [`Arc`] of an `Error`.
    pub fn is_unauthorized(&self) -> bool {
        let not_renewed = |source: &BoxError| source.is::<Arc<Self>>();
        self.0.source.as_ref().is_some_and(not_renewed)
            || self.code().and_then(Code::find).is_some_and(|code| code.status == Some(401))
            || self.status() == Some(StatusCode::UNAUTHORIZED)
    }
}

impl Error {
    /// Whether the error concerns only this call, and says nothing about what it tried to do.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.kind(), ErrorKind::Deadline | ErrorKind::Interrupted | ErrorKind::Misuse)
    }

    /// Whether the reason can be a refused date: 401, or 400 or 403 with a code that isn't one of KooDrive's own.
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
        match self.attempts() {
            1 if self.cause().is_some() => f.write_str(" (1 attempt)")?,
            attempts if attempts > 1 && self.cause().is_some() => write!(f, " ({attempts} attempts)")?,
            _ => {}
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
        let source = self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))?;
        if self.0.quoted { source.source() } else { Some(source) }
    }
}

/// A message from outside, on one line: without control characters, at most 300 characters.
fn one_line(text: &str) -> String {
    const LIMIT: usize = 300;
    let mut line: String =
        text.trim().chars().take(LIMIT).map(|char| if char.is_control() { ' ' } else { char }).collect();
    if text.trim().chars().nth(LIMIT).is_some() {
        line.push('…');
    }
    line
}
