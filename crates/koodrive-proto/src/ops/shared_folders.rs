//! Shared folders of the carrier edition: folders in their owner's space that a family works in.
//!
//! Error codes of this family, judging by their texts: 13000301 (no such space), 13000405 (the name is taken), 13000410
//! (the user may not act on the space).

use crate::param::{FileId, SharedFolderName, SpaceId};
use crate::{answer, operation};

operation! {
    /// Creates a shared folder for a family in the owner's individual space.
    ///
    /// The kind of sharing is always family sharing, the only kind that can be created at present. The page says that
    /// the name is "shorter than 32" characters; our reading is that it must not be empty. The id that the folder has
    /// as a file is called `shareFolderId` here and `shareFolderFileId` elsewhere.
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
        /// The id of the owner's individual space.
        container_id: SpaceId = "containerId",
        /// The name of the shared folder.
        name: SharedFolderName [1..=31],
    }
}

answer! {
    /// The answer of [`CreateSharedFolder`]: a new shared folder.
    CreatedSharedFolder {
        /// The id of the shared folder; in the example it is the same as in [`data`](Self::data).
        id: Option<String>,
        /// More about the shared folder.
        data: Option<SharedFolderInfo>,
    }
}

answer! {
    /// What the answer says about a new shared folder.
    SharedFolderInfo {
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// Who created it.
        creator: Option<String>,
        /// When it was created; the example has `2025-09-01T02:34:57.815Z`.
        create_time: Option<String>,
        /// The id of the group. It is a Long here and a String in the sibling calls; the number in the example looks
        /// rounded.
        group_id: Option<i64>,
        /// The id of the shared folder.
        id: Option<String>,
        /// The id that the folder has as a file.
        share_folder_id: Option<FileId>,
    }
}
