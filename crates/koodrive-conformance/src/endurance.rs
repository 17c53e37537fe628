//! Mixed calls of all operations through both transports at full speed with faults, for as long as one likes: memory,
//! threads and connections must stay as they are, nothing may hang, and the ledger must agree with what the clients
//! got.
//!
//! Run it with `cargo xtask long endurance`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use koodrive_proto::check::FromParams;
use koodrive_proto::error::BoxError;
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::schema::{Auth, Safety};
use koodrive_proto::{
    AccessToken, Api, Call, Credentials, Error, ErrorKind, Meta, Operation, RetryPolicy, Sent, TraceId, operation,
};
use koodrive_sim::{Entry, Fault, Faults, Server};

use crate::company::{self, ADMIN as USER};
use crate::{AnyFlow, Async, Blocking, Transport, Untold};

const TOKEN: &str = "Bearer 6ebb6266";

/// How often each operation is called in a round, and how many calls are under way at the same time.
const TIMES: u64 = 20;
const AT_ONCE: usize = 16;

/// A round takes seconds. One that takes minutes hangs.
const STUCK: Duration = Duration::from_secs(300);

/// Runs rounds until the time is over, and prints figures. Fails if anything isn't as it must be.
pub fn run(time: Duration, seed: u64, out: &mut impl Write) -> Result<(), BoxError> {
    let started = Instant::now();
    let watched = Watch::start();
    let simulator = company::simulator().token(TOKEN, USER);
    let server = Server::start(simulator)?;
    let blocking = Pair::<Blocking>::new(&server, seed)?;
    let asynchronous = Pair::<Async>::new(&server, seed)?;
    let mut rounds = Vec::new();
    let mut totals = Totals::default();
    while started.elapsed() < time || rounds.len() < 8 {
        let number = rounds.len() as u64;
        watched.beat();
        round(&server, &blocking, seed.wrapping_add(number), &mut totals)?;
        watched.beat();
        round(&server, &asynchronous, seed.wrapping_add(number), &mut totals)?;
        // After the storm, everything still works: the same company's life, step by step, through both.
        watched.beat();
        company::walk::<Blocking>(&server)?;
        server.simulator().reset();
        company::walk::<Async>(&server)?;
        server.simulator().reset();
        server.simulator().clear_ledger();
        let usage = Usage::now()?;
        if number % 20 == 0 || number < 3 {
            writeln!(out, "round {number}: {usage}, {:.0} s", started.elapsed().as_secs_f64())?;
        }
        rounds.push(usage);
    }
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    writeln!(out, "{} rounds in {minutes:.1} minutes: {totals}", rounds.len())?;
    is_flat(&rounds, out)
}

/// A transport with a client for each kind of credentials.
struct Pair<T> {
    signing: T,
    token: T,
}

impl<T: Transport> Pair<T> {
    fn new(server: &Server, seed: u64) -> Result<Self, Error> {
        let api = |credentials| Api::new(server.endpoint(), credentials)?.random_seed(seed).agent_name("standard");
        Ok(Self {
            signing: T::new(api(Credentials::app("my-app", "my-secret", USER))?),
            token: T::new(api(Credentials::token(AccessToken::as_issued(TOKEN), USER))?),
        })
    }
}

/// Every operation with its smallest input, again and again, in an order of its own.
fn round<T: Transport>(server: &Server, pair: &Pair<T>, seed: u64, totals: &mut Totals) -> Result<(), BoxError> {
    let simulator = server.simulator();
    let millis = Duration::from_millis;
    simulator.set_faults(Some(Faults::new(seed).all(0.2).slow_by(millis(5)).retry_after(Duration::ZERO)));
    let mut calls = Calls::default();
    ops::visit(&mut calls);
    let mut order: Vec<(&dyn AnyCall, u64)> =
        (0..TIMES * calls.0.len() as u64).zip(calls.0.iter().cycle()).map(|(number, call)| (&**call, number)).collect();
    order.sort_by_key(|(_, number)| (number ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut results = Vec::new();
    for (transport, tokens) in [(&pair.signing, false), (&pair.token, true)] {
        let takes = |call: &dyn AnyCall| matches!(call.meta().auth, Auth::Token | Auth::TokenAlone) == tokens;
        let known: Vec<_> = order.iter().filter(|(call, _)| takes(*call)).collect();
        let flows = known.iter().map(|(call, number)| call.flow(trace_id(seed, *number))).collect();
        results
            .extend(known.iter().map(|(call, number)| (call.meta(), *number)).zip(transport.run_all(flows, AT_ONCE)));
    }
    simulator.set_faults(None);
    // What a client has given up on may still be under way; these calls come after it on the same connections or later.
    let ledger = simulator.ledger();
    let mut by_call: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &ledger {
        by_call.entry(entry.trace_id.as_deref().unwrap_or_default()).or_default().push(entry);
    }
    for ((meta, number), result) in &results {
        let entries = by_call.remove(trace_id(seed, *number).as_str()).unwrap_or_default();
        check(meta, &entries, result).map_err(|what| format!("{} {number}: {what}: {result:?}", meta.name))?;
        totals.count(result, entries.len());
    }
    simulator.reset();
    simulator.clear_ledger();
    if by_call.is_empty() { Ok(()) } else { Err("the ledger has calls that nobody made".into()) }
}

/// Compares what the service executed with what the client got.
fn check(meta: &Meta, entries: &[&Entry], result: &Result<(), Error>) -> Result<(), String> {
    // A date that the clock has left behind is refused before anything runs, and corrected.
    let ran = |entry: &&&Entry| entry.fault.is_none_or(Fault::executes) && entry.status != 401;
    let runs = entries.iter().filter(ran).count();
    if entries.len() > 5 {
        return Err(format!("{} attempts", entries.len()));
    }
    if meta.safety == Safety::Once && runs > 1 {
        return Err(format!("it ran {runs} times"));
    }
    match result {
        Ok(()) if runs == 0 => Err("a result of a call that never ran".to_owned()),
        Err(error) if error.was_sent() == Sent::No && runs > 0 => Err("it ran, but counts as not sent".to_owned()),
        Err(error) if !matches!(error.kind(), ErrorKind::Transport | ErrorKind::Api | ErrorKind::Decode) => {
            Err("another kind of error".to_owned())
        }
        _ => Ok(()),
    }
}

/// An operation with its smallest input.
trait AnyCall: Sync {
    fn meta(&self) -> &'static Meta;

    fn flow(&self, trace_id: TraceId) -> AnyFlow<'_, ()>;
}

struct Smallest<O>(O);

impl<O: Operation<Output: Send> + Sync> AnyCall for Smallest<O> {
    fn meta(&self) -> &'static Meta {
        O::META
    }

    fn flow(&self, trace_id: TraceId) -> AnyFlow<'_, ()> {
        let millis = Duration::from_millis;
        let policy = RetryPolicy::default().first_pause(millis(1)).longest_pause(millis(4));
        Box::new(Untold(Call::new(&self.0).trace_id(trace_id).retry(policy)))
    }
}

