//! What answers lead to, and those that are lost, late or refused.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use koodrive_proto::flow::Flow as _;
use koodrive_proto::flow::{Body, Event, How, Next, Record, Step, Transfer, Upload};
use koodrive_proto::ops::revisions::CreateRevision;
use koodrive_proto::transfer::{Digest, proof_range};
use koodrive_proto::{AccessToken, Api, Credentials, ErrorKind, Refresh, Sent, testing};
use serde_json::{Value, json};

use crate::transfer::harness::{ENDPOINT, Ran, Rng, Trouble, USER, World, api, at, run, run_well};

use super::drive::{Content, Drive, Look, PART, SPACE, upload};

/// What decides when the last answer is lost.
#[test]
fn lost_answers() {
    let content = Content { length: PART + 1, version: 1 };
    // CreateFile: never twice.
    let mut drive = Drive::new(content, 1);
    drive.loses.insert("CreateFile", 1);
    let ran = run_well(&api(), &mut drive, 2, upload(content.length));
    let error = ran.result.unwrap_err();
    assert_eq!((error.kind(), error.was_sent(), drive.created), (ErrorKind::Unknown, Sent::Maybe, 1), "{error}");
    assert!(error.to_string().contains("see whether the folder has it"), "{error}");
    let again = Upload::resume(ran.stored, content.length, "").unwrap();
    assert_eq!(run_well(&api(), &mut drive, 2, again).result.unwrap_err().kind(), ErrorKind::Unknown);
    // An answer that can't be understood was given all the same.
    for odd in [json!({"code": 0, "rapidUpload": true}), json!({"code": 0, "uploadId": "U", "multiParts": []})] {
        let mut drive = Drive::new(content, 1);
        drive.odd.insert("CreateFile", odd);
        let ran = run_well(&api(), &mut drive, 2, upload(content.length));
        assert_eq!(ran.result.unwrap_err().kind(), ErrorKind::Unknown);
        let again = Upload::resume(ran.stored, content.length, "").unwrap();
        assert_eq!(run_well(&api(), &mut drive, 2, again).result.unwrap_err().kind(), ErrorKind::Unknown);
        assert_eq!(drive.created, 1);
    }
    // CompleteFile: GetFile decides.
    let mut drive = Drive::new(content, 1);
    drive.loses.insert("CompleteFile", 1);
    assert_eq!(run_well(&api(), &mut drive, 2, upload(content.length)).result.unwrap().how, How::Sent);
    assert_eq!((drive.completes, drive.seen.last().unwrap().as_str()), (1, "GetFile"));
    // CompleteRevision: once more, since the revision before may have the same length. Then only the time tells.
    let revision = || Upload::new(CreateRevision::new(SPACE, "F1", content.length)).part_size(PART);
    let lose = |looks, upload: Upload| {
        let mut drive = Drive::new(content, 1);
        (drive.looks, drive.is_complete) = (looks, false);
        drive.loses.insert("CompleteRevision", 1);
        let ran = run_well(&api(), &mut drive, 2, upload);
        assert!(drive.completes >= 2 && drive.seen.last().unwrap() != "CreateRevision");
        ran.result
    };
    assert_eq!(lose(Look::Right, revision().edited_before("t0")).unwrap().how, How::Sent);
    assert_eq!(lose(Look::Right, revision()).unwrap_err().kind(), ErrorKind::Unknown);
    assert_eq!(lose(Look::Old, revision().edited_before("t0")).unwrap_err().code(), Some("13000401"));
    // A look that fails doesn't hide what it was for.
    let mut drive = Drive::new(content, 1);
    (drive.looks, drive.loses) = (Look::Refused, [("CompleteFile", 1)].into());
    let error = run_well(&api(), &mut drive, 2, upload(content.length)).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert!(error.to_string().contains("whether the upload was completed") && error.to_string().contains("13000410"));
    // A refusal is no doubt: what was refused isn't taken for done later.
    let mut drive = Drive::new(content, 1);
    drive.print.sha256 = Digest::of(b"other");
    let ran = run_well(&api(), &mut drive, 2, revision().instant(false));
    assert_eq!(ran.result.unwrap_err().code(), Some("13000402"));
    (drive.is_complete, drive.looks) = (true, Look::Old);
    let ran = run_well(&api(), &mut drive, 2, Upload::resume(ran.stored, content.length, "").unwrap());
    let error = ran.result.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("13000401")));
    // All parts are there, and only the end is refused: it can be tried again without sending a byte.
    let mut drive = Drive::new(content, 1);
    let right = std::mem::replace(&mut drive.print.sha256, Digest::of(b"other"));
    let ran = run_well(&api(), &mut drive, 2, upload(content.length).instant(false));
    assert_eq!(ran.result.unwrap_err().code(), Some("13000402"));
    (drive.print.sha256, drive.puts) = (right, 0);
    let ran = run_well(&api(), &mut drive, 2, Upload::resume(ran.stored, content.length, "").unwrap());
    assert_eq!((ran.result.unwrap().how, drive.puts), (How::Sent, 0));
}

