//! The portal: files that the user has met recently, and what concerns the user.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`ListRecentFiles`] | lists the files that the user viewed or edited lately |
//! | [`ListRelatedFiles`] | lists what concerns the user: shares received from others |
//!
//! ```
//! # use koodrive_proto::ops::portal::{ListRecentFiles, ListRelatedFiles, RelatedType};
//! ListRecentFiles::new();
//! ListRelatedFiles::new().related_type(RelatedType::SharedWithMe);
//! ```

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::{FileType, SortDirection, ThumbnailSize};
use crate::ops::spaces::SpaceType;
use crate::param::{FileId, Secret, SpaceId};
use crate::{answer, choices, operation};

operation! {
    /// Lists the files that the caller viewed or edited lately.
    ///
    /// The listing has no pages, and the page doesn't say how far back it goes.
    ///
    /// Source: ListRecentlyAccess, enterprise (2024-07-30; no newer page could be read); the members of a file after
    /// `favorite` and the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::portal::ListRecentFiles;
    /// ListRecentFiles::new().image_process("image/resize,m_lfit,h_128,w_128");
    /// ```
    GET "/koodrive/ose/v1/access" ListRecentFiles = "ListRecentlyAccess" -> RecentFiles;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {;
        /// How to make thumbnails, in the syntax of OBS.
        image_process: String = "imageProcess",
    }
}

answer! {
    /// The answer of [`ListRecentFiles`].
    RecentFiles {
        /// The files, each with what the caller did.
        list: Vec<RecentFile>,
    }
}

answer! {
    /// A file that the caller viewed or edited.
    RecentFile {
        /// When the caller did so; the format is not documented.
        operate_time: Option<String>,
        /// What the caller did. [`RelatedRecord`] calls this `operateType`.
        oper_type: Option<RecentAction>,
        /// The file.
        file: Option<AccessedFile>,
        /// Why the file can't be opened any longer. No value is documented for a file that can.
        status: Option<RecentStatus>,
    }
}

choices! {
    /// What the caller did with a file.
    pub enum RecentAction: number {
        /// Viewed it.
        Viewed = 1,
        /// Edited it.
        Edited = 2,
    }
}

choices! {
    /// Why a file can't be opened any longer.
    pub enum RecentStatus: number {
        /// The file was deleted.
        FileDeleted = 1,
        /// The space can't be used any longer: it is disabled or deleted, or the permission is missing.
        SpaceUnusable = 2,
    }
}

answer! {
    /// A file of the listing of recent files.
    AccessedFile {
        /// The id of the file.
        id: Option<FileId>,
        /// The id of the space that it is in.
        container_id: Option<SpaceId>,
        /// The name of the file.
        name: Option<String>,
        /// The id of the co-author; which id is not documented.
        collaborator_id: Option<String>,
        /// The name of the co-author.
        collaborator: Option<String>,
        /// When the co-author worked on it; the format is not documented.
        collaborate_time: Option<String>,
        /// What the co-author did.
        collaborate_type: Option<Collaboration>,
        /// What kind of file it is; the page doesn't list smart folders here.
        file_type: Option<FileType>,
        /// The owner; whether this is a name or an id is not documented.
        owner: Option<String>,
        /// The name of the space, for that of a department; empty for that of a user.
        container_name: Option<String>,
        /// What kind of space it is in.
        container_type: Option<SpaceType>,
        /// Whether it is one of the caller's favourites.
        favorite: Option<bool>,
    }
}

choices! {
    /// What a co-author did with a file.
    pub enum Collaboration: text {
        /// Edited it.
        Edited = "2",
        /// Shared it.
        Shared = "3",
        /// Saved it to their own space.
        Saved = "4",
    }
}

