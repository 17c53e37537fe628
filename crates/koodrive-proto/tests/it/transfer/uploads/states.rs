//! What is stored, and the source that it is of.

use std::collections::BTreeMap;
use std::time::Duration;

use koodrive_proto::flow::Flow as _;
use koodrive_proto::flow::{Event, How, Job, Next, Record, Stage, Step, Transfer, Upload};
use koodrive_proto::{ErrorKind, Sent};
use serde_json::json;

use crate::transfer::harness::{Rng, Trouble, World, api, at, run, run_well};

use super::drive::{Content, Drive, PART, file, upload};

/// What a stopped upload has stored leads to the end from every prefix, without sending what is there.
#[test]
fn every_prefix_can_be_gone_on_from() {
    let length = 3 * PART + 7;
    let mut drive = Drive::new(Content { length, version: 1 }, 1);
    let ran = run_well(&api(), &mut drive, 2, upload(length));
    assert_eq!(ran.result.unwrap().how, How::Sent);
    assert_eq!((drive.puts, drive.completes), (4, 1));
    let lines: Vec<String> = ran.stored.iter().map(Record::to_line).collect();
    let text = lines.concat();
    for end in 0..=text.len() {
        // Torn at any byte: what isn't a whole line counts as not there.
        let stored = Record::read_lines(&text.as_bytes()[..end]);
        let whole = lines
            .iter()
            .scan(0, |sum, line| {
                *sum += line.len();
                Some(*sum)
            })
            .filter(|sum| *sum <= end)
            .count();
        assert_eq!(stored.records.len(), whole);
        assert_eq!(stored.end, lines[..whole].concat().len() as u64);
    }
    let created = lines.iter().position(|line| line.contains("created")).unwrap();
    for end in 1..=lines.len() {
        let records = || ran.stored[..end].to_vec();
        let sent = lines[..end].iter().filter(|line| line.contains("part\":")).count();
        let mut drive = Drive::new(Content { length, version: 1 }, 1);
        // What happened until then.
        if end > created {
            drive.created = 1;
            for number in 1..=4 {
                drive.named.insert(number, PART.min(length - (number - 1) * PART));
                drive.parts.insert(number, ((number - 1) * PART, PART.min(length - (number - 1) * PART), drive.source));
            }
        }
        let is_ended = end == lines.len();
        drive.is_complete = is_ended;
        let ran = run_well(&api(), &mut drive, 2, Upload::resume(records(), length, "").unwrap());
        if lines[end - 1].contains("\"creating\"") {
            let error = ran.result.unwrap_err();
            assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Unknown, Sent::Maybe));
            // Those who know better may go on.
            let upload = Upload::resume(records(), length, "").unwrap().create_again();
            assert_eq!(run_well(&api(), &mut drive, 2, upload).result.unwrap().how, How::Sent);
            continue;
        }
        assert_eq!(ran.result.unwrap().how, How::Sent, "{end}");
        assert_eq!(drive.puts as usize, if end > created { 4 - sent } else { 4 }, "{end}");
        assert_eq!(drive.completes, u32::from(!is_ended));
    }
}

