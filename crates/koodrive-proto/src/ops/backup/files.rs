//! The files of backups.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::param::{FileId, FileName};
use crate::{answer, operation};

operation! {
    /// Adds a file to a backup by registering it, as createFile does in a space.
    ///
    /// The table could be read only down to `length`. What follows there isn't known, nor which parameters after
    /// `file_name` are required, so the service may require one that isn't here.
    ///
    /// Nothing is taken from the answer, which could not be read; [`WithHead`](crate::WithHead) returns its body, which
    /// may have the links to send the bytes to.
    ///
    /// Source: createBackupFile, carrier (2026-02-12); the end of the table, the answer and the examples could not be
    /// read.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::CreateBackupFile;
    /// let lock = "78e41c7e-db02-4d55-85b3-8153e4fefd2e@101";
    /// let file = CreateBackupFile::new("1842862763295184641", "IMG_0001.jpg").lock_id(lock);
    /// file.parent_folder(["root"]).length(22106481);
    /// ```
    POST "/koodrive/ose/v1/backup/record/{recordId}/file" CreateBackupFile = "createBackupFile" -> ();
    AppOrToken, Once, Carrier Partial;
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
    body {
        /// The name of the file, 1 to 250 characters.
        file_name: FileName [1..=250] = "fileName";
        /// A description.
        description: String,
        /// The media type.
        mime_type: String = "mimeType",
        /// The kind of the file. The service that calls defines the values; createFile has listed ones.
        file_type: String = "fileType",
        /// The id of the folder, or `root`. It is a list on the wire, of which the service uses only the first entry.
        parent_folder: Vec<FileId> [0..=1] = "parentFolder",
        /// SHA-256 of the whole file.
        sha256: String,
        /// The size of the file, in bytes.
        length: u64,
    }
}

operation! {
    /// Lists the files of a backup, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](BackupFilePage::next_cursor). A short page doesn't mean the end
    /// of the listing.
    ///
    /// The example sends the id of the lock, which the table doesn't list; the page doesn't say whether it is needed.
    ///
    /// Source: listBackupFile, carrier (2026-02-03); the example of the answer could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::ListBackupFiles;
    /// ListBackupFiles::new("1842862763295184641", 100);
    /// ```
    GET "/koodrive/ose/v1/backup/record/{recordId}/files" ListBackupFiles = "listBackupFile" -> BackupFilePage;
    AppOrToken, ReadOnly, Carrier Partial;
    path {
        /// The id of the record, from the answer of createBackupRecord.
        record_id: String = "recordId",
    }
    query {
        /// How many files a page may have.
        page_size: u32 [1..=100] = "pageSize";
        /// The cursor from the answer with the previous page; not set for the first page.
        cursor: String [0..=1_000],
    }
    header {;
        /// The id of the lock, from the answer of createBackupLock. It is in the example, but not in the table.
        lock_id: String = "x-backup-lock-id",
    }
}

impl Paged for ListBackupFiles {
    type Item = BackupFile;

    fn turn(&mut self, page: &BackupFilePage) -> Result<Turn, Error> {
        turn_cursor(&mut self.cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut BackupFilePage) -> &mut Vec<BackupFile> {
        &mut page.files
    }

    fn key(item: &BackupFile) -> Option<&str> {
        item.file_id.as_ref().map(FileId::as_str)
    }
}

answer! {
    /// A page of the files of a backup.
    BackupFilePage {
        /// The files.
        files: Vec<BackupFile> = "data",
        /// The cursor of the next page. What the last page has instead is not documented; a missing or empty cursor is
        /// taken as the end.
        next_cursor: Option<String>,
    }
}

answer! {
    /// A file of a backup.
    BackupFile {
        /// The id of the file.
        file_id: Option<FileId>,
        /// The name of the file.
        file_name: Option<String>,
        /// SHA-256 of the whole file.
        sha256: Option<String>,
        /// The size of the file, in bytes.
        size: Option<i64>,
        /// The description that the file was registered with.
        description: Option<String>,
        /// When the file was registered, judging by the name of this member; the format is not documented.
        create_time: Option<String>,
    }
}
