//! Uploads: of a new file, or of a new revision of a file.
//!
//! `mod.rs` has what the caller sets and what is known, `next.rs` what comes next, `learn.rs` what comes of it,
//! `begin.rs` and `end.rs` the calls that begin and complete an upload.

mod begin;
mod content;
mod end;
mod learn;
mod next;

pub use content::NewContent;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::api::Api;
use crate::error::Error;
use crate::flow::course::Course;
use crate::flow::link::Link;
use crate::flow::record::{Entry, VERSION, unusable};
use crate::flow::work::Running;
use crate::flow::{Id, Next, Progress, Record, Stage, Transfer, Worked, options};
use crate::param::{FileId, Secret};
use crate::time::Now;
use crate::transfer::{Digest, Hasher, Midstate, Plan};

/// How many parts the create call names, and how many links are fetched at once.
const BATCH: usize = 100;
/// The size of the parts of a stream, unless the file needs larger ones or the caller chooses.
const STREAM_PART: u64 = 8 * 1024 * 1024;

/// The upload of a new file, or of a new revision of a file. It is a [`Transfer`], to be run by a driver.
///
/// It begins with the operation that says where the bytes go. What the upload itself finds out is added to it: hashes,
/// proof and parts.
///
/// ```
/// use koodrive_proto::flow::Upload;
/// use koodrive_proto::ops::files::{CreateFile, FileType, OnConflict};
/// use koodrive_proto::ops::revisions::CreateRevision;
///
/// let (space, length) = ("IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236", 300_000_000);
/// let file = CreateFile::new("film.mp4", FileType::Video, "root", length)
///     .auto_rename(OnConflict::Rename)
///     .container_id(space);
/// let upload = Upload::new(file).part_size(16 * 1024 * 1024);
/// let revision = Upload::new(CreateRevision::new(space, "FkiferVNK5NwXck7XXBhPLIRhV1GayJPc", length));
/// # let _ = (upload, revision);
/// ```
///
/// In a test, without a network:
///
/// ```
/// use koodrive_proto::flow::{How, Upload};
/// use koodrive_proto::ops::files::{CreateFile, FileType, OnConflict};
/// use koodrive_proto::testing::{Reply, World};
/// use koodrive_proto::{Api, Credentials};
///
/// let api = Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200"))?;
/// let mut world = World::script([
///     Reply::ok(r#"{"code": 0, "fileId": "F1", "fileName": "a.txt",
///         "multiParts": [{"partNumber": 1, "uploadUrl": "https://obs.example/o?partNumber=1"}]}"#),
///     Reply::status(200, ""), // the part
///     Reply::ok(r#"{"code": 0}"#),
/// ]).with_file("content");
///
/// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
/// let file = CreateFile::new("a.txt", FileType::Miscellaneous, "root", 7).auto_rename(OnConflict::Refuse);
/// let uploaded = world.transfer(&api, &mut Upload::new(file.container_id(space)))?;
/// assert_eq!((uploaded.how, uploaded.file_id.as_str()), (How::Sent, "F1"));
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
///
/// # What happens
///
/// 1. The source is read once: SHA-256, `preHash`, and the midstate at each part. With [`instant`](Self::instant),
///    which is the default, this comes before anything is sent.
/// 2. [`CreateFile`] or [`CreateRevision`] registers the file, with the hashes and a proof if the upload may be
///    instant. The service may answer that it has the content already, and the upload is over.
/// 3. The parts are sent to links of the object store, any number at the same time and in any order. A link is fetched
///    shortly before it is needed, renewed when less than five minutes of its hour are left, and renewed once if it is
///    refused.
/// 4. [`CompleteFile`](crate::ops::files::CompleteFile) or
///    [`CompleteRevision`](crate::ops::revisions::CompleteRevision) with the SHA-256 of all that was read. The service
///    puts the parts together and compares, which may take minutes. So a source that changed on the way is found.
///
/// # When a name is taken
///
/// [`OnConflict::Rename`] adds a time to the name, [`OnConflict::Refuse`] refuses the upload (code 13000405), and
/// [`OnConflict::KeepSame`] creates nothing if the file of that name has the same content; if it hasn't, it renames. It
/// needs the hash and its proof at the beginning, so it implies [`instant`](Self::instant). The final name is
/// [`Uploaded::name`].
///
/// # When answers are lost
///
/// - Parts are sent again; the same part twice does no harm.
/// - A create call without an answer isn't repeated, since that could make a second file. The upload ends with an error
///   of kind [`Unknown`](crate::ErrorKind::Unknown). [`create_again`](Self::create_again) is for those who know better.
/// - A complete call without an answer is decided by [`GetFile`](crate::ops::files::GetFile), and repeated if the file
///   isn't there. It is our reading that a file isn't shown before its upload is complete. For a revision the call is
///   repeated first, and then it takes [`edited_before`](Self::edited_before) to decide. What can't be decided is
///   [`Unknown`](crate::ErrorKind::Unknown).
/// - What was refused for good is an error, and the state keeps all that was sent: the complete call, too, can be tried
///   again without sending a byte.
///
/// # Resuming
///
/// [`records`](Transfer::records) is the state. [`Upload::resume`] goes on from any prefix of it, in another process
/// too: parts that were recorded aren't sent again. How long the service keeps an unfinished upload isn't documented;
/// when it has forgotten one, it refuses with 13000401, and the upload has to begin anew, without its state.
///
/// # Options
///
/// Trace id, language, headers, timeouts and limits are for the calls of the service. Parts have a time of their own by
/// their length, and get none of the headers; the retry policy is for both. The complete call has its own
/// [timeout](Self::complete_timeout).
///
/// # What is our reading
///
/// No page says whether parts sent at the same time must all be named when the upload begins: the first 100 are named,
/// or all with [`name_all_parts`](Self::name_all_parts). Nor does one say that parts without offset and midstate are
/// taken as sent one after the other: [`in_order`](Self::in_order) is for that. If instant uploads don't work, turn
/// them off with [`instant`](Self::instant).
///
/// [`CreateFile`]: crate::ops::files::CreateFile
/// [`CreateRevision`]: crate::ops::revisions::CreateRevision
/// [`OnConflict::Rename`]: crate::ops::files::OnConflict::Rename
/// [`OnConflict::Refuse`]: crate::ops::files::OnConflict::Refuse
/// [`OnConflict::KeepSame`]: crate::ops::files::OnConflict::KeepSame
#[derive(Debug)]
#[must_use]
pub struct Upload {
    content: NewContent,
    settings: Settings,
    complete_timeout: Duration,
    /// Set at the first step, or by the stored state.
    plan: Option<Plan>,
    course: Course<Uploaded>,

