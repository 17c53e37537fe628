//! Blocking client for [Huawei Cloud KooDrive](https://www.huaweicloud.com/product/koodrive.html): [`koodrive_proto`] over
//! [`ureq`].
//!
//! ```no_run
//! use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
//! use koodrive_proto::{Api, Credentials};
//!
//! let credentials = Credentials::app("my-app", "my-secret", "1505084218764547200");
//! let drive = koodrive_ureq::Client::new(Api::new("https://intl.myhuaweicloud-koodrive.com", credentials)?);
//! let usage = drive.call(&GetSpaceUsageOverview::new())?;
//! println!("{:?} KB used", usage.total_used);
//! # Ok::<(), koodrive_proto::Error>(())
//! ```
//!
//! Certificates are verified against Mozilla's list (feature `rustls`, on by default), redirects are not followed, nothing
//! is sent twice, no proxy is used and the environment is not read. [`Client::with_agent`] takes an agent of your own, say
//! with other certificates or a proxy.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Deliver, Event, Failure, Now, Outgoing, Reached, Step};
use koodrive_proto::{Api, Call, Error, Flow, Operation, http};
use ureq::{Agent, Timeout};

/// A KooDrive, called by blocking the thread.
///
/// Cheap to clone; the clones share connections. Any number of threads may use one.
#[derive(Clone)]
pub struct Client {
    api: Arc<Api>,
    agent: Agent,
    body_limit: u64,
    started: Instant,
}

impl Client {
    /// The largest answer that is read, unless [`body_limit`](Self::body_limit) says otherwise: 16 MiB.
    pub const BODY_LIMIT: u64 = 16 * 1024 * 1024;

    /// A client with connections of its own.
    pub fn new(api: Api) -> Self {
        Self::with_agent(api, Agent::config_builder().proxy(None).build().new_agent())
    }

    /// A client over an agent of your own, whose TLS settings, proxy and pool are used.
    ///
    /// Whatever the agent says, redirects are not followed, refusals are read like other answers, and each call has its own
    /// timeout.
    pub fn with_agent(api: Api, agent: Agent) -> Self {
        Self { api: Arc::new(api), agent, body_limit: Self::BODY_LIMIT, started: Instant::now() }
    }

    /// The largest answer that is read, in bytes; a larger one is an error.
    #[must_use]
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// What is called, and by whom.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Runs one operation. For the options of a single call, [`run`](Self::run) a [`Call`].
    pub fn call<O: Operation>(&self, op: &O) -> Result<O::Output, Error> {
        self.run(&mut Call::new(op))
    }

    /// Drives a flow to its end.
    ///
    /// ```no_run
    /// # use koodrive_proto::{Call, Language, ops::spaces::GetSpaceUsageOverview};
    /// # fn example(drive: &koodrive_ureq::Client) -> Result<(), koodrive_proto::Error> {
    /// let op = GetSpaceUsageOverview::new();
    /// let usage = drive.run(&mut Call::new(&op).language(Language::ZH_CN))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn run<F: Flow + ?Sized>(&self, flow: &mut F) -> Result<F::Output, Error> {
        let mut event = Event::Start;
        loop {
            let now = Now { utc: Utc::now(), elapsed: self.started.elapsed() };
            event = match flow.resume(&self.api, now, event) {
                Step::Done(result) => return result,
                Step::Wait(time) => {
                    thread::sleep(time);
                    Event::Elapsed
                }
                Step::Send(outgoing) => self.exchange(outgoing).map_or_else(Event::Failed, Event::Response),
            };
        }
    }

    fn exchange(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Failure> {
        let (parts, body) = outgoing.request.into_parts();
        let (Body::Bytes(body), Deliver::Memory) = (body, outgoing.deliver) else {
            return Err(Failure::new(Reached::No, Cause::Local, "this call brought no source or sink for a big body"));
        };
        let timeout = outgoing.timeout;
        // A request without a body must be of a type without one, or ureq announces an empty one.
        let answer = if body.is_empty() {
            self.send(http::Request::from_parts(parts, ()), timeout)
        } else {
            self.send(http::Request::from_parts(parts, &*body), timeout)
        };
        let (parts, mut body) = answer.map_err(failure)?.into_parts();
        // ureq refuses a body that reaches its limit, not only one that goes beyond.
        let limit = self.body_limit.saturating_add(1);
        let bytes = body.with_config().limit(limit).read_to_vec().map_err(failure)?;
        Ok(http::Response::from_parts(parts, bytes.into()))
    }

    fn send<B: ureq::AsSendBody>(
        &self,
        request: http::Request<B>,
        timeout: Option<Duration>,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(timeout)
            .http_status_as_error(false)
            .max_redirects(0)
            .accept_encoding("")
            .build();
        self.agent.run(request)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.api).field("body_limit", &self.body_limit).finish_non_exhaustive()
    }
}

/// Says of an error whether the server can have seen the request, and whose fault it is.
fn failure(error: ureq::Error) -> Failure {
    use std::io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
    let (reached, cause) = match &error {
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => (Reached::No, Cause::Timeout),
        ureq::Error::Timeout(_) => (Reached::Maybe, Cause::Timeout),
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => {
            (Reached::No, Cause::Network)
        }
        // These come from connecting only.
        ureq::Error::Io(io) if matches!(io.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable) => {
            (Reached::No, Cause::Network)
        }
        ureq::Error::Io(io) if is_lookup(io) => (Reached::No, Cause::Network),
        ureq::Error::Tls(_) | ureq::Error::TlsRequired | ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            (Reached::No, Cause::Local)
        }
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => (Reached::Maybe, Cause::Local),
        ureq::Error::Io(io) if is_untrusted(io) => (Reached::No, Cause::Local),
        _ => (Reached::Maybe, Cause::Network),
    };
    Failure::new(reached, cause, error)
}

/// The name of the host could not be resolved. The standard library has no kind for it, only these words; where they
/// differ, the error counts as one after which the server may have seen the request.
fn is_lookup(error: &std::io::Error) -> bool {
    error.to_string().starts_with("failed to lookup address information")
}

/// The server's certificate was refused, which happens before anything is sent.
#[cfg(feature = "rustls")]
fn is_untrusted(error: &std::io::Error) -> bool {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(tls, Some(rustls::Error::InvalidCertificate(_)))
}

#[cfg(not(feature = "rustls"))]
fn is_untrusted(_: &std::io::Error) -> bool {
    false
}
