//! Writes parameters into a path, a query, headers or a JSON body. Each is encoded once; the result is signed and sent
//! unchanged.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::Error;
use crate::schema::{Field, Meta, Params, Place, Value};
use crate::wire::percent_encode;

/// Appends the path with its parameters, and the query if a parameter of it is set.
///
/// A placeholder without a value stays empty; [`Operation::check`](crate::Operation::check) refuses that beforehand.
pub fn path_and_query(meta: &'static Meta, params: &dyn Params, out: &mut String) {
    let mut rest = meta.path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        params.walk(&mut |field, value| {
            if field.place == Place::Path && field.name == name {
                value.write_plain(|text| percent_encode(text, out));
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
        value.write_plain(|text| percent_encode(text, out));
    };
    params.walk(&mut |field, value| match (field.place, value) {
        (Place::Query, Value::List(items)) => {
            (0..items.count()).filter_map(|at| items.item(at)).for_each(|item| pair(field, item));
        }
        (Place::Query, value) => pair(field, value),
        _ => {}
    });
}

/// Adds those parameters that are headers.
pub fn headers(meta: &'static Meta, params: &dyn Params, out: &mut HeaderMap) -> Result<(), Error> {
    let mut result = Ok(());
    params.walk(&mut |field, value| {
        if field.place == Place::Header && result.is_ok() {
            value.write_plain(|text| result = header(field, text).map(|(name, value)| drop(out.insert(name, value))));
        }
    });
    result.map_err(|error| error.on(meta))
}

fn header(field: &Field, text: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let name: HeaderName = field.name.parse().map_err(Error::build)?;
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Error::build(format!("the header {name} must be visible ASCII characters and blanks")))?;
    value.set_sensitive(field.kind.is_secret());
    Ok((name, value))
}

/// Returns the JSON object of the body's parameters; `None` if the operation has no such parameters.
pub fn body(meta: &'static Meta, params: &dyn Params) -> Result<Option<Bytes>, Error> {
    if !meta.params.iter().any(|field| field.place == Place::Body) {
        return Ok(None);
    }
    let json = serde_json::to_vec(&Value::Object(params)).map_err(|error| Error::build(error).on(meta))?;
    Ok(Some(json.into()))
}
