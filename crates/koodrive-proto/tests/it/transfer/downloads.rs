//! Downloads against a model of the service and its object store, whose files change.

use std::collections::BTreeMap;
use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{
    Body, Cause, Deliver, Download, Downloaded, Event, Failure, Now, Outgoing, Place, Reached, Reading, Record, Stage,
    Transfer, Verified,
};
use koodrive_proto::http::{self, HeaderName, HeaderValue};
use koodrive_proto::transfer::Digest;
use koodrive_proto::{Api, Credentials, Error, ErrorKind, Secret};
use serde_json::json;

use super::harness::{ENDPOINT, Ran, Rng, Trouble, World, api, at, run, run_well};

const SPACE: &str = "IAAB5thdWzxEoAsiA1681759183084696448";

/// How the object store tells one content from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Validator {
    Etag,
    Weak,
    Time,
    None,
}

/// How the object store deals with ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ranges {
    Right,
    /// Sends the whole.
    Ignored,
    /// Sends others than those that were asked for.
    Others,
    /// Says nothing of the length of the whole.
    NoTotal,
}

type Odd = Box<dyn Fn(&http::Request<Body>) -> http::Response<Bytes>>;

/// The service, its object store, and the sink on this side.
struct Drive {
    rng: Rng,
    content: Vec<u8>,
    version: u32,
    /// What the content becomes, and before which exchange.
    changes: Option<(u32, Vec<u8>)>,
    exchanges: u32,
    /// What GetFile says.
    recorded: Option<u64>,
    validator: Validator,
    honours_conditions: bool,
    ranges: Ranges,
    /// A body breaks off, an answer is lost, 503, 403: each once in so many; 0 is never.
    cut: u64,
    lost: u64,
    busy: u64,
    refused: u64,
    /// Answers that come in place of the object store's, as they are.
    odd: Option<Odd>,
    sink: Vec<u8>,
    /// How many bytes were written at most.
    written: u64,
    is_readable: bool,
    seen: Vec<String>,
    ranges_seen: Vec<String>,
}

impl Drive {
    fn new(content: Vec<u8>, seed: u64) -> Self {
        Self {
            rng: Rng::new(seed ^ 0xd0),
            recorded: Some(content.len() as u64),
            content,
            version: 1,
            changes: None,
            exchanges: 0,
            validator: Validator::Etag,
            honours_conditions: true,
            ranges: Ranges::Right,
            cut: 0,
            lost: 0,
            busy: 0,
            refused: 0,
            odd: None,
            sink: Vec::new(),
            written: 0,
            is_readable: true,
            seen: Vec::new(),
            ranges_seen: Vec::new(),
        }
    }

    fn happens(&mut self, times: u64) -> bool {
        times > 0 && self.rng.one_in(times)
    }

    fn tag(&self) -> Option<(HeaderName, HeaderValue)> {
        let version = self.version;
        let value = |text: String| HeaderValue::from_str(&text).unwrap();
        match self.validator {
            Validator::Etag => Some((http::header::ETAG, value(format!("\"v{version}\"")))),
            Validator::Weak => Some((http::header::ETAG, value(format!("W/\"v{version}\"")))),
            Validator::Time => {
                Some((http::header::LAST_MODIFIED, value(format!("Mon, 05 Jan 2026 08:00:{version:02} GMT"))))
            }
            Validator::None => None,
        }
    }

