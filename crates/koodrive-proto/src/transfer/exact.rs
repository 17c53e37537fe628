use crate::check::counted;

/// Counts the bytes of a source or of an answer, which must be exactly as many as announced.
///
/// The core doesn't see the bytes, and HTTP clients don't all notice: with a source that is too short, some wait for
/// ever; one that is too long is cut off by others without a word. A transport feeds each chunk before it is passed on,
/// and finishes at the end.
///
/// ```
/// use koodrive_proto::transfer::ExactLength;
///
/// let mut exact = ExactLength::new(5);
/// exact.feed(b"123")?;
/// assert_eq!(exact.left(), 2);
/// assert_eq!(exact.finish().unwrap_err().to_string(), "there are only 3 of 5 bytes");
/// # Ok::<(), koodrive_proto::transfer::WrongLength>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExactLength {
    expected: u64,
    fed: u64,
}

/// There were fewer bytes than announced, or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WrongLength {
    /// The end came too early.
    #[error("there are only {got} of {}", counted(*expected, "byte", "bytes"))]
    Short {
        /// How many bytes there were.
        got: u64,
        /// How many were announced.
        expected: u64,
    },
    /// There is more behind the end.
    #[error("there are more than the {} that were announced", counted(*expected, "byte", "bytes"))]
    Long {
        /// How many were announced.
        expected: u64,
    },
}

impl ExactLength {
    /// Expects so many bytes.
    pub fn new(expected: u64) -> Self {
        Self { expected, fed: 0 }
    }

    /// Counts a chunk. Fails if there are more bytes than announced: then don't pass it on.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), WrongLength> {
        let more = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        match self.fed.checked_add(more).filter(|fed| *fed <= self.expected) {
            Some(fed) => self.fed = fed,
            None => return Err(WrongLength::Long { expected: self.expected }),
        }
        Ok(())
    }

    /// Returns how many bytes have been counted.
    pub fn fed(&self) -> u64 {
        self.fed
    }

    /// Returns how many bytes are still to come.
    pub fn left(&self) -> u64 {
        self.expected.saturating_sub(self.fed)
    }

    /// Fails if there were fewer bytes than announced.
    pub fn finish(self) -> Result<(), WrongLength> {
        let Self { expected, fed } = self;
        if fed < expected { Err(WrongLength::Short { got: fed, expected }) } else { Ok(()) }
    }
}
