//! What callers choose.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use koodrive_proto::Error;
use koodrive_proto::flow::{InSpace, Upload};
use koodrive_proto::ops::files::{CreateFile, FileType, OnConflict};
use koodrive_proto::ops::revisions::CreateRevision;
use koodrive_proto::param::{FileId, IntoParam, SpaceId};

use crate::progress::ProgressEvent;
use crate::rate::RateLimit;
use crate::spool::Spool;
use crate::stop::Stop;

/// How many parts of a stream are kept, so that each can be sent again.
const AHEAD: u32 = 1;

/// Who is told of progress.
pub(crate) type OnProgress = Arc<dyn Fn(&ProgressEvent) + Send + Sync>;

/// How a transfer is run. The defaults are good for most.
///
/// ```
/// use koodrive_files::{Options, RateLimit};
///
/// let options = Options::new()
///     .parallel(8)
///     .rate_limit(RateLimit::new(10_000_000))
///     .state("film.mp4.koodrive-state")
///     .on_progress(|event| eprintln!("{} of {:?} bytes", event.moved, event.total));
/// # let _ = options;
/// ```
#[derive(Clone)]
#[must_use]
#[non_exhaustive]
pub struct Options {
    /// See [`parallel`](Self::parallel).
    pub parallel: usize,
    /// See [`rate_limit`](Self::rate_limit).
    pub rate_limit: Option<RateLimit>,
    /// See [`state`](Self::state).
    pub state: Option<PathBuf>,
    /// See [`durable`](Self::durable).
    pub durable: bool,
    /// See [`spool`](Self::spool).
    pub spool: Spool,
    /// See [`stop`](Self::stop).
    pub stop: Option<Stop>,
    pub(crate) progress: Option<OnProgress>,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// How many parts move at the same time unless [`parallel`](Self::parallel) says otherwise: 4.
    pub const PARALLEL: usize = 4;

    /// Creates the default options: 4 parts at a time, as fast as possible, without a state.
    pub fn new() -> Self {
        Self {
            parallel: Self::PARALLEL,
            rate_limit: None,
            state: None,
            durable: false,
            spool: Spool::new(),
            stop: None,
            progress: None,
        }
    }

    /// Sets how many parts, or small files, move at the same time, at least 1. Each has its own connection.
    pub fn parallel(mut self, parts: usize) -> Self {
        self.parallel = parts.max(1);
        self
    }

    /// Limits how fast bytes move. Clones of one limit share it.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Sets the file in which the state is stored, so that the transfer can be resumed after whatever ends it: an
    /// error, a dropped future, a killed process. The same call with the same file goes on.
    ///
    /// The file is locked while the transfer runs, and removed when it has succeeded. If the state is of another
    /// transfer, the call fails. For a folder it is a directory, which has a state for each file under way.
    pub fn state(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(path.into());
        self
    }

    /// Sets whether what was received and stored has to survive a power cut; false unless set. Each finished range is
    /// then written through to the disk before the state says so, and so is the file before it gets its name.
    pub fn durable(mut self, on: bool) -> Self {
        self.durable = on;
        self
    }

    /// Sets where bytes wait of a stream whose length isn't known.
    pub fn spool(mut self, spool: Spool) -> Self {
        self.spool = spool;
        self
    }

    /// Sets what can stop the transfer from another thread or task.
    pub fn stop(mut self, stop: &Stop) -> Self {
        self.stop = Some(stop.clone());
        self
    }

    /// Sets who is told of progress: ten times per second, and whenever a part is finished or the stage is another. It
    /// is called by the thread or task that waits for the transfer, and should not block.
    pub fn on_progress(mut self, on: impl Fn(&ProgressEvent) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(on));
        self
    }

    /// Returns how many parts to move at the same time: fewer if the rate is limited so that each would stall.
    pub fn slots(&self) -> usize {
        let most = self.rate_limit.as_ref().map_or(usize::MAX, RateLimit::parts);
        self.parallel.min(most).max(1)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("parallel", &self.parallel)
            .field("rate_limit", &self.rate_limit)
            .field("state", &self.state)
            .field("durable", &self.durable)
            .field("spool", &self.spool)
            .field("progress", &self.progress.is_some())
            .finish_non_exhaustive()
    }
}

/// Where an upload goes, and as what.
///
/// ```
/// use koodrive_files::UploadTo;
/// use koodrive_proto::ops::files::OnConflict;
///
/// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
/// let to = UploadTo::new(space).folder("FkbdCAceMj89bprz5xLJASID1eaRqjlRP").on_conflict(OnConflict::Rename);
/// let backup = UploadTo::revision(space, "FkiferVNK5NwXck7XXBhPLIRhV1GayJPc");
/// # let _ = (to, backup);
/// ```
#[derive(Clone)]
#[must_use]
pub struct UploadTo {
    pub(crate) space: InSpace,
    /// The file that gets a new revision, if it isn't a new file.
    revised: Option<FileId>,
    pub(crate) folder: FileId,
    pub(crate) share_folder_id: Option<String>,
    name: Option<String>,
    file_type: Option<FileType>,
    pub(crate) on_conflict: OnConflict,
    part_size: Option<u64>,
    instant: bool,
    deadline: Option<Duration>,
    with: Option<Arc<dyn Fn(Upload) -> Upload + Send + Sync>>,
}

impl UploadTo {
    /// A new file in the root folder of the caller's own space. The upload fails if the name is taken.
    pub fn new(space: impl IntoParam<SpaceId>) -> Self {
        Self::in_space(InSpace::personal(space))
    }

