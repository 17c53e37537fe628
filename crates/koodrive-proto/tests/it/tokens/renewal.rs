//! What a refused token brings: one renewal, and the call sent again.

use std::time::Duration;

use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::flow::{Cause, Reached};
use koodrive_proto::ops::accounts::{AuthType, Login};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType, UpdateSpace};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{AccessToken, Call, Credentials, ErrorKind, Refresh, RetryPolicy, Sent};

use super::{MINUTE, Service, api, names, overview, session, token};

/// A refused token is renewed and the call sent again, also one that runs once: it didn't run.
#[test]
fn a_refused_token_is_renewed() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    let mut world = service.world();
    overview(&mut world, &api).unwrap();
    service.expire();
    world.run(&api, &mut Call::new(&DeleteSpace::new("1", SpaceType::Individual))).unwrap();
    overview(&mut world, &api).unwrap();
    let expected = ["GetSpaceUsageOverview", "DeleteSpace", "RefreshSession", "DeleteSpace", "GetSpaceUsageOverview"];
    assert_eq!(names(&world), expected);
    assert_eq!(token(&world.visits()[2]), "Bearer 0", "the old token goes with the refresh");
    // To be kept for the next start.
    let credentials = api.credentials().unwrap();
    assert_eq!(credentials.access_token().unwrap().as_str(), "Bearer 2");
    assert_eq!(credentials.refresh_secret().unwrap().as_str(), "the session");
    assert!(
        !format!("{credentials:?} {api:?}").contains("Bearer") && !format!("{credentials:?}").contains("the session")
    );
}