/// Links that expire in the queue, and links that are refused for good.
#[test]
fn links() {
    let content = Content { length: 3 * PART, version: 1 };
    // Each attempt comes hours later: every link of the beginning is over, and none of them is used.
    let mut drive = Drive::new(content, 1);
    let mut make = |_| Ok(upload(content.length));
    let trouble = Trouble { seconds: 3000, ..Trouble::default() };
    let Ran { result, .. } = run(&api(), &mut drive, &mut Rng::new(3), 2, trouble, &mut make);
    assert_eq!(result.unwrap().how, How::Sent);
    assert_eq!((drive.puts, drive.seen.iter().filter(|name| *name == "object store").count()), (3, 3));
    // A link that was just fetched and is refused ends it, and nothing of it is told.
    let mut drive = Drive::new(content, 1);
    drive.faults.refused = 1;
    let error = run_well(&api(), &mut drive, 2, upload(content.length)).result.unwrap_err();
    assert!(matches!(error.status().unwrap().as_u16(), 400 | 403), "{error}");
    assert_eq!(error.operation(), None);
    assert!(error.to_string().starts_with("object store: HTTP 40"), "{error}");
}

/// Answers without the links that were asked for end soon, and name the call that they are of.
#[test]
fn links_that_do_not_come() {
    let content = Content { length: 3 * PART, version: 1 };
    let link = |number: u32| json!({"partNumber": number, "uploadUrl": format!("https://store.example/o?partNumber={number}")});
    let only = |parts: Value| json!({"code": 0, "multiParts": parts});
    for odd in [
        json!({"code": 0}),
        only(json!([{"uploadUrl": "https://store.example/o"}, {}])),
        only(json!([link(7)])),
        only(json!([{"partNumber": 1, "uploadUrl": ""}])),
    ] {
        for slots in [1, 3] {
            let mut drive = Drive::new(content, 1);
            drive.odd.insert("GetUploadUrls", odd.clone());
            drive.odd.insert("CreateFile", json!({"code": 0, "fileId": "F1"}));
            let error = run_well(&api(), &mut drive, slots, upload(content.length)).result.unwrap_err();
            assert!(error.to_string().starts_with("GetUploadUrls: the answer has no link for part "), "{error}");
            assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Decode, Sent::Yes));
            assert!(drive.seen.len() < 10, "{:?}", drive.seen);
        }
    }
    // The link of each part is its own, in whatever order they come.
    let mut drive = Drive::new(content, 1);
    let date = at(Duration::ZERO).utc.format("%Y%m%dT%H%M%SZ");
    let full = |number: u32| {
        let url = format!("https://store.example/o?partNumber={number}&X-Amz-Date={date}&X-Amz-Expires=3600");
        json!({"partNumber": number, "uploadUrl": url})
    };
    drive.odd.insert("GetUploadUrls", only(json!([full(3), full(2), full(1)])));
    drive.odd.insert("CreateFile", json!({"code": 0, "fileId": "F1"}));
    drive.named = (1..=3).map(|number| (number, PART)).collect();
    drive.is_complete = false;
    assert_eq!(run_well(&api(), &mut drive, 2, upload(content.length)).result.unwrap().how, How::Sent);
    assert_eq!(drive.parts.len(), 3);
}

