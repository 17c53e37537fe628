//! What the service does with departments.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::call::{Answer, Call};
use crate::reply::Reply;
use crate::store::{Row, Store};

/// A department, under its KooDrive id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Department {
    pub(crate) name: String,
    /// The department above; empty for the root.
    pub(crate) parent_id: String,
    /// The id of the department in OrgID.
    pub(crate) account_id: String,
}

impl Row for Department {
    /// Departments are listed under the one above.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.parent_id)
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    Ok(Reply::documented(call.meta))
}

/// Whether a department is another one, or stands below it.
pub(crate) fn is_within(store: &Store, id: &str, above: &str) -> bool {
    let mut current = id;
    // No department stands below itself, so this ends.
    loop {
        if current == above {
            return true;
        }
        match store.departments.get(current) {
            Some(department) => current = &department.parent_id,
            None => return false,
        }
    }
}
