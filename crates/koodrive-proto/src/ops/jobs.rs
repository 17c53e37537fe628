//! Jobs: copy, delete, move and restore files by the batch, look into archives, pack files for download.
//!
//! The manuals have one table of error codes for all calls ([`codes`](crate::error::codes())). By their texts these fit here:
//! 13000302 and 13000411 (a file is not in that space), 13000303 (a file is not in the recycle bin), 13000304 and
//! 13000305 (the target folder is abnormal or in the recycle bin), 13000307 (a folder into itself), 13000310 (too many
//! levels), 13000311 (no space left), 13000312 (a file is already there), 13000413 (no such kind of job).

use crate::check::InvalidParam;
use crate::error::Error;
use crate::operation::{turn_offset, Paged};
use crate::param::Secret;
use crate::{answer, choices, object, operation};

operation! {
    /// Starts a job, and answers its id.
    ///
    /// The target space is required for every kind, also where there is no target. A job that clears the recycle bin may leave
    /// out its files; here it sends an empty list, by our reading the same. The text says that `action_type` is for
    /// jobs of the kinds 1 to 3 only, and lists values for 5 and 7 as well. How many files a job takes, and the form of
    /// `new_file_path`, are not documented. The carrier edition loads the data of 5 and 6 to Singapore.
    ///
    /// Source: CreateJob, carrier (2026-02-12) and enterprise (2025-12-12); no examples could be read, and what is required
    /// is known from an older page of the enterprise manual.
    ///
    /// ```
    /// # use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
    /// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// let file = JobFile::new("FuZmQ66CF0DdpKRG1Y29Iwajbq04Nhwu3").file_path("DEUI7pa0C24A/FuZmQ66CF0DdpKRG1Y29Iwajbq04Nhwu3");
    /// let task = TaskInfo::new([file], space);
    /// CreateJob::new(JobType::Delete, task, space).action_type(JobAction::Recycle);
    /// ```
    POST "/koodrive/ose/v1/jobs" CreateJob -> String as data;
    AppOrToken, Once, Carrier Partial, Enterprise Partial;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// What to do.
        task_type: JobType = "taskType",
        /// To what.
        task_info: TaskInfo = "taskInfo",
        /// The target space.
        dst_container_id: String = "dstContainerId";
        /// What to do, more closely.
        action_type: JobAction = "actionType",
        /// The password of an archive.
        password: Secret,
    }
    && files_are_named
}

/// A job without files only clears the recycle bin, and what goes into it needs its path.
fn files_are_named(job: &CreateJob) -> Result<(), InvalidParam> {
    let files = &job.task_info.file_info;
    if files.is_empty() && job.task_type != JobType::ClearRecycleBin {
        return Err(InvalidParam::new("taskInfo.fileInfo", "0 entries", "1 or more, but for ClearRecycleBin"));
    }
    match files.iter().position(|file| file.file_path.is_none()) {
        Some(at) if job.action_type == Some(JobAction::Recycle) => Err(InvalidParam::new(
            format!("taskInfo.fileInfo[{at}].filePath"),
            "nothing",
            "a path of ids; it is required with actionType 201, for restoring",
        )),
        _ => Ok(()),
    }
}

object! {
    /// What a job works on.
    TaskInfo = "CreateTaskInfoReq" {
        /// The files and folders; none for [`JobType::ClearRecycleBin`].
        file_info: Vec<JobFile> = "fileInfo",
        /// The source space.
        src_container_id: String = "srcContainerId";
        /// The new path; the form is not documented.
        new_file_path: String = "newFilePath",
        /// Paths inside the archive, for [`JobAction::ExtractPart`].
        uncompress_file_paths: Vec<String> = "uncompressFilePaths",
    }
}

object! {
    /// A file or folder of a job.
    JobFile = "fileInfo" {
        /// Its id.
        file_id: String = "fileId";
        /// The ids of the folders above it and its own. Required with [`JobAction::Recycle`], since restoring depends on it.
        file_path: String = "filePath",
    }
}

