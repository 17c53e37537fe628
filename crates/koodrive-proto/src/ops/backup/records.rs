//! The records of backups.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::backup::{BackupModule, BackupProperties, BackupRecord};
use crate::{answer, operation};

operation! {
    /// Begins a backup by creating its record.
    ///
    /// Source: createBackupRecord, carrier (2026-02-12); the examples could not be read, and the members of the device
    /// are taken from the page getBackupRecord.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::{BackupModule, CreateBackupRecord};
    /// let lock = "78e41c7e-db02-4d55-85b3-8153e4fefd2e@101";
    /// let record = CreateBackupRecord::new(BackupModule::Album, "1775406005920779393").lock_id(lock);
    /// record.properties(r#"{"battery":"87"}"#);
    /// ```
    POST "/koodrive/ose/v1/backup/record" CreateBackupRecord = "createBackupRecord" -> BackupRecord as data;
    AppOrToken, Once, Carrier Partial;
    header {
        {
            /// The id of the lock, from the answer of createBackupLock.
            lock_id: String = "x-backup-lock-id",
        }
    }
    body {
        /// What kind of data is backed up.
        module_code: BackupModule = "moduleCode",
        /// The id of the device, from the answer of bindDevice.
        device_id: String = "deviceId";
        /// Attributes of your own, as JSON in a text.
        properties: BackupProperties,
    }
}

operation! {
    /// Lists the backups of one kind of data, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](BackupRecordPage::next_cursor). A short page doesn't mean the end
    /// of the listing.
    ///
    /// Source: listBackupRecord, carrier (2026-02-12); the examples could not be read, and the members of the device
    /// are taken from the page getBackupRecord.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::{BackupModule, ListBackupRecords};
    /// ListBackupRecords::new(BackupModule::Album, 100).device_id("1775406005920779393");
    /// ```
    GET "/koodrive/ose/v1/backup/record" ListBackupRecords = "listBackupRecord" -> BackupRecordPage;
    AppOrToken, ReadOnly, Carrier Partial;
    query {
        /// Only backups of this kind of data are listed.
        module_code: BackupModule = "moduleCode",
        /// How many backups a page may have.
        page_size: u32 [1..=100] = "pageSize";
        /// The cursor from the answer with the previous page; not set for the first page.
        cursor: String [0..=1_000],
        /// Only backups of this device are listed.
        device_id: String = "deviceId",
    }
}

impl Paged for ListBackupRecords {
    type Item = BackupRecord;

    fn turn(&mut self, page: &BackupRecordPage) -> Result<Turn, Error> {
        turn_cursor(&mut self.cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut BackupRecordPage) -> &mut Vec<BackupRecord> {
        &mut page.records
    }

    fn key(item: &BackupRecord) -> Option<&str> {
        item.record_id.as_deref()
    }
}

answer! {
    /// A page of backups.
    BackupRecordPage {
        /// The records of the backups.
        records: Vec<BackupRecord> = "data",
        /// The cursor of the next page. What the last page has instead is not documented; a missing or empty cursor is
        /// taken as the end.
        next_cursor: Option<String>,
    }
}

operation! {
    /// Reads the record of one backup.
    ///
    /// Source: getBackupRecord, carrier (2026-02-12); the example of the answer could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::GetBackupRecord;
    /// GetBackupRecord::new("1842862763295184641");
    /// ```
    GET "/koodrive/ose/v1/backup/record/{recordId}" GetBackupRecord = "getBackupRecord" -> BackupRecord as data;
    AppOrToken, ReadOnly, Carrier Partial;
    path {
        /// The id of the record, from the answer of createBackupRecord.
        record_id: String = "recordId",
    }
}

operation! {
    /// Ends a backup by marking its record as completed.
    ///
    /// The page doesn't say whether a second run changes the time of the end or is refused, so the request isn't sent
    /// again when its answer was lost; [`GetBackupRecord`] tells then whether the backup is completed. Nor does it say
    /// what happens to the attributes that the record has already.
    ///
    /// Source: completeBackup, carrier (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::CompleteBackup;
    /// let lock = "78e41c7e-db02-4d55-85b3-8153e4fefd2e@101";
    /// CompleteBackup::new("1842862763295184641").lock_id(lock).properties(r#"{"battery":"12"}"#);
    /// ```
    PATCH "/koodrive/ose/v1/backup/record/{recordId}" CompleteBackup = "completeBackup" -> ();
    AppOrToken, Once, Carrier Full;
    path {
        /// The id of the record, from the answer of createBackupRecord.
        record_id: String = "recordId",
    }
    header {
        {
            /// The id of the lock, from the answer of createBackupLock.
            lock_id: String = "x-backup-lock-id",
        }
    }
    body {;
        /// Attributes of your own, as JSON in a text.
        properties: BackupProperties,
    }
}

operation! {
    /// Deletes the record of a backup together with the files of the backup.
    ///
    /// Source: deleteBackupRecord, carrier (2026-02-03).
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::DeleteBackupRecord;
    /// DeleteBackupRecord::new("1842862763295184641").lock_id("78e41c7e-db02-4d55-85b3-8153e4fefd2e@102");
    /// ```
    DELETE "/koodrive/ose/v1/backup/record/{recordId}" DeleteBackupRecord = "deleteBackupRecord" -> ();
    AppOrToken, Idempotent, Carrier Full;
    path {
        /// The id of the record, from the answer of createBackupRecord.
        record_id: String = "recordId",
    }
    header {
        {
            /// The id of the lock, from the answer of createBackupLock.
            lock_id: String = "x-backup-lock-id",
        }
    }
}
