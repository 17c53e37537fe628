//! Searching.

use crate::check::InvalidParam;
use crate::error::Error;
use crate::operation::{Paged, turn_cursor};
use crate::ops::files::{FileSort, FileType};
use crate::ops::spaces::SpaceType;
use crate::param::{FileId, SpaceId};
use crate::wire::Unseen;
use crate::{answer, choices, object, operation};

operation! {
    /// Searches files by name and other marks, page by page.
    ///
    /// Goes on with [`next_page_cursor`](FileSearch::next_page_cursor), which is empty on the last page.
    ///
    /// A POST that only reads. The members of `sort_info` could not be read; those of the sibling call getPersonalFiles
    /// are taken. The text promises a filter by size, which the table doesn't have. A name may be longer than a key
    /// word.
    ///
    /// Source: Search, carrier (2026-02-03) and enterprise (2025-12-12, its answer 2024-12-25); no examples could be
    /// read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::{SearchFiles, SearchFilter, SearchPage, SearchType};
    /// SearchFiles::new(SearchType::Personal, SearchPage::new(100, "")).filter(SearchFilter::new().key_word("report"));
    /// ```
    POST "/koodrive/ose/v1/files/search" SearchFiles = "Search" -> FileSearch;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// Where to search. The carrier manual lists `Personal` only.
        search_type: SearchType = "searchType",
        /// Which page.
        page_info: SearchPage = "pageInfo";
        /// What to find.
        filter: SearchFilter,
        /// In which order.
        sort_info: FileSort = "sortInfo",
        /// Whether to search the folders below.
        recursive: bool | false = "recursived",
        /// How to make thumbnails, in the syntax of OBS: up to 300 characters.
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
        /// In the spaces of departments and groups. Enterprise manual.
        Team = "team",
    }
}

object! {
    /// A page of a search.
    SearchPage = "pageInfo" {
        /// How many files.
        page_size: u32 [1..=100] = "pageSize",
        /// The cursor that the page before answered; empty for the first page.
        page_cursor: String = "pageCursor",
    }
}

object! {
    /// What to find.
    SearchFilter = "filter" {;
        /// A part of the name, up to 80 characters.
        key_word: String [0..=80] = "keyWord",
        /// The space. Required with `parent_folder`.
        container_id: SpaceId = "containerId",
        /// The folder.
        parent_folder: FileId = "parentFolder",
        /// The kind of file. Smart folders are not listed here.
        file_type: FileType ["10" | "15" | "20" | "26" | "27" | "28" | "30" | "35" | "40" | "45"] = "fileType",
        /// When it was changed; the form could not be read.
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

    fn turn(&mut self, page: &FileSearch) -> Result<bool, Error> {
        let mut cursor = Some(self.page_info.page_cursor.clone());
        let more = turn_cursor(&mut cursor, page.next_page_cursor.as_deref())?;
        self.page_info.page_cursor = cursor.unwrap_or_default();
        Ok(more)
    }

    fn items(page: FileSearch) -> Vec<FoundFile> {
        page.files
    }
}

answer! {
    /// A page of a search.
    FileSearch {
        /// The files.
        files: Vec<FoundFile>,
        /// How many there are in all.
        total: Option<i64>,
        /// The cursor of the next page; empty on the last.
        next_page_cursor: Option<String>,
    }
}

answer! {
    /// A file or folder that was found.
    FoundFile {
        /// Its id.
        id: Option<FileId>,
        /// The end of its name.
        file_suffix: Option<String>,
        /// Its name.
        file_name: Option<String>,
        /// What it is.
        file_type: Option<FileType>,
        /// Its size; no unit is documented. A String here, a number elsewhere.
        size: Option<i64>,
        /// When it was changed; the format is not documented.
        update_time: Option<String>,
        /// The names of the folders above it and its own.
        name_path: Option<String>,
        /// The ids of the folders above it and its own. Called `fileIdPath` by GetFullPath.
        id_path: Option<String>,
        /// Links to thumbnails, of pictures only; their members could not be read.
        download_links: Vec<Unseen>,
        /// The department or group; in spaces of teams only.
        team_name: Option<String>,
        /// The id of the department or group.
        team_id: Option<String>,
        /// The space.
        container_id: Option<SpaceId>,
        /// Whose kind of space it is.
        container_type: Option<SpaceType>,
        /// Whether it is a favourite of the caller's.
        favorite: Option<bool>,
        /// The name of the owner; in spaces of teams only.
        owner: Option<String>,
    }
}