    log: Vec<Record>,
    /// What follows from the log.
    known: Known,
    /// Whether the hashes of the stored state have to be made anew, since the source may be another.
    recheck: Option<Recheck>,

    hasher: Hasher,
    proof: Option<Proof>,
    /// How many times the identity of the caller changed under the proof.
    proofs: u32,
    links: BTreeMap<u32, Link>,
    /// Whether links are fetched for many parts at once.
    prefetch: bool,
    todo: BTreeSet<u32>,
    /// Whether the first step was made.
    is_set_out: bool,
    /// Whether the create call is sent although it isn't known what came of an earlier one.
    creates_again: bool,
    running: Running<Doing>,
    ending: end::Ending,
}

#[derive(Debug, Clone)]
struct Settings {
    part_size: Option<u64>,
    mark: String,
    edited: Option<String>,
    instant: bool,
    in_order: bool,
    name_all: bool,
    /// For a stream: how many parts may be kept.
    ahead: Option<u32>,
}

#[derive(Debug, Default)]
struct Known {
    midstates: BTreeMap<u64, Midstate>,
    pre_hash: Option<Digest>,
    /// SHA-256 and preHash.
    print: Option<(Digest, Digest)>,
    is_creating: bool,
    created: Option<(FileId, String)>,
    sent: BTreeSet<u32>,
    /// How many bytes were sent, in parts that are finished.
    moved: u64,
}

