//! Three of ten requests go wrong, and files arrive all the same.

use std::time::Duration;

use koodrive_conformance::files::Files;
use koodrive_conformance::{Async, Blocking};
use koodrive_files::{Options, UploadTo};
use koodrive_proto::flow::Download;
use koodrive_proto::ops::files::OnConflict;
use koodrive_proto::{ErrorKind, RetryPolicy};
use koodrive_sim::{Faults, Server};

use super::{PART, content, space};
use crate::common::{api, simulator};

/// How many times a transfer is resumed before it counts as failed for good.
const RUNS: usize = 40;

/// What may be otherwise the next time.
const MAY_PASS: [ErrorKind; 3] = [ErrorKind::Transport, ErrorKind::Api, ErrorKind::Decode];

fn files_arrive<T: Files>(seed: u64) {
    let server = Server::start(simulator()).unwrap();
    let policy = RetryPolicy::default().first_pause(Duration::from_millis(1)).longest_pause(Duration::from_millis(4));
    let drive = T::new(api(&server.endpoint()).random_seed(seed).retry(policy));
    let space = space(&drive);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let bytes = content(3 * PART + 100, seed);
    std::fs::write(path("film.mp4"), &bytes).unwrap();
    let faults = || Faults::new(seed).all(0.3).slow_by(Duration::from_millis(5)).retry_after(Duration::ZERO);
    server.simulator().set_faults(Some(faults()));

    let options = Options::new().state(path("state"));
    let to = UploadTo::new(&space).part_size(PART).on_conflict(OnConflict::Rename).instant(seed % 2 == 0);
    let uploaded = (0..RUNS).find_map(|_| match drive.upload_file(&path("film.mp4"), &to, &options) {
        Ok(uploaded) => Some(uploaded),
        Err(error) if error.kind() == ErrorKind::Unknown => {
            // Nobody knows whether there is a file now. Here, it may be there twice.
            std::fs::remove_file(path("state")).unwrap();
            None
        }
        Err(error) => {
            assert!(MAY_PASS.contains(&error.kind()), "{error:?}");
            None
        }
    });
    let uploaded = uploaded.unwrap_or_else(|| panic!("{}: {seed}: no upload", T::NAME));
    assert!(!path("state").exists());

    let target = path("target");
    let downloaded = (0..RUNS).find_map(|_| {
        let download = Download::new(&space, &uploaded.file_id).range_size(PART);
        match drive.download_file(download, &target, &options) {
            Ok(downloaded) => Some(downloaded),
            Err(error) => {
                assert!(!target.exists(), "{}: {seed}", T::NAME);
                // An answer of garbage looks like another file.
                let is_known = matches!(error.kind(), ErrorKind::Content | ErrorKind::Moderated);
                assert!(is_known || MAY_PASS.contains(&error.kind()), "{error:?}");
                None
            }
        }
    });
    assert_eq!(downloaded.unwrap().sha256, uploaded.sha256, "{}: {seed}", T::NAME);
    assert!(std::fs::read(&target).unwrap() == bytes, "{}: {seed}", T::NAME);
}

#[test]
fn files_arrive_blocking() {
    (0..8).for_each(files_arrive::<Blocking>);
}

#[test]
fn files_arrive_async() {
    (0..8).for_each(files_arrive::<Async>);
}
