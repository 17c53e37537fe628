//! Refusals that aren't about the token: they don't end the service for the calls that work.

use std::time::Duration;

use koodrive_proto::auth::Renew;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, Utc};
use koodrive_proto::flow::{Event, Now, Step, Until};
use koodrive_proto::ops::jobs::ListJobs;
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType};
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, ErrorKind, Flow, Operation, Refresh, http};

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

/// Repeats a call, and counts how often it failed.
struct Repeats<F> {
    make: F,
    left: u32,
    failed: u32,
    pause: Duration,
    now: Option<Box<dyn Flow<Output = ()>>>,
}

impl<F: Fn() -> Box<dyn Flow<Output = ()>>> Flow for Repeats<F> {
    type Output = u32;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<u32, Error>> {
        let event = if self.now.is_none() { Event::Start } else { event };
        let call = self.now.get_or_insert_with(&self.make);
        let result = match call.resume(api, now, event) {
            Step::Done(result) => result,
            Step::Send(outgoing) => return Step::Send(outgoing),
            Step::Wait(time) => return Step::Wait(time),
        };
        self.failed += u32::from(result.is_err());
        self.now = None;
        self.left -= 1;
        if self.left == 0 { Step::Done(Ok(self.failed)) } else { Step::Wait(self.pause) }
    }
}

/// A poll that is over at once: a call that owns its operation.
fn repeating<O: Operation + Clone + 'static>(op: O, times: u32, pause: u64) -> Box<dyn Flow<Output = u32>> {
    let make = move || -> Box<dyn Flow<Output = ()>> { Box::new(Untold(Until::new(op.clone(), MINUTE, |_| true))) };
    Box::new(Repeats { make, left: times, failed: 0, pause: Duration::from_millis(pause), now: None })
}

struct Untold<F>(F);

impl<F: Flow> Flow for Untold<F> {
    type Output = ();

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<(), Error>> {
        self.0.resume(api, now, event).map(|result| result.map(drop))
    }
}

/// One operation that is always refused, called in a loop, beside others that work: they go on, whether renewals fail,
/// take their time or help nothing, and there are few of them.
#[test]
fn what_is_refused_in_a_loop_does_not_stop_what_works() {
    for (refresh, takes) in [(400, 300), (400, 5_000), (200, 300), (200, 5_000)] {
        for pause in [0, 20, 120] {
            let (api, mut number) = (api(session("Bearer 0")), 0);
            let mut world = World::new(move |visit| match visit.target.name() {
                "RefreshSession" => {
                    number += 1;
                    let body = format!(r#"{{"accessToken": "Bearer {number}"}}"#);
                    Reply::status(refresh, body).after(Duration::from_millis(takes))
                }
                "ListJobs" => Reply::status(401, "").after(Duration::from_millis(10)),
                _ => Reply::ok(r#"{"code": 0, "data": {}}"#).after(Duration::from_millis(100)),
            });
            let mut flows = vec![repeating(ListJobs::new(0, 1), 100, pause)];
            flows.extend((0..5).map(|_| repeating(GetSpaceUsageOverview::new(), 100, 40)));
            let results = world.run_all(&api, flows);
            let failed: Vec<u32> = results.into_iter().map(Result::unwrap).collect();
            assert_eq!(failed, [100, 0, 0, 0, 0, 0], "{refresh} {takes} {pause}");
            let renewals = names(&world).iter().filter(|name| **name == "RefreshSession").count();
            assert!(renewals <= 3, "{refresh} {takes} {pause}: {renewals}");
        }
    }
}

/// A call that wasn't refused itself waits only so long for a renewal that it may not need.
#[test]
fn a_slow_renewal_holds_nobody_up_who_was_not_refused() {
    let api = api(session("Bearer 0"));
    let (op, now) = (GetSpaceUsageOverview::new(), World::script([]).now());
    let at = |millis| Now { elapsed: now.elapsed + Duration::from_millis(millis), ..now };
    let _leader = lead(Call::new(&op), &api, now);
    let mut call = Call::new(&op);
    assert!(matches!(call.resume(&api, at(0), Event::Start), Step::Wait(_)));
    assert!(matches!(call.resume(&api, at(999), Event::Elapsed), Step::Wait(_)));
    assert!(sends(&call.resume(&api, at(1_000), Event::Elapsed), "Bearer 0"));
    // It works: nobody waits any more, and the operation that was refused has another reason.
    assert!(matches!(call.resume(&api, at(1_100), answer(200, r#"{"data": {}}"#)), Step::Done(Ok(_))));
    assert!(sends(&Call::new(&op).resume(&api, at(1_200), Event::Start), "Bearer 0"));
}

/// A leader that comes back late with a failure fails nobody: another one has taken over.
#[test]
fn a_late_failure_is_its_own() {
    let api = api(session("Bearer 0"));
    let (op, now) = (GetSpaceUsageOverview::new(), World::script([]).now());
    let later = Now { elapsed: now.elapsed + MINUTE * 3, ..now };
    let mut late = lead(Call::new(&op), &api, now);
    let mut leader = lead(Call::new(&op), &api, later);
    assert!(matches!(late.resume(&api, later, answer(400, "")), Step::Wait(_)), "it waits for the other");
    assert!(sends(&leader.resume(&api, later, answer(200, r#"{"accessToken": "Bearer 1"}"#)), "Bearer 1"));
    assert!(sends(&late.resume(&api, later, Event::Elapsed), "Bearer 1"));
}

/// Overtaken by the renewals of others, a call takes the newest token, but not for ever.
#[test]
fn a_call_that_is_overtaken_by_renewals_takes_the_newest_token() {
    let api = api(session("Bearer 0"));
    let (op, now) = (GetSpaceUsageOverview::new(), World::script([]).now());
    let mut call = Call::new(&op);
    let mut step = call.resume(&api, now, Event::Start);
    for number in 1..=4 {
        assert!(sends(&step, &format!("Bearer {}", number - 1)));
        api.set_credentials(session(&format!("Bearer {number}"))).unwrap();
        step = call.resume(&api, now, answer(401, ""));
    }
    assert!(matches!(step, Step::Done(Err(error)) if error.status() == Some(http::StatusCode::UNAUTHORIZED)));
}

/// An error of the caller's own is one, whatever its kind.
#[test]
fn a_renewal_of_the_callers_own_that_gives_up_ends_the_call() {
    struct GivesUp;
    impl Renew for GivesUp {
        fn request(&self, _: &AccessToken, _: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
            // The only way to an error of that kind: a call that was cancelled.
            let (api, once) = (api(session("Bearer x")), DeleteSpace::new("1", SpaceType::Individual));
            let (mut call, now) = (Call::new(&once), World::script([]).now());
            let _ = call.resume(&api, now, Event::Start);
            match call.resume(&api, now, Event::Start) {
                Step::Done(Err(error)) => Err(error),
                _ => panic!("no error"),
            }
        }
        fn parse(&self, _: &http::Response<Bytes>, _: DateTime<Utc>) -> Result<Credentials, Error> {
            unreachable!("nothing is sent")
        }
    }
    let api = api(Credentials::token(AccessToken::as_issued("Bearer 0"), "7").refresh(Refresh::by(GivesUp)));
    let mut world = World::new(|_| Reply::status(401, ""));
    assert_eq!(overview(&mut world, &api).unwrap_err().kind(), ErrorKind::Interrupted);
}
