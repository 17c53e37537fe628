//! The shares that the caller received.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::SortDirection;
use crate::ops::shares::{GrantedPermission, ShareScope, ShareSort, ShareStatus, SharedFile};
use crate::param::{Secret, SpaceId, UserId};
use crate::{answer, operation};

operation! {
    /// Lists the shares that the caller received, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](ReceivedSharePage::next_cursor). Pages before the last one may be
    /// short or even empty.
    ///
    /// Source: listShareWithMe, enterprise (2025-10-21); some members of the answer are known from older pages, and no
    /// examples could be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::shares::ListSharesWithMe;
    /// ListSharesWithMe::new().page_size(50).display_name("report");
    /// ```
    GET "/koodrive/ose/v1/share/received" ListSharesWithMe = "listShareWithMe" -> ReceivedSharePage;
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
    }
}

impl Paged for ListSharesWithMe {
    type Item = ReceivedShare;

    fn turn(&mut self, page: &ReceivedSharePage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut ReceivedSharePage) -> &mut Vec<ReceivedShare> {
        &mut page.share_links
    }

    fn key(item: &ReceivedShare) -> Option<&str> {
        item.share_id.as_deref()
    }
}

answer! {
    /// A page of the shares that the caller received.
    ReceivedSharePage {
        /// The cursor of the next page; the last page has none.
        next_cursor: Option<String>,
        /// The shares.
        share_links: Vec<ReceivedShare>,
    }
}

answer! {
    /// A share that the caller received, in a listing.
    ReceivedShare {
        /// The id of the share.
        share_id: Option<String>,
        /// A short code, which is not a URL in spite of its name.
        short_url: Option<Secret>,
        /// The whole link.
        link_url: Option<Secret>,
        /// When it was shared; the format is not documented here.
        share_time: Option<String>,
        /// The id of the user who shares.
        owner_id: Option<UserId>,
        /// The name of the user who shares.
        owner_name: Option<String>,
        /// The mobile number of the user who shares, partly hidden. It is for the carrier edition, by the enterprise
        /// manual.
        owner_mobile: Option<String>,
        /// The name of the share.
        display_name: Option<String>,
        /// The files of the share.
        files: Vec<SharedFile>,
        /// What those who open the share may do.
        permission: Option<GrantedPermission>,
        /// When the share ends; the format is not documented here.
        expire_time: Option<String>,
        /// Whether the share can still be opened.
        status: Option<ShareStatus>,
        /// The message to those who open the share.
        comment: Option<String>,
        /// The id of the space that the files are in.
        container_id: Option<SpaceId>,
        /// How often files were downloaded.
        download_count: Option<i64> = "downloadCnt",
        /// How often files were saved to another space.
        save_count: Option<i64> = "saveCnt",
        /// Who may open the share. It is a text here and has no listed values; those of the other calls are taken.
        scope: Option<ShareScope>,
        /// When the share was changed; the format is not documented here.
        update_time: Option<String>,
        /// How often the share was viewed. It is a text here, and a number elsewhere.
        view_count: Option<i64> = "viewCnt",
    }
}

operation! {
    /// Reads a share that the caller received.
    ///
    /// Source: getShareWithMeDetail, enterprise (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::shares::GetShareWithMe;
    /// GetShareWithMe::new("1689759841444195840");
    /// ```
    GET "/koodrive/ose/v1/share/received/{shareId}" GetShareWithMe = "getShareWithMeDetail" -> ShareWithMe;
    AppOrToken, ReadOnly, Enterprise Full;
    path {
        /// The id of the share.
        share_id: String = "shareId",
    }
}

answer! {
    /// The answer of [`GetShareWithMe`].
    ShareWithMe {
        /// The share.
        share_link: Option<ReceivedShareDetail>,
    }
}

answer! {
    /// A share that the caller received.
    ReceivedShareDetail {
        /// The id of the share.
        share_id: Option<String>,
        /// A short code, which is not a URL in spite of its name.
        short_url: Option<Secret>,
        /// The whole link.
        link_url: Option<Secret>,
        /// When it was shared; the format is not documented here.
        share_time: Option<String>,
        /// The id of the user who shares.
        owner_id: Option<UserId>,
        /// The name of the user who shares.
        owner_name: Option<String>,
        /// The name of the share.
        display_name: Option<String>,
        /// What those who open the share may do.
        permission: Option<GrantedPermission>,
        /// When the share ends; the example has `2024-06-03T02:18:51.520Z`.
        expire_time: Option<String>,
        /// Whether the share can still be opened. The newest page has only [`ShareStatus::FileDeleted`]; the others are
        /// from the page of 2024.
        status: Option<ShareStatus>,
        /// The message to those who open the share.
        comment: Option<String>,
    }
}

operation! {
    /// Removes the caller from shares that they received.
    ///
    /// The page doesn't say how many shares a request may have. A call may succeed although the caller is not removed
    /// from some of them: each share has a [`code`](LeftShare::code) of its own. An older page marks the ids as
    /// optional.
    ///
    /// Source: exitShare, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::shares::ExitShare;
    /// ExitShare::new(["1689759841444195840"]);
    /// ```
    POST "/koodrive/ose/v1/share/exit" ExitShare = "exitShare" -> LeftShares;
    AppOrToken, Once, Enterprise Full;
    body {
        /// The ids of the shares.
        share_ids: Vec<String> = "shareIds",
    }
}

answer! {
    /// The answer of [`ExitShare`]: what happened to each share.
    LeftShares {
        /// What happened to each share.
        shares: Vec<LeftShare> = "subResponseList",
    }
}

answer! {
    /// What happened to one share that the caller wanted to leave.
    LeftShare {
        /// The id of the share. It is not in all examples.
        share_id: Option<String>,
        /// A code like that of the whole answer; our reading is that 0 means success. It is a text here.
        code: Option<i64>,
        /// What the code means. CancelShares calls this `msg`.
        message: Option<String>,
    }
}
