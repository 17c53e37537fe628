//! Faults: what goes wrong between a client and a service that works.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use koodrive_proto::InvalidParam;
use koodrive_proto::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use koodrive_proto::http::{HeaderValue, Response, StatusCode};

use crate::mix::mix;
use crate::reply::Refusal;

/// What can go wrong with a request, or with a whole connection.
///
/// What is executed is executed as without the fault, refusals included, and the ledger has it at once. A connection is
/// reset with a TCP RST, so that the client gets an error and no orderly end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// `refuse`: the connection is reset as soon as it is accepted, before a byte of it is read, and before TLS. It is drawn
    /// for each connection instead of each request, and is in no ledger.
    Refuse,
    /// `reset-before`: the request is read and not executed, and the connection is reset.
    ResetBefore,
    /// `reset-after`: the request is executed, and the connection is reset without an answer.
    ResetAfter,
    /// `throttle`: not executed, but answered with HTTP 429, Retry-After and the gateway's `APIGW.0308`.
    Throttle,
    /// `unavailable`: not executed, but answered with HTTP 503 and a page of HTML.
    Unavailable,
    /// `slow`: executed, and answered later. What the simulator refuses is answered at once.
    Slow,
    /// `truncate`: executed; the answer ends with the connection, after half of the body that Content-Length announces.
    Truncate,
    /// `wrong-length`: executed; Content-Length announces half of the body. All of it is sent, then the connection ends, as
    /// `connection: close` has announced.
    WrongLength,
    /// `garbage`: executed, but answered with HTTP 200 and a body that is neither JSON nor UTF-8.
    Garbage,
    /// `gateway-timeout`: executed, but answered with HTTP 504 and a page of HTML, as by a gateway that didn't wait for it.
    GatewayTimeout,
}

impl Fault {
    /// All of them.
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

    /// Its name, as `reset-before`.
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

    /// Whether the request is executed all the same.
    pub const fn executes(self) -> bool {
        !matches!(self, Self::Refuse | Self::ResetBefore | Self::Throttle | Self::Unavailable)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which faults happen how often: a plan for [`Simulator::faults`](crate::Simulator::faults).
///
/// The same seed brings the same faults. For a request with an X-Traceid its fault follows from that id and from how often it
/// was there before, so it is the same whatever else happens at the same time; for others, and for connections, from how many
/// there were. The latest 50,000 trace ids are remembered, at least.
///
/// ```
/// use koodrive_sim::{Fault, Faults};
/// use std::time::Duration;
///
/// let faults = Faults::new(7).rate(Fault::ResetAfter, 0.05).rate(Fault::Slow, 0.1).slow_by(Duration::from_millis(250));
/// assert_eq!("reset-after=5%,slow=10%,slow-by=250ms,seed=7".parse(), Ok(faults));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    seed: u64,
    /// In the order of [`Fault::ALL`].
    rates: [f64; Fault::ALL.len()],
    slow_by: Duration,
    retry_after: Duration,
}

impl Faults {
    /// Nothing happens yet.
    pub const fn new(seed: u64) -> Self {
        let second = Duration::from_secs(1);
        Self { seed, rates: [0.0; Fault::ALL.len()], slow_by: second, retry_after: second }
    }

    /// Sets the share of requests that a fault hits, from 0.0 to 1.0; of connections, for [`Fault::Refuse`].
    ///
    /// # Panics
    /// If it is another number, or if the shares of all faults are more than 1.0 together.
    #[must_use]
    pub fn rate(mut self, fault: Fault, share: f64) -> Self {
        self.set(fault, share);
        self.assert_possible(share)
    }

    /// Spreads a share of requests evenly over all faults, whatever was set before.
    ///
    /// # Panics
    /// If it is no number from 0.0 to 1.0.
    #[must_use]
    pub fn all(mut self, share: f64) -> Self {
        self.set_all(share);
        self.assert_possible(share)
    }

