mod checks;
mod drive;
mod ends;
mod one;
mod report;
mod server;

use std::future::Future;
use std::time::Duration;

use koodrive_proto::flow::Outgoing;

pub use ends::Ends;
pub use one::OneRequest;
pub use report::Report;

use checks::{Checks, EXCHANGES, TRANSFERS};
use drive::{Answer, Blocking, Drive};

/// How long a transport may take to return, unless [`CheckTransport::patience`] says otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// Checks a blocking transport against a server that does what servers, gateways and networks do on their worst days.
///
/// It checks what [a transport owes to its flows](koodrive_proto::flow#a-transport-of-your-own): that requests arrive
/// unchanged and once, that answers come back as they were sent, that failures are reported for what they are, that
/// timeouts and limits are kept, and that answers aren't mixed up, even if there are several exchanges at a time. Each
/// check needs a few exchanges with a server on loopback; all of them together take a few seconds.
///
/// `exchange` is what the transport does with a [`Step::Send`](koodrive_proto::flow::Step::Send):
///
/// ```
/// # use koodrive_proto::bytes::Bytes;
/// # use koodrive_proto::flow::{Cause, Failure, Outgoing, Reached};
/// # use koodrive_proto::http::Response;
/// // In a test of your own:
/// fn my_transport_keeps_the_contract() {
///     koodrive_sim::check_transport(exchange).assert_ok();
/// }
///
/// fn exchange(outgoing: Outgoing) -> Result<Response<Bytes>, Failure> {
///     // ...
/// #   Err(Failure::new(Reached::No, Cause::Local, "it sends nothing"))
/// }
/// ```
///
/// A transport that only shows its loop, as a client does, is driven with [`OneRequest`]:
///
/// ```no_run
/// # use koodrive_proto::{Error, Flow};
/// use koodrive_proto::{Api, Credentials};
/// use koodrive_sim::{OneRequest, check_transport};
///
/// # struct Client;
/// # impl Client {
/// #     fn new(_: Api) -> Self { Self }
/// #     fn run<F: Flow>(&self, _: &mut F) -> Result<F::Output, Error> {
/// #         Err(Error::misuse("it drives nothing"))
/// #     }
/// # }
/// // The address doesn't matter: each request brings its own.
/// let client = Client::new(Api::new("http://localhost", Credentials::anonymous())?);
/// let report = check_transport(move |outgoing| {
///     let mut flow = OneRequest::new(outgoing);
///     let result = client.run(&mut flow);
///     flow.answer(result)
/// });
/// println!("{report}");
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
///
/// [`CheckTransport`] has settings. The checks run one after the other, and none of them waits for ever: a transport
/// that never returns is reported, and its thread left behind.
pub fn check_transport(exchange: impl Fn(Outgoing) -> Answer + Send + Sync + 'static) -> Report {
    CheckTransport::new().run(exchange)
}

/// Like [`check_transport`], for an async transport, on any runtime.
///
/// ```
/// # use koodrive_proto::flow::{Cause, Failure, Outgoing, Reached};
/// # use koodrive_proto::{bytes::Bytes, http::Response};
/// # async fn exchange(_: Outgoing) -> Result<Response<Bytes>, Failure> {
/// #     Err(Failure::new(Reached::No, Cause::Local, "it sends nothing"))
/// # }
/// # async fn example() {
/// koodrive_sim::check_transport_async(exchange).await.assert_ok();
/// # }
/// ```
///
/// A future that never completes is reported, and dropped. One that blocks its thread can't be stopped.
pub async fn check_transport_async<F, U>(exchange: F) -> Report
where
    F: Fn(Outgoing) -> U,
    U: Future<Output = Answer>,
{
    CheckTransport::new().run_async(exchange).await
}

/// Checks how a blocking transport moves files: bodies by source, and answers into a sink.
///
/// It is the chapter of [`check_transport`] for transports that are given a source or a sink with a request. It checks
/// that the bytes which arrive are those of the source, and those in the sink the ones that were sent; that a source
/// which is too short or fails never ends as a complete request; that an answer which comes before its request was read
/// is seen; that a failure says how much was written; and that [`Outgoing::idle`] is kept. Run both: what one of them
/// checks, the other doesn't.
///
/// The transport is given [`Ends`] with each request, which it reads from and writes to in place of files:
///
/// ```
/// # use koodrive_proto::bytes::Bytes;
/// # use koodrive_proto::flow::{Cause, Failure, Outgoing, Reached};
/// # use koodrive_proto::http::Response;
/// use koodrive_sim::Ends;
///
/// // In a test of your own:
/// fn my_transport_moves_files() {
///     koodrive_sim::check_transfers(exchange).assert_ok();
/// }
///
/// fn exchange(outgoing: Outgoing, ends: Ends) -> Result<Response<Bytes>, Failure> {
///     // ... with `ends.read_at(..)` for a body by source, and `ends.write_at(..)` for an answer into a sink
/// #   Err(Failure::new(Reached::No, Cause::Local, "it sends nothing"))
/// }
/// ```
///
/// A transport that only shows its loop is driven with [`OneRequest`] here, too.
pub fn check_transfers(exchange: impl Fn(Outgoing, Ends) -> Answer + Send + Sync + 'static) -> Report {
    CheckTransport::new().run_transfers(exchange)
}

