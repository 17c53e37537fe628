//! Backups of the carrier edition: what a device backs up, and the lock that it holds while it does.

use crate::check::InvalidParam;
use crate::schema::Rule;
use crate::{choices, object, operation, text};

operation! {
    /// Adds folders to what a device backs up.
    ///
    /// Each of them needs a path on the device, a folder in the cloud, or both. Whether the folder may be left out
    /// could not be read; it is always sent, since an empty one is allowed where there is a path on the device. What
    /// happens to a folder that is added twice is not documented, nor what the paths of an address book are. No
    /// X-Traceid and no language are listed.
    ///
    /// The pattern of the paths is printed with a backslash lost. Our reading: empty, or a `/` and no backslash after
    /// it.
    ///
    /// Nothing is taken from the answer, of which only `code` could be read: [`WithHead`](crate::WithHead) keeps its
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
        /// The id of the device, as bindDevice answered it.
        device_id: String = "deviceId",
    }
    body {
        /// What kind of thing is backed up.
        module_code: BackupModule = "moduleCode",
        /// From where and to where, at most 100 at a time.
        scope_list: Vec<BackupScope> [1..=100] = "scopeList",
    }
    && scopes_have_a_path
}

choices! {
    /// What kind of thing is backed up.
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
    /// From where and to where something is backed up. One of the two paths may be empty.
    BackupScope = "ScopeBaseInfo" {
        /// The folder in the cloud, with `/` at the beginning and between its steps, or empty.
        target_folder_path: BackupPath [0..=10_000] = "targetFolderPath";
        /// The folder on the device, in the same form.
        local_path: BackupPath [0..=10_000] = "localPath",
    }
}

text! {
    /// A path of a backup: empty, or with `/` at the beginning and between its steps, and without a backslash.
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
    /// Sets the life of a backup lock back to 10 minutes.
    ///
    /// The English page says that the renewal of an expired lock counts from its expiry, the Chinese one only that the
    /// expiry is calculated anew. No X-Traceid and no language are listed.
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
        /// The id of the lock, as createBackupLock answered it: a UUID, `@`, and the code of the module.
        lock_id: String = "x-backup-lock-id",
    }
}
