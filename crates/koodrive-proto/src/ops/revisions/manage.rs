//! Keeping, restoring and deleting revisions.

use crate::operation;
use crate::param::{FileId, SpaceId};

operation! {
    /// Sets whether a revision is kept forever. Nothing else of a revision can be changed.
    ///
    /// The page doesn't list the header language.
    ///
    /// Source: updateRevision, carrier (undated) and enterprise (2025-12-12, where it could not be read whether
    /// `keepForever` is required).
    ///
    /// ```
    /// # use koodrive_proto::ops::revisions::UpdateRevision;
    /// let (space, file) = ("IAAFotBZGfP8nAncA1605110969531523201", "FqX2B_dehFwue-TwoyUZKr787_QLwo2AL");
    /// UpdateRevision::new(space, file, "1618739290026578816.1763131768673766528", true);
    /// ```
    POST "/koodrive/ose/v1/revision/updateRevision" UpdateRevision = "updateRevision" -> ();
    AppOrToken, Idempotent, Carrier Full, Enterprise Full;
    body {
        /// The id of the space that the file is in.
        container_id: SpaceId = "containerId",
        /// The id of the file.
        file_id: FileId = "fileId",
        /// The id of the revision: `assetId.versionId`.
        revision_id: String = "revisionId",
        /// Whether to keep the revision forever. If not, the service cleans it up by rules of its own.
        keep_forever: bool = "keepForever",
    }
}

operation! {
    /// Makes an earlier revision the current one again.
    ///
    /// Judging by [`RevisionReason::Restored`](crate::ops::revisions::RevisionReason::Restored), this creates a new
    /// revision, so the request isn't sent again when its answer was lost. The page doesn't list the header language.
    ///
    /// Source: restoreRevision, carrier (2026-04-16) and enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::revisions::RestoreRevision;
    /// let (space, file) = ("IAAAKIRZGifzJgncA1605122035640590977", "FkiferVNK5NwXck7XXBhPLIRhV1GayJPc");
    /// RestoreRevision::new(space, file, "1756003706882580864.1756003706882580865");
    /// ```
    POST "/koodrive/ose/v1/revision/restoreRevision" RestoreRevision = "restoreRevision" -> ();
    AppOrToken, Once, Carrier Full, Enterprise Full;
    body {
        /// The id of the space that the file is in.
        container_id: SpaceId = "containerId",
        /// The id of the file.
        file_id: FileId = "fileId",
        /// The id of the revision: `assetId.versionId`. The enterprise manual's text has no dot, its example has one.
        revision_id: String = "revisionId",
    }
}

operation! {
    /// Deletes an earlier revision. The current one can't be deleted.
    ///
    /// The page doesn't say what happens if the revision is gone already, nor does it list the header language.
    ///
    /// Source: deleteRevision, carrier (undated; the ends of its examples are taken from the enterprise page) and
    /// enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::revisions::DeleteRevision;
    /// let (space, file) = ("IAAFotBZGfP8nAncA1605110969531523201", "FqX2B_dehFwue-TwoyUZKr787_QLwo2AL");
    /// DeleteRevision::new(space, file, "1618739290026578816.1763131768673766528");
    /// ```
    POST "/koodrive/ose/v1/revision/deleteRevision" DeleteRevision = "deleteRevision" -> ();
    AppOrToken, Idempotent, Carrier Full, Enterprise Full;
    body {
        /// The id of the space that the file is in.
        container_id: SpaceId = "containerId",
        /// The id of the file.
        file_id: FileId = "fileId",
        /// The id of the revision: `assetId.versionId`. The enterprise manual's text has no dot, its example has one.
        revision_id: String = "revisionId",
    }
}
