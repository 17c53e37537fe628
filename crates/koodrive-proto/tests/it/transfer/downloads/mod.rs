//! Downloads: in any order, with any trouble.

mod answers;
mod drive;

use std::collections::BTreeMap;
use std::time::Duration;

use koodrive_proto::ErrorKind;
use koodrive_proto::flow::{Deliver, Download, Place, Record, Stage, Transfer, Verified};
use koodrive_proto::http::{self};
use koodrive_proto::transfer::Digest;

use crate::transfer::harness::{Ran, Rng, Trouble, api, at, run, run_well};

use drive::{Drive, Ranges, SPACE, Validator, content, download, downloaded};

/// Seeds determine everything: lengths, ranges, validators, order, faults, changes, kills. Every run ends with one
/// content from its beginning to its end, or a typed error.
#[test]
fn any_order_ends() {
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..1000 {
        let mut rng = Rng::new(seed ^ 0xd0d0);
        let length = usize::try_from(rng.pick(&[0, 1, 63, 64, 999, 1000, 1001, 5000, 7777])).unwrap();
        let old = content(length, 3);
        let mut drive = Drive::new(old.clone(), seed);
        drive.validator =
            rng.pick(&[Validator::Etag, Validator::Etag, Validator::Weak, Validator::Time, Validator::None]);
        drive.honours_conditions = !rng.one_in(3);
        drive.ranges =
            rng.pick(&[Ranges::Right, Ranges::Right, Ranges::Right, Ranges::Ignored, Ranges::NoTotal, Ranges::Others]);
        if seed % 3 != 0 {
            let times = rng.pick(&[4, 12, 40]);
            (drive.cut, drive.lost, drive.busy, drive.refused) = (times, times * 2, times * 2, times * 2);
        }
        let mut contents = vec![old];
        // Without a validator, a change of the same length is seen by a hash only.
        if rng.one_in(2) {
            let is_seen = drive.validator != Validator::None;
            let other = usize::try_from(rng.pick(&[0, 1, 999, 4000, 7777])).unwrap();
            let other = if is_seen || other != length { other } else { other + 1 };
            let new = content(other, 5);
            drive.changes = Some((u32::try_from(rng.under(12)).unwrap(), new.clone()));
            contents.push(new);
        }
        let is_in_order = rng.one_in(4);
        let wants = if rng.one_in(3) { Some(Digest::of(&contents[0])) } else { None };
        let size = rng.pick(&[1000, 500, 64, 5000]);
        let trouble = match seed % 4 {
            0 => Trouble { seconds: 1, ..Trouble::default() },
            1 => Trouble { dropped: 20, cancelled: 20, killed: 0, seconds: 60 },
            _ => Trouble { dropped: 40, cancelled: 40, killed: 12, seconds: rng.pick(&[1, 400]) },
        };
        // A sink that takes bytes in order only is lost with its process, and so are bytes of cancelled attempts.
        let trouble = if is_in_order { Trouble { seconds: trouble.seconds, ..Trouble::default() } } else { trouble };
        let look_up = !rng.one_in(3);
        let mut make = |stored: Vec<Record>| {
            let download = if stored.is_empty() {
                let download = Download::new(SPACE, "F1").range_size(size).look_up(look_up);
                match wants {
                    Some(sha256) => download.sha256(sha256),
                    None => download,
                }
            } else {
                Download::resume(stored)?
            };
            Ok(if is_in_order { download.in_order().readable(false) } else { download })
        };
        drive.is_readable = !is_in_order;
        let slots = 1 + usize::try_from(rng.under(4)).unwrap();
        let ran = run(&api(), &mut drive, &mut rng, slots, trouble, &mut make);
        let text: String = ran.stored.iter().map(Record::to_line).collect();
        assert!(!text.contains("5ec2e7") && !text.contains("store.example"), "a link is stored: {text}");
        let end = match ran.result {
            Ok(downloaded) => {
                let got = &drive.sink[..usize::try_from(downloaded.length).unwrap()];
                // Without a validator nothing but a hash sees that pieces of two contents of one length were mixed.
                assert!(contents.iter().any(|content| content == got), "seed {seed}: a mixture");
                assert!(downloaded.sha256.is_none_or(|sha256| sha256 == Digest::of(got)), "seed {seed}");
                assert!(downloaded.sha256.is_some(), "seed {seed}");
                assert_eq!(downloaded.verified == Verified::Sha256, wants.is_some(), "seed {seed}");
                format!("{:?}", downloaded.verified)
            }
            Err(error) => {
                let text = format!("{error} {error:?} {error:#?}");
                assert!(!text.contains("5ec2e7"), "{text}");
                assert_ne!(error.kind(), ErrorKind::Misuse, "seed {seed}: {error}");
                let is_quiet = seed % 3 == 0 && drive.changes.is_none() && contents.len() == 1;
                let is_possible = !matches!(drive.ranges, Ranges::NoTotal | Ranges::Others) || length == 0;
                assert!(!is_quiet || !is_possible, "seed {seed}: without trouble, {error}");
                format!("{:?}", error.kind())
            }
        };
        *ends.entry(end).or_default() += 1;
    }
    assert!(ends["Sha256"] > 100 && ends["Length"] > 200, "{ends:?}");
}