    /// How long [`Fault::Slow`] waits; 1 s unless set.
    #[must_use]
    pub const fn slow_by(mut self, delay: Duration) -> Self {
        self.slow_by = delay;
        self
    }

    /// The Retry-After of [`Fault::Throttle`], rounded up to whole seconds; 1 s unless set.
    #[must_use]
    pub const fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = delay;
        self
    }

    fn set(&mut self, fault: Fault, share: f64) {
        for (other, rate) in Fault::ALL.into_iter().zip(&mut self.rates) {
            if other == fault {
                *rate = share;
            }
        }
    }

    fn set_all(&mut self, share: f64) {
        self.rates = [share / 10.0; Fault::ALL.len()];
    }

    /// The shares together, up to what adding them up loses.
    fn too_many(&self) -> bool {
        self.rates.iter().sum::<f64>() > 1.0 + 1e-9
    }

    fn assert_possible(self, share: f64) -> Self {
        assert!((0.0..=1.0).contains(&share), "a share of {share}: allowed are 0.0 to 1.0");
        assert!(!self.too_many(), "the shares of all faults are more than 1.0 together");
        self
    }

    /// The fault of a request that was there so often before.
    fn draw(&self, key: u64, before: u64) -> Option<Fault> {
        let mut left = share(self.seed, key, before);
        Fault::ALL.into_iter().zip(self.rates).filter(|(fault, _)| *fault != Fault::Refuse).find_map(|(fault, rate)| {
            left -= rate;
            (left < 0.0).then_some(fault)
        })
    }

    fn refuses(&self, connection: u64) -> bool {
        share(self.seed, CONNECTIONS, connection) < self.rates[0]
    }
}

/// In place of a trace id's key.
const CONNECTIONS: u64 = 1;
const WITHOUT_ID: u64 = 2;

/// A trace id as a number; that two have one is as unlikely as that it matters.
fn key(trace_id: &[u8]) -> u64 {
    trace_id.iter().fold(0, |key, byte| mix(key ^ u64::from(*byte)))
}

