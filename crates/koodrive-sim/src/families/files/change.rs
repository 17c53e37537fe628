//! Creating folders, renaming, and clearing the recycle bin.

use koodrive_proto::ops::files::OnConflict;
use serde_json::json;

use crate::call::{Answer, Call};
use crate::families::files::log::{self, Action};
use crate::families::files::tree::{self, Clash};
use crate::families::files::{self, File, upload};
use crate::families::{permissions, shared_folders};
use crate::reply::{Refusal, Reply};

/// `CreateDirectory`
pub(crate) fn create_folder(call: &mut Call<'_>) -> Answer {
    let (name, space_id, user_id) = (call.required("fileName"), call.required("containerId"), call.user_id);
    files::enter(call, &space_id)?;
    let parent = first_parent(call, &space_id);
    let parent = tree::folder(call.store, &space_id, &parent)?;
    permissions::check_file(call.store, user_id, &space_id, &parent, "addChildNodePermission")?;
    let name = tree::free_name(call.store, &space_id, &parent, &name, clash(call), None, call.now)?;
    let mut folder = File::folder(&space_id, &parent, &name, user_id, call.now);
    folder.created = upload::time(call, "createdTime")?.unwrap_or(call.now);
    folder.edited = upload::time(call, "editedTime")?.unwrap_or(call.now);
    folder.description = call.text("description").unwrap_or_default();
    folder.hidden = call.flag("hidden").unwrap_or(false);
    folder.mime_type = call.text("mimeType").unwrap_or(folder.mime_type);
    let mime_type = folder.mime_type.clone();
    let id = tree::add(call.store, folder)?;
    log::note(call.store, &id, user_id, Action::Create, call.now);
    Ok(Reply::members(json!({"id": id, "fileName": name, "mimeType": mime_type})))
}

/// `RenameFile`. The answer doesn't have the name.
pub(crate) fn rename(call: &mut Call<'_>) -> Answer {
    let (id, space_id, name) = (call.required("fileId"), call.required("containerId"), call.required("name"));
    files::enter(call, &space_id)?;
    tree::live(call.store, &space_id, &id)?;
    permissions::check_file(call.store, call.user_id, &space_id, &id, "renameFilePermission")?;
    let clash = clash(call);
    tree::rename(call.store, &id, &name, clash, call.user_id, call.now)?;
    log::note(call.store, &id, call.user_id, Action::Rename, call.now);
    Ok(Reply::default())
}

/// `ClearRecycleBin`
pub(crate) fn clear_bin(call: &mut Call<'_>) -> Answer {
    let space_id = call.required("container");
    if call.text("containerId").is_some_and(|other| other != space_id) {
        return Err(Refusal::new("13000102", "container and containerId are different spaces"));
    }
    for id in clearable(call, &space_id)? {
        tree::delete(call.store, &id)?;
    }
    Ok(Reply::default())
}

/// Returns what is in a recycle bin that the caller may clear, except what they may not delete.
pub(crate) fn clearable(call: &Call<'_>, space_id: &str) -> Result<Vec<String>, Refusal> {
    let (store, user_id, needed) = (&*call.store, call.user_id, "deletePermission");
    permissions::check(store, user_id, space_id, needed)?;
    let ids = tree::children(store, space_id, tree::BIN).map(|(id, _)| id);
    let ids = ids.filter(|id| permissions::check_all(store, user_id, space_id, id, needed).is_ok());
    Ok(ids.map(str::to_owned).collect())
}

/// Returns the folder to create something in.
pub(crate) fn first_parent(call: &Call<'_>, space_id: &str) -> String {
    let first = call.texts("parentFolder").and_then(|ids| ids.into_iter().next());
    let first = first.filter(|id| !id.is_empty()).unwrap_or_else(|| "root".to_owned());
    shared_folders::inside(call, space_id, first)
}

fn clash(call: &Call<'_>) -> Clash {
    let is_rename = call.number("renameMode") == u64::try_from(OnConflict::Rename.number()).ok();
    if is_rename { Clash::Rename } else { Clash::Refuse }
}
