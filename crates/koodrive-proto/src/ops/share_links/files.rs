//! The files behind a link.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::{FileType, SortDirection, SortType, ThumbnailSize};
use crate::ops::share_links::LinkedShare;
use crate::param::{FileId, Joined, Secret, SpaceId};
use crate::wire::Unseen;
use crate::{answer, operation};

operation! {
    /// Lists the files of a share, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](LinkedFilePage::next_cursor). Pages before the last one may be
    /// short or even empty.
    ///
    /// A page may count as a view of the share, so the request isn't sent again when its answer was lost. If
    /// `count_view` is set, only the first of several pages that are read one after the other is counted.
    ///
    /// Source: listShareFiles, enterprise (undated, its answer 2024-10-25); no examples could be read, and the last
    /// members of `link` are those of getShareInfo.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::SortType;
    /// # use koodrive_proto::ops::share_links::ListShareFiles;
    /// ListShareFiles::new("1808628918203192832").page_size(50).sort_type(SortType::Name).count_view(true);
    /// ```
    POST "/koodrive/ose/v1/share/files" ListShareFiles = "listShareFiles" -> LinkedFilePage;
    AppOrToken, Once, Enterprise Partial;
    body {
        /// The short code of the link.
        short_url: Secret = "shortUrl";
        /// The folder to list: its id inside the share.
        parent_folder: FileId = "parentFolder",
        /// How many files a page may have, at most 100.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor from the answer with the previous page.
        page_cursor: String = "pageCursor",
        /// What to sort by.
        sort_type: SortType [1 | 2 | 4] | 4 = "sortType",
        /// Whether to sort in ascending or descending order.
        sort_direction: SortDirection | 2 = "sortDirection",
        /// The token from the answer of [`VerifyExtractCode`](crate::ops::share_links::VerifyExtractCode), if the share
        /// has an access code.
        share_token: Secret = "kdstoken",
        /// Whether this call counts as a view of the share. The page doesn't say whether it does if this isn't set.
        count_view: bool = "refreshCount",
        /// Only files with this name are listed.
        file_name: String = "fileName",
        /// How to make thumbnails, in the syntax of OBS, for example `image/resize,m_lfit,h_128,w_128`.
        image_process: String = "imageProcess",
    }
}

impl Paged for ListShareFiles {
    type Item = LinkedFile;

    fn turn(&mut self, page: &LinkedFilePage) -> Result<Turn, Error> {
        let turn = turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())?;
        count_once(&mut self.count_view, turn);
        Ok(turn)
    }

    fn items(page: &mut LinkedFilePage) -> &mut Vec<LinkedFile> {
        &mut page.files
    }

    fn key(item: &LinkedFile) -> Option<&str> {
        item.id.as_ref().map(FileId::as_str)
    }
}

operation! {
    /// Lists the files of a public share, page by page. For allow-listed users only.
    ///
    /// The cursor of the next page is [`next_cursor`](LinkedFilePage::next_cursor). A page may be short or even empty
    /// before the end is reached.
    ///
    /// A page may count as a view of the share, so the request isn't sent again when its answer was lost. If
    /// `count_view` is set, only the first of several pages that are read one after the other is counted. The request
    /// needs no credentials: the page lists neither Authorization nor X-User-Id nor X-Date. An older version of the
    /// enterprise manual has the same path with GET and a query.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; of the enterprise manual's page, the headers could not be read.
    ///
    /// Source: listShareFilesPublic, carrier (2026-04-16) and enterprise (undated; only the parameters up to
    /// `count_view` could be read); the answer is that of listShareFiles, and no examples could be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::ThumbnailSize;
    /// # use koodrive_proto::ops::share_links::ListPublicShareFiles;
    /// ListPublicShareFiles::new("1808628918203192832")
    ///     .image_process(["image/resize,m_lfit,h_1080,w_1080", "image/resize,m_lfit,h_128,w_128"])
    ///     .usage(ThumbnailSize::Min);
    /// ```
    POST "/koodrive/ose/v1/share/public/files" ListPublicShareFiles = "listShareFilesPublic" -> LinkedFilePage;
    None, Once, Carrier Partial, Enterprise Partial;
    header {
        "X-Hw-Agentname" = agent => Carrier,
    }
    body {
        /// The short code of the link.
        short_url: Secret = "shortUrl";
        /// The folder to list: its id inside the share.
        parent_folder: FileId = "parentFolder",
        /// How many files a page may have, at most 100.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor from the answer with the previous page.
        page_cursor: String = "pageCursor",
        /// What to sort by.
        sort_type: SortType [1 | 2 | 4] | 4 = "sortType",
        /// Whether to sort in ascending or descending order.
        sort_direction: SortDirection | 2 = "sortDirection",
        /// The token from the answer of
        /// [`VerifyPublicExtractCode`](crate::ops::share_links::VerifyPublicExtractCode), if the share has an access
        /// code.
        share_token: Secret = "kdstoken",
        /// Whether this call counts as a view of the share. The page doesn't say whether it does if this isn't set.
        count_view: bool = "refreshCount",
        /// Only files with this name are listed, judging by the name of this parameter.
        file_name: String = "fileName" => Carrier,
        /// How to make thumbnails, in the syntax of OBS: one to five ways, which are sent with `;` between them. The
        /// default is `image/resize,m_lfit,h_128,w_128`.
        image_process: Joined<String, ';'> [1..=5] = "imageProcess" => Carrier,
        /// The size of the thumbnails of documents and videos. The end of the list of values could not be read and is
        /// taken from ListRelatedFiles.
        usage: ThumbnailSize => Carrier,
    }
}

