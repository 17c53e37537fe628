//! The lock that a device holds while it backs up.

use crate::ops::backup::BackupModule;
use crate::{answer, operation};

operation! {
    /// Takes the lock that everything that writes to a backup needs.
    ///
    /// The lock expires after 10 minutes unless it is renewed. The page doesn't say whether there is one lock for each
    /// kind of data, nor what happens while another device holds it. If the answer is lost, so is the lock's id, and
    /// the lock may be held until it expires. `module_code` is only in the example of the request, not in a table.
    ///
    /// Source: createBackupLock, carrier (2026-02-03).
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::{BackupModule, CreateBackupLock};
    /// CreateBackupLock::new(BackupModule::AddressBook);
    /// ```
    POST "/koodrive/ose/v1/backup/lock" CreateBackupLock = "createBackupLock" -> BackupLock as data;
    AppOrToken, Once, Carrier Full;
    body {
        /// What kind of data is backed up.
        module_code: BackupModule = "moduleCode",
    }
}

answer! {
    /// A lock.
    BackupLock {
        /// The id of the lock: a UUID, `@`, and the code of the module.
        lock_id: Option<String>,
    }
}

operation! {
    /// Resets the life of a backup lock to 10 minutes.
    ///
    /// The English version of the page says that the renewal of an expired lock counts from its expiry; the Chinese
    /// version says only that the expiry is calculated anew.
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

operation! {
    /// Gives a backup lock back.
    ///
    /// Source: releaseBackupLock, carrier (2026-02-03).
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::ReleaseBackupLock;
    /// ReleaseBackupLock::new("78e41c7e-db02-4d55-85b3-8153e4fefd2e@102");
    /// ```
    DELETE "/koodrive/ose/v1/backup/lock" ReleaseBackupLock = "releaseBackupLock" -> ();
    AppOrToken, Idempotent, Carrier Full;
    header {
        /// The id of the lock, from the answer of createBackupLock.
        lock_id: String = "x-backup-lock-id",
    }
}
