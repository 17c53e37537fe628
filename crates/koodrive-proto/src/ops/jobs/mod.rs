//! Jobs: copy, delete, move and restore files by the batch, look into archives, pack files for download.
//!
//! Error codes that fit here, by their texts:
//! 13000302 and 13000411 (a file is not in that space), 13000303 (a file is not in the recycle bin), 13000304 and
//! 13000305 (the target folder is abnormal or in the recycle bin), 13000307 (a folder into itself), 13000310 (too many
//! levels), 13000311 (no space left), 13000312 (a file is already there), 13000413 (no such kind of job).

mod create;
mod detail;
mod list;

pub use create::*;
pub use detail::*;
pub use list::*;

use crate::choices;

choices! {
    /// What a job does.
    pub enum JobType: number {
        /// Copies.
        Copy = 1,
        /// Deletes.
        Delete = 2,
        /// Moves.
        Move = 3,
        /// Restores from the recycle bin.
        Restore = 4,
        /// Looks into an archive or extracts from it.
        Decompress = 5,
        /// Packs files for download.
        PackageDownload = 6,
        /// Clears the recycle bin. Enterprise: for allow-listed users only.
        ClearRecycleBin = 7,
    }
}

choices! {
    /// What a job does, more closely.
    pub enum JobAction: number {
        /// Copies, or saves to the own space.
        Copy = 101,
        /// Deletes into the recycle bin.
        Recycle = 201,
        /// Deletes for good.
        Delete = 202,
        /// Moves.
        Move = 301,
        /// Lists what is in an archive.
        LookIntoArchive = 501,
        /// Extracts everything.
        ExtractAll = 502,
        /// Extracts some paths.
        ExtractPart = 503,
        /// Clears the recycle bin. Enterprise: for allow-listed users only.
        ClearRecycleBin = 701,
    }
}
