//! What several modules share: an Api, the wire form of an operation, and answers to read.

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeZone, Utc};
use koodrive_proto::flow::{Body, Event, Now, Step};
use koodrive_proto::http::{Request, Response, StatusCode};
use koodrive_proto::testing::Visit;
use koodrive_proto::{AccessToken, Api, Credentials, Error, ErrorKind, Flow, Operation, Sent, WithHead};

/// An owner of spaces.
pub(crate) const OWNER: &str = "1289173650183882753";
/// The id of a space.
pub(crate) const SPACE: &str = "IAAB5thdWzxEoAsiA1681759183084696448";

pub(crate) fn api() -> Api {
    Api::new("https://h", Credentials::app("app", "secret", "1")).unwrap()
}

pub(crate) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

/// As the agent `standard`, which some operations need.
pub(crate) fn request<O: Operation>(op: &O) -> Request<Bytes> {
    api().agent_name("standard").unwrap().request(op, now()).unwrap()
}

/// With a token, as renewals have it: with the old one, and neither user nor date.
pub(crate) fn request_with_token<O: Operation>(op: &O) -> Request<Bytes> {
    let credentials = Credentials::token(AccessToken::as_issued("AT 3b91"), "7");
    let request = Api::new("https://h", credentials).unwrap().request(op, now()).unwrap();
    assert_eq!(request.headers()["authorization"], "AT 3b91");
    assert!(!request.headers().contains_key("x-user-id") && !request.headers().contains_key("x-date"));
    request
}

/// Whether nothing tells who asks.
pub(crate) fn is_anonymous(request: &Request<Bytes>) -> bool {
    ["authorization", "x-user-id", "x-date"].iter().all(|name| !request.headers().contains_key(*name))
}

/// Method and path with query, then the headers of the operation's own, then the body. What all paths begin with is
/// left out, and so is the usual version: `GET /space/1`, but `GET /v2/space/1`.
pub(crate) fn wire<O: Operation>(op: &O) -> String {
    let request = request(op);
    let own =
        request.headers().iter().filter(|(name, _)| name.as_str().starts_with("x-hw-") || *name == "x-backup-lock-id");
    let headers: Vec<String> = own.map(|(name, value)| format!("\n{name}: {}", value.to_str().unwrap())).collect();
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    let separator = if body.is_empty() { "" } else { "\n" };
    let path = request.uri().path_and_query().unwrap().as_str().strip_prefix("/koodrive/ose").unwrap();
    let path = path.strip_prefix("/v1").unwrap_or(path);
    format!("{} {path}{}{separator}{body}", request.method(), headers.concat())
}

/// What the parameters are refused with.
pub(crate) fn message<O: Operation>(op: &O) -> String {
    let error = api().request(op, now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Param);
    error.to_string().strip_prefix(O::META.name).unwrap().strip_prefix(": ").unwrap().to_owned()
}

pub(crate) fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body.into()).unwrap()
}

pub(crate) fn parse<O: Operation>(body: &str) -> Result<O::Output, Error> {
    O::parse(&answer(200, body))
}

/// What was read, and what was noted.
pub(crate) fn noted<O: Operation>(body: &str) -> (O::Output, Vec<String>) {
    let answer = parse::<WithHead<O>>(body).unwrap_or_else(|error| panic!("{body}: {error}"));
    assert_eq!(answer.notes.count(), answer.notes.paths().len());
    (answer.output, answer.notes.paths().to_vec())
}

pub(crate) fn refused<O: Operation>(status: u16, body: &[u8]) -> Error
where
    O::Output: std::fmt::Debug,
{
    let error = O::parse(&answer(status, body)).unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::from_u16(status).unwrap()));
    assert_eq!(error.body(), body);
    assert_eq!(error.was_sent(), Sent::Yes);
    assert_eq!(error.operation(), Some(O::META));
    error
}

/// The body of a request, as JSON.
pub(crate) fn sent(visit: &Visit) -> serde_json::Value {
    let Body::Bytes(body) = visit.request.body() else { panic!("{visit:?}") };
    serde_json::from_slice(body).unwrap_or_else(|error| panic!("{visit:?}: {error}"))
}

/// A flow whose driver is cancelled and comes back, before it has done what a step says: at some steps, over and over.
pub(crate) struct Restless<F> {
    flow: F,
    cancelled: Vec<bool>,
    steps: usize,
}

impl<F> Restless<F> {
    pub(crate) fn new(flow: F, cancelled: Vec<bool>) -> Self {
        Self { flow, cancelled, steps: 0 }
    }
}

impl<F: Flow> Flow for Restless<F> {
    type Output = F::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<F::Output, Error>> {
        let step = self.flow.resume(api, now, event);
        self.steps += 1;
        let cancelled = self.cancelled.get(self.steps % (self.cancelled.len() + 1)).is_some_and(|yes| *yes);
        if cancelled && !matches!(step, Step::Done(_)) { self.flow.resume(api, now, Event::Start) } else { step }
    }
}
