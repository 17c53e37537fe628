//! Where an answer goes: into memory, or into a sink at the place that its head proves to be the right one.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, LAST_MODIFIED};
use http::{HeaderValue, response};

use crate::transfer::{ExactLength, Hasher, WrongLength};

/// How much of a range an answer must have, unless that is the end of the file.
const LEAST: u64 = 64 * 1024;

/// Where the answer goes. A large answer isn't carried, but written to a sink.
#[derive(Debug, Clone)]
pub enum Deliver {
    /// The answer goes into memory.
    Memory,
    /// The answer goes into the sink that the driver was given, if it is the one that is expected.
    Sink(Expected),
}

impl Deliver {
    /// Says where the body of this answer goes. A transport asks after the head, and before it reads the body.
    pub fn place(&self, head: &response::Parts) -> Place {
        let Self::Sink(expected) = self else { return Place::Memory };
        match expected.fits(head) {
            Ok(fit) => {
                // If the body breaks off, this is what its beginning is of.
                expected.seen.lock().head = Some(Head { len: fit.len, total: fit.total, validator: validator(head) });
                let (offset, exact, seen) = (expected.first, ExactLength::new(fit.len), expected.seen.clone());
                Place::Sink(Placed { offset, exact, seen })
            }
            // The flow finds the same, and says what is wrong; a file that nobody can use needn't be read for that.
            Err(_) if head.status.is_success() => Place::Nowhere,
            Err(_) => Place::Memory,
        }
    }
}

/// Where the body of an answer goes.
#[derive(Debug)]
pub enum Place {
    /// Into memory, up to [`Outgoing::limit`](crate::flow::Outgoing::limit).
    Memory,
    /// Nowhere: it succeeds, but isn't what was asked for. The driver closes the connection without reading the body,
    /// and returns the answer with an empty one.
    Nowhere,
    /// Into the sink. When all of it is there, the driver returns the answer with an empty body.
    Sink(Placed),
}

/// A place in the sink for a body of an exact length.
///
/// A transport feeds each chunk, and writes it where that says. At the end of the body it calls
/// [`finish`](Self::finish). A body that is too short or too long is a [`Failure`](crate::flow::Failure) with
/// [`Cause::Network`](crate::flow::Cause::Network); one that can't be written is
/// [`Failure::of_file`](crate::flow::Failure::of_file). Set the failure's `delivered` to what is in the sink: what was
/// [`fed`](Self::fed), but for chunks that weren't written.
#[derive(Debug)]
pub struct Placed {
    offset: u64,
    exact: ExactLength,
    seen: Seen,
}

impl Placed {
    /// Takes the next chunk, and returns where in the sink it begins. Fails if there is more than announced.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<u64, WrongLength> {
        let at = self.offset.saturating_add(self.exact.fed());
        self.exact.feed(chunk)?;
        self.seen.feed(chunk);
        Ok(at)
    }

    /// Returns how many bytes it was fed.
    pub fn fed(&self) -> u64 {
        self.exact.fed()
    }

    /// Returns how many bytes are still to come.
    pub fn left(&self) -> u64 {
        self.exact.left()
    }

    /// Fails if there were fewer bytes than announced.
    pub fn finish(self) -> Result<(), WrongLength> {
        self.exact.finish()
    }
}

/// What an answer must be to go into the sink.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Expected {
    /// The first byte of the range that was asked for.
    pub first: u64,
    /// How many bytes were asked for; there may be fewer.
    pub most: u64,
    /// How many bytes the whole has, once that is known.
    pub total: Option<u64>,
    /// What tells one content from another, once that is known: an ETag, or a Last-Modified.
    pub validator: Option<HeaderValue>,
    /// Whether nothing is in the sink and nothing else is on the way there.
    pub(super) alone: bool,
    /// What is seen on the way.
    pub(super) seen: Seen,
}

/// What an answer that fits says.
pub(super) struct Fit {
    /// The length of the body.
    pub(super) len: u64,
    /// The length of the whole.
    pub(super) total: u64,
}

/// Why an answer doesn't fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It isn't a success.
    Refused,
    /// It is another content than before.
    Changed,
    /// It is the whole, and there is something already.
    Whole,
    /// It has another length than it must have.
    Total(u64),
    /// It was encoded on the way, so that its bytes are others.
    Encoded,
    /// It is no range, another range, or doesn't say how long it is.
    Range,
}

impl Expected {
    /// Expects up to `most` bytes from `first` on, and nothing else in the sink.
    pub fn new(first: u64, most: u64) -> Self {
        Self { first, most, total: None, validator: None, alone: first == 0, seen: Seen::new(None) }
    }

    /// Returns what an answer with this head says, if it fits.
    pub(super) fn fits(&self, head: &response::Parts) -> Result<Fit, Misfit> {
        let fit = match head.status.as_u16() {
            206 => self.part(head)?,
            200 => self.whole(head)?,
            412 => return Err(Misfit::Changed),
            _ if head.status.is_success() => return Err(Misfit::Range),
            _ => return Err(Misfit::Refused),
        };
        if is_encoded(head) {
            return Err(Misfit::Encoded);
        }
        if self.total.is_some_and(|total| total != fit.total) {
            return Err(if self.alone { Misfit::Total(fit.total) } else { Misfit::Changed });
        }
        match &self.validator {
            Some(known) if head.headers.get(validator_name(known)) != Some(known) => Err(Misfit::Changed),
            _ => Ok(fit),
        }
    }

