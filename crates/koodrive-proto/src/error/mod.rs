//! The crate's one error type, and the service's own codes.

mod codes;
mod failure;
mod trouble;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::check::{InvalidParam, Shown, counted};
use crate::param::TraceId;
use crate::schema::{Meta, Safety, Target};
use crate::wire::http_date;

pub use codes::{Code, codes};
pub use failure::{Cause, Failure, Reached};
pub use trouble::Trouble;

/// A boxed error from a transport.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a call has no result.
///
/// An `Error` is one pointer wide. `Display` writes one line that says what to do, without secrets and without the
/// query string; the accessors have the rest. [`source`](StdError::source) returns only what that line doesn't say
/// already, so a report that prints both says nothing twice; what the error was made from is what
/// [`get_ref`](Self::get_ref) returns.
///
/// `Debug` is what `fn main() -> Result<(), Error>` prints: the same line, and below it the sources, one a line. The
/// alternate form (`{:#?}`) shows the parts. Neither prints the answer, since answers can hold tokens;
/// [`body`](Self::body) returns it.
///
/// Texts from outside, such as the service's message, are shown on one line, with an escape (`\u{202e}`) in place of
/// every character that isn't seen. [`message`](Self::message) and [`code`](Self::code) return them unchanged.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    target: Option<Target>,
    attempts: u32,
    sent: Sent,
    /// What the request allows, if it isn't an operation's.
    safety: Option<Safety>,
    /// The cause, if a transport failed.
    cause: Option<Cause>,
    code: Option<String>,
    service_message: Option<String>,
    trace_id: Option<TraceId>,
    response: Option<http::Response<Bytes>>,
    /// The length of the whole answer; `response` may hold only a part of it.
    length: usize,
    origin: Origin,
}

/// What an error was made from.
enum Origin {
    Nothing,
    Param(InvalidParam),
    /// The error of the request that renews the token.
    Renewal(Arc<Error>),
    Other(BoxError),
}

