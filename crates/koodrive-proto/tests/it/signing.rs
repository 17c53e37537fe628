//! The signature: vectors that an independent implementation computed, and properties of any request.

use std::io::Write;
use std::process::{Command, Stdio};

use koodrive_proto::auth::{Authorization, CanonicalRequest, SIGNED_HEADERS, SignError, SigningKey, VerifyError};
use koodrive_proto::http::request::Parts;
use koodrive_proto::http::{HeaderMap, HeaderValue, Method, Request, Uri};
use koodrive_proto::wire::percent_encode;
use proptest::prelude::*;
use serde::Deserialize;

const VECTORS: &str = include_str!("../facts/signing.json");

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    url: String,
    x_user_id: String,
    x_date: String,
    signed_headers: Vec<String>,
    body: String,
    app_id: String,
    app_secret: String,
    canonical_request: String,
    string_to_sign: String,
    signature: String,
    authorization: String,
}

#[test]
fn vectors() {
    let vectors: Vec<Vector> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 12);
    for vector in vectors {
        let uri: Uri = vector.url.parse().unwrap();
        let request = Request::builder()
            .method(vector.method.as_str())
            .header("host", uri.authority().unwrap().as_str())
            .header("x-date", vector.x_date)
            .header("x-user-id", vector.x_user_id)
            .uri(uri)
            .body(());
        let (parts, ()) = request.unwrap().into_parts();
        let signed: Vec<&str> = vector.signed_headers.iter().map(String::as_str).collect();
        let canonical = canonical(&parts, &signed, vector.body.as_bytes()).unwrap();
        let key = SigningKey::new(&vector.app_secret).unwrap();
        assert_eq!(canonical.as_str(), vector.canonical_request, "{}", vector.name);
        assert_eq!(canonical.string_to_sign(), vector.string_to_sign, "{}", vector.name);
        assert_eq!(key.sign(&canonical), vector.signature, "{}", vector.name);
        assert_eq!(key.authorization(&vector.app_id, &canonical), vector.authorization, "{}", vector.name);
        let authorization = Authorization::parse(&vector.authorization).unwrap();
        authorization.verify(&parts, vector.body.as_bytes(), &key).unwrap();
    }
}

/// The example of the same name reproduces them from its standard input.
#[test]
fn sign_example() {
    let mut inputs: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(VECTORS).unwrap();
    let expected = inputs.clone();
    for input in &mut inputs {
        for result in ["canonical_request", "string_to_sign", "signature", "authorization"] {
            input.remove(result);
        }
    }
    let mut child = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", "sign", "--", "--batch"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(&inputs).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let signed: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(signed, expected);
}

/// The one Authorization header that the manual shows; its secret is not known, so only its form can be checked.
#[test]
fn the_manuals_header_parses() {
    let header = "HMAC-SHA256 AppId=a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1,\
        SignedHeaders=host;x-date;x-user-id,Signature=bd355f202be40f95bf9510fd7bd48ad711a7d144c01df07d515ee0fbf3a47416";
    let authorization = Authorization::parse(header).unwrap();
    assert_eq!(authorization.app_id(), "a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1");
    assert_eq!(authorization.signed_headers().collect::<Vec<_>>(), SIGNED_HEADERS);
}

#[test]
fn malformed_headers_are_refused() {
    let signature = "b".repeat(64);
    for header in [
        "",
        "HMAC-SHA256",
        "Bearer 6ebb6266dd5cdefa1d7126af2eb6173ce0a054d8ba4295be",
        &format!("HMAC-SHA256 AppId=,SignedHeaders=x-date;x-user-id,Signature={signature}"),
        &format!("HMAC-SHA256 AppId=a,SignedHeaders=x-date;x-user-id,Signature={}", signature.to_uppercase()),
        &format!("HMAC-SHA256 AppId=a,SignedHeaders=x-date;x-user-id,Signature={signature}b"),
        &format!("HMAC-SHA256 AppId=a,SignedHeaders=x-date;x-user-id,Signature={}", "é".repeat(32)),
        &format!("HMAC-SHA256 AppId=a,AppId=a,SignedHeaders=x-date;x-user-id,Signature={signature}"),
        &format!("HMAC-SHA256 AppId=a,Other=a,SignedHeaders=x-date;x-user-id,Signature={signature}"),
        &format!("HMAC-SHA256 AppId=a,Signature={signature}"),
    ] {
        assert_eq!(Authorization::parse(header), Err(VerifyError::Malformed), "{header}");
    }
}

