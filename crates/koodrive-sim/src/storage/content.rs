//! What is stored: the parts of uploads, and the contents of files, each of them once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use koodrive_proto::transfer::{Digest, Hasher, Midstate};
use serde::{Deserialize, Serialize};

use super::blobs::Blobs;
use super::object::{Object, Piece};
use crate::families::files::File;
use crate::families::moderation;
use crate::store::{Row, Store};

/// How the key of what nobody has uploaded begins; its size follows.
const MADE: &str = "made-";

/// How the key begins of a content that is delivered whatever it was judged to be; its own key follows.
const ORIGINAL: &str = "original-";

/// What is delivered in place of a content that was judged. No page shows it.
const WARNING: &str = "The content of this file was found to be sensitive or illegal, so it can't be downloaded.\n";

/// Bytes, wherever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stored {
    /// The number and the size of bytes that were sent.
    Blob(u64, u64),
    /// So many bytes that nobody has sent.
    Made(u64),
    /// What is delivered in place of other bytes.
    Warning,
}

impl Stored {
    fn blob(self) -> Option<u64> {
        if let Self::Blob(number, _) = self { Some(number) } else { None }
    }

    pub(crate) fn size(self) -> u64 {
        match self {
            Self::Blob(_, size) | Self::Made(size) => size,
            Self::Warning => WARNING.len() as u64,
        }
    }
}

/// What a text in an index says about bytes.
fn blob_key(number: u64) -> String {
    format!("blob {number}")
}

/// The content of files, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) stored: Vec<Stored>,
    pub(crate) since: DateTime<Utc>,
}

impl Row for Content {
    /// Contents are found by their hash, and by the bytes that they have.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        let blobs = self.stored.iter().filter_map(|stored| stored.blob()).map(|blob| Cow::Owned(blob_key(blob)));
        blobs.chain([Cow::Borrowed(&*self.sha256)]).collect()
    }
}

/// An upload in parts, under its uploadId.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Multipart {
    /// The id of the file that it is for, which is also the key in the links.
    pub(crate) file_id: String,
}

impl Row for Multipart {
    /// Uploads are found by their files.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed(&self.file_id)]
    }
}

/// A part of an upload, under the uploadId and its number.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Part {
    upload_id: String,
    number: u32,
    /// What was said about it when its latest link was issued.
    named: Option<Named>,
    sent: Option<Stored>,
}

/// What a caller says about a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named {
    pub(crate) size: u64,
    pub(crate) offset: Option<u64>,
    /// The state of the hash before it.
    pub(crate) midstate: Option<Midstate>,
}

impl Row for Part {
    /// Parts are listed under their upload.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.upload_id)
    }

    /// Parts are found by the bytes that they have.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        self.sent.and_then(Stored::blob).map(|blob| Cow::Owned(blob_key(blob))).into_iter().collect()
    }
}

/// Begins an upload. Its parts can be sent until it ends.
pub(crate) fn begin(store: &mut Store, upload_id: &str, file_id: &str) {
    store.multiparts.insert(upload_id, Multipart { file_id: file_id.to_owned() });
}

/// Ends an upload, with what was sent for it.
pub(crate) fn end(store: &mut Store, upload_id: &str) {
    store.multiparts.remove(upload_id);
    store.parts.remove_under(upload_id);
}

/// Notes what is said about a part.
pub(crate) fn name(store: &mut Store, upload_id: &str, number: u32, named: Named) {
    change(store, upload_id, number, |part| part.named = Some(named));
}

/// Notes what was sent for a part, in place of what was sent before.
pub(crate) fn send(store: &mut Store, upload_id: &str, number: u32, sent: Stored) {
    change(store, upload_id, number, |part| part.sent = Some(sent));
}

fn change(store: &mut Store, upload_id: &str, number: u32, change: impl FnOnce(&mut Part)) {
    let id = format!("{upload_id}/{number:05}");
    if !store.parts.contains(&id) {
        store.parts.insert(&*id, Part { upload_id: upload_id.to_owned(), number, ..Part::default() });
    }
    store.parts.update(&id, change);
}

/// What the parts of an upload are together. To find it out takes time, so nobody has to wait for it.
#[derive(Debug)]
pub(crate) struct Joined {
    stored: Vec<Stored>,
    /// The state of the hash before each part, where it has one.
    midstates: Vec<Option<Midstate>>,
    sha256: String,
}

/// Returns what was sent for the upload of a file, in order.
pub(crate) fn sent_for(store: &Store, file_id: &str) -> Vec<Stored> {
    store.multiparts.keyed(file_id).next_back().map_or_else(Vec::new, |(upload_id, _)| sent(store, upload_id))
}

fn sent(store: &Store, upload_id: &str) -> Vec<Stored> {
    store.parts.under(upload_id).filter_map(|(_, part)| part.sent).collect()
}

