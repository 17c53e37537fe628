//! Backups.

use koodrive_proto::Operation;
use koodrive_proto::ops::backup::RenewBackupLock;

use crate::common::{request, wire};

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
