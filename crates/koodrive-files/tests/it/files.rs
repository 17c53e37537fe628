//! Sources, sinks and stored states, on real files.

use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use koodrive_files::{FileSource, InOrder, Locked, Memory, Options, Partial, Sink, Source, Spool, StateFile, UploadTo};
use koodrive_files::{Window, prepare, read_full};
use koodrive_proto::flow::{Download, Record, Transfer};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{Api, Credentials, ErrorKind};
use proptest::prelude::*;

const SPACE: &str = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";

fn all(source: &dyn Source) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(source.length()?).unwrap() + 1];
    let read = read_full(|position, buffer| source.read_at(position, buffer), 0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_source_has_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let path = folder.path().join("file");
    fs::write(&path, &bytes).unwrap();
    let sources: [(&str, Box<dyn Source>); 6] = [
        ("file", Box::new(FileSource::open(&path).unwrap())),
        ("vec", Box::new(bytes.clone())),
        ("bytes", Box::new(bytes::Bytes::from(bytes.clone()))),
        ("locked", Box::new(Locked::new(Cursor::new(bytes.clone())))),
        ("in memory", Box::new(Spool::new().fill(&bytes[..]).unwrap())),
        ("on disk", Box::new(Spool::new().memory(1000).folder(folder.path()).fill(&bytes[..]).unwrap())),
    ];
    for (name, source) in sources {
        assert!(all(&*source).unwrap() == bytes, "{name}");
        let mut some = [0; 10];
        assert_eq!(source.read_at(5, &mut some[..3]).unwrap(), 3, "{name}");
        assert_eq!(some[..3], bytes[5..8], "{name}");
        assert_eq!(source.read_at(bytes.len() as u64, &mut some).unwrap(), 0, "{name}");
        assert_eq!(source.read_at(1 << 40, &mut some).unwrap(), 0, "{name}");
    }
    // The spool's file is gone.
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn a_file_that_changes_is_found_and_others_are_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for (change, words) in [("longer than before", "the file had 6 bytes, and has 18 now"), ("", "has 0 now")] {
        fs::write(&path, "before").unwrap();
        let source = FileSource::open(&path).unwrap();
        assert_eq!(all(&source).unwrap(), b"before");
        fs::write(&path, change).unwrap();
        let error = all(&source).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    fs::write(&path, "before").unwrap();
    let source = FileSource::open(&path).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    (&file).write_all(b"BEFORE").unwrap();
    // What the clock of the file system can't tell apart.
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(all(&source).unwrap_err().to_string(), "the file was changed while it was read");

    assert!(FileSource::open(folder.path()).is_err());
    assert!(FileSource::open("/dev/null").unwrap_err().to_string().contains("no regular file"));
    assert!(FileSource::open(folder.path().join("missing")).is_err());
}

/// Takes one byte at a time, and at some point no more.
struct Slow(Vec<u8>);
impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() == 7 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.extend(&bytes[..1]);
        Ok(1)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn sinks_take_bytes_at_any_position_or_in_order() {
    let sinks: [Box<dyn Sink>; 2] = [Box::new(Memory::new()), Box::new(Locked::new(Cursor::new(Vec::new())))];
    for sink in sinks {
        sink.write_at(3, b"lo").unwrap();
        sink.write_at(0, b"hel").unwrap();
        let mut read = [0; 9];
        assert_eq!(read_full(|position, buffer| sink.read_at(position, buffer), 0, &mut read).unwrap(), 5);
        assert_eq!(&read[..5], b"hello");
    }
    let memory = Memory::new();
    assert!(memory.write_at(u64::MAX - 1, b"far").is_err());
    assert!(memory.write_at(1 << 60, b"far").is_err());

    let sink = InOrder::new(Slow(Vec::new()));
    sink.write_at(0, b"abc").unwrap();
    // Comes again from where it began.
    sink.write_at(0, b"abcde").unwrap();
    assert!(sink.write_at(6, b"g").is_err(), "a gap");
    assert!(sink.write_at(5, b"fgh").is_err(), "full");
    assert_eq!(sink.into_inner().0, b"abcdefg");
}

proptest! {
    /// A window has the bytes between what was forgotten and what was pushed, however they were cut.
    #[test]
    fn a_window_keeps_what_is_needed(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..12),
        forget in 0_u64..200,
        at in 0_u64..200,
    ) {
        let whole: Vec<u8> = chunks.concat();
        let window = Window::new(whole.len() as u64);
        for chunk in &chunks {
            window.push(bytes::Bytes::from(chunk.clone()));
        }
        prop_assert_eq!(window.end(), whole.len() as u64);
        window.forget(forget);
        let mut buffer = vec![0; whole.len() + 1];
        let read = read_full(|position, buffer| window.read_at(position, buffer), at, &mut buffer);
        let rest = whole.get(usize::try_from(at).unwrap()..).unwrap_or_default();
        match read {
            Ok(read) => prop_assert_eq!(&buffer[..read], rest),
            Err(_) => prop_assert!(at < forget),
        }
    }
}

