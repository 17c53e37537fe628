//! Shared folders of the carrier edition: folders in their owner's space that a family works in.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreateSharedFolder`] | creates a shared folder |
//! | [`ListSharedFolders`] | lists the shared folders that the caller owns or has joined |
//! | [`GetSharedFolder`] | reads one shared folder |
//! | [`RenameSharedFolder`] | renames a shared folder |
//! | [`DeleteSharedFolder`] | deletes a shared folder |
//!
//! A shared folder has two ids: its own, which these operations take, and the one that it has as a file.
//!
//! ```
//! use koodrive_proto::ops::shared_folders::{
//!     CreateSharedFolder, DeleteSharedFolder, GetSharedFolder, ListSharedFolders, RenameSharedFolder,
//! };
//!
//! // The answer has the id.
//! CreateSharedFolder::new("IAAFanxbXNArpAncA1645841408025905537", "Family");
//! let folder = "1757156480072657793";
//!
//! ListSharedFolders::new(0, 100);
//! GetSharedFolder::new(folder);
//! RenameSharedFolder::new(folder, "Family photos");
//! DeleteSharedFolder::new(folder);
//! ```
//!
//! Error codes of this family, judging by their texts: 13000301 (no such space), 13000309 (no such shared folder),
//! 13000405 (the name is taken).

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_offset};
use crate::param::{FileId, GroupId, SharedFolderName, SpaceId, UserId};
use crate::{answer, choices, operation};

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
        /// The id of who created it, judging by the example.
        creator: Option<String>,
        /// When it was created; the example has `2025-09-01T02:34:57.815Z`.
        create_time: Option<String>,
        /// The id of the user group. It is a Long here and a String in the sibling calls, and the number in the example
        /// looks rounded. [`GetSharedFolder`] has it as a text.
        group_id: Option<GroupId>,
        /// The id of the shared folder.
        id: Option<String>,
        /// The id that the folder has as a file.
        share_folder_id: Option<FileId>,
    }
}

operation! {
    /// Deletes a shared folder, which only its owner may do.
    ///
    /// The table types `id` as String, but the example sends a list with one text; here it is a text. The page doesn't
    /// say what happens to the files in the folder.
    ///
    /// Source: DeleteShareFolder, carrier (2026-02-12); the page has no example of the answer.
    ///
    /// ```
    /// # use koodrive_proto::ops::shared_folders::DeleteSharedFolder;
    /// DeleteSharedFolder::new("1756579396312997633");
    /// ```
    POST "/koodrive/ose/v1/sharefolder/delete" DeleteSharedFolder = "DeleteShareFolder" -> ();
    AppOrToken, Idempotent, Carrier Full;
    body {
        /// The id of the shared folder.
        id: String,
    }
}

operation! {
    /// Lists the shared folders that the caller owns or has joined, page by page.
    ///
    /// The page doesn't say whether the offset counts folders or pages; here it counts folders. Whether the answer says
    /// how many folders there are in all could not be read, so the listing ends with an empty page, or with a short one
    /// that comes twice.
    ///
    /// Source: ListShareFolder, carrier (2026-02-12); what follows the folders in the answer and the examples could not
    /// be read, and the members of a folder are taken from the page GetShareFolderMetadata.
    ///
    /// ```
    /// # use koodrive_proto::ops::shared_folders::{ListSharedFolders, SharedFolderFilter};
    /// ListSharedFolders::new(0, 100).query_type(SharedFolderFilter::Joined);
    /// ```
    GET "/koodrive/ose/v1/sharefolder/list" ListSharedFolders = "ListShareFolder" -> SharedFolderPage;
    AppOrToken, ReadOnly, Carrier Partial;
    query {
        /// How many folders to skip.
        offset: u32,
        /// How many folders a page may have.
        limit: u32 [1..=1_000];
        /// What to search for, in up to 32 characters.
        key_word: String [0..=32] = "keyWord",
        /// Only folders in this state are listed. At present, only [`SharedFolderStatus::Normal`] can be listed.
        status: SharedFolderStatus | 0,
        /// Which of the caller's shared folders are listed. What is listed without it is not documented.
        query_type: SharedFolderFilter = "queryType",
    }
}

