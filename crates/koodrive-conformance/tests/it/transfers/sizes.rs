//! Every way up and down, for sizes at which something changes.

use std::sync::{Arc, Mutex};

use koodrive_conformance::files::Files;
use koodrive_conformance::{Async, Blocking};
use koodrive_files::{Memory, Options, RateLimit, Spool};
use koodrive_proto::flow::{How, Stage, Verified};
use koodrive_proto::ops::files::OnConflict;
use koodrive_proto::transfer::Digest;

use super::{PART, Place, content, source};
use koodrive_proto::ErrorKind;

fn every_size_goes_up_and_down<T: Files>() {
    let place = Place::<T>::new();
    for (number, length) in [0, 1, PART, PART + 1, 4 * PART].into_iter().enumerate() {
        let bytes = content(length, number as u64);
        let digest = Digest::of(&bytes);
        let parts = usize::try_from(length.div_ceil(PART)).unwrap().max(1);
        let (drive, options) = (&place.drive, Options::new());
        let path = place.file("source", &bytes);
        let to = |name: &str| place.to().name(format!("{name} {length}"));

        place.server.simulator().clear_ledger();
        let by_file = drive.upload_file(&path, &to("file"), &options).unwrap();
        assert_eq!((by_file.length, by_file.sha256), (length, Some(digest)));
        assert_eq!(by_file.name, format!("file {length}"));
        // The service knows what an empty file has.
        let parts = if by_file.how == How::Instant { 0 } else { parts };
        assert_eq!(place.executed("PutPart"), parts, "{}: {length}", T::NAME);

        // The service has the content by now.
        let again = drive.upload_file(&path, &to("again"), &options).unwrap();
        let by_source = drive.upload_source(source(&bytes), &to("source").instant(false), &options).unwrap();
        let spooled = options.clone().spool(Spool::new().memory(1 << 20));
        let by_stream = drive.upload_stream(bytes.clone(), Some(length), &to("stream"), &options).unwrap();
        let by_spool = drive.upload_stream(bytes.clone(), None, &to("spool").instant(false), &spooled).unwrap();
        assert_eq!(again.how, How::Instant);
        for sent in [&by_source, &by_stream, &by_spool] {
            assert_eq!((sent.how, sent.sha256), (How::Sent, Some(digest)), "{}: {length}", T::NAME);
        }

        let target = place.path("target");
        let download = place.download(&by_file.file_id).sha256(digest);
        let downloaded = drive.download_file(download, &target, &options.clone().durable(true)).unwrap();
        assert_eq!((downloaded.verified, downloaded.length), (Verified::Sha256, length));
        assert!(std::fs::read(&target).unwrap() == bytes, "{}: {length}", T::NAME);
        let memory = Arc::new(Memory::new());
        let downloaded = drive.download_sink(place.download(&by_source.file_id), memory.clone(), &options).unwrap();
        assert_eq!((downloaded.verified, downloaded.sha256), (Verified::Length, Some(digest)));
        assert!(memory.take() == bytes, "{}: {length}", T::NAME);
        for file in [again, by_stream, by_spool] {
            place.assert_there(&file.name, &bytes);
        }
        assert!(place.left_behind(&["source", "target"]).is_empty());
    }
}

#[test]
fn every_size_goes_up_and_down_blocking() {
    every_size_goes_up_and_down::<Blocking>();
}

#[test]
fn every_size_goes_up_and_down_async() {
    every_size_goes_up_and_down::<Async>();
}

/// Names that are taken, revisions, and what is told on the way.
fn callers_choose<T: Files>() {
    let place = Place::<T>::new();
    let (drive, options) = (&place.drive, Options::new());
    let path = place.file("a.txt", b"content");
    let first = drive.upload_file(&path, &place.to(), &options).unwrap();
    let error = drive.upload_file(&path, &place.to(), &options).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("13000405")), "{error}");
    let kept = drive.upload_file(&path, &place.to().on_conflict(OnConflict::KeepSame), &options).unwrap();
    assert_eq!((kept.how, &kept.file_id), (How::AlreadyThere, &first.file_id));
    let renamed = drive.upload_file(&path, &place.to().on_conflict(OnConflict::Rename), &options).unwrap();
    assert!(renamed.file_id != first.file_id && renamed.name != "a.txt", "{renamed:?}");

    let path = place.file("b.txt", b"another content");
    let to = koodrive_files::UploadTo::revision(&place.space, &first.file_id);
    drive.upload_file(&path, &to, &options).unwrap();
    place.assert_there("a.txt", b"another content");

    // Stages come in order, the last one is full, and a limit slows down.
    let bytes = content(2 * PART, 7);
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&told);
    let options =
        Options::new().rate_limit(RateLimit::new(20 << 20)).on_progress(move |event| list.lock().unwrap().push(*event));
    let begun = std::time::Instant::now();
    let up = drive.upload_source(source(&bytes), &place.to().name("c"), &options).unwrap();
    assert!(begun.elapsed().as_millis() >= 400, "{}: {:?}", T::NAME, begun.elapsed());
    let events = std::mem::take(&mut *told.lock().unwrap());
    let mut stages: Vec<_> = events.iter().map(|event| event.stage).collect();
    stages.dedup();
    assert_eq!(stages.last(), Some(&Stage::Ended), "{}: {stages:?}", T::NAME);
    assert!(stages.starts_with(&[Stage::Hashing, Stage::Moving]), "{}: {stages:?}", T::NAME);
    let end = events.last().unwrap();
    assert_eq!((end.moved, end.total, end.parts, end.parts_total), (2 * PART, Some(2 * PART), 2, Some(2)));
    assert!(events.iter().any(|event| event.moved > 0 && event.moved < 2 * PART), "{}: {events:?}", T::NAME);
    let begun = std::time::Instant::now();
    drive.download_stream(place.download(&up.file_id), &options).unwrap();
    assert!(begun.elapsed().as_millis() >= 400, "{}: {:?}", T::NAME, begun.elapsed());
    assert_eq!(told.lock().unwrap().last().unwrap().stage, Stage::Ended);
}

#[test]
fn callers_choose_blocking() {
    callers_choose::<Blocking>();
}

#[test]
fn callers_choose_async() {
    callers_choose::<Async>();
}
