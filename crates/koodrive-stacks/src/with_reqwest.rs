//! [`reqwest`]: async, on tokio.

use std::time::Instant;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::Utc;
use koodrive_proto::flow::{Cause, Event, Failure, Now, Outgoing, Reached, Step, Trouble};
use koodrive_proto::http::Response;
use koodrive_proto::{Api, Error, Flow};
use reqwest::redirect::Policy;

/// A reqwest that sends what it is given, and nothing else: no redirects, no proxy from the environment, no
/// compression, no repetition.
pub fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .http1_only()
        .build()
}

/// Drives a flow to its end. `started` is the same for all flows of an [`Api`].
pub async fn run<F: Flow + ?Sized>(
    client: &reqwest::Client,
    api: &Api,
    started: Instant,
    flow: &mut F,
) -> Result<F::Output, Error> {
    let mut event = Event::Start;
    loop {
        let now = Now { utc: Utc::now(), elapsed: started.elapsed() };
        event = match flow.resume(api, now, event) {
            Step::Done(result) => return result,
            Step::Wait(time) => {
                tokio::time::sleep(time).await;
                Event::Elapsed
            }
            Step::Send(outgoing) => exchange(client, outgoing).await.map_or_else(Event::Failed, Event::Response),
        };
    }
}

/// Sends a request, and reads its answer.
pub async fn exchange(client: &reqwest::Client, outgoing: Outgoing) -> Result<Response<Bytes>, Failure> {
    let (timeout, limit) = (outgoing.timeout, outgoing.limit);
    let mut request = reqwest::Request::try_from(outgoing.into_memory()?).map_err(failure)?;
    *request.timeout_mut() = Some(timeout);
    let mut response = client.execute(request).await.map_err(failure)?;
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(failure)? {
        body.extend_from_slice(&part);
        if body.len() as u64 > limit {
            return Err(Failure::too_large(limit));
        }
    }
    let mut answer = Response::new(body.into());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    Ok(answer)
}

fn failure(error: reqwest::Error) -> Failure {
    // Its address has a query, which no log should have.
    let error = error.without_url();
    let mut source: &dyn std::error::Error = &error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    let words = Trouble::of_system(&error).map_or_else(|| source.to_string(), |trouble| trouble.to_string());
    // What rustls says of certificates that it doesn't trust and of ports that don't speak TLS, and hyper without TLS.
    let known = ["invalid peer certificate", "received corrupt message", "invalid URL"];
    let refused = known.iter().any(|known| words.starts_with(known));
    let cause = match () {
        () if error.is_timeout() => Cause::Timeout,
        () if error.is_builder() || error.is_connect() && refused => Cause::Local,
        () => Cause::Network,
    };
    let unsent = error.is_connect() || error.is_builder();
    Failure::new(if unsent { Reached::No } else { Reached::Maybe }, cause, error).because(words)
}
