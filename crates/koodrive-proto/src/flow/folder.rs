//! One folder: all that is in it, and making it.

use std::collections::BTreeSet;
use std::mem;
use std::time::Duration;

use crate::api::{Api, Options};
use crate::error::{Error, ErrorKind, Sent};
use crate::flow::attempts::Attempts;
use crate::flow::children::{Children, Found, InSpace, Listing};
use crate::flow::{Event, Flow, PathError, Step, options, step};
use crate::ops::files::{CreateDirectory, File, FilePage, OnConflict};
use crate::param::{FileId, IntoParam};
use crate::time::Now;

/// The code of a name that is taken.
const TAKEN: &str = "13000405";
/// How many times a folder is created if the answers are lost.
const TRIES: u32 = 3;

/// Lists all that is in one folder, to its end, as [`Pages`](super::Pages) lists it.
///
/// What is in the recycle bin is left out. An entry that is listed twice, with one id, counts once; two entries of one
/// name are both in the result.
///
/// ```
/// use koodrive_proto::flow::{InSpace, ListFolder};
/// use koodrive_proto::testing::{Reply, World};
/// use koodrive_proto::{Api, Credentials};
///
/// let api = Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200"))?;
/// let mut world = World::script([
///     Reply::ok(r#"{"code": 0, "files": [{"id": "Fk0n", "fileName": "25", "fileType": "10"}], "nextCursor": "C2"}"#),
///     Reply::ok(r#"{"code": 0, "files": [{"id": "FqS6", "fileName": "plan.pdf", "fileType": "45", "size": 7}]}"#),
/// ]);
/// let space = InSpace::personal("IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b");
/// let listed = world.run(&api, &mut ListFolder::new(space, "root"))?;
/// assert!(listed.found[0].is_folder);
/// assert_eq!(listed.found[1].size, Some(7));
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct ListFolder {
    space: InSpace,
    folder: FileId,
    ids: BTreeSet<FileId>,
    listed: Listed,
    /// Except while the folder is read.
    attempts: Attempts,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Reading(Box<Listing>),
    Over,
}

/// What is in a folder.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Listed {
    /// Its files and folders, in the order of the listing.
    pub found: Vec<Found>,
    /// Entries that have no id or no name.
    pub unusable: Vec<File>,
}

impl ListFolder {
    /// Lists a folder, of which the id is given; `root` is the root of the space.
    pub fn new(space: InSpace, folder: impl IntoParam<FileId>) -> Self {
        Self {
            space,
            folder: folder.into_param(),
            ids: BTreeSet::new(),
            listed: Listed::default(),
            attempts: Attempts::in_total(Options::default()),
            state: State::Ready,
        }
    }

    options!(attempts.options);

    /// Sets how long the whole flow may take, with all pages, attempts and pauses, counted from its first step. There
    /// is no deadline unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.attempts.options.deadline = Some(deadline);
        self
    }

    fn take_from(&mut self, page: FilePage) {
        for entry in page.files.into_iter().filter(|entry| entry.recycled != Some(true)) {
            let id = entry.id.clone().filter(|id| !id.as_str().is_empty());
            match (id, entry.file_name.clone()) {
                (Some(id), Some(name)) => {
                    if self.ids.insert(id.clone()) {
                        self.listed.found.push(Found::new(id, name, entry));
                    }
                }
                _ => self.listed.unusable.push(entry),
            }
        }
    }
}

impl Flow for ListFolder {
    type Output = Listed;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<Listed, Error>> {
        if let State::Ready = self.state {
            if !matches!(event, Event::Start) {
                return Step::Done(Err(Error::misuse("a flow begins with Start")));
            }
            let attempts = mem::replace(&mut self.attempts, Attempts::new(Options::default()));
            self.state = State::Reading(Box::new(self.space.list(&self.folder, attempts)));
        }
        loop {
            let State::Reading(listing) = &mut self.state else {
                return Step::Done(Err(Error::misuse("the flow is over")));
            };
            let result = match step!(listing.resume(api, now, event)) {
                Ok(Some(page)) => {
                    self.take_from(page);
                    event = Event::Start;
                    continue;
                }
                Ok(None) => Ok(mem::take(&mut self.listed)),
                Err(error) => Err(error),
            };
            self.state = State::Over;
            return Step::Done(result);
        }
    }
}

