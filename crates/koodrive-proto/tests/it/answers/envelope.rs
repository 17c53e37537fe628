//! The code, and what stands around it.

use std::time::Duration;

use koodrive_proto::http::header::RETRY_AFTER;
use koodrive_proto::ops::files::ListPersonalFiles;
use koodrive_proto::ops::jobs::ListJobs;
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpace, GetSpaceUsageByQuota};
use koodrive_proto::{ErrorKind, Operation};

use crate::common::{answer, parse, refused};

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
        // Before, behind or beside, repeated or broken.
        r#"{"code": 13000301, "code": 0}"#,
        r#"{"code": 0, "code": 13000301, "code": 13000302}"#,
        r#"{"code": true, "code": 13000301, "code": null}"#,
        r#"{"data": {"list": [1,, 2]}, "code": 13000301}"#,
        r#"{"data": {"progress": NaN}, "code": 13000301"#,
        r#"{"data": 1e400, "code": 13000301}"#,
        r#"{"data": n}ll, "code": 13000301}"#,
        r#"{"data": {}}, "code": 13000301}"#,
        r#"{"data": 1], "code": 13000301"msg": null}"#,
        r#"{"code": 13000301-, "data": {}}"#,
        r#"{"code": 13000301"#,
        r#"{"code":    "code": 13000301,"#,
        r#"{"$serde_json::private::Number": "5", "code": 13000301}"#,
        r#"{"msg": tru, "code": 13000301}"#,
        r#"{"data": "\x", "\u0063ode": 13000301}"#,
        r#"{"data": "\ud83d", "code": 13000301}"#,
        r#"{"data": {"code": 1, "x": "\"code\": 2"}, "code": 13000301.0} x"#,
    ] {
        for status in [200, 400] {
            let error = refused::<GetSpace>(status, body.as_bytes());
            assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("13000301")), "{body}");
            assert_eq!(error.message(), None);
            assert!(error.is_not_found());
        }
    }
    let deep = format!(r#"{{"data": {}, "code": 13000301}}"#, "[".repeat(1000) + &"]".repeat(1000));
    assert_eq!(refused::<GetSpace>(200, deep.as_bytes()).code(), Some("13000301"));
    for success in [
        r#"{"code": " 0 ", "msg": ["ok"]}"#,
        r#"{"code": null, "error_code": ""}"#,
        r#"{"code": "0.0"}"#,
        r#"{"code": -0.0, "error_code": " "}"#,
    ] {
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
    assert_eq!(error.to_string(), r"GetSpace: HTTP 200, code 99: 未知\nline");
    assert_eq!(error.kind(), ErrorKind::Api);
}

#[test]
fn a_status_other_than_2xx_is_an_error_whatever_the_body() {
    for (status, body, expected) in [
        (302, &b""[..], "HTTP 302: a redirect, which isn't followed; check the endpoint"),
        (304, b"", "HTTP 304; the answer is empty"),
        (404, b"<html>Not Found</html>", "HTTP 404; the answer is HTML or XML, not JSON: a proxy or login page?"),
        (500, br#"{"code": 0, "msg": "success", "data": {}}"#, "HTTP 500: success"),
        (503, b"{", "HTTP 503; the answer is cut off (EOF while parsing an object at line 1 column 1)"),
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

/// What is neither a number nor a text is no code, and no success either.
#[test]
fn what_is_no_code_is_unreadable() {
    for code in ["true", "false", "{}", "[]", "[0]", r#"{"en": 0}"#] {
        for name in ["code", "error_code"] {
            for body in [format!(r#"{{"{name}": {code}}}"#), format!(r#"{{"{name}": {code}, "{name}": 0}}"#)] {
                let error = refused::<DeleteSpace>(200, body.as_bytes());
                assert_eq!((error.kind(), error.code()), (ErrorKind::Decode, None), "{body}");
                assert!(error.to_string().contains(&format!(" {name}: ")), "{error}");
                assert_eq!(refused::<DeleteSpace>(500, body.as_bytes()).kind(), ErrorKind::Api);
            }
        }
    }
}

/// An answer without members: enough where nothing is wanted.
#[test]
fn success_without_a_body() {
    for status in [200, 201, 202, 204, 205] {
        for body in ["", " \r\n", "\u{feff}", "\u{feff} "] {
            DeleteSpace::parse(&answer(status, body)).unwrap();
            assert_eq!(ListJobs::parse(&answer(status, body)).unwrap(), []);
            let bytes = body.len();
            for error in [
                refused::<GetSpace>(status, body.as_bytes()),
                refused::<GetSpaceUsageByQuota>(status, body.as_bytes()),
                refused::<ListPersonalFiles>(status, body.as_bytes()),
            ] {
                assert_eq!(error.kind(), ErrorKind::Decode);
                let name = error.operation().unwrap().name;
                let what = if body.trim().is_empty() { "is empty" } else { "has no content" };
                let text = format!("{name}: the answer {what} (HTTP {status}, {bytes} bytes)");
                assert_eq!(error.to_string(), text);
            }
        }
        assert_eq!(GetSpace::parse(&answer(status, r#"{"data": {"capacity": 1}}"#)).unwrap().capacity, Some(1));
    }
    for status in [304, 404, 500] {
        assert!(
            refused::<DeleteSpace>(status, b"").to_string().ends_with(&format!("HTTP {status}; the answer is empty"))
        );
    }
}

#[test]
fn what_is_no_answer_gives_a_clear_error() {
    for (body, expected) in [
        (&b"<!DOCTYPE html><html>"[..], "the answer is HTML or XML, not JSON: a proxy or login page?"),
        (b"success", "the answer is not JSON"),
        (b"[0]", "the answer is JSON, but not an object"),
        (br#"{"code": 0, "data": {"#, "the answer is cut off (EOF while parsing an object at line 1 column 21)"),
        (br#"{"code": 0, "data": {}} x"#, "the answer is not valid JSON (trailing characters at line 1 column 25)"),
        (br#"{"code": 0, "data": "\x"}"#, "the answer is not valid JSON (invalid escape at line 1 column 24)"),
        (
            br#"{"code": 0, "data": {"size": 1e400}}"#,
            "the answer is not valid JSON (number out of range at line 1 column 34)",
        ),
        (br#"{"code": 0}"#, "data is missing"),
    ] {
        let error = refused::<GetSpace>(200, body);
        assert_eq!(error.kind(), ErrorKind::Decode);
        let bytes = body.len();
        assert_eq!(error.to_string(), format!("GetSpace: {expected} (HTTP 200, {bytes} bytes)"));
    }
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
        r#"{"code": 0, "data": "tops3cret"}"#,
        r#"{"code": 0, "data": ["tops3cret"]}"#,
        r#"{"code": {"a": "tops3cret"}}"#,
        r#"{"code": ["tops3cret"]}"#,
        r#"{"code": 0, "data": {"token": "tops3cret}"#,
        r#"{"code": 0, "data": {"token": "tops3cret\x"}}"#,
        r#"{"code": 13000301, "data": "tops3cret"}"#,
        "{\"code\": 0, \"tops3cret\\nline\": tru}",
        "{\"code\": 0, \"data\": {\"tops3cret\\nline\": tru}}",
        "<html>tops3cret</html>",
        "tops3cret",
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
