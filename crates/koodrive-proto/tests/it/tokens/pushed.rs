//! Tokens that somebody brings from elsewhere.

use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::flow::{Event, Step};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{AccessToken, Call, Credentials, ErrorKind, Flow, RetryPolicy};

use super::{MINUTE, Service, answer, api, lead, names, overview, renewable, session, token};

/// Without a way to renew it, a refused token is an error, until somebody brings another.
#[test]
fn a_token_without_a_renewal_is_refused_until_another_is_pushed() {
    let service = Service::default();
    let api = api(Credentials::token(AccessToken::as_issued("Bearer 0"), "7"));
    let mut world = service.world();
    overview(&mut world, &api).unwrap();
    service.expire();
    let error = overview(&mut world, &api).unwrap_err();
    assert!(error.is_unauthorized() && error.attempts() == 1);
    api.set_credentials(Credentials::token(AccessToken::as_issued("Bearer 1"), "7")).unwrap();
    overview(&mut world, &api).unwrap();
    // Brought while the old one is refused: the call goes on with the new one.
    service.expire();
    let (op, mut call_world) = (GetSpaceUsageOverview::new(), service.world());
    let mut call = Call::new(&op);
    let _ = call.resume(&api, world.now(), Event::Start);
    api.set_credentials(Credentials::token(AccessToken::as_issued("Bearer 2"), "7")).unwrap();
    assert!(matches!(call.resume(&api, world.now(), answer(401, "")), Step::Send(_)));
    overview(&mut call_world, &api).unwrap();
    assert!(api.set_credentials(Credentials::token(AccessToken::as_issued(""), "7")).is_err());
}

/// What became of an old token says nothing of the one that was pushed: it is renewed early.
#[test]
fn a_pushed_token_begins_anew() {
    let op = GetSpaceUsageOverview::new();
    let pushed = || renewable(AccessToken::as_issued("Bearer pushed").valid_for(MINUTE * 30));
    for pushed_before_the_failure in [false, true] {
        let api = api(session("Bearer 0"));
        let mut world = World::new(|visit| match visit.target.name() {
            "RefreshSession" => Reply::ok(r#"{"accessToken": "Bearer renewed"}"#),
            _ => Reply::ok(r#"{"data": {}}"#),
        });
        let mut first = lead(Call::new(&op), &api, world.now());
        if pushed_before_the_failure {
            api.set_credentials(pushed()).unwrap();
        }
        let _ = first.resume(&api, world.now(), answer(400, ""));
        if !pushed_before_the_failure {
            api.set_credentials(pushed()).unwrap();
        }
        overview(&mut world, &api).unwrap();
        world.pass(MINUTE * 29 + MINUTE / 2);
        overview(&mut world, &api).unwrap();
        assert_eq!(names(&world), ["GetSpaceUsageOverview", "RefreshSession", "GetSpaceUsageOverview"]);
    }
}

/// Another user on the same Api: another token, the same clock and settings.
#[test]
fn other_callers_have_other_tokens_and_the_same_clock() {
    let first = api(session("Bearer 0")).retry(RetryPolicy::none());
    let second = first.with_credentials(Credentials::token(AccessToken::as_issued("Bearer 9"), "8")).unwrap();
    let mut world = World::new(|visit| {
        let user = visit.request.headers()["x-user-id"].to_str().unwrap();
        Reply::status(if user == "8" { 503 } else { 401 }, "")
    })
    .server_ahead(TimeDelta::hours(1));
    let error = overview(&mut world, &second).unwrap_err();
    assert_eq!((error.attempts(), token(&world.visits()[0]).as_str()), (1, "Bearer 9"));
    assert!((first.clock_offset() - TimeDelta::hours(1)).abs() <= TimeDelta::seconds(1));
    second.set_credentials(Credentials::anonymous()).unwrap();
    assert!(second.credentials().is_none() && first.credentials().is_some());
    assert_eq!(overview(&mut world, &second).unwrap_err().kind(), ErrorKind::Credentials);
}
