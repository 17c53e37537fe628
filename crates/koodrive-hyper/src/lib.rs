//! Async client for [Huawei Cloud KooDrive](https://www.huaweicloud.com/product/koodrive.html): [`koodrive_proto`] over
//! [`hyper`], or over any [`tower_service::Service`].
//!
//! ```no_run
//! use koodrive_hyper::proto::ops::spaces::GetSpaceUsageOverview;
//! use koodrive_hyper::proto::{Api, Credentials};
//!
//! # #[cfg(feature = "rustls")]
//! # async fn example() -> Result<(), koodrive_hyper::proto::Error> {
//! let credentials = Credentials::app("my-app", "my-secret", "1505084218764547200");
//! let drive = koodrive_hyper::Client::new(Api::new("https://intl.myhuaweicloud-koodrive.com", credentials)?);
//! let usage = drive.call(&GetSpaceUsageOverview::new()).await?;
//! println!("{:?} KB used", usage.total_used);
//! # Ok(())
//! # }
//! ```
//!
//! The core is here as [`proto`], so that one dependency is enough.
//!
//! Calls are retried where that is safe, and only there: [`koodrive_proto::retry`] says when. Certificates are verified
//! against Mozilla's list (feature `rustls`, on by default), and redirects are not followed. Only `Client::with_proxy`,
//! `Client::with_env_proxy` and [`ProxyConnector`] use a proxy, or read the environment for one.
//! [`Client::with_connector`] takes a connector of your own, for example with other certificates, and
//! [`Client::with_service`] a whole HTTP client.
//!
//! The futures are `Send`. Dropping one cancels the call; whether the server has seen it is then unknown. A flow that
//! was [`run`](Client::run) by reference still exists afterwards, and may be run again.
//!
//! # Files
//!
//! Files go up and come down in parts at the same time, and with a state both go on from where they were, whatever has
//! ended them:
//!
//! ```no_run
//! use koodrive_hyper::files::{Options, UploadTo};
//! use koodrive_hyper::proto::flow::Download;
//!
//! # async fn example(drive: &koodrive_hyper::Client) -> Result<(), koodrive_hyper::proto::Error> {
//! let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
//! let options = Options::new().state("film.state");
//! let uploaded = drive.upload_file("film.mp4", &UploadTo::new(space), &options).await?;
//!
//! let download = Download::new(space, &uploaded.file_id);
//! drive.download_file(download, "copy.mp4", &options).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | from or to | upload | download |
//! | --- | --- | --- |
//! | a file | [`upload_file`](Client::upload_file) | [`download_file`](Client::download_file) |
//! | any position | [`upload_source`](Client::upload_source) | [`download_sink`](Client::download_sink) |
//! | a stream | [`upload_reader`](Client::upload_reader) | [`download_writer`](Client::download_writer) |
//! | a folder | [`upload_folder`](Client::upload_folder) | [`download_folder`](Client::download_folder) |
//! | a coordinator of your own | [`transfer`](Client::transfer) | [`transfer`](Client::transfer) |
//!
//! Each is one future, without tasks of its own. [`Options`](files::Options) sets how many parts move at a time, a rate
//! limit, who is told of progress, and what can stop it. Sources, sinks and states are used on the threads that tokio
//! has for what may block, so these calls need a tokio runtime. A client over a [service](Client::with_service) or with
//! a [timer](Client::timer) of your own moves files as well; its service must stop sending a body that ends with an
//! error, and must not take it as complete.

mod answer;
mod body;
mod download;
mod driver;
mod ends;
mod exchange;
mod failure;
mod folders;
mod pages;
mod proxy;
mod upload;
mod watch;

use std::fmt;
use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use chrono::Utc;
use http_body::Body as HttpBody;
use hyper::rt::{Read, Timer, Write};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::Connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{self, Event, Now, Reached, Step, Until};
use koodrive_proto::operation::Paged;
use koodrive_proto::{Api, Call, Credentials, Error, Flow, Operation, http};
use tower_service::Service;

use ends::Lane;

/// The core: operations, credentials, errors, flows.
pub use koodrive_proto as proto;

