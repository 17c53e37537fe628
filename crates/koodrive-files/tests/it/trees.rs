//! Folders of a service, in virtual time, and local folders.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use koodrive_files::tree::{
    DownloadPlan, Existing, FileMove, FolderFrom, FolderReport, FolderState, ListTree, LocalTree, MakeFolders, Moves,
    Notice, Notices, RemoteTree, UploadPlan,
};
use koodrive_files::{Options, UploadTo};
use koodrive_proto::flow::{Body, Cause, InSpace, Reached, Record};
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::{Api, Credentials, Error, ErrorKind, RetryPolicy};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::files::records;
use crate::names::name;

const SPACE: &str = "IAAB5thdWzxEoAsiA1681759183084696448";

fn api() -> Api {
    Api::new("https://h", Credentials::app("app", "secret", "1")).unwrap().retry(RetryPolicy::none())
}

fn personal() -> InSpace {
    InSpace::personal(SPACE)
}

fn sent(visit: &Visit) -> Json {
    let Body::Bytes(body) = visit.request.body() else { panic!("{visit:?}") };
    serde_json::from_slice(body).unwrap()
}

fn page(entries: &[Json]) -> Reply {
    Reply::ok(json!({"code": 0, "files": entries}).to_string())
}

fn folder(id: &str, name: &str) -> Json {
    json!({"id": id, "fileName": name, "fileType": "10"})
}

fn file(id: &str, name: &str) -> Json {
    json!({"id": id, "fileName": name, "fileType": "45", "size": 7})
}

