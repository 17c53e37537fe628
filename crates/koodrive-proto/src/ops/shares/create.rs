//! Making a share.

use crate::ops::shares::{SharePermission, ShareScope};
use crate::param::{DateTimeText, DepartmentId, ExtractCode, FileId, GroupId, Secret, SpaceId, UserId};
use crate::{answer, operation};

operation! {
    /// Creates a share of 1 to 100 files of one space.
    ///
    /// `valid_days` is required and `expire_time` is optional; the pages don't say which one wins. The range for the
    /// number of files, the forms of the access code and of the time, and the length of the comment are from the
    /// carrier manual.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; the enterprise manual doesn't list it.
    ///
    /// The carrier manual's example sends a `permission`, which only the enterprise manual lists. The enterprise
    /// manual's example has a `scope` of 0, which is not a listed value.
    ///
    /// Source: createShare, carrier (2026-02-03) and enterprise (undated); the ends of the requests' examples and
    /// the answers' examples could not be read.
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
        /// Who may open the share.
        scope: ShareScope,
        /// The ids of the files and folders, 1 to 100 of them.
        file_ids: Vec<FileId> [1..=100] = "fileIds",
        /// The id of the space that the files are in.
        container_id: SpaceId = "containerId",
        /// How long the share can be opened.
        valid_days: u32 [1..=365, "days"] = "validDays";
        /// The access code, 8 letters and digits.
        extract_code: ExtractCode [8..=8] = "extractCode",
        /// When the share ends.
        expire_time: DateTimeText = "expireTime",
        /// A message to those who open the share, fewer than 512 characters.
        comment: String [0..=511],
        /// How the share ends. No values are documented. In the enterprise manual, it is only on an older page.
        expired_type: String = "expiredType",
        /// The mobile numbers of those whom the share is for.
        phone_numbers: Vec<String> = "phoneNumbers",
        /// The departments that the share is for, with [`ShareScope::Named`].
        dept_ids: Vec<DepartmentId> = "deptIds" => Enterprise,
        /// The user groups that the share is for, with [`ShareScope::Named`].
        group_ids: Vec<GroupId> = "groupIds" => Enterprise,
        /// The users whom the share is for, with [`ShareScope::Named`].
        user_ids: Vec<UserId> = "userIds" => Enterprise,
        /// What those who open the share may do. The page announces this for later; it has no effect yet.
        permission: SharePermission => Enterprise,
    }
}

answer! {
    /// The answer of [`CreateShare`]: a new share.
    CreatedShare {
        /// The link of the share.
        share_link: Option<ShareLink>,
    }
}

answer! {
    /// The link of a share.
    ShareLink {
        /// The id of the share.
        share_id: Option<String>,
        /// A short code, which is not a URL in spite of its name. `Debug` hides it, like the link, since whoever has it
        /// may open the share.
        short_url: Option<Secret>,
        /// The whole link.
        link_url: Option<Secret>,
        /// The access code.
        extract_code: Option<ExtractCode>,
        /// The message to those who open the share.
        comment: Option<String>,
        /// When the share ends; the format is not documented here.
        expire_time: Option<String>,
    }
}
