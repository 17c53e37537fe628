//! Requests that are signed with the usual mistakes, each of which is found and named.

mod secrets;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeZone, Utc};
use koodrive_proto::http::Request;
use koodrive_sim::Simulator;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const SECRET: &str = "My-Secret-4711";
/// The one of another application.
const OTHER_SECRET: &str = "His-Secret-0815";
const DATE: &str = "20251103T070140Z";
const BODY: &str = r#"{"type": 1, "capacity":"10"}"#;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// A client that signs, step by step.
struct Client {
    method: &'static str,
    /// The path and query that are sent.
    address: &'static str,
    sent_body: &'static str,
    host: &'static str,
    /// What is signed.
    signed_method: String,
    path: String,
    query: String,
    headers: String,
    signed_headers: String,
    body_hash: String,
    date: &'static str,
    user: &'static str,
    app: &'static str,
    listed: &'static str,
    /// The right secret, and what the client takes for it.
    secret: &'static str,
    key: String,
    frame: fn(&str, &str) -> String,
    encode: fn(&[u8]) -> String,
}

/// One that does everything right.
fn client(address: &'static str) -> Client {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    Client {
        method: "PUT",
        address,
        sent_body: BODY,
        host: "h:8080",
        signed_method: "PUT".to_owned(),
        path: format!("{path}/"),
        query: query.to_owned(),
        headers: format!("host:h:8080\nx-date:{DATE}\nx-user-id:7\n"),
        signed_headers: "host;x-date;x-user-id".to_owned(),
        body_hash: hash(BODY),
        date: DATE,
        user: "7",
        app: "my-app",
        listed: "host;x-date;x-user-id",
        secret: SECRET,
        key: SECRET.to_owned(),
        frame: |canonical, _| format!("HMAC-SHA256\n{}", hash(canonical)),
        encode: hex,
    }
}

impl Client {
    fn canonical(&self) -> String {
        let Self { signed_method, path, query, headers, signed_headers, body_hash, .. } = self;
        format!("{signed_method}\n{path}\n{query}\n{headers}\n{signed_headers}\n{body_hash}")
    }

    fn signature(&self) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()).unwrap();
        let mac = mac.chain_update((self.frame)(&self.canonical(), self.date)).finalize().into_bytes();
        (self.encode)(&mac)
    }

    fn send(&self) -> (u16, Value, Simulator) {
        let Self { app, listed, .. } = self;
        let authorization = format!("HMAC-SHA256 AppId={app},SignedHeaders={listed},Signature={}", self.signature());
        self.send_as(&authorization)
    }

    fn send_as(&self, authorization: &str) -> (u16, Value, Simulator) {
        let simulator =
            Simulator::new().app("my-app", self.secret, "7").app("another", OTHER_SECRET, "8").explain(true);
        let request = Request::builder().method(self.method).uri(self.address).header("host", self.host);
        let request = request.header("x-user-id", self.user).header("x-date", self.date);
        let request = request.header("authorization", authorization).body(Bytes::from(self.sent_body)).unwrap();
        let response = simulator.handle(request, now());
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        for secret in [self.secret, OTHER_SECRET] {
            assert!(!text.contains(secret) && !format!("{:?}", simulator.ledger()).contains(secret), "{text}");
        }
        (response.status().as_u16(), serde_json::from_str(&text).unwrap(), simulator)
    }

    /// Sends it, and returns what is found.
    fn findings(&self) -> Vec<String> {
        let (status, answer, _) = self.send();
        assert_eq!((status, &answer["error_code"]), (401, &json!("APIGW.0303")), "{answer}");
        findings(&answer)
    }
}

fn findings(answer: &Value) -> Vec<String> {
    let list = answer["explain"]["findings"].as_array().unwrap();
    list.iter().map(|finding| finding.as_str().unwrap().to_owned()).collect()
}

