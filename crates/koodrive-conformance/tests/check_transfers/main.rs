//! `koodrive_sim::check_transfers` passes transports that move files as they should; and each of its checks finds what
//! is wrong with others.

mod example;
mod hand;

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Failure, Outgoing, Reached};
use koodrive_proto::http::Response;
use koodrive_sim::{CheckTransport, Ends, Lack, Report, check_transfers, check_transfers_async};

use hand::{Fault, Hand};

type Answer = Result<Response<Bytes>, Failure>;
type Transport = Box<dyn Fn(Outgoing, Ends) -> Answer + Send + Sync>;

fn hand(fault: Fault) -> impl Fn(Outgoing, Ends) -> Answer + Send + Sync + 'static {
    let hand = Hand::new(fault);
    move |outgoing, ends| hand.exchange(&outgoing, &ends)
}

fn right() -> impl Fn(Outgoing, Ends) -> Answer + Send + Sync + 'static {
    hand(Fault::Nothing)
}

#[test]
fn by_hand() {
    let report = check_transfers(right());
    println!("{report}");
    report.assert_ok();
    assert!(!report.to_string().contains("though"), "{report}");
}

/// What a simple transport honestly doesn't do is no failure, and the report tells of it.
#[test]
fn as_the_example() {
    let check = CheckTransport::new().lacks(Lack::Reuse).lacks(Lack::Deadline);
    let report = check.run_transfers(|outgoing, ends| example::exchange(&outgoing, &ends));
    println!("{report}");
    report.assert_ok();
    let text = report.to_string();
    let lacks = ["reuse-by-transfers, as declared by Lack::Reuse", "endless-writer, as declared by Lack::Deadline"];
    for line in lacks.map(|lack| format!("lacks   {lack}")) {
        assert!(text.contains(&line), "{text}");
    }
    for name in ["interim-before-body", "refused-instead-of-100"] {
        assert!(text.contains(&format!("skipped {name}: ")), "{text}");
    }
    assert!(
        text.contains("ok      early-answer-unread, though this one lost the answer, and said Reached::Maybe and ")
    );
}

/// The same behind futures, each with its own ends.
#[test]
fn as_futures() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let hand = Arc::new(Hand::new(Fault::Nothing));
    let exchange = async |outgoing, ends| {
        let hand = Arc::clone(&hand);
        tokio::task::spawn_blocking(move || hand.exchange(&outgoing, &ends)).await.unwrap()
    };
    runtime.block_on(check_transfers_async(exchange)).assert_ok();
}

/// Wrong transports, with what the checks that find them are called.
type Wrong = Vec<(&'static [&'static str], Transport)>;

fn wrong_hands() -> Wrong {
    let all: &[(Fault, &[&str])] = &[
        (Fault::Chunks, &["body-by-source"]),
        (Fault::ExpectsForNothing, &["empty-body-by-source"]),
        (Fault::SendsMore, &["no-more-than-the-length"]),
        (Fault::ReadsOnce, &["body-by-source", "slow-reader"]),
        (Fault::Pads, &["short-source", "failing-source"]),
        (Fault::Forgets, &["short-source", "failing-source"]),
        (
            Fault::KeepsAll,
            &["after-a-failed-source", "refused-instead-of-100", "after-an-early-answer", "after-a-full-sink"],
        ),
        (Fault::TakesInterim, &["interim-before-body"]),
        (Fault::Waits, &["no-100-continue"]),
        (Fault::SendsAnyway, &["refused-instead-of-100"]),
        (Fault::WritesAtZero, &["range-into-sink", "transfers-together", "slow-writer"]),
        (Fault::Limits, &["range-into-sink"]),
        (Fault::Returns, &["range-into-sink", "whole-into-sink"]),
        (Fault::AsksNobody, &["not-for-the-sink", "not-for-the-sink-unread"]),
        (Fault::Drains, &["not-for-the-sink", "not-for-the-sink-unread"]),
        (Fault::LeavesRefusals, &["refusal-for-sink"]),
        (Fault::WritesMore, &["too-much-for-sink"]),
        (Fault::StopsEarly, &["too-much-for-sink"]),
        (Fault::SkipsFull, &["full-sink"]),
    ];
    all.iter().map(|(fault, checks)| (*checks, Box::new(hand(*fault)) as Transport)).collect()
}

fn wrong_requests() -> Wrong {
    let mut all = Wrong::new();
    let shifts = |outgoing: &mut Outgoing| {
        if let Body::Source { offset, .. } = outgoing.request.body_mut() {
            *offset += 1;
        }
    };
    all.push((&["body-by-source", "no-more-than-the-length"], changed(shifts)));
    let adds = changed(|outgoing| {
        outgoing.request.headers_mut().insert("x-more", "1".parse().unwrap());
    });
    all.push((&["body-by-source", "empty-body-by-source", "no-100-continue"], adds));
    let bounds = changed(|outgoing| outgoing.timeout = outgoing.timeout.min(outgoing.idle));
    all.push((&["slow-reader", "slow-writer"], bounds));
    let waits = changed(|outgoing| outgoing.idle = outgoing.timeout);
    all.push((&["stalled-reader", "stalled-answer", "stalled-writer"], waits));
    all.push((&["large-refusal-for-sink"], changed(|outgoing| outgoing.limit = u64::MAX)));
    let for_ever = changed(|outgoing| outgoing.timeout = Duration::from_secs(3600));
    all.push((&["endless-reader", "endless-writer"], for_ever));
    all.push((&["reuse-by-transfers"], Box::new(|outgoing, ends| right()(outgoing, ends))));
    let (inner, slot, all_are_here) = (right(), Mutex::new(None), Barrier::new(8));
    let mixes_up = move |outgoing: Outgoing, ends: Ends| {
        *slot.lock().unwrap() = Some(ends);
        all_are_here.wait();
        let last = slot.lock().unwrap().clone().unwrap();
        inner(outgoing, last)
    };
    all.push((&["transfers-together"], Box::new(mixes_up)));
    all
}

