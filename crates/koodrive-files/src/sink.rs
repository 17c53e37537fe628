//! Where the bytes of a download go.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::source::{Locked, read_slice_at, read_sought};

/// A place for bytes, written at any position, by several threads at a time.
///
/// There are [`Memory`], [`Locked`] for what can be written, read and sought, and [`InOrder`] for what can be written
/// only once and in order. `download_file` has a file of its own.
pub trait Sink: Send + Sync {
    /// Writes all of these bytes at a position. There may be a gap before it, which is filled later.
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()>;

    /// Reads what was written, and returns how many bytes there were: 0 only at the end. It is how the hash is made of
    /// what didn't come in order.
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let _ = (position, buffer);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Returns whether it can be read.
    fn is_readable(&self) -> bool {
        false
    }

    /// Returns whether it takes bytes only in order, so that one range is fetched after the other.
    fn is_in_order(&self) -> bool {
        false
    }

    /// Returns when all that was written would survive a power cut. It is called before a state is stored that says so,
    /// if [`Options::durable`](crate::Options::durable) is set.
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes in memory.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Vec<u8>>);

impl Memory {
    /// Creates an empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the bytes out.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Memory {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |_| io::Error::from(io::ErrorKind::OutOfMemory);
        let begin = usize::try_from(position).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let end = begin.checked_add(bytes.len()).ok_or(io::ErrorKind::OutOfMemory)?;
        if memory.len() < end {
            let more = end - memory.len();
            memory.try_reserve(more).map_err(full)?;
            memory.resize(end, 0);
        }
        memory[begin..end].copy_from_slice(bytes);
        Ok(())
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(read_slice_at(&self.0.lock().unwrap_or_else(PoisonError::into_inner), position, buffer))
    }

    fn is_readable(&self) -> bool {
        true
    }
}

impl<T: Read + Write + Seek + Send> Sink for Locked<T> {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.seek(SeekFrom::Start(position))?;
        inner.write_all(bytes)
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_sought(&self.0, position, buffer)
    }

    fn is_readable(&self) -> bool {
        true
    }

    fn sync(&self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// What can only be written, from the beginning to the end: a pipe, a compressor, a socket.
///
/// One range is fetched after the other. A range that comes again, since it broke off, is written from where it broke
/// off. If the file changes meanwhile, the download fails, since nothing can be taken back.
#[derive(Debug)]
pub struct InOrder<W>(Mutex<(W, u64)>);

impl<W: Write + Send> InOrder<W> {
    /// Takes a writer, which is flushed by the caller.
    pub fn new(writer: W) -> Self {
        Self(Mutex::new((writer, 0)))
    }

    /// Takes the writer out.
    pub fn into_inner(self) -> W {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).0
    }
}

impl<W: Write + Send> Sink for InOrder<W> {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (writer, written) = &mut *inner;
        let mut rest = not_yet_written(*written, position, bytes)?;
        while !rest.is_empty() {
            match writer.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                // Counted at once, so that what is written is never written again.
                Ok(more) => (rest, *written) = (&rest[more..], *written + more as u64),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn is_in_order(&self) -> bool {
        true
    }
}

/// Returns what of these bytes comes behind what was written.
pub fn not_yet_written(written: u64, position: u64, bytes: &[u8]) -> io::Result<&[u8]> {
    let passed = written.checked_sub(position).ok_or_else(|| io::Error::other("there is a gap before these bytes"))?;
    Ok(usize::try_from(passed).ok().and_then(|passed| bytes.get(passed..)).unwrap_or_default())
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        (**self).write_at(position, bytes)
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(position, buffer)
    }

    fn is_readable(&self) -> bool {
        (**self).is_readable()
    }

    fn is_in_order(&self) -> bool {
        (**self).is_in_order()
    }

    fn sync(&self) -> io::Result<()> {
        (**self).sync()
    }
}
