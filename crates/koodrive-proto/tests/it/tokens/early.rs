//! Tokens whose life is known: renewed before they end, and no earlier.

use std::time::Duration;

use koodrive_proto::flow::{Event, Step};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{AccessToken, Call, Credentials, ErrorKind, Flow, Refresh};

use super::{MINUTE, Service, answer, api, is_refresh, names, overview, renewable, sends, session};

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

/// An early renewal that hangs costs no call its token: not one with a deadline, and not those after one that was
/// dropped meanwhile.
#[test]
fn an_early_renewal_that_hangs_fails_nobody() {
    let op = GetSpaceUsageOverview::new();
    for deadline in [1, 5, 9, 11] {
        let api = api(session("Bearer 0"));
        let mut world = Service::default().world_where(|_| Some(Reply::silence()));
        overview(&mut world, &api).unwrap();
        world.pass(MINUTE * 25);
        for _ in 0..5 {
            world.run(&api, &mut Call::new(&op).deadline(Duration::from_secs(deadline))).unwrap();
        }
        assert_eq!(names(&world).iter().filter(|name| **name == "RefreshSession").count(), 1, "{deadline}");
    }
    let api = api(session("Bearer 0"));
    let mut world = Service::default().world_where(|_| Some(Reply::silence()));
    overview(&mut world, &api).unwrap();
    world.pass(MINUTE * 25);
    assert!(is_refresh(&Call::new(&op).resume(&api, world.now(), Event::Start)));
    assert!(sends(&Call::new(&op).resume(&api, world.now(), Event::Start), "Bearer 0"));
}

/// Others are refused while a call renews early, and in vain: it goes on with the token, and those renew it who were
/// refused, in their own time.
#[test]
fn an_early_renewal_that_fails_is_not_the_renewal_of_those_who_were_refused() {
    let (op, api) = (GetSpaceUsageOverview::new(), api(session("Bearer 0")));
    let mut world = World::script([]);
    let mut first = Call::new(&op);
    assert!(sends(&first.resume(&api, world.now(), Event::Start), "Bearer 0"));
    let mut refused = Call::new(&op);
    assert!(sends(&refused.resume(&api, world.now(), Event::Start), "Bearer 0"));
    world.pass(MINUTE * 19 + MINUTE / 2);
    let mut early = Call::new(&op);
    assert!(is_refresh(&early.resume(&api, world.now(), Event::Start)));
    assert!(matches!(refused.resume(&api, world.now(), answer(401, "")), Step::Wait(_)));
    assert!(sends(&early.resume(&api, world.now(), answer(400, "")), "Bearer 0"));
    assert!(is_refresh(&refused.resume(&api, world.now(), Event::Elapsed)));
}