/// A service that has these folders, by their ids.
fn world(folders: BTreeMap<String, Vec<Json>>) -> World {
    World::new(move |visit| match folders.get(sent(visit)["parentFileId"].as_str().unwrap()) {
        Some(entries) => page(entries),
        None => Reply::status(403, r#"{"code": "13000309", "msg": "Resource not found."}"#),
    })
}

fn list(world: &mut World) -> RemoteTree {
    world.run(&api(), &mut ListTree::new(personal(), "root")).unwrap()
}

fn paths(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.path.as_str()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whatever the names: all that is downloaded is in the target, and nothing is in the place of something else.
    #[test]
    fn no_tree_leaves_its_target(
        entries in prop::collection::vec((any::<prop::sample::Index>(), name(), any::<bool>()), 0..25),
    ) {
        let mut folders = vec!["root".to_owned()];
        let mut drive = BTreeMap::from([("root".to_owned(), Vec::new())]);
        for (at, (parent, name, is_folder)) in entries.iter().enumerate() {
            let parent = parent.get(&folders).clone();
            let id = format!("F{at}");
            drive.get_mut(&parent).unwrap().push(if *is_folder { folder(&id, name) } else { file(&id, name) });
            // No deeper than paths may be here.
            if *is_folder {
                drive.insert(id.clone(), Vec::new());
                if folders.len() < 6 {
                    folders.push(id);
                }
            }
        }
        let tree = list(&mut world(drive));
        prop_assert_eq!(tree.folders.len() + tree.files.len(), entries.len());

        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("target");
        let (plan, report) = DownloadPlan::new(tree, &target, &FolderFrom::new(SPACE)).unwrap();
        prop_assert!(report.is_complete(), "{}", report);
        prop_assert_eq!(report.folders, entries.iter().filter(|(_, _, is_folder)| *is_folder).count() as u64);
        for file in &plan.tree.files {
            prop_assert!(Path::new(&file.path).components().all(|part| matches!(part, Component::Normal(_))));
            let place = plan.place(file).unwrap();
            fs::write(&place, file.id.as_str()).unwrap();
            let place = fs::canonicalize(&place).unwrap();
            prop_assert!(place.starts_with(fs::canonicalize(&target).unwrap()), "{:?}", place);
        }
        prop_assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        for file in &plan.tree.files {
            prop_assert_eq!(fs::read_to_string(plan.path(file)).unwrap(), file.id.as_str());
        }
        // What was renamed, and only that, is told.
        let renamed: BTreeSet<&str> = plan.tree.renamed.iter().map(|notice| notice.path.as_str()).collect();
        for file in &plan.tree.files {
            let given = &entries[file.id.as_str()[1..].parse::<usize>().unwrap()].1;
            let is_renamed = file.path.rsplit('/').next().unwrap() != given;
            prop_assert_eq!(renamed.contains(file.path.as_str()), is_renamed);
        }
    }

    /// Whatever is lost, and however often it is run again: every folder is there once.
    #[test]
    fn folders_are_made_once(
        wanted in prop::collection::btree_set("[ab]/[ab]/[abc]|[ab]/[ab]|[ab]|a b", 0..12),
        there in prop::collection::vec("[ab]", 0..2),
        faults in prop::collection::vec(0..8_u8, 0..40),
    ) {
        let mut all: BTreeSet<String> = BTreeSet::new();
        for path in &wanted {
            all.extend(path.match_indices('/').map(|(at, _)| path[..at].to_owned()));
            all.insert(path.clone());
        }
        // By parent and name.
        let drive: BTreeMap<(String, String), String> =
            there.iter().map(|name| (("F0".to_owned(), name.clone()), format!("T{name}"))).collect();
        let drive = Arc::new(Mutex::new(drive));
        let (server, mut number) = (Arc::clone(&drive), 0);
        let mut world = World::new(move |visit| {
            let (mut drive, body) = (server.lock().unwrap(), sent(visit));
            number += 1;
            let fault = faults.get(number).copied().unwrap_or(9);
            if fault == 0 {
                return Reply::failed(Reached::Maybe, Cause::Network);
            }
            let answer = if visit.request.uri().path().ends_with("/directory") {
                let key = (body["parentFolder"][0].as_str().unwrap(), body["fileName"].as_str().unwrap());
                let key = (key.0.to_owned(), key.1.to_owned());
                match drive.entry(key) {
                    Entry::Occupied(_) => Reply::status(400, r#"{"code": "13000405"}"#),
                    Entry::Vacant(free) => {
                        let id = free.insert(format!("N{number}"));
                        Reply::ok(json!({"code": 0, "id": id}).to_string())
                    }
                }
            } else {
                let parent = body["parentFileId"].as_str().unwrap();
                let children = drive.iter().filter(|((of, _), _)| of == parent);
                page(&children.map(|((_, name), id)| folder(id, name)).collect::<Vec<_>>())
            };
            if fault == 1 { Reply::silence() } else { answer }
        });
        let mut make = MakeFolders::new(personal(), "F0", &all);
        let made = loop {
            match world.run(&api(), &mut make) {
                Ok(made) => break made,
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Transport),
            }
        };
        prop_assert!(made.conflicts.is_empty() && made.failed.is_empty());
        prop_assert_eq!(made.ids.len(), all.len() + 1);
        let drive = drive.lock().unwrap();
        for path in &all {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            let key = (made.ids[parent].as_str().to_owned(), name.to_owned());
            prop_assert_eq!(drive[&key].as_str(), made.ids[path].as_str());
        }
        prop_assert_eq!(drive.len(), all.iter().cloned().chain(there).collect::<BTreeSet<_>>().len());
    }
}

#[test]
fn what_has_no_place_is_told() {
    let root = vec![
        folder("F1", "a"),
        file("F2", "b"),
        json!({"id": "F3", "fileType": "45"}),
        folder("gone", "gone"),
        folder(&"F".repeat(65), "odd"),
        file("F4", "nul"),
    ];
    // The folder is in itself, and one file is in two.
    let inner = vec![folder("F1", "again"), file("F2", "b"), folder("root", "up")];
    let tree = list(&mut world(BTreeMap::from([("root".to_owned(), root), ("F1".to_owned(), inner)])));
    assert_eq!(tree.folders, ["a", "gone", "odd"]);
    let files: Vec<(&str, Option<u64>)> = tree.files.iter().map(|file| (file.path.as_str(), file.size)).collect();
    assert_eq!(files, [("_nul", Some(7)), ("b", Some(7))]);
    assert_eq!(paths(&tree.failed), [".", "a/again", "a/b", "a/up", "gone", "odd"]);
    assert_eq!(tree.renamed, [Notice::new("_nul", "its name in the drive is \"nul\"")]);
}

#[test]
fn a_service_without_a_bottom_is_left() {
    let mut world = World::new(|visit| {
        let id =
            sent(visit)["parentFileId"].as_str().unwrap().strip_prefix('F').map_or(0, |id| id.parse::<u32>().unwrap());
        page(&[folder(&format!("F{}", id + 1), "d")])
    });
    let tree = list(&mut world);
    assert_eq!((tree.folders.len(), tree.failed.len()), (1_000, 1));
}

#[test]
fn a_listing_goes_on_after_trouble() {
    let mut world = World::script([
        page(&[folder("F1", "a"), folder("F2", "b")]),
        page(&[file("F3", "c")]),
        Reply::status(503, ""),
        page(&[file("F4", "d")]),
    ]);
    let mut flow = ListTree::new(personal(), "root");
    assert_eq!(world.run(&api(), &mut flow).unwrap_err().kind(), ErrorKind::Api);
    let tree = world.run(&api(), &mut flow).unwrap();
    let files: Vec<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["a/c", "b/d"]);
}

