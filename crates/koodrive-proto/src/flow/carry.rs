//! One part or one range over a presigned link, which is fetched when there is none, and renewed when it is old or
//! refused.
//!
//! ```text
//!   Ready ── a good link? ──yes──► Outstanding ── fits ──► Done
//!               │ no                  │    │
//!               ▼                     │    └─ trouble that may pass ─► Waiting ─► Ready
//!             Asking ── a new link ──►│
//!               ▲                     │
//!               └── the link is refused, and wasn't new
//! ```

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST, RANGE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, response};

use crate::api::{Api, Options};
use crate::error::{Cause, Error, Failure, Sent};
use crate::flow::attempts::Attempts;
use crate::flow::intact::intact;
use crate::flow::link::Link;
use crate::flow::links::{link_of, link_of_part};
use crate::flow::place::{Misfit, Seen, condition, is_empty_object, validator};
use crate::flow::work::{Got, What, Worked};
use crate::flow::{Body, Deliver, Event, Expected, Flow, Outgoing, Step};
use crate::observer::{Attempt, Outcome, Reason};
use crate::ops::files::{GetDownloadUrls, GetUploadUrls};
use crate::param::{FileId, Secret};
use crate::retry::{self, Situation};
use crate::schema::{Safety, Target};
use crate::time::Now;
use crate::transfer::{Hasher, Part, Plan};
use crate::wire::xml;

/// Where the bytes are.
const OBJECT_STORE: Target = Target::Elsewhere("object store");

/// How long an exchange may go without a byte moving. Buffers on the way can hold megabytes, which a slow server takes
/// its time to read.
const IDLE: Duration = Duration::from_secs(60);
/// How fast bytes move at least, per second, if an exchange is to end in its time.
const SLOWEST: u64 = 16 * 1024;
/// How many bytes an answer that isn't for the sink may have: as pages of gateways have.
const LIMIT: u64 = 1024 * 1024;
/// How young a link is whose refusal is final.
const FRESH: Duration = Duration::from_secs(60);
/// How many times a refused link is renewed in a job that lasts long.
const RENEWALS: u32 = 16;
/// An attempt that moved so many bytes towards the sink made progress: the attempts are counted anew.
const PROGRESS: u64 = 64 * 1024;

/// What is carried.
#[derive(Debug)]
pub(super) enum Cargo {
    /// A part of the source.
    Put(Part),
    /// A range for the sink: what is still expected, and how much of it is there.
    Get { expected: Expected, got: u64, base: Option<Hasher> },
}

/// How a link is got.
#[derive(Debug)]
pub(super) enum Ask {
    Part(GetUploadUrls, u32),
    File(GetDownloadUrls, FileId),
    /// It can't be: the link came from another call.
    Never,
}

pub(super) struct Carry {
    cargo: Cargo,
    ask: Ask,
    link: Option<Link>,
    /// Whether the link was fetched for the attempt that uses it.
    is_fresh: bool,
    /// When it was asked for.
    asked: Option<Now>,
    /// How many times a refused link was renewed.
    renewed: u32,
    options: Options,
    /// When all must be over, by [`Now::elapsed`].
    end: Option<Duration>,
    sent: u32,
    counted: u32,
    /// Up to where progress was credited.
    credited: u64,
    maybe_seen: bool,
    state: State,
}

enum State {
    Ready,
    Asking(Box<Attempts>),
    Outstanding {
        at: Now,
        is_last: bool,
    },
    /// Between two attempts; the error is that of the last one.
    Waiting(Duration, Error),
    Done,
}

impl Carry {
    pub(super) fn new(cargo: Cargo, ask: Ask, link: Option<Link>, options: Options, end: Option<Duration>) -> Self {
        let credited = if let Cargo::Get { expected, .. } = &cargo { expected.first } else { 0 };
        Self {
            cargo,
            ask,
            link,
            is_fresh: false,
            asked: None,
            renewed: 0,
            options,
            end,
            sent: 0,
            counted: 0,
            credited,
            maybe_seen: false,
            state: State::Ready,
        }
    }

