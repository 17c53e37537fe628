//! The stored state of the transfer of a folder: a directory.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use koodrive_proto::Error;
use koodrive_proto::transfer::Digest;
use serde::{Deserialize, Serialize};

use crate::options::UploadTo;
use crate::source::{FileSource, Source};
use crate::state::lock;
use crate::tree::download::{DownloadPlan, FolderFrom};
use crate::tree::local::LocalFile;
use crate::tree::remote::RemoteFile;

/// The name of the file that tells what is done.
const DONE: &str = "done";
/// What the first line begins with.
const BEGIN: &[u8] = br#"{"folder":"#;
/// How the names of the states of single files end.
const END: &str = ".state";

/// Which files of a folder are finished, so that they aren't moved again: a directory with a file of lines, one for
/// each of them, and with the states of the files that are under way. It is locked while it is in use.
///
/// It holds paths, sizes, marks and ids, but no links, tokens or other secrets.
///
/// A file counts as finished as long as it is the same: to be uploaded with the same length and mark, or downloaded
/// and still there as it was written, while the service has the same id, size and time of change for it.
#[derive(Debug)]
pub struct FolderState {
    folder: PathBuf,
    file: File,
    done: HashMap<String, Done>,
    durable: bool,
}

/// Of which transfer it is: the first line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    folder: Way,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    UploadTo { version: u32, space: String, folder: String, name: String },
    DownloadOf { version: u32, space: String, folder: String },
}

/// A file that is finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    path: String,
    id: String,
    /// Of an upload: of the source. Of a download: of the service's file.
    length: Option<u64>,
    /// Of the local file.
    mark: String,
    /// When the service's file was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited: Option<String>,
}

impl FolderState {
    /// Opens or creates the state of the upload of a folder that gets this name.
    ///
    /// Fails if another process uses it, if it is of another transfer, and if it is no directory.
    pub fn upload(path: &Path, to: &UploadTo, name: &str, durable: bool) -> Result<Self, Error> {
        let (space, folder) = (to.space.id().as_str().to_owned(), to.folder.as_str().to_owned());
        Self::open(path, Way::UploadTo { version: 1, space, folder, name: name.to_owned() }, durable)
    }