#[test]
fn what_has_the_name_of_a_folder_is_a_conflict() {
    let mut world = World::script([
        page(&[file("F1", "a"), folder("F2", "b"), folder("F3", "b"), folder("F4", "c")]),
        Reply::status(400, r#"{"code": "13000310", "msg": "Max. levels exceeded."}"#),
        page(&[]),
        page(&[]),
        Reply::ok(r#"{"code": 0, "id": "F9"}"#),
    ]);
    let paths_wanted = ["a", "a/x", "b", "c", "c/d", "e"];
    let made = world.run(&api(), &mut MakeFolders::new(personal(), "F0", paths_wanted)).unwrap();
    assert_eq!(paths(&made.conflicts), ["a", "b"]);
    assert!(made.conflicts[1].why.contains("F2, F3"));
    assert_eq!(paths(&made.failed), ["e"]);
    assert_eq!(made.ids.keys().collect::<Vec<_>>(), ["", "c", "c/d"]);
}

/// A tree of one folder with one file, and a file.
fn small_tree() -> RemoteTree {
    let root = vec![folder("F1", "a"), file("F2", "b")];
    list(&mut world(BTreeMap::from([("root".to_owned(), root), ("F1".to_owned(), vec![file("F3", "c")])])))
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    use std::os::unix::fs::symlink;

    let home = tempfile::tempdir().unwrap();
    let (real, target, outside) = (home.path().join("real"), home.path().join("target"), home.path().join("outside"));
    for folder in [&real, &outside] {
        fs::create_dir(folder).unwrap();
    }
    // The target itself may be a link.
    symlink("real", &target).unwrap();
    symlink("../outside", real.join("a")).unwrap();
    let replace = FolderFrom::new(SPACE).existing(Existing::Replace);
    let (plan, report) = DownloadPlan::new(small_tree(), &target, &replace).unwrap();
    assert_eq!((paths(&report.conflicts), report.folders), (vec!["a"], 0));
    let [b, c] = &plan.tree.files[..] else { panic!("{plan:?}") };
    assert!(plan.place(c).unwrap_err().why.contains("link"));
    // One that leads to a file is replaced itself, if it may be.
    fs::write(outside.join("file"), "kept").unwrap();
    symlink("../outside/file", real.join("b")).unwrap();
    assert_eq!(plan.place(b).unwrap(), target.join("b"));
    let refuse = FolderFrom::new(SPACE);
    assert_eq!(DownloadPlan::new(small_tree(), &target, &refuse).unwrap().0.place(b).unwrap_err().path, "b");
    fs::remove_file(real.join("b")).unwrap();
    symlink("../outside", real.join("b")).unwrap();
    plan.place(b).unwrap_err();
    fs::remove_file(real.join("b")).unwrap();
    symlink("../outside/part", real.join("b.koodrive-part")).unwrap();
    plan.place(b).unwrap_err();
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
}

#[test]
fn what_is_there_stays_unless_it_may_be_replaced() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("a/c")).unwrap();
    fs::write(home.path().join("b"), "old").unwrap();
    for (existing, is_free) in [(Existing::Refuse, false), (Existing::Replace, true)] {
        let from = FolderFrom::new(SPACE).existing(existing);
        let (plan, report) = DownloadPlan::new(small_tree(), home.path(), &from).unwrap();
        assert!(report.is_complete() && report.folders == 1);
        let [b, c] = &plan.tree.files[..] else { panic!("{plan:?}") };
        assert_eq!(plan.place(b).is_ok(), is_free);
        assert!(plan.place(c).unwrap_err().why.contains("folder"));
    }
    fs::remove_dir_all(home.path().join("a")).unwrap();
    fs::write(home.path().join("a"), "").unwrap();
    let (_, report) = DownloadPlan::new(small_tree(), home.path(), &FolderFrom::new(SPACE)).unwrap();
    assert_eq!(paths(&report.conflicts), ["a"]);
}

#[test]
fn an_upload_is_refused_with_all_that_is_wrong() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("root");
    fs::create_dir(&root).unwrap();
    for name in ["a:b", "c?", "fine"] {
        fs::write(root.join(name), "").unwrap();
    }
    let error = UploadPlan::new(&root, &UploadTo::new(SPACE).name("x/y"), None).unwrap_err();
    assert!(error.to_string().starts_with("3 entries can't be uploaded, so nothing was sent: \"x/y\": "), "{error}");
    let notices: &Notices = error.get_ref().unwrap().downcast_ref().unwrap();
    assert_eq!(paths(&notices.0), ["x/y", "a:b", "c?"]);
}

