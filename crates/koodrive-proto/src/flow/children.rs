//! Names in one folder: there is no call that looks a name up, so the folder is listed.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::time::Duration;

use crate::api::{Api, Options};
use crate::check::{InvalidParam, counted};
use crate::error::Error;
use crate::flow::attempts::Attempts;
use crate::flow::{Event, Flow, Pages, Step, options, step};
use crate::operation::Operation;
use crate::ops::files::{File, FileArea, FilePage, FileType, ListGroupFiles, ListPersonalFiles};
use crate::ops::spaces::SpaceType;
use crate::param::{DepartmentId, FileId, GroupId, IntoParam, SpaceId, file_name};
use crate::schema::Meta;
use crate::time::Now;

/// A space, and whose it is: that decides which call lists its folders.
///
/// What is in a shared folder can't be listed as such: unlike most calls about files, ListPersonalFiles and
/// ListGroupFiles have no header for it. A walk may begin at the id that the shared folder has as a file
/// ([`share_folder_file_id`](crate::ops::shared_folders::SharedFolder::share_folder_file_id)), in the space of its
/// owner; whether the service lets other members list it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InSpace {
    id: SpaceId,
    /// Of a space that isn't a user's own.
    team: Option<(SpaceType, String)>,
}

impl InSpace {
    /// The space of the user who calls.
    pub fn personal(space: impl IntoParam<SpaceId>) -> Self {
        Self { id: space.into_param(), team: None }
    }

    /// The space of a department.
    pub fn department(department: impl IntoParam<DepartmentId>, space: impl IntoParam<SpaceId>) -> Self {
        let department: DepartmentId = department.into_param();
        Self { id: space.into_param(), team: Some((SpaceType::Department, department.into())) }
    }

    /// The space of a user group.
    pub fn group(group: impl IntoParam<GroupId>, space: impl IntoParam<SpaceId>) -> Self {
        let group: GroupId = group.into_param();
        Self { id: space.into_param(), team: Some((SpaceType::Group, group.into())) }
    }

    /// Returns the id of the space.
    pub fn id(&self) -> &SpaceId {
        &self.id
    }

    pub(super) fn list(&self, folder: &FileId, attempts: Attempts) -> Listing {
        match &self.team {
            None => {
                let op = ListPersonalFiles::new(FileArea::Space, &self.id, folder);
                Listing::Personal(Pages::within(attempts, op))
            }
            Some((kind, owner)) => {
                let op = ListGroupFiles::new(owner, FileArea::Space, &self.id, folder).team_type(*kind);
                Listing::Team(Pages::within(attempts, op))
            }
        }
    }
}

/// A folder that is being listed.
#[derive(Debug)]
pub(super) enum Listing {
    Personal(Pages<ListPersonalFiles>),
    Team(Pages<ListGroupFiles>),
}

impl Listing {
    pub(super) fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Option<FilePage>, Error>> {
        match self {
            Self::Personal(pages) => pages.resume(api, now, event),
            Self::Team(pages) => pages.resume(api, now, event),
        }
    }

    fn meta(&self) -> &'static Meta {
        match self {
            Self::Personal(_) => ListPersonalFiles::META,
            Self::Team(_) => ListGroupFiles::META,
        }
    }

    fn into_attempts(self) -> Attempts {
        match self {
            Self::Personal(pages) => pages.into_attempts(),
            Self::Team(pages) => pages.into_attempts(),
        }
    }
}

/// A file or folder that was listed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Found {
    /// Its id.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Whether it is a folder, by its kind or its media type. What has neither is taken for a file.
    pub is_folder: bool,
    /// Its size, which only files have: in bytes by our reading, since no unit is documented.
    pub size: Option<u64>,
    /// The entry as it was listed.
    pub listed: File,
}

impl Found {
    pub(super) fn new(id: FileId, name: String, listed: File) -> Self {
        let is_folder = matches!(listed.file_type, Some(FileType::Folder | FileType::SmartFolder))
            || listed.mime_type.as_deref() == Some("application/vnd.huawei-apps.folder");
        let size = listed.size.and_then(|size| u64::try_from(size).ok());
        Self { id, name, is_folder, size, listed }
    }
}

/// Looks names up in one folder: one step of a [`Resolve`](super::Resolve), for any number of names.
///
/// The result has what each name stands for; a name that isn't in it is not in the folder. The folder is listed to its
/// end, as [`Pages`] lists it, since a name must not stand twice:
///
/// - Two entries of one name are an error of kind [`Decode`](crate::ErrorKind::Decode) that gives both ids, also if one
///   of them is a file and the other a folder. An entry that is listed twice, with one id, counts once.
/// - Names are compared byte for byte. Whether the service tells upper case from lower case and the Unicode forms of a
///   name from each other is open.
/// - Entries that are in the recycle bin are not found, should the listing of the folder have some.
/// - If an entry has no name, an error says so unless all the names were found.
/// - The listing is over when it has no further cursor. Whether its `searchCompleted`, which is false in the manual's
///   example, says that there may be more all the same is open.
///
/// Names that the service doesn't allow for files (not `.` or `..`, none of `< > | : " * ? /`, 1 to 250 characters) are
/// refused before anything is sent. Without names, nothing is sent either.
///
/// ```
/// use koodrive_proto::flow::{Children, InSpace};
/// use koodrive_proto::testing::{Reply, World};
/// use koodrive_proto::{Api, Credentials};
///
/// let api = Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200"))?;
/// let mut world = World::script([Reply::ok(r#"{"code": 0, "files": [
///     {"id": "Fk0n", "fileName": "2025", "fileType": "10"},
///     {"id": "FqS6", "fileName": "plan.pdf", "fileType": "45", "size": 22106481}
/// ]}"#)]);
/// let space = InSpace::group("1269529595850261633", "IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b");
/// let found = world.run(&api, &mut Children::new(space, "root", ["plan.pdf", "2026"]))?;
/// assert_eq!(found["plan.pdf"].size, Some(22106481));
/// assert!(!found.contains_key("2026"));
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Children {
    space: InSpace,
    pub(super) folder: FileId,
    names: BTreeSet<String>,
    found: BTreeMap<String, Found>,
    /// Whether an entry has no name.
    nameless: bool,
    /// Except while a folder is read.
    pub(super) attempts: Attempts,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Reading(Box<Listing>),
    Over,
}

