//! Permissions.

use koodrive_proto::ops::permissions::{AmendModRole, Capabilities, TeamSpaceType, UpdatePermissions};
use koodrive_proto::param::Param;
use serde_json::Value as Json;

use crate::common::{SPACE, wire};

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
