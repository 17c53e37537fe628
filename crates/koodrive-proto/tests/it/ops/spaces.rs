//! Spaces, and how much of them is used.

use koodrive_proto::ErrorKind;
use koodrive_proto::ops::spaces::{
    DeleteSpace, GetSpace, GetSpaceUsageByQuota, GetSpaceUsageByUser, GetSpaceUsageOverview, GetSpaces, SpaceStatus,
    SpaceType, UpdateSpace,
};

use crate::common::{OWNER, message, noted, parse, request, wire};

#[test]
fn wire_forms_of_spaces() {
    assert_eq!(wire(&GetSpace::new(OWNER, SpaceType::Group)), "GET /space/1289173650183882753?type=2");
    assert_eq!(
        wire(&GetSpace::new(OWNER, SpaceType::Individual).container_id("a/b")),
        "GET /space/1289173650183882753?type=1&containerId=a%2Fb",
    );
    assert_eq!(wire(&DeleteSpace::new(OWNER, SpaceType::Department)), "DELETE /space/1289173650183882753?type=0");
    // capacity and status are JSON strings, type is a JSON integer.
    assert_eq!(
        wire(&UpdateSpace::new(OWNER, SpaceType::Individual).capacity(1).status(SpaceStatus::Normal).container_id("c")),
        "PUT /space/1289173650183882753\n{\"type\":1,\"capacity\":\"1\",\"status\":\"0\",\"containerId\":\"c\"}",
    );
    assert_eq!(wire(&UpdateSpace::new(OWNER, SpaceType::Department)), "PUT /space/1289173650183882753\n{\"type\":0}",);
    assert_eq!(wire(&GetSpaceUsageOverview::new()), "GET /space/usage/overview");
    assert_eq!(wire(&GetSpaceUsageByQuota::new().limit(10).offset(0)), "GET /space/usage/quota?limit=10&offset=0",);
    assert_eq!(
        wire(&GetSpaceUsageByUser::new().user_ids(["232323", "34343434"]).limit(10).offset(0)),
        "POST /space/usage/user\n{\"userIds\":[\"232323\",\"34343434\"],\"limit\":10,\"offset\":0}",
    );
    assert_eq!(wire(&GetSpaceUsageByUser::new()), "POST /space/usage/user\n{}");
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

/// A GET with a body, and the kind as a text in it.
#[test]
fn get_spaces() {
    let op = GetSpaces::new(OWNER, SpaceType::Group);
    assert_eq!(wire(&op), "GET /space/batchGetSpace\n{\"ownerId\":\"1289173650183882753\",\"type\":\"2\"}");
    assert_eq!(request(&op).headers()["content-type"], "application/json");
    assert_eq!(request(&op).headers()["content-length"], request(&op).body().len().to_string().as_str());
    assert_eq!(
        wire(&op.kind(SpaceType::Individual).container_id("c")),
        "GET /space/batchGetSpace\n{\"ownerId\":\"1289173650183882753\",\"type\":\"1\",\"containerId\":\"c\"}",
    );
    let op = GetSpaces::new(OWNER, SpaceType::Other(3));
    assert_eq!(message(&op), "type: got 3, allowed: 0 (Department), 1 (Individual), 2 (Group)");

    let (spaces, notes) = noted::<GetSpaces>(
        r#"{"data": [{"type": "1", "status": "0", "containerId": "a", "capacity": "1", "spaceUsed": "654777"},
            {"type": 1, "containerId": "b", "rootFileId": "r"}], "code": 0, "msg": "success"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(
        (spaces[0].kind, spaces[0].capacity, spaces[0].space_used),
        (Some(SpaceType::Individual), Some(1), Some(654_777))
    );
    assert_eq!(spaces[0].status, Some(SpaceStatus::Normal));
    assert!(spaces[1].container_id.as_ref().is_some_and(|id| id == "b"));
    assert_eq!(parse::<GetSpaces>(r#"{"data": [], "code": 0}"#).unwrap(), []);
}
