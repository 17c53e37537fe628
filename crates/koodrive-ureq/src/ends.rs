//! What a flow needs besides requests: a source, a sink, and who may slow it down or stop it.

use std::fmt;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use koodrive_files::{CHUNK, Moving, RateLimit, Sink, Source, Stop};
use koodrive_proto::Error;

/// Where the bytes of a flow come from or go to.
#[derive(Clone, Copy)]
#[must_use]
pub struct Ends<'a> {
    pub(crate) source: Option<&'a dyn Source>,
    pub(crate) sink: Option<&'a dyn Sink>,
}

impl<'a> Ends<'a> {
    /// For flows that move nothing but requests and answers.
    pub fn none() -> Self {
        Self { source: None, sink: None }
    }

    /// For an upload from this source.
    pub fn source(source: &'a dyn Source) -> Self {
        Self { source: Some(source), sink: None }
    }

    /// For a download into this sink.
    pub fn sink(sink: &'a dyn Sink) -> Self {
        Self { source: None, sink: Some(sink) }
    }

    /// Reads what a transfer wants to hash: from the source, or what is in the sink.
    pub(crate) fn read_at(self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match (self.source, self.sink) {
            (Some(source), _) => source.read_at(position, buffer),
            (None, Some(sink)) => sink.read_at(position, buffer),
            (None, None) => Err(io::Error::other("the transfer was given no source or sink")),
        }
    }
}

impl fmt::Debug for Ends<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, sink) = (self.source.is_some(), self.sink.is_some());
        f.debug_struct("Ends").field("source", &source).field("sink", &sink).finish()
    }
}

/// What a flow is run with.
pub(crate) struct Context<'a> {
    pub(crate) ends: Ends<'a>,
    /// Who can stop it: the caller, and the driver of its transfer.
    pub(crate) stops: [Option<&'a Stop>; 2],
    pub(crate) rate_limit: Option<&'a RateLimit>,
    pub(crate) moving: Option<Moving>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(ends: Ends<'a>) -> Self {
        Self { ends, stops: [None, None], rate_limit: None, moving: None }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stops.iter().flatten().any(|stop| stop.is_stopped())
    }

    /// Waits for a time. Returns whether it was stopped.
    pub(crate) fn pause(&self, time: Duration) -> bool {
        match self.stops {
            // The driver stops its own once the caller's is stopped.
            [_, Some(stop)] | [Some(stop), None] => stop.wait(time),
            [None, None] => {
                thread::sleep(time);
                false
            }
        }
    }

    /// Returns how many bytes to move at a time.
    pub(crate) fn chunk(&self) -> usize {
        self.rate_limit.map_or(CHUNK, RateLimit::chunk).max(1)
    }

    /// Waits until so many bytes may move. Returns whether it was stopped.
    pub(crate) fn wait_for(&self, bytes: usize) -> bool {
        let wait = self.rate_limit.map_or(Duration::ZERO, |limit| limit.take(bytes, Instant::now()));
        if wait.is_zero() { self.is_stopped() } else { self.pause(wait) }
    }

    pub(crate) fn moved(&self, bytes: usize) {
        if let Some(moving) = &self.moving {
            moving.add(bytes as u64);
        }
    }
}

/// What came of driving a flow.
pub(crate) enum Driven<T> {
    Done(Result<T, Error>),
    /// It was stopped. `is_seen` says whether a server may have seen a request of it.
    Stopped {
        is_seen: bool,
    },
}

/// The exchange was ended because the transfer was stopped.
#[derive(Debug)]
pub(crate) struct Halted;

impl fmt::Display for Halted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Halted {}
