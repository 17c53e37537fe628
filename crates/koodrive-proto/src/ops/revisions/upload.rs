//! Uploading a new revision.

use crate::check::{InvalidParam, require};
use crate::ops::files::{NewPart, UploadPart, parts};
use crate::param::{FileId, Secret, SpaceId, UtcText};
use crate::{answer, choices, operation};

operation! {
    /// Begins the upload of a new revision of a file.
    ///
    /// This is the counterpart of [`CreateFile`](crate::ops::files::CreateFile) for a file that is there already; the
    /// parts follow the same rules. The request always asks for an upload in parts, the only kind that is supported.
    /// The page calls the kind 2 an upload of several versions, and unsupported. It doesn't say whether its 200 GB are
    /// counted in powers of 1000 or of 1024; the larger size is allowed.
    ///
    /// `proof_code` is required as soon as `sha256` is sent, except for an empty file. The form of `created_time` is
    /// `2023-08-18T05:43:49Z` here, while the carrier manual's page createFile has `yyyy-MM-dd HH:mm:ss`. The page
    /// doesn't list the header of the shared folder.
    ///
    /// The answer could not be read in either manual. The table of the parts says that they come back with links; what
    /// else is read is taken from the answer of createFile. [`WithHead`](crate::WithHead) returns the whole body.
    ///
    /// Source: createHistoryVersions, carrier (2026-02-12) and enterprise (2025-10-22); the carrier page could be read
    /// only down to `pre_hash`, and neither the answer nor the examples could be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::NewPart;
    /// # use koodrive_proto::ops::revisions::{CreateRevision, KeepPolicy};
    /// CreateRevision::new("IAAAKIRZGifzJgncA1605122035640590977", "FkiferVNK5NwXck7XXBhPLIRhV1GayJPc", 22106481)
    ///     .keep_policy(KeepPolicy::Forever)
    ///     .multi_parts([NewPart::new(1, 22106481)]);
    /// ```
    POST "/koodrive/ose/v1/revision/createRevision" CreateRevision = "createHistoryVersions" -> CreatedRevision;
    AppOrToken, Once, Carrier Partial, Enterprise Partial;
    body {
        "uploadMode" = "multipart",
        "uploadType" = 1,
        /// The id of the space that the file is in.
        container_id: SpaceId = "containerId",
        /// The id of the file that gets the new revision.
        file_id: FileId = "fileId",
        /// The size of the new content, at most 200 GB.
        length: u64 [0..=214_748_364_800, "bytes"];
        /// How long the revision is kept.
        keep_policy: KeepPolicy = "keepPolicy",
        /// SHA-256 of the whole content, in hexadecimal digits.
        sha256: String,
        /// SHA-256 of the first 1 KB.
        pre_hash: String = "preHash",
        /// The proof that the caller has the content. Required with `sha256`, except for an empty file.
        proof_code: Secret = "proofCode",
        /// The media type.
        mime_type: String = "mimeType",
        /// When the file was created.
        created_time: UtcText = "createdTime",
        /// The parts of the content.
        multi_parts: Vec<NewPart> = "multiParts",
    }
    && proof_and_parts_fit
}

choices! {
    /// How long a revision is kept.
    pub enum KeepPolicy: number {
        /// Until it is cleaned up by the rules of the service.
        Automatic = 0,
        /// Forever.
        Forever = 1,
    }
}

/// The exception for an empty file is the same as for a new file.
fn proof_and_parts_fit(revision: &CreateRevision) -> Result<(), InvalidParam> {
    if revision.sha256.is_some() && revision.length > 0 {
        require(revision, &["proofCode"], "with sha256")?;
    }
    parts::fit(revision.multi_parts.as_deref().unwrap_or_default(), Some(revision.length))
}

answer! {
    /// The answer of [`CreateRevision`]: where to send the content. Only the parts are known from the manual's page.
    CreatedRevision {
        /// The parts of the content, with their links.
        multi_parts: Vec<UploadPart>,
        /// Whether the service has the content already, so that nothing is to be sent; absent means no. Taken from the
        /// answer of createFile.
        rapid_upload: Option<bool>,
        /// The id of the upload. Taken from the answer of createFile.
        upload_id: Option<String>,
        /// The id of the file. Taken from the answer of createFile.
        file_id: Option<FileId>,
        /// The id of the space. Taken from the answer of createFile.
        container_id: Option<SpaceId>,
    }
}

operation! {
    /// Ends the upload of a new revision. The service checks the content.
    ///
    /// The request names the file but no upload: the service is expected to know the one that [`CreateRevision`] has
    /// begun. The pages' example of the request has the path `/koodrive/ose/v1/files/complete`, which is that of
    /// CompleteFile.
    ///
    /// Source: completeFileRevision, carrier (undated) and enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::revisions::CompleteRevision;
    /// CompleteRevision::new("FiqNTAYdzXtKhenh29A9EXJvhaKQqcYVS");
    /// ```
    POST "/koodrive/ose/v1/revision/completeRevision" CompleteRevision = "completeFileRevision" -> ();
    AppOrToken, Once, Carrier Full, Enterprise Full;
    body {
        /// The id of the file whose content was sent.
        file_id: FileId = "fileId";
        /// SHA-256 of the whole content, in hexadecimal digits.
        sha256: String,
    }
}
