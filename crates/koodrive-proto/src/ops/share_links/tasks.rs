//! Packing the files behind a link, and saving them to another space.

use crate::check::{InvalidParam, require};
use crate::ops::jobs::{JobResult, JobStatus};
use crate::param::{FileId, Secret, SpaceId};
use crate::schema::Params;
use crate::{answer, choices, object, operation};

operation! {
    /// Starts to pack files of a share for download, or to save them to another space. The answer has the id of the
    /// task, which [`GetShareTask`] reads.
    ///
    /// Packing needs `zip_name`; saving needs `target`. The range for the number of files, and what is needed for
    /// packing, are from the carrier manual. The pages' example has a `task_type` of 0, which is not a listed value.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; the enterprise manual doesn't list it.
    ///
    /// Source: createBatchTask, carrier (2026-02-12) and enterprise (2025-12-12); the carrier manual's answer and
    /// examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::{CreateShareTask, ShareTaskType};
    /// let files = ["FumFysUZDLUEAGaRDVyFC76wn87hIwVpB"];
    /// let space = "IAAB5thdWzxEoAsiA1681759183084696448";
    /// CreateShareTask::new(ShareTaskType::Pack, space, files, "1808628918186415616").zip_name("report.zip");
    /// ```
    POST "/koodrive/ose/v1/share/tasks" CreateShareTask = "createBatchTask" -> CreatedShareTask;
    AppOrToken, Once, Carrier Partial, Enterprise Full;
    header {
        "X-Hw-Agentname" = agent => Carrier,
    }
    body {
        /// What the task does.
        task_type: ShareTaskType = "taskType",
        /// The id of the space that the files are in.
        container_id: SpaceId = "containerId",
        /// The ids of the files and folders, 1 to 1000 of them.
        file_ids: Vec<FileId> [1..=1000] = "fileIds",
        /// The id of the share.
        share_id: String = "shareId";
        /// Where to save the files. Required for [`ShareTaskType::Save`].
        target: SaveTarget = "targetFileId",
        /// The name of the archive. Required for [`ShareTaskType::Pack`].
        zip_name: String = "zipName",
        /// The token from the answer of [`VerifyExtractCode`](crate::ops::share_links::VerifyExtractCode), if the share
        /// has an access code.
        share_token: Secret = "kdstoken",
    }
    && task_is_complete
}

fn task_is_complete(task: &CreateShareTask) -> Result<(), InvalidParam> {
    type_has_its_place(task, &task.task_type)
}

operation! {
    /// Starts to pack files of a public share for download, or to save them to another space. For allow-listed users
    /// only. The answer has the id of the task, which [`GetPublicShareTask`] reads.
    ///
    /// Only method and path of the page could be read. The parameters, their limits and the answer are those of
    /// [`CreateShareTask`]. Whether somebody who hasn't signed in can save files to a space is not known. The request
    /// needs no credentials, as those of the other public calls.
    ///
    /// Source: createBatchTaskPublic, enterprise (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::{CreatePublicShareTask, ShareTaskType};
    /// let files = ["FumFysUZDLUEAGaRDVyFC76wn87hIwVpB"];
    /// let space = "IAAB5thdWzxEoAsiA1681759183084696448";
    /// CreatePublicShareTask::new(ShareTaskType::Pack, space, files, "1808628918186415616").zip_name("report.zip");
    /// ```
    POST "/koodrive/ose/v1/share/public/tasks" CreatePublicShareTask = "createBatchTaskPublic" -> CreatedShareTask;
    None, Once, Enterprise Partial;
    body {
        /// What the task does.
        task_type: ShareTaskType = "taskType",
        /// The id of the space that the files are in.
        container_id: SpaceId = "containerId",
        /// The ids of the files and folders, 1 to 1000 of them.
        file_ids: Vec<FileId> [1..=1000] = "fileIds",
        /// The id of the share.
        share_id: String = "shareId";
        /// Where to save the files. Required for [`ShareTaskType::Save`].
        target: SaveTarget = "targetFileId",
        /// The name of the archive. Required for [`ShareTaskType::Pack`].
        zip_name: String = "zipName",
        /// The token from the answer of
        /// [`VerifyPublicExtractCode`](crate::ops::share_links::VerifyPublicExtractCode), if the share has an access
        /// code.
        share_token: Secret = "kdstoken",
    }
    && public_task_is_complete
}

fn public_task_is_complete(task: &CreatePublicShareTask) -> Result<(), InvalidParam> {
    type_has_its_place(task, &task.task_type)
}

/// An archive needs a name, and what is saved needs a place.
fn type_has_its_place(task: &dyn Params, kind: &ShareTaskType) -> Result<(), InvalidParam> {
    match kind {
        ShareTaskType::Pack => require(task, &["zipName"], "with taskType 1"),
        ShareTaskType::Save => require(task, &["targetFileId"], "with taskType 2"),
        ShareTaskType::Other(_) => Ok(()),
    }
}

choices! {
    /// What a task does with files of a share. The numbers differ from those of CreateJob.
    pub enum ShareTaskType: number {
        /// Packs the files for download.
        Pack = 1,
        /// Saves the files to another space.
        Save = 2,
    }
}

