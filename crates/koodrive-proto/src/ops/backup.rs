//! Backups of the carrier edition: what a device backs up, and the lock that it holds while it backs up.

use crate::check::InvalidParam;
use crate::schema::Rule;
use crate::{choices, object, operation, text};

operation! {
    /// Adds folders to those that a device backs up.
    ///
    /// Each scope needs a path on the device, a folder in the cloud, or both. Whether the folder in the cloud may be
    /// left out could not be read. It is always sent, since it may be empty where there is a path on the device. The
    /// page doesn't say what happens to a folder that is added twice, nor what the paths of an address book are. It
    /// doesn't list the headers X-Traceid and language.
    ///
    /// The pattern of the paths is printed with one backslash missing. Our reading is: empty, or a `/` and no backslash
    /// after it.
    ///
    /// Nothing is taken from the answer, of which only `code` could be read; [`WithHead`](crate::WithHead) returns its
    /// body.
    ///
    /// Source: batchAddBackupScope, carrier (2026-05-15); no examples could be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::{AddBackupScopes, BackupModule, BackupScope};
    /// let scope = BackupScope::new("/Backup/Camera").local_path("/DCIM/Camera");
    /// AddBackupScopes::new("1289173650183882753", BackupModule::Album, [scope]);
    /// ```
    POST "/koodrive/ose/v1/backup/device/{deviceId}/scope" AddBackupScopes = "batchAddBackupScope" -> ();
    AppOrToken, Once, Carrier Partial;
    path {
        /// The id of the device, from the answer of bindDevice.
        device_id: String = "deviceId",
    }
    body {
        /// What kind of data is backed up.
        module_code: BackupModule = "moduleCode",
        /// The scopes, which say what is backed up from where and to where; at most 100 at a time.
        scope_list: Vec<BackupScope> [1..=100] = "scopeList",
    }
    && scopes_have_a_path
}

choices! {
    /// What kind of data is backed up.
    pub enum BackupModule: text {
        /// Folders.
        Folder = "100",
        /// Pictures and videos.
        Album = "101",
        /// The address book.
        AddressBook = "102",
    }
}

object! {
    /// A scope of a backup: from where and to where data is backed up. One of the two paths may be empty.
    BackupScope = "ScopeBaseInfo" {
        /// The folder in the cloud: a path with `/` at the beginning and between its steps, or empty.
        target_folder_path: BackupPath [0..=10_000] = "targetFolderPath";
        /// The folder on the device, in the same form.
        local_path: BackupPath [0..=10_000] = "localPath",
    }
}

text! {
    /// A path of a backup: empty, or with `/` at the beginning and between its steps, and without backslashes.
    pub struct BackupPath: Rule::new("empty, or `/` and no backslash after it", "/Backup/Camera", |path| {
        if path.contains('\\') {
            Err("a path with a backslash")
        } else if path.is_empty() || path.starts_with('/') {
            Ok(())
        } else {
            Err("a path without `/` at its beginning")
        }
    });
}

fn scopes_have_a_path(op: &AddBackupScopes) -> Result<(), InvalidParam> {
    let is_empty = |path: Option<&BackupPath>| path.is_none_or(|path| path.as_str().is_empty());
    let pathless =
        |scope: &BackupScope| is_empty(Some(&scope.target_folder_path)) && is_empty(scope.local_path.as_ref());
    match op.scope_list.iter().position(pathless) {
        Some(at) => {
            let allowed = "localPath, targetFolderPath or both";
            Err(InvalidParam::new(format!("scopeList[{at}]"), "no path", allowed))
        }
        None => Ok(()),
    }
}

operation! {
    /// Resets the life of a backup lock to 10 minutes.
    ///
    /// The English version of the page says that the renewal of an expired lock counts from its expiry; the Chinese
    /// version says only that the expiry is calculated anew. The page doesn't list the headers X-Traceid and language.
    ///
    /// Source: renewalBackupLock, carrier (2026-02-03).
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::RenewBackupLock;
    /// RenewBackupLock::new("2c9d0d3e-6a5b-4b0e-9a53-5d1d4c0f6a11@100");
    /// ```
    PATCH "/koodrive/ose/v1/backup/lock" RenewBackupLock = "renewalBackupLock" -> ();
    AppOrToken, Idempotent, Carrier Full;
    header {
        /// The id of the lock, from the answer of createBackupLock: a UUID, `@`, and the code of the module.
        lock_id: String = "x-backup-lock-id",
    }
}
