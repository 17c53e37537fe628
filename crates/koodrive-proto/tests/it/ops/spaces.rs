//! Spaces, and how much of them is used.

use koodrive_proto::ErrorKind;
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::groups::Pinning;
use koodrive_proto::ops::permissions::{AmendModRole, Capabilities};
use koodrive_proto::ops::spaces::{
    CreateGroupSpace, CreateSpace, DeleteGroupSpace, DeleteSpace, GetSpace, GetSpaceAllocation, GetSpaceByContainer,
    GetSpaceUsageByQuota, GetSpaceUsageByUser, GetSpaceUsageOverview, GetSpaces, ListDepartmentSpaces, ListGroupSpaces,
    ListOwnerSpaces, ListTeamSpaces, ListUserSpaces, NewGroupUser, SpaceStatus, SpaceType, TeamType, TransferTarget,
    TransferUnallocatedSpace, UpdateSpace,
};
use koodrive_proto::param::Param;

use crate::common::{OWNER, SPACE, message, noted, parse, request, wire};

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
    let error = parse::<GetSpaceUsageOverview>(r#"{"code": 0, "msg": "成功"}"#).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("data"), "{error}");
}

/// The total may count the spaces, of which the second group has three: then there is no other page.
#[test]
fn totals_of_groups_or_of_spaces() {
    let groups = |total: u32| {
        let group = r#"{"quota": "1", "totalAllocation": 1}, {"quota": "5", "totalAllocation": "3"}"#;
        parse::<GetSpaceUsageByQuota>(&format!(r#"{{"data": [{group}], "total": {total}, "code": 0}}"#)).unwrap()
    };
    for (total, turn) in [(2, Turn::Unsure), (4, Turn::Unsure), (3, Turn::Next), (5, Turn::Next)] {
        let mut op = GetSpaceUsageByQuota::new();
        assert_eq!((op.turn(&groups(total)).unwrap(), op.offset), (turn, Some(2)), "{total}");
    }
    let mut op = GetSpaceUsageByQuota::new().limit(3);
    assert_eq!(op.turn(&groups(2)).unwrap(), Turn::Last);
    let most = r#"{"data": [{"totalAllocation": 9223372036854775807}, {"totalAllocation": 1}], "total": 5}"#;
    assert_eq!(op.turn(&parse::<GetSpaceUsageByQuota>(most).unwrap()).unwrap(), Turn::Next);
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

/// A list whose example is one object, and a list whose example is none at all.
#[test]
fn allocation() {
    assert_eq!(wire(&GetSpaceAllocation::new()), "GET /space/allocation/get");
    let example = r#"{"data": {"type": "0", "allocateCapacity": "1000", "totalCapacity": "2000"}, "code": 0}"#;
    let (kinds, notes) = noted::<GetSpaceAllocation>(example);
    assert_eq!(notes, [""; 0]);
    assert_eq!((kinds.len(), kinds[0].kind), (1, Some(SpaceType::Department)));
    assert_eq!((kinds[0].allocate_capacity, kinds[0].total_capacity), (Some(1000), Some(2000)));
    let table = r#"{"data": [{"type": 1, "totalCapacity": 7}, {"type": 2}], "code": "0"}"#;
    assert_eq!(parse::<GetSpaceAllocation>(table).unwrap()[0].total_capacity, Some(7));

    let targets = [TransferTarget::new(SpaceType::Department, 500), TransferTarget::new(SpaceType::Group, 1)];
    let op = TransferUnallocatedSpace::new(SpaceType::Individual, targets);
    assert_eq!(
        wire(&op),
        "POST /space/allocation/transfer\n{\"originType\":1,\"target\":[{\"type\":0,\"expandCapacity\":500},\
         {\"type\":2,\"expandCapacity\":1}]}",
    );
    assert_eq!(
        message(&op.targets([TransferTarget::new(SpaceType::Other(3), 1)])),
        "target[0].type: got 3, allowed: 0 (Department), 1 (Individual), 2 (Group)",
    );
}

/// A size that is a text, permissions, and an answer that may have no content.
#[test]
fn create_space() {
    let op = CreateSpace::new(OWNER, SpaceType::Group, u64::MAX);
    let start = "POST /space/1289173650183882753\n{\"type\":2,\"capacity\":\"18446744073709551615\"";
    assert_eq!(wire(&op), format!("{start}}}"));
    let flags = serde_json::to_string(&Capabilities::none().value()).unwrap();
    assert_eq!(wire(&op.capabilities(Capabilities::none())), format!("{start},\"capabilities\":{flags}}}"));
    assert_eq!(parse::<CreateSpace>(r#"{"code": 0, "msg": "OK"}"#).unwrap(), None);
    let (space, notes) = noted::<CreateSpace>(
        r#"{"data": {"type": 0, "status": 0, "containerId": "c", "capacity": 1, "operatorId": 1505084218764547200},
            "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    let space = space.unwrap();
    assert_eq!((space.kind, space.status), (Some(SpaceType::Department), Some(SpaceStatus::Normal)));
    assert_eq!((space.capacity, space.operator_id), (Some(1), Some(1_505_084_218_764_547_200)));
}

/// By the id of the space, and by the owner with the only address of version 2.
#[test]
fn other_ways_to_spaces() {
    assert_eq!(wire(&GetSpaceByContainer::new("a/b")), "GET /space/container/a%2Fb");
    let space = r#"{"data": {"type": "2", "containerId": "c", "capacity": "1", "spaceUsed": "654777"}, "code": 0}"#;
    let space = parse::<GetSpaceByContainer>(space).unwrap();
    assert_eq!((space.kind, space.space_used), (Some(SpaceType::Group), Some(654_777)));

    assert_eq!(wire(&ListOwnerSpaces::new("12156464")), "GET /v2/space/12156464");
    let op = ListOwnerSpaces::new(OWNER).kind(SpaceType::Individual);
    assert_eq!(request(&op).uri().path(), "/koodrive/ose/v2/space/1289173650183882753");
    assert_eq!(request(&op).uri().query(), Some("type=1"));
    let table = r#"{"data": [{"type": "1", "status": "1", "containerId": "a"}, {"containerId": "b"}], "code": 0}"#;
    let spaces = parse::<ListOwnerSpaces>(table).unwrap();
    assert_eq!((spaces.len(), spaces[0].status.as_ref()), (2, Some(&SpaceStatus::Disabled)));
    let example = r#"{"data": {"operatorId": 1465814559892958200, "name": "121-2"}, "code": 0}"#;
    assert_eq!(parse::<ListOwnerSpaces>(example).unwrap()[0].name.as_deref(), Some("121-2"));
}

#[test]
fn group_spaces_come_and_go() {
    let user = NewGroupUser::new("7", AmendModRole::ANONYMOUS);
    let op = CreateGroupSpace::new("API Demo", [user.clone()]);
    assert_eq!(
        wire(&op),
        "POST /space/group\n{\"name\":\"API Demo\",\"addGroupUsers\":[{\"userId\":\"7\",\"template\":-1}]}",
    );
    let flags = serde_json::to_string(&Capabilities::all().value()).unwrap();
    let op = op.add_group_users([user.capabilities(Capabilities::all())]).icon_url("1").capacity(20);
    assert_eq!(
        wire(&op),
        format!(
            "POST /space/group\n{{\"name\":\"API Demo\",\"addGroupUsers\":[{{\"userId\":\"7\",\"template\":-1,\
             \"capabilities\":{flags}}}],\"iconUrl\":\"1\",\"capacity\":20}}"
        ),
    );
    let created = r#"{"id": "xxx", "failedList": ["7"], "code": 0, "msg": "OK"}"#;
    let created = parse::<CreateGroupSpace>(created).unwrap();
    assert_eq!((created.id.as_deref(), &created.failed_list[..]), (Some("xxx"), &["7".to_owned()][..]));
    assert_eq!(wire(&DeleteGroupSpace::new("g")), "DELETE /space/group/g");
}

/// Departments with and without a space.
#[test]
fn list_department_spaces() {
    let mut op = ListDepartmentSpaces::new(0, 2);
    assert_eq!(wire(&op.clone().key_word("a b")), "GET /space/departmentList?offset=0&limit=2&keyWord=a%20b");
    assert_eq!(message(&op.clone().limit(101)), "limit: got 101, allowed: 1 to 100");
    let (mut page, notes) = noted::<ListDepartmentSpaces>(
        r#"{"total": 364, "departments": [{"tenantId": "4", "creator": "3", "createTime": "2023-11-14T20:39:06.000Z",
            "ownerId": "1289173668999530369", "status": 0, "capacity": 1, "spaceUsed": 654777, "containerId": "c",
            "bizSboxFileId": "b", "id": "1289173668999530369", "parentId": "1289171275545118721", "userNum": 1},
            {"tenantId": "4", "id": "1289173650183882753", "parentId": "1289171275545118721", "name": "n"}]}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((op.turn(&page).unwrap(), op.offset), (Turn::Next, 2));
    let departments = std::mem::take(ListDepartmentSpaces::items(&mut page));
    assert_eq!((&departments[0].status, departments[0].space_used), (&Some(SpaceStatus::Normal), Some(654_777)));
    assert_eq!(ListDepartmentSpaces::key(&departments[1]), Some("1289173650183882753"));
    assert_eq!((&departments[1].status, &departments[1].container_id), (&None, &None));
    assert_eq!(op.turn(&page).unwrap(), Turn::Last);
}

#[test]
fn list_user_spaces() {
    let mut op = ListUserSpaces::new(5, 1);
    assert_eq!(wire(&op), "GET /space/userList?offset=5&limit=1");
    op = op.dept_id("d").is_direct(true).key_word("k").space_status(SpaceStatus::Normal.as_str());
    assert_eq!(wire(&op), "GET /space/userList?offset=5&limit=1&deptId=d&isDirect=true&keyWord=k&spaceStatus=0",);
    // Without a total, as in the example.
    let (page, notes) = noted::<ListUserSpaces>(
        r#"{"users": [{"id": "i", "userId": "u", "status": 1, "capacity": 1, "spaceStatus": "0"}], "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((op.turn(&page).unwrap(), op.offset), (Turn::Perhaps, 6));
    assert_eq!(ListUserSpaces::key(&page.users[0]), Some("i"));
    assert_eq!((page.users[0].status, &page.users[0].space_status), (Some(1), &Some(SpaceStatus::Normal)));
}

/// Two lists of spaces that have much in common.
#[test]
fn list_team_and_group_spaces() {
    let mut op = ListTeamSpaces::new(0, 100);
    assert_eq!(wire(&op), "GET /space/teamList?offset=0&limit=100");
    let all = op.clone().key_word("k").team_type(TeamType::Owned);
    assert_eq!(wire(&all), "GET /space/teamList?offset=0&limit=100&keyWord=k&teamType=1");
    let answer = format!(
        r#"{{"total": "2", "teams": [{{"id": "1", "containerId": "{SPACE}", "status": 1, "spaceUsed": "7", "top": 0,
            "role": 2}}], "code": 0}}"#
    );
    let (page, notes) = noted::<ListTeamSpaces>(&answer);
    assert_eq!(notes, [""; 0]);
    assert_eq!((op.turn(&page).unwrap(), op.offset), (Turn::Next, 1));
    let team = &page.teams[0];
    assert_eq!((ListTeamSpaces::key(team), team.space_used), (Some(SPACE), Some(7)));
    assert_eq!((team.top, team.role), (Some(Pinning::InOrder), Some(2)));

    let mut op = ListGroupSpaces::new(0, 1).key_word("k");
    assert_eq!(wire(&op), "GET /space/groupList?offset=0&limit=1&keyWord=k");
    let (page, notes) = noted::<ListGroupSpaces>(
        r#"{"total": 2, "groupsTotal": 9, "groupsMax": 10, "assignedCapacity": "20", "maxCapacity": "30",
            "groups": [{"id": "1", "containerId": "c", "groupName": "n"}], "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((op.turn(&page).unwrap(), op.offset), (Turn::Next, 1));
    assert_eq!(ListGroupSpaces::key(&page.groups[0]), Some("c"));
    assert_eq!((page.groups_total, page.groups_max), (Some(9), Some(10)));
    assert_eq!((page.assigned_capacity, page.max_capacity), (Some(20), Some(30)));
}
