//! Faults: what can go wrong between a client and a service that works.

mod draw;
mod spec;
mod spoil;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use koodrive_proto::ops;

use crate::storage::http::OPERATIONS;

pub(crate) use draw::{Hit, Progress};
pub(crate) use spec::percent;
pub(crate) use spoil::{Broken, head, spoil};

/// What can go wrong with a request, or with a whole connection.
///
/// A request that is executed is executed as it would be without the fault, refusals included, and the ledger has it at
/// once. A connection is reset with a TCP RST, so that the client gets an error instead of an orderly end. Requests to
/// the object store meet the same faults; their bodies aren't read if they are not executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// `refuse`: the connection is reset as soon as it is accepted, before a byte of it is read, and before TLS. This
    /// fault is drawn for each connection instead of each request, and isn't recorded in the ledger.
    Refuse,
    /// `reset-before`: the request is read but not executed, and the connection is reset.
    ResetBefore,
    /// `reset-after`: the request is executed, and the connection is reset without an answer.
    ResetAfter,
    /// `throttle`: the request is not executed, but answered with HTTP 429, Retry-After and the gateway's `APIGW.0308`,
    /// or by the object store with HTTP 503 and `SlowDown`.
    Throttle,
    /// `unavailable`: the request is not executed, but answered with HTTP 503 and a page of HTML, or
    /// the object store's `ServiceUnavailable`.
    Unavailable,
    /// `slow`: the request is executed, and answered later. If the simulator refuses it, it is answered at once.
    Slow,
    /// `truncate`: the request is executed. The connection ends after half of the body that Content-Length announces,
    /// or after half of the head if no body follows, as to HEAD and to a part that was stored.
    Truncate,
    /// `wrong-length`: the request is executed. Content-Length announces only half of the body, but all of it is sent.
    /// Then the connection ends, as `connection: close` has announced. Without a body, it is as [`Self::Truncate`].
    WrongLength,
    /// `garbage`: the request is executed, but answered with HTTP 200 and a body that is neither JSON nor UTF-8.
    Garbage,
    /// `gateway-timeout`: the request is executed, but answered with HTTP 504 and a page of HTML, as by a gateway that
    /// didn't wait.
    GatewayTimeout,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 10] = [
        Self::Refuse,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Throttle,
        Self::Unavailable,
        Self::Slow,
        Self::Truncate,
        Self::WrongLength,
        Self::Garbage,
        Self::GatewayTimeout,
    ];

    /// Returns the fault's name, for example `reset-before`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
            Self::Throttle => "throttle",
            Self::Unavailable => "unavailable",
            Self::Slow => "slow",
            Self::Truncate => "truncate",
            Self::WrongLength => "wrong-length",
            Self::Garbage => "garbage",
            Self::GatewayTimeout => "gateway-timeout",
        }
    }

    /// Returns whether the request is executed in spite of the fault.
    pub const fn executes(self) -> bool {
        !matches!(self, Self::Refuse | Self::ResetBefore | Self::Throttle | Self::Unavailable)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Shares in the order of [`Fault::ALL`].
type Rates = [f64; Fault::ALL.len()];

/// A plan of which faults occur how often, for [`Simulator::faults`](crate::Simulator::faults).
///
/// The same seed brings the same faults. If a request has an X-Traceid, its fault depends on that id and on how often
/// the id was seen before, so it is the same whatever else happens at the same time. For other requests, and for
/// connections, it depends on how many there were before. At least the latest 50,000 trace ids are remembered.
///
/// ```
/// use koodrive_sim::{Fault, Faults};
/// use std::time::Duration;
///
/// let faults = Faults::new(7).rate(Fault::ResetAfter, 0.05).rate(Fault::Slow, 0.1);
/// let faults = faults.slow_by(Duration::from_millis(250));
/// assert_eq!("reset-after=5%,slow=10%,slow-by=250ms,seed=7".parse(), Ok(faults));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    seed: u64,
    rates: Rates,
    /// Those of single operations, which count in place of the ones above.
    own: BTreeMap<&'static str, Rates>,
    slow_by: Duration,
    retry_after: Duration,
}

impl Faults {
    /// Creates a plan without any faults.
    pub const fn new(seed: u64) -> Self {
        let second = Duration::from_secs(1);
        Self { seed, rates: [0.0; Fault::ALL.len()], own: BTreeMap::new(), slow_by: second, retry_after: second }
    }