/// A number from 0.0 to less than 1.0.
fn share(seed: u64, key: u64, count: u64) -> f64 {
    let number = mix(mix(mix(seed) ^ key) ^ count);
    f64::from((number >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}

/// A fault that hits a request, with what the plan says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) fault: Fault,
    pub(crate) slow_by: Duration,
    retry_after: Duration,
}

impl Hit {
    /// What is answered instead of executing the request.
    pub(crate) fn instead(&self, number: u64) -> Response<Bytes> {
        match self.fault {
            Fault::Throttle => {
                let mut response = Refusal::new("APIGW.0308", "").into_response(number);
                let whole = u64::from(self.retry_after.subsec_nanos() > 0);
                let seconds = self.retry_after.as_secs().saturating_add(whole);
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
                response
            }
            Fault::Unavailable => html(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
            // Nobody gets this one; nginx notes this number where it closes a connection without an answer.
            _ => html(StatusCode::from_u16(444).unwrap_or(StatusCode::SERVICE_UNAVAILABLE), b""),
        }
    }
}

const UNAVAILABLE: &[u8] = b"<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n\
    <center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// How a connection ends that a fault breaks.
#[derive(Debug)]
pub(crate) enum Broken {
    Reset,
    /// After these bytes.
    Bytes(Vec<u8>),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken by a fault")
    }
}

impl std::error::Error for Broken {}

/// What becomes of an answer.
pub(crate) fn spoil(fault: Fault, mut response: Response<Bytes>) -> Result<Response<Bytes>, Broken> {
    let body = response.body().clone();
    let half = body.len() / 2;
    match fault {
        Fault::ResetBefore | Fault::ResetAfter => Err(Broken::Reset),
        Fault::Truncate => Err(Broken::Bytes(raw(&response, body.len(), &body[..half]))),
        Fault::WrongLength => {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            Err(Broken::Bytes(raw(&response, half, &body)))
        }
        Fault::Garbage | Fault::GatewayTimeout => {
            let (status, body) = match fault {
                Fault::Garbage => (StatusCode::OK, GARBAGE),
                _ => (StatusCode::GATEWAY_TIMEOUT, GATEWAY_TIMEOUT),
            };
            *response.status_mut() = status;
            *response.body_mut() = Bytes::from_static(body);
            response.headers_mut().insert(CONTENT_TYPE, HTML);
            Ok(response)
        }
        Fault::Refuse | Fault::Throttle | Fault::Unavailable | Fault::Slow => Ok(response),
    }
}

/// An answer as it goes over the wire, with a Content-Length that need not be right.
fn raw(response: &Response<Bytes>, announced: usize, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\ncontent-length: {announced}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

const HTML: HeaderValue = HeaderValue::from_static("text/html");

const GATEWAY_TIMEOUT: &[u8] = b"<html><head><title>504 Gateway Time-out</title></head></html>\r\n";

/// Half a page, and bytes that are no text.
const GARBAGE: &[u8] = b"<html><body>{\"code\": 0, \xff\xfe\x00\x9f";

fn html(status: StatusCode, body: &'static [u8]) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HTML);
    response
}

/// A plan, and how far it got.
#[derive(Debug)]
pub(crate) struct Progress {
    faults: Faults,
    connections: u64,
    without_id: u64,
    seen: Seen,
}

impl Progress {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults, connections: 0, without_id: 0, seen: Seen::default() }
    }

    pub(crate) fn connection(&mut self) -> bool {
        self.connections += 1;
        self.faults.refuses(self.connections)
    }

    pub(crate) fn request(&mut self, trace_id: Option<&[u8]>) -> Option<Hit> {
        let fault = if let Some(trace_id) = trace_id {
            let key = key(trace_id);
            self.faults.draw(key, self.seen.count(key))
        } else {
            self.without_id += 1;
            self.faults.draw(WITHOUT_ID, self.without_id)
        };
        let Faults { slow_by, retry_after, .. } = self.faults;
        fault.map(|fault| Hit { fault, slow_by, retry_after })
    }
}

/// How often each trace id was there. Of two halves the older one is forgotten when the younger one is full.
#[derive(Debug, Default)]
struct Seen {
    young: HashMap<u64, u64>,
    old: HashMap<u64, u64>,
}

impl Seen {
    const HALF: usize = 50_000;

    /// How often it was there before.
    fn count(&mut self, key: u64) -> u64 {
        if self.young.len() >= Self::HALF && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        let count = self.young.entry(key).or_insert_with(|| self.old.get(&key).copied().unwrap_or(0));
        *count += 1;
        *count - 1
    }
}

impl FromStr for Faults {
    type Err = InvalidParam;

    /// Reads `NAME=VALUE,…`: a share as `5%` for a fault or for `all` of them, `slow-by` and `retry-after` as `250ms` or `2s`,
    /// `seed` as a whole number (0 unless set). Of two values for one thing the later one counts.
    fn from_str(spec: &str) -> Result<Self, InvalidParam> {
        let mut faults = Self::new(0);
        for item in spec.split(',').map(str::trim) {
            let (name, value) = item.split_once('=').ok_or_else(|| {
                InvalidParam::new("fault", format!("`{item}`"), "NAME=VALUE, with commas between them")
            })?;
            match name {
                "seed" => faults.seed = read(name, value, "a whole number", |value| value.parse().ok())?,
                "slow-by" => faults.slow_by = read(name, value, TIME, time)?,
                "retry-after" => faults.retry_after = read(name, value, TIME, time)?,
                "all" => faults.set_all(read(name, value, PERCENT, percent)?),
                name => {
                    let known = Fault::ALL.into_iter().find(|fault| fault.as_str() == name);
                    let fault = known.ok_or_else(|| {
                        let names = Fault::ALL.map(Fault::as_str).join(", ");
                        let allowed = format!("{names}, all, slow-by, retry-after, seed");
                        InvalidParam::new("fault", format!("`{name}`"), allowed)
                    })?;
                    faults.set(fault, read(name, value, PERCENT, percent)?);
                }
            }
        }
        if faults.too_many() {
            let sum = (faults.rates.iter().sum::<f64>() * 100_000.0).round() / 1000.0;
            return Err(InvalidParam::new("fault", format!("{sum}% together"), "at most 100% for all faults together"));
        }
        Ok(faults)
    }
}

