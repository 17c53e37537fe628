//! Tokens that expire, and what they are exchanged for.

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeDelta, TimeZone, Utc};
use koodrive_proto::ops::accounts::{AccountSession, RefreshToken};
use koodrive_proto::ops::sessions::{CreateSession, RefreshSession};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{AccessToken, Api, Credentials, Error, Operation};
use koodrive_sim::Simulator;

const LIFETIME: TimeDelta = TimeDelta::minutes(20);

fn at(minutes: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap() + TimeDelta::minutes(minutes)
}

fn call<O: Operation>(simulator: &Simulator, token: &str, op: &O, now: DateTime<Utc>) -> Result<O::Output, Error> {
    let api = Api::new("http://h", Credentials::token(AccessToken::as_issued(token), "7")).unwrap();
    O::parse(&simulator.handle(api.request(op, now).unwrap(), now))
}

/// Whether a call is let in.
fn works(simulator: &Simulator, token: &str, minutes: i64) -> bool {
    let Err(error) = call(simulator, token, &GetSpaceUsageOverview::new(), at(minutes)) else { return true };
    refused(&error, "the token ");
    false
}

fn refused(error: &Error, detail: &str) {
    assert_eq!((error.code(), error.status().unwrap().as_u16()), (Some("APIGW.0301"), 401), "{error}");
    assert!(error.is_unauthorized() && error.to_string().contains(detail), "{error}");
}

fn refresh(simulator: &Simulator, token: &str, session: &str, minutes: i64) -> Result<String, Error> {
    let answer = call(simulator, token, &RefreshSession::new(session), at(minutes))?;
    Ok(answer.access_token.unwrap().as_str().to_owned())
}

fn exchange(simulator: &Simulator, token: &str, refresh: &str, minutes: i64) -> Result<AccountSession, Error> {
    Ok(call(simulator, token, &RefreshToken::new(refresh), at(minutes))?.session())
}

#[test]
fn enterprise_tokens_slide() {
    for simulator in [Simulator::new().token("Bearer 1", "7"), Simulator::new().session("Bearer 1", "7", "s")] {
        let simulator = simulator.token_lifetime(LIFETIME);
        // From the first call on, and anew with each one; a call that arrives late takes nothing away.
        for minutes in [1000, 1019, 1000, 1038, 1057] {
            assert!(works(&simulator, "Bearer 1", minutes), "{minutes}");
        }
        assert!(!works(&simulator, "Bearer 1", 1077));
        // What was refused has no new life.
        assert!(!works(&simulator, "Bearer 1", 1078));
        refused(
            &call(&simulator, "Bearer 1", &GetSpaceUsageOverview::new(), at(1077)).unwrap_err(),
            "the token has expired",
        );
        refused(
            &call(&simulator, "Bearer 2", &GetSpaceUsageOverview::new(), at(1000)).unwrap_err(),
            "the token is not known",
        );
    }
    // Without a lifetime they live for ever.
    let simulator = Simulator::new().token("Bearer 1", "7");
    assert!(works(&simulator, "Bearer 1", 0) && works(&simulator, "Bearer 1", 10_000_000));
    // By its own clock, and not renewed by somebody else's call.
    let simulator = simulator.token_lifetime(LIFETIME).clock_offset(TimeDelta::days(-1));
    assert!(!works(&simulator, "Bearer 1", 10_000_020 + 24 * 60));
    let simulator = Simulator::new().token("Bearer 1", "7").token_lifetime(LIFETIME);
    assert!(works(&simulator, "Bearer 1", 0));
    let other = Api::new("http://h", Credentials::token(AccessToken::as_issued("Bearer 1"), "8")).unwrap();
    let request = other.request(&GetSpaceUsageOverview::new(), at(19)).unwrap();
    assert_eq!(simulator.handle(request, at(19)).status(), 401);
    assert!(!works(&simulator, "Bearer 1", 20));
}

