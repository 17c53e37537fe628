use std::error::Error as StdError;
use std::time::Duration;
use std::{fmt, io};

use crate::error::{BoxError, Cause, Failure, Reached};

/// The kinds of trouble that transports meet, so that all of them report each alike.
///
#[doc = include_str!("../trouble.md")]
///
/// A transport turns a kind into a [`Failure`] with [`Failure::of`], or with `Failure::from` if there is no error to
/// keep:
///
/// ```
/// use koodrive_proto::flow::{Cause, Failure, Reached, Trouble};
///
/// let failure = Failure::of(Trouble::NotHttp, "invalid status line");
/// assert_eq!((failure.reached, failure.cause), (Reached::Maybe, Cause::Network));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trouble {
    /// Nobody listens on that port.
    Refused,
    /// There is no route to the host.
    NoRoute,
    /// The host's name can't be resolved.
    Unresolved,
    /// The certificate isn't trusted, or is for another host.
    Untrusted,
    /// The endpoint is `https://`, and the port doesn't speak TLS.
    NoTls,
    /// The connection was closed before the answer was complete.
    Closed,
    /// The connection was reset.
    Reset,
    /// The connection broke while something was written to it.
    Broken,
    /// The other side didn't confirm what was sent until the system gave up.
    Unconfirmed,
    /// What came isn't HTTP/1.1.
    NotHttp,
    /// The head of the answer is larger than a transport accepts: 128 headers, 64 KiB with interim answers.
    LargeHead,
    /// Trailers, the size of a chunk or its extension don't end.
    Flood,
    /// The attempt took longer than [`Outgoing::timeout`](crate::flow::Outgoing::timeout).
    Timeout(Duration),
    /// No byte moved for [`Outgoing::idle`](crate::flow::Outgoing::idle), once there was a connection.
    Idle(Duration),
}

impl Trouble {
    /// Returns the cause.
    pub fn cause(self) -> Cause {
        match self {
            Self::Timeout(_) | Self::Idle(_) => Cause::Timeout,
            Self::Untrusted | Self::NoTls | Self::LargeHead | Self::Flood => Cause::Local,
            _ => Cause::Network,
        }
    }

    /// Returns whether the server can have seen the request, if nothing more is known. A transport that knows that
    /// nothing was written says so in [`Failure::reached`]; even [`NoRoute`](Self::NoRoute) can come from a connection
    /// in use.
    pub fn reached(self) -> Reached {
        match self {
            Self::Refused | Self::Unresolved | Self::Untrusted | Self::NoTls => Reached::No,
            _ => Reached::Maybe,
        }
    }

    /// Returns the kind of the system's error that this error is or comes from; `None` if there is none, or if it says
    /// nothing by its [kind](io::ErrorKind). An [`io::Error`] with words of its own isn't the system's.
    pub fn of_system(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(part) = next {
            let io = part.downcast_ref::<io::Error>();
            // An `io::Error` passes over the error that it wraps when it is asked for its source.
            let Some(io) = io.filter(|io| io.get_ref().is_none()) else {
                let wrapped = io.and_then(io::Error::get_ref).map(|inner| inner as &(dyn StdError + 'static));
                next = wrapped.or_else(|| part.source());
                continue;
            };
            return match io.kind() {
                io::ErrorKind::TimedOut if io.raw_os_error().is_some() => Some(Self::Unconfirmed),
                io::ErrorKind::ConnectionRefused => Some(Self::Refused),
                io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some(Self::NoRoute),
                io::ErrorKind::ConnectionReset => Some(Self::Reset),
                io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => Some(Self::Broken),
                io::ErrorKind::UnexpectedEof => Some(Self::Closed),
                _ => None,
            };
        }
        None
    }
}

impl fmt::Display for Trouble {
    /// Writes a few words, for the line that the call's error writes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "it refused the connection",
            Self::NoRoute => "there is no route to it",
            Self::Unresolved => "its name can't be resolved",
            Self::Untrusted => "the certificate was refused",
            Self::NoTls => "the port doesn't speak TLS",
            Self::Closed => "it closed the connection",
            Self::Reset => "it reset the connection",
            Self::Broken => "the connection broke",
            Self::Unconfirmed => "the connection timed out",
            Self::NotHttp => "what it sent isn't HTTP/1.1",
            Self::LargeHead => "its head has more than 128 headers or 64 KiB",
            Self::Flood => "its trailers or the lines between its chunks don't end",
            Self::Timeout(timeout) => return write!(f, "it took longer than {timeout:?}"),
            Self::Idle(idle) => return write!(f, "no byte moved for {idle:?}"),
        })
    }
}

impl Failure {
    /// Creates the failure of a known kind: with its cause, what the server can have seen, and its words.
    pub fn of(trouble: Trouble, source: impl Into<BoxError>) -> Self {
        Self::new(trouble.reached(), trouble.cause(), source).because(trouble.to_string())
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::new(trouble.reached(), trouble.cause(), trouble.to_string())
    }
}
