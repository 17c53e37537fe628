//! Names to ids, by listing folders: in virtual time.

use std::collections::BTreeMap;
use std::time::Duration;

use koodrive_proto::flow::{Cause, Children, Event, Flow, Found, InSpace, PathError, Reached, Resolve, Resolved, Step};
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::{Error, ErrorKind, RetryPolicy, TraceId, http};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::common::{Restless, SPACE, api, sent};

const SECOND: Duration = Duration::from_secs(1);

fn personal() -> InSpace {
    InSpace::personal(SPACE)
}

fn folder(id: &str, name: &str) -> Json {
    json!({"id": id, "fileName": name, "fileType": "10"})
}

fn file(id: &str, name: &str) -> Json {
    json!({"id": id, "fileName": name, "fileType": "45", "size": 7})
}

fn page(entries: &[Json]) -> Reply {
    Reply::ok(json!({"code": 0, "files": entries}).to_string())
}

fn walk(world: &mut World, path: &[&str]) -> Result<Resolved, Error> {
    world.run(&api(), &mut Resolve::new(personal(), path.iter().copied()))
}

fn ids(found: &[Found]) -> Vec<&str> {
    found.iter().map(|found| found.id.as_str()).collect()
}

/// Which folder is listed, and with which cursor.
fn listed(visit: &Visit) -> (String, Option<String>) {
    let body = sent(visit);
    let text = |value: &Json| value.as_str().map(str::to_owned);
    (text(&body["parentFileId"]).unwrap(), text(&body["pageInfo"]["pageCursor"]))
}

#[derive(Debug, Clone)]
struct Node {
    name: &'static str,
    recycled: bool,
    /// Of a folder.
    children: Option<Vec<Self>>,
}

/// Trees in which names often stand twice. Some of the names differ only in case, or in their Unicode form.
fn trees() -> impl Strategy<Value = Vec<Node>> {
    let leaf = prop_oneof![Just(None), Just(Some(Vec::new()))];
    let node = leaf.prop_flat_map(|children| node(Just(children)));
    let node = node.prop_recursive(4, 60, 6, |inner| {
        let children = prop_oneof![1 => Just(None), 4 => prop::collection::vec(inner, 0..6).prop_map(Some)];
        children.prop_flat_map(|children| self::node(Just(children)))
    });
    prop::collection::vec(node, 0..6)
}

const NAMES: [&str; 9] = ["a", "A", "b", "c", "d", "\u{e9}", "e\u{301}", "a b", "..a"];

fn node(children: impl Strategy<Value = Option<Vec<Node>>>) -> impl Strategy<Value = Node> {
    (prop::sample::select(&NAMES[..]), prop::bool::weighted(0.1), children)
        .prop_map(|(name, recycled, children)| Node { name, recycled, children })
}

/// All folders by their ids, which say where an entry is: `root/2/0`.
fn folders(id: &str, nodes: &[Node], into: &mut BTreeMap<String, Vec<Json>>) {
    let mut entries = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let child = format!("{id}/{at}");
        let mut entry = if node.children.is_some() { folder(&child, node.name) } else { file(&child, node.name) };
        entry["recycled"] = json!(node.recycled);
        entries.push(entry);
        folders(&child, node.children.as_deref().unwrap_or_default(), into);
    }
    into.insert(id.to_owned(), entries);
}

/// Pages of these sizes, one after the other. Some entries come again, as if others were added meanwhile.
fn paged(folders: BTreeMap<String, Vec<Json>>, sizes: Vec<usize>, faults: Vec<u8>) -> World {
    let mut requests = 0;
    World::new(move |visit| {
        requests += 1;
        match faults.get(requests % (faults.len() + 1)) {
            Some(0) => return Reply::status(503, ""),
            Some(1) => return Reply::status(429, "").header("retry-after", "3"),
            Some(2) => return Reply::failed(Reached::Maybe, Cause::Network),
            Some(3) => return Reply::silence(),
            _ => {}
        }
        let (folder, cursor) = listed(visit);
        let entries = &folders[&folder];
        let cursor = cursor.unwrap_or_else(|| "0 0".to_owned());
        let (number, offset) = cursor.split_once(' ').unwrap();
        let (number, offset): (usize, usize) = (number.parse().unwrap(), offset.parse().unwrap());
        let size = sizes[number % sizes.len()];
        let end = (offset + size).min(entries.len());
        let again = usize::from(size > 2 && end < entries.len());
        let next = (end < entries.len()).then(|| format!("{} {}", number + 1, end - again));
        Reply::ok(json!({"code": 0, "files": entries[offset..end], "nextCursor": next}).to_string())
    })
}