/// What the hashes were when the source was read before.
#[derive(Debug)]
struct Recheck {
    /// The mark that the source has now.
    mark: String,
    midstates: BTreeMap<u64, Midstate>,
    print: Option<(Digest, Digest)>,
}

/// The proof that the caller has the content.
#[derive(Debug)]
struct Proof {
    /// The SHA-256 of the identity that it is for, which may be a token.
    identity: Digest,
    code: Option<Secret>,
}

#[derive(Debug)]
enum Doing {
    Hash,
    Prove,
    Create(begin::WentOut),
    /// The links of this part and others.
    Links(u32),
    Part(u32),
    Complete,
    Look,
}

/// What an upload has resulted in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// How.
    pub how: How,
    /// The id of the file.
    pub file_id: FileId,
    /// The final name of a file, as the service gave it. For a revision, and if the service didn't say, it is what the
    /// request had, or empty.
    pub name: String,
    /// How many bytes it has.
    pub length: u64,
    /// SHA-256 of the source; `None` if all of the transfer came from a stored state without it.
    pub sha256: Option<Digest>,
}

/// How an upload went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// The parts were sent.
    Sent,
    /// The service had the content already: the file is new, but no byte was sent.
    Instant,
    /// The same file was there already, and nothing was created:
    /// [`OnConflict::KeepSame`](crate::ops::files::OnConflict::KeepSame).
    AlreadyThere,
}

impl Upload {
    /// How long the service may take to complete an upload, unless [`complete_timeout`](Self::complete_timeout) says
    /// otherwise: 10 minutes.
    pub const COMPLETE_TIMEOUT: Duration = Duration::from_secs(600);

    /// Begins an upload with this operation. Hashes, proof and parts that are set in it are ignored.
    pub fn new(content: impl Into<NewContent>) -> Self {
        let content = content.into();
        let settings = Settings {
            part_size: None,
            mark: String::new(),
            edited: None,
            instant: true,
            in_order: false,
            name_all: false,
            ahead: None,
        };
        Self {
            content,
            settings,
            complete_timeout: Self::COMPLETE_TIMEOUT,
            plan: None,
            course: Course::new(),
            log: Vec::new(),
            known: Known::default(),
            recheck: None,
            hasher: Hasher::new(),
            proof: None,
            proofs: 0,
            links: BTreeMap::new(),
            prefetch: true,
            todo: BTreeSet::new(),
            is_set_out: false,
            creates_again: false,
            running: Running::new(),
            ending: end::Ending::default(),
        }
    }

    /// Goes on from a stored state: from [`records`](Transfer::records), or any prefix of it.
    ///
    /// `length` is how long the source is now; another length than before is refused. `mark` is the source's mark, see
    /// [`mark`](Self::mark); if it is another than before, all of the source is hashed anew, and only another content
    /// is refused. Settings are those of the beginning;
    /// [`stream`](Self::stream), the deadline, the timeout of the complete call and the options have to be set again.
    pub fn resume(records: impl IntoIterator<Item = Record>, length: u64, mark: &str) -> Result<Self, Error> {
        let mut records = records.into_iter();
        let Some(Record(Entry::Upload(header))) = records.next() else {
            return Err(unusable("it isn't that of an upload"));
        };
        if header.version != VERSION {
            return Err(unusable("another version of this program has stored it"));
        }
        let content = NewContent::of_stored(&header.begin, &header.params)?;
        if content.length() != length {
            let was = content.length();
            return Err(Error::local(format!("the source has {length} bytes, and had {was} when the upload began")));
        }
        let mut upload = Self::new(content);
        upload.settings = Settings {
            part_size: Some(header.part_size),
            mark: header.mark.clone(),
            edited: header.edited.clone(),
            instant: header.instant,
            in_order: header.in_order,
            name_all: header.name_all,
            ahead: None,
        };
        upload.plan(Plan::new(length, Some(header.part_size))?);
        upload.log.push(Record(Entry::Upload(header)));
        for Record(entry) in records {
            upload.check_stored(&entry)?;
            upload.learn(entry);
        }
        upload.heal();
        if upload.settings.mark != mark && upload.course.is_open() {
            let (midstates, print) = (std::mem::take(&mut upload.known.midstates), upload.known.print.take());
            upload.recheck = Some(Recheck { mark: mark.to_owned(), midstates, print });
            upload.hasher = Hasher::new();
        }
        Ok(upload)
    }