/// Every prefix leads to the end, and what is there isn't fetched again.
#[test]
fn every_prefix_can_be_gone_on_from() {
    let bytes = content(4321, 3);
    let mut drive = Drive::new(bytes.clone(), 1);
    let Ran { result, stored } = run_well(&api(), &mut drive, 3, download());
    assert_eq!(result.unwrap(), downloaded(&bytes, Verified::Length));
    assert_eq!(drive.written, 4321);
    for end in 1..=stored.len() {
        let there: u64 = stored[..end]
            .iter()
            .map(|record| {
                let record: serde_json::Value = serde_json::from_str(&record.to_line()).unwrap();
                record["range"]["len"].as_u64().unwrap_or_default()
            })
            .sum();
        (drive.written, drive.is_readable) = (0, true);
        let resumed = Download::resume(stored[..end].to_vec()).unwrap();
        assert_eq!(resumed.progress().moved, there);
        let ran = run_well(&api(), &mut drive, 2, resumed);
        assert_eq!(ran.result.unwrap(), downloaded(&bytes, Verified::Length));
        assert_eq!(drive.written, 4321 - there, "{end}");
    }
}

/// What is compared, and what the outcome says of it.
#[test]
fn verification() {
    let bytes = content(2500, 3);
    let right = Digest::of(&bytes);
    let outcome = downloaded(&bytes, Verified::Sha256);
    assert_eq!((outcome.verified, outcome.sha256, outcome.length), (Verified::Sha256, Some(right), 2500));
    let error = run_well(&api(), &mut Drive::new(bytes.clone(), 1), 2, download().sha256(Digest::of(b"other"))).result;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Content);
    assert!(error.to_string().contains(&right.to_string()), "{error}");
    // A sink that can't be read: by the length, unless the ranges come in order.
    let mut drive = Drive::new(bytes.clone(), 1);
    drive.is_readable = false;
    let outcome = run_well(&api(), &mut drive, 3, download().sha256(right).readable(false)).result.unwrap();
    assert_eq!((outcome.verified, outcome.sha256), (Verified::Length, None));
    let outcome = run_well(&api(), &mut drive, 3, download().sha256(right).readable(false).in_order()).result.unwrap();
    assert_eq!((outcome.verified, outcome.sha256), (Verified::Sha256, Some(right)));
    // Nothing to compare and nothing wanted.
    let outcome = run_well(&api(), &mut drive, 3, download().readable(false).hash(false)).result.unwrap();
    assert_eq!((outcome.verified, outcome.sha256), (Verified::Length, None));
    let error = run_well(&api(), &mut drive, 1, download().range_size(0)).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Param);
}

