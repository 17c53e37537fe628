//! Runs transfers in virtual time, in any order, with any trouble that a seed draws.

use std::time::Duration;

use koodrive_proto::chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::flow::{Event, Flow, Id, Job, JobFlow, Next, Now, Outgoing, Reading, Record, Step, Transfer};
use koodrive_proto::{Api, Credentials, Error};

pub(crate) const ENDPOINT: &str = "https://drive.example";
pub(crate) const USER: &str = "1505084218764547200";

pub(crate) fn api() -> Api {
    Api::new(ENDPOINT, Credentials::app("my-app", "my-secret", USER)).unwrap().random_seed(1)
}

/// Numbers that a seed determines.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn under(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.under(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.under(from.len() as u64)).unwrap()]
    }
}

/// The other side, and the bytes on this one.
pub(crate) trait World {
    /// The answer to a request, which has its effect now.
    fn exchange(&mut self, outgoing: &Outgoing, now: Now) -> Event;

    /// Feeds the bytes that a reading asks for. An error is one of the file.
    fn read(&mut self, reading: &mut Reading) -> Result<(), String>;
}

/// What may go wrong on this side. Each happens once in so many steps; 0 is never.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Trouble {
    /// Work is dropped.
    pub(crate) dropped: u64,
    /// A driver is cancelled, and comes back to the same flow.
    pub(crate) cancelled: u64,
    /// The process is killed, and resumes from what it has stored.
    pub(crate) killed: u64,
    /// How many seconds pass in a step, at most.
    pub(crate) seconds: u64,
}

struct Working {
    id: Option<Id>,
    flow: JobFlow,
    event: Event,
}

/// How a run went.
pub(crate) struct Ran<O> {
    pub(crate) result: Result<O, Error>,
    /// What would be on the disk.
    pub(crate) stored: Vec<Record>,
}

pub(crate) fn at(elapsed: Duration) -> Now {
    let begin: DateTime<Utc> = "2026-01-05T08:00:00Z".parse().unwrap();
    Now { utc: begin + TimeDelta::from_std(elapsed).unwrap(), elapsed }
}

/// Runs a transfer to its end. `make` begins it, or resumes it from what was stored.
pub(crate) fn run<T: Transfer>(
    api: &Api,
    world: &mut dyn World,
    rng: &mut Rng,
    slots: usize,
    trouble: Trouble,
    make: &mut dyn FnMut(Vec<Record>) -> Result<T, Error>,
) -> Ran<T::Outcome> {
    let mut elapsed = Duration::ZERO;
    let mut file: Vec<u8> = Vec::new();
    let (mut kills, mut steps) = (0, 0);
    let happens = |rng: &mut Rng, times: u64| times > 0 && rng.one_in(times);
    'process: loop {
        let stored = Record::read_lines(&file);
        file.truncate(usize::try_from(stored.end).unwrap());
        let mut transfer = match make(stored.records) {
            Ok(transfer) => transfer,
            Err(error) => {
                let stored = Record::read_lines(&file).records;
                return Ran { result: Err(error), stored };
            }
        };
        let mut written = transfer.records().len();
        let mut working: Vec<Working> = Vec::new();
        loop {
            steps += 1;
            assert!(steps < 200_000, "it never ends");
            elapsed += Duration::from_millis(rng.under(1000 * trouble.seconds + 5));
            // Until all slots are taken.
            while working.len() < slots {
                let next = transfer.next(api, at(elapsed));
                // What is new is stored before the work is begun, and may be torn by a kill.
                for record in &transfer.records()[written..] {
                    let line = record.to_line();
                    if happens(rng, trouble.killed) && kills < 20 {
                        kills += 1;
                        let torn = usize::try_from(rng.under(line.len() as u64 + 1)).unwrap();
                        file.extend(&line.as_bytes()[..torn]);
                        continue 'process;
                    }
                    file.extend(line.as_bytes());
                }
                written = transfer.records().len();
                match next {
                    Next::Busy => {
                        assert!(!working.is_empty(), "busy, and nothing is under way");
                        break;
                    }
                    Next::Done(result) => {
                        let stored = Record::read_lines(&file).records;
                        return Ran { result, stored };
                    }
                    Next::Read(mut reading) => {
                        if happens(rng, trouble.dropped) {
                            continue;
                        }
                        let (id, result) = match world.read(&mut reading) {
                            Ok(()) => reading.finish(),
                            Err(error) => reading.failed(error),
                        };
                        transfer.done(id, result);
                    }
                    Next::Run(Job { id, flow, .. }) => {
                        working.push(Working { id: Some(id), flow, event: Event::Start });
                    }
                }
            }
            if working.is_empty() {
                continue;
            }
            if happens(rng, trouble.killed) && kills < 20 {
                kills += 1;
                continue 'process;
            }
            let index = usize::try_from(rng.under(working.len() as u64)).unwrap();
            if happens(rng, trouble.dropped) {
                drop(working.swap_remove(index));
                continue;
            }
            let one = &mut working[index];
            let event = std::mem::replace(&mut one.event, Event::Start);
            match one.flow.resume(api, at(elapsed), event) {
                Step::Wait(time) => {
                    elapsed += time;
                    one.event = Event::Elapsed;
                }
                Step::Send(outgoing) => {
                    let event = world.exchange(&outgoing, at(elapsed));
                    // Cancelled: the answer is lost, and the flow is started again.
                    one.event = if happens(rng, trouble.cancelled) { Event::Start } else { event };
                }
                Step::Done(result) => {
                    let mut one = working.swap_remove(index);
                    let id = one.id.take().unwrap();
                    transfer.done(id, result);
                    for record in &transfer.records()[written..] {
                        file.extend(record.to_line().into_bytes());
                    }
                    written = transfer.records().len();
                }
            }
        }
    }
}

/// Runs without trouble of this side.
pub(crate) fn run_well<T: Transfer>(api: &Api, world: &mut dyn World, slots: usize, transfer: T) -> Ran<T::Outcome> {
    let mut transfer = Some(transfer);
    run(api, world, &mut Rng::new(1), slots, Trouble::default(), &mut |_| Ok(transfer.take().unwrap()))
}
