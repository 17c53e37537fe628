//! Users: the people who may use KooDrive.

use crate::operation;
use crate::param::UserId;

operation! {
    /// Deletes a user and everything that belongs to them.
    ///
    /// The operation DeregisterUser deletes a user as well; the pages don't say how the two differ. The product's user
    /// guide says that only users who are disabled or not yet activated can be deleted; the page doesn't say so.
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
