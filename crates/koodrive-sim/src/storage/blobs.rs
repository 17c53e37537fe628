//! Where the bytes are: in a directory, in files that nobody else may read, or in memory up to a limit. Files without a
//! name would need unsafe code or another dependency.
//!
//! Bytes are read and written in short pieces where they are needed, without another thread: what a piece takes is
//! little beside what a connection takes for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::store::private;

/// How the names of files end to which bytes are still added.
const NEW: &str = ".new";

/// All bytes that were sent, by numbers.
#[derive(Debug, Default)]
pub(crate) struct Blobs {
    directory: Option<PathBuf>,
    all: Mutex<BTreeMap<u64, Arc<Blob>>>,
    next: AtomicU64,
    /// How many bytes are in memory.
    held: Arc<AtomicU64>,
}

/// Bytes that don't change.
#[derive(Debug)]
pub(crate) struct Blob {
    size: u64,
    place: Place,
    /// Whether it is to be removed once nobody reads it any more.
    is_removed: AtomicBool,
}

#[derive(Debug)]
enum Place {
    File(PathBuf),
    Memory { bytes: Bytes, _held: Held },
}

/// Memory that is taken until this is dropped.
#[derive(Debug)]
struct Held {
    bytes: u64,
    /// How many bytes all of them may have together.
    limit: u64,
    all: Arc<AtomicU64>,
}

impl Held {
    fn grow(&mut self, bytes: u64) -> io::Result<()> {
        let more = |held| self.more(held, bytes).ok();
        let grown = self.all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        grown.or_else(|held| self.more(held, bytes))?;
        self.bytes += bytes;
        Ok(())
    }