/// Sources, sinks, states and progress of transfers.
pub use koodrive_files as files;

pub use body::RequestBody;
pub use ends::Ends;
pub use pages::{Items, Pages};
pub use proxy::ProxyConnector;

/// A client of one KooDrive, for async tasks.
///
/// It is cheap to clone, and its clones share connections. Any number of tasks may use one. Each call in progress has
/// its own connection, which counts towards the system's limit of open files.
#[derive(Clone)]
pub struct Client {
    api: Arc<Api>,
    exchange: Arc<dyn exchange::Exchange>,
    /// Whether the exchange is hyper's connection pool, which tells when a request got its connection.
    tells: bool,
    timer: Arc<dyn Timer + Send + Sync>,
    started: Instant,
}

impl Client {
    /// Creates a client with its own connections. It must be used inside a tokio runtime.
    ///
    /// It never connects to an `https://` endpoint without TLS.
    #[cfg(feature = "rustls")]
    pub fn new(api: Api) -> Self {
        let builder = tls();
        let builder = if api.endpoint().is_https() { builder.https_only() } else { builder.https_or_http() };
        Self::with_connector(api, builder.enable_http1().build())
    }

    /// Creates a client with a pool of connections that your connector makes. It must be used inside a tokio runtime.
    ///
    /// The connector is a [`Service`] from an [`http::Uri`], such as hyper-util's and hyper-rustls's.
    pub fn with_connector<C>(api: Api, connector: C) -> Self
    where
        C: Service<http::Uri> + Clone + Send + Sync + 'static,
        C::Response: Read + Write + Connection + Unpin + Send + 'static,
        C::Error: Into<BoxError>,
        C::Future: Unpin + Send + 'static,
    {
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            // Whether a request may be sent again depends on the operation.
            .retry_canceled_requests(false)
            .http1_max_buf_size(watch::HEAD_LIMIT)
            .http1_max_headers(watch::HEADERS_LIMIT)
            .build(watch::Watching(connector));
        Self { tells: true, ..Self::with_service(api, pool) }
    }