/// A warning file comes in place of the file: nothing of it goes to the sink.
#[test]
fn warning_files() {
    let mut drive = Drive::new(content(300, 3), 1);
    drive.recorded = Some(4000);
    let error = run_well(&api(), &mut drive, 2, download()).result.unwrap_err();
    assert_eq!((error.kind(), drive.sink.len()), (ErrorKind::Moderated, 0));
    assert!(error.to_string().contains("300 bytes are delivered in place of 4000: probably a warning file"), "{error}");
    // The record was asked once more: it could have been of before.
    assert_eq!(drive.seen, ["GetFile", "GetDownloadUrls", "object store"].repeat(2));
    // It was of before.
    let mut drive = Drive::new(content(300, 3), 1);
    drive.changes = Some((3, content(2000, 5)));
    assert_eq!(run_well(&api(), &mut drive, 2, download()).result.unwrap().length, 2000);
    // Whoever knows the length needs no record.
    let mut drive = Drive::new(content(300, 3), 1);
    let error = run_well(&api(), &mut drive, 2, download().length(301)).result.unwrap_err();
    assert_eq!((error.kind(), drive.seen.len()), (ErrorKind::Moderated, 2));
    assert!(run_well(&api(), &mut drive, 2, download().length(300)).result.is_ok());
    drive.recorded = Some(1 << 63);
    assert!(run_well(&api(), &mut drive, 2, download().look_up(false)).result.is_ok());
}

/// A hash that was lost on the way isn't forgotten: the bytes come once more, and it is compared.
#[test]
fn a_cancelled_range_is_hashed_all_the_same() {
    let bytes = content(2500, 3);
    for wanted in [Digest::of(&bytes), Digest::of(b"other")] {
        for seed in 0..40 {
            let mut drive = Drive::new(bytes.clone(), seed);
            (drive.is_readable, drive.cut) = (false, 3);
            let trouble = Trouble { cancelled: 3, ..Trouble::default() };
            let mut make = |_: Vec<Record>| Ok(download().sha256(wanted).readable(false).in_order());
            match run(&api(), &mut drive, &mut Rng::new(seed), 1, trouble, &mut make).result {
                Ok(downloaded) => assert_eq!((downloaded.verified, wanted), (Verified::Sha256, Digest::of(&bytes))),
                Err(error) => assert_ne!(error.kind(), ErrorKind::Misuse, "{error}"),
            }
        }
    }
}

/// A state of another content, or one that was changed by hand.
#[test]
fn states_that_do_not_fit() {
    let bytes = content(2500, 3);
    let ran = run_well(&api(), &mut Drive::new(bytes.clone(), 1), 1, download());
    let text: String = ran.stored.iter().map(Record::to_line).collect();
    for (from, to) in [
        ("\"len\":1000", "\"len\":18446744073709551615"),
        ("\"first\":1000", "\"first\":9999"),
        ("\"version\":1", "\"version\":9"),
    ] {
        let changed = Record::read_lines(text.replacen(from, to, 1).as_bytes()).records;
        assert_eq!(Download::resume(changed).unwrap_err().kind(), ErrorKind::Source, "{to}");
    }
    // It ends without its ranges.
    let ends = ran.stored.iter().filter(|record| !record.to_line().contains("range\":")).cloned();
    assert_eq!(Download::resume(ends).unwrap_err().kind(), ErrorKind::Source);
    // The object is empty by now.
    let mut drive = Drive::new(Vec::new(), 1);
    (drive.version, drive.sink) = (2, bytes.clone());
    let resumed = Download::resume(ran.stored[..3].to_vec()).unwrap();
    assert_eq!(run_well(&api(), &mut drive, 1, resumed).result.unwrap().length, 0);
    // The sink isn't what the state says.
    let unhashed =
        ran.stored.iter().filter(|record| !["hashed", "received"].iter().any(|name| record.to_line().contains(name)));
    let resumed = Download::resume(unhashed.cloned()).unwrap();
    let error = run_well(&api(), &mut Drive::new(bytes.clone(), 1), 1, resumed).result.unwrap_err();
    assert!(error.to_string().contains("remove the stored state, and begin anew"), "{error}");
    // With a weak validator it isn't known whether it is the same, so it begins anew, and a driver stores that.
    let mut drive = Drive::new(bytes, 1);
    drive.validator = Validator::Weak;
    let before = run_well(&api(), &mut drive, 1, download()).stored[..3].to_vec();
    let mut resumed = Download::resume(before.clone()).unwrap();
    assert_eq!(resumed.records().len(), 3);
    drop(resumed.next(&api(), at(Duration::ZERO)));
    assert_eq!(resumed.records().len(), 4);
    let error = run_well(&api(), &mut drive, 1, Download::resume(before).unwrap().in_order()).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Content, "{error}");
}