    fn left(&self, now: Now) -> Option<Duration> {
        self.end.map(|end| end.saturating_sub(now.elapsed))
    }

    /// Begins an attempt: with the link, if there is a good one.
    fn begin(&mut self, api: &Api, now: Now) -> Step<Result<What, Error>> {
        let is_good = |link: &Link| matches!(self.ask, Ask::Never) || !link.is_old(now);
        if self.link.as_ref().is_some_and(is_good) {
            return self.send(api, now);
        }
        if let Ask::Never = self.ask {
            return self.finish(Error::link("there is no link to resume with"));
        }
        self.link = None;
        let options = Options { deadline: self.left(now), ..self.options.clone() };
        self.ask(Box::new(Attempts::new(options)), api, now, Event::Start)
    }

    fn ask(&mut self, mut attempts: Box<Attempts>, api: &Api, now: Now, event: Event) -> Step<Result<What, Error>> {
        let step = match &self.ask {
            Ask::Part(op, number) => attempts.drive(op, api, now, event).map(|answer| link_of_part(*number, answer?)),
            Ask::File(op, file_id) => attempts.drive(op, api, now, event).map(|answer| link_of(file_id, &answer?)),
            Ask::Never => Step::Done(Err(Error::misuse("there is nobody to ask for a link"))),
        };
        let result: Result<Secret, Error> = match step {
            Step::Done(result) => result,
            Step::Send(outgoing) => {
                self.asked = Some(now);
                self.state = State::Asking(attempts);
                return Step::Send(outgoing);
            }
            Step::Wait(time) => {
                self.state = State::Asking(attempts);
                return Step::Wait(time);
            }
        };
        match result {
            Ok(url) => {
                // It isn't younger than the request for it, and that may have waited while the machine slept.
                let asked = self.asked.unwrap_or(now);
                let link = Link::new(url, api, asked);
                self.is_fresh = now.since(asked) < FRESH && !link.is_old(now);
                self.link = Some(link);
                self.send(api, now)
            }
            Err(error) => self.finish(error),
        }
    }

    fn send(&mut self, api: &Api, now: Now) -> Step<Result<What, Error>> {
        let left = self.left(now);
        if left == Some(Duration::ZERO) {
            return self.finish(Error::deadline());
        }
        let request = match self.request(api) {
            Ok(request) => request,
            Err(error) => return self.finish(error),
        };
        self.sent = self.sent.saturating_add(1);
        let len = match &self.cargo {
            Cargo::Put(part) => part.len,
            // A server that ignores Range may send the whole.
            Cargo::Get { expected, .. } if expected.alone => expected.total.unwrap_or(Plan::MAX_LENGTH),
            Cargo::Get { expected, .. } => expected.most,
        };
        let timeout = IDLE.saturating_add(Duration::from_secs(len.checked_div(SLOWEST).unwrap_or_default()));
        let is_last = left.is_some_and(|left| left <= timeout);
        self.state = State::Outstanding { at: now, is_last };
        api.observe(|observer| observer.sending(&self.attempt()));
        let timeout = left.map_or(timeout, |left| left.min(timeout));
        let memory = http::Request::new(Bytes::new());
        let mut outgoing = Outgoing::new(memory, OBJECT_STORE, self.sent, timeout, LIMIT);
        outgoing.request = request;
        outgoing.idle = IDLE.min(timeout);
        if let Cargo::Get { expected, .. } = &self.cargo {
            outgoing.deliver = Deliver::Sink(expected.clone());
        }
        Step::Send(outgoing)
    }

