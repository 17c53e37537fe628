//! Refusals that aren't about the token: they don't end the service for the calls that work.

use koodrive_proto::flow::{Event, Step};
use koodrive_proto::ops::jobs::ListJobs;
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::{AccessToken, Api, Call, Error, ErrorKind, Flow};

use super::{MINUTE, Service, answer, api, lead, names, overview, renewable, sends, session};

fn jobs(world: &mut World, api: &Api) -> Result<(), Error> {
    world.run(api, &mut Call::new(&ListJobs::new(0, 10))).map(drop)
}

/// A service that has no right to list jobs, and says so with 401.
fn without_a_right(mut refresh: impl FnMut(&Visit) -> Reply + Send + 'static) -> World {
    World::new(move |visit| match visit.target.name() {
        "RefreshSession" => refresh(visit),
        "ListJobs" => Reply::status(401, r#"{"code": "x", "msg": "no right"}"#),
        _ => Reply::ok(r#"{"code": 0, "data": {}}"#),
    })
}

/// The renewal fails: the old token still works, and is used.
#[test]
fn after_a_failed_renewal_calls_try_the_old_token() {
    let api = api(session("Bearer 0"));
    let mut world = without_a_right(|_| Reply::status(400, r#"{"code": 13000102}"#));
    overview(&mut world, &api).unwrap();
    assert_eq!(jobs(&mut world, &api).unwrap_err().kind(), ErrorKind::Credentials);
    for _ in 0..3 {
        overview(&mut world, &api).unwrap();
        // The token has been proved since: this refusal is what it says, and no reason to renew.
        let error = jobs(&mut world, &api).unwrap_err();
        assert_eq!(
            (error.kind(), error.status().unwrap().as_u16(), error.message()),
            (ErrorKind::Api, 401, Some("no right"))
        );
    }
    let (overview_, jobs_) = ("GetSpaceUsageOverview", "ListJobs");
    assert_eq!(
        names(&world),
        [overview_, jobs_, "RefreshSession", overview_, jobs_, overview_, jobs_, overview_, jobs_]
    );
}

/// The renewal works, and helps nothing: one is enough for a while.
#[test]
fn a_renewal_that_does_not_help_is_not_repeated_for_each_call() {
    let api = api(session("Bearer 0"));
    let mut number = 0;
    let mut world = without_a_right(move |_| {
        number += 1;
        Reply::ok(format!(r#"{{"accessToken": "Bearer {number}"}}"#))
    });
    let count = |world: &World| names(world).iter().filter(|name| **name == "RefreshSession").count();
    for _ in 0..10 {
        overview(&mut world, &api).unwrap();
        assert_eq!(jobs(&mut world, &api).unwrap_err().kind(), ErrorKind::Api);
    }
    assert_eq!(count(&world), 1);
    // Not for ever: rights are given, and tokens end.
    world.pass(MINUTE);
    assert!(jobs(&mut world, &api).is_err());
    assert_eq!(count(&world), 2);
}

/// A token that really ended is renewed, whatever was refused before for another reason.
#[test]
fn a_token_that_ends_is_renewed_all_the_same() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    let inner = service.clone();
    let mut world = World::new(move |visit| match visit.target.name() {
        "ListJobs" => Reply::status(401, ""),
        _ => inner.reply(visit),
    });
    for _ in 0..5 {
        overview(&mut world, &api).unwrap();
        assert!(jobs(&mut world, &api).is_err());
        overview(&mut world, &api).unwrap();
        service.expire();
    }
    assert!(service.refreshes() <= 10, "{}", service.refreshes());

    // Also for an operation that has worked since.
    let (service, api) = (Service::expired(), self::api(session("Bearer 0")));
    let mut world = service.world_where(|number| (number == 1).then(|| Reply::status(400, "")));
    assert_eq!(overview(&mut world, &api).unwrap_err().kind(), ErrorKind::Credentials);
    for _ in 0..3 {
        overview(&mut world, &api).unwrap();
        service.expire();
    }
    assert_eq!(service.refreshes(), 3);

    // Also the operation that was refused before, once the token is older than it is known to live.
    let (service, api) =
        (Service::default(), self::api(renewable(AccessToken::as_issued("Bearer 0").sliding(MINUTE / 2))));
    let inner = service.clone();
    let mut refused = 0;
    let mut world = World::new(move |visit| match visit.target.name() {
        "ListJobs" if refused < 2 => {
            refused += 1;
            Reply::status(401, "")
        }
        _ => inner.reply(visit),
    });
    assert!(jobs(&mut world, &api).is_err());
    overview(&mut world, &api).unwrap();
    service.expire();
    world.pass(MINUTE * 2 / 3);
    jobs(&mut world, &api).unwrap();
}

/// A request that was under way while the renewal failed fails with it, and doesn't renew once more.
#[test]
fn a_request_that_was_under_way_fails_with_the_renewal() {
    let api = api(session("Bearer 0"));
    let (op, now) = (GetSpaceUsageOverview::new(), World::script([]).now());
    let mut under_way = Call::new(&op);
    assert!(sends(&under_way.resume(&api, now, Event::Start), "Bearer 0"));
    let mut leader = lead(Call::new(&op), &api, now);
    assert!(matches!(leader.resume(&api, now, answer(400, "")), Step::Done(Err(_))));
    let Step::Done(Err(error)) = under_way.resume(&api, now, answer(401, "")) else { panic!("it renews") };
    assert_eq!(error.kind(), ErrorKind::Credentials);
    // A later one tries the old token, and renews if that is refused.
    let _ = lead(Call::new(&op), &api, now);
}
