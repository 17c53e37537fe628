use std::fmt;

use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use crate::auth::SCHEME;
use crate::wire::{hex, percent_encode_bytes};

/// The text that a signature covers, which client and server both build from the request.
///
/// ```text
/// METHOD \n path, with a final slash \n query, sorted \n header:value \n … \n \n signed;headers \n hex(SHA-256(body))
/// ```
///
/// It is public so that you can debug a refused signature: compare it with the text that the other side has.
///
/// ```
/// use koodrive_proto::auth::{CanonicalRequest, SIGNED_HEADERS};
/// use koodrive_proto::http::Request;
///
/// let (parts, ()) = Request::get("https://intl.myhuaweicloud-koodrive.com/koodrive/ose/v1/service?b=2&a")
///     .header("host", "intl.myhuaweicloud-koodrive.com")
///     .header("x-user-id", "1505084218764547200")
///     .header("x-date", "20240909T033325Z")
///     .body(())
///     .unwrap()
///     .into_parts();
/// let canonical = CanonicalRequest::new(&parts.method, &parts.uri, &parts.headers, SIGNED_HEADERS, b"").unwrap();
/// assert!(canonical.as_str().starts_with("GET\n/koodrive/ose/v1/service/\na=&b=2\nhost:intl."));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalRequest {
    text: String,
    signed: String,
}

/// Why a request can't be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// A header that is to be signed is missing.
    #[error("the header {0} is to be signed and is missing")]
    Missing(String),
    /// A header that is to be signed appears twice. Which of its values counts is not documented.
    #[error("the header {0} is to be signed and stands twice")]
    Repeated(String),
    /// A header that is to be signed contains something other than visible ASCII characters and blanks.
    #[error("the header {0} is to be signed and holds something else than visible ASCII characters")]
    Unreadable(String),
    /// The list of signed headers isn't allowed.
    #[error(
        "the signed headers must be lower-case, sorted, each once, with x-date and x-user-id, without authorization"
    )]
    List,
}

impl CanonicalRequest {
    /// Builds the canonical form of a request.
    ///
    /// The path is taken unchanged, with a slash added at its end if there is none. The items of the query are decoded,
    /// encoded again, and sorted by encoded name, then by encoded value; an item without `=` counts as having an empty
    /// value. `signed` must be sorted, in lower case, and contain `x-date` and `x-user-id`.
    pub fn new(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        signed: &[&str],
        body: &[u8],
    ) -> Result<Self, SignError> {
        check_signed(signed)?;
        Self::write(method, uri, headers, signed, body)
    }

    fn write(method: &Method, uri: &Uri, headers: &HeaderMap, signed: &[&str], body: &[u8]) -> Result<Self, SignError> {
        let mut text = String::with_capacity(512);
        text.push_str(method.as_str());
        text.push('\n');
        text.push_str(uri.path());
        if !uri.path().ends_with('/') {
            text.push('/');
        }
        text.push('\n');
        write_query(uri.query().unwrap_or_default(), &mut text);
        text.push('\n');
        for name in signed {
            let mut values = headers.get_all(*name).iter();
            let value = values.next().ok_or_else(|| SignError::Missing((*name).to_owned()))?;
            if values.next().is_some() {
                return Err(SignError::Repeated((*name).to_owned()));
            }
            let value = value.to_str().map_err(|_| SignError::Unreadable((*name).to_owned()))?;
            text.push_str(name);
            text.push(':');
            text.push_str(value.trim_matches([' ', '\t']));
            text.push('\n');
        }
        text.push('\n');
        let signed = signed.join(";");
        text.push_str(&signed);
        text.push('\n');
        text.push_str(&hex(&Sha256::digest(body)));
        Ok(Self { text, signed })
    }

    /// Returns the canonical request as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the names of the signed headers, joined by `;`.
    pub fn signed_headers(&self) -> &str {
        &self.signed
    }

    /// Returns the two lines that are signed: the scheme, and the hash of the canonical request.
    pub fn string_to_sign(&self) -> String {
        format!("{SCHEME}\n{}", hex(&Sha256::digest(&self.text)))
    }
}

impl fmt::Display for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// Checks that each name appears once and that they are sorted, so that one request has one canonical form.
pub(crate) fn check_signed(signed: &[&str]) -> Result<(), SignError> {
    let lower_case = |name: &&str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && byte != b';')
    };
    let valid = signed.iter().all(lower_case)
        && signed.is_sorted_by(|a, b| a < b)
        && ["x-date", "x-user-id"].iter().all(|name| signed.contains(name))
        && !signed.contains(&"authorization");
    if valid { Ok(()) } else { Err(SignError::List) }
}

fn write_query(query: &str, out: &mut String) {
    let encode = |text: &str| {
        let mut encoded = String::with_capacity(text.len());
        percent_encode_bytes(&percent_decode_str(text).collect::<Vec<u8>>(), &mut encoded);
        encoded
    };
    let mut items: Vec<(String, String)> = query
        .split('&')
        .filter(|item| !item.is_empty())
        .map(|item| item.split_once('=').unwrap_or((item, "")))
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    items.sort();
    for (at, (name, value)) in items.iter().enumerate() {
        if at > 0 {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use http::Request;
    use sha2::{Digest, Sha256};

    use super::CanonicalRequest;
    use crate::wire::hex;

    /// KooDrive's own examples can't be checked, since their secret is not known. Its sibling SDK-HMAC-SHA256 frames
    /// the same canonical request in another way, and Huawei has published examples of it: in devg-apisign, and in the
    /// tests of its Python and Go SDKs.
    #[test]
    #[expect(clippy::unwrap_used, reason = "a test")]
    fn the_published_examples_of_the_sibling_scheme() {
        let host = [("host", "service.endpoint.myhuaweicloud.com"), ("x-sdk-date", "20200608T023900Z")];
        let date = [("x-sdk-date", "20060102T150405Z")];
        let vpcs = [
            ("content-type", "application/json"),
            ("host", "service.region.example.com"),
            ("x-sdk-date", "20191115T033655Z"),
        ];
        for (method, uri, headers, body, key, signature) in [
            (
                "GET",
                "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
                &vpcs[..],
                "",
                "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc",
                "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
            ),
            (
                "GET",
                "/resources?size=1",
                &host,
                "",
                "SecretKey",
                "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842",
            ),
            (
                "POST",
                "/resources?size=1",
                &host,
                r#"{"name":"test","id":1}"#,
                "SecretKey",
                "436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f",
            ),
            (
                "GET",
                "/path",
                &date,
                "",
                "SecretKey",
                "eb70b3a0caf6633a8b8e4317622d8a0f6819821ec84896ceb7739a57e2d9ed76",
            ),
            (
                "POST",
                "/path",
                &date,
                "{\"Name\":\"test\",\"Id\":1}\n",
                "SecretKey",
                "7f587e76874c5079f7e98769ab285ee75bea28e30110ab10dec4fc4d12c32f62",
            ),
        ] {
            let mut request = Request::builder().method(method).uri(uri);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
            let canonical =
                CanonicalRequest::write(&parts.method, &parts.uri, &parts.headers, &names, body.as_bytes()).unwrap();
            let (_, date) = headers.last().unwrap();
            let frame = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(canonical.as_str())));
            let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update(frame);
            assert_eq!(hex(&mac.finalize().into_bytes()), signature, "{method} {uri}");
        }
    }
}
