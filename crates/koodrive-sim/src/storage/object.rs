//! The bytes of an answer, or of a file: read piece by piece, from wherever they are.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use koodrive_proto::transfer::{Digest, Hasher};

use super::blobs::Blob;
use crate::faults::Broken;
use crate::mix::mix;

/// How many bytes are read at a time.
const CHUNK: usize = 128 * 1024;

/// Bytes in order, as far as they weren't taken yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Object {
    /// The pieces that weren't passed yet.
    pieces: VecDeque<Piece>,
    /// Places in these pieces.
    at: u64,
    end: u64,
}

#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Bytes(Bytes),
    Blob(Arc<Blob>),
    /// So many bytes that nobody has sent: see [`made`].
    Made(u64),
}

impl Piece {
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Blob(blob) => blob.size(),
            Self::Made(size) => *size,
        }
    }

    fn read(&self, at: u64, most: usize) -> io::Result<Bytes> {
        match self {
            Self::Bytes(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(at..bytes.len().min(at + most)))
            }
            Self::Blob(blob) => blob.read(at, most),
            Self::Made(size) => Ok(made(at, usize::try_from(size - at).map_or(most, |left| left.min(most)))),
        }
    }
}

/// The bytes from a place on of a file that nobody has uploaded: a made-up number for each eight bytes, so that no two
/// places look the same.
fn made(at: u64, length: usize) -> Bytes {
    let skipped = (at % 8) as usize;
    let numbers = (at / 8..).take((skipped + length).div_ceil(8));
    let bytes: Vec<u8> = numbers.flat_map(|number| mix(number).to_le_bytes()).skip(skipped).take(length).collect();
    bytes.into()
}

impl Object {
    pub(crate) fn new(pieces: Vec<Piece>) -> Self {
        let end = pieces.iter().map(Piece::size).sum();
        Self { pieces: pieces.into(), at: 0, end }
    }

    /// What is left of it.
    pub(crate) fn left(&self) -> u64 {
        self.end - self.at
    }

    /// A part of it.
    pub(crate) fn part(mut self, from: u64, length: u64) -> Self {
        self.at = self.end.min(self.at.saturating_add(from));
        self.end = self.end.min(self.at.saturating_add(length));
        self
    }

    /// Takes the next bytes; none at the end.
    pub(crate) fn next(&mut self) -> io::Result<Bytes> {
        let most = usize::try_from(self.left()).map_or(CHUNK, |left| left.min(CHUNK));
        while let Some(piece) = self.pieces.front() {
            let size = piece.size();
            if self.at < size {
                let bytes = piece.read(self.at, most)?;
                self.at += bytes.len() as u64;
                return Ok(bytes);
            }
            self.pieces.pop_front();
            self.at -= size;
            self.end -= size;
        }
        Ok(Bytes::new())
    }

    /// Takes all that is left.
    pub(crate) fn all(mut self) -> io::Result<Bytes> {
        let mut all = Vec::new();
        while self.left() > 0 {
            all.extend_from_slice(&self.next()?);
        }
        Ok(all.into())
    }

    /// SHA-256 of what is left.
    pub(crate) fn hash(mut self) -> io::Result<Digest> {
        let mut hasher = Hasher::new();
        self.feed(&mut hasher)?;
        Ok(hasher.finish())
    }

    /// Feeds what is left to a hash.
    pub(crate) fn feed(&mut self, hasher: &mut Hasher) -> io::Result<()> {
        while self.left() > 0 {
            hasher.feed(&self.next()?);
        }
        Ok(())
    }
}

impl From<Bytes> for Object {
    fn from(bytes: Bytes) -> Self {
        Self::new(vec![Piece::Bytes(bytes)])
    }
}

impl Body for Object {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if self.left() == 0 {
            return Poll::Ready(None);
        }
        // What can't be read any more ends the connection, as the head has gone out.
        Poll::Ready(Some(self.next().map(Frame::data).map_err(|_| Broken::Reset)))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There may be 10,000 pieces, which would take long if each was looked at for all that come after it.
    #[test]
    fn what_was_passed_is_dropped() {
        let text = b"abcdefghij";
        let pieces = || text.chunks(2).map(|piece| Piece::Bytes(piece.to_vec().into())).collect();
        let mut object = Object::new(pieces()).part(3, 5);
        for (wanted, pieces, left) in [("d", 4, 4), ("ef", 3, 2), ("gh", 2, 0)] {
            assert_eq!((object.next().unwrap(), object.pieces.len(), object.left()), (wanted.into(), pieces, left));
        }
        assert_eq!(object.next().unwrap(), "");
        assert_eq!(Object::new(pieces()).part(4, 99).part(1, 4).all().unwrap(), "fghi");
    }
}