impl Joined {
    pub(crate) fn new(stored: Vec<Stored>, parts: Vec<Object>) -> io::Result<Self> {
        let mut hasher = Hasher::new();
        let mut midstates = Vec::new();
        for mut part in parts {
            midstates.push(hasher.midstate());
            part.feed(&mut hasher)?;
        }
        Ok(Self { stored, midstates, sha256: hasher.finish().to_string() })
    }
}

/// The smallest part that isn't the last one.
const MIN_PART: u64 = 5 << 20;

/// Ends an upload, and returns the id and the hash of the content, which is kept once a file has it; or says what isn't
/// right about the parts.
pub(crate) fn complete(
    store: &mut Store,
    upload_id: &str,
    length: u64,
    sha256: Option<&str>,
    joined: Option<&Joined>,
    now: DateTime<Utc>,
) -> Result<(String, String), String> {
    let joined = joined.filter(|joined| joined.stored == sent(store, upload_id));
    let joined = joined.ok_or("a part arrived in the meantime")?;
    check(store, upload_id, length, joined)?;
    if sha256.is_some_and(|sha256| sha256 != joined.sha256) {
        return Err(format!("the SHA-256 of what was sent is {}", joined.sha256));
    }
    let id = keep(store, &joined.sha256, joined.stored.clone(), now);
    end(store, upload_id);
    Ok((id, joined.sha256.clone()))
}

fn check(store: &Store, upload_id: &str, length: u64, joined: &Joined) -> Result<(), String> {
    let parts = store.parts.under(upload_id).map(|(_, part)| part).filter(|part| part.sent.is_some());
    let count = joined.stored.len();
    let mut offset = 0;
    for ((part, midstate), number) in parts.zip(&joined.midstates).zip(1_u32..) {
        if part.number != number {
            return Err(format!("part {number} is missing, of which {offset} bytes are before it"));
        }
        let size = part.sent.map_or(0, Stored::size);
        if let Some(named) = &part.named {
            if named.size != size {
                return Err(format!("part {number} has {size} bytes, but {} were announced", named.size));
            }
            if named.offset.is_some_and(|named| named != offset) {
                return Err(format!("there are {offset} bytes before part {number}, which isn't its partOffset"));
            }
            if named.midstate.is_some() && named.midstate != *midstate {
                return Err(format!("the hash before part {number} isn't its hashCtx"));
            }
        }
        if number as usize != count && size < MIN_PART {
            return Err(format!(
                "part {number} has {size} bytes, and isn't the last one: 5242880 is the smallest size"
            ));
        }
        offset += size;
    }
    if offset == length {
        Ok(())
    } else {
        Err(format!("the parts have {offset} of {length} bytes: {count} parts were sent"))
    }
}

/// Keeps a content, and returns its id: it may be there already. A content that nothing has at the end of the call is
/// dropped.
pub(crate) fn keep(store: &mut Store, sha256: &str, stored: Vec<Stored>, now: DateTime<Utc>) -> String {
    let size = stored.iter().map(|stored| stored.size()).sum();
    if let Some(id) = find(store, sha256, size) {
        return id;
    }
    let id = format!("C{}", store.next_id());
    store.contents.insert(&*id, Content { size, sha256: sha256.to_owned(), stored, since: now });
    id
}

/// Finds a content by its hash.
pub(crate) fn find(store: &Store, sha256: &str, size: u64) -> Option<String> {
    let same = store.contents.keyed(sha256).find(|(_, content)| content.sha256 == sha256 && content.size == size);
    same.map(|(id, _)| id.to_owned())
}

/// What a file, a revision or a task is found by, if it has a content that was sent.
pub(crate) fn holder_key(content: &str) -> String {
    format!("content {content}")
}

/// Whether something has a content, and so keeps it.
fn is_held(store: &Store, content: &str) -> bool {
    let key = holder_key(content);
    store.files.keyed(&key).next().is_some()
        || store.revisions.keyed(&key).next().is_some()
        || store.jobs.keyed(&key).next().is_some()
        || store.share_tasks.keyed(&key).next().is_some()
}

/// Drops the contents that nothing has any more since the last call, and returns the numbers of the bytes that are to
/// be removed.
pub(crate) fn sweep(store: &mut Store) -> Vec<u64> {
    let lost = store.files.replaced().filter_map(|file| file.content.clone());
    let lost = lost.chain(store.revisions.replaced().filter_map(|revision| revision.content.clone()));
    let lost = lost.chain(store.jobs.replaced().filter_map(|job| job.package.clone()));
    let lost = lost.chain(store.share_tasks.replaced().filter_map(|task| task.package.clone()));
    let lost: BTreeSet<String> = lost.chain(store.contents.changed().map(str::to_owned)).collect();
    let mut blobs: Vec<u64> = Vec::new();
    for id in lost {
        if !is_held(store, &id) {
            let gone = store.contents.remove(&id).map_or_else(Vec::new, |content| content.stored);
            blobs.extend(gone.into_iter().filter_map(Stored::blob));
        }
    }
    let replaced = store.contents.replaced().flat_map(|content| content.stored.iter().copied());
    let replaced = replaced.chain(store.parts.replaced().filter_map(|part| part.sent));
    blobs.extend(replaced.filter_map(Stored::blob));
    blobs.sort_unstable();
    blobs.dedup();
    blobs.retain(|blob| !is_stored(store, *blob));
    blobs
}

