//! The ways in which a request may be signed, of which the first is the right one and all others are usual mistakes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use koodrive_proto::auth::{CanonicalRequest, SignError};
use koodrive_proto::http::request;
use sha2::{Digest, Sha256};

use super::mistakes::{
    ANOTHER_MINUTE, ANOTHER_ORDER, ANOTHER_SECRET, ANOTHER_USER, ANOTHER_ZONE, NO_QUERY_LINE, WHOLE_BODY, frames,
    hashes, headers, keys, method, path, query, signed_headers,
};
use super::{HIDDEN, Texts};
use crate::auth::text;
use crate::simulator::App;

/// The parts that a signature is made of, each with the ways in which it may be written.
pub(super) struct Ways {
    /// The six parts of the canonical request.
    parts: [Vec<Way<Part>>; 6],
    frames: Vec<Way<Frame>>,
    keys: Vec<Way<Vec<u8>>>,
    date: String,
    /// Whether something is hidden in what is shown.
    is_masked: bool,
    /// How many bytes may still be tried.
    left: usize,
}

/// What is signed, and what is shown of it.
struct Part {
    signed: String,
    shown: String,
}

/// A request and its canonical form.
pub(super) struct Request<'a> {
    parts: &'a request::Parts,
    pub(super) canonical: CanonicalRequest,
    /// The list of signed headers as it was sent.
    listed: &'a str,
    body: &'a [u8],
}

impl<'a> Request<'a> {
    pub(super) fn new(
        parts: &'a request::Parts,
        signed: &[&str],
        listed: &'a str,
        body: &'a [u8],
    ) -> Result<Self, SignError> {
        let canonical = CanonicalRequest::new(&parts.method, &parts.uri, &parts.headers, signed, body)?;
        Ok(Self { parts, canonical, listed, body })
    }

    /// All ways to write each part of the canonical request but the hash.
    fn ways(&self, users: &[String]) -> [Vec<Way<String>>; 5] {
        let signed = self.canonical.signed_headers();
        [
            method(self.parts),
            path(self.parts),
            query(self.parts, &self.canonical),
            headers(self.parts, signed, self.listed, users),
            signed_headers(signed, self.listed),
        ]
    }
}

/// The mistake, and what results from it.
pub(super) struct Way<T>(pub(super) &'static str, pub(super) T);

/// Makes the string to sign of the canonical request, its hash and the date.
pub(super) type Frame = fn(&str, &str, &str) -> String;

/// Which way each part is written; all 0 is right.
type Choice = [usize; 8];

const BODY: usize = 5;
const FRAME: usize = 6;
const KEY: usize = 7;

/// How many mistakes are looked for at once, and whether it is those of [`ALONE`]. Three would take too long.
const ROUNDS: [(usize, bool); 4] = [(0, false), (1, false), (1, true), (2, false)];

/// Mistakes that are only looked for alone, since they have too many variants to combine them with others.
const ALONE: &[&str] = &[ANOTHER_SECRET, ANOTHER_USER, ANOTHER_MINUTE, ANOTHER_ZONE, ANOTHER_ORDER];

/// How many applications and users are tried.
pub(crate) const OTHERS: usize = 100;

/// How many bytes of canonical requests are tried: enough for all mistakes unless the query or the headers are long.
const TRIED: usize = 8 << 20;

/// What reproduces a signature.
pub(super) struct Found {
    pub(super) mistakes: Vec<&'static str>,
    pub(super) texts: Texts,
}

impl Ways {
    /// `shown` is the request without its secrets if it has any, and `users` are those that may have been signed.
    pub(super) fn new(
        request: &Request<'_>,
        shown: Option<&Request<'_>>,
        apps: &BTreeMap<String, App>,
        app_id: &str,
        users: &[String],
    ) -> Self {
        let [method, path, query, headers, names] = request.ways(users);
        let hashes = hashes(request.body);
        let real = [method, path, query, headers, names, hashes];
        let mut shown = shown.map(|shown| shown.ways(users).into_iter());
        let parts = real.map(|real| match shown.as_mut().and_then(Iterator::next) {
            Some(shown) => distinct(real.into_iter().zip(shown.into_iter().map(|Way(_, shown)| shown))),
            None => distinct(real.into_iter().map(|way| {
                let shown = if way.0 == WHOLE_BODY { "(the body)".to_owned() } else { way.1.clone() };
                (way, shown)
            })),
        });
        let date = text(request.parts, "x-date").unwrap_or_default().to_owned();
        let user_id = text(request.parts, "x-user-id").unwrap_or_default();
        let (frames, keys) = (frames(), keys(apps, app_id, user_id));
        Self { parts, frames, keys, date, is_masked: shown.is_some(), left: TRIED }
    }

    /// Whether the search ended before everything was tried.
    pub(super) fn gave_up(&self) -> bool {
        self.left == 0
    }

    /// Finds the mistakes that lead to a signature, as few as possible.
    pub(super) fn find(&mut self, mac: &[u8]) -> Option<Found> {
        let mut choice = Choice::default();
        ROUNDS.iter().find(|(count, alone)| self.search(mac, 0, *count, *alone, &mut choice))?;
        let mistakes = (0..choice.len()).filter(|part| choice[*part] > 0).map(|part| self.mistake(part, choice[part]));
        let mistakes = mistakes.collect();
        let hash = if self.is_masked { HIDDEN.to_owned() } else { hex(&Sha256::digest(self.canonical(&choice))) };
        let canonical_request = self.text(&choice, |part| &part.shown);
        let string_to_sign = self.frames[choice[FRAME]].1(&canonical_request, &hash, &self.date);
        Some(Found { mistakes, texts: Texts { canonical_request, string_to_sign } })
    }

    /// Tries all choices with exactly `left` more mistakes from a part on.
    fn search(&mut self, mac: &[u8], from: usize, left: usize, alone: bool, choice: &mut Choice) -> bool {
        if left == 0 {
            let canonical = self.canonical(choice);
            self.left = self.left.saturating_sub(canonical.len());
            return sign(&self.keys[choice[KEY]].1, &self.string_to_sign(choice, &canonical)) == mac;
        }
        for part in from..choice.len() {
            for way in 1..self.count(part) {
                if ALONE.contains(&self.mistake(part, way)) != alone {
                    continue;
                }
                choice[part] = way;
                if self.gave_up() {
                    return false;
                }
                if self.search(mac, part + 1, left - 1, alone, choice) {
                    return true;
                }
            }
            choice[part] = 0;
        }
        false
    }

    fn count(&self, part: usize) -> usize {
        match part {
            FRAME => self.frames.len(),
            KEY => self.keys.len(),
            part => self.parts[part].len(),
        }
    }

    fn mistake(&self, part: usize, way: usize) -> &'static str {
        match part {
            FRAME => self.frames[way].0,
            KEY => self.keys[way].0,
            part => self.parts[part][way].0,
        }
    }

    fn canonical(&self, choice: &Choice) -> String {
        self.text(choice, |part| &part.signed)
    }

    fn text(&self, choice: &Choice, of: impl Fn(&Part) -> &str) -> String {
        let mut text = String::new();
        for (at, (ways, way)) in self.parts.iter().zip(choice).enumerate() {
            let Way(mistake, part) = &ways[*way];
            text.push_str(of(part));
            if at < BODY && *mistake != NO_QUERY_LINE {
                text.push('\n');
            }
        }
        text
    }

    fn string_to_sign(&self, choice: &Choice, canonical: &str) -> String {
        let Way(_, frame) = self.frames[choice[FRAME]];
        frame(canonical, &hex(&Sha256::digest(canonical)), &self.date)
    }
}