#[test]
fn what_cannot_be_signed_says_why() {
    let (mut parts, ()) =
        Request::get("/").header("x-user-id", "1").header("x-date", "d").body(()).unwrap().into_parts();
    let names = |names: &[&str], parts: &Parts| canonical(parts, names, b"").unwrap_err();
    assert_eq!(names(SIGNED_HEADERS, &parts), SignError::Missing("host".to_owned()));
    for list in [
        &["x-date"][..],
        &["x-user-id", "x-date"],
        &["x-date", "x-date", "x-user-id"],
        &["X-Date", "x-user-id"],
        &["authorization", "x-date", "x-user-id"],
        &["", "x-date", "x-user-id"],
        &[],
    ] {
        assert_eq!(names(list, &parts), SignError::List, "{list:?}");
    }
    parts.headers.append("x-date", HeaderValue::from_static("e"));
    assert_eq!(names(&["x-date", "x-user-id"], &parts), SignError::Repeated("x-date".to_owned()));
    parts.headers.insert("x-date", HeaderValue::from_bytes(b"\xff").unwrap());
    assert_eq!(names(&["x-date", "x-user-id"], &parts), SignError::Unreadable("x-date".to_owned()));
}

fn canonical(parts: &Parts, signed: &[&str], body: &[u8]) -> Result<CanonicalRequest, SignError> {
    CanonicalRequest::new(&parts.method, &parts.uri, &parts.headers, signed, body)
}

/// A request in parts, so that each can be changed.
#[derive(Debug, Clone)]
struct Any {
    method: usize,
    path: Vec<String>,
    query: Vec<(String, String)>,
    user: String,
    date: String,
    host: String,
    body: Vec<u8>,
}

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH];

impl Any {
    fn path(&self) -> String {
        let mut path = String::new();
        for segment in &self.path {
            path.push('/');
            percent_encode(segment, &mut path);
        }
        path
    }

