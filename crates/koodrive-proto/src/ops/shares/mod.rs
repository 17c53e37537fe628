//! Shares: files of one space that others may open.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreateShare`] | shares up to 100 files of a space |
//! | [`ListSharesByMe`] | lists the shares that the caller made |
//! | [`GetShareByMe`] | reads one of them, with those whom it is for |
//! | [`UpdateShare`] | changes its access code, its message and how long it lasts |
//! | [`CancelShares`] | cancels up to 100 of them |
//! | [`ListSharesWithMe`] | lists the shares that the caller received |
//! | [`GetShareWithMe`] | reads one of them |
//! | [`ExitShare`] | removes the caller from some of them |
//!
//! Whoever has the link of a share opens it with [`share_links`](crate::ops::share_links).
//!
//! ```
//! use koodrive_proto::ops::shares::{CancelShares, CreateShare, GetShareByMe, ShareScope, UpdateShare};
//!
//! let files = ["FryfD0bDk0aWSfrlCgZVJG7hxDMCY5hkl"];
//! // The answer has the id of the share, and its link.
//! CreateShare::new(ShareScope::Link, files, "IAAB5thdWzxEoAsiA1681759183084696448", 7).extract_code("a1B2c3D4");
//! let share = "1689759841444195840";
//! // Is it still valid?
//! GetShareByMe::new(share);
//! // Another month, with another access code.
//! UpdateShare::new(share, 30).extract_code("d4C3b2A1");
//! CancelShares::new().share_ids([share]);
//! ```
//!
//! The enterprise manual's pages of this family don't list the header language.
//!
//! Error codes of this family, judging by their texts: 13000301 (no such space), 13000302 and 13000411 (a file is not
//! in that space), 13000309 (no such share or file).

mod create;
mod manage;
mod mine;
mod received;

pub use create::*;
pub use manage::*;
pub use mine::*;
pub use received::*;

use crate::ops::files::FileType;
use crate::param::{FileId, SpaceId};
use crate::wire::Unseen;
use crate::{answer, choices, object};

choices! {
    /// Who may open a share.
    pub enum ShareScope: number {
        /// Everybody who has the link. In the enterprise edition, this is for allow-listed users only.
        Link = 1,
        /// The members of the enterprise. Listed by the enterprise manual.
        Enterprise = 2,
        /// Those whom the share names.
        Named = 3,
    }
}

object! {
    /// What those who open a share may do.
    SharePermission {;
        /// Permission to preview.
        preview: bool => Enterprise,
        /// Permission to edit.
        edit: bool => Enterprise,
        /// Permission to download.
        download: bool => Enterprise,
    }
}

answer! {
    /// What those who open a share may do. The pages announce this for later.
    GrantedPermission {
        /// Permission to preview.
        preview: Option<bool>,
        /// Permission to edit.
        edit: Option<bool>,
        /// Permission to download.
        download: Option<bool>,
    }
}

choices! {
    /// Whether a share can still be opened.
    pub enum ShareStatus: number {
        /// It can be opened until the time when it ends.
        UntilExpiry = 0,
        /// Its file was deleted.
        FileDeleted = 1,
        /// It is no longer valid.
        Invalid = 2,
        /// It has ended. Listed only by the enterprise manual, for [`UpdateShare`].
        Expired = 3,
    }
}

choices! {
    /// What to sort shares by.
    pub enum ShareSort: number {
        /// The time of sharing.
        Shared = 4,
    }
}

answer! {
    /// A file or folder of a share, in the listings of shares.
    SharedFile {
        /// The id of the file or folder.
        id: Option<FileId>,
        /// The name of the file or folder, of at most 160 bytes; an older page says 250.
        file_name: Option<String>,
        /// What kind of file it is.
        file_type: Option<FileType>,
        /// The media type.
        mime_type: Option<String>,
        /// The size; no unit is documented.
        size: Option<i64>,
        /// The folder that it is in; only the first id counts.
        parent_folder: Vec<FileId>,
        /// The end of the name.
        file_suffix: Option<String>,
        /// The ids of the spaces that it is in.
        containers: Vec<SpaceId>,
        /// Links to it; their members could not be read.
        download_links: Vec<Unseen>,
        /// Whether it is in the recycle bin.
        recycled: Option<bool>,
    }
}
