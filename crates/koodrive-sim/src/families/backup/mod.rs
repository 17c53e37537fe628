//! What the service does with backups: devices, what they back up, locks, and the records of backups with their files.
//!
//! The files of a backup are files of the user's own space. How their bytes are sent isn't known, so they are there as
//! soon as they are registered.

mod devices;
mod lock;
mod records;

use crate::call::{Answer, Call};
use crate::reply::Reply;
use crate::store::Store;

pub(crate) use devices::{Device, Scope};
pub(crate) use lock::Lock;
pub(crate) use records::{Record, Registered};

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "BindBackupDevice" => Ok(devices::bind(call)),
        "ListBackupDevices" => Ok(devices::list(call)),
        "UnbindBackupDevice" => devices::unbind(call),
        "AddBackupScopes" => devices::add_scopes(call),
        "ListBackupScopes" => devices::list_scopes(call),
        "DeleteBackupScopes" => devices::delete_scopes(call),
        "CreateBackupLock" => lock::take(call),
        "RenewBackupLock" => lock::renew(call),
        "ReleaseBackupLock" => lock::release(call),
        "CreateBackupRecord" => records::create(call),
        "ListBackupRecords" => records::list(call),
        "GetBackupRecord" => records::get(call),
        "CompleteBackup" => records::complete(call),
        "DeleteBackupRecord" => records::delete(call),
        "CreateBackupFile" => records::create_file(call),
        "ListBackupFiles" => records::list_files(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Takes a file that is gone out of its backup.
pub(crate) fn forget_file(store: &mut Store, file_id: &str) {
    store.backup_files.remove(file_id);
}

/// Removes the devices and backups of a user who is gone.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    for id in store.backup_devices.ids_under(user_id) {
        devices::remove(store, &id);
    }
    for id in store.backup_records.ids_under(user_id) {
        store.backup_files.remove_under(&id);
        store.backup_records.remove(&id);
    }
    store.backup_locks.remove_under(user_id);
}
