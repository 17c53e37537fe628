//! Sources that change, disks that are full, callers who stop: nothing is lost, and nothing looks complete.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use koodrive_conformance::files::Files;
use koodrive_conformance::{Async, Blocking};
use koodrive_files::{Memory, Options, Sink, Source, Stop};
use koodrive_proto::{ErrorKind, Sent};
use koodrive_sim::{Fault, Faults};

use super::{PART, Place, content, source};

/// A source that isn't what it says, from some byte on.
struct Wrong {
    bytes: Vec<u8>,
    announced: u64,
    /// How many bytes can be read before reading fails.
    broken_at: u64,
}

impl Source for Wrong {
    fn length(&self) -> io::Result<u64> {
        Ok(self.announced)
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if position + buffer.len() as u64 > self.broken_at {
            return Err(io::Error::other("the disk is broken"));
        }
        self.bytes.read_at(position, buffer)
    }
}

fn sources_that_change<T: Files>() {
    let place = Place::<T>::new();
    let bytes = content(2 * PART, 1);
    for instant in [true, false] {
        for (name, announced, broken_at, words) in [
            ("shorter", 2 * PART + 1, u64::MAX, "shorter"),
            ("longer", 2 * PART - 1, u64::MAX, "longer"),
            ("broken", 2 * PART, PART + 1, "the disk is broken"),
        ] {
            let source = Arc::new(Wrong { bytes: bytes.clone(), announced, broken_at });
            let to = place.to().name(name).instant(instant);
            let error = place.drive.upload_source(source, &to, &Options::new()).unwrap_err();
            assert!(error.to_string().contains(words), "{}: {name}: {error}", T::NAME);
        }
        // Streams that have more or less than they should have.
        for (name, length, words) in [("less", 2 * PART + 1, "shorter"), ("more", 2 * PART - 1, "longer")] {
            let to = place.to().name(name);
            let error = place.drive.upload_stream(bytes.clone(), Some(length), &to, &Options::new()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Source, "{}: {name}: {error}", T::NAME);
            assert!(error.to_string().contains(words), "{}: {name}: {error}", T::NAME);
        }
    }
    assert_eq!(place.executed("CompleteFile"), 0, "{}", T::NAME);

    // A file that is written to while it is sent.
    let path = place.file("film.mp4", &bytes);
    let file = File::options().write(true).open(&path).unwrap();
    let options = Options::new().parallel(1).on_progress(move |event| {
        if event.parts == 1 {
            (&file).write_all(b"other").unwrap();
            file.set_modified(std::time::UNIX_EPOCH).unwrap();
        }
    });
    let error = place.drive.upload_file(&path, &place.to(), &options).unwrap_err();
    assert!(error.to_string().contains("changed"), "{}: {error}", T::NAME);
    assert_eq!(place.executed("CompleteFile"), 0, "{}", T::NAME);
}

#[test]
fn sources_that_change_blocking() {
    sources_that_change::<Blocking>();
}

#[test]
fn sources_that_change_async() {
    sources_that_change::<Async>();
}

/// A disk that has room for so many bytes more.
struct Full {
    memory: Memory,
    room: AtomicU64,
}

impl Sink for Full {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let more = bytes.len() as u64;
        self.room
            .fetch_update(SeqCst, SeqCst, |room| room.checked_sub(more))
            .map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?;
        self.memory.write_at(position, bytes)
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.memory.read_at(position, buffer)
    }

    fn is_readable(&self) -> bool {
        true
    }
}

