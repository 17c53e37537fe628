//! The operations, in one module for each family of the manual.
//!
//! Each type is a request: `new` takes what is required, setters take the rest. See [`Operation`] for
//! what they share, and [`ALL`] for all of them as a table.

pub mod spaces;

use crate::operation::{Meta, Operation};

/// The tables of all operations.
///
/// ```
/// for meta in koodrive_proto::ops::ALL {
///     println!("{} {} {}::{}", meta.method, meta.path, meta.module, meta.name);
/// }
/// ```
pub const ALL: &[&Meta] = &[
    spaces::DeleteSpace::META,
    spaces::GetSpace::META,
    spaces::GetSpaceUsageByQuota::META,
    spaces::GetSpaceUsageByUser::META,
    spaces::GetSpaceUsageOverview::META,
    spaces::UpdateSpace::META,
];

/// The operations whose [`Safety`](crate::Safety) differs from [what their method promises](crate::Safety::of), and why.
pub const SAFETY_EXCEPTIONS: &[(&str, &str)] = &[
    ("DeleteSpace", "without containerId a second run could meet another space of the same owner"),
    ("GetSpaceUsageByUser", "a POST that only reads: its body is a list of users to report on"),
];