const TIME: &str = "whole milliseconds or seconds, as 250ms or 2s";
const PERCENT: &str = "0% to 100%";

fn read<T>(name: &str, value: &str, allowed: &'static str, read: fn(&str) -> Option<T>) -> Result<T, InvalidParam> {
    read(value).ok_or_else(|| InvalidParam::new(name.to_owned(), format!("`{value}`"), allowed))
}

fn percent(value: &str) -> Option<f64> {
    let percent: f64 = value.strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

fn time(value: &str) -> Option<Duration> {
    match value.strip_suffix("ms") {
        Some(value) => value.parse().ok().map(Duration::from_millis),
        None => value.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(spec: &str) -> Faults {
        spec.parse().unwrap()
    }

    #[test]
    fn shares_are_near_their_rates() {
        const DRAWS: u32 = 10_000;
        let plan = Faults::new(7).rate(Fault::ResetAfter, 0.05).rate(Fault::Throttle, 0.1).rate(Fault::Refuse, 0.2);
        let share = |count: usize| f64::from(u32::try_from(count).unwrap()) / f64::from(DRAWS);
        // Four standard deviations of the widest are 0.016.
        let near = |count: usize, rate: f64| assert!((share(count) - rate).abs() < 0.016, "{count} for {rate}");
        for drawn in [
            // Requests without an id, with one id each, and all with the same.
            (0..DRAWS).map(|number| plan.draw(WITHOUT_ID, number.into())).collect::<Vec<_>>(),
            (0..DRAWS).map(|number| plan.draw(key(format!("{number:058}").as_bytes()), 0)).collect(),
            (0..DRAWS).map(|number| plan.draw(key(&[b'a'; 58]), number.into())).collect(),
        ] {
            let count = |fault| drawn.iter().filter(|drawn| **drawn == fault).count();
            near(count(Some(Fault::ResetAfter)), 0.05);
            near(count(Some(Fault::Throttle)), 0.1);
            near(count(None), 0.85);
            assert_eq!(count(Some(Fault::Refuse)), 0);
        }
        near((0..DRAWS).filter(|number| plan.refuses((*number).into())).count(), 0.2);
        let plan = Faults::new(7).all(0.9);
        let drawn: Vec<_> = (0..DRAWS).map(|number| plan.draw(WITHOUT_ID, number.into())).collect();
        for fault in &Fault::ALL[1..] {
            near(drawn.iter().filter(|drawn| **drawn == Some(*fault)).count(), 0.1);
        }
    }

    #[test]
    fn always_and_never() {
        for fault in &Fault::ALL[1..] {
            let plan = Faults::new(1).rate(*fault, 1.0);
            assert!((0..1000).all(|number| plan.draw(WITHOUT_ID, number) == Some(*fault) && !plan.refuses(number)));
        }
        let plan = Faults::new(1).rate(Fault::Refuse, 1.0);
        assert!((0..1000).all(|number| plan.draw(WITHOUT_ID, number).is_none() && plan.refuses(number)));
        let plan = Faults::new(1).all(1.0).all(0.0);
        assert!((0..1000).all(|number| plan.draw(WITHOUT_ID, number).is_none() && !plan.refuses(number)));
    }

    /// The same for one id in any order among others, and another with another seed.
    #[test]
    fn what_hits_an_id_follows_from_seed_id_and_count() {
        let ids: Vec<String> = (0..100).map(|number| format!("{number:058}")).collect();
        let draw = |spec: &str, order: &[usize]| {
            let mut progress = Progress::new(faults(spec));
            let mut drawn = vec![Vec::new(); ids.len()];
            for at in order {
                drawn[*at].push(progress.request(Some(ids[*at].as_bytes())));
                progress.request(None);
            }
            drawn
        };
        let forward: Vec<usize> = (0..300).map(|number| number % 100).collect();
        let grouped: Vec<usize> = (0..300).map(|number| 99 - number / 3).collect();
        let drawn = draw("all=50%,seed=7", &forward);
        assert_eq!(draw("all=50%,seed=7", &grouped), drawn);
        assert_ne!(draw("all=50%,seed=8", &forward), drawn);
        // Three times the same isn't always the same.
        assert!(drawn.iter().any(|times| times[0] != times[1]) && drawn.iter().any(|times| times[1] != times[2]));
    }

    #[test]
    fn what_was_seen_is_bounded() {
        let mut seen = Seen::default();
        let half = u64::try_from(Seen::HALF).unwrap();
        assert_eq!((seen.count(0), seen.count(0)), (0, 1));
        for key in 1..half {
            assert_eq!(seen.count(key), 0);
        }
        // It moves to the older half and back.
        assert_eq!((seen.count(half), seen.count(0), seen.count(0)), (0, 2, 3));
        for key in half + 1..10 * half {
            assert_eq!(seen.count(key), 0);
            assert!(seen.young.len() <= Seen::HALF && seen.old.len() <= Seen::HALF);
        }
        assert_eq!(seen.count(0), 0);
    }

    #[test]
    fn specs() {
        let second = Duration::from_secs(1);
        assert_eq!(faults("all=30%,seed=7"), Faults::new(7).all(0.3));
        assert_eq!(
            faults("reset-after=5%, throttle=10% ,slow-by=250ms,retry-after=0s,seed=18446744073709551615"),
            Faults::new(u64::MAX)
                .rate(Fault::ResetAfter, 0.05)
                .rate(Fault::Throttle, 0.1)
                .slow_by(second / 4)
                .retry_after(Duration::ZERO),
        );
        for fault in Fault::ALL {
            assert_eq!(faults(&format!("{fault}=12.5%")), Faults::new(0).rate(fault, 0.125));
        }
        // Later ones count, and only all of it has to fit.
        assert_eq!(faults("slow=60%,all=90%,slow=0%"), Faults::new(0).all(0.9).rate(Fault::Slow, 0.0));
        assert_eq!(faults("all=100%"), Faults::new(0).all(1.0));

        for (spec, message) in [
            ("", "fault: got ``, allowed: NAME=VALUE, with commas between them"),
            ("all", "fault: got `all`, allowed: NAME=VALUE, with commas between them"),
            ("all=30", "all: got `30`, allowed: 0% to 100%"),
            ("all=101%", "all: got `101%`, allowed: 0% to 100%"),
            ("slow=-1%", "slow: got `-1%`, allowed: 0% to 100%"),
            ("slow=NaN%", "slow: got `NaN%`, allowed: 0% to 100%"),
            ("slow-by=5", "slow-by: got `5`, allowed: whole milliseconds or seconds, as 250ms or 2s"),
            ("retry-after=1.5s", "retry-after: got `1.5s`, allowed: whole milliseconds or seconds, as 250ms or 2s"),
            ("seed=x", "seed: got `x`, allowed: a whole number"),
            ("slow=60%,garbage=50%", "fault: got 110% together, allowed: at most 100% for all faults together"),
            (
                "Slow=5%",
                "fault: got `Slow`, allowed: refuse, reset-before, reset-after, throttle, unavailable, slow, truncate, \
                 wrong-length, garbage, gateway-timeout, all, slow-by, retry-after, seed",
            ),
        ] {
            assert_eq!(spec.parse::<Faults>().unwrap_err().to_string(), message);
        }
    }

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