#[test]
fn a_folder_is_uploaded_by_its_plan() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("root/sub")).unwrap();
    fs::write(home.path().join("root/sub/file"), "12345").unwrap();
    let to = UploadTo::new(SPACE).folder("F0");
    let plan = UploadPlan::new(&home.path().join("root/sub/.."), &to.clone().name("top"), None).unwrap();
    assert_eq!((plan.name.as_str(), plan.bytes()), ("top", 5));
    let plan = UploadPlan::new(&home.path().join("root/sub/.."), &to, None).unwrap();
    assert_eq!(plan.name, "root");
    let made = |id: &str| Reply::ok(json!({"code": 0, "id": id}).to_string());
    let mut world = World::script([page(&[]), made("F1"), made("F2")]);
    let made = world.run(&api(), &mut plan.make_folders()).unwrap();
    let created: Vec<(Json, Json)> = world.visits()[1..]
        .iter()
        .map(|visit| (sent(visit)["fileName"].clone(), sent(visit)["parentFolder"][0].clone()))
        .collect();
    assert_eq!(created, [(json!("root"), json!("F0")), (json!("sub"), json!("F1"))]);
    let file = &plan.tree.files[0];
    let to = format!("{:?}", plan.to(&made, file).unwrap());
    assert!(to.contains("F2") && to.contains("\"file\""), "{to}");
    assert_eq!(fs::read(plan.source(file)).unwrap(), b"12345");
    assert!(plan.is_small(file) && plan.report(&made).folders == 2);
    plan.to(&koodrive_files::tree::MadeFolders::default(), file).unwrap_err();
}

#[test]
fn finished_files_are_remembered_while_they_are_the_same() {
    let home = tempfile::tempdir().unwrap();
    let (root, path) = (home.path().join("root"), home.path().join("state"));
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a"), "1").unwrap();
    fs::write(root.join("b"), "2").unwrap();
    let to = UploadTo::new(SPACE);
    let open = || FolderState::upload(&path, &to, "root", false);
    let tree = LocalTree::walk(&root, None).unwrap();
    let [a, b] = &tree.files[..] else { panic!("{tree:?}") };

    let mut state = open().unwrap();
    state.uploaded(a, "F1").unwrap();
    assert!(open().unwrap_err().to_string().contains("in use"));
    drop(state);
    // The process is killed while it writes the next one.
    let mut text = fs::read(path.join("done")).unwrap();
    text.extend(br#"{"path":"b","id":"F2","#);
    fs::write(path.join("done"), text).unwrap();
    let mut state = open().unwrap();
    assert!(state.is_uploaded(a) && !state.is_uploaded(b));
    state.uploaded(b, "F2").unwrap();
    drop(state);
    let state = open().unwrap();
    assert!(state.is_uploaded(a) && state.is_uploaded(b));
    assert_ne!(state.of_file("a"), state.of_file("b"));
    drop(state);

    fs::write(root.join("a"), "longer").unwrap();
    let tree = LocalTree::walk(&root, None).unwrap();
    let state = open().unwrap();
    assert!(!state.is_uploaded(&tree.files[0]));
    fs::write(state.of_file("a"), "").unwrap();
    fs::write(path.join("mine"), "").unwrap();
    state.remove().unwrap();
    // What is somebody else's stays.
    assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
    fs::remove_file(path.join("mine")).unwrap();
    open().unwrap().remove().unwrap();
    assert!(!path.exists());
}

#[test]
fn another_state_is_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("state");
    let to = UploadTo::new(SPACE);
    drop(FolderState::upload(&path, &to, "root", false).unwrap());
    let other = FolderState::upload(&path, &to.clone().folder("F1"), "root", false).unwrap_err();
    assert!(other.to_string().contains("isn't the state of this transfer"), "{other}");
    FolderState::upload(&path, &to, "root", true).unwrap();
    for content in ["a diary\n", "{\"upload\":{", "{\"folder\":{}}\n"] {
        fs::write(path.join("done"), content).unwrap();
        FolderState::upload(&path, &to, "root", false).unwrap_err();
        assert_eq!(fs::read_to_string(path.join("done")).unwrap(), content);
    }
    // One that was killed as it began.
    fs::write(path.join("done"), "{\"fold").unwrap();
    FolderState::upload(&path, &to, "root", false).unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    FolderState::upload(&home.path().join("file"), &to, "root", false).unwrap_err();
}

