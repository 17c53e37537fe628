//! Hands exchanges to a transport, and waits no longer than its patience for their ends.
//!
//! The checks are blocking code. A blocking transport gets a thread of its own, which is left behind if it hangs. With
//! an async one, the checks get the thread, and the transport is polled by its caller's runtime; that needn't have a
//! timer, since the checks' thread wakes it.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use koodrive_proto::flow::{Failure, Outgoing};
use koodrive_proto::http;

/// How often the checks look whether something has happened.
const LOOK: Duration = Duration::from_millis(5);

/// What a transport returns.
pub(super) type Answer = Result<http::Response<Bytes>, Failure>;

/// A transport that is being checked.
pub(super) trait Drive {
    /// Lets the transport do one exchange. The error says that it never returned.
    fn exchange(&mut self, outgoing: Outgoing) -> Result<Answer, String>;

    /// Lets the transport begin an exchange, and drops it once `begun` says so. Returns false if the transport is
    /// blocking, since then nothing can be dropped.
    fn abandon(&mut self, outgoing: Outgoing, begun: &dyn Fn() -> bool) -> bool;
}

type Job = (Outgoing, Sender<Answer>);

/// A blocking transport.
pub(super) struct Blocking<F> {
    exchange: Arc<F>,
    patience: Duration,
    worker: Option<Sender<Job>>,
}

impl<F: Fn(Outgoing) -> Answer + Send + Sync + 'static> Blocking<F> {
    pub(super) fn new(exchange: F, patience: Duration) -> Self {
        Self { exchange: Arc::new(exchange), patience, worker: None }
    }

    /// One thread for all exchanges, until one of them hangs: a transport may keep connections per thread.
    fn worker(&self) -> Result<Sender<Job>, String> {
        let (sender, jobs) = channel::<Job>();
        let exchange = Arc::clone(&self.exchange);
        let work = move || {
            for (outgoing, reply) in jobs {
                // This fails only if nobody waits any more.
                let _ = reply.send(exchange(outgoing));
            }
        };
        let thread = thread::Builder::new().name("check-transport".to_owned()).spawn(work);
        thread.map(|_| sender).map_err(|error| format!("can't have a thread: {error}"))
    }
}

impl<F: Fn(Outgoing) -> Answer + Send + Sync + 'static> Drive for Blocking<F> {
    fn exchange(&mut self, outgoing: Outgoing) -> Result<Answer, String> {
        let worker = match self.worker.take() {
            Some(worker) => worker,
            None => self.worker()?,
        };
        let (reply, answer) = channel();
        // If the thread has ended, `reply` is dropped, which is found below.
        let _ = worker.send((outgoing, reply));
        match answer.recv_timeout(self.patience) {
            Ok(answer) => {
                self.worker = Some(worker);
                Ok(answer)
            }
            Err(RecvTimeoutError::Timeout) => Err(hung(self.patience)),
            Err(RecvTimeoutError::Disconnected) => Err("panicked".to_owned()),
        }
    }

    fn abandon(&mut self, _: Outgoing, _: &dyn Fn() -> bool) -> bool {
        false
    }
}

fn hung(patience: Duration) -> String {
    format!("did not return within {} s", patience.as_secs_f32())
}

/// Where the thread of the checks and an async transport meet.
struct Desk<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    job: Option<Job>,
    /// Nobody waits for the last job any more.
    given_up: bool,
    /// The caller has dropped the future.
    left: bool,
    result: Option<Result<T, Box<dyn Any + Send>>>,
    waker: Option<Waker>,
}

impl<T> Desk<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and lets the async side see it.
    fn change(&self, change: impl FnOnce(&mut State<T>)) {
        let mut state = self.state();
        change(&mut state);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn poll<U>(&self, cx: &Context<'_>, look: impl FnOnce(&mut State<T>) -> Option<U>) -> Poll<U> {
        let mut state = self.state();
        let found = look(&mut state);
        if found.is_none() {
            state.waker = Some(cx.waker().clone());
        }
        found.map_or(Poll::Pending, Poll::Ready)
    }
}

/// Tells the thread of the checks that the future was dropped.
struct Leaving<'a, T>(&'a Desk<T>);

impl<T> Drop for Leaving<'_, T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.left = true;
        // With it goes the sender that the thread waits for.
        state.job = None;
    }
}

struct Async<T> {
    desk: Arc<Desk<T>>,
    patience: Duration,
}

impl<T> Drive for Async<T> {
    fn exchange(&mut self, outgoing: Outgoing) -> Result<Answer, String> {
        let (reply, answer) = channel();
        self.desk.change(|state| state.job = Some((outgoing, reply)).filter(|_| !state.left));
        answer.recv_timeout(self.patience).map_err(|error| {
            self.desk.change(|state| (state.job, state.given_up) = (None, true));
            if error == RecvTimeoutError::Timeout { hung(self.patience) } else { "was dropped".to_owned() }
        })
    }

    fn abandon(&mut self, outgoing: Outgoing, begun: &dyn Fn() -> bool) -> bool {
        let (reply, answer) = channel();
        let since = Instant::now();
        self.desk.change(|state| state.job = Some((outgoing, reply)).filter(|_| !state.left));
        while !begun() && since.elapsed() < self.patience {
            thread::sleep(LOOK);
        }
        self.desk.change(|state| (state.job, state.given_up) = (None, true));
        // The other end goes with the exchange.
        let _ = answer.recv_timeout(self.patience);
        true
    }
}

/// Runs checks with an async transport.
pub(super) async fn with_async<T, F, U>(
    exchange: F,
    patience: Duration,
    checks: impl FnOnce(&mut dyn Drive) -> T + Send + 'static,
) -> T
where
    T: Send + 'static,
    F: Fn(Outgoing) -> U,
    U: Future<Output = Answer>,
{
    let state = State { job: None, given_up: false, left: false, result: None, waker: None };
    let desk = Arc::new(Desk { state: Mutex::new(state) });
    let mut drive = Async { desk: Arc::clone(&desk), patience };
    thread::spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(|| checks(&mut drive)));
        drive.desk.change(|state| state.result = Some(result));
    });
    let _leaving = Leaving(&desk);
    loop {
        let next = poll_fn(|cx| {
            desk.poll(cx, |state| {
                state.given_up = false;
                state.result.take().map(Err).or_else(|| state.job.take().map(Ok))
            })
        });
        let (outgoing, reply) = match next.await {
            Ok(job) => job,
            Err(result) => return result.unwrap_or_else(|panic| resume_unwind(panic)),
        };
        let mut exchange = pin!(exchange(outgoing));
        let answer = poll_fn(|cx| match exchange.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => {
                desk.poll(cx, |state| (state.given_up || state.job.is_some() || state.result.is_some()).then_some(None))
            }
        });
        if let Some(answer) = answer.await {
            // This fails only if the patience is over.
            let _ = reply.send(answer);
        }
    }
}