    /// What there is with so many bytes more, unless that is too much.
    fn more(&self, held: u64, bytes: u64) -> io::Result<u64> {
        let limit = self.limit;
        held.checked_add(bytes).filter(|held| *held <= limit).ok_or_else(|| {
            let problem = format!(
                "there are {held} bytes of files in memory, and {bytes} more would be more than {limit}: keep them in a \
                 directory (--data), or set Limits::objects"
            );
            io::Error::new(io::ErrorKind::StorageFull, problem)
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Blobs {
    /// Refuses a directory that is somebody else's, before anything is written: there is no drive, but there are files.
    pub(crate) fn check_new(directory: &Path) -> io::Result<()> {
        let is_empty = match fs::read_dir(directory) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(error),
        };
        if is_empty {
            return Ok(());
        }
        let problem = "there is something in it that isn't the simulator's: name another directory for it";
        Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{}: {problem}", directory.display())))
    }

    /// Opens the directory of a drive, which is created unless it is there, with what it is known to have. What nobody
    /// knows, such as half a file, is removed if its name is one that files have here.
    pub(crate) fn open(directory: PathBuf, known: &BTreeMap<u64, u64>) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        let mut next = 0;
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let whole = name.strip_suffix(NEW).unwrap_or(name);
            let Some(number) = whole.parse::<u64>().ok().filter(|number| number.to_string() == whole) else { continue };
            next = next.max(number.saturating_add(1));
            if (name != whole || !known.contains_key(&number)) && path.is_file() {
                fs::remove_file(&path)?;
            }
        }
        let mut all = BTreeMap::new();
        for (number, size) in known {
            let path = directory.join(number.to_string());
            let there = fs::metadata(&path).map(|metadata| metadata.len());
            if !there.as_ref().is_ok_and(|there| there == size) {
                let there = there.map_or_else(|error| error.to_string(), |there| format!("it has {there} bytes"));
                let problem = format!(
                    "{}: {there}; {size} bytes were stored: put them back, or name another directory",
                    path.display()
                );
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
            all.insert(*number, Arc::new(Blob { size: *size, place: Place::File(path), is_removed: false.into() }));
        }
        Ok(Self { directory: Some(directory), all: Mutex::new(all), next: next.into(), held: Arc::default() })
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Blob>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, number: u64) -> Option<Arc<Blob>> {
        self.all().get(&number).cloned()
    }

    /// Begins to store so many bytes. In memory there is room up to a limit.
    pub(crate) fn write(self: &Arc<Self>, size: u64, limit: u64) -> io::Result<Writer> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let writing = if let Some(directory) = &self.directory {
            let path = directory.join(format!("{number}{NEW}"));
            Writing::File(private(OpenOptions::new().create_new(true).write(true), &path)?, path)
        } else {
            let held = Held { bytes: 0, limit, all: Arc::clone(&self.held) };
            // What can't fit needn't begin. However, only what has arrived takes room from others.
            held.more(self.held.load(Ordering::Relaxed), size)?;
            Writing::Memory(Vec::new(), held)
        };
        Ok(Writer { blobs: Arc::clone(self), number, size: 0, writing })
    }

    /// Removes bytes, which those who read them still get.
    pub(crate) fn remove(&self, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            if let Some(blob) = self.all().remove(&number) {
                blob.is_removed.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Returns the numbers of all but these.
    pub(crate) fn others(&self, kept: &BTreeSet<u64>) -> Vec<u64> {
        self.all().keys().filter(|number| !kept.contains(number)).copied().collect()
    }
}

impl Blob {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Reads at most so many bytes from a place on; none only at the end.
    pub(crate) fn read(&self, at: u64, most: usize) -> io::Result<Bytes> {
        let most = usize::try_from(self.size.saturating_sub(at)).map_or(most, |left| left.min(most));
        match &self.place {
            Place::Memory { bytes, .. } => {
                let at = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(at..at + most))
            }
            Place::File(path) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(at))?;
                let mut bytes = vec![0; most];
                file.read_exact(&mut bytes)?;
                Ok(bytes.into())
            }
        }
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        if let Place::File(path) = &self.place {
            if *self.is_removed.get_mut() {
                // If this fails, the next start does it.
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Bytes that are being stored. Unless they are finished, nothing stays of them.
#[derive(Debug)]
pub(crate) struct Writer {
    blobs: Arc<Blobs>,
    number: u64,
    size: u64,
    writing: Writing,
}

#[derive(Debug)]
enum Writing {
    File(File, PathBuf),
    Memory(Vec<u8>, Held),
    Finished,
}

impl Writer {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.writing {
            Writing::File(file, _) => file.write_all(bytes)?,
            Writing::Memory(all, held) => {
                held.grow(bytes.len() as u64)?;
                all.extend_from_slice(bytes);
            }
            Writing::Finished => {}
        }
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Returns the number of what is stored now.
    pub(crate) fn finish(mut self) -> io::Result<u64> {
        let place = match std::mem::replace(&mut self.writing, Writing::Finished) {
            Writing::File(file, new) => {
                drop(file);
                let path = new.with_extension("");
                fs::rename(&new, &path).inspect_err(|_| discard(&new))?;
                Place::File(path)
            }
            Writing::Memory(bytes, held) => Place::Memory { bytes: bytes.into(), _held: held },
            Writing::Finished => return Err(io::ErrorKind::Other.into()),
        };
        let blob = Blob { size: self.size, place, is_removed: false.into() };
        self.blobs.all().insert(self.number, Arc::new(blob));
        Ok(self.number)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Writing::File(_, path) = &self.writing {
            discard(path);
        }
    }
}

fn discard(path: &Path) {
    // If this fails, the next start does it.
    let _ = fs::remove_file(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_arrived_takes_room() {
        let blobs = Arc::new(Blobs::default());
        let mut slow = blobs.write(900, 1000).unwrap();
        slow.write(b"1").unwrap();
        let mut other = blobs.write(900, 1000).unwrap();
        other.write(&[2; 900]).unwrap();
        let other = other.finish().unwrap();
        slow.write(&[1; 99]).unwrap();
        for error in [slow.write(b"1").unwrap_err(), blobs.write(1, 1000).unwrap_err()] {
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
        drop(slow);
        assert!(blobs.write(101, 1000).is_err());
        blobs.write(100, 1000).unwrap().write(&[3; 100]).unwrap();
        blobs.remove([other]);
        assert!(blobs.write(1000, 1000).is_ok());
    }
}
