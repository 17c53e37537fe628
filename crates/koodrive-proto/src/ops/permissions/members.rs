//! What members may do, from the beginning and later.

use crate::check::{InvalidParam, require};
use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::permissions::{Capabilities, GrantedCapabilities, TeamSpaceType};
use crate::param::{DepartmentId, FileId, GroupId, SpaceId, UserId};
use crate::{answer, object, operation};

operation! {
    /// Sets what new members of a department or group may do from the beginning.
    ///
    /// This is a POST that adds or replaces the permissions of one department or group, so it may be repeated. The
    /// anonymous template needs `capabilities`; with another template they may be left out, and the page doesn't say
    /// which ones win otherwise.
    ///
    /// Source: addMemberInitialPermission, enterprise (2025-03-14); the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::{Capabilities, SetInitialMemberPermission};
    /// let reader = Capabilities::none().list_child_node_permission(true).view_permission(true);
    /// let anonymous = SetInitialMemberPermission::ANONYMOUS;
    /// SetInitialMemberPermission::new(1570902000000004673, anonymous).capabilities(reader);
    /// ```
    POST "/koodrive/ose/v1/permission/member/initial" SetInitialMemberPermission
        = "addMemberInitialPermission" -> ();
    AppOrToken, Idempotent, Enterprise Partial;
    body {
        /// The id of the department or group, not of its space.
        space_id: i64 = "spaceId",
        /// The id of the permission template, or [`ANONYMOUS`](Self::ANONYMOUS). It is a text here, and a number in
        /// [`UpdatePermissions`].
        template_id: String = "templateId";
        /// The permissions. Required for the template [`ANONYMOUS`](Self::ANONYMOUS).
        capabilities: Capabilities,
    }
    && anonymous_has_permissions
}

impl SetInitialMemberPermission {
    /// The template without a name: the permissions are those in [`capabilities`](Self::capabilities).
    pub const ANONYMOUS: &str = "-1";
}

fn anonymous_has_permissions(op: &SetInitialMemberPermission) -> Result<(), InvalidParam> {
    if op.template_id == SetInitialMemberPermission::ANONYMOUS {
        require(op, &["capabilities"], "with templateId -1")?;
    }
    Ok(())
}

operation! {
    /// Reads what new members of a department or group may do from the beginning.
    ///
    /// Source: InitialMemberPermission, enterprise (2025-12-12); the request's example and the end of the answer's
    /// example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::GetInitialMemberPermission;
    /// GetInitialMemberPermission::new("1570902000000004673");
    /// ```
    GET "/koodrive/ose/v1/permission/member/initial/{spaceId}" GetInitialMemberPermission
        = "InitialMemberPermission" -> InitialPermission as data;
    AppOrToken, ReadOnly, Enterprise Partial;
    path {
        /// The id of the department or group, not of its space.
        space_id: String = "spaceId",
    }
}

answer! {
    /// What new members of a department or group may do.
    InitialPermission {
        /// The id of a user. It is not documented which one.
        user_id: Option<UserId>,
        /// The id of the department or group, not of its space.
        space_id: Option<String>,
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// Whose space it is. This page lists no values; those of getUserPermissionList are used.
        space_type: Option<TeamSpaceType>,
        /// The id of the permission template.
        template_id: Option<String>,
        /// The name of the permission template.
        template_name: Option<String>,
        /// The permissions.
        capabilities: Option<GrantedCapabilities>,
    }
}

operation! {
    /// Lists the users of a department's or group's space and what they may do, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](UserPermissionPage::next_cursor). The space of a department needs
    /// `dept_id`, and that of a group needs `group_id`.
    ///
    /// The page doesn't say how `template_id`, `user_name` and `file_id` change the answer. Our reading is that the
    /// first two choose users, and that `file_id` asks for the permissions on that file.
    ///
    /// Source: getUserPermissionList, enterprise (2025-12-12); the table of permissions and the answer's example could
    /// not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::{ListUserPermissions, TeamSpaceType};
    /// ListUserPermissions::new(TeamSpaceType::Department, "IAAFWsBFCO6WtAtuA9add2fea594e4e75")
    ///     .dept_id("1570902000000004673")
    ///     .count(100);
    /// ```
    GET "/koodrive/ose/v1/permission/userList" ListUserPermissions = "getUserPermissionList" -> UserPermissionPage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {
        /// Whose space it is.
        space_type: TeamSpaceType = "spaceType",
        /// The id of the space.
        container_id: SpaceId = "containerId";
        /// The id of a permission template, for only the users with it; [`ANONYMOUS`](Self::ANONYMOUS) is the one
        /// without a name.
        template_id: String = "templateId",
        /// The id of the group. Required for [`TeamSpaceType::Group`].
        group_id: GroupId = "groupId",
        /// The id of the department. Required for [`TeamSpaceType::Department`].
        dept_id: DepartmentId = "deptId",
        /// How many users a page may have, at most 100. The page has no default.
        count: u32 [1..=100],
        /// The cursor from the answer with the previous page; not set for the first page.
        cursor: String,
        /// The name of a user, for only the users with it.
        user_name: String = "userName",
        /// The id of a file.
        file_id: FileId = "fileId",
    }
    && owner_is_named
}

