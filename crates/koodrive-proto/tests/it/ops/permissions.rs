//! Permissions.

use koodrive_proto::Operation;
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::permissions::*;
use koodrive_proto::param::Param;
use serde_json::Value as Json;

use crate::common::{SPACE, message, noted, parse, wire};

/// All permissions, as JSON.
fn flags(capabilities: &Capabilities) -> String {
    serde_json::to_string(&capabilities.value()).unwrap()
}

#[test]
fn update_permissions() {
    let role = AmendModRole::new(1_505_084_218_764_547_200, AmendModRole::ANONYMOUS);
    let roles = [role.clone(), role.capabilities(Capabilities::none().copy_permission(true))];
    let op = UpdatePermissions::new(roles, TeamSpaceType::Group, SPACE).file_id("f");
    assert_eq!(
        wire(&op),
        "PUT /permission/batchupdate\n{\"amendModRoles\":[{\"userId\":1505084218764547200,\"template\":-1},\
         {\"userId\":1505084218764547200,\"template\":-1,\"capabilities\":{\"addChildNodePermission\":false,\
         \"copyPermission\":true,\"deletePermission\":false,\"downloadPermission\":false,\"editPermission\":false,\
         \"listChildNodePermission\":false,\"removeChildNodePermission\":false,\"renameFilePermission\":false,\
         \"shareFilePermission\":false,\"uploadPermission\":false,\"viewPermission\":false}}],\"type\":1,\
         \"container\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"fileId\":\"f\"}",
    );
    let all = serde_json::to_value(Capabilities::all().value()).unwrap();
    assert!(all.as_object().unwrap().values().all(|granted| *granted == Json::Bool(true)));
}

/// A name that is measured in bytes, and an object whose flags all have to be set.
#[test]
fn create_permission_template() {
    let template = |name: &str| CreatePermissionTemplate::new(name, TemplateType::Custom, "org", Capabilities::none());
    let flags = flags(&Capabilities::none());
    assert_eq!(
        wire(&template("八个汉字的名字好").description("d")),
        format!(
            "POST /permission/template/create\n{{\"name\":\"八个汉字的名字好\",\"type\":1,\"company\":\"org\",\
             \"capabilities\":{flags},\"description\":\"d\"}}"
        ),
    );
    assert_eq!(template("abcdefghijklmnopqrstuvwx").check(), Ok(()));
    for name in ["八个汉字的名字好a", "九九九九九九九九九", "abcdefghijklmnopqrstuvwxy"] {
        assert_eq!(
            message(&template(name)),
            "name: got a text of more than 24 bytes, allowed: at most 24 bytes: 8 Chinese characters, or 24 letters and \
             digits",
        );
    }
    assert_eq!(message(&template("")), "name: got 0 characters, allowed: 1 to 24 characters");
    let description = template("a").description("d".repeat(51));
    assert_eq!(message(&description), "description: got 51 characters, allowed: 1 to 50 characters");
    let op = template("a").capabilities(Capabilities::new());
    assert_eq!(
        message(&op),
        "capabilities.addChildNodePermission: got nothing, allowed: true or false; it is required",
    );
}

#[test]
fn other_changes_of_templates() {
    let edit = EditPermissionTemplate::new(1_590_626_552_448_551_681, "n");
    assert_eq!(wire(&edit), "POST /permission/template/edit\n{\"id\":1590626552448551681,\"name\":\"n\"}");
    let all = flags(&Capabilities::all());
    assert_eq!(
        wire(&edit.description("").capabilities(Capabilities::all())),
        format!(
            "POST /permission/template/edit\n{{\"id\":1590626552448551681,\"name\":\"n\",\"description\":\"\",\
             \"capabilities\":{all}}}"
        ),
    );
    let modify = ModifyPermissionTemplateStatus::new(7, TemplateStatus::Enabled);
    assert_eq!(wire(&modify), "POST /permission/template/status/modify\n{\"id\":7,\"status\":1}");
    let modify = modify.status(TemplateStatus::Other(2));
    assert_eq!(message(&modify), "status: got 2, allowed: 0 (Disabled), 1 (Enabled)");

    assert_eq!(wire(&DeletePermissionTemplates::new([1, 2])), "POST /permission/template/delete\n{\"ids\":[1,2]}");
    // 200 may be read at once, but only 100 deleted.
    assert_eq!(
        message(&DeletePermissionTemplates::new(vec![1; 101])),
        "ids: got 101 entries, allowed: 1 to 100 entries",
    );
    assert_eq!(GetPermissionTemplates::new(vec![1; 200]).check(), Ok(()));
    for count in [0, 201] {
        assert_eq!(
            message(&GetPermissionTemplates::new(vec![1; count])),
            format!("ids: got {count} entries, allowed: 1 to 200 entries"),
        );
    }
}

