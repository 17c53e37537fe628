//! The very wire form of each operation, rules between parameters, and what a text with a rule allows.

use std::fmt::Debug;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeZone, Utc};
use koodrive_proto::http::{HeaderName, HeaderValue, Method, Request, Response};
use koodrive_proto::ops::accounts::{AuthType, Login, RefreshToken};
use koodrive_proto::ops::backup::RenewBackupLock;
use koodrive_proto::ops::files::{
    CreateFile, FileArea, FileSort, FileType, ListPersonalFiles, NewPart, OnConflict, PageInfo, SearchFiles,
    SearchFilter, SearchPage, SearchType, SortDirection, SortType,
};
use koodrive_proto::ops::jobs::{CreateJob, GetJob, JobAction, JobFile, JobStatus, JobType, ListJobs, TaskInfo};
use koodrive_proto::ops::messages::DeleteMessages;
use koodrive_proto::ops::permissions::{AmendModRole, Capabilities, TeamSpaceType, UpdatePermissions};
use koodrive_proto::ops::reconciliation::VerifyReconciliationData;
use koodrive_proto::ops::sessions::{CreateSession, RefreshSession};
use koodrive_proto::ops::shared_folders::CreateSharedFolder;
use koodrive_proto::ops::shares::{CreateShare, SharePermission, ShareScope};
use koodrive_proto::ops::spaces::{
    DeleteSpace, GetSpace, GetSpaceUsageByQuota, GetSpaceUsageByUser, GetSpaceUsageOverview, SpaceStatus, SpaceType,
    UpdateSpace,
};
use koodrive_proto::param::{
    DateTimeText, ExtractCode, FileName, Form, Kind, Param, Part, SharedFolderName, YearMonth,
};
use koodrive_proto::wire::Received;
use koodrive_proto::{AccessToken, Api, Call, Credentials, ErrorKind, FromParams, Operation, WithHead};
use proptest::prelude::*;
use serde_json::Value as Json;

/// The smallest part but for the last.
const MIN: u64 = 5_242_880;
const OWNER: &str = "1289173650183882753";
const SPACE: &str = "IAAB5thdWzxEoAsiA1681759183084696448";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

fn api() -> Api {
    Api::new("https://h", Credentials::app("my-app", "my-secret", "7")).unwrap()
}

fn request<O: Operation>(op: &O) -> Request<Bytes> {
    api().agent_name("standard").unwrap().request(op, now()).unwrap()
}

/// Method and path with query, then the headers of the operation's own, then the body.
fn wire<O: Operation>(op: &O) -> String {
    let request = request(op);
    let own =
        request.headers().iter().filter(|(name, _)| name.as_str().starts_with("x-hw-") || *name == "x-backup-lock-id");
    let headers: Vec<String> = own.map(|(name, value)| format!("\n{name}: {}", value.to_str().unwrap())).collect();
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    let separator = if body.is_empty() { "" } else { "\n" };
    let path = request.uri().path_and_query().unwrap().as_str().strip_prefix("/koodrive/ose/v1").unwrap();
    format!("{} {path}{}{separator}{body}", request.method(), headers.concat())
}

