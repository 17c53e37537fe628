//! What the service does with files and folders.

pub(crate) mod log;
pub(crate) mod tree;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::users;
use crate::reply::Reply;
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
    pub(crate) hidden: bool,
    pub(crate) creator: String,
    pub(crate) editor: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) edited: DateTime<Utc>,
    /// When it was put into the recycle bin. What is in a folder goes along with it, and has none.
    pub(crate) recycled: Option<DateTime<Utc>>,
    /// The upload that isn't complete yet. Until then, nobody sees the file.
    pub(crate) upload_id: Option<String>,
}

impl Row for File {
    /// Files are listed under their folder, under the recycle bin, or under the uploads of their space.
    fn owner(&self) -> Cow<'_, str> {
        let place = match self {
            Self { upload_id: Some(_), .. } => "uploads",
            Self { recycled: Some(_), .. } => "bin",
            _ => &self.parent,
        };
        Cow::Owned(tree::place(&self.space_id, place))
    }
}

impl File {
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
    Ok(Reply::documented(call.meta))
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
