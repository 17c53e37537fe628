//! Valid requests with random mistakes, the same in every run: each has an answer in KooDrive's form or in the
//! gateway's, and none of them is the simulator's fault.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::Shutdown;
use std::sync::mpsc::{self, Receiver};

use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::FromParams;
use koodrive_proto::chrono::{DateTime, TimeDelta, TimeZone, Utc};
use koodrive_proto::http::header::ACCEPT;
use koodrive_proto::http::{HeaderName, HeaderValue, Method, Request, Uri};
use koodrive_proto::ops::files::{FileArea, ListPersonalFiles};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::schema::Auth;
use koodrive_proto::{AccessToken, Api, Credentials, Operation, operation};
use koodrive_sim::{Entry, Server, Simulator, facts};
use serde_json::{Value, json};

use crate::hostile::{answers, check_form, connect};

const TOKEN: &str = "Bearer 1";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Deletes, changes, doubles or adds some bytes.
    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            let end = (at + 1 + self.below(8)).min(bytes.len());
            match self.below(5) {
                0 => drop(bytes.drain(at..end)),
                1 => bytes[at..end].iter_mut().for_each(|byte| *byte ^= 1 << (at % 8)),
                2 => bytes.extend_from_within(at..),
                3 => bytes.truncate(at),
                _ => drop(bytes.splice(at..at, self.pick(TEXTS).bytes())),
            }
        }
    }
}

const TEXTS: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "1e999",
    "9223372036854775808",
    "99999999999999999999999",
    "true",
    "null",
    "%",
    "%00",
    "%FF",
    "%2F",
    "..",
    "/",
    "//",
    "&",
    "=",
    ";",
    "\u{0}",
    "\t",
    "\r\n",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    "é",
    "\u{202e}",
    "😀",
    "a\u{0}b",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

fn value(random: &mut Random) -> Value {
    match random.below(8) {
        0 => Value::Null,
        1 => json!([]),
        2 => json!({}),
        3 => json!([[{"a": null}], 1, "x"]),
        4 => json!(u64::MAX),
        5 => json!(-1.5e300),
        6 => json!(true),
        _ => random.pick(TEXTS).into(),
    }
}

/// Replaces something in a value, at any depth.
fn change(random: &mut Random, json: &mut Value) {
    let count = match json {
        Value::Object(members) => members.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if count == 0 || random.below(4) == 0 {
        *json = value(random);
        return;
    }
    let at = random.below(count);
    match json {
        Value::Object(members) => {
            let name = members.keys().nth(at).unwrap().clone();
            match random.below(5) {
                0 => drop(members.remove(&name)),
                _ => change(random, &mut members[&name]),
            }
        }
        Value::Array(items) => match random.below(5) {
            0 => drop(items.remove(at)),
            1 => items.push(value(random)),
            _ => change(random, &mut items[at]),
        },
        _ => {}
    }
}

/// Kinds of mistakes, and how many requests with each of them succeed all the same, at the least.
const KINDS: [(&str, usize); 6] =
    [("method", 180), ("address", 400), ("query", 500), ("header", 450), ("body", 380), ("member", 750)];

/// Makes a mistake, and returns its place in [`KINDS`].
fn spoil(random: &mut Random, request: &mut Request<Bytes>) -> usize {
    let kind = random.pick(&[0, 1, 1, 2, 3, 4, 5, 5]);
    match kind {
        0 => *request.method_mut() = [Method::GET, Method::PUT, Method::POST, Method::DELETE][random.below(4)].clone(),
        1 => {
            let mut bytes = request.uri().to_string().into_bytes();
            random.spoil(&mut bytes);
            if let Ok(uri) = Uri::try_from(bytes) {
                *request.uri_mut() = uri;
            }
        }
        2 => {
            let separator = if request.uri().query().is_some() { '&' } else { '?' };
            let text =
                format!("{}{separator}{}={}", request.uri(), random.pick(&["limit", "type"]), random.pick(TEXTS));
            if let Ok(uri) = text.parse() {
                *request.uri_mut() = uri;
            }
        }
        3 => {
            let names: Vec<HeaderName> = request.headers().keys().cloned().chain([ACCEPT]).collect();
            let name = names[random.below(names.len())].clone();
            if let Ok(value) = HeaderValue::from_str(random.pick(TEXTS)) {
                match random.below(3) {
                    0 => drop(request.headers_mut().insert(name, value)),
                    1 => drop(request.headers_mut().append(name, value)),
                    _ => drop(request.headers_mut().remove(name)),
                }
            }
        }
        4 => {
            let mut bytes = request.body().to_vec();
            random.spoil(&mut bytes);
            *request.body_mut() = bytes.into();
        }
        _ => {
            if let Ok(mut body) = serde_json::from_slice(request.body()) {
                change(random, &mut body);
                *request.body_mut() = body.to_string().into();
            }
        }
    }
    kind
}

/// Names what there is in place of the ids in an example, which are those of nothing.
fn fill(name: &str, json: &mut Value, known: &[(&str, String)]) {
    match json {
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| fill(name, value, known)),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(name, item, known)),
        Value::String(text) => {
            let id = known.iter().find(|(names, _)| names.split(' ').any(|known| known == name));
            if let Some((_, id)) = id {
                text.clone_from(id);
            }
        }
        _ => {}
    }
}

