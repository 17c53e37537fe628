//! The life of a company through every transport: without trouble, and with requests that never reach the service or
//! are throttled, which must change nothing.

use koodrive_conformance::{Async, Blocking, Transport, company};
use koodrive_sim::{Fault, Faults, Server};

fn live<T: Transport>(faults: Option<Faults>) {
    let simulator = company::simulator();
    simulator.set_faults(faults);
    let server = Server::start(simulator).unwrap();
    company::walk::<T>(&server).unwrap();
}

fn trouble(seed: u64) -> Faults {
    let faults = Faults::new(seed).rate(Fault::Refuse, 0.1).rate(Fault::Throttle, 0.1);
    faults.retry_after(std::time::Duration::ZERO)
}

#[test]
fn blocking() {
    live::<Blocking>(None);
}

#[test]
fn asynchronous() {
    live::<Async>(None);
}

#[test]
fn blocking_in_trouble() {
    live::<Blocking>(Some(trouble(1)));
}

#[test]
fn asynchronous_in_trouble() {
    live::<Async>(Some(trouble(2)));
}
