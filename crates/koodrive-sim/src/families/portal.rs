//! What the service does with the portal: files that a user met lately, and shares that others gave to the user.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::files::SortDirection;
use koodrive_proto::ops::portal::{LinkUsage, RecentStatus, RelatedAction};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::log::{Action, Entry};
use crate::families::files::{self, File, links, tree};
use crate::families::{favorites, spaces, users};
use crate::page;
use crate::reply::Reply;
use crate::store::{Row, Store};
use crate::times;

/// How many recent files are listed.
const RECENT: usize = 100;

/// A share as the user sees who received it, under [`related_id`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Related {
    /// Who received it.
    pub(crate) user_id: String,
    pub(crate) share_id: String,
    /// Who shared.
    pub(crate) operator: String,
    pub(crate) display_name: String,
    pub(crate) file_ids: Vec<String>,
    pub(crate) expires: Option<DateTime<Utc>>,
    pub(crate) at: DateTime<Utc>,
}

impl Row for Related {
    /// Received shares are listed under the user.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(&self.share_id))
    }
}

fn related_id(share_id: &str, user_id: &str) -> String {
    format!("{share_id}/{user_id}")
}

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
        let file = call.store.files.get(&entry.file_id)?;
        let mut row = json!({
            "operateTime": times::millis(entry.at),
            "operType": entry.action as u8,
            "file": accessed(call, &entry.file_id, file),
        });
        if tree::is_recycled(call.store, &entry.file_id) {
            row["status"] = RecentStatus::FileDeleted.number().into();
        } else if spaces::usable(call.store, &file.space_id, call.user_id).is_err() {
            row["status"] = RecentStatus::SpaceUnusable.number().into();
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
    let entries = call.store.related.under(call.user_id).filter_map(|(_, related)| {
        let fits = related.expires.is_none_or(|end| call.now < end)
            && part.as_ref().is_none_or(|part| related.display_name.to_lowercase().contains(part));
        let at = times::millis(related.at);
        fits.then(|| page::Entry { key: at, id: related.share_id.clone(), row: related })
    });
    let entries: Vec<page::Entry<&Related>> = entries.collect();
    let total = entries.len();
    let (page, next) = page::by_cursor(call, entries, !ascending, "pageCursor", "pageSize")?;
    let rows = page.into_iter().map(|related| {
        json!({
            "operator": users::name(call.store, &related.operator),
            "operateType": RelatedAction::Shared.number(),
            "operateTime": times::millis(related.at),
            "id": related.share_id,
            "displayName": related.display_name,
            "expireTime": related.expires.map(times::millis),
            "files": related.file_ids.iter().filter_map(|id| linked(call, id)).collect::<Vec<_>>(),
        })
    });
    Ok(Reply::members(page::cursor_members("relatedToMeInfos", rows.collect(), next)).with("total", total))
}

/// A file with the link to its content.
fn linked(call: &Call<'_>, id: &str) -> Option<Json> {
    let file = call.store.files.get(id).filter(|file| !file.is_folder() && !tree::is_recycled(call.store, id))?;
    let link = links::download(id, &file.name, call.now);
    Some(json!({"downloadLinks": [{"usage": LinkUsage::Content.as_str(), "downloadLink": link}]}))
}

/// Shows a share to a user who received it.
pub(crate) fn relate(store: &mut Store, related: Related) {
    store.related.insert(related_id(&related.share_id, &related.user_id), related);
}

/// Shows a share to nobody any longer.
pub(crate) fn forget_share(store: &mut Store, share_id: &str) {
    let ids: Vec<String> = store.related.keyed(share_id).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        store.related.remove(&id);
    }
}

/// Forgets the shares that were received by a user who is gone.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    store.related.remove_under(user_id);
}
