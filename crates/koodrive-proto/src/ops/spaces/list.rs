//! The spaces of departments and of users.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_offset};
use crate::ops::spaces::SpaceStatus;
use crate::param::{DepartmentId, FileId, SpaceId, UserId};
use crate::{answer, operation};

operation! {
    /// Lists the departments and their spaces, page by page.
    ///
    /// A department that has no space is listed as well, only with its ids and its name. The manual's page types the
    /// numbers of the query as texts, which makes no difference on the wire. The address in its example is another one,
    /// with `cloudfile` in place of `ose`.
    ///
    /// Source: GetDepartmentSpaceList, enterprise (2025-12-12, some members of a department 2024); the end of the
    /// example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::ListDepartmentSpaces;
    /// ListDepartmentSpaces::new(0, 10).key_word("Sales");
    /// ```
    GET "/koodrive/ose/v1/space/departmentList" ListDepartmentSpaces = "GetDepartmentSpaceList" -> DepartmentSpacePage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {
        /// How many departments to skip.
        offset: u32,
        /// How many departments a page may have.
        limit: u32 [1..=100];
        /// What to look for in the names and the administrators of departments.
        key_word: String = "keyWord",
    }
}

impl Paged for ListDepartmentSpaces {
    type Item = DepartmentSpace;

    fn turn(&mut self, page: &DepartmentSpacePage) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.departments.len(), page.total))
    }

    fn items(page: &mut DepartmentSpacePage) -> &mut Vec<DepartmentSpace> {
        &mut page.departments
    }

    fn key(item: &DepartmentSpace) -> Option<&str> {
        item.id.as_ref().map(DepartmentId::as_str)
    }
}

answer! {
    /// A page of departments with their spaces.
    DepartmentSpacePage {
        /// The departments.
        departments: Vec<DepartmentSpace>,
        /// How many departments there are in all.
        total: Option<i64>,
    }
}

answer! {
    /// A department, and its space if it has one.
    ///
    /// The newest table has only `id`, `parent_id`, `name` and `tenant_id`; the others are from the table of 2024 or
    /// from the example.
    DepartmentSpace {
        /// The id of the department.
        id: Option<DepartmentId>,
        /// The id of the department above it.
        parent_id: Option<DepartmentId>,
        /// The name of the department.
        name: Option<String>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// The administrators of the department. The type is String, and no format is documented.
        administrators: Option<String>,
        /// The state of the space. No values are documented here; those of UpdateSpace are used.
        status: Option<SpaceStatus>,
        /// The size of the space. No unit is documented; our reading of the example is GB.
        capacity: Option<i64>,
        /// How much is used. No unit is documented; our reading of the example is KB.
        space_used: Option<i64>,
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// The id of the business root folder, which holds ordinary files.
        biz_root_file_id: Option<FileId>,
        /// The id of the business safe folder, which holds encrypted files.
        biz_sbox_file_id: Option<FileId>,
        /// How many users there are.
        user_num: Option<i64>,
        /// The id of the owner, which in the example is that of the department.
        owner_id: Option<String>,
        /// Who created the space.
        creator: Option<String>,
        /// When the space was created; the example has `2023-11-14T20:39:06.000Z`.
        create_time: Option<String>,
        /// Who last changed the space.
        modifier: Option<String>,
        /// When the space was last changed, in the same form.
        update_time: Option<String>,
    }
}

operation! {
    /// Lists the spaces of a department's users, page by page.
    ///
    /// Without a department, a system administrator gets the whole organization, and a department administrator their
    /// own department. The manual's page types the numbers of the query as texts, which makes no difference on the
    /// wire. The page writes `zh_cn` and `en_us` for the header language, where others have `zh-CN` and `en-US`.
    ///
    /// Source: GetUserSpaceList, enterprise (2025-12-12); most of the example of the answer could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::ListUserSpaces;
    /// ListUserSpaces::new(0, 100).dept_id("1289173668999530369").is_direct(true);
    /// ```
    GET "/koodrive/ose/v1/space/userList" ListUserSpaces = "GetUserSpaceList" -> UserSpacePage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {
        /// How many users to skip.
        offset: u32,
        /// How many users a page may have.
        limit: u32 [1..=100];
        /// The id of the department.
        dept_id: DepartmentId = "deptId",
        /// Whether only users are listed who belong to the department itself.
        is_direct: bool | false = "isDirect",
        /// What to look for in the names and mobile numbers of users.
        key_word: String = "keyWord",
        /// Only spaces in this state are listed. The page lists no values; UpdateSpace has `0` and `1`, which
        /// [`SpaceStatus`] names.
        space_status: String = "spaceStatus",
    }
}

impl Paged for ListUserSpaces {
    type Item = UserSpace;

    fn turn(&mut self, page: &UserSpacePage) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.users.len(), page.total))
    }

    fn items(page: &mut UserSpacePage) -> &mut Vec<UserSpace> {
        &mut page.users
    }

    fn key(item: &UserSpace) -> Option<&str> {
        item.id.as_deref()
    }
}

answer! {
    /// A page of users with their spaces.
    UserSpacePage {
        /// The users.
        users: Vec<UserSpace>,
        /// How many users there are in all. The end of the example doesn't have it.
        total: Option<i64>,
    }
}

answer! {
    /// A user and their space.
    UserSpace {
        /// The id of the user's space, which is not called `containerId` here; the page doesn't explain the difference.
        id: Option<String>,
        /// The id of the user.
        user_id: Option<UserId>,
        /// The name of the user.
        name: Option<String>,
        /// The id of the user's department.
        dept_id: Option<DepartmentId>,
        /// The name of the user's department.
        dept_name: Option<String>,
        /// The mobile number of the user.
        mobile: Option<String>,
        /// The role of the user; this page lists no values.
        role: Option<i64>,
        /// The state of the user's account; this page lists no values.
        status: Option<i64>,
        /// The state of the space. No values are documented here; those of UpdateSpace are used.
        space_status: Option<SpaceStatus>,
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// The size of the space. No unit is documented here; it is GB elsewhere.
        capacity: Option<i64>,
        /// How much is used. No unit is documented; our reading of the examples of sibling calls is KB.
        space_used: Option<i64>,
        /// The id of the tenant.
        tenant_id: Option<String>,
    }
}
