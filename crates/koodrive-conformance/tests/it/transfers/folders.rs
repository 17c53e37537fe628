//! Folders go up and come down with all that is in them, and go on from where they were.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use koodrive_conformance::files::Files;
use koodrive_conformance::{Async, Blocking};
use koodrive_files::tree::{Existing, FolderFrom, Notice};
use koodrive_files::{Options, Stop, UploadTo};
use koodrive_proto::flow::{InSpace, Stage, Upload};
use koodrive_proto::ops::files::OnConflict;
use koodrive_proto::{AccessToken, Api, Credentials, ErrorKind, RetryPolicy};
use koodrive_sim::{Faults, Server};

use super::{PART, Place, content, executed, space};
use crate::common::{USER, api, simulator};

/// How many small files there are.
const SMALL: u64 = 200;

/// All files in a folder with their bytes, and all folders.
fn tree(root: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut tree = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            if kind.is_dir() {
                tree.insert(name, None);
                folders.push(path);
            } else if kind.is_file() {
                tree.insert(name, Some(fs::read(path).unwrap()));
            }
        }
    }
    tree
}

fn paths(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.path.as_str()).collect()
}

/// Makes a folder with small files in folders.
fn small_files(root: &Path, count: u64) {
    for number in 0..count {
        let folder = root.join(format!("many/{}", number % 7));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{number}.txt")), content(4096 + number, number)).unwrap();
    }
}

fn folder_from<T: Files>(place: &Place<T>, name: &str) -> FolderFrom {
    FolderFrom::new(&place.space).folder(place.file_id(name))
}

fn all_of_it_moves<T: Files>() {
    let place = Place::<T>::new();
    let (up, down) = (place.path("photos"), place.path("down"));
    small_files(&up, SMALL);
    fs::create_dir_all(up.join("empty/with/folders")).unwrap();
    fs::write(up.join("nothing"), "").unwrap();
    fs::write(up.join("large.mp4"), content(PART + 1, 7)).unwrap();
    let there = tree(&up);
    // What isn't moved.
    std::os::unix::fs::symlink(&up, up.join("round")).unwrap();
    std::os::unix::fs::symlink("nothing", up.join("link")).unwrap();
    let _socket = UnixListener::bind(up.join("pipe")).unwrap();

    let before = place.server.ledger().len();
    let last = Arc::new(Mutex::new(None));
    let told = Arc::clone(&last);
    let options = Options::new().parallel(8).state(place.path("state"));
    let options = options.on_progress(move |event| {
        assert!(event.moved <= event.total.unwrap() && event.files <= event.files_total, "{event:?}");
        *told.lock().unwrap() = Some(*event);
    });
    let report = place.drive.upload_folder(&up, &place.to().instant(false), &options).unwrap();
    assert!(report.is_complete(), "{}: {report}", T::NAME);
    assert_eq!(paths(&report.skipped), ["link", "pipe", "round"], "{}", T::NAME);
    let files = SMALL + 2;
    assert_eq!((report.files, report.folders, report.unchanged), (files, 12, 0), "{}", T::NAME);
    let bytes = there.values().flatten().map(|bytes| bytes.len() as u64).sum::<u64>();
    assert_eq!(report.bytes, bytes, "{}", T::NAME);
    let event = last.lock().unwrap().take().unwrap();
    assert_eq!((event.stage, event.moved, event.total), (Stage::Ended, bytes, Some(bytes)), "{}", T::NAME);
    assert_eq!((event.hashed, event.files, event.files_total), (bytes, files, files), "{}", T::NAME);
    // One call creates a file, one completes it, and one sends each part; one lists where the folder goes, and one
    // fetches the link of a second part.
    let calls = &place.server.ledger()[before..];
    let count = |operation| executed(calls, operation) as u64;
    assert_eq!((count("CreateFile"), count("CompleteFile")), (files, files), "{}", T::NAME);
    let sum = count("CreateFile") + count("CompleteFile") + count("PutPart") + count("CreateDirectory") + 2;
    assert_eq!(calls.len() as u64, sum, "{}", T::NAME);
    assert_eq!((count("PutPart"), count("CreateDirectory")), (files + 1, 12), "{}", T::NAME);

    let report = place.drive.download_folder(&folder_from(&place, "photos"), &down, &options).unwrap();
    assert!(report.is_complete() && report.renamed.is_empty(), "{}: {report}", T::NAME);
    assert_eq!((report.files, report.folders, report.bytes), (files, 11, bytes), "{}", T::NAME);
    assert!(tree(&down) == there, "{}", T::NAME);
    assert_eq!(place.left_behind(&["photos", "down"]), [""; 0], "{}", T::NAME);

    // Again, without a state: nothing is sent, and nothing is replaced.
    let before = place.server.ledger().len();
    let report = place.drive.upload_folder(&up, &place.to().instant(false), &Options::new()).unwrap();
    assert_eq!((report.files, report.conflicts.len() as u64, report.failed.len()), (0, files, 0), "{}", T::NAME);
    assert_eq!(executed(&place.server.ledger()[before..], "PutPart"), 0, "{}", T::NAME);
    let report = place.drive.download_folder(&folder_from(&place, "photos"), &down, &Options::new()).unwrap();
    assert_eq!((report.files, report.conflicts.len() as u64), (0, files), "{}", T::NAME);
    assert_eq!(executed(&place.server.ledger()[before..], "GetObject"), 0, "{}", T::NAME);
}

