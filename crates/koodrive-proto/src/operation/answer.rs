//! Reads an answer: first the service's code, whatever surrounds it, then the content.

use std::fmt;

use http::header::{CONTENT_ENCODING, LOCATION};
use http::uri::Authority;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::operation::Operation;
use crate::schema::{Envelope, Meta};
use crate::wire::{Cursor, Notes, Readable, Tape, Text, by_serde, has_escapes, mask_escapes, mask_texts};

/// The content of a successful answer, which [`Operation::read`] reads.
pub struct Content<'a> {
    meta: &'static Meta,
    status: StatusCode,
    headers: &'a HeaderMap,
    body: &'a [u8],
    tape: &'a Tape<'a>,
    /// `None` if the answer has no content.
    cursor: Option<Cursor<'a>>,
}

impl<'a> Content<'a> {
    /// Returns the status, which is 2xx.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// Returns the whole body, unchanged.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Returns what was noted when the content was read the last time.
    pub fn notes(&self) -> Notes {
        self.tape.notes()
    }

    /// Reads a declared type. A value that doesn't fit is left out and noted; content that is something else altogether
    /// is an error that names its path.
    pub fn read<T: Readable>(&self) -> Result<T, Error> {
        self.tape.begin();
        let read = self.cursor.and_then(T::read);
        match self.cursor.and_then(|cursor| cursor.refusal(read.is_some())) {
            Some(problem) => Err(Error::decode(&problem)),
            None => read.or_else(T::nothing).ok_or_else(|| self.missing()),
        }
    }

    /// Reads any type that serde can deserialize; [`FromResponse`] says by which rules.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.tape.begin();
        match self.cursor {
            Some(cursor) => by_serde(cursor)
                .map_err(|problem| if cursor.is_nothing() { self.missing() } else { Error::decode(&problem) }),
            None => by_serde(Tape::default().root()).map_err(|_| self.missing()),
        }
    }

    fn missing(&self) -> Error {
        let only_data = self.meta.envelope == Envelope::Data && self.tape.root().is_object();
        Error::decode(match () {
            () if only_data => "data is missing",
            () if self.body.trim_ascii().is_empty() => "the answer is empty",
            () => "the answer has no content",
        })
    }
}