#[test]
fn a_download_is_done_while_both_sides_are_the_same() {
    let home = tempfile::tempdir().unwrap();
    let from = FolderFrom::new(SPACE);
    let (plan, _) = DownloadPlan::new(small_tree(), &home.path().join("target"), &from).unwrap();
    let path = home.path().join("state");
    let open = || FolderState::download(&path, &from, &plan, false).unwrap();
    let [b, c] = &plan.tree.files[..] else { panic!("{plan:?}") };
    for file in [b, c] {
        fs::write(plan.path(file), "content").unwrap();
        open().downloaded(file, &plan.path(file)).unwrap();
    }
    let state = open();
    assert!(state.is_downloaded(b, &plan.path(b)) && state.is_downloaded(c, &plan.path(c)));
    let mut other = b.clone();
    other.edited = Some("2026-01-01T00:00:00.000Z".into());
    assert!(!state.is_downloaded(&other, &plan.path(b)));
    fs::remove_file(plan.path(b)).unwrap();
    fs::write(plan.path(c), "changed").unwrap();
    fs::File::open(plan.path(c)).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    assert!(!state.is_downloaded(b, &plan.path(b)) && !state.is_downloaded(c, &plan.path(c)));

    let inside = home.path().join("target/state");
    FolderState::download(&inside, &from, &plan, false).unwrap_err();
    assert!(!inside.exists());
}

#[test]
fn a_report_can_be_read() {
    let mut report = FolderReport::default();
    report.moved(5, false);
    report.moved(7, true);
    assert!(report.check().is_ok());
    report.named("a/b", "b");
    report.named("a/c", "c 2026");
    report.skipped.push(Notice::new("link\u{202e}", "a symbolic link"));
    report.not_moved("a/d", &Error::local("the disk is full"));
    let text = r#"2 files in 0 folders, 12 bytes; 1 of the files had been moved before
skipped (1):
  "link\u{202e}": a symbolic link
renamed (1):
  "a/c": its name in the drive is "c 2026"
failed (1):
  "a/d": the disk is full"#;
    assert_eq!(report.to_string(), text);
    let error = report.check().unwrap_err();
    assert_eq!(error.to_string(), "1 entry of the folder could not be moved: \"a/d\": the disk is full");
}

/// A plan of a download of files of these sizes, `F0`, `F1` and so on, into a new folder in this one.
fn plan(folder: &Path, sizes: &[u64]) -> (FolderFrom, DownloadPlan, FolderReport) {
    let files = sizes.iter().enumerate().map(|(at, size)| {
        let id = format!("F{at}");
        json!({"id": id, "fileName": id, "fileType": "45", "size": size})
    });
    let tree = list(&mut world(BTreeMap::from([("root".to_owned(), files.collect())])));
    let from = FolderFrom::in_space(personal());
    let (plan, report) = DownloadPlan::new(tree, &folder.join("target"), &from).unwrap();
    (from, plan, report)
}

#[test]
fn small_files_move_several_at_a_time_and_large_ones_alone() {
    const LARGE: u64 = 20 * 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let (from, plan, report) = plan(folder.path(), &[LARGE, 7, LARGE, 7, 7]);
    let mut moves = Moves::download(plan, report, &from, None, &Options::new().parallel(2));
    let slots = |file: Option<FileMove>| file.map(|file| file.options.slots());
    assert_eq!([0, 1, 2].map(|running| slots(moves.next(running))), [Some(1), Some(1), None]);
    assert_eq!([1, 2, 1].map(|running| slots(moves.next(running))), [Some(1), None, None]);
    assert_eq!([0, 1, 0].map(|running| slots(moves.next(running))), [Some(2), None, Some(2)]);
    assert!(moves.next(0).is_none());
}

#[test]
fn a_file_that_the_states_did_not_know_any_more_is_not_in_its_own_way() {
    for (there, is_it) in [("content", true), ("CONTENT", false)] {
        let folder = tempfile::tempdir().unwrap();
        let (from, plan, report) = plan(folder.path(), &[0, 7]);
        let path = folder.path().join("state");
        let state = FolderState::download(&path, &from, &plan, false).unwrap();
        fs::write(folder.path().join("target/F1"), there).unwrap();
        let lines: String = records().iter().map(Record::to_line).collect();
        fs::write(state.of_file("F1"), lines).unwrap();
        let mut moves = Moves::download(plan, report, &from, Some(state), &Options::new());
        let first = moves.next(0).unwrap();
        moves.done(first.ticket, Err(Error::local("anything")));
        assert!(moves.next(0).is_none());
        let report = moves.finish(Instant::now()).unwrap();
        assert_eq!((report.unchanged, report.conflicts.len()), if is_it { (1, 0) } else { (0, 1) }, "{report}");
        assert_eq!(fs::read_dir(&path).unwrap().count(), if is_it { 1 } else { 2 });
    }
}