#[test]
fn spaces() {
    assert_eq!(wire(&GetSpace::new(OWNER, SpaceType::Group)), "GET /space/1289173650183882753?type=2");
    assert_eq!(
        wire(&GetSpace::new(OWNER, SpaceType::Individual).container_id("a/b")),
        "GET /space/1289173650183882753?type=1&containerId=a%2Fb",
    );
    assert_eq!(wire(&DeleteSpace::new(OWNER, SpaceType::Department)), "DELETE /space/1289173650183882753?type=0");
    // capacity and status are JSON strings, type is a JSON integer.
    assert_eq!(
        wire(&UpdateSpace::new(OWNER, SpaceType::Individual).capacity(1).status(SpaceStatus::Normal).container_id("c")),
        "PUT /space/1289173650183882753\n{\"type\":1,\"capacity\":\"1\",\"status\":\"0\",\"containerId\":\"c\"}",
    );
    assert_eq!(wire(&UpdateSpace::new(OWNER, SpaceType::Department)), "PUT /space/1289173650183882753\n{\"type\":0}",);
    assert_eq!(wire(&GetSpaceUsageOverview::new()), "GET /space/usage/overview");
    assert_eq!(wire(&GetSpaceUsageByQuota::new().limit(10).offset(0)), "GET /space/usage/quota?limit=10&offset=0",);
    assert_eq!(
        wire(&GetSpaceUsageByUser::new().user_ids(["232323", "34343434"]).limit(10).offset(0)),
        "POST /space/usage/user\n{\"userIds\":[\"232323\",\"34343434\"],\"limit\":10,\"offset\":0}",
    );
    assert_eq!(wire(&GetSpaceUsageByUser::new()), "POST /space/usage/user\n{}");
}

/// A list of objects, constants, and a choice about conflicts.
#[test]
fn create_file() {
    let op = CreateFile::new("ü.zip", FileType::Archive, "root", 12_582_913, OnConflict::KeepSame, SPACE);
    assert_eq!(
        wire(&op),
        "POST /files/create\n{\"uploadMode\":\"multipart\",\"uploadType\":1,\"fileName\":\"ü.zip\",\"fileType\":\"35\",\
         \"parentFolder\":[\"root\"],\"length\":12582913,\"autoRename\":4,\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\"}",
    );
    let parts = [
        NewPart::new(1, 6_291_456).part_offset(0),
        NewPart::new(2, 6_291_457).part_offset(6_291_456).hash_ctx([u32::MAX; 8]).part_id("p"),
    ];
    let op = op
        .share_folder_id("s")
        .created_time("2023-08-18T05:43:49Z")
        .description("d")
        .mime_type("application/zip")
        .sha256("ab")
        .pre_hash("cd")
        .proof_code("ef")
        .multi_parts(parts)
        .hidden(false)
        .parent_folder(["other"])
        .file_name("renamed.zip");
    assert_eq!(
        wire(&op),
        "POST /files/create\nx-hw-share-folder-id: s\n{\"uploadMode\":\"multipart\",\"uploadType\":1,\
         \"fileName\":\"renamed.zip\",\"fileType\":\"35\",\"parentFolder\":[\"other\"],\"length\":12582913,\"autoRename\":4,\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"createdTime\":\"2023-08-18T05:43:49Z\",\
         \"description\":\"d\",\"mimeType\":\"application/zip\",\"sha256\":\"ab\",\"multiParts\":[\
         {\"partNumber\":1,\"partSize\":6291456,\"partOffset\":0},\
         {\"partNumber\":2,\"partSize\":6291457,\"partOffset\":6291456,\"hashCtx\":[4294967295,4294967295,4294967295,\
         4294967295,4294967295,4294967295,4294967295,4294967295],\"partId\":\"p\"}],\
         \"preHash\":\"cd\",\"proofCode\":\"ef\",\"hidden\":false}",
    );
}

fn message<O: Operation>(op: &O) -> String {
    let error = api().request(op, now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Param);
    error.to_string().strip_prefix(O::META.name).unwrap().strip_prefix(": ").unwrap().to_owned()
}

