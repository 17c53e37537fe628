//! What ureq's errors mean.

use std::error::Error as StdError;
use std::time::Duration;
use std::{fmt, io};

use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Cause, Failure, Reached, Trouble};
use ureq::{Error, Timeout};

use crate::proxy::Named;
use crate::written::Flooded;

/// Decides from an error whether the server can have seen the request, and what the cause was.
///
/// `unwritten` says whether it is certain that nothing of the request was written.
pub(crate) fn classify(error: Error, unwritten: bool, times: Times) -> Failure {
    let mut failure = of(error, unwritten, times);
    if unwritten {
        failure.reached = Reached::No;
    }
    failure
}

/// The times that an exchange may take.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) timeout: Duration,
    pub(crate) idle: Duration,
    /// How many bytes the answer may have.
    pub(crate) limit: u64,
}

fn of(error: Error, unwritten: bool, times: Times) -> Failure {
    use Error as E;
    if let E::BodyExceedsLimit(_) = error {
        return Failure::too_large(times.limit);
    }
    let (reached, cause) = match &error {
        E::Timeout(Timeout::PerRead | Timeout::PerWrite) if times.idle < times.timeout => {
            return Trouble::Idle(times.idle).into();
        }
        E::Timeout(Timeout::Global) => return Trouble::Timeout(times.timeout).into(),
        E::Timeout(Timeout::Connect) => {
            let mut failure = Failure::from(Trouble::Timeout(times.timeout));
            failure.reached = Reached::No;
            return failure;
        }
        // The caller's own settings.
        E::Timeout(Timeout::Resolve) => (Reached::No, Cause::Timeout),
        E::Timeout(_) => (Reached::Maybe, Cause::Timeout),
        E::ConnectionFailed | E::ConnectProxyFailed(_) => (Reached::No, Cause::Network),
        E::Tls(_) | E::TlsRequired | E::BadUri(_) | E::Http(_) | E::InvalidProxyUrl | E::RequireHttpsOnly(_) => {
            (Reached::No, Cause::Local)
        }
        _ => match trouble(&error, unwritten) {
            Some(trouble) => (trouble.reached(), trouble.cause()),
            None => (Reached::Maybe, Cause::Network),
        },
    };
    let words = match &error {
        E::Io(io) if named(io).is_some() => named(io).map(Named::words),
        error => words(error, unwritten),
    };
    // Without ureq's prefixes: what is wrapped says it itself.
    let source: BoxError = match error {
        E::Io(io) => io.into(),
        E::Protocol(protocol) => protocol.into(),
        E::Other(other) => other,
        error => error.into(),
    };
    match words {
        Some(words) => Failure::new(reached, cause, source).because(words),
        None => Failure::new(reached, cause, source),
    }
}

/// What happened, in words, if that is known.
pub(crate) fn words(error: &Error, unwritten: bool) -> Option<String> {
    match (trouble(error, unwritten)?, error) {
        (Trouble::Untrusted, Error::Io(io)) => {
            refused_certificate(io).map(|why| format!("{}: {why}", Trouble::Untrusted))
        }
        (trouble, _) => Some(trouble.to_string()),
    }
}

fn trouble(error: &Error, unwritten: bool) -> Option<Trouble> {
    match error {
        Error::HostNotFound => Some(Trouble::Unresolved),
        Error::LargeResponseHeader(..) => Some(Trouble::LargeHead),
        // ureq doesn't export the type of these errors; the text is that of "too many headers".
        Error::Protocol(protocol) if protocol.to_string().contains("too many headers") => Some(Trouble::LargeHead),
        Error::Protocol(_) => Some(Trouble::NotHttp),
        Error::Other(other) if other.is::<Chunked10>() => Some(Trouble::NotHttp),
        Error::Other(other) => match other.downcast_ref()? {
            Flooded::Head => Some(Trouble::LargeHead),
            Flooded::Body => Some(Trouble::Flood),
        },
        Error::Io(io) if refused_certificate(io).is_some() => Some(Trouble::Untrusted),
        // ureq and rustls have words of their own for the end of a connection.
        Error::Io(io) if io.kind() == io::ErrorKind::UnexpectedEof => Some(Trouble::Closed),
        Error::Io(io) => inner(io, unwritten).or_else(|| Trouble::of_system(io)),
        _ => None,
    }
}

/// Looks at what an `io::Error` wraps.
fn inner(io: &io::Error, unwritten: bool) -> Option<Trouble> {
    let inner = io.get_ref()?;
    if inner.is::<Unresolved>() {
        Some(Trouble::Unresolved)
    } else if unwritten && is_no_tls(inner) {
        Some(Trouble::NoTls)
    } else {
        inner.downcast_ref::<Named>().and_then(|named| trouble(named.error(), unwritten))
    }
}

fn named(io: &io::Error) -> Option<&Named> {
    io.get_ref().and_then(|inner| inner.downcast_ref())
}

/// The error that a host's name can't be resolved, which wraps the system's.
#[derive(Debug)]
pub(crate) struct Unresolved(pub(crate) io::Error);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Unresolved {}

/// An answer whose length isn't known: HTTP/1.0 has no chunks, and ureq would take them for the body.
#[derive(Debug)]
pub(crate) struct Chunked10;

impl fmt::Display for Chunked10 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HTTP/1.0 with Transfer-Encoding")
    }
}

impl StdError for Chunked10 {}

/// Why the server's certificate was refused, if it was. This happens before anything is sent.
#[cfg(feature = "rustls")]
pub(crate) fn refused_certificate(error: &io::Error) -> Option<String> {
    let mut next = error.get_ref().map(|inner| inner as &(dyn StdError + 'static));
    while let Some(part) = next {
        if let Some(rustls::Error::InvalidCertificate(why)) = part.downcast_ref() {
            return Some(why.to_string());
        }
        next = part.source();
    }
    None
}

#[cfg(feature = "rustls")]
fn is_no_tls(error: &(dyn StdError + Send + Sync + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(rustls::Error::InvalidMessage(_)))
}

#[cfg(not(feature = "rustls"))]
pub(crate) fn refused_certificate(_: &io::Error) -> Option<String> {
    None
}

#[cfg(not(feature = "rustls"))]
fn is_no_tls(_: &(dyn StdError + Send + Sync + 'static)) -> bool {
    false
}
