//! Where bytes wait whose number isn't known yet.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use tempfile::SpooledTempFile;

use crate::CHUNK;
use crate::source::{Locked, Source};

/// Takes the bytes of a source whose length isn't known, since an upload begins with its length: in memory up to a
/// size, and then in a temporary file.
///
/// The file has no name, where the system can do that, and is gone with the process.
///
/// ```
/// use koodrive_files::{Source, Spool};
///
/// let spooled = Spool::new().fill(&b"as many as there are"[..])?;
/// assert_eq!(spooled.length()?, 20);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Spool {
    memory: usize,
    folder: Option<PathBuf>,
}

impl Default for Spool {
    fn default() -> Self {
        Self::new()
    }
}

impl Spool {
    /// How many bytes stay in memory unless [`memory`](Self::memory) says otherwise: 8 MiB.
    pub const MEMORY: usize = 8 * 1024 * 1024;

    /// Creates one with temporary files where the system has them.
    pub fn new() -> Self {
        Self { memory: Self::MEMORY, folder: None }
    }

    /// Sets how many bytes stay in memory before there is a file.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets the folder of temporary files, which must have room for all of the bytes.
    pub fn folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.folder = Some(path.into());
        self
    }

    /// Begins to take bytes, which are written to what is returned.
    pub fn open(&self) -> Spooling {
        Spooling(match &self.folder {
            Some(folder) => tempfile::spooled_tempfile_in(self.memory, folder),
            None => tempfile::spooled_tempfile(self.memory),
        })
    }

    /// Takes all bytes of a reader.
    pub fn fill(&self, mut reader: impl Read) -> io::Result<Spooled> {
        let mut spooling = self.open();
        let mut buffer = vec![0; CHUNK];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return spooling.finish(),
                Ok(read) => spooling.write_all(&buffer[..read])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// A spool that takes bytes.
pub struct Spooling(SpooledTempFile);

impl Spooling {
    /// Returns the bytes as a source.
    pub fn finish(mut self) -> io::Result<Spooled> {
        let length = self.0.seek(SeekFrom::End(0))?;
        Ok(Spooled { bytes: Locked::new(self.0), length })
    }
}

impl Write for Spooling {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl fmt::Debug for Spooling {
    /// Shows nothing of what is in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spooling(..)")
    }
}

/// The bytes of a spool, as a source.
pub struct Spooled {
    bytes: Locked<SpooledTempFile>,
    length: u64,
}

impl Source for Spooled {
    fn length(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes.read_at(position, buffer)
    }
}

impl fmt::Debug for Spooled {
    /// Shows only the length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spooled({} bytes)", self.length)
    }
}
