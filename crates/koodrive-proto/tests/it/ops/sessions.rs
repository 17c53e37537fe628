//! Sessions of the enterprise edition.

use koodrive_proto::http::Method;
use koodrive_proto::ops::sessions::{CreateSession, RefreshSession};

use crate::common::{is_anonymous, request, request_with_token, wire};

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
