//! Uploads against a model of the service and its object store.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{NaiveDateTime, TimeDelta};
use koodrive_proto::flow::Flow as _;
use koodrive_proto::flow::{
    Attempt, Body, Cause, Download, Event, Failure, How, Job, Next, Now, Observer, Outcome, Outgoing, Reached, Reading,
    Reason, Record, Stage, Step, Transfer, Upload, Worked,
};
use koodrive_proto::http::{self, HeaderMap};
use koodrive_proto::ops::files::{CreateFile, FileType, OnConflict};
use koodrive_proto::ops::revisions::CreateRevision;
use koodrive_proto::transfer::{Digest, Fingerprinting, Plan, proof_range};
use koodrive_proto::{AccessToken, Api, Credentials, Error, ErrorKind, Refresh, Sent, testing};
use serde_json::{Value, json};

use super::harness::{ENDPOINT, Ran, Rng, Trouble, USER, World, api, at, run, run_well};

const PART: u64 = 5 * 1024 * 1024;
const SPACE: &str = "IAAB5thdWzxEoAsiA1681759183084696448";

/// Where something goes wrong on the other side, each once in so many exchanges; 0 is never.
#[derive(Debug, Clone, Copy, Default)]
struct Faults {
    /// The request isn't seen, or its answer is lost.
    lost: u64,
    /// 503, before anything happens.
    busy: u64,
    /// The link is refused for no reason.
    refused: u64,
}

/// A content of which any bytes are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Content {
    length: u64,
    version: u8,
}

impl Content {
    /// A piece from there on, as long as there is one at hand.
    fn piece(self, at: u64, most: u64) -> &'static [u8] {
        static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| (0..1_000_000_u32).map(|at| (at % 251) as u8).collect());
        let end = self.length.min(at.saturating_add(most));
        // Another version has the same bytes elsewhere.
        let from = usize::try_from((at + u64::from(self.version)) % 251).unwrap();
        let len = usize::try_from(end.saturating_sub(at)).unwrap().min(BYTES.len() - from);
        &BYTES[from..from + len]
    }

    fn feed(self, mut at: u64, end: u64, mut to: impl FnMut(&[u8])) {
        while at < end {
            let piece = self.piece(at, end - at);
            if piece.is_empty() {
                break;
            }
            to(piece);
            at += piece.len() as u64;
        }
    }

    fn print(self, part: u64) -> koodrive_proto::transfer::Fingerprint {
        let mut pass = Fingerprinting::new((1..self.length.div_ceil(part)).map(|number| number * part));
        self.feed(0, self.length, |piece| pass.feed(piece));
        pass.finish()
    }
}

/// What GetFile says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Right,
    Refused,
    /// The file as it was before, with the same length.
    Old,
}

/// The service, its object store, and the source on this side.
struct Drive {
    rng: Rng,
    faults: Faults,
    source: Content,
    /// What the source is from some reading on.
    changes: Option<Content>,
    /// The version of the source when all began.
    version: u8,
    /// Midstates of the source, and its hashes.
    print: koodrive_proto::transfer::Fingerprint,
    /// Whether the service has the content already.
    is_known: bool,
    /// What is there under the name.
    same: Option<Content>,
    link_life: Duration,
    /// For a stream: how many parts may be kept, and up to where it was read.
    ahead: Option<u32>,
    read_to: u64,
    share_folder: Option<&'static str>,
    looks: Look,
    /// Answers in place of the service's own, by operation.
    odd: BTreeMap<&'static str, Value>,
    links: u64,
    created: u32,
    named: BTreeMap<u64, u64>,
    parts: BTreeMap<u64, (u64, u64, Content)>,
    /// The numbers of the parts, as they came.
    order: Vec<u64>,
    puts: u32,
    completes: u32,
    is_complete: bool,
    /// How many answers of this operation are lost, after it had its effect.
    loses: BTreeMap<&'static str, u32>,
    seen: Vec<String>,
}

impl Drive {
    fn new(source: Content, seed: u64) -> Self {
        Self {
            rng: Rng::new(seed ^ 0x5eed),
            faults: Faults::default(),
            source,
            changes: None,
            version: source.version,
            print: source.print(PART),
            is_known: false,
            same: None,
            link_life: Duration::from_secs(3600),
            ahead: None,
            read_to: 0,
            share_folder: None,
            looks: Look::Right,
            odd: BTreeMap::new(),
            links: 0,
            created: 0,
            named: BTreeMap::new(),
            parts: BTreeMap::new(),
            order: Vec::new(),
            puts: 0,
            completes: 0,
            is_complete: false,
            loses: BTreeMap::new(),
            seen: Vec::new(),
        }
    }

