//! The spaces of groups and departments, in which several users work.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_offset};
use crate::ops::groups::Pinning;
use crate::ops::permissions::Capabilities;
use crate::ops::spaces::SpaceStatus;
use crate::param::{FileId, GroupId, SpaceId, UserId};
use crate::{answer, choices, object, operation};

operation! {
    /// Creates a group with a space of its own, and with its first members.
    ///
    /// A call may succeed although some members are not added: see [`failed_list`](CreatedGroupSpace::failed_list).
    ///
    /// The page's example is that of an older version: its address lacks `group`, and it has a list `userIds` in place
    /// of `addGroupUsers`.
    ///
    /// Source: CreateGroupSpace, enterprise (undated, the layout of 2025-10 or later); the end of the table of
    /// permissions could not be read, and its row `viewPermission` is taken from the page InitialMemberPermission. The
    /// newest examples could not be read either.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::{AmendModRole, Capabilities};
    /// # use koodrive_proto::ops::spaces::{CreateGroupSpace, NewGroupUser};
    /// let user = NewGroupUser::new("1505084218764547200", AmendModRole::ANONYMOUS).capabilities(Capabilities::all());
    /// // 20 GB.
    /// CreateGroupSpace::new("API Demo", [user]).capacity(20);
    /// ```
    POST "/koodrive/ose/v1/space/group" CreateGroupSpace -> CreatedGroupSpace;
    AppOrToken, Once, Enterprise Partial;
    body {
        /// The name of the space.
        name: String,
        /// The first members. The page doesn't say how many there may be.
        add_group_users: Vec<NewGroupUser> = "addGroupUsers";
        /// The address of a picture for the space.
        icon_url: String = "iconUrl",
        /// The size in GB; the unit is from the heading of the example. The page doesn't say what applies without it.
        capacity: u32,
    }
}

object! {
    /// One of the first members of a group.
    NewGroupUser = "AddGroupUsers" {
        /// The user's id.
        user_id: UserId = "userId",
        /// The id of the permission template, or
        /// [`AmendModRole::ANONYMOUS`](crate::ops::permissions::AmendModRole::ANONYMOUS) for permissions without one.
        template: i64;
        /// The permissions, if there is no template.
        capabilities: Capabilities,
    }
}

answer! {
    /// A new group with its space.
    CreatedGroupSpace {
        /// The id of the space, according to the table. The page doesn't say whether it is the group's id as well,
        /// which [`DeleteGroupSpace`] wants.
        id: Option<String>,
        /// What failed; presumably the members that were not added.
        failed_list: Vec<String>,
    }
}

operation! {
    /// Dissolves the space of a group.
    ///
    /// The page doesn't say whether the group goes with it. The address in its example is that of DeleteSpace, with
    /// type 2.
    ///
    /// Source: DeleteGroupSpace, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::DeleteGroupSpace;
    /// DeleteGroupSpace::new("1289173650183882753");
    /// ```
    DELETE "/koodrive/ose/v1/space/group/{groupId}" DeleteGroupSpace -> ();
    AppOrToken, Idempotent, Enterprise Full;
    path {
        /// The id of the group.
        group_id: GroupId = "groupId",
    }
}

operation! {
    /// Lists the spaces of departments and groups that the caller has access to, page by page.
    ///
    /// Source: GetTeamSpaceList, enterprise (undated, the layout of 2025-10 or later); the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::{ListTeamSpaces, TeamType};
    /// ListTeamSpaces::new(0, 100).team_type(TeamType::Joined);
    /// ```
    GET "/koodrive/ose/v1/space/teamList" ListTeamSpaces = "GetTeamSpaceList" -> TeamSpacePage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {
        /// How many spaces to skip.
        offset: u32,
        /// How many spaces a page may have.
        limit: u32 [1..=100];
        /// What to look for in the names of spaces and owners.
        key_word: String = "keyWord",
        /// Only these spaces are listed.
        team_type: TeamType = "teamType",
    }
}

choices! {
    /// Which spaces of departments and groups to list.
    pub enum TeamType: number {
        /// The spaces of departments.
        Department = 0,
        /// Those that the caller owns.
        Owned = 1,
        /// Those that the caller has joined.
        Joined = 2,
    }
}

impl Paged for ListTeamSpaces {
    type Item = TeamSpace;

    fn turn(&mut self, page: &TeamSpacePage) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.teams.len(), page.total))
    }

    fn items(page: &mut TeamSpacePage) -> &mut Vec<TeamSpace> {
        &mut page.teams
    }

    fn key(item: &TeamSpace) -> Option<&str> {
        item.container_id.as_ref().map(SpaceId::as_str)
    }
}

answer! {
    /// A page of the spaces of departments and groups.
    TeamSpacePage {
        /// The spaces.
        teams: Vec<TeamSpace>,
        /// How many spaces there are in all.
        total: Option<i64>,
    }
}