fn wrong_reports() -> Wrong {
    let mut all = Wrong::new();
    let early: &[&str] = &["early-answer", "early-answer-closed", "early-answer-reset", "early-answer-unread"];
    // Whether it sees the refusal or not.
    let refuses = |_: Answer| Err(Failure::new(Reached::Maybe, Cause::Local, "refused"));
    all.push((early, reporting(refuses)));
    let loses = |answer: Answer| match answer {
        Ok(answer) if answer.status() == 403 => Err(Failure::new(Reached::Maybe, Cause::Network, "refused")),
        answer => answer,
    };
    all.push((&["early-answer", "refused-instead-of-100", "refusal-for-sink"], reporting(loses)));
    let forgets = |answer: Answer| {
        answer.map_err(|mut failure| {
            failure.delivered = 0;
            failure
        })
    };
    all.push((&["closed-in-sink", "full-sink", "stalled-writer"], reporting(forgets)));
    let completes = |answer: Answer| match answer {
        Err(failure) if failure.cause == Cause::Network => {
            Ok(Response::builder().status(206).body(Bytes::new()).unwrap())
        }
        answer => answer,
    };
    all.push((&["closed-in-sink", "reset-in-sink", "too-much-for-sink"], reporting(completes)));
    let network = |answer: Answer| {
        answer.map_err(|failure| {
            let delivered = failure.delivered;
            let mut failure = Failure::new(failure.reached, Cause::Network, failure.source);
            failure.delivered = delivered;
            failure
        })
    };
    all.push((&["short-source", "failing-source", "full-sink", "stalled-answer"], reporting(network)));
    all
}

/// The right transport, with another request.
fn changed(change: impl Fn(&mut Outgoing) + Send + Sync + 'static) -> Transport {
    let inner = right();
    Box::new(move |mut outgoing, ends| {
        change(&mut outgoing);
        inner(outgoing, ends)
    })
}

/// The right transport, which says something else of it.
fn reporting(change: impl Fn(Answer) -> Answer + Send + Sync + 'static) -> Transport {
    let inner = right();
    Box::new(move |outgoing, ends| change(inner(outgoing, ends)))
}

/// The names that a report has.
fn names(report: &Report) -> BTreeSet<String> {
    let lines = report.to_string().lines().map(str::to_owned).collect::<Vec<_>>();
    let names = lines.iter().filter_map(|line| line.split_whitespace().nth(1).filter(|_| !line.starts_with(' ')));
    names.map(|name| name.trim_end_matches([':', ',']).to_owned()).filter(|name| name != "of").collect()
}

/// Each check finds a transport that is wrong in its way.
#[test]
fn mistakes_are_found() {
    let found = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        let all = [wrong_hands, wrong_requests, wrong_reports];
        for (checks, exchange) in all.into_iter().flat_map(|wrong| wrong()) {
            let found = &found;
            scope.spawn(move || {
                let check = checks.iter().fold(CheckTransport::new(), |check, name| check.only(name));
                let report = check.run_transfers(exchange);
                let failures: BTreeSet<&str> = report.failures().into_iter().collect();
                assert_eq!(failures, checks.iter().copied().collect(), "{report}");
                found.lock().unwrap().extend(checks.iter().map(|name| (*name).to_owned()));
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    // They have a test of their own.
    found.extend(DROPPED.map(str::to_owned));
    let nobody = check_transfers(|_, _| Err(Failure::new(Reached::Maybe, Cause::Local, "not today")));
    assert_eq!(found, names(&nobody), "a check that no wrong transport is for");
}

const DROPPED: [&str; 2] = ["after-a-dropped-source", "after-a-dropped-sink"];

/// An exchange that was dropped goes on, and the next one gets its answer.
#[test]
fn an_answer_to_another_request() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (hand, last) = (Arc::new(Hand::new(Fault::Nothing)), tokio::sync::Mutex::new(None));
    let exchange = async |outgoing, ends| {
        let mut last = last.lock().await;
        let hand = Arc::clone(&hand);
        let begin = || tokio::task::spawn_blocking(move || hand.exchange(&outgoing, &ends));
        let answer = last.get_or_insert_with(begin).await.unwrap();
        *last = None;
        answer
    };
    let check = DROPPED.iter().fold(CheckTransport::new().only("body-by-source"), |check, name| check.only(name));
    let report = runtime.block_on(check.run_transfers_async(exchange));
    assert_eq!(report.failures(), DROPPED, "{report}");
    assert_eq!(report.to_string().matches("this one for the next request returned ").count(), 2, "{report}");
}

/// Nothing waits for an exchange for ever.
#[test]
fn never_returns() {
    let check = CheckTransport::new().patience(Duration::from_millis(20));
    let report = check.run_transfers(|_, _| {
        loop {
            std::thread::park();
        }
    });
    let hung = report.to_string().lines().filter(|line| line.contains("did not return within 0.02 s")).count();
    assert_eq!((report.failures().len(), hung), (hung, names(&report).len() - DROPPED.len()), "{report}");
}