    /// The request: to the link as it is, and with none of KooDrive's headers.
    fn request(&mut self, api: &Api) -> Result<http::Request<Body>, Error> {
        let link = self.link.as_ref().ok_or_else(|| Error::misuse("there is no link"))?;
        let (uri, server) = api.admit(link.as_str())?;
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(HOST, server.host_header());
        headers.insert(USER_AGENT, api.user_agent_header());
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let (method, body) = match &mut self.cargo {
            Cargo::Put(part) => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(part.len));
                (Method::PUT, Body::Source { offset: part.offset, len: part.len })
            }
            Cargo::Get { expected, base, .. } => {
                // A hash that has seen more or less than is there is of no use.
                let fits = |hasher: &Hasher| hasher.fed() == expected.first;
                let hasher = expected.seen.hasher(expected.first).or_else(|| base.clone().filter(fits));
                base.clone_from(&hasher);
                expected.seen = Seen::new(hasher);
                let last = expected.first.saturating_add(expected.most).saturating_sub(1);
                let range = format!("bytes={}-{last}", expected.first);
                headers.insert(RANGE, HeaderValue::try_from(range).map_err(Error::build)?);
                if let Some(validator) = &expected.validator {
                    if let Some(name) = condition(validator) {
                        headers.insert(name, validator.clone());
                    }
                }
                (Method::GET, Body::Bytes(Bytes::new()))
            }
        };
        let mut request = http::Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }

    fn answered(&mut self, head: &response::Parts, body: &[u8], api: &Api, now: Now) -> Step<Result<What, Error>> {
        match self.take(head) {
            Some(Ok(what)) => return self.done(Ok(what)),
            Some(Err(error)) => return self.finish(error),
            None => {}
        }
        let error = self.refusal(head, body);
        if is_links_fault(&error) {
            match self.ask {
                Ask::Never => {
                    let text = format!("the link is refused, and can't be renewed; get a new one: {error}");
                    return self.finish(Error::link(text).with_response(head.status, &HeaderMap::new(), &[]));
                }
                _ if !self.is_still_fresh(now) && self.renewed < RENEWALS => {
                    (self.link, self.renewed) = (None, self.renewed.saturating_add(1));
                    api.observe(|observer| observer.repeating(&self.attempt(), &Reason::Link, Duration::ZERO));
                    return self.begin(api, now);
                }
                _ => return self.finish(error),
            }
        }
        self.failed(error, api, now)
    }

    /// Whether the refusal of the link is final. The answer may have waited while the machine slept.
    fn is_still_fresh(&self, now: Now) -> bool {
        self.is_fresh && self.asked.is_some_and(|asked| now.since(asked) < FRESH)
    }

    /// What an answer results in; `None` if it is a refusal.
    fn take(&self, head: &response::Parts) -> Option<Result<What, Error>> {
        let Cargo::Get { expected, got, .. } = &self.cargo else {
            let Cargo::Put(part) = &self.cargo else { return None };
            return head.status.is_success().then_some(Ok(What::Sent(part.number)));
        };
        let whole = |len: u64, total: u64| {
            let first = expected.first.saturating_sub(*got);
            let end = expected.first.saturating_add(len);
            let (validator, link) = (validator(head), self.link.clone());
            let len = end.saturating_sub(first);
            Ok(What::Got(Got { first, len, total, validator, link, hasher: expected.seen.hasher(end) }))
        };
        if is_empty_object(head) {
            return Some(match expected.total {
                _ if expected.first > 0 => Ok(What::Changed(*got)),
                None | Some(0) => whole(0, 0),
                Some(_) => Ok(What::OtherLength(0)),
            });
        }
        Some(match expected.fits(head) {
            Ok(fit) => whole(fit.len, fit.total),
            Err(Misfit::Refused) if head.status == StatusCode::RANGE_NOT_SATISFIABLE && expected.first > 0 => {
                Ok(What::Changed(*got))
            }
            Err(Misfit::Refused) => return None,
            Err(Misfit::Changed) => Ok(What::Changed(*got)),
            Err(Misfit::Whole) => Ok(What::RangeIgnored(*got)),
            Err(Misfit::Total(_)) if *got > 0 => Ok(What::Changed(*got)),
            Err(Misfit::Total(total)) => Ok(What::OtherLength(total)),
            Err(Misfit::Encoded) => {
                let text = "the object store sends the file encoded (Content-Encoding), and not as it is";
                Err(Error::content(text).with_response(head.status, &HeaderMap::new(), &[]))
            }
            Err(Misfit::Range) => {
                let asked = expected.first.saturating_add(expected.most).saturating_sub(1);
                let (first, status) = (expected.first, head.status.as_u16());
                let text = format!("HTTP {status}, but it isn't the bytes {first} to {asked} that were asked for");
                let error = Error::content(text).with_response(head.status, &HeaderMap::new(), &[]);
                Err(error)
            }
        })
    }

    /// The error of a refusal: what the object store's XML says, but nothing that tells of the link.
    fn refusal(&self, head: &response::Parts, body: &[u8]) -> Error {
        let text = String::from_utf8_lossy(body);
        let is_told = |text: &str| self.link.as_ref().is_some_and(|link| link.is_told_by(text));
        let element = |name| xml::element(&text, name).filter(|text| !is_told(text));
        let kept = [RETRY_AFTER, DATE, CONTENT_TYPE, HeaderName::from_static("x-amz-request-id")];
        let mut headers = HeaderMap::new();
        for name in kept {
            headers.extend(head.headers.get(&name).map(|value| (name, value.clone())));
        }
        Error::api(head.status, element("Code"), element("Message")).with_response(head.status, &headers, &[])
    }

    fn unanswered(&mut self, failure: Failure, is_last: bool, api: &Api, now: Now) -> Step<Result<What, Error>> {
        let (cause, delivered) = (failure.cause, failure.delivered);
        let error = Error::failed(failure, None);
        self.maybe_seen |= error.was_sent() == Sent::Maybe;
        if cause == Cause::Timeout && (is_last || self.left(now) == Some(Duration::ZERO)) {
            return self.finish(error.past_deadline());
        }
        match &mut self.cargo {
            // The server may have refused the link, and the connection broke before that could be read.
            Cargo::Put(_) if cause != Cause::Local && !matches!(self.ask, Ask::Never) => self.link = None,
            Cargo::Get { expected, got, .. } if cause != Cause::Local => {
                // What is in the sink stays there, and only more of the same content may come behind it.
                if let Some(head) = expected.seen.head().filter(|_| delivered > 0) {
                    let delivered = delivered.min(head.len);
                    (expected.total, expected.validator) = (Some(head.total), head.validator);
                    *got = got.saturating_add(delivered);
                    expected.first = expected.first.saturating_add(delivered);
                    expected.most = expected.most.saturating_sub(delivered);
                }
                if expected.first.saturating_sub(self.credited) >= PROGRESS {
                    self.credited = expected.first;
                    self.counted = 0;
                }
                if let Some(got) = self.all_there() {
                    return self.done(Ok(What::Got(got)));
                }
            }
            Cargo::Put(_) | Cargo::Get { .. } => {}
        }
        self.failed(error, api, now)
    }

    /// All of the range came, but not its end.
    fn all_there(&self) -> Option<Got> {
        let Cargo::Get { expected, got, .. } = &self.cargo else { return None };
        let total = expected.total.filter(|total| expected.most == 0 || expected.first == *total)?;
        Some(Got {
            first: expected.first.saturating_sub(*got),
            len: *got,
            total,
            validator: expected.validator.clone(),
            link: self.link.clone(),
            hasher: expected.seen.hasher(expected.first),
        })
    }

    /// An attempt without success: waits for another one, or ends.
    fn failed(&mut self, error: Error, api: &Api, now: Now) -> Step<Result<What, Error>> {
        self.is_fresh = false;
        self.counted = self.counted.saturating_add(1);
        let situation = Situation {
            safety: Safety::Idempotent,
            retry_after: error.retry_after_from(Some(api.server_time(now.utc))),
            error: &error,
            attempts: self.counted,
            left: self.left(now),
            random: api.random(),
        };
        let policy = self.options.retry.unwrap_or_else(|| api.retry_policy());
        let Some((rule, pause)) = retry::decide(&policy, &situation) else { return self.finish(error) };
        api.observe(|observer| observer.repeating(&self.attempt(), &Reason::Rule(rule), pause));
        self.state = State::Waiting(now.elapsed.saturating_add(pause), error);
        Step::Wait(pause)
    }

    fn ended(&self, at: Now, outcome: Outcome, api: &Api, now: Now) {
        let took = now.elapsed.saturating_sub(at.elapsed);
        api.observe(|observer| observer.ended(&self.attempt(), &outcome, took));
    }

    fn attempt(&self) -> Attempt {
        Attempt::new(OBJECT_STORE, self.sent)
    }

    fn done(&mut self, result: Result<What, Error>) -> Step<Result<What, Error>> {
        self.state = State::Done;
        Step::Done(result)
    }

    fn finish(&mut self, error: Error) -> Step<Result<What, Error>> {
        let error = if error.operation().is_some() {
            error
        } else {
            // The trace id is for the service only.
            error.elsewhere(OBJECT_STORE, Safety::Idempotent).of_call(self.sent, self.maybe_seen, None)
        };
        self.done(Err(error))
    }
}

