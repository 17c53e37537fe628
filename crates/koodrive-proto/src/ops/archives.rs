//! Archives: what is in an archive that is stored in KooDrive.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`ListArchive`] | lists what is in an archive |
//!
//! [`jobs`](crate::ops::jobs) extract archives, and can look into them as well:
//!
//! ```
//! use koodrive_proto::ops::archives::ListArchive;
//! use koodrive_proto::ops::jobs::{CreateJob, GetJob, JobAction, JobFile, JobType, TaskInfo};
//!
//! let (space, archive) = ("IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236", "FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr");
//! // The answer has a list of what is in the archive, or the id of a task that makes the list: a job, by our reading.
//! ListArchive::new(space, archive);
//! GetJob::new("1428103989525998336");
//! // Extract two of the files.
//! let task = TaskInfo::new([JobFile::new(archive)], space).uncompress_file_paths(["a.txt", "b/c.txt"]);
//! CreateJob::new(JobType::Decompress, task, space).action_type(JobAction::ExtractPart);
//! ```
//!
//! Error codes of this family, judging by their texts: 13000301 (no such space), 13000302 and 13000411 (the file is not
//! in that space), 13000306 (the file is in the recycle bin), 13000309 (no such file).

use crate::ops::jobs::UncompressedType;
use crate::param::{FileId, Secret, SpaceId};
use crate::wire::Unseen;
use crate::{answer, operation};

operation! {
    /// Lists what is in an archive, without extracting it.
    ///
    /// The answer has either the list or the id of a task that makes it. The page says neither which of the two comes
    /// when, nor how to ask for the result of the task; our reading is that [`GetJob`](crate::ops::jobs::GetJob) reads
    /// it. Since each request may start a task, it isn't sent again when its answer was lost.
    ///
    /// The page doesn't name the kinds of archives; the product's user guide names zip, 7z and rar. The carrier edition
    /// loads the data to Singapore. The address in the examples lacks the `/koodrive` at its beginning.
    ///
    /// Source: listFile, carrier (undated) and enterprise (2025-03-14); the body of the request's example could not be
    /// read, nor the end of the answer's table in the carrier manual.
    ///
    /// ```
    /// # use koodrive_proto::ops::archives::ListArchive;
    /// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// ListArchive::new(space, "FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr").password("123qweASD143");
    /// ```
    POST "/koodrive/ose/v1/archive/listFile" ListArchive = "listFile" -> ArchiveContent as data;
    AppOrToken, Once, Carrier Partial, Enterprise Partial;
    body {
        /// The id of the space that the archive is in.
        container_id: SpaceId = "containerId",
        /// The id of the archive.
        file_id: FileId = "fileId";
        /// The password of the archive, as it is. According to the carrier manual, a protected archive can't be listed
        /// without it, and it is ignored for others.
        password: Secret = "pwd",
    }
}

answer! {
    /// What is in an archive, or the task that finds out.
    ArchiveContent {
        /// The files and folders, including those in folders; only if they are listed at once. It is documented as one
        /// object; here one or several objects are read.
        entries: Vec<ArchiveEntry> = "uncompressedFileList",
        /// How far the task has got, in percent.
        progress: Option<i64>,
        /// The id of the task; only if the list isn't made at once.
        task_id: Option<String>,
        /// The key of the task. Listed by the enterprise manual.
        task_key: Option<String>,
        /// More about the task; its members are not documented. Listed by the enterprise manual.
        task_value: Option<Unseen>,
    }
}

answer! {
    /// A file or folder in an archive. The page types its numbers as texts.
    ArchiveEntry {
        /// An error code; no values are documented.
        code: Option<String>,
        /// The name of the file or folder. The page doesn't say whether it includes the folders above.
        name: Option<String>,
        /// Whether it is a file or a folder.
        kind: Option<UncompressedType> = "type",
        /// When it was changed, in milliseconds since 1970. [`GetJob`](crate::ops::jobs::GetJob) calls this
        /// `updatedAt`.
        update_at: Option<i64>,
        /// The size in bytes.
        file_size: Option<i64>,
    }
}
