//! Valid requests with random mistakes, the same in every run: each has an answer in KooDrive's form or in the
//! gateway's, and none of them is the simulator's fault.

use std::io::Write;
use std::net::Shutdown;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::FromParams;
use koodrive_proto::chrono::{TimeDelta, Utc};
use koodrive_proto::http::header::ACCEPT;
use koodrive_proto::http::{HeaderName, HeaderValue, Method, Request, Uri};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::schema::Auth;
use koodrive_proto::{AccessToken, Api, Credentials, Operation, operation};
use koodrive_sim::{Server, Simulator};
use serde_json::{Value, json};

use crate::hostile::{answers, check_form, connect};

const TOKEN: &str = "Bearer 1";

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

fn spoil(random: &mut Random, request: &mut Request<Bytes>) {
    match random.below(8) {
        0 => *request.method_mut() = [Method::GET, Method::PUT, Method::POST, Method::DELETE][random.below(4)].clone(),
        1 | 2 => {
            let mut bytes = request.uri().to_string().into_bytes();
            random.spoil(&mut bytes);
            if let Ok(uri) = Uri::try_from(bytes) {
                *request.uri_mut() = uri;
            }
        }
        3 => {
            let separator = if request.uri().query().is_some() { '&' } else { '?' };
            let text =
                format!("{}{separator}{}={}", request.uri(), random.pick(&["limit", "type"]), random.pick(TEXTS));
            if let Ok(uri) = text.parse() {
                *request.uri_mut() = uri;
            }
        }
        4 => {
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
        5 => {
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
}

struct Fuzz {
    simulator: Simulator,
    random: Random,
    /// The requests that were sent, and how many of them were refused.
    count: (usize, usize),
}

impl Visitor for Fuzz {
    fn operation<O: Operation + FromParams>(&mut self) {
        let op = O::from_params(&operation::example::<O>()).unwrap();
        for round in 0..60 {
            let signs = O::META.auth == Auth::App || O::META.auth == Auth::AppOrToken && round % 8 == 0;
            let credentials = if signs {
                Credentials::app("app", "secret", "7")
            } else {
                Credentials::token(AccessToken::as_issued(TOKEN), "7")
            };
            let api = Api::new("http://h", credentials).unwrap().agent_name("standard").unwrap();
            let mut request = api.request(&op, Utc::now()).unwrap();
            for _ in 0..=self.random.below(3) {
                spoil(&mut self.random, &mut request);
            }
            let shown = format!("{round} of {}: {request:?}", O::META.name);
            let response = self.simulator.handle(request, Utc::now());
            let (parts, body) = response.into_parts();
            let lines = parts.headers.iter().map(|(name, value)| format!("\r\n{name}: {}", value.to_str().unwrap()));
            let head = lines.collect::<Vec<_>>().concat();
            check_form(&(parts.status.as_u16(), head, body.to_vec()), &shown);
            self.count.0 += 1;
            self.count.1 += usize::from(!parts.status.is_success());
        }
    }
}

#[test]
fn requests() {
    let simulator = Simulator::new().app("app", "secret", "7").token(TOKEN, "7");
    let mut fuzz = Fuzz { simulator, random: Random(7), count: (0, 0) };
    ops::visit(&mut fuzz);
    let (count, refused) = fuzz.count;
    assert!(count > 10_000 && refused > count / 4 && refused < count, "{refused} of {count}");
    assert_eq!(fuzz.simulator.ledger().len(), count);
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
        let request = api.request(&op, Utc::now()).unwrap();
        let status = self.0.handle(request, Utc::now()).status();
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
    let mut statuses = std::collections::BTreeMap::new();
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
