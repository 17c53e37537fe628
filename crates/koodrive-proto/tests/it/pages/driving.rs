//! What drivers do with listings: cancel them, meet errors, take entries one by one, take only some pages.

use std::time::Duration;

use koodrive_proto::flow::{Cause, Event, Pages, Reached, Step};
use koodrive_proto::ops::jobs::ListJobs;
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{ErrorKind, Flow, RetryPolicy};
use serde_json::{Value as Json, json};

use super::{ListByNumberedCursor, asked, by_offset, entries};
use crate::common::api;

/// A listing whose driver is cancelled again and again goes on with the page that it was at.
#[test]
fn in_a_loop_of_cancelling() {
    let (api, mut world) = (api(), by_offset(25, 100, false));
    let mut pages = Pages::new(ListJobs::new(0, 10));
    for _ in 0..9 {
        assert!(matches!(pages.resume(&api, world.now(), Event::Start), Step::Send(_)));
    }
    assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 10);
}

/// An error leaves a listing where it was, and so does a driver that is cancelled.
#[test]
fn errors_and_cancelling_lose_nothing() {
    let mut trouble = 0;
    let mut world = World::new(move |visit| {
        trouble += 1;
        if trouble == 2 {
            return Reply::failed(Reached::Maybe, Cause::Network);
        }
        let offset: u64 = asked(visit, "offset").unwrap().parse().unwrap();
        let entries: Vec<Json> = (offset..25.min(offset + 10)).map(|id| json!({"taskId": id})).collect();
        Reply::ok(json!({"data": entries}).to_string())
    });
    let (api, mut pages) = (api(), Pages::new(ListJobs::new(0, 10)).retry(RetryPolicy::none()));
    assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 10);
    assert_eq!(world.run(&api, &mut pages).unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(pages.request().unwrap().offset, 10);
    // Cancelled while the answer is outstanding: counts as an attempt of this page.
    let mut pages = pages.retry(RetryPolicy::default());
    assert!(matches!(pages.resume(&api, world.now(), Event::Start), Step::Send(_)));
    assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 10);
    assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 5);
    assert!(world.run(&api, &mut pages).unwrap().is_none());
    // Between pages there is nothing but Start.
    let Step::Done(Err(error)) = pages.resume(&api, world.now(), Event::Elapsed) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
}

/// Entries come one by one, whatever pages they come in; an error is the end, and tells where to go on.
#[test]
fn entries_one_by_one() {
    let (api, mut world) = (api(), by_offset(25, 100, false));
    let mut items = Pages::new(ListJobs::new(0, 10)).items();
    for id in 0..25 {
        // A driver that is cancelled loses no entry.
        if id == 10 {
            assert!(matches!(items.resume(&api, world.now(), Event::Start), Step::Send(_)));
        }
        let job = world.run(&api, &mut items).unwrap().unwrap();
        assert_eq!((job.task_id, world.visits().len()), (Some(id.to_string()), usize::try_from(id / 10 + 1).unwrap()));
    }
    for _ in 0..2 {
        assert!(world.run(&api, &mut items).unwrap().is_none());
    }
    assert!(items.request().is_none());
    assert!(format!("{items:?}").contains("left: 0"));

    let mut items = Pages::new(ListJobs::new(0, 10)).retry(RetryPolicy::none()).items();
    let mut world =
        World::script([Reply::ok(json!({"data": vec![json!({}); 10]}).to_string()), Reply::status(503, "")]);
    for _ in 0..10 {
        assert!(world.run(&api, &mut items).unwrap().is_some());
    }
    assert_eq!(world.run(&api, &mut items).unwrap_err().kind(), ErrorKind::Api);
    for _ in 0..2 {
        assert!(world.run(&api, &mut items).unwrap().is_none());
    }
    assert_eq!((items.request().unwrap().offset, world.visits().len()), (10, 2));
    // A wrong event is an error, and no entry is lost by it.
    let mut items = Pages::new(ListJobs::new(0, 10)).items();
    let Step::Done(Err(error)) = items.resume(&api, world.now(), Event::Elapsed) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
}

/// Each page has its own attempts and its own deadline, and options go with every request.
#[test]
fn options_hold_for_every_page() {
    let mut world = World::new(|visit| {
        let id = asked(visit, "offset");
        if visit.attempt < 3 {
            Reply::status(503, "")
        } else {
            Reply::ok(json!({"data": [{"taskId": id}]}).to_string())
        }
    });
    let trace_id = koodrive_proto::TraceId::from_bytes([5; 29]);
    let api = api();
    let mut pages = Pages::new(ListJobs::new(0, 1)).trace_id(trace_id.clone()).page_deadline(Duration::from_secs(5));
    for _ in 0..4 {
        world.pass(Duration::from_secs(100));
        assert!(world.run(&api, &mut pages).unwrap().is_some());
    }
    assert_eq!(world.visits().len(), 12);
    assert!(world.visits().iter().all(|visit| visit.request.headers()["x-traceid"] == trace_id.as_str()));
}

/// No more pages than asked for; the listing says where to go on.
#[test]
fn at_most_so_many_pages() {
    let (api, mut world) = (api(), by_offset(25, 100, false));
    let mut pages = Pages::new(ListJobs::new(0, 10)).at_most(2);
    for _ in 0..2 {
        assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 10);
    }
    for _ in 0..2 {
        assert!(world.run(&api, &mut pages).unwrap().is_none());
    }
    assert_eq!((pages.request().unwrap().offset, world.visits().len()), (20, 2));
    let op = pages.request().unwrap().clone();
    assert_eq!(entries(&mut world, op).0.len(), 5);
    // What fails is no page.
    let mut world = World::script([Reply::status(400, ""), Reply::ok("{}"), Reply::ok("{}")]);
    let mut pages = Pages::new(ListJobs::new(0, 10)).at_most(1);
    assert!(world.run(&api, &mut pages).is_err());
    assert!(world.run(&api, &mut pages).is_ok());
    assert!(Pages::new(ListJobs::new(0, 10)).at_most(0).request().is_some());
    // A listing that can't go on isn't complete.
    let mut world = World::new(|_| Reply::ok(r#"{"list": [1], "nextCursor": "none of a number"}"#));
    let mut pages = Pages::new(ListByNumberedCursor::new()).at_most(1);
    assert!(world.run(&api, &mut pages).unwrap().is_some());
    assert!(world.run(&api, &mut pages).is_err());
    assert!(world.run(&api, &mut Pages::new(ListJobs::new(0, 10)).at_most(0)).unwrap().is_none());
}
