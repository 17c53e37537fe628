//! Changing and cancelling the caller's own shares.

use crate::ops::shares::{SharePermission, ShareScope, ShareStatus};
use crate::param::{DepartmentId, ExtractCode, GroupId, Secret, UserId};
use crate::{answer, operation};

operation! {
    /// Changes the access code, the message and the end of one of the caller's own shares, and whom it is for.
    ///
    /// `valid_days` is required and `expire_time` is optional; the pages don't say which one wins. Nor do they say what
    /// becomes of an access code, a message or a list that isn't set. Who may open the share can't be changed.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; the enterprise manual doesn't list it.
    ///
    /// Source: updateShare, carrier (2026-02-12) and enterprise (undated); the carrier manual's examples could not be
    /// read.
    ///
    /// ```
    /// # use koodrive_proto::ops::shares::UpdateShare;
    /// UpdateShare::new("1689759841444195840", 0).comment("The final version");
    /// ```
    PUT "/koodrive/ose/v1/share/{shareId}" UpdateShare = "updateShare" -> UpdatedShare;
    AppOrToken, Idempotent, Carrier Partial, Enterprise Full;
    path {
        /// The id of the share.
        share_id: String = "shareId",
    }
    header {
        "X-Hw-Agentname" = agent => Carrier,
    }
    body {
        /// How long the share can be opened. The enterprise manual says that 0 leaves this as it is, and the carrier
        /// manual says that it is not set then.
        valid_days: u32 [0..=365, "days"] = "validDays";
        /// The access code, 8 letters and digits. This form is from the carrier manual.
        extract_code: ExtractCode [8..=8] = "extractCode",
        /// The message to those who open the share.
        comment: String,
        /// The departments that the share is for, with [`ShareScope::Named`].
        dept_ids: Vec<DepartmentId> = "deptIds" => Enterprise,
        /// The user groups that the share is for, with [`ShareScope::Named`].
        group_ids: Vec<GroupId> = "groupIds" => Enterprise,
        /// The users whom the share is for, with [`ShareScope::Named`].
        user_ids: Vec<UserId> = "userIds" => Enterprise,
        /// What those who open the share may do. The page announces this for later; it has no effect yet.
        permission: SharePermission => Enterprise,
        /// When the share ends. No form is documented: the example has `2024-06-03T02:00:39.952Z`, while
        /// [`CreateShare`](crate::ops::shares::CreateShare) takes `2024-06-03 02:00:39`.
        expire_time: String = "expireTime" => Enterprise,
    }
}

answer! {
    /// The answer of [`UpdateShare`]: the share as it is now.
    UpdatedShare {
        /// The share.
        share_link: Option<ChangedShare>,
    }
}

answer! {
    /// A share that was changed. The three counts are texts here, and numbers in the listings.
    ChangedShare {
        /// The id of the share.
        share_id: Option<String>,
        /// A short code, which is not a URL in spite of its name.
        short_url: Option<Secret>,
        /// The access code.
        extract_code: Option<ExtractCode>,
        /// When the share was created; the example has `2024-06-03T02:00:39.953Z`.
        create_time: Option<String>,
        /// When the share was changed, in the same form.
        update_time: Option<String>,
        /// When the share ends, in the same form.
        expire_time: Option<String>,
        /// The whole link.
        link_url: Option<Secret>,
        /// When it was shared; the format is not documented here.
        share_time: Option<String>,
        /// Who may open the share.
        scope: Option<ShareScope>,
        /// The name of the share.
        display_name: Option<String>,
        /// Whether the share can still be opened.
        status: Option<ShareStatus>,
        /// How often the share was viewed.
        view_count: Option<i64> = "viewCnt",
        /// How often files were downloaded.
        download_count: Option<i64> = "downloadCnt",
        /// How often files were saved to another space.
        save_count: Option<i64> = "saveCnt",
    }
}

operation! {
    /// Cancels up to 100 of the caller's own shares.
    ///
    /// The carrier manual requires `share_ids`, 1 to 100 of them; by the enterprise manual they may be left out. The
    /// pages don't say what is cancelled then, so the request isn't sent again when its answer was lost. A call may
    /// succeed although some shares are not cancelled: each share has a [`code`](CancelledShare::code) of its own.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; one of its language versions and the enterprise manual don't list it.
    ///
    /// Source: batchCancel, carrier (2026-02-03) and enterprise (2025-08-28).
    ///
    /// ```
    /// # use koodrive_proto::ops::shares::CancelShares;
    /// CancelShares::new().share_ids(["1689759841444195840"]);
    /// ```
    POST "/koodrive/ose/v1/share/cancel" CancelShares = "batchCancel" -> CancelledShares;
    AppOrToken, Once, Carrier Full, Enterprise Full;
    header {
        "X-Hw-Agentname" = agent => Carrier,
    }
    body {;
        /// The ids of the shares. Always set them: only the enterprise manual allows leaving them out.
        share_ids: Vec<String> [1..=100] = "shareIds" => Carrier requires,
    }
}

answer! {
    /// The answer of [`CancelShares`]: what happened to each share.
    CancelledShares {
        /// What happened to each share.
        shares: Vec<CancelledShare> = "subResponseList",
    }
}

answer! {
    /// What happened to one share.
    CancelledShare {
        /// The id of the share. It is in the examples, but not in the tables.
        share_id: Option<String>,
        /// 0 if the share was cancelled. It is a number in the tables and a text in the enterprise manual's example.
        code: Option<i64>,
        /// What the code means.
        msg: Option<String>,
    }
}