/// The right way, and mistakes as far as they lead to something else.
fn distinct(all: impl Iterator<Item = (Way<String>, String)>) -> Vec<Way<Part>> {
    let mut ways: Vec<Way<Part>> = Vec::new();
    for (Way(mistake, signed), shown) in all {
        if mistake == NO_QUERY_LINE || ways.iter().all(|Way(_, other)| other.signed != signed) {
            ways.push(Way(mistake, Part { signed, shown }));
        }
    }
    ways
}

/// Reads a signature, in whatever form; what is wrong with the form comes first. What can't be one is described.
pub(super) fn decode(sent: &str) -> Result<(Option<&'static str>, Vec<u8>), String> {
    const CAPITALS: &str = "it is written in capitals; its hexadecimal digits are in lower case";
    const BASE64: &str = "it is written as base64; it is 64 hexadecimal digits";
    const BASE64_DIGITS: &str = "its hexadecimal digits are written as base64 again; it is the 64 digits themselves";
    const PREFIX: &str = "it has 0x before it; it is 64 hexadecimal digits alone";
    let bare = sent.strip_prefix("0x").or_else(|| sent.strip_prefix("0X"));
    let (prefix, digits) = (bare.and(Some(PREFIX)), bare.unwrap_or(sent));
    let capitals = digits.bytes().any(|byte| byte.is_ascii_uppercase()).then_some(CAPITALS);
    let base64 = || STANDARD.decode(sent).or_else(|_| URL_SAFE_NO_PAD.decode(sent.trim_end_matches('='))).ok();
    let (mistake, mac, seen) = if let Some(mac) = unhex(digits) {
        (prefix.or(capitals), mac, format!("has {} hexadecimal digits", digits.len()))
    } else if let Some(bytes) = base64() {
        let seen = format!("is no hexadecimal number, but perhaps base64, of {} bytes", bytes.len());
        match std::str::from_utf8(&bytes).ok().and_then(unhex) {
            Some(mac) => (Some(BASE64_DIGITS), mac, seen),
            None => (Some(BASE64), bytes, seen),
        }
    } else {
        (None, Vec::new(), format!("has {} characters, which are no hexadecimal number", sent.chars().count()))
    };
    let made_by = match mac.len() {
        32 => return Ok((mistake, mac)),
        16 => ", as HMAC-MD5 makes it",
        20 => ", as HMAC-SHA1 makes it",
        28 => ", as HMAC-SHA224 makes it",
        48 => ", as HMAC-SHA384 makes it",
        64 => ", as HMAC-SHA512 makes it",
        _ => "",
    };
    Err(format!("{seen}{made_by}; it is 64 hexadecimal digits in lower case, of HMAC-SHA256"))
}

fn sign(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of any length.
    Hmac::<Sha256>::new_from_slice(key)
        .map_or_else(|_| Vec::new(), |mac| mac.chain_update(text).finalize().into_bytes().to_vec())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok())
        .collect()
}
