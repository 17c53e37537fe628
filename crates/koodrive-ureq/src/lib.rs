//! Blocking client for [Huawei Cloud KooDrive](https://www.huaweicloud.com/product/koodrive.html): [`koodrive_proto`]
//! over [`ureq`].
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
//! Calls are retried where that is safe, and only there: [`koodrive_proto::retry`] says when. Certificates are verified
//! against Mozilla's list (feature `rustls`, on by default), and redirects are not followed. A proxy is used, and the
//! environment read for one, only by [`Client::with_proxy`] and [`Client::with_env_proxy`], or if your own settings say
//! so: [`Client::with_config`] takes ureq's settings, for example other certificates, and [`Client::with_agent`] a
//! whole agent.
//!
//! If some crate of the build turns on ureq's feature `cookies`, ureq keeps cookies that the service sets and sends
//! them back to it. There is no setting to prevent that.

mod pages;
mod proxy;
mod written;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{self, Cause, Event, Failure, Now, Outgoing, Reached, Step, Until};
use koodrive_proto::operation::Paged;
use koodrive_proto::{Api, Call, Credentials, Error, Flow, Operation, http};
use ureq::config::Config;
use ureq::{Agent, Timeout};

pub use pages::{Items, Pages};

/// A client of one KooDrive, which blocks the calling thread.
///
/// It is cheap to clone, and its clones share connections. Any number of threads may use one. Each call in progress has
/// its own connection, which counts towards the system's limit of open files.
#[derive(Clone)]
pub struct Client {
    api: Arc<Api>,
    agent: Agent,
    /// Whether the agent's connections tell whether something was written to them.
    tells: bool,
    started: Instant,
}

impl Client {
    /// Creates a client with its own connections.
    pub fn new(api: Api) -> Self {
        Self::with_config(api, Agent::config_builder().proxy(None).build())
    }

    /// Creates a client with settings of your own: certificates, proxy, connection pool.
    ///
    /// ureq's default settings read the proxy variables of the environment, in a way of their own; `.proxy(None)` stops
    /// that. With a [`ureq::Proxy`] of your own, `.user_agent("")` prevents ureq from sending its name to the proxy.
    /// Whatever the settings say, redirects are not followed, refusals are read like other answers, and each call has
    /// its own timeout.
    pub fn with_config(api: Api, config: Config) -> Self {
        Self { tells: true, ..Self::with_agent(api, written::agent(config)) }
    }

    /// Creates a client over an agent of your own, with its connectors and its connection pool.
    ///
    /// The same applies as for [`with_config`](Self::with_config). However, such an agent can't report whether a
    /// request was written before its connection failed, so most failures count as [`Reached::Maybe`].
    pub fn with_agent(api: Api, agent: Agent) -> Self {
        let api = Arc::new(api.or_random_seed(RandomState::new().hash_one(())));
        Self { api, agent, tells: false, started: Instant::now() }
    }

    /// Creates a client of the same KooDrive for another caller, over the same connections: for a program that acts for
    /// many users.
    pub fn with_credentials(&self, credentials: Credentials) -> Result<Self, Error> {
        Ok(Self { api: Arc::new(self.api.with_credentials(credentials)?), ..self.clone() })
    }

    /// Returns the [`Api`] that this client calls.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Runs one operation. For the options of a single call, [`run`](Self::run) a [`Call`].
    pub fn call<O: Operation>(&self, op: &O) -> Result<O::Output, Error> {
        self.run(&mut Call::new(op))
    }

