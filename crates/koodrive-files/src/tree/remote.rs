//! Folders of the service, with all that is in them: flows, to be run like any other.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::mem;

use koodrive_proto::flow::{Event, Found, InSpace, ListFolder, Listed, MakeFolder, Now, PathError, Step};
use koodrive_proto::param::IntoParam;
use koodrive_proto::{Api, Error, ErrorKind, FileId, Flow};

use crate::names::local_names;
use crate::tree::Notice;
use crate::tree::local::join;

/// How many folders may be one in the other. The service takes 30.
const DEEPEST: usize = 1_000;
/// How many bytes a path may have; no system takes longer ones.
const LONGEST: usize = 32_767;

/// The `?` of flows: passes steps that take time to the driver, and returns the result of an inner flow.
macro_rules! step {
    ($step:expr) => {
        match $step {
            Step::Send(outgoing) => return Step::Send(outgoing),
            Step::Wait(time) => return Step::Wait(time),
            Step::Done(result) => result,
        }
    };
}

/// A file of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteFile {
    /// Its id.
    pub id: FileId,
    /// Where it goes in the local folder, with `/` between names, each by the rule of [`local_names`].
    pub path: String,
    /// Its size, if the listing has it: in bytes by our reading.
    pub size: Option<u64>,
    /// When it was changed, as the service says.
    pub edited: Option<String>,
}

/// What is in a folder of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteTree {
    /// Where its folders go, each before what is in it.
    pub folders: Vec<String>,
    /// Its files.
    pub files: Vec<RemoteFile>,
    /// What has another name here than there.
    pub renamed: Vec<Notice>,
    /// What can't be downloaded: entries without a name or an id, those that are listed in more than one place, folders
    /// that are too deep, and folders that the service refuses to list.
    pub failed: Vec<Notice>,
}

/// Lists a folder with all that is in it, one folder after the other, and gives every entry its local name.
///
/// What can't be listed or has no place is in [`RemoteTree::failed`]; trouble with the network, the credentials or the
/// folder itself ends it with an error, after which it can be run again, and goes on with the folder that failed. Each
/// id has one place: a folder that is in itself is an entry that failed, not a walk without end. More than 1,000
/// folders one in the other aren't followed, nor are paths of more than 32,767 bytes.
#[derive(Debug)]
#[must_use]
pub struct ListTree {
    space: InSpace,
    /// The folders that are still to be listed: id, path and depth.
    folders: VecDeque<(FileId, String, usize)>,
    listing: Option<ListFolder>,
    ids: HashSet<FileId>,
    tree: RemoteTree,
}

impl ListTree {
    /// Lists a folder, of which the id is given; `root` is the root of the space.
    pub fn new(space: InSpace, folder: impl IntoParam<FileId>) -> Self {
        let folder = folder.into_param();
        Self {
            space,
            ids: HashSet::from([folder.clone()]),
            folders: VecDeque::from([(folder, String::new(), 0)]),
            listing: None,
            tree: RemoteTree::default(),
        }
    }

    fn take(&mut self, listed: Listed, folder: &str, depth: usize) {
        for entry in listed.unusable {
            let what = entry.file_name.map_or_else(String::new, |name| format!(", {name:?},"));
            let folder = if folder.is_empty() { "." } else { folder };
            self.tree.failed.push(Notice::new(folder, format!("an entry in it{what} has no name or no id")));
        }
        let given: Vec<(&str, &str)> =
            listed.found.iter().map(|found| (found.id.as_str(), found.name.as_str())).collect();
        let names = local_names(&given);
        let mut entries: Vec<_> = names.into_iter().zip(listed.found).collect();
        entries.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        for (local, found) in entries {
            let path = join(folder, &local.name);
            let Found { id, name, is_folder, size, listed, .. } = found;
            if !self.ids.insert(id.clone()) {
                self.tree.failed.push(Notice::new(path, format!("it is in another place as well, with the id {id}")));
                continue;
            }
            if path.len() > LONGEST || is_folder && depth >= DEEPEST {
                self.tree.failed.push(Notice::new(path, "it is in too many folders"));
                continue;
            }
            if local.is_renamed {
                self.tree.renamed.push(Notice::renamed(&path, &name));
            }
            if is_folder {
                self.tree.folders.push(path.clone());
                self.folders.push_back((id, path, depth + 1));
            } else {
                self.tree.files.push(RemoteFile { id, path, size, edited: listed.edited_time });
            }
        }
    }
}

