//! The flow of one call, in virtual time.

use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{TimeZone, Utc};
use koodrive_proto::flow::{Body, Cause, Deliver, Event, Failure, Now, Outgoing, Reached, Step};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType, SpaceUsage, UpdateSpace};
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, ErrorKind, Flow, Operation, Sent, TraceId, http};
use proptest::prelude::*;

fn api() -> Api {
    Api::new("https://h", Credentials::app("app", "tops3cret", "1")).unwrap()
}

fn at(millis: u64) -> Now {
    let utc = Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap();
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
    let text = format!("{:?}", Outgoing::new(request, GetSpaceUsageOverview::META, 1, None));
    assert!(!text.contains("s3cret"), "{text}");
    for part in ["GetSpaceUsageOverview", "PUT", "\"/path\"", "x-token", "6 bytes", "attempt: 1"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_call_sends_once_and_parses() {
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    let mut call = Call::new(&op);
    let outgoing = sent(call.resume(&api, at(0), Event::Start));
    assert_eq!(outgoing.operation, GetSpaceUsageOverview::META);
    assert_eq!(outgoing.attempt, 1);
    assert_eq!(outgoing.timeout, Some(Duration::from_secs(30)));
    assert_eq!(outgoing.deliver, Deliver::Memory);
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
        (Reached::No, Cause::Network, Sent::No, "the server was not reached: the wire is cut"),
        (
            Reached::Maybe,
            Cause::Network,
            Sent::Maybe,
            "the connection failed, the server may have seen the request: the wire is cut",
        ),
        (Reached::Maybe, Cause::Timeout, Sent::Maybe, "no answer in time: the wire is cut"),
        (Reached::No, Cause::Local, Sent::No, "stopped on this side: the wire is cut"),
    ] {
        let trace_id = TraceId::from_bytes([1; 29]);
        let mut call = Call::new(&op).trace_id(trace_id.clone());
        let _ = sent(call.resume(&api, at(0), Event::Start));
        let error = done(call.resume(&api, at(1), failed(reached, cause))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert_eq!((error.was_sent(), error.attempts()), (sent_, 1));
        assert_eq!(error.is_timeout(), cause == Cause::Timeout);
        assert_eq!(error.trace_id(), Some(&trace_id));
        assert_eq!(error.to_string(), format!("GetSpaceUsageOverview: {text}"));
    }
}

#[test]
fn the_deadline_bounds_the_attempt() {
    let (api, op) = (api(), GetSpaceUsageOverview::new());
    let seconds = Duration::from_secs;
    for (attempt, deadline, expected) in [(5, 60, 5), (60, 5, 5), (60, 60, 60)] {
        let mut call = Call::new(&op).attempt_timeout(seconds(attempt)).deadline(seconds(deadline));
        let outgoing = sent(call.resume(&api, at(0), Event::Start));
        assert_eq!(outgoing.timeout, Some(seconds(expected)));
    }
    // A timeout that used up the deadline is the deadline's.
    for (now, kind) in [(2_000, ErrorKind::Transport), (5_000, ErrorKind::Deadline)] {
        let mut call = Call::new(&op).attempt_timeout(seconds(2)).deadline(seconds(5));
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
    assert_eq!(second.timeout, Some(Duration::from_secs(20)));
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
        let mut call = Call::new(&op).deadline(Duration::from_secs(60));
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

fn any_event() -> impl Strategy<Value = u8> {
    0..6u8
}

fn event(which: u8) -> Event {
    match which {
        0 => Event::Start,
        1 => Event::Elapsed,
        2 => response(r#"{"code": 0, "data": {}}"#),
        3 => response("<html>"),
        4 => failed(Reached::No, Cause::Network),
        _ => failed(Reached::Maybe, Cause::Timeout),
    }
}

proptest! {
    /// Any order of events, at any times: no panic, and an end that stays the end.
    #[test]
    fn any_order_of_events(
        events in prop::collection::vec((any_event(), any::<u64>()), 1..20),
        attempt in any::<Duration>(),
        deadline in any::<Option<Duration>>(),
    ) {
        let api = api();
        let (read, once) = (GetSpaceUsageOverview::new(), DeleteSpace::new("1", SpaceType::Individual));
        run(&api, limited(Call::new(&read), attempt, deadline), &events);
        let sent = run(&api, limited(Call::new(&once), attempt, deadline), &events);
        prop_assert!(sent <= 1, "a call that runs once was sent {} times", sent);
    }
}

fn limited<O: Operation>(call: Call<'_, O>, attempt: Duration, deadline: Option<Duration>) -> Call<'_, O> {
    let call = call.attempt_timeout(attempt);
    match deadline {
        Some(deadline) => call.deadline(deadline),
        None => call,
    }
}

/// How often it was sent.
fn run<O: Operation>(api: &Api, mut call: Call<'_, O>, events: &[(u8, u64)]) -> u32 {
    let (mut sent, mut over) = (0, false);
    for (which, millis) in events {
        let now = Now { elapsed: Duration::from_millis(*millis), ..at(0) };
        match call.resume(api, now, event(*which)) {
            Step::Done(result) => {
                if over {
                    assert!(matches!(result, Err(error) if error.kind() == ErrorKind::Misuse));
                }
                over = true;
            }
            Step::Send(outgoing) => {
                assert!(!over);
                sent += 1;
                assert_eq!(outgoing.attempt, sent);
            }
            Step::Wait(_) => panic!("nothing to wait for"),
        }
    }
    sent
}
