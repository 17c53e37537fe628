//! What transfers compute: the fingerprint of a file, the proof of an instant upload, the sizes of parts, and the exact
//! length of what is sent or received. All of it is pure.
//!
//! [`Upload`](crate::flow::Upload) and [`Download`](crate::flow::Download) use it, and so can programs that make the
//! calls one by one: [`CreateFile`](crate::ops::files::CreateFile) takes the results as they are.
//!
//! # Fingerprint
//!
//! The service knows a file by its size, its SHA-256 and the SHA-256 of its first 1024 bytes (`preHash`). Parts that
//! are sent at the same time also need the midstate of SHA-256 before each of them (`hashCtx`), so that the service can
//! check each part alone. [`Fingerprinting`] computes all of this in one pass:
//!
//! ```
//! use koodrive_proto::transfer::{Fingerprinting, Plan};
//!
//! let length = 12 * 1024 * 1024;
//! let plan = Plan::new(length, Some(5 * 1024 * 1024))?;
//! assert_eq!(plan.count(), 3);
//!
//! let mut pass = Fingerprinting::new(plan.parts().map(|part| part.offset));
//! for _ in 0..12 {
//!     pass.feed(&[0; 1024 * 1024]); // in chunks of any size
//! }
//! let fingerprint = pass.finish();
//! assert_eq!(fingerprint.sha256.to_string().len(), 64);
//! // One for each part but the first.
//! assert_eq!(fingerprint.midstates.len(), 2);
//! # Ok::<(), koodrive_proto::InvalidParam>(())
//! ```
//!
//! # Proof
//!
//! An instant upload needs a proof that the caller has the content: the SHA-256 of up to 8 bytes of it.
//! [`proof_range`] says which; they depend on the caller.

mod exact;
mod fingerprint;
mod hash;
mod plan;
mod proof;

pub use exact::{ExactLength, WrongLength};
pub(crate) use fingerprint::PreHash;
pub use fingerprint::{Fingerprint, Fingerprinting, PRE_HASHED};
pub use hash::{Digest, Hasher, Midstate, NoDigest};
pub use plan::{Part, Plan};
pub use proof::proof_range;
