//! Jobs: copying, deleting, moving and restoring many files at once, looking into archives, and packing files for
//! download.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreateJob`] | starts a job |
//! | [`GetJob`] | reads the state of a job |
//! | [`ListJobs`] | lists the user's jobs |
//! | [`CancelJob`] | cancels a job |
//!
//! [`Until`](crate::flow::Until) asks for a job again and again until it [is over](JobDetail::is_over).
//!
//! ```
//! use koodrive_proto::ops::jobs::{CancelJob, CreateJob, GetJob, JobAction, JobFile, JobType, TaskInfo};
//!
//! let (from, to) = ("IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236", "IAADfsBFCO6WtAtuA315074383680425b8aa9a130");
//! let task = TaskInfo::new([JobFile::new("FuZmQ66CF0DdpKRG1Y29Iwajbq04Nhwu3")], from);
//! CreateJob::new(JobType::Copy, task, to).action_type(JobAction::Copy);
//! // The answer is the id of the job. Ask until it is over.
//! GetJob::new("1309243162258308352");
//! // Or think better of it.
//! CancelJob::new("1309243162258308352");
//! ```
//!
//! Error codes of this family, judging by their texts: 13000302 and 13000411 (a file is not in that space), 13000303 (a
//! file is not in the recycle bin), 13000304 and 13000305 (the target folder is abnormal or in the recycle bin),
//! 13000307 (a folder would be put into itself), 13000310 (too many levels of folders), 13000311 (no space left),
//! 13000312 (a file is already there).

mod cancel;
mod create;
mod detail;
mod list;

pub use cancel::*;
pub use create::*;
pub use detail::*;
pub use list::*;

use crate::choices;

choices! {
    /// What a job does.
    pub enum JobType: number {
        /// Copies files.
        Copy = 1,
        /// Deletes files.
        Delete = 2,
        /// Moves files.
        Move = 3,
        /// Restores files from the recycle bin.
        Restore = 4,
        /// Looks into an archive, or extracts files from it.
        Decompress = 5,
        /// Packs files for download.
        PackageDownload = 6,
        /// Clears the recycle bin. In the enterprise edition, this is for allow-listed users only.
        ClearRecycleBin = 7,
    }
}

choices! {
    /// What a job does, in more detail.
    pub enum JobAction: number {
        /// Copies files, or saves them to the user's own space.
        Copy = 101,
        /// Deletes files by moving them to the recycle bin.
        Recycle = 201,
        /// Deletes files permanently.
        Delete = 202,
        /// Moves files.
        Move = 301,
        /// Lists what is in an archive.
        LookIntoArchive = 501,
        /// Extracts everything from an archive.
        ExtractAll = 502,
        /// Extracts some paths from an archive.
        ExtractPart = 503,
        /// Clears the recycle bin. In the enterprise edition, this is for allow-listed users only.
        ClearRecycleBin = 701,
    }
}
