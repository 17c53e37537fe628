//! Beginning an upload.

use crate::check::InvalidParam;
use crate::ops::files::FileType;
use crate::param::{FileId, FileName, Secret, SpaceId};
use crate::{answer, choices, object, operation};

operation! {
    /// Begins an upload by registering a file. The answer has the links for the parts of the file, unless the service
    /// has the content already.
    ///
    /// Look at [`rapid_upload`](CreatedFile::rapid_upload) in the answer first: if it is true, the upload is over. Send
    /// the bytes to the links with PUT, not to KooDrive. Judging by the links in the example, they are signed for
    /// `content-length` and `host`. The carrier edition processes the data in Singapore.
    ///
    /// An instant upload needs `sha256`, `pre_hash` and `proof_code`. The sibling page createHistoryVersions requires
    /// `proof_code` whenever `sha256` is sent, except for an empty file. The request always asks for an upload in
    /// parts, the only kind that is supported. The page doesn't say whether its 200 GB are counted in powers of 1000 or
    /// of 1024; the larger size is allowed.
    ///
    /// Every part but the last has at least 5 MiB. To upload several parts at the same time, give each part its offset,
    /// and give each part but the first the state of the hash before it; the size of every part but the last is then a
    /// multiple of 64 bytes.
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
        /// The proof that the caller has the content.
        proof_code: Secret = "proofCode",
        /// Whether the file is hidden. For allow-listed users only.
        hidden: bool,
    }
    && parts_fit
}

choices! {
    /// What to do if there is a file of that name already.
    pub enum OnConflict: number {
        /// Appends a timestamp to the name.
        Rename = 2,
        /// Refuses to create the file.
        Refuse = 3,
        /// Creates nothing if the name and the SHA-256 are the same ([`CreatedFile::exist`] is then true), and renames
        /// otherwise.
        KeepSame = 4,
    }
}

object! {
    /// A part of an upload, in the request.
    NewPart = "MultiPartInfo" {
        /// The number of the part, from 1 on. The range is taken from the answer in the enterprise manual.
        part_number: u32 [1..=10_000] = "partNumber",
        /// The size of the part, at least 5 MiB and at most 5 GiB; the last part may be smaller.
        part_size: u64 [0..=5_368_709_120, "bytes"] = "partSize";
        /// How many bytes are before this part, for an upload of several parts at the same time.
        part_offset: u64 = "partOffset",
        /// The state of SHA-256 before this part, in eight words, for an upload of several parts at the same time.
        hash_ctx: Vec<u32> [8..=8] = "hashCtx",
        /// The id of the part's object.
        part_id: String = "partId",
    }
}

/// Checks what the limits can't express: the last part may be smaller, and parts sent at the same time have rules of
/// their own.
fn parts_fit(file: &CreateFile) -> Result<(), InvalidParam> {
    let parts = file.multi_parts.as_deref().unwrap_or_default();
    let at_once = parts.iter().any(|part| part.part_offset.is_some());
    let mut order: Vec<(usize, &NewPart)> = parts.iter().enumerate().collect();
    order.sort_by_key(|(_, part)| part.part_number);
    let mut before = 0_u64;
    let mut last_number = None;
    for (position, (at, part)) in order.iter().enumerate() {
        let wrong = |name, got: String, allowed: &str| {
            Err(InvalidParam::new(format!("multiParts[{at}].{name}"), got, allowed.to_owned()))
        };
        let (first, last) = (position == 0, position.saturating_add(1) == order.len());
        let (number, size) = (part.part_number, part.part_size);
        if last_number.replace(number) == Some(number) {
            return wrong("partNumber", number.to_string(), "a number of its own");
        }
        if !last && size < MIN_PART {
            return wrong(
                "partSize",
                size.to_string(),
                "5242880 to 5368709120 bytes; only the last part may be smaller",
            );
        }
        if at_once {
            if !last && size % 64 != 0 {
                let allowed = "a multiple of 64 bytes in all but the last of parts with an offset";
                return wrong("partSize", size.to_string(), allowed);
            }
            if part.part_offset != Some(before) {
                let got = part.part_offset.map_or_else(|| "nothing".to_owned(), |offset| offset.to_string());
                let allowed = format!("{before}: in each of parts with an offset, the bytes before it");
                return wrong("partOffset", got, &allowed);
            }
            if !first && part.hash_ctx.is_none() {
                let allowed = "the state of the hash, in all but the first of parts with an offset";
                return wrong("hashCtx", "nothing".to_owned(), allowed);
            }
        }
        before = before.saturating_add(size);
    }
    Ok(())
}

const MIN_PART: u64 = 5 * 1024 * 1024;

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

answer! {
    /// A part of an upload, in the answer.
    UploadPart {
        /// The number of the part, 1 to 10000.
        part_number: Option<i64>,
        /// The size of the part in bytes.
        part_size: Option<i64>,
        /// How many bytes are before this part, for an upload of several parts at the same time.
        part_offset: Option<i64>,
        /// The state of SHA-256 before this part, as it is in the request.
        hash_ctx: Vec<i64>,
        /// Where to send the bytes of the part, with PUT: a presigned link to the object storage.
        upload_url: Option<Secret>,
        /// The id of the part's object.
        part_id: Option<String>,
    }
}
