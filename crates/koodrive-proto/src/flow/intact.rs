//! Checks that an answer is whole, and not larger than asked for: not every transport can see that.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Method, StatusCode};

use crate::error::{Cause, Failure, Reached};

/// Returns the answer if all of it is there.
pub(super) fn intact(
    response: http::Response<Bytes>,
    method: &Method,
    limit: u64,
) -> Result<http::Response<Bytes>, Failure> {
    let length = u64::try_from(response.body().len()).unwrap_or(u64::MAX);
    if length > limit {
        return Err(Failure::too_large(limit));
    }
    if has_body(method, response.status()) {
        let announced = announced(response.headers()).map_err(|problem| failure(problem.to_owned()))?;
        if let Some(announced) = announced.filter(|announced| *announced > length) {
            return Err(failure(format!("the answer breaks off after {length} of {announced} bytes")));
        }
    }
    Ok(response)
}

fn failure(problem: String) -> Failure {
    Failure::new(Reached::Maybe, Cause::Network, problem)
}

fn has_body(method: &Method, status: StatusCode) -> bool {
    *method != Method::HEAD
        && !status.is_informational()
        && status != StatusCode::NO_CONTENT
        && status != StatusCode::NOT_MODIFIED
}

/// Returns the length that the headers announce.
fn announced(headers: &HeaderMap) -> Result<Option<u64>, &'static str> {
    // With Transfer-Encoding, Content-Length counts for nothing; and what a transport decompressed has another length.
    let encoded = |value: &http::HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_ENCODING).is_some_and(encoded) {
        return Ok(None);
    }
    let mut announced = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        for part in value.as_bytes().split(|byte| *byte == b',') {
            let length = std::str::from_utf8(part.trim_ascii()).ok().filter(|text| !text.starts_with('+'));
            let length: u64 = length.and_then(|text| text.parse().ok()).ok_or("its Content-Length is no number")?;
            if announced.is_some_and(|before| before != length) {
                return Err("its Content-Lengths contradict each other");
            }
            announced = Some(length);
        }
    }
    Ok(announced)
}
