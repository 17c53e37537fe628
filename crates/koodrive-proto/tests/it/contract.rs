//! What flows see to themselves, so that a transport that can't is right all the same; and what its author prints.

use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Event, Outgoing, Pages, Reached, Step, Until};
use koodrive_proto::ops::jobs::{GetJob, JobDetail, ListJobs};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{Api, Call, Error, ErrorKind, Flow, Operation, RetryPolicy, Sent, http, operation};

use crate::common::api;

operation! {
    /// Whether the thing exists, in its headers alone.
    HEAD "/head" Exists -> ();
    AppOrToken, ReadOnly, Enterprise Partial;
    query {; }
}

const BODY: &str = r#"{"code": 0, "data": {}}"#;

fn overview(reply: impl Fn() -> Reply + Send + 'static) -> Result<(), Error> {
    let op = GetSpaceUsageOverview::new();
    World::new(move |_| reply()).run(&api(), &mut Call::new(&op).retry(RetryPolicy::none())).map(drop)
}

/// An answer that breaks off is a failure of the network, whether or not the transport noticed.
#[test]
fn a_body_shorter_than_its_length_is_a_failure() {
    let length = BODY.len();
    for announced in [length + 1, length + 100_000, usize::MAX] {
        let error = overview(move || Reply::ok(BODY).header("content-length", &announced.to_string())).unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::Maybe));
        let text = format!(
            "GetSpaceUsageOverview: the connection to the server h:443 failed, after it may have got the request: \
             the answer breaks off after 23 of {announced} bytes (1 attempt)"
        );
        assert_eq!(error.to_string(), text);
    }
    for odd in ["", "-1", "+23", "23 bytes", "0x17", "99999999999999999999999", "23, 24", "\u{663}"] {
        let result = overview(move || Reply::ok(BODY).header("content-length", odd));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Transport, "{odd}");
    }
    let twice = || Reply::ok(BODY).header("content-length", "23").header("content-length", "22");
    assert_eq!(overview(twice).unwrap_err().kind(), ErrorKind::Transport);
    // The rules of repeating apply: what may run only once isn't sent again.
    let mut world = World::new(|_| Reply::ok("{").header("content-length", "9"));
    let error = world.run(&api(), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap_err();
    assert_eq!((error.attempts(), error.kind()), (4, ErrorKind::Transport));
    let mut world = World::new(|_| Reply::ok("{").header("content-length", "9"));
    let once = DeleteSpace::new("1", SpaceType::Individual);
    assert_eq!(world.run(&api(), &mut Call::new(&once)).unwrap_err().attempts(), 1);
}

/// Where a length says nothing of the body that is there.
#[test]
fn lengths_that_do_not_count() {
    for (name, value, other) in [
        ("content-length", "23", None),
        ("content-length", " 23 , 23", None),
        // The framing of HTTP/1.1, which the transport took off.
        ("content-length", "99", Some(("transfer-encoding", "chunked"))),
        // Some stacks decompress whatever they are told.
        ("content-length", "99", Some(("content-encoding", "gzip"))),
        ("content-length", "7", None),
    ] {
        let reply = move || {
            let reply = Reply::ok(BODY).header(name, value);
            match other {
                Some((name, value)) => reply.header(name, value),
                None => reply,
            }
        };
        overview(reply).unwrap_or_else(|error| panic!("{value} {other:?}: {error}"));
    }
    let identity = || Reply::ok(BODY).header("content-length", "99").header("content-encoding", "identity");
    assert!(overview(identity).is_err());
    // Answers that have no body.
    let mut world = World::new(|_| Reply::ok("").header("content-length", "99"));
    world.run(&api(), &mut Call::new(&Exists::new())).unwrap();
    let mut world = World::new(|_| Reply::status(204, "").header("content-length", "99"));
    world.run(&api(), &mut Call::new(&DeleteSpace::new("1", SpaceType::Individual))).unwrap();
}

/// The limit of an answer is the flow's, also for a transport that reads more.
#[test]
fn answers_have_a_limit() {
    fn limit<F: Flow>(api: &Api, mut flow: F) -> u64 {
        match flow.resume(api, World::script([]).now(), Event::Start) {
            Step::Send(outgoing) => outgoing.limit,
            _ => panic!("no request"),
        }
    }
    let (op, small) = (GetSpaceUsageOverview::new(), api().answer_limit(1_000));
    assert_eq!(limit(&api(), Call::new(&op)), 16 << 20);
    assert_eq!((limit(&small, Call::new(&op)), limit(&small, Call::new(&op).answer_limit(7))), (1_000, 7));
    assert_eq!(limit(&small, Pages::new(ListJobs::new(0, 1)).answer_limit(7)), 7);
    assert_eq!(limit(&small, Until::new(GetJob::new("1"), Duration::from_secs(9), JobDetail::is_over)), 1_000);

    let run = |limit: u64| {
        let mut world = World::new(|_| Reply::ok(BODY));
        world.run(&api(), &mut Call::new(&op).answer_limit(limit)).map(drop)
    };
    run(BODY.len() as u64).unwrap();
    let error = run(22).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.was_sent()), (ErrorKind::Transport, 1, Sent::Maybe));
    let text =
        "GetSpaceUsageOverview: the answer was not read: the answer is larger than the limit of 22 bytes (1 attempt)";
    assert_eq!(error.to_string(), text);
}

/// What the author of a transport prints first: `{event:?}` and `{outgoing:?}`.
#[test]
fn events_and_requests_show_no_values() {
    let response = http::Response::builder()
        .status(201)
        .header("set-cookie", "SID=topsecret")
        .body(Bytes::from_static(br#"{"data": {"accessToken": "Bearer s3cr3t"}}"#));
    let shown = format!("{:?} {:?}", Event::Response(response.unwrap()), Event::Start);
    assert_eq!(shown, r#"Response { status: 201, headers: ["set-cookie"], body_bytes: 42 } Start"#);
    let request = http::Request::post("https://h/p?token=s3cr3t").header("authorization", "Bearer s3cr3t");
    let request = request.body(Bytes::from_static(b"password=s3cr3t")).unwrap();
    let outgoing = Outgoing::new(request, GetSpaceUsageOverview::META, 1, Duration::from_secs(1), 9);
    assert!(matches!(outgoing.request.body(), Body::Bytes(_)) && outgoing.idle == outgoing.timeout);
    assert!(!format!("{outgoing:?}").contains("s3cr3t"));
    assert!(format!("{outgoing:?}").contains("limit: 9"));
    let failed = Event::Failed(koodrive_proto::flow::Failure::new(Reached::No, Cause::Network, "cut").because("why"));
    assert!(format!("{failed:?}").starts_with("Failed(Failure { reached: No, cause: Network"));
}