    fn get(&mut self, request: &http::Request<Body>) -> http::Response<Bytes> {
        assert_eq!(request.method(), http::Method::GET);
        for name in request.headers().keys() {
            let allowed = ["host", "user-agent", "accept", "range", "if-match", "if-unmodified-since"];
            assert!(allowed.contains(&name.as_str()), "{name}");
        }
        if self.happens(self.refused) {
            return answer(403, &[], b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>");
        }
        if let Some(odd) = &self.odd {
            return odd(request);
        }
        let tag = self.tag();
        let condition = |name: &str| request.headers().get(name);
        if self.honours_conditions {
            let wanted = condition("if-match").or_else(|| condition("if-unmodified-since"));
            if wanted.is_some_and(|wanted| tag.as_ref().is_none_or(|(_, value)| value != wanted)) {
                return answer(412, &[], b"<Error><Code>PreconditionFailed</Code></Error>");
            }
        }
        let range = request.headers()["range"].to_str().unwrap().to_owned();
        self.ranges_seen.push(range.clone());
        let total = self.content.len();
        let mut headers: Vec<(HeaderName, String)> = Vec::new();
        headers.extend(tag.map(|(name, value)| (name, value.to_str().unwrap().to_owned())));
        if self.ranges == Ranges::Ignored {
            return answer(200, &headers, &self.content);
        }
        let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let (mut first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
        if self.ranges == Ranges::Others {
            first += 1;
        }
        if first >= total {
            headers.push((http::header::CONTENT_RANGE, format!("bytes */{total}")));
            return answer(416, &headers, b"<Error><Code>InvalidRange</Code></Error>");
        }
        let last = last.min(total - 1);
        let of = if self.ranges == Ranges::NoTotal { "*".to_owned() } else { total.to_string() };
        headers.push((http::header::CONTENT_RANGE, format!("bytes {first}-{last}/{of}")));
        answer(206, &headers, &self.content[first..=last])
    }

    /// What a transport does with an answer.
    fn deliver(&mut self, outgoing: &Outgoing, response: http::Response<Bytes>) -> Event {
        let (head, body) = response.into_parts();
        let is_cut = self.happens(self.cut);
        match outgoing.deliver.place(&head) {
            Place::Memory if is_cut || body.len() as u64 > outgoing.limit => lost(0),
            Place::Memory => Event::Response(http::Response::from_parts(head, body)),
            Place::Nowhere => Event::Response(http::Response::from_parts(head, Bytes::new())),
            Place::Sink(mut placed) => {
                let end = if is_cut { self.rng.under(body.len() as u64 + 1) } else { body.len() as u64 };
                let mut delivered = 0;
                for chunk in
                    body[..usize::try_from(end).unwrap()].chunks(1 + usize::try_from(self.rng.under(700)).unwrap())
                {
                    let Ok(at) = placed.feed(chunk) else { return lost(delivered) };
                    let at = usize::try_from(at).unwrap();
                    if self.sink.len() < at + chunk.len() {
                        self.sink.resize(at + chunk.len(), 0);
                    }
                    self.sink[at..at + chunk.len()].copy_from_slice(chunk);
                    delivered += chunk.len() as u64;
                    self.written += chunk.len() as u64;
                }
                if is_cut || placed.finish().is_err() {
                    return lost(delivered);
                }
                Event::Response(http::Response::from_parts(head, Bytes::new()))
            }
        }
    }
}

fn answer(status: u16, headers: &[(HeaderName, String)], body: &[u8]) -> http::Response<Bytes> {
    let mut response = http::Response::builder().status(status).header("content-length", body.len());
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Bytes::copy_from_slice(body)).unwrap()
}

fn lost(delivered: u64) -> Event {
    let mut failure = Failure::new(Reached::Maybe, Cause::Network, "broken off");
    failure.delivered = delivered;
    Event::Failed(failure)
}

impl World for Drive {
    fn exchange(&mut self, outgoing: &Outgoing, _: Now) -> Event {
        self.exchanges += 1;
        if let Some((_, content)) = self.changes.take_if(|(at, _)| *at <= self.exchanges) {
            (self.content, self.version) = (content, self.version + 1);
            self.recorded = self.recorded.map(|_| self.content.len() as u64);
        }
        self.seen.push(outgoing.target.name().to_owned());
        if self.happens(self.busy) {
            return Event::Response(answer(503, &[], b"<Error><Code>SlowDown</Code></Error>"));
        }
        if self.happens(self.lost) {
            return lost(0);
        }
        match outgoing.target.name() {
            "GetFile" => {
                let body = json!({"code": 0, "id": "F1", "size": self.recorded});
                Event::Response(answer(200, &[], body.to_string().as_bytes()))
            }
            "GetDownloadUrls" => {
                let url = "https://store.example/o?X-Amz-Expires=3600&X-Amz-Signature=5ec2e7d1e5ec2e7d1e5ec2e7d1e";
                let body = json!({"code": 0, "batchCode": 1, "downloads": [{"fileId": "F1", "url": url, "code": "0"}]});
                Event::Response(answer(200, &[], body.to_string().as_bytes()))
            }
            _ => {
                let response = self.get(&outgoing.request);
                self.deliver(outgoing, response)
            }
        }
    }

    fn read(&mut self, reading: &mut Reading) -> Result<(), String> {
        assert!(self.is_readable, "the sink can't be read");
        let (from, left) = (usize::try_from(reading.position()).unwrap(), usize::try_from(reading.left()).unwrap());
        let end = self.sink.len().min(from + left);
        reading.feed(self.sink.get(from..end).unwrap_or_default());
        Ok(())
    }
}

fn content(length: usize, version: u8) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at * 7 % 256).unwrap().wrapping_mul(version).wrapping_add(version)).collect()
}