/// Like [`check_transfers`], for an async transport, on any runtime.
pub async fn check_transfers_async<F, U>(exchange: F) -> Report
where
    F: Fn(Outgoing, Ends) -> U,
    U: Future<Output = Answer>,
{
    CheckTransport::new().run_transfers_async(exchange).await
}

/// Something that a simple transport may honestly not do. What isn't declared with [`CheckTransport::lacks`] counts as
/// a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lack {
    /// It makes a new connection for every exchange.
    Reuse,
    /// It sends the headers in an order of its own.
    Order,
    /// It adds a `Connection` header.
    ConnectionHeader,
    /// It says [`Reached::Maybe`](koodrive_proto::flow::Reached::Maybe) even if there was no connection at all, or no
    /// TLS, so that some calls aren't repeated which could be.
    Unreached,
    /// Its timeout is for each read and write: a server that sends a byte now and then keeps an exchange going.
    Deadline,
}

/// A check of a transport, with settings: see [`check_transport`] and [`check_transfers`].
///
/// ```no_run
/// use koodrive_sim::{CheckTransport, Lack};
/// # use koodrive_proto::flow::{Cause, Failure, Outgoing, Reached};
/// # use koodrive_proto::{bytes::Bytes, http::Response};
/// # fn exchange(_: Outgoing) -> Result<Response<Bytes>, Failure> {
/// #     Err(Failure::new(Reached::No, Cause::Local, "it sends nothing"))
/// # }
///
/// let report = CheckTransport::new().lacks(Lack::Reuse).run(exchange);
/// assert!(report.is_ok(), "{report}");
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct CheckTransport {
    lacks: Vec<Lack>,
    patience: Duration,
    only: Vec<String>,
}

impl Default for CheckTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl CheckTransport {
    /// Creates a check for a transport that does everything.
    pub fn new() -> Self {
        Self { lacks: Vec::new(), patience: PATIENCE, only: Vec::new() }
    }

    /// Declares what the transport doesn't do: the report notes that, and it is no failure.
    pub fn lacks(mut self, lack: Lack) -> Self {
        self.lacks.push(lack);
        self
    }

    /// Sets how long the transport may take to return from an exchange, instead of 30 s. No timeout that it has to keep
    /// is longer than 20 s, and those that it is likely to reach are much shorter.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Runs only the check of this name, and others named so, to go after a failure. If there is none, the report says
    /// which there are.
    pub fn only(mut self, name: &str) -> Self {
        self.only.push(name.to_owned());
        self
    }

    /// Checks a blocking transport, as [`check_transport`] does.
    pub fn run(self, exchange: impl Fn(Outgoing) -> Answer + Send + Sync + 'static) -> Report {
        self.blocking(EXCHANGES, move |outgoing, _| exchange(outgoing))
    }

    /// Checks an async transport, as [`check_transport_async`] does, on the runtime that polls this.
    pub async fn run_async<F, U>(self, exchange: F) -> Report
    where
        F: Fn(Outgoing) -> U,
        U: Future<Output = Answer>,
    {
        self.polled(EXCHANGES, |outgoing, _| exchange(outgoing)).await
    }

    /// Checks how a blocking transport moves files, as [`check_transfers`] does.
    pub fn run_transfers(self, exchange: impl Fn(Outgoing, Ends) -> Answer + Send + Sync + 'static) -> Report {
        self.blocking(TRANSFERS, exchange)
    }

    /// Checks how an async transport moves files, as [`check_transfers_async`] does, on the runtime that polls this.
    pub async fn run_transfers_async<F, U>(self, exchange: F) -> Report
    where
        F: Fn(Outgoing, Ends) -> U,
        U: Future<Output = Answer>,
    {
        self.polled(TRANSFERS, exchange).await
    }

    fn blocking(self, checks: Checks, exchange: impl Fn(Outgoing, Ends) -> Answer + Send + Sync + 'static) -> Report {
        let mut drive = Blocking::new(exchange, self.patience);
        self.checks(checks, &mut drive)
    }

    async fn polled<F, U>(self, checks: Checks, exchange: F) -> Report
    where
        F: Fn(Outgoing, Ends) -> U,
        U: Future<Output = Answer>,
    {
        drive::with_async(exchange, self.patience, move |drive| self.checks(checks, drive)).await
    }

    fn checks(self, checks: Checks, drive: &mut dyn Drive) -> Report {
        let known = checks::names(checks);
        let unknown = self.only.iter().filter(|name| !known.contains(&name.as_str())).cloned().collect();
        Report::new(checks::run(checks, drive, &self.lacks, &self.only), unknown, known)
    }
}
