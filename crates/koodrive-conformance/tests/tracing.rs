//! A span for each request, with the fields that OpenTelemetry's conventions name, and nothing secret in them.
//!
//! In a process of its own: while there is one subscriber only, tracing asks no other before it decides that a span
//! interests nobody. A client on a thread without one, as the other tests have them, would decide it for all.

#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "it/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{OWNER, Recorder, api, reply};
use koodrive_conformance::{Async, Blocking, Transport};
use koodrive_proto::auth::Renew;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, Utc};
use koodrive_proto::ops::files::{FileArea, ListPersonalFiles};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, Refresh, RetryPolicy, http};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps all spans with their fields, as texts.
#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("koodrive")
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = BTreeMap::from([("name".to_owned(), span.metadata().name().to_owned())]);
        span.record(&mut Fields(&mut fields));
        let mut spans = self.0.lock().unwrap();
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }
    fn record(&self, span: &Id, values: &Record<'_>) {
        let at = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut self.0.lock().unwrap()[at]));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = BTreeMap::from([("level".to_owned(), event.metadata().level().to_string())]);
        event.record(&mut Fields(&mut fields));
        self.0.lock().unwrap().push(fields);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Asks the same server for a new token, at an address that nobody may see.
struct Own(String);

impl Renew for Own {
    fn request(&self, _: &AccessToken, _: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
        http::Request::post(format!("{}/secret-path?code=secret", self.0)).body(Bytes::new()).map_err(Error::build)
    }
    fn parse(&self, _: &http::Response<Bytes>, _: DateTime<Utc>) -> Result<Credentials, Error> {
        Err(Error::build("no token"))
    }
}

fn renewal<T: Transport>(endpoint: &str) -> Vec<BTreeMap<String, String>> {
    let keeper = Keeper::default();
    tracing::subscriber::with_default(keeper.clone(), || {
        let token = Credentials::token(AccessToken::as_issued("old"), "7");
        let api = Api::new(endpoint, token.refresh(Refresh::by(Own(endpoint.to_owned())))).unwrap();
        let _ = T::new(api).run(Call::new(&GetSpace::new(OWNER, SpaceType::Individual)));
    });
    let spans = keeper.0.lock().unwrap();
    spans.clone()
}

/// What goes elsewhere is named by whom it goes to, and its address isn't shown.
#[test]
fn a_span_for_what_goes_elsewhere() {
    let server = Recorder::replying(reply("401 Unauthorized", "", ""));
    for spans in [renewal::<Blocking>(&server.endpoint()), renewal::<Async>(&server.endpoint())] {
        assert_eq!(spans.len(), 2, "{spans:?}");
        assert_eq!(spans[0]["koodrive.operation"], "GetSpace");
        let span = |name: &str| spans[1].get(name).map(String::as_str);
        assert_eq!((span("otel.name"), span("koodrive.target")), (Some("POST token server"), Some("token server")));
        assert_eq!((span("koodrive.operation"), span("url.template")), (None, None));
        assert_eq!(span("server.address"), Some("127.0.0.1"));
        assert!(!format!("{spans:?}").contains("secret"), "{spans:?}");
    }
}

fn spans<T: Transport>(endpoint: &str) -> Vec<BTreeMap<String, String>> {
    let keeper = Keeper::default();
    tracing::subscriber::with_default(keeper.clone(), || {
        let op = GetSpace::new(OWNER, SpaceType::Individual).container_id("secret-container");
        let policy = RetryPolicy::default().max_attempts(2).first_pause(Duration::ZERO);
        let _ = T::new(api(endpoint)).run(Call::new(&op).retry(policy));
    });
    let spans = keeper.0.lock().unwrap();
    spans.clone()
}

fn each(check: impl Fn(fn(&str) -> Vec<BTreeMap<String, String>>)) {
    check(spans::<Blocking>);
    check(spans::<Async>);
}

#[test]
fn a_span_for_each_request() {
    let server = Recorder::replying(reply("503 Later", "", "<html>"));
    let port = server.endpoint().rsplit_once(':').unwrap().1.to_owned();
    each(|spans| {
        let spans = spans(&server.endpoint());
        let expected = [
            ("name", "HTTP request"),
            ("otel.name", "GET /koodrive/ose/v1/space/{ownerId}"),
            ("otel.kind", "client"),
            ("http.request.method", "GET"),
            ("http.response.status_code", "503"),
            ("url.scheme", "http"),
            ("url.template", "/koodrive/ose/v1/space/{ownerId}"),
            ("server.address", "127.0.0.1"),
            ("server.port", &port),
            ("error.type", "503"),
            ("otel.status_code", "ERROR"),
            ("koodrive.operation", "GetSpace"),
            ("koodrive.target", "service"),
        ];
        let mut expected: BTreeMap<_, _> =
            expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(spans[0], expected);
        expected.insert("http.request.resend_count".to_owned(), "1".to_owned());
        assert_eq!(spans[1..], [expected]);
        assert!(!format!("{spans:?}").contains("secret-container"));
    });
}

#[test]
fn without_an_answer() {
    let broken = Recorder::replying("");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (endpoint, kind) in [(broken.endpoint(), "connection"), (format!("http://{nobody}"), "connect")] {
        each(|spans| {
            let spans = spans(&endpoint);
            assert_eq!(spans.len(), 2);
            assert!(spans.iter().all(|span| span["error.type"] == kind && span["otel.status_code"] == "ERROR"));
            assert!(spans.iter().all(|span| !span.contains_key("http.response.status_code")));
        });
    }
}

fn list<T: Transport>(endpoint: &str) {
    T::new(api(endpoint)).run(Call::new(&ListPersonalFiles::new(FileArea::Space, "1", "2"))).unwrap();
}

/// What of an answer isn't as documented is logged once for each operation and path, and never with its content.
#[test]
fn odd_answers_are_logged_once() {
    let file = r#"{"size": "s3cret", "properties": {"s3cret": []}}"#;
    let body = format!(r#"{{"files": [{{}}, {file}, {file}], "nextCursor": {{"s3cret": 1}}}}"#);
    let server = Recorder::replying(reply("200 OK", "", &body));
    let logged = |call: fn(&str)| {
        let keeper = Keeper::default();
        tracing::subscriber::with_default(keeper.clone(), || call(&server.endpoint()));
        let all = keeper.0.lock().unwrap();
        assert!(!format!("{all:?}").contains("s3cret"));
        all.iter().filter(|fields| fields.contains_key("level")).cloned().collect::<Vec<_>>()
    };
    let expected = [
        "files[].size: expected a number, got a text",
        "files[].properties.*: expected a text, got a list",
        "nextCursor: expected a text, got an object",
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|path| {
            BTreeMap::from(
                [
                    ("level", "WARN"),
                    ("koodrive.operation", "ListPersonalFiles"),
                    ("message", &format!("an answer is not as documented: {path}")),
                ]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
            )
        })
        .collect();
    assert_eq!(logged(list::<Blocking>), expected);
    assert_eq!(logged(list::<Async>), []);
}
