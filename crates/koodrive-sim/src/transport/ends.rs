//! The source and the sink that a transport is given by the checks of transfers.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many bytes are read at a time at most.
const MOST: u64 = 40_000;

/// The source and the sink of one exchange, as [`check_transfers`](crate::check_transfers()) gives them to a transport.
///
/// Wrap it in whatever your transport reads from and writes to. It isn't a file: what is read is made up, and what is
/// written is kept in memory, to be compared. A source can fail or end too early, and a sink can be full.
#[derive(Clone)]
pub struct Ends(Arc<Inner>);

struct Inner {
    /// Tells the bytes of one source from those of another.
    seed: u64,
    /// How many bytes the source has.
    len: u64,
    /// From where on the source can't be read.
    broken: u64,
    /// From where on nothing can be written.
    full: u64,
    written: Mutex<Vec<(u64, Vec<u8>)>>,
}

impl Ends {
    /// Reads from the source, beginning at a position, and returns how many bytes that were.
    ///
    /// As with a file, it may be fewer bytes than there is room for; there are none only at the end.
    ///
    /// # Errors
    /// Fails where a check wants the source to fail.
    pub fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let Inner { seed, len, broken, .. } = *self.0;
        if position >= broken {
            return Err(io::Error::other("the source of the check can't be read any further"));
        }
        let left = len.min(broken).saturating_sub(position).min(MOST);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        fill(seed, position, &mut buffer[..count]);
        Ok(count)
    }

    /// Writes all of these bytes to the sink, beginning at a position.
    ///
    /// # Errors
    /// Fails where a check wants the sink to be full; then nothing of them is written.
    pub fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let end = u64::try_from(bytes.len()).ok().and_then(|len| position.checked_add(len));
        if end.is_none_or(|end| end > self.0.full) {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the sink of the check is full"));
        }
        self.written().push((position, bytes.to_vec()));
        Ok(())
    }

    /// A source of so many bytes, and a sink that takes everything.
    pub(super) fn new(seed: u64, len: u64) -> Self {
        Self(Arc::new(Inner { seed, len, broken: u64::MAX, full: u64::MAX, written: Mutex::default() }))
    }

    /// The same with a source that fails from there on.
    pub(super) fn broken(seed: u64, len: u64, broken: u64) -> Self {
        Self(Arc::new(Inner { seed, len, broken, full: u64::MAX, written: Mutex::default() }))
    }

    /// An empty source, and a sink that is full from there on.
    pub(super) fn full(full: u64) -> Self {
        Self(Arc::new(Inner { seed: 0, len: 0, broken: u64::MAX, full, written: Mutex::default() }))
    }

    /// What is in the sink, which must be without a gap from there on.
    pub(super) fn sink(&self, first: u64) -> Result<Vec<u8>, String> {
        let mut written: Vec<_> = self.written().iter().filter(|(_, bytes)| !bytes.is_empty()).cloned().collect();
        written.sort_by_key(|(position, _)| *position);
        let mut all = Vec::new();
        for (position, bytes) in written {
            let end = first + all.len() as u64;
            if position != end {
                return Err(format!("wrote at byte {position} of the sink instead of {end}"));
            }
            all.extend(bytes);
        }
        Ok(all)
    }

    fn written(&self) -> MutexGuard<'_, Vec<(u64, Vec<u8>)>> {
        self.0.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ends").field("source_bytes", &self.0.len).finish_non_exhaustive()
    }
}

/// The bytes there, which no two places and no two seeds have in common.
fn fill(seed: u64, first: u64, mut buffer: &mut [u8]) {
    let mut at = first;
    while !buffer.is_empty() {
        // Eight bytes at a time, since there are many.
        let word = ((at / 8) ^ (seed << 48)).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed;
        let word = (word ^ (word >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
        let begin = usize::try_from(at % 8).unwrap_or_default();
        let (now, rest) = buffer.split_at_mut(buffer.len().min(8 - begin));
        now.copy_from_slice(&word[begin..begin + now.len()]);
        at += now.len() as u64;
        buffer = rest;
    }
}

/// The bytes of a source, or of a file that is called for.
pub(super) fn contents(seed: u64, first: u64, len: u64) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
    fill(seed, first, &mut bytes);
    bytes
}
