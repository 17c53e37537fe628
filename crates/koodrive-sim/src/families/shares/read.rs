//! Listings and details of shares, for who shares and for those who receive.

use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::{self, File, tree};
use crate::families::shares::{Share, status};
use crate::families::{permissions, users};
use crate::page::{self, Entry, Sort};
use crate::reply::Reply;
use crate::store::Store;
use crate::times;

/// Lists shares page by page, by the time when they were shared.
pub(super) fn list<'a>(
    call: &Call<'_>,
    shares: impl Iterator<Item = (&'a str, &'a Share)>,
    row: fn(&Store, &str, &Share) -> Json,
) -> Answer {
    let part = call.required("displayName");
    let entries = shares.filter(|(_, share)| share.name.contains(&part)).map(|(id, share)| Entry {
        key: times::order(share.created),
        id: id.to_owned(),
        row: (id, share),
    });
    let sort = Sort::new("", call.number("sortDirection") != Some(1));
    let (shares, next) = page::by_cursor(call, entries.collect(), sort, "pageCursor", "pageSize")?;
    let rows = shares.into_iter().map(|(id, share)| row(call.store, id, share));
    Ok(Reply::members(page::cursor_members("shareLinks", rows.collect(), next)))
}

/// The answer about one share.
pub(super) fn link(share: Json) -> Reply {
    Reply::default().with("shareLink", share)
}

/// What all listings and details have.
pub(super) fn common(store: &Store, id: &str, share: &Share) -> Json {
    json!({
        "shareId": id,
        "shortUrl": share.short_url,
        "linkUrl": link_url(share),
        "shareTime": times::millis(share.created),
        "displayName": share.name,
        "permission": share.permission,
        "expireTime": times::millis(share.expires),
        "status": status(store, share).number(),
        "comment": share.comment,
    })
}

/// `ShareByMeLink`.
pub(super) fn mine(store: &Store, id: &str, share: &Share) -> Json {
    let mut row = common(store, id, share);
    row["scope"] = share.scope.into();
    row["files"] = file_infos(store, share);
    row["extractCode"] = code(share);
    row["viewCnt"] = share.views.into();
    row["downloadCnt"] = share.downloads.into();
    row["saveCnt"] = share.saves.into();
    row["containerId"] = share.space_id.as_str().into();
    row["containerName"] = space_name(store, &share.space_id).into();
    row
}

/// `ShareByMeLinkDetail`.
pub(super) fn detail(store: &Store, id: &str, share: &Share) -> Json {
    let named = |ids: &[String], name: &dyn Fn(&str) -> String| {
        ids.iter().map(|id| json!({"id": id, "name": name(id)})).collect::<Json>()
    };
    let mut row = common(store, id, share);
    row["scope"] = share.scope.into();
    row["depts"] = named(&share.receivers.dept_ids, &|id| department_name(store, id));
    row["groups"] = named(&share.receivers.group_ids, &|id| group_name(store, id));
    row["users"] = named(&share.receivers.user_ids, &|id| users::name(store, id));
    row["extractCode"] = code(share);
    row
}

/// `ShareWithMeLink`, in which the scope and one of the counts are texts.
pub(super) fn received(store: &Store, id: &str, share: &Share) -> Json {
    let mut row = from(store, share, common(store, id, share));
    let mobile = store.users.get(&share.sharer).map(|user| masked(&user.mobile)).filter(|mobile| !mobile.is_empty());
    row["ownerMobile"] = mobile.into();
    row["files"] = file_infos(store, share);
    row["containerId"] = share.space_id.as_str().into();
    row["downloadCnt"] = share.downloads.into();
    row["saveCnt"] = share.saves.into();
    row["scope"] = share.scope.to_string().into();
    row["updateTime"] = times::millis(share.updated).into();
    row["viewCnt"] = share.views.to_string().into();
    row
}

/// Adds who shares.
pub(super) fn from(store: &Store, share: &Share, mut row: Json) -> Json {
    row["ownerId"] = share.sharer.as_str().into();
    row["ownerName"] = users::name(store, &share.sharer).into();
    row
}

/// `ShareFileInfo` of each file that the sharer may still see, those in the recycle bin included.
fn file_infos(store: &Store, share: &Share) -> Json {
    let files = share.file_ids.iter().filter_map(|id| Some((id, tree::within(store, &share.space_id, id).ok()?)));
    let info = |(id, file): (&String, &File)| {
        json!({
            "id": id,
            "fileName": file.name,
            "fileType": file.kind,
            "mimeType": file.mime_type,
            "size": (!file.is_folder()).then_some(file.size),
            "parentFolder": [tree::folder_id(&file.space_id, &file.parent)],
            "fileSuffix": file.suffix(),
            "containers": [file.space_id],
            "recycled": tree::is_recycled(store, id),
        })
    };
    let may_list = |id: &str| permissions::may_list(store, &share.sharer, &share.space_id, id);
    files.filter(|(id, _)| may_list(id)).map(info).collect()
}

pub(super) fn link_url(share: &Share) -> String {
    format!("https://koodrive.example/share/{}", share.short_url.0)
}

/// The extract code; `null` without one.
pub(super) fn code(share: &Share) -> Json {
    Some(share.extract_code.0.as_str()).filter(|code| !code.is_empty()).into()
}

/// Spaces have no names, so this is the owner's.
fn space_name(store: &Store, space_id: &str) -> Option<String> {
    let space = store.spaces.get(space_id)?;
    files::team_name(store, space).or_else(|| Some(users::name(store, &space.owner_id)))
}

fn department_name(store: &Store, id: &str) -> String {
    store.departments.get(id).map_or_else(|| id.to_owned(), |department| department.name.clone())
}

fn group_name(store: &Store, id: &str) -> String {
    store.groups.get(id).map_or_else(|| id.to_owned(), |group| group.name.clone())
}

/// Hides all but the first three and the last four digits of a mobile number.
fn masked(mobile: &str) -> String {
    let count = mobile.chars().count();
    let hide = |(place, char)| if (3..count.saturating_sub(4)).contains(&place) { '*' } else { char };
    mobile.chars().enumerate().map(hide).collect()
}