impl Children {
    /// Looks these names up in a folder, of which the id is given; `root` is the root of the space.
    pub fn new(
        space: InSpace,
        folder: impl IntoParam<FileId>,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            space,
            folder: folder.into_param(),
            names: names.into_iter().map(Into::into).collect(),
            found: BTreeMap::new(),
            nameless: false,
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

    /// Whether it waits for its first step.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.state, State::Ready)
    }

    /// Goes on with another folder.
    pub(super) fn go_on(&mut self, folder: FileId, name: String) {
        self.folder = folder;
        self.names = BTreeSet::from([name]);
        self.nameless = false;
        self.state = State::Ready;
    }

    fn begin(&mut self, event: &Event) -> Result<(), Error> {
        if !matches!(event, Event::Start) {
            return Err(Error::misuse("a flow begins with Start"));
        }
        for name in &self.names {
            check(name, || "name".to_owned())?;
        }
        if !self.names.is_empty() {
            let attempts = mem::replace(&mut self.attempts, Attempts::new(Options::default()));
            self.state = State::Reading(Box::new(self.space.list(&self.folder, attempts)));
        }
        Ok(())
    }

    /// Ends it: whatever follows is misuse.
    pub(super) fn end(&mut self) {
        if let State::Reading(listing) = mem::replace(&mut self.state, State::Over) {
            self.attempts = listing.into_attempts();
        }
    }

    /// Takes from a page what has one of the names.
    fn take_from(&mut self, page: FilePage) -> Result<(), Error> {
        for entry in page.files {
            if entry.recycled == Some(true) {
                continue;
            }
            let Some(name) = entry.file_name.clone() else {
                self.nameless = true;
                continue;
            };
            if !self.names.contains(&name) {
                continue;
            }
            let Some(id) = entry.id.clone().filter(|id| !id.as_str().is_empty()) else {
                return Err(Error::decode(&format!("what is named `{name}` has no id")));
            };
            match self.found.get(&name) {
                Some(other) if other.id != id => {
                    let (other, folder) = (&other.id, &self.folder);
                    let problem = format!("{other} and {id} in the folder {folder} have one name, `{name}`");
                    return Err(Error::decode(&problem));
                }
                _ => drop(self.found.insert(name.clone(), Found::new(id, name, entry))),
            }
        }
        Ok(())
    }

    /// What was found, when all of the folder is read.
    fn all(&mut self) -> Result<BTreeMap<String, Found>, Error> {
        if self.nameless && self.found.len() < self.names.len() {
            let folder = &self.folder;
            return Err(Error::decode(&format!("an entry of the folder {folder} has no name, so it may be any")));
        }
        Ok(mem::take(&mut self.found))
    }
}

/// Checks a name by the rule of files, and its length by CreateFile's limit.
pub(super) fn check(name: &str, which: impl Fn() -> String) -> Result<(), InvalidParam> {
    const LONGEST: usize = 250;
    let length = name.chars().count();
    let got = match file_name(name) {
        Err(got) => got.to_owned(),
        Ok(()) if length > LONGEST => counted(length, "character", "characters"),
        Ok(()) => return Ok(()),
    };
    let allowed = "a name of 1 to 250 characters: not `.` or `..`, none of < > | : \" * ? /";
    Err(InvalidParam::new(which(), got, allowed))
}

impl Flow for Children {
    type Output = BTreeMap<String, Found>;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<Self::Output, Error>> {
        if self.is_ready() {
            if let Err(error) = self.begin(&event) {
                self.end();
                return Step::Done(Err(error));
            }
            if self.names.is_empty() {
                self.end();
                return Step::Done(Ok(BTreeMap::new()));
            }
        }
        loop {
            let State::Reading(listing) = &mut self.state else {
                return Step::Done(Err(Error::misuse("the flow is over")));
            };
            let meta = listing.meta();
            let result = match step!(listing.resume(api, now, event)) {
                Ok(Some(page)) => match self.take_from(page) {
                    Ok(()) => {
                        event = Event::Start;
                        continue;
                    }
                    Err(error) => Err(error),
                },
                Ok(None) => self.all(),
                Err(error) => Err(error),
            };
            self.end();
            return Step::Done(result.map_err(|error| error.on(meta)));
        }
    }
}
