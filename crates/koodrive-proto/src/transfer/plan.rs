use crate::check::InvalidParam;
use crate::ops::files::parts::{MAX_PART, MAX_PARTS, MIN_PART};

/// How a file is divided into parts: all have the same size, but the last one may be smaller.
///
/// A part has 5 MiB to 5 GiB and a file at most 10,000 parts, so that 200 GB need parts of at least 21,474,837 bytes.
/// The size is a multiple of 64 bytes, the block of SHA-256, since parts are sent at the same time. An empty file has
/// one part, of 0 bytes.
///
/// ```
/// use koodrive_proto::transfer::Plan;
///
/// let plan = Plan::new(100 * 1024 * 1024, None)?;
/// assert_eq!((plan.count(), plan.part_size()), (7, 16 * 1024 * 1024));
/// let last = plan.parts().last().unwrap();
/// assert_eq!((last.number, last.offset, last.len), (7, 96 * 1024 * 1024, 4 * 1024 * 1024));
///
/// let error = Plan::new(100, Some(1024)).unwrap_err();
/// assert!(error.to_string().contains("5242880 to 5368709120 bytes"), "{error}");
/// # Ok::<(), koodrive_proto::InvalidParam>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    length: u64,
    part_size: u64,
    count: u32,
}

/// One part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The number, from 1 on.
    pub number: u32,
    /// How many bytes are before it.
    pub offset: u64,
    /// How many bytes it has.
    pub len: u64,
}

impl Plan {
    /// The size of a part unless the file needs larger ones or the caller chooses: 16 MiB.
    pub const PART_SIZE: u64 = 16 * 1024 * 1024;

    /// The largest file that can be uploaded, in bytes: 200 GB, read as 200 × 2³⁰ since the page doesn't say.
    pub const MAX_LENGTH: u64 = 214_748_364_800;

    /// Divides a file of `length` bytes into parts of `part_size` bytes.
    ///
    /// Without a size, parts have [`PART_SIZE`](Self::PART_SIZE), or the next multiple of 1 MiB with which 10,000 parts
    /// are enough. Fails if the file is too large, or if a size can't be used for this file.
    pub fn new(length: u64, part_size: Option<u64>) -> Result<Self, InvalidParam> {
        const MIB: u64 = 1024 * 1024;
        if length > Self::MAX_LENGTH {
            let allowed = format!("0 to {} bytes", Self::MAX_LENGTH);
            return Err(InvalidParam::new("length", length.to_string(), allowed));
        }
        let least = length.div_ceil(MAX_PARTS.into());
        let part_size = match part_size {
            None => Self::PART_SIZE.max(least.next_multiple_of(MIB)),
            Some(size) if (MIN_PART..=MAX_PART).contains(&size) && size % 64 == 0 && size >= least => size,
            Some(size) => {
                let least = least.next_multiple_of(64).max(MIN_PART);
                let why = if least > MIN_PART { ", since there are at most 10000 parts" } else { "" };
                let allowed = format!("{least} to {MAX_PART} bytes, a multiple of 64{why}");
                return Err(InvalidParam::new("part_size", size.to_string(), allowed));
            }
        };
        let count = u32::try_from(length.div_ceil(part_size)).unwrap_or(u32::MAX).max(1);
        Ok(Self { length, part_size, count })
    }

    /// Returns how many bytes the file has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns the size of every part but the last.
    pub fn part_size(&self) -> u64 {
        self.part_size
    }

    /// Returns how many parts there are, at least 1.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Returns a part by its number, from 1 on; `None` if there is none of that number.
    pub fn part(&self, number: u32) -> Option<Part> {
        let before = number.checked_sub(1).filter(|before| *before < self.count)?;
        let offset = u64::from(before).saturating_mul(self.part_size);
        Some(Part { number, offset, len: self.length.saturating_sub(offset).min(self.part_size) })
    }

    /// Returns the parts in the order of the file.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = Part> + use<> {
        let plan = *self;
        (1..=plan.count).filter_map(move |number| plan.part(number))
    }
}
