//! Searching.

use crate::check::InvalidParam;
use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::{FileSort, FileType};
use crate::ops::spaces::SpaceType;
use crate::param::{FileId, SpaceId};
use crate::wire::Unseen;
use crate::{answer, choices, object, operation};

operation! {
    /// Searches for files by name and other criteria, page by page.
    ///
    /// The cursor of the next page is [`next_page_cursor`](FoundFilePage::next_page_cursor), which is empty on the last
    /// page.
    ///
    /// This is a POST that only reads. The members of `sort_info` could not be read; those of the sibling call
    /// getPersonalFiles are used. The text of the manual's page promises a filter by size, which the table doesn't
    /// have. The name of a file may be longer than a key word can be.
    ///
    /// Source: Search, carrier (2026-02-03) and enterprise (2025-12-12, its answer 2024-12-25); no examples could be
    /// read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::{SearchFiles, SearchFilter, SearchPageInfo, SearchType};
    /// let filter = SearchFilter::new().key_word("report");
    /// SearchFiles::new(SearchType::Personal, SearchPageInfo::new(100, "")).filter(filter);
    /// ```
    POST "/koodrive/ose/v1/files/search" SearchFiles = "Search" -> FoundFilePage;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// Where to search. The carrier manual lists only `Personal`.
        search_type: SearchType = "searchType",
        /// Which page of the search to read.
        page_info: SearchPageInfo = "pageInfo";
        /// What to search for.
        filter: SearchFilter,
        /// The order of the files.
        sort_info: FileSort = "sortInfo",
        /// Whether to search the folders below as well.
        recursive: bool | false = "recursived",
        /// How to make thumbnails, in the syntax of OBS, in up to 300 characters.
        image_process: String [0..=300] = "imageProcess",
        /// Whether to search the recycle bin.
        recycled: bool | false => Enterprise,
    }
    && filter_fits
}

choices! {
    /// Where to search.
    pub enum SearchType: text {
        /// In the user's own space.
        Personal = "personal",
        /// In the spaces of departments and groups. Listed by the enterprise manual.
        Team = "team",
    }
}

object! {
    /// Which page of a search to read.
    SearchPageInfo = "pageInfo" {
        /// How many files a page may have.
        page_size: u32 [1..=100] = "pageSize",
        /// The cursor from the answer with the previous page; empty for the first page.
        page_cursor: String = "pageCursor",
    }
}

object! {
    /// What to search for.
    SearchFilter = "filter" {;
        /// A part of the name, up to 80 characters.
        key_word: String [0..=80] = "keyWord",
        /// The id of the space. Required with `parent_folder`.
        container_id: SpaceId = "containerId",
        /// The id of the folder.
        parent_folder: FileId = "parentFolder",
        /// The kind of file. The page doesn't list smart folders here.
        file_type: FileType ["10" | "15" | "20" | "26" | "27" | "28" | "30" | "35" | "40" | "45"] = "fileType",
        /// When the file was changed; the form could not be read.
        update_time_range: String = "updateTimeRange",
        /// The owner.
        owner_id: String = "ownerId",
    }
}

fn filter_fits(search: &SearchFiles) -> Result<(), InvalidParam> {
    let Some(filter) = &search.filter else { return Ok(()) };
    if filter.parent_folder.is_some() && filter.container_id.is_none() {
        let allowed = "the id of a space; it is required with filter.parentFolder";
        return Err(InvalidParam::new("filter.containerId", "nothing", allowed));
    }
    Ok(())
}

impl Paged for SearchFiles {
    type Item = FoundFile;

    fn turn(&mut self, page: &FoundFilePage) -> Result<Turn, Error> {
        let mut cursor = Some(self.page_info.page_cursor.clone());
        let more = turn_cursor(&mut cursor, page.next_page_cursor.as_deref())?;
        self.page_info.page_cursor = cursor.unwrap_or_default();
        Ok(more)
    }

    fn items(page: &mut FoundFilePage) -> &mut Vec<FoundFile> {
        &mut page.files
    }

    fn key(item: &FoundFile) -> Option<&str> {
        item.id.as_ref().map(FileId::as_str)
    }
}

answer! {
    /// A page of the files that were found.
    FoundFilePage {
        /// The files.
        files: Vec<FoundFile>,
        /// How many files there are in all.
        total: Option<i64>,
        /// The cursor of the next page, which is empty on the last page.
        next_page_cursor: Option<String>,
    }
}

answer! {
    /// A file or folder that was found.
    FoundFile {
        /// The id of the file or folder.
        id: Option<FileId>,
        /// The end of the name.
        file_suffix: Option<String>,
        /// The name of the file or folder.
        file_name: Option<String>,
        /// What kind of file it is.
        file_type: Option<FileType>,
        /// The size; no unit is documented. It is a String here and a number elsewhere.
        size: Option<i64>,
        /// When it was changed; the format is not documented.
        update_time: Option<String>,
        /// The names of the folders above it, and its own name.
        name_path: Option<String>,
        /// The ids of the folders above it, and its own id. GetFullPath calls this `fileIdPath`.
        id_path: Option<String>,
        /// Links to thumbnails, only for pictures; their members could not be read.
        download_links: Vec<Unseen>,
        /// The name of the department or group, only in the spaces of teams.
        team_name: Option<String>,
        /// The id of the department or group.
        team_id: Option<String>,
        /// The id of the space that it is in.
        container_id: Option<SpaceId>,
        /// What kind of space it is in.
        container_type: Option<SpaceType>,
        /// Whether it is one of the caller's favourites.
        favorite: Option<bool>,
        /// The name of the owner, only in the spaces of teams.
        owner: Option<String>,
    }
}
