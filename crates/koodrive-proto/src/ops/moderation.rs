//! Moderation in the enterprise edition: files whose content was judged sensitive. It is for allow-listed customers
//! only.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`ModerateFiles`] | records what files were judged to be |
//! | [`GetModeratedFiles`] | reads what files were judged to be |
//! | [`ListModeratedFiles`] | lists the files that were judged sensitive |
//!
//! A file is named by its content: by its SHA-256 and its size. The pages don't say in what form the SHA-256 is
//! written; the examples have 64 lower-case hexadecimal digits. They don't give a unit for the size, which probably is
//! in bytes.
//!
//! ```
//! # use koodrive_proto::ops::moderation::*;
//! let sha256 = "6247ade6b2ef00bcd7ca618af137f8c0154395f4edc2b2f64566f7b676b33a10";
//! // Somebody judges a file, and all programs can ask for the verdict.
//! let judge = ModerateFiles::new([FileVerdict::new(sha256, 528_263, Verdict::HighSensitivity)]);
//! let ask = GetModeratedFiles::new([FileFeature::new(sha256, 528_263)]);
//! let list = ListModeratedFiles::new().has_url(true);
//! ```
//!
//! Unlike most others, the manual's pages of this family call the token an application's access token. An example sends
//! it in the usual form, `Bearer+10f88…`.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::param::{FileId, Secret};
use crate::{answer, choices, object, operation};

operation! {
    /// Lists the tenant's files that were judged sensitive, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](ModeratedFilePage::next_cursor). Files that were judged normal
    /// are not listed. The page types the page size as a text, which makes no difference on the wire.
    ///
    /// Source: auditList, enterprise (2025-12-12); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::moderation::ListModeratedFiles;
    /// ListModeratedFiles::new().page_size(50).has_url(true);
    /// ```
    GET "/koodrive/ose/v1/audit" ListModeratedFiles = "auditList" -> ModeratedFilePage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {;
        /// How many files a page may have, at most 100.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor from the answer with the previous page.
        cursor: String,
        /// Whether the answer has links for downloading the files.
        has_url: bool | false = "hasUrl",
    }
}

impl Paged for ListModeratedFiles {
    type Item = ModeratedFile;

    fn turn(&mut self, page: &ModeratedFilePage) -> Result<Turn, Error> {
        turn_cursor(&mut self.cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut ModeratedFilePage) -> &mut Vec<ModeratedFile> {
        &mut page.files
    }

    fn key(item: &ModeratedFile) -> Option<&str> {
        item.sha256.as_deref()
    }
}

answer! {
    /// A page of files that were judged sensitive.
    ModeratedFilePage {
        /// The files.
        files: Vec<ModeratedFile> = "auditList",
        /// The cursor of the next page; the last page has none.
        next_cursor: Option<String>,
    }
}

answer! {
    /// A file that was judged.
    ModeratedFile {
        /// The SHA-256 of the file.
        sha256: Option<String>,
        /// The size of the file.
        size: Option<i64>,
        /// What the file was judged to be. [`ListModeratedFiles`] doesn't list normal files.
        verdict: Option<Verdict> = "auditResult",
        /// More about it, a text in JSON that is returned as it was recorded.
        detail: Option<String> = "auditDetail",
        /// Who judged the file.
        judge: Option<Judge> = "auditLevel",
        /// Where the file can be downloaded; only from [`ListModeratedFiles`] with `has_url`.
        download_url: Option<Secret>,
    }
}

operation! {
    /// Records what files were judged to be.
    ///
    /// This is a POST that adds or replaces the verdict on each file, so it may be repeated. The page doesn't say how
    /// many files a request may have. It could not be read which parameters are required; the list and what makes a
    /// verdict are taken as required. The table types the verdict as a number, and the example sends a text.
    ///
    /// Source: batchAudit, enterprise (2025-12-12); the column of what is required could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::moderation::{FileVerdict, ModerateFiles, Verdict};
    /// let sha256 = "6247ade6b2ef00bcd7ca618af137f8c0154395f4edc2b2f64566f7b676b33a10";
    /// let verdict = FileVerdict::new(sha256, 528_263, Verdict::LowSensitivity);
    /// ModerateFiles::new([verdict.detail(r#"{"labels": ["advertising"]}"#)]);
    /// ```
    POST "/koodrive/ose/v1/audit/batch" ModerateFiles = "batchAudit" -> ();
    AppOrToken, Idempotent, Enterprise Partial;
    body {
        /// The files and what they were judged to be.
        list: Vec<FileVerdict>,
    }
}

object! {
    /// What one file was judged to be.
    FileVerdict = "Audit" {
        /// The SHA-256 of the file.
        sha256: String,
        /// The size of the file.
        size: u64,
        /// What the file was judged to be.
        verdict: Verdict = "auditResult";
        /// More about it, a text in JSON that is recorded as it is.
        detail: String = "auditDetail",
        /// The id of the file. It is only logged, and never returned.
        file_id: FileId = "fileId",
    }
}

operation! {
    /// Reads what files were judged to be.
    ///
    /// This is a POST that only reads. Files that were not judged are left out of the answer. The page doesn't say how
    /// many files a request may have. It could not be read which parameters are required; the list, the SHA-256 and the
    /// size are taken as required. The table types the size as a number, and the example sends a text.
    ///
    /// Source: batchGet, enterprise (2025-12-12); the column of what is required and most of the answer's example could
    /// not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::moderation::{FileFeature, GetModeratedFiles};
    /// let sha256 = "ef47a6416ddc1f405c4c905e12b29e26d87d316982e04cbbcf115f8fff2b8e3e";
    /// GetModeratedFiles::new([FileFeature::new(sha256, 413_774)]);
    /// ```
    POST "/koodrive/ose/v1/audit/batchGet" GetModeratedFiles = "batchGet" -> ModeratedFiles as data;
    AppOrToken, ReadOnly, Enterprise Partial;
    body {
        /// The files to read about.
        files: Vec<FileFeature> = "featureList",
    }
}

object! {
    /// A file, named by its content.
    FileFeature = "Feature" {
        /// The SHA-256 of the file.
        sha256: String,
        /// The size of the file.
        size: u64;
        /// The id of the file. It is only logged.
        file_id: FileId = "fileId",
    }
}

answer! {
    /// The answer of [`GetModeratedFiles`].
    ModeratedFiles {
        /// The files that were judged; [`download_url`](ModeratedFile::download_url) is never set here.
        files: Vec<ModeratedFile> = "auditList",
    }
}

choices! {
    /// What a file was judged to be.
    pub enum Verdict: number {
        /// Normal.
        Normal = 1,
        /// Of low sensitivity.
        LowSensitivity = 2,
        /// Of high sensitivity.
        HighSensitivity = 3,
    }
}

choices! {
    /// Who judged a file. The page auditList lists only the first two.
    pub enum Judge: number {
        /// A machine.
        Machine = 10,
        /// A human.
        Human = 20,
        /// A machine and a human.
        MachineAndHuman = 30,
        /// Judged again after an appeal.
        Appeal = 99,
    }
}