object! {
    /// Where to save files of a share.
    SaveTarget = "FileIdInfo" {
        /// The id of the folder. By the carrier manual, `root` is the root folder of the space.
        file_id: FileId = "fileId",
        /// The id of the space.
        container_id: SpaceId = "containerId",
    }
}

answer! {
    /// The answer of [`CreateShareTask`] and [`CreatePublicShareTask`]: a new task.
    CreatedShareTask {
        /// The id of the task.
        task_id: Option<String>,
    }
}

operation! {
    /// Reads a task of a share, to see its state. To wait for its end, use [`Until`](crate::flow::Until) with
    /// [`is_over`](ShareTask::is_over).
    ///
    /// This is a POST that only reads. Until 2024, the enterprise manual's answer had one object `taskInfo`, which is
    /// not read.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; one of its language versions and the enterprise manual don't list it.
    ///
    /// Source: getBatchTask, carrier (2026-02-03) and enterprise (2025-12-12); the examples could be read only in part.
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::GetShareTask;
    /// GetShareTask::new("1534087020903704704").share_id("1808628918186415616");
    /// ```
    POST "/koodrive/ose/v1/share/taskDetail" GetShareTask = "getBatchTask" -> ShareTask;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    header {
        "X-Hw-Agentname" = agent => Carrier,
    }
    body {
        /// The id of the task, from the answer of [`CreateShareTask`].
        task_id: String = "taskId",
        {
            /// The id of the share.
            share_id: String = "shareId",
        };
        /// The token from the answer of [`VerifyExtractCode`](crate::ops::share_links::VerifyExtractCode), if the share
        /// has an access code.
        share_token: Secret = "kdstoken",
    }
}

operation! {
    /// Reads a task of a public share, to see its state. For allow-listed users only. To wait for its end, use
    /// [`Until`](crate::flow::Until) with [`is_over`](ShareTask::is_over).
    ///
    /// Only method, path, `share_id` and `share_token` of the page could be read; the id of the task and the answer are
    /// those of [`GetShareTask`]. That one is a POST, and other public calls were a GET in older versions of the
    /// enterprise manual and are a POST now; perhaps this one is, too. The request needs no credentials, as those of
    /// the other public calls.
    ///
    /// Source: getBatchTaskPublic, enterprise (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::GetPublicShareTask;
    /// GetPublicShareTask::new("1534087020903704704").share_id("1808628918186415616");
    /// ```
    GET "/koodrive/ose/v1/share/public/taskDetail" GetPublicShareTask = "getBatchTaskPublic" -> ShareTask;
    None, ReadOnly, Enterprise Partial;
    query {
        /// The id of the task, from the answer of [`CreatePublicShareTask`].
        task_id: String = "taskId",
        {
            /// The id of the share.
            share_id: String = "shareId",
        };
        /// The token from the answer of
        /// [`VerifyPublicExtractCode`](crate::ops::share_links::VerifyPublicExtractCode), if the share has an access
        /// code.
        share_token: Secret = "kdstoken",
    }
}

answer! {
    /// A task with files of a share.
    ShareTask {
        /// The task.
        job: Option<ShareJob> = "jobInfo",
        /// What happened to each file. It is documented as one object; here one or several objects are read.
        files: Vec<ShareTaskFile> = "taskInfos",
    }
}

impl ShareTask {
    /// Returns whether the task has ended, in whatever way. Use it with [`Until`](crate::flow::Until).
    ///
    /// A state that isn't known counts as not ended.
    pub fn is_over(&self) -> bool {
        self.job.as_ref().and_then(|job| job.status).is_some_and(JobStatus::is_over)
    }
}

answer! {
    /// The state of a task with files of a share.
    ShareJob {
        /// The id of a user: who started the task, judging by GetJob.
        user_id: Option<String>,
        /// The id of the task.
        task_id: Option<String>,
        /// What the task does.
        task_type: Option<ShareTaskType>,
        /// The state of the task, which GetJob calls `status`.
        status: Option<JobStatus> = "taskStatus",
        /// How the task ended.
        task_result_code: Option<JobResult>,
        /// When the task was created, as yyyyMMddHHmmss; no time zone is documented.
        create_time: Option<String>,
        /// When the task began, in the same form. GetJob calls this `beginTime`.
        start_time: Option<String>,
        /// When the task ended, in the same form.
        end_time: Option<String>,
        /// How far the task has got, in percent.
        progress: Option<i64>,
        /// Where the archive can be downloaded.
        download_url: Option<Secret>,
    }
}

answer! {
    /// What happened to one file of a task.
    ShareTaskFile {
        /// The id of the file in the share.
        file_id: Option<FileId>,
        /// The state of the file.
        status: Option<ShareTaskFileStatus>,
        /// The id of the copy.
        new_file_id: Option<FileId>,
        /// The id of the space that the file is in.
        src_container_id: Option<SpaceId>,
    }
}

choices! {
    /// The state of one file of a task, by the carrier manual.
    pub enum ShareTaskFileStatus: text {
        /// The file has to wait.
        Waiting = "0",
        /// The file was packed or saved.
        Succeeded = "1",
        /// The file could not be packed or saved.
        Failed = "2",
    }
}