#[test]
fn a_session_is_refreshed() {
    let simulator = Simulator::new().session("Bearer 1", "7", "s").token_lifetime(LIFETIME);
    assert!(works(&simulator, "Bearer 1", 0));
    let second = refresh(&simulator, "Bearer 1", "s", 1).unwrap();
    let hex = second.strip_prefix("Bearer ").unwrap();
    assert!(hex.len() == 48 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()), "{second}");
    assert!(works(&simulator, &second, 2) && !works(&simulator, "Bearer 1", 2));
    assert_eq!(simulator.ledger()[2].user_id.as_deref(), Some("7"));

    // Where the answer was lost the old token refreshes once more, and what was lost works no more.
    let third = refresh(&simulator, "Bearer 1", "s", 3).unwrap();
    assert!(works(&simulator, &third, 4) && !works(&simulator, &second, 4));
    refused(&refresh(&simulator, &second, "s", 4).unwrap_err(), "the token is not known");
    // Also when it has expired, from when on it was issued.
    let fourth = refresh(&simulator, &third, "s", 1000).unwrap();
    refused(&refresh(&simulator, "Bearer 1", "s", 1000).unwrap_err(), "the token is not known");
    assert!(!works(&simulator, &fourth, 1020));
    let fifth = refresh(&simulator, &fourth, "s", 1020).unwrap();
    simulator.expire_tokens();
    assert!(!works(&simulator, &fifth, 1020));
    let sixth = refresh(&simulator, &fifth, "s", 1020).unwrap();
    assert!(works(&simulator, &sixth, 1020));

    // A session of nobody's, and somebody else's; being refused gives no new life.
    refused(&refresh(&simulator, &sixth, "t", 1041).unwrap_err(), "the session is not known");
    assert!(!works(&simulator, &sixth, 1041));
    let simulator = simulator.session("Bearer t", "7", "t").token("Bearer plain", "7");
    for token in ["Bearer t", "Bearer plain"] {
        refused(&refresh(&simulator, token, "s", 1041).unwrap_err(), "the token is not the session's latest");
    }
    // The same tokens in every run.
    let again = Simulator::new().session("Bearer 1", "7", "s");
    assert_eq!(refresh(&again, "Bearer 1", "s", 0).unwrap(), second);
}

/// What somebody has is not taken by who is set up after them.
#[test]
fn tokens_and_sessions_stay_with_their_users() {
    let simulator = Simulator::new().session("Bearer a", "7", "s").session("Bearer b", "8", "s").token("Bearer a", "8");
    assert_eq!(simulator.session_owner("s").as_deref(), Some("7"));
    assert_eq!(simulator.token_owner("Bearer a").as_deref(), Some("7"));
    assert_eq!((simulator.token_owner("Bearer b"), simulator.session_owner("t")), (None, None));
    // Their own they may have anew.
    let simulator = simulator.session("Bearer c", "7", "s");
    assert_eq!(simulator.session_owner("s").as_deref(), Some("7"));
    assert_eq!(simulator.token_owner("Bearer c").as_deref(), Some("7"));
}

#[test]
fn a_refresh_token_works_once() {
    let simulator = Simulator::new().refresh_token("AT 1", "7", "r");
    let second = exchange(&simulator, "AT 1", "r", 0).unwrap();
    assert_eq!((second.expires_in, second.issued_at.as_deref()), (Some(1800), Some("1762153300000")));
    let (token, refresh) = (second.access_token.unwrap(), second.refresh_token.unwrap());
    assert!(token.as_str().starts_with("AT ") && token.as_str().len() == 51 && refresh.as_str().len() == 48);
    assert!(works(&simulator, token.as_str(), 0) && !works(&simulator, "AT 1", 0));
    refused(&exchange(&simulator, "AT 1", "r", 0).unwrap_err(), "the token is not known");
    refused(&exchange(&simulator, token.as_str(), "r", 0).unwrap_err(), "has been used");

    // It doesn't slide, and begins when it was issued.
    let simulator = simulator.token_lifetime(TimeDelta::seconds(600));
    let third = exchange(&simulator, token.as_str(), refresh.as_str(), 1000).unwrap();
    assert_eq!(third.expires_in, Some(600));
    let token = third.access_token.unwrap();
    for minutes in [1001, 1009] {
        assert!(works(&simulator, token.as_str(), minutes));
    }
    assert!(!works(&simulator, token.as_str(), 1010));
    let fourth = exchange(&simulator, token.as_str(), third.refresh_token.unwrap().as_str(), 1010).unwrap();
    assert!(works(&simulator, fourth.access_token.unwrap().as_str(), 1010));
    assert!(!format!("{simulator:?} {:?}", simulator.ledger()).contains("AT "), "secrets are not shown");
}

