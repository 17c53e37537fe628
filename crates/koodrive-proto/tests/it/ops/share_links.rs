//! Share links.

use koodrive_proto::Operation;
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::files::{FileType, SortDirection, SortType, ThumbnailSize};
use koodrive_proto::ops::jobs::{JobResult, JobStatus};
use koodrive_proto::ops::share_links::{
    CreatePublicShareTask, CreateShareTask, DownloadPublicShareFile, DownloadShareFile, GetPublicShareInfo,
    GetPublicShareTask, GetShareInfo, GetShareTask, LinkedFilePage, ListPublicShareFiles, ListShareFiles, SaveTarget,
    ShareTaskFileStatus, ShareTaskType, VerifyExtractCode, VerifyPublicExtractCode, VisitPublicShare, VisitShare,
};
use koodrive_proto::ops::shares::ShareStatus;
use koodrive_proto::schema::Safety;

use crate::common::{SPACE, api, is_anonymous, message, noted, now, parse, request, wire};

/// What the public calls of the carrier edition send.
const AGENT: &str = "x-hw-agentname: standard";

#[test]
fn wire_forms_of_links() {
    assert_eq!(wire(&VisitShare::new("1/2")), "GET /share/visit?shortUrl=1%2F2");
    assert_eq!(wire(&VisitPublicShare::new("12")), format!("GET /share/public/visit?shortUrl=12\n{AGENT}"));
    assert_eq!(wire(&GetShareInfo::new("12")), "GET /share/userInfo?shortUrl=12");
    assert_eq!(wire(&GetPublicShareInfo::new("12")), format!("GET /share/public/userInfo?shortUrl=12\n{AGENT}"));
    let body = "{\"shortUrl\":\"12\",\"extractCode\":\"31945314\"}";
    assert_eq!(wire(&VerifyExtractCode::new("12", "31945314")), format!("POST /share/verify\n{body}"));
    assert_eq!(
        wire(&VerifyPublicExtractCode::new("12", "31945314")),
        format!("POST /share/public/verify\n{AGENT}\n{body}"),
    );
    assert_eq!(
        message(&VerifyExtractCode::new("12", "3194-5314")),
        "extractCode: got a text with another character, allowed: ASCII letters and digits",
    );
    let body = "{\"shareId\":\"7\",\"fileId\":\"f\",\"kdstoken\":\"\"}";
    assert_eq!(wire(&DownloadShareFile::new("7", "f")), "POST /share/download\n{\"shareId\":\"7\",\"fileId\":\"f\"}");
    assert_eq!(wire(&DownloadShareFile::new("7", "f").share_token("")), format!("POST /share/download\n{body}"));
    assert_eq!(
        wire(&DownloadPublicShareFile::new("7", "f").share_token("")),
        format!("POST /share/public/download\n{AGENT}\n{body}"),
    );
    // Each visit counts, however often it is only asked for.
    assert_eq!((VisitShare::META.safety, VisitPublicShare::META.safety), (Safety::Once, Safety::Once));
}