impl ListUserPermissions {
    /// The template without a name.
    pub const ANONYMOUS: &str = "-1";
}

/// The space of a department needs the department, and that of a group needs the group.
fn owner_is_named(op: &ListUserPermissions) -> Result<(), InvalidParam> {
    match op.space_type {
        TeamSpaceType::Department => require(op, &["deptId"], "with spaceType 0"),
        TeamSpaceType::Group => require(op, &["groupId"], "with spaceType 1"),
        _ => Ok(()),
    }
}

impl Paged for ListUserPermissions {
    type Item = UserPermission;

    fn turn(&mut self, page: &UserPermissionPage) -> Result<Turn, Error> {
        turn_cursor(&mut self.cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut UserPermissionPage) -> &mut Vec<UserPermission> {
        &mut page.users
    }

    fn key(item: &UserPermission) -> Option<&str> {
        item.user_id.as_ref().map(UserId::as_str)
    }
}

answer! {
    /// A page of users and what they may do.
    UserPermissionPage {
        /// The users. On the wire, the name of this member lacks an i.
        users: Vec<UserPermission> = "userPermissonList",
        /// The cursor of the next page. What the last page has instead is not documented; a missing or empty cursor is
        /// taken as the end.
        next_cursor: Option<String>,
    }
}

answer! {
    /// A user of a space and what they may do.
    UserPermission {
        /// The id of the user.
        user_id: Option<UserId>,
        /// The name of the user.
        user_name: Option<String>,
        /// The mobile number of the user.
        mobile: Option<String>,
        /// The id of the user's department.
        dept_id: Option<DepartmentId>,
        /// The name of the user's department.
        dept_name: Option<String>,
        /// The role of the user in the given department; no values are documented.
        dept_role: Option<i64>,
        /// The name of the group.
        group_name: Option<String>,
        /// The role of the user in the given group; no values are documented.
        group_role: Option<i64>,
        /// The id of the permission template.
        template_id: Option<String>,
        /// The name of the permission template.
        template_name: Option<String>,
        /// The permissions in words, for the template without a name.
        description: Option<String>,
        /// The permissions: a list here, and one object on all other pages. One object is read as a list of one.
        capabilities: Vec<GrantedCapabilities>,
    }
}

operation! {
    /// Changes the permissions of several users on a space, or on one file in it.
    ///
    /// The page doesn't say how many users a request may have.
    ///
    /// Nothing is taken from the answer, which could not be read; [`WithHead`](crate::WithHead) returns its body.
    ///
    /// Source: PermissionBatchUpdate, enterprise (2025-10); the answer, the examples and the end of the table of
    /// permissions could not be read, and the row `viewPermission` is taken from the page InitialMemberPermission.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::{AmendModRole, Capabilities, TeamSpaceType, UpdatePermissions};
    /// let reader = Capabilities::none().list_child_node_permission(true).view_permission(true);
    /// let role = AmendModRole::new(1505084218764547200, AmendModRole::ANONYMOUS).capabilities(reader);
    /// UpdatePermissions::new([role], TeamSpaceType::Department, "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236");
    /// ```
    PUT "/koodrive/ose/v1/permission/batchupdate" UpdatePermissions = "PermissionBatchUpdate" -> ();
    AppOrToken, Idempotent, Enterprise Partial;
    body {
        /// The users and their new permissions.
        amend_mod_roles: Vec<AmendModRole> = "amendModRoles",
        /// Whose space it is. 1 means a group here, and a user on the pages about spaces.
        kind: TeamSpaceType = "type",
        /// The id of the space, called `containerId` elsewhere.
        container: SpaceId;
        /// The id of the file, if the permissions are about one file.
        file_id: FileId = "fileId",
    }
}

object! {
    /// The new permissions of one user.
    AmendModRole {
        /// The user's id.
        user_id: i64 = "userId",
        /// The id of the permission template, or [`ANONYMOUS`](Self::ANONYMOUS). According to the text, it may be left
        /// out where members of user groups are added or deleted in a batch.
        template: i64;
        /// The permissions, for a custom template.
        capabilities: Capabilities,
    }
}

impl AmendModRole {
    /// The template without a name: the permissions are those in [`capabilities`](Self::capabilities).
    pub const ANONYMOUS: i64 = -1;
}