/// As before where nothing of the kind is set up; but not for a token that is refused elsewhere.
#[test]
fn documented_answers() {
    let simulator = Simulator::new().token("Bearer 1", "7");
    refresh(&simulator, "Bearer 1", "s", 0).unwrap();
    assert_eq!(exchange(&simulator, "Bearer 1", "r", 0).unwrap().expires_in, Some(1800));
    refused(&refresh(&simulator, "Bearer 2", "s", 0).unwrap_err(), "the token is not known");
    simulator.expire_tokens();
    refused(&refresh(&simulator, "Bearer 1", "s", 0).unwrap_err(), "the token has expired");
    let simulator = simulator.refresh_token("AT 1", "7", "r").token("Bearer 1", "7");
    refresh(&simulator, "Bearer 1", "s", 0).unwrap();
    refused(&exchange(&simulator, "Bearer 1", "r", 0).unwrap_err(), "the refresh token is not the token's");
    // A signature is not taken.
    let simulator = simulator.app("app", "secret", "7");
    let api = Api::new("http://h", Credentials::app("app", "secret", "7")).unwrap();
    let (mut parts, _) = api.request(&GetSpaceUsageOverview::new(), at(0)).unwrap().into_parts();
    (parts.method, parts.uri) = ("POST".parse().unwrap(), "/koodrive/ose/v1/session/refresh".parse().unwrap());
    let response = simulator.handle(koodrive_proto::http::Request::from_parts(parts, Bytes::new()), at(0));
    assert_eq!(response.status(), 401);
}

/// A token that a call issued is there after a restart, with the time of its last call.
#[test]
fn tokens_outlive_the_program() {
    let directory = std::env::temp_dir().join(format!("koodrive-sim-tokens-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    let simulator = Simulator::open(&directory).unwrap().token("Bearer 1", "7");
    let session = call(&simulator, "Bearer 1", &CreateSession::new("7"), at(0)).unwrap();
    let (token, id) = (session.access_token.unwrap(), session.session_id.unwrap());
    assert!(works(&simulator, token.as_str(), 19));
    drop(simulator);
    let simulator = Simulator::open(&directory).unwrap();
    assert!(works(&simulator, token.as_str(), 38) && !works(&simulator, token.as_str(), 58));
    let second = refresh(&simulator, token.as_str(), id.as_str(), 58).unwrap();
    assert!(works(&simulator, &second, 58) && works(&simulator, "Bearer 1", 10_000));
    drop(simulator);
    std::fs::remove_dir_all(&directory).unwrap();
}

/// Reading writes the use of a token only now and then, but is counted to the second while the program runs.
#[test]
fn reading_writes_little() {
    let directory = std::env::temp_dir().join(format!("koodrive-sim-reading-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    let simulator = Simulator::open(&directory).unwrap().token("Bearer 1", "7").token_lifetime(LIFETIME);
    let lines = || std::fs::read_to_string(directory.join("journal.jsonl")).unwrap().lines().count();
    let before = lines();
    let read = |simulator: &Simulator, seconds: i64| {
        call(simulator, "Bearer 1", &GetSpaceUsageOverview::new(), at(0) + TimeDelta::seconds(seconds)).is_ok()
    };
    let written = [0, 1, 9, 10, 11, 19].map(|seconds| {
        assert!(read(&simulator, seconds));
        lines() - before
    });
    assert_eq!(written, [1, 1, 1, 2, 2, 2]);
    assert!(read(&simulator, 19 + 20 * 60 - 1) && !read(&simulator, 19 + 40 * 60));
    drop(simulator);
    std::fs::remove_dir_all(&directory).unwrap();
}
