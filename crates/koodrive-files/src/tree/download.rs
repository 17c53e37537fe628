//! The download of a folder: what goes where.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use koodrive_proto::flow::{Download, InSpace};
use koodrive_proto::param::IntoParam;
use koodrive_proto::{Error, FileId, SpaceId};

use crate::partial::beside;
use crate::tree::remote::{ListTree, RemoteFile, RemoteTree, split};
use crate::tree::report::{FolderReport, Notice};

/// What happens to a local file that is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Existing {
    /// It stays, and is reported as a conflict.
    #[default]
    Refuse,
    /// It is replaced, once all of the new file is there. A symbolic link to a file is replaced itself, not what it
    /// leads to. What is no file isn't replaced.
    Replace,
}

/// Which folder is downloaded, and how.
#[derive(Debug, Clone)]
#[must_use]
pub struct FolderFrom {
    pub(super) space: InSpace,
    pub(super) folder: FileId,
    existing: Existing,
}

impl FolderFrom {
    /// The root folder of the caller's own space, unless [`folder`](Self::folder) names another one in it.
    pub fn new(space: impl IntoParam<SpaceId>) -> Self {
        Self::in_space(InSpace::personal(space))
    }

    /// The root folder of any space: whose that is decides how its folders are listed.
    pub fn in_space(space: InSpace) -> Self {
        Self { space, folder: "root".into(), existing: Existing::default() }
    }

    /// Sets the folder: its id, or `root`.
    pub fn folder(mut self, id: impl IntoParam<FileId>) -> Self {
        self.folder = id.into_param();
        self
    }

    /// Sets what happens to local files that are there already: they stay unless set.
    pub fn existing(mut self, what: Existing) -> Self {
        self.existing = what;
        self
    }

    /// Returns the flow that lists the folder.
    pub fn list(&self) -> ListTree {
        ListTree::new(self.space.clone(), &self.folder)
    }

    /// Returns the download of a file of it.
    pub fn download(&self, file: &RemoteFile) -> Download {
        Download::new(self.space.id(), &file.id)
    }
}

/// What the download of a folder consists of.
#[derive(Debug)]
#[must_use]
pub struct DownloadPlan {
    target: PathBuf,
    existing: Existing,
    /// What is to be downloaded.
    pub tree: RemoteTree,
}

impl DownloadPlan {
    /// Makes the local folders, and begins the report: it has what was renamed, what can't be downloaded, and what is
    /// in the way of a folder.
    ///
    /// The target is the folder that gets what was listed. It is made if it isn't there, but not what it is in; a
    /// symbolic link to a folder is followed. In it, no link is: one in the place of a folder is a conflict.
    pub fn new(tree: RemoteTree, target: &Path, from: &FolderFrom) -> Result<(Self, FolderReport), Error> {
        let failed = |error| Error::local_io(&format!("{} can't be made", target.display()), error);
        match fs::metadata(target) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(failed(io::Error::new(io::ErrorKind::NotADirectory, "it is there, and no folder"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(target).map_err(failed)?,
            Err(error) => return Err(failed(error)),
        }
        let mut report =
            FolderReport { renamed: tree.renamed.clone(), failed: tree.failed.clone(), ..FolderReport::default() };
        let plan = Self { target: target.to_owned(), existing: from.existing, tree };
        for path in &plan.tree.folders {
            // What is in a folder that isn't there isn't told again.
            if plan.way(split(path).0).is_err() {
                continue;
            }
            match plan.make(path) {
                Ok(()) => report.folders += 1,
                Err((why, true)) => report.conflicts.push(Notice::new(path, why)),
                Err((why, false)) => report.failed.push(Notice::new(path, why)),
            }
        }
        Ok((plan, report))
    }

    /// Makes one folder. The error has why not, and whether that is since something is in its place.
    fn make(&self, path: &str) -> Result<(), (String, bool)> {
        let place = self.target.join(path);
        match fs::symlink_metadata(&place) {
            Ok(metadata) if metadata.is_dir() => Ok(()),
            Ok(_) => Err(("a file or a link is in the place of the folder".to_owned(), true)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir(&place).map_err(|error| (format!("the folder can't be made: {error}"), false))
            }
            Err(error) => Err((format!("the folder can't be made: {error}"), false)),
        }
    }

    /// Returns where a file goes, if nothing is in its way; otherwise the conflict.
    ///
    /// Ask right before the file is downloaded: what is there may have changed since the plan was made, and on some
    /// systems another file of the tree may have got this name, as [`local_names`](crate::local_names) says.
    pub fn place(&self, file: &RemoteFile) -> Result<PathBuf, Notice> {
        let conflict = |why: &str| Notice::new(&file.path, why);
        self.way(split(&file.path).0).map_err(conflict)?;
        let place = self.target.join(&file.path);
        if beside(&place).is_some_and(|beside| fs::symlink_metadata(beside).is_ok_and(|there| !there.is_file())) {
            return Err(conflict("something else is in the place of the unfinished file"));
        }
        match fs::symlink_metadata(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(place),
            Err(error) => Err(conflict(&format!("its place can't be looked at: {error}"))),
            Ok(there) if there.is_dir() => Err(conflict("a folder is in its place")),
            Ok(_) if self.existing == Existing::Refuse => Err(conflict("something is in its place already, and stays")),
            // Of a link, what it leads to: what leads nowhere can be replaced.
            Ok(_) if fs::metadata(&place).is_ok_and(|there| !there.is_file()) => {
                Err(conflict("what is in its place is no file"))
            }
            Ok(_) => Ok(place),
        }
    }

    /// Whether a path is in the target.
    pub(super) fn contains(&self, path: &Path) -> bool {
        match (fs::canonicalize(&self.target), fs::canonicalize(path)) {
            (Ok(target), Ok(path)) => path.starts_with(target),
            _ => false,
        }
    }

    /// Returns where a file is once it is downloaded.
    pub fn path(&self, file: &RemoteFile) -> PathBuf {
        self.target.join(&file.path)
    }

    /// Returns how many bytes all files have, as far as the listing says.
    pub fn bytes(&self) -> u64 {
        self.tree.files.iter().filter_map(|file| file.size).fold(0, u64::saturating_add)
    }

    /// Whether a file is one range only: of such files, several are moved at the same time. One of unknown size isn't.
    pub fn is_small(&self, file: &RemoteFile) -> bool {
        file.size.is_some_and(|size| size <= Download::RANGE_SIZE)
    }

    /// Checks that all on the way to a folder in the target are folders, and no links.
    fn way(&self, folder: &str) -> Result<(), &'static str> {
        let mut place = self.target.clone();
        for name in folder.split('/').filter(|name| !name.is_empty()) {
            place.push(name);
            match fs::symlink_metadata(&place) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Err("a file or a link is in the place of a folder that it belongs in"),
                Err(_) => return Err("a folder that it belongs in isn't there"),
            }
        }
        Ok(())
    }
}
