//! Paths of names, one folder after the other.

use std::mem;
use std::time::Duration;

use crate::api::Api;
use crate::check::{InvalidParam, Shown, counted};
use crate::error::Error;
use crate::flow::children::{Children, Found, InSpace, check};
use crate::flow::{Event, Flow, Step, options, step};
use crate::param::{FileId, IntoParam};
use crate::time::Now;

/// Walks down a path of names, from the root of a space or from one of its folders, and finds their ids.
///
/// It takes a listing for each folder on the way: one request for each 100 entries. [`Children`], which is one step of
/// it, says how names are compared, and what a name that stands twice leads to. Nothing is cached; ids stay the same
/// when something is renamed or moved, so check what you keep: GetFile has name and folder.
///
/// That something doesn't exist is a result, not an error: [`Resolved`] says how far the path goes. At most 30 folders
/// and what is in the last of them are allowed: 30 levels of folders are the product's limit, by its user guide (the
/// service's error is 13000310).
///
/// ```
/// use koodrive_proto::flow::{InSpace, Resolve};
/// use koodrive_proto::testing::{Reply, World};
/// use koodrive_proto::{Api, Credentials};
///
/// let api = Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200"))?;
/// let mut world = World::script([
///     Reply::ok(r#"{"code": 0, "files": [{"id": "Fk0n", "fileName": "2026", "fileType": "10"}]}"#),
///     Reply::ok(r#"{"code": 0, "files": [{"id": "FqS6", "fileName": "plan.pdf", "fileType": "45", "size": 7}]}"#),
///     Reply::ok(r#"{"code": 0, "files": []}"#),
/// ]);
/// let space = InSpace::personal("IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b");
///
/// let resolved = world.run(&api, &mut Resolve::new(space.clone(), "2026/plan.pdf".split('/')))?;
/// assert_eq!(resolved.file()?.id, "FqS6");
///
/// let resolved = world.run(&api, &mut Resolve::new(space, ["b.txt"]).from("Fk0n"))?;
/// assert_eq!(resolved.file().unwrap_err().to_string(), "the folder Fk0n has nothing that is named `b.txt`: `b.txt`");
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Resolve {
    start: FileId,
    path: Vec<String>,
    found: Vec<Found>,
    children: Children,
}

/// The most folders above a file: the product's limit of levels.
const LEVELS: usize = 30;

impl Resolve {
    /// Walks down from the root of the space. An empty path ends where it begins, without a request.
    pub fn new(space: InSpace, path: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let path: Vec<String> = path.into_iter().map(Into::into).collect();
        let start = FileId::from("root");
        let children = Children::new(space, &start, path.first());
        Self { start, path, found: Vec::new(), children }
    }

    options!(children.attempts.options);

    /// Walks down from this folder; `sbox` is the root of the safe.
    pub fn from(mut self, folder: impl IntoParam<FileId>) -> Self {
        self.start = folder.into_param();
        self.children.folder = self.start.clone();
        self
    }

    /// Sets how long the whole walk may take, with all folders, pages, attempts and pauses, counted from its first
    /// step. There is no deadline unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.children = self.children.deadline(deadline);
        self
    }

    fn check(&self) -> Result<(), InvalidParam> {
        for (at, name) in self.path.iter().enumerate() {
            check(name, || format!("path[{at}]"))?;
        }
        if self.path.len() > LEVELS.saturating_add(1) {
            let got = counted(self.path.len(), "name", "names");
            return Err(InvalidParam::new("path", got, format!("{LEVELS} folders and what is in the last of them")));
        }
        Ok(())
    }
}