/// Calls an operation that succeeds.
fn ok<O: Operation>(simulator: &Simulator, op: &O) -> O::Output {
    let api = Api::new("http://h", Credentials::token(AccessToken::as_issued(TOKEN), "7")).unwrap();
    O::parse(&simulator.handle(api.request(op, now()).unwrap(), now())).unwrap()
}

struct Fuzz {
    simulator: Simulator,
    entries: Receiver<Entry>,
    /// Parameters that name what there is.
    known: Vec<(&'static str, String)>,
    random: Random,
    /// How many requests with each kind of mistake succeeded, and how many were refused.
    kinds: [[usize; 2]; KINDS.len()],
    /// How many requests of each operation succeeded, of those without mistakes and of those with some.
    operations: BTreeMap<&'static str, [usize; 2]>,
}

impl Fuzz {
    /// Sends a request to a drive on which nothing has happened yet, and returns the body of the answer.
    fn send(&self, request: Request<Bytes>, shown: &str) -> Value {
        self.simulator.reset();
        let (parts, body) = self.simulator.handle(request, now()).into_parts();
        let lines = parts.headers.iter().map(|(name, value)| format!("\r\n{name}: {}", value.to_str().unwrap()));
        let head = lines.collect::<Vec<_>>().concat();
        check_form(&(parts.status.as_u16(), head, body.to_vec()), &shown);
        let body: Value = serde_json::from_slice(&body).unwrap();
        let entry = self.entries.try_recv().expect("it is entered");
        assert!(self.entries.try_recv().is_err(), "it is entered once");
        assert_eq!((entry.status, entry.refused.is_none()), (parts.status, body["code"] == 0), "{shown}");
        if body["code"] == 0 {
            // A mistake may have made another operation of it.
            assert_eq!(facts::shape(entry.operation.unwrap()).unwrap().misfits(&body), [""; 0], "{shown}: {body}");
        }
        body
    }
}

impl Visitor for Fuzz {
    fn operation<O: Operation + FromParams>(&mut self) {
        let mut example = operation::example::<O>();
        // The ids of the examples are those of people, but of no space, and of no file.
        for (name, value) in &mut example {
            fill(name, value, &self.known);
        }
        let op = O::from_params(&example).unwrap();
        let mut counts = [0; 2];
        for round in 0..61 {
            let signs = O::META.auth == Auth::App || O::META.auth == Auth::AppOrToken && round % 8 == 0;
            let credentials = if signs {
                Credentials::app("app", "secret", "7")
            } else {
                Credentials::token(AccessToken::as_issued(TOKEN), "7")
            };
            let api = Api::new("http://h", credentials).unwrap().agent_name("standard").unwrap();
            let mut request = api.request(&op, now()).unwrap();
            let mut mistakes = BTreeSet::new();
            if round > 0 {
                for _ in 0..=self.random.below(3) {
                    mistakes.insert(spoil(&mut self.random, &mut request));
                }
            }
            let shown = format!("{round} of {}: {request:?}", O::META.name);
            let body = self.send(request, &shown);
            // Without a mistake, the gateway lets it pass.
            assert!(round > 0 || body["code"].is_u64(), "{shown}: {body}");
            let succeeds = body["code"] == 0;
            counts[usize::from(round > 0)] += usize::from(succeeds);
            for kind in mistakes {
                self.kinds[kind][usize::from(!succeeds)] += 1;
            }
        }
        self.operations.insert(O::META.name, counts);
    }
}

/// Whom and what the requests are about.
const PEOPLE: &str = r#"{
    "departments": [{"id": "1", "name": "Sales", "capacity_gb": 100}],
    "users": [{"id": "7", "role": 0, "token": "Bearer 1"}, {"id": "1", "department": "1"}],
    "groups": [{"id": "1", "name": "Fair", "owner": "7", "members": ["1"], "capacity_gb": 5}],
    "files": [{"owner": "7", "path": "/plan.zip", "size": 2048}]
}"#;

