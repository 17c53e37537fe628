//! What was done to files: the latest thousand entries of each file.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::store::{Row, Store};

/// How many entries a file has at most; older ones are dropped.
const MOST: usize = 1000;

/// What was done. The numbers are the operateType of GetFileOperations, which doesn't list editing, and the operType of
/// ListRecentFiles, which lists only viewing and editing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    View = 1,
    Edit = 2,
    Share = 3,
    /// Copied, or saved to the user's own space.
    Copy = 4,
    Create = 5,
    SaveShared = 6,
    Rename = 7,
}

/// Something that was done to a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) file_id: String,
    pub(crate) user_id: String,
    pub(crate) action: Action,
    pub(crate) at: DateTime<Utc>,
}

impl Row for Entry {
    /// Entries are listed under their file.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.file_id)
    }

    /// What a user viewed or edited is found by the user.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        match self.action {
            Action::View | Action::Edit => vec![Cow::Borrowed(&self.user_id)],
            _ => Vec::new(),
        }
    }
}

/// Notes what a user did to a file.
pub(crate) fn note(store: &mut Store, file_id: &str, user_id: &str, action: Action, now: DateTime<Utc>) {
    while store.file_operations.count(file_id) >= MOST {
        let Some(oldest) = store.file_operations.under(file_id).next().map(|(id, _)| id.to_owned()) else { break };
        store.file_operations.remove(&oldest);
    }
    let entry = Entry { file_id: file_id.to_owned(), user_id: user_id.to_owned(), action, at: now };
    let id = store.next_id();
    store.file_operations.insert(id, entry);
}

/// Removes all entries of a file that is gone.
pub(crate) fn forget(store: &mut Store, file_id: &str) {
    store.file_operations.remove_under(file_id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_are_dropped() {
        let (mut store, now) = (Store::default(), DateTime::<Utc>::default());
        note(&mut store, "f", "7", Action::View, now);
        for _ in 0..MOST {
            note(&mut store, "f", "7", Action::Edit, now);
        }
        note(&mut store, "g", "7", Action::View, now);
        assert_eq!((store.file_operations.count("f"), store.file_operations.count("g")), (MOST, 1));
        assert!(store.file_operations.under("f").all(|(_, entry)| entry.action == Action::Edit));
        forget(&mut store, "f");
        assert_eq!(store.file_operations.keyed("7").count(), 1);
    }
}