impl Paged for ListPublicShareFiles {
    type Item = LinkedFile;

    fn turn(&mut self, page: &LinkedFilePage) -> Result<Turn, Error> {
        let turn = turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())?;
        count_once(&mut self.count_view, turn);
        Ok(turn)
    }

    fn items(page: &mut LinkedFilePage) -> &mut Vec<LinkedFile> {
        &mut page.files
    }

    fn key(item: &LinkedFile) -> Option<&str> {
        item.id.as_ref().map(FileId::as_str)
    }
}

/// Whoever reads all pages views the share once.
fn count_once(count_view: &mut Option<bool>, turn: Turn) {
    if turn == Turn::Next {
        *count_view = count_view.map(|_| false);
    }
}

answer! {
    /// A page of the files of a share.
    LinkedFilePage {
        /// The cursor of the next page; the last page has none.
        next_cursor: Option<String>,
        /// The share that the files belong to.
        link: Option<LinkedShare>,
        /// The files.
        files: Vec<LinkedFile>,
    }
}

answer! {
    /// A file or folder of a share.
    LinkedFile {
        /// The id of the file or folder.
        id: Option<FileId>,
        /// The name of the file or folder, of at most 250 bytes.
        file_name: Option<String>,
        /// What kind of file it is.
        file_type: Option<FileType>,
        /// The folder that it is in; only the first id counts.
        parent_folder: Vec<FileId>,
        /// The end of the name.
        file_suffix: Option<String>,
        /// The size; no unit is documented.
        size: Option<i64>,
        /// The ids of the spaces that it is in.
        containers: Vec<SpaceId>,
        /// A link to download it: a text by this table, but a list of objects in the listings of other calls. Here it
        /// is read whatever it is.
        download_links: Option<Unseen>,
        /// When it was changed; the format is not documented.
        edited_time: Option<String>,
    }
}

operation! {
    /// Gets a link to download one file of a share.
    ///
    /// This call names the share by its id, not by the short code of the link. The token is optional now; the page of
    /// 2024 requires it. A share counts its downloads, or will do so, so the request isn't sent again when its answer
    /// was lost.
    ///
    /// Source: downloadShareFile, enterprise (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::DownloadShareFile;
    /// DownloadShareFile::new("1808628918186415616", "FumFysUZDLUEAGaRDVyFC76wn87hIwVpB");
    /// ```
    POST "/koodrive/ose/v1/share/download" DownloadShareFile = "downloadShareFile" -> ShareDownload;
    AppOrToken, Once, Enterprise Full;
    body {
        /// The id of the share.
        share_id: String = "shareId",
        /// The id of the file.
        file_id: FileId = "fileId";
        /// The token from the answer of [`VerifyExtractCode`](crate::ops::share_links::VerifyExtractCode), if the share
        /// has an access code.
        share_token: Secret = "kdstoken",
    }
}

operation! {
    /// Gets a link to download one file of a public share. For allow-listed users only.
    ///
    /// This call names the share by its id, not by the short code of the link. A share counts its downloads, or will do
    /// so, so the request isn't sent again when its answer was lost. It needs no credentials: the page lists neither
    /// Authorization nor X-User-Id nor X-Date. It needs the name of the operator's agent, which
    /// [`Api::agent_name`](crate::Api::agent_name) sets.
    ///
    /// An older version of the enterprise manual has the same path with GET and a query, which is not offered here.
    ///
    /// Source: downloadShareFilePublic, carrier (2026-04-16).
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::DownloadPublicShareFile;
    /// DownloadPublicShareFile::new("1808628918186415616", "FumFysUZDLUEAGaRDVyFC76wn87hIwVpB");
    /// ```
    POST "/koodrive/ose/v1/share/public/download" DownloadPublicShareFile = "downloadShareFilePublic" -> ShareDownload;
    None, Once, Carrier Full;
    header {
        "X-Hw-Agentname" = agent,
    }
    body {
        /// The id of the share.
        share_id: String = "shareId",
        /// The id of the file.
        file_id: FileId = "fileId";
        /// The token from the answer of
        /// [`VerifyPublicExtractCode`](crate::ops::share_links::VerifyPublicExtractCode), if the share has an access
        /// code; otherwise the example has an empty text.
        share_token: Secret = "kdstoken",
    }
}

answer! {
    /// The answer of [`DownloadShareFile`] and [`DownloadPublicShareFile`].
    ShareDownload {
        /// Where to download the file, with GET: a presigned link to the object storage. The one in the carrier
        /// manual's example is valid for 3600 seconds.
        download_url: Option<Secret>,
    }
}