/// Whether another link may help: S3 says `AccessDenied` for one that has expired, and speaks of expiry with 400 if the
/// credentials that signed it have.
fn is_links_fault(error: &Error) -> bool {
    let speaks_of_expiry = error.code().is_some_and(|code| code.to_ascii_lowercase().contains("expired"));
    match error.status().map(|status| status.as_u16()) {
        Some(401 | 403) => true,
        Some(400) => speaks_of_expiry,
        _ => false,
    }
}

impl Flow for Carry {
    type Output = Worked;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Worked, Error>> {
        let step = match (std::mem::replace(&mut self.state, State::Done), event) {
            (State::Ready, Event::Start) => self.begin(api, now),
            (State::Asking(attempts), event) => self.ask(attempts, api, now, event),
            (State::Outstanding { at, .. }, Event::Start) => {
                self.ended(at, Outcome::Cancelled, api, now);
                self.maybe_seen = true;
                api.observe(|observer| observer.repeating(&self.attempt(), &Reason::Resumed, Duration::ZERO));
                self.begin(api, now)
            }
            (State::Outstanding { at, is_last }, Event::Response(response)) => {
                let (method, is_placed) = match &self.cargo {
                    Cargo::Put(_) => (Method::PUT, false),
                    Cargo::Get { .. } => (Method::GET, response.status().is_success()),
                };
                // What went to the sink was counted there.
                let response = if is_placed { Ok(response) } else { intact(response, &method, LIMIT) };
                match response {
                    Ok(response) => {
                        self.ended(at, Outcome::Answered(response.status()), api, now);
                        let (head, body) = response.into_parts();
                        self.answered(&head, &body, api, now)
                    }
                    Err(failure) => {
                        self.ended(at, Outcome::Failed(failure.reached, failure.cause), api, now);
                        self.unanswered(failure, is_last, api, now)
                    }
                }
            }
            (State::Outstanding { at, is_last }, Event::Failed(failure)) => {
                self.ended(at, Outcome::Failed(failure.reached, failure.cause), api, now);
                self.unanswered(failure, is_last, api, now)
            }
            (State::Waiting(until, error), Event::Start | Event::Elapsed) => {
                let rest = until.saturating_sub(now.elapsed);
                if self.left(now) == Some(Duration::ZERO) {
                    self.finish(error.past_deadline())
                } else if rest > Duration::ZERO {
                    self.state = State::Waiting(until, error);
                    Step::Wait(rest)
                } else {
                    self.begin(api, now)
                }
            }
            (State::Done, _) => self.finish(Error::misuse("the job is over")),
            _ => self.finish(Error::misuse("the job waits for something else")),
        };
        step.map(|result| result.map(Worked::new))
    }
}

impl fmt::Debug for Carry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carry").field("cargo", &self.cargo).field("sent", &self.sent).finish_non_exhaustive()
    }
}
