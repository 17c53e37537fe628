//! What is in an album.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::SortDirection;
use crate::param::FileId;
use crate::{answer, choices, object, operation};

operation! {
    /// Lists the files of an album, page by page.
    ///
    /// The cursor of the next page is [`next_page_cursor`](AlbumFilePage::next_page_cursor). A short page doesn't mean
    /// the end of the listing.
    ///
    /// Unless `sort_type` is set, an album that collects from folders is sorted by the time when the pictures were
    /// taken, and an album that is filled by hand is sorted by the time of creation. The manual's page types all
    /// numbers of the query as texts, which makes no difference on the wire.
    ///
    /// Source: ListAlbumContent, carrier (2026-02-12); the members of a file after `take_time` and the examples could
    /// not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::albums::{AlbumSort, ListAlbumContent};
    /// # use koodrive_proto::ops::files::SortDirection;
    /// let op = ListAlbumContent::new("2c9d0d3e").page_size(50);
    /// op.sort_type(AlbumSort::Taken).sort_direction(SortDirection::Ascending);
    /// ```
    GET "/koodrive/ose/v1/album/{albumId}/list" ListAlbumContent -> AlbumFilePage;
    AppOrToken, ReadOnly, Carrier Partial;
    path {
        /// The id of the album, from the answer of CreateAlbum.
        album_id: String = "albumId",
    }
    query {;
        /// How many files a page may have.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor from the answer with the previous page; empty or not set for the first page.
        page_cursor: String = "pageCursor",
        /// What to sort by.
        sort_type: AlbumSort = "sortType",
        /// Whether to sort in ascending or descending order.
        sort_direction: SortDirection | 2 = "sortDirection",
    }
}

choices! {
    /// What to sort the files of an album by.
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

    fn turn(&mut self, page: &AlbumFilePage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_page_cursor.as_deref())
    }

    fn items(page: &mut AlbumFilePage) -> &mut Vec<AlbumFile> {
        &mut page.files
    }

    fn key(item: &AlbumFile) -> Option<&str> {
        item.id.as_ref().map(FileId::as_str)
    }
}

answer! {
    /// A page of the files of an album.
    AlbumFilePage {
        /// The files.
        files: Vec<AlbumFile> = "contentList",
        /// The cursor of the next page. What the last page has instead is not documented; a missing or empty cursor is
        /// taken as the end.
        next_page_cursor: Option<String>,
        /// How many files there are in all, judging by the name of this member.
        total: Option<i64>,
    }
}

answer! {
    /// A file of an album. Most of the table could not be read; the name of the next member begins with `owne`.
    AlbumFile {
        /// The id of the file.
        id: Option<FileId>,
        /// When the picture was taken, only in albums that collect from folders; the format is not documented.
        take_time: Option<String>,
    }
}

operation! {
    /// Adds files to an album that is filled by hand.
    ///
    /// The files have to be there already: nothing is uploaded. The page doesn't say what happens to a file that is
    /// added twice, so the request isn't sent again when its answer was lost. On the page, the list is called
    /// `fileIds`, though its entries are objects.
    ///
    /// Source: BatchAddContent2Album, carrier (2026-02-12); the ends of the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::albums::{AddAlbumContent, OwnedFile};
    /// let picture = OwnedFile::new("Fg7cEpaAoh1ZmUxfCPlFEMpvIfUwiKxZW").owner_id("1244780780316557312");
    /// AddAlbumContent::new("1795607640592646273", [picture]);
    /// ```
    POST "/koodrive/ose/v1/album/{albumId}/add" AddAlbumContent = "BatchAddContent2Album" -> ();
    AppOrToken, Once, Carrier Partial;
    path {
        /// The id of the album, from the answer of CreateAlbum.
        album_id: String = "albumId",
    }
    body {
        /// The files, 1 to 100 of them.
        files: Vec<OwnedFile> [1..=100] = "fileIds",
    }
}

object! {
    /// A file and its owner.
    OwnedFile = "fileMap" {
        /// The id of the file.
        file_id: FileId [1..=64] = "fileId";
        /// The id of the file's owner. Whether it is required could not be read.
        owner_id: String = "ownerId",
    }
}

operation! {
    /// Takes files out of an album that is filled by hand. The files themselves stay where they are.
    ///
    /// This is a DELETE with a JSON body. In the path, the id of the album follows directly after `v1`. The table calls
    /// `ids` the ids of albums; the example sends those of files, as is done here. The page doesn't say whether `ids`
    /// is required. It allows 1000 files, where the page BatchAddContent2Album allows 100.
    ///
    /// Source: BatchDeleteAlbumContent, carrier (2026-02-03).
    ///
    /// ```
    /// # use koodrive_proto::ops::albums::DeleteAlbumContent;
    /// DeleteAlbumContent::new("1795607640592646273", ["Fg7cEpaAoh1ZmUxfCPlFEMpvIfUwiKxZW"]);
    /// ```
    DELETE "/koodrive/ose/v1/{albumId}/batchDelete" DeleteAlbumContent = "BatchDeleteAlbumContent" -> ();
    AppOrToken, Idempotent, Carrier Full;
    path {
        /// The id of the album, from the answer of CreateAlbum.
        album_id: String = "albumId",
    }
    body {
        /// The ids of the files, 1 to 1000 of them.
        file_ids: Vec<FileId> [1..=1_000] = "ids",
    }
}
