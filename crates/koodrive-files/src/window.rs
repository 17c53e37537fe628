//! A source that can be read only once.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::source::{Source, read_slice_at};

/// The bytes of a stream that were read and may be needed again: those of the parts under way.
///
/// Whoever reads the stream pushes; parts are read from it as from any [`Source`], and what was sent is forgotten.
pub struct Window {
    length: u64,
    kept: Mutex<Kept>,
}

struct Kept {
    chunks: VecDeque<Bytes>,
    /// The position of the first kept byte, and of the first that wasn't pushed yet.
    begin: u64,
    end: u64,
}

impl Window {
    /// For a stream of so many bytes.
    pub fn new(length: u64) -> Self {
        Self { length, kept: Mutex::new(Kept { chunks: VecDeque::new(), begin: 0, end: 0 }) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next bytes of the stream.
    pub fn push(&self, chunk: Bytes) {
        let mut kept = self.kept();
        kept.end = kept.end.saturating_add(chunk.len() as u64);
        if !chunk.is_empty() {
            kept.chunks.push_back(chunk);
        }
    }

    /// Returns up to where the stream was pushed.
    pub fn end(&self) -> u64 {
        self.kept().end
    }

    /// Forgets what is before a position.
    pub fn forget(&self, before: u64) {
        let mut kept = self.kept();
        while let Some(first) = kept.chunks.front() {
            let next = kept.begin.saturating_add(first.len() as u64);
            if next > before {
                return;
            }
            kept.begin = next;
            kept.chunks.pop_front();
        }
    }
}

impl Source for Window {
    fn length(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let kept = self.kept();
        if position < kept.begin {
            return Err(io::Error::other("these bytes of the stream are no longer kept"));
        }
        let mut at = kept.begin;
        for chunk in &kept.chunks {
            let end = at.saturating_add(chunk.len() as u64);
            if position < end {
                return Ok(read_slice_at(chunk, position.saturating_sub(at), buffer));
            }
            at = end;
        }
        Ok(0)
    }
}

impl std::fmt::Debug for Window {
    /// Shows nothing of what is in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kept = self.kept();
        write!(f, "Window({}..{} of {} bytes)", kept.begin, kept.end, self.length)
    }
}