/// A source that isn't what it was never becomes a file.
#[test]
fn sources_that_change() {
    let content = Content { length: 2 * PART + 9, version: 1 };
    let other = Content { version: 2, ..content };
    for (changes, instant) in [
        (other, true),
        (other, false),
        (Content { length: PART, ..content }, false),
        (Content { length: content.length - 1, ..content }, false),
        (Content { length: content.length + 1, ..content }, false),
    ] {
        let mut drive = Drive::new(content, 1);
        drive.changes = Some(changes);
        let ran = run_well(&api(), &mut drive, 2, upload(content.length).instant(instant));
        let error = ran.result.unwrap_err();
        assert!(!drive.is_complete);
        let is_changed = changes.length == content.length;
        if !is_changed {
            assert_eq!(error.kind(), ErrorKind::Source, "{error}");
            assert!(error.to_string().contains("than it was"), "{error}");
        }
    }
    // Between two runs: the length, the mark, and the content behind the mark.
    let mut drive = Drive::new(content, 1);
    let ran = run_well(&api(), &mut drive, 2, upload(content.length).mark("monday"));
    let without_end = |stored: &[Record]| -> Vec<Record> {
        stored.iter().filter(|record| !record.to_line().contains("complet")).cloned().collect()
    };
    let stored = without_end(&ran.stored);
    let resume = |length, mark: &str| Upload::resume(stored.clone(), length, mark);
    assert_eq!(resume(content.length + 1, "monday").unwrap_err().kind(), ErrorKind::Source);
    // The same mark: nothing is read.
    drive.is_complete = false;
    let ran = run_well(&api(), &mut drive, 1, resume(content.length, "monday").unwrap());
    assert_eq!(ran.result.unwrap().how, How::Sent);
    // Another mark, the same content: it is read once more, and no part is sent.
    (drive.is_complete, drive.puts) = (false, 0);
    let ran = run_well(&api(), &mut drive, 1, resume(content.length, "tuesday").unwrap());
    assert_eq!((ran.result.unwrap().how, drive.puts), (How::Sent, 0));
    // The next time its mark is known.
    let resumed = Upload::resume(stored.iter().cloned().chain(without_end(&ran.stored)), content.length, "tuesday");
    let resumed = resumed.unwrap();
    assert_eq!(resumed.progress().hashed, content.length);
    // Another mark, and another content: refused.
    let mut drive = Drive::new(other, 1);
    let error = run_well(&api(), &mut drive, 1, resume(content.length, "tuesday").unwrap()).result.unwrap_err();
    assert_eq!((error.kind(), drive.seen.len()), (ErrorKind::Source, 0), "{error}");
    assert!(error.to_string().contains("another content"), "{error}");
}

/// What isn't stored is that of the call that resumes, and what is stored has to be its file's.
#[test]
fn resumed_with_other_settings() {
    let length = 2 * PART;
    let mut drive = Drive::new(Content { length, version: 1 }, 1);
    let stored = run_well(&api(), &mut drive, 1, upload(length)).stored;
    let begun = |end: usize| stored[..end].to_vec();
    let late = upload(length).part_size(2 * PART).deadline(Duration::ZERO).resumed(begun(2), "").unwrap();
    assert_eq!(late.progress().parts_total, Some(2));
    assert_eq!(run_well(&api(), &mut drive, 1, late).result.unwrap_err().kind(), ErrorKind::Deadline);
    // Another upload: only if the service doesn't know of the stored one.
    let is = |record: &Record, what: &str| record.to_line().starts_with(&format!("\"{what}\""));
    let creating = stored.iter().position(|record| is(record, "creating")).unwrap();
    for end in 1..=stored.len() {
        let other = Upload::new(file(length).description("another")).resumed(begun(end), "");
        match other {
            Ok(anew) => assert!(end <= creating && anew.records().is_empty(), "{end}"),
            Err(error) => {
                assert!(end > creating && error.kind() == ErrorKind::Source, "{end}");
                assert!(error.to_string().contains("that of another upload"), "{error}");
            }
        }
        let longer = upload(length + 1).resumed(begun(end), "");
        assert_eq!(longer.is_ok(), end <= creating, "{end}");
    }
    let done = upload(length).resumed(begun(stored.len()), "").unwrap();
    assert_eq!((done.progress().parts, done.progress().stage), (2, Stage::Ended));
}