#[test]
fn parts_of_a_file() {
    let file = |parts: Vec<NewPart>| {
        CreateFile::new("a", FileType::Video, "root", 1, OnConflict::Refuse, SPACE).multi_parts(parts)
    };
    // The last by its number may be smaller, also empty.
    assert_eq!(file(vec![NewPart::new(2, 0), NewPart::new(1, MIN)]).check(), Ok(()));
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN - 1), NewPart::new(2, MIN)])),
        "multiParts[0].partSize: got 5242879, allowed: 5242880 to 5368709120 bytes; only the last part may be smaller",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN), NewPart::new(10_001, 5)])),
        "multiParts[1].partNumber: got 10001, allowed: 1 to 10000",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, 5_368_709_121)])),
        "multiParts[0].partSize: got 5368709121, allowed: 0 to 5368709120 bytes",
    );
    // At the same time: multiples of 64, and the state of the hash.
    let second = NewPart::new(2, 1).part_offset(MIN).hash_ctx([0; 8]);
    assert_eq!(file(vec![NewPart::new(1, MIN).part_offset(0), second.clone()]).check(), Ok(()));
    assert_eq!(file(vec![NewPart::new(1, MIN + 1), NewPart::new(2, 1)]).check(), Ok(()), "one after the other");
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN + 1).part_offset(0), second.clone()])),
        "multiParts[0].partSize: got 5242881, allowed: a multiple of 64 bytes in all but the last of parts with an offset",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN).part_offset(0), NewPart::new(2, 1).part_offset(MIN)])),
        "multiParts[1].hashCtx: got nothing, allowed: the state of the hash, in all but the first of parts with an offset",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN), second.clone()])),
        "multiParts[0].partOffset: got nothing, allowed: 0: in each of parts with an offset, the bytes before it",
    );
    assert_eq!(
        message(&file(vec![second.clone().part_offset(64), NewPart::new(1, MIN).part_offset(0)])),
        "multiParts[0].partOffset: got 64, allowed: 5242880: in each of parts with an offset, the bytes before it",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(3, MIN), NewPart::new(1, MIN), NewPart::new(3, MIN)])),
        "multiParts[2].partNumber: got 3, allowed: a number of its own",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN), second.hash_ctx([0; 5])])),
        "multiParts[1].hashCtx: got 5 entries, allowed: exactly 8 entries",
    );
    let op = file(vec![]).file_type(FileType::Folder);
    assert!(message(&op).starts_with("fileType: got 10 (Folder), allowed: 15 (Picture), 20 (Video), "));
    let op = file(vec![]).parent_folder(["a", "b"]);
    assert_eq!(message(&op), "parentFolder: got 2 entries, allowed: exactly 1 entries");
}

/// Cursors, sorting, and a path that other paths look like.
#[test]
fn list_personal_files() {
    let op = ListPersonalFiles::new(FileArea::RecycleBin, SPACE, "root");
    let body = "{\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"parentFileId\":\"root\"";
    assert_eq!(wire(&op), format!("POST /files/1\n{body}}}"));
    let op = op
        .page_info(PageInfo::new().page_size(10).page_cursor("[a|b,c]"))
        .sort_info(FileSort::new().sort_type(SortType::Recycled).sort_direction(SortDirection::Descending))
        .file_type(FileType::SmartFolder)
        .image_process("image/resize,m_lfit,h_128,w_128");
    assert_eq!(
        wire(&op),
        format!(
            "POST /files/1\n{body},\"pageInfo\":{{\"pageSize\":10,\"pageCursor\":\"[a|b,c]\"}},\
             \"sortInfo\":{{\"sortType\":5,\"sortDirection\":2}},\"fileType\":\"11\",\
             \"imageProcess\":\"image/resize,m_lfit,h_128,w_128\"}}"
        ),
    );
    // An object without members is an object.
    let op = ListPersonalFiles::new(FileArea::Space, SPACE, "root").page_info(PageInfo::new());
    assert_eq!(wire(&op), format!("POST /files/0\n{body},\"pageInfo\":{{}}}}"));
}

