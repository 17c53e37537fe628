//! Spaces: how much a department, a user or a group may store, and how much of that is used.
//!
//! Sizes are in gigabytes or in kilobytes, often side by side, and the manuals contradict themselves about which is
//! which. The docs of each field say what is documented and what our reading is. None of it could be tried on the
//! service itself.
//!
//! Error codes of this family, judging by their texts: 13000102 (a parameter is not allowed), 13000301 (no such space),
//! 13000410 (the user may not act on the space), 13000412 (the space is not activated).

mod manage;
mod usage;

pub use manage::*;
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
