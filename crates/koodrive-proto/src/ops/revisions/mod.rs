//! Revisions: the contents that a file has had. One of them is current; the earlier ones are kept until the service
//! cleans them up, and can be made current again.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreateRevision`] | begins the upload of a new revision |
//! | [`CompleteRevision`] | ends that upload |
//! | [`ListRevisions`] | lists the revisions of a file |
//! | [`GetRevision`] | reads one revision |
//! | [`UpdateRevision`] | sets whether a revision is kept forever |
//! | [`RestoreRevision`] | makes an earlier revision current again |
//! | [`DeleteRevision`] | deletes an earlier revision |
//!
//! To replace the content of a file, and to go back to an earlier one:
//!
//! ```
//! # use koodrive_proto::ops::files::NewPart;
//! # use koodrive_proto::ops::revisions::{CompleteRevision, CreateRevision, ListRevisions, RestoreRevision};
//! let (space, file) = ("IAAAKIRZGifzJgncA1605122035640590977", "FkiferVNK5NwXck7XXBhPLIRhV1GayJPc");
//! // Send the bytes to the links in the answer, then complete the upload.
//! CreateRevision::new(space, file, 22106481).multi_parts([NewPart::new(1, 22106481)]);
//! CompleteRevision::new(file);
//! // The newest comes first.
//! ListRevisions::new(space, file);
//! RestoreRevision::new(space, file, "1756003706882580864.1756003706882580865");
//! ```
//!
//! The id of a revision has two parts with a dot between them, `assetId.versionId`. Some pages of the enterprise manual
//! write it without the dot, which all examples have.
//!
//! Error codes of this family, judging by their texts: 13000301 (no such space), 13000302 and 13000411 (the file is not
//! in that space), 13000309 (no such file or revision), 13000311 (no space left), 13000401 (no such upload), 13000402
//! (the content isn't complete), 13000406 (a folder has no revisions), 13000407 (there is no link for the download).

mod manage;
mod read;
mod upload;

pub use manage::*;
pub use read::*;
pub use upload::*;