    fn link(&mut self, number: u64, now: Now) -> String {
        self.links += 1;
        let date = now.utc.format("%Y%m%dT%H%M%SZ");
        let life = self.link_life.as_secs();
        let name = self.links;
        format!(
            "https://store.example/o?partNumber={number}&X-Amz-Date={date}&X-Amz-Expires={life}&X-Amz-Signature=5ec2e7{name:058}"
        )
    }

    /// What the parts of a request are answered with. Each midstate must be the right one.
    fn parts(&mut self, parts: &Value, now: Now) -> Vec<Value> {
        let in_order = parts.as_array().unwrap().iter().all(|part| part.get("partOffset").is_none());
        parts
            .as_array()
            .unwrap()
            .iter()
            .map(|part| {
                let (number, size) = (part["partNumber"].as_u64().unwrap(), part["partSize"].as_u64().unwrap());
                let offset = (number - 1) * PART;
                if !in_order {
                    assert_eq!(part["partOffset"], offset);
                    if offset > 0 && self.source.version == self.version {
                        let right = self.print.midstates.iter().find(|(at, _)| *at == offset).unwrap().1;
                        assert_eq!(part["hashCtx"], json!(right.words()));
                    }
                }
                self.named.insert(number, size);
                json!({"partNumber": number, "partSize": size, "uploadUrl": self.link(number, now)})
            })
            .collect()
    }

    fn create(&mut self, order: &Value, headers: &HeaderMap, now: Now) -> Value {
        self.created += 1;
        let is_print = order["sha256"] == json!(self.print.sha256.to_string());
        if !order["sha256"].is_null() && self.source.version == self.version {
            assert!(is_print && order["preHash"] == json!(self.print.pre_hash.to_string()));
            if self.source.length > 0 {
                let origin = headers.get("authorization").filter(|value| !value.as_bytes().starts_with(b"HMAC-"));
                let origin = origin.unwrap_or_else(|| &headers["x-user-id"]).to_str().unwrap();
                let range = proof_range(origin, self.source.length).unwrap();
                let proof = Digest::of(self.source.piece(range.start, range.end - range.start));
                assert_eq!(order["proofCode"], json!(proof.to_string()));
            }
        }
        let answer = json!({"code": 0, "fileId": "F1", "fileName": "final.bin", "uploadId": "U1"});
        let with = |name: &str, value: Value| {
            let mut answer = answer.clone();
            answer[name] = value;
            answer
        };
        if order["autoRename"] == json!(4) && self.same == Some(self.source) && is_print {
            return with("exist", json!(true));
        }
        if self.is_known && is_print {
            self.is_complete = true;
            return with("rapidUpload", json!(true));
        }
        let parts = self.parts(&order["multiParts"], now);
        with("multiParts", json!(parts))
    }

    fn complete(&mut self, order: &Value) -> Value {
        self.completes += 1;
        if self.is_complete {
            return json!({"code": 13_000_401, "msg": "no such upload"});
        }
        let mut end = 0;
        let mut whole = true;
        for (offset, len, content) in self.parts.values() {
            whole &= *offset == end && *content == self.source;
            end += len;
        }
        if !whole || end != self.source.length || order["sha256"] != json!(self.print.sha256.to_string()) {
            return json!({"code": 13_000_402, "msg": "integrity"});
        }
        self.is_complete = true;
        json!({"code": 0})
    }

    fn service(&mut self, outgoing: &Outgoing, now: Now) -> Value {
        let Body::Bytes(body) = outgoing.request.body() else { panic!("a source for the service") };
        let share_folder = outgoing.request.headers().get("x-hw-share-folder-id").map(|id| id.to_str().unwrap());
        assert_eq!(share_folder, self.share_folder, "{}", outgoing.target);
        let order: Value = serde_json::from_slice(body).unwrap_or_default();
        if let Some(odd) = self.odd.get(outgoing.target.name()) {
            self.created += u32::from(outgoing.target.name() == "CreateFile");
            return odd.clone();
        }
        match outgoing.target.name() {
            "CreateFile" | "CreateRevision" => self.create(&order, outgoing.request.headers(), now),
            "GetUploadUrls" => {
                let parts = self.parts(&order["multiParts"], now);
                json!({"code": 0, "multiParts": parts})
            }
            "CompleteFile" | "CompleteRevision" => self.complete(&order),
            "GetFile" if self.looks == Look::Refused => json!({"code": 13_000_410, "msg": "not allowed"}),
            "GetFile" if self.looks == Look::Old => {
                json!({"code": 0, "id": "F1", "size": self.source.length, "editedTime": "t0"})
            }
            "GetFile" if self.is_complete => {
                json!({"code": 0, "id": "F1", "size": self.source.length, "editedTime": "t1"})
            }
            "GetFile" => json!({"code": 13_000_309, "msg": "no such file"}),
            other => panic!("{other}"),
        }
    }

