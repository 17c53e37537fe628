use std::borrow::Cow;

use crate::check::counted;
use crate::error::{BoxError, Error, ErrorKind, Origin, Sent, Trouble, excerpt};

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
    /// What happened, in words.
    what: Option<Cow<'static, str>>,
    /// Whether a source or a sink is at fault.
    is_file: bool,
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

/// What went wrong with a request. [`Trouble`] has a table of all that can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The network, or the other end of it, failed.
    Network,
    /// The timeout of the attempt was exceeded.
    Timeout,
    /// The failure is on this side, or would occur again: a certificate that isn't trusted, the limits of answers, a
    /// source or a sink. Such a request is never repeated.
    Local,
}

impl Failure {
    /// Creates a failure that occurred before anything was written to a sink.
    pub fn new(reached: Reached, cause: Cause, source: impl Into<BoxError>) -> Self {
        Self { reached, cause, delivered: 0, what: None, is_file: false, source: source.into() }
    }

    /// Says in a few words what happened, for the one line that the call's error writes. Without it, that line quotes
    /// the source, unless [`Trouble::of_system`] knows it.
    #[must_use]
    pub fn because(mut self, what: impl Into<Cow<'static, str>>) -> Self {
        self.what = Some(what.into());
        self
    }

    /// Creates the failure that a source or a sink can't be used; `what` says which, for example "the source can't be
    /// read". It is a [`Cause::Local`], and the error is of kind [`ErrorKind::Source`].
    pub fn of_file(what: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self { is_file: true, ..Self::new(Reached::Maybe, Cause::Local, source).because(what) }
    }

    /// Creates the failure that an answer exceeds [`Outgoing::limit`](crate::flow::Outgoing::limit).
    pub fn too_large(limit: u64) -> Self {
        let limit = counted(limit, "byte", "bytes");
        Self::new(Reached::Maybe, Cause::Local, format!("the answer is larger than the limit of {limit}"))
    }
}

impl Error {
    /// A failure of a request to this server, if it may be named.
    pub(crate) fn failed(failure: Failure, server: Option<&str>) -> Self {
        let server = server.map_or_else(|| "the server".to_owned(), |name| format!("the server {name}"));
        let headline = match (failure.cause, failure.reached) {
            (Cause::Timeout, Reached::No) => format!("no connection to {server} in time"),
            (Cause::Timeout, Reached::Maybe) => format!("no answer from {server} in time"),
            (Cause::Local, Reached::No) => format!("the request was not sent to {server}"),
            (Cause::Local, Reached::Maybe) => "the answer was not read".to_owned(),
            (Cause::Network, Reached::No) => format!("{server} was not reached"),
            (Cause::Network, Reached::Maybe) => {
                format!("the connection to {server} failed, after it may have got the request")
            }
        };
        let known = || Trouble::of_system(&*failure.source).map(|trouble| trouble.to_string().into());
        let what = failure.what.or_else(known);
        let mut error = match what {
            Some(what) if failure.is_file => Self::local(format!("{what}: {}", excerpt(&failure.source.to_string()))),
            Some(what) => Self::new(ErrorKind::Transport, format!("{headline}: {}", excerpt(&what))),
            None => Self::new(ErrorKind::Transport, format!("{headline}: {}", excerpt(&failure.source.to_string()))),
        };
        error.0.cause = Some(failure.cause);
        error.0.sent = match failure.reached {
            Reached::No => Sent::No,
            Reached::Maybe => Sent::Maybe,
        };
        error.0.origin = Origin::Other(failure.source);
        error
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::failed(failure, None)
    }
}
