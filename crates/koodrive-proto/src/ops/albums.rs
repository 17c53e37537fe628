//! Albums of the carrier edition: pictures and videos, put in by hand or collected from folders.
//!
//! Error codes that fit here, by their texts: 13000309 (no such album or file).

use crate::error::Error;
use crate::operation::{Paged, turn_cursor};
use crate::ops::files::SortDirection;
use crate::param::FileId;
use crate::{answer, choices, operation};

operation! {
    /// Lists the files of an album, page by page.
    ///
    /// Goes on with [`next_page_cursor`](AlbumPage::next_page_cursor); a short page is not the end.
    ///
    /// Unless `sort_type` is set, an album that collects from folders is sorted by when the pictures were taken, and
    /// one that is filled by hand by when it was created. The page types all numbers of the query as texts, which is
    /// the same on the wire.
    ///
    /// Source: ListAlbumContent, carrier (2026-02-12); the members of a file behind `take_time` and the examples could
    /// not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::albums::{AlbumSort, ListAlbumContent};
    /// # use koodrive_proto::ops::files::SortDirection;
    /// let op = ListAlbumContent::new("2c9d0d3e").page_size(50);
    /// op.sort_type(AlbumSort::Taken).sort_direction(SortDirection::Ascending);
    /// ```
    GET "/koodrive/ose/v1/album/{albumId}/list" ListAlbumContent -> AlbumPage;
    AppOrToken, ReadOnly, Carrier Partial;
    path {
        /// The id that CreateAlbum answered.
        album_id: String = "albumId",
    }
    query {;
        /// How many files.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor that the page before answered; empty or not set for the first page.
        page_cursor: String = "pageCursor",
        /// By what to sort.
        sort_type: AlbumSort = "sortType",
        /// Up or down.
        sort_direction: SortDirection | 2 = "sortDirection",
    }
}

choices! {
    /// By what to sort an album.
    pub enum AlbumSort: number {
        /// When the picture was taken.
        Taken = 1,
        /// When the file was created.
        Created = 2,
        /// When the file was changed.
        Modified = 3,
    }
}

impl Paged for ListAlbumContent {
    type Item = AlbumFile;

    fn turn(&mut self, page: &AlbumPage) -> Result<bool, Error> {
        turn_cursor(&mut self.page_cursor, page.next_page_cursor.as_deref())
    }

    fn items(page: AlbumPage) -> Vec<AlbumFile> {
        page.content_list
    }
}

answer! {
    /// A page of an album.
    AlbumPage {
        /// The files.
        content_list: Vec<AlbumFile>,
        /// The cursor of the next page. What the last page has is not documented; none and an empty one are taken for
        /// the end.
        next_page_cursor: Option<String>,
        /// How many there are in all, by its name.
        total: Option<i64>,
    }
}

answer! {
    /// A file of an album. Most of the table could not be read; the next member begins with `owne`.
    AlbumFile {
        /// The id of the file.
        id: Option<FileId>,
        /// When the picture was taken; the format is not documented. Only in albums that collect from folders.
        take_time: Option<String>,
    }
}
