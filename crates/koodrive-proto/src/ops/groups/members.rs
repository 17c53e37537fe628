//! The members of a group.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_offset};
use crate::ops::groups::{GroupRole, Pinning};
use crate::ops::permissions::AmendModRole;
use crate::param::{DepartmentId, GroupId, UserId};
use crate::{answer, choices, object, operation};

operation! {
    /// Lists the members of a group, page by page.
    ///
    /// The example of the answer is a space, which seems to be copied from GetSpace. The carrier manual has this page
    /// as well, with the headers Authorization, X-Traceid and language. The request in the enterprise manual's example
    /// has neither `offset` nor `limit`, which are required.
    ///
    /// Source: GetUserGroupMemberList, carrier (undated) and enterprise (2025-12-12); the carrier manual's members of
    /// the answer and its examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::groups::ListUserGroupMembers;
    /// ListUserGroupMembers::new("1407237551361847809", 0, 100);
    /// ```
    GET "/koodrive/ose/v1/usergroups/{groupId}/members" ListUserGroupMembers = "GetUserGroupMemberList" -> MemberPage;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    path {
        /// The id of the group. The carrier manual calls it `group_id`.
        group_id: GroupId = "groupId",
    }
    query {
        /// How many members to skip.
        offset: u32 => Enterprise,
        /// How many members a page may have.
        limit: u32 [1..=100] => Enterprise;
        /// What to look for in names and owners' names.
        key_word: String = "keyWord" => Enterprise,
    }
}

impl Paged for ListUserGroupMembers {
    type Item = GroupMember;

    fn turn(&mut self, page: &MemberPage) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.members.len(), page.total))
    }

    fn items(page: &mut MemberPage) -> &mut Vec<GroupMember> {
        &mut page.members
    }

    fn key(item: &GroupMember) -> Option<&str> {
        item.user_id.as_ref().map(UserId::as_str)
    }
}

answer! {
    /// A page of the members of a group.
    MemberPage {
        /// The members.
        members: Vec<GroupMember> = "userGroupMemberInfos",
        /// How many members there are in all.
        total: Option<i64>,
    }
}

answer! {
    /// A member of a group.
    GroupMember {
        /// The id of the user.
        user_id: Option<UserId>,
        /// The name of the user.
        user_name: Option<String>,
        /// The id of the user's department.
        dept_id: Option<DepartmentId>,
        /// The name of the user's department.
        dept_name: Option<String>,
        /// The mobile number of the user.
        mobile: Option<String>,
        /// When the user was added; the format is not documented.
        created_time: Option<String>,
        /// When the member was last changed; the format is not documented.
        updated_time: Option<String>,
        /// The role in the group. This page lists no values; those of UpdateUserGroup are used.
        role: Option<GroupRole>,
        /// Whether it is pinned to the top.
        top: Option<Pinning>,
    }
}

operation! {
    /// Adds users to a group.
    ///
    /// The call may succeed although some or all users are not added: see [`status`](MemberChange::status). The page
    /// doesn't say how many users a request may have. Its examples are those of the page of 2024, which had a list
    /// `userIds`; later pages have the users' permissions as well.
    ///
    /// Source: BatchAddGroupMembers, enterprise (2025-03-07, its answer 2024); the newer answer and examples and the
    /// end of the table of permissions could not be read, and the row `viewPermission` is taken from the page
    /// InitialMemberPermission.
    ///
    /// ```
    /// # use koodrive_proto::ops::groups::AddUserGroupMembers;
    /// # use koodrive_proto::ops::permissions::{AmendModRole, Capabilities};
    /// let user = AmendModRole::new(1505084218764547200, AmendModRole::ANONYMOUS).capabilities(Capabilities::all());
    /// AddUserGroupMembers::new("1407237551361847809", [user]);
    /// ```
    POST "/koodrive/ose/v1/usergroups/{group_id}/members/batchAdd" AddUserGroupMembers = "BatchAddGroupMembers"
        -> MemberChange;
    AppOrToken, Once, Enterprise Partial;
    path {
        /// The id of the group.
        group_id: GroupId,
    }
    body {
        /// The users and their permissions. The template is required, although the page's text calls it optional for
        /// this call.
        amend_mod_roles: Vec<AmendModRole> = "amendModRoles",
    }
}

operation! {
    /// Removes users from a group.
    ///
    /// The call may succeed although some or all users are not removed: see [`status`](MemberChange::status). The page
    /// doesn't say how many users a request may have, nor whether a user who is no member counts as failed, so the
    /// request isn't sent again when its answer was lost. The example of the request has a list `userIds`, which the
    /// table doesn't have.
    ///
    /// Source: batchDeleteGroupMembers, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::groups::{FormerMember, RemoveUserGroupMembers};
    /// RemoveUserGroupMembers::new("1407237551361847809", [FormerMember::new(1505084218764547200)]);
    /// ```
    POST "/koodrive/ose/v1/usergroups/{groupId}/members/batchDelete" RemoveUserGroupMembers = "batchDeleteGroupMembers"
        -> MemberChange;
    AppOrToken, Once, Enterprise Full;
    path {
        /// The id of the group.
        group_id: GroupId = "groupId",
    }
    body {
        /// The members to remove.
        amend_mod_roles: Vec<FormerMember> = "amendModRoles",
    }
}

object! {
    /// A member who is removed from a group.
    FormerMember = "AmendModRoleDelete" {
        /// The user's id.
        user_id: i64 = "userId",
    }
}

answer! {
    /// What happened to users who were to be added to a group, or removed from it.
    MemberChange {
        /// How many of them it worked for.
        status: Option<ChangeStatus>,
        /// Those for whom it failed; their ids, presumably. The page batchDeleteGroupMembers says files in place of
        /// users.
        failed_list: Vec<String>,
        /// An id, which is only in the examples; they don't tell what it names.
        id: Option<String>,
    }
}

choices! {
    /// For how many users a change of a group's members worked.
    pub enum ChangeStatus: number {
        /// For all.
        AllSucceeded = 0,
        /// For some.
        SomeSucceeded = 1,
        /// For none.
        AllFailed = 2,
    }
}
