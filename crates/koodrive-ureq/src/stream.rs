//! A reader that is uploaded as it is read.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use koodrive_files::{CHUNK, Source, Window, read_full};
use koodrive_proto::bytes::Bytes;

/// A reader as a source, of which only what may be needed again is kept.
///
/// The transfer hashes in order, which reads the reader; parts find what they need in the window.
pub(crate) struct Stream<R> {
    reader: Mutex<R>,
    window: Window,
}

impl<R: Read + Send> Stream<R> {
    pub(crate) fn new(reader: R, length: u64) -> Self {
        Self { reader: Mutex::new(reader), window: Window::new(length) }
    }

    /// Forgets what is before a position.
    pub(crate) fn forget(&self, before: u64) {
        self.window.forget(before);
    }

    /// Reads the reader until something behind a position is kept, or to its end.
    fn read_behind(&self, position: u64) -> io::Result<()> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let end = self.window.end();
            if end > position {
                return Ok(());
            }
            let mut chunk = vec![0; CHUNK];
            let read = read_full(|_, buffer| reader.read(buffer), 0, &mut chunk)?;
            chunk.truncate(read);
            self.window.push(Bytes::from(chunk));
            if end < position {
                // An upload that was resumed begins behind what was sent.
                self.window.forget(position);
            }
            if read < CHUNK {
                return Ok(());
            }
        }
    }
}

impl<R: Read + Send> Source for Stream<R> {
    fn length(&self) -> io::Result<u64> {
        self.window.length()
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.window.end() <= position {
            self.read_behind(position)?;
        }
        self.window.read_at(position, buffer)
    }
}

impl<R> fmt::Debug for Stream<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stream").field(&self.window).finish()
    }
}