#[test]
fn search_files() {
    let op = SearchFiles::new(SearchType::Team, SearchPage::new(100, ""));
    assert_eq!(
        wire(&op),
        "POST /files/search\n{\"searchType\":\"team\",\"pageInfo\":{\"pageSize\":100,\"pageCursor\":\"\"}}",
    );
    let filter = SearchFilter::new().key_word("报告").container_id(SPACE).parent_folder("f").file_type(FileType::Word);
    let op = op
        .share_folder_id("s")
        .filter(filter.update_time_range("?").owner_id("o"))
        .sort_info(FileSort::new().sort_type(SortType::Name))
        .recursive(true)
        .image_process("i")
        .recycled(false);
    assert_eq!(
        wire(&op),
        "POST /files/search\nx-hw-share-folder-id: s\n{\"searchType\":\"team\",\
         \"pageInfo\":{\"pageSize\":100,\"pageCursor\":\"\"},\"filter\":{\"keyWord\":\"报告\",\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"parentFolder\":\"f\",\"fileType\":\"26\",\
         \"updateTimeRange\":\"?\",\"ownerId\":\"o\"},\"sortInfo\":{\"sortType\":1},\"recursived\":true,\
         \"imageProcess\":\"i\",\"recycled\":false}",
    );
    let op = SearchFiles::new(SearchType::Personal, SearchPage::new(101, ""));
    assert_eq!(message(&op), "pageInfo.pageSize: got 101, allowed: 1 to 100");
    let op = op.page_info(SearchPage::new(1, "")).filter(SearchFilter::new().parent_folder("f"));
    assert_eq!(
        message(&op),
        "filter.containerId: got nothing, allowed: the id of a space; it is required with filter.parentFolder",
    );
    let op = op.filter(SearchFilter::new().file_type(FileType::SmartFolder));
    assert!(message(&op).starts_with("filter.fileType: got 11 (SmartFolder), allowed: 10 (Folder), 15 (Picture), "));
    let op = op.filter(SearchFilter::new().key_word("ü".repeat(81)));
    assert_eq!(message(&op), "filter.keyWord: got 81 characters, allowed: 0 to 80 characters");
    assert_eq!(
        message(&op.share_folder_id("ü")),
        "x-hw-share-folder-id: got a text that no header can carry, allowed: \
        visible ASCII characters, with blanks only between them"
    );
}

