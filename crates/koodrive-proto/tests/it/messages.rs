//! The texts of errors: what they say, that they say it once and on one line, and where they send people.

use std::fmt;
use std::io;
use std::time::Duration;

use koodrive_proto::auth::{Authorization, Renew, SigningKey};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, Utc};
use koodrive_proto::error::Failure;
use koodrive_proto::flow::{Cause, Event, Flow, Now, Reached, Step, Until};
use koodrive_proto::http::{HeaderName, Request, Response};
use koodrive_proto::ops::jobs::{GetJob, JobDetail};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType, UpdateSpace};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{
    AccessToken, Api, Call, Credentials, Error, ErrorKind, InvalidParam, Refresh, RetryPolicy, TraceId,
};
use proptest::prelude::*;

use crate::common::{api, now};

/// An error with a source, which it quotes or not.
#[derive(Debug)]
struct Link(String, Option<Box<Self>>);

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Link {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|link| link as &(dyn std::error::Error + 'static))
    }
}

fn link(text: &str, source: Option<Link>) -> Link {
    Link(text.to_owned(), source.map(Box::new))
}

/// The text of the error and those of its sources: what a report prints.
fn chain(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut next = std::error::Error::source(error);
    while let Some(part) = next {
        texts.push(part.to_string());
        next = part.source();
    }
    texts
}

/// The error of a call that gets this reply.
fn refused(reply: Reply) -> Error {
    let op = GetSpaceUsageOverview::new();
    let mut call = Call::new(&op).retry(RetryPolicy::none());
    World::script([reply]).run(&api(), &mut call).unwrap_err()
}

/// How a renewal can fail: `0` by its request, `1` by its answer, others by the server that doesn't answer.
struct Fails(u8);

impl Renew for Fails {
    fn request(&self, _: &AccessToken, _: DateTime<Utc>) -> Result<Request<Bytes>, Error> {
        if self.0 == 0 {
            return Err(Error::build(link("no key", Some(link("the file is missing", None)))));
        }
        Request::post("https://id.example/").body(Bytes::new()).map_err(Error::build)
    }

    fn parse(&self, _: &Response<Bytes>, _: DateTime<Utc>) -> Result<Credentials, Error> {
        Err(Error::from(InvalidParam::new("grant", "nothing", "a text")))
    }
}

/// The error of a call whose token is refused.
fn not_renewed(how: u8, reply: fn() -> Reply) -> Error {
    let op = GetSpaceUsageOverview::new();
    renewing(how, reply, Call::new(&op))
}

fn renewing(how: u8, reply: fn() -> Reply, mut call: Call<'_, GetSpaceUsageOverview>) -> Error {
    let credentials = Credentials::token(AccessToken::as_issued("old"), "7").refresh(Refresh::by(Fails(how)));
    let api = Api::new("https://h", credentials).unwrap().retry(RetryPolicy::none());
    let mut world = World::new(move |visit| if visit.target.is_service() { Reply::status(401, "") } else { reply() });
    world.run(&api, &mut call).unwrap_err()
}

