//! Files and folders as one zip, by a job: in virtual time.

use std::time::Duration;

use koodrive_proto::flow::{Cause, Event, Reached, Step, Zip};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{Error, ErrorKind, Flow, Secret, Sent, TraceId, http};
use serde_json::{Value as Json, json};

use crate::common::{Restless, SPACE, api, sent};

const SECOND: Duration = Duration::from_secs(1);
const LINK: &str = "https://obs.example/a.zip?X-Amz-Signature=d3e7";

fn created() -> Reply {
    Reply::ok(r#"{"code": 0, "data": "77"}"#)
}

fn job(info: &Json) -> Reply {
    Reply::ok(json!({"code": 0, "data": {"jobInfo": info}}).to_string())
}

fn running() -> Reply {
    job(&json!({"status": 1, "progress": 40}))
}

fn done() -> Reply {
    job(&json!({"status": 2, "taskResultCode": 1, "downloadUrl": LINK}))
}

fn zip() -> Zip {
    Zip::new(SPACE, ["F1", "F2"], SECOND * 600)
}

/// The end of a job, as the service says it.
fn ended(data: &Json) -> Result<Secret, Error> {
    let answer = Reply::ok(json!({"code": 0, "data": data}).to_string());
    World::script([created(), running(), answer]).run(&api(), &mut zip())
}

fn problem(data: &Json) -> String {
    let error = ended(data).unwrap_err();
    assert_eq!(
        (error.kind(), error.was_sent(), error.operation().unwrap().name),
        (ErrorKind::Api, Sent::Yes, "GetJob")
    );
    assert!(!error.is_retryable() && error.body().is_empty());
    error.to_string().strip_prefix("GetJob: HTTP 200; the job 77 ").unwrap().to_owned()
}

/// What is sent, and in which pauses.
#[test]
fn requests() {
    let mut world = World::script([created(), job(&json!({"status": 0})), running(), done()]);
    let trace_id = TraceId::from_bytes([5; 29]);
    let mut flow = zip().share_folder_id("s").pauses(SECOND * 4, SECOND * 4).trace_id(trace_id.clone());
    assert_eq!(flow.job_id(), None);
    assert_eq!(world.run(&api(), &mut flow).unwrap().as_str(), LINK);
    assert_eq!(flow.job_id(), Some("77"));
    assert!(world.visits().iter().all(|visit| visit.request.headers()["x-traceid"] == trace_id.as_str()));
    let [create, polls @ ..] = world.visits() else { panic!("no request") };
    assert_eq!(create.request.uri().path(), "/koodrive/ose/v1/jobs");
    assert_eq!(create.request.headers()["x-hw-share-folder-id"], "s");
    let files = json!([{"fileId": "F1"}, {"fileId": "F2"}]);
    let expected = json!({"taskType": 6, "taskInfo": {"fileInfo": files, "srcContainerId": SPACE},
        "dstContainerId": SPACE});
    assert_eq!(sent(create), expected);
    assert_eq!(polls.len(), 3);
    assert!(polls.iter().all(|poll| poll.request.uri().path() == "/koodrive/ose/v1/77"));
    for pair in polls.windows(2) {
        assert!(pair[1].sent.saturating_sub(pair[0].sent) >= SECOND * 2);
    }
    // A job from before.
    let mut world = World::script([running(), done()]);
    assert_eq!(world.run(&api(), &mut Zip::of_job("77", SECOND * 60)).unwrap().as_str(), LINK);
    // Nothing to pack is refused.
    let error = World::script([]).run(&api(), &mut Zip::new(SPACE, [""; 0], SECOND)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Param);
}

/// Every end of a job: only one that succeeded and has a link has one.
#[test]
fn ends() {
    for result in [json!(1), json!(null)] {
        let data = json!({"jobInfo": {"status": 2, "taskResultCode": result, "downloadUrl": LINK}});
        assert_eq!(ended(&data).unwrap().as_str(), LINK);
    }
    let info = |status: u8, result: u8| json!({"status": status, "taskResultCode": result, "downloadUrl": LINK});
    for result in 1..=3 {
        assert_eq!(problem(&json!({"jobInfo": info(3, result)})), "was cancelled");
    }
    for url in [json!(null), json!("")] {
        let data = json!({"jobInfo": {"status": 2, "taskResultCode": 1, "downloadUrl": url}});
        assert_eq!(problem(&data), "has ended without a link");
    }
    let tasks = json!([
        {"fileId": "F1", "status": "1"}, {"fileId": "F2", "status": "2"}, {"fileId": "F3"}, {"status": 0}
    ]);
    let failures = "3 of 4 entries: F2, F3, one without id";
    assert_eq!(problem(&json!({"jobInfo": info(2, 2), "taskInfos": tasks})), format!("failed in part: {failures}"));
    assert_eq!(problem(&json!({"jobInfo": info(2, 3), "taskInfos": tasks})), format!("failed: {failures}"));
    assert_eq!(problem(&json!({"jobInfo": info(2, 3)})), "failed: it doesn't say which entries");
    let mut with_code = info(2, 3);
    with_code["resultCode"] = json!(13_000_311);
    assert_eq!(problem(&json!({"jobInfo": with_code})), "(result code 13000311) failed: it doesn't say which entries");
    assert_eq!(problem(&json!({"jobInfo": info(2, 9)})), "has ended in a way that isn't known (Other(9))");
}

/// The job is created once: not again after an answer that was lost, nor by a driver that was cancelled.
#[test]
fn created_once() {
    for (reply, kind, was_sent) in [
        (Reply::failed(Reached::Maybe, Cause::Network), ErrorKind::Transport, Sent::Maybe),
        (Reply::silence(), ErrorKind::Transport, Sent::Maybe),
        (Reply::status(503, ""), ErrorKind::Api, Sent::Yes),
        (Reply::status(400, r#"{"code": 13000302}"#), ErrorKind::Api, Sent::Yes),
    ] {
        let mut flow = zip();
        let error = World::script([reply]).run(&api(), &mut flow).unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (kind, was_sent), "{error}");
        assert_eq!((error.operation().unwrap().name, flow.job_id()), ("CreateJob", None));
    }
    // What didn't run is sent again.
    let refused = [Reply::status(429, ""), Reply::failed(Reached::No, Cause::Network)];
    let mut world = World::script(refused.into_iter().chain([created(), done()]));
    world.run(&api(), &mut zip()).unwrap();

    let (api, now, mut flow) = (api(), World::script([]).now(), zip());
    assert!(matches!(flow.resume(&api, now, Event::Start), Step::Send(_)));
    let Step::Done(Err(error)) = flow.resume(&api, now, Event::Start) else { panic!("no error") };
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Interrupted, Sent::Maybe));
}