#[derive(Debug, PartialEq)]
enum Outcome {
    /// Ids, how many names are left, and whether a file is at the end.
    Ends(Vec<String>, usize, bool),
    Twice(String, String),
}

/// What a walk comes to, by looking at the tree itself.
fn model(nodes: &[Node], path: &[&str]) -> Outcome {
    let (mut nodes, mut id, mut ids) = (Some(nodes), "root".to_owned(), Vec::new());
    while let (Some(children), Some(name)) = (nodes, path.get(ids.len())) {
        let mut named = children.iter().enumerate().filter(|(_, child)| child.name == *name && !child.recycled);
        let Some((at, child)) = named.next() else { break };
        if let Some((other, _)) = named.next() {
            return Outcome::Twice(format!("{id}/{at}"), format!("{id}/{other}"));
        }
        id = format!("{id}/{at}");
        ids.push(id.clone());
        nodes = child.children.as_deref();
    }
    let rest = path.len() - ids.len();
    Outcome::Ends(ids, rest, nodes.is_none())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the tree, the pages, the trouble, and a driver that is cancelled again and again.
    #[test]
    fn as_the_tree_is(
        tree in trees(),
        path in prop::collection::vec(prop::sample::select(&NAMES[..]), 0..5),
        sizes in prop::collection::vec(0..4usize, 0..4),
        faults in prop::collection::vec(0..5u8, 0..6),
        cancelled in prop::collection::vec(any::<bool>(), 0..5),
    ) {
        let (mut all, mut sizes) = (BTreeMap::new(), sizes);
        folders("root", &tree, &mut all);
        sizes.push(3);
        let mut world = paged(all, sizes, faults);
        let flow = Resolve::new(personal(), path.clone()).retry(RetryPolicy::default().max_attempts(50));
        let outcome = match world.run(&api(), &mut Restless::new(flow, cancelled)) {
            Ok(resolved) => {
                prop_assert_eq!(&resolved.rest[..], &path[resolved.found.len()..]);
                prop_assert!(resolved.found.iter().zip(&path).all(|(found, name)| found.name == *name));
                let ids = ids(&resolved.found).into_iter().map(str::to_owned).collect();
                Outcome::Ends(ids, resolved.rest.len(), resolved.ends_in_file())
            }
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::Decode);
                let text = error.to_string();
                let words: Vec<&str> = text.split(' ').collect();
                Outcome::Twice(words[1].to_owned(), words[3].to_owned())
            }
        };
        let expected = model(&tree, &path);
        prop_assert_eq!(outcome, expected);
    }
}

/// What is sent: the whole listing of each folder on the way, with the options of the walk.
#[test]
fn requests() {
    let next = |cursor: &str| Reply::ok(json!({"files": [folder("F1", "a")], "nextCursor": cursor}).to_string());
    let pages = || [next("c1"), page(&[file("F2", "x")]), page(&[file("F3", "b")])];
    let trace_id = TraceId::from_bytes([5; 29]);
    let path = |visit: &Visit| visit.request.uri().path_and_query().unwrap().to_string();
    for (space, expected) in [
        (personal(), "/koodrive/ose/v1/files/0"),
        (InSpace::department("7", SPACE), "/koodrive/ose/v1/files/7/0?team_type=0"),
        (InSpace::group("8", SPACE), "/koodrive/ose/v1/files/8/0?team_type=2"),
    ] {
        assert_eq!(space.id(), SPACE);
        let mut world = World::script(pages());
        let flow = &mut Resolve::new(space, "a/b".split('/')).from("F0").trace_id(trace_id.clone());
        let resolved = world.run(&api(), flow).unwrap();
        assert_eq!((resolved.start.as_str(), ids(&resolved.found)), ("F0", vec!["F1", "F3"]));
        let visits = world.visits();
        assert!(visits.iter().all(|visit| path(visit) == expected), "{visits:?}");
        assert!(visits.iter().all(|visit| visit.request.headers()["x-traceid"] == trace_id.as_str()));
        let bodies: Vec<Json> = visits.iter().map(sent).collect();
        assert_eq!(bodies[0], json!({"containerId": SPACE, "parentFileId": "F0"}));
        let turned = json!({"containerId": SPACE, "parentFileId": "F0", "pageInfo": {"pageCursor": "c1"}});
        assert_eq!(bodies[1], turned);
        assert_eq!(bodies[2], json!({"containerId": SPACE, "parentFileId": "F1"}));
    }
}

