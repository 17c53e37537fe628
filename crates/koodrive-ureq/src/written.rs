//! Tells whether any byte of a request was written to its connection before the connection failed, and ends what has
//! no end.
//!
//! ureq's errors don't say the former: "no route to host" comes from connecting, but also from a connection that was
//! used before, once the system gives up on it. So the connector wraps each connection, and the wrapper stays on it in
//! the pool: it notes when bytes of a request are written. Bytes that are written while the connection is made, for TLS
//! handshakes and the CONNECT to a proxy, don't count. ureq handles a request and its answer entirely on the calling
//! thread, so the notes are kept in a thread-local variable; a middleware may run another exchange in between.
//!
//! The wrapper also follows how far the answer got: ureq reads interim answers, trailers and chunk extensions without
//! limit, and takes a connection that breaks for the end of an answer without a length.
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
use ureq::{Agent, Error, Timeout};

use crate::failure::Unresolved;
use crate::progress::Progress;
use crate::proxy;

/// How many bytes may come without the head or the body of the answer having got further: as many as ureq accepts of a
/// head.
const UNUSED_LIMIT: usize = 64 * 1024;

/// What is known of the exchange that a thread runs.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is seen at another place")]
struct Notes {
    connecting: bool,
    /// Whether it got as far as our connections. A caller's middleware may have sent it elsewhere.
    ours: bool,
    written: bool,
    /// Whether the server didn't say in time whether it wants the body.
    unheard: bool,
}

thread_local! {
    static NOTES: Cell<Notes> =
        const { Cell::new(Notes { connecting: false, ours: false, written: false, unheard: false }) };
}

fn note(change: impl FnOnce(&mut Notes)) {
    let mut notes = NOTES.get();
    change(&mut notes);
    NOTES.set(notes);
}

fn connecting() -> bool {
    NOTES.get().connecting
}

/// What was noted of an exchange.
#[derive(Clone, Copy)]
pub(crate) struct Noted {
    /// Whether it is certain that nothing of it was written.
    pub(crate) unwritten: bool,
    /// Whether the server didn't say in time whether it wants the body.
    pub(crate) unheard: bool,
}

/// Runs an exchange with notes of its own.
pub(crate) fn noting<T>(exchange: impl FnOnce() -> T) -> (T, Noted) {
    let _outer = Outer(NOTES.take());
    let result = exchange();
    let notes = NOTES.get();
    (result, Noted { unwritten: notes.ours && !notes.written, unheard: notes.unheard })
}

/// The notes of the exchange around this one, which get their place back.
struct Outer(Notes);

impl Drop for Outer {
    fn drop(&mut self) {
        NOTES.set(self.0);
    }
}

/// An agent whose connections tell when something is written.
pub(crate) fn agent(config: Config) -> Agent {
    let (per_read, per_write) = (config.timeout_per_read(), config.timeout_per_write());
    let connector = Telling {
        connector: DefaultConnector::default(),
        per_read: per_read.map(Duration::from),
        per_write: per_write.map(Duration::from),
    };
    Agent::with_parts(config, connector, Resolving(DefaultResolver::default()))
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
struct Telling {
    connector: DefaultConnector,
    /// The caller's own.
    per_read: Option<Duration>,
    per_write: Option<Duration>,
}

impl Connector<()> for Telling {
    type Out = Told;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<Told>, Error> {
        let to_proxy = connecting();
        note(|notes| (notes.connecting, notes.ours) = (true, true));
        let made = self.connector.connect(&self.without_idle(details), chained);
        note(|notes| notes.connecting = to_proxy);
        // What the proxy sent behind its answer would be taken for the service's.
        let early = |made: &mut Box<dyn Transport>| !made.buffers().input().is_empty();
        let made = made.and_then(|mut made| {
            let early = made.as_mut().is_some_and(early);
            if early { Err(Error::Other(Box::new(SpokeFirst))) } else { Ok(made) }
        });
        let Some(transport) = made.map_err(|error| proxy::named(error, details, to_proxy))? else { return Ok(None) };
        // Otherwise the proxy's password would be sent unencrypted: ureq checks this for the service only.
        if details.needs_tls() && !transport.is_tls() {
            return Err(Error::TlsRequired);
        }
        let end = match (details.now, details.timeout.after) {
            (time::Instant::Exact(now), Duration::Exact(after)) => now.checked_add(after),
            _ => None,
        };
        let limit = UNUSED_LIMIT.max(details.config.max_response_header_size());
        Ok(Some(Told {
            transport,
            end,
            to_proxy,
            is_tunnel: false,
            limit,
            progress: Progress::default(),
            is_unread: false,
        }))
    }
}

impl Telling {
    /// The idle time is for what comes once there is a connection.
    fn without_idle<'a>(&self, details: &ConnectionDetails<'a>) -> ConnectionDetails<'a> {
        ConnectionDetails {
            addrs: details.addrs.clone(),
            now: details.now,
            timeout: NextTimeout { per_read: self.per_read, per_write: self.per_write, ..details.timeout },
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
            ..*details
        }
    }
}

