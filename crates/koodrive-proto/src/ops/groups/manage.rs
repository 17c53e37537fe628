//! Groups: creating, listing, changing and deleting them.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::groups::{GroupKind, GroupRole, Pinning};
use crate::param::{GroupId, Quoted, UserId, file_name, has_emoji};
use crate::schema::Rule;
use crate::{answer, operation, text};

operation! {
    /// Creates a group.
    ///
    /// The body in the page's example is that of CreateSpace.
    ///
    /// Source: CreateUserGroup, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::groups::{CreateUserGroup, GroupKind};
    /// CreateUserGroup::new("Sales", GroupKind::UserGroup);
    /// ```
    POST "/koodrive/ose/v1/usergroups" CreateUserGroup -> CreatedUserGroup;
    AppOrToken, Once, Enterprise Full;
    body {
        /// The name of the group. The page gives no length.
        group_name: GroupName = "groupName",
        /// Which kind of group it is. The values are those of ListUserGroups and UpdateUserGroup.
        source_type: GroupKind = "sourceType",
    }
}

text! {
    /// The name of a group: none of `< > | : " * ? / \`, no emoji, not blank, and neither `.` nor `..`.
    ///
    /// [`has_emoji`] defines what counts as an emoji.
    pub struct GroupName: Rule::new(
        "not blank, not `.` or `..`, none of < > | : \" * ? / \\, no emoji",
        "Sales",
        |name| {
            if name.trim().is_empty() {
                Err("a blank text")
            } else if name.contains('\\') {
                Err("a text with a backslash")
            } else if has_emoji(name) {
                Err("a text with an emoji")
            } else {
                file_name(name)
            }
        },
    );
}

answer! {
    /// A new group.
    CreatedUserGroup {
        /// The id of the group.
        id: Option<GroupId>,
        /// What failed. It is only in an older version of the page, which doesn't say more.
        failed_list: Vec<String>,
    }
}

operation! {
    /// Lists the groups of one kind that the user has joined, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](UserGroupPage::next_cursor), which the last page doesn't have.
    /// Pages before the last one may be short or even empty.
    ///
    /// The page requires a cursor, which there can't be for the first page, while its example has no parameters at all.
    /// Here an empty cursor is sent with the first request.
    ///
    /// Source: GetUserGroupList, enterprise (2025-12-12); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::groups::{GroupKind, ListUserGroups};
    /// ListUserGroups::new(GroupKind::UserGroup).page_size(50);
    /// ```
    GET "/koodrive/ose/v1/usergroups" ListUserGroups = "GetUserGroupList" -> UserGroupPage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {
        /// Which kind of groups to list.
        source_type: GroupKind = "sourceType",
        {
            /// How many groups a page may have, at most 100.
            page_size: u32 [1..=100] | 100 = "pageSize",
            /// The cursor from the answer with the previous page; empty for the first page.
            page_cursor: String | "" = "pageCursor",
        };
        /// Only groups of this name are listed. The page doesn't say whether a part of the name is enough.
        group_name: String = "groupName",
    }
}

impl Paged for ListUserGroups {
    type Item = UserGroup;

    fn turn(&mut self, page: &UserGroupPage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut UserGroupPage) -> &mut Vec<UserGroup> {
        &mut page.groups
    }

    fn key(item: &UserGroup) -> Option<&str> {
        item.id.as_ref().map(GroupId::as_str)
    }
}

answer! {
    /// A page of groups.
    UserGroupPage {
        /// The groups.
        groups: Vec<UserGroup> = "userGroupList",
        /// The cursor of the next page; the last page has none.
        next_cursor: Option<String>,
        /// How many groups there are in all, judging by the name of this member.
        total: Option<i64>,
    }
}

answer! {
    /// A group.
    UserGroup {
        /// The id of the group.
        id: Option<GroupId>,
        /// The name of the group.
        group_name: Option<String>,
        /// The id of the user who created the group.
        owner_id: Option<UserId>,
        /// When the group was created; the format is not documented.
        created_time: Option<String>,
        /// When the group was last changed; the format is not documented.
        updated_time: Option<String>,
    }
}

operation! {
    /// Changes a group: its name, its picture, its place in the list, or the role of a member.
    ///
    /// The page doesn't say whether `role` and `top` need a user, nor what happens to the old owner if another user
    /// gets that role. The address in its example has `usergroup` in place of `usergroups`.
    ///
    /// Source: UpdateUserGroup, enterprise (undated, the layout of 2025-10 or later).
    ///
    /// ```
    /// # use koodrive_proto::ops::groups::{GroupKind, GroupRole, UpdateUserGroup};
    /// UpdateUserGroup::new("1407237551361847809", "Sales", GroupKind::UserGroup)
    ///     .user_id("1395476983395324033")
    ///     .role(GroupRole::Administrator);
    /// ```
    PUT "/koodrive/ose/v1/usergroups/{groupId}" UpdateUserGroup -> ();
    AppOrToken, Idempotent, Enterprise Full;
    path {
        /// The id of the group.
        group_id: GroupId = "groupId",
    }
    body {
        /// The new name of the group, or the one it has. The page of CreateUserGroup says which characters it may have.
        group_name: String = "groupName",
        /// Which kind of group it is.
        source_type: GroupKind = "sourceType";
        /// The id of the member whose role changes, by our reading: the page says only that it is a user's id.
        user_id: UserId = "userId",
        /// The role in the group. This is a JSON string on the wire.
        role: Quoted<GroupRole>,
        /// The address of a picture for the group.
        icon_url: String = "iconUrl",
        /// Whether the group is pinned to the top. This is a JSON string on the wire.
        top: Quoted<Pinning>,
    }
}

operation! {
    /// Deletes a group.
    ///
    /// The address in the page's example has `usergroup` in place of `usergroups`.
    ///
    /// Source: DeleteUserGroup, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::groups::DeleteUserGroup;
    /// DeleteUserGroup::new("1407237551361847809");
    /// ```
    DELETE "/koodrive/ose/v1/usergroups/{groupId}" DeleteUserGroup -> ();
    AppOrToken, Idempotent, Enterprise Full;
    path {
        /// The id of the group.
        group_id: GroupId = "groupId",
    }
}
