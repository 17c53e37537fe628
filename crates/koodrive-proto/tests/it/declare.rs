//! Operations of a caller's own: what the two macros make of a declaration, and what the trait leaves to an
//! implementer.

#![allow(missing_docs, reason = "the parameters of a test need none")]

use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::FromParams;
use koodrive_proto::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use koodrive_proto::http::{HeaderMap, HeaderValue, Method, Request};
use koodrive_proto::operation::Received;
use koodrive_proto::ops::spaces::{Space, SpaceType};
use koodrive_proto::param::{ExtractCode, Joined, Quoted, Secret};
use koodrive_proto::schema::{Auth, Constant, Edition, Envelope, Facts, Place, Safety};
use koodrive_proto::{
    AccessToken, Api, Call, Credentials, Error, ErrorKind, InvalidParam, Language, Meta, Operation, choices, object,
    operation,
};
use serde_json::json;

use crate::common::{api as app, now};

operation! {
    /// One of everything, with names that the macro uses itself.
    POST "/koodrive/ose/v1/all/{a}/of/{b}" All = "AllOfIt" | "Everything" -> Space as data;
    Token, Once, Carrier Full, Enterprise Partial;
    path { a: String, value: Quoted<u32> [5..=9] = "b" }
    query { r#type: bool = "type"; fields: Vec<String> [1..=2], visit: Level, out: Quoted<SpaceType> => Enterprise }
    body { field: i64 [-5..=5, "°C"]; this: Vec<u32> = "self", name: String [1..=3], check: Vec<Level> }
}

operation! {
    /// What is rare: every kind of default and of fixed value, an agent's name that may be missing, a token alone.
    POST "/koodrive/ose/v1/rare" Rare -> ();
    TokenAlone, Once, Carrier Full;
    query { "a" = 1, "b" = true,; level: Level | "low", params: u32 [1..=9] | 5 }
    header { session: Secret = "x-session"; "X-Hw-AgentName" = agent, flag: bool | false = "x-flag", quoted: Quoted<u32> | 7 = "x-quoted" }
    body { "mode" = "simple", "version" = 2, part: Part; parts: Vec<Part> [0..=2], code: ExtractCode [8..=8] }
    && part_is_small
}

object! {
    /// An object in an object.
    Part = "PartInfo" | "Piece" {
        "kind" = "part", depth: i32 [-1..=1]; inner: Inner, list: Vec<Vec<u32>> [1..=2]
    }
}

object! {
    /// The inner one.
    Inner {; name: String [1..=2], kind: Quoted<SpaceType> [0 | 2] }
}

fn part_is_small(op: &Rare) -> Result<(), InvalidParam> {
    let wrong = || InvalidParam::new("part.depth", "1", "less where there are others");
    if op.part.depth == 1 && op.parts.is_some() { Err(wrong()) } else { Ok(()) }
}

operation! {
    /// No parameters at all.
    PUT "/koodrive/ose/v1/none" None_ -> ();
    App, Idempotent;
}

choices! {
    /// A level.
    pub enum Level: text {
        /// Low.
        Low = "low",
        /// High.
        High = "high",
    }
}

fn token() -> Api {
    Api::new("https://h", Credentials::token(AccessToken::as_issued("t"), "1")).unwrap()
}

fn all() -> All {
    All::new("x y", 7, true, -5)
}

fn wire(op: &All) -> (String, String) {
    let request = token().request(op, now()).unwrap();
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    (request.uri().path_and_query().unwrap().to_string(), body)
}

#[test]
fn a_declaration_makes_a_request() {
    assert_eq!(wire(&all()), ("/koodrive/ose/v1/all/x%20y/of/7?type=true".to_owned(), r#"{"field":-5}"#.to_owned()),);
    let fields = vec!["1", "ü&"];
    let op = all()
        .fields(&fields)
        .visit(Level::High)
        .out(SpaceType::Group)
        .this([1, 2])
        .name("日本語")
        .check(&[Level::Low, Level::High][..]);
    assert_eq!(
        wire(&op),
        (
            "/koodrive/ose/v1/all/x%20y/of/7?type=true&fields=1&fields=%C3%BC%26&visit=high&out=2".to_owned(),
            r#"{"field":-5,"self":[1,2],"name":"日本語","check":["low","high"]}"#.to_owned(),
        ),
    );
    let off = All::new("a", 5, false, 5);
    assert_eq!(wire(&off).0, "/koodrive/ose/v1/all/a/of/5?type=false");
}

/// A query can't hold an empty list: it would come back as none.
#[test]
fn empty_lists_in_a_query() {
    let error = Operation::check(&all().fields(Vec::<String>::new())).unwrap_err();
    assert_eq!(error.to_string(), "fields: got 0 entries, allowed: 1 to 2 entries");
    let error = Operation::check(&Listed::new(Vec::<u32>::new())).unwrap_err();
    assert_eq!(error.to_string(), "ids: got 0 entries, allowed: 1 or more entries in a query");
    assert!(Listed::META.check(&json!({"ids": []})).is_err());
    assert_eq!(Operation::check(&Listed::new([1])), Ok(()));
}

operation! {
    /// Lists as one text, in the query and in the body.
    POST "/koodrive/ose/v1/joined" JoinedUp -> ();
    AppOrToken, ReadOnly, Carrier Full, Enterprise Full;
    query { query: Joined<String> [1..=2], levels: Joined<Level, ';'> }
    body {; body: Joined<Quoted<i64>, '|'> }
}

#[test]
fn lists_as_one_text() {
    let op = JoinedUp::new(["a b", "ü"], [Level::Low, Level::High]).body(vec![-1, 5]);
    let request = app().request(&op, now()).unwrap();
    assert_eq!(
        request.uri().path_and_query().unwrap(),
        "/koodrive/ose/v1/joined?query=a%20b%2C%C3%BC&levels=low%3Bhigh"
    );
    assert_eq!(request.body(), r#"{"body":"-1|5"}"#);
    let (parts, body) = request.into_parts();
    let received = Received::read(JoinedUp::META, &parts, &body).unwrap();
    assert_eq!(JoinedUp::META.check(&received), Ok(()));
    let debug = format!("{received:?}");
    assert!(debug.contains("JoinedUp") && debug.contains("levels") && !debug.contains("low"), "{debug}");
    assert_eq!(JoinedUp::from_params(&received).unwrap(), op);
    assert_eq!(JoinedUp::META.check(&JoinedUp::META.example()), Ok(()));
    let params = json!({"query": ["a b", "ü"], "levels": "low;high", "body": [-1, "5"]});
    assert_eq!(JoinedUp::from_params(&params).unwrap(), op);

    let message = |op: JoinedUp| Operation::check(&op).unwrap_err().to_string();
    assert_eq!(message(op.clone().query(["a", "b", "c"])), "query: got 3 entries, allowed: 1 to 2 entries");
    assert_eq!(message(op.clone().query(Vec::<String>::new())), "query: got 0 entries, allowed: 1 to 2 entries");
    assert_eq!(message(op.clone().query(["a", ""])), "query[1]: got an empty text, allowed: a text that isn't empty");
    assert_eq!(
        message(op.clone().query(["a,b"])),
        "query[0]: got a text with `,` in it, allowed: a text without `,`, which separates"
    );
    assert_eq!(message(op.clone().body(Vec::<i64>::new())), "body: got 0 entries, allowed: 1 or more entries");
    let other = Level::from("mid".to_owned());
    assert_eq!(
        message(op.levels([Level::Low, other])),
        "levels[1]: got a text of 3 characters that is not listed, allowed: low (Low), high (High)",
    );
    let wrong = JoinedUp::META.check(&json!({"query": "a", "levels": "low", "body": "1|x"})).unwrap_err();
    assert_eq!(wrong.to_string(), "body[1]: got a text that can't be read as one, allowed: a whole number");
}

operation! {
    /// A list in the query without a limit.
    GET "/koodrive/ose/v1/listed" Listed -> ();
    AppOrToken, ReadOnly, Carrier Full, Enterprise Full;
    query { ids: Vec<u32> }
}

#[test]
fn rare_things() {
    let part = Part::new(0).inner(Inner::new().name("ü").kind(SpaceType::Group)).list([vec![1, 2], vec![]]);
    let op = Rare::new("s3cret", part)
        .level(Level::High)
        .params(9)
        .flag(true)
        .quoted(3)
        .parts([Part::new(-1)])
        .code("a1B2c3D4");
    let api = token().agent_name("standard").unwrap();
    let request = api.request(&op, now()).unwrap();
    assert_eq!(request.uri().path_and_query().unwrap(), "/koodrive/ose/v1/rare?a=1&b=true&level=high&params=9");
    assert_eq!(
        request.body(),
        r#"{"mode":"simple","version":2,"part":{"kind":"part","depth":0,"inner":{"name":"ü","kind":"2"},"list":[[1,2],[]]},"parts":[{"kind":"part","depth":-1}],"code":"a1B2c3D4"}"#,
    );
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!(
        (header("x-flag"), header("x-quoted"), header("x-hw-agentname")),
        (Some("true"), Some("3"), Some("standard"))
    );
    assert!(request.headers()["x-session"].is_sensitive() && !request.headers()["x-flag"].is_sensitive());
    assert!(!format!("{op:?} {request:?}").contains("s3cret"), "{op:?} {request:?}");
    // A token and nothing else.
    assert_eq!((header("authorization"), header("x-user-id"), header("x-date")), (Some("t"), None, None));
    assert!(app().request(&op, now()).unwrap_err().to_string().contains("takes a token, not a signature"));
    // The name of the agent is optional here.
    let bare = token().request(&Rare::new("s", Part::new(1)), now()).unwrap();
    assert!(!bare.headers().contains_key("x-hw-agentname"));
    assert_eq!(bare.body(), r#"{"mode":"simple","version":2,"part":{"kind":"part","depth":1}}"#);

    let message = |op: Rare| Operation::check(&op).unwrap_err().to_string();
    let inner = |inner: Inner| message(op.clone().parts([Part::new(0), Part::new(0).inner(inner)]));
    assert_eq!(inner(Inner::new().name("")), "parts[1].inner.name: got 0 characters, allowed: 1 to 2 characters");
    assert_eq!(
        inner(Inner::new().kind(SpaceType::Individual)),
        "parts[1].inner.kind: got 1 (Individual), allowed: 0 (Department), 2 (Group)",
    );
    assert_eq!(message(op.clone().part(Part::new(2))), "part.depth: got 2, allowed: -1 to 1");
    assert_eq!(message(op.clone().part(Part::new(1))), "part.depth: got 1, allowed: less where there are others");
    assert_eq!(message(op.clone().code("a1B2c3D")), "code: got 7 characters, allowed: exactly 8 characters",);

    // And from untyped values, which may leave out what is fixed.
    let params = json!({"x-session": "s3cret", "level": "high", "params": "9", "x-flag": "true", "x-quoted": 3, "part": {"depth": 0,
        "inner": {"name": "ü", "kind": 2}, "list": [["1", 2], []]}, "parts": [{"depth": "-1", "kind": "part"}], "code": "a1B2c3D4"});
    assert_eq!(Rare::from_params(&params).unwrap(), op);
    let missing = Rare::META.check(&params).unwrap_err().to_string();
    assert_eq!(missing, "a: got nothing, allowed: 1; it is required");
    for (mut wrong, message) in [
        (json!({}), "part: got nothing, allowed: an object; it is required"),
        (json!({"part": {}}), "part.depth: got nothing, allowed: a whole number; it is required"),
        (json!({"part": {"depth": 3_000_000_000_u64}}), "part.depth: got 3000000000, allowed: -1 to 1"),
        (json!({"part": {"depth": 0, "list": [[0, -1]]}}), "part.list[0][1]: got -1, allowed: 0 to 4294967295"),
        (
            json!({"part": {"depth": 0, "inner": {"kind": {}}}}),
            "part.inner.kind: got an object, allowed: 0 (Department), 2 (Group)",
        ),
        (json!({"part": {"depth": 0}, "parts": [{"depth": 0}, 7]}), "parts[1]: got a number, allowed: an object"),
        // What is fixed is that, or absent.
        (json!({"part": {"depth": 0}, "version": 3}), "version: got 3, allowed: 2"),
        (
            json!({"part": {"depth": 0, "kind": "whole"}}),
            "part.kind: got a text of 5 characters that is not listed, allowed: part",
        ),
    ] {
        wrong["x-session"] = json!("s");
        assert_eq!(Rare::from_params(&wrong).unwrap_err().to_string(), message);
    }

    let defaults: Vec<_> = Rare::META.params.iter().filter_map(|field| Some((field.name, field.default?))).collect();
    let expected = [
        ("level", Constant::Text("low")),
        ("params", Constant::Number(5)),
        ("x-flag", Constant::Bool(false)),
        ("x-quoted", Constant::Number(7)),
    ];
    assert_eq!(defaults, expected);
}

#[test]
fn limits_of_numbers_texts_and_lists() {
    // A parameter is called `check` too.
    let message = |op: All| Operation::check(&op).map_err(|error| error.to_string());
    assert_eq!(message(all()), Ok(()));
    assert_eq!(message(All::new("a", 4, true, 0)), Err("b: got 4, allowed: 5 to 9".to_owned()));
    assert_eq!(message(All::new("a", 10, true, 0)), Err("b: got 10, allowed: 5 to 9".to_owned()));
    assert_eq!(message(All::new("a", 5, true, -6)), Err("field: got -6, allowed: -5 to 5 °C".to_owned()));
    assert_eq!(message(All::new("a", 5, true, 6)), Err("field: got 6, allowed: -5 to 5 °C".to_owned()));
    assert_eq!(
        message(all().fields(Vec::<String>::new())),
        Err("fields: got 0 entries, allowed: 1 to 2 entries".to_owned()),
    );
    assert_eq!(message(all().fields(["", "", ""])), Err("fields: got 3 entries, allowed: 1 to 2 entries".to_owned()));
    // By characters, not by bytes.
    assert_eq!(message(all().name("日本語")), Ok(()));
    assert_eq!(message(all().name("")), Err("name: got 0 characters, allowed: 1 to 3 characters".to_owned()));
    assert_eq!(message(all().name("日本語日")), Err("name: got 4 characters, allowed: 1 to 3 characters".to_owned()));
    let other = Level::from("mid".to_owned());
    assert_eq!(
        message(all().check([Level::Low, other.clone()])),
        Err("check[1]: got a text of 3 characters that is not listed, allowed: low (Low), high (High)".to_owned()),
    );
    assert!(message(all().visit(other)).is_err());
    assert!(message(all().out(SpaceType::Other(3))).is_err());
}

#[test]
fn the_table_says_what_was_declared() {
    let meta = All::META;
    assert_eq!((meta.name, meta.module, meta.method.as_str()), ("All", "declare", "POST"));
    assert_eq!((meta.auth, meta.safety, meta.envelope), (Auth::Token, Safety::Once, Envelope::Data));
    assert_eq!(meta.manual_names, ["AllOfIt", "Everything"]);
    assert_eq!(meta.editions, [(Edition::Carrier, Facts::Full), (Edition::Enterprise, Facts::Partial)]);
    let fields: Vec<_> = meta.params.iter().map(|field| (field.name, field.place, field.required)).collect();
    assert_eq!(
        fields,
        [
            ("a", Place::Path, true),
            ("b", Place::Path, true),
            ("type", Place::Query, true),
            ("field", Place::Body, true),
            ("fields", Place::Query, false),
            ("visit", Place::Query, false),
            ("out", Place::Query, false),
            ("self", Place::Body, false),
            ("name", Place::Body, false),
            ("check", Place::Body, false),
        ],
    );
    let out = meta.params.iter().find(|field| field.name == "out").unwrap();
    assert_eq!(out.only, Some(Edition::Enterprise));
    assert_eq!(None_::META.manual_names, ["None_"]);
    assert_eq!(None_::META.envelope, Envelope::Whole);
}

/// A body that is announced as empty, where a server would wait for one.
#[test]
fn empty_bodies() {
    let request = app().request(&None_::new(), now()).unwrap();
    assert_eq!(request.headers()[CONTENT_LENGTH], "0");
    assert!(request.body().is_empty() && !request.headers().contains_key(CONTENT_TYPE));
}

#[test]
fn credentials_must_fit_the_operation() {
    let refused = |result: Result<Request<Bytes>, Error>| result.unwrap_err().to_string();
    assert_eq!(refused(app().request(&all(), now())), "All: takes a token, not a signature");
    assert_eq!(refused(token().request(&None_::new(), now())), "None_: takes a signature, not a token");
    assert!(token().request(&all(), now()).is_ok() && app().request(&None_::new(), now()).is_ok());
}

/// The language of a call goes before that of the Api.
#[test]
fn the_language_of_a_call() {
    let (api, op) = (app().language(Language::EN_US), None_::new());
    let language = |call: Call<'_, None_>| call.request(&api, now()).unwrap().headers()["language"].clone();
    assert_eq!(language(Call::new(&op)), "en-US");
    assert_eq!(language(Call::new(&op).language(Language::ZH_CN)), "zh-CN");
}

/// Written by hand: without credentials, with a body that isn't JSON, and with headers of its own.
struct ByHand {
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
}

impl Operation for ByHand {
    type Output = ();
    const META: &'static Meta =
        &Meta::new("ByHand", "declare", Method::POST, "/koodrive/ose/v1/by/hand", Auth::None, Safety::Once);

    fn check(&self) -> Result<(), InvalidParam> {
        Ok(())
    }

    fn path_and_query(&self, out: &mut String) {
        out.push_str(self.path);
    }

    fn headers(&self, out: &mut HeaderMap) -> Result<(), Error> {
        for (name, value) in self.headers {
            out.append(*name, HeaderValue::from_static(value));
        }
        Ok(())
    }

    fn body(&self) -> Result<Option<Bytes>, Error> {
        Ok(Some(Bytes::from_static(b"--x--")))
    }
}

#[test]
fn operations_by_hand() {
    let headers = &[("content-type", "multipart/form-data; boundary=x"), ("x-many", "1"), ("x-many", "2")];
    let op = ByHand { path: ByHand::META.path, headers };
    for api in [app(), token(), Api::new("https://h", Credentials::anonymous()).unwrap()] {
        let request = api.request(&op, now()).unwrap();
        assert_eq!(request.headers()[CONTENT_TYPE], "multipart/form-data; boundary=x");
        assert_eq!(request.headers()[CONTENT_LENGTH], "5");
        assert_eq!(request.headers().get_all("x-many").iter().collect::<Vec<_>>(), ["1", "2"]);
        // It needs no credentials, so it gets none.
        for name in ["authorization", "x-user-id", "x-date"] {
            assert!(!request.headers().contains_key(name), "{name}");
        }
    }
    for headers in [&[("host", "other")][..], &[("authorization", "x")], &[("content-length", "1")]] {
        let error = app().request(&ByHand { path: ByHand::META.path, headers }, now()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Build);
    }
    for path in ["", "*", "a", "/a/../b", "/a/./b", "/..", "/a#b", "/a?b#c", "/é", "/a b", "/a?b c", "/a\n"] {
        let error = app().request(&ByHand { path, headers: &[] }, now()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Build, "{path:?}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    for path in ["/", "/a//b", "/a/..b/c..", "/%2E%2E", "/a?b=../c"] {
        assert!(app().request(&ByHand { path, headers: &[] }, now()).is_ok(), "{path:?}");
    }
}