impl Flow for Resolve {
    type Output = Resolved;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<Resolved, Error>> {
        if self.children.is_ready() {
            if let Err(invalid) = self.check() {
                self.children.end();
                return Step::Done(Err(invalid.into()));
            }
        }
        loop {
            let mut children = match step!(self.children.resume(api, now, event)) {
                Ok(children) => children,
                Err(error) => return Step::Done(Err(error)),
            };
            let next = self.path.get(self.found.len()).and_then(|name| children.remove(name));
            let Some(found) = next else { break };
            let folder = found.is_folder.then(|| found.id.clone());
            self.found.push(found);
            let (Some(folder), Some(name)) = (folder, self.path.get(self.found.len())) else { break };
            self.children.go_on(folder, name.clone());
            event = Event::Start;
        }
        let rest = self.path.split_off(self.found.len());
        Step::Done(Ok(Resolved { start: self.start.clone(), found: mem::take(&mut self.found), rest }))
    }
}

/// How far a path goes: what its first names stand for, and those names that stand for nothing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Resolved {
    /// The folder that the walk began in.
    pub start: FileId,
    /// What the first names of the path stand for, in order. All but the last are folders.
    pub found: Vec<Found>,
    /// The other names: the first of them is not in the last folder, or what was found last is a file. Empty if all of
    /// the path exists.
    pub rest: Vec<String>,
}

impl Resolved {
    /// Returns the file at the end of the path.
    pub fn file(&self) -> Result<&Found, PathError> {
        self.whole()?;
        match self.found.last() {
            Some(found) if !found.is_folder => Ok(found),
            _ => Err(PathError::IsFolder { path: self.path(), id: self.last().clone() }),
        }
    }

    /// Returns the id of the folder at the end of the path, which is that of the start for an empty path.
    pub fn folder(&self) -> Result<&FileId, PathError> {
        self.whole()?;
        if self.ends_in_file() {
            return Err(PathError::IsFile { path: self.path(), id: self.last().clone() });
        }
        Ok(self.last())
    }

    /// Returns whether what was found last is a file. If there are other names behind it, it is in their way.
    pub fn ends_in_file(&self) -> bool {
        self.found.last().is_some_and(|found| !found.is_folder)
    }

    fn whole(&self) -> Result<(), PathError> {
        match self.rest.first() {
            None => Ok(()),
            Some(_) if self.ends_in_file() => Err(PathError::IsFile { path: self.path(), id: self.last().clone() }),
            Some(name) => {
                let path = if self.found.is_empty() { name.clone() } else { format!("{}/{name}", self.path()) };
                Err(PathError::Missing { path, name: name.clone(), folder: self.last().clone() })
            }
        }
    }

    fn last(&self) -> &FileId {
        self.found.last().map_or(&self.start, |found| &found.id)
    }

    fn path(&self) -> String {
        self.found.iter().map(|found| found.name.as_str()).collect::<Vec<_>>().join("/")
    }
}

/// Why a path doesn't lead to what is wanted.
///
/// As an [`Error`], `Missing` is one of kind [`NotFound`](crate::ErrorKind::NotFound), and the others are of kind
/// [`Build`](crate::ErrorKind::Build): without an id, the request that was meant can't be built. [`Error::get_ref`] has
/// it then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// A folder has nothing of that name.
    #[error("the folder {} has nothing that is named `{}`: `{}`", Shown(.folder.as_str()), Shown(.name), Shown(.path))]
    Missing {
        /// The path down to that name.
        path: String,
        /// The name.
        name: String,
        /// The id of the folder.
        folder: FileId,
    },
    /// There is a file where a folder is wanted, maybe in the middle of the path.
    #[error("{} is a file, not a folder: `{}`", Shown(.id.as_str()), Shown(.path))]
    IsFile {
        /// The path down to the file.
        path: String,
        /// The id of the file.
        id: FileId,
    },
    /// There is a folder where a file is wanted.
    #[error("{} is a folder, not a file: `{}`", Shown(.id.as_str()), Shown(.path))]
    IsFolder {
        /// The path.
        path: String,
        /// The id of the folder.
        id: FileId,
    },
}

impl From<PathError> for Error {
    fn from(error: PathError) -> Self {
        match error {
            PathError::Missing { .. } => Self::not_found(error),
            _ => Self::build(error),
        }
    }
}
