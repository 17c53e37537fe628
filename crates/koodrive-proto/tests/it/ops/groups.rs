//! User groups and their members.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::groups::{
    AddUserGroupMembers, ChangeStatus, CreateUserGroup, DeleteUserGroup, FormerMember, GroupKind, GroupRole,
    ListUserGroupMembers, ListUserGroups, Pinning, RemoveUserGroupMembers, UpdateUserGroup,
};
use koodrive_proto::ops::permissions::{AmendModRole, Capabilities};
use koodrive_proto::param::Param;

use crate::common::{message, noted, parse, wire};

#[test]
fn create_user_group() {
    let group = |name: &str| CreateUserGroup::new(name, GroupKind::UserGroup);
    assert_eq!(wire(&group("Sales ✓")), "POST /usergroups\n{\"groupName\":\"Sales ✓\",\"sourceType\":1}");
    for (name, got) in [
        ("", "a blank text"),
        (" \u{3000}", "a blank text"),
        ("..", "`.` or `..`"),
        ("a\\b", "a text with a backslash"),
        ("a<b", "a text with one of < > | : \" * ? /"),
        ("⭐", "a text with an emoji"),
    ] {
        assert_eq!(
            message(&group(name)),
            format!("groupName: got {got}, allowed: not blank, not `.` or `..`, none of < > | : \" * ? / \\, no emoji",),
        );
    }
    let created = parse::<CreateUserGroup>(r#"{"code": 0, "msg": "成功", "id": "xxx", "failedList": []}"#).unwrap();
    assert!(created.id.is_some_and(|id| id == "xxx") && created.failed_list.is_empty());
}

/// A cursor that is required, though the first page has none.
#[test]
fn list_user_groups() {
    let mut op = ListUserGroups::new(GroupKind::Group);
    assert_eq!(wire(&op), "GET /usergroups?sourceType=0&pageSize=100&pageCursor=");
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");
    op = op.page_size(50).group_name("a&b");
    let (mut page, notes) = noted::<ListUserGroups>(
        r#"{"total": 2, "userGroupList": [{"id": "1407237551361847809", "groupName": "7",
            "ownerId": "1395476983395324033", "createdTime": "t"}], "nextCursor": "c=", "code": "0"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /usergroups?sourceType=0&pageSize=50&pageCursor=c%3D&groupName=a%26b");
    let group = ListUserGroups::items(&mut page).remove(0);
    assert_eq!(ListUserGroups::key(&group), Some("1407237551361847809"));
    assert!(group.owner_id.is_some_and(|id| id == "1395476983395324033"));

    // An empty page is not the end, one without a cursor is.
    let empty = noted::<ListUserGroups>(r#"{"userGroupList": [], "nextCursor": "d"}"#).0;
    assert_eq!(op.turn(&empty).unwrap(), Turn::Next);
    assert_eq!(op.turn(&noted::<ListUserGroups>(r#"{"userGroupList": [{"id": "2"}]}"#).0).unwrap(), Turn::Last);
}

/// Numbers that are texts in the body.
#[test]
fn update_and_delete_user_group() {
    let op = UpdateUserGroup::new("g/1", "123", GroupKind::Group);
    assert_eq!(wire(&op), "PUT /usergroups/g%2F1\n{\"groupName\":\"123\",\"sourceType\":0}");
    let op = op.user_id("u").role(GroupRole::Member).icon_url("i").top(Pinning::Pinned);
    assert_eq!(
        wire(&op),
        "PUT /usergroups/g%2F1\n{\"groupName\":\"123\",\"sourceType\":0,\"userId\":\"u\",\"role\":\"2\",\
         \"iconUrl\":\"i\",\"top\":\"1\"}",
    );
    assert_eq!(
        message(&op.role(GroupRole::Other(3))),
        "role: got 3, allowed: 0 (Owner), 1 (Administrator), 2 (Member)",
    );
    assert_eq!(wire(&DeleteUserGroup::new("g")), "DELETE /usergroups/g");
}

#[test]
fn list_user_group_members() {
    let mut op = ListUserGroupMembers::new("g", 0, 2).key_word("k");
    assert_eq!(wire(&op), "GET /usergroups/g/members?offset=0&limit=2&keyWord=k");
    assert_eq!(message(&op.clone().limit(0)), "limit: got 0, allowed: 1 to 100");
    let (mut page, notes) = noted::<ListUserGroupMembers>(
        r#"{"total": 3, "userGroupMemberInfos": [{"userId": "1", "deptId": "2", "role": 0, "top": "1"},
            {"userId": "3", "role": 7}], "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(op.offset, 2);
    let members = std::mem::take(ListUserGroupMembers::items(&mut page));
    assert_eq!((members[0].role, members[0].top), (Some(GroupRole::Owner), Some(Pinning::Pinned)));
    assert_eq!((members[1].role, members[1].top), (Some(GroupRole::Other(7)), None));
    assert_eq!(ListUserGroupMembers::key(&members[1]), Some("3"));
    // The example is a space.
    let space = noted::<ListUserGroupMembers>(r#"{"data": {"tenantId": "4", "ownerId": "3"}, "code": 0}"#).0;
    assert_eq!(op.turn(&space).unwrap(), Turn::Last);
}

/// Ids that are numbers in the request, and what happened to them.
#[test]
fn members_come_and_go() {
    let user = AmendModRole::new(1_505_084_218_764_547_200, 7);
    let flags = serde_json::to_string(&Capabilities::all().value()).unwrap();
    assert_eq!(
        wire(&AddUserGroupMembers::new("g", [user.clone(), user.capabilities(Capabilities::all())])),
        format!(
            "POST /usergroups/g/members/batchAdd\n{{\"amendModRoles\":[\
             {{\"userId\":1505084218764547200,\"template\":7}},\
             {{\"userId\":1505084218764547200,\"template\":7,\"capabilities\":{flags}}}]}}"
        ),
    );
    assert_eq!(
        wire(&RemoveUserGroupMembers::new("g", [FormerMember::new(1), FormerMember::new(i64::MAX)])),
        "POST /usergroups/g/members/batchDelete\n\
         {\"amendModRoles\":[{\"userId\":1},{\"userId\":9223372036854775807}]}",
    );
    let table = r#"{"code": 0, "msg": "OK", "status": 1, "failedList": ["132543141414141414", 7]}"#;
    let (change, notes) = noted::<RemoveUserGroupMembers>(table);
    assert_eq!(notes, [""; 0]);
    assert_eq!((change.status, change.id.as_deref()), (Some(ChangeStatus::SomeSucceeded), None));
    assert_eq!(change.failed_list, ["132543141414141414", "7"]);
    let example = parse::<AddUserGroupMembers>(r#"{"code": 0, "msg": "OK", "id": "xxx"}"#).unwrap();
    assert_eq!((example.status, example.id.as_deref()), (None, Some("xxx")));
}