fn a_full_disk<T: Files>() {
    let place = Place::<T>::new();
    let bytes = content(4 * PART, 2);
    let to = place.to().name("film.mp4");
    let file = place.drive.upload_source(source(&bytes), &to, &Options::new()).unwrap().file_id;
    let sink = Arc::new(Full { memory: Memory::new(), room: AtomicU64::new(2 * PART + 100) });
    let options = Options::new().parallel(2).state(place.path("state"));
    let error = place.drive.download_sink(place.download(&file), sink.clone(), &options).unwrap_err();
    assert!(error.to_string().to_lowercase().contains("no storage space"), "{}: {error}", T::NAME);
    assert!(place.path("state").exists());

    // After making room, only the rest comes.
    sink.room.store(u64::MAX, SeqCst);
    place.server.simulator().clear_ledger();
    place.drive.download_sink(place.download(&file), sink.clone(), &options).unwrap();
    assert!(sink.memory.take() == bytes, "{}", T::NAME);
    let ranges = place.executed("GetObject");
    assert!((1..=3).contains(&ranges), "{}: {ranges} ranges", T::NAME);
    assert!(!place.path("state").exists());

    // A folder that doesn't exist, a state that can't be stored, and a target that is a folder: before anything is
    // sent.
    place.server.simulator().clear_ledger();
    let missing = place.path("missing/target");
    let in_vain = [
        place.drive.download_file(place.download(&file), &missing, &Options::new()),
        place.drive.download_file(place.download(&file), place.folder.path(), &Options::new()),
        place.drive.download_file(place.download(&file), &place.path("t"), &Options::new().state(&missing)),
    ];
    for result in in_vain {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Source, Sent::No), "{}: {error}", T::NAME);
    }
    let error = place.drive.upload_file(&missing, &place.to(), &Options::new()).unwrap_err();
    assert!(error.to_string().contains("target"), "{}: {error}", T::NAME);
    assert!(place.server.ledger().is_empty());
    assert!(place.left_behind(&[]).is_empty(), "{:?}", place.left_behind(&[]));
}

#[test]
fn a_full_disk_blocking() {
    a_full_disk::<Blocking>();
}

#[test]
fn a_full_disk_async() {
    a_full_disk::<Async>();
}

/// Somebody stops a transfer in the middle; it goes on later, also with other options.
fn stopped_and_resumed<T: Files>() {
    let place = Place::<T>::new();
    let bytes = content(4 * PART, 3);
    let path = place.file("film.mp4", &bytes);
    let stops_after = |parts: u64| {
        let stop = Stop::new();
        let options = Options::new().parallel(2).state(place.path("state")).stop(&stop);
        options.on_progress(move |event| {
            if event.parts >= parts {
                stop.stop();
            }
        })
    };
    let error = place.drive.upload_file(&path, &place.to(), &stops_after(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{}: {error}", T::NAME);
    // Whoever has stopped already doesn't begin.
    let stop = Stop::new();
    stop.stop();
    let error = place.drive.upload_file(&path, &place.to(), &Options::new().stop(&stop)).unwrap_err();
    assert_eq!((error.kind(), place.executed("CreateFile")), (ErrorKind::Interrupted, 1), "{}: {error}", T::NAME);

    let options = Options::new().state(place.path("state"));
    // A size that is wished for later doesn't change the parts that were sent.
    let file = place.drive.upload_file(&path, &place.to().part_size(2 * PART), &options).unwrap().file_id;
    let parts = place.executed("PutPart");
    assert!((4..=6).contains(&parts), "{}: {parts} parts", T::NAME);
    place.assert_there("film.mp4", &bytes);

    let target = place.file("target", b"what was there before");
    let error = place.drive.download_file(place.download(&file), &target, &stops_after(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{}: {error}", T::NAME);
    assert_eq!(std::fs::read(&target).unwrap(), b"what was there before");
    place.drive.download_file(place.download(&file).range_size(PART / 2), &target, &options).unwrap();
    assert!(std::fs::read(&target).unwrap() == bytes, "{}", T::NAME);
    assert!(place.left_behind(&["film.mp4", "target"]).is_empty());
}

#[test]
fn stopped_and_resumed_blocking() {
    stopped_and_resumed::<Blocking>();
}

#[test]
fn stopped_and_resumed_async() {
    stopped_and_resumed::<Async>();
}

/// Parts have a time of their own, by their length: that of calls is much too short for them.
fn slow_parts<T: Files>() {
    let place = Place::<T>::new();
    let timeout = Duration::from_millis(500);
    let slow = Faults::new(1).rate_of("PutPart", Fault::Slow, 1.0).rate_of("GetObject", Fault::Slow, 1.0);
    place.server.simulator().set_faults(Some(slow.slow_by(Duration::from_millis(700))));
    let bytes = content(100, 4);
    let to = place.to().name("a").with(move |upload| upload.attempt_timeout(timeout));
    let uploaded = place.drive.upload_source(source(&bytes), &to, &Options::new()).unwrap();
    let download = place.download(&uploaded.file_id).attempt_timeout(timeout);
    let (_, there) = place.drive.download_stream(download, &Options::new()).unwrap();
    assert!(there == bytes && place.executed("PutPart") == 1 && place.executed("GetObject") == 1, "{}", T::NAME);
}

#[test]
fn slow_parts_blocking() {
    slow_parts::<Blocking>();
}

#[test]
fn slow_parts_async() {
    slow_parts::<Async>();
}
