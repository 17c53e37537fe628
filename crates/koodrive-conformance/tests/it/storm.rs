//! Many calls on one client, while things go wrong: on real sockets, through every transport.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use koodrive_conformance::{AnyFlow, Async, Blocking, Transport, Untold};
use koodrive_proto::flow::Pages;
use koodrive_proto::ops::files::{CreateDirectory, FileArea, ListPersonalFiles, OnConflict};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpace, SpaceType, UpdateSpace};
use koodrive_proto::param::SpaceId;
use koodrive_proto::schema::Safety;
use koodrive_proto::{Call, ErrorKind, Operation, RetryPolicy, Sent, TraceId};
use koodrive_sim::{Entry, Faults, Server};

use crate::common::{USER, api, simulator};

const CALLS: usize = 10_000;

/// One of the calls, with a space of its own where it changes one.
enum Job {
    Read(GetSpace),
    Update(UpdateSpace),
    Delete(DeleteSpace),
    Create(CreateDirectory),
}

impl Job {
    fn new(number: usize, space: &SpaceId) -> Self {
        let (owner, kind) = (owner(number), SpaceType::Individual);
        match number % 4 {
            0 => Self::Read(GetSpace::new(owner, kind)),
            1 => Self::Update(UpdateSpace::new(owner, kind).capacity(2)),
            2 => Self::Delete(DeleteSpace::new(owner, kind)),
            _ => Self::Create(CreateDirectory::new(owner, space.clone()).rename_mode(OnConflict::Refuse)),
        }
    }

    fn flow(&self, number: usize) -> AnyFlow<'_, ()> {
        match self {
            Self::Read(op) => call(op, number),
            Self::Update(op) => call(op, number),
            Self::Delete(op) => call(op, number),
            Self::Create(op) => call(op, number),
        }
    }

    fn safety(&self) -> Safety {
        match self {
            Self::Read(_) => GetSpace::META.safety,
            Self::Update(_) => UpdateSpace::META.safety,
            Self::Delete(_) => DeleteSpace::META.safety,
            Self::Create(_) => CreateDirectory::META.safety,
        }
    }
}

fn owner(number: usize) -> String {
    format!("owner-{number}")
}

fn trace_id(number: usize) -> TraceId {
    let mut bytes = [0; 29];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    TraceId::from_bytes(bytes)
}

/// Whether a call has so short a timeout that slow answers miss it.
fn impatient(number: usize) -> bool {
    number % 8 < 4
}

/// A call with short pauses, some of them with a timeout that slow answers miss.
fn call<O: Operation<Output: Send> + Sync>(op: &O, number: usize) -> AnyFlow<'_, ()> {
    let millis = Duration::from_millis;
    let policy = RetryPolicy::default().first_pause(millis(1)).longest_pause(millis(4));
    let call = Call::new(op).trace_id(trace_id(number)).retry(policy);
    let timeout = if impatient(number) { millis(40) } else { millis(60_000) };
    Box::new(Untold(call.attempt_timeout(timeout)))
}

/// How often the service has got a call: what a fault kept from it doesn't count, a refusal of its own does.
fn handled(entries: &[&Entry]) -> usize {
    entries.iter().filter(|entry| entry.fault.is_none_or(koodrive_sim::Fault::executes)).count()
}

#[derive(Default)]
struct Count {
    calls: usize,
    fine: usize,
    /// Calls with time enough, and those of them with a result.
    patient: (usize, usize),
    requests: usize,
    handled: usize,
    errors: BTreeMap<String, usize>,
}