/// All operations.
#[derive(Default)]
struct Calls(Vec<Box<dyn AnyCall>>);

impl Visitor for Calls {
    fn operation<O>(&mut self)
    where
        O: Operation<Output: Send> + FromParams + Send + Sync + 'static,
    {
        if let Ok(op) = O::from_params(&operation::example::<O>()) {
            self.0.push(Box::new(Smallest(op)));
        }
    }
}

fn trace_id(seed: u64, number: u64) -> TraceId {
    let mut bytes = [0; 29];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    bytes[8..16].copy_from_slice(&number.to_be_bytes());
    TraceId::from_bytes(bytes)
}

#[derive(Default)]
struct Totals {
    calls: u64,
    requests: usize,
    results: u64,
    refusals: u64,
    failures: u64,
}

impl Totals {
    fn count(&mut self, result: &Result<(), Error>, requests: usize) {
        self.calls += 1;
        self.requests += requests;
        match result {
            Ok(()) => self.results += 1,
            Err(error) if error.kind() == ErrorKind::Api => self.refusals += 1,
            Err(_) => self.failures += 1,
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { calls, requests, results, refusals, failures } = self;
        write!(
            f,
            "{calls} calls, {requests} requests that arrived, {results} results, {refusals} refusals, {failures} failures"
        )
    }
}

/// What the process holds; clients and simulator are both in it.
#[derive(Clone, Copy)]
struct Usage {
    kilobytes: u64,
    threads: u64,
    files: u64,
}

impl Usage {
    fn now() -> Result<Self, BoxError> {
        let status = fs::read_to_string("/proc/self/status")?;
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
                .ok_or("no such line in /proc/self/status")
        };
        let files = fs::read_dir("/proc/self/fd")?.count() as u64;
        Ok(Self { kilobytes: value("VmRSS:")?, threads: value("Threads:")?, files })
    }
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} MB, {} threads, {} files", self.kilobytes / 1024, self.threads, self.files)
    }
}

/// Compares the last quarter of the rounds with the second one; the first one warms up.
fn is_flat(rounds: &[Usage], out: &mut impl Write) -> Result<(), BoxError> {
    let quarter = rounds.len() / 4;
    let median = |range: std::ops::Range<usize>, value: fn(&Usage) -> u64| {
        let mut values: Vec<u64> = rounds.iter().skip(range.start).take(range.len()).map(value).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let early = quarter..2 * quarter;
    let late = rounds.len() - quarter..rounds.len();
    let mut is_flat = |name: &str, value: fn(&Usage) -> u64, slack: u64| -> Result<(), BoxError> {
        let (before, after) = (median(early.clone(), value), median(late.clone(), value));
        writeln!(out, "{name}: {before} in the second quarter, {after} in the last")?;
        // A twentieth more is noise of the allocator.
        if after <= before + before / 20 + slack {
            Ok(())
        } else {
            Err(format!("{name} grew from {before} to {after}").into())
        }
    };
    is_flat("kilobytes", |usage| usage.kilobytes, 4096)?;
    is_flat("threads", |usage| usage.threads, 0)?;
    is_flat("files", |usage| usage.files, 4)
}

/// Ends the process if a round hangs, since nothing else could.
struct Watch {
    beats: &'static AtomicU64,
}

impl Watch {
    fn start() -> Self {
        static BEATS: AtomicU64 = AtomicU64::new(0);
        std::thread::spawn(|| {
            let mut seen = BEATS.load(Ordering::Relaxed);
            loop {
                std::thread::sleep(STUCK);
                let now = BEATS.load(Ordering::Relaxed);
                if now == seen {
                    let _ = writeln!(io::stderr(), "a round took longer than {STUCK:?}: something hangs");
                    std::process::exit(1);
                }
                seen = now;
            }
        });
        Self { beats: &BEATS }
    }

    fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }
}
