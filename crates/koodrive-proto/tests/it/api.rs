//! What the Api and the options of a call make of a request: headers, endpoints, credentials.

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::http::{HeaderName, HeaderValue, Request};
use koodrive_proto::ops::accounts::{AuthType, Login};
use koodrive_proto::ops::shares::{CreateShare, ShareScope};
use koodrive_proto::ops::spaces::{GetSpaceUsageOverview, SpaceType, UpdateSpace};
use koodrive_proto::{AccessToken, Api, Call, Credentials, ErrorKind, Language, TraceId};

use crate::common::{OWNER, SPACE, message, now};

fn api() -> Api {
    Api::new("https://intl.myhuaweicloud-koodrive.com", Credentials::app("my-app", "my-secret", "1505084218764547200"))
        .unwrap()
}

/// Every header of the manual's tables, and those that HTTP needs, in the order in which they are sent.
#[test]
fn headers() {
    let op = UpdateSpace::new(OWNER, SpaceType::Individual).capacity(10);
    let call = Call::new(&op).trace_id(TraceId::from_bytes([0xab; 29])).language(Language::ZH_CN);
    let names = |request: &Request<Bytes>| request.headers().keys().map(ToString::to_string).collect::<Vec<_>>();
    let signed = call.request(&api(), now()).unwrap();
    let common =
        ["host", "user-agent", "accept", "content-type", "content-length", "language", "x-traceid", "x-user-id"];
    assert_eq!(names(&signed), [&common[..], &["x-date", "authorization"]].concat());
    let header = |name: &str| signed.headers()[name].to_str().unwrap();
    assert_eq!(header("host"), "intl.myhuaweicloud-koodrive.com");
    assert_eq!(header("language"), "zh-CN");
    assert_eq!(header("x-traceid"), "ab".repeat(29));
    assert_eq!(header("x-traceid").len(), 58);
    assert_eq!(header("x-user-id"), "1505084218764547200");
    assert_eq!(header("x-date"), "20251103T070110Z");
    assert_eq!(header("content-length"), "26");
    assert!(
        header("authorization").starts_with("HMAC-SHA256 AppId=my-app,SignedHeaders=host;x-date;x-user-id,Signature=")
    );
    assert!(signed.headers()["authorization"].is_sensitive());

    // With a token: the same, and the token instead of the signature.
    let token = |token| Api::new("https://h", Credentials::token(token, "7")).unwrap();
    for (credentials, value) in [
        (AccessToken::as_issued("Bearer 6ebb6266"), "Bearer 6ebb6266"),
        (AccessToken::bearer("6ebb6266"), "Bearer+6ebb6266"),
        (AccessToken::with_scheme("AT", "3b911d72"), "AT 3b911d72"),
    ] {
        let request = call.request(&token(credentials), now()).unwrap();
        assert_eq!(names(&request), names(&signed));
        assert_eq!(request.headers()["authorization"], value);
        assert!(request.headers()["authorization"].is_sensitive());
    }

    // Without a body, nothing speaks of one.
    let request = api().request(&GetSpaceUsageOverview::new(), now()).unwrap();
    assert_eq!(names(&request), ["host", "user-agent", "accept", "x-user-id", "x-date", "authorization"]);
}

/// Without a name: refused where every manual requires it, left out where only one does; a call may bring its own.
#[test]
fn the_agents_name() {
    let login = Login::new("0027188460911", AuthType::Password).password("123qweASD143");
    assert_eq!(message(&login), "x-hw-agentName: got nothing, allowed: the name that Api::agent_name sets");
    let share = CreateShare::new(ShareScope::Link, ["f"], SPACE, 7);
    assert!(!api().request(&share, now()).unwrap().headers().contains_key("x-hw-agentname"));
    let name = HeaderName::from_static("x-hw-agentname");
    let call = Call::new(&login).header(name, HeaderValue::from_static("IOH"));
    assert_eq!(call.request(&api(), now()).unwrap().headers()["x-hw-agentname"], "IOH");
    let named = api().agent_name("standard").unwrap();
    assert!(!named.request(&GetSpaceUsageOverview::new(), now()).unwrap().headers().contains_key("x-hw-agentname"));
    for name in ["", "a b", "é", "\n"] {
        assert_eq!(api().agent_name(name).unwrap_err().kind(), ErrorKind::Param, "{name:?}");
    }
}