    /// Goes on from a stored state like [`resume`](Self::resume), with the options, the deadline and whatever else
    /// isn't stored of this one.
    ///
    /// The state of another upload, with another name, folder or space for example, is refused. If the service doesn't
    /// know of that one yet, this one begins anew instead, without records: then nothing of the state counts. The same
    /// holds if the source has another mark by then.
    pub fn resumed(self, records: impl IntoIterator<Item = Record>, mark: &str) -> Result<Self, Error> {
        let records: Vec<Record> = records.into_iter().collect();
        let is_begun = Record::is_begun(&records);
        let is_other = |resumed: &Self| Ok::<_, Error>(resumed.content.to_stored()? != self.content.to_stored()?);
        let mut resumed = match Self::resume(records, self.content.length(), mark) {
            Ok(resumed) if !is_begun && resumed.recheck.is_some() => return Ok(self),
            Ok(resumed) if !is_other(&resumed)? => resumed,
            _ if !is_begun => return Ok(self),
            Ok(_) => return Err(unusable("it is that of another upload")),
            Err(error) => return Err(error),
        };
        (resumed.course.options, resumed.course.patience) = (self.course.options, self.course.patience);
        (resumed.complete_timeout, resumed.creates_again) = (self.complete_timeout, self.creates_again);
        resumed.settings.ahead = self.settings.ahead;
        Ok(resumed)
    }

    options!(course.options);

