//! Those that wait while another call renews the token: what they get, and for how long they wait.

use std::time::Duration;

use koodrive_proto::flow::{Event, Now, Step};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{Api, Call, Error, ErrorKind, Flow};

use super::{MINUTE, Service, answer, api, is_refresh, lead, overview, sends, session};

/// A refresh that fails is the error of all that waited for it; a later call tries again.
#[test]
fn a_refresh_that_fails_is_the_error_of_all_that_waited() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let op = GetSpaceUsageOverview::new();
    let mut world = service.world_where(|number| {
        let refusal = || Reply::status(400, r#"{"code": 13000102, "msg": "no such session"}"#).after(MINUTE / 60);
        (number == 1).then(refusal)
    });
    let results = world.run_all(&api, (0..1_000).map(|_| Call::new(&op)));
    for result in results {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credentials, 1));
        let expected = "GetSpaceUsageOverview: the token could not be renewed: RefreshSession: HTTP 400, code 13000102: no such session";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    assert_eq!(world.visits().len(), 1_001);
    overview(&mut world, &api).unwrap();
    assert_eq!(service.refreshes(), 1);
}

/// New calls keep coming while a refresh fails again and again: nobody waits longer than for the one that he waited
/// for.
#[test]
fn nobody_waits_longer_than_for_one_refresh() {
    /// Starts later, and ends with how long it took from there.
    struct Later<F>(Duration, F, Option<Duration>);
    impl<F: Flow> Flow for Later<F> {
        type Output = Duration;
        fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Duration, Error>> {
            if self.2.is_none() && now.elapsed < self.0 {
                return Step::Wait(self.0);
            }
            let first = self.2.is_none();
            let begun = *self.2.get_or_insert(now.elapsed);
            let event = if first { Event::Start } else { event };
            let took = now.elapsed.saturating_sub(begun);
            self.1.resume(api, now, event).map(|result| {
                assert_eq!(result.map(drop).unwrap_err().kind(), ErrorKind::Credentials);
                Ok(took)
            })
        }
    }
    let api = api(session("Bearer 0"));
    let mut world = Service::expired().world_where(|number| {
        Some(Reply::status(400, format!(r#"{{"code": 13000102, "msg": "number {number}"}}"#)).after(MINUTE / 60))
    });
    let op = GetSpaceUsageOverview::new();
    let flows = (0..3_000).map(|number| Later(Duration::from_millis(10 * number), Call::new(&op), None));
    let results = world.run_all(&api, flows);
    let longest = results.iter().map(|result| *result.as_ref().unwrap()).max().unwrap();
    assert!(longest < MINUTE / 60 * 3, "{longest:?}");
}

/// A refresh that waits as the service asks it to keeps its right, and a follower keeps its deadline.
#[test]
fn a_refresh_that_has_to_wait_keeps_its_right() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let mut world =
        service.world_where(|number| (number == 1).then(|| Reply::status(503, "").header("retry-after", "5")));
    let op = GetSpaceUsageOverview::new();
    let flows = (0..100).map(|number| match number {
        99 => Call::new(&op).deadline(Duration::from_millis(1_003)),
        _ => Call::new(&op),
    });
    let results = world.run_all(&api, flows);
    assert!(results[..99].iter().all(Result::is_ok));
    let refreshes: Vec<_> = world.visits().iter().filter(|visit| visit.target.name() == "RefreshSession").collect();
    assert_eq!(refreshes.len(), 2);
    assert!(refreshes[1].sent >= Duration::from_secs(5), "nobody takes over meanwhile");
    assert_eq!(results[99].as_ref().unwrap_err().kind(), ErrorKind::Deadline);
}

/// Followers look again after 20 ms, or when their time is over. If the leader is dropped, one that was refused takes
/// over, though the leader before that failed; one that wasn't refused itself tries the old token.
#[test]
fn followers_look_again_and_take_over_from_a_dropped_leader() {
    let api = api(session("Bearer 0"));
    let (op, world) = (GetSpaceUsageOverview::new(), World::script([]));
    let now = world.now();
    let mut first = lead(Call::new(&op), &api, now);
    assert!(matches!(first.resume(&api, now, answer(400, "")), Step::Done(Err(_))));

    let mut refused = Call::new(&op);
    assert!(sends(&refused.resume(&api, now, Event::Start), "Bearer 0"));
    let (second, mut follower) = (lead(Call::new(&op), &api, now), Call::new(&op));
    assert!(matches!(refused.resume(&api, now, answer(401, "")), Step::Wait(_)));
    let twenty = Duration::from_millis(20);
    assert!(matches!(follower.resume(&api, now, Event::Start), Step::Wait(time) if time == twenty));
    let mut short = Call::new(&op).deadline(twenty / 4);
    assert!(matches!(short.resume(&api, now, Event::Start), Step::Wait(time) if time == twenty / 4));
    drop(second);
    assert!(sends(&follower.resume(&api, now, Event::Elapsed), "Bearer 0"));
    assert!(is_refresh(&refused.resume(&api, now, Event::Elapsed)));
}
