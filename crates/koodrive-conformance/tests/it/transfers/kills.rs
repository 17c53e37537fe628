//! Processes that are killed in the middle of a transfer, and others that go on.

use std::env;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use koodrive_conformance::files::Files;
use koodrive_conformance::{Async, Blocking, Transport as _};
use koodrive_files::{Options, UploadTo};
use koodrive_proto::flow::Download;
use koodrive_sim::{Fault, Faults};

use super::{PART, Place, content, executed};
use crate::common::api;

const PARTS: usize = 8;
const SLOTS: usize = 3;

/// The process that is killed: this test again, which does nothing unless it is told to.
#[test]
fn child() {
    let Ok(job) = env::var("KOODRIVE_TEST_JOB") else { return };
    let job: Vec<&str> = job.split('\n').collect();
    let [transport, endpoint, space, folder, file] = job[..] else { panic!("{job:?}") };
    if transport == Blocking::NAME {
        transfer::<Blocking>(endpoint, space, Path::new(folder), file);
    } else {
        transfer::<Async>(endpoint, space, Path::new(folder), file);
    }
}

/// Up without the id of a file, and otherwise down.
fn transfer<T: Files>(endpoint: &str, space: &str, folder: &Path, file: &str) {
    let drive = T::new(api(endpoint));
    let options = Options::new().parallel(SLOTS).state(folder.join("state"));
    if file.is_empty() {
        let to = UploadTo::new(space).part_size(PART);
        drive.upload_file(&folder.join("film.mp4"), &to, &options).unwrap();
    } else {
        let download = Download::new(space, file).range_size(PART);
        drive.download_file(download, &folder.join("target"), &options).unwrap();
    }
}

fn start<T: Files>(place: &Place<T>, file: &str) -> Child {
    let job = [T::NAME, &place.server.endpoint(), place.space.as_str(), place.folder.path().to_str().unwrap(), file];
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "transfers::kills::child"]).env("KOODRIVE_TEST_JOB", job.join("\n"));
    command.stdout(Stdio::null()).spawn().unwrap()
}

/// How many parts or ranges the state has.
fn stored<T: Files>(place: &Place<T>) -> usize {
    let text = std::fs::read_to_string(place.path("state")).unwrap_or_default();
    text.lines().filter(|line| line.starts_with("{\"part\":") || line.starts_with("{\"range\":")).count()
}

/// Lets processes go on until one of them gets to the end. Each is killed once its state has one to three parts more.
fn with_kills<T: Files>(place: &Place<T>, file: &str, seed: u64) -> usize {
    let mut kills = 0;
    loop {
        let enough = stored(place) + 1 + usize::try_from((seed + kills as u64) % 3).unwrap();
        let mut child = start(place, file);
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "{}: after {kills} kills", T::NAME);
                return kills;
            }
            if stored(place) >= enough {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        if !child.wait().unwrap().success() {
            kills += 1;
        }
        assert!(kills < 40, "{}: nothing moves", T::NAME);
    }
}

fn killed_and_resumed<T: Files>(seed: u64) {
    let place = Place::<T>::new();
    let bytes = content(PARTS as u64 * PART - 17, seed);
    place.file("film.mp4", &bytes);
    // So slow that a process doesn't get to the end between two looks at it.
    let slow = |operation| Faults::new(seed).rate_of(operation, Fault::Slow, 1.0).slow_by(Duration::from_millis(20));
    place.server.simulator().set_faults(Some(slow("PutPart")));

    let kills = with_kills(&place, "", seed);
    let sent = place.executed("PutPart");
    assert!(kills > 0 && sent <= PARTS + kills * SLOTS, "{}: {sent} parts, {kills} kills", T::NAME);
    assert!(place.left_behind(&["film.mp4"]).is_empty());
    place.assert_there("film.mp4", &bytes);
    let file = place.server.ledger();
    assert_eq!(executed(&file, "CreateFile"), 1, "{}", T::NAME);

    let id = place.file_id("film.mp4");
    place.server.simulator().set_faults(Some(slow("GetObject")));
    place.server.simulator().clear_ledger();
    let kills = with_kills(&place, id.as_str(), seed);
    let got = place.executed("GetObject");
    assert!(kills > 0 && got <= PARTS + kills * SLOTS, "{}: {got} ranges, {kills} kills", T::NAME);
    assert!(std::fs::read(place.path("target")).unwrap() == bytes);
    assert!(place.left_behind(&["film.mp4", "target"]).is_empty());
}

#[test]
fn killed_and_resumed_blocking() {
    (0..2).for_each(killed_and_resumed::<Blocking>);
}

#[test]
fn killed_and_resumed_async() {
    (0..2).for_each(killed_and_resumed::<Async>);
}