fn download() -> Download {
    Download::new(SPACE, "F1").range_size(1000)
}

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

fn downloaded(bytes: &[u8], verified: Verified) -> Downloaded {
    let mut drive = Drive::new(bytes.to_vec(), 1);
    let download = match verified {
        Verified::Sha256 => download().sha256(Digest::of(bytes)),
        _ => download(),
    };
    run_well(&api(), &mut drive, 1, download).result.unwrap()
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

/// Links from elsewhere have nobody to renew them.
#[test]
fn links_from_elsewhere() {
    let bytes = content(2500, 3);
    let link = "https://store.example/o?X-Amz-Signature=5ec2e7d1e5ec2e7d1e5ec2e7d1e";
    let mut drive = Drive::new(bytes.clone(), 1);
    let by_link = || Download::link(Secret::from(link.to_owned())).range_size(1000);
    assert!(!format!("{:?}", by_link()).contains("5ec2e7"));
    assert_eq!(run_well(&api(), &mut drive, 2, by_link()).result.unwrap().length, 2500);
    assert_eq!(drive.seen, ["object store"; 3]);
    drive.refused = 1;
    let Ran { result, stored } = run_well(&api(), &mut drive, 2, by_link());
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link);
    assert!(error.to_string().contains("can't be renewed; get a new one: HTTP 403, code AccessDenied"), "{error}");
    // Its state has no link, and needs one.
    drive.refused = 0;
    let error = run_well(&api(), &mut drive, 2, Download::resume(stored.clone()).unwrap()).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link);
    let resumed = Download::resume(stored).unwrap().with_link(Secret::from(link.to_owned()));
    assert_eq!(run_well(&api(), &mut drive, 2, resumed).result.unwrap().length, 2500);
}

