//! Reading answers: the manual's examples, the service's contradictions, and everything that is no answer at all.

mod allocations;
mod bytes;
mod envelope;
mod lenience;
mod own_types;
mod properties;

use koodrive_proto::http::{Response, StatusCode};
use koodrive_proto::ops::accounts::{Login, RefreshToken};
use koodrive_proto::ops::files::{CreateFile, ListPersonalFiles, SearchFiles};
use koodrive_proto::ops::jobs::{GetJob, ListJobs};
use koodrive_proto::ops::sessions::{CreateSession, RefreshSession};
use koodrive_proto::ops::shares::CreateShare;
use koodrive_proto::ops::spaces::{
    DeleteSpace, GetSpaceUsageByQuota, GetSpaceUsageByUser, GetSpaceUsageOverview, UpdateSpace,
};
use koodrive_proto::{Error, ErrorKind, Operation, Sent, WithHead};

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body.into()).unwrap()
}

fn parse<O: Operation>(body: &str) -> Result<O::Output, Error> {
    O::parse(&answer(200, body))
}

/// What was read, and what was noted.
fn noted<O: Operation>(body: &str) -> (O::Output, Vec<String>) {
    let answer = parse::<WithHead<O>>(body).unwrap_or_else(|error| panic!("{body}: {error}"));
    assert_eq!(answer.notes.count(), answer.notes.paths().len());
    (answer.output, answer.notes.paths().to_vec())
}

fn refused<O: Operation>(status: u16, body: &[u8]) -> Error
where
    O::Output: std::fmt::Debug,
{
    let error = O::parse(&answer(status, body)).unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::from_u16(status).unwrap()));
    assert_eq!(error.body(), body);
    assert_eq!(error.was_sent(), Sent::Yes);
    assert_eq!(error.operation(), Some(O::META));
    error
}

#[test]
fn the_two_main_examples() {
    let example = r#"{
        "data" : {
        "totalAllocation" : 43,
        "totalCapacity" : 1051187,
        "totalUsed" : 33085606
        },
        "code" : 0,
        "msg" : "success"
        }"#;
    let usage = parse::<GetSpaceUsageOverview>(example).unwrap();
    assert_eq!(usage.total_allocation, Some(43));
    assert_eq!(usage.total_capacity, Some(1_051_187));
    assert_eq!(usage.total_used, Some(33_085_606));
    assert_eq!(usage.quota, None);

    parse::<UpdateSpace>(r#"{ "code" : 0, "msg" : "Success." }"#).unwrap();
}

#[test]
fn the_other_examples() {
    for body in [r#"{"code": 0, "msg": "成功"}"#, r#"{"code": 0, "msg": "OK"}"#] {
        parse::<DeleteSpace>(body).unwrap();
    }
    let groups = parse::<GetSpaceUsageByQuota>(
        r#"{"data": [{"quota": "1", "totalAllocation": 1, "totalCapacity": 1, "totalUsed": 0}], "total": 2, "code": 0}"#,
    )
    .unwrap();
    assert_eq!(groups.groups[0].quota, Some(1));
    assert_eq!(groups.total, Some(2));
    let users = parse::<GetSpaceUsageByUser>(
        r#"{"data": [{"quota": "1048576", "userId": "1008600000509220652", "used": 0,
            "effectiveTime": "2025-11-12T08:37:14.613Z"}], "code": 0, "msg": "success"}"#,
    )
    .unwrap();
    assert_eq!(users.users[0].quota, Some(1_048_576));
    assert_eq!(users.users[0].used, Some(0.0));
    assert_eq!(users.users[0].effective_time.as_deref(), Some("2025-11-12T08:37:14.613Z"));
    // The enterprise page's example has a comma too many.
    let error = parse::<GetSpaceUsageOverview>("{\n  \"code\": 0,\n  \"msg\": \"成功\",\n}").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("line 4"), "{error}");
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

    let session =
        parse::<Login>(r#"{"data": {"sessionInfo": {"accessToken": "AT 3b91", "expiresIn": "1800"}}}"#).unwrap();
    let session = session.session_info.unwrap();
    assert_eq!((session.access_token.unwrap().as_str(), session.expires_in), ("AT 3b91", Some(1800)));

    // In `data` as the table has it, in `data.sessionInfo` as the example has it.
    let tokens =
        r#"{"accessToken": "AT 3b91", "expiresIn": 1800, "issuedAt": "1772006999088", "refreshToken": "0e0e"}"#;
    let table = parse::<RefreshToken>(&format!(r#"{{"data": {tokens}}}"#)).unwrap().session();
    let example = parse::<RefreshToken>(&format!(r#"{{"data": {{"sessionInfo": {tokens}}}}}"#)).unwrap().session();
    assert_eq!(table, example);
    assert_eq!((table.expires_in, table.refresh_token.as_ref().unwrap().as_str()), (Some(1800), "0e0e"));
    let both = parse::<RefreshToken>(&format!(r#"{{"data": {{"sessionInfo": {{}}, {}}}"#, &tokens[1..])).unwrap();
    assert_eq!(both.session(), table);
}
