//! Files that are written beside their target, and get its name once they are complete.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::UNIX_EPOCH;

use koodrive_proto::Error;
use koodrive_proto::transfer::Digest;

use crate::sink::Sink;
use crate::source::read_file_at;
use crate::state::{StateFile, lock};

/// How the name of a file ends that isn't complete.
pub(crate) const SUFFIX: &str = ".koodrive-part";
/// How long a name may be; most file systems allow 255 bytes.
const LONGEST: usize = 255;

/// A file that is written beside its target, locked, and renamed once it is complete. So the target is always either
/// what it was or all that it is to be.
///
/// The name of the file is that of the target and `.koodrive-part`. It is removed when this is dropped, unless a state
/// knows of something in it: see [`kept_with`](Self::kept_with).
#[derive(Debug)]
pub struct Partial {
    target: PathBuf,
    path: PathBuf,
    file: File,
    /// Whether it is kept, though it isn't complete.
    is_worth: Option<Arc<AtomicBool>>,
    is_done: AtomicBool,
    was_there: bool,
}

impl Partial {
    /// Creates the file for a target, or opens it if it is there.
    ///
    /// Fails if the target is a folder, if its folder doesn't exist, and if another process writes to it.
    pub fn open(target: impl Into<PathBuf>) -> Result<Self, Error> {
        let target = target.into();
        let failed = |path: &Path, error| Error::local_io(&format!("{} can't be written", path.display()), error);
        if fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
            let what = "it is there, and no regular file";
            return Err(failed(&target, io::Error::new(io::ErrorKind::AlreadyExists, what)));
        }
        let path = beside(&target).ok_or_else(|| failed(&target, io::Error::other("it has no name of its own")))?;
        let was_there = fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 0);
        let file = lock(&path).map_err(|error| failed(&path, error))?.ok_or_else(|| {
            Error::local(format!("{} is being written by another download; wait for its end", target.display()))
        })?;
        Ok(Self { target, path, file, is_worth: None, is_done: AtomicBool::new(false), was_there })
    }

    /// Keeps the file when this is dropped, if the state has more than what was to be done: then it can be gone on
    /// with.
    #[must_use]
    pub fn kept_with(mut self, state: &StateFile) -> Self {
        self.is_worth = Some(state.is_worth());
        self
    }

    /// Returns whether there was something in it when it was opened.
    pub fn was_there(&self) -> bool {
        self.was_there
    }

    /// Returns a text that no other file has, by what the system knows it. See
    /// [`Download::sink_mark`](koodrive_proto::flow::Download::sink_mark).
    pub fn mark(&self) -> Result<String, Error> {
        let metadata = self.file.metadata().map_err(|error| self.failed("can't be looked at", error))?;
        let created = metadata.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(format!("{}/{}", number(&metadata), created.unwrap_or_default().as_nanos()))
    }

    /// Puts a new file in its place, which is empty and has another mark: whoever knows the old one sees that it is
    /// gone.
    pub fn renew(&mut self) -> Result<(), Error> {
        let renewed = fs::remove_file(&self.path).and_then(|()| lock(&self.path));
        match renewed.map_err(|error| self.failed("can't be written", error))? {
            Some(file) => (self.file, self.was_there) = (file, false),
            None => return Err(Error::local(format!("{} is written by somebody else", self.path.display()))),
        }
        Ok(())
    }

    /// Gives it the name of the target, which is replaced if it is there: then its permissions are kept, and a symbolic
    /// link isn't followed. With `durable`, that survives a power cut.
    pub fn complete(&self, length: u64, durable: bool) -> Result<(), Error> {
        let finish = || {
            // A content that came before may have been longer.
            self.file.set_len(length)?;
            keep_permissions(&self.target, &self.file)?;
            if durable {
                self.file.sync_all()?;
            }
            fs::rename(&self.path, &self.target)?;
            self.is_done.store(true, Ordering::Relaxed);
            if durable { sync_folder(&self.target) } else { Ok(()) }
        };
        finish().map_err(|error| self.failed("is complete, but can't get its name", error))
    }

    fn failed(&self, what: &str, error: io::Error) -> Error {
        Error::local_io(&format!("{} {what}", self.path.display()), error)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let is_kept = self.is_worth.as_ref().is_some_and(|is_worth| is_worth.load(Ordering::Relaxed));
        if !*self.is_done.get_mut() && !is_kept {
            drop(fs::remove_file(&self.path));
        }
    }
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;

    format!("{}/{}", metadata.dev(), metadata.ino())
}

/// The time of its creation has to do.
#[cfg(not(unix))]
fn number(_: &Metadata) -> String {
    String::new()
}

/// What others couldn't read they can't read afterwards.
#[cfg(unix)]
fn keep_permissions(target: &Path, file: &File) -> io::Result<()> {
    match fs::symlink_metadata(target) {
        Ok(there) if there.is_file() => file.set_permissions(there.permissions()),
        _ => Ok(()),
    }
}

/// They belong to the folder.
#[cfg(not(unix))]
fn keep_permissions(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

impl Sink for Partial {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        // Whoever has to make room looks for the file.
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", self.path.display()));
        write_file_at(&self.file, position, bytes).map_err(named)
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_file_at(&self.file, position, buffer)
    }

    fn is_readable(&self) -> bool {
        true
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Returns the path of the file for a target; `None` if the target has no name.
pub(crate) fn beside(target: &Path) -> Option<PathBuf> {
    let name = target.file_name()?;
    let mut partial = OsString::from(name);
    partial.push(SUFFIX);
    if partial.len() > LONGEST {
        // Still another one for each name.
        let digest = Digest::of(name.as_encoded_bytes()).to_string();
        partial = OsString::from(format!("{digest}{SUFFIX}"));
    }
    Some(target.with_file_name(partial))
}

#[cfg(unix)]
fn write_file_at(file: &File, position: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, position)
}

#[cfg(windows)]
fn write_file_at(file: &File, mut position: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, position) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => (bytes, position) = (&bytes[written..], position + written as u64),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Makes the new name survive a power cut.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()
}

/// Folders can't be opened for that.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
