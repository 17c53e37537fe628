//! libcurl, by the crate [`curl`]: blocking, with a connection for each request.
//!
//! A handle that is used again keeps its connection. But libcurl sends a request a second time if such a connection
//! breaks before the answer, which it must not decide.

use std::time::{Duration, Instant};

use curl::easy::{Easy, HttpVersion, List};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::Utc;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Cause, Event, Failure, Now, Outgoing, Reached, Step};
use koodrive_proto::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use koodrive_proto::{Api, Error, Flow};

/// Drives a flow to its end. `started` is the same for all flows of an [`Api`].
pub fn run<F: Flow + ?Sized>(api: &Api, started: Instant, flow: &mut F) -> Result<F::Output, Error> {
    let mut event = Event::Start;
    loop {
        let now = Now { utc: Utc::now(), elapsed: started.elapsed() };
        event = match flow.resume(api, now, event) {
            Step::Done(result) => return result,
            Step::Wait(time) => {
                std::thread::sleep(time);
                Event::Elapsed
            }
            Step::Send(outgoing) => exchange(outgoing).map_or_else(Event::Failed, Event::Response),
        };
    }
}

/// Sends a request, and reads its answer.
pub fn exchange(outgoing: Outgoing) -> Result<Response<Bytes>, Failure> {
    let (timeout, limit) = (outgoing.timeout, outgoing.limit);
    let request = outgoing.into_memory()?;
    if request.uri().scheme_str() == Some("https") && !curl::Version::get().feature_ssl() {
        return Err(Failure::new(Reached::No, Cause::Local, "this libcurl knows no TLS"));
    }
    let mut easy = handle(&request, timeout).map_err(|error| Failure::new(Reached::No, Cause::Local, error))?;
    let (mut head, mut body, mut too_large) = (Head::default(), Vec::new(), false);
    let mut transfer = easy.transfer();
    let result = transfer
        .header_function(|line| head.line(line))
        .and_then(|()| {
            transfer.write_function(|part| {
                body.extend_from_slice(part);
                too_large = body.len() as u64 > limit;
                // Anything else than the length stops the transfer.
                Ok(if too_large { 0 } else { part.len() })
            })
        })
        .and_then(|()| transfer.perform());
    drop(transfer);
    match result {
        _ if too_large => Err(Failure::too_large(limit)),
        Ok(()) => head.answer(body).map_err(|error| Failure::new(Reached::Maybe, Cause::Network, error)),
        Err(error) => Err(failure(error)),
    }
}

fn failure(error: curl::Error) -> Failure {
    let unconnected = error.is_couldnt_resolve_host() || error.is_couldnt_connect() || error.is_ssl_connect_error();
    let untrusted = error.is_peer_failed_verification();
    let cause = match () {
        () if error.is_operation_timedout() => Cause::Timeout,
        () if untrusted => Cause::Local,
        () => Cause::Network,
    };
    Failure::new(if unconnected || untrusted { Reached::No } else { Reached::Maybe }, cause, error)
}

fn handle(request: &Request<Bytes>, timeout: Duration) -> Result<Easy, BoxError> {
    let (mut easy, mut headers) = (Easy::new(), List::new());
    easy.url(&request.uri().to_string())?;
    easy.path_as_is(true)?;
    easy.http_version(HttpVersion::V11)?;
    easy.proxy("")?;
    // To libcurl, less than 1 ms means for ever; and longer times overflow.
    easy.timeout(timeout.clamp(Duration::from_millis(1), Duration::from_secs(7 * 24 * 60 * 60)))?;
    if !request.body().is_empty() {
        easy.post_fields_copy(request.body())?;
    }
    easy.nobody(*request.method() == Method::HEAD)?;
    easy.custom_request(request.method().as_str())?;
    for (name, value) in request.headers() {
        let value = std::str::from_utf8(value.as_bytes())?;
        // With a colon and nothing behind it, libcurl leaves the header out.
        headers.append(&if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") })?;
    }
    // libcurl adds these unless they are there, or are left out in this way.
    for name in ["accept", "content-type", "expect"].into_iter().filter(|name| !request.headers().contains_key(*name)) {
        headers.append(&format!("{name}:"))?;
    }
    easy.http_headers(headers)?;
    Ok(easy)
}

/// The head of an answer: the last one, if there are several, and without trailers.
#[derive(Default)]
struct Head {
    lines: Vec<Vec<u8>>,
    complete: bool,
}

impl Head {
    fn line(&mut self, line: &[u8]) -> bool {
        if line.starts_with(b"HTTP/") {
            *self = Self::default();
        }
        self.complete |= line.trim_ascii().is_empty();
        if !self.complete {
            self.lines.push(line.trim_ascii().to_vec());
        }
        true
    }

    fn answer(self, body: Vec<u8>) -> Result<Response<Bytes>, BoxError> {
        // libcurl takes the end of the connection for the end of the head.
        if !self.complete {
            return Err("the answer breaks off in its head".into());
        }
        let mut lines = self.lines.iter();
        let status = lines.next().and_then(|line| line.split(|byte| *byte == b' ').nth(1));
        let mut answer = Response::new(body.into());
        *answer.status_mut() = StatusCode::from_bytes(status.unwrap_or_default())?;
        for line in lines {
            let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
            let value = line.get(colon + 1..).unwrap_or_default().trim_ascii();
            answer.headers_mut().append(HeaderName::from_bytes(&line[..colon])?, HeaderValue::from_bytes(value)?);
        }
        Ok(answer)
    }
}