/// An object in the body, with a list of objects in it.
#[test]
fn jobs() {
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

/// A DELETE with a body, a PATCH without one.
#[test]
fn unusual_methods() {
    assert_eq!(wire(&DeleteMessages::new(["1", "2"])), "DELETE /message/batchDelete\n{\"ids\":[\"1\",\"2\"]}");
    let delete = request(&DeleteMessages::new("1"));
    assert_eq!(delete.headers()["content-type"], "application/json");
    assert_eq!(delete.headers()["content-length"], "13");

    let renew = RenewBackupLock::new("2c9d0d3e@100");
    assert_eq!(wire(&renew), "PATCH /backup/lock\nx-backup-lock-id: 2c9d0d3e@100");
    let renew = request(&renew);
    assert!(renew.body().is_empty() && !renew.headers().contains_key("content-type"));
    assert_eq!(renew.headers()["content-length"], "0");
    for id in ["", " a", "a ", "a\r\nx-user-id: 8", "é"] {
        assert!(RenewBackupLock::new(id).check().is_err(), "{id:?}");
    }
}

#[test]
fn permissions() {
    let role = AmendModRole::new(1_505_084_218_764_547_200, AmendModRole::ANONYMOUS);
    let roles = [role.clone(), role.capabilities(Capabilities::none().copy_permission(true))];
    let op = UpdatePermissions::new(roles, TeamSpaceType::Group, SPACE).file_id("f");
    assert_eq!(
        wire(&op),
        "PUT /permission/batchupdate\n{\"amendModRoles\":[{\"userId\":1505084218764547200,\"template\":-1},\
         {\"userId\":1505084218764547200,\"template\":-1,\"capabilities\":{\"addChildNodePermission\":false,\
         \"copyPermission\":true,\"deletePermission\":false,\"downloadPermission\":false,\"editPermission\":false,\
         \"listChildNodePermission\":false,\"removeChildNodePermission\":false,\"renameFilePermission\":false,\
         \"shareFilePermission\":false,\"uploadPermission\":false,\"viewPermission\":false}}],\"type\":1,\
         \"container\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"fileId\":\"f\"}",
    );
    let all = serde_json::to_value(Capabilities::all().value()).unwrap();
    assert!(all.as_object().unwrap().values().all(|granted| *granted == Json::Bool(true)));
}

#[test]
fn shares_and_shared_folders() {
    let op = CreateShare::new(ShareScope::Named, ["f"], SPACE, 365)
        .extract_code("a1B2c3D4")
        .expire_time(Utc.with_ymd_and_hms(2026, 1, 31, 23, 59, 0).unwrap().naive_utc())
        .comment("c")
        .expired_type("e")
        .phone_numbers(["1"])
        .dept_ids(["2"])
        .group_ids(["3"])
        .user_ids(["4"])
        .permission(SharePermission::new().preview(true).edit(false).download(true));
    assert_eq!(
        wire(&op),
        "POST /share\nx-hw-agentname: standard\n{\"scope\":3,\"fileIds\":[\"f\"],\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"validDays\":365,\"extractCode\":\"a1B2c3D4\",\
         \"expireTime\":\"2026-01-31 23:59:00\",\"comment\":\"c\",\"expiredType\":\"e\",\"phoneNumbers\":[\"1\"],\
         \"deptIds\":[\"2\"],\"groupIds\":[\"3\"],\"userIds\":[\"4\"],\
         \"permission\":{\"preview\":true,\"edit\":false,\"download\":true}}",
    );
    assert!(!format!("{op:?}").contains("a1B2"), "{op:?}");
    let op = CreateShare::new(ShareScope::Link, ["f"], SPACE, 0);
    assert_eq!(message(&op), "validDays: got 0, allowed: 1 to 365 days");
    assert_eq!(
        message(&op.valid_days(1).extract_code("a1B2c3D!")),
        "extractCode: got a text with another character, allowed: ASCII letters and digits",
    );

    assert_eq!(
        wire(&CreateSharedFolder::new(SPACE, "Family")),
        "POST /sharefolder/create\n{\"shareType\":0,\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\
         \"name\":\"Family\"}",
    );
    assert_eq!(
        message(&CreateSharedFolder::new(SPACE, "👪")),
        "name: got a text with an emoji, allowed: not empty, not `.` or `..`, none of < > | : * ? \" /, no emoji, line end, \
         backspace or tab",
    );
}

/// No credentials, no date; the agent's name where it is wanted.
#[test]
fn signing_in() {
    let login = Login::new("0027188460911", AuthType::Password).password("123qweASD143");
    assert_eq!(
        wire(&login),
        "POST /auth/login\nx-hw-agentname: standard\n\
         {\"account\":\"0027188460911\",\"authType\":\"1\",\"password\":\"123qweASD143\"}",
    );
    assert_eq!(
        wire(&Login::new("a", AuthType::VerificationCode).captcha_token("t")),
        "POST /auth/login\nx-hw-agentname: standard\n{\"account\":\"a\",\"authType\":\"2\",\"captchaToken\":\"t\"}",
    );
    assert!(!format!("{login:?}").contains("123qwe"), "{login:?}");
    assert_eq!(
        wire(&CreateSession::new("FrbM").domain("d:8080")),
        "POST /session/\n{\"code\":\"FrbM\",\"domain\":\"d:8080\"}",
    );
    for request in [request(&login), request(&CreateSession::new("FrbM"))] {
        for name in ["authorization", "x-user-id", "x-date"] {
            assert!(!request.headers().contains_key(name), "{name}");
        }
    }

    // Without a name: refused where every manual requires it, left out where only one does; a call may bring its own.
    assert_eq!(message(&login), "x-hw-agentName: got nothing, allowed: the name that Api::agent_name sets");
    let share = CreateShare::new(ShareScope::Link, ["f"], SPACE, 7);
    assert!(!api().request(&share, now()).unwrap().headers().contains_key("x-hw-agentname"));
    let name = HeaderName::from_static("x-hw-agentname");
    let call = Call::new(&login).header(name, HeaderValue::from_static("IOH"));
    assert_eq!(call.request(&api(), now()).unwrap().headers()["x-hw-agentname"], "IOH");
    let named = api().agent_name("standard").unwrap();
    assert!(!named.request(&GetSpaceUsageOverview::new(), now()).unwrap().headers().contains_key("x-hw-agentname"));
    for name in ["", "a b", "é", "\n"] {
        assert_eq!(api().agent_name(name).unwrap_err().kind(), ErrorKind::Param, "{name:?}");
    }
}

/// The old token and no date; the id of the session, which no Debug shows.
#[test]
fn refreshing() {
    fn request<O: Operation>(op: &O) -> Request<Bytes> {
        let credentials = Credentials::token(AccessToken::as_issued("AT 3b91"), "7");
        let request = Api::new("https://h", credentials).unwrap().request(op, now()).unwrap();
        assert_eq!(request.headers()["authorization"], "AT 3b91");
        assert!(!request.headers().contains_key("x-user-id") && !request.headers().contains_key("x-date"));
        request
    }
    let session = request(&RefreshSession::new("b49d0aee"));
    assert_eq!((session.method(), session.uri().path()), (&Method::POST, "/koodrive/ose/v1/session/refresh"));
    assert_eq!(session.headers()["x-session-id"], "b49d0aee");
    assert!(session.body().is_empty() && !format!("{session:?}").contains("b49d0aee"), "{session:?}");
    let token = request(&RefreshToken::new("0e0e72d3"));
    assert_eq!((token.method(), token.uri().path()), (&Method::POST, "/koodrive/ose/v1/auth/refreshToken"));
    assert_eq!(token.body(), r#"{"refreshToken":"0e0e72d3"}"#);

    let error = api().request(&RefreshToken::new("0e0e72d3"), now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
}

/// A form with a file, whose boundary follows from the content.
#[test]
fn verify_reconciliation_data() {
    let sheet: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let op = VerifyReconciliationData::new(sheet.clone(), "2025-07").file_name("jul\"y\r\n.XLS");
    let request = request(&op);
    let kind = request.headers()["content-type"].to_str().unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"data\"; filename=\"jul%22y%0D%0A.XLS\"\r\n\
         Content-Type: application/vnd.ms-excel\r\n\r\n"
    );
    let tail = format!(
        "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"billingCycle\"\r\n\r\n2025-07\r\n--{boundary}--\r\n"
    );
    assert_eq!(*request.body(), [head.as_bytes(), &sheet, tail.as_bytes()].concat());
    assert_eq!(request.headers()["content-length"], request.body().len().to_string());
    // And back, byte by byte.
    let (parts, body) = request.into_parts();
    let received = Received::read(VerifyReconciliationData::META, &parts, &body).unwrap();
    VerifyReconciliationData::META.check(&received).unwrap();
    let back = VerifyReconciliationData::from_params(&received).unwrap();
    assert_eq!(back, op);
    assert!(!format!("{back:?}").contains("[0, 1"), "{back:?}");

    let op = VerifyReconciliationData::new("x", "2025-13");
    assert_eq!(message(&op), "billingCycle: got another form, or no such month, allowed: a month as yyyy-MM");
    let op = VerifyReconciliationData::new("x", "2025-12").file_name("sheet.csv");
    assert_eq!(message(&op), "data: got a file with another name, allowed: a file whose name ends in .xlsx or .xls",);
}

proptest! {
    /// Whatever is in a form comes out of it.
    #[test]
    fn forms_parse_back(
        name in "[a-zA-Z\"\r\n]{1,5}",
        file_name in any::<String>(),
        content in proptest::collection::vec(any::<u8>(), 0..200),
        text in any::<String>(),
    ) {
        // %22 and its kind can't be told from what they stand for; browsers have the same loss.
        prop_assume!(!file_name.contains('%'));
        let parts = [Part::field(&name, &text), Part::file("data", &file_name, "text/plain", &content)];
        let form = Form::new(&parts);
        let kind = form.content_type().unwrap();
        let body = form.body(&parts);
        prop_assert_eq!(Form::read(kind.to_str().unwrap(), &body).unwrap(), parts);
        // Cut off anywhere, it is no form.
        for end in 0..body.len() - 2 {
            prop_assert_eq!(Form::read(kind.to_str().unwrap(), &body[..end]), None);
        }
    }

    #[test]
    fn any_form_is_read_or_refused(kind in any::<String>(), body in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = Form::read(&kind, &body);
        let _ = Form::read("multipart/form-data; boundary=", &body);
        let _ = Form::read("multipart/form-data; boundary=\"a\"", &[b"--a", &body[..]].concat());
    }
}

fn rule<T: Param + Debug>(allowed: &[&str], refused: &[&str]) {
    let Kind::Rule(rule) = T::KIND else { panic!("a rule") };
    assert_eq!((rule.check)(rule.example), Ok(()));
    for text in allowed {
        assert_eq!((rule.check)(text), Ok(()), "{text:?}");
    }
    for text in refused {
        assert!((rule.check)(text).is_err(), "{text:?}");
    }
}

#[test]
fn texts_with_rules() {
    rule::<FileName>(
        &["a", "...", " ", "日本語.txt", "a\\b", "a\nb", "👪", "..a"],
        &["", ".", "..", "<", ">", "a|b", ":", "\"", "*", "?", "a/b", "/"],
    );
    rule::<SharedFolderName>(
        &["a", "日本語", "a\\b", "\u{200d}", "…", "\u{25ff}"],
        &["", ".", "..", "a:b", "a\n", "\r", "\t", "\u{8}", "👪", "☀", "❤\u{fe0f}", "1\u{20e3}", "➿", "\u{1faff}"],
    );
    rule::<ExtractCode>(&["a1B2c3D4", "zZ09AZaz"], &["a1B2c3D!", "a1B2c3D ", "é1B2c3D4", "٣1B2c3D4"]);
    rule::<DateTimeText>(
        &["2024-02-29 00:00:00", "0000-01-01 23:59:59"],
        &[
            "",
            "2023-02-29 00:00:00",
            "2024-2-29 00:00:00",
            "2024-02-29T00:00:00",
            "2024-02-29 24:00:00",
            "2024-02-29 00:00",
            "2024-02-29 00:00:00 ",
            "+2024-02-29 00:00:00",
            "2024-02-29  0:00:00",
            "2024-02-29 00:00:60",
        ],
    );
    rule::<YearMonth>(
        &["2025-01", "0000-12"],
        &["", "2025-00", "2025-13", "2025-1", "25-01", "2025-001", "2025/01", "+025-01", "2025-+1"],
    );
}

/// Status, headers and raw body beside what was read.
#[test]
fn with_head() {
    let op = WithHead(GetJob::new("7"));
    assert_eq!(wire(&op), wire(&GetJob::new("7")));
    assert_eq!(wire(&WithHead(&GetJob::new("7"))), wire(&GetJob::new("7")));
    assert_eq!(WithHead::<GetJob>::META, GetJob::META);
    assert!(WithHead(GetJob::new("..")).check().is_err());
    let body = r#"{"code": 0, "data": {"jobInfo": {"status": 2, "new": 1, "downloadUrl": "https://secret"}}}"#;
    let response = Response::builder().status(201).header("x-request-id", "secret").body(body).unwrap();
    let answer = WithHead::<GetJob>::parse(&response).unwrap();
    assert_eq!((answer.status.as_u16(), &answer.headers["x-request-id"]), (201, &HeaderValue::from_static("secret")));
    assert_eq!(answer.body, body);
    assert_eq!(answer.output.job_info.as_ref().unwrap().status, Some(JobStatus::Finished));
    assert!(!format!("{answer:?}").contains("secret"), "{answer:?}");
    let error = WithHead::<GetJob>::parse(&Response::new(r#"{"code": 13000309}"#)).unwrap_err();
    assert_eq!(error.code(), Some("13000309"));
}