    fn store(&mut self, outgoing: &Outgoing, now: Now) -> http::Response<Bytes> {
        let request = &outgoing.request;
        assert_eq!(request.uri().host(), Some("store.example"));
        let names: Vec<&str> = request.headers().keys().map(http::HeaderName::as_str).collect();
        assert_eq!(names, ["host", "user-agent", "accept", "content-length"], "none of KooDrive's headers");
        let Body::Source { offset, len } = request.body() else { panic!("no source") };
        let item = |name: &str| {
            let query = request.uri().query().unwrap();
            query.split('&').find_map(|item| item.strip_prefix(name)?.strip_prefix('=')).unwrap().to_owned()
        };
        let number: u64 = item("partNumber").parse().unwrap();
        let made = NaiveDateTime::parse_from_str(&item("X-Amz-Date"), "%Y%m%dT%H%M%SZ").unwrap().and_utc();
        let life = TimeDelta::seconds(item("X-Amz-Expires").parse().unwrap());
        if now.utc > made + life {
            return answer(403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>");
        }
        if self.faults.refused > 0 && self.rng.one_in(self.faults.refused) {
            return match self.rng.under(2) {
                0 => answer(403, "<Error><Code>AccessDenied</Code></Error>"),
                _ => answer(400, "<Error><Code>ExpiredToken</Code></Error>"),
            };
        }
        assert_eq!(*offset, (number - 1) * PART);
        if let Some(ahead) = self.ahead {
            // Its bytes are still there.
            assert!(offset + len <= self.read_to && self.read_to - offset <= u64::from(ahead) * PART);
        }
        assert_eq!(self.named[&number], *len);
        assert_eq!(request.headers()["content-length"], len.to_string());
        self.puts += 1;
        self.order.push(number);
        self.parts.insert(number, (*offset, *len, self.source));
        answer(200, "")
    }
}

fn answer(status: u16, body: &str) -> http::Response<Bytes> {
    http::Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
}

fn lost(reached: Reached) -> Event {
    Event::Failed(Failure::new(reached, Cause::Network, "lost"))
}

impl World for Drive {
    fn exchange(&mut self, outgoing: &Outgoing, now: Now) -> Event {
        self.seen.push(outgoing.target.name().to_owned());
        let Faults { lost: loses, busy, .. } = self.faults;
        if busy > 0 && self.rng.one_in(busy) {
            return Event::Response(answer(503, "<Error><Code>SlowDown</Code></Error>"));
        }
        if loses > 0 && self.rng.one_in(loses) {
            let reached = self.rng.pick(&[Reached::No, Reached::Maybe]);
            return lost(reached);
        }
        let response = if outgoing.target.is_service() {
            answer(200, &self.service(outgoing, now).to_string())
        } else {
            self.store(outgoing, now)
        };
        let mut is_lost = loses > 0 && self.rng.one_in(loses);
        if let Some(left) = self.loses.get_mut(outgoing.target.name()).filter(|left| **left > 0) {
            *left -= 1;
            is_lost = true;
        }
        if is_lost { lost(Reached::Maybe) } else { Event::Response(response) }
    }

    fn read(&mut self, reading: &mut Reading) -> Result<(), String> {
        let from = reading.position();
        self.read_to = from + reading.left();
        self.source.feed(from, from + reading.left(), |piece| reading.feed(piece));
        if reading.is_last() {
            // Nothing may be behind the end.
            let behind = self.source.piece(reading.position(), 1);
            if !behind.is_empty() {
                reading.feed(behind);
            }
        }
        if let Some(content) = self.changes.take() {
            self.source = content;
        }
        Ok(())
    }
}

fn file(length: u64) -> CreateFile {
    CreateFile::new("name.bin", FileType::Miscellaneous, "root", length)
        .auto_rename(OnConflict::Rename)
        .container_id(SPACE)
}

fn upload(length: u64) -> Upload {
    Upload::new(file(length)).part_size(PART)
}

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
    let begun = Upload::resume(vec![ran_first(&ran.stored, &upload(content.length))], content.length, "").unwrap();
    let error = run_well(&api(), &mut Drive::new(content, 1), 1, begun.stream(1)).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source, "{error}");
}

/// The header of another upload of the same length.
fn ran_first(_: &[Record], _: &Upload) -> Record {
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
