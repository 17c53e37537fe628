//! What the service does with favourites: files that a user has marked with a star.

use std::borrow::Cow;

use koodrive_proto::SpaceId;
use koodrive_proto::ops::favorites::{StarFiles, StarStatus};
use koodrive_proto::ops::files::SortDirection;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::tree;
use crate::families::permissions;
use crate::page::{self, Entry, Sort};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};

/// A favourite of a user, under [`favorite_id`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Favorite {
    pub(crate) user_id: String,
    pub(crate) file_id: String,
    /// Grows from one favourite to the next.
    pub(crate) order: String,
}

impl Row for Favorite {
    /// Favourites are listed under the user.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }

    /// Favourites are found by the file.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed(&self.file_id)]
    }
}

fn favorite_id(user_id: &str, file_id: &str) -> String {
    format!("{user_id}/{file_id}")
}

/// Whether a file is a user's favourite.
pub(crate) fn is_marked(store: &Store, user_id: &str, file_id: &str) -> bool {
    store.favorites.contains(&favorite_id(user_id, file_id))
}

/// Removes the favourites of a file that is gone, and counts that for their users.
pub(crate) fn lose(store: &mut Store, file_id: &str) {
    let lost: Vec<(String, String)> =
        store.favorites.keyed(file_id).map(|(id, favorite)| (id.to_owned(), favorite.user_id.clone())).collect();
    for (id, user_id) in lost {
        store.favorites.remove(&id);
        let count = store.lost_favorites.get(&user_id).copied().unwrap_or(0);
        store.lost_favorites.insert(user_id, count + 1);
    }
}

/// Forgets the favourites of a user who is gone.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    store.favorites.remove_under(user_id);
    store.lost_favorites.remove(user_id);
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "StarFiles" => star(call),
        "ListStarredFiles" => list(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn star(call: &mut Call<'_>) -> Answer {
    let order: StarFiles = call.typed()?;
    let mut failed = 0;
    let mut rows: Vec<Json> = Vec::new();
    for file in &order.files {
        let (file_id, space_id) = (file.file_id.as_str(), file.container_id.as_ref().map(SpaceId::as_str));
        let id = favorite_id(call.user_id, file_id);
        if !order.starred {
            call.store.favorites.remove(&id);
        } else if let Err(refusal) = check(call, file_id, space_id) {
            failed += 1;
            rows.push(json!({"fileId": file_id, "code": refusal.code, "message": refusal.message()}));
            continue;
        } else if !call.store.favorites.contains(&id) {
            let (user_id, file_id, order) = (call.user_id.to_owned(), file_id.to_owned(), call.store.next_id());
            call.store.favorites.insert(id, Favorite { user_id, file_id, order });
        }
        rows.push(json!({"fileId": file_id, "code": "0", "message": "success"}));
    }
    let status = match failed {
        0 => StarStatus::Succeeded,
        _ if failed == order.files.len() => StarStatus::Failed,
        _ => StarStatus::PartlySucceeded,
    };
    Ok(Reply::default().with("status", status.number()).with("subResponseList", rows))
}

/// Whether a user may mark a file.
fn check(call: &Call<'_>, file_id: &str, space_id: Option<&str>) -> Result<(), Refusal> {
    let own = &tree::find(call.store, file_id)?.space_id;
    tree::live(call.store, space_id.unwrap_or(own), file_id)?;
    permissions::check_file(call.store, call.user_id, own, file_id, "listChildNodePermission")
}

/// Lists favourites that the user still may see, by when they were marked, and says once how many were lost.
fn list(call: &mut Call<'_>) -> Answer {
    let (user_id, kind) = (call.user_id, call.text("fileType"));
    let ascending = call.number("sortDirection") == u64::try_from(SortDirection::Ascending.number()).ok();
    let entries = call.store.favorites.under(user_id).filter_map(|(_, favorite)| {
        let file = call.store.files.get(&favorite.file_id)?;
        let fits = kind.as_ref().is_none_or(|kind| *kind == file.kind)
            && permissions::may_list(call.store, user_id, &file.space_id, &favorite.file_id);
        fits.then(|| Entry {
            key: favorite.order.clone(),
            id: favorite.file_id.clone(),
            row: (&favorite.file_id, file),
        })
    });
    let (page, next) = page::by_cursor(call, entries.collect(), Sort::new("", !ascending), "pageCursor", "pageSize")?;
    let rows = page.into_iter().map(|(id, file)| {
        json!({
            "category": "drive#file",
            "id": id,
            "fileName": file.name,
            "fileType": file.kind,
            "mimeType": file.mime_type,
            "favorite": true,
            "recycled": tree::is_recycled(call.store, id),
        })
    });
    let reply = Reply::members(page::cursor_members("starFiles", rows.collect(), next));
    let lost = call.store.lost_favorites.remove(user_id).unwrap_or(0);
    Ok(reply.with("autoDeleted", lost))
}
