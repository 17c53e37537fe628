//! Finds the operation of a request.

use koodrive_proto::{Meta, http, ops};

use crate::reply::Refusal;
use crate::storage::http::{is_object, operation};

/// Finds the operation of an address. A slash at the end doesn't matter, and a literal segment takes precedence over a
/// parameter.
pub(crate) fn find(method: &http::Method, path: &str) -> Result<&'static Meta, Refusal> {
    ops::ALL
        .iter()
        .filter(|meta| meta.method == *method)
        .filter_map(|&meta| Some((meta, meta.path_params(path)?.len())))
        .min_by_key(|(_, params)| *params)
        .map(|(meta, _)| meta)
        .ok_or_else(|| Refusal::new("APIGW.0101", ""))
}

/// Returns the name of what a request asks for, of KooDrive or of the object store.
pub(crate) fn name(parts: &http::request::Parts) -> Option<&'static str> {
    if is_object(parts.uri.path()) {
        return operation(&parts.method);
    }
    find(&parts.method, parts.uri.path()).ok().map(|meta| meta.name)
}