    /// Sets the share of requests that a fault hits, from 0.0 to 1.0; for [`Fault::Refuse`], the share of connections.
    ///
    /// # Panics
    /// Panics if the share isn't from 0.0 to 1.0, or if the shares of all faults add up to more than 1.0.
    #[must_use]
    pub fn rate(mut self, fault: Fault, share: f64) -> Self {
        self.set(fault, share);
        self.assert_possible(share)
    }

    /// Sets the share of an operation's requests that a fault hits, by a name as in the [ledger](crate::Entry): for
    /// example, that no answer to `CompleteFile` arrives. The faults of this operation are those that are set so, and
    /// no others. The object store's operations are `PutPart`, `GetObject` and `HeadObject`.
    ///
    /// ```
    /// use koodrive_sim::{Fault, Faults};
    ///
    /// let faults = Faults::new(7).rate_of("CompleteFile", Fault::ResetAfter, 1.0);
    /// assert_eq!("reset-after@CompleteFile=100%,seed=7".parse(), Ok(faults));
    /// ```
    ///
    /// # Panics
    /// Panics as [`rate`](Self::rate) does, if there is no such operation, and for [`Fault::Refuse`].
    #[must_use]
    pub fn rate_of(mut self, operation: &str, fault: Fault, share: f64) -> Self {
        assert_ne!(fault, Fault::Refuse, "a connection is refused before its operation is known");
        let known = self.set_of(operation, fault, share);
        assert!(known, "no operation is called {operation}");
        self.assert_possible(share)
    }

    /// Spreads a share of requests evenly over all faults, and replaces all shares that were set before.
    ///
    /// # Panics
    /// Panics if the share isn't a number from 0.0 to 1.0.
    #[must_use]
    pub fn all(mut self, share: f64) -> Self {
        self.set_all(share);
        self.assert_possible(share)
    }

    /// Sets how long [`Fault::Slow`] delays the answer; 1 s unless set.
    #[must_use]
    pub const fn slow_by(mut self, delay: Duration) -> Self {
        self.slow_by = delay;
        self
    }

    /// Sets the Retry-After of [`Fault::Throttle`], rounded up to whole seconds; 1 s unless set.
    #[must_use]
    pub const fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = delay;
        self
    }

    fn set(&mut self, fault: Fault, share: f64) {
        put(&mut self.rates, fault, share);
    }

    /// Returns whether there is such an operation.
    fn set_of(&mut self, operation: &str, fault: Fault, share: f64) -> bool {
        let names = ops::ALL.iter().map(|meta| meta.name).chain(OPERATIONS.map(|(_, name)| name));
        let Some(name) = names.into_iter().find(|name| *name == operation) else { return false };
        put(self.own.entry(name).or_insert([0.0; Fault::ALL.len()]), fault, share);
        true
    }

    fn set_all(&mut self, share: f64) {
        self.rates = [share / 10.0; Fault::ALL.len()];
    }

    /// The sum of shares that is more than 1, apart from what rounding loses.
    fn too_many(&self) -> Option<f64> {
        let sums = self.own.values().chain([&self.rates]).map(|rates| rates.iter().sum::<f64>());
        sums.into_iter().find(|sum| *sum > 1.0 + 1e-9)
    }

    fn assert_possible(self, share: f64) -> Self {
        assert!((0.0..=1.0).contains(&share), "a share of {share}: allowed are 0.0 to 1.0");
        assert!(self.too_many().is_none(), "the shares of all faults are more than 1.0 together");
        self
    }
}

fn put(rates: &mut Rates, fault: Fault, share: f64) {
    for (other, rate) in Fault::ALL.into_iter().zip(rates) {
        if other == fault {
            *rate = share;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "the shares of all faults are more than 1.0 together")]
    fn more_than_everything() {
        let _ = Faults::new(0).rate(Fault::Slow, 0.6).rate(Fault::Garbage, 0.5);
    }

    #[test]
    #[should_panic(expected = "a share of NaN: allowed are 0.0 to 1.0")]
    fn no_share() {
        let _ = Faults::new(0).rate(Fault::Slow, f64::NAN);
    }
}
