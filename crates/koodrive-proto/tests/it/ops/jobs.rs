//! Jobs that run on for a while.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::jobs::{
    CancelJob, CreateJob, GetJob, JobAction, JobFile, JobResult, JobStatus, JobType, ListJobs, TaskInfo,
    UncompressedType,
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
        "taskInfo.fileInfo: got 0 entries, allowed: 1 or more entries, except with taskType 7",
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

/// Ids, states, and what happened to each file.
#[test]
fn answers_about_jobs() {
    assert_eq!(noted::<CreateJob>(r#"{"data": "7", "code": "0"}"#), ("7".to_owned(), vec![]));
    let (job, notes) = noted::<GetJob>(
        r#"{"data": {"jobInfo": {"taskId": "7", "userId": "4-3", "taskType": 5, "actionType": 501, "status": 2,
            "progress": 100, "taskResultCode": 2, "beginTime": "20231212095227"},
            "taskInfos": [{"fileId": "f", "status": "1", "newFileId": "g", "srcContainerId": "s"}],
            "uncompressedFileList": [{"type": 2, "updatedAt": 1692337429007, "subFileList": {"type": 1}}]}, "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert!(job.is_over());
    let info = job.job_info.unwrap();
    assert_eq!((info.task_type, info.action_type), (Some(JobType::Decompress), Some(JobAction::LookIntoArchive)));
    assert_eq!((info.status, info.task_result_code), (Some(JobStatus::Finished), Some(JobResult::PartlyFailed)));
    assert_eq!(job.task_infos[0].new_file_id.as_ref().unwrap(), "g");
    let folder = &job.uncompressed_file_list[0];
    assert_eq!((&folder.kind, folder.updated_at), (&Some(UncompressedType::Folder), Some(1_692_337_429_007)));
    assert_eq!(folder.sub_file_list[0].kind, Some(UncompressedType::File));
}

/// Nothing says how many jobs there are, so only an empty page is surely the last.
#[test]
fn pages_of_jobs() {
    let mut op = ListJobs::new(0, 2);
    let full = noted::<ListJobs>(r#"{"data": [{"taskId": "7"}, {"taskId": "8"}], "code": 0}"#).0;
    assert_eq!(ListJobs::key(&full[1]), Some("8"));
    assert_eq!(op.turn(&full).unwrap(), Turn::Perhaps);
    assert_eq!(wire(&op), "GET /jobs?offset=2&limit=2");
    let short = noted::<ListJobs>(r#"{"data": [{"taskId": "9"}], "code": 0}"#).0;
    assert_eq!(op.turn(&short).unwrap(), Turn::Unsure);
    assert_eq!(wire(&op), "GET /jobs?offset=3&limit=2");
    assert_eq!(op.turn(&vec![]).unwrap(), Turn::Last);
}

/// A text in the tables, nothing in the examples.
#[test]
fn cancel_job() {
    assert_eq!(wire(&CancelJob::new("7")), "POST /cancel\n{\"jobId\":\"7\"}");
    assert_eq!(noted::<CancelJob>(r#"{"code": 0, "msg": "success"}"#), (None, vec![]));
    for data in [r#""d""#, r#"{"jobId": "7"}"#, "[1]"] {
        let (read, notes) = noted::<CancelJob>(&format!(r#"{{"data": {data}, "code": 0}}"#));
        assert_eq!((serde_json::to_string(&read).unwrap(), notes.len()), (data.replace(": ", ":"), 0));
    }
}
