//! Listing a folder, and making one that may be there already: in virtual time.

use koodrive_proto::flow::{Cause, InSpace, ListFolder, Listed, MadeFolder, MakeFolder, PathError, Reached};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{Error, ErrorKind, RetryPolicy};
use serde_json::{Value as Json, json};

use crate::common::{OWNER, Restless, SPACE, api, sent};

fn page(entries: &Json, next: Option<&str>) -> Reply {
    Reply::ok(json!({"code": 0, "files": entries, "nextCursor": next}).to_string())
}

fn folder(id: &str, name: &str) -> Json {
    json!({"id": id, "fileName": name, "fileType": "10"})
}

#[test]
fn a_folder_is_listed_whole() {
    let first = json!([folder("F1", "a"), {"id": "F2", "fileName": "b", "recycled": true}, {"id": "F3"}]);
    let second =
        json!([folder("F1", "a"), {"id": "F4", "fileName": "a", "fileType": "45", "size": 7}, {"fileName": "c"}]);
    for cancelled in [vec![], vec![true, false], vec![true]] {
        let mut world = World::new({
            let (first, second) = (first.clone(), second.clone());
            move |visit| match sent(visit)["pageInfo"]["pageCursor"].as_str() {
                None => page(&first, Some("C2")),
                Some(_) => page(&second, None),
            }
        });
        let flow = ListFolder::new(InSpace::group(OWNER, SPACE), "F0");
        let listed: Listed = world.run(&api(), &mut Restless::new(flow, cancelled)).unwrap();
        let found: Vec<(&str, &str, bool)> =
            listed.found.iter().map(|found| (found.id.as_str(), found.name.as_str(), found.is_folder)).collect();
        assert_eq!(found, [("F1", "a", true), ("F4", "a", false)]);
        assert_eq!(listed.unusable.len(), 2);
        assert!(world.visits().iter().all(|visit| sent(visit)["parentFileId"] == "F0"));
    }
}

#[test]
fn a_part_of_a_folder_is_not_all_of_it() {
    let mut world = World::script([page(&json!([folder("F1", "a")]), Some("C2")), Reply::status(403, "")]);
    let error = world.run(&api(), &mut ListFolder::new(InSpace::personal(SPACE), "F0")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
}

/// What comes of these replies, and which calls were made: `c` for create, `l` for list.
fn make(replies: Vec<Reply>) -> (Result<MadeFolder, Error>, String) {
    let mut world = World::script(replies);
    let flow = MakeFolder::new(InSpace::personal(SPACE), "F0", "a").retry(RetryPolicy::none());
    let result = world.run(&api(), &mut { flow });
    let calls =
        world.visits().iter().map(|visit| if visit.request.uri().path().ends_with("directory") { 'c' } else { 'l' });
    (result, calls.collect())
}

#[test]
fn a_folder_is_made_or_found() {
    let silent = || Reply::failed(Reached::Maybe, Cause::Network);
    let taken = || Reply::status(400, r#"{"code": "13000405"}"#);
    let created = || Reply::ok(r#"{"code": 0, "id": "F1", "fileName": "a"}"#);
    let list = |entries: Json| page(&entries, None);
    let there = || list(json!([folder("F0a", "b"), folder("F1", "a")]));
    let made = |is_new, calls: &str| (is_new, calls.to_owned());
    let cases = [
        (vec![created()], made(true, "c")),
        (vec![taken(), there()], made(false, "cl")),
        (vec![silent(), there()], made(false, "cl")),
        (vec![Reply::silence(), list(json!([])), created()], made(true, "clc")),
        (vec![Reply::status(502, "<html>"), list(json!([])), taken(), there()], made(false, "clcl")),
        (vec![Reply::ok(r#"{"code": 0}"#), there()], made(false, "cl")),
    ];
    for (replies, expected) in cases {
        let (result, calls) = make(replies);
        let made = result.unwrap();
        assert_eq!(made.id, "F1");
        assert_eq!((made.is_new, calls), expected);
    }

    // Nothing is there, and it ends.
    let (result, calls) = make((0..3).flat_map(|_| [silent(), list(json!([]))]).collect());
    assert_eq!((result.unwrap_err().kind(), calls.as_str()), (ErrorKind::Transport, "clclcl"));
    let (result, calls) = make(vec![taken(), list(json!([folder("F2", "A")]))]);
    assert_eq!((result.unwrap_err().code(), calls.as_str()), (Some("13000405"), "cl"));
    // What never reached the service did nothing.
    let (result, calls) = make(vec![Reply::failed(Reached::No, Cause::Network)]);
    assert_eq!((result.unwrap_err().kind(), calls.as_str()), (ErrorKind::Transport, "c"));
    // A file has the name.
    let (result, _) = make(vec![taken(), list(json!([{"id": "F7", "fileName": "a", "fileType": "45"}]))]);
    let error = result.unwrap_err();
    let inner = error.get_ref().unwrap().downcast_ref::<PathError>();
    assert_eq!(inner, Some(&PathError::IsFile { path: "a".into(), id: "F7".into() }));
}

/// A driver that is cancelled while the folder is created leaves open whether it was: the listing decides.
#[test]
fn a_cancelled_creation_is_looked_for() {
    let mut world = World::script([page(&json!([folder("F1", "a")]), None)]);
    let flow = MakeFolder::new(InSpace::personal(SPACE), "root", "a");
    let made = world.run(&api(), &mut Restless::new(flow, vec![false, true])).unwrap();
    assert_eq!((made.id.as_str(), made.is_new), ("F1", false));
}
