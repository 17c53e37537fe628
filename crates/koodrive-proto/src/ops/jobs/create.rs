//! Starting a job.

use crate::check::InvalidParam;
use crate::ops::jobs::{JobAction, JobType};
use crate::param::{FileId, Secret, SpaceId};
use crate::{object, operation};

operation! {
    /// Starts a job. The answer is its id.
    ///
    /// The target space is required for every kind of job, even where there is no target. A job that clears the recycle
    /// bin may leave out its files; here it sends an empty list, which our reading takes as the same. The text says
    /// that `action_type` is only for jobs of the kinds 1 to 3, but it lists values for the kinds 5 and 7 as well. What
    /// a job does if it isn't set is not documented: set it, above all for [`JobType::Delete`]. The pages don't say how
    /// many files a job may have, nor what form `new_file_path` has. The carrier edition loads the data of the kinds 5
    /// and 6 to Singapore.
    ///
    /// Source: CreateJob, carrier (2026-02-12) and enterprise (2025-12-12); no examples could be read, and what is
    /// required is known from an older page of the enterprise manual.
    ///
    /// ```
    /// # use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
    /// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// let file = JobFile::new("FuZmQ66CF0DdpKRG1Y29Iwajbq04Nhwu3");
    /// let root = "DEUI7pa0C24ArootIAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// let file = file.file_path(format!("/{root}/FuZmQ66CF0DdpKRG1Y29Iwajbq04Nhwu3"));
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
        /// What the job does.
        task_type: JobType = "taskType",
        /// What the job works on.
        task_info: TaskInfo = "taskInfo",
        /// The target space.
        dst_container_id: SpaceId = "dstContainerId";
        /// What the job does, in more detail.
        action_type: JobAction = "actionType",
        /// The password of an archive.
        password: Secret,
    }
    && files_are_named
}

object! {
    /// What a job works on.
    TaskInfo = "CreateTaskInfoReq" {
        /// The files and folders; none for [`JobType::ClearRecycleBin`].
        file_info: Vec<JobFile> = "fileInfo",
        /// The source space.
        src_container_id: SpaceId = "srcContainerId";
        /// The new path; the form is not documented. It is optional in the table, of which the text says that jobs of
        /// the kind [`JobType::ClearRecycleBin`] may leave it out.
        new_file_path: String = "newFilePath",
        /// Paths inside the archive, for [`JobAction::ExtractPart`].
        uncompress_file_paths: Vec<String> = "uncompressFilePaths",
    }
}

object! {
    /// A file or folder that a job works on.
    JobFile = "fileInfo" {
        /// The id of the file or folder.
        file_id: FileId = "fileId";
        /// The ids of the folders above it, and its own id. Required with [`JobAction::Recycle`], since restoring the
        /// file depends on it. Judging by the description, it is the
        /// [`file_id_path`](crate::ops::files::FullPath::file_id_path) of GetFullPath.
        file_path: String = "filePath",
    }
}

/// Only a job that clears the recycle bin may have no files, and files that go into the recycle bin need their paths.
fn files_are_named(job: &CreateJob) -> Result<(), InvalidParam> {
    let files = &job.task_info.file_info;
    if files.is_empty() && job.task_type != JobType::ClearRecycleBin {
        return Err(InvalidParam::new("taskInfo.fileInfo", "0 entries", "1 or more entries, except with taskType 7"));
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
