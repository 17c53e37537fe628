//! Links for any number of files, 100 with each request: in virtual time.

use std::time::Duration;

use koodrive_proto::error::codes;
use koodrive_proto::flow::{Cause, Event, Links, Reached, Step};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{Error, ErrorKind, FileId, Flow, Secret, Sent, TraceId};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::common::{Restless, SPACE, api, sent};

type Fetched = Vec<(FileId, Result<Secret, Error>)>;

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("F{number}")).collect()
}

fn link(id: &str) -> String {
    format!("https://obs.example/{id}?X-Amz-Signature=d3e7")
}

/// A server that has a link for each file, answers in the other order, and adds one that nobody asked for.
fn server() -> impl FnMut(&[String]) -> Json + Send {
    |asked| {
        let mut downloads: Vec<Json> =
            asked.iter().rev().map(|id| json!({"fileId": id, "url": link(id), "code": "0"})).collect();
        downloads.insert(0, json!({"fileId": "other", "url": link("other"), "code": "13000309"}));
        json!({"code": 0, "batchCode": 1, "downloads": downloads})
    }
}

fn world(mut server: impl FnMut(&[String]) -> Json + Send + 'static) -> World {
    World::new(move |visit| Reply::ok(server(&asked(&sent(visit))).to_string()))
}

fn asked(body: &Json) -> Vec<String> {
    assert_eq!(body["containerId"], SPACE);
    body["fileIds"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// The entries of an answer for one file, `F`.
fn of_one(entries: &Json) -> Result<Secret, Error> {
    let mut world = World::script([Reply::ok(json!({"code": 0, "downloads": entries}).to_string())]);
    let mut fetched: Fetched = world.run(&api(), &mut Links::new(SPACE, ["F"])).unwrap();
    assert_eq!((fetched.len(), fetched[0].0.as_str()), (1, "F"));
    fetched.remove(0).1
}

#[test]
fn in_batches() {
    for (count, batches) in [
        (0, &[][..]),
        (1, &[1]),
        (99, &[99]),
        (100, &[100]),
        (101, &[100, 1]),
        (200, &[100, 100]),
        (250, &[100, 100, 50]),
    ] {
        let mut world = world(server());
        let ids = ids(count);
        // What is asked for twice counts once.
        let twice = ids.iter().flat_map(|id| [id, &ids[0]]).map(String::as_str);
        let trace_id = TraceId::from_bytes([5; 29]);
        let flow = &mut Links::new(SPACE, twice).share_folder_id("s").trace_id(trace_id.clone());
        let fetched = world.run(&api(), flow).unwrap();
        let fetched: Vec<_> = fetched.iter().map(|(id, link)| (id.as_str(), link.as_ref().unwrap().as_str())).collect();
        let links: Vec<String> = ids.iter().map(|id| link(id)).collect();
        let expected: Vec<_> = ids.iter().map(String::as_str).zip(links.iter().map(String::as_str)).collect();
        assert_eq!(fetched, expected);
        let sizes: Vec<usize> = world.visits().iter().map(|visit| asked(&sent(visit)).len()).collect();
        assert_eq!(sizes, batches);
        for visit in world.visits() {
            assert_eq!(visit.request.headers()["x-hw-share-folder-id"], "s");
            assert_eq!(visit.request.headers()["x-traceid"], trace_id.as_str());
        }
    }
}

/// The code of an entry decides, whatever else there is.
#[test]
fn codes_of_entries() {
    let url = link("F");
    for entry in [
        json!({"fileId": "F", "url": url, "code": "0", "msg": "Success."}),
        json!({"fileId": "F", "url": url, "code": 0}),
        json!({"fileId": "F", "url": url, "code": null}),
        json!({"fileId": "F", "url": url}),
    ] {
        assert_eq!(of_one(&json!([entry])).unwrap().as_str(), url);
    }
    let known = codes().iter().filter(|code| code.code.parse::<i64>().is_ok());
    let mut checked = 0;
    for code in known.map(|code| code.code).chain(["-1", "99999999", "9223372036854775807"]) {
        let number: i64 = code.parse().unwrap();
        for (entry, message) in [
            (json!({"fileId": "F", "code": code, "msg": "no"}), Some("no")),
            (json!({"fileId": "F", "code": number, "url": url}), None),
        ] {
            let error = of_one(&json!([entry])).unwrap_err();
            assert_eq!((error.kind(), error.code(), error.message()), (ErrorKind::Api, Some(code), message));
            assert_eq!((error.was_sent(), error.operation().unwrap().name), (Sent::Yes, "GetDownloadUrls"));
            assert!(error.body().is_empty(), "no other file's link is in it");
        }
        checked += 1;
    }
    assert!(checked > 30, "{checked}");
    let error = of_one(&json!([{"fileId": "F", "code": "13000411", "msg": "no\u{202e}"}])).unwrap_err();
    assert!(error.to_string().starts_with(r"GetDownloadUrls: HTTP 200, code 13000411: no\u{202e} ("), "{error}");
}

/// An entry that says nothing, and one that isn't there.
#[test]
fn files_without_an_answer() {
    for entries in [
        json!([]),
        json!([{"fileId": "G", "url": link("G"), "code": "0"}]),
        json!([{"url": link("F"), "code": "0"}]),
        json!([{"fileId": "F"}]),
        json!([{"fileId": "F", "url": ""}]),
        json!([{"fileId": "F", "url": "", "code": "0"}]),
        json!([{"fileId": "F", "msg": "no"}]),
    ] {
        let error = of_one(&entries).unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Decode, Sent::Yes), "{entries}");
        assert!(error.to_string().starts_with("GetDownloadUrls: the answer has no link for the file F"), "{error}");
    }
    // Of several, the first.
    let entries = json!([{"fileId": "F", "code": "13000411"}, {"fileId": "F", "url": link("F"), "code": "0"}]);
    assert_eq!(of_one(&entries).unwrap_err().code(), Some("13000411"));
}

