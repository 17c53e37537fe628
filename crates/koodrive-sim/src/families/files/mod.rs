//! What the service does with files and folders.

pub(crate) mod change;
pub(crate) mod kinds;
mod list;
pub(crate) mod log;
mod read;
mod search;
mod stats;
pub(crate) mod tree;
pub(crate) mod upload;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::spaces::SpaceType;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::spaces::Space;
use crate::families::{albums, backup, favorites, permissions, revisions, shared_folders, shares, spaces, users};
use crate::reply::{Refusal, Reply};
use crate::storage::content;
use crate::store::{Row, Store};
use crate::times;

/// The fileType of a folder.
pub(crate) const FOLDER: &str = "10";

/// A file or folder, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) space_id: String,
    /// The id of the folder, `root`, or `sbox`.
    pub(crate) parent: String,
    pub(crate) name: String,
    /// A fileType: 10 is a folder.
    pub(crate) kind: String,
    pub(crate) mime_type: String,
    pub(crate) description: String,
    pub(crate) size: u64,
    pub(crate) sha256: Option<String>,
    /// The id of its content; without one, it has bytes that the simulator makes up.
    pub(crate) content: Option<String>,
    pub(crate) hidden: bool,
    pub(crate) creator: String,
    pub(crate) editor: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) edited: DateTime<Utc>,
    /// When it was put into the recycle bin. What is in a folder goes along with it, and has none.
    pub(crate) recycled: Option<DateTime<Utc>>,
}

impl Row for File {
    /// Files are listed under their folder, or under the recycle bin of their space.
    fn owner(&self) -> Cow<'_, str> {
        let folder = if self.recycled.is_some() { tree::BIN } else { &self.parent };
        Cow::Owned(tree::place(&self.space_id, folder))
    }

    /// What isn't in the recycle bin is found by its name, and any file by its content.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        let name = || tree::name_key(&self.space_id, &self.parent, &self.name);
        let name = self.recycled.is_none().then(name);
        name.into_iter().chain(self.content.as_deref().map(content::holder_key)).map(Cow::Owned).collect()
    }
}

impl File {
    /// An empty file, of the kind that its name says.
    pub(crate) fn new(space_id: &str, parent: &str, name: &str, user_id: &str, now: DateTime<Utc>) -> Self {
        let (kind, mime_type) = kinds::of(name);
        Self {
            space_id: space_id.to_owned(),
            parent: parent.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            mime_type: mime_type.to_owned(),
            description: String::new(),
            size: 0,
            sha256: None,
            content: None,
            hidden: false,
            creator: user_id.to_owned(),
            editor: user_id.to_owned(),
            created: now,
            edited: now,
            recycled: None,
        }
    }

    pub(crate) fn folder(space_id: &str, parent: &str, name: &str, user_id: &str, now: DateTime<Utc>) -> Self {
        let (kind, mime_type) = (FOLDER.to_owned(), kinds::FOLDER_MIME.to_owned());
        Self { kind, mime_type, ..Self::new(space_id, parent, name, user_id, now) }
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.kind == FOLDER
    }

    /// What follows the last dot of a file's name.
    pub(crate) fn suffix(&self) -> &str {
        match self.name.rsplit_once('.') {
            Some((_, suffix)) if !self.is_folder() => suffix,
            _ => "",
        }
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "ListPersonalFiles" => list::personal(call),
        "ListGroupFiles" => list::group(call),
        "SearchFiles" => search::run(call),
        "GetFile" => read::file(call),
        "GetFullPath" => read::path(call),
        "GetFileOperations" => read::operations(call),
        "GetDownloadUrls" => read::downloads(call),
        "GetFolderStats" => stats::run(call),
        "CreateDirectory" => change::create_folder(call),
        "RenameFile" => change::rename(call),
        "ClearRecycleBin" => change::clear_bin(call),
        "CreateFile" => upload::begin(call),
        "GetUploadUrls" => upload::links(call),
        "CompleteFile" => upload::complete(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Lets the caller into a space, if only into a folder in it that is shared with them.
pub(crate) fn enter(call: &Call<'_>, space_id: &str) -> Result<(), Refusal> {
    spaces::enterable(call.store, space_id, call.user_id).map(|_| ())
}

/// Returns the name of the department or group that a space belongs to, unless it is a user's.
pub(crate) fn team_name(store: &Store, space: &Space) -> Option<String> {
    match SpaceType::from(space.kind) {
        SpaceType::Individual => None,
        SpaceType::Department => store.departments.get(&space.owner_id).map(|department| department.name.clone()),
        _ => store.groups.get(&space.owner_id).map(|group| group.name.clone()),
    }
}

/// Deletes everything in a space that is deleted itself.
pub(crate) fn forget_space(store: &mut Store, space_id: &str) {
    upload::forget_space(store, space_id);
    tree::clear(store, space_id);
}

/// Removes one file or folder for good, with what is known about it. [`tree::delete`] does so with all that is in it.
fn remove(store: &mut Store, id: &str) {
    shared_folders::forget_file(store, id);
    shares::forget_file(store, id);
    albums::forget_file(store, id);
    backup::forget_file(store, id);
    upload::forget_folder(store, id);
    log::forget(store, id);
    favorites::lose(store, id);
    revisions::forget(store, id);
    permissions::forget(store, id);
    store.files.remove(id);
}

/// What listings and GetFile say of a file, to a user.
pub(crate) fn info(store: &Store, id: &str, file: &File, viewer: &str) -> Json {
    let mut info = json!({
        "id": id,
        "fileName": file.name,
        "mimeType": file.mime_type,
        "fileSuffix": file.suffix(),
        "recycled": tree::is_recycled(store, id),
        "parentFolder": [tree::folder_id(&file.space_id, &file.parent)],
        "containers": [file.space_id],
        "properties": {"createUser": file.creator, "lastEditUser": file.editor},
        "owners": [user(store, &file.creator, viewer)],
        "lastEditor": user(store, &file.editor, viewer),
        "fileType": file.kind,
        "createdTime": times::millis(file.created),
        "editedTime": times::millis(file.edited),
    });
    if !file.is_folder() {
        info["size"] = file.size.into();
    }
    info
}

/// A user as files show them.
pub(crate) fn user(store: &Store, id: &str, viewer: &str) -> Json {
    json!({
        "category": "drive#user",
        "me": id == viewer,
        "permissionId": "1243622029865966464",
        "userId": id,
        "displayName": users::name(store, id),
    })
}
