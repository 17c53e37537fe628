//! Every operation over real sockets, against a server that answers what the manuals show: each member of the answer
//! arrives.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use koodrive_conformance::{Async, Blocking, Transport};
use koodrive_coverage as coverage;
use koodrive_proto::check::FromParams;
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::{Call, Operation, operation};
use koodrive_sim::facts;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::common::{Keeper, api_for, reply};

/// A server that answers whatever it is told to.
struct Examples<T> {
    server: Keeper,
    next: Arc<Mutex<String>>,
    /// How many answers came from an example, and how many from a table.
    read: [usize; 2],
    transport: PhantomData<T>,
}

impl<T: Transport> Examples<T> {
    fn start() -> Self {
        let next: Arc<Mutex<String>> = Arc::default();
        let said = Arc::clone(&next);
        let server = Keeper::start(None, move |_, stream| {
            let answer = reply("200 OK", "", &said.lock().unwrap());
            stream.write_all(answer.as_bytes()).unwrap();
            false
        });
        Self { server, next, read: [0; 2], transport: PhantomData }
    }

    /// Returns what is missing in the output, one line for each member.
    fn call<O: Operation<Output: Serialize> + FromParams>(&self, answer: &Map<String, Json>) -> Vec<String> {
        *self.next.lock().unwrap() = serde_json::to_string(answer).unwrap();
        let op = O::from_params(&operation::example::<O>()).unwrap();
        let drive = T::new(api_for(O::META, self.server.endpoint()));
        let output = drive.run(Call::new(&op)).unwrap_or_else(|error| panic!("{}: {error}", O::META.name));
        coverage::missing(O::META, answer, &serde_json::to_value(&output).unwrap())
    }
}

impl<T: Transport> Visitor for Examples<T> {
    fn operation<O: Operation<Output: Serialize> + FromParams>(&mut self) {
        let name = O::META.name;
        let fact = facts::operation(name).unwrap();
        let examples = facts::examples(fact);
        for &(edition, example) in &examples {
            let answer = facts::with_code(example);
            for what in self.call::<O>(&answer) {
                assert!(coverage::is_explained(name, edition, &what).unwrap(), "{name} ({edition}): {what}");
            }
            self.read[0] += 1;
        }
        if examples.is_empty() {
            let mut answer = facts::answer(name);
            // The table's has a value like all others.
            answer.insert("code".to_owned(), 0.into());
            let missing = self.call::<O>(&answer);
            assert!(missing.is_empty(), "{name}: {missing:?}");
            self.read[1] += 1;
        }
    }
}

fn every_documented_answer<T: Transport>() {
    let mut examples = Examples::<T>::start();
    ops::visit(&mut examples);
    let [shown, listed] = examples.read;
    assert_eq!(examples.server.requests(), shown + listed);
    assert!(shown + listed >= ops::ALL.len() && shown > 10 && listed > 10, "{shown} examples, {listed} tables");
}

#[test]
fn blocking_calls_read_every_documented_answer() {
    every_documented_answer::<Blocking>();
}

#[test]
fn async_calls_read_every_documented_answer() {
    every_documented_answer::<Async>();
}
