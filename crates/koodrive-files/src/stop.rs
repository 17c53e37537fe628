//! Stopping transfers from outside.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Stops transfers, from any thread: at the next chunk, or at the latest when an exchange that stands still runs into
/// its timeout. Clones stop together.
///
/// A transfer that was stopped ends with an error of kind [`Interrupted`], and its state can be resumed.
///
/// [`Interrupted`]: koodrive_proto::ErrorKind::Interrupted
#[derive(Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_stopped: bool,
    /// Those of the futures that wait for it.
    wakers: BTreeMap<u64, Waker>,
    waiting: u64,
}

impl Stop {
    /// Creates one that hasn't stopped anything.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops what watches this, for good.
    pub fn stop(&self) {
        let wakers = {
            let mut state = self.state();
            state.is_stopped = true;
            std::mem::take(&mut state.wakers)
        };
        self.0.changed.notify_all();
        wakers.into_values().for_each(Waker::wake);
    }

    /// Returns whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }

    /// Blocks for a time, or until it is stopped. Returns whether it was.
    pub fn wait(&self, time: Duration) -> bool {
        let end = Instant::now().checked_add(time);
        let mut state = self.state();
        while !state.is_stopped {
            let left = end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            // A wait of years can't be expressed on all systems.
            let left = left.min(Duration::from_secs(24 * 60 * 60));
            state = self.0.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.is_stopped
    }

    /// Returns a future that is ready once it was stopped.
    pub fn stopped(&self) -> Stopped {
        let mut state = self.state();
        state.waiting += 1;
        Stopped { stop: self.clone(), number: state.waiting }
    }
}

/// The future of [`Stop::stopped`].
#[derive(Debug)]
#[must_use]
pub struct Stopped {
    stop: Stop,
    number: u64,
}

impl Future for Stopped {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.stop.state();
        if state.is_stopped {
            return Poll::Ready(());
        }
        state.wakers.insert(self.number, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        self.stop.state().wakers.remove(&self.number);
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stop").field(&self.is_stopped()).finish()
    }
}
