use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ops::files::{FileSort, FileType};
use crate::wire::Unseen;
use crate::{choices, object, operation};

operation! {
    /// Lists a folder of the user's own space, or the recycle bin, page by page.
    ///
    /// Goes on with [`next_cursor`](FileList::next_cursor) as [`PageInfo::page_cursor`]; a short page is not the end.
    ///
    /// A POST that only reads. The page's example sends a `fileName` that its table doesn't list, and texts for numbers.
    /// The carrier manual's fields behind `image_process` could not be read.
    ///
    /// Source: getPersonalFiles, carrier (2026-02-12) and enterprise (undated). The answer could not be read on this page; it
    /// is taken from the example of the sibling call getDepartmentFiles.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::{FileArea, FileSort, ListPersonalFiles, PageInfo, SortType};
    /// ListPersonalFiles::new(FileArea::Space, "IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b", "root")
    ///     .page_info(PageInfo::new().page_size(10))
    ///     .sort_info(FileSort::new().sort_type(SortType::Modified));
    /// ```
    POST "/koodrive/ose/v1/files/{type}" ListPersonalFiles = "getPersonalFiles" -> FileList;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    path {
        /// The space or its recycle bin.
        area: FileArea = "type",
    }
    body {
        /// The space.
        container_id: String [1..=64] = "containerId",
        /// The folder, or `root`; by the enterprise manual also `sbox`, the root of the safe.
        parent_file_id: String [1..=64] = "parentFileId";
        /// Which page.
        page_info: PageInfo = "pageInfo",
        /// In which order.
        sort_info: FileSort = "sortInfo",
        /// Only files of this kind.
        file_type: FileType = "fileType",
        /// How to make thumbnails, in the syntax of OBS: `image/resize,m_lfit,h_128,w_128`.
        image_process: String = "imageProcess",
    }
}

object! {
    /// A page of a listing.
    PageInfo {;
        /// How many files.
        page_size: u32 | 100 = "pageSize",
        /// The cursor that the page before answered; the first page has none.
        page_cursor: String = "pageCursor",
    }
}

choices! {
    /// A space or its recycle bin.
    pub enum FileArea: number {
        /// The user's own space.
        Space = 0,
        /// Its recycle bin.
        RecycleBin = 1,
    }
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct FileList {
    /// Always `drive#fileList`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The cursor of the next page. Opaque, with brackets, bars and commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Whether the search behind the listing is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_completed: Option<bool>,
    /// The files.
    pub files: Vec<File>,
}

/// A file or folder of a listing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct File {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The media type; of a folder `application/vnd.huawei-apps.folder`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The end of the name; empty for folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_suffix: Option<String>,
    /// Whether it is in the recycle bin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recycled: Option<bool>,
    /// The folder; only the first id counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parent_folder: Vec<String>,
    /// The ids of its spaces.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<String>,
    /// More about it: `srcFileId`, `createUser` and `lastEditUser` were seen.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, String>,
    /// Its owners.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<FileUser>,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_editor: Option<FileUser>,
    /// Its size; no unit is documented. Files only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Its contents; their members could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Unseen>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_type: Option<FileType>,
    /// When it was created: ISO 8601 in UTC with milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<String>,
    /// When it was changed, in the same form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_time: Option<String>,
    /// Whether it is a favourite of the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favorite: Option<bool>,
}

/// A user, as files name them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct FileUser {
    /// Always `drive#user`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether it is the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub me: Option<bool>,
    /// The id of the permission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission_id: Option<String>,
    /// An id of the platform's, and not KooDrive's id of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}
