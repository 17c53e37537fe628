//! Clocks that are wrong: in virtual time.

use std::time::Duration;

use koodrive_proto::chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::flow::{Cause, Event, Now, Reached, Step};
use koodrive_proto::ops::accounts::{AuthType, Login};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType};
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::wire::XDate;
use koodrive_proto::{Api, Call, Error, ErrorKind, Flow, Operation, RetryPolicy, Sent, http};
use proptest::prelude::*;

use crate::common::api;

/// A service that checks the date, and nothing else.
fn check(visit: &Visit) -> Reply {
    let date: XDate = visit.request.headers()["x-date"].to_str().unwrap().parse().unwrap();
    match date.check(visit.server_time) {
        Ok(()) => Reply::ok(r#"{"code": 0, "data": {}}"#),
        Err(_) => Reply::status(401, r#"{"error_code": "APIGW.0303"}"#),
    }
}

fn ahead(by: TimeDelta) -> World {
    World::new(check).server_ahead(by)
}

fn call<O: Operation>(world: &mut World, api: &Api, op: &O) -> Result<O::Output, Error> {
    world.run(api, &mut Call::new(op))
}

#[test]
fn minutes_hours_and_years_in_either_direction() {
    for minutes in [1, 14, 15, 16, 60, 24 * 60, 365 * 24 * 60, 25 * 365 * 24 * 60] {
        for by in [TimeDelta::minutes(minutes), TimeDelta::minutes(-minutes)] {
            let (api, mut world) = (api(), ahead(by));
            // Also what runs once: what was refused for its date didn't run.
            call(&mut world, &api, &DeleteSpace::new("1", SpaceType::Individual)).unwrap_or_else(drop);
            let attempts = world.visits().len();
            assert!(attempts <= 2, "{by}: {attempts}");
            // From then on at once.
            call(&mut world, &api, &GetSpaceUsageOverview::new()).unwrap();
            assert_eq!(world.visits().len(), attempts + 1);
            let wrong_by = api.clock_offset() - by;
            assert!(attempts == 1 || wrong_by.abs() <= TimeDelta::seconds(1), "{wrong_by}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Anywhere from 25 years ago to 200 years ahead, with any part of a second and any round trip up to 29 s: one
    /// correction at most, and the date that is sent then is in the window.
    #[test]
    fn any_offset_converges_in_one_correction(
        seconds in -25 * 31_556_952_i64..=200 * 31_556_952,
        near in -2_000..2_000_i64,
        small: bool,
        nanos in 0..1_000_000_000_u32,
        trip in 0..29_000_u64,
        pass in 0..1_000_000_u64,
    ) {
        let by = TimeDelta::new(if small { near } else { seconds }, nanos).unwrap();
        let (api, mut world) = (api(), ahead(by).latency(Duration::from_micros(500 * trip)));
        world.pass(Duration::from_millis(pass));
        prop_assert!(call(&mut world, &api, &GetSpaceUsageOverview::new()).is_ok());
        prop_assert!(world.visits().len() <= 2);
        let attempts = world.visits().len();
        prop_assert!(call(&mut world, &api, &GetSpaceUsageOverview::new()).is_ok());
        prop_assert_eq!(world.visits().len(), attempts + 1);
    }

    /// Any clock, any Date: no panic, and an end.
    #[test]
    fn any_date_and_any_clock(
        now in any::<i64>(),
        date in prop_oneof![".{0,40}", Just("Mon, 31 Dec 9999 23:59:59 GMT".to_owned()), Just("Sat, 01 Jan 0000 00:00:00 GMT".to_owned())],
        offset in any::<i64>(),
        back in any::<i64>(),
        elapsed in any::<(Duration, Duration)>(),
    ) {
        let api = api().date_back(TimeDelta::try_seconds(back).unwrap_or(TimeDelta::MAX));
        api.set_clock_offset(TimeDelta::try_seconds(offset).unwrap_or(TimeDelta::MIN));
        let now = DateTime::<Utc>::from_timestamp(now % 8_000_000_000_000, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let op = GetSpaceUsageOverview::new();
        let mut call = Call::new(&op);
        let mut step = call.resume(&api, Now { utc: now, elapsed: elapsed.0 }, Event::Start);
        for _ in 0..4 {
            if let Step::Done(_) = step {
                break;
            }
            let mut answer = http::Response::new("".into());
            *answer.status_mut() = http::StatusCode::UNAUTHORIZED;
            if let Ok(date) = date.parse() {
                answer.headers_mut().insert("date", date);
            }
            step = call.resume(&api, Now { utc: now, elapsed: elapsed.1 }, Event::Response(answer));
        }
        prop_assert!(matches!(step, Step::Done(Err(_))));
    }
}

/// What servers, caches and attackers may say the time is.
fn any_date() -> impl Strategy<Value = String> {
    let year = prop_oneof![Just(0), Just(1), 1_990..2_030, 9_990..10_010, Just(-1), Just(262_142), Just(-262_143)];
    prop_oneof![
        4 => (year, 1..13_usize, 1..29_u32, 0..24_u32).prop_map(|(year, month, day, hour)| {
            let month = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(' ').nth(month - 1).unwrap();
            let sign = if year > 9_999 { "+" } else { "" };
            format!("Mon, {day:02} {month} {sign}{year:04} {hour:02}:30:00 GMT")
        }),
        1 => "[ -~]{0,30}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// After any answers, the next request can be built, and the next answer of an honest server sets things right.
    #[test]
    fn no_answer_poisons_the_clock(
        answers in prop::collection::vec((prop::sample::select(vec![200_u16, 400, 401, 403, 404, 429, 503]), any_date()), 0..8),
        offset in prop_oneof![Just(0), any::<i64>()],
        ahead in prop_oneof![-900..900_i64, -700_000_000..3_000_000_000_i64],
    ) {
        let (api, op) = (api().retry(RetryPolicy::none()), GetSpaceUsageOverview::new());
        api.set_clock_offset(TimeDelta::try_seconds(offset).unwrap_or(TimeDelta::MAX));
        let mut script = answers.clone().into_iter();
        let mut world = World::new(move |visit| match script.next() {
            Some((status, date)) => Reply::status(status, r#"{"data": {}}"#).header("date", &date),
            None => check(visit),
        });
        world = world.server_ahead(TimeDelta::seconds(ahead));
        while world.visits().len() < answers.len() {
            let _ = call(&mut world, &api, &op);
            prop_assert!(api.request(&op, world.now().utc).is_ok());
            world.pass(Duration::from_secs(7));
        }
        let before = world.visits().len();
        prop_assert!(call(&mut world, &api, &op).is_ok());
        prop_assert!(world.visits().len() <= before + 2);
    }

    /// An answer to a request that was accepted never says that it would have been refused.
    #[test]
    fn what_was_accepted_stays_acceptable(by in -2_000..2_000_i64, trip in 0..60_000_u64, back in -100..1_000_i64) {
        let (api, op) = (api().date_back(TimeDelta::seconds(back)), GetSpaceUsageOverview::new());
        let mut world = World::new(|_| Reply::ok(r#"{"data": {}}"#))
            .server_ahead(TimeDelta::seconds(by))
            .latency(Duration::from_micros(500 * trip));
        let sent = world.now().utc;
        let result = world.run(&api, &mut Call::new(&op).attempt_timeout(Duration::from_secs(100)));
        prop_assert!(result.is_ok());
        let date: XDate = world.visits()[0].request.headers()["x-date"].to_str().unwrap().parse().unwrap();
        let moved = api.clock_offset() != TimeDelta::zero();
        // Somewhere between sending and receiving.
        let server = [sent, world.now().utc].map(|now| now + api.clock_offset());
        let possible = date.utc() <= server[1] && date.utc() + XDate::MAX_AGE >= server[0];
        prop_assert!(!moved || possible, "{} {}", date, api.clock_offset());
    }
}

/// A gateway that refuses the date with status 200 isn't asked again, but it tells the time for the next call.
#[test]
fn a_refusal_with_status_200() {
    let mut world = World::new(|visit| match check(visit) {
        reply if format!("{reply:?}").contains("401") => Reply::ok(r#"{"error_code": "APIGW.0303"}"#),
        reply => reply,
    })
    .server_ahead(TimeDelta::hours(1));
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    assert_eq!(call(&mut world, &api, &op).unwrap_err().code(), Some("APIGW.0303"));
    call(&mut world, &api, &op).unwrap();
}

/// Years that no X-Date can hold, a day before or after included.
#[test]
fn dates_that_cannot_be_true_are_ignored() {
    for (date, believed) in [
        ("Fri, 31 Dec 1999 23:59:59 GMT", false),
        ("Sat, 01 Jan 2000 00:00:00 GMT", true),
        ("Thu, 31 Dec 9998 23:59:59 GMT", true),
        ("Fri, 01 Jan 9999 00:00:00 GMT", false),
        ("Fri, 31 Dec 9999 23:59:59 GMT", false),
        ("Fri, 31 Dec +262142 23:59:59 GMT", false),
        ("Mon, 01 Jan -0001 00:00:00 GMT", false),
    ] {
        for status in [401, 404, 503] {
            let (api, mut world) =
                (api().retry(RetryPolicy::none()), World::new(move |_| Reply::status(status, "").header("date", date)));
            call(&mut world, &api, &GetSpaceUsageOverview::new()).unwrap_err();
            assert_eq!(api.clock_offset() != TimeDelta::zero(), believed, "{status} {date}");
        }
        // A success says that the date was good: no hours are believed then.
        let (api, mut world) = (api(), World::new(move |_| Reply::ok(r#"{"data": {}}"#).header("date", date)));
        call(&mut world, &api, &GetSpaceUsageOverview::new()).unwrap();
        assert_eq!(api.clock_offset(), TimeDelta::zero(), "{date}");
    }
    // An offset or a span that leads nowhere isn't applied.
    let now = World::script([]).now().utc;
    for (offset, back) in [
        (TimeDelta::MAX, 0),
        (TimeDelta::MIN, 0),
        (TimeDelta::zero(), i64::MAX / 1_000),
        (TimeDelta::days(2_920_000), 0),
    ] {
        let api = api().date_back(TimeDelta::seconds(back));
        api.set_clock_offset(offset);
        let request = api.request(&GetSpaceUsageOverview::new(), now).unwrap();
        assert_eq!(request.headers()["x-date"], "20251103T070140Z", "{offset} {back}");
    }
}

/// Known before, kept for later, or switched off.
#[test]
fn readable_settable_and_off() {
    let by = TimeDelta::hours(5);
    let api = api();
    api.set_clock_offset(by);
    let mut world = ahead(by);
    call(&mut world, &api, &GetSpaceUsageOverview::new()).unwrap();
    assert_eq!((world.visits().len(), api.clock_offset()), (1, by));
    // It dates requests by hand, too.
    let request = api.request(&GetSpaceUsageOverview::new(), world.now().utc).unwrap();
    assert_eq!(request.headers()["x-date"], "20251103T120110Z");

    let api = self::api().clock_correction(false);
    let mut world = ahead(by);
    let error = call(&mut world, &api, &GetSpaceUsageOverview::new()).unwrap_err();
    assert_eq!((error.attempts(), error.status().unwrap().as_u16()), (1, 401));
    assert_eq!(api.clock_offset(), TimeDelta::zero());
    // What was set stays.
    api.set_clock_offset(by);
    call(&mut world, &api, &GetSpaceUsageOverview::new()).unwrap();
    assert_eq!(api.clock_offset(), by);
}

/// By hand, from the headers of any answer.
#[test]
fn measured_by_hand() {
    let api = api();
    let at = |seconds: u64| Now {
        utc: DateTime::from_timestamp(1_762_153_300, 0).unwrap() + Duration::from_secs(seconds),
        elapsed: Duration::from_secs(100 + seconds),
    };
    let mut headers = http::HeaderMap::new();
    headers.insert("date", "Mon, 03 Nov 2025 08:01:45 GMT".parse().unwrap());
    api.measure_clock(&headers, at(0), at(4));
    assert_eq!(api.clock_offset(), TimeDelta::seconds(3603));
    // Within what such a measurement can tell, the offset stays as it is.
    headers.insert("date", "Mon, 03 Nov 2025 08:01:46 GMT".parse().unwrap());
    api.measure_clock(&headers, at(0), at(4));
    assert_eq!(api.clock_offset(), TimeDelta::seconds(3603));
    // Kept somewhere on its way, or too long under way: it tells nothing.
    let mut old = headers.clone();
    old.insert("date", "Mon, 03 Nov 2025 01:00:00 GMT".parse().unwrap());
    api.measure_clock(&old, at(0), at(901));
    old.insert("age", "1".parse().unwrap());
    api.measure_clock(&old, at(0), at(4));
    assert_eq!(api.clock_offset(), TimeDelta::seconds(3603));
}

/// Any answer tells the time, also that of a call which carries no date: the first that does is right at once.
#[test]
fn signing_in_sets_the_clock() {
    let api = api().agent_name("standard").unwrap();
    let mut world = World::new(|visit| match visit.target.name() {
        "Login" => Reply::ok(r#"{"code": 0, "data": {}}"#),
        _ => check(visit),
    })
    .server_ahead(TimeDelta::days(3));
    call(&mut world, &api, &Login::new("me", AuthType::Password)).unwrap();
    call(&mut world, &api, &GetSpaceUsageOverview::new()).unwrap();
    assert_eq!(world.visits().len(), 2);
}

/// Only a refusal that can be the date's is repeated, only where the date was outside the window, and only once.
#[test]
fn what_is_not_the_clocks_fault() {
    let attempts = |by: TimeDelta, reply: fn() -> Reply| {
        let mut world = World::new(move |_| reply()).server_ahead(by);
        call(&mut world, &api(), &GetSpaceUsageOverview::new()).unwrap_err().attempts()
    };
    let hour = TimeDelta::hours(1);
    let now = TimeDelta::zero();
    for (status, body, corrected) in [
        (401, r#"{"error_code": "APIGW.0303"}"#, true),
        (401, r#"{"code": 13000102}"#, true),
        (401, "", true),
        (403, "<html>", true),
        (400, r#"{"error_code": "APIGW.0301"}"#, true),
        (400, r#"{"code": 99999999}"#, true),
        (400, r#"{"code": 13000102}"#, false),
        (403, r#"{"code": 13000410}"#, false),
        (404, "", false),
        (500, "", false),
    ] {
        let mut world = World::new(move |_| Reply::status(status, body)).server_ahead(hour);
        let error = call(&mut world, &api(), &GetSpaceUsageOverview::new()).unwrap_err();
        assert_eq!(error.attempts(), if corrected { 2 } else { 1 }, "{status} {body}");
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Api, Sent::Yes));
        let mut world = World::new(move |_| Reply::status(status, body)).server_ahead(now);
        assert_eq!(
            call(&mut world, &api(), &GetSpaceUsageOverview::new()).unwrap_err().attempts(),
            1,
            "{status} {body}"
        );
    }
    assert_eq!(attempts(hour, || Reply::status(401, "").without_date()), 1);
    assert_eq!(attempts(hour, || Reply::status(401, "").header("age", "5")), 1);
    assert_eq!(attempts(hour, || Reply::status(401, "").header("date", "yesterday")), 1);
    // A date that this side wants to be wrong isn't mended by the clock.
    for back in [TimeDelta::minutes(16), TimeDelta::minutes(-1)] {
        let error = call(&mut ahead(now), &api().date_back(back), &GetSpaceUsageOverview::new()).unwrap_err();
        assert_eq!(error.attempts(), 1);
    }
}

/// The edges of the window: a second or two is within what the Date can tell.
#[test]
fn the_edges_of_the_window() {
    for (behind, corrected) in
        [(-32, true), (-31, true), (-29, true), (-27, false), (0, false), (866, false), (869, true), (871, true)]
    {
        // Everything is refused; what counts is whether the clock is taken for the cause.
        let mut world = World::new(|_| Reply::status(401, "")).server_ahead(TimeDelta::seconds(behind));
        let error = call(&mut world, &api(), &GetSpaceUsageOverview::new()).unwrap_err();
        assert_eq!(error.attempts(), if corrected { 2 } else { 1 }, "{behind}");
    }
}

/// A service that takes its time to refuse: it looked at the date before it dated its answer.
#[test]
fn slow_refusals() {
    for ahead in [-31, -33, -35, -40] {
        let mut world = World::new(|visit| {
            let reply = check(visit);
            if visit.attempt == 1 { reply.after(Duration::from_secs(14)) } else { reply }
        })
        .server_ahead(TimeDelta::seconds(ahead));
        call(&mut world, &api(), &GetSpaceUsageOverview::new()).unwrap();
        assert_eq!(world.visits().len(), 2);
    }
}

/// Long ways to the server, and a date that is hardly back: the server's time now counts, and not that of its answer.
#[test]
fn long_ways() {
    let mut world = ahead(TimeDelta::seconds(-14)).latency(Duration::from_secs(5));
    call(&mut world, &api().date_back(TimeDelta::seconds(2)), &GetSpaceUsageOverview::new()).unwrap();
    assert_eq!(world.visits().len(), 2);
    // A refusal that has other causes isn't repeated for having been long under way.
    let mut world = World::new(|_| Reply::status(401, "")).latency(Duration::from_secs(1));
    let error = call(&mut world, &api().date_back(TimeDelta::minutes(16)), &GetSpaceUsageOverview::new()).unwrap_err();
    assert_eq!(error.attempts(), 1);
    // Nor is one that would be dated the same.
    let mut world = World::new(|_| Reply::status(401, ""));
    let error = call(&mut world, &api().date_back(TimeDelta::seconds(1)), &GetSpaceUsageOverview::new()).unwrap_err();
    assert_eq!(error.attempts(), 1);
}

/// At most once per call, whatever the service says the time is.
#[test]
fn a_service_that_cannot_tell_the_time() {
    let mut hours = 0;
    let mut world = World::new(move |_| {
        hours += 1;
        Reply::status(401, "").header("date", &format!("Mon, 03 Nov 2025 {:02}:00:00 GMT", 9 + hours % 12))
    });
    let error = call(&mut world, &api(), &GetSpaceUsageOverview::new()).unwrap_err();
    assert_eq!(error.attempts(), 2);
}

/// A call without a date isn't repeated for it, but tells the time all the same.
#[test]
fn refusals_without_a_date() {
    let api = api().agent_name("standard").unwrap();
    let mut world = World::new(|_| Reply::status(401, "")).server_ahead(TimeDelta::hours(5));
    let error = call(&mut world, &api, &Login::new("me", AuthType::Password)).unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert!((api.clock_offset() - TimeDelta::hours(5)).abs() <= TimeDelta::seconds(1));
}

/// This side's clock is set while an answer is outstanding, or the machine sleeps: that measures nothing.
#[test]
fn a_clock_that_is_set_meanwhile() {
    let api = api();
    let now = |utc: i64, elapsed: u64| Now {
        utc: DateTime::from_timestamp(1_762_153_300 + utc, 0).unwrap(),
        elapsed: Duration::from_secs(elapsed),
    };
    let mut headers = http::HeaderMap::new();
    headers.insert("date", "Mon, 03 Nov 2025 07:01:40 GMT".parse().unwrap());
    for step in [3600, -3600] {
        api.measure_clock(&headers, now(0, 1), now(step, 2));
        assert_eq!(api.clock_offset(), TimeDelta::zero());
    }
    // Just within 15 minutes it still measures, roughly; a success tells as well as a refusal.
    headers.insert("date", "Mon, 03 Nov 2025 02:00:00 GMT".parse().unwrap());
    api.measure_clock(&headers, now(0, 0), now(899, 899));
    assert!((api.clock_offset() + TimeDelta::hours(5)).abs() < TimeDelta::minutes(11), "{}", api.clock_offset());
    let coarse = api.clock_offset();
    headers.insert("date", "Mon, 03 Nov 2025 02:05:00 GMT".parse().unwrap());
    api.measure_clock(&headers, now(0, 0), now(899, 899));
    assert_eq!(api.clock_offset(), coarse, "within what such a long way can tell");
}

/// The correction doesn't use up an attempt, and an attempt in between doesn't use up the correction.
#[test]
fn with_other_trouble() {
    let mut trouble = 0;
    let mut world = World::new(move |visit| {
        trouble += 1;
        match trouble {
            1 | 3 | 4 => Reply::failed(Reached::No, Cause::Network),
            _ => check(visit),
        }
    })
    .server_ahead(TimeDelta::days(-400));
    call(&mut world, &api(), &DeleteSpace::new("1", SpaceType::Individual)).unwrap();
    assert_eq!(world.visits().len(), 5);
}

/// A thousand calls at once, all with the wrong time: each is corrected once, by its own answer.
#[test]
fn many_at_once() {
    let (api, mut world) = (api(), ahead(TimeDelta::days(1)));
    let op = GetSpaceUsageOverview::new();
    let results = world.run_all(&api, (0..1_000).map(|_| Call::new(&op)));
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(world.visits().len(), 2_000);
}
