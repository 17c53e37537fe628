//! The state: tables of records, which only the families change.
//!
//! The records are defined where they are used: what a `Space` is stands in `families/spaces.rs`, beside what the calls
//! do with it.

mod journal;
mod table;

use serde_json::Value as Json;

use crate::families::{
    accounts, albums, audit_log, backup, benefits, departments, due, favorites, files, groups, invitations, jobs,
    messages, moderation, permissions, reconciliation, revisions, share_links, shared_folders, shares, spaces, tasks,
    users,
};
use crate::{storage, tokens};

pub(crate) use journal::{Journal, private};
pub(crate) use table::{Order, Row, Table};

/// What changed: a table, an id, and the record unless it is gone.
pub(crate) type Change = (&'static str, String, Option<Json>);

/// Ids are numbers of 19 digits, as in the manual's examples.
pub(crate) const FIRST_ID: u64 = 1_309_243_162_258_308_352;

macro_rules! tables {
    ($($(#[$doc:meta])* $table:ident: $row:ty),* $(,)?) => {
        // It holds secrets, so it has no Debug.
        #[derive(Default)]
        pub(crate) struct Store {
            $($(#[$doc])* pub(crate) $table: Table<$row>),*
        }

        impl Store {
            #[cfg(test)]
            pub(crate) const TABLES: &[&str] = &[$(stringify!($table)),*];

            /// Takes back what changed since the last call.
            pub(crate) fn rollback(&mut self) {
                $(self.$table.rollback();)*
            }

            /// Lets the changes since the last call stand.
            pub(crate) fn commit(&mut self) {
                $(self.$table.commit();)*
            }

            /// Returns what changed since the last call.
            pub(crate) fn changes(&self) -> Vec<Change> {
                let mut changes = Vec::new();
                $(for id in self.$table.changed() {
                    // Every record can be written as JSON: their keys are texts.
                    let row = self.$table.get(id).and_then(|row| serde_json::to_value(row).ok());
                    changes.push((stringify!($table), id.to_owned(), row));
                })*
                changes
            }

            /// Puts or removes a record that was written once.
            pub(crate) fn load(&mut self, table: &str, id: &str, row: Option<Json>) -> Result<(), String> {
                match table {
                    $(stringify!($table) => match row {
                        Some(row) => {
                            let row = serde_json::from_value(row).map_err(|error| format!("{table} {id}: {error}"))?;
                            self.$table.insert(id, row);
                        }
                        None => drop(self.$table.remove(id)),
                    },)*
                    _ => return Err(format!("there is no table {table}")),
                }
                Ok(())
            }

            /// Returns all records, as [`load`](Self::load) takes them.
            pub(crate) fn records(&self) -> impl Iterator<Item = (&'static str, &str, Json)> {
                std::iter::empty()$(.chain(self.$table.iter().filter_map(|(id, row)| {
                    serde_json::to_value(row).ok().map(|row| (stringify!($table), id, row))
                })))*
            }
        }
    };
}

tables! {
    /// How many ids and tokens were given out, how many users there may be, how much capacity there is, and how many
    /// days packages are kept.
    counters: u64,
    tokens: tokens::Token,
    sessions: tokens::Session,
    users: users::User,
    accounts: accounts::Account,
    verifications: accounts::Verification,
    registrations: accounts::Registration,
    departments: departments::Department,
    groups: groups::Group,
    group_members: groups::Member,
    spaces: spaces::Space,
    templates: permissions::Template,
    grants: permissions::Grant,
    initial_permissions: permissions::Initial,
    shared_folders: shared_folders::SharedFolder,
    invitations: invitations::Invitation,
    files: files::File,
    uploads: files::upload::Upload,
    multiparts: storage::content::Multipart,
    parts: storage::content::Part,
    contents: storage::content::Content,
    file_operations: files::log::Entry,
    favorites: favorites::Favorite,
    /// How many favourites users lost because the files were deleted, until they are told.
    lost_favorites: u64,
    revisions: revisions::Revision,
    revision_uploads: revisions::Upload,
    jobs: jobs::Job,
    job_files: jobs::JobFile,
    tasks: tasks::Task,
    due: due::Due,
    shares: shares::Share,
    share_tasks: share_links::Task,
    messages: messages::Message,
    notifications: messages::Notification,
    albums: albums::Album,
    album_files: albums::Content,
    backup_devices: backup::Device,
    backup_scopes: backup::Scope,
    backup_locks: backup::Lock,
    backup_records: backup::Record,
    backup_files: backup::Registered,
    verdicts: moderation::Verdict,
    orders: benefits::Order,
    reconciliations: reconciliation::Reconciliation,
    audit_log: audit_log::LogEntry,
}

impl Store {
    /// Returns the counters of what may be given out only once: ids and tokens.
    pub(crate) fn given_out(&self) -> Vec<(&'static str, u64)> {
        ["ids", "tokens"].into_iter().filter_map(|name| Some((name, *self.counters.get(name)?))).collect()
    }

    /// Returns an id that was never used before. Ids grow, so the order of a table is the order of creation.
    pub(crate) fn next_id(&mut self) -> String {
        let count = self.counters.get("ids").copied().unwrap_or(0);
        self.counters.insert("ids", count + 1);
        (FIRST_ID + count).to_string()
    }
}
