//! Beginning an upload.

use crate::check::InvalidParam;
use crate::ops::files::FileType;
use crate::param::{FileId, FileName, Secret, SpaceId};
use crate::{answer, choices, object, operation};

operation! {
    /// Begins an upload: registers a file, and answers the links for its parts, unless the service has the content
    /// already.
    ///
    /// Look at [`rapid_upload`](CreatedFile::rapid_upload) first: if it is true, the upload is over. The bytes go to
    /// the links, not to KooDrive: with PUT, and by the example's links signed for `content-length` and `host`. The
    /// carrier edition processes the data in Singapore.
    ///
    /// For an instant upload `sha256`, `pre_hash` and `proof_code` are needed; the sibling page createHistoryVersions
    /// requires `proof_code` as soon as `sha256` is sent, but for an empty file. Sent is always an upload in parts, the
    /// only one that is supported. Whether 200 GB counts in powers of 1000 or 1024 is not said; the larger is taken.
    ///
    /// Every part but the last has at least 5 MiB. For an upload of several parts at a time each part says its offset,
    /// all but the first also the state of the hash before it, and all but the last are a multiple of 64 bytes.
    ///
    /// Source: createFile, carrier (2026-02-12) and enterprise (2025-12-12); the carrier page could be read down to
    /// `parent_folder`, and no example of the request.
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
        /// The name, 1 to 250 characters.
        file_name: FileName [1..=250] = "fileName",
        /// What it is; no folder.
        file_type: FileType ["15" | "20" | "26" | "27" | "28" | "30" | "35" | "40" | "45"] = "fileType",
        /// The folder, or `root`. A list on the wire, of which the service takes the first only.
        parent_folder: Vec<FileId> [1..=1] = "parentFolder",
        /// The size, at most 200 GB.
        length: u64 [0..=214_748_364_800, "bytes"],
        {
            /// What to do if there is a file of that name.
            auto_rename: OnConflict = "autoRename",
            /// The space.
            container_id: SpaceId = "containerId",
        };
        /// When it was created: `yyyy-MM-dd HH:mm:ss` by the carrier manual, `2023-08-18T05:43:49Z` by the enterprise
        /// manual.
        created_time: String = "createdTime",
        /// A description, up to 512 characters.
        description: String [0..=512],
        /// The media type.
        mime_type: String = "mimeType",
        /// SHA-256 of the whole file, in hexadecimal digits.
        sha256: String,
        /// The parts.
        multi_parts: Vec<NewPart> = "multiParts",
        /// SHA-256 of the first 1 KB.
        pre_hash: String = "preHash",
        /// The proof that the caller has the content.
        proof_code: Secret = "proofCode",
        /// Whether it is hidden. For allow-listed users only.
        hidden: bool,
    }
    && parts_fit
}

choices! {
    /// What to do if there is a file of that name.
    pub enum OnConflict: number {
        /// Appends a timestamp to the name.
        Rename = 2,
        /// Fails.
        Refuse = 3,
        /// Creates nothing if name and SHA-256 are the same ([`CreatedFile::exist`] is true), and renames otherwise.
        KeepSame = 4,
    }
}

object! {
    /// A part of an upload, as the caller cuts it.
    NewPart = "MultiPartInfo" {
        /// Its number, from 1 on. The range is that of the enterprise manual's answer.
        part_number: u32 [1..=10_000] = "partNumber",
        /// Its size, at least 5 MiB and at most 5 GiB; the last part may be smaller.
        part_size: u64 [0..=5_368_709_120, "bytes"] = "partSize";
        /// How many bytes are before it, for an upload of several parts at a time.
        part_offset: u64 = "partOffset",
        /// The state of SHA-256 before it, eight words, for an upload of several parts at a time.
        hash_ctx: Vec<u32> [8..=8] = "hashCtx",
        /// The id of the part's object.
        part_id: String = "partId",
    }
}

/// What the limits can't say: the last part may be smaller, and parts sent at the same time have rules of their own.
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
    /// A file that was registered.
    CreatedFile {
        /// The id of the file.
        file_id: Option<FileId>,
        /// Whether the service has the content already. Absent in the example of one that it hasn't: absent means no.
        rapid_upload: Option<bool>,
        /// The space.
        container_id: Option<SpaceId>,
        /// The name, another one if the file was renamed.
        file_name: Option<String>,
        /// The id of the upload.
        upload_id: Option<String>,
        /// The id of the folder.
        parent_folder: Vec<FileId>,
        /// With [`OnConflict::KeepSame`]: whether the same file is there already.
        exist: Option<bool>,
        /// The parts with their links.
        multi_parts: Vec<UploadPart>,
    }
}

answer! {
    /// A part of an upload, as the service answers it.
    UploadPart {
        /// Its number, 1 to 10000.
        part_number: Option<i64>,
        /// Its size in bytes.
        part_size: Option<i64>,
        /// How many bytes are before it, for an upload of several parts at a time.
        part_offset: Option<i64>,
        /// The state of SHA-256 before it, as the request had it.
        hash_ctx: Vec<i64>,
        /// Where its bytes go, with PUT: a presigned link to the object storage.
        upload_url: Option<Secret>,
        /// The id of the part's object.
        part_id: Option<String>,
    }
}
