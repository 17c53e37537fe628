//! Writes parameters into a path, a query or a JSON body. Each is encoded once; what comes out is signed and sent as it is.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::Error;
use crate::operation::{Field, Meta, Params, Place};
use crate::param::Value;

/// RFC 3986's unreserved characters stay, everything else becomes `%XX`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Appends `text` with everything but `A-Z a-z 0-9 - . _ ~` as `%XX` of its UTF-8 bytes, in capitals.
///
/// ```
/// let mut out = String::new();
/// koodrive_proto::param::percent_encode("a b+c/d~é", &mut out);
/// assert_eq!(out, "a%20b%2Bc%2Fd~%C3%A9");
/// ```
pub fn percent_encode(text: &str, out: &mut String) {
    percent_encode_bytes(text.as_bytes(), out);
}

pub(crate) fn percent_encode_bytes(bytes: &[u8], out: &mut String) {
    out.extend(percent_encoding::percent_encode(bytes, RESERVED));
}

/// Appends the path with its parameters, and the query if one is set.
///
/// A placeholder without a value stays empty; [`Operation::check`](crate::Operation::check) refuses that before.
pub fn path_and_query(meta: &'static Meta, params: &dyn Params, out: &mut String) {
    let mut rest = meta.path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        params.walk(&mut |field, value| {
            if field.place == Place::Path && field.name == name {
                append(value, out);
            }
        });
        rest = after;
    }
    out.push_str(rest);

    let mut separator = '?';
    let mut pair = |field: &Field, value: Value<'_>| {
        out.push(separator);
        separator = '&';
        percent_encode(field.name, out);
        out.push('=');
        append(value, out);
    };
    params.walk(&mut |field, value| match (field.place, value) {
        (Place::Query, Value::List(items)) => {
            (0..items.count()).filter_map(|at| items.item(at)).for_each(|item| pair(field, item));
        }
        (Place::Query, value) => pair(field, value),
        _ => {}
    });
}

fn append(value: Value<'_>, out: &mut String) {
    match value {
        Value::Text(text) => percent_encode(text, out),
        Value::Number(number) | Value::Quoted(number) => out.push_str(&number.to_string()),
        Value::Bool(flag) => out.push_str(if flag { "true" } else { "false" }),
        // A list in a path doesn't compile, and a query repeats the name; there are no lists of lists.
        Value::List(_) => {}
    }
}

/// The JSON object of the body's parameters; `None` where the operation has none.
pub fn body(meta: &'static Meta, params: &dyn Params) -> Result<Option<Bytes>, Error> {
    if !meta.params.iter().any(|field| field.place == Place::Body) {
        return Ok(None);
    }
    let json = serde_json::to_vec(&Body(params)).map_err(|error| Error::build(error).on(meta))?;
    Ok(Some(json.into()))
}

struct Body<'a>(&'a dyn Params);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut result = Ok(());
        self.0.walk(&mut |field, value| {
            if field.place == Place::Body && result.is_ok() {
                result = map.serialize_entry(field.name, &value);
            }
        });
        result?;
        map.end()
    }
}
