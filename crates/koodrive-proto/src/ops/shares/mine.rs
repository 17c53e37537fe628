//! The shares that the caller made.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::{SortDirection, ThumbnailSize};
use crate::ops::shares::{GrantedPermission, ShareScope, ShareSort, ShareStatus, SharedFile};
use crate::param::{DepartmentId, ExtractCode, GroupId, Secret, SpaceId, UserId};
use crate::{answer, operation};

operation! {
    /// Lists the shares that the caller made, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](MySharePage::next_cursor). Pages before the last one may be short
    /// or even empty. A share of several files appears as one entry, like a folder, with the name of its first file.
    ///
    /// Source: listShareByMe, enterprise (2025-12-12); parts of the answer are known from older pages, the members of a
    /// file are those of listShareWithMe, and no examples could be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::{SortDirection, ThumbnailSize};
    /// # use koodrive_proto::ops::shares::ListSharesByMe;
    /// ListSharesByMe::new().page_size(50).sort_direction(SortDirection::Ascending).usage(ThumbnailSize::Mid);
    /// ```
    GET "/koodrive/ose/v1/share" ListSharesByMe = "listShareByMe" -> MySharePage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {;
        /// How many shares a page may have, at most 100.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor from the answer with the previous page.
        page_cursor: String | "0" = "pageCursor",
        /// What to sort by.
        sort_type: ShareSort | 4 = "sortType",
        /// Whether to sort in ascending or descending order.
        sort_direction: SortDirection | 2 = "sortDirection",
        /// Only shares with this text in their names are listed.
        display_name: String = "displayName",
        /// How to make thumbnails, in the syntax of OBS, for example `image/resize,m_lfit,h_128,w_128`.
        image_process: String = "imageProcess",
        /// The size of the thumbnails of documents and videos.
        usage: ThumbnailSize,
    }
}

impl Paged for ListSharesByMe {
    type Item = MyShare;

    fn turn(&mut self, page: &MySharePage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut MySharePage) -> &mut Vec<MyShare> {
        &mut page.share_links
    }

    fn key(item: &MyShare) -> Option<&str> {
        item.share_id.as_deref()
    }
}

answer! {
    /// A page of the shares that the caller made.
    MySharePage {
        /// The cursor of the next page; the last page has none.
        next_cursor: Option<String>,
        /// The shares.
        share_links: Vec<MyShare>,
    }
}

answer! {
    /// A share that the caller made, in a listing.
    MyShare {
        /// The id of the share.
        share_id: Option<String>,
        /// A short code, which is not a URL in spite of its name.
        short_url: Option<Secret>,
        /// The whole link.
        link_url: Option<Secret>,
        /// When it was shared; the format is not documented here.
        share_time: Option<String>,
        /// Who may open the share.
        scope: Option<ShareScope>,
        /// The files of the share.
        files: Vec<SharedFile>,
        /// The name of the share.
        display_name: Option<String>,
        /// What those who open the share may do.
        permission: Option<GrantedPermission>,
        /// The access code. It is in an older table, but not in the newest one.
        extract_code: Option<ExtractCode>,
        /// When the share ends; the format is not documented here.
        expire_time: Option<String>,
        /// Whether the share can still be opened.
        status: Option<ShareStatus>,
        /// The message to those who open the share.
        comment: Option<String>,
        /// How often the share was viewed.
        view_count: Option<i64> = "viewCnt",
        /// How often files were downloaded. The page announces this for later; it isn't counted yet.
        download_count: Option<i64> = "downloadCnt",
        /// How often files were saved to another space. The page announces this for later; it isn't counted yet.
        save_count: Option<i64> = "saveCnt",
        /// The id of the space that the files are in.
        container_id: Option<SpaceId>,
        /// The name of that space.
        container_name: Option<String>,
    }
}

operation! {
    /// Reads a share that the caller made, with those whom it is for.
    ///
    /// Other addresses have the same form, such as that of [`VisitShare`](crate::ops::share_links::VisitShare), which
    /// has `visit` in place of the id.
    ///
    /// Source: getShareByMeDetail, enterprise (undated); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::shares::GetShareByMe;
    /// GetShareByMe::new("1689759841444195840");
    /// ```
    GET "/koodrive/ose/v1/share/{shareId}" GetShareByMe = "getShareByMeDetail" -> ShareByMe;
    AppOrToken, ReadOnly, Enterprise Partial;
    path {
        /// The id of the share.
        share_id: String = "shareId",
    }
}

answer! {
    /// The answer of [`GetShareByMe`].
    ShareByMe {
        /// The share.
        share_link: Option<MyShareDetail>,
    }
}

answer! {
    /// A share that the caller made, with those whom it is for.
    MyShareDetail {
        /// The id of the share.
        share_id: Option<String>,
        /// A short code, which is not a URL in spite of its name.
        short_url: Option<Secret>,
        /// The whole link.
        link_url: Option<Secret>,
        /// When it was shared; the example has `2024-06-03T01:59:05.324Z`.
        share_time: Option<String>,
        /// Who may open the share.
        scope: Option<ShareScope>,
        /// The departments that the share is for.
        depts: Vec<ShareDepartment>,
        /// The user groups that the share is for.
        groups: Vec<ShareGroup>,
        /// The users whom the share is for.
        users: Vec<ShareUser>,
        /// The name of the share.
        display_name: Option<String>,
        /// What those who open the share may do.
        permission: Option<GrantedPermission>,
        /// The access code.
        extract_code: Option<ExtractCode>,
        /// When the share ends; the format is not documented here.
        expire_time: Option<String>,
        /// Whether the share can still be opened.
        status: Option<ShareStatus>,
        /// The message to those who open the share.
        comment: Option<String>,
    }
}

answer! {
    /// A department that a share is for.
    ShareDepartment {
        /// The id of the department.
        id: Option<DepartmentId>,
        /// The name of the department.
        name: Option<String>,
    }
}

answer! {
    /// A user group that a share is for.
    ShareGroup {
        /// The id of the group.
        id: Option<GroupId>,
        /// The name of the group.
        name: Option<String>,
    }
}

answer! {
    /// A user whom a share is for.
    ShareUser {
        /// The id of the user.
        id: Option<UserId>,
        /// The name of the user.
        name: Option<String>,
    }
}
