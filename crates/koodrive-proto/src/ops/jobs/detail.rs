//! One job.

use crate::ops::jobs::{JobInfo, JobStatus};
use crate::param::{FileId, SpaceId};
use crate::{answer, choices, operation};

operation! {
    /// Reads one job, to see its state.
    ///
    /// In the path, the id follows directly after `v1`, so a text that is no id may be the address of another call:
    /// `jobs` is that of ListJobs. The id is called `taskId` in the answer, and `jobId` by CancelJob.
    ///
    /// Source: GetJobDetail, carrier (2026-04-16) and enterprise (2025-12-12); the tables of tasks and of the files of
    /// an archive could be read only in part.
    ///
    /// ```
    /// # use koodrive_proto::ops::jobs::GetJob;
    /// GetJob::new("1309243162258308352");
    /// ```
    GET "/koodrive/ose/v1/{job_id}" GetJob = "GetJobDetail" -> JobDetail as data;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    path {
        /// The id of the job, from the answer of CreateJob.
        job_id: String,
    }
}

answer! {
    /// A job with its tasks.
    JobDetail {
        /// The job.
        job_info: Option<JobInfo>,
        /// What happened to each file.
        task_infos: Vec<JobTask>,
        /// What is in the archive; only for [`JobType::Decompress`](crate::ops::jobs::JobType::Decompress).
        uncompressed_file_list: Vec<UncompressedFile>,
    }
}

impl JobDetail {
    /// Returns whether the job has ended, in whatever way. Use it with [`Until`](crate::flow::Until).
    ///
    /// A state that isn't known counts as not ended.
    pub fn is_over(&self) -> bool {
        self.job_info.as_ref().and_then(|job| job.status).is_some_and(JobStatus::is_over)
    }
}

answer! {
    /// What happened to one file of a job. The members are known from the example; the table could not be read.
    JobTask {
        /// The id of the file.
        file_id: Option<FileId>,
        /// The state of the task. No values are documented; the example has `1` in a job that succeeded.
        status: Option<String>,
        /// The id of the copy.
        new_file_id: Option<FileId>,
        /// The id of the space that the file is in.
        src_container_id: Option<SpaceId>,
    }
}

answer! {
    /// A file or folder in an archive. Most of the table could not be read, so the name of the member for the size
    /// isn't known.
    UncompressedFile {
        /// Whether it is a file or a folder.
        kind: Option<UncompressedType> = "type",
        /// When it was changed, in milliseconds since 1970.
        updated_at: Option<i64>,
        /// What is in the folder. It is documented as one object; here one or several objects are read.
        sub_file_list: Vec<UncompressedFile>,
    }
}

choices! {
    /// Whether an entry of an archive is a file or a folder.
    pub enum UncompressedType: number {
        /// A file.
        File = 1,
        /// A folder.
        Folder = 2,
    }
}
