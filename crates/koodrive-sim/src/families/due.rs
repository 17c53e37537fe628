//! What is to be done at a time, without a call: the steps of jobs and tasks, and the end of packages and uploads.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::families::files::upload;
use crate::families::{accounts, jobs, revisions, share_links, tasks};
use crate::storage::Room;
use crate::store::{Row, Store};
use crate::times;

/// Something that is to be done, under [`key`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Due {
    at: DateTime<Utc>,
    /// The id of a job, of a task, of a task of a share, of an upload, of a file with the upload of a revision, or of a
    /// task that registers users.
    id: String,
}

impl Row for Due {}

/// Keys begin with the time, so what is due first comes first.
fn key(at: DateTime<Utc>, id: &str) -> String {
    format!("{}/{id}", times::order(at))
}

pub(crate) fn schedule(store: &mut Store, at: DateTime<Utc>, id: &str) {
    store.due.insert(key(at, id), Due { at, id: id.to_owned() });
}

pub(crate) fn cancel(store: &mut Store, at: DateTime<Utc>, id: &str) {
    store.due.remove(&key(at, id));
}

/// Does the first of all that is due. Returns whether there was anything; then the changes are to be committed before
/// the next one.
pub(crate) fn settle(store: &mut Store, room: Room<'_>, now: DateTime<Utc>) -> bool {
    let Some((key, due)) = store.due.iter().next().filter(|(_, due)| due.at <= now) else { return false };
    let (key, Due { at, id }) = (key.to_owned(), due.clone());
    let next = if store.jobs.contains(&id) {
        jobs::step(store, room, &id, at)
    } else if store.share_tasks.contains(&id) {
        share_links::step_task(store, room, &id)
    } else if store.uploads.contains(&id) {
        upload::give_up(store, &id);
        None
    } else if store.revision_uploads.contains(&id) {
        revisions::give_up(store, &id);
        None
    } else if store.registrations.contains(&id) {
        accounts::register_due(store, &id);
        None
    } else {
        tasks::step(store, &id, at)
    };
    store.due.remove(&key);
    if let Some(next) = next {
        schedule(store, next, &id);
    }
    true
}