/// Whether a record has these bytes.
fn is_stored(store: &Store, blob: u64) -> bool {
    let key = blob_key(blob);
    store.contents.keyed(&key).next().is_some() || store.parts.keyed(&key).next().is_some()
}

/// Takes back what changed in the store, with the bytes that were stored for it.
pub(crate) fn undo(store: &mut Store, blobs: &Blobs) {
    let new = changed(store);
    store.rollback();
    blobs.remove(new.into_iter().filter(|blob| !is_stored(store, *blob)));
}

/// Returns the numbers of the bytes in contents that have changed since the last call.
fn changed(store: &Store) -> Vec<u64> {
    let contents = store.contents.changed().filter_map(|id| store.contents.get(id));
    contents.flat_map(|content| content.stored.iter().filter_map(|stored| stored.blob())).collect()
}

/// Returns the numbers and sizes of all bytes that are stored.
pub(crate) fn blobs(store: &Store) -> BTreeMap<u64, u64> {
    let contents = store.contents.values().flat_map(|content| content.stored.iter().copied());
    let all = contents.chain(store.parts.values().filter_map(|part| part.sent));
    all.filter_map(|stored| stored.blob().map(|number| (number, stored.size()))).collect()
}

/// Returns the bytes of what is stored.
pub(crate) fn object(blobs: &Blobs, stored: &[Stored]) -> io::Result<Object> {
    let piece = |stored: &Stored| match *stored {
        Stored::Blob(number, _) => blobs.get(number).map(Piece::Blob).ok_or_else(|| io::ErrorKind::NotFound.into()),
        Stored::Made(size) => Ok(Piece::Made(size)),
        Stored::Warning => Ok(Piece::Bytes(Bytes::from_static(WARNING.as_bytes()))),
    };
    stored.iter().map(piece).collect::<io::Result<_>>().map(Object::new)
}

/// Returns what the content of a file is.
pub(crate) fn of(store: &Store, file: &File) -> Vec<Stored> {
    let sent = file.content.as_deref().and_then(|id| store.contents.get(id));
    sent.map_or_else(|| vec![Stored::Made(file.size)], |content| content.stored.clone())
}

/// Returns the key by which links name the content of a file.
pub(crate) fn key(file: &File) -> String {
    key_of(file.content.as_deref(), file.size)
}

/// Returns the key by which links name a content: the id of what was sent, or what nobody has sent.
pub(crate) fn key_of(content: Option<&str>, size: u64) -> String {
    content.map_or_else(|| format!("{MADE}{size}"), str::to_owned)
}

/// Returns the key by which links name the content of a file whatever it was judged to be.
pub(crate) fn original_key(file: &File) -> String {
    format!("{ORIGINAL}{}", key(file))
}

/// What a link leads to.
pub(crate) struct Found {
    pub(crate) stored: Vec<Stored>,
    /// Another one for each content.
    pub(crate) tag: String,
    pub(crate) since: DateTime<Utc>,
}

/// Finds what a key names: a content, or the one that a file has now. In place of one that was judged, all but original
/// keys lead to a warning.
pub(crate) fn resolve(store: &Store, wanted: &str) -> Option<Found> {
    let (is_original, wanted) = wanted.strip_prefix(ORIGINAL).map_or((false, wanted), |wanted| (true, wanted));
    let file = store.files.get(wanted).filter(|file| !file.is_folder());
    let named = file.map_or_else(|| wanted.to_owned(), key);
    if let Some(content) = store.contents.get(&named) {
        if !is_original && moderation::is_judged(store, &content.sha256, content.size) {
            let tag = Digest::of(WARNING.as_bytes()).to_string().split_off(32);
            return Some(Found { stored: vec![Stored::Warning], tag, since: content.since });
        }
        let tag = content.sha256.get(..32).unwrap_or_default().to_owned();
        return Some(Found { stored: content.stored.clone(), tag, since: content.since });
    }
    let size = named.strip_prefix(MADE)?.parse().ok()?;
    let since = file.map_or(DateTime::UNIX_EPOCH, |file| file.created);
    Some(Found { stored: vec![Stored::Made(size)], tag: format!("{size:032x}"), since })
}