/// Whether the path ends in a file, in a folder, or not at all, as an error that says where.
#[test]
fn where_a_path_ends() {
    let tree = || [page(&[folder("F1", "2026")]), page(&[file("F2", "a.txt"), file("F3", "b")])];
    let resolved = walk(&mut World::script(tree()), &["2026", "a.txt"]).unwrap();
    let found = resolved.file().unwrap();
    assert_eq!((found.id.as_str(), found.size, found.is_folder), ("F2", Some(7), false));
    assert_eq!(found.listed.file_name.as_deref(), Some("a.txt"));
    assert_eq!(resolved.folder().unwrap_err().to_string(), "F2 is a file, not a folder: `2026/a.txt`");

    let [first, _] = tree();
    let resolved = walk(&mut World::script([first]), &["2026"]).unwrap();
    assert_eq!(resolved.folder().unwrap(), "F1");
    assert_eq!(resolved.file().unwrap_err().to_string(), "F1 is a folder, not a file: `2026`");

    // The first names that exist, and the rest.
    let resolved = walk(&mut World::script(tree()), &["2026", "c", "d"]).unwrap();
    assert_eq!(
        (ids(&resolved.found), &resolved.rest[..], resolved.ends_in_file()),
        (vec!["F1"], &["c".to_owned(), "d".to_owned()][..], false)
    );
    let error = resolved.folder().unwrap_err();
    assert_eq!(resolved.file(), Err(error.clone()));
    let missing = PathError::Missing { path: "2026/c".to_owned(), name: "c".to_owned(), folder: "F1".into() };
    assert_eq!(error, missing);
    let error = Error::from(error);
    assert_eq!(error.to_string(), "the folder F1 has nothing that is named `c`: `2026/c`");
    assert_eq!((error.kind(), error.get_ref().unwrap().downcast_ref()), (ErrorKind::NotFound, Some(&missing)));
    assert!(error.is_not_found());

    // A file in the way isn't listed.
    let resolved = walk(&mut World::script(tree()), &["2026", "b", "c"]).unwrap();
    assert_eq!(
        (ids(&resolved.found), &resolved.rest[..], resolved.ends_in_file()),
        (vec!["F1", "F3"], &["c".to_owned()][..], true)
    );
    for error in [resolved.file().unwrap_err(), resolved.folder().unwrap_err()] {
        assert_eq!(error, PathError::IsFile { path: "2026/b".to_owned(), id: "F3".into() });
    }

    // No path leads nowhere, without a request.
    let resolved = walk(&mut World::script([]), &[]).unwrap();
    assert_eq!((resolved.folder().unwrap().as_str(), resolved.file().is_err()), ("root", true));

    // What makes a folder, and which sizes can be.
    for (entry, is_folder, size) in [
        (json!({"id": "F", "fileName": "n", "mimeType": "application/vnd.huawei-apps.folder"}), true, None),
        (json!({"id": "F", "fileName": "n", "fileType": "11"}), true, None),
        (json!({"id": "F", "fileName": "n", "fileType": "99", "size": -1}), false, None),
        (json!({"id": "F", "fileName": "n", "size": i64::MAX}), false, Some(i64::MAX.unsigned_abs())),
    ] {
        let resolved = walk(&mut World::script([page(&[entry])]), &["n"]).unwrap();
        assert_eq!((resolved.found[0].is_folder, resolved.found[0].size), (is_folder, size));
    }
}

