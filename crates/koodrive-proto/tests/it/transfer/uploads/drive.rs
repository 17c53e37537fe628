//! A model of the service and its object store, and the source of an upload.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{NaiveDateTime, TimeDelta};
use koodrive_proto::flow::{Body, Cause, Event, Failure, Now, Outgoing, Reached, Reading, Upload};
use koodrive_proto::http::{self, HeaderMap};
use koodrive_proto::ops::files::{CreateFile, FileType, OnConflict};
use koodrive_proto::transfer::{Digest, Fingerprinting, proof_range};
use serde_json::{Value, json};

use crate::transfer::harness::{Rng, World};

pub(super) const PART: u64 = 5 * 1024 * 1024;

pub(super) const SPACE: &str = "IAAB5thdWzxEoAsiA1681759183084696448";

/// Where something goes wrong on the other side, each once in so many exchanges; 0 is never.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Faults {
    /// The request isn't seen, or its answer is lost.
    pub(super) lost: u64,
    /// 503, before anything happens.
    pub(super) busy: u64,
    /// The link is refused for no reason.
    pub(super) refused: u64,
}

/// A content of which any bytes are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) length: u64,
    pub(super) version: u8,
}

impl Content {
    /// A piece from there on, as long as there is one at hand.
    pub(super) fn piece(self, at: u64, most: u64) -> &'static [u8] {
        static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| (0..1_000_000_u32).map(|at| (at % 251) as u8).collect());
        let end = self.length.min(at.saturating_add(most));
        // Another version has the same bytes elsewhere.
        let from = usize::try_from((at + u64::from(self.version)) % 251).unwrap();
        let len = usize::try_from(end.saturating_sub(at)).unwrap().min(BYTES.len() - from);
        &BYTES[from..from + len]
    }

    pub(super) fn feed(self, mut at: u64, end: u64, mut to: impl FnMut(&[u8])) {
        while at < end {
            let piece = self.piece(at, end - at);
            if piece.is_empty() {
                break;
            }
            to(piece);
            at += piece.len() as u64;
        }
    }

    pub(super) fn print(self, part: u64) -> koodrive_proto::transfer::Fingerprint {
        let mut pass = Fingerprinting::new((1..self.length.div_ceil(part)).map(|number| number * part));
        self.feed(0, self.length, |piece| pass.feed(piece));
        pass.finish()
    }
}

/// What GetFile says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Right,
    Refused,
    /// The file as it was before, with the same length.
    Old,
}

/// The service, its object store, and the source on this side.
pub(super) struct Drive {
    pub(super) rng: Rng,
    pub(super) faults: Faults,
    pub(super) source: Content,
    /// What the source is from some reading on.
    pub(super) changes: Option<Content>,
    /// The version of the source when all began.
    pub(super) version: u8,
    /// Midstates of the source, and its hashes.
    pub(super) print: koodrive_proto::transfer::Fingerprint,
    /// Whether the service has the content already.
    pub(super) is_known: bool,
    /// What is there under the name.
    pub(super) same: Option<Content>,
    pub(super) link_life: Duration,
    /// For a stream: how many parts may be kept, and up to where it was read.
    pub(super) ahead: Option<u32>,
    pub(super) read_to: u64,
    pub(super) share_folder: Option<&'static str>,
    pub(super) looks: Look,
    /// Answers in place of the service's own, by operation.
    pub(super) odd: BTreeMap<&'static str, Value>,
    pub(super) links: u64,
    pub(super) created: u32,
    pub(super) named: BTreeMap<u64, u64>,
    pub(super) parts: BTreeMap<u64, (u64, u64, Content)>,
    /// The numbers of the parts, as they came.
    pub(super) order: Vec<u64>,
    pub(super) puts: u32,
    pub(super) completes: u32,
    pub(super) is_complete: bool,
    /// How many answers of this operation are lost, after it had its effect.
    pub(super) loses: BTreeMap<&'static str, u32>,
    pub(super) seen: Vec<String>,
}

impl Drive {
    pub(super) fn new(source: Content, seed: u64) -> Self {
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

    pub(super) fn link(&mut self, number: u64, now: Now) -> String {
        self.links += 1;
        let date = now.utc.format("%Y%m%dT%H%M%SZ");
        let life = self.link_life.as_secs();
        let name = self.links;
        format!(
            "https://store.example/o?partNumber={number}&X-Amz-Date={date}&X-Amz-Expires={life}&X-Amz-Signature=5ec2e7{name:058}"
        )
    }

    /// What the parts of a request are answered with. Each midstate must be the right one.
    pub(super) fn parts(&mut self, parts: &Value, now: Now) -> Vec<Value> {
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

    pub(super) fn create(&mut self, order: &Value, headers: &HeaderMap, now: Now) -> Value {
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

    pub(super) fn complete(&mut self, order: &Value) -> Value {
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

    pub(super) fn service(&mut self, outgoing: &Outgoing, now: Now) -> Value {
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

    pub(super) fn store(&mut self, outgoing: &Outgoing, now: Now) -> http::Response<Bytes> {
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

pub(super) fn answer(status: u16, body: &str) -> http::Response<Bytes> {
    http::Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
}

pub(super) fn lost(reached: Reached) -> Event {
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

pub(super) fn file(length: u64) -> CreateFile {
    CreateFile::new("name.bin", FileType::Miscellaneous, "root", length)
        .auto_rename(OnConflict::Rename)
        .container_id(SPACE)
}

pub(super) fn upload(length: u64) -> Upload {
    Upload::new(file(length)).part_size(PART)
}
