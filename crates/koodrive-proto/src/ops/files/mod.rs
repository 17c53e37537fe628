//! Files and folders: listing and searching them, uploads, downloads, renaming, and the recycle bin.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`ListPersonalFiles`] | lists a folder of the user's own space, or its recycle bin |
//! | [`ListGroupFiles`] | lists a folder of the space of a department or group, or its recycle bin |
//! | [`SearchFiles`] | searches for files |
//! | [`GetFile`] | reads what is known about a file or folder |
//! | [`GetFullPath`] | reads where a file is |
//! | [`GetFileOperations`] | lists what was done to a file |
//! | [`CreateDirectory`] | creates a folder |
//! | [`GetFolderStats`] | counts what is in a folder |
//! | [`CreateFile`] | begins an upload |
//! | [`GetUploadUrls`] | issues more links for an upload |
//! | [`CompleteFile`] | completes an upload |
//! | [`GetDownloadUrls`] | issues links for downloads |
//! | [`RenameFile`] | renames a file or folder |
//! | [`ClearRecycleBin`] | clears the recycle bin |
//!
//! [`jobs`](crate::ops::jobs) copy, move, delete and restore files.
//!
//! ```
//! use koodrive_proto::ops::files::{
//!     CompleteFile, CreateDirectory, CreateFile, FileType, GetDownloadUrls, NewPart, OnConflict,
//! };
//!
//! let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
//! CreateDirectory::new("2026", space).rename_mode(OnConflict::Refuse);
//! // The id of the folder is in the answer.
//! CreateFile::new("test.zip", FileType::Archive, "FkbdCAceMj89bprz5xLJASID1eaRqjlRP", 22106481)
//!     .auto_rename(OnConflict::Rename)
//!     .container_id(space)
//!     .multi_parts([NewPart::new(1, 22106481)]);
//! // The answer has the id of the file, and a link for each part: send the bytes there, with PUT. Then:
//! let file = "FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr";
//! CompleteFile::new(file);
//! // Later, and elsewhere:
//! GetDownloadUrls::new(space, [file]);
//! ```
//!
//! Error codes of this family, judging by their texts: 13000301 (no such space), 13000302 and 13000411 (the file is not
//! in that space), 13000304 and 13000305 (the target folder is abnormal or in the recycle bin), 13000306 (the file is
//! in the recycle bin), 13000308 (what is known about the file is wrong), 13000309 (no such file), 13000310 (too many
//! levels of folders), 13000311 (no space left), 13000401 (no such upload), 13000402 (the upload is incomplete),
//! 13000403 (the state of the file could not be changed), 13000404 (the folder above is in the recycle bin), 13000405
//! (the name is taken), 13000406 (not for folders), 13000407 and 13000408 (the download failed), 13000409 (the upload
//! failed), 13000410 (the user may not act on the space), 13000413 and 13000414 (the kind of search is unknown or
//! missing), 13000415 (the space is not that of the department or group), 13000417 and 13000419 (the name is too long
//! or has forbidden characters).

mod detail;
mod download;
mod folders;
mod list;
mod manage;
pub(crate) mod parts;
mod search;
mod upload;

pub use detail::*;
pub use download::*;
pub use folders::*;
pub use list::*;
pub use manage::*;
pub use parts::*;
pub use search::*;
pub use upload::*;

use crate::{answer, choices, object};

choices! {
    /// The kind of a file.
    pub enum FileType: text {
        /// A folder.
        Folder = "10",
        /// A smart folder, for allow-listed users only.
        SmartFolder = "11",
        /// A picture.
        Picture = "15",
        /// A video.
        Video = "20",
        /// A Word document.
        Word = "26",
        /// An Excel sheet.
        Excel = "27",
        /// A PowerPoint presentation.
        PowerPoint = "28",
        /// An audio file.
        Audio = "30",
        /// An archive.
        Archive = "35",
        /// An application.
        Application = "40",
        /// Something else.
        Miscellaneous = "45",
    }
}

object! {
    /// The order of the files in a listing.
    FileSort = "FileSortInfo" {;
        /// What to sort by.
        sort_type: SortType = "sortType",
        /// Whether to sort in ascending or descending order.
        sort_direction: SortDirection = "sortDirection",
    }
}

choices! {
    /// What to sort by.
    pub enum SortType: number {
        /// The name.
        Name = 1,
        /// The size.
        Size = 2,
        /// The time when the file was created.
        Created = 3,
        /// The time when the file was changed.
        Modified = 4,
        /// The time when the file was put into the recycle bin; only for listings of the recycle bin.
        Recycled = 5,
        /// The format of the file.
        Format = 6,
    }
}

choices! {
    /// The direction of sorting.
    pub enum SortDirection: number {
        /// Ascending order.
        Ascending = 1,
        /// Descending order.
        Descending = 2,
    }
}

choices! {
    /// The size of the thumbnails of documents and videos. The pages give no measures.
    pub enum ThumbnailSize: text {
        /// The smallest size.
        Min = "minThumbnail",
        /// The middle size.
        Mid = "midThumbnail",
        /// The large size.
        Large = "largeThumbnail",
        /// The largest size.
        SuperLarge = "superLargeThumbnail",
    }
}

choices! {
    /// What to do if the name is taken already.
    pub enum OnConflict: number {
        /// Appends a timestamp to the name.
        Rename = 2,
        /// Refuses the name: the call fails.
        Refuse = 3,
        /// Only for [`CreateFile`]: creates nothing if the name and the SHA-256 are the same ([`CreatedFile::exist`] is
        /// then true), and renames otherwise.
        KeepSame = 4,
    }
}

answer! {
    /// A user whom a file names, as the example of getDepartmentFiles shows it.
    FileUser {
        /// Always `drive#user`.
        category: Option<String>,
        /// Whether this user is the caller.
        me: Option<bool>,
        /// The id of the permission.
        permission_id: Option<String>,
        /// The platform's id of the user, which is not KooDrive's id of the user.
        user_id: Option<String>,
        /// The name of the user.
        display_name: Option<String>,
    }
}
