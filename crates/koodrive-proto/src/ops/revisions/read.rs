//! Listing the revisions of a file, and reading one.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::PageInfo;
use crate::param::{FileId, Secret, SpaceId};
use crate::{answer, choices, operation};

operation! {
    /// Lists the revisions of a file, page by page, the newest first.
    ///
    /// The cursor of the next page is [`next_page_cursor`](RevisionPage::next_page_cursor), which is sent as
    /// [`PageInfo::page_cursor`]. The entries have no [`download_url`](Revision::download_url), for which there
    /// is [`GetRevision`].
    ///
    /// This is a POST that only reads. The range of `page_size` is from the carrier manual. The pages don't list the
    /// header language, nor `code` and `msg` in the answer.
    ///
    /// Source: listRevision, carrier (2026-04-16) and enterprise (2025-12-12); the members of a revision after
    /// `updated_at` are taken from the page getRevision, and the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::PageInfo;
    /// # use koodrive_proto::ops::revisions::ListRevisions;
    /// ListRevisions::new("IAAAKIRZGifzJgncA1605122035640590977", "FkiferVNK5NwXck7XXBhPLIRhV1GayJPc")
    ///     .page_info(PageInfo::new().page_size(10));
    /// ```
    POST "/koodrive/ose/v1/revision/listRevision" ListRevisions = "listRevision" -> RevisionPage;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    body {
        /// The id of the space that the file is in.
        container_id: SpaceId = "containerId",
        /// The id of the file.
        file_id: FileId = "fileId";
        /// Which page of the listing to read, with at most 100 revisions.
        page_info: PageInfo ["pageSize": 1..=100] = "pageInfo",
        /// Which members the revisions have.
        fields: RevisionFields | "*",
    }
}

choices! {
    /// Which members of a revision are answered.
    pub enum RevisionFields: text {
        /// All of them, the only choice that is supported.
        All = "*",
    }
}

impl Paged for ListRevisions {
    type Item = Revision;

    fn turn(&mut self, page: &RevisionPage) -> Result<Turn, Error> {
        let page_info = self.page_info.get_or_insert_with(PageInfo::new);
        turn_cursor(&mut page_info.page_cursor, page.next_page_cursor.as_deref())
    }

    fn items(page: &mut RevisionPage) -> &mut Vec<Revision> {
        &mut page.revisions
    }

    fn key(item: &Revision) -> Option<&str> {
        item.revision_id.as_deref()
    }
}

answer! {
    /// A page of the revisions of a file.
    RevisionPage {
        /// The revisions, by the time of their creation, the newest first.
        revisions: Vec<Revision> = "revisionList",
        /// The cursor of the next page, which is empty on the last page.
        next_page_cursor: Option<String>,
    }
}

operation! {
    /// Reads one revision of a file, with the link to download it.
    ///
    /// This is a POST that only reads. The members are at the top level of the answer; whether `code` and `msg` are
    /// beside them could not be read. The page doesn't list the header language.
    ///
    /// Source: getRevision, carrier (2026-04-16; all but its title is taken from the enterprise page) and enterprise
    /// (2025-12-12); the members after `extension` and the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::revisions::{GetRevision, UrlType};
    /// let (space, file) = ("IAAAKIRZGifzJgncA1605122035640590977", "FkiferVNK5NwXck7XXBhPLIRhV1GayJPc");
    /// GetRevision::new(space, file, "1756003706882580864.1756003706882580865").url_type(UrlType::Internal);
    /// ```
    POST "/koodrive/ose/v1/revision/getRevision" GetRevision = "getRevision" -> Revision;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    body {
        /// The id of the space that the file is in.
        container_id: SpaceId = "containerId",
        /// The id of the file.
        file_id: FileId = "fileId",
        /// The id of the revision: `assetId.versionId`. The enterprise manual writes it without the dot.
        revision_id: String = "revisionId";
        /// From which network the link can be used.
        url_type: UrlType | 1 = "urlType",
        /// Which members the revision has.
        fields: RevisionFields | "*",
    }
}

choices! {
    /// From which network a link for downloading can be used.
    pub enum UrlType: number {
        /// From outside: the external address.
        External = 1,
        /// From inside: the internal address.
        Internal = 2,
    }
}

answer! {
    /// A revision of a file.
    Revision {
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// The id of the file.
        file_id: Option<FileId>,
        /// The id of the revision: `assetId.versionId`.
        revision_id: Option<String>,
        /// The number of the revision. It is unique and increases.
        revision_version: Option<i64>,
        /// Whether the revision is kept forever.
        keep_forever: Option<bool>,
        /// Whether it is the current revision of the file.
        latest_version: Option<bool>,
        /// Why the revision exists.
        create_reason: Option<RevisionReason>,
        /// When it was created, in milliseconds since 1970.
        created_at: Option<i64>,
        /// Who created it. The page doesn't say whether this is an id.
        created_by: Option<String>,
        /// When it was last changed, in milliseconds since 1970.
        updated_at: Option<i64>,
        /// The id of the user who last changed it; which of the user's ids is not documented.
        updated_by: Option<String>,
        /// The name of the file with its ending.
        name: Option<String>,
        /// The size in bytes.
        size: Option<i64>,
        /// The end of the name; capitals and small letters are the same.
        extension: Option<String>,
        /// Where the content can be downloaded: only in the answer of [`GetRevision`]. Its row could not be read; the
        /// page listRevision says that only the listing lacks it.
        download_url: Option<Secret>,
    }
}

choices! {
    /// Why a revision exists.
    pub enum RevisionReason: number {
        /// The file was created.
        Created = 1,
        /// An earlier revision was restored.
        Restored = 2,
    }
}
