//! All jobs of a user.

use crate::error::Error;
use crate::operation::{Paged, turn_offset};
use crate::ops::jobs::{JobAction, JobType};
use crate::param::{Secret, SpaceId};
use crate::{answer, choices, operation};

operation! {
    /// Lists the user's jobs.
    ///
    /// No number of all comes with the answer, so a short page is the last. The carrier page wants an offset greater
    /// than 0, which read literally hides the first job; the enterprise page says 0 or more, which is taken here.
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
        container_id: Option<SpaceId>,
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
