//! Adding, changing and deleting users.

use crate::ops::users::{UserRole, UserStatus};
use crate::param::{DepartmentId, Quoted, UserId};
use crate::{answer, object, operation};

operation! {
    /// Adds an OrgID account to KooDrive as a user.
    ///
    /// The manual's table requires `placement` (since 2024-12), while its example leaves it out. Neither of its members
    /// is required. The page doesn't say which department and which role a user has without them.
    ///
    /// The example of the answer has no `data`.
    ///
    /// Source: CreateUser, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::users::{CreateUser, Placement, UserRole};
    /// let placement = Placement::new().dept_id("1243693141656107521").role(UserRole::User);
    /// CreateUser::new("1008600000029937613", placement);
    /// ```
    POST "/koodrive/ose/v1/users" CreateUser -> Option<CreatedUser> as data;
    AppOrToken, Once, Enterprise Full;
    body {
        /// The id of the account in OrgID.
        user_id: String = "userId",
        /// The department and the role of the new user.
        placement: Placement = "modifyUserInfoReq",
    }
}

object! {
    /// The department and the role of a new user.
    Placement = "modifyUserInfoReq" {;
        /// The department.
        dept_id: DepartmentId = "deptId",
        /// The role. This is a JSON string on the wire, while [`UpdateUser`] sends a number.
        role: Quoted<UserRole>,
    }
}

answer! {
    /// The answer of [`CreateUser`].
    CreatedUser {
        /// An id. The page describes it as that of a department; it may be that of the new user.
        id: Option<String>,
    }
}

operation! {
    /// Enables or disables a user. In the enterprise edition, it also moves a user to another department or gives them
    /// another role.
    ///
    /// What isn't set stays as it is, by our reading. To shut a user out, the carrier manual lists a status of 7
    /// ([`Frozen`](UserStatus::Frozen)), and the enterprise manual a status of 1 ([`Disabled`](UserStatus::Disabled)).
    ///
    /// The examples of both manuals send no body. The enterprise manual of 2025-03 calls the path parameter `user_id`.
    ///
    /// Source: UpdateUser, carrier (2026-02-12) and enterprise (undated, the layout of 2025-10 or later); whether the
    /// carrier manual requires `status` could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::users::{UpdateUser, UserStatus};
    /// UpdateUser::new("1289290865663084545").status(UserStatus::Frozen);
    /// ```
    PUT "/koodrive/ose/v1/users/{userId}" UpdateUser -> ();
    AppOrToken, Idempotent, Carrier Partial, Enterprise Full;
    path {
        /// The id of the user.
        user_id: UserId = "userId",
    }
    body {;
        /// Whether the user may sign in. The carrier manual lists 0 and 7, and the enterprise manual 0 and 1.
        status: UserStatus,
        /// The new department. It is a number here and a text in most other calls.
        dept_id: i64 = "deptId" => Enterprise,
        /// The new role.
        role: UserRole [0 | 1 | 2 | 5] => Enterprise,
    }
}

operation! {
    /// Deletes a user and everything that belongs to them.
    ///
    /// [`DeregisterAccount`](crate::ops::accounts::DeregisterAccount) deletes a user as well; the pages don't say how
    /// the two differ. The product's user guide says that only users who are disabled or not yet activated can be
    /// deleted; the page doesn't say so.
    ///
    /// Only the carrier manual lists the name of the operator's agent, `standard` or `IOH`, which
    /// [`Api::agent_name`](crate::Api::agent_name) sets; its example doesn't send the name. The enterprise manual of
    /// 2024 calls the path parameter `user_id`.
    ///
    /// Source: DeleteUser, carrier (2026-02-03) and enterprise (undated, the layout of 2025-10 or later).
    ///
    /// ```
    /// # use koodrive_proto::ops::users::DeleteUser;
    /// DeleteUser::new("1244780780316557312");
    /// ```
    DELETE "/koodrive/ose/v1/users/{userId}" DeleteUser -> ();
    AppOrToken, Idempotent, Carrier Full, Enterprise Full;
    path {
        /// The id of the user.
        user_id: UserId = "userId",
    }
    header {;
        "x-hw-agentName" = agent => Carrier,
    }
}

operation! {
    /// Changes how many users an organization may have.
    ///
    /// The page has no parameter for the new number, and doesn't say where the number comes from or what a second run
    /// does. It lists neither X-User-Id nor X-Date, and a signature is not accepted.
    ///
    /// Source: ExpandUserNum, enterprise (2025-12-12, in Chinese only).
    ///
    /// ```
    /// # use koodrive_proto::ops::users::ExpandUserQuota;
    /// ExpandUserQuota::new("9190086000001210958");
    /// ```
    POST "/koodrive/ose/v1/user/expand/{orgId}" ExpandUserQuota = "ExpandUserNum" -> ();
    TokenAlone, Once, Enterprise Full;
    path {
        /// The id of the organization in OrgID; the page calls it "the userid of orgId".
        org_id: String = "orgId",
    }
}