#[test]
fn all_of_it_moves_blocking() {
    all_of_it_moves::<Blocking>();
}

#[test]
fn all_of_it_moves_async() {
    all_of_it_moves::<Async>();
}

/// Options that stop it once so many files are finished.
fn stopping_after(files: u64, options: &Options) -> Options {
    let stop = Stop::new();
    let stopped = stop.clone();
    options.clone().stop(&stop).on_progress(move |event| {
        assert_eq!((event.files_total, event.total.is_some()), (SMALL, true));
        if event.files >= files {
            stopped.stop();
        }
    })
}

fn a_stop_is_gone_on_from<T: Files>() {
    let place = Place::<T>::new();
    let (up, down) = (place.path("photos"), place.path("down"));
    small_files(&up, SMALL);
    let options = Options::new().state(place.path("state"));
    for stop_after in [50, 120] {
        let options = stopping_after(stop_after, &options);
        let error = place.drive.upload_folder(&up, &place.to(), &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{}: {error}", T::NAME);
        let completed = place.executed("CompleteFile") as u64;
        assert!((stop_after..stop_after + 10).contains(&completed), "{}: {completed}", T::NAME);
    }
    let report = place.drive.upload_folder(&up, &place.to(), &options).unwrap();
    assert!(report.is_complete() && report.files == SMALL && report.unchanged >= 120, "{}: {report}", T::NAME);
    assert_eq!(place.executed("CompleteFile") as u64, SMALL, "{}", T::NAME);
    assert_eq!(place.executed("CreateFile") as u64, SMALL, "{}", T::NAME);

    let from = folder_from(&place, "photos");
    let error = place.drive.download_folder(&from, &down, &stopping_after(50, &options)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{}: {error}", T::NAME);
    let report = place.drive.download_folder(&from, &down, &options).unwrap();
    assert!(report.is_complete() && report.files == SMALL && report.unchanged >= 50, "{}: {report}", T::NAME);
    // What was under way may have come twice.
    let fetched = place.executed("GetObject") as u64;
    assert!((SMALL..=SMALL + 4).contains(&fetched), "{}: {fetched}", T::NAME);
    assert!(tree(&down) == tree(&up), "{}", T::NAME);
    assert_eq!(place.left_behind(&["photos", "down"]), [""; 0], "{}", T::NAME);
}

#[test]
fn a_stop_is_gone_on_from_blocking() {
    a_stop_is_gone_on_from::<Blocking>();
}

#[test]
fn a_stop_is_gone_on_from_async() {
    a_stop_is_gone_on_from::<Async>();
}

fn refused_credentials_end_it<T: Files>() {
    let server = Arc::new(Server::start(simulator()).unwrap());
    let token = Credentials::token(AccessToken::as_issued("Bearer 6ebb6266"), USER);
    let drive = T::new(Api::new(server.endpoint(), token).unwrap());
    let to = UploadTo::new(space(&drive)).instant(false);
    let folder = tempfile::tempdir().unwrap();
    let up = folder.path().join("photos");
    small_files(&up, SMALL);
    let options = Options::new().state(folder.path().join("state"));
    let simulator = Arc::clone(&server);
    let expiring = options.clone().on_progress(move |event| {
        if event.files >= 20 && event.stage == Stage::Moving {
            simulator.simulator().expire_tokens();
        }
    });
    let error = drive.upload_folder(&up, &to, &expiring).unwrap_err();
    assert!(error.is_unauthorized(), "{}: {error}", T::NAME);
    // None but those that were under way asked in vain.
    let refused = server.ledger().iter().filter(|entry| entry.status == 401).count();
    assert!((1..=options.slots()).contains(&refused), "{}: {refused}", T::NAME);

    let drive = T::new(api(&server.endpoint()));
    let report = drive.upload_folder(&up, &to, &options).unwrap();
    assert!(report.is_complete() && report.files == SMALL && report.unchanged >= 20, "{}: {report}", T::NAME);
    assert_eq!(executed(&server.ledger(), "CompleteFile") as u64, SMALL, "{}", T::NAME);
}

#[test]
fn refused_credentials_end_it_blocking() {
    refused_credentials_end_it::<Blocking>();
}

#[test]
fn refused_credentials_end_it_async() {
    refused_credentials_end_it::<Async>();
}

fn conflicts_are_told<T: Files>() {
    let place = Place::<T>::new();
    let (up, down) = (place.path("photos"), place.path("down"));
    small_files(&up, 5);
    fs::create_dir_all(up.join("album/2024")).unwrap();
    fs::write(up.join("album/2024/a.jpg"), "a").unwrap();
    fs::write(up.join("many/4/b.jpg"), "b").unwrap();
    fs::write(up.join("c.jpg"), "c").unwrap();
    // A file in the place of a folder, and of a file; a folder in that of a file.
    let seed = format!(
        r#"{{"files": [{{"owner": "{USER}", "path": "/photos/album/2024", "text": "file"}},
            {{"owner": "{USER}", "path": "/photos/many/4/b.jpg", "text": "other"}},
            {{"owner": "{USER}", "path": "/photos/c.jpg/"}}]}}"#
    );
    place.server.simulator().seed(&seed).unwrap();
    let options = Options::new().state(place.path("state"));
    let report = place.drive.upload_folder(&up, &place.to(), &options).unwrap();
    assert_eq!(paths(&report.conflicts), ["c.jpg", "many/4/b.jpg", "photos/album/2024"], "{}: {report}", T::NAME);
    assert_eq!((report.files, paths(&report.failed)), (5, vec!["album/2024/a.jpg"]), "{}: {report}", T::NAME);

    // With the same state only these are tried again; a name is found for one of them.
    let completed = place.executed("CompleteFile");
    let to = place.to().on_conflict(OnConflict::Rename);
    let report = place.drive.upload_folder(&up, &to, &options).unwrap();
    assert_eq!((report.files, report.unchanged), (7, 5), "{}: {report}", T::NAME);
    assert_eq!(paths(&report.renamed), ["c.jpg", "many/4/b.jpg"], "{}: {report}", T::NAME);
    assert_eq!(place.executed("CompleteFile") - completed, 2, "{}", T::NAME);

    // Here, the same.
    fs::create_dir_all(down.join("many/0/0.txt")).unwrap();
    fs::write(down.join("album"), "file").unwrap();
    fs::create_dir_all(down.join("many/1")).unwrap();
    fs::write(down.join("many/1/1.txt"), "mine").unwrap();
    let from = folder_from(&place, "photos");
    let options = Options::new().state(place.path("down-state"));
    let report = place.drive.download_folder(&from, &down, &options).unwrap();
    let in_the_way = ["album", "album/2024", "many/0/0.txt", "many/1/1.txt"];
    assert_eq!(paths(&report.conflicts), in_the_way, "{}: {report}", T::NAME);
    assert_eq!((report.files, fs::read(down.join("many/1/1.txt")).unwrap()), (6, b"mine".into()), "{}", T::NAME);
    let fetched = place.executed("GetObject");
    let report = place.drive.download_folder(&from.existing(Existing::Replace), &down, &options).unwrap();
    assert_eq!(paths(&report.conflicts), &in_the_way[..3], "{}: {report}", T::NAME);
    assert_eq!((report.files, report.unchanged), (7, 6), "{}: {report}", T::NAME);
    assert_eq!(place.executed("GetObject") - fetched, 1, "{}", T::NAME);
    assert_eq!(fs::read(down.join("many/1/1.txt")).unwrap(), content(4097, 1), "{}", T::NAME);
}

