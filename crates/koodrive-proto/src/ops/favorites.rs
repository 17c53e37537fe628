//! Favourites: files that a user has marked with a star.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`StarFiles`] | marks files as favourites, or takes the mark from them |
//! | [`ListStarredFiles`] | lists the favourites |
//!
//! ```
//! # use koodrive_proto::ops::favorites::{FileToStar, ListStarredFiles, StarFiles};
//! let file = FileToStar::new("Fn1bTLIOomJkTCAe9DEVBRY4U6IkuqkMZ");
//! StarFiles::new(true, [file.container_id("IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4")]);
//! ListStarredFiles::new();
//! ```
//!
//! Error codes of this family, judging by their texts: 13000301 (no such space), 13000302 and 13000411 (the file is not
//! in that space), 13000309 (no such file).

use crate::check::InvalidParam;
use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::{FileType, SortDirection};
use crate::param::{FileId, SpaceId};
use crate::wire::Unseen;
use crate::{answer, choices, object, operation};

operation! {
    /// Marks up to 100 files as favourites, or takes the mark from them.
    ///
    /// A call may succeed although some files are not marked: see [`MarkedFiles::status`], and the
    /// [`code`](MarkedFile::code) of each file. A status of 0 means that all files succeeded, while in the answer of
    /// [`GetDownloadUrls`](crate::ops::files::GetDownloadUrls) it means that some did.
    ///
    /// The pages don't list the header language. Their table of the answer has `code` and `msg`, their example has
    /// neither.
    ///
    /// Source: batchStarFile, carrier (2026-02-03) and enterprise (2025-12-12); whether the members of a file are
    /// required could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::favorites::{FileToStar, StarFiles};
    /// let file = FileToStar::new("Fn1bTLIOomJkTCAe9DEVBRY4U6IkuqkMZ");
    /// StarFiles::new(true, [file.container_id("IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4")]);
    /// ```
    POST "/koodrive/ose/v1/star/batch" StarFiles = "batchStarFile" -> MarkedFiles;
    AppOrToken, Idempotent, Carrier Full, Enterprise Full;
    body {
        /// Whether to mark the files, or to take the mark from them.
        starred: bool,
        /// The files, at most 100 of them, each only once.
        files: Vec<FileToStar> [1..=100] = "subRequestList",
    }
    && files_differ
}

object! {
    /// A file that gets or loses the mark.
    FileToStar = "StarFileRequest" {
        /// The id of the file.
        file_id: FileId = "fileId";
        /// The id of the space that the file is in. Set it if you know it: the pages don't show whether it is required,
        /// and their examples have it.
        container_id: SpaceId = "containerId",
    }
}

/// No file may be there twice.
fn files_differ(op: &StarFiles) -> Result<(), InvalidParam> {
    for (at, file) in op.files.iter().enumerate() {
        if let Some(first) = op.files.iter().take(at).position(|other| other.file_id == file.file_id) {
            let (name, got) = (format!("subRequestList[{at}].fileId"), format!("the file of subRequestList[{first}]"));
            return Err(InvalidParam::new(name, got, "each file only once"));
        }
    }
    Ok(())
}

answer! {
    /// The answer of [`StarFiles`].
    MarkedFiles {
        /// Whether all files, some of them or none succeeded.
        status: Option<StarStatus>,
        /// What happened to each file.
        files: Vec<MarkedFile> = "subResponseList",
    }
}

choices! {
    /// How a request about several favourites ended.
    pub enum StarStatus: number {
        /// All files succeeded.
        Succeeded = 0,
        /// Some files succeeded.
        PartlySucceeded = 1,
        /// No file succeeded.
        Failed = 2,
    }
}

answer! {
    /// What happened to one file.
    MarkedFile {
        /// The id of the file.
        file_id: Option<FileId>,
        /// 0 if the file succeeded; a number in a text.
        code: Option<i64>,
        /// What the code means. It is called `msg` elsewhere.
        message: Option<String>,
    }
}

operation! {
    /// Lists the caller's favourites, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](StarredPage::next_cursor). Pages before the last one may be short
    /// or even empty.
    ///
    /// Favourites whose file was deleted permanently are removed, and [`auto_deleted`](StarredPage::auto_deleted) says
    /// how many. The pages don't say whether the listing itself removes them; if so, a request that is sent again
    /// because its answer was lost may count fewer.
    ///
    /// Only the carrier manual names the default of `image_process`. The pages don't list the header language.
    ///
    /// Source: listStarFile, carrier (2026-02-03) and enterprise (2025-12-12); the members of a file after `recycled`
    /// and the examples could not be read. Three of these members are known by name from parts of the enterprise page.
    ///
    /// ```
    /// # use koodrive_proto::ops::favorites::ListStarredFiles;
    /// # use koodrive_proto::ops::files::{FileType, SortDirection};
    /// ListStarredFiles::new().file_type(FileType::Picture).sort_direction(SortDirection::Ascending).page_size(50);
    /// ```
    GET "/koodrive/ose/v1/star/files" ListStarredFiles = "listStarFile" -> StarredPage;
    AppOrToken, Idempotent, Carrier Partial, Enterprise Partial;
    query {;
        /// How many files a page may have, at most 100.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor from the answer with the previous page; not set for the first page.
        page_cursor: String = "pageCursor",
        /// What to sort by.
        sort_type: StarSort | 1 = "sortType",
        /// Whether to sort in ascending or descending order.
        sort_direction: SortDirection | 2 = "sortDirection",
        /// Only files of this kind are listed.
        file_type: FileType = "fileType",
        /// How to make thumbnails, in the syntax of OBS.
        image_process: String | "image/resize,m_lfit,h_128,w_128" = "imageProcess",
    }
}

choices! {
    /// What to sort favourites by.
    pub enum StarSort: number {
        /// When the file was marked, the only choice that is listed.
        Starred = 1,
    }
}

impl Paged for ListStarredFiles {
    type Item = StarredFile;

    fn turn(&mut self, page: &StarredPage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut StarredPage) -> &mut Vec<StarredFile> {
        &mut page.files
    }

    fn key(item: &StarredFile) -> Option<&str> {
        item.id.as_ref().map(FileId::as_str)
    }
}

answer! {
    /// A page of favourites.
    StarredPage {
        /// The cursor of the next page; the last page has none.
        next_cursor: Option<String>,
        /// How many favourites were removed because the file itself was deleted permanently.
        auto_deleted: Option<i64>,
        /// The favourites.
        files: Vec<StarredFile> = "starFiles",
    }
}

answer! {
    /// A favourite.
    StarredFile {
        /// Always `drive#file`.
        category: Option<String>,
        /// The id of the file or folder.
        id: Option<FileId>,
        /// The name, at most 250 characters; the enterprise manual of 2024 has 160 bytes.
        file_name: Option<String>,
        /// What kind of file it is.
        file_type: Option<FileType>,
        /// The media type.
        mime_type: Option<String>,
        /// Whether it is a favourite.
        favorite: Option<bool>,
        /// Whether it is in the recycle bin.
        recycled: Option<bool>,
        /// The ids of the spaces that it is in. Only the name could be read; the form is that of getPersonalFiles.
        containers: Vec<SpaceId>,
        /// Only the name of this list could be read.
        keychains: Vec<Unseen>,
        /// What kind of data it is: 0, 1, 10 or 11. Only the meaning of 11 could be read: a sync disk.
        data_type: Option<i64>,
    }
}
