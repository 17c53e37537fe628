//! Uploads: in any order, with any trouble.

mod answers;
mod drive;
mod states;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use koodrive_proto::flow::Flow as _;
use koodrive_proto::flow::{
    Attempt, Download, Event, How, Job, Next, Observer, Outcome, Reading, Reason, Record, Step, Transfer, Upload,
    Worked,
};
use koodrive_proto::ops::files::{CreateFile, FileType, OnConflict};
use koodrive_proto::ops::revisions::CreateRevision;
use koodrive_proto::transfer::Plan;
use koodrive_proto::{Api, Credentials, Error, ErrorKind};

use crate::transfer::harness::{ENDPOINT, Rng, Trouble, World, api, at, run, run_well};

use drive::{Content, Drive, Faults, PART, SPACE, file, upload};

/// Seeds determine everything: lengths, settings, order, faults, kills. Every run ends with the right file or a typed
/// error, makes no second file, and sends no part again without need.
#[test]
fn any_order_ends() {
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..400 {
        let mut rng = Rng::new(seed);
        let length =
            rng.pick(&[0, 1, 63, 64, 65, PART - 1, PART, PART + 1, PART + 64, 2 * PART, 2 * PART + 63, 3 * PART + 7]);
        let mut drive = Drive::new(Content { length, version: 1 }, seed);
        if seed % 4 != 0 {
            let times = rng.pick(&[6, 20, 60]);
            drive.faults = Faults { lost: times, busy: times, refused: rng.pick(&[0, times]) };
        }
        drive.link_life = Duration::from_secs(rng.pick(&[3600, 3600, 400, 20]));
        drive.is_known = rng.one_in(6);
        let (instant, in_order, name_all) = (rng.one_in(2), rng.one_in(4), rng.one_in(4));
        let ahead = Some(1 + u32::try_from(rng.under(2)).unwrap()).filter(|_| rng.one_in(4));
        drive.ahead = ahead;
        let is_revision = rng.one_in(5);
        let trouble = match seed % 3 {
            0 => Trouble { seconds: 1, ..Trouble::default() },
            1 => Trouble { dropped: 30, cancelled: 30, killed: 0, seconds: 60 },
            _ => Trouble { dropped: 60, cancelled: 60, killed: rng.pick(&[10, 40]), seconds: rng.pick(&[1, 400]) },
        };
        let mut make = |stored: Vec<Record>| {
            let upload = if !stored.is_empty() {
                Upload::resume(stored, length, "")?
            } else if is_revision {
                Upload::new(CreateRevision::new(SPACE, "F1", length)).part_size(PART).instant(instant)
            } else {
                upload(length).instant(instant)
            };
            let upload = if in_order { upload.in_order() } else { upload };
            let upload = if name_all { upload.name_all_parts() } else { upload };
            Ok(if let Some(ahead) = ahead { upload.stream(ahead) } else { upload })
        };
        let slots = 1 + usize::try_from(rng.under(4)).unwrap();
        let ran = run(&api(), &mut drive, &mut rng, slots, trouble, &mut make);
        assert!(drive.created <= 1, "seed {seed}: {} files", drive.created);
        let text: String = ran.stored.iter().map(Record::to_line).collect();
        assert!(!text.contains("5ec2e7") && !text.contains("store.example"), "a link is stored: {text}");
        let end = match &ran.result {
            Ok(uploaded) => {
                assert!(drive.is_complete, "seed {seed}");
                assert_eq!((uploaded.length, uploaded.file_id.as_str()), (length, "F1"), "seed {seed}");
                assert!(uploaded.sha256.is_none_or(|sha256| sha256 == drive.print.sha256));
                if uploaded.how == How::Instant {
                    assert_eq!(drive.puts, 0);
                }
                format!("{:?}", uploaded.how)
            }
            Err(error) => {
                let text = format!("{error} {error:?} {error:#?}");
                assert!(!text.contains("5ec2e7") && !text.contains("my-secret"), "{text}");
                assert_ne!(error.kind(), ErrorKind::Misuse, "seed {seed}: {error}");
                assert!(seed % 4 != 0 || seed % 3 != 0, "seed {seed}: without trouble, {error}");
                format!("{:?}", error.kind())
            }
        };
        if drive.faults.lost == 0 && trouble.killed == 0 && trouble.dropped == 0 {
            assert!(drive.puts <= u32::try_from(length.div_ceil(PART).max(1)).unwrap(), "seed {seed}");
        }
        *ends.entry(end).or_default() += 1;
    }
    // Most of them succeed, and each kind of end occurs.
    assert!(ends["Sent"] > 150 && ends["Instant"] > 20 && ends.contains_key("Unknown"), "{ends:?}");
}