#[test]
fn conflicts_are_told_blocking() {
    conflicts_are_told::<Blocking>();
}

#[test]
fn conflicts_are_told_async() {
    conflicts_are_told::<Async>();
}

/// Names that no drive takes by itself, of six bytes as JSON has them, and what stands for them.
const HOSTILE: [(&str, &str); 6] = [
    ("~~1111", "../../"),
    ("~~2222", "/etc/x"),
    ("~~3333", r"\u0000"),
    ("~~4444", "C:evil"),
    ("~~5555", "a-same"),
    ("~~6666", "a-same"),
];

/// Passes bytes on to a server and back, and changes names in its answers. Returns its endpoint.
fn renaming(server: &Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (endpoint, address) = (format!("http://{}", listener.local_addr().unwrap()), server.address());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut server) = (client.unwrap(), TcpStream::connect(address).unwrap());
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
            std::thread::spawn(move || {
                let (mut held, mut buffer) = (Vec::new(), [0; 4096]);
                while let Ok(read @ 1..) = server.read(&mut buffer) {
                    held.extend_from_slice(&buffer[..read]);
                    for (seeded, name) in HOSTILE {
                        // The whole name, not in a link.
                        let (seeded, name) = (format!("\"{seeded}\""), format!("\"{name}\""));
                        while let Some(at) = held.windows(8).position(|bytes| bytes == seeded.as_bytes()) {
                            held[at..at + 8].copy_from_slice(name.as_bytes());
                        }
                    }
                    // The begin of a name that isn't there yet; no answer ends with one.
                    let begin = held.iter().rev().take(7).position(|byte| *byte == b'~').map_or(0, |at| at + 2);
                    let end = held.len().saturating_sub(begin);
                    if client.write_all(&held[..end]).is_err() {
                        break;
                    }
                    held.drain(..end);
                }
                let _ = client.shutdown(Shutdown::Write);
            });
        }
    });
    endpoint
}

