//! Files: list a folder, search, and begin an upload.
//!
//! Error codes that fit here, by their texts:
//! 13000301 (no such space), 13000302 and 13000411 (the file is not in that space), 13000304 and 13000305 (the target
//! folder is abnormal or in the recycle bin), 13000309 (no such file), 13000310 (too many levels), 13000311 (no space
//! left), 13000405 (the name is taken), 13000414 (no kind of search), 13000417 and 13000419 (a name that is too long or
//! has other characters).

mod list;
mod search;
mod upload;

pub use list::*;
pub use search::*;
pub use upload::*;

use crate::{choices, object};

choices! {
    /// What a file is.
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
    /// The order of a listing.
    FileSort = "FileSortInfo" {;
        /// By what.
        sort_type: SortType = "sortType",
        /// Up or down.
        sort_direction: SortDirection = "sortDirection",
    }
}

choices! {
    /// By what to sort.
    pub enum SortType: number {
        /// The name.
        Name = 1,
        /// The size.
        Size = 2,
        /// When it was created.
        Created = 3,
        /// When it was changed.
        Modified = 4,
        /// When it was recycled; in the recycle bin only.
        Recycled = 5,
        /// The format.
        Format = 6,
    }
}

choices! {
    /// Up or down.
    pub enum SortDirection: number {
        /// Up.
        Ascending = 1,
        /// Down.
        Descending = 2,
    }
}