answer! {
    /// The space of a department or group.
    TeamSpace {
        /// The id of the department, user group or group that has the space.
        id: Option<String>,
        /// The state of the space. This page lists no values; those of UpdateSpace are used.
        status: Option<SpaceStatus>,
        /// The size. No unit is documented here; it is GB elsewhere.
        capacity: Option<i64>,
        /// How much is used. No unit is documented; our reading of the examples of sibling calls is KB.
        space_used: Option<i64>,
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// How many users there are.
        user_num: Option<i64>,
        /// The id of the owner, whose name is [`owner_name`](Self::owner_name).
        owner_id: Option<String>,
        /// The name of the owner.
        owner_name: Option<String>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// Who created the space.
        creator: Option<String>,
        /// When the space was created; the format is not documented.
        create_time: Option<String>,
        /// Who last changed the space.
        modifier: Option<String>,
        /// When the space was last changed; the format is not documented.
        update_time: Option<String>,
        /// The id of the business root folder, which holds ordinary files.
        biz_root_file_id: Option<FileId>,
        /// The id of the business safe folder, which holds encrypted files.
        biz_sbox_file_id: Option<FileId>,
        /// The address of the picture.
        icon_url: Option<String>,
        /// Whether the space is pinned. This page lists no values; those of ListUserGroupMembers are used.
        top: Option<Pinning>,
        /// The caller's role. This page lists no values; UpdateUserGroup has 0 for the owner, 1 for administrators and
        /// 2 for ordinary members.
        role: Option<i64>,
        /// The name of the space. It is only in the table of 2024.
        group_name: Option<String>,
    }
}

operation! {
    /// Lists the spaces of all groups of the enterprise, page by page.
    ///
    /// Only the administrator of the tenant may call this.
    ///
    /// Source: GetGroupSpaceList, enterprise (2025-12-12); the members of a space after `bizSboxFileId` and the
    /// examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::ListGroupSpaces;
    /// ListGroupSpaces::new(0, 100).key_word("Demo");
    /// ```
    GET "/koodrive/ose/v1/space/groupList" ListGroupSpaces = "GetGroupSpaceList" -> GroupSpacePage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {
        /// How many spaces to skip.
        offset: u32,
        /// How many spaces a page may have.
        limit: u32 [1..=100];
        /// What to look for in the names of spaces and owners.
        key_word: String = "keyWord",
    }
}

impl Paged for ListGroupSpaces {
    type Item = GroupSpace;

    fn turn(&mut self, page: &GroupSpacePage) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.groups.len(), page.total))
    }

    fn items(page: &mut GroupSpacePage) -> &mut Vec<GroupSpace> {
        &mut page.groups
    }

    fn key(item: &GroupSpace) -> Option<&str> {
        item.container_id.as_ref().map(SpaceId::as_str)
    }
}

answer! {
    /// A page of the spaces of groups.
    GroupSpacePage {
        /// The spaces.
        groups: Vec<GroupSpace>,
        /// How many of them match in all.
        total: Option<i64>,
        /// How many groups there are.
        groups_total: Option<i64>,
        /// How many groups there may be.
        groups_max: Option<i64>,
        /// How much capacity is given out. No unit is documented; it is GB elsewhere.
        assigned_capacity: Option<i64>,
        /// How much capacity may be given out. No unit is documented; it is GB elsewhere.
        max_capacity: Option<i64>,
    }
}

answer! {
    /// The space of a group. Its last members could not be read; [`TeamSpace`] has more.
    GroupSpace {
        /// The id of the department, user group or group that has the space.
        id: Option<String>,
        /// The state of the space. This page lists no values; those of UpdateSpace are used.
        status: Option<SpaceStatus>,
        /// The size. No unit is documented here; it is GB elsewhere.
        capacity: Option<i64>,
        /// How much is used. No unit is documented; our reading of the examples of sibling calls is KB.
        space_used: Option<i64>,
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// How many users there are.
        user_num: Option<i64>,
        /// The id of the owner, whose name is [`owner_name`](Self::owner_name).
        owner_id: Option<String>,
        /// The name of the owner.
        owner_name: Option<String>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// Who created the space.
        creator: Option<String>,
        /// When the space was created; the format is not documented.
        create_time: Option<String>,
        /// Who last changed the space.
        modifier: Option<String>,
        /// When the space was last changed; the format is not documented.
        update_time: Option<String>,
        /// The id of the business root folder, which holds ordinary files.
        biz_root_file_id: Option<FileId>,
        /// The id of the business safe folder, which holds encrypted files.
        biz_sbox_file_id: Option<FileId>,
        /// The name of the space. It is only in the table of 2024.
        group_name: Option<String>,
    }
}
