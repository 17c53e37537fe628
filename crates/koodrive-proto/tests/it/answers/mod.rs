//! Reading answers: the service's contradictions, and everything that is no answer at all. What is special in the
//! answers of one family stands with its operations.

mod allocations;
mod bytes;
mod declared;
mod envelope;
mod failing_codes;
mod lenience;
mod own_types;
mod properties;

use koodrive_proto::http::{HeaderValue, Response};
use koodrive_proto::ops::accounts::{Login, RefreshToken};
use koodrive_proto::ops::files::{CreateFile, ListPersonalFiles, SearchFiles};
use koodrive_proto::ops::jobs::{GetJob, JobStatus, ListJobs};
use koodrive_proto::ops::sessions::{CreateSession, RefreshSession};
use koodrive_proto::ops::shares::CreateShare;
use koodrive_proto::{Operation, WithHead};

use crate::common::{parse, wire};

/// Status, headers and raw body beside what was read.
#[test]
fn with_head() {
    let op = WithHead(GetJob::new("7"));
    assert_eq!(wire(&op), wire(&GetJob::new("7")));
    assert_eq!(wire(&WithHead(&GetJob::new("7"))), wire(&GetJob::new("7")));
    assert_eq!(WithHead::<GetJob>::META, GetJob::META);
    assert!(WithHead(GetJob::new("..")).check().is_err());
    let body = r#"{"code": 0, "data": {"jobInfo": {"status": 2, "new": 1, "downloadUrl": "https://secret"}}}"#;
    let response = Response::builder().status(201).header("x-request-id", "secret").body(body).unwrap();
    let answer = WithHead::<GetJob>::parse(&response).unwrap();
    assert_eq!((answer.status.as_u16(), &answer.headers["x-request-id"]), (201, &HeaderValue::from_static("secret")));
    assert_eq!(answer.body, body);
    assert_eq!(answer.output.job_info.as_ref().unwrap().status, Some(JobStatus::Finished));
    assert!(!format!("{answer:?}").contains("secret"), "{answer:?}");
    let error = WithHead::<GetJob>::parse(&Response::new(r#"{"code": 13000309}"#)).unwrap_err();
    assert_eq!(error.code(), Some("13000309"));
}

/// Tokens, presigned links, access codes, and what no page shows: there for the caller, hidden by `Debug`.
#[test]
fn secrets_in_answers_are_hidden() {
    fn hidden<O: Operation<Output: std::fmt::Debug + serde::Serialize>>(body: &str, count: usize) {
        let output = parse::<O>(body).unwrap();
        assert!(!format!("{output:?}").contains("s3cret"), "{output:?}");
        assert_eq!(serde_json::to_string(&output).unwrap().matches("s3cret").count(), count, "{}", O::META.name);
    }
    hidden::<Login>(r#"{"data": {"sessionInfo": {"accessToken": "AT s3cret", "refreshToken": "s3cret"}}}"#, 2);
    hidden::<CreateSession>(r#"{"data": {"accessToken": "Bearer s3cret", "sessionId": "s3cret"}}"#, 2);
    hidden::<RefreshSession>(r#"{"accessToken": "Bearer s3cret"}"#, 1);
    hidden::<RefreshToken>(r#"{"data": {"accessToken": "AT s3cret", "refreshToken": "s3cret"}}"#, 2);
    hidden::<CreateFile>(r#"{"multiParts": [{"uploadUrl": "https://s3cret"}]}"#, 1);
    hidden::<CreateShare>(
        r#"{"shareLink": {"extractCode": "s3cret12", "linkUrl": "https://s3cret", "shortUrl": "s3cret"}}"#,
        3,
    );
    hidden::<ListJobs>(r#"{"data": [{"downloadUrl": "https://s3cret"}]}"#, 1);
    hidden::<GetJob>(r#"{"data": {"jobInfo": {"downloadUrl": "https://s3cret"}}}"#, 1);
    hidden::<SearchFiles>(r#"{"files": [{"downloadLinks": [{"downloadLink": "https://s3cret"}]}]}"#, 1);
    hidden::<ListPersonalFiles>(r#"{"files": [{"attachments": ["s3cret", {"url": "https://s3cret"}]}]}"#, 2);
}