    /// Creates a client over an HTTP client of your own: a pool, a tower stack, or a test double.
    ///
    /// It must send requests unchanged, follow no redirects and repeat nothing. A [body](RequestBody) that ends with an
    /// error must not look complete to the server. Timeouts use tokio's clock unless
    /// [`timer`](Self::timer) sets another.
    ///
    /// Such a client doesn't say whether a request was written before its connection failed, so failures count as
    /// [`Reached::Maybe`], unless it is hyper-util's. Nor are its connections watched: if a server sends interim
    /// answers without end, it is up to the service whether they are read until the timeout, and whether other tasks
    /// run meanwhile.
    pub fn with_service<S, B>(api: Api, service: S) -> Self
    where
        S: Service<http::Request<RequestBody>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: HttpBody + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        Self {
            api: Arc::new(api.or_random_seed(RandomState::new().hash_one(()))),
            exchange: Arc::new(exchange::Over(service)),
            tells: false,
            timer: Arc::new(TokioTimer::new()),
            started: TokioTimer::new().now(),
        }
    }

    /// Sets the clock of timeouts, pauses and deadlines. By default it is tokio's, even if that is paused for a test.
    /// The timer's `now` must be consistent with its `sleep`.
    ///
    /// Set it before the client is cloned. Clones share their [`Api`], which compares times that come from all of them;
    /// with another clock in one of them, it may renew a token too early or too late.
    #[must_use]
    pub fn timer(mut self, timer: impl Timer + Send + Sync + 'static) -> Self {
        self.started = timer.now();
        self.timer = Arc::new(timer);
        self
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
    pub async fn call<O: Operation>(&self, op: &O) -> Result<O::Output, Error> {
        self.run(&mut Call::new(op)).await
    }

    /// Reads a listing page by page: [`next`](Pages::next) returns pages, and after [`items`](Pages::items), entries.
    /// With feature `stream`, both are available as streams as well.
    ///
    /// ```no_run
    /// # use koodrive_proto::ops::jobs::ListJobs;
    /// # async fn example(drive: &koodrive_hyper::Client) -> Result<(), koodrive_proto::Error> {
    /// let mut jobs = drive.pages(ListJobs::new(0, 100)).items();
    /// while let Some(job) = jobs.next().await {
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
    /// # async fn example(drive: &koodrive_hyper::Client) -> Result<(), koodrive_proto::Error> {
    /// let job = drive.until(&GetJob::new("1309243162258308352"), Duration::from_secs(600), JobDetail::is_over).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn until<O: Operation>(
        &self,
        op: &O,
        patience: Duration,
        over: impl FnMut(&O::Output) -> bool,
    ) -> Result<O::Output, Error> {
        self.run(&mut Until::new(op, patience, over)).await
    }

    /// Drives a flow to its end.
    ///
    /// ```no_run
    /// # use koodrive_proto::{Call, Language, ops::spaces::GetSpaceUsageOverview};
    /// # async fn example(drive: &koodrive_hyper::Client) -> Result<(), koodrive_proto::Error> {
    /// let op = GetSpaceUsageOverview::new();
    /// let usage = drive.run(&mut Call::new(&op).language(Language::ZH_CN)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run<F: Flow + ?Sized>(&self, flow: &mut F) -> Result<F::Output, Error> {
        self.run_with(flow, Ends::none()).await
    }

    /// Drives a flow to its end that sends bytes of a source, or writes bytes to a sink: a [`Job`](flow::Job) of a
    /// transfer, for example. A flow that needs one that isn't there fails.
    ///
    /// Sources and sinks are read and written on tokio's threads for what may block, so it takes a tokio runtime. If
    /// the future is dropped, what is being read or written at that moment comes to its end by itself.
    pub async fn run_with<F: Flow + ?Sized>(&self, flow: &mut F, ends: Ends) -> Result<F::Output, Error> {
        match self.run_on(flow, &Lane::of(ends), &AtomicBool::new(false)).await {
            Driven::Done(result) => result,
            Driven::Stopped { .. } => Err(Error::stopped()),
        }
    }

    /// The loop of all flows: to the end, or to the next pause or request after it was told to stop.
    async fn run_on<F: Flow + ?Sized>(&self, flow: &mut F, lane: &Lane<'_>, stops: &AtomicBool) -> Driven<F::Output> {
        let (mut event, mut is_seen) = (Event::Start, false);
        loop {
            event = match flow.resume(&self.api, self.now(), event) {
                Step::Done(result) => return Driven::Done(result),
                _ if stops.load(Ordering::Relaxed) => return Driven::Stopped { is_seen },
                Step::Wait(time) => {
                    let mut pause = self.timer.sleep(time);
                    let is_over = poll_fn(|cx| {
                        let is_over = pause.as_mut().poll(cx).is_ready();
                        if is_over || stops.load(Ordering::Relaxed) { Poll::Ready(is_over) } else { Poll::Pending }
                    });
                    if !is_over.await {
                        return Driven::Stopped { is_seen };
                    }
                    Event::Elapsed
                }
                Step::Send(outgoing) => {
                    let result = self.exchange(outgoing, lane).await;
                    is_seen |= !matches!(&result, Err(failure) if failure.reached == Reached::No);
                    result.map_or_else(Event::Failed, Event::Response)
                }
            };
        }
    }
}

/// What came of driving a flow.
enum Driven<T> {
    Done(Result<T, Error>),
    /// It was stopped. `is_seen` says whether a server may have seen a request of it.
    Stopped {
        is_seen: bool,
    },
}

/// TLS with Mozilla's certificates and ring.
#[cfg(feature = "rustls")]
fn tls() -> hyper_rustls::HttpsConnectorBuilder<hyper_rustls::builderstates::WantsSchemes> {
    hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
        .expect("ring supports TLS 1.2 and 1.3")
}

impl Client {
    /// The current time, by the clock that pauses use, too.
    fn now(&self) -> Now {
        Now { utc: Utc::now(), elapsed: self.timer.now().saturating_duration_since(self.started) }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.api).finish_non_exhaustive()
    }
}
