//! Permissions.

use koodrive_proto::Operation;
use koodrive_proto::ops::permissions::{
    AmendModRole, Capabilities, CreatePermissionTemplate, TeamSpaceType, TemplateType, UpdatePermissions,
};
use koodrive_proto::param::Param;
use serde_json::Value as Json;

use crate::common::{SPACE, message, wire};

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
    let flags = serde_json::to_string(&Capabilities::none().value()).unwrap();
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
