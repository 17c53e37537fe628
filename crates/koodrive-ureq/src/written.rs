//! Tells whether any byte of a request was written to its connection before the connection failed, and ends what has
//! no end.
//!
//! ureq's errors don't say the former: "no route to host" comes from connecting, but also from a connection that was
//! used before, once the system gives up on it. So the connector wraps each connection, and the wrapper stays on it in
//! the pool: it notes when bytes of a request are written. Bytes that are written while the connection is made, for TLS
//! handshakes and the CONNECT to a proxy, don't count. ureq handles a request and its answer entirely on the calling
//! thread, so the notes are kept in thread-local variables.
//!
//! The wrapper also counts what is read without anything of it being used: ureq reads interim answers, trailers and
//! chunk extensions without limit.
//!
//! This uses ureq's `unversioned` module, which may change in a minor release. From 3.0 to 3.5, its changelog mentions
//! no change to what is used here.

use std::cell::Cell;
use std::error::Error as StdError;
use std::time::Instant;
use std::{fmt, io};

use koodrive_proto::http::Uri;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::time::{self, Duration};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport};
use ureq::{Agent, Error};

use crate::failure::Unresolved;
use crate::proxy;

/// How many bytes may come without the head or the body of the answer having got further: as many as ureq accepts of a
/// head.
const UNUSED_LIMIT: usize = 64 * 1024;

thread_local! {
    static WRITTEN: Cell<bool> = const { Cell::new(false) };
    static CONNECTING: Cell<bool> = const { Cell::new(false) };
    /// Whether the head of the answer is there.
    static HEAD: Cell<bool> = const { Cell::new(false) };
    /// How many bytes came since the request began or something of the body was used.
    static UNUSED: Cell<usize> = const { Cell::new(0) };
}

/// Begins a request: nothing was written yet.
pub(crate) fn start() {
    WRITTEN.set(false);
    CONNECTING.set(false);
    HEAD.set(false);
    UNUSED.set(0);
}

/// Whether anything was written since then.
pub(crate) fn anything() -> bool {
    WRITTEN.get()
}

/// The body of an answer, which notes that something of it is used.
pub(crate) struct Noting<R>(R);

impl<R> Noting<R> {
    pub(crate) fn new(body: R) -> Self {
        HEAD.set(true);
        Self(body)
    }
}

impl<R: io::Read> io::Read for Noting<R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(target)?;
        UNUSED.set(0);
        Ok(count)
    }
}

/// An agent whose connections tell when something is written.
pub(crate) fn agent(config: Config) -> Agent {
    Agent::with_parts(config, Telling(DefaultConnector::default()), Resolving(DefaultResolver::default()))
}

/// ureq's own resolver. Its errors say that they are about the name.
#[derive(Debug)]
struct Resolving(DefaultResolver);

impl Resolver for Resolving {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        self.0.resolve(uri, config, timeout).map_err(|error| match error {
            Error::Io(io) => Error::Io(io::Error::new(io.kind(), Unresolved(io))),
            other => other,
        })
    }
}

/// ureq's own chain of connectors. For a tunnel, the chain runs within itself, to connect to the proxy.
#[derive(Debug)]
struct Telling(DefaultConnector);

impl Connector<()> for Telling {
    type Out = Told;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<Told>, Error> {
        let to_proxy = CONNECTING.replace(true);
        let made = self.0.connect(details, chained);
        CONNECTING.set(to_proxy);
        let Some(transport) = made.map_err(|error| proxy::named(error, details, to_proxy))? else { return Ok(None) };
        // Otherwise the proxy's password would be sent unencrypted: ureq checks this for the service only.
        if details.needs_tls() && !transport.is_tls() {
            return Err(Error::TlsRequired);
        }
        let end = match (details.now, details.timeout.after) {
            (time::Instant::Exact(now), Duration::Exact(after)) => now.checked_add(after),
            _ => None,
        };
        UNUSED.set(0);
        Ok(Some(Told { transport, end, to_proxy }))
    }
}

#[derive(Debug)]
struct Told {
    transport: Box<dyn Transport>,
    /// When the connection must be complete.
    end: Option<Instant>,
    /// Whether it carries another connection, a tunnel.
    to_proxy: bool,
}

impl Told {
    /// Limits each read to the time that is left, since ureq allows each read of a proxy's answer the time for all of
    /// them.
    fn rest(&self, mut timeout: NextTimeout) -> NextTimeout {
        if let Some(end) = self.end.filter(|_| CONNECTING.get()) {
            let rest = end.saturating_duration_since(Instant::now());
            timeout.after = Duration::Exact(rest.min(*timeout.after));
        }
        timeout
    }
}

impl Transport for Told {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if !CONNECTING.get() {
            WRITTEN.set(true);
        }
        self.transport.transmit_output(amount, self.rest(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        // What comes through a tunnel is counted once.
        let counts = self.to_proxy == CONNECTING.get();
        if counts && UNUSED.get() > UNUSED_LIMIT {
            let flooded = if HEAD.get() { Flooded::Body } else { Flooded::Head };
            return Err(Error::Other(Box::new(flooded)));
        }
        let before = self.transport.buffers().input().len();
        let more = self.transport.await_input(self.rest(timeout))?;
        if counts {
            let read = self.transport.buffers().input().len().saturating_sub(before);
            UNUSED.set(UNUSED.get().saturating_add(read));
        }
        Ok(more)
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}

/// More came than may come for nothing.
#[derive(Debug)]
pub(crate) enum Flooded {
    /// Before the head of the answer was there.
    Head,
    /// In its body.
    Body,
}

impl fmt::Display for Flooded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Head => "head",
            Self::Body => "body",
        };
        write!(f, "{UNUSED_LIMIT} bytes, and nothing of a {what}")
    }
}

impl StdError for Flooded {}
