//! Draws which fault hits which request or connection, from the seed, so that it can be repeated.

use std::collections::HashMap;
use std::time::Duration;

use super::{Fault, Faults};
use crate::mix::mix;

impl Faults {
    /// Returns the fault of a request with this key that was seen `before` times before.
    fn draw(&self, operation: Option<&str>, key: u64, before: u64) -> Option<Fault> {
        let mut left = share(self.seed, key, before);
        let rates = *operation.and_then(|operation| self.own.get(operation)).unwrap_or(&self.rates);
        Fault::ALL.into_iter().zip(rates).filter(|(fault, _)| *fault != Fault::Refuse).find_map(|(fault, rate)| {
            left -= rate;
            (left < 0.0).then_some(fault)
        })
    }

    fn refuses(&self, connection: u64) -> bool {
        share(self.seed, CONNECTIONS, connection) < self.rates[0]
    }
}

/// These stand in place of a trace id's key.
const CONNECTIONS: u64 = 1;
const WITHOUT_ID: u64 = 2;

/// Turns a trace id into a number. It is as unlikely that two have the same number as that it matters.
fn key(trace_id: &[u8]) -> u64 {
    trace_id.iter().fold(0, |key, byte| mix(key ^ u64::from(*byte)))
}

/// A number from 0.0 to less than 1.0.
fn share(seed: u64, key: u64, count: u64) -> f64 {
    let number = mix(mix(mix(seed) ^ key) ^ count);
    f64::from((number >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}

/// A fault that hits a request, with its settings from the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) fault: Fault,
    pub(crate) slow_by: Duration,
    pub(super) retry_after: Duration,
}

/// A plan, and how many requests and connections it has seen.
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

    pub(crate) fn request(&mut self, operation: Option<&str>, trace_id: Option<&[u8]>) -> Option<Hit> {
        let fault = if let Some(trace_id) = trace_id {
            let key = key(trace_id);
            self.faults.draw(operation, key, self.seen.count(key))
        } else {
            self.without_id += 1;
            self.faults.draw(operation, WITHOUT_ID, self.without_id)
        };
        let Faults { slow_by, retry_after, .. } = self.faults;
        fault.map(|fault| Hit { fault, slow_by, retry_after })
    }
}

/// How often each trace id was seen. There are two halves; when the younger one is full, the older one is forgotten.
#[derive(Debug, Default)]
struct Seen {
    young: HashMap<u64, u64>,
    old: HashMap<u64, u64>,
}

impl Seen {
    const HALF: usize = 50_000;

    /// Counts a trace id, and returns how often it was seen before.
    fn count(&mut self, key: u64) -> u64 {
        if self.young.len() >= Self::HALF && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        let count = self.young.entry(key).or_insert_with(|| self.old.get(&key).copied().unwrap_or(0));
        *count += 1;
        *count - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_near_their_rates() {
        const DRAWS: u32 = 10_000;
        let plan = Faults::new(7).rate(Fault::ResetAfter, 0.05).rate(Fault::Throttle, 0.1).rate(Fault::Refuse, 0.2);
        let share = |count: usize| f64::from(u32::try_from(count).unwrap()) / f64::from(DRAWS);
        // Four standard deviations of the widest are 0.016.
        let near = |count: usize, rate: f64| assert!((share(count) - rate).abs() < 0.016, "{count} for {rate}");
        for drawn in [
            // Requests without an id, with one id each, and all with the same.
            (0..DRAWS).map(|number| plan.draw(None, WITHOUT_ID, number.into())).collect::<Vec<_>>(),
            (0..DRAWS).map(|number| plan.draw(None, key(format!("{number:058}").as_bytes()), 0)).collect(),
            (0..DRAWS).map(|number| plan.draw(None, key(&[b'a'; 58]), number.into())).collect(),
        ] {
            let count = |fault| drawn.iter().filter(|drawn| **drawn == fault).count();
            near(count(Some(Fault::ResetAfter)), 0.05);
            near(count(Some(Fault::Throttle)), 0.1);
            near(count(None), 0.85);
            assert_eq!(count(Some(Fault::Refuse)), 0);
        }
        near((0..DRAWS).filter(|number| plan.refuses((*number).into())).count(), 0.2);
        let plan = Faults::new(7).all(0.9);
        let drawn: Vec<_> = (0..DRAWS).map(|number| plan.draw(None, WITHOUT_ID, number.into())).collect();
        for fault in &Fault::ALL[1..] {
            near(drawn.iter().filter(|drawn| **drawn == Some(*fault)).count(), 0.1);
        }
    }

    #[test]
    fn always_and_never() {
        for fault in &Fault::ALL[1..] {
            let plan = Faults::new(1).rate(*fault, 1.0);
            assert!(
                (0..1000).all(|number| plan.draw(None, WITHOUT_ID, number) == Some(*fault) && !plan.refuses(number))
            );
        }
        let plan = Faults::new(1).rate(Fault::Refuse, 1.0);
        assert!((0..1000).all(|number| plan.draw(None, WITHOUT_ID, number).is_none() && plan.refuses(number)));
        // An operation with shares of its own has no others.
        let plan = Faults::new(1).rate(Fault::Slow, 1.0).rate_of("PutPart", Fault::Throttle, 1.0);
        assert_eq!(plan.draw(Some("PutPart"), 7, 0), Some(Fault::Throttle));
        assert_eq!(plan.draw(Some("GetObject"), 7, 0), Some(Fault::Slow));
        let plan = Faults::new(1).all(1.0).all(0.0);
        assert!((0..1000).all(|number| plan.draw(None, WITHOUT_ID, number).is_none() && !plan.refuses(number)));
    }

    /// The same for one id in any order among others, and another with another seed.
    #[test]
    fn what_hits_an_id_follows_from_seed_id_and_count() {
        let ids: Vec<String> = (0..100).map(|number| format!("{number:058}")).collect();
        let draw = |spec: &str, order: &[usize]| {
            let mut progress = Progress::new(spec.parse().unwrap());
            let mut drawn = vec![Vec::new(); ids.len()];
            for at in order {
                drawn[*at].push(progress.request(None, Some(ids[*at].as_bytes())));
                progress.request(None, None);
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
}