/// The kinds of [`Error`], distinguished by what to do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A parameter is outside its limits. Nothing was sent; correct the argument, which
    /// [`invalid_param`](Error::invalid_param) names.
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
    /// The call was cancelled while its answer was outstanding, and sending it again could do something twice; or a
    /// transfer was stopped by its caller, and can be resumed.
    Interrupted,
    /// A flow was driven in the wrong order, which is a bug in the transport.
    Misuse,
    /// A path leads to nothing: one of its names isn't there.
    NotFound,
    /// A link to the object store can't be used: it goes to a host that isn't allowed, isn't https, or is refused and
    /// can't be renewed.
    Link,
    /// The bytes on this side of a transfer aren't what they should be: the source of an upload was changed, cut or
    /// has grown; or a source, a sink or a stored state can't be read or written.
    Source,
    /// What was downloaded isn't what was expected: its SHA-256 or its length is another, the file changed in between,
    /// or the object store doesn't send what it is asked for.
    Content,
    /// In place of the file, other bytes are delivered than its record says. Content moderation does this: it delivers
    /// a warning file in place of a file that it judged to be sensitive or illegal.
    Moderated,
    /// It isn't known whether a step of a transfer that must not be repeated has had an effect.
    Unknown,
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
            message: Shown(&message.into()).to_string(),
            target: None,
            attempts: 0,
            sent: Sent::No,
            safety: None,
            cause: None,
            code: None,
            service_message: None,
            trace_id: None,
            response: None,
            length: 0,
            origin: Origin::Nothing,
        }))
    }

    /// Creates the error that a request can't be built, for operations written by hand.
    pub fn build(source: impl Into<BoxError>) -> Self {
        let source = source.into();
        let mut error = Self::new(ErrorKind::Build, excerpt(&source.to_string()));
        error.0.origin = Origin::Other(source);
        error
    }

    /// Nothing is where a path leads; the source says where it ends.
    pub(crate) fn not_found(source: impl Into<BoxError>) -> Self {
        let mut error = Self::build(source);
        error.0.kind = ErrorKind::NotFound;
        error
    }

    pub(crate) fn credentials(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Credentials, message)
    }

    pub(crate) fn decode(message: &str) -> Self {
        Self::new(ErrorKind::Decode, excerpt(message))
    }

    pub(crate) fn api(status: StatusCode, code: Option<String>, message: Option<String>) -> Self {
        let mut text = format!("HTTP {}", status.as_u16());
        if let Some(code) = &code {
            text = format!("{text}, code {}", excerpt(code));
        }
        if let Some(message) = message.as_deref().filter(|message| !message.is_empty()) {
            text = format!("{text}: {}", excerpt(message));
        }
        match code.as_deref().and_then(Code::find) {
            Some(known) => text = format!("{text} ({}; {})", known.meaning, known.advice),
            None if status == StatusCode::UNAUTHORIZED => {
                text.push_str(" (check AppId, AppSecret and user id, or the token)");
            }
            None => {}
        }
        let mut error = Self::new(ErrorKind::Api, text);
        error.0.code = code;
        error.0.service_message = message;
        error
    }

    /// A refusal that says nothing but its status; `problem` says what the body is.
    pub(crate) fn unreadable(status: StatusCode, problem: &str) -> Self {
        Self::new(ErrorKind::Api, format!("HTTP {}; {}", status.as_u16(), excerpt(problem)))
    }

    /// A redirect, to that host if it is known. Path and query of its address may hold secrets.
    pub(crate) fn redirect(status: StatusCode, host: Option<&str>) -> Self {
        let to = host.map(|host| format!(" to {}", excerpt(host))).unwrap_or_default();
        let text = format!("HTTP {}: a redirect{to}, which isn't followed; check the endpoint", status.as_u16());
        Self::new(ErrorKind::Api, text)
    }

    pub(crate) fn deadline() -> Self {
        Self::new(ErrorKind::Deadline, "the deadline of the call is over")
    }

    pub(crate) fn late_transfer() -> Self {
        Self::new(ErrorKind::Deadline, "the deadline of the transfer is over; what it has done is in its records")
    }

    pub(crate) fn not_yet(polls: u32) -> Self {
        let polls = counted(polls, "time", "times");
        Self::new(ErrorKind::Deadline, format!("not yet what is waited for, after asking {polls}"))
    }

    /// The error of the last attempt, after which there was no time for another. It may say so already.
    pub(crate) fn past_deadline(mut self) -> Self {
        if self.kind() != ErrorKind::Deadline {
            self.0.kind = ErrorKind::Deadline;
            self.0.message = format!("the deadline of the call is over; {}", self.0.message);
        }
        self
    }

    pub(crate) fn interrupted() -> Self {
        let message = "cancelled while its answer was outstanding; it may have run, and is not one to repeat";
        Self::new(ErrorKind::Interrupted, message)
    }

    /// Creates the error that the caller has stopped a transfer, for drivers of transfers.
    pub fn stopped() -> Self {
        Self::new(ErrorKind::Interrupted, "the transfer was stopped; it can be resumed if its state is stored")
    }

    /// The token can't be used any more.
    pub(crate) fn not_renewed(problem: Arc<Self>) -> Self {
        let mut error = Self::new(ErrorKind::Credentials, format!("the token could not be renewed: {problem}"));
        error.0.origin = Origin::Renewal(problem);
        error
    }

    /// An error of the call itself, which occurred while it renewed the token.
    pub(crate) fn while_renewing(problem: Self) -> Self {
        let mut error = Self::new(problem.kind(), format!("while the token was renewed: {problem}"));
        error.0.origin = Origin::Renewal(Arc::new(problem));
        error
    }

    /// A link that can't be used. The text says nothing of it but its host.
    pub(crate) fn link(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Link, message)
    }

    /// Creates the error that something on this side of a transfer isn't as it should be, for drivers of transfers. Its
    /// kind is [`ErrorKind::Source`].
    pub fn local(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Source, message)
    }

    /// Creates the error that a source, a sink or a stored state can't be read or written, for drivers of transfers.
    pub fn local_io(what: &str, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        let mut error = Self::new(ErrorKind::Source, format!("{what}: {}", excerpt(&source.to_string())));
        error.0.origin = Origin::Other(source);
        error
    }

    /// What was downloaded isn't what it should be.
    pub(crate) fn content(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Content, message)
    }

    pub(crate) fn moderated(delivered: u64, expected: u64) -> Self {
        let message = format!(
            "{} are delivered in place of {expected}: probably a warning file, which content moderation delivers in \
             place of a file that it judged to be sensitive or illegal",
            counted(delivered, "byte", "bytes")
        );
        Self::new(ErrorKind::Moderated, message)
    }

    /// An error in an answer, whose request was seen therefore.
    pub(crate) fn in_answer(mut self, operation: &'static Meta) -> Self {
        self.0.sent = Sent::Yes;
        self.0.attempts = self.0.attempts.max(1);
        self.on(operation)
    }

    /// A step that must not be repeated may have had an effect; `problem` is why that isn't known.
    pub(crate) fn unknown(message: &str, problem: Option<Self>) -> Self {
        let mut error = match problem {
            None => Self::new(ErrorKind::Unknown, message),
            Some(mut problem) => {
                problem.0.kind = ErrorKind::Unknown;
                problem.0.message = format!("{message}; {}", problem.0.message);
                problem
            }
        };
        error.0.sent = Sent::Maybe;
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

    /// An error of a request that doesn't go to the service, and what that request allows.
    pub(crate) fn elsewhere(mut self, target: Target, safety: Safety) -> Self {
        self.0.safety = Some(safety);
        self.on(target)
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

    /// Returns how long the service asks to wait, according to `Retry-After`, which is in seconds or a date. A fraction
    /// of a second counts as a whole one; a date is compared with the answer's own Date.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after_from(None)
    }

    /// `now` is the server's time, used if the answer has no Date.
    pub(crate) fn retry_after_from(&self, now: Option<DateTime<Utc>>) -> Option<Duration> {
        let headers = self.headers()?;
        let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Some(pause) = seconds(value) {
            return Some(pause);
        }
        let until = http_date::header(headers, RETRY_AFTER)?;
        let now = http_date::header(headers, DATE).or(now)?;
        Some(until.signed_duration_since(now).to_std().unwrap_or_default())
    }

    /// What the request allows, if that is known.
    pub(crate) fn safety(&self) -> Option<Safety> {
        self.operation().map(|operation| operation.safety).or(self.0.safety)
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
            || self.kind() == ErrorKind::NotFound
    }

    /// Returns whether the service doesn't accept the token, signature or date (HTTP 401, or a code of the gateway that
    /// says so), or the token could not be renewed. In the latter case [`renewal`](Self::renewal) has the reason.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Credentials && self.renewal().is_some()
            || self.code().and_then(Code::find).is_some_and(|code| code.status == Some(401))
            || self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// Returns whether the service gets too many calls (HTTP 429, or the gateway's code `APIGW.0308`). What is refused
    /// so didn't run; [`retry_after`](Self::retry_after) tells how long to wait.
    pub fn is_throttled(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS) || self.code() == Some("APIGW.0308")
    }

    /// Returns the parameter that was refused, for errors of the kind [`Param`](ErrorKind::Param).
    pub fn invalid_param(&self) -> Option<&InvalidParam> {
        match &self.0.origin {
            Origin::Param(invalid) => Some(invalid),
            Origin::Nothing | Origin::Renewal(_) | Origin::Other(_) => None,
        }
    }

    /// Returns the error of the request that renews the token, if that is what made this call fail.
    pub fn renewal(&self) -> Option<&Self> {
        match &self.0.origin {
            Origin::Renewal(problem) => Some(problem),
            Origin::Nothing | Origin::Param(_) | Origin::Other(_) => None,
        }
    }

    /// Returns the error that this one was made from, to downcast it: the transport's own, what
    /// [`build`](Self::build) got, an [`InvalidParam`], or the `Error` of a renewal.
    ///
    /// It may be one that [`source`](StdError::source) skips, since this error's text quotes it.
    pub fn get_ref(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        match &self.0.origin {
            Origin::Nothing => None,
            Origin::Param(invalid) => Some(invalid),
            Origin::Renewal(problem) => Some(&**problem),
            Origin::Other(source) => Some(&**source),
        }
    }
}