#[test]
fn settings_of_the_api() {
    let api = api().user_agent("mine/1").unwrap().language(Language::EN_US);
    let names = [HeaderName::from_static("x-user-id"), "x-date".parse().unwrap()];
    let api = api.signed_headers(names).unwrap().date_back(TimeDelta::zero());
    let request = api.request(&GetSpaceUsageOverview::new(), now()).unwrap();
    assert_eq!(request.headers()["user-agent"], "mine/1");
    assert_eq!(request.headers()["language"], "en-US");
    assert_eq!(request.headers()["x-date"], "20251103T070140Z");
    assert!(request.headers()["authorization"].to_str().unwrap().contains(",SignedHeaders=x-date;x-user-id,"));

    assert!(self::api().user_agent("a\nb").is_err());
    assert!(self::api().signed_headers(["x-date".parse().unwrap()]).is_err());
    // A date that X-Date can't hold is an error, not a panic.
    for time in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let error = self::api().request(&GetSpaceUsageOverview::new(), time).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Build);
        assert!(error.to_string().contains("years 0000 to 9999"), "{error}");
    }
}

#[test]
fn headers_that_follow_from_the_request_cannot_be_set() {
    let op = GetSpaceUsageOverview::new();
    for name in [
        "host",
        "authorization",
        "x-date",
        "x-user-id",
        "x-traceid",
        "language",
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "expect",
        "accept-encoding",
        "te",
        "upgrade",
        "trailer",
    ] {
        let call = Call::new(&op).header(name.parse().unwrap(), "1".parse().unwrap());
        let error = call.request(&api(), now()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Build);
        assert!(error.to_string().contains(name), "{error}");
    }
    let call = Call::new(&op).header("accept".parse().unwrap(), "*/*".parse().unwrap());
    assert_eq!(call.request(&api(), now()).unwrap().headers()["accept"], "*/*");
    let call = Call::new(&op).header("cookie".parse().unwrap(), "tops3cret".parse().unwrap());
    assert!(!format!("{call:?}").contains("tops3cret"));
}

#[test]
fn endpoints_are_normalised_or_refused() {
    let endpoint = |text: &str| Api::new(text, Credentials::anonymous()).map(|api| api.endpoint().to_string());
    for (given, expected) in [
        ("https://intl.myhuaweicloud-koodrive.com", "https://intl.myhuaweicloud-koodrive.com"),
        ("https://INTL.MyHuaweiCloud-KooDrive.com/", "https://intl.myhuaweicloud-koodrive.com"),
        ("HTTPS://h:443", "https://h"),
        ("http://h:80", "http://h"),
        ("https://h:80", "https://h:80"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://h:", "https://h"),
        (" https://h\n", "https://h"),
    ] {
        assert_eq!(endpoint(given).unwrap(), expected, "{given}");
    }
    for given in [
        "",
        "h",
        "h:443",
        "ftp://h",
        "https://",
        "https:///a",
        "https://h/koodrive",
        "https://h?a=1",
        "https://h/#f",
        "https://user:hunter2@h",
        "https://h:0",
        "https://h:+443",
        "https://h:65536",
        "https://h:x",
        "https://h h",
    ] {
        let error = endpoint(given).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Build, "{given}");
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[test]
fn credentials_that_cannot_be_sent_are_refused() {
    for credentials in [
        Credentials::app("", "secret", "1"),
        Credentials::app("a,b", "secret", "1"),
        Credentials::app("a b", "secret", "1"),
        Credentials::app("a", "", "1"),
        Credentials::app("a", "secret", ""),
        Credentials::app("a", "secret", "1\r\nx: y"),
        Credentials::app("a", "secret", "用户"),
        Credentials::token(AccessToken::as_issued(""), "1"),
        Credentials::token(AccessToken::bearer(""), "1"),
        Credentials::token(AccessToken::with_scheme("AT", ""), "1"),
        Credentials::token(AccessToken::as_issued("token\n"), "1"),
        Credentials::token(AccessToken::as_issued("t\u{e9}"), "1"),
        Credentials::token(AccessToken::as_issued("token"), " "),
    ] {
        assert_eq!(Api::new("https://h", credentials).unwrap_err().kind(), ErrorKind::Credentials);
    }
    let api = Api::new("https://h", Credentials::anonymous()).unwrap();
    let error = api.request(&GetSpaceUsageOverview::new(), now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(error.to_string(), "GetSpaceUsageOverview: needs credentials, and the Api has none");
}

#[test]
fn trace_ids_have_58_characters() {
    for length in [0, 57, 59, 200] {
        assert!(TraceId::new("a".repeat(length)).is_err());
    }
    assert!(TraceId::new("Z".repeat(58)).is_ok());
    for wrong in [" ", "\n", "é", "\u{7f}"] {
        assert!(TraceId::new("a".repeat(57) + wrong).is_err(), "{wrong:?}");
    }
}