/// Makes a folder, or finds the one that has its name already.
///
/// The folder is created with [`OnConflict::Refuse`]. If that fails, its parent is listed as by [`Children`], which
/// decides: the name may be taken, or the folder may have been created although the answer was lost. If the answer was
/// lost and the folder isn't there, it is created again, at most three times in all; thanks to `Refuse`, no two of them
/// can be there then.
///
/// If a file has the name, that is a [`PathError::IsFile`], as an error of kind [`Build`](ErrorKind::Build).
///
/// ```
/// use koodrive_proto::flow::{InSpace, MakeFolder};
/// use koodrive_proto::testing::{Reply, World};
/// use koodrive_proto::{Api, Credentials};
///
/// let api = Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200"))?;
/// let mut world = World::script([
///     Reply::status(400, r#"{"code": "13000405", "msg": "Duplicate file name."}"#),
///     Reply::ok(r#"{"code": 0, "files": [{"id": "Fk0n", "fileName": "2026", "fileType": "10"}]}"#),
/// ]);
/// let space = InSpace::personal("IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b");
/// let made = world.run(&api, &mut MakeFolder::new(space, "root", "2026"))?;
/// assert_eq!((made.id.as_str(), made.is_new), ("Fk0n", false));
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct MakeFolder {
    op: CreateDirectory,
    /// Looks for the folder; it has the attempts of the other requests, too.
    children: Children,
    /// Why the folder is looked for.
    looking: Option<Error>,
    tries: u32,
    over: bool,
}

/// A folder that was made or found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MadeFolder {
    /// Its id.
    pub id: FileId,
    /// Whether it was created; false also if that isn't known, since an answer was lost.
    pub is_new: bool,
}

impl MakeFolder {
    /// Makes a folder of this name in another one, of which the id is given; `root` is the root of the space.
    pub fn new(space: InSpace, parent: impl IntoParam<FileId>, name: impl Into<String>) -> Self {
        let (parent, name) = (parent.into_param(), name.into());
        // The page says what no parent means, but not whether `root` may be sent.
        let op = CreateDirectory::new(&name, space.id()).rename_mode(OnConflict::Refuse);
        let op = if parent == "root" { op } else { op.parent_folder(&parent) };
        Self { op, children: Children::new(space, parent, [name]), looking: None, tries: 0, over: false }
    }

    options!(children.attempts.options);

    /// Sets the shared folder to work in.
    pub fn share_folder_id(mut self, id: impl Into<String>) -> Self {
        self.op.share_folder_id = Some(id.into());
        self
    }

    /// Sets how long the whole flow may take, with all requests, attempts and pauses, counted from its first step.
    /// There is no deadline unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.children = self.children.deadline(deadline);
        self
    }

    fn name(&self) -> &str {
        self.op.file_name.as_str()
    }

    /// What the call has come to; `None` if the folder is to be looked for.
    fn created(&mut self, result: Result<Option<FileId>, Error>) -> Option<Result<MadeFolder, Error>> {
        self.children.attempts.renew();
        self.tries = self.tries.saturating_add(1);
        let error = match result {
            Ok(Some(id)) if !id.as_str().is_empty() => return Some(Ok(MadeFolder { id, is_new: true })),
            Ok(_) => Error::decode("the new folder has no id"),
            Err(error) if error.kind() == ErrorKind::Deadline || error.was_sent() == Sent::No => {
                return Some(Err(error));
            }
            Err(error) => error,
        };
        let (folder, name) = (self.children.folder.clone(), self.name().to_owned());
        self.children.go_on(folder, name);
        self.looking = Some(error);
        None
    }

    /// What is there; `None` if the folder is to be created once more.
    fn looked(&mut self, error: Error, found: Option<Found>) -> Option<Result<MadeFolder, Error>> {
        match found {
            Some(found) if found.is_folder => Some(Ok(MadeFolder { id: found.id, is_new: false })),
            Some(file) => Some(Err(PathError::IsFile { path: file.name, id: file.id }.into())),
            None if is_lost(&error) && self.tries < TRIES => None,
            None => Some(Err(error)),
        }
    }
}

/// Whether the call may have done nothing, although nobody refused it.
fn is_lost(error: &Error) -> bool {
    error.code() != Some(TAKEN)
        && (error.was_sent() == Sent::Maybe || error.status().is_none_or(|status| status.is_server_error()))
}

impl Flow for MakeFolder {
    type Output = MadeFolder;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<MadeFolder, Error>> {
        if self.over {
            return Step::Done(Err(Error::misuse("the flow is over")));
        }
        loop {
            let result = if let Some(error) = self.looking.take() {
                let found = match self.children.resume(api, now, event) {
                    Step::Done(found) => found,
                    waiting => {
                        self.looking = Some(error);
                        return waiting.map(|_| Err(Error::misuse("the listing is over")));
                    }
                };
                let name = self.name().to_owned();
                found.map_or_else(|error| Some(Err(error)), |mut found| self.looked(error, found.remove(&name)))
            } else {
                let result = step!(self.children.attempts.drive(&self.op, api, now, event));
                self.created(result.map(|folder| folder.id))
            };
            if let Some(result) = result {
                self.over = true;
                return Step::Done(result);
            }
            event = Event::Start;
        }
    }
}