/// Whatever its message is made of, a refusal is understood.
#[test]
fn a_refusal_in_another_encoding_is_understood() {
    for (before, message) in [
        (&b""[..], &b"\xbf\xd5\xbc\xe4"[..]),
        (b"", b"\xe7\xa9"),
        (b"\xef\xbb\xbf", b"no"),
        (b"", br"no \ud83d"),
        (b"", b"\n"),
    ] {
        let refusal = [before, br#"{"error_msg":""#, message, br#"","error_code":"APIGW.0307"}"#].concat();
        let (service, api) = (Service::expired(), api(session("Bearer 0")));
        let inner = service.clone();
        let mut world = World::new(move |visit| match inner.reply(visit) {
            _ if token(visit) == "Bearer 0" && visit.target.name() != "RefreshSession" => {
                Reply::status(403, refusal.clone())
            }
            reply => reply,
        });
        overview(&mut world, &api).unwrap();
        assert_eq!(service.refreshes(), 1);
    }
}

/// A new token, or a secret for the next one, in which something couldn't be read is never sent.
#[test]
fn tokens_that_could_not_be_read_are_never_sent() {
    let mut world = Service::expired().world_where(|_| Some(Reply::ok(r#"{"accessToken": "Bearer \udc00"}"#)));
    let error = overview(&mut world, &api(session("Bearer 0"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);

    let mut world = World::new(|visit| match visit.target.name() {
        "RefreshToken" => Reply::ok(r#"{"data": {"accessToken": "AT 2", "refreshToken": "next\udc00"}}"#),
        _ if token(visit) == "AT 2" => Reply::ok(r#"{"data": {}}"#),
        _ => Reply::status(401, ""),
    });
    let api = api(Credentials::token(AccessToken::as_issued("AT 1"), "7").refresh(Refresh::token("first")));
    overview(&mut world, &api).unwrap();
    assert_eq!(api.credentials().unwrap().refresh_secret().unwrap().as_str(), "first");
}

/// The refresh is a call like others: it is sent again where that helps, within what is left of the call.
#[test]
fn a_refresh_has_attempts_and_a_deadline() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let mut world = service.world_where(|number| match number {
        1 => Some(Reply::status(503, "")),
        2 => Some(Reply::failed(Reached::Maybe, Cause::Network)),
        _ => None,
    });
    overview(&mut world, &api).unwrap();
    assert_eq!(service.refreshes(), 1);

    let api = self::api(session("Bearer 0"));
    let mut world = Service::expired().world_where(|_| Some(Reply::silence()));
    let op = GetSpaceUsageOverview::new();
    let error = world.run(&api, &mut Call::new(&op).deadline(Duration::from_secs(3))).unwrap_err();
    assert_eq!((error.kind(), world.now().elapsed), (ErrorKind::Deadline, Duration::from_secs(3)));
    assert_eq!((error.attempts(), error.was_sent()), (1, Sent::No), "refused, so it had no effect");
    assert!(
        error.to_string().starts_with("GetSpaceUsageOverview: while the token was renewed: RefreshSession: "),
        "{error}"
    );

    // The Api's policy is that of the refresh.
    for (most, requests) in [(1, 2), (3, 4)] {
        let api = self::api(session("Bearer 0")).retry(RetryPolicy::default().max_attempts(most));
        let mut world = Service::expired().world_where(|_| Some(Reply::status(503, "")));
        let error = world.run(&api, &mut Call::new(&op).retry(RetryPolicy::none())).unwrap_err();
        assert_eq!((error.kind(), world.visits().len()), (ErrorKind::Credentials, requests));
    }
}

/// Once per call: a service that refuses every token is believed.
#[test]
fn a_service_that_refuses_every_token_is_believed() {
    let api = api(session("Bearer 0"));
    let mut world = Service::expired().world_where(|_| Some(Reply::ok(r#"{"accessToken": "Bearer x"}"#)));
    let error = overview(&mut world, &api).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.was_sent()), (ErrorKind::Api, 2, Sent::Yes));
    assert_eq!(world.visits().len(), 3);
}

/// A wrong clock and an expired token at once: each is mended once.
#[test]
fn a_wrong_clock_and_an_expired_token_are_mended_once_each() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let mut world = service.world().server_ahead(TimeDelta::days(-2));
    overview(&mut world, &api).unwrap();
    assert_eq!(names(&world).len(), 4);
}

/// What needs no token cares for none, and a refresh that is refused is not refreshed.
#[test]
fn what_needs_no_token_renews_none() {
    let api = api(session("Bearer 0")).agent_name("standard").unwrap();
    let mut world = World::new(|_| Reply::status(401, ""));
    overview(&mut world, &api).unwrap_err();
    assert_eq!(names(&world), ["GetSpaceUsageOverview", "RefreshSession"]);
    let error = world.run(&api, &mut Call::new(&Login::new("me", AuthType::Password))).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), world.visits().len()), (ErrorKind::Api, 1, 3));
}

/// A renewal counts for no attempt.
#[test]
fn a_renewal_is_no_attempt() {
    let api = api(session("Bearer 0"));
    let mut calls = 0;
    let mut world = World::new(move |visit| {
        if visit.target.name() == "RefreshSession" {
            return Reply::ok(r#"{"accessToken": "Bearer 1"}"#);
        }
        calls += 1;
        match calls {
            1 => Reply::status(401, ""),
            2 => Reply::status(503, ""),
            _ => Reply::ok(r#"{"data": {}}"#),
        }
    });
    let op = GetSpaceUsageOverview::new();
    world.run(&api, &mut Call::new(&op).retry(RetryPolicy::default().max_attempts(2))).unwrap();
}

/// What can't be sent is refused before anything is renewed for it.
#[test]
fn parameters_are_refused_before_anything_is_renewed() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    let mut world = service.world();
    overview(&mut world, &api).unwrap();
    world.pass(MINUTE * 60);
    let op = UpdateSpace::new("1", SpaceType::Individual).capacity(0);
    let error = world.run(&api, &mut Call::new(&op)).unwrap_err();
    assert_eq!((error.kind(), world.visits().len()), (ErrorKind::Param, 1));
}
