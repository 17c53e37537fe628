//! Reading answers: the manual's examples, the service's contradictions, and everything that is no answer at all.

use std::collections::BTreeMap;
use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::http::{HeaderMap, Method, Response, StatusCode, header::RETRY_AFTER};
use koodrive_proto::ops::accounts::{Login, RefreshToken};
use koodrive_proto::ops::files::{CreateFile, File, FileType, ListPersonalFiles, SearchFiles};
use koodrive_proto::ops::jobs::{GetJob, ListJobs};
use koodrive_proto::ops::sessions::{CreateSession, RefreshSession};
use koodrive_proto::ops::shares::CreateShare;
use koodrive_proto::ops::spaces::{
    DeleteSpace, GetSpace, GetSpaceUsageByQuota, GetSpaceUsageByUser, GetSpaceUsageOverview, Space, SpaceStatus,
    SpaceType, UpdateSpace,
};
use koodrive_proto::wire::Lenient;
use koodrive_proto::{Auth, Error, ErrorKind, InvalidParam, Meta, Operation, Safety, Sent};
use proptest::prelude::*;
use serde::{Deserialize, Deserializer};

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body.into()).unwrap()
}

fn parse<O: Operation>(body: &str) -> Result<O::Output, Error> {
    O::parse(&answer(200, body))
}

fn refused<O: Operation>(status: u16, body: &[u8]) -> Error
where
    O::Output: std::fmt::Debug,
{
    let error = O::parse(&answer(status, body)).unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::from_u16(status).unwrap()));
    assert_eq!(error.body(), body);
    assert_eq!(error.was_sent(), Sent::Yes);
    assert_eq!(error.operation(), Some(O::META));
    error
}

#[test]
fn the_two_main_examples() {
    let example = r#"{
        "data" : {
        "totalAllocation" : 43,
        "totalCapacity" : 1051187,
        "totalUsed" : 33085606
        },
        "code" : 0,
        "msg" : "success"
        }"#;
    let usage = parse::<GetSpaceUsageOverview>(example).unwrap();
    assert_eq!(usage.total_allocation, Some(43));
    assert_eq!(usage.total_capacity, Some(1_051_187));
    assert_eq!(usage.total_used, Some(33_085_606));
    assert_eq!(usage.quota, None);

    parse::<UpdateSpace>(r#"{ "code" : 0, "msg" : "Success." }"#).unwrap();
}

#[test]
fn the_other_examples() {
    for body in [r#"{"code": 0, "msg": "成功"}"#, r#"{"code": 0, "msg": "OK"}"#] {
        parse::<DeleteSpace>(body).unwrap();
    }
    let groups = parse::<GetSpaceUsageByQuota>(
        r#"{"data": [{"quota": "1", "totalAllocation": 1, "totalCapacity": 1, "totalUsed": 0}], "total": 2, "code": 0}"#,
    )
    .unwrap();
    assert_eq!(groups.groups[0].quota, Some(1));
    assert_eq!(groups.total, Some(2));
    let users = parse::<GetSpaceUsageByUser>(
        r#"{"data": [{"quota": "1048576", "userId": "1008600000509220652", "used": 0,
            "effectiveTime": "2025-11-12T08:37:14.613Z"}], "code": 0, "msg": "success"}"#,
    )
    .unwrap();
    assert_eq!(users.users[0].quota, Some(1_048_576));
    assert_eq!(users.users[0].used, Some(0.0));
    assert_eq!(users.users[0].effective_time.as_deref(), Some("2025-11-12T08:37:14.613Z"));
    // The enterprise page's example has a comma too many.
    let error = parse::<GetSpaceUsageOverview>("{\n  \"code\": 0,\n  \"msg\": \"成功\",\n}").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("line 4"), "{error}");
}

