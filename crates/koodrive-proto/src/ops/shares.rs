//! Shares: files of one space that others may open.
//!
//! Error codes that fit here, by their texts:
//! 13000301 (no such space), 13000309 (no such file), 13000411 (a file is not in that space).

use crate::param::{DateTimeText, DepartmentId, ExtractCode, FileId, GroupId, Secret, SpaceId, UserId};
use crate::{answer, choices, object, operation};

operation! {
    /// Creates a share of 1 to 100 files of one space.
    ///
    /// `valid_days` is required and `expire_time` is optional; which one wins is not said. The range of the number of
    /// files, the form of the access code and of the time, and the length of the comment are the carrier manual's.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; the enterprise manual doesn't list it.
    ///
    /// The carrier manual's example sends a `permission`, which only the enterprise manual lists; the enterprise
    /// manual's has a `scope` of 0, which is no listed value.
    ///
    /// Source: createShare, carrier (2026-02-03) and enterprise (undated); the ends of the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::shares::{CreateShare, ShareScope};
    /// let files = ["FryfD0bDk0aWSfrlCgZVJG7hxDMCY5hkl"];
    /// CreateShare::new(ShareScope::Link, files, "IAAB5thdWzxEoAsiA1681759183084696448", 7).extract_code("a1B2c3D4");
    /// ```
    POST "/koodrive/ose/v1/share" CreateShare = "createShare" -> CreatedShare;
    AppOrToken, Once, Carrier Full, Enterprise Partial;
    header {
        "X-Hw-Agentname" = agent => Carrier,
    }
    body {
        /// Who may open it.
        scope: ShareScope,
        /// The files and folders, 1 to 100 of them.
        file_ids: Vec<FileId> [1..=100] = "fileIds",
        /// The space that they are in.
        container_id: SpaceId = "containerId",
        /// How long it can be opened.
        valid_days: u32 [1..=365, "days"] = "validDays";
        /// The access code, 8 letters and digits.
        extract_code: ExtractCode [8..=8] = "extractCode",
        /// When it ends.
        expire_time: DateTimeText = "expireTime",
        /// A message to those who open it, fewer than 512 characters.
        comment: String [0..=511],
        /// How it ends. No values are documented.
        expired_type: String = "expiredType",
        /// Mobile numbers of those whom it is for.
        phone_numbers: Vec<String> = "phoneNumbers",
        /// Departments whom it is for, with [`ShareScope::Named`].
        dept_ids: Vec<DepartmentId> = "deptIds" => Enterprise,
        /// User groups whom it is for, with [`ShareScope::Named`].
        group_ids: Vec<GroupId> = "groupIds" => Enterprise,
        /// Users whom it is for, with [`ShareScope::Named`].
        user_ids: Vec<UserId> = "userIds" => Enterprise,
        /// What they may do. Announced for later, has no effect yet.
        permission: SharePermission => Enterprise,
    }
}

choices! {
    /// Who may open a share.
    pub enum ShareScope: number {
        /// Everybody who has the link. In the enterprise edition for allow-listed users only.
        Link = 1,
        /// The members of the enterprise. Enterprise manual.
        Enterprise = 2,
        /// Whom it names.
        Named = 3,
    }
}

object! {
    /// What those may do who open a share.
    SharePermission {;
        /// To preview.
        preview: bool => Enterprise,
        /// To edit.
        edit: bool => Enterprise,
        /// To download.
        download: bool => Enterprise,
    }
}

answer! {
    /// A new share.
    CreatedShare {
        /// The link.
        share_link: Option<ShareLink>,
    }
}

answer! {
    /// The link of a share.
    ShareLink {
        /// The id of the share.
        share_id: Option<String>,
        /// A short code, and no URL in spite of its name. Hidden by `Debug`, as the link: who has it may open the
        /// share.
        short_url: Option<Secret>,
        /// The whole link.
        link_url: Option<Secret>,
        /// The access code.
        extract_code: Option<ExtractCode>,
        /// The message.
        comment: Option<String>,
        /// When it ends; the format is not documented here.
        expire_time: Option<String>,
    }
}

operation! {
    /// Cancels up to 100 of the caller's own shares.
    ///
    /// The carrier manual requires `share_ids`, 1 to 100 of them; by the enterprise manual they may be left out. What
    /// is cancelled then is not documented, and so a call is not sent again when its answer got lost. A call may
    /// succeed though some shares are not cancelled: each has a [`code`](CancelledShare::code) of its own.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; one of its languages and the enterprise manual don't list it. The enterprise manual lists no language
    /// header.
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
        /// The shares. Set them: the enterprise manual alone lets them be left out.
        share_ids: Vec<String> [1..=100] = "shareIds" => Carrier requires,
    }
}

answer! {
    /// What became of each share.
    CancelledShares {
        /// The shares.
        shares: Vec<CancelledShare> = "subResponseList",
    }
}

answer! {
    /// What became of one share.
    CancelledShare {
        /// The id of the share. In the examples, though not in the tables.
        share_id: Option<String>,
        /// 0 if it was cancelled. A number in the tables, a text in the enterprise manual's example.
        code: Option<i64>,
        /// What the code means.
        msg: Option<String>,
    }
}
