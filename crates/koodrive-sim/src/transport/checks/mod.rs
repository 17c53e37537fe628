//! What is checked: a table of checks, each with words and a function.

mod answers;
mod connections;
mod failures;
mod limits;
mod requests;
mod transfers;

use std::io;
use std::time::Duration;

use bytes::Bytes;
use koodrive_proto::flow::{Cause, Failure, Outgoing, Reached};
use koodrive_proto::http::{self, Method, Request, Response};
use koodrive_proto::schema::Target;

use crate::transport::Lack;
use crate::transport::drive::{Answer, Drive};
use crate::transport::report::{Checked, Finding};
use crate::transport::server::Server;

/// A timeout that no check is meant to reach.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A timeout that is meant to be reached.
const SHORT: Duration = Duration::from_millis(300);

/// How long a server goes on after that, so that a transport without timeouts returns at last. The time between both is
/// what a busy machine may take.
const SLOW: Duration = Duration::from_secs(5);

/// The limit of answers where nothing else is said.
const LIMIT: u64 = 1024 * 1024;

/// Methods that clients like to repeat, and others, with bodies.
const METHODS: &[(Method, &str)] =
    &[(Method::GET, ""), (Method::POST, "{}"), (Method::PUT, "{}"), (Method::DELETE, "")];

pub(super) struct Check {
    name: &'static str,
    /// What the server does: "answers with …".
    server: &'static str,
    /// What the transport has to do: "returns …".
    owes: &'static str,
    /// What excuses a failure.
    lack: Option<Lack>,
    run: fn(&mut dyn Drive) -> Result<(), Problem>,
}

/// Why a check doesn't pass.
enum Problem {
    /// What the transport did: "returned …".
    Wrong(String),
    /// Why it can't be checked here.
    Skip(String),
    /// What the transport did, and could have done better.
    Note(String),
}

impl From<String> for Problem {
    fn from(wrong: String) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Wrong(format!("couldn't be checked: the server of the check can't start: {error}"))
    }
}

/// The checks of a kind, by their subjects.
pub(super) type Checks = &'static [&'static [Check]];

/// The checks of any transport.
pub(super) const EXCHANGES: Checks =
    &[requests::CHECKS, answers::CHECKS, failures::CHECKS, limits::CHECKS, connections::CHECKS];

/// The checks of transports that have sources and sinks.
pub(super) const TRANSFERS: Checks = transfers::CHECKS;

/// The names of all of them.
pub(super) fn names(checks: Checks) -> Vec<&'static str> {
    checks.iter().copied().flatten().map(|check| check.name).collect()
}

/// Runs those with these names, or all of them.
pub(super) fn run(checks: Checks, drive: &mut dyn Drive, lacks: &[Lack], only: &[String]) -> Vec<Checked> {
    let mut results = Vec::new();
    let wanted = |check: &&Check| only.is_empty() || only.iter().any(|name| name == check.name);
    for check in checks.iter().copied().flatten().filter(wanted) {
        let lack = check.lack.filter(|lack| lacks.contains(lack));
        let finding = match ((check.run)(drive), lack) {
            (Ok(()), None) => Finding::Passed,
            (Ok(()), Some(lack)) => Finding::NotLacking(lack),
            (Err(Problem::Skip(why)), _) => Finding::Skipped(why),
            (Err(Problem::Note(what)), _) => Finding::Noted(what),
            (Err(Problem::Wrong(what)), Some(lack)) => Finding::Lacks(lack, what),
            (Err(Problem::Wrong(what)), None) => Finding::Failed(what),
        };
        results.push(Checked { name: check.name, server: check.server, owes: check.owes, finding });
    }
    results
}

/// A request as the core writes them.
fn request(method: Method, url: &str, body: impl Into<Bytes>) -> Outgoing {
    let body = body.into();
    let mut request = Request::new(body.clone());
    *request.method_mut() = method;
    *request.uri_mut() = http::Uri::try_from(url).unwrap_or_default();
    let host = request.uri().authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
    let mut headers = vec![("host", host), ("user-agent", "koodrive-check".to_owned())];
    headers.push(("accept", "application/json".to_owned()));
    if !body.is_empty() {
        headers.push(("content-type", "application/json".to_owned()));
        headers.push(("content-length", body.len().to_string()));
    }
    for (name, value) in headers {
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            request.headers_mut().append(name, value);
        }
    }
    Outgoing::new(request, Target::Elsewhere("the server of the check"), 1, TIMEOUT, LIMIT)
}