/// A stream is read again from the first part that wasn't sent, and from nowhere if all were.
#[test]
fn streams_that_are_resumed() {
    let content = Content { length: 3 * PART + 7, version: 1 };
    let stream = || upload(content.length).stream(1);
    let mut drive = Drive::new(content, 1);
    drive.ahead = Some(1);
    let ran = run_well(&api(), &mut drive, 2, stream());
    assert_eq!(ran.result.unwrap().how, How::Sent);
    let lines: Vec<String> = ran.stored.iter().map(Record::to_line).collect();
    for end in 1..ran.stored.len() {
        let is_in = |what: &str| lines[..end].iter().any(|line| line.contains(what));
        if is_in("\"creating\"") && !is_in("\"created\"") {
            continue;
        }
        let mut drive = Drive::new(content, 1);
        drive.ahead = Some(1);
        for number in 1..=4 {
            let len = PART.min(content.length - (number - 1) * PART);
            drive.named.insert(number, len);
            drive.parts.insert(number, ((number - 1) * PART, len, content));
        }
        let sent = lines[..end].iter().filter(|line| line.contains("{\"part\":")).count() as u64;
        let mut resumed = Upload::resume(ran.stored[..end].to_vec(), content.length, "").unwrap().stream(1);
        if sent == 4 {
            drive.read_to = u64::MAX;
            assert_eq!(resumed.kept_from(), content.length);
        } else if let Next::Read(reading) = resumed.next(&api(), at(Duration::ZERO)) {
            assert_eq!(reading.position(), sent * PART, "{end}");
            // Dropped, it comes again.
            drop(reading);
        }
        let again = Upload::resume(ran.stored[..end].to_vec(), content.length, "").unwrap().stream(1);
        assert_eq!(run_well(&api(), &mut drive, 2, again).result.unwrap().how, How::Sent, "{end}");
        assert_eq!(u64::from(drive.puts), 4 - sent, "{end}");
        assert!(sent < 4 || drive.read_to == u64::MAX, "all was there, and it was read again");
    }
    // What began with the hash of all can't become a stream before it was registered.
    let begun = Upload::resume(vec![header_of_another()], content.length, "").unwrap();
    let error = run_well(&api(), &mut Drive::new(content, 1), 1, begun.stream(1)).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source, "{error}");
}

/// The header of another upload of the same length.
fn header_of_another() -> Record {
    let mut other = upload(3 * PART + 7);
    drop(other.next(&api(), at(Duration::ZERO)));
    other.records()[0].clone()
}

/// A state that was changed by hand is refused or mended, and never believed.
#[test]
fn states_that_were_changed() {
    let content = Content { length: 3 * PART, version: 1 };
    let mut drive = Drive::new(content, 1);
    let ran = run_well(&api(), &mut drive, 1, upload(content.length));
    let text: String = ran.stored.iter().map(Record::to_line).collect();
    let resume = |text: &str| Upload::resume(Record::read_lines(text.as_bytes()).records, content.length, "");
    for (from, to) in [
        ("\"to\":5242880", "\"to\":9223372036854775808"),
        ("\"to\":5242880", "\"to\":65"),
        ("{\"part\":2}", "{\"part\":9}"),
        ("{\"part\":2}", "{\"part\":0}"),
        ("\"part_size\":5242880", "\"part_size\":7"),
        ("\"version\":1", "\"version\":2"),
        ("\"begin\":\"CreateFile\"", "\"begin\":\"DeleteSpace\""),
    ] {
        assert!(text.contains(from), "{from}");
        let error = resume(&text.replacen(from, to, 1)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Source | ErrorKind::Param), "{to}: {error}");
    }
    let without = |what: &str| {
        let lines: Vec<&str> = text.lines().filter(|line| !line.contains(what) && !line.contains("complet")).collect();
        lines.join("\n") + "\n"
    };
    assert_eq!(resume(&(without("created") + "\"completed\"\n")).unwrap_err().kind(), ErrorKind::Source);
    // A midstate is missing: it is found again, and nothing is sent twice.
    let mut again = Drive::new(content, 1);
    (again.parts, again.named) = (drive.parts.clone(), drive.named.clone());
    let mended = resume(&without("\"to\":10485760").replace("{\"part\":3}\n", "")).unwrap();
    assert_eq!(run_well(&api(), &mut again, 2, mended).result.unwrap().how, How::Sent);
    assert_eq!(again.puts, 1);
}

