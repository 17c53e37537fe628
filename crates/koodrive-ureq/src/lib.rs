//! Blocking client for [Huawei Cloud KooDrive](https://www.huaweicloud.com/product/koodrive.html): [`koodrive_proto`]
//! over [`ureq`].
//!
//! ```no_run
//! use koodrive_ureq::proto::ops::spaces::GetSpaceUsageOverview;
//! use koodrive_ureq::proto::{Api, Credentials};
//!
//! let credentials = Credentials::app("my-app", "my-secret", "1505084218764547200");
//! let drive = koodrive_ureq::Client::new(Api::new("https://intl.myhuaweicloud-koodrive.com", credentials)?);
//! let usage = drive.call(&GetSpaceUsageOverview::new())?;
//! println!("{:?} KB used", usage.total_used);
//! # Ok::<(), koodrive_ureq::proto::Error>(())
//! ```
//!
//! The core is here as [`proto`], so that one dependency is enough.
//!
//! Calls are retried where that is safe, and only there: [`koodrive_proto::retry`] says when. Certificates are verified
//! against Mozilla's list (feature `rustls`, on by default), and redirects are not followed. A proxy is used, and the
//! environment read for one, only by [`Client::with_proxy`] and [`Client::with_env_proxy`], or if your own settings say
//! so: [`Client::with_config`] takes ureq's settings, for example other certificates, and [`Client::with_agent`] a
//! whole agent.
//!
//! Some of ureq's features change what all of its users do, and no setting prevents that. If some crate of the build
//! turns on `cookies`, ureq keeps cookies that the service sets and sends them back to it. With `gzip`, which is on by
//! default there, or `brotli`, it decompresses an answer that was compressed without being asked for, and then leaves
//! out its `Content-Encoding` and `Content-Length`; with `charset`, it converts texts to UTF-8. The limit of an
//! answer's length then applies to both forms.

mod failure;
mod pages;
mod progress;
mod proxy;
mod written;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{self, Event, Failure, Now, Outgoing, Step, Until};
use koodrive_proto::operation::Paged;
use koodrive_proto::{Api, Call, Credentials, Error, Flow, Operation, http};
use ureq::Agent;
use ureq::config::{Config, ConfigBuilder};
use ureq::typestate::AgentScope;

use crate::failure::Times;

/// The core: operations, credentials, errors, flows.
pub use koodrive_proto as proto;

/// Sources, sinks, states and progress of transfers.
pub use koodrive_files as files;

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
        Self::with_config(api, Self::config().build())
    }

    /// Returns the settings that [`new`](Self::new) uses, to change some of them for [`with_config`](Self::with_config)
    /// or [`with_agent`](Self::with_agent):
    ///
    /// ```no_run
    /// # fn example(api: koodrive_proto::Api, tls: ureq::tls::TlsConfig) {
    /// let config = koodrive_ureq::Client::config().tls_config(tls).build();
    /// let drive = koodrive_ureq::Client::with_config(api, config);
    /// # }
    /// ```
    ///
    /// They differ from ureq's own in three ways: no proxy is used, and ureq sends no name of its own, to no proxy
    /// either; and up to 100 connections are kept while they aren't used, not 3 for each host.
    pub fn config() -> ConfigBuilder<AgentScope> {
        Agent::config_builder().proxy(None).user_agent("").max_idle_connections(100).max_idle_connections_per_host(100)
    }

    /// Creates a client with settings of your own: certificates, proxy, connection pool.
    ///
    /// Start from [`config`](Self::config): ureq's default settings read the proxy variables of the environment, in a
    /// way of their own, and send ureq's name to the proxy. Whatever the settings say, redirects are not followed,
    /// refusals are read like other answers, and each call has its own timeout.
    pub fn with_config(api: Api, config: Config) -> Self {
        Self { tells: true, ..Self::with_agent(api, written::agent(config)) }
    }

    /// Creates a client over an agent of your own, with its connectors and its connection pool.
    ///
    /// The same applies as for [`with_config`](Self::with_config). However, such an agent can't report whether a
    /// request was written before its connection failed, so most failures count as
    /// [`Reached::Maybe`](koodrive_proto::flow::Reached::Maybe), and interim answers and trailers without end are read
    /// until the timeout. Nor does ureq tell whether an answer without a length, which ends with its connection, was
    /// cut off: it counts as complete.
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
        let own = self.agent.config();
        let times = Times {
            timeout: outgoing.timeout,
            idle: outgoing.idle,
            limit: outgoing.limit,
            own_connect: own.timeouts().connect,
            own_read: own.timeout_per_read(),
            own_write: own.timeout_per_write(),
        };
        let (parts, body) = outgoing.into_memory()?.into_parts();
        let (answer, unwritten) = written::noting(|| {
            // A request without a body must have a type without one; otherwise ureq announces an empty body.
            if body.is_empty() {
                self.send(http::Request::from_parts(parts, ()), times)
            } else {
                self.send(http::Request::from_parts(parts, &*body), times)
            }
        });
        answer.map_err(|error| failure::classify(error, self.tells && unwritten, times))
    }

    fn send<B: ureq::AsSendBody>(
        &self,
        request: http::Request<B>,
        times: Times,
    ) -> Result<http::Response<Bytes>, ureq::Error> {
        // ureq adds the timeout to the current time, which can overflow.
        const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        let elsewhere = !request.headers().contains_key(http::header::USER_AGENT);
        let mut config = self
            .agent
            .configure_request(request)
            .timeout_global(Some(times.timeout.min(LONGEST)))
            .http_status_as_error(false)
            .max_redirects(0)
            // Prevents ureq from adding headers that the flow didn't set.
            .accept("")
            .accept_encoding("");
        if times.idle < times.timeout {
            let at_most = |own: Option<Duration>| Some(own.map_or(times.idle, |own| own.min(times.idle)));
            config = config.timeout_per_read(at_most(times.own_read)).timeout_per_write(at_most(times.own_write));
        }
        if elsewhere {
            // If the agent has another one, the request gets a connection of its own: ureq's pool is for requests that
            // agree with the agent in this. So nothing is set where the flow has set it.
            config = config.user_agent("");
        }
        let (parts, mut body) = self.agent.run(config.build())?.into_parts();
        if parts.version == http::Version::HTTP_10 && parts.headers.contains_key(http::header::TRANSFER_ENCODING) {
            return Err(ureq::Error::Other(Box::new(failure::Chunked10)));
        }
        // Lengths that other clients refuse.
        if body.content_length().is_some_and(|length| length > u64::MAX - 2) {
            return Err(ureq::Error::BodyExceedsLimit(times.limit));
        }
        // ureq refuses a body that reaches its limit, not only one that exceeds it.
        let most = times.limit.saturating_add(1);
        let mut bytes = Vec::new();
        // ureq's limit is for what comes, which it may decompress.
        body.with_config().limit(most).reader().take(most).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > times.limit {
            return Err(ureq::Error::BodyExceedsLimit(times.limit));
        }
        Ok(http::Response::from_parts(parts, bytes.into()))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.api).finish_non_exhaustive()
    }
}
