//! Files that are written beside their target, and get its name once they are complete.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use koodrive_proto::Error;
use koodrive_proto::transfer::Digest;

use crate::sink::Sink;
use crate::source::read_file_at;
use crate::state::lock;

/// How the name of a file ends that isn't complete.
pub(crate) const SUFFIX: &str = ".koodrive-part";
/// How long a name may be; most file systems allow 255 bytes.
const LONGEST: usize = 255;

/// A file that is written beside its target, locked, and renamed once it is complete. So the target is always either
/// what it was or all that it is to be.
///
/// The name of the file is that of the target and `.koodrive-part`. Unless it is kept for resuming, it is removed when
/// this is dropped.
#[derive(Debug)]
pub struct Partial {
    target: PathBuf,
    path: PathBuf,
    file: File,
    is_kept: bool,
    is_done: AtomicBool,
    was_there: bool,
}

impl Partial {
    /// Creates the file for a target, or opens it if it is there. With `keep`, it is left behind unless it is
    /// [completed](Self::complete).
    ///
    /// Fails if the target is a folder, if its folder doesn't exist, and if another process writes to it.
    pub fn open(target: impl Into<PathBuf>, keep: bool) -> Result<Self, Error> {
        let target = target.into();
        let failed = |error| Error::local_io(&format!("{} can't be written", target.display()), error);
        if fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
            let what = "it is there, and no regular file";
            return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, what)));
        }
        let path = beside(&target).ok_or_else(|| failed(io::Error::other("it has no name of its own")))?;
        let was_there = fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 0);
        let file = lock(&path).map_err(failed)?.ok_or_else(|| {
            Error::local(format!("{} is being written by another download; wait for its end", target.display()))
        })?;
        Ok(Self { target, path, file, is_kept: keep, is_done: AtomicBool::new(false), was_there })
    }

    /// Returns whether there was something in it when it was opened.
    pub fn was_there(&self) -> bool {
        self.was_there
    }

    /// Empties it.
    pub fn clear(&self) -> Result<(), Error> {
        self.file.set_len(0).map_err(|error| self.failed("can't be written", error))
    }

    /// Gives it the name of the target, which is replaced if it is there. With `durable`, that survives a power cut.
    pub fn complete(&self, length: u64, durable: bool) -> Result<(), Error> {
        let finish = || {
            // A content that came before may have been longer.
            self.file.set_len(length)?;
            if durable {
                self.file.sync_all()?;
            }
            fs::rename(&self.path, &self.target)?;
            if durable { sync_folder(&self.target) } else { Ok(()) }
        };
        finish().map_err(|error| self.failed("is complete, but can't get its name", error))?;
        self.is_done.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn failed(&self, what: &str, error: io::Error) -> Error {
        Error::local_io(&format!("{} {what}", self.path.display()), error)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let is_empty = || self.file.metadata().is_ok_and(|metadata| metadata.len() == 0);
        if !*self.is_done.get_mut() && (!self.is_kept || is_empty()) {
            drop(fs::remove_file(&self.path));
        }
    }
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
