//! One file: what is known about it, where it is, and what was done to it.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::ops::files::{FileType, FileUser};
use crate::param::{FileId, SpaceId, UserId};
use crate::wire::Unseen;
use crate::{answer, choices, operation};

operation! {
    /// Reads what is known about a file or folder: its name, size, times and owners.
    ///
    /// This is a POST that only reads.
    ///
    /// Source: getFile, carrier (2026-02-12) and enterprise (2025-12-12); the end of the answer's table and the
    /// examples of the answer could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::GetFile;
    /// GetFile::new("FqNZrzGgSKHkfGmwjf7dLgLlGkwrLEU35", "IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4");
    /// ```
    POST "/koodrive/ose/v1/files/{fileId}/detail" GetFile = "getFile" -> FileDetail;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    path {
        /// The id of the file or folder.
        file_id: FileId = "fileId",
    }
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// The id of the space that it is in.
        container_id: SpaceId = "containerId";
        /// How to make thumbnails, in the syntax of OBS, for example `image/resize,m_lfit,h_128,w_128`.
        image_process: String = "imageProcess",
    }
}

answer! {
    /// What is known about a file or folder.
    FileDetail {
        /// The id of the file or folder.
        id: Option<FileId>,
        /// The name of the file or folder, up to 250 characters.
        file_name: Option<String>,
        /// What kind of file it is, as set by whoever uploaded it.
        file_type: Option<FileType>,
        /// The media type.
        mime_type: Option<String>,
        /// Whether it is in the recycle bin.
        recycled: Option<bool>,
        /// The folder that it is in; only the first id counts.
        parent_folder: Vec<FileId>,
        /// Further properties, at most 30 of them, of up to 124 characters each with its name.
        properties: BTreeMap<String, String>,
        /// The ids of the spaces that it is in.
        containers: Vec<SpaceId>,
        /// When it was created, in UTC; the format is not documented here.
        created_time: Option<String>,
        /// When it was changed, in UTC; the format is not documented here.
        edited_time: Option<String>,
        /// Its owners.
        owners: Vec<FileUser>,
        /// Who changed it last.
        last_editor: Option<FileUser>,
        /// The end of the name.
        file_suffix: Option<String>,
        /// The size; no unit is documented, our reading is bytes.
        size: Option<i64>,
        /// The contents of the file; their members could not be read.
        attachments: Vec<Unseen>,
    }
}

operation! {
    /// Reads where a file is: the folders above it, once by their ids and once by their names.
    ///
    /// Source: GetFullPath, carrier (2026-02-03) and enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::Operation;
    /// # use koodrive_proto::ops::files::GetFullPath;
    /// GetFullPath::new("FqS6hLLy_DkjlWdfOnEdCErhsmokRvdXI", "IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4");
    /// let answer = r#"{"namePath": "/rootIAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4/007/001", "code": 0}"#;
    /// let path = GetFullPath::parse(&koodrive_proto::http::Response::new(answer))?;
    /// assert!(path.name_path.unwrap().ends_with("/007/001"));
    /// # Ok::<(), koodrive_proto::Error>(())
    /// ```
    GET "/koodrive/ose/v1/files/path" GetFullPath -> FullPath;
    AppOrToken, ReadOnly, Carrier Full, Enterprise Full;
    query {
        /// The id of the file.
        file_id: FileId = "fileId",
        /// The id of the space that it is in.
        container_id: SpaceId = "containerId",
    }
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
}

answer! {
    /// Where a file is. Each step of the paths follows a `/`; the root isn't empty, but has an id and a name of its
    /// own.
    FullPath {
        /// The ids of the folders above the file, from the root on, and its own id. SearchFiles calls this `idPath`.
        file_id_path: Option<String>,
        /// The names of the folders above the file, and its own name. The name of the root is `root` with the id of
        /// the space after it.
        name_path: Option<String>,
    }
}

operation! {
    /// Lists what was done to a file, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](FileOperationPage::next_cursor). A short or empty page doesn't
    /// mean the end of the listing.
    ///
    /// Source: getFileOperations, carrier (2026-04-16); the end of the answer's table and the examples could not be
    /// read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::GetFileOperations;
    /// GetFileOperations::new("FqNZrzGgSKHkfGmwjf7dLgLlGkwrLEU35").page_size(50);
    /// ```
    GET "/koodrive/ose/v1/files/{fileId}/operations" GetFileOperations = "getFileOperations" -> FileOperationPage;
    AppOrToken, ReadOnly, Carrier Partial;
    path {
        /// The id of the file.
        file_id: FileId = "fileId",
    }
    query {;
        /// The cursor from the answer with the previous page; not set for the first page.
        page_cursor: String = "pageCursor",
        /// How many entries a page may have.
        page_size: u32 [1..=100] | 100 = "pageSize",
    }
}

impl Paged for GetFileOperations {
    type Item = FileOperation;

    fn turn(&mut self, page: &FileOperationPage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut FileOperationPage) -> &mut Vec<FileOperation> {
        &mut page.operations
    }

    fn key(item: &FileOperation) -> Option<&str> {
        item.id.as_deref()
    }
}

answer! {
    /// A page of what was done to a file.
    FileOperationPage {
        /// What was done.
        operations: Vec<FileOperation>,
        /// The cursor of the next page. What the last page has instead is not documented; a missing or empty cursor is
        /// taken as the end.
        next_cursor: Option<String>,
    }
}

answer! {
    /// What was done to a file, and by whom. Further members could not be read.
    FileOperation {
        /// The id of this entry, judging by its place.
        id: Option<String>,
        /// The id of the user who did it.
        operator: Option<UserId>,
        /// What was done.
        operate_type: Option<FileAction>,
    }
}

choices! {
    /// What was done to a file. Further values could not be read.
    pub enum FileAction: text {
        /// It was looked at.
        View = "1",
        /// It was shared.
        Share = "3",
        /// It was copied, or saved to the user's own space.
        Copy = "4",
        /// It was created. For allow-listed users only.
        Create = "5",
        /// It was saved from a share. For allow-listed users only.
        SaveShared = "6",
        /// It was renamed.
        Rename = "7",
    }
}
