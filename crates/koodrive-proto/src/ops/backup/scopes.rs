//! What a device backs up, and to where.

use crate::check::InvalidParam;
use crate::ops::backup::BackupModule;
use crate::schema::Rule;
use crate::{answer, object, operation, text};

operation! {
    /// Adds folders to those that a device backs up.
    ///
    /// Each scope needs a path on the device, a folder in the cloud, or both. Whether the folder in the cloud may be
    /// left out could not be read. It is always sent, since it may be empty where there is a path on the device. The
    /// page doesn't say what happens to a folder that is added twice, nor what the paths of an address book are.
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
    /// Lists what a device backs up of one kind of data, all at once.
    ///
    /// The example of the request leaves out the `module_code` that the table requires.
    ///
    /// Source: listBackupScope, carrier (2026-04-16); the example of the answer could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::{BackupModule, ListBackupScopes};
    /// ListBackupScopes::new("1842812272691451648", BackupModule::Album);
    /// ```
    GET "/koodrive/ose/v1/backup/device/{deviceId}/scope" ListBackupScopes = "listBackupScope" -> DeviceScopes;
    AppOrToken, ReadOnly, Carrier Full;
    path {
        /// The id of the device, from the answer of bindDevice.
        device_id: String = "deviceId",
    }
    query {
        /// Only scopes of this kind of data are listed.
        module_code: BackupModule = "moduleCode",
    }
}

answer! {
    /// The answer of [`ListBackupScopes`]: what a device backs up.
    DeviceScopes {
        /// The scopes.
        scopes: Vec<DeviceScope> = "scopeList",
    }
}

answer! {
    /// A scope of a device's backup: from where and to where data is backed up.
    DeviceScope {
        /// The folder on the device.
        local_path: Option<String>,
        /// The folder in the cloud.
        target_folder_path: Option<String>,
        /// The id of the scope.
        scope_id: Option<String>,
        /// What kind of data is backed up. The page lists no values here; those of the request are used.
        module_code: Option<BackupModule>,
        /// When the scope was added, judging by the name of this member; the format is not documented.
        create_time: Option<String>,
    }
}

operation! {
    /// Removes scopes from what a device backs up.
    ///
    /// This is a DELETE with a JSON body. A call may succeed although some scopes are not removed: see
    /// [`failed`](DeletedScopes::failed). If the request had to be sent again, scopes may be there that its first run
    /// has removed. The page doesn't say what happens to the backups of a scope.
    ///
    /// Source: batchDeleteBackupScope, carrier (2026-04-16); the ends of the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::DeleteBackupScopes;
    /// DeleteBackupScopes::new("1842812272691451648", ["123", "124"]);
    /// ```
    DELETE "/koodrive/ose/v1/backup/device/{deviceId}/scope" DeleteBackupScopes = "batchDeleteBackupScope"
        -> DeletedScopes;
    AppOrToken, Idempotent, Carrier Partial;
    path {
        /// The id of the device, from the answer of bindDevice.
        device_id: String = "deviceId",
    }
    body {
        /// The ids of the scopes, 1 to 100 of them.
        scope_ids: Vec<String> [1..=100] = "scopeIdList",
    }
}

answer! {
    /// The answer of [`DeleteBackupScopes`]: what happened to the scopes.
    DeletedScopes {
        /// The ids of the scopes that were removed.
        scope_ids: Vec<String> = "scopeIdList",
        /// The scopes that were not removed. By its name it is a list, and by its type one object; both are read.
        failed: Vec<FailedScope> = "failedScopeList",
    }
}

answer! {
    /// A scope that was not removed.
    FailedScope {
        /// The id of the scope.
        scope_id: Option<String>,
        /// Why it was not removed, as a code; no values are documented.
        error_code: Option<String>,
        /// What the code means.
        msg: Option<String>,
    }
}