impl Error {
    /// Whether the text has another one in it, whole or its beginning, and not just inside a word.
    fn quotes(&self, text: &str) -> bool {
        let message = &self.0.message;
        let has = |text: &str| {
            let text = Shown(text.trim()).to_string();
            text.is_empty()
                || message.match_indices(&text).any(|(at, _)| {
                    let (before, rest) = message.split_at(at);
                    let after = rest.strip_prefix(&text).unwrap_or_default();
                    !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
                })
        };
        has(text) || has(&excerpt(text))
    }

    /// The texts of the sources, each without what repeats the one before.
    fn sources(&self) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        let mut next = self.source();
        while let Some(part) = next {
            let text = part.to_string();
            if !texts.last().is_some_and(|before| before.contains(&text)) {
                texts.push(text);
            }
            next = part.source();
        }
        texts
    }

    /// Whether the error concerns only this call, and says nothing about what it tried to do.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.kind(), ErrorKind::Deadline | ErrorKind::Interrupted | ErrorKind::Misuse)
    }

    /// Whether the code is one of KooDrive's own, and not the gateway's.
    pub(crate) fn is_business(&self) -> bool {
        self.code().and_then(Code::find).is_some_and(|code| !code.editions.is_empty())
    }

    /// Whether the reason can be a refused date: 401, or 400 or 403 with a code that isn't one of KooDrive's own.
    pub(crate) fn may_be_the_date(&self) -> bool {
        match self.status().map(|status| status.as_u16()) {
            Some(401) => true,
            Some(400 | 403) => !self.is_business(),
            _ => false,
        }
    }
}