/// Hosts that aren't allowed, addresses of this machine, links without TLS: nothing is sent there, and nothing is told.
#[test]
fn links_that_are_not_followed() {
    let refused = |api: &Api, link: &str| {
        let mut drive = Drive::new(content(10, 3), 1);
        let by_link = Download::link(Secret::from(link.to_owned()));
        let ran = run_well(api, &mut drive, 1, by_link);
        ran.result.err().map(|error| {
            assert_eq!((error.kind(), drive.seen.len()), (ErrorKind::Link, 0), "{link}: {error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
            error.to_string()
        })
    };
    let public = api();
    for host in [
        "localhost",
        "a.localhost",
        "localhost.",
        "127.0.0.1",
        "localhost.localdomain",
        "localhost6",
        "ip6-localhost",
        "[64:ff9b:1::7f00:1]",
        "[::ffff:0:7f00:1]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ] {
        let text = refused(&public, &format!("https://{host}/o?s3cret")).unwrap_or_else(|| panic!("{host}"));
        assert!(text.contains("loopback or private address") || text.contains("no absolute"), "{host}: {text}");
    }
    for link in [
        "http://store.example/o?s3cret",
        "/o?s3cret",
        "ftp://store.example/s3cret",
        "https://u:s3cret@h/",
        "s3cret",
        "https://store.example/o#s3cret",
        "https:///s3cret",
        "",
    ] {
        assert!(refused(&public, link).is_some(), "{link}");
    }
    for host in ["store.example", "8.8.8.8", "[2001:4860:4860::8888]", "172.32.0.1", "100.128.0.1"] {
        assert_eq!(refused(&public, &format!("https://{host}/o")), None, "{host}");
    }
    // A simulator on this machine may point to itself.
    let here = Api::new("http://127.0.0.1:8080", Credentials::app("a", "b", "1")).unwrap();
    assert_eq!(refused(&here, "http://localhost:9/o"), None);
    // Names of this network, unless they are named.
    for host in ["minio", "10.0.0.5", "obs.internal"] {
        assert!(refused(&public, &format!("https://{host}/o?s3cret")).is_some(), "{host}");
        let named = Api::new(ENDPOINT, Credentials::anonymous()).unwrap().object_hosts([host]).unwrap();
        assert_eq!(refused(&named, &format!("https://{host}/o?s3cret")), None, "{host}");
    }
    let chosen = Api::new(ENDPOINT, Credentials::anonymous()).unwrap();
    let chosen = chosen.object_hosts(["*.example.", "OBS.host"]).unwrap();
    for (host, is_allowed) in [
        ("store.example", true),
        ("a.b.example", true),
        ("obs.host", true),
        ("OBS.HOST:444", true),
        ("example", false),
        ("xexample", false),
        ("obs.host.evil", false),
        ("evil", false),
    ] {
        assert_eq!(refused(&chosen, &format!("https://{host}/o")).is_none(), is_allowed, "{host}");
    }
    for bad in ["", "*", "https://h", "h:1", "a b", "*.", "*.[::1]", "bücher.example"] {
        let api = Api::new(ENDPOINT, Credentials::anonymous()).unwrap();
        assert_eq!(api.object_hosts([bad]).unwrap_err().kind(), ErrorKind::Param, "{bad}");
    }
}

/// Answers that don't fit go nowhere, whatever numbers they have.
#[test]
fn odd_answers() {
    let huge = u64::MAX.to_string();
    let half = (1_u64 << 63).to_string();
    let odd = |status: u16, headers: &[(&str, &str)], body: &'static [u8]| {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), (*value).to_owned())).collect();
        let mut drive = Drive::new(content(10, 3), 1);
        drive.odd = Some(Box::new(move |_| answer(status, &headers, body)));
        let error: Error = run_well(&api(), &mut drive, 2, download().look_up(false)).result.unwrap_err();
        assert_eq!(drive.sink.len(), 0, "{error}");
        assert!(drive.seen.len() < 20);
        error
    };
    for range in [
        "bytes 0-9/*",
        "bytes 0-9",
        "bytes 1-10/20",
        "bytes 9-0/10",
        "bytes 0-9/5",
        "bytes +0-9/10",
        "items 0-9/10",
        "bytes 0-1000/2000",
        "bytes */10",
        "",
        "bytes 0--1/10",
        &format!("bytes 0-{huge}/{huge}"),
        &format!("bytes 0-999/{huge}0"),
        &format!("bytes {half}-{half}/{huge}"),
    ] {
        let error = odd(206, &[("content-range", range)], b"0123456789");
        assert_eq!(error.kind(), ErrorKind::Content, "{range}: {error}");
    }
    let error = odd(206, &[("content-range", "bytes 0-8/9")], b"0123456789");
    assert_eq!(error.kind(), ErrorKind::Content, "another length than the range: {error}");
    let error = odd(206, &[("content-range", "bytes 0-9/10"), ("content-encoding", "gzip")], b"0123456789");
    assert_eq!(error.kind(), ErrorKind::Content, "{error}");
    for (status, kind) in
        [(204, ErrorKind::Content), (203, ErrorKind::Content), (302, ErrorKind::Api), (404, ErrorKind::Api)]
    {
        let error = odd(status, &[("location", "https://evil.example/s3cret")], b"");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!format!("{error:#?}").contains("s3cret"));
    }
    // The length of the whole is so large that there is no end of it: the ranges come as they are asked for.
    let mut drive = Drive::new(content(10, 3), 1);
    drive.odd = Some(Box::new(|request| {
        let range = request.headers()["range"].to_str().unwrap().strip_prefix("bytes=").unwrap().to_owned();
        let (first, last) = range.split_once('-').unwrap();
        if first != "0" {
            return answer(404, &[], b"<Error><Code>NoSuchKey</Code></Error>");
        }
        let range = format!("bytes {first}-{last}/{}", u64::MAX);
        answer(206, &[(http::header::CONTENT_RANGE, range)], &[7; 1000])
    }));
    let error = run_well(&api(), &mut drive, 4, download().look_up(false)).result.unwrap_err();
    assert_eq!((error.code(), drive.sink.len()), (Some("NoSuchKey"), 1000));
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

