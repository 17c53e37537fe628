//! Backups.

use koodrive_proto::Operation;
use koodrive_proto::ops::backup::{AddBackupScopes, BackupModule, BackupScope, RenewBackupLock};

use crate::common::{message, request, wire};

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
