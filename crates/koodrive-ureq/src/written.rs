//! Whether anything of a request was written to its connection before that failed.
//!
//! ureq's errors don't tell: "no route to host" comes from connecting, but also from a connection that was used before,
//! once the system gives up on it. So the connector wraps each connection, new or pooled, and notes when bytes of a
//! request go into it; not what goes into it while it is made, TLS handshakes and the CONNECT to a proxy. ureq does all
//! of a request on the calling thread, which is where the note is kept.
//!
//! This uses ureq's `unversioned` module, which may change in a minor release; its changelog tells of no such change
//! from 3.0 to 3.5 in what is used here.

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

/// A request begins.
pub(crate) fn start() {
    WRITTEN.set(false);
    CONNECTING.set(false);
}

/// Whether anything was written since then.
pub(crate) fn anything() -> bool {
    WRITTEN.get()
}

/// An agent whose connections tell.
pub(crate) fn agent(config: Config) -> Agent {
    Agent::with_parts(config, Telling(DefaultConnector::default()), DefaultResolver::default())
}

/// ureq's own chain of connectors. For a tunnel it is run within itself, to connect to the proxy.
#[derive(Debug)]
struct Telling(DefaultConnector);

impl Connector<()> for Telling {
    type Out = Told;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<Told>, Error> {
        let to_proxy = CONNECTING.replace(true);
        let made = self.0.connect(details, chained);
        CONNECTING.set(to_proxy);
        let Some(transport) = made.map_err(|error| proxy::named(error, details, to_proxy))? else { return Ok(None) };
        // Without it the proxy's password would go out in the clear, which ureq looks at for the service only.
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
    /// When it must be connected.
    end: Option<Instant>,
}

impl Told {
    /// ureq gives each read of a proxy's answer the time that there was for all of it.
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
