//! Listing a folder.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::{FileSort, FileType};
use crate::param::{FileId, SpaceId};
use crate::wire::Unseen;
use crate::{answer, choices, object, operation};

operation! {
    /// Lists a folder of the user's own space, or the recycle bin of that space, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](FileList::next_cursor), which is sent as
    /// [`PageInfo::page_cursor`]. A short page doesn't mean the end of the listing.
    ///
    /// This is a POST that only reads. The example on the manual's page sends a `fileName`, which the table doesn't
    /// list, and it sends texts for numbers. The carrier manual's parameters after `image_process` could not be read.
    ///
    /// Source: getPersonalFiles, carrier (2026-02-12) and enterprise (undated); the answer could not be read on this
    /// page and is taken from the example of the sibling call getDepartmentFiles.
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
        /// What to list: the space or its recycle bin.
        area: FileArea = "type",
    }
    body {
        /// The id of the space.
        container_id: SpaceId [1..=64] = "containerId",
        /// The id of the folder, or `root`; by the enterprise manual also `sbox`, which is the root of the safe.
        parent_file_id: FileId [1..=64] = "parentFileId";
        /// Which page of the listing to read.
        page_info: PageInfo = "pageInfo",
        /// The order of the files.
        sort_info: FileSort = "sortInfo",
        /// Only files of this kind are listed.
        file_type: FileType = "fileType",
        /// How to make thumbnails, in the syntax of OBS, for example `image/resize,m_lfit,h_128,w_128`.
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
    /// Which page of a listing to read.
    PageInfo {;
        /// How many files a page may have.
        page_size: u32 | 100 = "pageSize",
        /// The cursor from the answer with the previous page; not set for the first page.
        page_cursor: String = "pageCursor",
    }
}

impl Paged for ListPersonalFiles {
    type Item = File;

    fn turn(&mut self, page: &FileList) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_info.get_or_insert_with(PageInfo::new).page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut FileList) -> &mut Vec<File> {
        &mut page.files
    }

    fn key(item: &File) -> Option<&str> {
        item.id.as_ref().map(FileId::as_str)
    }
}

answer! {
    /// A page of a listing of files.
    FileList {
        /// Always `drive#fileList`.
        category: Option<String>,
        /// The cursor of the next page: an opaque text, with brackets, bars and commas.
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
        /// The id of the file or folder.
        id: Option<FileId>,
        /// The name of the file or folder.
        file_name: Option<String>,
        /// The media type, which is `application/vnd.huawei-apps.folder` for a folder.
        mime_type: Option<String>,
        /// The end of the name, which is empty for folders.
        file_suffix: Option<String>,
        /// Whether it is in the recycle bin.
        recycled: Option<bool>,
        /// The folder that it is in; only the first id counts.
        parent_folder: Vec<FileId>,
        /// The ids of the spaces that it is in.
        containers: Vec<SpaceId>,
        /// Further properties: `srcFileId`, `createUser` and `lastEditUser` have been seen.
        properties: BTreeMap<String, String>,
        /// Its owners.
        owners: Vec<FileUser>,
        /// Who changed it last.
        last_editor: Option<FileUser>,
        /// The size, which only files have; no unit is documented.
        size: Option<i64>,
        /// The contents of the file; their members could not be read.
        attachments: Vec<Unseen>,
        /// What kind of file it is.
        file_type: Option<FileType>,
        /// When it was created, in ISO 8601, in UTC and with milliseconds.
        created_time: Option<String>,
        /// When it was changed, in the same form.
        edited_time: Option<String>,
        /// Whether it is one of the caller's favourites.
        favorite: Option<bool>,
    }
}

answer! {
    /// A user whom a file names.
    FileUser {
        /// Always `drive#user`.
        category: Option<String>,
        /// Whether this user is the caller.
        me: Option<bool>,
        /// The id of the permission.
        permission_id: Option<String>,
        /// The platform's id of the user, which is not KooDrive's id of the user.
        user_id: Option<String>,
        /// The name of the user.
        display_name: Option<String>,
    }
}
