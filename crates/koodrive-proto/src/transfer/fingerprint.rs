use std::collections::BTreeSet;

use crate::transfer::{Digest, Hasher, Midstate};

/// How many bytes at the beginning of a file the `preHash` is made of. The page says 1 KB; read as 1024.
pub const PRE_HASHED: u64 = 1024;

/// What the service knows a file by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fingerprint {
    /// How many bytes the file has.
    pub length: u64,
    /// SHA-256 of the whole file.
    pub sha256: Digest,
    /// SHA-256 of the first 1024 bytes, or of all if there are fewer: `preHash`.
    pub pre_hash: Digest,
    /// Offsets, and the midstate of SHA-256 at each: `hashCtx`.
    pub midstates: Vec<(u64, Midstate)>,
}

/// A pass over a file that computes its [`Fingerprint`].
#[derive(Debug, Clone)]
pub struct Fingerprinting {
    hasher: Hasher,
    pre: PreHash,
    cuts: BTreeSet<u64>,
    midstates: Vec<(u64, Midstate)>,
}

impl Fingerprinting {
    /// Begins a pass that takes the midstates at these offsets, given in any order.
    ///
    /// There is a midstate at multiples of 64 only, so other offsets are passed over, and so are those behind the end
    /// of the file, and 0: no part needs what SHA-256 begins with.
    pub fn new(cuts: impl IntoIterator<Item = u64>) -> Self {
        let cuts = cuts.into_iter().filter(|cut| *cut > 0 && cut % 64 == 0).collect();
        Self { hasher: Hasher::new(), pre: PreHash::default(), cuts, midstates: Vec::new() }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        self.pre.feed(bytes);
        while !bytes.is_empty() {
            let to_cut = self.cuts.first().map_or(u64::MAX, |cut| cut.saturating_sub(self.hasher.fed()));
            let (now, later) = bytes.split_at(usize::try_from(to_cut).unwrap_or(usize::MAX).min(bytes.len()));
            self.hasher.feed(now);
            bytes = later;
            if self.cuts.first() == Some(&self.hasher.fed()) {
                self.midstates.extend(self.cuts.pop_first().zip(self.hasher.midstate()));
            }
        }
    }

    /// Ends the pass.
    pub fn finish(self) -> Fingerprint {
        Fingerprint {
            length: self.hasher.fed(),
            sha256: self.hasher.finish(),
            pre_hash: self.pre.finish(),
            midstates: self.midstates,
        }
    }
}

/// The hash of the beginning of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct PreHash(Hasher);

impl PreHash {
    /// Takes the next bytes, as far as they count.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let room = usize::try_from(PRE_HASHED.saturating_sub(self.0.fed())).unwrap_or_default();
        self.0.feed(bytes.get(..room).unwrap_or(bytes));
    }

    pub(crate) fn finish(self) -> Digest {
        self.0.finish()
    }
}
