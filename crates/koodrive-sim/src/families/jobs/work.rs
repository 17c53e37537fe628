//! What jobs do to their files.

use chrono::{DateTime, Utc};
use koodrive_proto::ops::jobs::{JobAction, JobType};

use super::Job;
use crate::families::files::log::{self, Action};
use crate::families::files::tree;
use crate::families::{archives, permissions};
use crate::reply::Refusal;
use crate::storage::Room;
use crate::store::Store;

/// Deals with one file of a job. Returns the id of what was created.
pub(super) fn on_file(
    store: &mut Store,
    room: Room<'_>,
    job: &Job,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, Refusal> {
    let (source, target, user_id) = (&job.source, &job.target, &job.user_id);
    let file = tree::within(store, source, id)?;
    permissions::check_all(store, user_id, source, id, needed(JobType::from(job.kind)))?;
    match JobType::from(job.kind) {
        JobType::Restore => tree::restore(store, id, now)?,
        JobType::ClearRecycleBin if file.recycled.is_none() => return Err(Refusal::new("13000303", "")),
        JobType::ClearRecycleBin => tree::delete(store, id)?,
        // What is in the recycle bin can still be deleted for good.
        JobType::Delete if job.action == Some(JobAction::Delete.number()) => tree::delete(store, id)?,
        JobType::Delete => tree::recycle(store, id, now)?,
        kind => {
            tree::live(store, source, id)?;
            let folder = tree::folder(store, target, &job.folder)?;
            if [JobType::Copy, JobType::Move, JobType::Decompress].contains(&kind) {
                permissions::check_file(store, user_id, target, &folder, "addChildNodePermission")?;
            }
            match kind {
                JobType::Copy => {
                    log::note(store, id, user_id, Action::Copy, now);
                    return tree::copy(store, id, target, &folder, user_id, now).map(Some);
                }
                JobType::Move => tree::move_to(store, id, target, &folder, now)?,
                JobType::Decompress if job.action == Some(JobAction::LookIntoArchive.number()) => {
                    archives::open(store, room, source, id)?;
                }
                JobType::Decompress => {
                    return archives::extract(store, room, (source, id), (target, &folder), &job.paths, user_id, now)
                        .map(Some);
                }
                // What is packed is packed together, at the end.
                _ => {}
            }
        }
    }
    Ok(None)
}

/// The permission that a kind of job needs on its files.
pub(super) fn needed(kind: JobType) -> &'static str {
    match kind {
        JobType::Copy => "copyPermission",
        JobType::Move => "removeChildNodePermission",
        JobType::Delete | JobType::Restore | JobType::ClearRecycleBin => "deletePermission",
        JobType::PackageDownload => "downloadPermission",
        _ => "viewPermission",
    }
}
