//! Asking until a job has ended: in virtual time.

use std::time::Duration;

use koodrive_proto::flow::{Cause, Event, Reached, Step, Until};
use koodrive_proto::ops::jobs::{GetJob, JobDetail};
use koodrive_proto::ops::spaces::{DeleteSpace, SpaceType};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{ErrorKind, Flow, RetryPolicy, Sent, http};
use proptest::prelude::*;

use crate::common::api;

const SECOND: Duration = Duration::from_secs(1);

fn job(status: u8, progress: u8) -> Reply {
    Reply::ok(format!(r#"{{"code": 0, "data": {{"jobInfo": {{"status": {status}, "progress": {progress}}}}}}}"#))
}

/// A job that is done after that time.
fn done_after(seconds: u32) -> World {
    World::new(move |visit| if visit.sent < SECOND * seconds { job(1, 50) } else { job(2, 100) })
}

#[test]
fn until_it_is_over() {
    let mut seen = Vec::new();
    let mut world = World::script([job(0, 0), job(1, 10), Reply::status(503, ""), job(1, 90), job(2, 100)]);
    let until = &mut Until::new(GetJob::new("7"), SECOND * 600, |job: &JobDetail| {
        seen.push(job.job_info.as_ref().unwrap().progress.unwrap());
        job.is_over()
    });
    let job = world.run(&api(), until).unwrap();
    assert!(job.is_over());
    let Step::Done(Err(error)) = until.resume(&api(), world.now(), Event::Start) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
    assert_eq!(seen, [0, 10, 90, 100]);
    // Cancelled is over as well; a state that nobody knows is not.
    for (status, over) in [(0, false), (1, false), (2, true), (3, true), (9, false)] {
        let mut world = World::new(move |_| self::job(status, 0));
        let result = world.run(&api(), &mut Until::new(&GetJob::new("7"), SECOND * 60, JobDetail::is_over));
        assert_eq!(result.is_ok(), over, "{status}");
    }
}

/// Pauses grow from 1 s to 15 s, less a half at most; and the time is over when it is over.
#[test]
fn pauses_and_patience() {
    let mut world = done_after(1_000);
    world.run(&api(), &mut Until::new(GetJob::new("7"), SECOND * 1_200, JobDetail::is_over)).unwrap();
    assert!(world.visits().len() > 64, "so often that doubling would overflow");
    for (number, pair) in (0..).zip(world.visits().windows(2)) {
        let pause = pair[1].sent.saturating_sub(pair[0].sent);
        let whole = SECOND * (1 << number.min(4)).min(15);
        assert!(pause >= whole / 2 && pause <= whole + Duration::from_millis(10), "{number}: {pause:?}");
    }

    let mut world = done_after(300);
    let error = world.run(&api(), &mut Until::new(GetJob::new("7"), SECOND * 200, JobDetail::is_over)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert!(world.now().elapsed >= SECOND * 199 && world.now().elapsed <= SECOND * 200, "{:?}", world.now().elapsed);
    let text = error.to_string();
    let asked = world.visits().len();
    assert_eq!(text, format!("GetJob: not yet what is waited for, after asking {asked} times"));

    // Also when the service doesn't answer any more.
    let mut world = World::script([job(1, 0), Reply::silence()]);
    let error = world.run(&api(), &mut Until::new(GetJob::new("7"), SECOND * 20, JobDetail::is_over)).unwrap_err();
    assert_eq!((error.kind(), world.now().elapsed), (ErrorKind::Deadline, SECOND * 20));
}

/// A second before its time is over it asks a last time, so that no pause hides the end.
#[test]
fn a_last_question() {
    for seed in 0..50 {
        let mut world = done_after(68);
        let api = api().random_seed(seed);
        world.run(&api, &mut Until::new(GetJob::new("7"), SECOND * 75, JobDetail::is_over)).unwrap();
    }
}

/// An outage that passes is waited for as the job is; the last of it is the error if it doesn't.
#[test]
fn an_outage() {
    let outage = |until: u32| {
        World::new(move |visit| match visit.sent.as_secs() {
            20.. if visit.sent < SECOND * until => Reply::failed(Reached::No, Cause::Network),
            60.. => job(2, 100),
            _ => job(1, 0),
        })
    };
    outage(40).run(&api(), &mut Until::new(GetJob::new("7"), SECOND * 600, JobDetail::is_over)).unwrap();
    let mut long = outage(10_000);
    let error = long.run(&api(), &mut Until::new(GetJob::new("7"), SECOND * 600, JobDetail::is_over)).unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Deadline, Sent::No));
    let text = error.to_string();
    assert_eq!(
        text,
        "GetJob: the deadline of the call is over; the server h:443 was not reached: the world says so (3 attempts)"
    );
    // Trouble that is over is not the error.
    let mut world =
        World::new(
            |visit| if visit.sent < SECOND * 9 { Reply::failed(Reached::No, Cause::Network) } else { job(1, 0) },
        );
    let error = world.run(&api(), &mut Until::new(GetJob::new("7"), SECOND * 60, JobDetail::is_over)).unwrap_err();
    assert!(error.to_string().starts_with("GetJob: not yet what is waited for"), "{error}");
    // What runs once is not asked again in trouble.
    let mut world = World::script([Reply::failed(Reached::Maybe, Cause::Network)]);
    let once = DeleteSpace::new("1", SpaceType::Individual);
    assert!(world.run(&api(), &mut Until::new(once, SECOND * 60, |()| true)).is_err());
}

/// A wish of the service's is kept as far as the policy allows, and otherwise told.
#[test]
fn retry_after_is_bounded_by_the_policy() {
    let asks = |seconds: &str| Reply::status(503, "").header("retry-after", seconds);
    let until = || Until::new(GetJob::new("7"), SECOND * 3_600, JobDetail::is_over);
    let mut world = World::script([asks("60"), job(2, 100)]);
    world.run(&api(), &mut until()).unwrap();
    assert!(world.now().elapsed >= SECOND * 60);
    for seconds in ["61", "99999999", "99999999999999999999999", "Fri, 31 Dec 9998 23:59:59 GMT"] {
        let mut world = World::script([job(1, 0), asks(seconds)]);
        let error = world.run(&api(), &mut until()).unwrap_err();
        assert_eq!((error.kind(), world.visits().len()), (ErrorKind::Api, 2), "{seconds}");
        assert!(error.retry_after().unwrap() > SECOND * 60 && world.now().elapsed < SECOND * 2, "{seconds}");
    }
    let patient = RetryPolicy::default().longest_retry_after(SECOND * 120);
    let mut world = World::script([asks("120"), job(2, 100)]);
    world.run(&api(), &mut until().retry(patient)).unwrap();
    assert!(world.now().elapsed >= SECOND * 120);
}

/// A refusal is the end, at once.
#[test]
fn a_refusal() {
    let mut world = World::script([job(1, 0), Reply::status(400, r#"{"code": 13000309}"#)]);
    let error = world.run(&api(), &mut Until::new(GetJob::new("7"), SECOND * 20, JobDetail::is_over)).unwrap_err();
    assert!(error.is_not_found() && error.operation().unwrap().name == "GetJob");
}

/// Cancelled and resumed, it goes on where it was: with the rest of the pause, or by asking again.
#[test]
fn cancelled() {
    let (api, world) = (api(), done_after(0));
    let mut until = Until::new(GetJob::new("7"), SECOND * 100, JobDetail::is_over).pauses(SECOND * 10, SECOND * 10);
    let mut now = world.now();
    assert!(matches!(until.resume(&api, now, Event::Start), Step::Send(_)));
    assert!(matches!(until.resume(&api, now, Event::Start), Step::Send(outgoing) if outgoing.attempt == 2));
    let answer = http::Response::new(r#"{"data": {"jobInfo": {"status": 1}}}"#.into());
    let Step::Wait(pause) = until.resume(&api, now, Event::Response(answer)) else { panic!("no pause") };
    now.elapsed += SECOND;
    assert!(matches!(until.resume(&api, now, Event::Start), Step::Wait(rest) if rest + SECOND == pause));
    now.elapsed += pause;
    assert!(matches!(until.resume(&api, now, Event::Start), Step::Send(outgoing) if outgoing.attempt == 1));
    // When its time is over it is over, however late the driver comes.
    let answer = http::Response::new(r#"{"data": {"jobInfo": {"status": 1}}}"#.into());
    assert!(matches!(until.resume(&api, now, Event::Response(answer)), Step::Wait(_)));
    now.elapsed += SECOND * 200;
    for kind in [ErrorKind::Deadline, ErrorKind::Misuse] {
        let Step::Done(Err(error)) = until.resume(&api, now, Event::Elapsed) else { panic!("no error") };
        assert_eq!(error.kind(), kind);
    }
    // Wrong events end it.
    let mut until = Until::new(GetJob::new("7"), SECOND * 100, JobDetail::is_over);
    let Step::Done(Err(error)) = until.resume(&api, now, Event::Elapsed) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
}

proptest! {
    /// It ends within its patience, whatever the service does.
    #[test]
    fn always_ends(patience in 0..1_000_000u64, pauses in any::<(Duration, Duration)>(), kinds in prop::collection::vec(0..5u8, 1..9)) {
        let mut at = 0;
        let mut world = World::new(move |_| {
            at += 1;
            match kinds[at % kinds.len()] {
                0 => Reply::silence(),
                1 => Reply::status(503, ""),
                2 => job(1, 0).after(SECOND * 5),
                3 => Reply::status(429, "").header("retry-after", "7"),
                _ => job(1, 0),
            }
        });
        let patience = Duration::from_millis(patience);
        // The shortest pauses would take too many steps, and nobody wants them.
        let first = pauses.0.max(SECOND / 2);
        let mut until = Until::new(GetJob::new("7"), patience, JobDetail::is_over)
            .pauses(first, pauses.1.max(first))
            .retry(RetryPolicy::default());
        prop_assert!(world.run(&api(), &mut until).is_err());
        prop_assert!(world.now().elapsed <= patience);
    }
}
