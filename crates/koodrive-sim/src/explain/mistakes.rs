//! The usual mistakes in each part of a signature.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use koodrive_proto::auth::CanonicalRequest;
use koodrive_proto::http::{HeaderName, request};
use koodrive_proto::wire::{XDate, percent_encode};
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::ways::{Frame, OTHERS, Way, hex, unhex};
use crate::auth::text;
use crate::simulator::App;

pub(super) const ANOTHER_SECRET: &str = "the secret is the one of another application that is known here";
pub(super) const ANOTHER_USER: &str = "X-User-Id is signed as another user than the one that was sent";
pub(super) const ANOTHER_MINUTE: &str = "X-Date is signed as up to two minutes before or after the one that was sent";
pub(super) const ANOTHER_ZONE: &str =
    "X-Date is signed some hours off from the one that was sent, as in another time zone";
pub(super) const ANOTHER_ORDER: &str =
    "the body was written again after it was signed, with its members in another order";

/// The right way and mistakes.
fn ways<T>(right: T, mistakes: impl IntoIterator<Item = (&'static str, T)>) -> Vec<Way<T>> {
    let mistakes = mistakes.into_iter().map(|(mistake, result)| Way(mistake, result));
    std::iter::once(Way("", right)).chain(mistakes).collect()
}

pub(super) fn method(request: &request::Parts) -> Vec<Way<String>> {
    let method = request.method.as_str();
    ways(
        method.to_owned(),
        [
            ("the method is in small letters", method.to_lowercase()),
            ("the method is signed as GET, not as it was sent", "GET".to_owned()),
            ("the method is signed as POST, not as it was sent", "POST".to_owned()),
            ("the method is signed as PUT, not as it was sent", "PUT".to_owned()),
            ("the method is signed as DELETE, not as it was sent", "DELETE".to_owned()),
        ],
    )
}

pub(super) fn path(request: &request::Parts) -> Vec<Way<String>> {
    let sent = request.uri.path();
    let slash = if sent.ends_with('/') { "" } else { "/" };
    let host = text(request, "host").unwrap_or_default();
    let query = request.uri.query().unwrap_or_default();
    let inner = sent.strip_prefix("/koodrive").unwrap_or(sent);
    ways(
        format!("{sent}{slash}"),
        [
            ("the path lacks the final slash that is added for the signature", sent.trim_end_matches('/').to_owned()),
            ("the path has two final slashes", format!("{sent}{slash}/")),
            ("the path is decoded, not as it was sent", decoded(sent) + slash),
            ("the path is decoded, and lacks the final slash", decoded(sent)),
            ("the path is percent-encoded again, not as it was sent", segments(sent) + slash),
            ("the path is percent-encoded again, and lacks the final slash", segments(sent)),
            ("the path's percent-encoding is in small letters, not as it was sent", small_digits(sent) + slash),
            ("the whole address stands for the path, with http://", format!("http://{host}{sent}{slash}")),
            ("the whole address stands for the path, with https://", format!("https://{host}{sent}{slash}")),
            ("the query stands behind the path, too", format!("{sent}?{query}")),
            ("the query stands behind the path, too, with a slash", format!("{sent}?{query}/")),
            ("the path lacks /koodrive at its beginning", format!("{inner}{slash}")),
            ("the path lacks /koodrive and the final slash", inner.trim_end_matches('/').to_owned()),
        ],
    )
}

pub(super) const NO_QUERY_LINE: &str = "the line of the query is missing; without a query, it is empty";

pub(super) fn query(request: &request::Parts, canonical: &CanonicalRequest) -> Vec<Way<String>> {
    let right = canonical.as_str().split('\n').nth(2).unwrap_or_default().to_owned();
    let sent = request.uri.query().unwrap_or_default();
    // As sent, decoded, encoded.
    let mut items: Vec<[(String, String); 2]> = sent
        .split('&')
        .filter(|item| !item.is_empty())
        .map(|item| item.split_once('=').unwrap_or((item, "")))
        .map(|(name, value)| {
            let (name, value) = (decoded(name), decoded(value));
            let encoded = (encoded(&name), encoded(&value));
            [(name, value), encoded]
        })
        .collect();
    let join = |items: &[[(String, String); 2]], at: usize| {
        let item = |item: &[(String, String); 2]| format!("{}={}", item[at].0, item[at].1);
        items.iter().map(item).collect::<Vec<_>>().join("&")
    };
    let (unsorted, unsorted_decoded) = (join(&items, 1), join(&items, 0));
    items.sort_by(|a, b| a[1].cmp(&b[1]));
    let sorted_decoded = join(&items, 0);
    items.sort_by_key(|item| (item[1].0.to_lowercase(), item[1].1.clone()));
    let alike = join(&items, 1);
    let twice = right.split('&').map(|item| {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        format!("{}={}", encoded(name), encoded(value))
    });
    let without_sign = right.split('&').map(|item| item.strip_suffix('=').unwrap_or(item)).collect::<Vec<_>>();
    let browser = [("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")"), ("%2A", "*")];
    ways(
        right.clone(),
        [
            ("the query is not sorted", unsorted),
            ("the query was sent with + for blanks, where + is no blank; it is %20", right.replace("%2B", "%20")),
            ("the query has an unencoded +, which is %2B; a blank is %20", right.replace("%2B", "+")),
            ("the query is decoded", sorted_decoded),
            ("the query is decoded and not sorted", unsorted_decoded),
            ("the query is sorted as if capitals were small letters; they come first", alike),
            ("the query is encoded twice", twice.collect::<Vec<_>>().join("&")),
            ("the query has + for blanks, as forms do; it is %20", right.replace("%20", "+")),
            ("the query's percent-encoding is in small letters", small_digits(&right)),
            ("the query has an unencoded /, as many functions leave it; it is %2F", right.replace("%2F", "/")),
            (
                "the query has an unencoded one of ! ' ( ) *, as encodeURIComponent leaves them",
                browser.iter().fold(right.clone(), |query, (from, to)| query.replace(from, to)),
            ),
            ("the query has an encoded ~, which stays as it is", right.replace('~', "%7E")),
            ("the query lacks = behind a name without a value", without_sign.join("&")),
            ("the query is left out", String::new()),
            ("the query begins with ?", format!("?{right}")),
            ("the query is as it was sent, not sorted and encoded again", sent.to_owned()),
            (NO_QUERY_LINE, String::new()),
        ],
    )
}

pub(super) fn headers(request: &request::Parts, signed: &str, listed: &str, users: &[String]) -> Vec<Way<String>> {
    let value = |name: &str| text(request, name).unwrap_or_default().trim_matches([' ', '\t']).to_owned();
    let lines = |names: &[&str], line: &dyn Fn(&str) -> String| -> String {
        names.iter().map(|name| line(name) + "\n").collect()
    };
    let names: Vec<&str> = signed.split(';').collect();
    let plain = |name: &str| format!("{name}:{}", value(name));
    let right = lines(&names, &plain);
    let all = |line: &dyn Fn(&str) -> String| lines(&names, line);
    // With another value of one header.
    let other = |changed: &str, other: &str| {
        lines(&names, &|name: &str| if name == changed { format!("{name}:{other}") } else { plain(name) })
    };
    let with = |name: &'static str| {
        let mut names = names.clone();
        names.push(name);
        names.sort_unstable();
        names.dedup();
        lines(&names, &plain)
    };
    let without = |left_out: &str| {
        let names: Vec<&str> = names.iter().copied().filter(|name| *name != left_out).collect();
        lines(&names, &plain)
    };
    let as_sent: Vec<&str> =
        request.headers.keys().map(HeaderName::as_str).filter(|name| names.contains(name)).collect();
    let as_listed: Vec<String> = listed.split(';').map(str::to_ascii_lowercase).collect();
    let as_listed: Vec<&str> = as_listed.iter().map(String::as_str).collect();
    let host = value("host");
    let name = host.rsplit_once(':').map_or(&*host, |(name, _)| name).to_owned();
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    let mut mistakes = vec![
        ("the names of headers are not in lower case", all(&|name| format!("{}:{}", capitals(name), value(name)))),
        ("there is a blank behind the colon of headers", all(&|name| format!("{name}: {}", value(name)))),
        ("the values of headers have a blank before them", all(&|name| format!("{name}: {}", value(name)))),
        ("the values of headers have a blank behind them", all(&|name| format!("{name}:{} ", value(name)))),
        ("the values of headers are not trimmed", all(&|name| format!("{name}: {} ", value(name)))),
        (
            "the names of headers are as they are usually written, with a blank behind the colon",
            all(&|name| format!("{}: {}", capitals(name), value(name))),
        ),
        ("the values of headers are in small letters", all(&|name| plain(name).to_lowercase())),
        ("the empty line behind the headers is missing", right.trim_end().to_owned()),
        ("there are two empty lines behind the headers", format!("{right}\n")),
        ("the headers are joined by ; instead of line ends", right.trim_end().replace('\n', ";")),
        ("the headers are in the order in which they were sent, not sorted", lines(&as_sent, &plain)),
        ("the headers are in the order of SignedHeaders, not sorted", lines(&as_listed, &plain)),
        ("the host is signed, but not listed in SignedHeaders", with("host")),
        ("the content type is signed, but not listed in SignedHeaders", with("content-type")),
        ("the host is listed in SignedHeaders, but not signed", without("host")),
        ("the user id is not signed", without("x-user-id")),
        ("the date is not signed", without("x-date")),
    ];
    if names.contains(&"host") {
        let with_port = |port: &str| other("host", &format!("{name}:{port}"));
        mistakes.extend([
            ("the host is signed without its port", other("host", &name)),
            ("the host is signed with the port 80, not as it was sent", with_port("80")),
            ("the host is signed with the port 443, not as it was sent", with_port("443")),
            ("the host is signed with http://", other("host", &format!("http://{host}"))),
            ("the host is signed with https://", other("host", &format!("https://{host}"))),
            ("the host is signed in capitals, not as it was sent", other("host", &host.to_uppercase())),
            ("the host is signed as localhost, not as it was sent", other("host", &format!("localhost:{port}"))),
            ("the host is signed as 127.0.0.1, not as it was sent", other("host", &format!("127.0.0.1:{port}"))),
        ]);
        for service in ["intl.myhuaweicloud-koodrive.com", "cn.myhuaweicloud-koodrive.com"] {
            mistakes.push(("the host is signed as the service's, not as it was sent", other("host", service)));
        }
    }
    mistakes.extend(dates(&value("x-date")).map(|(mistake, date)| (mistake, other("x-date", &date))));
    mistakes.extend(users.iter().map(|user| (ANOTHER_USER, other("x-user-id", user))));
    ways(right, mistakes)
}

/// What may have been signed in place of a date.
fn dates(sent: &str) -> impl Iterator<Item = (&'static str, String)> {
    const SECOND: &str = "X-Date is signed as some second before or after the one that was sent";
    let seconds = (-2..=2).map(|second| (SECOND, TimeDelta::seconds(second)));
    let minute = (-120..=120).map(|second| (ANOTHER_MINUTE, TimeDelta::seconds(second)));
    // Some zones are half an hour off, and either of both may be UTC.
    let zones = (-28..=28).map(|half| (ANOTHER_ZONE, TimeDelta::minutes(30 * half)));
    let sent = sent.parse::<XDate>().ok();
    seconds.chain(minute).chain(zones).filter_map(move |(mistake, moved)| {
        let utc = sent.as_ref()?.utc().checked_add_signed(moved)?;
        Some((mistake, XDate::new(utc).ok()?.to_string()))
    })
}

pub(super) fn signed_headers(signed: &str, listed: &str) -> Vec<Way<String>> {
    let names: Vec<&str> = signed.split(';').collect();
    ways(
        signed.to_owned(),
        [
            (
                "the names of the signed headers are as in SignedHeaders, not in lower case and sorted",
                listed.to_owned(),
            ),
            (
                "the names of the signed headers are not in lower case",
                names.iter().map(|name| capitals(name)).collect::<Vec<_>>().join(";"),
            ),
            ("the names of the signed headers are joined by a comma", names.join(",")),
            ("the names of the signed headers are joined by ; and a blank", names.join("; ")),
            ("the names of the signed headers have ; behind the last one, too", format!("{signed};")),
            ("the names of the signed headers are left out", String::new()),
        ],
    )
}

pub(super) const WHOLE_BODY: &str = "the body itself stands in place of its hash";

pub(super) fn hashes(body: &[u8]) -> Vec<Way<String>> {
    let hash = |body: &[u8]| hex(&Sha256::digest(body));
    let right = hash(body);
    let mut mistakes = vec![
        ("the hash is the one of an empty body", hash(b"")),
        ("the hash of the body is in capitals", right.to_uppercase()),
        ("the hash of the body is base64", STANDARD.encode(Sha256::digest(body))),
        ("the hash of the body is left out", String::new()),
        ("UNSIGNED-PAYLOAD stands in place of the hash of the body", "UNSIGNED-PAYLOAD".to_owned()),
        ("the body has a line end at its end", hash(&[body, b"\n"].concat())),
        ("the body lacks white space at its ends", hash(body.trim_ascii())),
        ("the hash is the one of the body's hash", hash(right.as_bytes())),
    ];
    if body.is_empty() {
        mistakes.push(("the hash is the one of {}, but no body was sent", hash(b"{}")));
        mistakes.push(("the hash is the one of null, but no body was sent", hash(b"null")));
    }
    // It is hashed again with each other mistake, and JSON takes many times as much memory.
    if body.len() >= 64 * 1024 {
        return ways(right, mistakes);
    }
    mistakes.push((WHOLE_BODY, String::from_utf8_lossy(body).into_owned()));
    if let Ok(json) = serde_json::from_slice::<Json>(body) {
        let again = "the body was written again after it was signed, with other blanks";
        let sorted = "the body was written again after it was signed, in another order or with other blanks";
        mistakes.extend([
            (again, hash(respaced(body, "", "").as_bytes())),
            (again, hash(respaced(body, " ", " ").as_bytes())),
            (again, hash(respaced(body, " ", "").as_bytes())),
            (sorted, hash(json.to_string().as_bytes())),
            (sorted, hash(respaced(json.to_string().as_bytes(), " ", " ").as_bytes())),
            (sorted, hash(format!("{json:#}").as_bytes())),
        ]);
        if let Some(members) = json.as_object().filter(|members| members.len() <= 4) {
            let members = members.iter().map(|(name, value)| format!("{}:{value}", Json::from(name.as_str())));
            for order in orders(&members.collect::<Vec<_>>()) {
                let again = format!("{{{}}}", order.join(","));
                mistakes.push((ANOTHER_ORDER, hash(respaced(again.as_bytes(), " ", " ").as_bytes())));
                mistakes.push((ANOTHER_ORDER, hash(again.as_bytes())));
            }
        }
    }
    ways(right, mistakes)
}

/// All orders of a few members.
fn orders(members: &[String]) -> Vec<Vec<&str>> {
    let [first, rest @ ..] = members else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for order in orders(rest) {
        for at in 0..=order.len() {
            let mut order = order.clone();
            order.insert(at, first.as_str());
            all.push(order);
        }
    }
    all
}

/// JSON with other blanks behind its colons and commas, and none elsewhere.
fn respaced(json: &[u8], colon: &str, comma: &str) -> String {
    let (mut out, mut in_text, mut escaped) = (String::new(), false, false);
    for char in String::from_utf8_lossy(json).chars() {
        if in_text {
            in_text = escaped || char != '"';
            escaped = !escaped && char == '\\';
        } else if char.is_ascii_whitespace() {
            continue;
        } else {
            in_text = char == '"';
        }
        out.push(char);
        match char {
            ':' if !in_text => out.push_str(colon),
            ',' if !in_text => out.push_str(comma),
            _ => {}
        }
    }
    out
}

pub(super) fn frames() -> Vec<Way<Frame>> {
    vec![
        Way("", |_, hash, _| format!("HMAC-SHA256\n{hash}")),
        Way(
            "the string to sign has the date as its second line; it has two lines, the scheme and the hash",
            |_, hash, date| format!("HMAC-SHA256\n{date}\n{hash}"),
        ),
        Way(
            "the string to sign has three lines as in SDK-HMAC-SHA256; it has two, HMAC-SHA256 and the hash",
            |_, hash, date| format!("SDK-HMAC-SHA256\n{date}\n{hash}"),
        ),
        Way("the string to sign begins with SDK-HMAC-SHA256 instead of HMAC-SHA256", |_, hash, _| {
            format!("SDK-HMAC-SHA256\n{hash}")
        }),
        Way("the string to sign has the date as its third line; it has two lines", |_, hash, date| {
            format!("HMAC-SHA256\n{hash}\n{date}")
        }),
        Way("the string to sign lacks its first line, HMAC-SHA256", |_, hash, _| hash.to_owned()),
        Way("the canonical request itself is the string to sign", |canonical, _, _| canonical.to_owned()),
        Way("the canonical request stands in the string to sign in place of its hash", |canonical, _, _| {
            format!("HMAC-SHA256\n{canonical}")
        }),
        Way("the hash in the string to sign is in capitals", |_, hash, _| {
            format!("HMAC-SHA256\n{}", hash.to_uppercase())
        }),
        Way("the hash in the string to sign is base64", |canonical, _, _| {
            format!("HMAC-SHA256\n{}", STANDARD.encode(Sha256::digest(canonical)))
        }),
        Way("the string to sign ends with a line end", |_, hash, _| format!("HMAC-SHA256\n{hash}\n")),
        Way("the canonical request ends with a line end", |canonical, _, _| {
            format!("HMAC-SHA256\n{}", hex(&Sha256::digest(format!("{canonical}\n"))))
        }),
        Way("the lines of the string to sign end with CR LF", |_, hash, _| format!("HMAC-SHA256\r\n{hash}")),
        Way("the lines of the canonical request end with CR LF", |canonical, _, _| {
            format!("HMAC-SHA256\n{}", hex(&Sha256::digest(canonical.replace('\n', "\r\n"))))
        }),
        Way("the lines of both texts end with CR LF", |canonical, _, _| {
            format!("HMAC-SHA256\r\n{}", hex(&Sha256::digest(canonical.replace('\n', "\r\n"))))
        }),
        Way("the line end in the string to sign is written as \\n, two characters", |_, hash, _| {
            format!("HMAC-SHA256\\n{hash}")
        }),
    ]
}

/// The names of the mistakes must not show the secret.
pub(super) fn keys(apps: &BTreeMap<String, App>, app_id: &str, user_id: &str) -> Vec<Way<Vec<u8>>> {
    let secret = apps.get(app_id).map_or("", |app| app.secret.as_str());
    let mut mistakes = vec![
        ("the secret lacks the white space at its ends", secret.trim().to_owned().into_bytes()),
        ("the secret has a line end at its end", format!("{secret}\n").into()),
        ("the secret has a line end at its end, CR LF", format!("{secret}\r\n").into()),
        ("the secret has a blank at its end", format!("{secret} ").into()),
        ("the secret has a blank before it", format!(" {secret}").into()),
        ("the secret has a tabulator at its end", format!("{secret}\t").into()),
        ("the secret has blanks around it", format!(" {secret} ").into()),
        ("the secret has double quotes around it", format!("\"{secret}\"").into()),
        ("the secret has single quotes around it", format!("'{secret}'").into()),
        ("the secret is in small letters", secret.to_lowercase().into()),
        ("the secret is in capitals", secret.to_uppercase().into()),
        ("the secret is encoded with base64", STANDARD.encode(secret).into()),
        ("the user id is the key, instead of the secret", user_id.into()),
        ("the AppId is the key, instead of the secret", app_id.into()),
        ("the key is empty", Vec::new()),
    ];
    if let Ok(decoded) = STANDARD.decode(secret) {
        mistakes.push(("the secret is decoded as base64; it is used as it is", decoded));
    }
    if let Some(decoded) = unhex(secret) {
        mistakes.push(("the secret is decoded as hexadecimal digits; it is used as it is", decoded));
    }
    let others = apps.values().take(OTHERS).map(|app| (ANOTHER_SECRET, app.secret.as_str().into()));
    mistakes.extend(others);
    ways(secret.as_bytes().to_vec(), mistakes)
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    percent_encode(text, &mut out);
    out
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Encodes what is between slashes.
fn segments(path: &str) -> String {
    path.split('/').map(encoded).collect::<Vec<_>>().join("/")
}

/// Writes the digits of `%XX` in small letters.
fn small_digits(text: &str) -> String {
    let mut left = 0;
    let small = |char: char| {
        left = if char == '%' { 2_u8 } else { left };
        if char == '%' || left == 0 {
            return char;
        }
        left -= 1;
        char.to_ascii_lowercase()
    };
    text.chars().map(small).collect()
}

/// `x-user-id` as `X-User-Id`.
fn capitals(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').filter(|word| !word.is_empty()).map(word).collect::<Vec<_>>().join("-")
}