#[derive(Debug)]
struct Told {
    transport: Box<dyn Transport>,
    /// When the connection must be complete.
    end: Option<Instant>,
    /// Whether it carries another connection, a tunnel.
    to_proxy: bool,
    /// Whether that tunnel is there.
    is_tunnel: bool,
    /// How many bytes may come before and with the head of an answer.
    limit: usize,
    progress: Progress,
    /// Whether something came that ureq may not have looked at as an answer.
    is_unread: bool,
}

impl Told {
    /// Limits each read to the time that is left, since ureq allows each read of a proxy's answer the time for all of
    /// them.
    fn rest(&self, mut timeout: NextTimeout) -> NextTimeout {
        if let Some(end) = self.end.filter(|_| connecting()) {
            let rest = end.saturating_duration_since(Instant::now());
            timeout.after = Duration::Exact(rest.min(*timeout.after));
        }
        timeout
    }

    /// Whether an answer is read here: the service's, or the proxy's to the CONNECT.
    fn is_followed(&self) -> bool {
        self.to_proxy == connecting() && !self.is_tunnel
    }
}

impl Transport for Told {
    fn buffers(&mut self) -> &mut dyn Buffers {
        if !connecting() {
            note(|notes| notes.ours = true);
        }
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if !connecting() {
            note(|notes| notes.written = true);
        }
        if self.is_followed() {
            if self.to_proxy && self.progress.has_head() {
                // What is written now goes through the tunnel.
                self.is_tunnel = true;
                if self.progress.has_more() {
                    return Err(Error::Other(Box::new(SpokeFirst)));
                }
            }
            self.progress = Progress::default();
            self.is_unread = false;
        }
        self.transport.transmit_output(amount, self.rest(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let result = self.follow(timeout);
        if let Err(Error::Timeout(Timeout::Await100)) = result {
            note(|notes| notes.unheard = true);
        }
        result
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}

impl Told {
    fn follow(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if !self.is_followed() {
            return self.transport.await_input(self.rest(timeout));
        }
        let (unused, head) = (self.progress.unused(), self.progress.has_head());
        // ureq leaves an answer that came in place of "100 Continue" where it is, and waits for more before it looks at
        // it as an answer. If it did already, it looks twice.
        if std::mem::replace(&mut self.is_unread, !head) && !self.transport.buffers().input().is_empty() {
            self.is_unread = false;
            return Ok(true);
        }
        if !head && unused > self.limit {
            return Err(Error::Other(Box::new(Flooded::Head)));
        }
        if head && unused > UNUSED_LIMIT {
            return Err(Error::Other(Box::new(Flooded::Body)));
        }
        let before = self.transport.buffers().input().len();
        let more = match self.transport.await_input(self.rest(timeout)) {
            // ureq would take it for the end of an answer without a length.
            Err(Error::Io(io)) if head && is_cut(&io) => return Err(Error::Other(Box::new(Cut(io)))),
            result => result?,
        };
        let input = self.transport.buffers().input();
        self.progress.read(input.get(before..).unwrap_or_default());
        Ok(more)
    }
}

fn is_cut(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// The connection broke after the head of the answer, or ended without TLS having said so.
#[derive(Debug)]
pub(crate) struct Cut(pub(crate) io::Error);

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Cut {}

/// The proxy sent more than its answer to CONNECT.
#[derive(Debug)]
pub(crate) struct SpokeFirst;

impl fmt::Display for SpokeFirst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes behind the answer to CONNECT")
    }
}

impl StdError for SpokeFirst {}

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
