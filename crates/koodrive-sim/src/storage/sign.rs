//! Signatures of links, as S3 makes and checks them: AWS4-HMAC-SHA256 in the query, of a payload that isn't signed.

use std::fmt::Write;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use koodrive_proto::Secret;
use koodrive_proto::http::HeaderMap;
use koodrive_proto::http::request::Parts;
use koodrive_proto::transfer::Digest;
use percent_encoding::percent_decode_str;
use sha2::Sha256;

use super::error::Refused;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SIGNATURE: &str = "X-Amz-Signature";

/// How far ahead of the simulator's clock the date of a link may be.
const SKEW: TimeDelta = TimeDelta::minutes(15);

/// How many seconds a link may be valid at most: a week.
pub(crate) const LONGEST: u32 = 604_800;

/// What links are signed with.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) access: String,
    pub(crate) secret: Secret,
    pub(crate) region: String,
}

/// What a link is for.
pub(crate) struct Wanted<'a> {
    pub(crate) method: &'a str,
    /// The value of the header `host`.
    pub(crate) host: &'a str,
    /// The path, which needs no percent-encoding.
    pub(crate) path: &'a str,
    /// The query without what the signature adds, not encoded.
    pub(crate) query: Vec<(String, String)>,
    /// The Content-Length that is signed, if one is.
    pub(crate) length: Option<u64>,
    pub(crate) seconds: u32,
}

