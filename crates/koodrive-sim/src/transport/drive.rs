//! Hands exchanges to a transport, and waits no longer than its patience for their ends.
//!
//! The checks are blocking code. A blocking transport gets a thread of its own, which is left behind if it hangs. With
//! an async one, the checks get the thread, and the transport is polled by its caller's runtime; that needn't have a
//! timer, since the checks' thread wakes it.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use koodrive_proto::flow::{Failure, Outgoing};
use koodrive_proto::http;

use crate::transport::ends::Ends;

/// How often the checks look whether something has happened.
const LOOK: Duration = Duration::from_millis(5);

/// What a transport returns.
pub(super) type Answer = Result<http::Response<Bytes>, Failure>;

/// What came of an exchange. The error says that there was no answer at all: the transport never returned, or panicked.
type Reply = Result<Answer, String>;

/// A transport that is being checked.
pub(super) trait Drive {
    /// Lets the transport do one exchange, with a source and a sink.
    fn transfer(&mut self, outgoing: Outgoing, ends: Ends) -> Reply;

    /// Lets the transport do several exchanges at the same time. Their answers are in the same order.
    fn together(&mut self, all: Vec<(Outgoing, Ends)>) -> Result<Vec<Answer>, String>;

    /// Lets the transport do one exchange that needs no source and no sink.
    fn exchange(&mut self, outgoing: Outgoing) -> Reply {
        self.transfer(outgoing, Ends::new(0, 0))
    }

    /// Lets the transport begin an exchange, and drops it once `begun` says so, or it has ended. Returns false if the
    /// transport is blocking, since then nothing can be dropped.
    fn abandon(&mut self, outgoing: Outgoing, ends: Ends, begun: &dyn Fn() -> bool) -> bool;
}

/// An exchange to be done, and where its end is told.
type Job = (Outgoing, Ends, Sender<Reply>);

/// A blocking transport.
pub(super) struct Blocking<F> {
    exchange: Arc<F>,
    patience: Duration,
    worker: Option<Sender<Job>>,
}

impl<F: Fn(Outgoing, Ends) -> Answer + Send + Sync + 'static> Blocking<F> {
    pub(super) fn new(exchange: F, patience: Duration) -> Self {
        Self { exchange: Arc::new(exchange), patience, worker: None }
    }

    /// One thread for all exchanges, until one of them hangs: a transport may keep connections per thread.
    fn worker(&self) -> Result<Sender<Job>, String> {
        let (sender, jobs) = channel::<Job>();
        let exchange = Arc::clone(&self.exchange);
        let work = move || {
            for (outgoing, ends, reply) in jobs {
                // This fails only if nobody waits any more.
                let _ = reply.send(Ok(exchange(outgoing, ends)));
            }
        };
        let thread = thread::Builder::new().name("check-transport".to_owned()).spawn(work);
        thread.map(|_| sender).map_err(|error| format!("can't have a thread: {error}"))
    }
}

impl<F: Fn(Outgoing, Ends) -> Answer + Send + Sync + 'static> Drive for Blocking<F> {
    fn transfer(&mut self, outgoing: Outgoing, ends: Ends) -> Reply {
        let worker = match self.worker.take() {
            Some(worker) => worker,
            None => self.worker()?,
        };
        let answer = begin(&worker, outgoing, ends);
        let answer = wait(&answer, self.patience, "panicked")?;
        self.worker = Some(worker);
        Ok(answer)
    }

    fn together(&mut self, all: Vec<(Outgoing, Ends)>) -> Result<Vec<Answer>, String> {
        let begun = all.into_iter().map(|(outgoing, ends)| Ok(begin(&self.worker()?, outgoing, ends)));
        let answers = begun.collect::<Result<Vec<_>, String>>()?;
        answers.iter().map(|answer| wait(answer, self.patience, "panicked")).collect()
    }

    fn abandon(&mut self, _: Outgoing, _: Ends, _: &dyn Fn() -> bool) -> bool {
        false
    }
}

/// Hands an exchange to a thread. If that has ended, nobody is left who could reply.
fn begin(worker: &Sender<Job>, outgoing: Outgoing, ends: Ends) -> Receiver<Reply> {
    let (reply, answer) = channel();
    let _ = worker.send((outgoing, ends, reply));
    answer
}

