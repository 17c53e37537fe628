//! A model of the service and its object store, whose files change, and the sink of a download.

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{
    Body, Cause, Download, Downloaded, Event, Failure, Now, Outgoing, Place, Reached, Reading, Verified,
};
use koodrive_proto::http::{self, HeaderName, HeaderValue};
use koodrive_proto::transfer::Digest;
use serde_json::json;

use crate::transfer::harness::{Rng, World, api, run_well};

pub(super) const SPACE: &str = "IAAB5thdWzxEoAsiA1681759183084696448";

/// How the object store tells one content from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validator {
    Etag,
    Weak,
    Time,
    None,
}

/// How the object store deals with ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ranges {
    Right,
    /// Sends the whole.
    Ignored,
    /// Sends others than those that were asked for.
    Others,
    /// Says nothing of the length of the whole.
    NoTotal,
}

pub(super) type Odd = Box<dyn Fn(&http::Request<Body>) -> http::Response<Bytes>>;

/// The service, its object store, and the sink on this side.
pub(super) struct Drive {
    pub(super) rng: Rng,
    pub(super) content: Vec<u8>,
    pub(super) version: u32,
    /// What the content becomes, and before which exchange.
    pub(super) changes: Option<(u32, Vec<u8>)>,
    pub(super) exchanges: u32,
    /// What GetFile says.
    pub(super) recorded: Option<u64>,
    pub(super) validator: Validator,
    pub(super) honours_conditions: bool,
    pub(super) ranges: Ranges,
    /// A body breaks off, an answer is lost, 503, 403: each once in so many; 0 is never.
    pub(super) cut: u64,
    pub(super) lost: u64,
    pub(super) busy: u64,
    pub(super) refused: u64,
    /// Answers that come in place of the object store's, as they are.
    pub(super) odd: Option<Odd>,
    pub(super) sink: Vec<u8>,
    /// How many bytes were written at most.
    pub(super) written: u64,
    pub(super) is_readable: bool,
    pub(super) seen: Vec<String>,
    pub(super) ranges_seen: Vec<String>,
}

impl Drive {
    pub(super) fn new(content: Vec<u8>, seed: u64) -> Self {
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

    pub(super) fn happens(&mut self, times: u64) -> bool {
        times > 0 && self.rng.one_in(times)
    }

    pub(super) fn tag(&self) -> Option<(HeaderName, HeaderValue)> {
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

    pub(super) fn get(&mut self, request: &http::Request<Body>) -> http::Response<Bytes> {
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
    pub(super) fn deliver(&mut self, outgoing: &Outgoing, response: http::Response<Bytes>) -> Event {
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

pub(super) fn answer(status: u16, headers: &[(HeaderName, String)], body: &[u8]) -> http::Response<Bytes> {
    let mut response = http::Response::builder().status(status).header("content-length", body.len());
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Bytes::copy_from_slice(body)).unwrap()
}

pub(super) fn lost(delivered: u64) -> Event {
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

pub(super) fn content(length: usize, version: u8) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at * 7 % 256).unwrap().wrapping_mul(version).wrapping_add(version)).collect()
}

pub(super) fn download() -> Download {
    Download::new(SPACE, "F1").range_size(1000)
}

pub(super) fn downloaded(bytes: &[u8], verified: Verified) -> Downloaded {
    let mut drive = Drive::new(bytes.to_vec(), 1);
    let download = match verified {
        Verified::Sha256 => download().sha256(Digest::of(bytes)),
        _ => download(),
    };
    run_well(&api(), &mut drive, 1, download).result.unwrap()
}