/// The public calls tell nobody who asks, and no Debug shows what opens a share.
#[test]
fn public_and_secret() {
    assert!(is_anonymous(&request(&VisitPublicShare::new("5ecre7"))));
    assert!(is_anonymous(&request(&ListPublicShareFiles::new("5ecre7"))));
    assert!(is_anonymous(&request(&GetPublicShareTask::new("t").share_id("7").share_token("5ecre7"))));
    assert!(!is_anonymous(&request(&VisitShare::new("5ecre7"))));
    // In the query too.
    let shown = [
        format!("{:?}", VisitPublicShare::new("5ecre7")),
        format!("{:?}", GetShareInfo::new("5ecre7")),
        format!("{:?}", VerifyExtractCode::new("5ecre7", "5ecre7")),
        format!("{:?}", ListShareFiles::new("5ecre7").share_token("5ecre7")),
        format!("{:?}", GetPublicShareTask::new("t").share_id("7").share_token("5ecre7")),
        format!("{:?}", parse::<VerifyExtractCode>(r#"{"kdstoken": "5ecre7"}"#).unwrap()),
        format!("{:?}", parse::<DownloadShareFile>(r#"{"downloadUrl": "https://h/5ecre7"}"#).unwrap()),
        format!("{:?}", parse::<ListShareFiles>(r#"{"files": [{"id": "f", "downloadLinks": "5ecre7"}]}"#).unwrap()),
    ];
    assert!(shown.iter().all(|shown| !shown.contains("5ecre7")), "{shown:?}");
    // The carrier edition wants to know which agent it is.
    let error = api().request(&DownloadPublicShareFile::new("7", "f"), now()).unwrap_err();
    assert!(error.to_string().contains("X-Hw-Agentname"), "{error}");
}

#[test]
fn share_info() {
    let answer = r#"{"link": {"shareId": "1592", "shortUrl": "825", "shareTime": "2025-01-06T11:42:37.037Z",
        "ownerId": "7", "permission": {"preview": true}, "expireDate": 3, "status": "1"}, "code": "0"}"#;
    let (found, notes) = noted::<GetShareInfo>(answer);
    assert_eq!(notes, [""; 0]);
    assert_eq!(noted::<GetPublicShareInfo>(answer).0, found);
    let share = found.link.unwrap();
    assert_eq!(share.permission.and_then(|permission| permission.preview), Some(true));
    assert_eq!((share.expire_date.as_deref(), share.status), (Some("3"), Some(ShareStatus::FileDeleted)));
}

#[test]
fn list_share_files() {
    assert_eq!(wire(&ListShareFiles::new("12")), "POST /share/files\n{\"shortUrl\":\"12\"}");
    let op = ListShareFiles::new("12")
        .parent_folder("p")
        .page_size(100)
        .page_cursor("c")
        .sort_type(SortType::Size)
        .sort_direction(SortDirection::Ascending)
        .share_token("t")
        .count_view(false)
        .file_name("n")
        .image_process("i");
    let common = "{\"shortUrl\":\"12\",\"parentFolder\":\"p\",\"pageSize\":100,\"pageCursor\":\"c\",\"sortType\":2,\
                  \"sortDirection\":1,\"kdstoken\":\"t\",\"refreshCount\":false,\"fileName\":\"n\",";
    assert_eq!(wire(&op), format!("POST /share/files\n{common}\"imageProcess\":\"i\"}}"));
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");
    let op = op.sort_type(SortType::Created);
    assert_eq!(message(&op), "sortType: got 3 (Created), allowed: 1 (Name), 2 (Size), 4 (Modified)");

    let op = ListPublicShareFiles::new("12");
    assert_eq!(wire(&op), format!("POST /share/public/files\n{AGENT}\n{{\"shortUrl\":\"12\"}}"));
    let op = op
        .parent_folder("p")
        .page_size(100)
        .page_cursor("c")
        .sort_type(SortType::Size)
        .sort_direction(SortDirection::Ascending)
        .share_token("t")
        .count_view(false)
        .file_name("n")
        .image_process(["image/resize,w_1080", "image/resize,w_128"])
        .usage(ThumbnailSize::Mid);
    assert_eq!(
        wire(&op),
        format!(
            "POST /share/public/files\n{AGENT}\n{common}\
             \"imageProcess\":\"image/resize,w_1080;image/resize,w_128\",\"usage\":\"midThumbnail\"}}"
        ),
    );
    assert_eq!(
        message(&op.clone().image_process(vec!["i"; 6])),
        "imageProcess: got 6 entries, allowed: 1 to 5 entries",
    );
    assert_eq!(
        message(&op.image_process(["i;j"])),
        "imageProcess[0]: got a text with `;` in it, allowed: a text without `;`, which separates",
    );
}

/// A cursor; a view that is counted for the first page only; a link that is a text or a list.
#[test]
fn pages_of_share_files() {
    fn turns<O: Paged<Output = LinkedFilePage> + PartialEq + std::fmt::Debug>(mut op: O, next: &O) {
        let page = r#"{"link": {"shareId": "7"}, "files": [{"id": "f", "fileType": "15", "parentFolder": ["p"],
            "downloadLinks": "https://h/f"}, {"id": "g", "downloadLinks": [{"usage": "content"}]}], "nextCursor": "2"}"#;
        let (mut page, notes) = noted::<O>(page);
        assert_eq!(notes, [""; 0]);
        assert_eq!(op.turn(&page).unwrap(), Turn::Next);
        assert_eq!(op, *next);
        assert_eq!(op.turn(&noted::<O>(r#"{"files": [], "nextCursor": "3"}"#).0).unwrap(), Turn::Next, "it is empty");
        assert_eq!(op.turn(&noted::<O>(r#"{"files": [{"id": "h"}]}"#).0).unwrap(), Turn::Last);
        assert_eq!(page.link.take().and_then(|share| share.share_id).as_deref(), Some("7"));
        let files = O::items(&mut page);
        assert_eq!(O::key(&files[1]), Some("g"));
    }
    turns(ListShareFiles::new("12"), &ListShareFiles::new("12").page_cursor("2"));
    let op = ListPublicShareFiles::new("12").count_view(true);
    turns(op.clone(), &op.clone().count_view(false).page_cursor("2"));
    // The last page leaves the request as it is.
    let mut last = op.clone();
    assert_eq!(last.turn(&noted::<ListPublicShareFiles>(r#"{"files": []}"#).0).unwrap(), Turn::Last);
    assert_eq!(last, op);

    let page =
        r#"{"files": [{"fileType": "15", "size": "9", "downloadLinks": "l"}, {"downloadLinks": [{"usage": "u"}]}]}"#;
    let files = parse::<ListShareFiles>(page).unwrap().files;
    assert_eq!((files[0].file_type.clone(), files[0].size), (Some(FileType::Picture), Some(9)));
    assert!(files[0].download_links.as_ref().is_some_and(|links| links.0 == "l"));
    assert!(files[1].download_links.as_ref().is_some_and(|links| links.0[0]["usage"] == "u"));
}

/// What is required depends on the kind of the task, with and without an account.
#[test]
fn create_share_task() {
    let body = format!("\"containerId\":\"{SPACE}\",\"fileIds\":[\"f\"],\"shareId\":\"7\"");
    let pack = CreateShareTask::new(ShareTaskType::Pack, SPACE, ["f"], "7");
    let name = "zipName: got nothing, allowed: a text; it is required with taskType 1";
    assert_eq!(message(&pack), name);
    assert_eq!(
        wire(&pack.clone().zip_name("z").share_token("t")),
        format!("POST /share/tasks\n{AGENT}\n{{\"taskType\":1,{body},\"zipName\":\"z\",\"kdstoken\":\"t\"}}"),
    );
    let save = pack.task_type(ShareTaskType::Save).zip_name("z");
    let place = "targetFileId: got nothing, allowed: an object; it is required with taskType 2";
    assert_eq!(message(&save), place);
    let target = SaveTarget::new("root", "own");
    assert_eq!(
        wire(&save.clone().target(target.clone())),
        format!(
            "POST /share/tasks\n{AGENT}\n{{\"taskType\":2,{body},\
             \"targetFileId\":{{\"fileId\":\"root\",\"containerId\":\"own\"}},\"zipName\":\"z\"}}"
        ),
    );
    for count in [0, 1001] {
        let op = save.clone().target(target.clone()).file_ids(vec!["f"; count]);
        assert_eq!(message(&op), format!("fileIds: got {count} entries, allowed: 1 to 1000 entries"));
    }

    let pack = CreatePublicShareTask::new(ShareTaskType::Pack, SPACE, ["f"], "7");
    assert_eq!(message(&pack), name);
    assert_eq!(message(&pack.clone().task_type(ShareTaskType::Save)), place);
    assert_eq!(
        wire(&pack.zip_name("z").target(target).share_token("t")),
        format!(
            "POST /share/public/tasks\n{{\"taskType\":1,{body},\
             \"targetFileId\":{{\"fileId\":\"root\",\"containerId\":\"own\"}},\"zipName\":\"z\",\"kdstoken\":\"t\"}}"
        ),
    );
}

/// One object or several, and when a task is over.
#[test]
fn share_task() {
    let body = "{\"taskId\":\"t\",\"shareId\":\"7\"";
    assert_eq!(wire(&GetShareTask::new("t").share_id("7")), format!("POST /share/taskDetail\n{AGENT}\n{body}}}"));
    assert_eq!(
        wire(&GetShareTask::new("t").share_id("7").share_token("k")),
        format!("POST /share/taskDetail\n{AGENT}\n{body},\"kdstoken\":\"k\"}}"),
    );
    assert_eq!(wire(&GetPublicShareTask::new("t").share_id("7")), "GET /share/public/taskDetail?taskId=t&shareId=7");
    assert_eq!(
        wire(&GetPublicShareTask::new("t").share_id("7").share_token("k")),
        "GET /share/public/taskDetail?taskId=t&shareId=7&kdstoken=k",
    );

    let (task, notes) = noted::<GetShareTask>(
        r#"{"jobInfo": {"taskType": 2, "taskStatus": "1", "progress": 70, "startTime": "20250901023457"},
            "taskInfos": {"fileId": "f", "status": 1, "newFileId": "g"}, "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(task.files[0].status, Some(ShareTaskFileStatus::Succeeded));
    assert!(!task.is_over());
    let job = task.job.unwrap();
    assert_eq!((job.task_type, job.status), (Some(ShareTaskType::Save), Some(JobStatus::Running)));
    let over = r#"{"jobInfo": {"taskStatus": 2, "taskResultCode": 3}, "taskInfos": [{"status": "2"}, {}]}"#;
    let task = parse::<GetPublicShareTask>(over).unwrap();
    assert!(task.is_over() && task.files.len() == 2);
    assert_eq!(task.job.and_then(|job| job.task_result_code), Some(JobResult::Failed));
    assert!(parse::<GetShareTask>(r#"{"jobInfo": {"taskStatus": 3}}"#).unwrap().is_over());
    for running in [r#"{"jobInfo": {"taskStatus": 4}}"#, r#"{"code": 0}"#] {
        assert!(!parse::<GetShareTask>(running).unwrap().is_over(), "{running}");
    }
}