/// Progress, and what is known before anything was asked.
#[test]
fn progress() {
    let download = download();
    assert_eq!((download.progress().stage, download.progress().total), (Stage::Moving, None));
    let deadline = download.deadline(Duration::from_secs(1));
    let mut drive = Drive::new(content(5000, 3), 1);
    let trouble = Trouble { seconds: 2, ..Trouble::default() };
    let mut deadline = Some(deadline);
    let mut make = |_: Vec<Record>| Ok(deadline.take().unwrap());
    let ran = run(&api(), &mut drive, &mut Rng::new(1), 1, trouble, &mut make);
    assert_eq!(ran.result.unwrap_err().kind(), ErrorKind::Deadline);
    assert!(matches!(Deliver::Memory.place(&http::Response::new(()).into_parts().0), Place::Memory));
}

/// What isn't stored is that of the call that resumes. What was in the sink may be gone.
#[test]
fn resumed_with_other_settings_and_without_its_bytes() {
    let content = content(5000, 3);
    let mut drive = Drive::new(content.clone(), 1);
    let download = || download().range_size(1000).sink_mark("this");
    let stored = run_well(&api(), &mut drive, 1, download()).stored;
    let late = download().deadline(Duration::ZERO).resumed(stored[..3].to_vec()).unwrap();
    assert_eq!(late.progress().parts_total, Some(5));
    assert_eq!(run_well(&api(), &mut drive, 1, late).result.unwrap_err().kind(), ErrorKind::Deadline);
    for other in [Download::new(SPACE, "F2"), Download::link("https://obs.example/o"), download().length(4999)] {
        let error = other.resumed(stored.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Source);
        assert!(error.to_string().contains("can't be resumed"), "{error}");
    }
    // If nothing is in the sink, another one begins anew.
    let nothing = stored.iter().position(|record| record.to_line().starts_with("{\"range\"")).unwrap();
    let anew = Download::new(SPACE, "F2").resumed(stored[..nothing].to_vec()).unwrap();
    assert!(anew.records().is_empty());
    Download::new(SPACE, "F2").resumed(stored[..=nothing].to_vec()).unwrap_err();
    for end in 1..=stored.len() {
        let mut drive = Drive::new(content.clone(), 1);
        let same = download().resumed(stored[..end].to_vec()).unwrap().sink_mark("this");
        assert_eq!(same.records(), &stored[..end]);
        let empty = same.sink_mark("another");
        assert_eq!((empty.progress().moved, empty.progress().parts), (0, 0));
        let again = empty.records().to_vec();
        assert_eq!(run_well(&api(), &mut drive, 2, empty).result.unwrap().length, 5000);
        assert_eq!(drive.sink, content);
        // The stored state says so, too, and which sink it is now.
        let again = Download::resume(again).unwrap().sink_mark("another");
        assert_eq!(again.progress().moved, 0);
        assert!(again.records().iter().filter(|record| record.to_line().contains("another")).count() == 1);
    }
    let all = download().resumed(stored).unwrap();
    assert_eq!((all.progress().parts, all.progress().stage), (5, Stage::Ended));
}

/// The hash is that of what is in the sink, whatever happened to it between two runs.
#[test]
fn what_is_in_the_sink_is_hashed_again() {
    let content = content(5000, 3);
    let mut drive = Drive::new(content.clone(), 1);
    let download = || download().range_size(1000);
    let stored = run_well(&api(), &mut drive, 1, download()).stored;
    let last = stored.iter().rposition(|record| record.to_line().starts_with("{\"range\"")).unwrap();
    drive.sink[500] ^= 1;
    let changed = Digest::of(&drive.sink);
    let again = run_well(&api(), &mut drive, 1, download().resumed(stored[..last].to_vec()).unwrap());
    assert_eq!(again.result.unwrap().sha256, Some(changed));
    let expected = Download::new(SPACE, "F1").range_size(1000).sha256(Digest::of(&content));
    let stored = run_well(&api(), &mut Drive::new(content, 1), 1, expected).stored;
    let again = run_well(&api(), &mut drive, 1, Download::resume(stored[..last].to_vec()).unwrap());
    assert_eq!(again.result.unwrap_err().kind(), ErrorKind::Content);
}
