//! Many calls and one expired token: one of them leads and renews it, and what becomes of that one.

use std::time::Duration;

use koodrive_proto::flow::{Event, Now, Step};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{Api, Call, Error, ErrorKind, Flow, RetryPolicy};

use super::{MINUTE, Service, answer, api, is_refresh, lead, names, overview, sends, session};

/// A thousand calls and one expired token: one refresh.
#[test]
fn a_thousand_calls_refresh_once() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let op = GetSpaceUsageOverview::new();
    let mut world = service.world();
    let results = world.run_all(&api, (0..1_000).map(|_| Call::new(&op)));
    assert!(results.iter().all(Result::is_ok));
    assert_eq!((service.refreshes(), world.visits().len()), (1, 2_001));
}

/// Ends without a result as soon as the inner flow sends a refresh: a driver that drops what it drives.
struct DropsTheRefresh<F>(Option<F>);

impl<F: Flow> Flow for DropsTheRefresh<F> {
    type Output = F::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<F::Output, Error>> {
        let Some(flow) = &mut self.0 else { panic!("dropped") };
        match flow.resume(api, now, event) {
            Step::Send(outgoing) if outgoing.target.name() == "RefreshSession" => {
                self.0 = None;
                Step::Done(Err(Error::misuse("dropped")))
            }
            step => step,
        }
    }
}

/// The leader is dropped while it refreshes: the next one takes over, and nobody hangs.
#[test]
fn when_a_leader_is_dropped_the_next_one_takes_over() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let op = GetSpaceUsageOverview::new();
    let mut world = service.world();
    let flows = (0..1_000).map(|number| -> Box<dyn Flow<Output = _>> {
        match number {
            0 => Box::new(DropsTheRefresh(Some(Call::new(&op)))),
            _ => Box::new(Call::new(&op)),
        }
    });
    let results = world.run_all(&api, flows);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 999);
    assert_eq!(service.refreshes(), 1);
    assert!(world.now().elapsed < Duration::from_secs(1), "{:?}", world.now());
}

/// The leader is kept but driven no more: its right ends with the timeout of its attempt.
#[test]
fn a_leader_that_nobody_drives_loses_its_right_in_time() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let (op, mut world) = (GetSpaceUsageOverview::new(), service.world());
    let mut kept = lead(Call::new(&op).attempt_timeout(Duration::from_secs(5)), &api, world.now());
    overview(&mut world, &api).unwrap();
    assert_eq!(service.refreshes(), 1);
    // Of its own timeout, a refresh takes no less than the usual one: it is for all.
    assert!(world.now().elapsed >= MINUTE / 2 && world.now().elapsed < MINUTE / 2 + Duration::from_secs(2));
    // It comes back, finds the new token, and refreshes no more. The other one tried the old token in between.
    world.run(&api, &mut kept).unwrap();
    let call = "GetSpaceUsageOverview";
    assert_eq!(names(&world), [call, "RefreshSession", call, call]);
}

/// The leader's options are its own: that it is impatient doesn't fail the others.
#[test]
fn an_impatient_leader_does_not_fail_the_others() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let op = GetSpaceUsageOverview::new();
    let mut world = service.world();
    let flows = (0..100).map(|number| match number {
        0 => Call::new(&op).attempt_timeout(Duration::from_millis(100)).retry(RetryPolicy::none()),
        _ => Call::new(&op),
    });
    assert!(world.run_all(&api, flows).iter().all(Result::is_ok));
    assert_eq!(service.refreshes(), 1);
}

/// A call whose own time is over doesn't fail the others: one of them takes over.
#[test]
fn a_leader_whose_time_is_over_does_not_fail_the_others() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let op = GetSpaceUsageOverview::new();
    let mut world = service.world();
    let results =
        world.run_all(&api, [Call::new(&op).deadline(Duration::from_millis(50)), Call::new(&op), Call::new(&op)]);
    assert_eq!(results[0].as_ref().unwrap_err().kind(), ErrorKind::Deadline);
    assert!(results[1].is_ok() && results[2].is_ok());
}

/// A leader that is driven wrongly spoils only its own call.
#[test]
fn a_leader_that_is_driven_wrongly_spoils_only_its_own_call() {
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let (op, mut world) = (GetSpaceUsageOverview::new(), service.world());
    let mut wrong = lead(Call::new(&op), &api, world.now());
    let Step::Done(Err(error)) = wrong.resume(&api, world.now(), Event::Elapsed) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
    overview(&mut world, &api).unwrap();
    assert_eq!(service.refreshes(), 1);
    // Also where its token still works: a wrong event is an error, and nothing to go on after.
    world.pass(MINUTE * 20);
    let mut wrong = Call::new(&op);
    assert!(is_refresh(&wrong.resume(&api, world.now(), Event::Start)));
    let Step::Done(Err(error)) = wrong.resume(&api, world.now(), Event::Elapsed) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
}

/// A leader that comes back late finds that another one has seen to it, and its own good answer counts if none has.
#[test]
fn a_leader_that_comes_back_late_finds_what_others_did() {
    let op = GetSpaceUsageOverview::new();
    let (service, api) = (Service::expired(), api(session("Bearer 0")));
    let mut world = service.world();
    let mut late = lead(Call::new(&op), &api, world.now());
    assert!(matches!(late.resume(&api, world.now(), answer(503, "")), Step::Wait(_)));
    world.pass(MINUTE);
    overview(&mut world, &api).unwrap();
    let Step::Send(outgoing) = late.resume(&api, world.now(), Event::Elapsed) else { panic!("no request") };
    assert_eq!(outgoing.target.name(), "GetSpaceUsageOverview");

    // Its right has ended, and nobody has taken it.
    let api = self::api(session("Bearer 0"));
    let mut late = lead(Call::new(&op), &api, world.now());
    world.pass(MINUTE);
    let step = late.resume(&api, world.now(), answer(200, r#"{"accessToken": "Bearer late"}"#));
    assert!(sends(&step, "Bearer late"));

    // Another has taken it, and has no answer yet: the good one counts, whoever has it.
    let api = self::api(session("Bearer 0"));
    let mut late = lead(Call::new(&op), &api, world.now());
    world.pass(MINUTE);
    let _other = lead(Call::new(&op), &api, world.now());
    let step = late.resume(&api, world.now(), answer(200, r#"{"accessToken": "Bearer late"}"#));
    assert!(sends(&step, "Bearer late"));

    // Others were pushed meanwhile: its answer is too old, good or bad.
    for old in [answer(200, r#"{"accessToken": "Bearer old"}"#), answer(400, "")] {
        let api = self::api(session("Bearer 0"));
        let mut late = lead(Call::new(&op), &api, world.now());
        api.set_credentials(session("Bearer pushed")).unwrap();
        let step = late.resume(&api, world.now(), old);
        assert!(sends(&step, "Bearer pushed"));
        assert_eq!(api.credentials().unwrap().access_token().unwrap().as_str(), "Bearer pushed");
    }

    // A push ends the turn of a leader that is kept: who needs a token next leads at once.
    let (service, api) = (Service::default(), self::api(session("Bearer x")));
    let _kept = lead(Call::new(&op), &api, world.now());
    api.set_credentials(session("Bearer y")).unwrap();
    let mut world = service.world();
    overview(&mut world, &api).unwrap();
    assert!(world.now().elapsed < MINUTE / 60);
}
