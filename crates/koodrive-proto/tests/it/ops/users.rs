//! Users.

use koodrive_proto::http::Method;
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::users::{
    CountUsers, CreateUser, DeleteUser, ExpandUserQuota, GetUser, GetUserMobile, ImportedUser, ListUsers, Placement,
    PreverifyUserImport, UpdateUser, UserRole, UserStatus,
};

use crate::common::{api, message, noted, now, parse, request_with_token, wire};

/// With the name of the agent if there is one, and without it otherwise.
#[test]
fn delete_user() {
    let op = DeleteUser::new("1244780780316557312");
    assert_eq!(wire(&op), "DELETE /users/1244780780316557312\nx-hw-agentname: standard");
    let request = api().request(&op, now()).unwrap();
    assert!(!request.headers().contains_key("x-hw-agentname") && request.body().is_empty());
    parse::<DeleteUser>(r#"{"code": 0, "msg": "success"}"#).unwrap();
}

/// A role is a text here, and a number where a user is changed.
#[test]
fn create_and_update_user() {
    let placement = Placement::new().dept_id("12").role(UserRole::DriveAdministrator);
    assert_eq!(
        wire(&CreateUser::new("1008", placement)),
        "POST /users\n{\"userId\":\"1008\",\"modifyUserInfoReq\":{\"deptId\":\"12\",\"role\":\"3\"}}",
    );
    assert_eq!(
        wire(&CreateUser::new("1008", Placement::new())),
        "POST /users\n{\"userId\":\"1008\",\"modifyUserInfoReq\":{}}",
    );
    let op = CreateUser::new("1008", Placement::new().role(UserRole::Other(4)));
    assert!(
        message(&op).starts_with("modifyUserInfoReq.role: got 4, allowed: 0 (DepartmentAdministrator), 1 (User), ")
    );
    // As the example has it, and as the table has it.
    assert_eq!(parse::<CreateUser>(r#"{"code": 0, "msg": "success"}"#).unwrap(), None);
    let created = parse::<CreateUser>(r#"{"data": {"id": "131"}, "code": 0}"#).unwrap();
    assert_eq!(created.unwrap().id.as_deref(), Some("131"));

    assert_eq!(wire(&UpdateUser::new("131")), "PUT /users/131\n{}");
    let op =
        UpdateUser::new("131").status(UserStatus::Frozen).dept_id(1_243_693_141_656_107_521).role(UserRole::Manager);
    assert_eq!(wire(&op), "PUT /users/131\n{\"status\":7,\"deptId\":1243693141656107521,\"role\":5}");
    assert_eq!(
        message(&op.clone().role(UserRole::DriveAdministrator)),
        "role: got 3 (DriveAdministrator), allowed: 0 (DepartmentAdministrator), 1 (User), 2 (SuperAdministrator), 5 (Manager)",
    );
    assert_eq!(
        message(&op.status(UserStatus::Other(2))),
        "status: got 2, allowed: 0 (Enabled), 1 (Disabled), 7 (Frozen)",
    );
}

/// The id of the request is `id` in the answer.
#[test]
fn get_user() {
    assert_eq!(wire(&GetUser::new("131")), "GET /users/131");
    let (user, notes) = noted::<GetUser>(
        r#"{"data": {"id": "131", "orgId": "919", "userId": "100", "deptId": "124", "deptName": "newDept",
            "mobile": "0086181****8439", "name": "n", "role": "1", "status": 2}, "code": 0, "msg": "success"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((user.id.as_deref(), user.user_id.as_deref()), (Some("131"), Some("100")));
    assert_eq!((user.role, user.status), (Some(UserRole::User), Some(UserStatus::Other(2))));
    assert!(user.dept_id.is_some_and(|id| id == "124"));

    assert_eq!(wire(&GetUserMobile::new("131")), "GET /users/mobile/131");
    let answer = r#"{"mobile": "178********", "code": 0}"#;
    assert_eq!(parse::<GetUserMobile>(answer).unwrap().mobile.as_deref(), Some("178********"));
}

#[test]
fn list_and_count_users() {
    let mut op = ListUsers::new(0, 2);
    assert_eq!(wire(&op), "GET /userList?offset=0&limit=2");
    assert_eq!(
        wire(&op.clone().dept_id("12").is_direct(true).key_word("a b")),
        "GET /userList?offset=0&limit=2&deptId=12&isDirect=true&keyWord=a%20b",
    );
    assert_eq!(message(&ListUsers::new(0, 0)), "limit: got 0, allowed: 1 to 100");
    assert_eq!(message(&ListUsers::new(0, 101)), "limit: got 101, allowed: 1 to 100");

    // The newer name with a total, and the older one without it.
    let (mut page, notes) =
        noted::<ListUsers>(r#"{"list": [{"id": "1"}, {"id": "2"}], "total": 3, "code": 0, "msg": "success"}"#);
    assert_eq!(notes, [""; 0]);
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /userList?offset=2&limit=2");
    assert_eq!(ListUsers::key(&ListUsers::items(&mut page)[1]), Some("2"));
    let older = noted::<ListUsers>(r#"{"data": [{"id": "1"}, {"id": "2"}], "code": "0"}"#).0;
    assert_eq!((older.users.len(), ListUsers::new(0, 2).turn(&older).unwrap()), (2, Turn::Perhaps));
    assert_eq!(op.turn(&noted::<ListUsers>(r#"{"list": [], "total": 3}"#).0).unwrap(), Turn::Last);

    assert_eq!(wire(&CountUsers::new()), "GET /users/count");
    assert_eq!(wire(&CountUsers::new().dept_id("")), "GET /users/count?deptId=");
    assert_eq!(parse::<CountUsers>(r#"{"total": 218, "code": 0}"#).unwrap().total, Some(218));
}

/// With a token only; an id that is a number.
#[test]
fn calls_with_a_token() {
    let op = PreverifyUserImport::new(
        1_575_416_580_416_769_793,
        [ImportedUser::new(10, true).target_dept_name("Dept"), ImportedUser::new(0, false)],
    );
    let request = request_with_token(&op);
    assert_eq!(request.uri().path(), "/koodrive/ose/v1/users/batchimport/preverify");
    assert_eq!(
        request.body(),
        "{\"curDeptId\":1575416580416769793,\"users\":[{\"personalCapacity\":10,\"isAllocateCapacity\":true,\
         \"targetDeptName\":\"Dept\"},{\"personalCapacity\":0,\"isAllocateCapacity\":false}]}",
    );
    // Who gets no space has no size.
    let op = PreverifyUserImport::new(1, [ImportedUser::new(0, true), ImportedUser::new(5, false)]);
    assert_eq!(message(&op), "users[1].personalCapacity: got 5, allowed: 0 with isAllocateCapacity false");
    let answer = r#"{"code": 0, "data": [{"isSuccess": 0}, {"isSuccess": "1", "reason": "r"}]}"#;
    let checks = parse::<PreverifyUserImport>(answer).unwrap();
    assert_eq!((checks[0].is_success, checks[1].is_success), (Some(0), Some(1)));

    let request = request_with_token(&ExpandUserQuota::new("919"));
    assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/koodrive/ose/v1/user/expand/919"));
    assert!(request.body().is_empty());
}
