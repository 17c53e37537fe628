//! The file that a transfer can be resumed from.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use koodrive_proto::Error;
use koodrive_proto::flow::Record;

/// How long somebody else may still hold a file: what was dropped a moment ago may have to finish a chunk.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(10);

/// The stored state of a transfer: a file of lines, one for each [`Record`], that is locked while it is in use.
///
/// It holds names, sizes and hashes, but no links, tokens or other secrets.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    file: File,
    /// How many records are in it.
    stored: usize,
    /// Whether that is more than what is to be done.
    is_worth: Arc<AtomicBool>,
    durable: bool,
}

impl StateFile {
    /// Opens a state, or creates it, and returns what is in it.
    ///
    /// Fails if another process uses it, and if the file is something else.
    pub fn open(path: impl Into<PathBuf>, durable: bool) -> Result<(Self, Vec<Record>), Error> {
        let path = path.into();
        let failed = |error| Error::local_io(&format!("the state {} can't be opened", path.display()), error);
        let mut file = lock(&path).map_err(failed)?.ok_or_else(|| {
            Error::local(format!("the state {} is in use by another transfer; wait for its end", path.display()))
        })?;
        let mut text = Vec::new();
        // Whatever else it is may be long, or have no end.
        let is_file = file.metadata().map_err(failed)?.is_file();
        let begin = if is_file { (&file).take(BEGIN as u64).read_to_end(&mut text).map_err(failed)? } else { 0 };
        if begin == BEGIN && is_begin(&text) {
            file.read_to_end(&mut text).map_err(failed)?;
        }
        let stored = Record::read_lines(&text);
        // A first line that isn't whole is that of a process that was killed while it wrote it.
        let is_state = is_begin(&text) && (!stored.records.is_empty() || !text.contains(&b'\n'));
        if !is_file || !is_state {
            return Err(Error::local(format!("{} isn't the state of a transfer; choose another file", path.display())));
        }
        // What is appended behind a torn line would not be read.
        file.set_len(stored.end).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        let mut state = Self { path, file, stored: 0, is_worth: Arc::default(), durable };
        state.count(stored.records.len());
        Ok((state, stored.records))
    }

    /// Appends what is new of all records.
    pub fn store(&mut self, records: &[Record]) -> Result<(), Error> {
        self.append(records.get(self.stored..).unwrap_or_default())
    }

    fn count(&mut self, stored: usize) {
        self.stored = stored;
        self.is_worth.store(stored > 1, Ordering::Relaxed);
    }

    /// Returns what tells whether it has more than what is to be done, so that it is kept, and what it is about.
    pub(crate) fn is_worth(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_worth)
    }

    /// Returns how many records are in it.
    pub fn stored(&self) -> usize {
        self.stored
    }

    /// Appends records.
    pub fn append(&mut self, new: &[Record]) -> Result<(), Error> {
        if new.is_empty() {
            return Ok(());
        }
        let lines: String = new.iter().map(Record::to_line).collect();
        let written = self.file.write_all(lines.as_bytes());
        let synced = written.and_then(|()| if self.durable { self.file.sync_data() } else { Ok(()) });
        synced.map_err(|error| {
            let what = format!("the state {} can't be stored, and the transfer is stopped there", self.path.display());
            Error::local_io(&what, error)
        })?;
        self.count(self.stored.saturating_add(new.len()));
        Ok(())
    }

    /// Forgets what is in it, to begin anew.
    pub fn clear(&mut self) -> Result<(), Error> {
        let cleared = self.file.set_len(0).and_then(|()| self.file.rewind());
        cleared
            .map_err(|error| Error::local_io(&format!("the state {} can't be written", self.path.display()), error))?;
        self.count(0);
        Ok(())
    }

    /// Removes the file, once the transfer has ended.
    pub fn remove(self) -> Result<(), Error> {
        std::fs::remove_file(&self.path).map_err(|error| {
            let what = format!("all is transferred, but the state {} can't be removed", self.path.display());
            Error::local_io(&what, error)
        })
    }
}

impl Drop for StateFile {
    /// Leaves no file behind that says only what was to be done.
    fn drop(&mut self) {
        if !self.is_worth.load(Ordering::Relaxed) {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// How much of a file is looked at before all of it is read.
const BEGIN: usize = 12;

/// Whether a state begins so, or may have been about to.
fn is_begin(text: &[u8]) -> bool {
    [&br#"{"upload":{"#[..], br#"{"download":{"#].iter().any(|begin| {
        let len = begin.len().min(text.len());
        text[..len] == begin[..len]
    })
}

/// Opens a file for reading and writing, and locks it. Returns `None` if somebody else has locked it. A symbolic link
/// isn't followed: somebody else may have put it there.
pub(crate) fn lock(path: &Path) -> std::io::Result<Option<File>> {
    let mut waited = Duration::ZERO;
    loop {
        if std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(std::io::Error::other("it is a symbolic link"));
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match fs4::FileExt::try_lock(&file) {
            // Whoever had it before may have removed it.
            Ok(()) if is_there(path, &file) => return Ok(Some(file)),
            Ok(()) | Err(fs4::TryLockError::WouldBlock) if waited < PATIENCE => {}
            Ok(()) | Err(fs4::TryLockError::WouldBlock) => return Ok(None),
            Err(fs4::TryLockError::Error(error)) => return Err(error),
        }
        sleep(PAUSE);
        waited += PAUSE;
    }
}

/// Whether the path still leads to this file.
#[cfg(unix)]
fn is_there(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;

    let place = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    let there = std::fs::symlink_metadata(path).map(place);
    matches!((file.metadata().map(place), there), (Ok(ours), Ok(there)) if ours == there)
}

/// The system doesn't remove the name of a file that is open and locked.
#[cfg(not(unix))]
fn is_there(_: &Path, _: &File) -> bool {
    true
}
