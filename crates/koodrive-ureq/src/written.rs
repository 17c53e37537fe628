//! Tells whether any byte of a request was written to its connection before the connection failed.
//!
//! ureq's errors don't say that: "no route to host" comes from connecting, but also from a connection that was used
//! before, once the system gives up on it. So the connector wraps each connection, new or pooled, and notes when bytes
//! of a request are written to it. Bytes that are written while the connection is made, for TLS handshakes and the
//! CONNECT to a proxy, don't count. ureq handles a request entirely on the calling thread, so the note is kept in a
//! thread-local variable.
//!
//! This uses ureq's `unversioned` module, which may change in a minor release. From 3.0 to 3.5, its changelog mentions
//! no change to what is used here.

use std::cell::Cell;
use std::time::Instant;

use ureq::config::Config;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::time::{self, Duration};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport};
use ureq::{Agent, Error};

use crate::proxy;

thread_local! {
    static WRITTEN: Cell<bool> = const { Cell::new(false) };
    static CONNECTING: Cell<bool> = const { Cell::new(false) };
}

/// Begins a request: nothing was written yet.
pub(crate) fn start() {
    WRITTEN.set(false);
    CONNECTING.set(false);
}

/// Whether anything was written since then.
pub(crate) fn anything() -> bool {
    WRITTEN.get()
}

/// An agent whose connections tell when something is written.
pub(crate) fn agent(config: Config) -> Agent {
    Agent::with_parts(config, Telling(DefaultConnector::default()), DefaultResolver::default())
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
        Ok(Some(Told { transport, end }))
    }
}

#[derive(Debug)]
struct Told {
    transport: Box<dyn Transport>,
    /// When the connection must be complete.
    end: Option<Instant>,
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
        self.transport.await_input(self.rest(timeout))
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}
