//! Users: who may use KooDrive.

use crate::operation;
use crate::param::UserId;

operation! {
    /// Deletes a user, and with the user all that belongs to them.
    ///
    /// The operation DeregisterUser deletes a user as well, and how the two differ is not documented. By the product's
    /// user guide only users can be deleted who are disabled or not yet activated; the page doesn't say so.
    ///
    /// Only the carrier manual lists the name of the operator's agent, `standard` or `IOH`, and its example doesn't
    /// send it: [`Api::agent_name`](crate::Api::agent_name) sets it. The path parameter is called `user_id` by the
    /// enterprise manual of 2024.
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
        /// The user.
        user_id: UserId = "userId",
    }
    header {;
        "x-hw-agentName" = agent => Carrier,
    }
}
