//! Uploads: beginning one, further links for its parts, and completing it.

use crate::check::InvalidParam;
use crate::ops::files::{FileType, NewPart, OnConflict, UploadPart, parts};
use crate::param::{FileId, FileName, Secret, SpaceId};
use crate::{answer, operation};

operation! {
    /// Begins an upload by registering a file. The answer has the links for the parts of the file, unless the service
    /// has the content already.
    ///
    /// Look at [`rapid_upload`](CreatedFile::rapid_upload) and [`exist`](CreatedFile::exist) in the answer first: if
    /// one of them is true, the upload is over. Send the bytes to the links with PUT, not to KooDrive. The links in the
    /// example are signed for `content-length` and `host`, so that a part has exactly the size that was announced, and
    /// are valid for 3600 seconds. The carrier edition processes the data in Singapore.
    ///
    /// For an instant upload, send `sha256`, `pre_hash` and `proof_code`; of `pre_hash`, no page says whether it is
    /// needed. The sibling page createHistoryVersions requires `proof_code` whenever `sha256` is sent, except for an
    /// empty file. The request always asks for an upload in parts, the only kind that is supported. The page doesn't
    /// say whether its 200 GB are counted in powers of 1000 or of 1024; the larger size is allowed.
    ///
    /// Every part but the last has at least 5 MiB. To upload several parts at the same time, give each part its offset,
    /// and give each part but the first the state of the hash before it; the size of every part but the last is then a
    /// multiple of 64 bytes. It is enough to name the first parts: [`GetUploadUrls`] issues links for the others. What
    /// is answered if none is named could not be read.
    ///
    /// Source: createFile, carrier (2026-02-12) and enterprise (2025-12-12); the carrier page could be read only down
    /// to `parent_folder`, and no example of the request could be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::{CreateFile, FileType, NewPart, OnConflict};
    /// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// CreateFile::new("test.zip", FileType::Archive, "root", 22106481)
    ///     .auto_rename(OnConflict::Rename)
    ///     .container_id(space)
    ///     .multi_parts([NewPart::new(1, 22106481)]);
    /// ```
    POST "/koodrive/ose/v1/files/create" CreateFile = "createFile" -> CreatedFile;
    AppOrToken, Once, Carrier Partial, Enterprise Partial;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        "uploadMode" = "multipart",
        "uploadType" = 1,
        /// The name of the file, 1 to 250 characters.
        file_name: FileName [1..=250] = "fileName",
        /// The kind of the file, which is not a folder.
        file_type: FileType ["15" | "20" | "26" | "27" | "28" | "30" | "35" | "40" | "45"] = "fileType",
        /// The id of the folder, or `root`. It is a list on the wire, of which the service uses only the first entry.
        parent_folder: Vec<FileId> [1..=1] = "parentFolder",
        /// The size of the file, at most 200 GB.
        length: u64 [0..=214_748_364_800, "bytes"],
        {
            /// What to do if there is a file of that name already.
            auto_rename: OnConflict = "autoRename",
            /// The id of the space.
            container_id: SpaceId = "containerId",
        };
        /// When the file was created: `yyyy-MM-dd HH:mm:ss` by the carrier manual, `2023-08-18T05:43:49Z` by the
        /// enterprise manual.
        created_time: String = "createdTime",
        /// A description, up to 512 characters.
        description: String [0..=512],
        /// The media type.
        mime_type: String = "mimeType",
        /// SHA-256 of the whole file, in hexadecimal digits.
        sha256: String,
        /// The parts of the file.
        multi_parts: Vec<NewPart> = "multiParts",
        /// SHA-256 of the first 1 KB.
        pre_hash: String = "preHash",
        /// The proof that the caller has the content, as the enterprise manual's page koodrive_05_0036 describes it. It
        /// depends on the credentials that are sent with the request.
        proof_code: Secret = "proofCode",
        /// Whether the file is hidden. For allow-listed users only.
        hidden: bool,
    }
    && parts_fit
}