/// 10,000 calls while 3 of 10 requests go wrong.
fn storm<T: Transport>(seed: u64) {
    let simulator = (0..CALLS).fold(simulator(), |simulator, number| {
        if number % 4 == 3 { simulator } else { simulator.space(&owner(number), SpaceType::Individual, 1) }
    });
    let faults = Faults::new(seed).all(0.3).slow_by(Duration::from_millis(80)).retry_after(Duration::ZERO);
    let server = Server::start(simulator).unwrap();
    let drive = T::new(api(&server.endpoint()).random_seed(seed));
    let space = GetSpace::new(USER, SpaceType::Individual);
    let space = drive.run(Call::new(&space)).unwrap().container_id.unwrap();
    server.simulator().clear_ledger();
    server.simulator().set_faults(Some(faults));
    let jobs: Vec<Job> = (0..CALLS).map(|number| Job::new(number, &space)).collect();
    let flows = jobs.iter().enumerate().map(|(number, job)| job.flow(number)).collect();
    let results = drive.run_all(flows, 16);

    // What is still under way to a server that has stopped is never executed: from here on the ledger is final.
    let simulator = server.simulator().clone();
    drop((drive, server));
    let ledger = simulator.ledger();
    simulator.set_faults(None);
    let server = Server::start(simulator).unwrap();
    let drive = T::new(api(&server.endpoint()));
    let folders = folders(&drive, &space);
    let mut by_call: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &ledger {
        by_call.entry(entry.trace_id.as_deref().unwrap()).or_default().push(entry);
    }
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for (number, (job, result)) in jobs.iter().zip(results).enumerate() {
        let entries = by_call.remove(trace_id(number).as_str()).unwrap_or_default();
        let runs = handled(&entries);
        assert!(entries.len() <= 4, "{number}: no more attempts than allowed");
        if job.safety() == Safety::Once {
            assert!(runs <= 1, "{number}: {runs} times");
        }
        let (mut least, mut most) = (0, usize::MAX);
        match &result {
            Ok(()) => least = 1,
            Err(error) => {
                let known = matches!(error.kind(), ErrorKind::Transport | ErrorKind::Api | ErrorKind::Decode);
                assert!(known && error.attempts() >= 1, "{error:?}");
                assert_eq!(error.trace_id(), Some(&trace_id(number)));
                match error.was_sent() {
                    Sent::No => most = 0,
                    Sent::Yes if error.kind() == ErrorKind::Decode => least = 1,
                    Sent::Yes | Sent::Maybe => {}
                }
            }
        }
        assert!(runs >= least && runs <= most, "{number}: {runs} runs, and {result:?}");
        effect(&drive, &folders, job, number, runs);

        let count = counts.entry(format!("{:?}", job.safety())).or_default();
        count.calls += 1;
        if !impatient(number) {
            count.patient.0 += 1;
            count.patient.1 += usize::from(result.is_ok());
        }
        count.requests += entries.len();
        count.handled += runs;
        match result {
            Ok(()) => count.fine += 1,
            Err(error) => {
                let status = error.status().map(|status| format!(" {}", status.as_u16())).unwrap_or_default();
                *count.errors.entry(format!("{:?}{status}", error.kind())).or_default() += 1;
            }
        }
    }
    assert!(by_call.is_empty());
    report::<T>(&counts, &ledger);
    let fine = |safety: &str| counts[safety].patient.1 * 100 / counts[safety].patient.0;
    // What may be repeated nearly always gets through; garbage isn't repeated. How fast the machine is doesn't matter
    // here.
    assert!(fine("ReadOnly") > 70 && fine("Idempotent") > 70 && fine("Once") > 50);
}

/// A call that ran, however often, has the effect of one run; one that didn't run has none.
fn effect(drive: &impl Transport, folders: &BTreeSet<String>, job: &Job, number: usize, runs: usize) {
    let get = || GetSpace::new(owner(number), SpaceType::Individual);
    match job {
        Job::Update(_) => {
            let capacity = drive.run(Call::new(&get())).unwrap().capacity;
            assert_eq!(capacity, Some(if runs > 0 { 2 } else { 1 }), "{number}");
        }
        Job::Delete(_) => {
            let found = drive.run(Call::new(&get()));
            assert_eq!(found.is_err_and(|error| error.is_not_found()), runs > 0, "{number}");
        }
        Job::Create(_) => assert_eq!(folders.contains(&owner(number)), runs > 0, "{number}"),
        Job::Read(_) => {}
    }
}

/// The names of all folders in the root.
fn folders(drive: &impl Transport, space: &SpaceId) -> BTreeSet<String> {
    let mut pages = Pages::new(ListPersonalFiles::new(FileArea::Space, space.clone(), "root"));
    let mut names = BTreeSet::new();
    while let Some(page) = drive.run(&mut pages).transpose() {
        names.extend(page.unwrap().files.into_iter().filter_map(|file| file.file_name));
    }
    names
}

fn report<T: Transport>(counts: &BTreeMap<String, Count>, ledger: &[Entry]) {
    let mut text = format!("{}: {CALLS} calls, {} requests that arrived\n", T::NAME, ledger.len());
    for (safety, count) in counts {
        let Count { calls, fine, requests, handled, errors, .. } = count;
        let _ = writeln!(
            text,
            "  {safety}: {calls} calls, {requests} requests, {handled} runs, {fine} results, {errors:?}"
        );
    }
    let mut faults: BTreeMap<String, usize> = BTreeMap::new();
    for fault in ledger.iter().filter_map(|entry| entry.fault) {
        *faults.entry(fault.to_string()).or_default() += 1;
    }
    // Past the capturing of tests, so that the counts are in every log.
    let _ = writeln!(std::io::stdout(), "{text}  faults: {faults:?}");
    assert_eq!(faults.len(), koodrive_sim::Fault::ALL.len() - 1, "refused connections are in no ledger");
}

#[test]
fn ten_thousand_calls_in_a_storm_blocking() {
    storm::<Blocking>(7);
}

#[test]
fn ten_thousand_calls_in_a_storm_async() {
    storm::<Async>(8);
}
