//! Shared folders of the carrier edition: a folder in the owner's space that a family works in.
//!
//! Error codes that fit here, by their texts:
//! 13000301 (no such space), 13000405 (the name is taken), 13000410 (the user may not act on the space).

use crate::param::{FileId, SharedFolderName, SpaceId};
use crate::{answer, operation};

operation! {
    /// Creates a shared folder of a family in the owner's individual space.
    ///
    /// The kind is always family sharing, the only one that can be created at present. The page says that the name is
    /// "shorter than 32" characters; that it may not be empty is our reading. The file's id is called `shareFolderId`
    /// here, `shareFolderFileId` elsewhere.
    ///
    /// Source: CreateShareFolder, carrier (2026-02-12); the last lines of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::shared_folders::CreateSharedFolder;
    /// CreateSharedFolder::new("IAAFanxbXNArpAncA1645841408025905537", "Test Creating a Shared Folder");
    /// ```
    POST "/koodrive/ose/v1/sharefolder/create" CreateSharedFolder = "CreateShareFolder" -> CreatedSharedFolder;
    AppOrToken, Once, Carrier Partial;
    body {
        "shareType" = 0,
        /// The owner's individual space.
        container_id: SpaceId = "containerId",
        /// The name.
        name: SharedFolderName [1..=31],
    }
}

answer! {
    /// A new shared folder.
    CreatedSharedFolder {
        /// The id of the shared folder: the same as in [`data`](Self::data) in the example.
        id: Option<String>,
        /// The shared folder.
        data: Option<SharedFolderInfo>,
    }
}

answer! {
    /// What is known of a new shared folder.
    SharedFolderInfo {
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// Who created it.
        creator: Option<String>,
        /// When it was created, as `2025-09-01T02:34:57.815Z` in the example.
        create_time: Option<String>,
        /// The id of the group. A Long here, a String in the sibling calls; the example's number looks rounded.
        group_id: Option<i64>,
        /// The id of the shared folder.
        id: Option<String>,
        /// The id of the folder as a file.
        share_folder_id: Option<FileId>,
    }
}