/// Two entries of one name are never guessed between, wherever they are; and an unclear listing isn't a missing name.
#[test]
fn entries_in_doubt() {
    let refused = |entries: &[Json]| {
        let error = walk(&mut World::script([page(entries)]), &["n"]).unwrap_err();
        assert_eq!((error.kind(), error.operation().unwrap().name), (ErrorKind::Decode, "ListPersonalFiles"));
        error.to_string().strip_prefix("ListPersonalFiles: ").unwrap().to_owned()
    };
    for second in [file("F2", "n"), folder("F2", "n")] {
        let error = refused(&[file("F1", "n"), file("F9", "o"), second]);
        assert_eq!(error, "F1 and F2 in the folder root have one name, `n`");
    }
    assert_eq!(refused(&[json!({"fileName": "n"})]), "what is named `n` has no id");
    let nameless = "an entry of the folder root has no name, so it may be any";
    assert_eq!(refused(&[file("F9", "o"), json!({"id": "F1"})]), nameless);
    // The other page counts as well, and also the last folder of the way.
    let next = Reply::ok(json!({"files": [file("F1", "n")], "nextCursor": "c"}).to_string());
    let mut world = World::script([page(&[folder("F0", "d")]), next, page(&[folder("F2", "n")])]);
    let error = walk(&mut world, &["d", "n"]).unwrap_err();
    assert_eq!(error.to_string(), "ListPersonalFiles: F1 and F2 in the folder F0 have one name, `n`");
    // The ids are seen, however long the name is.
    let name = "n".repeat(250);
    let error = walk(&mut World::script([page(&[file("F1", &name), file("F2", &name)])]), &[&name]).unwrap_err();
    assert!(error.to_string().starts_with("ListPersonalFiles: F1 and F2 in the folder root have one name, `nnn"));

    // The same entry again, what is in the recycle bin, and what has no name beside what was found: no doubt.
    let recycled = json!({"id": "F3", "fileName": "n", "recycled": true});
    let entries = [file("F1", "n"), recycled, file("F1", "n"), json!({"id": "F4"})];
    assert_eq!(ids(&walk(&mut World::script([page(&entries)]), &["n"]).unwrap().found), ["F1"]);
}

/// Names that no file can have are refused before anything is sent, and so is a path that is too long.
#[test]
fn names_that_are_refused() {
    let longest = "\u{e9}".repeat(250);
    let too_long = format!("{longest}e");
    let allowed = "a name of 1 to 250 characters: not `.` or `..`, none of < > | : \" * ? /";
    for (name, got) in [
        ("", "an empty text"),
        (".", "`.` or `..`"),
        ("..", "`.` or `..`"),
        ("a/b", "a text with one of < > | : \" * ? /"),
        ("a:b", "a text with one of < > | : \" * ? /"),
        (&too_long, "251 characters"),
    ] {
        let error = walk(&mut World::script([]), &["a", name]).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::Param, format!("path[1]: got {got}, allowed: {allowed}"))
        );
        let mut children = Children::new(personal(), "root", ["a", name]);
        let error = World::script([]).run(&api(), &mut children).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::Param, format!("name: got {got}, allowed: {allowed}"))
        );
        assert_misuse(&mut children, Event::Start);
    }
    for name in [&longest, "a\\b", "...", " ", "%2F"] {
        assert!(walk(&mut World::script([page(&[file("F", name)])]), &[name]).unwrap().file().is_ok());
    }
    // The deepest folder has a file.
    let deepest = |names: usize| {
        let mut world = World::new(|_| page(&[folder("F", "d")]));
        walk(&mut world, &vec!["d"; names]).map(|resolved| resolved.found.len())
    };
    assert_eq!(deepest(31).unwrap(), 31);
    let error = deepest(32).unwrap_err().to_string();
    assert_eq!(error, "path: got 32 names, allowed: 30 folders and what is in the last of them");
}

/// Several names of one folder take one listing.
#[test]
fn several_names() {
    let next = Reply::ok(json!({"files": [file("F1", "a"), file("F2", "b")], "nextCursor": "c"}).to_string());
    let mut world = World::script([next, page(&[folder("F3", "c"), file("F4", "d")])]);
    let mut children = Children::new(personal(), "F0", ["c", "a", "e", "a"]);
    let found = world.run(&api(), &mut children).unwrap();
    let found: Vec<_> = found.values().map(|found| (found.name.as_str(), found.id.as_str())).collect();
    assert_eq!((found, world.visits().len()), (vec![("a", "F1"), ("c", "F3")], 2));
    assert_misuse(&mut children, Event::Start);
    let nothing: [&str; 0] = [];
    assert!(World::script([]).run(&api(), &mut Children::new(personal(), "F0", nothing)).unwrap().is_empty());
}

