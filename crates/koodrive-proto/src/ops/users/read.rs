//! Reading, listing and counting users.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_offset};
use crate::ops::users::{UserRole, UserStatus};
use crate::param::{DepartmentId, UserId};
use crate::{answer, operation};

operation! {
    /// Reads one user.
    ///
    /// The enterprise manual of 2024 calls the path parameter `user_id`. An id of `count` is another address:
    /// [`CountUsers`]. See [`User`] about the two ids in the answer. The carrier manual's example of the answer has
    /// members that only the enterprise manual lists.
    ///
    /// Source: GetUser, carrier (2026-02-12) and enterprise (2025-12-12); the end of the answer's example could not be
    /// read in the carrier manual.
    ///
    /// ```
    /// # use koodrive_proto::ops::users::GetUser;
    /// GetUser::new("1316083732377070977");
    /// ```
    GET "/koodrive/ose/v1/users/{userId}" GetUser -> User as data;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Full;
    path {
        /// KooDrive's own id of the user, which, as the carrier manual says, is not a third-party id.
        user_id: UserId = "userId",
    }
}

answer! {
    /// A user.
    ///
    /// By the tables, `user_id` is the user's id, and `id` is a third-party id. In the examples of [`GetUser`] it is
    /// the other way round: the id in the request comes back as `id`, and `user_id` looks like OrgID's. Our reading is
    /// that `id` is the one to send in other requests.
    User {
        /// An id of the user, KooDrive's own by our reading.
        id: Option<String>,
        /// An id of the user, OrgID's by our reading.
        user_id: Option<String>,
        /// The name that is shown.
        name: Option<String>,
        /// The mobile number, masked in the examples: `0086181****8439`.
        mobile: Option<String>,
        /// The role. These pages list no values; those of [`UpdateUser`](super::UpdateUser) and
        /// [`CreateUser`](super::CreateUser) are used.
        role: Option<UserRole>,
        /// Whether the user may sign in. These pages list no values; those of [`UpdateUser`](super::UpdateUser) are
        /// used. An example of [`ListUsers`] has a 2, which no page lists.
        status: Option<UserStatus>,
        /// The id of the department. Listed by the enterprise manual.
        dept_id: Option<DepartmentId>,
        /// The name of the department. Listed by the enterprise manual.
        dept_name: Option<String>,
        /// The id of the organization. It is in the examples, but not in the tables.
        org_id: Option<String>,
    }
}

operation! {
    /// Lists the users of a department or of the whole organization, page by page.
    ///
    /// The manual of 2024 calls the list `data` and has no total; both names are read.
    ///
    /// Source: GetUserList, enterprise (2025-12-12); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::users::ListUsers;
    /// ListUsers::new(0, 10).dept_id("1243693141656107521").is_direct(true);
    /// ```
    GET "/koodrive/ose/v1/userList" ListUsers = "GetUserList" -> UserPage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {
        /// How many users to skip.
        offset: u32,
        /// How many users a page may have.
        limit: u32 [1..=100];
        /// The department; without it, the users of the organization are listed.
        dept_id: DepartmentId = "deptId",
        /// Whether to list only those who are directly in the department. The English version of the page says: in the
        /// root department.
        is_direct: bool | false = "isDirect",
        /// What to search for in the names.
        key_word: String = "keyWord",
    }
}

impl Paged for ListUsers {
    type Item = User;

    fn turn(&mut self, page: &UserPage) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.users.len(), page.total))
    }

    fn items(page: &mut UserPage) -> &mut Vec<User> {
        &mut page.users
    }

    fn key(item: &User) -> Option<&str> {
        item.id.as_deref()
    }
}

answer! {
    /// A page of users.
    UserPage {
        /// The users.
        users: Vec<User> = "list" | "data",
        /// How many users there are in all.
        total: Option<i64>,
    }
}

operation! {
    /// Counts the users of a department or of the whole organization.
    ///
    /// The page's example sends an empty department to count the users of the organization.
    ///
    /// Source: CountUser, enterprise (undated, the layout of 2025-10 or later).
    ///
    /// ```
    /// # use koodrive_proto::ops::users::CountUsers;
    /// CountUsers::new().dept_id("1243693141656107521");
    /// ```
    GET "/koodrive/ose/v1/users/count" CountUsers = "CountUser" -> UserCount;
    AppOrToken, ReadOnly, Enterprise Full;
    query {;
        /// The department; empty or not set for the organization.
        dept_id: DepartmentId = "deptId",
    }
}

answer! {
    /// The answer of [`CountUsers`].
    UserCount {
        /// How many users there are.
        total: Option<i64>,
    }
}

operation! {
    /// Reads the mobile number of a user.
    ///
    /// Older versions of the page call the path parameter `user_id`.
    ///
    /// Source: GetUserMobile, enterprise (2025-08-28).
    ///
    /// ```
    /// # use koodrive_proto::ops::users::GetUserMobile;
    /// GetUserMobile::new("1244780780316557312");
    /// ```
    GET "/koodrive/ose/v1/users/mobile/{userId}" GetUserMobile -> UserMobile;
    AppOrToken, ReadOnly, Enterprise Full;
    path {
        /// The id of the user.
        user_id: UserId = "userId",
    }
}

answer! {
    /// The answer of [`GetUserMobile`].
    UserMobile {
        /// The mobile number; it is masked in the example, `178********`.
        mobile: Option<String>,
    }
}