/// The same, with a timeout that is meant to be reached.
fn short(mut outgoing: Outgoing) -> Outgoing {
    (outgoing.timeout, outgoing.idle) = (SHORT, SHORT);
    outgoing
}

fn get(server: &Server, path: &str) -> Outgoing {
    request(Method::GET, &url(server, path), Bytes::new())
}

fn url(server: &Server, path: &str) -> String {
    format!("http://{}{path}", server.address)
}

/// An answer with its length.
fn reply(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The answer that has to be there.
fn answered(answer: Answer) -> Result<Response<Bytes>, String> {
    answer.map_err(|failure| format!("failed: {}", describe(&failure)))
}

/// The failure that has to be there.
fn failed(answer: Answer) -> Result<Failure, String> {
    answer.map_or_else(Ok, |response| Err(format!("returned {}", summary(&response))))
}

/// The failure of a request that the server may have seen, with the cause if it matters.
fn maybe(answer: Answer, cause: Option<Cause>, server: &Server) -> Result<(), String> {
    let failure = failed(answer)?;
    if failure.reached == Reached::No {
        let read = server.read();
        return Err(format!("said {}, but the server had read {read} bytes of the request", describe(&failure)));
    }
    caused(&failure, cause)
}

/// The failure of a request that nobody has seen.
fn unreached(answer: Answer, cause: Option<Cause>) -> Result<(), String> {
    let failure = failed(answer)?;
    if failure.reached != Reached::No {
        return Err(format!("said {}, but nothing can have been sent", describe(&failure)));
    }
    caused(&failure, cause)
}

fn caused(failure: &Failure, cause: Option<Cause>) -> Result<(), String> {
    match cause {
        Some(cause) if failure.cause != cause => Err(format!("said {}, not Cause::{cause:?}", describe(failure))),
        _ => Ok(()),
    }
}

fn describe(failure: &Failure) -> String {
    format!("Reached::{:?} and Cause::{:?} ({})", failure.reached, failure.cause, failure.source)
}

fn summary(response: &Response<Bytes>) -> String {
    format!("an answer with status {} and {} bytes", response.status().as_u16(), response.body().len())
}

/// That an answer is this one.
fn is(response: &Response<Bytes>, status: u16, body: &[u8]) -> Result<(), String> {
    if response.status().as_u16() != status {
        return Err(format!("returned {}, not {status}", summary(response)));
    }
    if response.body() != body {
        let at = response.body().iter().zip(body).take_while(|(ours, theirs)| ours == theirs).count();
        let (ours, theirs) = (response.body().len(), body.len());
        return Err(format!("returned a body of {ours} bytes which differs from the {theirs} sent from byte {at} on"));
    }
    Ok(())
}

/// That the server has got so many requests, which is more if the transport repeats them.
fn saw(server: &Server, requests: usize) -> Result<(), String> {
    match server.requests() {
        seen if seen == requests => Ok(()),
        seen => Err(format!("sent {seen} requests instead of {requests}")),
    }
}

/// That the server has got no request twice, even if it reads none completely. With a timeout it may have got none.
fn once(server: &Server) -> Result<(), String> {
    match server.heads() {
        0 | 1 => Ok(()),
        seen => Err(format!("sent {seen} requests instead of one")),
    }
}

/// Skips a check whose answers HTTP/1.0 doesn't know, if the transport speaks that: chunks and interim answers (RFC
/// 9112, section 6.1, and RFC 9110, section 15.2).
fn modern(drive: &mut dyn Drive) -> Result<(), Problem> {
    let server = Server::answering(reply("200 OK", "", "{}"))?;
    let _ = drive.exchange(get(&server, "/"))?;
    if server.old() { Err(Problem::Skip("HTTP/1.0 has no such answers".to_owned())) } else { Ok(()) }
}
