//! The object store behind the links: bytes never pass through KooDrive.
//!
//! A family that hands out a link calls [`Links::file`] or [`Links::object`]; one that takes an upload calls
//! [`content::begin`] and [`content::name`], and [`content::complete`] with what [`Simulator::join`] has found out
//! before the call; and one that makes a content itself calls [`keep_bytes`], or [`content::keep`] for bytes that are
//! stored already. A record that has a content names it in its keys, by [`content::holder_key`], or else it is dropped.

pub(crate) mod blobs;
mod conditions;
pub(crate) mod content;
mod error;
pub(crate) mod http;
mod links;
mod object;
mod sign;

use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, Hasher as _, RandomState};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use koodrive_proto::Meta;
use koodrive_proto::check::Untyped;
use koodrive_proto::operation::Received;
use koodrive_proto::transfer::{Digest, Hasher};

use crate::Simulator;
use crate::call::text;
use crate::reply::Refusal;
use crate::store::{Store, private};

use blobs::{Blobs, Writer};
use content::{Joined, Stored};

pub(crate) use error::Refused;
pub(crate) use links::{Links, Scheme, origin};
pub(crate) use object::Object;
pub(crate) use sign::{Key, LONGEST};

/// The region in all links.
const REGION: &str = "region";

impl Key {
    pub(crate) fn new(access: &str, secret: &str) -> Self {
        Self { access: access.to_owned(), secret: secret.into(), region: REGION.to_owned() }
    }

    /// A key that nobody knows.
    pub(crate) fn random() -> Self {
        let seed = [(); 4].map(|()| RandomState::new().build_hasher().finish().to_le_bytes()).concat();
        let secret = Digest::of(&seed).to_string();
        let access = Digest::of(secret.as_bytes()).to_string().to_uppercase();
        Self::new(access.get(..20).unwrap_or_default(), &secret)
    }

    /// Whether links that are signed with it can be read again.
    pub(crate) fn is_usable(&self) -> bool {
        let access = &self.access;
        let is_read = !access.is_empty() && access.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_read && !self.secret.as_str().is_empty()
    }

    /// The key of a directory, so that links outlive a restart.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let (path, new) = (directory.join("storage-key"), directory.join("storage-key.new"));
        match fs::read(&path) {
            Ok(bytes) => {
                let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
                let key = text.split_once(':').map(|(access, secret)| Self::new(access, secret));
                return key.filter(Self::is_usable).ok_or_else(|| {
                    let problem = "this is no key, ACCESS:SECRET; remove the file, and new links get a new key";
                    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {problem}", path.display()))
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let key = Self::random();
        let mut file = private(OpenOptions::new().create(true).truncate(true).write(true), &new)?;
        writeln!(file, "{}:{}", key.access, key.secret.as_str())?;
        // A kill leaves no half of it.
        fs::rename(&new, &path)?;
        Ok(key)
    }
}

/// Whether an operation completes an upload, which takes time if it is a large one.
pub(crate) fn completes(operation: &str) -> bool {
    ["CompleteFile", "CompleteRevision"].contains(&operation)
}

impl Simulator {
    /// Hashes what was sent for the upload that a call is to complete. It is done before the call, so that no other one
    /// has to wait for it.
    pub(crate) fn join(&self, meta: &Meta, received: &Received<'_>) -> Result<Option<Joined>, Refusal> {
        if !completes(meta.name) {
            return Ok(None);
        }
        let field = meta.params.iter().find(|field| field.name == "fileId");
        let file_id = field.and_then(|field| text(received.get(field)?.as_ref())).unwrap_or_default();
        let unreadable = |error| Refusal::new("13000201", format!("the parts can't be read: {error}"));
        let state = self.state();
        let sent = content::sent_for(&state.store, &file_id);
        let parts = sent.iter().map(|part| content::object(&self.blobs, &[*part])).collect::<io::Result<Vec<_>>>();
        drop(state);
        Joined::new(sent, parts.map_err(unreadable)?).map(Some).map_err(unreadable)
    }
}

/// Where bytes are stored, and how many of them fit into memory.
#[derive(Clone, Copy)]
pub(crate) struct Room<'a> {
    pub(crate) blobs: &'a Arc<Blobs>,
    pub(crate) limit: u64,
}

/// A content that is being made. Nothing stays of it unless it is kept.
pub(crate) struct Making {
    writer: Writer,
    hasher: Hasher,
}

impl Making {
    /// Begins a content of at most so many bytes.
    pub(crate) fn new(room: Room<'_>, size: u64) -> io::Result<Self> {
        Ok(Self { writer: room.blobs.write(size, room.limit)?, hasher: Hasher::new() })
    }

    /// Keeps the content, and returns its id and hash.
    pub(crate) fn keep(self, store: &mut Store, now: DateTime<Utc>) -> io::Result<(String, String)> {
        let (size, sha256) = (self.hasher.fed(), self.hasher.finish().to_string());
        let id = match content::find(store, &sha256, size) {
            Some(id) => id,
            None => content::keep(store, &sha256, vec![Stored::Blob(self.writer.finish()?, size)], now),
        };
        Ok((id, sha256))
    }
}

impl Write for Making {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)?;
        self.hasher.feed(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Stores bytes as a content, and returns its id.
pub(crate) fn keep_bytes(store: &mut Store, room: Room<'_>, bytes: &Bytes, now: DateTime<Utc>) -> io::Result<String> {
    let mut making = Making::new(room, bytes.len() as u64)?;
    making.write_all(bytes)?;
    making.keep(store, now).map(|(id, _)| id)
}
