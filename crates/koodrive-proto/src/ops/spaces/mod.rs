//! Spaces: how much a department, a user or a group may store, and how much of that is used.
//!
//! Sizes are in gigabytes or in kilobytes, often side by side, and the manuals contradict themselves about which is
//! which. The docs of each field say what is documented and what our reading is. None of it could be tried on the
//! service itself.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`GetSpaceAllocation`] | reports how much capacity each kind of space has |
//! | [`TransferUnallocatedSpace`] | moves capacity from one kind of space to others |
//! | [`CreateSpace`] | gives a space to a department or user |
//! | [`GetSpace`] | reads one space of an owner |
//! | [`GetSpaces`] | reads the spaces of one kind that an owner has |
//! | [`ListOwnerSpaces`] | lists all spaces of an owner |
//! | [`GetSpaceByContainer`] | reads a space by its id |
//! | [`UpdateSpace`] | changes the size or the state of a space |
//! | [`DeleteSpace`] | deletes a space |
//! | [`CreateGroupSpace`] | creates a group with a space and members |
//! | [`DeleteGroupSpace`] | dissolves the space of a group |
//! | [`ListDepartmentSpaces`] | lists departments and their spaces |
//! | [`ListUserSpaces`] | lists the spaces of a department's users |
//! | [`ListTeamSpaces`] | lists the department and group spaces of the caller |
//! | [`ListGroupSpaces`] | lists the spaces of all groups |
//! | [`GetSpaceUsageOverview`] | sums up all spaces |
//! | [`GetSpaceUsageByQuota`] | sums up the spaces of each quota |
//! | [`GetSpaceUsageByUser`] | reports the quota and use of users |
//!
//! A space from its beginning to its end:
//!
//! ```
//! # use koodrive_proto::ops::spaces::{CreateSpace, DeleteSpace, GetSpace, SpaceType, UpdateSpace};
//! let user = "1289173650183882753";
//! // 10 GB for a user. The answer has the id of the space, which is needed if the user has several spaces.
//! CreateSpace::new(user, SpaceType::Individual, 10);
//! let space = "IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b";
//! // How much of it is used, and more room.
//! GetSpace::new(user, SpaceType::Individual).container_id(space);
//! UpdateSpace::new(user, SpaceType::Individual).container_id(space).capacity(20);
//! // The space and all that is in it.
//! DeleteSpace::new(user, SpaceType::Individual).container_id(space);
//! ```
//!
//! Error codes of this family, judging by their texts: 13000102 (a parameter is not allowed), 13000301 (no such space),
//! 13000410 (the user may not act on the space), 13000412 (the space is not activated).

mod allocation;
mod list;
mod manage;
mod read;
mod teams;
mod usage;

pub use allocation::*;
pub use list::*;
pub use manage::*;
pub use read::*;
pub use teams::*;
pub use usage::*;

use crate::choices;

choices! {
    /// What kind of space it is, by its owner.
    pub enum SpaceType: number {
        /// The space of a department. Listed by the enterprise manual.
        Department = 0,
        /// The space of a user.
        Individual = 1,
        /// The space of a group. Listed by the enterprise manual, and only for some calls.
        Group = 2,
    }
}

choices! {
    /// The state of a space.
    pub enum SpaceStatus: text {
        /// Allotted and usable.
        Normal = "0",
        /// Allotted, but access is refused.
        Disabled = "1",
    }
}
