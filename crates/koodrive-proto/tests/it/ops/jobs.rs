//! Jobs that run on for a while.

use koodrive_proto::ops::jobs::{
    CancelJob, CreateJob, GetJob, JobAction, JobFile, JobStatus, JobType, ListJobs, TaskInfo,
};

use crate::common::{message, noted, wire};

/// An object in the body, with a list of objects in it.
#[test]
fn wire_forms_of_jobs() {
    let file = JobFile::new("f1").file_path("a/f1");
    let task = TaskInfo::new([file.clone(), JobFile::new("f2")], "src");
    let op = CreateJob::new(JobType::Delete, task.clone(), "dst");
    assert_eq!(
        wire(&op),
        "POST /jobs\n{\"taskType\":2,\"taskInfo\":{\"fileInfo\":[{\"fileId\":\"f1\",\
         \"filePath\":\"a/f1\"},{\"fileId\":\"f2\"}],\"srcContainerId\":\"src\"},\"dstContainerId\":\"dst\"}",
    );
    assert_eq!(
        message(&op.clone().action_type(JobAction::Recycle)),
        "taskInfo.fileInfo[1].filePath: got nothing, allowed: a path of ids; it is required with actionType 201, for restoring",
    );
    let task = TaskInfo::new([file], "src").new_file_path("n").uncompress_file_paths(["x/y"]);
    let op = op.task_type(JobType::Decompress).action_type(JobAction::ExtractPart).task_info(task);
    assert_eq!(
        wire(&op.password("p").share_folder_id("s")),
        "POST /jobs\nx-hw-share-folder-id: s\n{\"taskType\":5,\"taskInfo\":{\"fileInfo\":[{\"fileId\":\"f1\",\
         \"filePath\":\"a/f1\"}],\"srcContainerId\":\"src\",\"newFilePath\":\"n\",\"uncompressFilePaths\":[\"x/y\"]},\
         \"dstContainerId\":\"dst\",\"actionType\":503,\"password\":\"p\"}",
    );
    let op = CreateJob::new(JobType::ClearRecycleBin, TaskInfo::new(Vec::<JobFile>::new(), "src"), "dst");
    assert_eq!(
        wire(&op),
        "POST /jobs\n{\"taskType\":7,\"taskInfo\":{\"fileInfo\":[],\"srcContainerId\":\"src\"},\"dstContainerId\":\"dst\"}",
    );
    assert_eq!(
        message(&op.task_type(JobType::Copy)),
        "taskInfo.fileInfo: got 0 entries, allowed: 1 or more, but for ClearRecycleBin",
    );

    assert_eq!(wire(&ListJobs::new(0, 100)), "GET /jobs?offset=0&limit=100");
    assert_eq!(
        wire(&ListJobs::new(200, 1).kind(JobType::PackageDownload).status(JobStatus::Waiting)),
        "GET /jobs?offset=200&limit=1&type=6&status=0",
    );
    assert_eq!(message(&ListJobs::new(0, 0)), "limit: got 0, allowed: 1 to 100");
    assert_eq!(message(&ListJobs::new(0, 101)), "limit: got 101, allowed: 1 to 100");

    // Directly under v1, and never above it.
    assert_eq!(wire(&GetJob::new("1309243162258308352")), "GET /1309243162258308352");
    assert_eq!(wire(&GetJob::new("../a")), "GET /..%2Fa");
    assert_eq!(
        message(&GetJob::new("..")),
        "job_id: got `..`, allowed: one path segment: not empty, not `.`, not `..`"
    );
}

/// A text in the tables, nothing in the examples.
#[test]
fn cancel_job() {
    assert_eq!(wire(&CancelJob::new("7")), "POST /cancel\n{\"jobId\":\"7\"}");
    assert_eq!(noted::<CancelJob>(r#"{"code": 0, "msg": "success"}"#), (None, vec![]));
    assert_eq!(noted::<CancelJob>(r#"{"data": "d", "code": 0}"#), (Some("d".to_owned()), vec![]));
}