#[test]
fn a_partial_file_gets_its_name_when_it_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("film.mp4");
    fs::write(&target, "the one before").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();

    // Dropped: nothing is left.
    let partial = Partial::open(&target).unwrap();
    partial.write_at(0, b"half").unwrap();
    assert_eq!(names(folder.path()), ["film.mp4", "film.mp4.koodrive-part"]);
    // Two can't write to one target.
    let error = Partial::open(&target).unwrap_err();
    assert!(error.to_string().contains("is being written by another download"), "{error}");
    drop(partial);
    assert_eq!(names(folder.path()), ["film.mp4"]);

    // Kept with a state that knows of something in it.
    let path = folder.path().join("state");
    let records = records();
    for stored in [0, 1, 3] {
        let (mut state, _) = StateFile::open(&path, false).unwrap();
        let partial = Partial::open(&target).unwrap().kept_with(&state);
        assert!(!partial.was_there());
        partial.write_at(0, b"the new one, and what a longer content left").unwrap();
        state.store(&records[..stored]).unwrap();
        drop((partial, state));
        assert_eq!(names(folder.path()).len(), if stored > 1 { 3 } else { 1 }, "{stored}");
    }
    assert_eq!(fs::read(&target).unwrap(), b"the one before");
    let partial = Partial::open(&target).unwrap();
    assert!(partial.was_there());
    partial.complete(11, true).unwrap();
    drop(partial);
    assert_eq!(fs::read(&target).unwrap(), b"the new one");
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(folder.path()), ["film.mp4", "state"]);

    // A new one in its place is another one.
    let mut partial = Partial::open(&target).unwrap();
    partial.write_at(0, b"x").unwrap();
    let mark = partial.mark().unwrap();
    assert_eq!(partial.mark().unwrap(), mark);
    partial.renew().unwrap();
    assert_ne!(partial.mark().unwrap(), mark);
    assert_eq!(partial.read_at(0, &mut [0; 9]).unwrap(), 0);
    assert!(Partial::open(&target).is_err());
    drop(partial);

    // A folder isn't replaced, what a link leads to isn't written, and a long name has room.
    assert!(Partial::open(folder.path()).is_err());
    assert!(Partial::open(folder.path().join("missing/file")).is_err());
    std::os::unix::fs::symlink(&target, folder.path().join("film.koodrive-part")).unwrap();
    let error = Partial::open(folder.path().join("film")).unwrap_err();
    assert!(error.to_string().contains("film.koodrive-part can't be written: it is a symbolic link"), "{error}");
    assert!(StateFile::open(folder.path().join("film.koodrive-part"), false).is_err());
    assert_eq!(fs::read(&target).unwrap(), b"the new one");
    let long = folder.path().join("n".repeat(255));
    let partial = Partial::open(&long).unwrap();
    partial.write_at(0, b"x").unwrap();
    partial.complete(1, false).unwrap();
    assert_eq!(fs::read(&long).unwrap(), b"x");
}

