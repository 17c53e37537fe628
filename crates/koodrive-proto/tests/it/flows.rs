//! The flow of one call, event by event.

use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Deliver, Event, Expected, Failure, Now, Outgoing, Reached, Step};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType, SpaceUsage, UpdateSpace};
use koodrive_proto::schema::{Safety, Target};
use koodrive_proto::{
    AccessToken, Api, Call, Credentials, Error, ErrorKind, Flow, Operation, RetryPolicy, Sent, TraceId, http,
};
use proptest::prelude::*;

use crate::common::now;

fn api() -> Api {
    Api::new("https://h", Credentials::app("app", "tops3cret", "1")).unwrap()
}

fn at(millis: u64) -> Now {
    let utc = now();
    Now { utc: utc + Duration::from_millis(millis), elapsed: Duration::from_secs(1000) + Duration::from_millis(millis) }
}

fn sent<T>(step: Step<T>) -> Outgoing {
    match step {
        Step::Send(outgoing) => outgoing,
        Step::Wait(_) | Step::Done(_) => panic!("expected a request"),
    }
}

fn done<T>(step: Step<T>) -> T {
    match step {
        Step::Done(result) => result,
        Step::Wait(_) | Step::Send(_) => panic!("expected the end"),
    }
}

fn response(body: &'static str) -> Event {
    Event::Response(http::Response::new(Bytes::from_static(body.as_bytes())))
}

fn failed(reached: Reached, cause: Cause) -> Event {
    Event::Failed(Failure::new(reached, cause, "the wire is cut"))
}

/// What goes into a log: where to, and nothing that opens anything.
#[test]
fn debug_of_what_goes_out_is_fit_for_a_log() {
    let request = http::Request::put("https://h:1/path?X-Amz-Signature=s3cret").header("x-token", "s3cret");
    let request = request.body(Bytes::from_static(b"s3cret")).unwrap();
    let text = format!("{:?}", Outgoing::new(request, GetSpaceUsageOverview::META, 1, Duration::from_secs(30), 1_000));
    assert!(!text.contains("s3cret"), "{text}");
    for part in ["GetSpaceUsageOverview", "PUT", "\"/path\"", "x-token", "6 bytes", "attempt: 1"] {
        assert!(text.contains(part), "{text}");
    }
}

/// Somebody else's path may open something as well.
#[test]
fn debug_of_what_goes_elsewhere_shows_no_path() {
    let request = http::Request::get("https://h:1/s3cret/path").body(Bytes::new()).unwrap();
    let text =
        format!("{:?}", Outgoing::new(request, Target::Elsewhere("object store"), 1, Duration::from_secs(30), 1_000));
    assert!(!text.contains("s3cret") && text.contains("object store") && text.contains("path: None"), "{text}");
}

/// A transport that has no source and no sink refuses what needs one, before anything is sent.
#[test]
fn what_is_not_in_memory_is_refused_by_transports_that_have_nothing_else() {
    let outgoing = || {
        let request = http::Request::put("https://h/").body(Bytes::from_static(b"body")).unwrap();
        Outgoing::new(request, Target::Elsewhere("object store"), 1, Duration::from_secs(30), 1_000)
    };
    assert_eq!(outgoing().into_memory().unwrap().into_body(), "body");
    let mut big = outgoing();
    *big.request.body_mut() = Body::Source { offset: 0, len: 1 };
    let mut far = outgoing();
    far.deliver = Deliver::Sink(Expected::new(0, 1));
    for outgoing in [big, far] {
        let failure = outgoing.into_memory().unwrap_err();
        assert_eq!((failure.reached, failure.cause), (Reached::No, Cause::Local));
    }
}