    fn parts_at(&self, path: &str) -> Parts {
        let mut uri = path.to_owned();
        for (at, (name, value)) in self.query.iter().enumerate() {
            uri.push(if at == 0 { '?' } else { '&' });
            percent_encode(name, &mut uri);
            uri.push('=');
            percent_encode(value, &mut uri);
        }
        let mut headers = HeaderMap::new();
        for (name, value) in [("host", &self.host), ("x-date", &self.date), ("x-user-id", &self.user)] {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        let mut request = Request::new(());
        *request.method_mut() = METHODS[self.method].clone();
        *request.uri_mut() = uri.parse().unwrap();
        *request.headers_mut() = headers;
        request.into_parts().0
    }

    fn parts(&self) -> Parts {
        self.parts_at(&self.path())
    }
}

fn any_request() -> impl Strategy<Value = Any> {
    let value = "[!-~]([ -~]{0,12}[!-~])?";
    (
        0..METHODS.len(),
        prop::collection::vec(".{1,8}", 1..5),
        prop::collection::vec((".{1,6}", ".{0,6}"), 0..5),
        value,
        value,
        value,
        prop::collection::vec(any::<u8>(), 0..64),
    )
        .prop_map(|(method, path, query, user, date, host, body)| Any {
            method,
            path,
            query,
            user,
            date,
            host,
            body,
        })
}

proptest! {
    /// What is signed verifies; every change breaks it, but those that the canonical form is blind to by design.
    #[test]
    fn any_request_verifies_and_no_change_does(
        request in any_request(),
        secret in prop::collection::vec(any::<u8>(), 1..100),
        extra in ".{1,6}",
        bit in 0..8u8,
        at in any::<prop::sample::Index>(),
    ) {
        let key = SigningKey::new(&secret).unwrap();
        let parts = request.parts();
        let header = key.authorization("app", &canonical(&parts, SIGNED_HEADERS, &request.body).unwrap());
        let authorization = Authorization::parse(&header).unwrap();
        let verifies = |parts: &Parts, body: &[u8]| authorization.verify(parts, body, &key).is_ok();

        prop_assert!(verifies(&parts, &request.body));

        // Blind by design: one final slash, the order of the query, blanks around a value, how a byte is encoded.
        let slashed = request.path() + "/";
        prop_assert!(verifies(&request.parts_at(&slashed), &request.body));
        let mut turned = request.clone();
        turned.query.reverse();
        prop_assert!(verifies(&turned.parts(), &request.body));
        let mut padded = request.parts();
        padded.headers.insert("x-user-id", HeaderValue::from_str(&format!(" \t{} ", request.user)).unwrap());
        prop_assert!(verifies(&padded, &request.body));

        // Everything else counts.
        let mut other = request.clone();
        other.method = (request.method + 1) % METHODS.len();
        prop_assert!(!verifies(&other.parts(), &request.body));

        let slashed = slashed + "/";
        prop_assert!(!verifies(&request.parts_at(&slashed), &request.body));
        let mut other = request.clone();
        let segment = at.index(other.path.len());
        other.path[segment].push_str(&extra);
        prop_assert!(!verifies(&other.parts(), &request.body));
        let mut other = request.clone();
        other.path.push(extra.clone());
        prop_assert!(!verifies(&other.parts(), &request.body));

        let mut other = request.clone();
        other.query.push((extra.clone(), extra.clone()));
        prop_assert!(!verifies(&other.parts(), &request.body));
        if !request.query.is_empty() {
            let pair = at.index(request.query.len());
            let mut other = request.clone();
            other.query[pair].1.push_str(&extra);
            prop_assert!(!verifies(&other.parts(), &request.body));
            let mut other = request.clone();
            other.query.remove(pair);
            prop_assert!(!verifies(&other.parts(), &request.body));
        }

        for name in SIGNED_HEADERS {
            let mut other = request.parts();
            let value = format!("{}x", other.headers[*name].to_str().unwrap());
            other.headers.insert(*name, HeaderValue::from_str(&value).unwrap());
            prop_assert!(!verifies(&other, &request.body));
            other.headers.remove(*name);
            prop_assert!(!verifies(&other, &request.body));
        }

        let mut body = request.body.clone();
        body.push(0);
        prop_assert!(!verifies(&parts, &body));
        if !request.body.is_empty() {
            let mut body = request.body.clone();
            body[at.index(request.body.len())] ^= 1 << bit;
            prop_assert!(!verifies(&parts, &body));
        }

        let mut other = secret.clone();
        other[at.index(secret.len())] ^= 1 << bit;
        prop_assert!(authorization.verify(&parts, &request.body, &SigningKey::new(&other).unwrap()).is_err());

        // The signature itself, digit by digit.
        let digit = header.len() - 64 + at.index(64);
        let mut forged = header.clone().into_bytes();
        forged[digit] = if forged[digit] == b'0' { b'1' } else { b'0' };
        let forged = Authorization::parse(std::str::from_utf8(&forged).unwrap()).unwrap();
        prop_assert!(forged.verify(&parts, &request.body, &key).is_err());
    }

    /// Headers and queries from outside never panic.
    #[test]
    fn arbitrary_input_never_panics(header in ".{0,200}", query in "[ -~]{0,60}") {
        let _ = Authorization::parse(&header);
        let _ = Authorization::parse(&format!("HMAC-SHA256 {header}"));
        if let Ok(uri) = format!("/?{query}").parse::<Uri>() {
            let mut headers = HeaderMap::new();
            headers.insert("x-date", HeaderValue::from_static("d"));
            headers.insert("x-user-id", HeaderValue::from_static("1"));
            CanonicalRequest::new(&Method::GET, &uri, &headers, &["x-date", "x-user-id"], b"").unwrap();
        }
    }
}

/// An item without `=` counts as empty, escapes are written in one way, and a plus is a plus.
#[test]
fn the_query_has_one_canonical_form() {
    for (query, expected) in [
        ("", ""),
        ("a", "a="),
        ("a=&b", "a=&b="),
        ("b=2&a=1", "a=1&b=2"),
        ("k=2&k=1", "k=1&k=2"),
        ("k=10&k=9", "k=10&k=9"),
        ("B=1&a=1&A=1", "A=1&B=1&a=1"),
        ("a=%7e%2f&b=~", "a=~%2F&b=~"),
        ("a=b+c", "a=b%2Bc"),
        ("a=b=c", "a=b%3Dc"),
        ("a=%zz", "a=%25zz"),
        ("&&a=1&", "a=1"),
        // Sorted by the encoded name: % comes before letters.
        ("z=1&%C3%A9=1", "%C3%A9=1&z=1"),
        (
            "limit=1&enable=true&test=%E4%B8%80%20(%26%3D%3F!%23%25.*)&path=%2Ftmp%2F123&multi=1&multi=2&multi=3",
            "enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Ftmp%2F123&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29",
        ),
    ] {
        let (parts, ()) = Request::get(format!("/?{query}"))
            .header("x-user-id", "1")
            .header("x-date", "d")
            .body(())
            .unwrap()
            .into_parts();
        let canonical = canonical(&parts, &["x-date", "x-user-id"], b"").unwrap();
        assert_eq!(canonical.as_str().lines().nth(2), Some(expected), "{query}");
    }
}