/// Two downloads with a state each take turns at one target: neither takes the other's bytes for its own.
#[test]
fn the_bytes_of_another_download_dont_count() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("file");
    let begin = |file: &str| {
        let options = Options::new().state(folder.path().join(file));
        prepare::download_file(Download::new(SPACE, file).range_size(4), &target, &options).unwrap()
    };
    let interrupt = |file: &str, bytes: &str| {
        let mut to = begin(file);
        let link = format!(
            r#"{{"code": 0, "downloads": [{{"fileId": "{file}", "url": "https://obs.example/o", "code": 0}}]}}"#
        );
        let part =
            Reply::status(206, bytes[..4].to_owned()).header("content-range", "bytes 0-3/7").header("etag", "\"1\"");
        let looked = Reply::ok(format!(r#"{{"code": 0, "id": "{file}", "size": 7}}"#));
        let refused = Reply::status(404, "");
        World::script([looked, Reply::ok(link), part, refused]).transfer(&api(), &mut to.download).unwrap_err();
        // What the driver would have written.
        to.partial.write_at(0, &bytes.as_bytes()[..4]).unwrap();
        to.state.as_mut().unwrap().store(to.download.records()).unwrap();
        assert_eq!(to.download.progress().moved, 4);
    };
    interrupt("F1", "content");
    assert_eq!(begin("F1").download.progress().moved, 4);
    interrupt("F2", "CONTENT");
    assert_eq!(begin("F2").download.progress().moved, 4);
    let to = begin("F1");
    assert_eq!((to.download.progress().moved, to.partial.read_at(0, &mut [0; 9]).unwrap()), (0, 0));
    drop(to);
    assert_eq!(begin("F2").download.progress().moved, 0);
}

#[test]
fn a_state_is_locked_and_only_a_state_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let records = records();
    let (mut state, read) = StateFile::open(&path, true).unwrap();
    assert!(read.is_empty());
    state.store(&records[..1]).unwrap();
    state.store(&records).unwrap();
    let error = StateFile::open(&path, true).unwrap_err();
    assert!(error.to_string().contains("is in use by another transfer"), "{error}");
    drop(state);

    // Any cut of it can be gone on from.
    let whole = fs::read(&path).unwrap();
    for end in 0..=whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        let (mut state, read) = StateFile::open(&path, false).unwrap();
        let lines = whole[..end].split(|byte| *byte == b'\n').skip(1).count();
        assert_eq!(read, records[..lines]);
        state.store(&records).unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
    StateFile::open(&path, false).unwrap().0.remove().unwrap();
    assert!(names(folder.path()).is_empty());

    for other in ["no state\n", "{\"upload\":{}}\n{}\n", "x", "{\"down", "{\"downtown\""] {
        fs::write(&path, other).unwrap();
        let opened = StateFile::open(&path, false);
        assert_eq!(opened.is_err(), other != "{\"down", "{other}");
        if let Err(error) = opened {
            assert!(error.to_string().contains("isn't the state of a transfer"), "{error}");
            assert_eq!(fs::read(&path).unwrap(), other.as_bytes());
        }
    }
    assert!(StateFile::open("/dev/zero", false).is_err());
    assert!(StateFile::open(folder.path(), false).is_err());
}

fn api() -> Api {
    Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200")).unwrap()
}

