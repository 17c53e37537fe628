//! Finds the operation of a request.

use koodrive_proto::{Meta, http, ops};

use crate::reply::Refusal;

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
