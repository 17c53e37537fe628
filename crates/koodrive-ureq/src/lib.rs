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
//! # Files
//!
//! Files move in parts, several at a time, and are checked by their SHA-256:
//!
//! ```no_run
//! use koodrive_ureq::files::{Options, UploadTo};
//! use koodrive_ureq::proto::flow::Download;
//!
//! # fn example(drive: &koodrive_ureq::Client) -> Result<(), koodrive_ureq::proto::Error> {
//! let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
//! let options = Options::new().state("film.mp4.koodrive-state").on_progress(|event| eprintln!("{event:?}"));
//! let uploaded = drive.upload_file("film.mp4", &UploadTo::new(space).folder("root"), &options)?;
//! drive.download_file(Download::new(space, &uploaded.file_id), "copy.mp4", &Options::new())?;
//! # Ok(())
//! # }
//! ```
//!
//! | from or to | call |
//! | --- | --- |
//! | a file | [`upload_file`](Client::upload_file), [`download_file`](Client::download_file) |
//! | bytes by position | [`upload_source`](Client::upload_source), [`download_sink`](Client::download_sink) |
//! | a reader or a writer | [`upload_reader`](Client::upload_reader), [`download_writer`](Client::download_writer) |
//! | a folder | [`upload_folder`](Client::upload_folder), [`download_folder`](Client::download_folder) |
//! | your own coordinators and states | [`transfer`](Client::transfer) |
//!
//! [`Options`](files::Options) says how many parts move at a time, how fast, and where the state is stored that a
//! transfer can be resumed from; its [`stop`](files::Options::stop) ends a transfer from another thread. Memory stays
//! the same however large a file is: about 1 MiB for each part under way.
//!
//! Before a part of more than 64 KiB, the object store is asked whether it wants it, by `Expect: 100-continue`: ureq
//! reads no answer while it sends, and so a refusal would be lost, and the part sent for nothing. Nothing has to be set
//! for that. A server that doesn't answer costs a second (ureq's [`timeout_await_100`]) for one of 65 parts.
//!
//! [`timeout_await_100`]: ureq::config::ConfigBuilder::timeout_await_100
//!
//! # Settings
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

mod body;
mod ends;
mod exchange;
mod failure;
mod folders;
mod one_call;
mod pages;
mod progress;
mod proxy;
mod stream;
mod transfer;
mod written;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use koodrive_proto::flow::{self, Event, Now, Reached, Step, Until};
use koodrive_proto::operation::Paged;
use koodrive_proto::{Api, Call, Credentials, Error, Flow, Operation};
use ureq::Agent;
use ureq::config::{Config, ConfigBuilder};
use ureq::typestate::AgentScope;

use crate::ends::{Context, Driven, Halted};
use crate::exchange::Asking;

/// The core: operations, credentials, errors, flows.
pub use koodrive_proto as proto;

/// Sources, sinks, states and progress of transfers.
pub use koodrive_files as files;

pub use ends::Ends;
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
    asking: Arc<Asking>,
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
    /// request was written before its connection failed, so most failures count as [`Reached::Maybe`], and interim
    /// answers and trailers without end are read until the timeout. No server is asked whether it wants a part of a
    /// file, so a refusal may be lost. Nor does ureq tell whether an answer without a length, which ends with its
    /// connection, was cut off: it counts as complete.
    pub fn with_agent(api: Api, agent: Agent) -> Self {
        let api = Arc::new(api.or_random_seed(RandomState::new().hash_one(())));
        Self { api, agent, tells: false, asking: Arc::default(), started: Instant::now() }
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
        self.run_with(flow, Ends::none())
    }

    /// Drives a flow that moves bytes: [`run`](Self::run) with a source or a sink. For whole transfers there are
    /// [`upload_file`](Self::upload_file), [`transfer`](Self::transfer), and what is between them.
    pub fn run_with<F: Flow + ?Sized>(&self, flow: &mut F, ends: Ends<'_>) -> Result<F::Output, Error> {
        match self.drive(flow, &Context::new(ends)) {
            Driven::Done(result) => result,
            Driven::Stopped { .. } => Err(Error::stopped()),
        }
    }

    /// Drives a flow to its end, or until it is stopped: between two requests, or while it moves bytes.
    fn drive<F: Flow + ?Sized>(&self, flow: &mut F, context: &Context<'_>) -> Driven<F::Output> {
        let (mut event, mut is_seen) = (Event::Start, false);
        loop {
            let now = self.now();
            event = match flow.resume(&self.api, now, event) {
                Step::Done(result) => return Driven::Done(result),
                Step::Wait(time) if context.pause(time) => return Driven::Stopped { is_seen },
                Step::Wait(_) => Event::Elapsed,
                Step::Send(_) if context.is_stopped() => return Driven::Stopped { is_seen },
                Step::Send(outgoing) => {
                    let result = self.exchange(outgoing, context);
                    is_seen |= !matches!(&result, Err(failure) if failure.reached == Reached::No);
                    match result {
                        Ok(response) => Event::Response(response),
                        Err(failure) if failure.source.is::<Halted>() => return Driven::Stopped { is_seen },
                        Err(failure) => Event::Failed(failure),
                    }
                }
            };
        }
    }

    fn now(&self) -> Now {
        Now { utc: Utc::now(), elapsed: self.started.elapsed() }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.api).finish_non_exhaustive()
    }
}