/// Settings are those of the beginning.
#[test]
fn settings_of_a_resumed_upload() {
    let content = Content { length: 2 * PART, version: 1 };
    let mut drive = Drive::new(content, 1);
    drive.odd.insert("GetUploadUrls", json!({"code": 13_000_401}));
    drive.faults.refused = 1;
    let ran = run_well(&api(), &mut drive, 1, upload(content.length));
    assert_eq!(ran.result.unwrap_err().code(), Some("13000401"));
    (drive.faults.refused, drive.odd) = (0, BTreeMap::new());
    let resumed = Upload::resume(ran.stored, content.length, "").unwrap();
    let resumed = resumed.in_order().name_all_parts().instant(false).part_size(2 * PART).mark("other");
    // The model finds each part where it was.
    assert_eq!(run_well(&api(), &mut drive, 1, resumed).result.unwrap().how, How::Sent);
}

/// The final failure of one part ends the upload at once; what finishes meanwhile counts.
#[test]
fn one_part_fails() {
    let content = Content { length: 3 * PART, version: 1 };
    let (api, mut drive, mut upload) = (api(), Drive::new(content, 1), upload(content.length));
    let finish = |drive: &mut Drive, upload: &mut Upload, job: Job| {
        let (id, mut flow, mut event) = (job.id, job.flow, Event::Start);
        let result = loop {
            event = match flow.resume(&api, at(Duration::ZERO), event) {
                Step::Done(result) => break result,
                Step::Send(outgoing) => drive.exchange(&outgoing, at(Duration::ZERO)),
                Step::Wait(_) => panic!("nothing to wait for"),
            };
        };
        upload.done(id, result);
    };
    let mut parts = Vec::new();
    while parts.len() < 3 {
        match upload.next(&api, at(Duration::ZERO)) {
            Next::Read(mut reading) => {
                drive.read(&mut reading).unwrap();
                let (id, result) = reading.finish();
                upload.done(id, result);
            }
            Next::Run(job) if job.bytes > 0 => parts.push(job),
            Next::Run(job) => finish(&mut drive, &mut upload, job),
            other => panic!("{other:?}"),
        }
    }
    drive.faults.refused = 1;
    finish(&mut drive, &mut upload, parts.remove(1));
    drive.faults.refused = 0;
    let Next::Done(Err(error)) = upload.next(&api, at(Duration::ZERO)) else { panic!("it goes on") };
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(upload.progress().moved, 0);
    for job in parts {
        finish(&mut drive, &mut upload, job);
    }
    let Next::Done(Err(error)) = upload.next(&api, at(Duration::ZERO)) else { panic!("it ends twice") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
    let resumed = Upload::resume(upload.records().to_vec(), content.length, "").unwrap();
    assert_eq!(resumed.progress().moved, 2 * PART);
    assert_eq!(run_well(&api, &mut drive, 1, resumed).result.unwrap().how, How::Sent);
    assert_eq!(drive.puts, 3);
}

/// Progress counts what is finished, whatever was repeated.
#[test]
fn progress() {
    let content = Content { length: 2 * PART + 1, version: 1 };
    let mut drive = Drive::new(content, 1);
    drive.loses.extend([("object store", 3), ("GetUploadUrls", 1)]);
    let mut upload = upload(content.length).instant(false);
    assert_eq!((upload.progress().moved, upload.progress().total), (0, Some(content.length)));
    let mut before = 0;
    let ran = run(&api(), &mut drive, &mut Rng::new(5), 3, Trouble::default(), &mut |stored| {
        let upload =
            if stored.is_empty() { std::mem::replace(&mut upload, Upload::new(file(0))) } else { unreachable!() };
        before = upload.progress().moved;
        Ok(upload)
    });
    assert_eq!(before, 0);
    let lines: String = ran.stored.iter().map(Record::to_line).collect();
    assert_eq!(lines.matches("{\"part\":").count(), 3 * usize::from(ran.result.is_ok()), "{lines}");
    let upload = Upload::resume(ran.stored, content.length, "").unwrap();
    assert_eq!((upload.progress().moved, upload.progress().stage), (content.length, Stage::Ended));
}
