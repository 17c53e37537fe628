//! User groups of the enterprise edition and their members.
//!
//! There are two kinds: groups, and user groups. The pages don't say what is the difference, but CreateGroupSpace in
//! [`spaces`](crate::ops::spaces) creates a group that has a space of its own. Of these calls, the carrier manual has
//! only ListUserGroupMembers.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreateUserGroup`] | creates a group |
//! | [`ListUserGroups`] | lists the groups that the user has joined |
//! | [`UpdateUserGroup`] | changes a group, or the role of a member |
//! | [`DeleteUserGroup`] | deletes a group |
//! | [`AddUserGroupMembers`] | adds members |
//! | [`ListUserGroupMembers`] | lists the members of a group |
//! | [`RemoveUserGroupMembers`] | removes members |
//!
//! A group from its beginning to its end:
//!
//! ```
//! # use koodrive_proto::ops::groups::{
//! #     AddUserGroupMembers, CreateUserGroup, DeleteUserGroup, GroupKind, ListUserGroupMembers,
//! # };
//! # use koodrive_proto::ops::permissions::{AmendModRole, Capabilities};
//! CreateUserGroup::new("Sales", GroupKind::UserGroup);
//! // The answer has the id of the group.
//! let group = "1407237551361847809";
//! let user = AmendModRole::new(1505084218764547200, AmendModRole::ANONYMOUS).capabilities(Capabilities::all());
//! AddUserGroupMembers::new(group, [user]);
//! ListUserGroupMembers::new(group, 0, 100);
//! DeleteUserGroup::new(group);
//! ```
//!
//! Error codes of this family, judging by their texts: 13000102 (a parameter is not allowed), 13000309 (no such group).

mod manage;
mod members;

pub use manage::*;
pub use members::*;

use crate::choices;

choices! {
    /// Which kind of group it is.
    pub enum GroupKind: number {
        /// A group.
        Group = 0,
        /// A user group.
        UserGroup = 1,
    }
}

choices! {
    /// The role of a member in a group.
    pub enum GroupRole: number {
        /// The owner.
        Owner = 0,
        /// An administrator.
        Administrator = 1,
        /// An ordinary member.
        Member = 2,
    }
}

choices! {
    /// Whether something is pinned to the top of a list.
    pub enum Pinning: number {
        /// It is in its usual place.
        InOrder = 0,
        /// It is pinned to the top.
        Pinned = 1,
    }
}
