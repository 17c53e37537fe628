//! What the service does with the portal: files that a user met lately, and shares that others gave to the user.

use std::collections::BTreeSet;

use koodrive_proto::ops::files::SortDirection;
use koodrive_proto::ops::portal::{LinkUsage, RecentStatus, RelatedAction};
use koodrive_proto::ops::shares::ShareStatus;
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::log::{Action, Entry};
use crate::families::files::{self, File, tree};
use crate::families::shares::{self, Share};
use crate::families::{favorites, permissions, users};
use crate::page;
use crate::reply::Reply;
use crate::times;

/// How many recent files are listed.
const RECENT: usize = 100;

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "ListRecentFiles" => Ok(recent(call)),
        "ListRelatedFiles" => related(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// `ListRecentFiles`: the files that the user viewed or edited last, each once.
fn recent(call: &Call<'_>) -> Reply {
    let mut seen = BTreeSet::new();
    let latest = call.store.file_operations.keyed(call.user_id).rev().map(|(_, entry)| entry);
    let latest = latest.filter(|entry| seen.insert(&entry.file_id)).take(RECENT);
    let rows = latest.filter_map(|entry| {
        let store = &*call.store;
        let file = store.files.get(&entry.file_id)?;
        let mut row = json!({"operateTime": times::millis(entry.at), "operType": entry.action as u8});
        if !permissions::may_list(store, call.user_id, &file.space_id, &entry.file_id) {
            // What became of the file is no longer the user's business.
            row["status"] = RecentStatus::SpaceUnusable.number().into();
            row["file"] = json!({"id": entry.file_id});
            return Some(row);
        }
        row["file"] = accessed(call, &entry.file_id, file);
        if tree::is_recycled(store, &entry.file_id) {
            row["status"] = RecentStatus::FileDeleted.number().into();
        }
        Some(row)
    });
    Reply::default().with("list", rows.collect::<Vec<_>>())
}

/// A file with what somebody else did to it last.
fn accessed(call: &Call<'_>, id: &str, file: &File) -> Json {
    let mut row = json!({
        "id": id,
        "containerId": file.space_id,
        "name": file.name,
        "fileType": file.kind,
        "owner": users::name(call.store, &file.creator),
        "favorite": favorites::is_marked(call.store, call.user_id, id),
    });
    if let Some(space) = call.store.spaces.get(&file.space_id) {
        row["containerName"] = files::team_name(call.store, space).unwrap_or_default().into();
        row["containerType"] = space.kind.into();
    }
    let is_joint = |entry: &&Entry| {
        entry.user_id != call.user_id && matches!(entry.action, Action::Edit | Action::Share | Action::Copy)
    };
    if let Some(entry) = call.store.file_operations.under(id).rev().map(|(_, entry)| entry).find(is_joint) {
        row["collaboratorId"] = entry.user_id.clone().into();
        row["collaborator"] = users::name(call.store, &entry.user_id).into();
        row["collaborateTime"] = times::millis(entry.at).into();
        row["collaborateType"] = (entry.action as u8).to_string().into();
    }
    row
}

/// `ListRelatedFiles`: the shares that the user received and that haven't expired, which are the only kind.
fn related(call: &Call<'_>) -> Answer {
    let part = call.text("displayName").map(|part| part.to_lowercase());
    let ascending = call.number("sortDirection") == u64::try_from(SortDirection::Ascending.number()).ok();
    let entries = shares::received(call.store, call.user_id).into_iter().filter_map(|(id, share)| {
        let fits = shares::status(call.store, share) == ShareStatus::UntilExpiry
            && call.now < share.expires
            && part.as_ref().is_none_or(|part| share.name.to_lowercase().contains(part));
        fits.then(|| page::Entry { key: times::order(share.created), id: id.to_owned(), row: (id, share) })
    });
    let entries: Vec<page::Entry<(&str, &Share)>> = entries.collect();
    let total = entries.len();
    let (page, next) = page::by_cursor(call, entries, page::Sort::new("", !ascending), "pageCursor", "pageSize")?;
    let rows = page.into_iter().map(|(id, share)| {
        json!({
            "operator": users::name(call.store, &share.sharer),
            "operateType": RelatedAction::Shared.number(),
            "operateTime": times::millis(share.created),
            "id": id,
            "displayName": share.name,
            "expireTime": times::millis(share.expires),
            "files": links_of(call, share),
        })
    });
    Ok(Reply::members(page::cursor_members("relatedToMeInfos", rows.collect(), next)).with("total", total))
}

/// The files of a share with the links to their contents. Those of a share with an extract code have none, since
/// nothing proves here that the user has the code.
fn links_of(call: &Call<'_>, share: &Share) -> Vec<Json> {
    let files =
        shares::live(call.store, share).filter(|(_, file)| share.extract_code.0.is_empty() && !file.is_folder());
    let link = |(id, file): (&str, &File)| {
        let link = call.links.file(id, file);
        json!({"downloadLinks": [{"usage": LinkUsage::Content.as_str(), "downloadLink": link}]})
    };
    files.map(link).collect()
}