impl Key {
    /// Returns the path and query of a link.
    pub(crate) fn presign(&self, wanted: &Wanted<'_>, now: DateTime<Utc>) -> String {
        let time = now.format("%Y%m%dT%H%M%SZ").to_string();
        let scope = self.scope(&time);
        let length = wanted.length.map(|length| ("content-length", length.to_string()));
        let headers: Vec<(&str, String)> = length.into_iter().chain([("host", wanted.host.to_owned())]).collect();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let mut query = wanted.query.clone();
        query.extend(
            [
                ("X-Amz-Algorithm", ALGORITHM.to_owned()),
                ("X-Amz-Date", time.clone()),
                ("X-Amz-SignedHeaders", names.join(";")),
                ("X-Amz-Expires", wanted.seconds.to_string()),
                ("X-Amz-Credential", format!("{}/{scope}", self.access)),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let canonical = canonical(wanted.method, wanted.path, &query, &headers);
        query.push((SIGNATURE.to_owned(), self.sign(&to_sign(&time, &scope, &canonical), &scope)));
        let items: Vec<String> =
            query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        format!("{}?{}", wanted.path, items.join("&"))
    }

    /// What a signature is good for: the day, the region and the service.
    fn scope(&self, time: &str) -> String {
        format!("{}/{}/s3/aws4_request", time.get(..8).unwrap_or_default(), self.region)
    }

    fn sign(&self, text: &str, scope: &str) -> String {
        let seed = format!("AWS4{}", self.secret.as_str()).into_bytes();
        let key = scope.split('/').fold(seed, |key, part| mac(&key, part).finalize().into_bytes().to_vec());
        mac(&key, text).finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a text doesn't fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// Checks the link by which a request came, as it was received.
    pub(crate) fn verify(&self, parts: &Parts, now: DateTime<Utc>) -> Result<(), Refused> {
        let query = query(parts);
        if !query.iter().any(|(name, _)| name.starts_with("X-Amz-")) {
            return Err(Refused::new("AccessDenied", "Access Denied"));
        }
        let item = |wanted: &str| {
            let mut values = query.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
            values.next().filter(|_| values.next().is_none()).ok_or_else(|| {
                let all = "X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and \
                           X-Amz-Expires parameters.";
                wrong(format!("Query-string authentication version 4 requires the {all} {wanted} isn't there once."))
            })
        };
        let (algorithm, credential, signature) =
            (item("X-Amz-Algorithm")?, item("X-Amz-Credential")?, item(SIGNATURE)?);
        let (time, names, expires) = (item("X-Amz-Date")?, item("X-Amz-SignedHeaders")?, item("X-Amz-Expires")?);
        if algorithm != ALGORITHM {
            return Err(wrong(format!("X-Amz-Algorithm only supports \"{ALGORITHM}\"")));
        }
        let date = NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%SZ").ok().filter(|_| time.len() == 16);
        let date =
            date.ok_or_else(|| wrong("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""))?;
        let scope = self.scope(time);
        let (access, given) = credential.split_once('/').unwrap_or((credential, ""));
        if given != scope {
            return Err(wrong(format!(
                "Error parsing the X-Amz-Credential parameter; behind the access key, it has {given:?}; expecting {scope:?}"
            )));
        }
        if access != self.access {
            let text = "The AWS Access Key Id you provided does not exist in our records.";
            return Err(Refused::new("InvalidAccessKeyId", text));
        }
        let seconds = expires.parse::<u32>().ok().filter(|seconds| (1..=LONGEST).contains(seconds));
        let seconds = seconds.ok_or_else(|| wrong("X-Amz-Expires must be a number of seconds from 1 to 604800"))?;
        let date = date.and_utc();
        if date - now > SKEW {
            return Err(Refused::new("AccessDenied", "Request is not valid yet"));
        }
        // The date of a link has no milliseconds, so its life has none either.
        if now.timestamp() - date.timestamp() > i64::from(seconds) {
            return Err(Refused::new("AccessDenied", "Request has expired"));
        }
        let headers = signed(&parts.headers, names)?;
        let rest: Vec<(String, String)> = query.iter().filter(|(name, _)| name != SIGNATURE).cloned().collect();
        let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
        let canonical = canonical(parts.method.as_str(), &path, &rest, &headers);
        let text = to_sign(time, &scope, &canonical);
        if is_same(&self.sign(&text, &scope), signature) { Ok(()) } else { Err(Refused::signature(text, canonical)) }
    }
}

fn wrong(text: impl Into<String>) -> Refused {
    Refused::new("AuthorizationQueryParametersError", text)
}

/// Compares in a time that doesn't depend on where they differ.
fn is_same(expected: &str, given: &str) -> bool {
    let differ = expected.bytes().zip(given.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    expected.len() == given.len() && differ == 0
}

/// The headers that a link has signed, with the values that were received.
fn signed<'a>(headers: &HeaderMap, names: &'a str) -> Result<Vec<(&'a str, String)>, Refused> {
    let names: Vec<&str> = names.split(';').collect();
    if !names.contains(&"host") {
        return Err(wrong("X-Amz-SignedHeaders must have host"));
    }
    if let Some(name) =
        headers.keys().find(|name| name.as_str().starts_with("x-amz-") && !names.contains(&name.as_str()))
    {
        let text = format!("There were headers present in the request which were not signed: {name}");
        return Err(Refused::new("AccessDenied", text));
    }
    let value = |name: &str| {
        let values = headers.get_all(name).iter().map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
        });
        values.collect::<Vec<_>>().join(",")
    };
    Ok(names.into_iter().map(|name| (name, value(name))).collect())
}

/// The items of a query, decoded.
pub(crate) fn query(parts: &Parts) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let items = parts.uri.query().unwrap_or_default().split('&').filter(|item| !item.is_empty());
    items
        .map(|item| item.split_once('=').unwrap_or((item, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn canonical(method: &str, path: &str, query: &[(String, String)], headers: &[(&str, String)]) -> String {
    let mut items: Vec<(String, String)> = query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    items.sort();
    let items: Vec<String> = items.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path: Vec<String> = path.split('/').map(encode).collect();
    let lines = headers.iter().fold(String::new(), |lines, (name, value)| lines + &format!("{name}:{value}\n"));
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    format!("{method}\n{}\n{}\n{lines}\n{}\nUNSIGNED-PAYLOAD", path.join("/"), items.join("&"), names.join(";"))
}

fn to_sign(time: &str, scope: &str, canonical: &str) -> String {
    format!("{ALGORITHM}\n{time}\n{scope}\n{}", Digest::of(canonical.as_bytes()))
}

fn mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac
}

/// Encodes a text as S3 does.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text doesn't fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use koodrive_proto::http::Request;

    use super::*;

    /// From the Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters".
    #[test]
    fn the_example_that_aws_published() {
        let key = Key {
            access: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            region: "us-east-1".to_owned(),
        };
        let host = "examplebucket.s3.amazonaws.com";
        let wanted =
            Wanted { method: "GET", host, path: "/test.txt", query: Vec::new(), length: None, seconds: 86_400 };
        let now = DateTime::from_timestamp(1_369_353_600, 0).unwrap();
        let link = key.presign(&wanted, now);
        assert_eq!(
            link,
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host\
             &X-Amz-Expires=86400&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
        let request = Request::get(link).header("host", host).body(()).unwrap();
        assert!(key.verify(&request.into_parts().0, now).is_ok());
    }

    #[test]
    fn no_byte_of_a_link_may_differ() {
        let key = Key::new("AKEXAMPLE", "secret");
        let query = vec![("partNumber".to_owned(), "7".to_owned()), ("a b".to_owned(), "é&=/+".to_owned())];
        let wanted = Wanted { method: "PUT", host: "h", path: "/objects/F1", query, length: Some(5), seconds: 60 };
        let now = DateTime::from_timestamp(1_763_622_000, 0).unwrap();
        let link = key.presign(&wanted, now);
        let verify = |link: &str, length: &str, now| {
            let request = Request::put(link).header("host", "h").header("content-length", length);
            key.verify(&request.body(()).unwrap().into_parts().0, now)
        };
        assert!(verify(&link, "5", now).is_ok());
        // The same in another writing, and in another order, as S3 takes it.
        let (path, query) = link.split_once('?').unwrap();
        let turned: Vec<&str> = query.split('&').rev().collect();
        let turned = format!("{}?{}", path.replace('F', "%46"), turned.join("&").replace("%C3%A9", "%c3%a9"));
        assert!(verify(&turned, "5", now).is_ok(), "{turned}");
        for at in 1..link.len() {
            let other = if &link[at..=at] == "0" { "1" } else { "0" };
            let changed = format!("{}{other}{}", &link[..at], &link[at + 1..]);
            assert!(verify(&changed, "5", now).is_err(), "{changed}");
            // It may neither be cut, down to an empty signature and less, nor be a byte shorter or longer.
            for changed in [
                link[..at].to_owned(),
                format!("{}{}", &link[..at], &link[at + 1..]),
                format!("{}0{}", &link[..=at], &link[at + 1..]),
            ] {
                assert!(verify(&changed, "5", now).is_err(), "{changed}");
            }
        }
        assert!(verify(&link, "6", now).is_err());
        // A link that is issued at the end of a second lives as long.
        for millis in [0, 999] {
            let issued = now + TimeDelta::milliseconds(millis);
            let link = key.presign(&wanted, issued);
            assert!(verify(&link, "5", issued + TimeDelta::seconds(60)).is_ok());
            let refused = verify(&link, "5", issued + TimeDelta::seconds(61)).unwrap_err();
            assert_eq!(refused.message, "Request has expired");
        }
    }
}