    /// Opens or creates the state of the download of a folder, as [`upload`](Self::upload) does.
    ///
    /// It can't be in the target, where files from the service could take its place.
    pub fn download(path: &Path, from: &FolderFrom, plan: &DownloadPlan, durable: bool) -> Result<Self, Error> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        if plan.contains(parent) || plan.contains(path) {
            let why = "is in the folder that is downloaded to, which can't have the state; choose another path";
            return Err(Error::local(format!("{} {why}", path.display())));
        }
        let (space, folder) = (from.space.id().as_str().to_owned(), from.folder.as_str().to_owned());
        Self::open(path, Way::DownloadOf { version: 1, space, folder }, durable)
    }

    fn open(path: &Path, way: Way, durable: bool) -> Result<Self, Error> {
        let failed = |error| Error::local_io(&format!("the state {} can't be opened", path.display()), error);
        let other = || {
            let why = "isn't the state of this transfer, and is left as it is; remove it to begin anew";
            Error::local(format!("{} {why}", path.display()))
        };
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_dir()) {
            let why = "is a file, but the state of a folder is a directory; choose another path";
            return Err(Error::local(format!("{} {why}", path.display())));
        }
        if !path.is_dir() {
            fs::create_dir(path).map_err(failed)?;
        }
        let mut file = lock(&path.join(DONE)).map_err(failed)?.ok_or_else(|| {
            Error::local(format!("the state {} is in use by another transfer; wait for its end", path.display()))
        })?;
        let header = Header { folder: way };
        let mut text = Vec::new();
        // Whatever else it is may be long, or have no end.
        if file.metadata().map_err(failed)?.is_file() {
            (&file).take(BEGIN.len() as u64).read_to_end(&mut text).map_err(failed)?;
        }
        if text == BEGIN {
            file.read_to_end(&mut text).map_err(failed)?;
        }
        if !BEGIN.starts_with(&text[..text.len().min(BEGIN.len())]) {
            return Err(other());
        }
        let mut lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let (mut done, mut end) = (HashMap::new(), 0);
        if let Some(first) = lines.next() {
            if serde_json::from_slice::<Header>(first).ok().as_ref() != Some(&header) {
                return Err(other());
            }
            end = first.len();
            for line in lines {
                // What isn't whole was written when the process was killed.
                let Ok(entry) = serde_json::from_slice::<Done>(line) else { break };
                end += line.len();
                done.insert(entry.path.clone(), entry);
            }
        }
        file.set_len(end as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        let mut state = Self { folder: path.to_owned(), file, done, durable };
        if end == 0 {
            state.append(&header)?;
        }
        Ok(state)
    }

    /// Returns the path for the state of one file, by its path in the folder.
    pub fn of_file(&self, path: &str) -> PathBuf {
        self.folder.join(format!("{}{END}", Digest::of(path.as_bytes())))
    }

    /// Whether a file was uploaded, and hasn't changed since.
    pub fn is_uploaded(&self, file: &LocalFile) -> bool {
        let Some(done) = self.done.get(&file.path) else { return false };
        done.length == Some(file.length) && done.mark == file.mark && !done.mark.is_empty()
    }

    /// Remembers that a file was uploaded, with the id that it got. Call it before the state of the file is removed.
    pub fn uploaded(&mut self, file: &LocalFile, id: &str) -> Result<(), Error> {
        self.add(Done {
            path: file.path.clone(),
            id: id.to_owned(),
            length: Some(file.length),
            mark: file.mark.clone(),
            edited: None,
        })
    }

    /// Whether a file was downloaded to this path, and neither side has changed since.
    pub fn is_downloaded(&self, file: &RemoteFile, path: &Path) -> bool {
        let Some(done) = self.done.get(&file.path) else { return false };
        let is_same = done.id == file.id.as_str() && done.length == file.size && done.edited == file.edited;
        is_same && mark_of(path).is_some_and(|mark| mark == done.mark)
    }

    /// Remembers that a file was downloaded to this path. Call it before the state of the file is removed.
    pub fn downloaded(&mut self, file: &RemoteFile, path: &Path) -> Result<(), Error> {
        // What is gone again already isn't done.
        let Some(mark) = mark_of(path) else { return Ok(()) };
        self.add(Done {
            path: file.path.clone(),
            id: file.id.as_str().to_owned(),
            length: file.size,
            mark,
            edited: file.edited.clone(),
        })
    }

    fn add(&mut self, done: Done) -> Result<(), Error> {
        self.append(&done)?;
        self.done.insert(done.path.clone(), done);
        Ok(())
    }

    fn append(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let mut text = serde_json::to_vec(line).unwrap_or_default();
        text.push(b'\n');
        let written = self.file.write_all(&text);
        written.and_then(|()| if self.durable { self.file.sync_data() } else { Ok(()) }).map_err(|error| {
            let what =
                format!("the state {} can't be stored, and the transfer is stopped there", self.folder.display());
            Error::local_io(&what, error)
        })
    }

    /// Removes the state, once all is moved. If something failed, keep it instead: the next run moves only that.
    pub fn remove(self) -> Result<(), Error> {
        let remove = || {
            for entry in fs::read_dir(&self.folder)? {
                let path = entry?.path();
                // Of files that were moved, and whose states were not removed any more.
                if path.extension().is_some_and(|end| end == &END[1..]) && path.is_file() {
                    fs::remove_file(path)?;
                }
            }
            fs::remove_file(self.folder.join(DONE))
        };
        remove().map_err(|error| {
            let what = format!("all is transferred, but the state {} can't be removed", self.folder.display());
            Error::local_io(&what, error)
        })?;
        // Something of the caller's may be in it.
        drop(fs::remove_dir(&self.folder));
        Ok(())
    }
}

/// The mark of a regular file.
fn mark_of(path: &Path) -> Option<String> {
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    FileSource::open(path).ok()?.mark().ok().filter(|mark| !mark.is_empty())
}
