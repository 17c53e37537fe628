//! What is in a local folder.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::Path;

use koodrive_proto::ops::files::{CreateDirectory, CreateFile, FileType, OnConflict};
use koodrive_proto::{Error, Operation};

use crate::names::is_ours;
use crate::source::mark;
use crate::tree::Notice;

/// How many folders may be one in the other: the product's limit of levels, by its user guide.
const LEVELS: usize = 30;

/// A file in a local folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalFile {
    /// Where it is in the folder, with `/` between names.
    pub path: String,
    /// How many bytes it has.
    pub length: u64,
    /// Another one if the file was changed: that of [`FileSource`](crate::FileSource).
    pub mark: String,
}

/// What is in a local folder, by the order of the paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalTree {
    /// Where its folders are, each before what is in it.
    pub folders: Vec<String>,
    /// Its files.
    pub files: Vec<LocalFile>,
    /// What isn't moved: symbolic links, pipes, sockets, devices, and what unfinished transfers left.
    pub skipped: Vec<Notice>,
    /// What the service wouldn't take, by its name, size or depth.
    pub refused: Vec<Notice>,
    /// What couldn't be read.
    pub unreadable: Vec<Notice>,
}

impl LocalTree {
    /// Walks a folder, but not what is in `leave_out`. It is an error only if the folder itself can't be read.
    ///
    /// No link is followed but the path of the folder itself, so nothing is walked twice.
    pub fn walk(root: &Path, leave_out: Option<&Path>) -> Result<Self, Error> {
        let unreadable = |error| Error::local_io(&format!("{} can't be read", root.display()), error);
        // Read once here, so that an empty tree isn't taken for what can't be read.
        fs::read_dir(root).map_err(unreadable)?;
        let leave_out = leave_out.and_then(|path| fs::canonicalize(path).ok());
        let mut tree = Self::default();
        let mut folders = vec![(root.to_owned(), String::new(), 1)];
        while let Some((folder, path, level)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) => {
                    tree.unreadable.push(Notice::new(path, format!("the folder can't be read: {error}")));
                    continue;
                }
            };
            for entry in entries {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        tree.unreadable
                            .push(Notice::new(&path, format!("the folder can't be read to its end: {error}")));
                        break;
                    }
                };
                if let Some(below) = tree.take(&entry, &path, level, leave_out.as_deref()) {
                    folders.push((entry.path(), below, level + 1));
                }
            }
        }
        tree.folders.sort_unstable();
        tree.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        for notices in [&mut tree.skipped, &mut tree.refused, &mut tree.unreadable] {
            notices.sort_unstable();
        }
        Ok(tree)
    }

    /// Takes an entry of a folder on that level, and returns its path if it is a folder to walk.
    fn take(&mut self, entry: &DirEntry, folder: &str, level: usize, leave_out: Option<&Path>) -> Option<String> {
        let name = entry.file_name();
        let path = join(folder, &name.to_string_lossy());
        // Both are of the entry, not of what a link leads to.
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => {
                self.unreadable.push(Notice::new(path, format!("it can't be looked at: {error}")));
                return None;
            }
        };
        let kind = metadata.file_type();
        let skip = if kind.is_symlink() {
            Some("a symbolic link, which isn't followed")
        } else if !kind.is_file() && !kind.is_dir() {
            Some("neither a file nor a folder: a pipe, a socket or a device")
        } else if is_ours(&name.to_string_lossy()) {
            Some("left by a transfer that isn't finished")
        } else if kind.is_dir() && is_same(leave_out, &entry.path()) {
            Some("the state of this transfer")
        } else {
            None
        };
        if let Some(why) = skip {
            self.skipped.push(Notice::new(path, why));
            return None;
        }
        if let Err(why) = check(&name, kind.is_dir(), metadata.len()) {
            self.refused.push(Notice::new(&path, why));
        }
        if !kind.is_dir() {
            self.files.push(LocalFile { path, length: metadata.len(), mark: mark(&metadata) });
            return None;
        }
        if level >= LEVELS {
            let why = format!("the service takes at most {LEVELS} folders one in the other; move it up");
            self.refused.push(Notice::new(path, why));
            return None;
        }
        self.folders.push(path.clone());
        Some(path)
    }
}

/// Whether a folder is the one to be left out.
fn is_same(leave_out: Option<&Path>, path: &Path) -> bool {
    leave_out.is_some_and(|leave_out| fs::canonicalize(path).is_ok_and(|path| path == *leave_out))
}

/// Checks a file or folder by the rules of the calls that create it. Returns what is wrong.
pub(super) fn check(name: &OsStr, is_folder: bool, length: u64) -> Result<(), String> {
    let name = name.to_str().ok_or("its name is no UTF-8; rename it")?;
    // What the names don't depend on is anything.
    let checked = if is_folder {
        CreateDirectory::new(name, "any").check()
    } else {
        let file = CreateFile::new(name, FileType::Miscellaneous, "root", length);
        file.auto_rename(OnConflict::Refuse).container_id("any").check()
    };
    checked.map_err(|invalid| {
        let what = if invalid.name() == "length" { "size" } else { "name" };
        format!("the service doesn't take its {what}: got {}, allowed: {}", invalid.got(), invalid.allowed())
    })
}

/// Joins paths with `/`.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