/// One odd member doesn't cost the whole page.
#[test]
fn what_is_not_there() {
    let search = |member: &str| parse::<SearchFiles>(&format!(r#"{{"files": [{{"id": "1", {member}}}], "total": 1}}"#));
    for member in [
        r#""size": """#,
        r#""favorite": """#,
        r#""containerType": """#,
        r#""size": null, "favorite": null, "containerType": null"#,
        r#""downloadLinks": "", "size": "" "#,
        r#""downloadLinks": [null]"#,
    ] {
        let page = search(member).unwrap();
        assert_eq!(page.total, Some(1), "{member}");
        assert_eq!(serde_json::to_string(&page.files).unwrap(), r#"[{"id":"1"}]"#, "{member}");
    }
    // An empty text is a text, and a listed text that isn't listed.
    let page = search(r#""owner": "", "fileType": """#).unwrap();
    assert_eq!(page.files[0].owner.as_deref(), Some(""));
    assert_eq!(page.files[0].file_type, Some(FileType::Other(String::new())));
    // What is there and can't be read is an error all the same, with its place.
    for (member, message) in [
        (r#""size": "many""#, "files[0].size: expected a whole number, got a text that is none"),
        (r#""favorite": "perhaps""#, "files[0].favorite: expected true or false, got another text"),
        (r#""containerType": {}"#, "files[0].containerType: expected a whole number, got an object"),
    ] {
        let error = search(member).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }

    let list = |member: &str| parse::<ListPersonalFiles>(&format!(r#"{{"files": [null, {{{member}}}]}}"#)).unwrap();
    let file = |member: &str| list(member).files.remove(0);
    assert_eq!(list("").files.len(), 1, "no file is not a file");
    assert_eq!(
        file(r#""properties": {"a": null, "b": 7, "c": ""}"#).properties,
        [("b", "7"), ("c", "")].map(|(a, b)| (a.into(), b.into())).into()
    );
    assert!(file(r#""properties": "", "owners": "", "containers": "", "lastEditor": """#) == File::default());
    assert_eq!(file(r#""parentFolder": "a""#).parent_folder, ["a"]);
    assert_eq!(file(r#""parentFolder": 7"#).parent_folder, ["7"]);
    assert_eq!(file(r#""parentFolder": ["a", null, 7]"#).parent_folder, ["a", "7"]);
    assert_eq!(file(r#""owners": {"me": "true"}"#).owners[0].me, Some(true));
    assert_eq!(file(r#""lastEditor": [{"me": 1}]"#).last_editor.unwrap().me, Some(true));

    // Also where serde_json reads by itself, as strictly as it does.
    let space: Space = serde_json::from_str(r#"{"type": 1, "ownerId": null, "capacity": 5}"#).unwrap();
    assert_eq!((space.kind, space.owner_id, space.capacity), (Some(SpaceType::Individual), None, Some(5)));
    let again: Space = serde_json::from_value(serde_json::json!({"type": 1})).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), r#"{"type":1}"#);
}

/// Tokens, presigned links, access codes, and what no page shows: there for the caller, hidden by `Debug`.
#[test]
fn secrets_in_answers_are_hidden() {
    fn hidden<O: Operation<Output: std::fmt::Debug + serde::Serialize>>(body: &str, count: usize) {
        let output = parse::<O>(body).unwrap();
        assert!(!format!("{output:?}").contains("s3cret"), "{output:?}");
        assert_eq!(serde_json::to_string(&output).unwrap().matches("s3cret").count(), count, "{}", O::META.name);
    }
    hidden::<Login>(r#"{"data": {"sessionInfo": {"accessToken": "AT s3cret", "refreshToken": "s3cret"}}}"#, 2);
    hidden::<CreateSession>(r#"{"data": {"accessToken": "Bearer s3cret", "sessionId": "s3cret"}}"#, 2);
    hidden::<RefreshSession>(r#"{"accessToken": "Bearer s3cret"}"#, 1);
    hidden::<RefreshToken>(r#"{"data": {"accessToken": "AT s3cret", "refreshToken": "s3cret"}}"#, 2);
    hidden::<CreateFile>(r#"{"multiParts": [{"uploadUrl": "https://s3cret"}]}"#, 1);
    hidden::<CreateShare>(
        r#"{"shareLink": {"extractCode": "s3cret12", "linkUrl": "https://s3cret", "shortUrl": "s3cret"}}"#,
        3,
    );
    hidden::<ListJobs>(r#"{"data": [{"downloadUrl": "https://s3cret"}]}"#, 1);
    hidden::<GetJob>(r#"{"data": {"jobInfo": {"downloadUrl": "https://s3cret"}}}"#, 1);
    hidden::<SearchFiles>(r#"{"files": [{"downloadLinks": [{"downloadLink": "https://s3cret"}]}]}"#, 1);
    hidden::<ListPersonalFiles>(r#"{"files": [{"attachments": ["s3cret", {"url": "https://s3cret"}]}]}"#, 2);

    let session =
        parse::<Login>(r#"{"data": {"sessionInfo": {"accessToken": "AT 3b91", "expiresIn": "1800"}}}"#).unwrap();
    let session = session.session_info.unwrap();
    assert_eq!((session.access_token.unwrap().as_str(), session.expires_in), ("AT 3b91", Some(1800)));

    // In `data` as the table has it, in `data.sessionInfo` as the example has it.
    let tokens =
        r#"{"accessToken": "AT 3b91", "expiresIn": 1800, "issuedAt": "1772006999088", "refreshToken": "0e0e"}"#;
    let table = parse::<RefreshToken>(&format!(r#"{{"data": {tokens}}}"#)).unwrap().session();
    let example = parse::<RefreshToken>(&format!(r#"{{"data": {{"sessionInfo": {tokens}}}}}"#)).unwrap().session();
    assert_eq!(table, example);
    assert_eq!((table.expires_in, table.refresh_token.unwrap().as_str()), (Some(1800), "0e0e"));
}

/// As the tables type it, and as the examples show it.
#[test]
fn numbers_texts_nulls_and_lists_of_one() {
    let typed = r#"{"code": "0", "data": {"type": "1", "status": "0", "ownerId": "7", "capacity": "10"}}"#;
    let shown = r#"{"code": 0, "data": {"type": 1, "status": 0, "ownerId": 7, "capacity": 10}}"#;
    let listed = r#"{"code": 0, "data": [{"type": 1, "status": 0, "ownerId": 7, "capacity": 10.0}]}"#;
    for body in [typed, shown, listed] {
        let space = parse::<GetSpace>(body).unwrap();
        assert_eq!(space.kind, Some(SpaceType::Individual));
        assert_eq!(space.status, Some(SpaceStatus::Normal));
        assert_eq!(space.owner_id.as_deref(), Some("7"));
        assert_eq!(space.capacity, Some(10));
        assert_eq!(space.space_used, None);
    }
    // Unknown fields are ignored, unknown values survive, null is absent.
    let space = parse::<GetSpace>(
        r#"{"data": {"type": "9", "status": "frozen", "capacity": null, "new": {"deep": [1, {"er": null}]}}, "new": 1}"#,
    )
    .unwrap();
    assert_eq!(space.kind, Some(SpaceType::Other(9)));
    assert_eq!(space.status, Some(SpaceStatus::Other("frozen".to_owned())));
    assert_eq!(space.capacity, None);
    assert_eq!(serde_json::to_string(&space).unwrap(), r#"{"type":9,"status":"frozen"}"#);

    for body in [r#"{"code": 0}"#, r#"{"code": 0, "data": null}"#, r#"{"code": 0, "data": []}"#] {
        assert!(parse::<GetSpaceUsageByQuota>(body).unwrap().groups.is_empty(), "{body}");
    }
    let one = parse::<GetSpaceUsageByQuota>(r#"{"code": 0, "data": {"quota": "5"}}"#).unwrap();
    assert_eq!(one.groups[0].quota, Some(5));
    // An empty list is no object.
    assert_eq!(parse::<GetSpace>(r#"{"code": 0, "data": []}"#).unwrap_err().kind(), ErrorKind::Decode);
}

/// Every lenient reading, and where it ends.
#[test]
fn lenient_readings_have_an_end() {
    fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
        T::deserialize(Lenient(&mut serde_json::Deserializer::from_str(json))).ok()
    }
    for (json, number) in [
        ("43", Some(43)),
        (r#""43""#, Some(43)),
        ("43.0", Some(43)),
        (r#""43.00""#, Some(43)),
        (r#"" -43 ""#, Some(-43)),
        (r#""9007199254740993.0""#, Some(9_007_199_254_740_993)),
        (r#""9223372036854775807""#, Some(i64::MAX)),
        (r#""9223372036854775808""#, None),
        ("9223372036854775808", None),
        ("9007199254740992.0", None),
        (r#""0.99999999999999999999""#, None),
        ("43.5", None),
        (r#""4e1""#, None),
        (r#""""#, None),
        (r#"".0""#, None),
        ("true", None),
        ("null", None),
        ("{}", None),
        ("[43]", None),
    ] {
        assert_eq!(read::<i64>(json), number, "{json}");
    }
    for (json, number) in
        [("1.5", Some(1.5)), (r#""1.5""#, Some(1.5)), ("2", Some(2.0)), (r#""NaN""#, None), (r#""inf""#, None)]
    {
        assert_eq!(read::<f64>(json), number, "{json}");
    }
    for (json, text) in [
        (r#""a""#, Some("a")),
        ("7", Some("7")),
        ("-7", Some("-7")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("18446744073709551616", None),
        ("1.5", Some("1.5")),
        ("true", Some("true")),
        ("null", None),
        ("[]", None),
    ] {
        assert_eq!(read::<String>(json).as_deref(), text, "{json}");
    }
    for (json, flag) in [
        ("true", Some(true)),
        ("false", Some(false)),
        (r#""true""#, Some(true)),
        (r#""false""#, Some(false)),
        ("1", Some(true)),
        (r#""0""#, Some(false)),
        ("2", None),
        (r#""yes""#, None),
    ] {
        assert_eq!(read::<bool>(json), flag, "{json}");
    }
    assert_eq!(read::<Vec<u8>>("null"), Some(vec![]));
    assert_eq!(read::<Option<u8>>("null"), Some(None));
    assert_eq!(read::<Option<u8>>(r#""7""#), Some(Some(7)));
}

#[test]
fn a_code_other_than_0_is_an_error_under_any_status() {
    for status in [200, 400, 500] {
        let error = refused::<GetSpace>(status, br#"{"code": 13000301, "msg": "Space not found."}"#);
        assert_eq!(error.kind(), ErrorKind::Api);
        assert_eq!(error.code(), Some("13000301"));
        assert_eq!(error.message(), Some("Space not found."));
        assert!(error.is_not_found() && !error.is_unauthorized());
        let text = error.to_string();
        assert_eq!(
            text,
            format!(
                "GetSpace: HTTP {status}, code 13000301: Space not found. \
                 (the space does not exist or is in an abnormal state; check the space id and state)"
            ),
        );
    }
    // Also where the rest of the answer is odd or breaks off.
    for body in [
        r#"{"code": 13000301, "msg": ["a"], "data": 7}"#,
        r#"{"code": " 13000301 ", "msg": {"en": "b"}}"#,
        r#"{"msg": null, "error_code": true, "code": 13000301, }"#,
        r#"{"code": 13000301, "msg": "cut o"#,
        r#"{"code": {}, "error_code": "13000301"}"#,
        r#"{"code": 0, "msg": "success", "error_code": "13000301"}"#,
    ] {
        for status in [200, 400] {
            let error = refused::<GetSpace>(status, body.as_bytes());
            assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("13000301")), "{body}");
            assert_eq!(error.message(), None);
            assert!(error.is_not_found());
        }
    }
    for success in [r#"{"code": " 0 ", "msg": ["ok"]}"#, r#"{"code": null, "error_code": ""}"#] {
        parse::<DeleteSpace>(success).unwrap_or_else(|error| panic!("{success}: {error}"));
    }
    // As a text, with a code of the gateway's, one that is not listed, and beside data.
    assert_eq!(refused::<GetSpace>(200, br#"{"code": "13000301", "msg": "x"}"#).code(), Some("13000301"));
    let error = refused::<GetSpace>(
        401,
        br#"{"error_msg": "Incorrect app authentication information", "error_code": "APIGW.0303", "request_id": "1"}"#,
    );
    assert_eq!(error.code(), Some("APIGW.0303"));
    assert_eq!(error.message(), Some("Incorrect app authentication information"));
    assert!(error.is_unauthorized());
    let error = refused::<GetSpace>(200, r#"{"code": 99, "msg": "未知\nline", "data": {}}"#.as_bytes());
    assert_eq!(error.to_string(), "GetSpace: HTTP 200, code 99: 未知 line");
    assert_eq!(error.kind(), ErrorKind::Api);
}

#[test]
fn a_status_other_than_2xx_is_an_error_whatever_the_body() {
    for (status, body, expected) in [
        (302, &b""[..], "HTTP 302; the answer is empty"),
        (404, b"<html>Not Found</html>", "HTTP 404; the answer is HTML or XML, not JSON: a proxy or login page?"),
        (500, br#"{"code": 0, "msg": "success", "data": {}}"#, "HTTP 500: success"),
        (502, b"\xff\xfe", "HTTP 502; the answer is not UTF-8 from byte 0 on"),
        (503, b"{", "HTTP 503; EOF while parsing an object at line 1 column 1"),
    ] {
        let error = refused::<GetSpace>(status, body);
        assert_eq!(error.kind(), ErrorKind::Api);
        assert_eq!(error.to_string(), format!("GetSpace: {expected}"));
    }
    let mut response = answer(429, r#"{"error_code": "APIGW.0308"}"#);
    response.headers_mut().insert(RETRY_AFTER, "17".parse().unwrap());
    let error = GetSpace::parse(&response).unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(17)));
    assert_eq!(error.headers().unwrap()[RETRY_AFTER], "17");
}

#[test]
fn what_is_no_answer_gives_a_clear_error() {
    for (body, expected) in [
        (&b""[..], "the answer is empty"),
        (b"  \n", "the answer is empty"),
        (b"<!DOCTYPE html><html>", "the answer is HTML or XML, not JSON: a proxy or login page?"),
        (b"\xff{}", "the answer is not UTF-8 from byte 0 on"),
        (b"{\"code\": 0, \"msg\": \"\xc3\"}", "the answer is not UTF-8 from byte 20 on"),
        (b"success", "the answer is not a JSON object"),
        (b"[0]", "the answer is not a JSON object"),
        (br#"{"code": 0, "data": {"#, "EOF while parsing an object at line 1 column 21"),
        (br#"{"code": 0, "data": {}} x"#, "trailing characters at line 1 column 25"),
        (br#"{"code": 0}"#, "data is missing"),
        (
            br#"{"code": 0, "data": {"capacity": "much"}}"#,
            "data.capacity: expected a whole number, got a text that is none at line 1 column 39",
        ),
        (
            br#"{"code": 0, "data": {"capacity": {}}}"#,
            "data.capacity: expected a whole number, got an object at line 1 column 35",
        ),
        (br#"{"code": 0, "data": 7}"#, "data: expected struct Space, got a whole number at line 1 column 21"),
        (br#"{"code": 0, "data": [{}, {}]}"#, "data: expected an object, got a list of several at line 1 column 28"),
    ] {
        let error = refused::<GetSpace>(200, body);
        assert_eq!(error.kind(), ErrorKind::Decode);
        let bytes = body.len();
        assert_eq!(error.to_string(), format!("GetSpace: {expected} (HTTP 200, {bytes} bytes)"));
    }
    // Only a status that announces no content may come without, and only where none is needed.
    DeleteSpace::parse(&answer(204, "")).unwrap();
    assert_eq!(refused::<GetSpace>(204, b"").kind(), ErrorKind::Decode);
    assert_eq!(refused::<DeleteSpace>(200, b"").kind(), ErrorKind::Decode);
}

#[test]
fn long_answers_are_kept_up_to_a_limit() {
    let body = format!("<html>{}</html>", "x".repeat(100_000));
    let error = GetSpace::parse(&answer(502, body.clone())).unwrap_err();
    assert_eq!(error.body(), &body.as_bytes()[..65_536]);
    // The length that is told is that of the whole.
    let error = GetSpace::parse(&answer(200, body)).unwrap_err();
    assert!(error.to_string().ends_with("(HTTP 200, 100013 bytes)"), "{error}");
}

/// Answers hold tokens and passwords: neither Debug nor Display shows content that wasn't a message of the service's.
#[test]
fn errors_do_not_show_content() {
    for body in [
        r#"{"code": 0, "data": {"capacity": "tops3cret"}}"#,
        r#"{"code": 0, "data": "tops3cret"}"#,
        r#"{"code": 0, "data": {"type": "tops3cret"}}"#,
        r#"{"code": 0, "data": {"type": ["tops3cret"]}}"#,
        r#"{"code": {"a": "tops3cret"}}"#,
        r#"{"code": 0, "data": {"token": "tops3cret}"#,
        r#"{"code": 13000301, "data": "tops3cret"}"#,
        "{\"code\": 0, \"tops3cret\\nline\": tru}",
        "{\"code\": 0, \"data\": {\"tops3cret\\nline\": tru}}",
        "<html>tops3cret</html>",
    ] {
        let error = parse::<GetSpace>(body).unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("tops3cret"), "{shown}");
        assert!(!error.to_string().contains('\n'), "one line: {error}");
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            assert!(!format!("{inner} {inner:?}").contains("tops3cret"), "{inner:?}");
            source = inner.source();
        }
    }
}

/// A type of the caller's own, whose errors would quote what they read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    closed: Option<Closed>,
    quoting: Option<Quoting>,
    map: BTreeMap<String, u8>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Closed {
    Known,
}

#[derive(Debug)]
struct Quoting;

impl<'de> Deserialize<'de> for Quoting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format!("bad {text}")))
    }
}

struct Op;

impl Operation for Op {
    type Output = Content;
    const META: &'static Meta = &Meta::new("Op", "test", Method::GET, "/op", Auth::None, Safety::ReadOnly);

    fn check(&self) -> Result<(), InvalidParam> {
        Ok(())
    }
    fn path_and_query(&self, _: &mut String) {}
    fn headers(&self, _: &mut HeaderMap) -> Result<(), Error> {
        Ok(())
    }
    fn body(&self) -> Result<Option<Bytes>, Error> {
        Ok(None)
    }
}

#[test]
fn errors_of_other_types_do_not_show_content() {
    let content = parse::<Op>(r#"{"closed": "known", "map": {"a": "1"}}"#).unwrap();
    assert!(matches!(content, Content { closed: Some(Closed::Known), quoting: None, map } if map["a"] == 1));
    for (body, expected) in [
        (r#"{"closed": "tops3cret"}"#, "closed: a value that does not fit its type at line 1 column 22"),
        (r#"{"quoting": "tops3cret"}"#, "quoting: a value that does not fit its type at line 1 column 24"),
        (
            r#"{"map": {"tops3cret, in a key that no field would have": {}}}"#,
            "map: expected a whole number, got an object at line 1 column 59",
        ),
    ] {
        let error = parse::<Op>(body).unwrap_err();
        assert_eq!(error.to_string(), format!("Op: {expected} (HTTP 200, {} bytes)", body.len()));
        assert!(!format!("{error:?}").contains("tops3cret"));
    }
}

fn parse_all(status: StatusCode, body: &[u8]) {
    fn one<O: Operation>(status: StatusCode, body: &[u8]) {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        if let Err(error) = O::parse(&response) {
            let _ = format!("{error} {error:?}");
            assert_eq!(error.body(), &body[..body.len().min(65_536)]);
        }
    }
    one::<GetSpace>(status, body);
    one::<UpdateSpace>(status, body);
    one::<GetSpaceUsageOverview>(status, body);
    one::<GetSpaceUsageByQuota>(status, body);
    one::<GetSpaceUsageByUser>(status, body);
}

const EXAMPLES: [&str; 3] = [
    r#"{"code": 0, "msg": "success", "data": {"type": "1", "status": "0", "ownerId": "7", "capacity": "10"}}"#,
    r#"{"data": {"totalAllocation": 43, "totalCapacity": 1051187, "totalUsed": 33085606}, "code": 0}"#,
    r#"{"data": [{"quota": "1048576", "userId": "1", "used": 1.5, "createTime": null}], "total": 1, "code": 0}"#,
];

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(status in 100..600u16, body in prop::collection::vec(any::<u8>(), 0..200)) {
        parse_all(StatusCode::from_u16(status).unwrap(), &body);
    }

    #[test]
    fn damaged_examples_never_panic(
        example in 0..EXAMPLES.len(),
        cut in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        token in prop::sample::select(vec!["null", "{}", "[]", "1e400", "-1", "\"\"", "[[[]]]", "18446744073709551616", "\\"]),
    ) {
        let example = EXAMPLES[example].as_bytes();
        parse_all(StatusCode::OK, &example[..cut.index(example.len())]);
        let mut damaged = example.to_vec();
        damaged[at.index(example.len())] = byte;
        parse_all(StatusCode::OK, &damaged);
        let mut spliced = example.to_vec();
        let (from, to) = (at.index(example.len()), cut.index(example.len()));
        spliced.splice(from.min(to)..from.max(to), token.bytes());
        parse_all(StatusCode::OK, &spliced);
    }

    #[test]
    fn any_json_never_panics(json in any_json()) {
        let text = json.to_string();
        parse_all(StatusCode::OK, text.as_bytes());
        parse_all(StatusCode::OK, format!(r#"{{"code": 0, "data": {text}}}"#).as_bytes());
        parse_all(StatusCode::OK, format!(r#"{{"code": {text}, "data": {{"capacity": {text}}}}}"#).as_bytes());
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,8}".prop_map(Into::into),
    ];
    let key = prop_oneof![Just("type"), Just("quota"), Just("data"), Just("code"), Just("used"), Just("x")];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Deep nesting ends in an error, or is skipped where nobody asked for it: never in a stack overflow.
#[test]
fn deep_nesting_ends() {
    let deep = |open: &str, close: &str| {
        format!(r#"{{"code": 0, "data": {}1{}}}"#, open.repeat(100_000), close.repeat(100_000))
    };
    assert_eq!(parse::<GetSpace>(&deep("[", "]")).unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(parse::<GetSpaceUsageByQuota>(&deep("[", "]")).unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(parse::<GetSpaceUsageByQuota>(&deep("[{\"x\":", "}]")).unwrap().groups.len(), 1);
    parse::<GetSpace>(&deep("{\"data\":", "}")).unwrap();
}