impl From<InvalidParam> for Error {
    fn from(invalid: InvalidParam) -> Self {
        let mut error = Self::new(ErrorKind::Param, invalid.to_string());
        error.0.origin = Origin::Param(invalid);
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
            write!(f, " (HTTP {}, {})", status.as_u16(), counted(self.0.length, "byte", "bytes"))?;
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
        if !f.alternate() {
            write!(f, "{self}")?;
            return self.sources().iter().try_for_each(|source| write!(f, "\ncaused by: {}", Shown(source)));
        }
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &self.to_string())
            .field("attempts", &self.attempts())
            .field("was_sent", &self.was_sent())
            .field("status", &self.status())
            .field("code", &self.code())
            .field("trace_id", &self.trace_id().map(TraceId::as_str))
            .field("body_bytes", &self.0.length)
            .field("sources", &self.sources())
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    /// Returns what this error's text doesn't say already.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let mut next = self.get_ref().map(|origin| origin as &(dyn StdError + 'static));
        while let Some(part) = next.filter(|part| self.quotes(&part.to_string())) {
            next = part.source();
        }
        next
    }
}

/// The beginning of a text from outside: at most 300 characters.
fn excerpt(text: &str) -> String {
    const LIMIT: usize = 300;
    let text = text.trim();
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Reads a number of seconds; a fraction is rounded up. If u64 can't hold it, it is as good as forever.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let up = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    (is_number(whole) && is_number(fraction))
        .then(|| Duration::from_secs(whole.parse().unwrap_or(u64::MAX).saturating_add(up)))
}