impl fmt::Debug for Content<'_> {
    /// Shows no content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("operation", &self.meta.name)
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A type that an answer can be read into: everything that serde can deserialize, and [the same with its
/// head](crate::WithHead).
///
/// serde reads by the lenient rules of [`Cursor`](crate::wire::Cursor), as far as it tells what type it expects. There
/// are three limits:
///
/// - A value that doesn't fit is an error that names its path. (The path ends at a map, and where serde buffers values
///   to look at them again: `flatten`, `untagged`, `tag`.)
/// - Where an `Option` of something other than a text is expected, a blank text doesn't fit, nor does `[]`; nor do such
///   entries of a list.
/// - What declared types inside of it note is lost.
///
/// A declared answer ([`answer!`](crate::answer!)) has none of these limits. If it is the output of an operation
/// written by hand, implement [`Operation::read`] as `content.read()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the answer of an operation",
    label = "serde has to deserialize it",
    note = "derive `Deserialize`; or, for a type that is `Readable`, implement it with `koodrive_proto::wire::deserialize`"
)]
pub trait FromResponse: Sized {
    /// Reads the content of a successful answer.
    fn from_response(content: &Content<'_>) -> Result<Self, Error>;
}

impl<T: DeserializeOwned> FromResponse for T {
    fn from_response(content: &Content<'_>) -> Result<T, Error> {
        content.deserialize()
    }
}

/// Reads an answer, and returns the notes if somebody wants to know.
pub(crate) fn parse<O: Operation>(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    notes: Option<&mut Notes>,
) -> Result<O::Output, Error> {
    let mut output = None;
    open(O::META, status, headers, body, notes, &mut |content| {
        output = Some(O::read(content)?);
        Ok(())
    })?;
    output.ok_or_else(|| Error::decode("the answer was not read"))
}

/// Handles everything about an answer but its type.
fn open(
    meta: &'static Meta,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    notes: Option<&mut Notes>,
    read: &mut dyn FnMut(&Content<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let text = Text::new(body);
    let json = text.as_str();
    let (first, second);
    let mut tape = Tape::default();
    tape.repaired = text.is_repaired();
    let mut complete = if has_escapes(json) {
        first = mask_escapes(json);
        tape.read(json, Some(&first))
    } else {
        tape.read(json, None)
    };
    let is_object = tape.root().is_object();
    if complete.is_err() && is_object {
        second = mask_texts(json);
        complete = tape.read(json, Some(&second));
        if complete.is_err() {
            tape.salvage(json, &second, &[CODE, MSG, ERROR_CODE, ERROR_MSG]);
        }
    }
    let problem = match complete {
        _ if is_object => complete.err().map(|error| broken(body, &error)),
        Err(_) if status.is_success() && json.trim_start().is_empty() => None,
        complete => {
            let encoding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
            Some(text.describe(body, encoding, complete.is_ok()))
        }
    };
    let result = envelope(meta, status, headers, &tape, problem).and_then(|cursor| {
        let content = Content { meta, status, headers, body, tape: &tape, cursor };
        read(&content)?;
        if let Some(notes) = notes {
            *notes = content.notes();
        }
        Ok(())
    });
    result.map_err(|error| error.on(meta).with_response(status, headers, body))
}

/// Says what is wrong with an answer that begins like an object.
fn broken(body: &[u8], error: &serde_json::Error) -> String {
    match body {
        [_, 0, ..] => "the answer is UTF-16, not UTF-8".to_owned(),
        _ if error.is_eof() => format!("the answer is cut off ({error})"),
        _ => format!("the answer is not valid JSON ({error})"),
    }
}

// What the service, and the gateway in front of it, put around every answer.
const CODE: &str = "code";
const MSG: &str = "msg";
const ERROR_CODE: &str = "error_code";
const ERROR_MSG: &str = "error_msg";

/// Finds the content of an answer, or the error. Success is a 2xx status with no code or code 0. `problem` says why
/// part of the answer couldn't be read; a failing code counts all the same.
fn envelope<'t>(
    meta: &Meta,
    status: StatusCode,
    headers: &HeaderMap,
    tape: &'t Tape<'_>,
    problem: Option<String>,
) -> Result<Option<Cursor<'t>>, Error> {
    let root = tape.root();
    let is_object = root.is_object();
    let (mut code, mut error_code) = (Codes::default(), Codes::default());
    let (mut msg, mut error_msg, mut data) = (None, None, None);
    if is_object {
        root.entries().for_each(|(name, value)| match name {
            CODE => code.add(value),
            ERROR_CODE => error_code.add(value),
            MSG => first(&mut msg, value),
            ERROR_MSG => first(&mut error_msg, value),
            "data" => first(&mut data, value),
            _ => {}
        });
    }
    let word = |value: Option<Cursor<'_>>| value.and_then(Cursor::word).map(|word| word.trim().to_owned());
    if code.failing.is_some() {
        return Err(Error::api(status, code.failing, word(msg)));
    }
    if error_code.failing.is_some() {
        return Err(Error::api(status, error_code.failing, word(error_msg)));
    }
    let no_code =
        [(CODE, code.unreadable), (ERROR_CODE, error_code.unreadable)].into_iter().find(|(_, unreadable)| *unreadable);
    let no_code = no_code.map(|(name, _)| format!("{name}: expected a number or a text, got something else"));
    match problem.or(no_code) {
        _ if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) => {
            Err(Error::redirect(status, redirected_to(headers).as_deref()))
        }
        Some(problem) if status.is_success() => Err(Error::decode(&problem)),
        Some(problem) => Err(Error::unreadable(status, &problem)),
        None if status.is_success() => {
            Ok(if meta.envelope == Envelope::Data { data } else { is_object.then_some(root) })
        }
        None => Err(Error::api(status, None, word(msg).or_else(|| word(error_msg)))),
    }
}

/// The host, and the port if there is one, of the address that an answer redirects to.
fn redirected_to(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?.trim();
    // An address without a scheme, or without a host, stays with this server.
    let is_scheme = |text: &str| text.is_empty() || matches!(text.to_ascii_lowercase().as_str(), "https:" | "http:");
    let (_, rest) = location.split_once("//").filter(|(scheme, _)| is_scheme(scheme))?;
    let authority: Authority = rest.split(['/', '?', '#', '\\']).next()?.parse().ok()?;
    let port = authority.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}{port}", authority.host()))
}

/// What an answer says under one of the two names of a code.
#[derive(Default)]
struct Codes {
    /// The first code that isn't 0.
    failing: Option<String>,
    /// Whether there is a value that can't be a code.
    unreadable: bool,
}

impl Codes {
    fn add(&mut self, value: Cursor<'_>) {
        match value.word() {
            Some(word) if self.failing.is_none() => {
                let word = word.trim();
                if !word.is_empty() && word != "0" && word.parse() != Ok(0.0) {
                    self.failing = Some(word.to_owned());
                }
            }
            Some(_) => {}
            None => self.unreadable |= !value.is_null(),
        }
    }
}

/// If a member appears twice, keeps the first value that isn't nothing.
fn first<'t>(slot: &mut Option<Cursor<'t>>, value: Cursor<'t>) {
    if slot.is_none_or(Cursor::is_nothing) {
        *slot = Some(value);
    }
}
