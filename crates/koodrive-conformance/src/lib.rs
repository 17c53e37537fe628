//! Tests of what every transport must do, written once: the demo, and the script of tests under `tests/`.

pub mod big;
pub mod company;
pub mod demo;
pub mod endurance;
pub mod files;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::Poll;
use std::thread;

use koodrive_proto::flow::{Event, Now, Step};
use koodrive_proto::{Api, Error, Flow};

/// A flow of any kind.
pub type AnyFlow<'a, T> = Box<dyn Flow<Output = T> + Send + 'a>;

/// A transport under test, blocking or not.
pub trait Transport: Sized {
    /// The name of the transport.
    const NAME: &'static str;

    /// Creates a transport with its default settings.
    fn new(api: Api) -> Self;

    /// Drives a flow to its end.
    fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error>;

    /// Drives flows to their ends, `at_once` of them concurrently; the results are in the order of the flows.
    fn run_all<T: Send>(&self, flows: Vec<AnyFlow<'_, T>>, at_once: usize) -> Vec<Result<T, Error>>;
}

/// Flows that workers take one by one, and their results.
struct Queue<I, T> {
    flows: Mutex<I>,
    results: Mutex<Vec<(usize, Result<T, Error>)>>,
}

impl<'a, T, I: Iterator<Item = (usize, AnyFlow<'a, T>)>> Queue<I, T> {
    fn new(flows: I) -> Self {
        Self { flows: Mutex::new(flows), results: Mutex::default() }
    }

    fn take(&self) -> Option<(usize, AnyFlow<'a, T>)> {
        self.flows.lock().expect("nobody panics here").next()
    }

    fn done(&self, number: usize, result: Result<T, Error>) {
        self.results.lock().expect("nobody panics here").push((number, result));
    }

    fn results(self) -> Vec<Result<T, Error>> {
        let mut results = self.results.into_inner().expect("nobody panics here");
        results.sort_by_key(|(number, _)| *number);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

/// The blocking transport, `koodrive-ureq`.
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

    fn run_all<T: Send>(&self, flows: Vec<AnyFlow<'_, T>>, at_once: usize) -> Vec<Result<T, Error>> {
        let queue = Queue::new(flows.into_iter().enumerate());
        let work = || {
            while let Some((number, mut flow)) = queue.take() {
                queue.done(number, self.0.run(&mut flow));
            }
        };
        thread::scope(|scope| {
            for _ in 0..at_once {
                // The stacks are small, since there may be a thousand threads.
                let thread = thread::Builder::new().stack_size(512 * 1024).spawn_scoped(scope, work);
                thread.expect("the system has enough threads");
            }
        });
        queue.results()
    }
}

/// The async transport, `koodrive-hyper`, with a runtime that runs it.
#[derive(Debug)]
pub struct Async {
    client: koodrive_hyper::Client,
    runtime: tokio::runtime::Runtime,
}

impl Async {
    /// Creates a transport over a client with other settings.
    ///
    /// # Panics
    /// Panics if the system has no resources for a runtime.
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

    fn run_all<T: Send>(&self, flows: Vec<AnyFlow<'_, T>>, at_once: usize) -> Vec<Result<T, Error>> {
        let queue = Queue::new(flows.into_iter().enumerate());
        let work = async || {
            while let Some((number, mut flow)) = queue.take() {
                queue.done(number, self.client.run(&mut flow).await);
            }
        };
        let mut workers: Vec<Pin<Box<dyn Future<Output = ()>>>> =
            (0..at_once).map(|_| Box::pin(work()) as Pin<Box<_>>).collect();
        self.runtime.block_on(poll_fn(|cx| {
            workers.retain_mut(|worker| worker.as_mut().poll(cx).is_pending());
            if workers.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        }));
        drop(workers);
        queue.results()
    }
}

/// A flow that sees another time than its driver does.
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

/// A flow that drops its result, so that flows of different operations have the same type.
#[derive(Debug)]
pub struct Untold<F>(
    /// The flow.
    pub F,
);

impl<F: Flow> Flow for Untold<F> {
    type Output = ();

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<(), Error>> {
        self.0.resume(api, now, event).map(|result| result.map(drop))
    }
}

/// The README's examples, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
