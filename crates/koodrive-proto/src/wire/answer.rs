use std::fmt;
use std::marker::PhantomData;

use http::{HeaderMap, StatusCode};
use serde::de::{self, DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_path_to_error::{Path, Segment};

use crate::error::Error;
use crate::operation::{Answer, Meta};
use crate::wire::lenient::{ARBITRARY_NUMBER, Lenient, UNREADABLE};

/// What an answer can be read into: everything that serde can deserialize, and
/// [the same with its head](crate::WithHead).
pub trait FromResponse: Sized {
    /// Reads an answer: the business code first, then the content.
    fn from_response(meta: &'static Meta, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Self, Error>;
}

impl<T: DeserializeOwned> FromResponse for T {
    fn from_response(meta: &'static Meta, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<T, Error> {
        check(status, body)
            .and_then(|()| match meta.answer {
                _ if body.is_empty() => nothing("the answer has no content"),
                Answer::Data => read(body).and_then(|Data(data)| data.map_or_else(|| nothing("data is missing"), Ok)),
                Answer::Whole => read(body),
            })
            .map_err(|error| error.on(meta).with_response(status, headers, body))
    }
}

/// Success is a 2xx status with `code` 0 or absent.
fn check(status: StatusCode, body: &[u8]) -> Result<(), Error> {
    if status == StatusCode::NO_CONTENT && body.is_empty() {
        return Ok(());
    }
    // A code counts also where the answer breaks off after it, or has something odd beside it.
    let mut envelope = Envelope::default();
    let complete = shape(body).and_then(|()| envelope.read(body));
    let failed = |code: &String| !code.is_empty() && code.parse() != Ok(0);
    let Envelope { code, msg, error_code, error_msg } = envelope;
    match complete {
        _ if code.as_ref().is_some_and(failed) => Err(Error::api(status, code, msg)),
        _ if error_code.as_ref().is_some_and(failed) => Err(Error::api(status, error_code, error_msg)),
        Ok(()) if status.is_success() => Ok(()),
        Ok(()) => Err(Error::api(status, None, msg.or(error_msg))),
        Err(problem) if status.is_success() => Err(Error::decode(&problem)),
        Err(problem) => Err(Error::unreadable(status, &problem)),
    }
}

/// Says what an answer is that can't be a JSON object.
fn shape(body: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(body)
        .map_err(|error| format!("the answer is not UTF-8 from byte {} on", error.valid_up_to()))?
        .trim_start();
    if text.is_empty() {
        Err("the answer is empty".to_owned())
    } else if text.starts_with('{') {
        Ok(())
    } else if text.starts_with('<') {
        Err("the answer is HTML or XML, not JSON: a proxy or login page?".to_owned())
    } else {
        Err("the answer is not a JSON object".to_owned())
    }
}

/// Reads JSON leniently; an error names the path inside the answer, and line and column.
fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Error> {
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(Lenient(&mut json)).map_err(|error| {
        let path = path(error.path());
        let separator = if path.is_empty() { "" } else { ": " };
        Error::decode(&format!("{path}{separator}{}", without_content(error.inner())))
    })
}

/// Where there is no content, there is what the type makes of `null`: an empty list, nothing, or this problem.
fn nothing<T: DeserializeOwned>(problem: &str) -> Result<T, Error> {
    read(b"null").map_err(|_| Error::decode(problem))
}

/// `data.list[2].size`. A key that no field would have is content, and left out.
fn path(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text.extend(["[", &index.to_string(), "]"]),
            Segment::Map { key }
                if key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
            {
                text.push_str(if text.is_empty() { "" } else { "." });
                text.push_str(key);
            }
            Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => break,
        }
    }
    text
}

/// The message of an error, unless it might quote the answer: answers hold tokens.
fn without_content(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let (line, column) = (error.line(), error.column());
    match text.strip_prefix(UNREADABLE) {
        Some(ours) => ours.to_owned(),
        None if !error.is_data() || text.starts_with("missing field `") || text.starts_with("duplicate field `") => {
            text
        }
        None => format!("a value that does not fit its type at line {line} column {column}"),
    }
}

/// What the service and the gateway before it put around every answer.
#[derive(Default)]
struct Envelope {
    code: Option<String>,
    msg: Option<String>,
    error_code: Option<String>,
    error_msg: Option<String>,
}

impl Envelope {
    /// Takes what is there, up to where the JSON ends or breaks off.
    fn read(&mut self, body: &[u8]) -> Result<(), String> {
        let mut json = serde_json::Deserializer::from_slice(body);
        json.deserialize_map(&mut *self).and_then(|()| json.end()).map_err(|error| without_content(&error))
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum EnvelopeKey {
    Code,
    Msg,
    ErrorCode,
    ErrorMsg,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for &mut Envelope {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key()? {
            let slot = match key {
                EnvelopeKey::Code => &mut self.code,
                EnvelopeKey::Msg => &mut self.msg,
                EnvelopeKey::ErrorCode => &mut self.error_code,
                EnvelopeKey::ErrorMsg => &mut self.error_msg,
                EnvelopeKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let Word(word) = map.next_value()?;
            *slot = word.map(|word| word.trim().to_owned());
        }
        Ok(())
    }
}

/// A text or number; anything else is nothing.
struct Word(Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor)
    }
}

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Word;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Word, E> {
        Ok(Word(Some(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Word, E> {
        Ok(Word(Some(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Word, E> {
        Ok(Word(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Word, E> {
        Ok(Word(Some(number.to_string())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Word, E> {
        Ok(Word(None))
    }

    fn visit_unit<E>(self) -> Result<Word, E> {
        Ok(Word(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Word, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Word(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Word, A::Error> {
        let mut number = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == ARBITRARY_NUMBER {
                number = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Word(number))
    }
}

/// The content of `data`, if it is there.
struct Data<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Data<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DataVisitor(PhantomData))
    }
}

struct DataVisitor<T>(PhantomData<T>);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Data,
    #[serde(other)]
    Other,
}

impl<'de, T: DeserializeOwned> Visitor<'de> for DataVisitor<T> {
    type Value = Data<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with data")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data<T>, A::Error> {
        let mut data = None;
        while let Some(key) = map.next_key()? {
            match key {
                Key::Data if data.is_some() => return Err(de::Error::duplicate_field("data")),
                Key::Data => data = Some(map.next_value()?),
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Data(data))
    }
}