/// A request that fails is the end, also if others had links already; and links are never shown.
#[test]
fn a_refusal() {
    let mut server = server();
    let mut count = 0;
    let mut world = World::new(move |visit| {
        count += 1;
        match count {
            1 => Reply::ok(server(&asked(&sent(visit))).to_string()),
            _ => Reply::status(400, r#"{"code": "13000301"}"#),
        }
    });
    let mut flow = Links::new(SPACE, ids(150));
    let error = world.run(&api(), &mut flow).unwrap_err();
    assert!(error.is_not_found() && world.visits().len() == 2);
    let shown = format!("{flow:?} {flow:#?} {error:?} {error:#?}");
    assert!(!shown.contains("d3e7") && shown.contains("Secret(..)"), "{shown}");
    for event in [Event::Start, Event::Elapsed] {
        let Step::Done(Err(error)) = flow.resume(&api(), world.now(), event) else { panic!("no error") };
        assert_eq!(error.kind(), ErrorKind::Misuse);
    }
    for count in [0, 1] {
        let mut flow = Links::new(SPACE, ids(count));
        let Step::Done(Err(error)) = flow.resume(&api(), world.now(), Event::Elapsed) else { panic!("no error") };
        assert_eq!(error.kind(), ErrorKind::Misuse);
        assert!(matches!(flow.resume(&api(), world.now(), Event::Start), Step::Done(Err(_))));
    }
}

/// The deadline is that of all requests.
#[test]
fn one_deadline() {
    let slow = || World::new(|_| Reply::ok("{}").after(Duration::from_secs(5)));
    let links = |seconds| Links::new(SPACE, ids(300)).deadline(Duration::from_secs(seconds));
    assert_eq!(slow().run(&api(), &mut links(16)).unwrap().len(), 300);
    let mut world = slow();
    let error = world.run(&api(), &mut links(13)).unwrap_err();
    assert_eq!((error.kind(), world.now().elapsed), (ErrorKind::Deadline, Duration::from_secs(13)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever the trouble, and a driver that is cancelled: each file once, in order.
    #[test]
    fn in_trouble(
        count in 0..320usize,
        faults in prop::collection::vec(0..4u8, 0..5),
        cancelled in prop::collection::vec(any::<bool>(), 0..4),
    ) {
        let (mut server, mut requests) = (server(), 0);
        let mut world = World::new(move |visit| {
            requests += 1;
            match faults.get(requests % (faults.len() + 1)) {
                Some(0) => Reply::status(503, ""),
                Some(1) => Reply::status(429, ""),
                Some(2) => Reply::failed(Reached::Maybe, Cause::Network),
                _ => Reply::ok(server(&asked(&sent(visit))).to_string()),
            }
        });
        let policy = koodrive_proto::RetryPolicy::default().max_attempts(20);
        let flow = Links::new(SPACE, ids(count)).retry(policy);
        let fetched = world.run(&api(), &mut Restless::new(flow, cancelled)).unwrap();
        prop_assert_eq!(fetched.len(), count);
        for ((id, fetched), expected) in fetched.into_iter().zip(ids(count)) {
            prop_assert_eq!(fetched.unwrap(), Secret::from(link(&expected)));
            prop_assert_eq!(id, expected);
        }
    }
}