/// A server may send less than it is asked for: what is missing is asked for again. But not so little that it has no
/// end.
#[test]
fn short_answers() {
    let bytes = content(500_000, 3);
    for (most, is_fine) in [(70_000, true), (65_536, true), (1_000, false)] {
        for slots in [1, 3] {
            let whole = bytes.clone();
            let mut drive = Drive::new(bytes.clone(), 1);
            drive.odd = Some(Box::new(move |request| {
                let range = request.headers()["range"].to_str().unwrap().strip_prefix("bytes=").unwrap().to_owned();
                let (first, last) = range.split_once('-').unwrap();
                let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
                let last = last.min(whole.len() - 1).min(first + most - 1);
                let range = (http::header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", whole.len()));
                answer(206, &[range, (http::header::ETAG, "\"1\"".to_owned())], &whole[first..=last])
            }));
            let download = Download::new(SPACE, "F1").range_size(200_000);
            match run_well(&api(), &mut drive, slots, download).result {
                Ok(downloaded) => {
                    assert!(is_fine && drive.sink == bytes, "{most}");
                    assert_eq!(downloaded.sha256, Some(Digest::of(&bytes)));
                }
                Err(error) => assert!(!is_fine && error.kind() == ErrorKind::Content, "{most}: {error}"),
            }
        }
    }
    // What breaks off goes on where it was, and as long as that makes progress, no attempt counts.
    let mut drive = Drive::new(bytes.clone(), 5);
    drive.cut = 1;
    let ran = run_well(&api(), &mut drive, 1, Download::new(SPACE, "F1").range_size(400_000));
    assert!(drive.written < 700_000 && ran.result.is_ok() == (drive.sink == bytes), "{}", drive.written);
}

/// Codings that change no byte are none.
#[test]
fn content_encodings() {
    let codings =
        [("identity", true), ("Identity", true), ("", true), ("aws-chunked", true), ("identity, gzip", false)];
    for (coding, is_fine) in codings {
        let mut drive = Drive::new(content(10, 3), 1);
        drive.odd = Some(Box::new(move |_| {
            let range = (http::header::CONTENT_RANGE, "bytes 0-9/10".to_owned());
            answer(206, &[range, (http::header::CONTENT_ENCODING, coding.to_owned())], b"0123456789")
        }));
        match run_well(&api(), &mut drive, 1, download()).result {
            Ok(_) => assert!(is_fine, "{coding}"),
            Err(error) => assert!(!is_fine && error.to_string().contains("Content-Encoding"), "{coding}: {error}"),
        }
    }
}

/// An ETag may have any bytes.
#[test]
fn etags_of_any_bytes() {
    let mut drive = Drive::new(content(2500, 3), 1);
    drive.odd = Some(Box::new(move |request| {
        let range = request.headers()["range"].to_str().unwrap().strip_prefix("bytes=").unwrap().to_owned();
        let (first, last) = range.split_once('-').unwrap();
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse::<usize>().unwrap().min(2499));
        assert_eq!(request.headers().contains_key("if-match"), first > 0);
        let range = (http::header::CONTENT_RANGE, format!("bytes {first}-{last}/2500"));
        let mut response = answer(206, &[range], &vec![7; last - first + 1]);
        let tag: &[u8] = if first > 0 { b"\"\xe9t\xe9 2\"" } else { b"\"\xe9t\xe9 1\"" };
        response.headers_mut().insert("etag", HeaderValue::from_bytes(tag).unwrap());
        response
    }));
    let error = run_well(&api(), &mut drive, 1, download()).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Content, "another content is taken for the same: {error}");
}

/// A refusal that quotes the link isn't quoted.
#[test]
fn what_a_refusal_tells() {
    let mut drive = Drive::new(content(10, 3), 1);
    drive.odd = Some(Box::new(|request| {
        let query = request.uri().query().unwrap();
        let text = format!("<Error><Code>Bad</Code><Message>no {query} &lt;here&gt;</Message></Error>");
        answer(400, &[(HeaderName::from_static("x-echo"), query.to_owned())], text.as_bytes())
    }));
    let error = run_well(&api(), &mut drive, 1, download()).result.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some("Bad"), None));
    assert!(error.body().is_empty() && !error.headers().is_some_and(|headers| headers.contains_key("x-echo")));
    // Nor decoded, in capitals, or inside a word.
    for echo in [
        "%2535ec2e7d1e5ec2e7d1e5ec2e7d1e",
        "5EC2E7D1E5EC2E7D1E5EC2E7D1E",
        "%35ec2e7d1e5ec2e7d1e5ec2e7d1e",
        "x5ec2e7d1e5ec2e7d1e5ec2e7d1ey",
    ] {
        drive.odd = Some(Box::new(move |_| {
            answer(403, &[], format!("<Error><Code>Bad</Code><Message>{echo}</Message></Error>").as_bytes())
        }));
        assert_eq!(run_well(&api(), &mut drive, 1, download()).result.unwrap_err().message(), None, "{echo}");
    }
    drive.odd =
        Some(Box::new(|_| answer(400, &[], b"<Error><Code>Bad</Code><Message>no &lt;here&gt;</Message></Error>")));
    let error = run_well(&api(), &mut drive, 1, download()).result.unwrap_err();
    assert_eq!(error.message(), Some("no <here>"));
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