/// The answers to tell apart, and the name that the service has chosen.
#[test]
fn outcomes() {
    let content = Content { length: PART + 1, version: 1 };
    let mut drive = Drive::new(content, 1);
    drive.is_known = true;
    let uploaded = run_well(&api(), &mut drive, 1, upload(content.length)).result.unwrap();
    assert_eq!((uploaded.how, uploaded.name.as_str(), drive.puts), (How::Instant, "final.bin", 0));
    assert_eq!(drive.seen, ["CreateFile"]);
    // Without asking, it is sent.
    let mut drive = Drive::new(content, 1);
    drive.is_known = true;
    let uploaded = run_well(&api(), &mut drive, 1, upload(content.length).instant(false)).result.unwrap();
    assert_eq!((uploaded.how, drive.puts, uploaded.sha256), (How::Sent, 2, Some(drive.print.sha256)));
    // The same file is there, or another one under its name.
    for (same, how, puts) in [(content, How::AlreadyThere, 0), (Content { version: 2, ..content }, How::Sent, 2)] {
        let mut drive = Drive::new(content, 1);
        drive.same = Some(same);
        let keep = Upload::new(file(content.length).auto_rename(OnConflict::KeepSame)).part_size(PART).instant(false);
        let uploaded = run_well(&api(), &mut drive, 1, keep).result.unwrap();
        assert_eq!((uploaded.how, uploaded.name.as_str(), drive.puts), (how, "final.bin", puts));
    }
    let keep = Upload::new(file(1).auto_rename(OnConflict::KeepSame)).stream(1);
    let error = run_well(&api(), &mut Drive::new(content, 1), 1, keep).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Param, "{error}");
    // An empty file has one empty part and needs no proof.
    let mut drive = Drive::new(Content { length: 0, version: 1 }, 1);
    let ran = run_well(&api(), &mut drive, 1, upload(0));
    assert_eq!(ran.result.unwrap().how, How::Sent);
    assert_eq!(drive.parts.values().map(|(offset, len, _)| (*offset, *len)).collect::<Vec<_>>(), [(0, 0)]);
}

/// Inside a shared folder, every call says so; the object store is told nothing of it.
#[test]
fn shared_folders() {
    let content = Content { length: 2 * PART, version: 1 };
    let mut drive = Drive::new(content, 1);
    (drive.share_folder, drive.link_life) = (Some("SF7"), Duration::from_secs(1));
    drive.loses.extend([("CompleteFile", 1), ("object store", 1)]);
    let ran = run(&api(), &mut drive, &mut Rng::new(1), 1, Trouble { seconds: 1, ..Trouble::default() }, &mut |_| {
        Ok(Upload::new(file(content.length).share_folder_id("SF7")).part_size(PART))
    });
    assert_eq!(ran.result.unwrap().how, How::Sent);
    for call in ["CreateFile", "GetUploadUrls", "CompleteFile", "GetFile"] {
        assert!(drive.seen.iter().any(|seen| seen == call), "{call}");
    }
    // The state knows it as well.
    let resumed = Upload::resume(ran.stored.into_iter().take(4), content.length, "").unwrap();
    assert!(format!("{resumed:?}").contains("SF7"));
}

/// An observer is told of the object store by its name, and why something is sent again.
#[test]
fn observers() {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);
    impl Observer for Log {
        fn ended(&self, attempt: &Attempt, outcome: &Outcome, _: Duration) {
            self.0.lock().unwrap().push(format!("{} {} {outcome:?}", attempt.target, attempt.number));
        }
        fn repeating(&self, attempt: &Attempt, reason: &Reason, _: Duration) {
            self.0.lock().unwrap().push(format!("{} again: {reason:?}", attempt.target));
        }
    }
    let log = Log::default();
    let mut drive = Drive::new(Content { length: 10, version: 1 }, 1);
    drive.loses.insert("object store", 1);
    let api = api().observer(log.clone());
    assert_eq!(run_well(&api, &mut drive, 1, upload(10)).result.unwrap().how, How::Sent);
    let log = log.0.lock().unwrap();
    let text = log.join("\n");
    assert!(text.contains("object store 1 Failed(Maybe, Network)\nobject store again: Rule(RetryRule"), "{text}");
    assert!(text.contains("object store 2 Answered(200)") && !text.contains("store.example"), "{text}");
}

