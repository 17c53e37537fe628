//! What the service does with shared folders: folders in their owner's space that a family works in.
//!
//! A shared folder is a folder in the root of the space, a user group with the members, and a record that joins them.
//! Its members may use the owner's space, but only what is in the folder: see [`check`].

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::spaces::SpaceType;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::File;
use crate::families::files::tree::{self, Clash};
use crate::families::{TENANT, groups, messages, spaces};
use crate::page;
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

/// How many people a family may have, its owner included.
pub(crate) const MOST_MEMBERS: usize = 10;

/// A shared folder, under its own id. Its name is that of the folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SharedFolder {
    pub(crate) space_id: String,
    pub(crate) file_id: String,
    pub(crate) group_id: String,
    pub(crate) owner_id: String,
    pub(crate) created: DateTime<Utc>,
}

impl Row for SharedFolder {
    /// Shared folders are listed under their space.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.space_id)
    }

    /// They are found by their group and by the folder itself.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed(&self.group_id), Cow::Borrowed(&self.file_id)]
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateSharedFolder" => create(call),
        "DeleteSharedFolder" => {
            let (id, now) = (call.required("id"), call.now);
            let folder = find(call.store, &id)?.clone();
            if folder.owner_id != call.user_id {
                return Err(Refusal::new("13000410", "only its owner may delete a shared folder"));
            }
            tree::recycle(call.store, &folder.file_id, now)?;
            groups::remove(call.store, &folder.group_id);
            Ok(Reply::default())
        }
        "ListSharedFolders" => list(call),
        "RenameSharedFolder" => rename(call),
        "GetSharedFolder" => {
            let id = call.required("shareFolderId");
            let folder = joined(call, &id)?;
            Ok(Reply::default().with("sharefolder", info(call.store, &id, folder)))
        }
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// The header that says in which shared folder a call works.
const HEADER: &str = "x-hw-share-folder-id";

/// Refuses a call that names a shared folder which isn't there, or which the caller hasn't joined.
pub(crate) fn check_header(call: &Call<'_>) -> Result<(), Refusal> {
    named(call).map_or(Ok(()), |id| joined(call, &id).map(|_| ()))
}

/// Returns the id of the shared folder in which a call says that it works.
fn named(call: &Call<'_>) -> Option<String> {
    let field = call.meta.params.iter().find(|field| field.name.eq_ignore_ascii_case(HEADER))?;
    call.text(field.name)
}

/// Returns the folder that a call means: in a shared folder, the root is this one.
pub(crate) fn inside(call: &Call<'_>, space_id: &str, folder: String) -> String {
    let shared = named(call).and_then(|id| call.store.shared_folders.get(&id));
    match shared.filter(|_| tree::root(space_id, &folder).is_some()) {
        Some(shared) => shared.file_id.clone(),
        None => folder,
    }
}

/// Whether a folder in a space is shared with a user.
pub(crate) fn are_shared(store: &Store, space_id: &str, user_id: &str) -> bool {
    store.shared_folders.under(space_id).any(|(_, folder)| has_joined(store, folder, user_id))
}

/// Refuses a file to a user who may use only shared folders of the space, and not the one that the file is in. The
/// shared folder itself isn't theirs to move or delete.
pub(crate) fn check(
    store: &Store,
    user_id: &str,
    space_id: &str,
    file_id: &str,
    capability: &str,
) -> Result<(), Refusal> {
    let space = spaces::enterable(store, space_id, user_id)?;
    if spaces::is_user(store, space, user_id) {
        return Ok(());
    }
    let mut above = tree::id_path(store, file_id);
    if ["deletePermission", "removeChildNodePermission"].contains(&capability) {
        above.pop();
    }
    let mut folders = store.shared_folders.under(space_id).filter(|(_, folder)| has_joined(store, folder, user_id));
    if folders.any(|(_, folder)| above.contains(&folder.file_id)) {
        Ok(())
    } else {
        Err(Refusal::new("13000410", "it is in no folder that is shared with the user"))
    }
}

/// Finds the shared folder whose members a group has, with its id.
pub(crate) fn of_group<'a>(store: &'a Store, group_id: &str) -> Result<(&'a str, &'a SharedFolder), Refusal> {
    let folder = store.shared_folders.keyed(group_id).find(|(_, folder)| is_there(store, folder));
    folder.ok_or_else(|| Refusal::new("13000309", "there is no shared folder of this group"))
}

/// Whether a group has the members of a shared folder, be that in the recycle bin.
pub(crate) fn has_group(store: &Store, group_id: &str) -> bool {
    store.shared_folders.keyed(group_id).next().is_some()
}

/// Returns the name of a shared folder.
pub(crate) fn name(store: &Store, folder: &SharedFolder) -> String {
    store.files.get(&folder.file_id).map(|file| file.name.clone()).unwrap_or_default()
}

/// Refuses to put a shared folder, or a folder with one in it, into another shared folder.
pub(crate) fn check_nesting(store: &Store, file_id: &str, folder: &str) -> Result<(), Refusal> {
    let is_shared = |id: &String| store.shared_folders.keyed(id).next().is_some();
    if tree::id_path(store, folder).iter().any(is_shared) && tree::walk(store, file_id).iter().any(is_shared) {
        return Err(Refusal::new("13000307", "a shared folder can't be in another one"));
    }
    Ok(())
}

