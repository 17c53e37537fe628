//! Spaces: what a department, a user or a group may store, and how much of it is used.
//!
//! Sizes come in gigabytes and kilobytes, often side by side, and the manuals contradict themselves about which is
//! which. Each field says what is documented and what our reading is. None of it could be tried on the service itself.
//!
//! Error codes that fit here, by their texts:
//! 13000102 (a parameter is not allowed), 13000301 (no such space), 13000410 (the user may not act on the space),
//! 13000412 (the space is not activated).

mod manage;
mod usage;

pub use manage::*;
pub use usage::*;

use crate::choices;

choices! {
    /// Whose kind of space it is.
    pub enum SpaceType: number {
        /// A department's. Enterprise manual.
        Department = 0,
        /// A user's.
        Individual = 1,
        /// A group's. Enterprise manual, and only for some calls.
        Group = 2,
    }
}

choices! {
    /// The state of a space.
    pub enum SpaceStatus: text {
        /// Allotted and usable.
        Normal = "0",
        /// Allotted, and access is refused.
        Disabled = "1",
    }
}
