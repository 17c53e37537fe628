use std::fmt;
use std::marker::PhantomData;

use http::{HeaderMap, StatusCode};
use serde::de::{self, DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::Error;
use crate::operation::{Answer, Meta};
use crate::wire::Lenient;

/// Reads an answer: the business code first, then the content.
pub(crate) fn parse<T: DeserializeOwned>(
    meta: &'static Meta,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<T, Error> {
    check(status, body)
        .and_then(|()| match meta.answer {
            _ if body.is_empty() => nothing("the answer has no content"),
            Answer::Data => read(body).and_then(|Data(data)| data.map_or_else(|| nothing("data is missing"), Ok)),
            Answer::Whole => read(body),
        })
        .map_err(|error| error.on(meta).with_response(status, headers, body))
}

/// What the service and the gateway before it put around every answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    code: Option<String>,
    msg: Option<String>,
    error_code: Option<String>,
    error_msg: Option<String>,
}

/// Success is a 2xx status with `code` 0 or absent.
fn check(status: StatusCode, body: &[u8]) -> Result<(), Error> {
    if status == StatusCode::NO_CONTENT && body.is_empty() {
        return Ok(());
    }
    let envelope = shape(body).map_err(Error::decode).and_then(|()| read(body));
    let Envelope { code, msg, error_code, error_msg } = match envelope {
        Ok(envelope) => envelope,
        Err(error) if status.is_success() => return Err(error),
        Err(error) => return Err(Error::unreadable(status, &error)),
    };
    let failed = |code: &String| !code.is_empty() && code.parse() != Ok(0);
    let code = [code, error_code].into_iter().flatten().find(failed);
    if code.is_some() || !status.is_success() {
        return Err(Error::api(status, code, msg.or(error_msg)));
    }
    Ok(())
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
    let value = serde_path_to_error::deserialize(Lenient(&mut json)).map_err(|error| {
        // It writes `.` for the whole answer, and `?` where the answer broke off.
        let path = error.path().to_string();
        let path = path.trim_end_matches(['.', '?']);
        let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
        Error::decode(format!("{place}{}", error.inner()))
    })?;
    json.end().map_err(|error| Error::decode(error.to_string()))?;
    Ok(value)
}

/// Where there is no content, there is what the type makes of `null`: an empty list, nothing, or this problem.
fn nothing<T: DeserializeOwned>(problem: &str) -> Result<T, Error> {
    read(b"null").map_err(|_| Error::decode(problem.to_owned()))
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