/// Cancelled at any step after that, it goes on with its job; trouble that passes is waited out.
#[test]
fn cancelled() {
    for step in 2..12 {
        let mut cancelled = vec![false; 20];
        cancelled[step] = true;
        let trouble = [Reply::status(503, ""), Reply::failed(Reached::Maybe, Cause::Network), Reply::status(429, "")];
        let script = [created(), running()].into_iter().chain(trouble).chain([running(), done()]);
        let mut world = World::script(script);
        assert_eq!(world.run(&api(), &mut Restless::new(zip(), cancelled)).unwrap().as_str(), LINK);
        assert_eq!(world.visits().len(), 7);
    }
}

/// The time is that of creating and waiting together. The job can be waited for later.
#[test]
fn patience() {
    let slow = || {
        World::new(|visit| match visit.request.uri().path() {
            "/koodrive/ose/v1/jobs" => created().after(SECOND * 20),
            _ if visit.sent < SECOND * 100 => running(),
            _ => done(),
        })
    };
    let mut world = slow();
    let mut flow = Zip::new(SPACE, ["F1"], SECOND * 60);
    let error = world.run(&api(), &mut flow).unwrap_err();
    assert_eq!((error.kind(), error.operation().unwrap().name), (ErrorKind::Deadline, "GetJob"));
    let elapsed = world.now().elapsed;
    assert!(elapsed >= SECOND * 58 && elapsed <= SECOND * 60, "{elapsed:?}");
    let Step::Done(Err(error)) = flow.resume(&api(), world.now(), Event::Start) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
    world.run(&api(), &mut Zip::of_job(flow.job_id().unwrap(), SECOND * 60)).unwrap();

    // Also when the service doesn't answer any more.
    let mut world = World::script([created().after(SECOND * 20), Reply::silence()]);
    let mut flow = Zip::new(SPACE, ["F1"], SECOND * 60).attempt_timeout(SECOND * 100);
    let error = world.run(&api(), &mut flow).unwrap_err();
    assert_eq!((error.kind(), world.now().elapsed), (ErrorKind::Deadline, SECOND * 60));

    // Not even created in time.
    let error = slow().run(&api(), &mut Zip::new(SPACE, ["F1"], SECOND * 9)).unwrap_err();
    assert_eq!((error.kind(), error.operation().unwrap().name), (ErrorKind::Deadline, "CreateJob"));
}

/// Wrong events end it, another user's Api too, and the link is never shown.
#[test]
fn misuse() {
    let (api, now) = (api(), World::script([]).now());
    let answer = |body: &str| Event::Response(http::Response::new(body.to_owned().into()));
    for mut flow in [zip(), Zip::of_job("77", SECOND)] {
        let Step::Done(Err(error)) = flow.resume(&api, now, Event::Elapsed) else { panic!("no error") };
        assert_eq!(error.kind(), ErrorKind::Misuse);
    }
    let mut flow = zip();
    assert!(matches!(flow.resume(&api, now, Event::Start), Step::Send(_)));
    assert!(matches!(flow.resume(&api, now, answer(r#"{"data": "77"}"#)), Step::Send(_)));
    let Step::Done(Err(error)) = flow.resume(&crate::common::api(), now, Event::Start) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);

    let mut flow = Zip::of_job("77", SECOND * 60);
    let link = World::script([done()]).run(&api, &mut flow).unwrap();
    assert!(!format!("{link:?} {flow:?} {flow:#?}").contains("d3e7"));
}