    /// Reads a listing page by page: returns an iterator over pages, or with [`items`](Pages::items) over entries.
    ///
    /// ```no_run
    /// # use koodrive_proto::ops::jobs::ListJobs;
    /// # fn example(drive: &koodrive_ureq::Client) -> Result<(), koodrive_proto::Error> {
    /// for job in drive.pages(ListJobs::new(0, 100)).items() {
    ///     println!("{:?}", job?.task_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages<O: Paged>(&self, listing: impl Into<flow::Pages<O>>) -> Pages<O> {
        Pages::new(self.clone(), listing.into())
    }

    /// Polls until an answer is the one that is waited for, at most for the time `patience`: see [`Until`].
    ///
    /// ```no_run
    /// # use koodrive_proto::ops::jobs::{GetJob, JobDetail};
    /// # use std::time::Duration;
    /// # fn example(drive: &koodrive_ureq::Client) -> Result<(), koodrive_proto::Error> {
    /// let job = drive.until(&GetJob::new("1309243162258308352"), Duration::from_secs(600), JobDetail::is_over)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn until<O: Operation>(
        &self,
        op: &O,
        patience: Duration,
        over: impl FnMut(&O::Output) -> bool,
    ) -> Result<O::Output, Error> {
        self.run(&mut Until::new(op, patience, over))
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
            let now = self.now();
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

    fn now(&self) -> Now {
        Now { utc: Utc::now(), elapsed: self.started.elapsed() }
    }

    #[cfg(feature = "tracing")]
    fn exchange(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Failure> {
        let span = koodrive_proto::transport::trace::span(&outgoing);
        let result = span.in_scope(|| self.attempt(outgoing));
        koodrive_proto::transport::trace::record(&span, &result);
        result
    }

    #[cfg(not(feature = "tracing"))]
    fn exchange(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Failure> {
        self.attempt(outgoing)
    }

    fn attempt(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Failure> {
        let (timeout, limit) = (outgoing.timeout, outgoing.limit);
        let (parts, body) = outgoing.into_memory()?.into_parts();
        written::start();
        // A request without a body must have a type without one; otherwise ureq announces an empty body.
        let answer = if body.is_empty() {
            self.send(http::Request::from_parts(parts, ()), timeout)
        } else {
            self.send(http::Request::from_parts(parts, &*body), timeout)
        };
        let (parts, mut body) = answer.map_err(|error| self.failure(error, limit))?.into_parts();
        // ureq refuses a body that reaches its limit, not only one that exceeds it.
        let body = body.with_config().limit(limit.saturating_add(1));
        let bytes = body.read_to_vec().map_err(|error| self.failure(error, limit))?;
        Ok(http::Response::from_parts(parts, bytes.into()))
    }

    fn send<B: ureq::AsSendBody>(
        &self,
        request: http::Request<B>,
        timeout: Duration,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        // ureq adds the timeout to the current time, which can overflow.
        const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(Some(timeout.min(LONGEST)))
            .http_status_as_error(false)
            .max_redirects(0)
            // Prevents ureq from adding headers that the flow didn't set.
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .build();
        self.agent.run(request)
    }

    /// Decides from an error whether the server can have seen the request, and what the cause was.
    fn failure(&self, error: ureq::Error, limit: u64) -> Failure {
        use ureq::Error as E;
        let (before, cause) = match &error {
            E::Timeout(Timeout::Resolve | Timeout::Connect) => (true, Cause::Timeout),
            E::Timeout(_) => (false, Cause::Timeout),
            E::HostNotFound | E::ConnectionFailed | E::ConnectProxyFailed(_) => (true, Cause::Network),
            E::Tls(_) | E::TlsRequired | E::BadUri(_) | E::Http(_) | E::InvalidProxyUrl | E::RequireHttpsOnly(_) => {
                (true, Cause::Local)
            }
            E::Io(io) if is_untrusted(io) => (true, Cause::Local),
            E::BodyExceedsLimit(_) => return Failure::too_large(limit),
            E::LargeResponseHeader(..) => (false, Cause::Local),
            _ => (false, Cause::Network),
        };
        let unseen = before || (self.tells && !written::anything());
        Failure::new(if unseen { Reached::No } else { Reached::Maybe }, cause, error)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.api).finish_non_exhaustive()
    }
}

/// Whether the server's certificate was refused, which happens before anything is sent.
#[cfg(feature = "rustls")]
fn is_untrusted(error: &std::io::Error) -> bool {
    let mut next = error.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static));
    while let Some(part) = next {
        if matches!(part.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        next = part.source();
    }
    false
}

#[cfg(not(feature = "rustls"))]
fn is_untrusted(_: &std::io::Error) -> bool {
    false
}