    fn part(&self, head: &response::Parts) -> Result<Fit, Misfit> {
        let text = head.headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).ok_or(Misfit::Range)?;
        let (first, last, total) = content_range(text).ok_or(Misfit::Range)?;
        let len = last.checked_sub(first).and_then(|more| more.checked_add(1)).ok_or(Misfit::Range)?;
        // A server may send less than it is asked for, but not so little that there is no end of it.
        let is_enough = len >= self.most.min(LEAST) || last.checked_add(1) == Some(total);
        let right = first == self.first && len <= self.most && last < total && is_enough;
        let announced = length(head)?.is_none_or(|length| length == len);
        if right && announced { Ok(Fit { len, total }) } else { Err(Misfit::Range) }
    }

    /// A server that ignores Range sends the whole: good only from the beginning, while nothing is there.
    fn whole(&self, head: &response::Parts) -> Result<Fit, Misfit> {
        let total = length(head)?.or(self.total).ok_or(Misfit::Range)?;
        let is_good = self.first == 0 && (self.alone || self.most >= total);
        if is_good { Ok(Fit { len: total, total }) } else { Err(Misfit::Whole) }
    }
}

/// Reads `bytes 0-4/10`. HTTP also has `bytes 0-4/*`, which would leave open whether the end is missing.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (unit, range) = text.trim().split_once(' ')?;
    let (range, total) = range.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    unit.eq_ignore_ascii_case("bytes").then_some((number(first.trim())?, number(last.trim())?, number(total.trim())?))
}

/// Whether this is the answer to a range of an empty object: `bytes */0`.
pub(super) fn is_empty_object(head: &response::Parts) -> bool {
    let range = head.headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    head.status.as_u16() == 416 && range.is_some_and(|range| range.trim().eq_ignore_ascii_case("bytes */0"))
}

/// Reads the Content-Length, if there is one.
fn length(head: &response::Parts) -> Result<Option<u64>, Misfit> {
    let Some(value) = head.headers.get(CONTENT_LENGTH) else { return Ok(None) };
    value.to_str().ok().and_then(|text| number(text.trim())).ok_or(Misfit::Range).map(Some)
}

/// Digits only: `parse` alone would take a sign.
fn number(text: &str) -> Option<u64> {
    Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).and_then(|text| text.parse().ok())
}

/// Whether the bytes of the body aren't those of the object. `aws-chunked` is only how they were sent there.
fn is_encoded(head: &response::Parts) -> bool {
    let is_none = |coding: &[u8]| {
        coding.is_empty() || [&b"identity"[..], b"aws-chunked"].iter().any(|name| coding.eq_ignore_ascii_case(name))
    };
    let values = head.headers.get_all(CONTENT_ENCODING).iter();
    !values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).all(|coding| is_none(coding.trim_ascii()))
}

/// Returns what tells this content from another: an ETag, or else a Last-Modified.
pub(super) fn validator(head: &response::Parts) -> Option<HeaderValue> {
    let etag = head.headers.get(ETAG).filter(|value| is_etag(value));
    etag.or_else(|| head.headers.get(LAST_MODIFIED)).cloned()
}

fn is_etag(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    let text = bytes.strip_prefix(b"W/").unwrap_or(bytes);
    text.len() >= 2 && text.starts_with(b"\"") && text.ends_with(b"\"")
}

/// Whether a validator is another for every other content. A weak ETag isn't, and neither is a time, whose seconds are
/// long.
pub(super) fn is_strong(validator: &HeaderValue) -> bool {
    validator.as_bytes().starts_with(b"\"")
}

/// Writes a validator as a text, each byte as a character.
pub(super) fn to_text(validator: &HeaderValue) -> String {
    validator.as_bytes().iter().copied().map(char::from).collect()
}

/// Reads what [`to_text`] has written.
pub(super) fn from_text(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(char).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// Returns the header that a validator was taken from.
fn validator_name(value: &HeaderValue) -> HeaderName {
    if is_etag(value) { ETAG } else { LAST_MODIFIED }
}

/// Returns the header that asks for this content and no other. A weak ETag can't be asked for, only compared.
pub(super) fn condition(validator: &HeaderValue) -> Option<HeaderName> {
    match validator.as_bytes() {
        [b'W', b'/', ..] => None,
        [b'"', ..] => Some(http::header::IF_MATCH),
        _ => Some(http::header::IF_UNMODIFIED_SINCE),
    }
}

/// What a transport sees on the way: shared by the job and the transport that writes its bytes.
#[derive(Clone)]
pub(super) struct Seen(Arc<Mutex<Sight>>);

struct Sight {
    /// The hash of all bytes up to those that come now.
    hasher: Option<Hasher>,
    /// The answer whose body is written.
    head: Option<Head>,
}

/// What the head of an answer said, of which something was written.
#[derive(Clone)]
pub(super) struct Head {
    /// The length of the body.
    pub(super) len: u64,
    /// The length of the whole.
    pub(super) total: u64,
    pub(super) validator: Option<HeaderValue>,
}

impl Seen {
    /// Hashes what is seen, too, if there is a hash to feed.
    pub(super) fn new(hasher: Option<Hasher>) -> Self {
        Self(Arc::new(Mutex::new(Sight { hasher, head: None })))
    }

    fn feed(&self, chunk: &[u8]) {
        if let Some(hasher) = &mut self.lock().hasher {
            hasher.feed(chunk);
        }
    }

    /// Returns the hash, if it was fed exactly up to there.
    pub(super) fn hasher(&self, fed: u64) -> Option<Hasher> {
        self.lock().hasher.clone().filter(|hasher| hasher.fed() == fed)
    }

    pub(super) fn head(&self) -> Option<Head> {
        self.lock().head.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Sight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seen(..)")
    }
}
