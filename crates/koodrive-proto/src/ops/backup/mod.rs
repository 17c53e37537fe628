//! Backups of the carrier edition: the devices of a user, what each of them backs up, the records of backups, and the
//! lock that a device holds while it backs up.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`BindBackupDevice`] | registers a device |
//! | [`ListBackupDevices`] | lists the user's devices |
//! | [`AddBackupScopes`] | adds folders to those that a device backs up |
//! | [`ListBackupScopes`] | lists the folders that a device backs up |
//! | [`DeleteBackupScopes`] | removes folders from those that a device backs up |
//! | [`CreateBackupLock`] | takes the lock |
//! | [`RenewBackupLock`] | keeps the lock |
//! | [`ReleaseBackupLock`] | gives the lock back |
//! | [`CreateBackupRecord`] | begins a backup |
//! | [`CreateBackupFile`] | adds a file to a backup |
//! | [`CompleteBackup`] | ends a backup |
//! | [`ListBackupRecords`] | lists backups |
//! | [`GetBackupRecord`] | reads one backup |
//! | [`ListBackupFiles`] | lists the files of a backup |
//! | [`DeleteBackupRecord`] | deletes a backup with its files |
//! | [`UnbindBackupDevice`] | removes a device |
//!
//! What begins, fills, ends or deletes a backup needs the lock, which expires after 10 minutes unless it is renewed.
//!
//! ```
//! use koodrive_proto::ops::backup::{
//!     AddBackupScopes, BackupModule, BackupScope, BindBackupDevice, CompleteBackup, CreateBackupFile,
//!     CreateBackupLock, CreateBackupRecord, ReleaseBackupLock,
//! };
//!
//! // Once for each device. The answer has the device's id.
//! BindBackupDevice::new("20250911").device_name("Magic v3").device_os("android");
//! let device = "1775406005920779393";
//! let scope = BackupScope::new("/Backup/Camera").local_path("/DCIM/Camera");
//! AddBackupScopes::new(device, BackupModule::Album, [scope]);
//!
//! // For each backup. The answers have the ids of the lock and of the record.
//! CreateBackupLock::new(BackupModule::Album);
//! let lock = "78e41c7e-db02-4d55-85b3-8153e4fefd2e@101";
//! CreateBackupRecord::new(BackupModule::Album, device).lock_id(lock);
//! let record = "1842862763295184641";
//! // For each file. How its bytes are sent is not known: see CreateBackupFile.
//! CreateBackupFile::new(record, "IMG_0001.jpg").lock_id(lock).length(22106481);
//! CompleteBackup::new(record).lock_id(lock);
//! ReleaseBackupLock::new(lock);
//! ```
//!
//! The manual's pages of this family don't list the headers X-Traceid and language, but for the page bindDevice, which
//! lists X-Traceid.
//!
//! Error codes of this family, judging by their texts: 13000309 (no such device, scope or record), 13000311 (no space
//! left).

mod devices;
mod files;
mod lock;
mod records;
mod scopes;

pub use devices::*;
pub use files::*;
pub use lock::*;
pub use records::*;
pub use scopes::*;

use serde::de::IgnoredAny;

use crate::schema::Rule;
use crate::{answer, choices, text};

choices! {
    /// What kind of data is backed up.
    pub enum BackupModule: text {
        /// Folders.
        Folder = "100",
        /// The album.
        Album = "101",
        /// The address book.
        AddressBook = "102",
    }
}

text! {
    /// Attributes of the caller's own, as JSON. No length is documented, and neither is whether the JSON has to be an
    /// object.
    pub struct BackupProperties: Rule::new("a JSON text", r#"{"battery":"87"}"#, |text| {
        if serde_json::from_str::<IgnoredAny>(text).is_ok() { Ok(()) } else { Err("a text that is no JSON") }
    });
}

answer! {
    /// A record of a backup.
    BackupRecord {
        /// The id of the record.
        record_id: Option<String>,
        /// What kind of data is backed up.
        module_code: Option<BackupModule>,
        /// The state of the backup.
        status: Option<BackupStatus>,
        /// The attributes that the caller gave, as JSON.
        properties: Option<String>,
        /// The version of the record, judging by the name of this member.
        version: Option<i64>,
        /// When the record was created, judging by the name of this member; the format is not documented.
        create_time: Option<String>,
        /// When the backup ended, judging by the name of this member; the format is not documented.
        end_time: Option<String>,
        /// The device that is backed up.
        device: Option<BackupDevice> = "deviceInfo",
    }
}

choices! {
    /// The state of a backup.
    pub enum BackupStatus: number {
        /// The backup has begun.
        New = 0,
        /// The backup is complete.
        Completed = 1,
        /// The backup will be deleted.
        WaitingForDeletion = 2,
    }
}

answer! {
    /// A device that is backed up.
    BackupDevice {
        /// The id of the device.
        device_id: Option<String>,
        /// The code of the device that it was registered with.
        machine_code: Option<String>,
        /// The name of the device.
        device_name: Option<String>,
        /// The operating system of the device; `android` in the examples.
        device_os: Option<String> = "deviceOS",
        /// When the device was registered; the example has `2025-09-15T06:14:48.630Z`.
        create_time: Option<String>,
    }
}
