//! Renaming files, and clearing the recycle bin.

use crate::ops::files::OnConflict;
use crate::param::{FileId, SpaceId, file_name};
use crate::schema::Rule;
use crate::{operation, text};

operation! {
    /// Renames a file or folder.
    ///
    /// With [`OnConflict::Rename`], the new name may get a timestamp, and the answer doesn't tell;
    /// [`GetFile`](super::GetFile) does. The carrier manual writes the listed values as `2#` and `3#`.
    ///
    /// Source: renameFile, carrier (2026-02-03) and enterprise (2025-12-12); whether `rename_mode` is required could
    /// not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::{OnConflict, RenameFile};
    /// let space = "IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4";
    /// RenameFile::new("FtSCRFXCYtFjo315lPfRHeKRiqrDdmm_Y", space, "下载").rename_mode(OnConflict::Rename);
    /// ```
    POST "/koodrive/ose/v1/files/rename/{fileId}" RenameFile = "renameFile" -> ();
    AppOrToken, Once, Carrier Full, Enterprise Full;
    path {
        /// The id of the file or folder.
        file_id: FileId = "fileId",
    }
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// The id of the space that it is in. Its length is from the carrier manual.
        container_id: SpaceId [1..=64] = "containerId",
        /// The new name, 1 to 250 characters.
        name: NewFileName [1..=250];
        /// What to do if the name is taken already: `Rename` or `Refuse`.
        rename_mode: OnConflict [2 | 3] = "renameMode",
    }
}

text! {
    /// The new name of a file or folder: none of `< > | : " * ? / \`, and neither `.` nor `..`.
    ///
    /// The backslash is allowed in a [`FileName`](crate::param::FileName), which other operations take.
    pub struct NewFileName: Rule::new("not empty, not `.` or `..`, none of < > | : \" * ? / \\", "report.docx", |name| {
        if name.contains('\\') { Err("a text with a backslash") } else { file_name(name) }
    });
}

operation! {
    /// Starts a job that clears the recycle bin of a space.
    ///
    /// The answer doesn't have the id of the job. A job of the kind
    /// [`ClearRecycleBin`](crate::ops::jobs::JobType::ClearRecycleBin) does the same and has an id, but in the
    /// enterprise edition it is for allow-listed users only.
    ///
    /// In the tables of both manuals, the space is `container`; their examples send `containerId` instead. If the
    /// service refuses the one, set the other as well.
    ///
    /// Source: clearRecycleFile, carrier (2026-02-12) and enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::files::ClearRecycleBin;
    /// ClearRecycleBin::new("IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4");
    /// ```
    POST "/koodrive/ose/v1/files/recycle" ClearRecycleBin = "clearRecycleFile" -> ();
    AppOrToken, Once, Carrier Full, Enterprise Full;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// The id of the space.
        container: SpaceId;
        /// The id of the space once more, under the name that it has in the examples.
        container_id: SpaceId = "containerId",
    }
}
