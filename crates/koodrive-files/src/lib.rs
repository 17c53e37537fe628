//! What the transports of [`koodrive_proto`] share to move files: where bytes come from and go to, stored states,
//! progress, limits.
//!
//! `koodrive-ureq` and `koodrive-hyper` have it as `files`. Whoever writes a transport for [transfers] of their own can
//! take from it what they need; the core has the transfers themselves, without I/O.
//!
//! | what | for |
//! | --- | --- |
//! | [`Source`], [`FileSource`], [`Locked`], [`Spool`], [`Window`] | the bytes of an upload |
//! | [`Sink`], [`Partial`], [`Memory`], [`InOrder`] | the bytes of a download |
//! | [`UploadTo`], [`Options`] | what a caller chooses |
//! | [`StateFile`] | resuming |
//! | [`ProgressEvent`], [`Reporter`], [`Meter`] | progress |
//! | [`local_names`] | names from the server as names of files |
//! | [`tree`] | folders with all that is in them |
//! | [`RateLimit`], [`Stop`] | slowing down and stopping |
//!
//! [transfers]: koodrive_proto::flow#transfers

mod names;
mod options;
mod partial;
pub mod prepare;
mod progress;
mod rate;
mod sink;
mod source;
mod spool;
mod state;
mod stop;
pub mod tree;
mod window;

use std::io;

pub use names::{LocalName, local_names};
pub use options::{Options, UploadTo, file_type_of};
pub use partial::Partial;
pub use progress::{Files, INTERVAL, Meter, Moving, ProgressEvent, Reporter};
pub use rate::RateLimit;
pub use sink::{InOrder, Memory, Sink, not_yet_written};
pub use source::{FileSource, Locked, Source};
pub use spool::{Spool, Spooled, Spooling};
pub use state::StateFile;
pub use stop::{Stop, Stopped};
pub use window::Window;

/// How many bytes are read and written at a time: 256 KiB.
pub const CHUNK: usize = 256 * 1024;

/// Fills a buffer, or as much of it as there is to the end. Returns how much.
pub fn read_full(
    mut read_at: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
    position: u64,
    buffer: &mut [u8],
) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read_at(position.saturating_add(filled as u64), &mut buffer[filled..]) {
            Ok(0) => break,
            // Whoever says that there was more than was asked for is not to be believed.
            Ok(read) => filled = filled.saturating_add(read).min(buffer.len()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
