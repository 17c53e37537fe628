//! What ureq's errors mean.

use std::error::Error as StdError;
use std::time::Duration;
use std::{fmt, io};

use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Cause, Failure, Reached, Trouble};
use ureq::{Error, Timeout};

use crate::proxy::Named;
use crate::written::{Cut, Flooded};

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
    /// The agent's own.
    pub(crate) own_connect: Option<Duration>,
    pub(crate) own_read: Option<Duration>,
    pub(crate) own_write: Option<Duration>,
}

impl Times {
    /// What it means that a time of ureq's is over; `None` if it is one that the agent was given by its owner.
    fn over(self, timeout: Timeout) -> Option<Trouble> {
        let is_less = |own: Option<Duration>, than| own.is_some_and(|own| own < than);
        let idle = |own| (self.idle < self.timeout && !is_less(own, self.idle)).then_some(Trouble::Idle(self.idle));
        match timeout {
            Timeout::Global => Some(Trouble::Timeout(self.timeout)),
            // ureq gives this reason to the last of several addresses.
            Timeout::Connect if !is_less(self.own_connect, self.timeout) => Some(Trouble::Timeout(self.timeout)),
            Timeout::PerRead => idle(self.own_read),
            Timeout::PerWrite => idle(self.own_write),
            _ => None,
        }
    }
}

fn of(error: Error, unwritten: bool, times: Times) -> Failure {
    use Error as E;
    if let E::BodyExceedsLimit(_) = error {
        return Failure::too_large(times.limit);
    }
    if let E::Timeout(timeout) = error {
        let own = || {
            let words = format!("a timeout of the agent's own settings is over: {timeout}");
            Failure::new(Reached::Maybe, Cause::Timeout, words)
        };
        let mut failure = times.over(timeout).map_or_else(own, Failure::from);
        if matches!(timeout, Timeout::Connect | Timeout::Resolve) {
            failure.reached = Reached::No;
        }
        return failure;
    }
    if let E::Protocol(protocol) = error {
        let text = protocol.to_string();
        return if unwritten || is_unwritable(&text) {
            Failure::new(Reached::No, Cause::Local, protocol)
        } else {
            Failure::of(of_protocol(&text), protocol)
        };
    }
    // These quote the address, whose query may be a secret.
    let quoting = match &error {
        E::RequireHttpsOnly(_) => Some("the agent's settings allow https:// only"),
        E::BadUri(_) => Some("the agent doesn't take the address"),
        _ => None,
    };
    if let Some(words) = quoting {
        return Failure::new(Reached::No, Cause::Local, words);
    }
    let (reached, cause) = match &error {
        E::ConnectionFailed | E::ConnectProxyFailed(_) => (Reached::No, Cause::Network),
        E::Tls(_) | E::TlsRequired | E::Http(_) | E::InvalidProxyUrl => (Reached::No, Cause::Local),
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
        E::Other(other) => match other.downcast::<Cut>() {
            Ok(cut) => cut.0.into(),
            Err(other) => other,
        },
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
        Error::Protocol(protocol) => Some(of_protocol(&protocol.to_string())),
        // The connection ended where a chunk's size should have.
        Error::BodyStalled => Some(Trouble::Closed),
        Error::Other(other) if other.is::<Chunked10>() => Some(Trouble::NotHttp),
        Error::Other(other) => match (other.downcast_ref(), other.downcast_ref()) {
            (Some(Flooded::Head), _) => Some(Trouble::LargeHead),
            (Some(Flooded::Body), _) => Some(Trouble::Flood),
            (_, Some(Cut(io))) => broken(io, unwritten),
            (None, None) => None,
        },
        Error::Io(io) if refused_certificate(io).is_some() => Some(Trouble::Untrusted),
        Error::Io(io) => broken(io, unwritten),
        _ => None,
    }
}

fn broken(io: &io::Error, unwritten: bool) -> Option<Trouble> {
    // ureq and rustls have words of their own for the end of a connection.
    if io.kind() == io::ErrorKind::UnexpectedEof {
        return Some(Trouble::Closed);
    }
    inner(io, unwritten).or_else(|| Trouble::of_system(io))
}

/// Whether a line of the request's head is longer than the output buffer. What was written then is no request yet.
fn is_unwritable(text: &str) -> bool {
    text == "output too small to write output"
}

/// ureq doesn't export the type of these errors, so their texts decide.
fn of_protocol(text: &str) -> Trouble {
    // The latter is about a name of more than 64 KiB.
    if text.contains("too many headers") || text.contains("invalid HTTP header name") {
        Trouble::LargeHead
    } else {
        Trouble::NotHttp
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
