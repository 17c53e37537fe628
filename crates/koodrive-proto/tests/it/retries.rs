//! What is sent again, when, and when no more: in virtual time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::flow::{Attempt, Cause, Observer, Outcome, Reached, Reason};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType, UpdateSpace};
use koodrive_proto::retry::{RULES, RetryRule, When};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{Api, Call, Error, ErrorKind, Operation, RetryPolicy, Sent};
use proptest::prelude::*;

use crate::common::api;

const SECOND: Duration = Duration::from_secs(1);

fn once() -> DeleteSpace {
    DeleteSpace::new("1", SpaceType::Individual)
}

fn fine() -> Reply {
    Reply::ok(r#"{"code": 0, "data": {}}"#)
}

/// What makes a rule fit.
fn trouble(rule: &RetryRule) -> Reply {
    match rule.when {
        When::Unreached => Reply::failed(Reached::No, Cause::Network),
        When::Unanswered => Reply::failed(Reached::Maybe, Cause::Network),
        When::Code("APIGW.0308") => Reply::status(400, r#"{"error_code": "APIGW.0308"}"#),
        When::Code(code) => Reply::status(500, format!(r#"{{"code": "{code}"}}"#)),
        When::Status(status) => Reply::status(status, "<html>"),
        _ => panic!("a rule that this test doesn't know"),
    }
}

/// How often it is sent when the trouble stays.
fn attempts<O: Operation>(op: &O, trouble: impl Fn() -> Reply + Clone + Send + 'static) -> (u32, Error) {
    let again = trouble.clone();
    let mut world = World::new(move |_| trouble());
    let Err(error) = world.run(&api(), &mut Call::new(op)) else { panic!("no error") };
    assert_eq!(error.attempts() as usize, world.visits().len());
    // A loop around calls is told what the table says, also by a call that isn't repeated itself.
    let mut world = World::new(move |_| again());
    let Err(alone) = world.run(&api(), &mut Call::new(op).retry(RetryPolicy::none())) else { panic!("no error") };
    assert_eq!([alone.is_retryable(), error.is_retryable()], [error.attempts() > 1; 2], "{error}");
    assert_eq!(error.is_throttled(), error.to_string().contains("429") || error.code() == Some("APIGW.0308"));
    (error.attempts(), error)
}

/// Every row of the table: what it is for, and for whom.
#[test]
fn the_table() {
    assert_eq!(RULES.len(), 11);
    for rule in RULES {
        let repeated = if rule.once { 4 } else { 1 };
        assert_eq!(attempts(&GetSpaceUsageOverview::new(), || trouble(rule)).0, 4, "{rule:?}");
        assert_eq!(attempts(&UpdateSpace::new("1", SpaceType::Individual), || trouble(rule)).0, 4, "{rule:?}");
        assert_eq!(attempts(&once(), || trouble(rule)).0, repeated, "{rule:?}");
        // Trouble that passes is no trouble.
        let mut world = World::script([trouble(rule), trouble(rule), fine()]);
        assert!(world.run(&api(), &mut Call::new(&GetSpaceUsageOverview::new())).is_ok());
    }
    // Only these hold for what runs once: it can't have run.
    let once: Vec<_> = RULES.iter().filter(|rule| rule.once).map(|rule| rule.when).collect();
    assert_eq!(once, [When::Unreached, When::Status(429), When::Code("APIGW.0308")]);
}

/// The table in the docs is the one that counts.
#[test]
fn the_documented_table() {
    let rows = RULES.iter().map(|rule| {
        let when = match rule.when {
            When::Unreached => "no connection, or nothing written to it".to_owned(),
            When::Unanswered => "connection broken, no HTTP, or no answer in time".to_owned(),
            When::Code(code) => format!("code {code}"),
            When::Status(status) => format!("HTTP {status}"),
            _ => panic!("a rule that this test doesn't know"),
        };
        format!("| {when} | again | {} | {} |", if rule.once { "again" } else { "–" }, rule.why)
    });
    let documented: Vec<_> =
        include_str!("../../src/retry.md").lines().filter(|row| row.contains("| again |")).collect();
    assert_eq!(documented, rows.collect::<Vec<_>>());
}

/// Throttled is throttled, whatever else the answer says.
#[test]
fn throttled_with_a_code() {
    let mut world = World::script([Reply::status(429, r#"{"code": 13000201}"#), Reply::ok(r#"{"code": 0}"#)]);
    world.run(&api(), &mut Call::new(&once())).unwrap();
}

/// An answer of the gateway's doesn't mean that the service hasn't seen the request.
#[test]
fn what_may_have_run() {
    let op = UpdateSpace::new("1", SpaceType::Individual).capacity(1);
    for rule in RULES {
        let mut first = Some(trouble(rule));
        let mut world = World::new(move |_| first.take().unwrap_or_else(|| Reply::failed(Reached::No, Cause::Network)));
        let error = world.run(&api(), &mut Call::new(&op)).unwrap_err();
        let sent = if rule.once { Sent::No } else { Sent::Maybe };
        assert_eq!((error.was_sent(), error.attempts()), (sent, 4), "{rule:?}");
    }
}

/// A timeout is a failure like others, and may be one to connect.
#[test]
fn timeouts() {
    let op = GetSpaceUsageOverview::new();
    let (count, error) = attempts(&op, Reply::silence);
    assert_eq!((count, error.kind(), error.was_sent()), (4, ErrorKind::Transport, Sent::Maybe));
    assert_eq!(attempts(&once(), Reply::silence).0, 1);
    assert_eq!(attempts(&once(), || Reply::failed(Reached::No, Cause::Timeout)).0, 4);
}

#[test]
fn what_is_not_repeated() {
    let op = GetSpaceUsageOverview::new();
    for reply in [
        || Reply::failed(Reached::No, Cause::Local),
        || Reply::failed(Reached::Maybe, Cause::Local),
        || Reply::ok("<html>"),
        || Reply::ok("{\"data\": []}"),
        || Reply::status(301, ""),
        || Reply::status(400, r#"{"code": 13000102}"#),
        || Reply::status(401, r#"{"error_code": "APIGW.0303"}"#),
        || Reply::status(403, ""),
        || Reply::status(404, ""),
        || Reply::status(500, ""),
        || Reply::status(500, r#"{"code": 13000301}"#),
        || Reply::status(501, ""),
    ] {
        assert_eq!(attempts(&op, reply).0, 1, "{:?}", reply());
    }
    assert_eq!(attempts(&op, || Reply::status(500, r#"{"code": "13000201"}"#)).0, 4);
    assert_eq!(attempts(&op, || Reply::ok(r#"{"code": 13000201}"#)).0, 4, "whatever the status says");
    // Refused before it is sent.
    let mut world = World::script([]);
    let error =
        world.run(&api(), &mut Call::new(&UpdateSpace::new("1", SpaceType::Individual).capacity(0))).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Param, 0));
}

/// `Retry-After` is a floor in both forms; a date counts from the answer's own Date.
#[test]
fn retry_after() {
    let soon = "Mon, 03 Nov 2025 07:02:10 GMT"; // 30 s after the world begins
    for (reply, floor) in [
        (Reply::status(503, "").header("retry-after", "30"), 30),
        (Reply::status(503, "").header("retry-after", soon), 30),
        (Reply::status(503, "").header("retry-after", soon).without_date(), 29),
        (Reply::status(429, "").header("date", "Mon, 03 Nov 2025 07:01:20 GMT").header("retry-after", soon), 50),
        (Reply::status(503, "").header("retry-after", "Mon, 03 Nov 2025 07:01:00 GMT"), 0),
        (Reply::status(503, "").header("retry-after", "soon"), 0),
        (Reply::status(503, "").header("retry-after", "-1"), 0),
        (Reply::status(503, "").header("retry-after", "1.5"), 2),
        (Reply::status(503, "").header("retry-after", "3.000"), 3),
        (Reply::status(503, "").header("retry-after", "1."), 0),
        (Reply::status(503, "").header("retry-after", ".5"), 0),
        (Reply::status(503, "").header("retry-after", "-1.5"), 0),
        (Reply::status(503, "").header("retry-after", "1e3"), 0),
        (Reply::status(503, "").header("retry-after", "0"), 0),
    ] {
        let what = format!("{reply:?}");
        let mut world = World::script([reply, fine()]);
        world.run(&api().clock_correction(false), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap();
        let pause = world.visits()[1].sent;
        assert!(pause >= SECOND * floor && pause <= SECOND * (floor + 1), "{what}: {pause:?}");
    }
    // One that nobody would wait for is an error at once, which says how long.
    for (value, wait) in [("61", 61), ("3600", 3600), ("99999999999999999999999", u64::MAX)] {
        let mut world = World::script([Reply::status(429, "").header("retry-after", value)]);
        let error = world.run(&api(), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap_err();
        assert_eq!((error.attempts(), error.retry_after()), (1, Some(Duration::from_secs(wait))));
    }
    let patient = RetryPolicy::default().longest_retry_after(SECOND * 3600);
    let mut world = World::script([Reply::status(429, "").header("retry-after", "3600"), fine()]);
    world.run(&api().retry(patient), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap();
    assert!(world.now().elapsed > SECOND * 3600);
}

/// A date counts from the server's time, where the answer has none.
#[test]
fn retry_after_by_the_servers_clock() {
    let api = api();
    api.set_clock_offset(TimeDelta::hours(1));
    let later = "Mon, 03 Nov 2025 08:02:10 GMT";
    let mut world = World::script([Reply::status(503, "").header("retry-after", later).without_date(), fine()]);
    world.run(&api, &mut Call::new(&GetSpaceUsageOverview::new())).unwrap();
    assert_eq!(world.visits()[1].sent.as_secs(), 30);
}

/// The service's wish and the policy's own pauses have limits of their own.
#[test]
fn limits_of_pauses() {
    let unasked = RetryPolicy::default().longest_retry_after(Duration::ZERO);
    let mut world = World::script([Reply::status(503, ""), fine()]);
    world.run(&api().retry(unasked), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap();
    // A pause that would use up the deadline to the last is too long.
    let exact = RetryPolicy::default().first_pause(Duration::ZERO);
    let mut world = World::script([Reply::status(503, "").header("retry-after", "2")]);
    let op = GetSpaceUsageOverview::new();
    let deadline = SECOND * 2 + Duration::from_millis(10);
    let error = world.run(&api().retry(exact), &mut Call::new(&op).deadline(deadline)).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Api, 1));
}

/// Pauses are spread over their upper half, by the seed.
#[test]
fn pauses_are_spread() {
    let pauses: Vec<_> = (0..1_000)
        .map(|seed| {
            let mut world = World::script([Reply::status(503, ""), fine()]);
            world.run(&api().random_seed(seed), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap();
            world.visits()[1].sent.as_millis() - 10
        })
        .collect();
    let (least, most) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
    assert!((100..110).contains(least) && (190..=200).contains(most), "{least} {most}");
    let again: Vec<_> = pauses.iter().map(|pause| pause / 20).collect();
    for tenth in 5..10 {
        assert!(again.iter().filter(|pause| **pause == tenth).count() > 100, "{tenth}");
    }
}

/// What would outlast the deadline isn't waited for: the error is the attempt's own.
#[test]
fn a_pause_beyond_the_deadline() {
    let mut world = World::script([Reply::status(429, "").header("retry-after", "30")]);
    let op = GetSpaceUsageOverview::new();
    let error = world.run(&api(), &mut Call::new(&op).deadline(SECOND * 30)).unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Api, 429));
    assert!(world.now().elapsed < SECOND);
    // An attempt that uses it up is the deadline's.
    let mut world = World::script([Reply::silence()]);
    let error = world.run(&api(), &mut Call::new(&op).deadline(SECOND * 5)).unwrap_err();
    assert_eq!((error.kind(), error.was_sent(), error.attempts()), (ErrorKind::Deadline, Sent::Maybe, 1));
    assert_eq!(world.now().elapsed, SECOND * 5);
}

#[test]
fn the_apis_policy_and_the_calls_own() {
    let op = GetSpaceUsageOverview::new();
    let count = |api: &Api, call: &mut Call<'_, _>| {
        let mut world = World::new(|_| Reply::status(503, ""));
        world.run(api, call).unwrap_err().attempts()
    };
    assert_eq!(count(&api().retry(RetryPolicy::none()), &mut Call::new(&op)), 1);
    assert_eq!(count(&api().retry(RetryPolicy::default().max_attempts(9)), &mut Call::new(&op)), 9);
    assert_eq!(count(&api(), &mut Call::new(&op).retry(RetryPolicy::none())), 1);
    assert_eq!(count(&api(), &mut Call::new(&op).retry(RetryPolicy::default().max_attempts(0))), 1);
}

/// Every attempt is dated and signed anew.
#[test]
fn every_attempt_is_a_new_request() {
    let mut world = World::script([
        Reply::status(503, "").header("retry-after", "50"),
        Reply::failed(Reached::Maybe, Cause::Network),
        fine(),
    ]);
    let op = UpdateSpace::new("1", SpaceType::Individual).capacity(7);
    world.run(&api(), &mut Call::new(&op)).unwrap();
    let visits = world.visits();
    let header = |at: usize, name: &str| visits[at].request.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(0, "x-date"), "20251103T070110Z");
    assert_eq!(header(1, "x-date"), "20251103T070200Z");
    assert_ne!(header(0, "authorization"), header(1, "authorization"));
    for visit in visits {
        assert_eq!(visit.request.body(), visits[0].request.body());
    }
}

/// Keeps what it is told.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Observer for Notes {
    fn sending(&self, attempt: &Attempt) {
        self.note(format!("{} {}", attempt.target.name(), attempt.number));
    }
    fn ended(&self, _: &Attempt, outcome: &Outcome, took: Duration) {
        self.note(format!("{outcome:?} {} ms", took.as_millis()));
    }
    fn noted(&self, attempt: &Attempt, notes: &koodrive_proto::wire::Notes) {
        self.note(format!("{} {}: {} {:?}", attempt.target.name(), attempt.number, notes.count(), notes.paths()));
    }
    fn repeating(&self, _: &Attempt, reason: &Reason, _: Duration) {
        match reason {
            Reason::Rule(rule) => self.note(rule.why.to_owned()),
            other => self.note(format!("{other:?}")),
        }
    }
}

impl Notes {
    fn note(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }
}

#[test]
fn an_observer_is_told() {
    let notes = Notes::default();
    let replies = [Reply::status(429, ""), Reply::failed(Reached::Maybe, Cause::Network), fine()];
    let mut world = World::script(replies).server_ahead(TimeDelta::zero());
    world.run(&api().observer(notes.clone()), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap();
    let expected = [
        "GetSpaceUsageOverview 1",
        "Answered(429) 10 ms",
        "throttled, before it ran",
        "GetSpaceUsageOverview 2",
        "Failed(Maybe, Network) 10 ms",
        "no answer, and it may have run",
        "GetSpaceUsageOverview 3",
        "Answered(200) 10 ms",
    ];
    assert_eq!(*notes.0.lock().unwrap(), expected);

    // Also of what wasn't as documented, where something wasn't.
    notes.0.lock().unwrap().clear();
    let odd = Reply::ok(r#"{"code": 0, "data": {"totalUsed": "much", "quota": [1]}}"#);
    let mut world = World::script([odd]).server_ahead(TimeDelta::zero());
    world.run(&api().observer(notes.clone()), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap();
    let last = notes.0.lock().unwrap().pop().unwrap();
    let paths = r#"["data.totalUsed: expected a number, got a text", "data.quota: expected a number, got a list"]"#;
    assert_eq!(last, format!("GetSpaceUsageOverview 1: 2 {paths}"));
}

/// Throttled is throttled, whatever the message is made of.
#[test]
fn throttled_in_another_encoding() {
    for (name, code) in [("error_code", "\"APIGW.0308\""), ("code", "13000201")] {
        for message in [&b"\xbf\xd5\xbc\xe4"[..], b"\xe7\xa9", br"no \ud83d", b"\t"] {
            for before in [&b""[..], b"\xef\xbb\xbf"] {
                let body = [before, br#"{"msg":""#, message, format!(r#"","{name}":{code}}}"#).as_bytes()].concat();
                let mut world = World::script([Reply::status(400, body), fine()]);
                world.run(&api(), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap();
            }
        }
    }
}

fn any_trouble() -> impl Strategy<Value = (u8, u64)> {
    (0..8u8, 0..40_000u64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever the server does, a call ends within its deadline and its attempts, and pauses keep their bounds.
    #[test]
    fn always_ends(
        troubles in prop::collection::vec(any_trouble(), 1..12),
        deadline in prop::option::of(0..100_000u64),
        attempt_timeout in 1..30_000u64,
        max_attempts in 1..8u32,
        first in 0..2_000u64,
        longest in 0..10_000u64,
        seed: u64,
    ) {
        let millis = Duration::from_millis;
        let policy = RetryPolicy::default().max_attempts(max_attempts).first_pause(millis(first)).longest_pause(millis(longest));
        let replies = troubles.clone();
        let mut at = 0;
        let mut world = World::new(move |_| {
            let (kind, after) = replies[at % replies.len()];
            at += 1;
            match kind {
                0 => Reply::silence(),
                1 => Reply::failed(Reached::No, Cause::Network),
                2 => Reply::failed(Reached::Maybe, Cause::Timeout),
                3 => Reply::status(429, "").header("retry-after", &(after % 70).to_string()),
                4 => Reply::status(503, "<html>"),
                5 => Reply::status(500, r#"{"code": 13000201}"#),
                6 => Reply::status(401, ""),
                _ => fine(),
            }.after(millis(after))
        });
        let op = GetSpaceUsageOverview::new();
        let mut call = Call::new(&op).attempt_timeout(millis(attempt_timeout)).retry(policy);
        if let Some(deadline) = deadline {
            call = call.deadline(millis(deadline));
        }
        let _ = world.run(&api().random_seed(seed), &mut call);
        if let Some(deadline) = deadline {
            prop_assert!(world.now().elapsed <= millis(deadline));
        }
        let visits = world.visits();
        prop_assert!(visits.len() <= max_attempts as usize);
        for (number, pair) in (1..).zip(visits.windows(2)) {
            let (kind, after) = troubles[(number - 1) % troubles.len()];
            let took = match kind {
                0 => millis(attempt_timeout),
                _ => millis((after + 10).min(attempt_timeout)),
            };
            let whole = millis((first << (number - 1)).min(longest));
            let asked = if kind == 3 && after + 10 <= attempt_timeout { Duration::from_secs(after % 70) } else { Duration::ZERO };
            let pause = pair[1].sent.saturating_sub(pair[0].sent).saturating_sub(took);
            prop_assert!(pause >= (whole / 2).max(asked), "{:?} after {}: {:?}", pause, number, asked);
            prop_assert!(pause <= whole.max(asked), "{:?} after {}: {:?}", pause, number, asked);
        }
    }
}