/// The records of the download of `content`.
pub(crate) fn records() -> Vec<Record> {
    let mut download = Download::new(SPACE, "F1");
    let part = Reply::status(206, "content").header("content-range", "bytes 0-6/7").header("etag", "\"1\"");
    World::script([
        Reply::ok(r#"{"code": 0, "id": "F1", "size": 7}"#),
        Reply::ok(r#"{"code": 0, "downloads": [{"fileId": "F1", "url": "https://obs.example/o", "code": "0"}]}"#),
        part,
    ])
    .transfer(&api(), &mut download)
    .unwrap();
    download.records().to_vec()
}

#[test]
fn a_download_that_got_its_name_is_over_and_one_whose_bytes_are_gone_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (target, path) = (folder.path().join("file"), folder.path().join("state"));
    let options = Options::new().state(&path);
    let lines: String = records().iter().map(Record::to_line).collect();

    // Killed between the new name and the removal of the state.
    fs::write(&path, &lines).unwrap();
    fs::write(&target, "content").unwrap();
    let to = prepare::download_file(Download::new(SPACE, "F1"), &target, &options).unwrap();
    assert!(to.is_there);
    prepare::complete_file(&to.partial, to.is_there, 7, true).unwrap();
    to.state.unwrap().remove().unwrap();
    drop(to.partial);
    assert_eq!(names(folder.path()), ["file"]);
    assert_eq!(fs::read(&target).unwrap(), b"content");

    // Another content is there, and no bytes: everything is fetched.
    fs::write(&path, &lines).unwrap();
    fs::write(&target, "CONTENT").unwrap();
    let mut to = prepare::download_file(Download::new(SPACE, "F1"), &target, &options).unwrap();
    assert!(!to.is_there);
    assert_eq!((to.download.progress().moved, to.download.progress().total), (0, None));
    let mut world = World::script([
        Reply::ok(r#"{"code": 0, "id": "F1", "size": 7}"#),
        Reply::ok(r#"{"code": 0, "downloads": [{"fileId": "F1", "url": "https://obs.example/o", "code": "0"}]}"#),
        Reply::status(206, "content").header("content-range", "bytes 0-6/7").header("etag", "\"1\""),
    ]);
    assert_eq!(world.transfer(&api(), &mut to.download).unwrap().length, 7);
    // What was recorded then is gone on from as well.
    let again = Download::new(SPACE, "F1").resumed(to.download.records().to_vec()).unwrap();
    assert_eq!(again.progress().moved, 7);
    drop(to);

    // A state of another file is left as it is.
    let error = prepare::download_file(Download::new(SPACE, "F2"), &target, &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source);
    assert!(error.to_string().contains("it is that of another file"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), lines);
}

#[test]
fn an_upload_is_resumed_only_by_the_same_call() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let options = Options::new().state(&path);
    let source: Arc<dyn Source> = Arc::new(b"content".to_vec());
    let to = UploadTo::new(SPACE).name("a.txt");
    let (mut upload, mut state) = prepare::upload(&source, None, &to, &options).unwrap();
    let refused = || Reply::status(400, "");
    World::script([refused()]).with_file("content").transfer(&api(), &mut upload).unwrap_err();
    state.as_mut().unwrap().store(upload.records()).unwrap();
    drop(state);
    // Nothing has come of it, so it may be another one.
    let renamed = to.clone().name("b.txt");
    let (mut upload, mut state) = prepare::upload(&source, None, &renamed, &options).unwrap();
    assert!(upload.records().is_empty());
    let created =
        r#"{"code": 0, "fileId": "F1", "multiParts": [{"partNumber": 1, "uploadUrl": "https://obs.example/o"}]}"#;
    let mut world = World::script([Reply::ok(created), refused()]).with_file("content");
    world.transfer(&api(), &mut upload).unwrap_err();
    state.as_mut().unwrap().store(upload.records()).unwrap();
    drop(state);
    let to = renamed;

    let (again, _) = prepare::upload(&source, None, &to, &options).unwrap();
    assert_eq!(again.records().len(), upload.records().len());
    for other in [to.clone().name("a.txt"), to.clone().folder("F7"), UploadTo::new("another space").name("a.txt")] {
        let error = prepare::upload(&source, None, &other, &options).unwrap_err();
        assert!(error.to_string().contains("remove it to begin anew"), "{error}");
    }
    // A file isn't its own state, by whatever name.
    let file = folder.path().join("empty");
    fs::write(&file, "").unwrap();
    let itself = Options::new().state(folder.path().join(".").join("empty"));
    let error = prepare::upload(&source, Some(&file), &to, &itself).unwrap_err();
    assert!(error.to_string().contains("can't be its own state"), "{error}");
    let target = folder.path().join("target");
    let itself = Options::new().state(&target);
    let error = prepare::download_file(Download::new(SPACE, "F1"), &target, &itself).unwrap_err();
    assert!(error.to_string().contains("can't be its own state"), "{error}");
    let part = Options::new().state(folder.path().join("target.koodrive-part"));
    assert!(prepare::download_file(Download::new(SPACE, "F1"), &target, &part).is_err());
    assert_eq!(names(folder.path()), ["empty", "state"]);

    let longer: Arc<dyn Source> = Arc::new(b"content and more".to_vec());
    let error = prepare::upload(&longer, None, &to, &options).unwrap_err();
    assert!(error.to_string().contains("16 bytes, and had 7"), "{error}");
    let error = prepare::upload(&source, None, &UploadTo::new(SPACE), &options).unwrap_err();
    assert!(error.to_string().contains("UploadTo::name"), "{error}");
}