#[test]
fn reading_templates() {
    assert_eq!(wire(&GetPermissionTemplates::new([1])), "POST /permission/template/batchGet\n{\"ids\":[1]}");
    let template = r#"{"id": "15906", "name": "Upload", "templateType": 0, "status": "1", "company": "c",
        "createTime": "t", "capabilities": {"uploadPermission": true, "viewPermission": "false"}}"#;
    let (templates, notes) = noted::<GetPermissionTemplates>(&format!(r#"{{"data": [{template}], "code": 0}}"#));
    assert_eq!(notes, [""; 0]);
    assert_eq!(templates[0].template_type, Some(TemplateType::Preset));
    let granted = templates[0].capabilities.as_ref().unwrap();
    let flags = (granted.upload_permission, granted.view_permission, granted.edit_permission);
    assert_eq!(flags, (Some(true), Some(false), None));

    let mut op = ListPermissionTemplates::new(0, 1);
    assert_eq!(wire(&op), "GET /permission/template/list?offset=0&limit=1");
    op = op.id("7").template_type(TemplateType::Custom).status(TemplateStatus::Disabled);
    op = op.order_by_time(TimeOrder::Ascending).pre_before(true);
    assert_eq!(
        wire(&op),
        "GET /permission/template/list?offset=0&limit=1&id=7&templateType=1&status=0&orderByTime=1&preBefore=true",
    );
    assert_eq!(message(&ListPermissionTemplates::new(0, 101)), "limit: got 101, allowed: 1 to 100");
    // The total counts templates that don't match as well.
    let page = noted::<ListPermissionTemplates>(&format!(r#"{{"data": [{template}], "total": 9}}"#)).0;
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert!(wire(&op).starts_with("GET /permission/template/list?offset=1&limit=1&"));
    let page = noted::<ListPermissionTemplates>(r#"{"data": [], "total": 9}"#).0;
    assert_eq!(op.turn(&page).unwrap(), Turn::Last);

    assert_eq!(wire(&GetPermissionTemplateUse::new("7")), "GET /permission/template/ref/7");
    let answer = r#"{ "templateRef": false, "code": 0, "msg": "成功" }"#;
    assert_eq!(parse::<GetPermissionTemplateUse>(answer).unwrap().in_use, Some(false));
}

/// The anonymous template needs permissions.
#[test]
fn initial_permissions() {
    let set = SetInitialMemberPermission::new(7, "8");
    assert_eq!(wire(&set), "POST /permission/member/initial\n{\"spaceId\":7,\"templateId\":\"8\"}");
    let set = set.template_id(SetInitialMemberPermission::ANONYMOUS);
    assert!(message(&set).starts_with("capabilities: got nothing, allowed: "), "{}", message(&set));
    assert!(message(&set).ends_with("; it is required with templateId -1"), "{}", message(&set));
    let none = flags(&Capabilities::none());
    assert_eq!(
        wire(&set.capabilities(Capabilities::none())),
        format!("POST /permission/member/initial\n{{\"spaceId\":7,\"templateId\":\"-1\",\"capabilities\":{none}}}"),
    );

    assert_eq!(wire(&GetInitialMemberPermission::new("7")), "GET /permission/member/initial/7");
    let (initial, notes) = noted::<GetInitialMemberPermission>(
        r#"{"data": {"userId": 1505084218764547200, "spaceId": 7, "containerId": "c", "spaceType": 0,
            "templateId": "8", "templateName": "Upload", "capabilities": {"copyPermission": false}}, "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert!(initial.user_id.is_some_and(|id| id == "1505084218764547200"));
    assert_eq!((initial.space_id.as_deref(), initial.space_type), (Some("7"), Some(TeamSpaceType::Department)));
    assert_eq!(initial.capabilities.unwrap().copy_permission, Some(false));
}

/// Whose space it is decides which id is required.
#[test]
fn list_user_permissions() {
    let department = ListUserPermissions::new(TeamSpaceType::Department, "c");
    let group = ListUserPermissions::new(TeamSpaceType::Group, "c");
    assert_eq!(
        message(&department.clone().group_id("2")),
        "deptId: got nothing, allowed: a text; it is required with spaceType 0",
    );
    assert_eq!(
        message(&group.clone().dept_id("1")),
        "groupId: got nothing, allowed: a text; it is required with spaceType 1",
    );
    let mut op = department.dept_id("1");
    assert_eq!(wire(&op), "GET /permission/userList?spaceType=0&containerId=c&deptId=1");
    assert_eq!(
        wire(
            &group
                .group_id("2")
                .template_id(ListUserPermissions::ANONYMOUS)
                .count(100)
                .cursor("k")
                .user_name("n")
                .file_id("f")
        ),
        "GET /permission/userList?spaceType=1&containerId=c&templateId=-1&groupId=2&count=100&cursor=k&userName=n&fileId=f",
    );
    assert_eq!(message(&op.clone().count(101)), "count: got 101, allowed: 1 to 100");

    // A list of permissions, and one object instead of it.
    for capabilities in [r#"[{"viewPermission": true}]"#, r#"{"viewPermission": true}"#] {
        let (mut page, notes) = noted::<ListUserPermissions>(&format!(
            r#"{{"userPermissonList": [{{"userId": "7", "deptRole": 1, "capabilities": {capabilities}}}],
                "nextCursor": "k", "code": "0"}}"#,
        ));
        assert_eq!(notes, [""; 0]);
        assert_eq!(op.turn(&page).unwrap(), Turn::Next);
        assert_eq!(op.cursor.take().as_deref(), Some("k"));
        let user = ListUserPermissions::items(&mut page).remove(0);
        assert_eq!((ListUserPermissions::key(&user), user.dept_role), (Some("7"), Some(1)));
        assert_eq!(user.capabilities[0].view_permission, Some(true));
    }
    let last = noted::<ListUserPermissions>(r#"{"userPermissonList": [], "code": "0"}"#).0;
    assert_eq!(op.turn(&last).unwrap(), Turn::Last);
}