    /// A new file in the root folder of any space: for one file, it doesn't matter whose that is.
    pub fn in_space(space: InSpace) -> Self {
        Self {
            space,
            revised: None,
            folder: "root".into(),
            share_folder_id: None,
            name: None,
            file_type: None,
            on_conflict: OnConflict::Refuse,
            part_size: None,
            instant: true,
            deadline: None,
            with: None,
        }
    }

    /// A new revision of a file. Folder, name, kind and conflict don't matter then.
    pub fn revision(space: impl IntoParam<SpaceId>, file: impl IntoParam<FileId>) -> Self {
        Self { revised: Some(file.into_param()), ..Self::new(space) }
    }

    /// Sets the folder: its id, or `root`.
    pub fn folder(mut self, id: impl IntoParam<FileId>) -> Self {
        self.folder = id.into_param();
        self
    }

    /// Sets the shared folder to work in.
    pub fn share_folder_id(mut self, id: impl Into<String>) -> Self {
        self.share_folder_id = Some(id.into());
        self
    }

    /// Sets the name of the file, 1 to 250 characters, instead of that of the local file. Each file of a folder keeps
    /// its own; the folder gets this one.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the kind of the file, which otherwise follows from the end of its name: see [`file_type_of`].
    pub fn file_type(mut self, kind: FileType) -> Self {
        self.file_type = Some(kind);
        self
    }

    /// Sets what happens if the name is taken: [`Refuse`](OnConflict::Refuse) unless set.
    /// [`KeepSame`](OnConflict::KeepSame) skips a file that is there with the same content.
    pub fn on_conflict(mut self, what: OnConflict) -> Self {
        self.on_conflict = what;
        self
    }

    /// Sets the size of all parts but the last, in bytes: see [`Upload::part_size`].
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes);
        self
    }

    /// Sets whether the service is asked whether it has the content already, which takes a hash of all of it before
    /// anything is sent; true unless set. It doesn't matter for a stream.
    pub fn instant(mut self, on: bool) -> Self {
        self.instant = on;
        self
    }

    /// Sets how long the whole upload may take, in each run of it.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Changes each upload before it begins: for everything else that [`Upload`] can be told.
    pub fn with(mut self, change: impl Fn(Upload) -> Upload + Send + Sync + 'static) -> Self {
        self.with = Some(Arc::new(change));
        self
    }

    /// Returns the name that a file gets: the one that was set, or that of the local file.
    pub(crate) fn name_of(&self, path: Option<&Path>) -> Result<String, Error> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        if self.revised.is_some() {
            // A revision has no name of its own.
            return Ok(String::new());
        }
        let Some(path) = path else { return Err(Error::local("a stream has no name: set one with UploadTo::name")) };
        let own = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        own.ok_or_else(|| {
            Error::local(format!("{} has no name that is a text: set one with UploadTo::name", path.display()))
        })
    }

    /// Whether it is a revision of a file.
    pub(crate) fn is_revision(&self) -> bool {
        self.revised.is_some()
    }

    /// Returns the size of all parts but the last that was set.
    pub(crate) fn part_bytes(&self) -> Option<u64> {
        self.part_size
    }

    /// Returns the upload of so many bytes, of a stream that can be read only once or of something else.
    pub(crate) fn upload(&self, name: &str, length: u64, is_stream: bool) -> Upload {
        let mut upload = if let Some(file) = &self.revised {
            Upload::new(CreateRevision::new(self.space.id(), file, length))
        } else {
            let kind = self.file_type.clone().unwrap_or_else(|| file_type_of(name));
            let mut file = CreateFile::new(name, kind, &self.folder, length)
                .auto_rename(self.on_conflict)
                .container_id(self.space.id());
            file.share_folder_id.clone_from(&self.share_folder_id);
            Upload::new(file)
        };
        upload = if is_stream { upload.stream(AHEAD) } else { upload.instant(self.instant) };
        if let Some(bytes) = self.part_size {
            upload = upload.part_size(bytes);
        }
        if let Some(deadline) = self.deadline {
            upload = upload.deadline(deadline);
        }
        match &self.with {
            Some(with) => with(upload),
            None => upload,
        }
    }
}

impl fmt::Debug for UploadTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadTo")
            .field("space", &self.space)
            .field("revised", &self.revised)
            .field("folder", &self.folder)
            .field("name", &self.name)
            .field("on_conflict", &self.on_conflict)
            .finish_non_exhaustive()
    }
}

/// Returns the kind that a file has by the end of its name; [`Miscellaneous`](FileType::Miscellaneous) if that says
/// nothing. No page says which names go with which kind, so this is our choice.
pub fn file_type_of(name: &str) -> FileType {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    match end.as_deref().unwrap_or_default() {
        "bmp" | "gif" | "heic" | "jpeg" | "jpg" | "png" | "svg" | "tif" | "tiff" | "webp" => FileType::Picture,
        "avi" | "flv" | "m4v" | "mkv" | "mov" | "mp4" | "mpeg" | "mpg" | "webm" | "wmv" => FileType::Video,
        "doc" | "docx" | "dot" | "dotx" | "wps" => FileType::Word,
        "csv" | "et" | "xls" | "xlsx" | "xlt" | "xltx" => FileType::Excel,
        "dps" | "pot" | "potx" | "pps" | "ppsx" | "ppt" | "pptx" => FileType::PowerPoint,
        "aac" | "amr" | "ape" | "flac" | "m4a" | "mp3" | "ogg" | "wav" | "wma" => FileType::Audio,
        "7z" | "bz2" | "gz" | "rar" | "tar" | "tgz" | "xz" | "zip" | "zst" => FileType::Archive,
        "apk" | "app" | "deb" | "dmg" | "exe" | "hap" | "ipa" | "msi" | "rpm" => FileType::Application,
        _ => FileType::Miscellaneous,
    }
}