impl Flow for ListTree {
    type Output = RemoteTree;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<RemoteTree, Error>> {
        loop {
            let Some((id, _, _)) = self.folders.front() else {
                return Step::Done(Ok(mem::take(&mut self.tree)));
            };
            let listing = self.listing.get_or_insert_with(|| ListFolder::new(self.space.clone(), id));
            let result = step!(listing.resume(api, now, mem::replace(&mut event, Event::Start)));
            self.listing = None;
            let Some((id, path, depth)) = self.folders.pop_front() else { continue };
            match result {
                Ok(listed) => self.take(listed, &path, depth),
                Err(error) if depth > 0 && is_refusal(&error) => {
                    self.tree.failed.push(Notice::new(path, format!("it can't be listed: {error}")));
                }
                Err(error) => {
                    self.folders.push_front((id, path, depth));
                    return Step::Done(Err(error));
                }
            }
        }
    }
}

/// Whether this one thing is refused, for a name or an id too, rather than all that this caller asks now.
fn is_refusal(error: &Error) -> bool {
    let is_client = error.status().is_none_or(|status| !status.is_server_error());
    let is_api = error.kind() == ErrorKind::Api && is_client && !error.is_unauthorized() && !error.is_throttled();
    is_api || error.kind() == ErrorKind::Param
}

/// The folders that were made or found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MadeFolders {
    /// The id of each, by its path.
    pub ids: BTreeMap<String, FileId>,
    /// What isn't there since something else has the name. What would be in it isn't told.
    pub conflicts: Vec<Notice>,
    /// What the service refused to make.
    pub failed: Vec<Notice>,
}

/// Makes folders with folders in them, or finds those that are there.
///
/// Folders that are there are listed first, and only what isn't in them is made, by [`MakeFolder`]. So a run that was
/// interrupted can be repeated, and needs no state. Names are compared byte for byte.
///
/// If a file has the name of a folder, or if two entries have it, that is a conflict, and nothing is made in it.
/// Trouble with the network or the credentials ends it with an error, after which it can be run again, and goes on.
#[derive(Debug)]
#[must_use]
pub struct MakeFolders {
    space: InSpace,
    share_folder_id: Option<String>,
    /// What is still to be made: those in one folder follow each other.
    todo: VecDeque<String>,
    /// What was made just now, and so is empty.
    new: HashSet<String>,
    /// What is in the folder of this path.
    there: Option<(String, BTreeMap<String, Vec<Found>>)>,
    doing: Doing,
    made: MadeFolders,
}

#[derive(Debug)]
enum Doing {
    Choosing,
    Listing(Box<ListFolder>),
    Making(Box<MakeFolder>),
}

impl MakeFolders {
    /// Makes the folders of these paths, with `/` between names, in a folder of which the id is given; `root` is the
    /// root of the space. What a path is in has to be among the paths.
    pub fn new(
        space: InSpace,
        folder: impl IntoParam<FileId>,
        paths: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let mut paths: Vec<String> = paths.into_iter().map(Into::into).collect();
        paths.sort_by_cached_key(|path| (path.matches('/').count(), path.clone()));
        paths.dedup();
        let ids = BTreeMap::from([(String::new(), folder.into_param())]);
        Self {
            space,
            share_folder_id: None,
            todo: paths.into(),
            new: HashSet::new(),
            there: None,
            doing: Doing::Choosing,
            made: MadeFolders { ids, ..MadeFolders::default() },
        }
    }

