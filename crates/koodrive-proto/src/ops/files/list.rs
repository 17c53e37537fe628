//! Listing a folder.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::operation::{Paged, turn_cursor};
use crate::ops::files::{FileSort, FileType};
use crate::param::{FileId, SpaceId};
use crate::wire::Unseen;
use crate::{answer, choices, object, operation};

operation! {
    /// Lists a folder of the user's own space, or the recycle bin, page by page.
    ///
    /// Goes on with [`next_cursor`](FileList::next_cursor) as [`PageInfo::page_cursor`]; a short page is not the end.
    ///
    /// A POST that only reads. The page's example sends a `fileName` that its table doesn't list, and texts for
    /// numbers. The carrier manual's fields behind `image_process` could not be read.
    ///
    /// Source: getPersonalFiles, carrier (2026-02-12) and enterprise (undated). The answer could not be read on this
    /// page; it is taken from the example of the sibling call getDepartmentFiles.
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
        container_id: SpaceId [1..=64] = "containerId",
        /// The folder, or `root`; by the enterprise manual also `sbox`, the root of the safe.
        parent_file_id: FileId [1..=64] = "parentFileId";
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

choices! {
    /// A space or its recycle bin.
    pub enum FileArea: number {
        /// The user's own space.
        Space = 0,
        /// Its recycle bin.
        RecycleBin = 1,
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

impl Paged for ListPersonalFiles {
    type Item = File;

    fn turn(&mut self, page: &FileList) -> Result<bool, Error> {
        turn_cursor(&mut self.page_info.get_or_insert_with(PageInfo::new).page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: FileList) -> Vec<File> {
        page.files
    }
}

answer! {
    /// A page of a listing.
    FileList {
        /// Always `drive#fileList`.
        category: Option<String>,
        /// The cursor of the next page. Opaque, with brackets, bars and commas.
        next_cursor: Option<String>,
        /// Whether the search behind the listing is complete.
        search_completed: Option<bool>,
        /// The files.
        files: Vec<File>,
    }
}

answer! {
    /// A file or folder of a listing.
    File {
        /// Its id.
        id: Option<FileId>,
        /// Its name.
        file_name: Option<String>,
        /// The media type; of a folder `application/vnd.huawei-apps.folder`.
        mime_type: Option<String>,
        /// The end of the name; empty for folders.
        file_suffix: Option<String>,
        /// Whether it is in the recycle bin.
        recycled: Option<bool>,
        /// The folder; only the first id counts.
        parent_folder: Vec<FileId>,
        /// The ids of its spaces.
        containers: Vec<SpaceId>,
        /// More about it: `srcFileId`, `createUser` and `lastEditUser` were seen.
        properties: BTreeMap<String, String>,
        /// Its owners.
        owners: Vec<FileUser>,
        /// Who changed it last.
        last_editor: Option<FileUser>,
        /// Its size; no unit is documented. Files only.
        size: Option<i64>,
        /// Its contents; their members could not be read.
        attachments: Vec<Unseen>,
        /// What it is.
        file_type: Option<FileType>,
        /// When it was created: ISO 8601 in UTC with milliseconds.
        created_time: Option<String>,
        /// When it was changed, in the same form.
        edited_time: Option<String>,
        /// Whether it is a favourite of the caller's.
        favorite: Option<bool>,
    }
}

answer! {
    /// A user, as files name them.
    FileUser {
        /// Always `drive#user`.
        category: Option<String>,
        /// Whether it is the caller.
        me: Option<bool>,
        /// The id of the permission.
        permission_id: Option<String>,
        /// An id of the platform's, and not KooDrive's id of the user.
        user_id: Option<String>,
        /// The name.
        display_name: Option<String>,
    }
}
