//! The carrier edition: each renewal brings a new secret for the next one, which has to be kept.

use std::sync::{Arc, Mutex};

use koodrive_proto::flow::{Cause, Event, Now, Reached, Step};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{AccessToken, Api, Call, Credentials, ErrorKind, Flow, Refresh};

use super::{MINUTE, answer, api, names, overview, sends, token};

/// The carrier edition: the refresh token changes each time, and the answer says how long the token lives.
#[test]
fn a_refresh_token_changes_each_time() {
    let credentials = Credentials::token(AccessToken::as_issued("AT 0"), "7").refresh(Refresh::token("r0"));
    let (api, mut number) = (api(credentials), 0);
    let mut world = World::new(move |visit| match visit.target.name() {
        "RefreshToken" => {
            let koodrive_proto::flow::Body::Bytes(body) = visit.request.body() else { panic!("no body") };
            assert_eq!(*body, format!(r#"{{"refreshToken":"r{number}"}}"#));
            assert_eq!(token(visit), format!("AT {number}"));
            number += 1;
            Reply::ok(format!(
                r#"{{"data": {{"sessionInfo": {{"accessToken": "AT {number}", "expiresIn": 1800, "refreshToken": "r{number}"}}}}}}"#
            ))
        }
        _ if token(visit) == "AT 0" => Reply::status(401, ""),
        _ => Reply::ok(r#"{"data": {}}"#),
    });
    overview(&mut world, &api).unwrap();
    assert_eq!(api.credentials().unwrap().refresh_secret().unwrap().as_str(), "r1");
    world.pass(MINUTE * 28);
    overview(&mut world, &api).unwrap();
    world.pass(MINUTE);
    overview(&mut world, &api).unwrap();
    let expected = [1, 2, 3, 0, 0].map(|which| {
        ["GetSpaceUsageOverview", "GetSpaceUsageOverview", "RefreshToken", "GetSpaceUsageOverview"][which]
    });
    assert_eq!(names(&world)[..5], [expected[0], expected[1], expected[2], expected[3], "RefreshToken"]);
    assert_eq!(api.credentials().unwrap().access_token().unwrap().as_str(), "AT 2");
}

/// A refresh token may be used up: a refresh that was cut off is not repeated, and says so.
#[test]
fn a_refresh_token_is_not_used_twice() {
    let credentials = Credentials::token(AccessToken::as_issued("AT 0"), "7").refresh(Refresh::token("r0"));
    let api = api(credentials);
    let mut world = World::new(|visit| match visit.target.name() {
        "RefreshToken" => Reply::failed(Reached::Maybe, Cause::Network),
        _ => Reply::status(401, ""),
    });
    let error = overview(&mut world, &api).unwrap_err();
    assert_eq!((error.kind(), world.visits().len()), (ErrorKind::Credentials, 2));
}

/// A call that is cancelled while it renews the token didn't run itself, so it goes on: it renews, as the next call
/// would, or finds what another has renewed.
#[test]
fn a_call_that_is_cancelled_while_it_renews_goes_on() {
    fn goes_on<F: Flow>(mut call: F, api: &Api, now: Now) {
        let renews = |step: &Step<_>| matches!(step, Step::Send(outgoing) if outgoing.target.name() == "RefreshToken");
        let _ = call.resume(api, now, Event::Start);
        assert!(renews(&call.resume(api, now, answer(401, ""))));
        assert!(renews(&call.resume(api, now, Event::Start)), "it renews again");
        api.set_credentials(Credentials::token(AccessToken::as_issued("AT 1"), "7")).unwrap();
        assert!(sends(&call.resume(api, now, Event::Start), "AT 1"), "another has renewed it");
        assert!(matches!(call.resume(api, now, answer(200, r#"{"code": 0, "data": {}}"#)), Step::Done(Ok(_))));
    }
    let credentials = || Credentials::token(AccessToken::as_issued("AT 0"), "7").refresh(Refresh::token("r0"));
    let (op, once) = (GetSpaceUsageOverview::new(), DeleteSpace::new("1", SpaceType::Individual));
    let now = World::script([]).now();
    goes_on(Call::new(&op), &api(credentials()), now);
    // Also one that may run only once: it was refused.
    goes_on(Call::new(&once), &api(credentials()), now);
}

/// Each renewal is told, with what has to be kept.
#[test]
fn a_listener_is_told_of_each_renewal() {
    let kept: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&kept);
    let refresh = Refresh::token("r0").on_renewal(move |credentials| {
        let (token, secret) = (credentials.access_token().unwrap(), credentials.refresh_secret().unwrap());
        told.lock().unwrap().push(format!("{} {}", token.as_str(), secret.as_str()));
    });
    let api = api(Credentials::token(AccessToken::as_issued("AT 0"), "7").refresh(refresh));
    let mut number = 0;
    let mut world = World::new(move |visit| match visit.target.name() {
        "RefreshToken" => {
            number += 1;
            Reply::ok(format!(
                r#"{{"data": {{"accessToken": "AT {number}", "refreshToken": "r{number}", "expiresIn": 60}}}}"#
            ))
        }
        _ if token(visit) == "AT 0" => Reply::status(401, ""),
        _ => Reply::ok(r#"{"data": {}}"#),
    });
    for _ in 0..3 {
        overview(&mut world, &api).unwrap();
        world.pass(MINUTE);
    }
    assert_eq!(*kept.lock().unwrap(), ["AT 1 r1", "AT 2 r2", "AT 3 r3"]);
}