#[test]
fn a_call_sends_once_and_parses() {
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    let mut call = Call::new(&op);
    let outgoing = sent(call.resume(&api, at(0), Event::Start));
    assert_eq!(outgoing.target.operation(), Some(GetSpaceUsageOverview::META));
    assert_eq!(outgoing.attempt, 1);
    assert_eq!(outgoing.timeout, Duration::from_secs(30));
    assert!(matches!(outgoing.deliver, Deliver::Memory));
    assert_eq!(outgoing.request.body(), &Body::Bytes(Bytes::new()));
    assert_eq!(outgoing.request.uri(), "https://h/koodrive/ose/v1/space/usage/overview");
    let usage = done(call.resume(&api, at(5), response(r#"{"code": 0, "data": {"totalUsed": 3}}"#))).unwrap();
    assert_eq!(usage.total_used, Some(3));
    // After the end there is nothing.
    assert_eq!(done(call.resume(&api, at(6), Event::Start)).unwrap_err().kind(), ErrorKind::Misuse);
}

#[test]
fn a_refused_call_is_never_sent() {
    let (api, op) = (api(), UpdateSpace::new("1", SpaceType::Individual).capacity(0));
    let error = done(Call::new(&op).resume(&api, at(0), Event::Start)).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.was_sent()), (ErrorKind::Param, 0, Sent::No));
}

#[test]
fn failures_say_whether_the_server_can_have_seen_it() {
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    for (reached, cause, sent_, text) in [
        (Reached::No, Cause::Network, Sent::No, "the server h:443 was not reached"),
        (
            Reached::Maybe,
            Cause::Network,
            Sent::Maybe,
            "the connection to the server h:443 failed, after it may have got the request",
        ),
        (Reached::No, Cause::Timeout, Sent::No, "no connection to the server h:443 in time"),
        (Reached::Maybe, Cause::Timeout, Sent::Maybe, "no answer from the server h:443 in time"),
        (Reached::No, Cause::Local, Sent::No, "the request was not sent to the server h:443"),
        (Reached::Maybe, Cause::Local, Sent::Maybe, "the answer was not read"),
    ] {
        let trace_id = TraceId::from_bytes([1; 29]);
        let mut call = Call::new(&op).trace_id(trace_id.clone()).retry(RetryPolicy::none());
        let _ = sent(call.resume(&api, at(0), Event::Start));
        let error = done(call.resume(&api, at(1), failed(reached, cause))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert_eq!((error.was_sent(), error.attempts()), (sent_, 1));
        assert_eq!(error.is_timeout(), cause == Cause::Timeout);
        assert_eq!(error.trace_id(), Some(&trace_id));
        assert_eq!(error.to_string(), format!("GetSpaceUsageOverview: {text}: the wire is cut (1 attempt)"));
    }
}

#[test]
fn the_deadline_bounds_the_attempt() {
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    let seconds = Duration::from_secs;
    for (attempt, deadline, expected) in [(5, 60, 5), (60, 5, 5), (60, 60, 60)] {
        let mut call = Call::new(&op).attempt_timeout(seconds(attempt)).deadline(seconds(deadline));
        let outgoing = sent(call.resume(&api, at(0), Event::Start));
        assert_eq!(outgoing.timeout, seconds(expected));
    }
    // A timeout that used up the deadline is the deadline's.
    for (now, kind) in [(2_000, ErrorKind::Transport), (5_000, ErrorKind::Deadline)] {
        let mut call = Call::new(&op).attempt_timeout(seconds(2)).deadline(seconds(5)).retry(RetryPolicy::none());
        let _ = sent(call.resume(&api, at(0), Event::Start));
        let error = done(call.resume(&api, at(now), failed(Reached::Maybe, Cause::Timeout))).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.is_timeout());
        assert_eq!(error.was_sent(), Sent::Maybe);
    }
    let mut call = Call::new(&op).deadline(Duration::ZERO);
    assert_eq!(done(call.resume(&api, at(0), Event::Start)).unwrap_err().kind(), ErrorKind::Deadline);
}

/// Cancelled and resumed: what changes nothing twice is sent again, with a new date; the rest says so.
#[test]
fn a_cancelled_call_goes_on_or_says_interrupted() {
    let api = api();
    let op = UpdateSpace::new("1", SpaceType::Individual).capacity(1);
    let mut call = Call::new(&op).deadline(Duration::from_secs(60));
    let first = sent(call.resume(&api, at(0), Event::Start));
    let second = sent(call.resume(&api, at(40_000), Event::Start));
    assert_eq!(second.attempt, 2);
    assert_eq!(second.timeout, Duration::from_secs(20));
    assert_eq!(first.request.headers()["x-date"], "20251103T070110Z");
    assert_eq!(second.request.headers()["x-date"], "20251103T070150Z");
    done(call.resume(&api, at(50_000), response(r#"{"code": 0}"#))).unwrap();

    let op = DeleteSpace::new("1", SpaceType::Individual);
    let mut call = Call::new(&op);
    let _ = sent(call.resume(&api, at(0), Event::Start));
    let error = done(call.resume(&api, at(1), Event::Start)).unwrap_err();
    assert_eq!((error.kind(), error.was_sent(), error.attempts()), (ErrorKind::Interrupted, Sent::Maybe, 1));
}

/// What an attempt without an answer may have done stays possible, whatever becomes of the next.
#[test]
fn an_attempt_without_an_answer_may_have_been_seen() {
    let api = api();
    let op = UpdateSpace::new("1", SpaceType::Individual).capacity(1);
    let after_cancelling = |now: u64, event: Option<Event>| {
        let mut call = Call::new(&op).deadline(Duration::from_secs(60)).retry(RetryPolicy::none());
        let _ = sent(call.resume(&api, at(0), Event::Start));
        let step = call.resume(&api, at(now), Event::Start);
        done(match event {
            Some(event) => {
                let _ = sent(step);
                call.resume(&api, at(now), event)
            }
            None => step,
        })
        .unwrap_err()
    };
    let error = after_cancelling(60_000, None);
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Deadline, Sent::Maybe));
    let error = after_cancelling(1, Some(failed(Reached::No, Cause::Network)));
    assert_eq!((error.kind(), error.was_sent(), error.attempts()), (ErrorKind::Transport, Sent::Maybe, 2));
    let error = after_cancelling(1, Some(Event::Elapsed));
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Misuse, Sent::Maybe));
    let error = after_cancelling(1, Some(response(r#"{"code": 13000301}"#)));
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Api, Sent::Yes));
}

#[test]
fn flows_work_behind_references_and_boxes() {
    fn start(mut flow: impl Flow, api: &Api) {
        let _ = sent(flow.resume(api, at(0), Event::Start));
    }
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    let mut boxed: Box<dyn Flow<Output = SpaceUsage> + Send + '_> = Box::new(Call::new(&op));
    start(&mut boxed, &api);
    assert!(done(boxed.resume(&api, at(0), response(r#"{"data": {}}"#))).is_ok());
}

#[test]
fn sizes_and_bounds() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Error>();
    shared::<Api>();
    shared::<Failure>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
}

#[test]
fn secrets_are_not_shown() {
    let op = GetSpaceUsageOverview::new();
    let now = at(0);
    for credentials in [
        Credentials::app("app", "tops3cret", "1"),
        Credentials::token(AccessToken::as_issued("Bearer tops3cret"), "1"),
        Credentials::token(AccessToken::bearer("tops3cret"), "1"),
        Credentials::token(AccessToken::with_scheme("AT", "tops3cret"), "1"),
    ] {
        assert!(!format!("{credentials:?} {credentials:#?}").contains("tops3cret"));
        let api = Api::new("https://h", credentials).unwrap();
        assert!(!format!("{api:?} {api:#?}").contains("tops3cret"));
        let request = api.request(&op, now.utc).unwrap();
        assert!(!format!("{request:?}").contains("tops3cret"));
        assert!(!format!("{request:?}").contains("Signature="));
        let mut call = Call::new(&op);
        let step = call.resume(&api, now, Event::Start);
        assert!(!format!("{step:?} {call:?}").contains("tops3cret"));
        let error = Api::new("https://h", Credentials::token(AccessToken::as_issued("tops3cret\n"), "1")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("tops3cret"));
    }
}

/// Pauses are kept, also by a driver that comes too early, and a cancelled pause goes on.
#[test]
fn a_pause_has_a_rest() {
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    let mut call = Call::new(&op).retry(RetryPolicy::default().first_pause(Duration::from_secs(8)));
    let _ = sent(call.resume(&api, at(0), Event::Start));
    let Step::Wait(pause) = call.resume(&api, at(1), failed(Reached::Maybe, Cause::Network)) else {
        panic!("no pause")
    };
    assert!((4..=8).contains(&pause.as_secs()), "{pause:?}");
    for early in [Event::Elapsed, Event::Start] {
        let Step::Wait(rest) = call.resume(&api, at(1001), early) else { panic!("no pause") };
        assert_eq!(rest + Duration::from_secs(1), pause);
    }
    let again = sent(call.resume(&api, at(8_001), Event::Elapsed));
    assert_eq!(
        (again.attempt, &again.request.headers()["x-date"]),
        (2, &http::HeaderValue::from_static("20251103T070118Z"))
    );
    done(call.resume(&api, at(8_002), response(r#"{"data": {}}"#))).unwrap();
}

#[test]
fn wrong_events_during_a_pause() {
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    for wrong in [response("{}"), failed(Reached::No, Cause::Network)] {
        let mut call = Call::new(&op);
        let _ = sent(call.resume(&api, at(0), Event::Start));
        assert!(matches!(call.resume(&api, at(1), failed(Reached::Maybe, Cause::Network)), Step::Wait(_)));
        let error = done(call.resume(&api, at(2), wrong)).unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Misuse, Sent::Maybe));
    }
}

/// Coming back counts for no retry: what changes nothing twice goes on, however often its driver is cancelled.
#[test]
fn cancelling_uses_up_nothing() {
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    let mut call = Call::new(&op).retry(RetryPolicy::default().max_attempts(2));
    for attempt in 1..=9 {
        assert_eq!(sent(call.resume(&api, at(0), Event::Start)).attempt, attempt);
    }
    assert!(matches!(call.resume(&api, at(0), failed(Reached::Maybe, Cause::Network)), Step::Wait(_)));
    assert_eq!(sent(call.resume(&api, at(1_000), Event::Elapsed)).attempt, 10);
    let error = done(call.resume(&api, at(1_000), failed(Reached::No, Cause::Network))).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.was_sent()), (ErrorKind::Transport, 10, Sent::Maybe));
}

/// A driver that comes late, or with the wrong event.
#[test]
fn late_drivers() {
    let (api, op) = (api(), UpdateSpace::new("1", SpaceType::Individual).capacity(1));
    let seconds = Duration::from_secs;
    // A pause whose end is beyond the deadline, and a failure that is not the deadline's though it comes after it.
    let mut call = Call::new(&op).deadline(seconds(60));
    let _ = sent(call.resume(&api, at(0), Event::Start));
    assert!(matches!(call.resume(&api, at(10), failed(Reached::Maybe, Cause::Network)), Step::Wait(_)));
    let error = done(call.resume(&api, at(60_000), Event::Elapsed)).unwrap_err();
    assert_eq!((error.kind(), error.was_sent(), error.attempts()), (ErrorKind::Deadline, Sent::Maybe, 1));
    let mut call = Call::new(&op).deadline(seconds(60));
    let _ = sent(call.resume(&api, at(0), Event::Start));
    let error = done(call.resume(&api, at(70_000), failed(Reached::Maybe, Cause::Network))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    // The timeout of the last attempt is the deadline's, also where the transport's clock is a little fast.
    let mut call = Call::new(&op).deadline(seconds(5)).attempt_timeout(seconds(5));
    let _ = sent(call.resume(&api, at(0), Event::Start));
    let error = done(call.resume(&api, at(4_999), failed(Reached::Maybe, Cause::Timeout))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    // What an attempt did that got the wrong event, nobody knows.
    let mut call = Call::new(&op);
    let _ = sent(call.resume(&api, at(0), Event::Start));
    let error = done(call.resume(&api, at(1), Event::Elapsed)).unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Misuse, Sent::Maybe));
}

#[derive(Debug, Clone, Copy)]
enum Any {
    Start,
    Elapsed,
    Failed(Reached, Cause),
    Answer(u16, &'static str),
}

fn any_event() -> impl Strategy<Value = Any> {
    let reached = prop_oneof![Just(Reached::No), Just(Reached::Maybe)];
    let cause = prop_oneof![Just(Cause::Network), Just(Cause::Timeout), Just(Cause::Local)];
    let status = prop::sample::select(vec![200, 204, 301, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504]);
    let body = prop::sample::select(vec![
        "",
        "<html>",
        r#"{"code": 0, "data": {}}"#,
        r#"{"code": 13000201, "msg": "later"}"#,
        r#"{"code": 13000301}"#,
        r#"{"error_code": "APIGW.0308"}"#,
        r#"{"error_code": "APIGW.0303"}"#,
    ]);
    prop_oneof![
        2 => Just(Any::Start),
        3 => Just(Any::Elapsed),
        4 => (reached, cause).prop_map(|(reached, cause)| Any::Failed(reached, cause)),
        4 => (status, body).prop_map(|(status, body)| Any::Answer(status, body)),
    ]
}

fn event(which: Any) -> Event {
    match which {
        Any::Start => Event::Start,
        Any::Elapsed => Event::Elapsed,
        Any::Failed(reached, cause) => failed(reached, cause),
        Any::Answer(status, body) => {
            let mut response = http::Response::new(Bytes::from_static(body.as_bytes()));
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            response.headers_mut().insert("date", http::HeaderValue::from_static("Mon, 03 Nov 2025 09:01:40 GMT"));
            Event::Response(response)
        }
    }
}

/// Whether a call that runs once may be sent again after this.
fn not_run(event: Any) -> bool {
    match event {
        Any::Failed(reached, cause) => reached == Reached::No && cause != Cause::Local,
        // Throttled, or refused for its date.
        Any::Answer(status, body) => matches!(status, 400 | 401 | 403 | 429) || body.contains("APIGW.0308"),
        Any::Elapsed => true,
        Any::Start => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Any order of events, at any times: no panic, an end that stays the end, no attempt more than allowed (but one
    /// for the clock, and one for each time that the driver was cancelled), and nothing that runs once goes out again
    /// when it may have run.
    #[test]
    fn any_order_of_events(
        events in prop::collection::vec((any_event(), any::<u64>()), 1..30),
        attempt in any::<Duration>(),
        deadline in any::<Option<Duration>>(),
        max_attempts in 0..6u32,
        pauses in any::<(Duration, Duration, Duration)>(),
    ) {
        let policy = RetryPolicy::default()
            .max_attempts(max_attempts)
            .first_pause(pauses.0)
            .longest_pause(pauses.1)
            .longest_retry_after(pauses.2);
        let most = max_attempts.max(1) + 1;
        let read = GetSpaceUsageOverview::new();
        run(limited(Call::new(&read), attempt, deadline, policy), &events, most)?;
        let idempotent = UpdateSpace::new("1", SpaceType::Individual);
        run(limited(Call::new(&idempotent), attempt, deadline, policy), &events, most)?;
        let once = DeleteSpace::new("1", SpaceType::Individual);
        run(limited(Call::new(&once), attempt, deadline, policy), &events, most)?;
    }
}

fn limited<O: Operation>(
    call: Call<'_, O>,
    attempt: Duration,
    deadline: Option<Duration>,
    policy: RetryPolicy,
) -> Call<'_, O> {
    let call = call.attempt_timeout(attempt).retry(policy);
    match deadline {
        Some(deadline) => call.deadline(deadline),
        None => call,
    }
}

fn run<O: Operation>(mut call: Call<'_, O>, events: &[(Any, u64)], most: u32) -> Result<(), TestCaseError> {
    let api = api();
    let (mut sent, mut over, mut outstanding, mut may_have_run) = (0, false, false, false);
    let mut most = most;
    for (which, millis) in events {
        let now = Now { elapsed: Duration::from_millis(*millis), ..at(0) };
        let answered = outstanding;
        outstanding = false;
        may_have_run |= answered && !not_run(*which);
        most += u32::from(answered && matches!(which, Any::Start));
        match call.resume(&api, now, event(*which)) {
            Step::Done(result) => {
                if over {
                    prop_assert!(matches!(result, Err(error) if error.kind() == ErrorKind::Misuse));
                }
                over = true;
            }
            Step::Send(outgoing) => {
                prop_assert!(!over);
                prop_assert!(O::META.safety != Safety::Once || !may_have_run, "sent again after it may have run");
                sent += 1;
                prop_assert_eq!(outgoing.attempt, sent);
                prop_assert!(sent <= most, "{} of {}", sent, most);
                outstanding = true;
            }
            Step::Wait(_) => prop_assert!(!over),
        }
    }
    Ok(())
}