/// The length of the file is known, so the last part is.
fn parts_fit(file: &CreateFile) -> Result<(), InvalidParam> {
    parts::fit(file.multi_parts.as_deref().unwrap_or_default(), Some(file.length))
}

answer! {
    /// A registered file.
    CreatedFile {
        /// The id of the file.
        file_id: Option<FileId>,
        /// Whether the service has the content already. This is absent in the example of a file whose content the
        /// service doesn't have; absent means no.
        rapid_upload: Option<bool>,
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// The name of the file, which is a new one if the file was renamed.
        file_name: Option<String>,
        /// The id of the upload.
        upload_id: Option<String>,
        /// The id of the folder.
        parent_folder: Vec<FileId>,
        /// Whether the same file is there already, with [`OnConflict::KeepSame`].
        exist: Option<bool>,
        /// The parts of the file, with their links.
        multi_parts: Vec<UploadPart>,
    }
}

operation! {
    /// Issues links for parts of an upload: for parts that [`CreateFile`] wasn't told of, or whose links have expired.
    ///
    /// Neither the space nor the id of the upload is sent, only the file. As the example shows, the parts may be any of
    /// the upload, with their own numbers.
    ///
    /// Every part but the last has at least 5 MiB. To upload several parts at the same time, give each part its offset,
    /// and give each part but the first the state of the hash before it; the size of every part but the last is then a
    /// multiple of 64 bytes. Older versions of the page mention SHA-1 with five words beside SHA-256. How many parts a
    /// request may have is not documented.
    ///
    /// Source: uploadUrl, carrier (2026-02-12) and enterprise (2025-12-12); the carrier page could be read only down to
    /// `multi_parts`, and the ends of the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::{GetUploadUrls, NewPart};
    /// // The state of SHA-256 after the 471859200 bytes before the part.
    /// let state = [1748048713, 2644528514, 4267727253, 2252747490, 4036182088, 2253856463, 526139147, 2194267752];
    /// let part = NewPart::new(46, 10485760).part_offset(471859200).hash_ctx(state);
    /// GetUploadUrls::new("Fqo2kYHmsgWg5whxzYHZLL7mebXbBr1no", [part]);
    /// ```
    POST "/koodrive/ose/v1/files/multipart/uploadUrl" GetUploadUrls = "uploadUrl" -> UploadUrls;
    AppOrToken, Idempotent, Carrier Partial, Enterprise Partial;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// The id of the file, from the answer of [`CreateFile`].
        file_id: FileId = "fileId",
        /// The parts that need a link.
        multi_parts: Vec<NewPart> = "multiParts",
    }
    && these_parts_fit
}

/// The length of the file isn't known.
fn these_parts_fit(op: &GetUploadUrls) -> Result<(), InvalidParam> {
    parts::fit(&op.multi_parts, None)
}

answer! {
    /// The parts of an upload that were asked for.
    UploadUrls {
        /// The parts, with their links.
        multi_parts: Vec<UploadPart>,
    }
}

operation! {
    /// Completes an upload: the service puts the parts together and checks the content.
    ///
    /// No list of parts is sent; the service knows them. The page doesn't say what happens to an upload that is
    /// completed already, so the request isn't sent again when its answer was lost: [`GetFile`](super::GetFile) tells
    /// whether the file is there.
    ///
    /// Source: completeFile, carrier (2026-02-03) and enterprise (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::files::CompleteFile;
    /// CompleteFile::new("FiqNTAYdzXtKhenh29A9EXJvhaKQqcYVS");
    /// ```
    POST "/koodrive/ose/v1/files/complete" CompleteFile = "completeFile" -> ();
    AppOrToken, Once, Carrier Full, Enterprise Full;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// The id of the file, from the answer of [`CreateFile`].
        file_id: FileId = "fileId";
        /// SHA-256 of the whole file, in hexadecimal digits.
        sha256: String,
    }
}