/// A part whose connection failed is sent to a new link.
#[test]
fn a_failed_part_has_a_new_link() {
    let content = Content { length: 10, version: 1 };
    let mut drive = Drive::new(content, 1);
    drive.loses.insert("object store", 2);
    assert_eq!(run_well(&api(), &mut drive, 1, upload(content.length)).result.unwrap().how, How::Sent);
    let calls = ["CreateFile", "object store", "GetUploadUrls", "object store", "GetUploadUrls", "object store"];
    assert_eq!(drive.seen[..6], calls);
}

/// Whoever is silent, the deadline holds, and it is the transfer's own.
#[test]
fn deadlines_hold_in_every_call() {
    let content = Content { length: 2 * PART, version: 1 };
    for silent in ["CreateFile", "GetUploadUrls", "object store", "CompleteFile", "GetFile"] {
        let model = Mutex::new(Drive::new(content, 1));
        let mut world = testing::World::new(move |visit| {
            let mut drive = model.lock().unwrap();
            if visit.target.name() == silent || silent == "GetFile" && visit.target.name() == "CompleteFile" {
                return testing::Reply::silence();
            }
            let body = match visit.request.body() {
                Body::Bytes(body) => serde_json::from_slice(body).unwrap_or_default(),
                Body::Source { .. } => Value::Null,
            };
            let now = at(visit.sent);
            match visit.target.name() {
                "CreateFile" => testing::Reply::ok(r#"{"code": 0, "fileId": "F1"}"#),
                "GetUploadUrls" => {
                    let parts = drive.parts(&body["multiParts"], now);
                    testing::Reply::ok(json!({"code": 0, "multiParts": parts}).to_string())
                }
                _ => testing::Reply::ok(r#"{"code": 0}"#),
            }
        });
        let mut bytes = Vec::new();
        content.feed(0, content.length, |piece| bytes.extend_from_slice(piece));
        world = world.with_file(bytes);
        let mut upload = upload(content.length).deadline(Duration::from_secs(100));
        let error = world.transfer(&api(), &mut upload).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Deadline | ErrorKind::Unknown), "{silent}: {error}");
        let took = world.now().elapsed;
        assert!(took <= Duration::from_secs(101), "{silent}: {took:?}, {error}");
    }
}

/// The proof is for the header that goes out: a token that changes in between makes another one.
#[test]
fn the_proof_follows_the_token() {
    let token = |text: &str| Credentials::token(AccessToken::as_issued(text), USER);
    let content = Content { length: 1000, version: 1 };
    let api = Api::new(ENDPOINT, token("AT one")).unwrap();
    let mut drive = Drive::new(content, 1);
    let mut upload = upload(content.length);
    let read = |upload: &mut Upload, drive: &mut Drive| {
        let Next::Read(mut reading) = upload.next(&api, at(Duration::ZERO)) else { panic!("nothing to read") };
        let place = (reading.position(), reading.left());
        drive.read(&mut reading).unwrap();
        let (id, result) = reading.finish();
        upload.done(id, result);
        place
    };
    assert_eq!(read(&mut upload, &mut drive), (0, 1000));
    let first = read(&mut upload, &mut drive);
    let Next::Run(job) = upload.next(&api, at(Duration::ZERO)) else { panic!("no job") };
    api.set_credentials(token("AT two")).unwrap();
    let (id, mut flow) = (job.id, job.flow);
    let Step::Done(result) = flow.resume(&api, at(Duration::ZERO), Event::Start) else { panic!("it was sent") };
    upload.done(id, result);
    // Reading may be dropped as often as one likes.
    for _ in 0..20 {
        let Next::Read(reading) = upload.next(&api, at(Duration::ZERO)) else { panic!("nothing to read") };
        drop(reading);
    }
    assert_ne!(read(&mut upload, &mut drive), first);
    // The model checks the proof against the header.
    let ran = run_well(&api, &mut drive, 1, upload);
    assert_eq!(ran.result.unwrap().how, How::Sent);
    assert_eq!(drive.created, 1);
}

