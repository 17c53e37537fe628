//! Operations of a caller's own: what the two macros make of a declaration, and what the trait leaves to an implementer.

#![allow(missing_docs, reason = "the parameters of a test need none")]

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeZone, Utc};
use koodrive_proto::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use koodrive_proto::http::{HeaderMap, HeaderValue, Method, Request};
use koodrive_proto::ops::spaces::{Space, SpaceType};
use koodrive_proto::{
    AccessToken, Answer, Api, Auth, Call, Credentials, Edition, Error, ErrorKind, Facts, InvalidParam, Language, Meta,
    Operation, Place, Quoted, Safety, choices, operation,
};

operation! {
    /// `POST /koodrive/ose/v1/all/{a}/of/{b}`: one of everything, with names that the macro uses itself.
    POST "/koodrive/ose/v1/all/{a}/of/{b}" All = "AllOfIt" | "Everything" -> Space as data;
    Token, Once, Carrier Full, Enterprise Partial;
    path { a: String, value: Quoted<u32> [5..=9] = "b" }
    query { r#type: bool; fields: Vec<String> [1..=2], visit: Level, out: Quoted<SpaceType> => Enterprise }
    body { field: i64 [-5..=5, "°C"]; this: Vec<u32> = "self", name: String [1..=3], check: Vec<Level> }
}

operation! {
    /// `PUT /koodrive/ose/v1/none`: no parameters at all.
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

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

fn app() -> Api {
    Api::new("https://h", Credentials::app("app", "secret", "1")).unwrap()
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
    assert_eq!((meta.auth, meta.safety, meta.answer), (Auth::Token, Safety::Once, Answer::Data));
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
    assert_eq!(None_::META.answer, Answer::Whole);
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
