//! What every transport must do, written once: the demo, and the script of tests under `tests/`. And the check of all
//! declarations against the facts.

pub mod coverage;
pub mod demo;

use koodrive_proto::flow::{Event, Now, Step};
use koodrive_proto::{Api, Error, Flow};

/// A transport under test, blocking or not.
pub trait Transport: Sized {
    /// How it is called.
    const NAME: &'static str;

    /// A transport with its default settings.
    fn new(api: Api) -> Self;

    /// Drives a flow to its end.
    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error>;
}

/// `koodrive-ureq`.
#[derive(Debug)]
pub struct Blocking(
    /// The client.
    pub koodrive_ureq::Client,
);

impl Transport for Blocking {
    const NAME: &'static str = "blocking, koodrive-ureq";

    fn new(api: Api) -> Self {
        Self(koodrive_ureq::Client::new(api))
    }

    fn run<F: Flow>(&self, mut flow: F) -> Result<F::Output, Error> {
        self.0.run(&mut flow)
    }
}

/// `koodrive-hyper`, with a runtime to run it.
#[derive(Debug)]
pub struct Async {
    client: koodrive_hyper::Client,
    runtime: tokio::runtime::Runtime,
}

impl Async {
    /// Over a client with other settings.
    ///
    /// # Panics
    /// If the system has no resources for a runtime.
    pub fn over(client: koodrive_hyper::Client) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { client, runtime: runtime.expect("a runtime without threads starts") }
    }
}

impl Transport for Async {
    const NAME: &'static str = "async, koodrive-hyper";

    fn new(api: Api) -> Self {
        Self::over(koodrive_hyper::Client::new(api))
    }

    fn run<F: Flow>(&self, mut flow: F) -> Result<F::Output, Error> {
        self.runtime.block_on(self.client.run(&mut flow))
    }
}

/// A flow that sees another time than its driver's.
#[derive(Debug)]
pub struct At<F>(
    /// The time.
    pub Now,
    /// The flow.
    pub F,
);

impl<F: Flow> Flow for At<F> {
    type Output = F::Output;

    fn resume(&mut self, api: &Api, _: Now, event: Event) -> Step<Result<F::Output, Error>> {
        self.1.resume(api, self.0, event)
    }
}

/// The README's examples, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