/// A token that is renewed on the way makes another proof.
#[test]
fn the_proof_follows_a_renewal() {
    let content = Content { length: 1000, version: 1 };
    let bytes = content.piece(0, 1000);
    let credentials = || Credentials::token(AccessToken::as_issued("AT old"), USER).refresh(Refresh::session("S1"));
    let proofs = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&proofs);
    let mut world = testing::World::new(move |visit| match visit.target.name() {
        "CreateFile" => {
            let Body::Bytes(body) = visit.request.body() else { panic!("no bytes") };
            let order: Value = serde_json::from_slice(body).unwrap();
            let token = visit.request.headers()["authorization"].to_str().unwrap().to_owned();
            let range = proof_range(&token, 1000).unwrap();
            let proof = Digest::of(content.piece(range.start, range.end - range.start));
            assert_eq!(order["proofCode"], json!(proof.to_string()), "{token}");
            seen.lock().unwrap().push(token.clone());
            match token.as_str() {
                "AT old" => testing::Reply::status(401, r#"{"error_code": "APIGW.0301"}"#),
                _ => testing::Reply::ok(r#"{"code": 0, "fileId": "F1", "rapidUpload": true}"#),
            }
        }
        "RefreshSession" => testing::Reply::ok(r#"{"code": 0, "accessToken": "AT new"}"#),
        other => panic!("{other}"),
    })
    .with_file(bytes);
    let api = Api::new(ENDPOINT, credentials()).unwrap();
    let uploaded = world.transfer(&api, &mut upload(1000)).unwrap();
    assert_eq!((uploaded.how, uploaded.name.as_str()), (How::Instant, "name.bin"));
    assert_eq!(*proofs.lock().unwrap(), ["AT old", "AT new"]);
}

/// A deadline bounds everything, and what was done counts.
#[test]
fn deadlines() {
    let content = Content { length: 3 * PART, version: 1 };
    let mut drive = Drive::new(content, 1);
    let mut make = |stored: Vec<Record>| {
        assert!(stored.is_empty());
        Ok(upload(content.length).deadline(Duration::from_secs(60)))
    };
    let trouble = Trouble { seconds: 30, ..Trouble::default() };
    let ran = run(&api(), &mut drive, &mut Rng::new(9), 1, trouble, &mut make);
    let error = ran.result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
    let sent = drive.puts;
    let upload = Upload::resume(ran.stored, content.length, "").unwrap();
    let moved = upload.progress().moved;
    assert_eq!(moved, u64::from(sent) * PART);
    assert_eq!(run_well(&api(), &mut drive, 1, upload).result.unwrap().how, How::Sent);
    assert_eq!(drive.puts, 3);
}

/// Hashing ends with the deadline, too.
#[test]
fn deadlines_while_hashing() {
    let (api, mut upload) = (api(), upload(100 * PART).deadline(Duration::from_secs(1)));
    let Next::Read(reading) = upload.next(&api, at(Duration::ZERO)) else { panic!("nothing to read") };
    drop(reading);
    let Next::Done(Err(error)) = upload.next(&api, at(Duration::from_secs(1))) else { panic!("it goes on") };
    assert_eq!(error.kind(), ErrorKind::Deadline);
}