    /// Sets the shared folder to work in. Whether the service lists what is in it for everyone is open.
    pub fn share_folder_id(mut self, id: impl Into<String>) -> Self {
        self.share_folder_id = Some(id.into());
        self
    }

    /// Decides what to do for a path. Returns whether that is over already.
    fn choose(&mut self, path: &str) -> bool {
        let (parent, name) = split(path);
        let Some(id) = self.made.ids.get(parent) else {
            // That its parent isn't there was told.
            return true;
        };
        if self.new.contains(parent) {
            self.there = Some((parent.to_owned(), BTreeMap::new()));
        }
        let Some((_, there)) = self.there.as_ref().filter(|(listed, _)| listed == parent) else {
            self.doing = Doing::Listing(Box::new(ListFolder::new(self.space.clone(), id)));
            return false;
        };
        match there.get(name).map(Vec::as_slice) {
            None => {
                let mut make = MakeFolder::new(self.space.clone(), id, name);
                if let Some(share) = &self.share_folder_id {
                    make = make.share_folder_id(share);
                }
                self.doing = Doing::Making(Box::new(make));
                return false;
            }
            Some([found]) if found.is_folder => drop(self.made.ids.insert(path.to_owned(), found.id.clone())),
            Some([found]) => {
                self.made.conflicts.push(Notice::new(path, format!("a file has its name, {}", found.id)));
            }
            Some(several) => {
                let ids: Vec<&str> = several.iter().map(|found| found.id.as_str()).collect();
                self.made.conflicts.push(Notice::new(path, format!("several have its name: {}", ids.join(", "))));
            }
        }
        true
    }

    /// Takes what a path has come to, unless it ends everything.
    fn take(&mut self, path: String, result: Result<koodrive_proto::flow::MadeFolder, Error>) -> Result<(), Error> {
        match result {
            Ok(folder) => {
                if folder.is_new {
                    self.new.insert(path.clone());
                }
                self.made.ids.insert(path, folder.id);
            }
            Err(error) if is_file(&error) || is_taken(&error) => {
                self.made.conflicts.push(Notice::new(path, error.to_string()));
            }
            Err(error) if is_refusal(&error) => {
                self.made.failed.push(Notice::new(path, error.to_string()));
            }
            Err(error) => {
                self.todo.push_front(path);
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Flow for MakeFolders {
    type Output = MadeFolders;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<MadeFolders, Error>> {
        loop {
            match &mut self.doing {
                Doing::Choosing => {
                    if !matches!(event, Event::Start) {
                        return Step::Done(Err(Error::misuse("a flow begins with Start")));
                    }
                    let Some(path) = self.todo.pop_front() else {
                        return Step::Done(Ok(mem::take(&mut self.made)));
                    };
                    if !self.choose(&path) {
                        self.todo.push_front(path);
                    }
                }
                Doing::Listing(listing) => {
                    let listed = step!(listing.resume(api, now, mem::replace(&mut event, Event::Start)));
                    self.doing = Doing::Choosing;
                    let listed = match listed {
                        Ok(listed) => listed,
                        Err(error) => return Step::Done(Err(error)),
                    };
                    let mut there: BTreeMap<String, Vec<Found>> = BTreeMap::new();
                    for found in listed.found {
                        there.entry(found.name.clone()).or_default().push(found);
                    }
                    let parent = self.todo.front().map(|path| split(path).0.to_owned()).unwrap_or_default();
                    self.there = Some((parent, there));
                }
                Doing::Making(make) => {
                    let result = step!(make.resume(api, now, mem::replace(&mut event, Event::Start)));
                    self.doing = Doing::Choosing;
                    let Some(path) = self.todo.pop_front() else { continue };
                    if let Err(error) = self.take(path, result) {
                        return Step::Done(Err(error));
                    }
                }
            }
        }
    }
}

/// Whether the service says that a name is taken.
pub(super) fn is_taken(error: &Error) -> bool {
    error.code() == Some("13000405")
}

/// Whether a file has the name that a folder was to get.
fn is_file(error: &Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<PathError>()).is_some()
}

/// Splits a path into that of its folder and its name.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
