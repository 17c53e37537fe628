//! Operations: their wire form, their limits, and what the table of all of them promises.

use std::collections::BTreeSet;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeDelta, TimeZone, Utc};
use koodrive_proto::http::{HeaderName, Request, StatusCode};
use koodrive_proto::ops::spaces::{
    DeleteSpace, GetSpace, GetSpaceUsageByUser, GetSpaceUsageOverview, SpaceStatus, SpaceType, UpdateSpace,
};
use koodrive_proto::ops::{ALL, SAFETY_EXCEPTIONS};
use koodrive_proto::{
    AccessToken, Api, Call, Code, Credentials, ErrorKind, Language, Operation, Place, Quoted, Safety, TraceId, codes,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const OWNER: &str = "1289173650183882753";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

fn api() -> Api {
    Api::new("https://intl.myhuaweicloud-koodrive.com", Credentials::app("my-app", "my-secret", "1505084218764547200"))
        .unwrap()
}

fn request<O: Operation>(op: &O) -> Request<Bytes> {
    api().request(op, now()).unwrap()
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
    let request = request(&GetSpaceUsageOverview::new());
    assert_eq!(names(&request), ["host", "user-agent", "accept", "x-user-id", "x-date", "authorization"]);
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

/// `capacity` as a number and as a text.
fn untyped(capacity: &str) -> [bool; 2] {
    let number: Json = serde_json::from_str(capacity).unwrap();
    [number, json!(capacity)]
        .map(|capacity| UpdateSpace::META.check(&json!({"ownerId": "1", "type": 1, "capacity": capacity})).is_ok())
}

proptest! {
    #[test]
    fn capacity_is_exact_over_its_whole_range(capacity in any::<u64>(), near in 104_857_500..104_857_700u64) {
        for capacity in [capacity, near, capacity % 104_857_601] {
            let allowed = (1..=104_857_600).contains(&capacity);
            let op = UpdateSpace::new(OWNER, SpaceType::Individual).capacity(capacity);
            prop_assert_eq!(op.check().is_ok(), allowed);
            prop_assert_eq!(api().request(&op, now()).is_ok(), allowed);
            prop_assert_eq!(untyped(&capacity.to_string()), [allowed; 2]);
        }
    }

    #[test]
    fn untyped_numbers_are_exact_beyond_any_machine_word(capacity in any::<i128>()) {
        // serde_json reads numbers beyond 64 bits as floats: those are refused as well.
        prop_assert_eq!(untyped(&capacity.to_string()), [(1..=104_857_600).contains(&capacity); 2]);
    }

    #[test]
    fn listed_values_are_exact(kind in any::<i64>(), small in -3..5i64, status in ".{0,3}") {
        for kind in [kind, small] {
            let type_ = SpaceType::from(kind);
            prop_assert_eq!(type_.number(), kind);
            prop_assert_eq!(GetSpace::new(OWNER, type_).check().is_ok(), (0..=2).contains(&kind));
            // The tables of these two don't list groups.
            prop_assert_eq!(DeleteSpace::new(OWNER, type_).check().is_ok(), (0..=1).contains(&kind));
            prop_assert_eq!(UpdateSpace::new(OWNER, type_).check().is_ok(), (0..=1).contains(&kind));
        }
        let op = UpdateSpace::new(OWNER, SpaceType::Individual).status(SpaceStatus::from(status.clone()));
        prop_assert_eq!(op.check().is_ok(), status == "0" || status == "1");
    }

    /// What goes into the path and the query comes out of them, and stays in its place.
    #[test]
    fn path_and_query_parse_back(owner in any::<String>(), container in any::<String>(), dots in "[./%]{0,4}") {
        for owner in [owner, dots] {
            let op = GetSpace::new(&owner, SpaceType::Individual).container_id(&container);
            let result = api().request(&op, now());
            if ["", ".", ".."].contains(&owner.as_str()) {
                prop_assert_eq!(result.unwrap_err().kind(), ErrorKind::Param);
                continue;
            }
            let request = result.unwrap();
            let segments: Vec<&str> = request.uri().path().split('/').collect();
            prop_assert_eq!(&segments[..5], ["", "koodrive", "ose", "v1", "space"]);
            prop_assert_eq!(segments.len(), 6);
            let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(decode(segments[5]), owner);
            let items: Vec<&str> = request.uri().query().unwrap().split('&').collect();
            prop_assert_eq!(items[0], "type=1");
            prop_assert_eq!(decode(items[1].strip_prefix("containerId=").unwrap()), container.clone());
            prop_assert_eq!(items.len(), 2);
            prop_assert!(request.uri().to_string().is_ascii());
        }
    }
}

#[test]
fn errors_name_parameter_value_limit_and_unit() {
    let update = UpdateSpace::new(OWNER, SpaceType::Individual);
    let message = |op: UpdateSpace| api().request(&op, now()).unwrap_err().to_string();
    assert_eq!(message(update.clone().capacity(0)), "UpdateSpace: capacity: got 0, allowed: 1 to 104857600 GB");
    assert_eq!(
        message(update.clone().capacity(u64::MAX)),
        "UpdateSpace: capacity: got 18446744073709551615, allowed: 1 to 104857600 GB",
    );
    assert_eq!(
        message(UpdateSpace::new(OWNER, SpaceType::Group)),
        "UpdateSpace: type: got 2 (Group), allowed: 0 (Department), 1 (Individual)",
    );
    assert_eq!(
        message(UpdateSpace::new(OWNER, SpaceType::Other(7))),
        "UpdateSpace: type: got 7, allowed: 0 (Department), 1 (Individual)",
    );
    assert_eq!(
        message(update.clone().status(SpaceStatus::Other("2".to_owned()))),
        "UpdateSpace: status: got a text of 1 characters that is not listed, allowed: 0 (Normal), 1 (Disabled)",
    );
    assert_eq!(
        message(UpdateSpace::new("..", SpaceType::Individual)),
        "UpdateSpace: ownerId: got `..`, allowed: one path segment: not empty, not `.`, not `..`",
    );
    let op = GetSpaceUsageByUser::new().user_ids(vec!["1"; 51]);
    let error = api().request(&op, now()).unwrap_err();
    assert_eq!(error.to_string(), "GetSpaceUsageByUser: userIds: got 51 entries, allowed: 1 to 50 entries");
    assert_eq!(error.kind(), ErrorKind::Param);
    assert_eq!(error.operation(), Some(GetSpaceUsageByUser::META));
    let invalid: &koodrive_proto::InvalidParam = std::error::Error::source(&error).unwrap().downcast_ref().unwrap();
    assert_eq!((invalid.name(), invalid.got(), invalid.allowed()), ("userIds", "51 entries", "1 to 50 entries"));
}

#[test]
fn untyped_input_is_read_leniently_and_checked_strictly() {
    let check = |input: Json| UpdateSpace::META.check(&input).map_err(|error| error.to_string());
    // The manual's own example sends status as a number.
    assert_eq!(check(json!({"ownerId": OWNER, "status": 1, "type": 1})), Ok(()));
    assert_eq!(check(json!({"ownerId": OWNER, "status": "1", "type": "1", "capacity": 10, "other": [1]})), Ok(()));
    assert_eq!(check(json!({"ownerId": OWNER, "status": null, "type": 0})), Ok(()));
    assert_eq!(
        check(json!({"ownerId": OWNER})),
        Err("type: got nothing, allowed: 0 (Department), 1 (Individual); it is required".to_owned())
    );
    assert_eq!(
        check(json!({"ownerId": OWNER, "type": 1, "capacity": "ten"})),
        Err("capacity: got a text that can't be read as one, allowed: a whole number".to_owned()),
    );
    assert_eq!(
        check(json!({"ownerId": OWNER, "type": [1]})),
        Err("type: got a list, allowed: 0 (Department), 1 (Individual)".to_owned()),
    );
    assert!(check(json!({"ownerId": "..", "type": 1})).is_err());
    assert!(check(json!({"ownerId": OWNER, "type": 1, "capacity": 1.5})).is_err());
    assert!(GetSpaceUsageByUser::META.check(&json!({"userIds": "1"})).is_err());
    let error = GetSpaceUsageByUser::META.check(&json!({"userIds": ["1", {}]})).unwrap_err();
    assert_eq!(error.to_string(), "userIds[1]: got an object, allowed: a text");
    assert_eq!(check(json!({"ownerId": OWNER, "type": 1, "capacity": ""})), Ok(()), "optional, so absent");
    assert!(check(json!({"ownerId": OWNER, "type": ""})).is_err());
    for text in ["+10", "010", " 10", "10 ", "1e1", "0x1", "-0"] {
        assert!(check(json!({"ownerId": OWNER, "type": 1, "capacity": text})).is_err(), "{text:?}");
    }
    assert!(GetSpaceUsageByUser::META.check(&json!({"userIds": [1, "2"], "limit": "4294967295"})).is_ok());
    assert!(GetSpaceUsageByUser::META.check(&json!({"limit": 4_294_967_296_u64})).is_err());
    assert!(GetSpaceUsageByUser::META.check(&json!({"limit": -1})).is_err());
}

#[test]
fn the_table_of_all_operations_is_consistent() {
    assert!(ALL.iter().map(|meta| (meta.module, meta.name)).is_sorted(), "by module and name");
    let unique: BTreeSet<_> = ALL.iter().map(|meta| (meta.method.as_str(), meta.path)).collect();
    assert_eq!(unique.len(), ALL.len());
    for meta in ALL {
        assert!(meta.path.starts_with("/koodrive/ose/"), "{}", meta.name);
        assert!(!meta.editions.is_empty() && !meta.manual_names.is_empty(), "{}", meta.name);
        let exception = SAFETY_EXCEPTIONS.iter().any(|(name, _)| *name == meta.name);
        assert_eq!(meta.safety != Safety::of(&meta.method), exception, "{}", meta.name);
    }
    assert_eq!(GetSpaceUsageOverview::META.manual_names, ["GetSpaceUsageByOverview"]);
    let capacity = UpdateSpace::META.params.iter().find(|field| field.name == "capacity").unwrap();
    assert_eq!((capacity.place, capacity.required), (Place::Body, false));
    assert_eq!(capacity.limit.map(|limit| (limit.min, limit.max, limit.unit)), Some((1, 104_857_600, "GB")));
}

/// The table of codes against the collected facts.
#[test]
fn every_known_code_is_in_the_table() {
    let facts: Vec<serde_json::Map<String, Json>> = serde_json::from_str(include_str!("../facts/errors.json")).unwrap();
    let mut listed = 0;
    for fact in facts {
        let code = match &fact["code"] {
            Json::String(code) => code.clone(),
            Json::Number(code) if code.as_u64() != Some(0) => code.to_string(),
            // Success, and a row whose code could not be read.
            _ => continue,
        };
        let row = Code::find(&code).unwrap_or_else(|| panic!("{code} is missing"));
        assert_eq!(row.status.map(Json::from).unwrap_or_default(), fact["http"], "{code}");
        assert_eq!(row.message.map(Json::from).unwrap_or_default(), fact["message"], "{code}");
        assert!(!row.meaning.is_empty() && !row.advice.is_empty(), "{code}");
        listed += 1;
    }
    assert_eq!(codes().len(), listed);
    assert_eq!(Code::find("0"), None);
    assert_eq!(Code::find("13000301").unwrap().status, Some(StatusCode::BAD_REQUEST.as_u16()));
}

#[test]
fn numbers_as_texts() {
    assert_eq!(serde_json::to_string(&Quoted(10_u64)).unwrap(), r#""10""#);
    for json in [r#""10""#, "10", "10.0", r#"" 10 ""#] {
        assert_eq!(serde_json::from_str::<Quoted<u64>>(json).unwrap(), Quoted(10), "{json}");
    }
    for json in [r#""ten""#, "-1", "10.5", "true", "[]", "{}"] {
        assert!(serde_json::from_str::<Quoted<u64>>(json).is_err(), "{json}");
    }
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