operation! {
    /// Lists the user's jobs.
    ///
    /// No number of all comes with the answer, so a short page is the last. The carrier page wants an offset greater than 0,
    /// which read literally hides the first job; the enterprise page says 0 or more, which is taken here.
    ///
    /// Source: GetJobList, carrier (2026-04-16) and enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::jobs::{JobStatus, ListJobs};
    /// ListJobs::new(0, 100).status(JobStatus::Running);
    /// ```
    GET "/koodrive/ose/v1/jobs" ListJobs = "GetJobList" -> Vec<JobInfo> as data;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Full;
    query {
        /// How many to skip.
        offset: u32,
        /// How many at most.
        limit: u32 [1..=100];
        /// Only jobs of this kind. The carrier page of 2026-04-16 lacks 6.
        kind: JobType = "type",
        /// Only jobs in this state.
        status: JobStatus,
    }
}

impl Paged for ListJobs {
    type Item = JobInfo;

    fn turn(&mut self, page: &Vec<JobInfo>) -> Result<bool, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.len(), None))
    }

    fn items(page: Vec<JobInfo>) -> Vec<JobInfo> {
        page
    }
}

operation! {
    /// Reads one job, to see how far it is.
    ///
    /// The id stands directly under `v1`: other addresses of one segment go before it. It is called `taskId` in the answer,
    /// and `jobId` by CancelJob.
    ///
    /// Source: GetJobDetail, carrier (2026-04-16) and enterprise (2025-12-12); the tables of tasks and of the files of an
    /// archive could be read in part.
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

choices! {
    /// How far a job is.
    pub enum JobStatus: number {
        /// Not begun.
        Waiting = 0,
        /// At it.
        Running = 1,
        /// Over; [`JobInfo::task_result_code`] says how.
        Finished = 2,
        /// Cancelled.
        Cancelled = 3,
    }
}

choices! {
    /// How a job ended.
    pub enum JobResult: number {
        /// Well.
        Succeeded = 1,
        /// Some of it failed.
        PartlyFailed = 2,
        /// All of it failed.
        Failed = 3,
    }
}

answer! {
    /// A job.
    JobInfo {
        /// The id of the job.
        task_id: Option<String>,
        /// The name of the job. Not in the newest table.
        task_name: Option<String>,
        /// Who started it: tenant, hyphen, user in the example. Not in the newest table.
        user_id: Option<String>,
        /// What it does.
        task_type: Option<JobType>,
        /// What it does, more closely.
        action_type: Option<JobAction>,
        /// How far it is.
        status: Option<JobStatus>,
        /// How it ended.
        task_result_code: Option<JobResult>,
        /// A code of the processing; no values are documented.
        result_code: Option<i64>,
        /// How far it is in percent, by the unit of the share task; only for what takes long, as packing. Not in the
        /// newest table.
        progress: Option<i64>,
        /// Where the package can be downloaded; only for [`JobType::PackageDownload`]. Not in the newest table.
        download_url: Option<Secret>,
        /// How many files were asked for.
        content_num: Option<i64>,
        /// The space, between two spaces the target.
        container_id: Option<String>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// When it began, as `20231227151904` in the example; no time zone is documented.
        begin_time: Option<String>,
        /// When it ended, in the same form.
        end_time: Option<String>,
        /// When it was created, in the same form.
        create_time: Option<String>,
    }
}

answer! {
    /// A job with its tasks.
    JobDetail {
        /// The job.
        job_info: Option<JobInfo>,
        /// What became of each file.
        task_infos: Vec<JobTask>,
        /// What is in the archive; only for [`JobType::Decompress`].
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
        file_id: Option<String>,
        /// How far it is; no values are documented, the example has `1` in a job that succeeded.
        status: Option<String>,
        /// The id of the copy.
        new_file_id: Option<String>,
        /// The space that the file is in.
        src_container_id: Option<String>,
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
