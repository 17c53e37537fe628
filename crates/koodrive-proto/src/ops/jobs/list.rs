//! All jobs of a user.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_offset};
use crate::ops::jobs::{JobAction, JobType};
use crate::param::{Secret, SpaceId};
use crate::{answer, choices, operation};

operation! {
    /// Lists the user's jobs, page by page.
    ///
    /// The answer doesn't say how many jobs there are in all. The carrier manual requires an offset greater than 0,
    /// which, taken literally, hides the first job; the enterprise manual says 0 or more, which is allowed here.
    ///
    /// Source: GetJobList, carrier (2026-04-16) and enterprise (2025-12-12); the carrier manual's table of a job could
    /// be read only down to `task_type`. In an older edition, a refusal has `error_code` and `error_msg` in place of
    /// `code` and `msg`; both are read.
    ///
    /// ```
    /// # use koodrive_proto::ops::jobs::{JobStatus, ListJobs};
    /// ListJobs::new(0, 100).status(JobStatus::Running);
    /// ```
    GET "/koodrive/ose/v1/jobs" ListJobs = "GetJobList" -> Vec<JobInfo> as data;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Full;
    query {
        /// How many jobs to skip.
        offset: u32,
        /// How many jobs a page may have.
        limit: u32 [1..=100];
        /// Only jobs of this kind are listed. The carrier page of 2026-04-16 doesn't list 6.
        kind: JobType = "type",
        /// Only jobs in this state are listed.
        status: JobStatus,
    }
}

impl Paged for ListJobs {
    type Item = JobInfo;

    fn turn(&mut self, page: &Vec<JobInfo>) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.len(), None))
    }

    fn items(page: &mut Vec<JobInfo>) -> &mut Vec<JobInfo> {
        page
    }

    fn key(item: &JobInfo) -> Option<&str> {
        item.task_id.as_deref()
    }
}

answer! {
    /// A job.
    JobInfo {
        /// The id of the job.
        task_id: Option<String>,
        /// The name of the job. It is not in the newest table of GetJobList.
        task_name: Option<String>,
        /// Who started the job. The example has the tenant, a hyphen and the user. It is not in the newest table of
        /// GetJobList.
        user_id: Option<String>,
        /// What the job does.
        task_type: Option<JobType>,
        /// What the job does, in more detail.
        action_type: Option<JobAction>,
        /// The state of the job.
        status: Option<JobStatus>,
        /// How the job ended.
        task_result_code: Option<JobResult>,
        /// A code from the processing of the job; no values are documented.
        result_code: Option<i64>,
        /// How far the job has got; in percent, judging by the unit of the share task. Only for jobs that take long,
        /// for example packing. It is not in the newest table of GetJobList.
        progress: Option<i64>,
        /// Where the package can be downloaded; only for [`JobType::PackageDownload`]. It is not in the newest table of
        /// GetJobList.
        download_url: Option<Secret>,
        /// How many files the request asked for.
        content_num: Option<i64>,
        /// The id of the space; for a job between two spaces, that of the target.
        container_id: Option<SpaceId>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// When the job began; the example has `20231227151904`, and no time zone is documented.
        begin_time: Option<String>,
        /// When the job ended, in the same form.
        end_time: Option<String>,
        /// When the job was created, in the same form.
        create_time: Option<String>,
    }
}

choices! {
    /// The state of a job.
    pub enum JobStatus: number {
        /// The job has not begun.
        Waiting = 0,
        /// The job is running.
        Running = 1,
        /// The job has ended; [`JobInfo::task_result_code`] says how.
        Finished = 2,
        /// The job was cancelled.
        Cancelled = 3,
    }
}

impl JobStatus {
    /// Returns whether a job in this state has ended, in whatever way. A state that isn't known counts as not ended.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled)
    }
}

choices! {
    /// How a job ended.
    pub enum JobResult: number {
        /// The job succeeded.
        Succeeded = 1,
        /// Some of the job failed.
        PartlyFailed = 2,
        /// All of the job failed.
        Failed = 3,
    }
}
