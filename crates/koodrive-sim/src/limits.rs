use std::time::Duration;

/// How much a [`Server`](crate::Server) bears of its clients, for [`Simulator::limits`](crate::Simulator::limits).
///
/// Requests with a head of more than 64 KiB, or a body of more than 16 MiB that isn't for the object store, are refused
/// in any case.
///
/// ```
/// use koodrive_sim::{Limits, Server, Simulator};
/// use std::time::Duration;
///
/// let limits = Limits::new().head(Duration::from_secs(5)).connections(10);
/// let server = Server::start(Simulator::new().limits(limits))?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(crate) head: Duration,
    pub(crate) body: Duration,
    pub(crate) write: Duration,
    pub(crate) connections: usize,
    pub(crate) bodies: usize,
    pub(crate) objects: u64,
}

const MOST: usize = tokio::sync::Semaphore::MAX_PERMITS;

impl Limits {
    /// Creates the limits that count unless others are set: a minute for each head and body, half a minute for a client
    /// that takes nothing, 1,024 connections, 256 MiB of bodies, and 1 GiB of files in memory.
    pub const fn new() -> Self {
        Self {
            head: Duration::from_secs(60),
            body: Duration::from_secs(60),
            write: Duration::from_secs(30),
            connections: 1024,
            bodies: 256 << 20,
            objects: 1 << 30,
        }
    }

    /// Sets how long a connection may take until it is set up, or until the next request's head has arrived. After that
    /// it is closed, so this is also how long a connection may be idle.
    #[must_use]
    pub const fn head(mut self, time: Duration) -> Self {
        self.head = time;
        self
    }

    /// Sets how long the body of a request may take to arrive, or how long nothing may arrive of a part for the object
    /// store. After that, the request is refused with HTTP 408, or the part with HTTP 400.
    #[must_use]
    pub const fn body(mut self, time: Duration) -> Self {
        self.body = time;
        self
    }

    /// Sets how long a client may take nothing of its answer, or go on sending after its last one. After that, the
    /// connection is closed.
    #[must_use]
    pub const fn write(mut self, time: Duration) -> Self {
        self.write = time;
        self
    }

    /// Sets how many bytes of files are kept in memory, in a simulator that has no directory for them. More are refused
    /// with HTTP 507, which names this limit. What is sent takes room as it arrives, and a part that is sent again
    /// takes room beside the first one until it is there. A simulator that was [opened](crate::Simulator::open) on a
    /// directory keeps them there, without a limit of its own.
    #[must_use]
    pub const fn objects(mut self, bytes: u64) -> Self {
        self.objects = bytes;
        self
    }

    /// Sets how many connections are served at a time, at least one. Others wait until one of them ends.
    #[must_use]
    pub const fn connections(mut self, count: usize) -> Self {
        self.connections = if count == 0 { 1 } else { count };
        self
    }

    /// Sets how many bytes the bodies of all requests may have that arrive or are answered at a time. Another body is
    /// refused with HTTP 503, unless it has at most 64 KiB. At most four of them are read as JSON at a time, which
    /// takes several times as much memory.
    #[must_use]
    pub const fn bodies(mut self, bytes: usize) -> Self {
        // A semaphore has no more places.
        self.bodies = if bytes > MOST { MOST } else { bytes };
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