/// Gives the group of a shared folder the name that the folder has now.
pub(crate) fn follow_name(store: &mut Store, file_id: &str, now: DateTime<Utc>) {
    let Some((_, folder)) = store.shared_folders.keyed(file_id).next() else { return };
    let (group_id, name) = (folder.group_id.clone(), name(store, folder));
    if store.groups.get(&group_id).is_some_and(|group| group.name != name) {
        store.groups.update(&group_id, |group| (group.name, group.updated) = (name, now));
    }
}

/// Ends the sharing of all folders in a space that is deleted.
pub(crate) fn forget_space(store: &mut Store, space_id: &str) {
    let folders = store.shared_folders.under(space_id);
    for group_id in folders.map(|(_, folder)| folder.group_id.clone()).collect::<Vec<_>>() {
        groups::remove(store, &group_id);
    }
}

/// Ends the sharing of a folder that is deleted for good, or that goes to another space.
pub(crate) fn forget_file(store: &mut Store, file_id: &str) {
    let folder = store.shared_folders.keyed(file_id).next();
    if let Some(group_id) = folder.map(|(_, folder)| folder.group_id.clone()) {
        groups::remove(store, &group_id);
    }
}

/// Ends the sharing of the folder that a group is for, which is removed after that, and notifies the other members.
pub(crate) fn end(store: &mut Store, group_id: &str) {
    for id in store.shared_folders.ids_keyed(group_id) {
        let Some(folder) = store.shared_folders.remove(&id) else { continue };
        let name = name(store, &folder);
        let members: Vec<String> = groups::members(store, group_id).map(str::to_owned).collect();
        for user_id in members.iter().filter(|user_id| **user_id != folder.owner_id) {
            messages::notify_deletion(store, user_id, &id, &name);
        }
    }
    store.invitations.remove_under(group_id);
}

/// Whether the folder itself is still in its space, and not in the recycle bin.
fn is_there(store: &Store, folder: &SharedFolder) -> bool {
    tree::live(store, &folder.space_id, &folder.file_id).is_ok()
}

fn has_joined(store: &Store, folder: &SharedFolder, user_id: &str) -> bool {
    groups::has_member(store, &folder.group_id, user_id) && is_there(store, folder)
}

fn find<'a>(store: &'a Store, id: &str) -> Result<&'a SharedFolder, Refusal> {
    let folder = store.shared_folders.get(id).filter(|folder| is_there(store, folder));
    folder.ok_or_else(|| Refusal::new("13000309", "there is no such shared folder"))
}

/// Finds a shared folder that the caller owns or has joined.
pub(crate) fn joined<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a SharedFolder, Refusal> {
    let folder = find(call.store, id)?;
    if has_joined(call.store, folder, call.user_id) {
        Ok(folder)
    } else {
        Err(Refusal::new("13000410", "the folder is not shared with the caller"))
    }
}

fn create(call: &mut Call<'_>) -> Answer {
    let (space_id, name) = (call.required("containerId"), call.required("name"));
    let (owner_id, now) = (call.user_id.to_owned(), call.now);
    let store = &mut *call.store;
    let space = spaces::usable(store, &space_id, &owner_id)?;
    if space.kind != SpaceType::Individual.number() || space.owner_id != owner_id {
        return Err(Refusal::new("13000410", "a folder is shared by the owner of an individual space"));
    }
    let file_id = tree::add(store, File::folder(&space_id, "root", &name, &owner_id, now))?;
    let group_id = groups::create(store, &name, 1, &owner_id, now);
    let data = json!({
        "tenantId": TENANT,
        "creator": owner_id,
        "createTime": times::millis(now),
        "groupId": group_id.parse::<u64>().ok(),
        "shareFolderId": file_id,
    });
    let id = store.next_id();
    store.shared_folders.insert(&*id, SharedFolder { space_id, file_id, group_id, owner_id, created: now });
    let mut reply = json!({"id": id, "data": data});
    reply["data"]["id"] = id.into();
    Ok(Reply::members(reply))
}

fn rename(call: &mut Call<'_>) -> Answer {
    let (id, name, now) = (call.required("id"), call.required("fileName"), call.now);
    let file_id = joined(call, &id)?.file_id.clone();
    tree::rename(call.store, &file_id, &name, Clash::Refuse, call.user_id, now)?;
    Ok(Reply::default().with("id", id))
}

/// Lists the shared folders that the caller owns or has joined. Deleted ones can't be listed.
fn list(call: &Call<'_>) -> Answer {
    let store = &*call.store;
    let (word, kind) = (call.text("keyWord").unwrap_or_default(), call.number("queryType").unwrap_or(0));
    let fits = |(_, folder): &(&str, &SharedFolder)| {
        let owned = folder.owner_id == call.user_id;
        has_joined(store, folder, call.user_id)
            && (kind == 0 || owned == (kind == 1))
            && name(store, folder).contains(&word)
    };
    let rows: Vec<Json> = match call.number("status") {
        Some(1) => Vec::new(),
        _ => store.shared_folders.iter().filter(fits).map(|(id, folder)| info(store, id, folder)).collect(),
    };
    Ok(Reply::default().with("folders", page::by_offset(call, rows, "offset", "limit")?))
}

fn info(store: &Store, id: &str, folder: &SharedFolder) -> Json {
    json!({
        "tenantId": TENANT,
        "creator": folder.owner_id,
        "createTime": times::millis(folder.created),
        "ownerId": folder.owner_id.parse::<u64>().ok(),
        "status": 0,
        "id": id,
        "containerId": folder.space_id,
        "shareFolderFileId": folder.file_id,
        "name": name(store, folder),
        "groupId": folder.group_id,
        "maxMember": MOST_MEMBERS,
    })
}
