//! Listing a folder of a user's space, or of that of a department or group.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::{FileSort, FileType, FileUser};
use crate::ops::spaces::SpaceType;
use crate::param::{FileId, SpaceId};
use crate::wire::Unseen;
use crate::{answer, choices, object, operation};

operation! {
    /// Lists a folder of the user's own space, or the recycle bin of that space, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](FilePage::next_cursor), which is sent as
    /// [`PageInfo::page_cursor`]. A short or empty page doesn't mean the end of the listing.
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
    POST "/koodrive/ose/v1/files/{type}" ListPersonalFiles = "getPersonalFiles" -> FilePage;
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

impl Paged for ListPersonalFiles {
    type Item = File;

    fn turn(&mut self, page: &FilePage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_info.get_or_insert_with(PageInfo::new).page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut FilePage) -> &mut Vec<File> {
        &mut page.files
    }

    fn key(item: &File) -> Option<&str> {
        item.id.as_ref().map(FileId::as_str)
    }
}

operation! {
    /// Lists a folder of the space of a department or group, or the recycle bin of that space, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](FilePage::next_cursor), which is sent as
    /// [`PageInfo::page_cursor`]. A short or empty page doesn't mean the end of the listing.
    ///
    /// This is a POST that only reads. The example of the request sends texts for numbers, and even empty ones.
    ///
    /// Source: getDepartmentFiles, enterprise (2025-12-12); the table of the answer could not be read, so what only
    /// files have may be missing. The end of the request's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::{FileArea, ListGroupFiles, PageInfo};
    /// # use koodrive_proto::ops::spaces::SpaceType;
    /// let space = "IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b";
    /// ListGroupFiles::new("1269529595850261633", FileArea::Space, space, "root")
    ///     .team_type(SpaceType::Group)
    ///     .page_info(PageInfo::new().page_size(10));
    /// ```
    POST "/koodrive/ose/v1/files/{groupId}/{type}" ListGroupFiles = "getDepartmentFiles" -> FilePage;
    AppOrToken, ReadOnly, Enterprise Partial;
    path {
        /// The id of the department or group.
        group_id: String = "groupId",
        /// What to list: the space or its recycle bin.
        area: FileArea = "type",
    }
    query {;
        /// Whose space it is: `Department` or `Group`.
        team_type: SpaceType [0 | 2] | 0 = "team_type",
    }
    body {
        /// The id of the space. Its length is from the carrier manual.
        container_id: SpaceId [1..=64] = "containerId",
        /// The id of the folder, or `root`, or `sbox`, which is the root of the safe. Its length is from the carrier
        /// manual.
        parent_file_id: FileId [1..=64] = "parentFileId";
        /// Which page of the listing to read.
        page_info: PageInfo = "pageInfo",
        /// The order of the files.
        sort_info: FileSort = "sortInfo",
        /// Only files of this kind are listed.
        file_type: FileType = "fileType",
        /// How to make thumbnails, in the syntax of OBS, for example `image/resize,m_lfit,h_128,w_128`.
        image_process: String = "imageProcess",
        /// Whether to list hidden files as well. For allow-listed users only.
        hidden: bool,
    }
}

impl Paged for ListGroupFiles {
    type Item = File;

    fn turn(&mut self, page: &FilePage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_info.get_or_insert_with(PageInfo::new).page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut FilePage) -> &mut Vec<File> {
        &mut page.files
    }

    fn key(item: &File) -> Option<&str> {
        item.id.as_ref().map(FileId::as_str)
    }
}

choices! {
    /// A space or its recycle bin.
    pub enum FileArea: number {
        /// The space.
        Space = 0,
        /// Its recycle bin.
        RecycleBin = 1,
    }
}

object! {
    /// Which page of a listing to read.
    PageInfo {;
        /// How many entries a page may have.
        page_size: u32 | 100 = "pageSize",
        /// The cursor from the answer with the previous page; not set for the first page.
        page_cursor: String = "pageCursor",
    }
}

answer! {
    /// A page of a listing of files.
    FilePage {
        /// Always `drive#fileList`.
        category: Option<String>,
        /// The cursor of the next page: an opaque text, with brackets, bars and commas. What the last page has instead
        /// is not documented; a missing or empty cursor is taken as the end.
        next_cursor: Option<String>,
        /// Whether the search behind the listing is complete. It is false in the example, beside a cursor.
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
        /// Further properties. `srcFileId`, `createUser` and `lastEditUser` have been seen; the latter two are
        /// KooDrive's ids of users.
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
