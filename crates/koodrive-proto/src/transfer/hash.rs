//! SHA-256 whose state between two blocks can be taken out and put back.
//!
//! The blocks are sha2's, by its public function for them; only the last block is put together here, as FIPS 180-4
//! says.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::block_api::compress256;
use sha2::digest::array::Array;
use sha2::digest::consts::U64;

use crate::wire::{hex, unhex};

const BLOCK: usize = 64;

/// The state that SHA-256 begins with.
const BEGIN: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// SHA-256, fed in chunks of any size, with its [midstate](Self::midstate).
///
/// ```
/// use koodrive_proto::transfer::Hasher;
///
/// let mut hasher = Hasher::new();
/// hasher.feed(&[7; 100]);
/// assert!(hasher.midstate().is_none(), "not at the end of a block");
/// hasher.feed(&[7; 28]);
///
/// // From here on, elsewhere:
/// let mut other = Hasher::resume(128, hasher.midstate().unwrap()).unwrap();
/// other.feed(b"end");
/// hasher.feed(b"end");
/// assert_eq!(other.finish(), hasher.finish());
/// ```
#[derive(Clone)]
pub struct Hasher {
    state: [u32; 8],
    /// The beginning of a block.
    rest: [u8; BLOCK],
    fed: u64,
}

impl Hasher {
    /// Begins a hash.
    pub fn new() -> Self {
        Self { state: BEGIN, rest: [0; BLOCK], fed: 0 }
    }

    /// Goes on after so many bytes, which must be a multiple of 64. Returns `None` if it isn't.
    pub fn resume(fed: u64, midstate: Midstate) -> Option<Self> {
        (fed % 64 == 0).then_some(Self { state: midstate.0, rest: [0; BLOCK], fed })
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        let kept = self.kept();
        self.fed = self.fed.saturating_add(bytes.len().try_into().unwrap_or(u64::MAX));
        if kept > 0 {
            let room = BLOCK.saturating_sub(kept);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            copy(self.rest.get_mut(kept..), now);
            if now.len() < room {
                return;
            }
            compress256(&mut self.state, &[self.rest]);
            bytes = later;
        }
        let (blocks, rest) = Array::<u8, U64>::slice_as_chunks(bytes);
        compress256(&mut self.state, Array::cast_slice_to_core(blocks));
        copy(Some(&mut self.rest), rest);
    }

    /// Returns how many bytes it was fed, with those before it was resumed.
    pub fn fed(&self) -> u64 {
        self.fed
    }

    /// Returns the state, at every multiple of 64 bytes; `None` between them.
    pub fn midstate(&self) -> Option<Midstate> {
        (self.kept() == 0).then_some(Midstate(self.state))
    }

    /// Ends the hash.
    pub fn finish(mut self) -> Digest {
        let bits = self.fed.wrapping_mul(8).to_be_bytes();
        let kept = self.kept();
        let mut blocks = [[0; BLOCK]; 2];
        // A one, zeros, and the length in bits at the end of a block.
        let used = if kept.saturating_add(9) > BLOCK { 2 } else { 1 };
        let all = blocks.as_flattened_mut();
        copy(all.get_mut(..), self.rest.get(..kept).unwrap_or_default());
        copy(all.get_mut(kept..), &[0x80]);
        let end = BLOCK.saturating_mul(used);
        copy(all.get_mut(end.saturating_sub(8)..), &bits);
        compress256(&mut self.state, blocks.get(..used).unwrap_or_default());
        let mut digest = [0; 32];
        for (to, word) in digest.chunks_exact_mut(4).zip(self.state) {
            to.copy_from_slice(&word.to_be_bytes());
        }
        Digest(digest)
    }

    /// How many bytes of a block are kept.
    fn kept(&self) -> usize {
        usize::try_from(self.fed % 64).unwrap_or_default()
    }
}

/// Copies all of `from`, for which there is room.
fn copy(to: Option<&mut [u8]>, from: &[u8]) {
    if let Some(to) = to.and_then(|to| to.get_mut(..from.len())) {
        to.copy_from_slice(from);
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("fed", &self.fed).finish_non_exhaustive()
    }
}

/// The state of SHA-256 between two blocks of 64 bytes: eight words, which the manual calls `hashCtx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Midstate([u32; 8]);

impl Midstate {
    /// Returns the words.
    pub fn words(&self) -> [u32; 8] {
        self.0
    }
}

impl From<[u32; 8]> for Midstate {
    fn from(words: [u32; 8]) -> Self {
        Self(words)
    }
}

/// A SHA-256 value. `Display` writes it in 64 small hexadecimal digits; `parse` also takes capitals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Hashes these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new();
        hasher.feed(bytes);
        hasher.finish()
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// A text that isn't a SHA-256 value in 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 value has 64 hexadecimal digits")]
pub struct NoDigest;

impl FromStr for Digest {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        unhex(&text.to_ascii_lowercase()).map(Self).ok_or(NoDigest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