/// The deadline is that of the whole walk, not of each page.
#[test]
fn one_deadline() {
    let mut world = World::new(|visit| {
        let (folder, cursor) = listed(visit);
        let next = cursor.is_none().then_some("c");
        let entry = self::folder(&format!("{folder}{}", next.unwrap_or("d")), if next.is_some() { "d" } else { "x" });
        Reply::ok(json!({"files": [entry], "nextCursor": next}).to_string()).after(SECOND * 5)
    });
    let walk = |deadline| Resolve::new(personal(), ["d"; 4]).deadline(SECOND * deadline);
    world.run(&api(), &mut walk(41)).unwrap();
    let begun = world.now().elapsed;
    let error = world.run(&api(), &mut walk(38)).unwrap_err();
    assert_eq!((error.kind(), world.now().elapsed.saturating_sub(begun)), (ErrorKind::Deadline, SECOND * 38));
    // A pause that is longer than the rest isn't waited for.
    let next = Reply::ok(json!({"files": [], "nextCursor": "c"}).to_string()).after(SECOND * 5);
    let later = Reply::status(503, "").header("retry-after", "6");
    let mut world = World::script([next, later]);
    let error = world.run(&api(), &mut walk(10)).unwrap_err();
    assert_eq!((error.retry_after(), world.now().elapsed < SECOND * 6), (Some(SECOND * 6), true));
}

/// A folder without an end, a cursor that leads back, and refusals end the walk.
#[test]
fn what_ends_a_walk() {
    let mut count = 0;
    let mut empty = World::new(move |_| {
        count += 1;
        Reply::ok(json!({"files": [], "nextCursor": count.to_string()}).to_string())
    });
    let mut same = World::new(move |_| Reply::ok(json!({"files": [file("F", "n")], "nextCursor": "c"}).to_string()));
    for world in [&mut empty, &mut same] {
        let mut flow = Resolve::new(personal(), ["n"]);
        assert_eq!(world.run(&api(), &mut flow).unwrap_err().kind(), ErrorKind::Decode);
        assert_misuse(&mut flow, Event::Start);
    }
    assert_eq!(empty.visits().len(), 1_001);

    let mut flow = Resolve::new(personal(), ["d", "n"]);
    let mut world = World::script([page(&[folder("F", "d")]), Reply::status(400, r#"{"code": "13000309"}"#)]);
    let error = world.run(&api(), &mut flow).unwrap_err();
    assert!(error.is_not_found() && error.operation().unwrap().name == "ListPersonalFiles");
    assert_misuse(&mut flow, Event::Start);
}

fn assert_misuse<F: Flow>(flow: &mut F, event: Event) {
    match flow.resume(&api(), World::script([]).now(), event) {
        Step::Done(Err(error)) => assert_eq!(error.kind(), ErrorKind::Misuse),
        _ => panic!("no misuse"),
    }
}

/// Wrong events, and another user's Api in the middle of the walk.
#[test]
fn misuse() {
    let answer = || Event::Response(http::Response::new(json!({"files": [folder("F", "d")]}).to_string().into()));
    for path in [&["d", "d"][..], &[]] {
        for event in [Event::Elapsed, answer()] {
            let mut flow = Resolve::new(personal(), path.iter().copied());
            assert_misuse(&mut flow, event);
            assert_misuse(&mut flow, Event::Start);
        }
    }
    let (api, now) = (api(), World::script([]).now());
    let mut flow = Resolve::new(personal(), ["d", "d"]);
    assert!(matches!(flow.resume(&api, now, Event::Start), Step::Send(_)));
    assert_misuse(&mut flow, Event::Elapsed);

    let mut flow = Resolve::new(personal(), ["d", "d"]);
    assert!(matches!(flow.resume(&api, now, Event::Start), Step::Send(_)));
    assert!(matches!(flow.resume(&api, now, answer()), Step::Send(_)));
    assert_misuse(&mut flow, answer());
}
