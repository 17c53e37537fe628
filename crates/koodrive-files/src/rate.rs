//! How fast bytes may move.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::CHUNK;

/// How fast bytes may move, for one transfer or, with clones of it, for several together.
#[derive(Debug, Clone)]
pub struct RateLimit {
    per_second: u64,
    /// When the next bytes may move.
    next: Arc<Mutex<Option<Instant>>>,
}

impl RateLimit {
    /// The least rate: 64 KiB per second. Slower ones would look to the other side as if nothing moved any more.
    pub const LEAST: u64 = 64 * 1024;

    /// Creates a limit of so many bytes per second, at least [`LEAST`](Self::LEAST).
    ///
    /// A transfer moves as many parts at a time as leave [`LEAST`](Self::LEAST) to each of them. Where transfers share
    /// a limit, it has to be that much for all of their parts.
    pub fn new(bytes_per_second: u64) -> Self {
        Self { per_second: bytes_per_second.max(Self::LEAST), next: Arc::default() }
    }

    /// Returns how many parts may move at a time.
    pub fn parts(&self) -> usize {
        usize::try_from(self.per_second / Self::LEAST).unwrap_or(usize::MAX)
    }

    /// Returns how many bytes to move at a time, so that they move evenly.
    pub fn chunk(&self) -> usize {
        usize::try_from(self.per_second / 16).map_or(CHUNK, |bytes| bytes.min(CHUNK))
    }

    /// Takes so many bytes, and returns how long to wait before they are moved.
    pub fn take(&self, bytes: usize, now: Instant) -> Duration {
        // As nanoseconds, of which there are few enough in the time of any chunk.
        let takes = (bytes as u64).saturating_mul(1_000_000_000).checked_div(self.per_second).unwrap_or_default();
        let takes = Duration::from_nanos(takes);
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = next.map_or(now, |next| next.max(now));
        *next = begin.checked_add(takes);
        begin.saturating_duration_since(now)
    }
}