operation! {
    /// Lists what concerns the caller, page by page. So far, these are shares received from others.
    ///
    /// The cursor of the next page is [`next_cursor`](RelatedPage::next_cursor). Pages before the last one may be short
    /// or even empty.
    ///
    /// Source: ListRelatedToMe, carrier (2026-04-16) and enterprise (2025-12-12); the carrier manual's answer, the
    /// members of a record after `expire_time`, those of a file except its links, and the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::portal::{ListRelatedFiles, RelatedType};
    /// ListRelatedFiles::new().related_type(RelatedType::SharedWithMe).display_name("holiday").page_size(50);
    /// ```
    GET "/koodrive/ose/v1/related" ListRelatedFiles = "ListRelatedToMe" -> RelatedPage;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    query {;
        /// How many records a page may have, at most 100.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor from the answer with the previous page. By the enterprise manual, it is 0 for the first page.
        page_cursor: String | "0" = "pageCursor",
        /// What to sort by.
        sort_type: RelatedSort | 1 = "sortType",
        /// Whether to sort in ascending or descending order.
        sort_direction: SortDirection | 2 = "sortDirection",
        /// A part of the display name. The carrier manual calls the search fuzzy.
        display_name: String = "displayName",
        /// Which records are listed. By the enterprise manual, an empty text means all as well.
        related_type: RelatedType | "0" = "relatedType",
        /// How to make thumbnails of pictures, in the syntax of OBS. Only the carrier manual names a default.
        image_process: String | "image/resize,m_lfit,h_128,w_128" = "imageProcess",
        /// The size of the thumbnails of documents and videos. The carrier manual allows several in up to 100
        /// characters, but doesn't say what is between them; here it is one.
        usage: ThumbnailSize => Carrier,
    }
}

choices! {
    /// What to sort records by.
    pub enum RelatedSort: number {
        /// When it happened, the only choice that is listed.
        Operated = 1,
    }
}

choices! {
    /// Which records are listed.
    pub enum RelatedType: text {
        /// All of them.
        All = "0",
        /// Shares received from others.
        SharedWithMe = "1",
    }
}

impl Paged for ListRelatedFiles {
    type Item = RelatedRecord;

    fn turn(&mut self, page: &RelatedPage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut RelatedPage) -> &mut Vec<RelatedRecord> {
        &mut page.records
    }

    fn key(item: &RelatedRecord) -> Option<&str> {
        item.id.as_deref()
    }
}

answer! {
    /// A page of what concerns the caller.
    RelatedPage {
        /// The cursor of the next page; the last page has none.
        next_cursor: Option<String>,
        /// The records. The enterprise manual describes them as a list of share links.
        records: Vec<RelatedRecord> = "relatedToMeInfos",
        /// How many records there are.
        total: Option<i64>,
    }
}

answer! {
    /// Something that concerns the caller.
    RelatedRecord {
        /// The name of the user who did it.
        operator: Option<String>,
        /// What that user did. [`RecentFile`] calls this `operType`.
        operate_type: Option<RelatedAction>,
        /// When it happened; the format is not documented.
        operate_time: Option<String>,
        /// The id of the record; for a share, that of the share.
        id: Option<String>,
        /// The name to show.
        display_name: Option<String>,
        /// When it expires; the format is not documented.
        expire_time: Option<String>,
        /// The files that it is about.
        files: Vec<RelatedFile>,
    }
}

choices! {
    /// What another user did.
    pub enum RelatedAction: number {
        /// Shared something.
        Shared = 1,
    }
}

answer! {
    /// A file that a record is about. Most of the table could not be read.
    RelatedFile {
        /// The links to the file and its thumbnails.
        download_links: Vec<RelatedLink>,
    }
}

answer! {
    /// A link to a file or its thumbnail.
    RelatedLink {
        /// What the link is for.
        usage: Option<LinkUsage>,
        /// The link.
        download_link: Option<Secret>,
    }
}

choices! {
    /// What a link is for. The page says that there may be more values.
    pub enum LinkUsage: text {
        /// The file itself.
        Content = "content",
        /// A thumbnail.
        Thumbnail = "thumbnail",
    }
}