#[test]
fn requests() {
    let (entered, entries) = mpsc::channel();
    let simulator =
        Simulator::new().app("app", "secret", "6").on_entry(move |entry| entered.send(entry.clone()).unwrap());
    simulator.seed(PEOPLE).unwrap();
    let own = ok(&simulator, &GetSpace::new("7", SpaceType::Individual)).container_id.unwrap();
    let files = ok(&simulator, &ListPersonalFiles::new(FileArea::Space, own.clone(), "root")).files;
    let file = files[0].id.clone().unwrap();
    entries.try_iter().for_each(drop);
    let known = vec![
        ("containerId container srcContainerId dstContainerId", own.as_str().to_owned()),
        ("fileId fileIds", file.as_str().to_owned()),
        ("parentFolder parentFileId scopeParentFolderId", "root".to_owned()),
    ];
    let (kinds, operations) = ([[0; 2]; KINDS.len()], BTreeMap::new());
    let mut fuzz = Fuzz { simulator, entries, known, random: Random(7), kinds, operations };
    ops::visit(&mut fuzz);
    let Fuzz { kinds, operations, .. } = fuzz;
    assert_eq!(operations.len(), ops::ALL.len());
    for ((kind, least), [succeeded, refused]) in KINDS.into_iter().zip(kinds) {
        assert!(succeeded >= least && refused >= 1500, "{kind}: {kinds:?}");
    }
    // The others are about something that calls alone can make, such as shares, and say so.
    let possible: Vec<_> = operations.iter().filter(|(_, [plain, _])| *plain == 1).collect();
    assert!(possible.len() >= 85, "{operations:?}");
    for (name, [_, spoiled]) in possible {
        assert!((4..60).contains(spoiled), "{name}: {operations:?}");
    }
}

/// Every operation, with its example's parameters.
struct Examples(Simulator);

impl Visitor for Examples {
    fn operation<O: Operation + FromParams>(&mut self) {
        let op = O::from_params(&operation::example::<O>()).unwrap();
        let credentials = match O::META.auth {
            Auth::App => Credentials::app("app", "secret", "7"),
            _ => Credentials::token(AccessToken::as_issued(TOKEN), "7"),
        };
        let api = Api::new("http://h", credentials).unwrap().agent_name("standard").unwrap();
        let request = api.request(&op, now()).unwrap();
        let status = self.0.handle(request, now()).status();
        assert!(status.as_u16() < 500, "{}: {status}", O::META.name);
    }
}

#[test]
fn at_the_ends_of_time() {
    // A clock there, or jobs that take as long.
    let (none, min, max) = (TimeDelta::zero(), TimeDelta::MIN, TimeDelta::MAX);
    for (step, job_time) in [(max, TimeDelta::seconds(1)), (min, TimeDelta::seconds(1)), (none, max), (none, min)] {
        let simulator = Simulator::new().app("app", "secret", "7").token(TOKEN, "7").job_time(job_time);
        simulator.advance(step);
        // Once more on what the first ones have made.
        ops::visit(&mut Examples(simulator.clone()));
        ops::visit(&mut Examples(simulator.clone()));
        assert!(simulator.ledger().iter().filter(|entry| entry.refused.is_none()).count() > 50);
    }
}

#[test]
fn bytes() {
    let server = Server::start(Simulator::new().token(TOKEN, "7")).unwrap();
    let headers = format!("host: h\r\nauthorization: {TOKEN}\r\n");
    let get = format!("GET /koodrive/ose/v1/space/usage/overview HTTP/1.1\r\n{headers}\r\n");
    let put = format!("PUT /koodrive/ose/v1/space/7 HTTP/1.1\r\n{headers}content-length: 11\r\n\r\n{{\"type\": 1}}");
    let chunked = format!(
        "PUT /koodrive/ose/v1/space/7 HTTP/1.1\r\n{headers}transfer-encoding: chunked\r\n\r\nb\r\n{{\"type\": 1}}\r\n0\r\n\r\n"
    );
    let seeds = [get.clone(), put.clone(), chunked.clone(), [get, put, chunked].concat()];
    let mut random = Random(8);
    let mut statuses = BTreeMap::new();
    for round in 0..500 {
        let mut sent = seeds[random.below(seeds.len())].clone().into_bytes();
        random.spoil(&mut sent);
        let shown = format!("{round}: {}", String::from_utf8_lossy(&sent));
        let mut stream = connect(&server);
        let _ = stream.write_all(&sent);
        // This fails if the server has closed the connection already.
        let _ = stream.shutdown(Shutdown::Write);
        for answer in answers(&mut stream) {
            check_form(&answer, &shown);
            *statuses.entry(answer.0).or_insert(0) += 1;
        }
    }
    assert!(statuses[&200] > 50 && statuses[&400] > 50, "{statuses:?}");
}
