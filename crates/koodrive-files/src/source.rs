//! Where the bytes of an upload come from.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use bytes::Bytes;

/// Bytes that can be read from any position, by several threads at a time, and more than once.
///
/// There are a [`FileSource`], bytes in memory, [`Locked`] for what can be read and sought, and [`Spooled`] for what
/// can be read only once.
///
/// [`Spooled`]: crate::Spooled
pub trait Source: Send + Sync {
    /// Returns how many bytes there are.
    fn length(&self) -> io::Result<u64>;

    /// Returns a text that is another one if the content may be another: of a file, when it was changed. By that an
    /// upload that is resumed knows whether it has to hash the source again. The empty text says that nothing tells.
    fn mark(&self) -> io::Result<String> {
        Ok(String::new())
    }

    /// Reads bytes from a position on, and returns how many there were: 0 only at the end.
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A file. It is an error if it changes after it was opened, by its length or the time of its last change.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    length: u64,
    mark: String,
}

impl FileSource {
    /// Opens a file. Directories, pipes and devices are refused, since they have no length.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        // Opening a pipe waits for its other end.
        is_file(&std::fs::metadata(&path)?)?;
        Self::new(File::open(path)?)
    }

    /// Takes an open file.
    pub fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        is_file(&metadata)?;
        Ok(Self { file, length: metadata.len(), mark: mark(&metadata) })
    }
}

fn is_file(metadata: &Metadata) -> io::Result<()> {
    match metadata {
        metadata if metadata.is_file() => Ok(()),
        metadata if metadata.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file; read it as a stream")),
    }
}

/// When a file was changed, and how long it is.
pub(crate) fn mark(metadata: &Metadata) -> String {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    changed.map_or_else(String::new, |time| format!("{}.{:09}/{}", time.as_secs(), time.subsec_nanos(), metadata.len()))
}

impl Source for FileSource {
    fn length(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn mark(&self) -> io::Result<String> {
        Ok(self.mark.clone())
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_file_at(&self.file, position, buffer)?;
        // Afterwards, so that these bytes are those of the time before the change.
        let metadata = self.file.metadata()?;
        if mark(&metadata) == self.mark {
            return Ok(read);
        }
        Err(io::Error::other(match metadata.len() {
            length if length == self.length => "the file was changed while it was read".to_owned(),
            length => format!("the file had {} bytes, and has {length} now", self.length),
        }))
    }
}

#[cfg(unix)]
pub(crate) fn read_file_at(file: &File, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

/// The system moves the file's own position as well, which nobody looks at.
#[cfg(windows)]
pub(crate) fn read_file_at(file: &File, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, position)
}

/// What can be read, or written, and sought, behind a lock.
#[derive(Debug, Default)]
pub struct Locked<T>(pub(crate) Mutex<T>);

impl<T> Locked<T> {
    /// Puts it behind a lock.
    pub fn new(inner: T) -> Self {
        Self(Mutex::new(inner))
    }

    /// Takes it out again.
    pub fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Read + Seek + Send> Source for Locked<T> {
    fn length(&self) -> io::Result<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seek(SeekFrom::End(0))
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_sought(&self.0, position, buffer)
    }
}

pub(crate) fn read_sought<T: Read + Seek>(inner: &Mutex<T>, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    inner.seek(SeekFrom::Start(position))?;
    inner.read(buffer)
}

/// Reads from bytes in memory.
pub(crate) fn read_slice_at(bytes: &[u8], position: u64, buffer: &mut [u8]) -> usize {
    let rest = usize::try_from(position).ok().and_then(|position| bytes.get(position..)).unwrap_or_default();
    let read = rest.len().min(buffer.len());
    buffer[..read].copy_from_slice(&rest[..read]);
    read
}

macro_rules! in_memory {
    ($($type:ty)*) => {$(
        impl Source for $type {
            fn length(&self) -> io::Result<u64> {
                Ok(self.len() as u64)
            }

            fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
                Ok(read_slice_at(self, position, buffer))
            }
        }
    )*};
}

in_memory! { [u8] Vec<u8> Bytes }

macro_rules! pointer {
    ($($type:ty)*) => {$(
        impl<S: Source + ?Sized> Source for $type {
            fn length(&self) -> io::Result<u64> {
                (**self).length()
            }

            fn mark(&self) -> io::Result<String> {
                (**self).mark()
            }

            fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
                (**self).read_at(position, buffer)
            }
        }
    )*};
}

pointer! { &S Arc<S> Box<S> }
