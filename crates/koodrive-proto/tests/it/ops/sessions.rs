//! Sessions of the enterprise edition.

use koodrive_proto::http::Method;
use koodrive_proto::ops::sessions::{CheckSession, CreateSession, GetAuthCodeURL, LogOff, RefreshSession, SessionRole};

use crate::common::{is_anonymous, noted, parse, request, request_with_token, wire};

/// No credentials, no date; an address that is no code yet.
#[test]
fn get_auth_code_url() {
    let op = GetAuthCodeURL::new("d:8080");
    assert_eq!(wire(&op), "GET /session/authCodeURL?domain=d%3A8080");
    assert!(is_anonymous(&request(&op)));
    let (address, notes) = noted::<GetAuthCodeURL>(
        r#"{"uri": "https://orgid.example/oauth2/authorize?response_type=code&scope=phone+profile",
            "orgIdHost": "https://orgid.example", "code": 0, "msg": "success"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(
        address.uri.as_deref(),
        Some("https://orgid.example/oauth2/authorize?response_type=code&scope=phone+profile")
    );
    assert_eq!(address.org_id_host.as_deref(), Some("https://orgid.example"));
}

/// No credentials, no date.
#[test]
fn create_session() {
    assert_eq!(
        wire(&CreateSession::new("FrbM").domain("d:8080")),
        "POST /session/\n{\"code\":\"FrbM\",\"domain\":\"d:8080\"}",
    );
    assert!(is_anonymous(&request(&CreateSession::new("FrbM"))));
}

/// The old token and no date; the id of the session, which no Debug shows.
#[test]
fn refresh_session() {
    let session = request_with_token(&RefreshSession::new("b49d0aee"));
    assert_eq!((session.method(), session.uri().path()), (&Method::POST, "/koodrive/ose/v1/session/refresh"));
    assert_eq!(session.headers()["x-session-id"], "b49d0aee");
    assert!(session.body().is_empty() && !format!("{session:?}").contains("b49d0aee"), "{session:?}");
}

/// The token and no date; the example with the comma that it lacks, and the types of 2024.
#[test]
fn check_session() {
    let request = request_with_token(&CheckSession::new());
    assert_eq!((request.method(), request.uri().path()), (&Method::GET, "/koodrive/ose/v1/session/auth"));
    let (user, notes) = noted::<CheckSession>(
        r#"{ "data": { "role": "2", "userName": "Tenant Administrator", "innerUserId": "369528171409614001",
            "userId": "1008600000016806899", "tenantId": "40086000004871666", "orgId": "9190086000001210958",
            "orgName": "KooDrive", "deptId":1395496464656556464, "userCount": 7000 }, "code": 0, "msg": "success" }"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((user.role, user.user_count), (Some(SessionRole::SuperAdministrator), Some(7000)));
    assert!(user.inner_user_id.is_some_and(|id| id == "369528171409614001"));
    assert_eq!(user.user_id.as_deref(), Some("1008600000016806899"));
    assert_eq!(user.dept_id.as_deref(), Some("1395496464656556464"));

    let answer = r#"{"data": {"role": 1, "userName": 369528171409614001, "userCount": "7000"}, "code": "0"}"#;
    let (user, notes) = noted::<CheckSession>(answer);
    assert_eq!(notes, [""; 0]);
    assert_eq!((user.role, user.user_count), (Some(SessionRole::User), Some(7000)));
    assert_eq!(user.user_name.as_deref(), Some("369528171409614001"));
}

/// The token and no date; a list that the example lacks.
#[test]
fn log_off() {
    let request = request_with_token(&LogOff::new());
    assert_eq!((request.method(), request.uri().path()), (&Method::GET, "/koodrive/ose/v1/session/logoff"));
    assert_eq!(parse::<LogOff>(r#"{"code": 0, "msg": "success"}"#).unwrap().failed, [""; 0]);
    assert_eq!(parse::<LogOff>(r#"{"code": "0", "failedList": ["a"]}"#).unwrap().failed, ["a"]);
}