const PATH: &str = "/koodrive/ose/v1/space/a%20b%C3%A9";
/// In the order in which it has to be signed, of which the second one is sent.
const QUERY: &str = "/koodrive/ose/v1/space/7?B=1%2F2&a=%27x%20y~&empty=&z=%C3%A9";
const UNSORTED: &str = "/koodrive/ose/v1/space/7?z=%C3%A9&B=1%2F2&empty=&a=%27x%20y~";

#[test]
fn one_that_is_right_needs_no_explanation() {
    for address in ["/koodrive/ose/v1/space/7", PATH, QUERY] {
        let (status, answer, simulator) = client(address).send();
        assert_ne!(status, 401, "{answer}");
        assert_eq!((&answer["explain"], &simulator.ledger()[0].explained), (&Value::Null, &None));
    }
}

const PLUS: &str = "/koodrive/ose/v1/space/7?a=x+y+";

type Mistake = fn(&mut Client);

/// What is found, where, and the mistake.
const MISTAKES: &[(&str, &str, Mistake)] = &[
    // The method and the path.
    ("the method is in small letters", PATH, |c| c.signed_method = "put".into()),
    ("the method is signed as GET", PATH, |c| c.signed_method = "GET".into()),
    ("the method is signed as POST", PATH, |c| c.signed_method = "POST".into()),
    ("the method is signed as PUT", PATH, |c| c.method = "GET"),
    ("the method is signed as DELETE", PATH, |c| c.signed_method = "DELETE".into()),
    ("the path lacks /koodrive at its beginning", PATH, |c| c.path = "/ose/v1/space/a%20b%C3%A9/".into()),
    ("the path lacks /koodrive and the final slash", PATH, |c| c.path = "/ose/v1/space/a%20b%C3%A9".into()),
    ("the path lacks the final slash", PATH, |c| c.path = PATH.into()),
    ("the path has two final slashes", PATH, |c| c.path += "/"),
    ("the path is decoded, not", PATH, |c| c.path = "/koodrive/ose/v1/space/a bé/".into()),
    ("the path is decoded, and lacks", PATH, |c| c.path = "/koodrive/ose/v1/space/a bé".into()),
    ("the path is percent-encoded again, not", PATH, |c| c.path = c.path.replace('%', "%25")),
    ("the path is percent-encoded again, and", PATH, |c| c.path = PATH.replace('%', "%25")),
    ("the path's percent-encoding is in small", PATH, |c| c.path = c.path.replace("%C3%A9", "%c3%a9")),
    ("the whole address stands for the path, with http:", PATH, |c| c.path = format!("http://h:8080{}", c.path)),
    ("the whole address stands for the path, with https:", PATH, |c| c.path = format!("https://h:8080{}", c.path)),
    ("the query stands behind the path, too", QUERY, |c| c.path = QUERY.into()),
    ("the query stands behind the path, too, with", QUERY, |c| c.path = format!("{QUERY}/")),
    // The query.
    ("the query is not sorted", UNSORTED, |_| ()),
    ("the query is decoded", QUERY, |c| c.query = "B=1/2&a='x y~&empty=&z=é".into()),
    ("the query is decoded and not sorted", UNSORTED, |c| c.query = "z=é&B=1/2&empty=&a='x y~".into()),
    ("as if capitals were small", QUERY, |c| c.query = "a=%27x%20y~&B=1%2F2&empty=&z=%C3%A9".into()),
    ("the query is encoded twice", QUERY, |c| c.query = c.query.replace('%', "%25")),
    ("the query has + for blanks", QUERY, |c| c.query = c.query.replace("%20", "+")),
    ("the query's percent-encoding is in small", QUERY, |c| c.query = "B=1%2f2&a=%27x%20y~&empty=&z=%c3%a9".into()),
    ("the query has an unencoded /", QUERY, |c| c.query = c.query.replace("%2F", "/")),
    ("the query has an unencoded one of !", QUERY, |c| c.query = c.query.replace("%27", "'")),
    ("the query has an encoded ~", QUERY, |c| c.query = c.query.replace('~', "%7E")),
    ("the query lacks = behind a name", QUERY, |c| c.query = c.query.replace("empty=", "empty")),
    ("the query is left out", QUERY, |c| c.query.clear()),
    ("the query begins with ?", QUERY, |c| c.query = format!("?{}", c.query)),
    ("the query is as it was sent", "/koodrive/ose/v1/space/7?b=%c3%a9&a", |_| ()),
    // The first one was only sent so.
    ("the query was sent with + for blanks", PLUS, |c| c.query = "a=x%20y%20".into()),
    ("the query has an unencoded +", PLUS, |_| ()),
    ("the line of the query is missing", QUERY, |c| {
        (c.query, c.headers) = (c.headers.trim_end().into(), String::new());
    }),
    ("the line of the query is missing", PATH, |c| {
        (c.query, c.headers) = (c.headers.trim_end().into(), String::new());
    }),
    // The headers.
    ("the names of headers are not in lower case", PATH, |c| {
        c.headers = format!("Host:h:8080\nX-Date:{DATE}\nX-User-Id:7\n");
    }),
    ("there is a blank behind the colon", PATH, |c| {
        c.headers = format!("host: h:8080\nx-date: {DATE}\nx-user-id: 7\n");
    }),
    ("have a blank behind them", PATH, |c| c.headers = format!("host:h:8080 \nx-date:{DATE} \nx-user-id:7 \n")),
    ("are not trimmed", PATH, |c| c.headers = format!("host: h:8080 \nx-date: {DATE} \nx-user-id: 7 \n")),
    ("are as they are usually written", PATH, |c| {
        c.headers = format!("Host: h:8080\nX-Date: {DATE}\nX-User-Id: 7\n");
    }),
    ("the values of headers are in small letters", PATH, |c| c.headers = c.headers.to_lowercase()),
    ("the empty line behind the headers is missing", PATH, |c| c.headers = c.headers.trim_end().into()),
    ("there are two empty lines", PATH, |c| c.headers += "\n"),
    ("the headers are joined by ;", PATH, |c| c.headers = c.headers.trim_end().replace('\n', ";")),
    ("in the order in which they were sent", PATH, |c| {
        c.headers = format!("host:h:8080\nx-user-id:7\nx-date:{DATE}\n");
    }),
    ("the host is signed, but not listed", PATH, |c| {
        (c.listed, c.signed_headers) = ("x-date;x-user-id", "x-date;x-user-id".into());
    }),
    ("the host is listed in SignedHeaders, but not", PATH, |c| c.headers = c.headers.replace("host:h:8080\n", "")),
    ("the user id is not signed", PATH, |c| c.headers = c.headers.replace("x-user-id:7\n", "")),
    ("the date is not signed", PATH, |c| c.headers = "host:h:8080\nx-user-id:7\n".into()),
    ("the host is signed without its port", PATH, |c| c.headers = c.headers.replace(":8080", "")),
    ("the host is signed with the port 443", PATH, |c| c.headers = c.headers.replace(":8080", ":443")),
    ("the host is signed with the port 80, not", PATH, |c| c.headers = c.headers.replace(":8080", ":80")),
    ("the host is signed with https://", PATH, |c| c.headers = c.headers.replace("h:8080", "https://h:8080")),
    ("the host is signed with http://", PATH, |c| c.headers = c.headers.replace("h:8080", "http://h:8080")),
    ("the host is signed in capitals", PATH, |c| c.headers = c.headers.replace("h:8080", "H:8080")),
    ("the host is signed as localhost", PATH, |c| c.headers = c.headers.replace("h:8080", "localhost:8080")),
    ("the host is signed as 127.0.0.1", PATH, |c| c.headers = c.headers.replace("h:8080", "127.0.0.1:8080")),
    ("the host is signed as the service's", PATH, |c| {
        c.headers = c.headers.replace("h:8080", "intl.myhuaweicloud-koodrive.com");
    }),
    ("X-Date is signed as some second before or after", PATH, |c| c.headers = c.headers.replace("40Z", "41Z")),
    ("X-Date is signed as up to two minutes", PATH, |c| c.headers = c.headers.replace("0140Z", "0340Z")),
    ("X-Date is signed as up to two minutes", PATH, |c| c.headers = c.headers.replace("0140Z", "0137Z")),
    ("X-Date is signed some hours off", PATH, |c| c.headers = c.headers.replace("T070140Z", "T150140Z")),
    ("X-Date is signed some hours off", PATH, |c| c.headers = c.headers.replace("03T070140Z", "02T203140Z")),
    ("X-User-Id is signed as another user", PATH, |c| c.headers = c.headers.replace("id:7", "id:8")),
    ("the names of the signed headers are not in lower", PATH, |c| c.signed_headers = "Host;X-Date;X-User-Id".into()),
    ("the names of the signed headers are joined by a", PATH, |c| {
        c.signed_headers = "host,x-date,x-user-id".into();
    }),
    ("are joined by ; and a blank", PATH, |c| c.signed_headers = "host; x-date; x-user-id".into()),
    ("have ; behind the last one", PATH, |c| c.signed_headers += ";"),
    ("the names of the signed headers are left out", PATH, |c| c.signed_headers.clear()),
    // The body.
    ("the hash is the one of an empty body", PATH, |c| c.body_hash = hash("")),
    ("the hash of the body is in capitals", PATH, |c| c.body_hash = hash(BODY).to_uppercase()),
    ("the hash of the body is base64", PATH, |c| c.body_hash = STANDARD.encode(Sha256::digest(BODY))),
    ("the hash of the body is left out", PATH, |c| c.body_hash.clear()),
    ("the body itself stands in place", PATH, |c| c.body_hash = BODY.into()),
    ("UNSIGNED-PAYLOAD", PATH, |c| c.body_hash = "UNSIGNED-PAYLOAD".into()),
    ("the body has a line end at its end", PATH, |c| c.body_hash = hash(&format!("{BODY}\n"))),
    ("the body lacks white space", PATH, |c| (c.sent_body, c.body_hash) = (" {}\n", hash("{}"))),
    ("the hash is the one of the body's hash", PATH, |c| c.body_hash = hash(&hash(BODY))),
    ("the hash is the one of {}", PATH, |c| (c.sent_body, c.body_hash) = ("", hash("{}"))),
    ("the hash is the one of null", PATH, |c| (c.sent_body, c.body_hash) = ("", hash("null"))),
    ("again after it was signed, with other", PATH, |c| c.body_hash = hash(r#"{"type":1,"capacity":"10"}"#)),
    ("again after it was signed, with other", PATH, |c| c.body_hash = hash(r#"{"type": 1, "capacity": "10"}"#)),
    ("again after it was signed, in another", PATH, |c| c.body_hash = hash(r#"{"capacity":"10","type":1}"#)),
    ("again after it was signed, in another", PATH, |c| c.body_hash = hash(r#"{"capacity": "10", "type": 1}"#)),
    ("with its members in another order", PATH, |c| {
        c.sent_body = r#"{"a":1,"b":"é\"","c":{"d":[]}}"#;
        c.body_hash = hash(r#"{"b":"é\"","c":{"d":[]},"a":1}"#);
    }),
    ("with its members in another order", PATH, |c| {
        (c.sent_body, c.body_hash) = (r#"{"capacity":"10","type":1}"#, hash(r#"{"type": 1, "capacity": "10"}"#));
    }),
    // The string to sign.
    ("has the date as its second line", PATH, |c| {
        c.frame = |text, date| format!("HMAC-SHA256\n{date}\n{}", hash(text));
    }),
    ("three lines as in SDK-", PATH, |c| c.frame = |text, date| format!("SDK-HMAC-SHA256\n{date}\n{}", hash(text))),
    ("begins with SDK-HMAC", PATH, |c| c.frame = |text, _| format!("SDK-HMAC-SHA256\n{}", hash(text))),
    ("has the date as its third line", PATH, |c| {
        c.frame = |text, date| format!("HMAC-SHA256\n{}\n{date}", hash(text));
    }),
    ("lacks its first line", PATH, |c| c.frame = |text, _| hash(text)),
    ("the canonical request itself is", PATH, |c| c.frame = |text, _| text.to_owned()),
    ("in place of its hash", PATH, |c| c.frame = |text, _| format!("HMAC-SHA256\n{text}")),
    ("the hash in the string to sign is in capitals", PATH, |c| {
        c.frame = |text, _| format!("HMAC-SHA256\n{}", hash(text).to_uppercase());
    }),
    ("the hash in the string to sign is base64", PATH, |c| {
        c.frame = |text, _| format!("HMAC-SHA256\n{}", STANDARD.encode(Sha256::digest(text)));
    }),
    ("the string to sign ends with", PATH, |c| c.frame = |text, _| format!("HMAC-SHA256\n{}\n", hash(text))),
    ("the canonical request ends with", PATH, |c| {
        c.frame = |text, _| format!("HMAC-SHA256\n{}", hash(&format!("{text}\n")));
    }),
    ("the lines of the string to sign end", PATH, |c| c.frame = |text, _| format!("HMAC-SHA256\r\n{}", hash(text))),
    ("the lines of the canonical request end", PATH, |c| {
        c.frame = |text, _| format!("HMAC-SHA256\n{}", hash(&text.replace('\n', "\r\n")));
    }),
    ("the lines of both texts end", PATH, |c| {
        c.frame = |text, _| format!("HMAC-SHA256\r\n{}", hash(&text.replace('\n', "\r\n")));
    }),
    ("is written as \\n", PATH, |c| c.frame = |text, _| format!("HMAC-SHA256\\n{}", hash(text))),
    // The secret, and how the signature is written.
    ("the secret has a line end at its end", PATH, |c| c.key += "\n"),
    ("the secret has a line end at its end, CR LF", PATH, |c| c.key += "\r\n"),
    ("the secret has a blank at its end", PATH, |c| c.key += " "),
    ("the secret has a blank before it", PATH, |c| c.key = format!(" {SECRET}")),
    ("the secret has a tabulator", PATH, |c| c.key += "\t"),
    ("the secret has blanks around it", PATH, |c| c.key = format!(" {SECRET} ")),
    ("the secret has double quotes", PATH, |c| c.key = format!("\"{SECRET}\"")),
    ("the secret has single quotes", PATH, |c| c.key = format!("'{SECRET}'")),
    ("the secret is in small letters", PATH, |c| c.key = SECRET.to_lowercase()),
    ("the secret is in capitals", PATH, |c| c.key = SECRET.to_uppercase()),
    ("the secret is encoded with base64", PATH, |c| c.key = STANDARD.encode(SECRET)),
    ("the secret lacks the white space", PATH, |c| (c.secret, c.key) = (" My-Secret-4711\n", SECRET.into())),
    ("the secret is decoded as base64", PATH, |c| (c.secret, c.key) = ("TXktU2VjcmV0", "My-Secret".into())),
    ("the secret is decoded as hex", PATH, |c| (c.secret, c.key) = ("4d792d536563726574", "My-Secret".into())),
    ("the user id is the key", PATH, |c| c.key = "7".into()),
    ("the AppId is the key", PATH, |c| c.key = "my-app".into()),
    ("the secret is the one of another application", PATH, |c| c.key = OTHER_SECRET.into()),
    ("the key is empty", PATH, |c| c.key.clear()),
    ("it is written in capitals", PATH, |c| c.encode = |mac| hex(mac).to_uppercase()),
    ("it is written as base64", PATH, |c| c.encode = |mac| STANDARD.encode(mac)),
    ("it has 0x before it", PATH, |c| c.encode = |mac| format!("0x{}", hex(mac))),
    ("its hexadecimal digits are written as base64", PATH, |c| c.encode = |mac| STANDARD.encode(hex(mac))),
];

#[test]
fn each_mistake_is_named() {
    for (expected, address, mistake) in MISTAKES {
        let mut client = client(address);
        mistake(&mut client);
        let found = client.findings();
        assert!(found[0].starts_with("The signature is the one that results if "), "{expected}: {found:?}");
        assert!(found[0].contains(expected), "{expected}: {found:?}");
        assert!(!found[0].contains(", and if "), "{expected}: {found:?}");
    }
}

/// What was expected, and what was signed instead; also what two mistakes lead to.
#[test]
fn both_texts_are_shown() {
    let right = client(UNSORTED);
    let mut wrong = client(UNSORTED);
    wrong.path = "/koodrive/ose/v1/space/7".into();
    wrong.frame = |text, date| format!("SDK-HMAC-SHA256\n{date}\n{}", hash(text));
    wrong.query = client(QUERY).query;
    let (_, answer, simulator) = wrong.send();
    assert_eq!(
        findings(&answer),
        [
            "The signature is the one that results if the path lacks the final slash that is added for the signature, and if \
          the string to sign has three lines as in SDK-HMAC-SHA256; it has two, HMAC-SHA256 and the hash."
        ]
    );
    let sorted = right.canonical().replace(&right.query, &wrong.query);
    let explain = &answer["explain"];
    assert_eq!(explain["expected"]["canonicalRequest"], sorted);
    assert_eq!(explain["expected"]["stringToSign"], format!("HMAC-SHA256\n{}", hash(&sorted)));
    assert_eq!(explain["signed"]["canonicalRequest"], wrong.canonical());
    let to_sign = format!("SDK-HMAC-SHA256\n{DATE}\n{}", hash(&wrong.canonical()));
    assert_eq!(explain["signed"]["stringToSign"], to_sign);
    let printed = simulator.ledger()[0].explained.clone().unwrap();
    assert!(printed.starts_with("- The signature is the one that results if the path"), "{printed}");
    let indented = |text: &str| text.replace('\n', "\n    ").replace("\n    \n", "\n\n");
    assert!(printed.contains(&format!("expected canonical request:\n    {}\n", indented(&sorted))), "{printed}");
    assert!(printed.ends_with(&format!("string to sign of the client, evidently:\n    {}\n", indented(&to_sign))));

    // A body that is signed itself isn't shown, and no key is.
    let mut wrong = client(PATH);
    wrong.body_hash = BODY.into();
    let (_, answer, _) = wrong.send();
    let shown = wrong.canonical().replace(BODY, "(the body)");
    assert_eq!(answer["explain"]["signed"]["canonicalRequest"], shown);
    wrong.frame = |text, _| format!("HMAC-SHA256\n{text}");
    let (_, answer, _) = wrong.send();
    assert_eq!(answer["explain"]["signed"]["canonicalRequest"], shown);
    assert_eq!(answer["explain"]["signed"]["stringToSign"], format!("HMAC-SHA256\n{shown}"));
    let mut wrong = client(PATH);
    wrong.key += "\n";
    assert_eq!(wrong.send().1["explain"]["signed"], Value::Null);
    // Only on demand.
    let request = Request::get(PATH).header("authorization", "HMAC-SHA256 AppId=a").body(Bytes::new()).unwrap();
    let response = Simulator::new().handle(request, now());
    assert!(!String::from_utf8_lossy(response.body()).contains("explain"));
}

/// What else is wrong is told even if the signature is wrong, too.
#[test]
fn date_user_and_application() {
    let window = "it may be at most 15 minutes old, and not later than the clock.";
    let cases: &[(Mistake, &[&str])] = &[
        (|c| c.date = "20251103T064639Z", &["X-Date is 901 s old", "the clock here says 20251103T070140Z", window]),
        (|c| c.date = "20251103T070141Z", &["X-Date is 1 s ahead of the server's clock", window]),
        (|c| c.date = "2025-11-03", &["X-Date must look like 20251103T070140Z. X-Date is 2025-11-03"]),
        (|c| c.user = "9", &["X-User-Id is 9, but there is no such user here."]),
        (|c| c.app = "his-app", &["The AppId is not known here; known: another, my-app."]),
        (|c| (c.app, c.date) = ("his-app", "x"), &["The AppId is not known", "X-Date must look like"]),
    ];
    for (mistake, expected) in cases {
        for key in [SECRET, "another secret"] {
            let mut client = client(PATH);
            mistake(&mut client);
            client.key = key.to_owned();
            client.headers = format!("host:h:8080\nx-date:{}\nx-user-id:{}\n", client.date, client.user);
            let found = client.findings();
            for expected in *expected {
                assert!(found.iter().any(|finding| finding.contains(expected)), "{expected}: {found:?}");
            }
            if client.app == "my-app" {
                let right = "The signature itself is right.";
                let wrong = "The signature does not match, and no usual mistake leads to it";
                assert!(found[0].starts_with(if key == SECRET { right } else { wrong }), "{found:?}");
            }
        }
    }
    let simulator = Simulator::new().explain(true);
    let request = Request::get(PATH).header("authorization", "HMAC-SHA256 AppId=a").body(Bytes::new()).unwrap();
    let answer: Value = serde_json::from_slice(simulator.handle(request, now()).body()).unwrap();
    let all = findings(&answer).join("\n");
    for expected in [
        "Authorization lacks SignedHeaders=",
        "Authorization lacks Signature=",
        "The canonical request can't be built: the header x-date is to be signed and is missing.",
        "The AppId is not known here; known: none.",
        "X-User-Id is missing.",
        "X-Date is missing.",
    ] {
        assert!(all.contains(expected), "{expected}: {all}");
    }
}

#[test]
fn forms_of_the_header() {
    let client = client(PATH);
    let signature = client.signature();
    let found = |authorization: &str| {
        let (status, answer, _) = client.send_as(authorization);
        assert_eq!(status, 401);
        findings(&answer).join("\n")
    };
    let sdk =
        found(&format!("SDK-HMAC-SHA256 Access=my-app, SignedHeaders=host;x-date;x-user-id, Signature={signature}"));
    for expected in [
        "Authorization begins with SDK-HMAC-SHA256, but the scheme is HMAC-SHA256, in capitals.",
        "Authorization has a part `Access`, as for another service.",
        "Authorization lacks AppId=, as in HMAC-SHA256 AppId=ID,",
    ] {
        assert!(sdk.contains(expected), "{expected}: {sdk}");
    }
    for listed in ["Host;X-Date;X-User-Id", "x-user-id;x-date;host", "host;host;x-date;x-user-id"] {
        let text = found(&format!("HMAC-SHA256 AppId=my-app,SignedHeaders={listed},Signature={signature}"));
        assert!(text.contains("In SignedHeaders, the names have to be in lower case"), "{text}");
        assert!(text.contains("without authorization: host;x-date;x-user-id."), "{text}");
        assert!(text.contains("The signature itself is right."), "{text}");
    }
    let text = found(&format!("HMAC-SHA256 AppId=my-app,SignedHeaders=host,Signature={signature}"));
    assert!(text.contains("without authorization: host;x-date;x-user-id."), "{text}");
    // What is put right doesn't hide what else is wrong, such as the AppId or the list of headers.
    let parts = format!("AppId=my-app,SignedHeaders=host;x-date;x-user-id,Signature={signature}");
    let scheme = "but the scheme is HMAC-SHA256, in capitals.";
    let form = "as in HMAC-SHA256 AppId=ID,";
    let semicolons = format!("Authorization has `;` between its parts; they are joined by `,`, {form}");
    for (authorization, expected) in [
        (format!("hmac-sha256 {parts}"), format!("Authorization begins with hmac-sha256, {scheme}")),
        (
            format!("HMAC-SHA256 {}", parts.replace("AppId", "appid")),
            "Authorization has a part `appid`, which is written `AppId`.".to_owned(),
        ),
        (format!("Hmac-Sha256 {parts}"), format!("Authorization begins with Hmac-Sha256, {scheme}")),
        (format!("HMAC-SHA256 {}", parts.replace(',', ";")), semicolons.clone()),
        (format!("HMAC-SHA256 {}", parts.replace(',', "; ")), semicolons.clone()),
        (
            format!("HMAC-SHA256 {}\"", parts.replace('=', "=\"").replace(',', "\",")),
            format!("Authorization has quotes around its values; they have none, {form}"),
        ),
    ] {
        let text = found(&authorization);
        let (first, second) = text.split_once('\n').unwrap();
        assert_eq!(first, "The signature itself is right.");
        assert!(second.starts_with(&expected) && !second.contains('\n'), "{expected}: {text}");
    }
    // As they were listed.
    let mut unsorted = self::client(PATH);
    unsorted.listed = "x-user-id;x-date;host";
    unsorted.headers = format!("x-user-id:7\nx-date:{DATE}\nhost:h:8080\n");
    unsorted.signed_headers = unsorted.listed.to_owned();
    let text = unsorted.findings().join("\n");
    assert!(text.contains("in the order of SignedHeaders"), "{text}");
    assert!(text.contains("are as in SignedHeaders"), "{text}");
    // Garbage is no reason to fail.
    for authorization in ["HMAC-SHA256", "HMAC-SHA256 ,,=,", "xHMAC-SHA256x=", "HMAC-SHA256 Signature=ff,AppId=my-app"]
    {
        found(authorization);
    }
}

/// What can't be a signature is described.
#[test]
fn forms_of_the_signature() {
    let client = client(PATH);
    let base64 = "is no hexadecimal number, but perhaps base64, of";
    for (signature, seen) in [
        ("a".repeat(40), "has 40 hexadecimal digits, as HMAC-SHA1 makes it".to_owned()),
        ("0".repeat(96), "has 96 hexadecimal digits, as HMAC-SHA384 makes it".to_owned()),
        ("F".repeat(128), "has 128 hexadecimal digits, as HMAC-SHA512 makes it".to_owned()),
        (client.signature()[..62].to_owned(), "has 62 hexadecimal digits".to_owned()),
        (format!("0x{}", "a".repeat(40)), "has 40 hexadecimal digits, as HMAC-SHA1 makes it".to_owned()),
        (STANDARD.encode([7; 20]), format!("{base64} 20 bytes, as HMAC-SHA1 makes it")),
        (STANDARD.encode([7; 5]), format!("{base64} 5 bytes")),
        ("!".repeat(64), "has 64 characters, which are no hexadecimal number".to_owned()),
    ] {
        for app in ["my-app", "unknown"] {
            let authorization =
                format!("HMAC-SHA256 AppId={app},SignedHeaders=host;x-date;x-user-id,Signature={signature}");
            let (_, answer, _) = client.send_as(&authorization);
            let expected = format!("The signature {seen}; it is 64 hexadecimal digits in lower case, of HMAC-SHA256.");
            assert_eq!(findings(&answer)[0], expected);
        }
    }
    // A wrong form is told even if no mistake leads to the signature.
    let mut wrong = self::client(PATH);
    wrong.key = "another secret".into();
    wrong.encode = |mac| STANDARD.encode(mac);
    let found = wrong.findings();
    assert!(found[0].contains("no usual mistake leads to it") && found[0].contains("written as base64"), "{found:?}");
}

/// A request as long as the server takes any is explained after a bounded number of tries.
#[test]
fn long_requests() {
    let address: &'static str = Box::leak(format!("{PATH}?a={}", "x%20".repeat(15_000)).into_boxed_str());
    let mut one = client(address);
    one.path = PATH.into();
    assert!(one.findings()[0].contains("the path lacks the final slash"));
    one.key = "another secret".into();
    assert!(one.findings()[0].contains("too long to try all mistakes"), "{:?}", one.findings());
}
