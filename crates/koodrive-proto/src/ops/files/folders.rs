//! Folders: creating them, and counting what is in them.

use crate::ops::files::{FileType, OnConflict};
use crate::param::{FileId, FileName, Joined, SpaceId, UtcMillisText, has_emoji};
use crate::schema::Rule;
use crate::{answer, choices, object, operation, text};

operation! {
    /// Creates a folder.
    ///
    /// An older text of the page calls `container`, `parentAlias` and `parentFolder` mutually exclusive; the table has
    /// only the last of them, and `container_id` is required beside it. Older enterprise pages allow names of up to 80
    /// characters.
    ///
    /// Source: createDirectory, carrier (2026-02-12) and enterprise (2025-12-12); the carrier page could be read only
    /// in part, as could the answer in both manuals, and the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::{CreateDirectory, OnConflict};
    /// CreateDirectory::new("2026", "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236")
    ///     .parent_folder("FkbdCAceMj89bprz5xLJASID1eaRqjlRP")
    ///     .rename_mode(OnConflict::Refuse);
    /// ```
    POST "/koodrive/ose/v1/directory" CreateDirectory = "createDirectory" -> CreatedFolder;
    AppOrToken, Once, Carrier Partial, Enterprise Partial;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        "fileType" = "10",
        /// The name of the folder, 1 to 250 characters.
        file_name: FileName [1..=250] = "fileName",
        /// The id of the space.
        container_id: SpaceId = "containerId";
        /// When the folder was created.
        created_time: UtcMillisText = "createdTime",
        /// A description, up to 512 characters and without emoji.
        description: FolderDescription [0..=512],
        /// The media type.
        mime_type: String = "mimeType",
        /// When the folder was changed; the format is not documented.
        edited_time: String = "editedTime",
        /// The id of the folder to create it in; the root if it is empty or not set. It is a list on the wire, of which
        /// the service uses only the first entry.
        parent_folder: Vec<FileId> [0..=1] = "parentFolder",
        /// What to do if the name is taken already: `Rename` or `Refuse`.
        rename_mode: OnConflict [2 | 3] = "renameMode",
        /// Whether the folder is hidden. For allow-listed users only.
        hidden: bool,
        /// The attributes of a smart folder. For allow-listed users only.
        smart_folder_attr: Vec<SmartFolderAttribute> = "smartFolderAttr",
    }
}

text! {
    /// The description of a folder: any text without emoji.
    ///
    /// The pages also forbid "other illegal characters" and don't say which; here they are allowed. [`has_emoji`]
    /// defines what counts as an emoji.
    pub struct FolderDescription: Rule::new("no emoji", "Pictures of 2026", |text| {
        if has_emoji(text) { Err("a text with an emoji") } else { Ok(()) }
    });
}

object! {
    /// An attribute of a smart folder. The pages don't say what its numbers mean, nor what is required.
    SmartFolderAttribute = "SmartFolderAttr" {;
        /// The name of the attribute, which is a number.
        name: i64,
        /// What kind of attribute it is.
        kind: i64 = "type",
        /// The value of the attribute.
        value: String,
        /// The place of the attribute among the others, judging by the name of this member.
        sort: i64,
    }
}

answer! {
    /// A new folder. Further members could not be read.
    CreatedFolder {
        /// The id of the folder.
        id: Option<FileId>,
        /// The name of the folder.
        file_name: Option<String>,
        /// The media type.
        mime_type: Option<String>,
    }
}

operation! {
    /// Counts the folders and files in a folder, and sums up their sizes.
    ///
    /// Counting only the first level of the recycle bin is not supported, says the enterprise manual. The table says
    /// GET, the examples say POST; the request is a GET.
    ///
    /// Source: StatsDir, carrier (2026-02-12) and enterprise (2026-02-12); the carrier manual's parameters after `kind`
    /// could not be read, nor any of the enterprise manual after `is_recycled`.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::GetFolderStats;
    /// GetFolderStats::new("FnNGsBnXUdIW7AycSK4ZCTIlPJ6JO1_sF", "IAAGvmhWei6Q7A4-A1557836058161393920")
    ///     .recursive(false)
    ///     .extensions(["jpg", "png"]);
    /// ```
    GET "/koodrive/ose/v1/files/statsDir" GetFolderStats = "StatsDir" -> FolderStats as data;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    query {
        /// The id of the folder, or `root`.
        file_id: FileId = "fileId",
        /// The id of the space that it is in.
        container_id: SpaceId = "containerId";
        /// Whether to count what is in the folders below as well.
        recursive: bool | true,
        /// Whether to count the folders.
        include_dir_count: bool | true = "includeDirCount",
        /// Whether to count the files.
        include_file_count: bool | true = "includeFileCount",
        /// Whether to sum up the sizes.
        include_total_size: bool | true = "includeTotalSize",
        /// Whether only files or only folders count; all of them if it isn't set.
        kind: CountedType = "type",
        /// Only files whose names have one of these ends count, for example `jpg`, in capitals or not; at most 100.
        extensions: Joined<String> [1..=100],
        /// Only files of these kinds count; at most 100. The manuals list all kinds but smart folders.
        categories: Joined<FileType> [1..=100] = "categorys",
        /// Whether only hidden files or only visible ones count; all of them if it isn't set.
        hidden: bool,
        /// Whether only that counts which was deleted together with its folder (with `root`, the whole recycle bin), or
        /// only what isn't deleted. What counts if it isn't set could not be read.
        is_recycled: bool = "isRecycled",
    }
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id" => Carrier,
    }
}

choices! {
    /// Whether files or folders count.
    pub enum CountedType: number {
        /// Ordinary files.
        File = 1,
        /// Folders.
        Folder = 2,
    }
}

answer! {
    /// What is in a folder. The tables type all numbers as texts.
    FolderStats {
        /// The sum of the sizes of the files; no unit is documented.
        total_size: Option<i64>,
        /// How many folders there are.
        sub_dir_count: Option<i64>,
        /// How many files there are.
        sub_file_count: Option<i64>,
    }
}