/// Waits for the end of an exchange. If nobody is left who could tell it, `gone` says why.
fn wait(answer: &Receiver<Reply>, patience: Duration, gone: &str) -> Reply {
    answer.recv_timeout(patience).unwrap_or_else(|error| match error {
        RecvTimeoutError::Timeout => Err(hung(patience)),
        RecvTimeoutError::Disconnected => Err(gone.to_owned()),
    })
}

fn hung(patience: Duration) -> String {
    format!("did not return within {} s", patience.as_secs_f32())
}

/// Where the thread of the checks and an async transport meet.
struct Desk<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    /// What is to be done at the same time.
    jobs: Option<Vec<Job>>,
    /// Nobody waits for the last jobs any more.
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
        // With them go the senders that the thread waits for.
        state.jobs = None;
    }
}

struct Async<T> {
    desk: Arc<Desk<T>>,
    patience: Duration,
}

impl<T> Async<T> {
    fn begin(&self, all: Vec<(Outgoing, Ends)>) -> Vec<Receiver<Reply>> {
        let begun = all.into_iter().map(|(outgoing, ends)| {
            let (reply, answer) = channel();
            ((outgoing, ends, reply), answer)
        });
        let (jobs, answers) = begun.unzip();
        self.desk.change(|state| state.jobs = Some(jobs).filter(|_| !state.left));
        answers
    }

    fn give_up(&self) {
        self.desk.change(|state| (state.jobs, state.given_up) = (None, true));
    }
}

impl<T> Drive for Async<T> {
    fn transfer(&mut self, outgoing: Outgoing, ends: Ends) -> Reply {
        let mut answers = self.together(vec![(outgoing, ends)])?;
        Ok(answers.remove(0))
    }

    fn together(&mut self, all: Vec<(Outgoing, Ends)>) -> Result<Vec<Answer>, String> {
        let answers = self.begin(all);
        let all = answers.iter().map(|answer| wait(answer, self.patience, "was dropped"));
        all.collect::<Result<_, _>>().inspect_err(|_| self.give_up())
    }

    fn abandon(&mut self, outgoing: Outgoing, ends: Ends, begun: &dyn Fn() -> bool) -> bool {
        let since = Instant::now();
        for answer in self.begin(vec![(outgoing, ends)]) {
            while !begun() && since.elapsed() < self.patience && matches!(answer.try_recv(), Err(TryRecvError::Empty)) {
                thread::sleep(LOOK);
            }
            self.give_up();
            // The other end goes with the exchange.
            let _ = answer.recv_timeout(self.patience);
        }
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
    F: Fn(Outgoing, Ends) -> U,
    U: Future<Output = Answer>,
{
    let state = State { jobs: None, given_up: false, left: false, result: None, waker: None };
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
                state.result.take().map(Err).or_else(|| state.jobs.take().map(Ok))
            })
        });
        let jobs = match next.await {
            Ok(jobs) => jobs,
            Err(result) => return result.unwrap_or_else(|panic| resume_unwind(panic)),
        };
        // Inside, so that a panic before the first `await` is caught, too.
        let exchange = async |outgoing, ends| exchange(outgoing, ends).await;
        let running = jobs.into_iter().map(|(outgoing, ends, reply)| (Box::pin(exchange(outgoing, ends)), reply));
        let mut running: Vec<_> = running.collect();
        let ended = poll_fn(|cx| {
            running.retain_mut(|(exchange, reply)| {
                let answer = match catch_unwind(AssertUnwindSafe(|| exchange.as_mut().poll(cx))) {
                    Ok(Poll::Pending) => return true,
                    Ok(Poll::Ready(answer)) => Ok(answer),
                    Err(_) => Err("panicked".to_owned()),
                };
                // This fails only if the patience is over.
                let _ = reply.send(answer);
                false
            });
            let over = |state: &mut State<T>| state.given_up || state.jobs.is_some() || state.result.is_some();
            if running.is_empty() { Poll::Ready(()) } else { desk.poll(cx, |state| over(state).then_some(())) }
        });
        ended.await;
    }
}
