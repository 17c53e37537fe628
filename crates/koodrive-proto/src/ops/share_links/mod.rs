//! Share links: opening a share, with or without an account.
//!
//! A link is known by its short code, which whoever got the link has; CreateShare calls it `shortUrl`. If the share has
//! an access code, it is exchanged for a temporary token first. Each call is there twice: for users who have signed in,
//! and public, without credentials. The public calls are for allow-listed users only.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`VisitShare`] | asks whether a link can be opened |
//! | [`VisitPublicShare`] | records a visit of a public link |
//! | [`GetShareInfo`] | reads whose share it is, and until when it can be opened |
//! | [`GetPublicShareInfo`] | reads whose public share it is |
//! | [`VerifyExtractCode`] | exchanges the access code for a temporary token |
//! | [`VerifyPublicExtractCode`] | does so for a public share |
//! | [`ListShareFiles`] | lists the files of a share |
//! | [`ListPublicShareFiles`] | lists the files of a public share |
//! | [`DownloadShareFile`] | gets a link to download one file |
//! | [`DownloadPublicShareFile`] | gets a link to download one file of a public share |
//! | [`CreateShareTask`] | starts to pack files for download, or to save them to another space |
//! | [`CreatePublicShareTask`] | does so for a public share |
//! | [`GetShareTask`] | reads how far a task is |
//! | [`GetPublicShareTask`] | reads how far a task of a public share is |
//!
//! ```
//! use koodrive_proto::ops::share_links::{
//!     CreateShareTask, DownloadShareFile, GetShareInfo, GetShareTask, ListShareFiles, SaveTarget, ShareTaskType,
//!     VerifyExtractCode, VisitShare,
//! };
//!
//! let link = "1808628918203192832";
//! VisitShare::new(link);
//! GetShareInfo::new(link);
//! // The answer has the token, which the calls below need if there is an access code.
//! VerifyExtractCode::new(link, "31945314");
//! let token = "561bd7f1a8301f11ee46f";
//! ListShareFiles::new(link).share_token(token);
//! let (share, space) = ("1808628918186415616", "IAAB5thdWzxEoAsiA1681759183084696448");
//! let files = ["FumFysUZDLUEAGaRDVyFC76wn87hIwVpB"];
//! DownloadShareFile::new(share, files[0]).share_token(token);
//! let target = SaveTarget::new("root", "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236");
//! // The answer has the id of the task.
//! CreateShareTask::new(ShareTaskType::Save, space, files, share).target(target).share_token(token);
//! GetShareTask::new("1534087020903704704").share_id(share).share_token(token);
//! ```
//!
//! The enterprise manual's pages for users who have signed in don't list the header language. Of these calls, the
//! carrier manual's pages are known only for CreateShareTask and GetShareTask, which have to name the operator's agent
//! there. If other calls have to do so as well, the header X-Hw-Agentname can be set with
//! [`Call::header`](crate::flow::Call::header).
//!
//! Error codes of this family, judging by their texts: 13000304 and 13000305 (the target folder is abnormal or in the
//! recycle bin), 13000309 (no such share or file), 13000311 (no space left), 13000407 (no link to download the file),
//! 13000408 (the download failed).

mod files;
mod tasks;
mod visit;

pub use files::*;
pub use tasks::*;
pub use visit::*;

use crate::answer;
use crate::ops::shares::{GrantedPermission, ShareStatus};
use crate::param::{Secret, UserId};

answer! {
    /// The share behind a link.
    LinkedShare {
        /// The id of the share.
        share_id: Option<String>,
        /// The short code of the link, which is not a URL in spite of its name.
        short_url: Option<Secret>,
        /// When it was shared; an example has `2025-01-06T11:42:37.037Z`.
        share_time: Option<String>,
        /// The id of the user who shares.
        owner_id: Option<UserId>,
        /// The name of the user who shares.
        owner_name: Option<String>,
        /// What those who open the share may do.
        permission: Option<GrantedPermission>,
        /// When the share ends; the example has `2024-06-03T02:20:24.274Z`.
        expire_time: Option<String>,
        /// How long the share can be opened, only from [`GetShareInfo`]. No unit is documented; the example has `3`
        /// beside an `expire_time`.
        expire_date: Option<String>,
        /// Whether the share can still be opened.
        status: Option<ShareStatus>,
    }
}
