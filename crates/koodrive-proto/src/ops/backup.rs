//! Backups of the carrier edition: the lock that one device holds while it backs up.

use crate::operation;

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
