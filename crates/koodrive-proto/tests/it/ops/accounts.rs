//! Signing in to the carrier edition, and its tokens.

use koodrive_proto::ErrorKind;
use koodrive_proto::http::Method;
use koodrive_proto::ops::accounts::{AuthType, Login, RefreshToken};

use crate::common::{api, is_anonymous, now, parse, request, request_with_token, wire};

/// No credentials, no date; the agent's name.
#[test]
fn login() {
    let login = Login::new("0027188460911", AuthType::Password).password("123qweASD143");
    assert_eq!(
        wire(&login),
        "POST /auth/login\nx-hw-agentname: standard\n\
         {\"account\":\"0027188460911\",\"authType\":\"1\",\"password\":\"123qweASD143\"}",
    );
    assert_eq!(
        wire(&Login::new("a", AuthType::VerificationCode).captcha_token("t")),
        "POST /auth/login\nx-hw-agentname: standard\n{\"account\":\"a\",\"authType\":\"2\",\"captchaToken\":\"t\"}",
    );
    assert!(!format!("{login:?}").contains("123qwe"), "{login:?}");
    assert!(is_anonymous(&request(&login)));
}

/// The old token and no date.
#[test]
fn refresh_token() {
    let token = request_with_token(&RefreshToken::new("0e0e72d3"));
    assert_eq!((token.method(), token.uri().path()), (&Method::POST, "/koodrive/ose/v1/auth/refreshToken"));
    assert_eq!(token.body(), r#"{"refreshToken":"0e0e72d3"}"#);

    let error = api().request(&RefreshToken::new("0e0e72d3"), now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
}

#[test]
fn tokens_in_answers() {
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
    assert_eq!((table.expires_in, table.refresh_token.as_ref().unwrap().as_str()), (Some(1800), "0e0e"));
    let both = parse::<RefreshToken>(&format!(r#"{{"data": {{"sessionInfo": {{}}, {}}}"#, &tokens[1..])).unwrap();
    assert_eq!(both.session(), table);
}