/// What is handed out goes to other threads, and so does the transfer itself.
#[test]
fn everything_can_be_sent() {
    fn is_send<T: Send + 'static>() {}
    is_send::<Upload>();
    is_send::<Download>();
    is_send::<Job>();
    is_send::<Reading>();
    is_send::<Worked>();
    is_send::<Record>();
}

/// What can't be sent is refused before anything is.
#[test]
fn refused_before_anything_is_sent() {
    let refused = |upload: Upload, what: &str| {
        let mut drive = Drive::new(Content { length: 10, version: 1 }, 1);
        let error = run_well(&api(), &mut drive, 1, upload).result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Param);
        assert!(error.to_string().contains(what) && drive.seen.is_empty(), "{error}");
    };
    refused(Upload::new(file(10)).part_size(1000), "part_size: got 1000");
    refused(Upload::new(file(10)).part_size(PART + 1), "a multiple of 64");
    refused(Upload::new(file(Plan::MAX_LENGTH + 1)), "length: got 214748364801");
    refused(Upload::new(CreateFile::new("a/b", FileType::Picture, "root", 10)), "fileName");
    refused(
        Upload::new(CreateFile::new("b", FileType::Picture, "root", 10).auto_rename(OnConflict::Rename)),
        "containerId",
    );
    // Whoever has no credentials can't begin one, and is told so.
    let anonymous = Api::new(ENDPOINT, Credentials::anonymous()).unwrap();
    let error = run_well(&anonymous, &mut Drive::new(Content { length: 10, version: 1 }, 1), 1, upload(10)).result;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Credentials);
}

/// Sequential sending is one part after the other; at the same time is at most a hundred named parts, or all.
#[test]
fn in_order_and_all_named() {
    let content = Content { length: 4 * PART, version: 1 };
    for slots in [1, 3] {
        let mut drive = Drive::new(content, 1);
        let ran = run_well(&api(), &mut drive, slots, upload(content.length).in_order());
        assert_eq!(ran.result.unwrap().how, How::Sent);
        assert_eq!(drive.order, [1, 2, 3, 4]);
    }
    let content = Content { length: 101 * PART, version: 1 };
    let mut drive = Drive::new(content, 1);
    let api = api();
    for (all, named) in [(false, 100), (true, 101)] {
        drive.named.clear();
        drive.odd.clear();
        let upload = upload(content.length);
        let mut upload = if all { upload.name_all_parts() } else { upload };
        while drive.named.is_empty() {
            match upload.next(&api, at(Duration::ZERO)) {
                Next::Read(mut reading) => {
                    drive.read(&mut reading).unwrap();
                    let (id, result) = reading.finish();
                    upload.done(id, result);
                }
                Next::Run(mut job) => {
                    let Step::Send(outgoing) = job.flow.resume(&api, at(Duration::ZERO), Event::Start) else {
                        panic!("nothing is sent")
                    };
                    drive.exchange(&outgoing, at(Duration::ZERO));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(drive.named.len(), named);
    }
}

/// Without an instant upload, parts go out while the rest is hashed, also with one slot.
#[test]
fn hashing_is_not_far_ahead() {
    let content = Content { length: 20 * PART, version: 1 };
    let mut drive = Drive::new(content, 1);
    let ran = run_well(&api(), &mut drive, 1, upload(content.length).instant(false));
    assert_eq!(ran.result.unwrap().how, How::Sent);
    let lines: Vec<String> = ran.stored.iter().map(Record::to_line).collect();
    let first_part = lines.iter().position(|line| line.contains("{\"part\":")).unwrap();
    let hashed = lines[..first_part].iter().filter(|line| line.contains("hashed")).count();
    assert!((1..=8).contains(&hashed), "{hashed} parts are hashed before one is sent");
    assert!(lines[1].contains("creating"), "{}", lines[1]);
}

/// A flow belongs to the user that it began with, and ends once.
#[test]
fn misuse() {
    let mut upload = upload(10);
    let Next::Read(reading) = upload.next(&api(), at(Duration::ZERO)) else { panic!("nothing to read") };
    let Next::Done(Err(error)) = upload.next(&api(), at(Duration::ZERO)) else { panic!("another Api") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
    let (id, result) = reading.failed("the disk is gone");
    let error = result.as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source);
    assert!(error.to_string().contains("the disk is gone"), "{error}");
    // Another transfer's work is none of ours.
    let mut other = upload_of_another();
    other.done(id, result);
    assert_eq!(other.records().len(), 1);
    for records in [vec![], other.records().to_vec()] {
        let error: Error = Download::resume(records).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Source);
    }
}

fn upload_of_another() -> Upload {
    let mut other = upload(10);
    drop(other.next(&api(), at(Duration::ZERO)));
    other
}
