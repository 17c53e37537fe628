//! Tokens whose life is known: renewed before they end, and no earlier.

use std::time::Duration;

use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{AccessToken, Call, Credentials, ErrorKind, Refresh};

use super::{MINUTE, Service, api, names, overview, renewable, session};

/// Known lives: early, and no earlier.
#[test]
fn a_token_of_known_life_is_renewed_early_and_no_earlier() {
    // 20 minutes after the last call, by the manual.
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    let mut world = service.world();
    for (idle, refreshes) in [(0, 0), (18, 0), (18, 0), (18, 0), (20, 1), (18, 1), (19, 2), (600, 3)] {
        world.pass(MINUTE * idle);
        overview(&mut world, &api).unwrap();
        assert_eq!(service.refreshes(), refreshes);
        assert_eq!(world.visits().iter().filter(|visit| visit.attempt > 1).count(), 0, "never refused");
    }
    // From the first call on.
    let token = AccessToken::as_issued("Bearer 0").valid_for(MINUTE * 30);
    let (service, api) = (Service::default(), self::api(renewable(token)));
    let mut world = service.world();
    for (pass, refreshes) in [(100, 0), (14, 0), (14, 0), (2, 1)] {
        world.pass(MINUTE * pass);
        overview(&mut world, &api).unwrap();
        assert_eq!(service.refreshes(), refreshes);
    }
}

/// Early and in vain: the token works a little longer, and is used.
#[test]
fn a_token_whose_early_renewal_failed_is_used_to_its_end() {
    let token = AccessToken::as_issued("Bearer 0").valid_for(MINUTE * 30);
    let api = api(renewable(token));
    let mut world = Service::default().world_where(|_| Some(Reply::status(400, "")));
    overview(&mut world, &api).unwrap();
    world.pass(MINUTE * 29 + MINUTE / 2);
    let op = GetSpaceUsageOverview::new();
    assert!(world.run_all(&api, (0..100).map(|_| Call::new(&op))).iter().all(Result::is_ok));
    assert_eq!(world.visits().len(), 102, "one tries, all go on");
    // Past its known life it is for the service to say.
    world.pass(MINUTE * 30);
    overview(&mut world, &api).unwrap();
    let mut world = Service::expired().world_where(|_| Some(Reply::status(400, "")));
    let error = overview(&mut world, &api).unwrap_err();
    assert_eq!((error.kind(), names(&world).len()), (ErrorKind::Credentials, 2));
    assert!(error.is_unauthorized());
    let source = error.renewal().unwrap();
    assert_eq!((source.operation().unwrap().name, source.status().unwrap().as_u16()), ("RefreshSession", 400));
}

/// Early and slow: the others go on with what they have, and the one that renews doesn't wait for long.
#[test]
fn a_slow_early_renewal_holds_nobody_up() {
    let token = AccessToken::as_issued("Bearer 0").valid_for(MINUTE * 30);
    let api = api(renewable(token));
    let mut world = Service::default().world_where(|_| Some(Reply::silence()));
    overview(&mut world, &api).unwrap();
    world.pass(MINUTE * 29 + MINUTE / 12);
    let (op, begun) = (GetSpaceUsageOverview::new(), world.now().elapsed);
    assert!(world.run_all(&api, (0..10).map(|_| Call::new(&op))).iter().all(Result::is_ok));
    assert!(world.now().elapsed <= begun + Duration::from_secs(11), "{:?}", world.now().elapsed);
    let first = Duration::from_millis(100);
    assert_eq!(world.visits().iter().filter(|visit| visit.sent > begun + first).count(), 1, "only one waited");
}

/// A token that took another's place lives as long, unless the answer says otherwise.
#[test]
fn the_life_of_a_token_is_handed_on_to_the_next() {
    for token in
        [AccessToken::as_issued("Bearer 0").valid_for(MINUTE), AccessToken::as_issued("Bearer 0").sliding(MINUTE)]
    {
        let (service, api) = (Service::default(), api(renewable(token)));
        let mut world = service.world();
        for _ in 0..6 {
            overview(&mut world, &api).unwrap();
            world.pass(Duration::from_secs(58));
        }
        assert_eq!(service.refreshes(), 5);
    }
    // A short life isn't all early.
    let token = AccessToken::as_issued("Bearer 0").valid_for(MINUTE / 2);
    let (service, api) = (Service::default(), api(renewable(token)));
    let mut world = service.world();
    for seconds in [0, 5, 20] {
        world.pass(MINUTE / 60 * seconds);
        overview(&mut world, &api).unwrap();
    }
    assert_eq!(service.refreshes(), 0);
}

/// A token that lives no time at all is used once, and makes no circle.
#[test]
fn a_token_without_a_life_is_used_once() {
    let token = AccessToken::as_issued("Bearer 0").valid_for(Duration::ZERO);
    let api = api(Credentials::token(token, "7").refresh(Refresh::token("first")));
    let mut world = World::new(|visit| match visit.target.name() {
        "RefreshToken" => {
            Reply::ok(r#"{"code": 0, "data": {"accessToken": "AT 1", "expiresIn": 0, "refreshToken": "r"}}"#)
        }
        _ => Reply::ok(r#"{"data": {}}"#),
    });
    for _ in 0..3 {
        overview(&mut world, &api).unwrap();
    }
    assert_eq!(world.visits().len(), 5);
}
