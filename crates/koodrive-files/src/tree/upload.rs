//! The upload of a folder: what goes where.

use std::fs;
use std::path::{Path, PathBuf};

use koodrive_proto::Error;
use koodrive_proto::transfer::Plan;

use crate::options::UploadTo;
use crate::tree::local::{LocalFile, LocalTree, check, join};
use crate::tree::remote::{MadeFolders, MakeFolders, split};
use crate::tree::report::{FolderReport, Notice, Notices};

/// What the upload of a folder consists of. All names were checked.
#[derive(Debug)]
#[must_use]
pub struct UploadPlan {
    root: PathBuf,
    /// The name that the folder gets.
    pub name: String,
    /// What is in it.
    pub tree: LocalTree,
    to: UploadTo,
}

impl UploadPlan {
    /// Walks a folder, but not the `state` of this transfer. It becomes a folder where `to` says, by its own name or by
    /// [`UploadTo::name`].
    ///
    /// Fails if the folder can't be read, and if the service would refuse anything in it: the error has all of it, as
    /// [`Notices`], and nothing was sent.
    pub fn new(root: &Path, to: &UploadTo, state: Option<&Path>) -> Result<Self, Error> {
        if to.is_revision() {
            return Err(Error::local("a folder can't be a revision of a file"));
        }
        // `.` and `..` have names, too.
        let path = if root.file_name().is_some() { root.to_owned() } else { absolute(root)? };
        let name = to.name_of(Some(&path))?;
        let tree = LocalTree::walk(root, state)?;
        let mut refused = tree.refused.clone();
        if let Err(why) = check(name.as_ref(), true, 0) {
            refused.insert(0, Notice::new(&name, why));
        }
        if refused.is_empty() {
            return Ok(Self { root: root.to_owned(), name, tree, to: to.clone() });
        }
        Err(Notices(refused).into_error("can't be uploaded, so nothing was sent"))
    }

    /// Returns the flow that makes the folders, the outermost one included.
    pub fn make_folders(&self) -> MakeFolders {
        let paths = std::iter::once("").chain(self.tree.folders.iter().map(String::as_str));
        let make = MakeFolders::new(self.to.space.clone(), &self.to.folder, paths.map(|path| self.remote(path)));
        match &self.to.share_folder_id {
            Some(id) => make.share_folder_id(id),
            None => make,
        }
    }

    /// Returns where a file is to be read.
    pub fn source(&self, file: &LocalFile) -> PathBuf {
        self.root.join(&file.path)
    }

    /// Returns where a file goes. If its folder isn't there, a notice says so.
    pub fn to(&self, made: &MadeFolders, file: &LocalFile) -> Result<UploadTo, Notice> {
        let (folder, name) = split(&file.path);
        match made.ids.get(&self.remote(folder)) {
            Some(id) => Ok(self.to.clone().folder(id).name(name)),
            None => Err(Notice::new(&file.path, "the folder that it belongs in could not be made")),
        }
    }

    /// Whether a file has one part only: of such files, several are moved at the same time.
    pub fn is_small(&self, file: &LocalFile) -> bool {
        file.length <= self.to.part_bytes().unwrap_or(Plan::PART_SIZE)
    }

    /// Returns how many bytes all files have.
    pub fn bytes(&self) -> u64 {
        self.tree.files.iter().fold(0, |sum, file| sum.saturating_add(file.length))
    }

    /// Begins the report, once the folders are made: it has what was skipped, what can't be read, and the folders.
    pub fn report(&self, made: &MadeFolders) -> FolderReport {
        let failed = self.tree.unreadable.iter().chain(&made.failed).cloned().collect();
        FolderReport {
            // All but the one that it begins in.
            folders: made.ids.len().saturating_sub(1) as u64,
            skipped: self.tree.skipped.clone(),
            conflicts: made.conflicts.clone(),
            failed,
            ..FolderReport::default()
        }
    }

    fn remote(&self, path: &str) -> String {
        if path.is_empty() { self.name.clone() } else { join(&self.name, path) }
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(|error| Error::local_io(&format!("{} can't be read", path.display()), error))
}