/// Errors of every kind, and from every place that makes one.
fn errors() -> Vec<Error> {
    let op = GetSpaceUsageOverview::new();
    let wrong = UpdateSpace::new("1", SpaceType::Individual).capacity(0);
    let mut errors = vec![
        Api::new("h.example", Credentials::anonymous()).unwrap_err(),
        Api::new("https://h", Credentials::app("a", "secret\n", "1")).unwrap_err(),
        api().user_agent("a\nb").unwrap_err(),
        api().signed_headers([HeaderName::from_static("host")]).unwrap_err(),
        api().request(&op, DateTime::<Utc>::MAX_UTC).unwrap_err(),
        api().request(&wrong, now()).unwrap_err(),
        Call::new(&op).header(HeaderName::from_static("te"), "x".parse().unwrap()).request(&api(), now()).unwrap_err(),
        Api::new("https://h", Credentials::anonymous()).unwrap().request(&op, now()).unwrap_err(),
        Error::build(link("the key is unreadable", Some(link("no such file", None)))),
        Error::build(link("it failed: no such file", Some(link("no such file", None)))),
        Error::build(io::Error::other(link("outer", Some(link("inner", None))))),
        Error::misuse("one\ntwo"),
        refused(Reply::status(400, r#"{"code": 13000301, "msg": "Space not found."}"#)),
        refused(Reply::status(502, "<html>")),
        refused(Reply::status(302, "").header("location", "https://login.example/?secret")),
        refused(Reply::ok("[]")),
        World::new(|_| Reply::ok("{}")).run(&api(), &mut Call::new(&op).deadline(Duration::ZERO)).unwrap_err(),
        World::new(|_| Reply::silence()).run(&api(), &mut Call::new(&op).deadline(Duration::from_secs(5))).unwrap_err(),
        not_renewed(0, || Reply::ok("")),
        not_renewed(1, || Reply::ok("")),
        not_renewed(2, Reply::silence),
        renewing(2, Reply::silence, Call::new(&op).deadline(Duration::from_secs(5))),
    ];
    for reached in [Reached::No, Reached::Maybe] {
        for cause in [Cause::Network, Cause::Timeout, Cause::Local] {
            let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
            errors.push(Failure::new(reached, cause, refused).into());
            errors.push(
                Failure::new(reached, cause, link("a plug", Some(link("rust", None))))
                    .because("the port is closed")
                    .into(),
            );
            errors.push(
                Failure::new(reached, cause, link("the port is closed", None)).because("the port is closed").into(),
            );
            errors.push(Failure::new(reached, cause, link("the wire is cut", Some(link("a rat", None)))).into());
        }
    }
    for reply in [|| Reply::silence(), || Reply::ok(r#"{"data": {"jobInfo": {}}}"#), || Reply::status(503, "")] {
        let mut until = Until::new(GetJob::new("1"), Duration::from_secs(40), |_: &JobDetail| false);
        errors.push(World::new(move |_| reply()).run(&api(), &mut until).unwrap_err());
    }
    // Cancelled, and driven again.
    let (api, delete) = (api(), DeleteSpace::new("1", SpaceType::Individual));
    let mut call = Call::new(&delete);
    let mut start = || call.resume(&api, Now { utc: now(), elapsed: Duration::ZERO }, Event::Start);
    let _ = start();
    let Step::Done(Err(interrupted)) = start() else { panic!("no end") };
    errors.push(interrupted);
    errors
}

/// What a person reads, whatever prints it: one line, nothing twice, no end in the middle.
#[test]
fn nothing_is_said_twice() {
    let errors = errors();
    for error in &errors {
        let texts = chain(error);
        for (at, text) in texts.iter().enumerate() {
            assert!(!text.contains('\n') && !text.ends_with([' ', ':', ';']), "{texts:?}");
            assert!(texts.iter().skip(at + 1).all(|later| !text.contains(later)), "{texts:?}");
        }
        let text = &texts[0];
        let clauses: Vec<&str> = text.split(['(', ';', ')']).map(str::trim).filter(|part| part.len() > 12).collect();
        for clause in &clauses {
            assert_eq!(clauses.iter().filter(|other| *other == clause).count(), 1, "{text}");
        }
        // What `main` prints when it returns the error: the line first, then its sources.
        assert_eq!(format!("{error:?}"), texts.join("\ncaused by: "));
        assert!(format!("{error:#?}").starts_with("Error {\n    kind: "));
    }
    let has = |kind| errors.iter().any(|error| error.kind() == kind);
    let (api, kinds) = (ErrorKind::Api, [ErrorKind::Param, ErrorKind::Build, ErrorKind::Credentials]);
    assert!(has(api) && kinds.into_iter().all(has));
    let kinds = [ErrorKind::Transport, ErrorKind::Decode, ErrorKind::Deadline, ErrorKind::Interrupted];
    assert!(kinds.into_iter().all(has) && has(ErrorKind::Misuse));
}

/// What a text quotes isn't its source, but can be had.
#[test]
fn what_is_quoted_can_be_had() {
    let error = Error::build(link("the key is unreadable", Some(link("no such file", None))));
    assert_eq!(chain(&error), ["the key is unreadable", "no such file"]);
    assert_eq!(error.get_ref().unwrap().downcast_ref::<Link>().unwrap().0, "the key is unreadable");

    let error = api().request(&UpdateSpace::new("1", SpaceType::Individual).capacity(0), now()).unwrap_err();
    assert_eq!(chain(&error), ["UpdateSpace: capacity: got 0, allowed: 1 to 104857600 GB"]);
    assert_eq!(error.invalid_param().unwrap().name(), "capacity");
    assert!(error.get_ref().unwrap().is::<InvalidParam>());

    let error = not_renewed(0, || Reply::ok(""));
    let text = "GetSpaceUsageOverview: the token could not be renewed: token server: no key";
    assert_eq!(chain(&error), [text, "the file is missing"]);
    assert_eq!(error.renewal().unwrap().kind(), ErrorKind::Build);
    assert!(error.get_ref().unwrap().is::<Error>() && error.is_unauthorized());

    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    // Also where it is a part of a word that was said.
    let error = Error::from(Failure::new(Reached::No, Cause::Network, link("reach", None)).because("no route"));
    assert_eq!(chain(&error), ["the server was not reached: no route", "reach"]);
    let error = Error::from(Failure::new(Reached::No, Cause::Network, refused));
    assert_eq!(chain(&error), ["the server was not reached: it refused the connection", "connection refused"]);
    assert!(error.get_ref().unwrap().is::<io::Error>());
}

/// Where the last text names the cause: a deadline says so once.
#[test]
fn a_deadline_says_so_once() {
    let mut until = Until::new(GetJob::new("1"), Duration::from_secs(40), |_: &JobDetail| false);
    let text = World::new(|_| Reply::silence()).run(&api(), &mut until).unwrap_err().to_string();
    assert_eq!(text.matches("the deadline of the call is over").count(), 1, "{text}");
    let mut until = Until::new(GetJob::new("1"), Duration::from_secs(1), |_: &JobDetail| false);
    let error = World::new(|_| Reply::ok(r#"{"data": {}}"#)).run(&api(), &mut until).unwrap_err();
    assert_eq!(error.to_string(), "GetJob: not yet what is waited for, after asking 1 time");
}

/// A wrong AppId, secret or user is the usual reason; the clock is corrected by itself.
#[test]
fn a_refused_signature_sends_to_the_credentials_first() {
    for code in ["APIGW.0301", "APIGW.0303", "APIGW.0305"] {
        let body = format!(r#"{{"error_code": "{code}", "error_msg": "no"}}"#);
        let text = refused(Reply::status(401, body)).to_string();
        let first = text.find("check AppId, AppSecret and user id").unwrap_or_else(|| panic!("{text}"));
        assert!(text.find("clock").is_none_or(|clock| clock > first), "{text}");
    }
}

/// The usual accidents with files, variables and forms, before anything is sent; and never the secret.
#[test]
fn credentials_say_what_is_wrong_with_them() {
    let refused = |credentials| Api::new("https://h", credentials).unwrap_err().to_string();
    let app = |id, secret, user| refused(Credentials::app(id, secret, user));
    assert_eq!(app("", "s", "1"), "AppId is empty");
    assert_eq!(app("a", "", "1"), "AppSecret is empty");
    assert_eq!(app("a", "s", ""), "the user id is empty");
    for text in ["tops3cret\n", "tops3cret\r\n", " tops3cret", "tops3cret\t", "\u{feff}tops3cret", "tops3cret\u{a0}"] {
        let around = "begins or ends with a blank, a line end or the like: remove it";
        assert_eq!(app(text, "s", "1"), format!("AppId {around}"));
        assert_eq!(app("a", text, "1"), format!("AppSecret {around}"));
        assert_eq!(app("a", "s", text), format!("the user id {around}"));
        for token in [AccessToken::as_issued(text), AccessToken::bearer(text), AccessToken::with_scheme("AT", text)] {
            assert_eq!(refused(Credentials::token(token, "1")), format!("the token {around}"));
        }
    }
    for token in [AccessToken::as_issued(""), AccessToken::bearer(""), AccessToken::with_scheme("AT", "")] {
        assert_eq!(refused(Credentials::token(token, "1")), "the token is empty");
    }
    Api::new("https://h", Credentials::app("a", "a secret with blanks\nin it", "1")).unwrap();

    let endpoint = |text: &str| Api::new(text, Credentials::anonymous()).unwrap_err().to_string();
    let start = "the endpoint must start with https:// or http://";
    assert_eq!(endpoint("h.example\n"), format!("{start}; did you mean https://h.example?"));
    assert_eq!(endpoint("H.example:8443/"), format!("{start}; did you mean https://h.example:8443?"));
    assert_eq!(endpoint("127.0.0.1:8080"), format!("{start}; did you mean http://127.0.0.1:8080?"));
    assert_eq!(endpoint("ftp://h"), start);
    assert!(!endpoint("me:tops3cret@h.example").contains("tops3cret"));
}

/// An answer that isn't the service's own says what it is, but nothing of what is in it.
#[test]
fn answers_of_others_are_called_what_they_are() {
    let text = |reply: Reply| refused(reply).to_string().split_once(": ").unwrap().1.to_owned();
    let to = |status, location: &str| text(Reply::status(status, "<html>").header("location", location));
    for (location, host) in [
        ("https://login.example/tops3cret?token=tops3cret#tops3cret", " to login.example"),
        ("https://me:tops3cret@login.example:8443?tops3cret", " to login.example:8443"),
        ("//[::1]/tops3cret", " to [::1]"),
        ("/login?next=https://tops3cret/", ""),
        ("login?next=https://tops3cret/", ""),
        ("", ""),
        ("https://tops3cret\u{e9}/", ""),
    ] {
        let expected = format!("HTTP 302: a redirect{host}, which isn't followed; check the endpoint");
        assert_eq!(to(302, location), expected, "{location}");
    }
    assert!(to(308, "https://h.example").starts_with("HTTP 308: a redirect to h.example, which isn't followed"));
    assert_eq!(text(Reply::status(304, "").header("location", "https://a")), "HTTP 304; the answer is empty");
    // A code says more.
    let coded = Reply::status(302, r#"{"code": 13000301, "msg": "no"}"#).header("location", "https://a");
    assert!(text(coded).starts_with("HTTP 302, code 13000301: no"));

    let compressed = |name| format!("HTTP 502; the answer is compressed, although not asked for ({name})");
    assert_eq!(text(Reply::status(502, &b"\x1f\x8b\x08\0\0"[..])), compressed("gzip"));
    assert_eq!(text(Reply::status(502, &b"\x28\xb5\x2f\xfd\0"[..])), compressed("zstd"));
    let encoded = |body: &'static [u8]| Reply::status(502, body).header("content-encoding", "BR");
    assert_eq!(text(encoded(b"\x8b\x02\x80")), compressed("br"));
    // A transport that decompresses may leave the header.
    assert_eq!(text(encoded(b"<html>")), "HTTP 502; the answer is HTML or XML, not JSON: a proxy or login page?");
}

/// What hides, or changes how the rest of a line is seen, is written as an escape; accessors leave it as it is.
#[test]
fn texts_from_outside_cannot_look_like_others() {
    let message = "a\u{202e}b\u{2028}c\u{85}d\u{200f}e\u{2066}f\u{61c}g\u{1b}[2Jh\ni\u{feff}j \u{200d}é用😀";
    let shown = "a\\u{202e}b\\u{2028}c\\u{85}d\\u{200f}e\\u{2066}f\\u{61c}g\\u{1b}[2Jh\\ni\\u{feff}j \u{200d}é用😀";
    let answer = serde_json::json!({"code": "9\u{202e}", "msg": message}).to_string();
    let error = refused(Reply::status(400, answer));
    assert_eq!(error.to_string(), format!("GetSpaceUsageOverview: HTTP 400, code 9\\u{{202e}}: {shown}"));
    assert_eq!((error.code(), error.message()), (Some("9\u{202e}"), Some(message)));
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(!format!("{error:#?}").contains(['\u{202e}', '\u{2028}', '\u{feff}']));

    assert_eq!(InvalidParam::new("a", message, "b").to_string(), format!("a: got {shown}, allowed: b"));
    assert_eq!(InvalidParam::new("a", message, "b").got(), message);
    assert_eq!(Error::misuse(message).to_string(), shown);
    let error = Error::build(link("a", Some(link(message, None))));
    assert_eq!(format!("{error:?}"), format!("a\ncaused by: {shown}"));
}

proptest! {
    /// Whatever others say: one line that a terminal shows as it is, and nothing of it again below.
    #[test]
    fn any_text_is_shown_on_one_line(texts in prop::collection::vec(".{0,400}|[\u{0}-\u{20}\u{2020}-\u{2070}]{0,9}", 1..4)) {
        let mut whole = None;
        for text in texts {
            whole = Some(link(&text, whole));
        }
        let error = Error::from(Failure::new(Reached::No, Cause::Network, whole.unwrap()));
        let text = error.to_string();
        let hides = |char: char| char.is_control() || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        prop_assert!(!text.contains(hides), "{text:?}");
        let lines = format!("{error:?}");
        prop_assert!(!lines.split('\n').any(|line| line.contains(hides)), "{lines}");
        if let Some(source) = chain(&error).get(1) {
            prop_assert!(!text.ends_with(&format!(": {source}")), "{text}");
        }
    }
}

/// A header that a request doesn't have isn't signed, and the other side agrees about which were.
#[test]
fn a_signature_covers_the_headers_that_are_there() {
    let names = ["content-type", "x-traceid", "host", "x-date", "x-user-id"].map(HeaderName::from_static);
    let api = api().signed_headers(names).unwrap();
    let (get, put) = (GetSpaceUsageOverview::new(), UpdateSpace::new("1", SpaceType::Individual).capacity(1));
    let get = Call::new(&get).request(&api, now()).unwrap();
    let put = Call::new(&put).trace_id(TraceId::from_bytes([1; 29])).request(&api, now()).unwrap();
    for (request, expected) in [(get, "host;x-date;x-user-id"), (put, "content-type;host;x-date;x-traceid;x-user-id")] {
        let (parts, body) = request.into_parts();
        let authorization = Authorization::parse(parts.headers["authorization"].to_str().unwrap()).unwrap();
        assert_eq!(authorization.signed_headers().collect::<Vec<_>>().join(";"), expected);
        let canonical = authorization.verify(&parts, &body, &SigningKey::new("secret").unwrap()).unwrap();
        assert_eq!(canonical.signed_headers(), expected);
    }
}

/// What isn't the caller's to set, and why; what is set again is replaced.
#[test]
fn headers_say_why_they_cannot_be_set() {
    let op = GetSpaceUsageOverview::new();
    let set = |name: &'static str| {
        let call = Call::new(&op).header(HeaderName::from_static(name), "1".parse().unwrap());
        call.request(&api(), now()).unwrap_err().to_string()
    };
    for (names, why) in [
        (&["host"][..], "the endpoint determines it"),
        (&["language", "x-traceid"], "it has a setting of its own"),
        (&["authorization", "x-user-id"], "the credentials determine it"),
        (&["accept-encoding"], "nothing decompresses the answer"),
        (&["range"], "a part of an answer can't be read"),
        (&["content-encoding"], "the body is sent as the operation writes it"),
        (
            &["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings", "expect"],
            "it belongs to the connection, which the transport handles",
        ),
        (
            &["proxy-authorization", "proxy-connection", "proxy-authenticate"],
            "it belongs to the connection to a proxy, which the transport handles",
        ),
    ] {
        for name in names {
            assert_eq!(set(name), format!("GetSpaceUsageOverview: the header {name} can't be set: {why}"));
        }
    }
    let name = || HeaderName::from_static("x-mine");
    let call = Call::new(&op).header(name(), "1".parse().unwrap()).header(name(), "2".parse().unwrap());
    let request = call.request(&api(), now()).unwrap();
    assert_eq!(request.headers().get_all("x-mine").iter().collect::<Vec<_>>(), ["2"]);
}