fn hostile_names_stay_in_the_target<T: Files>() {
    let server = Server::start(simulator()).unwrap();
    let mut files = vec!["/photos/CON", r"/photos/..\\up", "/photos/end.", "/photos/Plan", "/photos/plan"];
    let seeded: Vec<_> = HOSTILE.iter().map(|(name, _)| format!("/photos/{name}")).collect();
    files.extend(seeded.iter().map(String::as_str));
    let inner: Vec<_> = HOSTILE[..4].iter().map(|(name, _)| format!("/photos/in/{name}/file")).collect();
    files.extend(inner.iter().map(String::as_str));
    let files: Vec<_> =
        files.iter().map(|path| format!(r#"{{"owner": "{USER}", "path": "{path}", "text": "bytes"}}"#)).collect();
    server.simulator().seed(&format!(r#"{{"files": [{}]}}"#, files.join(", "))).unwrap();
    let drive = T::new(api(&renaming(&server)));
    let folder = tempfile::tempdir().unwrap();
    let down = folder.path().join("a/b/down");
    fs::create_dir_all(folder.path().join("a/b")).unwrap();
    let from = FolderFrom::in_space(InSpace::personal(space(&drive)));
    let report = drive.download_folder(&from, &down, &Options::new()).unwrap();
    assert!(report.is_complete(), "{}: {report}", T::NAME);
    assert_eq!(report.files, files.len() as u64, "{}: {report}", T::NAME);
    let there = tree(folder.path());
    let names: Vec<_> = there.iter().filter(|(_, bytes)| bytes.is_some()).map(|(path, _)| path.as_str()).collect();
    let expected = [
        "%00",
        "%2Fetc%2Fx",
        "..%2F..%2F",
        "..%5Cup",
        "C%3Aevil",
        "Plan",
        "_CON",
        "a-same",
        "a-same (2)",
        "end%2E",
        "in/%00/file",
        "in/%2Fetc%2Fx/file",
        "in/..%2F..%2F/file",
        "in/C%3Aevil/file",
        "plan (2)",
    ];
    assert_eq!(names, expected.map(|name| format!("a/b/down/photos/{name}")), "{}", T::NAME);
    assert!(there.values().flatten().all(|bytes| bytes == b"bytes"), "{}", T::NAME);
    assert_eq!(report.renamed.len(), 13, "{}: {report}", T::NAME);
}

#[test]
fn hostile_names_stay_in_the_target_blocking() {
    hostile_names_stay_in_the_target::<Blocking>();
}

#[test]
fn hostile_names_stay_in_the_target_async() {
    hostile_names_stay_in_the_target::<Async>();
}

/// What may be otherwise the next time.
const MAY_PASS: [ErrorKind; 3] = [ErrorKind::Transport, ErrorKind::Api, ErrorKind::Decode];

fn folders_arrive<T: Files>(seed: u64) {
    let server = Server::start(simulator()).unwrap();
    let policy = RetryPolicy::default().first_pause(Duration::from_millis(1)).longest_pause(Duration::from_millis(4));
    let drive = T::new(api(&server.endpoint()).random_seed(seed).retry(policy));
    let space = space(&drive);
    let folder = tempfile::tempdir().unwrap();
    let (up, down, state) = (folder.path().join("up"), folder.path().join("down"), folder.path().join("state"));
    small_files(&up, 30);
    fs::write(up.join("large.mp4"), content(PART + 1, seed)).unwrap();
    let faults = Faults::new(seed).all(0.3).slow_by(Duration::from_millis(5)).retry_after(Duration::ZERO);
    server.simulator().set_faults(Some(faults));
    let options = Options::new().state(&state);

    // Where nobody knows whether a file was created, it may be there twice, but by another name.
    let to = UploadTo::new(&space).part_size(PART).instant(seed % 2 == 0).on_conflict(OnConflict::Rename);
    let to = to.with(Upload::create_again);
    let is_there = (0..40).any(|_| match drive.upload_folder(&up, &to, &options) {
        Ok(report) => report.is_complete(),
        Err(error) => {
            assert!(MAY_PASS.contains(&error.kind()), "{error:?}");
            false
        }
    });
    assert!(is_there && !state.exists(), "{}: {seed}", T::NAME);

    let from = FolderFrom::new(&space);
    let is_there = (0..40).any(|_| match drive.download_folder(&from, &down, &options) {
        Ok(report) => report.is_complete(),
        Err(error) => {
            assert!(MAY_PASS.contains(&error.kind()), "{error:?}");
            false
        }
    });
    assert!(is_there && !state.exists(), "{}: {seed}", T::NAME);
    let (sent, mut received) = (tree(&up), tree(&down.join("up")));
    received.retain(|path, _| sent.contains_key(path));
    assert!(sent == received, "{}: {seed}", T::NAME);
}

#[test]
fn folders_arrive_blocking() {
    (0..2).for_each(folders_arrive::<Blocking>);
}

#[test]
fn folders_arrive_async() {
    (0..2).for_each(folders_arrive::<Async>);
}
