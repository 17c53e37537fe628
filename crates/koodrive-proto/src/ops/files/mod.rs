//! Files: listing a folder, searching, and beginning an upload.
//!
//! Error codes of this family, judging by their texts: 13000301 (no such space), 13000302 and 13000411 (the file is not
//! in that space), 13000304 and 13000305 (the target folder is abnormal or in the recycle bin), 13000309 (no such
//! file), 13000310 (too many levels of folders), 13000311 (no space left), 13000405 (the name is taken), 13000414 (the
//! kind of search is missing), 13000417 and 13000419 (the name is too long or has forbidden characters).

mod list;
pub(crate) mod parts;
mod search;
mod upload;

pub use list::*;
pub use parts::*;
pub use search::*;
pub use upload::*;

use crate::{choices, object};

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
        /// The time when the file was put into the recycle bin; only in the recycle bin.
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
