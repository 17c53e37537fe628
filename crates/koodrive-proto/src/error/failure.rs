use std::error::Error as StdError;

use crate::error::{BoxError, Error, ErrorKind, Sent};

/// What a transport reports about a request that got no answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// Whether the server can have seen the request.
    pub reached: Reached,
    /// What went wrong.
    pub cause: Cause,
    /// How many bytes of the answer had been written to the sink.
    pub delivered: u64,
    /// The transport's own error.
    pub source: BoxError,
}

/// Whether the server can have seen the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reached {
    /// It can't have seen the request: there was no connection, or nothing was written to it.
    No,
    /// It may have seen the request.
    Maybe,
}

/// What went wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The network, or the other end of it, failed.
    Network,
    /// The timeout of the attempt was exceeded.
    Timeout,
    /// The failure is on this side: a certificate that isn't trusted, the limit for bodies, a source or a sink. Such a
    /// request is never repeated.
    Local,
}

impl Failure {
    /// Creates a failure that occurred before anything was written to a sink.
    pub fn new(reached: Reached, cause: Cause, source: impl Into<BoxError>) -> Self {
        Self { reached, cause, delivered: 0, source: source.into() }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let what = match (failure.cause, failure.reached) {
            (Cause::Timeout, _) => "no answer in time",
            (Cause::Local, _) => "stopped on this side",
            (Cause::Network, Reached::No) => "the server was not reached",
            (Cause::Network, Reached::Maybe) => "the connection failed, the server may have seen the request",
        };
        let mut error = Self::new(ErrorKind::Transport, format!("{what}: {}", chain(&*failure.source)));
        error.0.cause = Some(failure.cause);
        error.0.sent = match failure.reached {
            Reached::No => Sent::No,
            Reached::Maybe => Sent::Maybe,
        };
        error.0.source = Some(failure.source);
        error
    }
}

/// Writes an error and its sources on one line; a source that its parent already quotes isn't repeated.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let part = source.to_string();
        if !text.contains(&part) {
            text = format!("{text}: {part}");
        }
        next = source.source();
    }
    super::one_line(&text)
}
