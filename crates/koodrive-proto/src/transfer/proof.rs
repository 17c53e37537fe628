use std::ops::Range;

use crate::transfer::Digest;

/// Returns which bytes of a file prove that the caller has it: the proof code is their SHA-256. `None` for an empty
/// file, which needs no proof.
///
/// `origin` is what identifies the caller: the value of X-User-Id if the request is signed, otherwise the value of
/// Authorization, exactly as it is sent. So the proof is only good for a request that carries that header, and changes
/// with the token. `length` is in bytes.
///
/// Source: page koodrive_05_0036 of the enterprise manual (2026-03-04). The page has no worked example. That the number
/// is read big-endian, that the second hash is over the hexadecimal digits of the first, and that no prefix of the
/// token is left out are our reading.
///
/// ```
/// use koodrive_proto::transfer::{Digest, proof_range};
///
/// let content = b"12345678";
/// let range = proof_range("1505084218764547200", 8).unwrap();
/// assert_eq!(range, 7..8);
/// let proof_code = Digest::of(&content[7..8]).to_string();
/// # assert_eq!(proof_code.len(), 64);
/// ```
pub fn proof_range(origin: &str, length: u64) -> Option<Range<u64>> {
    let seed = Digest::of(origin.as_bytes()).to_string();
    let digest = Digest::of(seed.as_bytes());
    // The sign bit is removed.
    let number = digest.as_bytes().last_chunk().map(|last| u64::from_be_bytes(*last) & (u64::MAX >> 1))?;
    let start = number.checked_rem(length)?;
    Some(start..start.saturating_add(8).min(length))
}
