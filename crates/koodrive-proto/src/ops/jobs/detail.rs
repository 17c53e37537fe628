//! One job.

use crate::ops::jobs::{JobInfo, JobStatus};
use crate::param::{FileId, SpaceId};
use crate::{answer, choices, operation};

operation! {
    /// Reads one job, to see how far it is.
    ///
    /// The id stands directly under `v1`: other addresses of one segment go before it. It is called `taskId` in the
    /// answer, and `jobId` by CancelJob.
    ///
    /// Source: GetJobDetail, carrier (2026-04-16) and enterprise (2025-12-12); the tables of tasks and of the files of
    /// an archive could be read in part.
    ///
    /// ```
    /// # use koodrive_proto::ops::jobs::GetJob;
    /// GetJob::new("1309243162258308352");
    /// ```
    GET "/koodrive/ose/v1/{job_id}" GetJob = "GetJobDetail" -> JobDetail as data;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    path {
        /// The id that CreateJob answered.
        job_id: String,
    }
}

answer! {
    /// A job with its tasks.
    JobDetail {
        /// The job.
        job_info: Option<JobInfo>,
        /// What became of each file.
        task_infos: Vec<JobTask>,
        /// What is in the archive; only for [`JobType::Decompress`](crate::ops::jobs::JobType::Decompress).
        uncompressed_file_list: Vec<UncompressedFile>,
    }
}

impl JobDetail {
    /// Whether the job has ended, one way or the other: for [`Until`](crate::flow::Until).
    ///
    /// A state that isn't known counts as not ended.
    pub fn is_over(&self) -> bool {
        let status = self.job_info.as_ref().and_then(|job| job.status.as_ref());
        matches!(status, Some(JobStatus::Finished | JobStatus::Cancelled))
    }
}

answer! {
    /// What became of one file of a job. Known from the example; the table could not be read.
    JobTask {
        /// The file.
        file_id: Option<FileId>,
        /// How far it is; no values are documented, the example has `1` in a job that succeeded.
        status: Option<String>,
        /// The id of the copy.
        new_file_id: Option<FileId>,
        /// The space that the file is in.
        src_container_id: Option<SpaceId>,
    }
}

answer! {
    /// A file or folder in an archive. Most of the table could not be read: its size has a name that isn't known.
    UncompressedFile {
        /// What it is.
        kind: Option<UncompressedType> = "type",
        /// When it was changed, in milliseconds since 1970.
        updated_at: Option<i64>,
        /// What is in the folder. Documented as one object; one or several are read.
        sub_file_list: Vec<UncompressedFile>,
    }
}

choices! {
    /// What something in an archive is.
    pub enum UncompressedType: number {
        /// A file.
        File = 1,
        /// A folder.
        Folder = 2,
    }
}
