//! Backups.

use koodrive_proto::Operation;
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::backup::{
    AddBackupScopes, BackupModule, BackupScope, BackupStatus, BindBackupDevice, CompleteBackup, CreateBackupFile,
    CreateBackupLock, CreateBackupRecord, DeleteBackupRecord, DeleteBackupScopes, GetBackupRecord, ListBackupDevices,
    ListBackupFiles, ListBackupRecords, ListBackupScopes, ReleaseBackupLock, RenewBackupLock, UnbindBackupDevice,
};

use crate::common::{message, noted, parse, request, wire};

/// Texts with the manual's patterns.
#[test]
fn devices() {
    let bind = BindBackupDevice::new("M_1");
    assert_eq!(wire(&bind), "POST /backup/device\n{\"machineCode\":\"M_1\"}");
    assert_eq!(
        wire(&bind.clone().device_name("My \tphone-v_3").device_os("android 14")),
        "POST /backup/device\n{\"machineCode\":\"M_1\",\"deviceName\":\"My \\tphone-v_3\",\
         \"deviceOS\":\"android 14\"}",
    );
    let other = "got a text with another character, allowed: ASCII letters, digits";
    for code in ["a b", "a-b", "é"] {
        assert_eq!(message(&BindBackupDevice::new(code)), format!("machineCode: {other} and `_`"));
    }
    assert_eq!(message(&bind.clone().device_name("Ann's")), format!("deviceName: {other}, `-`, `_` and white space"));
    for os in ["android-14", "android 14.0", "android\u{a0}14"] {
        assert_eq!(message(&bind.clone().device_os(os)), format!("deviceOS: {other}, `_` and white space"));
    }
    assert_eq!(
        message(&BindBackupDevice::new("m".repeat(65))),
        "machineCode: got 65 characters, allowed: 1 to 64 characters",
    );
    assert_eq!(message(&bind.clone().device_name("")), "deviceName: got 0 characters, allowed: 1 to 32 characters");
    assert_eq!(message(&bind.device_os("o".repeat(33))), "deviceOS: got 33 characters, allowed: 1 to 32 characters",);

    assert_eq!(wire(&ListBackupDevices::new()), "GET /backup/device");
    assert_eq!(wire(&UnbindBackupDevice::new("d")), "DELETE /backup/device/d");
    let device = parse::<UnbindBackupDevice>(r#"{"data": {"deviceId": "d", "deviceOS": "android"}, "code": 0}"#);
    assert_eq!(device.unwrap().device_os.as_deref(), Some("android"));
}

/// A lock is taken by the kind of data, and then named in a header.
#[test]
fn take_and_release_a_lock() {
    assert_eq!(wire(&CreateBackupLock::new(BackupModule::AddressBook)), "POST /backup/lock\n{\"moduleCode\":\"102\"}",);
    let lock = parse::<CreateBackupLock>(r#"{"data": {"lockId": "78e41c7e@102"}, "code": 0}"#).unwrap();
    assert_eq!(lock.lock_id.as_deref(), Some("78e41c7e@102"));
    assert_eq!(wire(&ReleaseBackupLock::new("78e41c7e@102")), "DELETE /backup/lock\nx-backup-lock-id: 78e41c7e@102");
}

/// A PATCH without a body.
#[test]
fn renew_backup_lock() {
    let renew = RenewBackupLock::new("2c9d0d3e@100");
    assert_eq!(wire(&renew), "PATCH /backup/lock\nx-backup-lock-id: 2c9d0d3e@100");
    let renew = request(&renew);
    assert!(renew.body().is_empty() && !renew.headers().contains_key("content-type"));
    assert_eq!(renew.headers()["content-length"], "0");
    for id in ["", " a", "a ", "a\r\nx-user-id: 8", "é"] {
        assert!(RenewBackupLock::new(id).check().is_err(), "{id:?}");
    }
}

/// Paths with a rule, one of which may be empty.
#[test]
fn add_backup_scopes() {
    let add = |scope: BackupScope| AddBackupScopes::new("d", BackupModule::Folder, [BackupScope::new("/"), scope]);
    assert_eq!(
        wire(&add(BackupScope::new("").local_path("/Photos/2025"))),
        "POST /backup/device/d/scope\n{\"moduleCode\":\"100\",\"scopeList\":[{\"targetFolderPath\":\"/\"},\
         {\"targetFolderPath\":\"\",\"localPath\":\"/Photos/2025\"}]}",
    );
    for pathless in [BackupScope::new(""), BackupScope::new("").local_path("")] {
        assert_eq!(message(&add(pathless)), "scopeList[1]: got no path, allowed: localPath, targetFolderPath or both",);
    }
    for (path, got) in [("a/b", "a path without `/` at its beginning"), ("/a\\b", "a path with a backslash")] {
        let allowed = "allowed: empty, or `/` and no backslash after it";
        let local = BackupScope::new("").local_path(path);
        assert_eq!(message(&add(local)), format!("scopeList[1].localPath: got {got}, {allowed}"));
        assert_eq!(
            message(&add(BackupScope::new(path))),
            format!("scopeList[1].targetFolderPath: got {got}, {allowed}")
        );
    }
    assert_eq!(
        message(&add(BackupScope::new("/".repeat(10_001)))),
        "scopeList[1].targetFolderPath: got 10001 characters, allowed: 0 to 10000 characters",
    );
    assert_eq!(
        message(&AddBackupScopes::new("d", BackupModule::Album, vec![BackupScope::new("/"); 101])),
        "scopeList: got 101 entries, allowed: 1 to 100 entries",
    );
}

/// What is removed and what isn't; the latter is a list by its name, and an object by its type.
#[test]
fn list_and_delete_backup_scopes() {
    assert_eq!(
        wire(&ListBackupScopes::new("d", BackupModule::AddressBook)),
        "GET /backup/device/d/scope?moduleCode=102",
    );
    let listed = parse::<ListBackupScopes>(r#"{"code": 0, "scopeList": [{"scopeId": "s", "moduleCode": "101"}]}"#);
    assert_eq!(listed.unwrap().scopes[0].module_code, Some(BackupModule::Album));

    assert_eq!(
        wire(&DeleteBackupScopes::new("d", ["1", "2"])),
        "DELETE /backup/device/d/scope\n{\"scopeIdList\":[\"1\",\"2\"]}",
    );
    for count in [0, 101] {
        let op = DeleteBackupScopes::new("d", vec!["1"; count]);
        assert_eq!(message(&op), format!("scopeIdList: got {count} entries, allowed: 1 to 100 entries"));
    }
    let failed = r#"{"scopeId": "2", "errorCode": 13000309, "msg": "Resource not found."}"#;
    for failed in [failed.to_owned(), format!("[{failed}]")] {
        let answer = format!(r#"{{"code": 0, "scopeIdList": ["1"], "failedScopeList": {failed}}}"#);
        let (answer, notes) = noted::<DeleteBackupScopes>(&answer);
        assert_eq!(notes, [""; 0]);
        assert_eq!(answer.scope_ids, ["1"]);
        assert_eq!(answer.failed[0].error_code.as_deref(), Some("13000309"));
    }
}

/// Attributes as JSON in a text.
#[test]
fn write_backup_records() {
    let create = CreateBackupRecord::new(BackupModule::Album, "d").lock_id("l@101");
    let head = "POST /backup/record\nx-backup-lock-id: l@101\n{\"moduleCode\":\"101\",\"deviceId\":\"d\"";
    assert_eq!(wire(&create), format!("{head}}}"));
    assert_eq!(wire(&create.clone().properties(r#"{"a":1}"#)), format!("{head},\"properties\":\"{{\\\"a\\\":1}}\"}}"));
    for text in ["", "{", "{} {}", "a"] {
        assert_eq!(
            message(&create.clone().properties(text)),
            "properties: got a text that is no JSON, allowed: a JSON text",
        );
    }
    let record = parse::<CreateBackupRecord>(
        r#"{"data": {"recordId": "r", "moduleCode": "101", "status": 0, "properties": "{\"a\":1}", "version": 1,
            "deviceInfo": {"deviceId": "d"}}, "code": 0}"#,
    )
    .unwrap();
    assert_eq!((record.module_code, record.status), (Some(BackupModule::Album), Some(BackupStatus::New)));
    assert_eq!(record.device.unwrap().device_id.as_deref(), Some("d"));

    let complete = CompleteBackup::new("r").lock_id("l@101");
    assert_eq!(wire(&complete), "PATCH /backup/record/r\nx-backup-lock-id: l@101\n{}");
    assert_eq!(
        wire(&complete.properties("[]")),
        "PATCH /backup/record/r\nx-backup-lock-id: l@101\n{\"properties\":\"[]\"}",
    );
    assert_eq!(wire(&GetBackupRecord::new("r")), "GET /backup/record/r");
    assert_eq!(
        wire(&DeleteBackupRecord::new("r").lock_id("l@101")),
        "DELETE /backup/record/r\nx-backup-lock-id: l@101"
    );
}

#[test]
fn list_backup_records() {
    let mut op = ListBackupRecords::new(BackupModule::Folder, 100).device_id("d");
    assert_eq!(wire(&op), "GET /backup/record?moduleCode=100&pageSize=100&deviceId=d");
    assert_eq!(message(&ListBackupRecords::new(BackupModule::Folder, 0)), "pageSize: got 0, allowed: 1 to 100");
    assert_eq!(
        message(&op.clone().cursor("c".repeat(1001))),
        "cursor: got 1001 characters, allowed: 0 to 1000 characters",
    );

    let page = parse::<ListBackupRecords>(r#"{"code": 0, "data": [{"recordId": "r"}], "nextCursor": "c"}"#).unwrap();
    assert_eq!(ListBackupRecords::key(&page.records[0]), Some("r"));
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /backup/record?moduleCode=100&pageSize=100&cursor=c&deviceId=d");
    let page = parse::<ListBackupRecords>(r#"{"code": 0, "data": [{"recordId": "s"}]}"#).unwrap();
    assert_eq!(op.turn(&page).unwrap(), Turn::Last);
}

#[test]
fn backup_files() {
    let create = CreateBackupFile::new("r", "a.jpg").lock_id("l@101");
    let head = "POST /backup/record/r/file\nx-backup-lock-id: l@101\n{\"fileName\":\"a.jpg\"";
    assert_eq!(wire(&create), format!("{head}}}"));
    let full = create
        .description("d")
        .mime_type("image/jpeg")
        .file_type("15")
        .parent_folder(["root"])
        .sha256("2c")
        .length(5_000_000_000_u64);
    assert_eq!(
        wire(&full),
        format!(
            "{head},\"description\":\"d\",\"mimeType\":\"image/jpeg\",\"fileType\":\"15\",\
             \"parentFolder\":[\"root\"],\"sha256\":\"2c\",\"length\":5000000000}}"
        ),
    );
    assert_eq!(
        message(&CreateBackupFile::new("r", "a".repeat(251)).lock_id("l")),
        "fileName: got 251 characters, allowed: 1 to 250 characters",
    );

    let mut op = ListBackupFiles::new("r", 1);
    assert_eq!(wire(&op), "GET /backup/record/r/files?pageSize=1");
    let page = parse::<ListBackupFiles>(r#"{"code": 0, "data": [{"fileId": "f", "size": 7}], "nextCursor": "c"}"#);
    let page = page.unwrap();
    assert_eq!((ListBackupFiles::key(&page.files[0]), page.files[0].size), (Some("f"), Some(7)));
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    // The lock's id, which only the example has.
    op = op.lock_id("l@101");
    assert_eq!(wire(&op), "GET /backup/record/r/files?pageSize=1&cursor=c\nx-backup-lock-id: l@101");
    assert_eq!(op.turn(&parse::<ListBackupFiles>(r#"{"data": [], "nextCursor": ""}"#).unwrap()).unwrap(), Turn::Last);
    assert_eq!(message(&op.page_size(101)), "pageSize: got 101, allowed: 1 to 100");
}
