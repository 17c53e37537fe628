//! The stored state of transfers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::error::Error;
use crate::param::{FileId, SpaceId};
use crate::transfer::{Digest, Midstate};

/// The version of the form below. Another one isn't read.
pub(super) const VERSION: u32 = 1;

/// A piece of the state of a transfer: the header, or something that was learned. To be stored as a line of text, by
/// [`to_line`](Self::to_line), or by serde in any other form.
///
/// There are no links, tokens or other secrets in it; but it does tell names, sizes and hashes of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(pub(super) Entry);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    Upload(Box<UploadHeader>),
    Download(Box<DownloadHeader>),
    /// The hash up to there: of the source of an upload, or of the sink of a download.
    Hashed {
        to: u64,
        midstate: Midstate,
        pre_hash: Option<Digest>,
    },
    /// The source was read to its end.
    Fingerprint {
        sha256: Digest,
        pre_hash: Digest,
    },
    /// The create call is about to be sent.
    Creating,
    /// The create call had no effect.
    NotCreated,
    Created {
        file_id: FileId,
        name: String,
    },
    /// A part was sent.
    Part(u32),
    /// The complete call is about to be sent.
    Completing,
    /// The complete call was refused, and had no effect.
    NotCompleted,
    /// Of an upload: the source is the same, but has this mark now. Of a download: it goes to this sink from here on.
    Mark(String),
    Completed,
    Instant {
        file_id: FileId,
        name: String,
    },
    AlreadyThere {
        file_id: FileId,
        name: String,
    },
    /// What the object store said of the file.
    Found {
        total: u64,
        validator: Option<String>,
    },
    /// A range is in the sink.
    Range {
        first: u64,
        len: u64,
    },
    /// What is in the sink counts no longer.
    Anew,
    /// All of it is there.
    Received {
        sha256: Option<Digest>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UploadHeader {
    pub(super) version: u32,
    /// The name of the operation that begins it.
    pub(super) begin: String,
    /// The parameters of that operation.
    pub(super) params: Map<String, Json>,
    pub(super) part_size: u64,
    pub(super) mark: String,
    /// When the file was edited last, if this is a revision of it.
    pub(super) edited: Option<String>,
    pub(super) instant: bool,
    pub(super) in_order: bool,
    pub(super) name_all: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DownloadHeader {
    pub(super) version: u32,
    /// The file; `None` if it is known by its link only.
    pub(super) file: Option<DownloadFile>,
    pub(super) range_size: u64,
    pub(super) length: Option<u64>,
    pub(super) sha256: Option<Digest>,
    pub(super) look_up: bool,
    /// Which sink it is.
    pub(super) sink: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DownloadFile {
    pub(super) space: SpaceId,
    pub(super) id: FileId,
    pub(super) share_folder: Option<String>,
}

/// A state that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The records, up to the first line that can't be read.
    pub records: Vec<Record>,
    /// How many bytes they take, with their line ends. Cut the file off there before more is appended.
    pub end: u64,
}

impl Record {
    /// Returns the record as a line, with its line end.
    pub fn to_line(&self) -> String {
        // There is nothing in it that JSON can't express.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// Whether something is lost if the transfer with these records isn't gone on with: an upload that the service may
    /// know of, or bytes of a download that are in the sink.
    pub(super) fn is_begun(records: &[Self]) -> bool {
        let last = |is: fn(&Entry) -> bool| records.iter().rposition(|record| is(&record.0));
        let begun = last(|entry| matches!(entry, Entry::Creating | Entry::Instant { .. } | Entry::AlreadyThere { .. }));
        let undone = last(|entry| matches!(entry, Entry::NotCreated));
        begun > undone
            || last(|entry| matches!(entry, Entry::Range { .. })) > last(|entry| matches!(entry, Entry::Anew))
    }

    /// Returns the length and the SHA-256 of what was downloaded, if these are the records of a download that has ended
    /// and made that hash.
    pub fn received(records: &[Self]) -> Option<(u64, Digest)> {
        let Entry::Received { sha256: Some(sha256) } = records.last()?.0 else { return None };
        let total = |record: &Self| if let Entry::Found { total, .. } = record.0 { Some(total) } else { None };
        Some((records.iter().rev().find_map(total)?, sha256))
    }

    /// Reads records from lines.
    ///
    /// A line that isn't whole, as a program that was killed leaves behind, ends them: what was learned before counts.
    /// A file without a whole first line is a transfer that hasn't begun, and has no records: begin it, since there is
    /// nothing to resume.
    pub fn read_lines(text: &[u8]) -> Stored {
        let mut stored = Stored { records: Vec::new(), end: 0 };
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let Some(Ok(record)) = line.strip_suffix(b"\n").map(serde_json::from_slice) else { break };
            stored.records.push(record);
            stored.end = stored.end.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        }
        stored
    }
}

/// The error that a stored state isn't one to go on from.
pub(super) fn unusable(why: &str) -> Error {
    Error::local(format!("the stored state can't be resumed: {why}"))
}