    /// Sets the size of all parts but the last, in bytes: 5 MiB to 5 GiB, a multiple of 64, and large enough for 10,000
    /// parts. Otherwise it is [`Plan::PART_SIZE`], or what the file needs. A resumed upload keeps its size.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.settings.part_size = Some(bytes);
        self
    }

    /// Sets a text by which a source is recognised when the upload is resumed: for example, of a file, when it was last
    /// changed.
    pub fn mark(mut self, mark: impl Into<String>) -> Self {
        if self.is_new() {
            self.settings.mark = mark.into();
        }
        self
    }

    /// Sets whether the service is asked whether it has the content already; true unless set.
    ///
    /// If it is, all of the source is hashed before anything is sent. Otherwise parts are sent as soon as the hash has
    /// come to them.
    pub fn instant(mut self, on: bool) -> Self {
        if self.is_new() {
            self.settings.instant = on;
        }
        self
    }

    /// Sends the parts one after the other, without offset and midstate, for a service that doesn't take them
    /// otherwise.
    pub fn in_order(mut self) -> Self {
        self.settings.in_order |= self.is_new();
        self
    }

    /// Names all parts when the upload begins, and not only the first 100. It needs the hash first, so it goes with
    /// [`instant`](Self::instant).
    pub fn name_all_parts(mut self) -> Self {
        self.settings.name_all |= self.is_new();
        self
    }

    /// Takes a source that can be read only once, whose bytes the driver keeps for `ahead` parts, at least 1, so that
    /// each can be sent again. Parts have 8 MiB unless [`part_size`](Self::part_size) says otherwise.
    ///
    /// The source is read in order, and never far ahead of what was sent: [`kept_from`](Self::kept_from) says what is
    /// still needed. The upload can't be instant, since that needs the hash of all of it first.
    ///
    /// If it is resumed, the source is read again from the first part on that wasn't sent.
    pub fn stream(mut self, ahead: u32) -> Self {
        self.settings.ahead = Some(ahead.max(1));
        self.instant(false)
    }

    /// Sets how long the whole upload may take, counted from its first step. There is no deadline unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.course.patience = Some(deadline);
        self
    }

    /// Sets how long the service may take for the call that completes the upload, instead of
    /// [`COMPLETE_TIMEOUT`](Self::COMPLETE_TIMEOUT).
    pub fn complete_timeout(mut self, timeout: Duration) -> Self {
        self.complete_timeout = timeout;
        self
    }

    /// Sends the create call although it isn't known what came of an earlier one. If that had an effect, there will be
    /// a second file, or an upload that is never completed.
    pub fn create_again(mut self) -> Self {
        self.creates_again = true;
        self
    }

    /// Sets when the file of a new revision was edited last, as [`GetFile`](crate::ops::files::GetFile) has it. With
    /// it, it is decided what came of a [`CompleteRevision`] whose answer was lost: somebody else's revision of the
    /// same length at the same moment looks the same.
    ///
    /// [`CompleteRevision`]: crate::ops::revisions::CompleteRevision
    pub fn edited_before(mut self, edited_time: impl Into<String>) -> Self {
        if self.is_new() {
            self.settings.edited = Some(edited_time.into());
        }
        self
    }

    /// Whether it isn't resumed: only then settings count.
    fn is_new(&self) -> bool {
        self.log.is_empty()
    }

    /// Returns from where on bytes of a source are needed that can be read only once: what is before may be forgotten.
    pub fn kept_from(&self) -> u64 {
        let length = self.content.length();
        let read = if self.known.print.is_some() { length } else { self.hasher.fed() };
        let part = self.first_unsent().and_then(|number| self.plan?.part(number));
        part.map_or(length, |part| part.offset).min(read)
    }

    /// The first part that wasn't sent yet.
    fn first_unsent(&self) -> Option<u32> {
        let under_way =
            self.running.iter().filter_map(|doing| if let Doing::Part(number) = doing { Some(number) } else { None });
        self.todo.first().into_iter().chain(under_way).min().copied()
    }

    fn plan(&mut self, plan: Plan) {
        self.plan = Some(plan);
        self.todo = (1..=plan.count()).collect();
    }
}

impl Transfer for Upload {
    type Outcome = Uploaded;

    fn next(&mut self, api: &Api, now: Now) -> Next<Uploaded> {
        self.what_next(api, now)
    }

    fn done(&mut self, work: Id, result: Result<Worked, Error>) {
        let Some(doing) = self.running.end(&work) else { return };
        match result {
            Ok(worked) => self.worked(doing, worked.into_what()),
            Err(error) => self.not_worked(doing, error),
        }
    }

    fn records(&self) -> &[Record] {
        &self.log
    }

    fn progress(&self) -> Progress {
        let length = self.content.length();
        let is_sent = self.plan.is_some() && self.first_unsent().is_none();
        let stage = if !self.course.is_open() {
            Stage::Ended
        } else if is_sent && self.known.print.is_some() {
            Stage::Completing
        } else if self.known.created.is_some() {
            Stage::Moving
        } else {
            Stage::Hashing
        };
        let hashed = if self.known.print.is_some() { length } else { self.hasher.fed() };
        let parts = u64::try_from(self.known.sent.len()).unwrap_or(u64::MAX);
        let parts_total = self.plan.map(|plan| u64::from(plan.count()));
        Progress { stage, moved: self.known.moved, hashed, total: Some(length), parts, parts_total }
    }
}