choices! {
    /// Which of the caller's shared folders are listed.
    pub enum SharedFolderFilter: number {
        /// All of them.
        All = 0,
        /// Those that the caller has created.
        Created = 1,
        /// Those that the caller has joined.
        Joined = 2,
    }
}

impl Paged for ListSharedFolders {
    type Item = SharedFolder;

    fn turn(&mut self, page: &SharedFolderPage) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.folders.len(), None))
    }

    fn items(page: &mut SharedFolderPage) -> &mut Vec<SharedFolder> {
        &mut page.folders
    }

    fn key(item: &SharedFolder) -> Option<&str> {
        item.id.as_deref()
    }
}

answer! {
    /// A page of shared folders.
    SharedFolderPage {
        /// The folders.
        folders: Vec<SharedFolder>,
    }
}

operation! {
    /// Reads one shared folder.
    ///
    /// Source: GetShareFolderMetadata, carrier (2026-02-12); the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::shared_folders::GetSharedFolder;
    /// GetSharedFolder::new("1757156480072657793");
    /// ```
    GET "/koodrive/ose/v1/sharefolder/metadata/{shareFolderId}" GetSharedFolder = "GetShareFolderMetadata"
        -> FoundSharedFolder;
    AppOrToken, ReadOnly, Carrier Partial;
    path {
        /// The id of the shared folder, not the one that it has as a file; at most 100 characters.
        share_folder_id: String [1..=100] = "shareFolderId",
    }
}

answer! {
    /// The answer of [`GetSharedFolder`]: one shared folder.
    FoundSharedFolder {
        /// The shared folder.
        folder: Option<SharedFolder> = "sharefolder",
    }
}

operation! {
    /// Renames a shared folder.
    ///
    /// The page says that the name is "shorter than 32" characters; our reading is that it must not be empty. It calls
    /// the name `fileName`, where the other pages have `name`. It doesn't say whether the name that a folder has
    /// already is refused, so the request isn't sent again when its answer was lost.
    ///
    /// Source: RenameShareFolder, carrier (2026-02-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::shared_folders::RenameSharedFolder;
    /// RenameSharedFolder::new("1757156480072657793", "newName123456");
    /// ```
    POST "/koodrive/ose/v1/sharefolder/rename" RenameSharedFolder = "RenameShareFolder" -> RenamedSharedFolder;
    AppOrToken, Once, Carrier Full;
    body {
        /// The id of the shared folder.
        id: String,
        /// The new name.
        name: SharedFolderName [1..=31] = "fileName",
    }
}

answer! {
    /// The answer of [`RenameSharedFolder`]: the folder that was renamed.
    RenamedSharedFolder {
        /// The id of the shared folder.
        id: Option<String>,
    }
}

answer! {
    /// A shared folder.
    SharedFolder {
        /// The id of the shared folder, which the other calls take.
        id: Option<String>,
        /// The name of the shared folder.
        name: Option<String>,
        /// The state of the shared folder.
        status: Option<SharedFolderStatus>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// The id of who created it.
        creator: Option<String>,
        /// When it was created; the format is not documented here, and the example of CreateShareFolder has
        /// `2025-09-01T02:34:57.815Z`.
        create_time: Option<String>,
        /// The id of its owner. It is a Long on the page, while the id of the creator is a String.
        owner_id: Option<UserId>,
        /// The id of the space that it is in.
        container_id: Option<SpaceId>,
        /// The id that it has as a file.
        share_folder_file_id: Option<FileId>,
        /// The id of the user group, which the calls about members take.
        group_id: Option<GroupId>,
        /// How many members the family may have.
        max_member: Option<i64>,
    }
}

choices! {
    /// The state of a shared folder.
    pub enum SharedFolderStatus: number {
        /// It can be used.
        Normal = 0,
        /// It was deleted.
        Deleted = 1,
    }
}
