//! Whether anything of a request was written to its connection before that failed.
//!
//! ureq's errors don't tell: "no route to host" comes from connecting, but also from a connection that was used before, once
//! the system gives up on it. So the last link of the connector chain wraps each connection, new or pooled, and notes when
//! bytes of a request go into it. ureq does all of a request on the calling thread, which is where the note is kept.
//!
//! This uses ureq's `unversioned` module, which may change in a minor release; its changelog tells of no such change from 3.0
//! to 3.5 in what is used here.

use std::cell::Cell;

use ureq::config::Config;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport};
use ureq::{Agent, Error};

thread_local! {
    static WRITTEN: Cell<bool> = const { Cell::new(false) };
}

/// A request begins.
pub(crate) fn start() {
    WRITTEN.set(false);
}

/// Whether anything was written since then.
pub(crate) fn anything() -> bool {
    WRITTEN.get()
}

/// An agent whose connections tell.
pub(crate) fn agent(config: Config) -> Agent {
    Agent::with_parts(config, DefaultConnector::default().chain(Telling), DefaultResolver::default())
}

/// The last link of the chain, behind TLS: what it sees is the request and not the handshake.
#[derive(Debug)]
struct Telling;

impl<In: Transport> Connector<In> for Telling {
    type Out = Told<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Told<In>>, Error> {
        Ok(chained.map(Told))
    }
}

#[derive(Debug)]
struct Told<T>(T);

impl<T: Transport> Transport for Told<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        WRITTEN.set(true);
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
