//! Downloads: ranges of a link, which together are a file.

mod gaps;

use std::time::Duration;

use http::HeaderValue;

use crate::api::Api;
use crate::check::InvalidParam;
use crate::error::Error;
use crate::flow::ask::Ask;
use crate::flow::carry::{Ask as LinkAsk, Cargo, Carry};
use crate::flow::course::Course;
use crate::flow::link::Link;
use crate::flow::place::Seen;
use crate::flow::record::{DownloadFile, DownloadHeader, Entry, VERSION, unusable};
use crate::flow::work::{Got, ReadState, Running, What};
use crate::flow::{Expected, Id, Job, JobFlow, Next, Progress, Reading, Record, Stage, Transfer, Worked, options};
use crate::ops::files::{FileDetail, GetDownloadUrls, GetFile};
use crate::param::{FileId, IntoParam, Secret, SpaceId};
use crate::time::Now;
use crate::transfer::{Digest, Hasher};

use gaps::Gaps;

/// How many bytes are hashed at a time, at most.
const SEGMENT: u64 = 64 * 1024 * 1024;

/// The download of a file. It is a [`Transfer`], to be run by a driver that writes to a sink by position.
///
/// ```
/// use koodrive_proto::flow::Download;
///
/// use koodrive_proto::testing::{Reply, World};
/// use koodrive_proto::{Api, Credentials};
///
/// let api = Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200"))?;
/// // Without a network, in a test:
/// let mut world = World::script([
///     Reply::ok(r#"{"code": 0, "id": "F1", "size": 7}"#),
///     Reply::ok(r#"{"code": 0, "downloads": [{"fileId": "F1", "url": "https://obs.example/o", "code": "0"}]}"#),
///     Reply::status(206, "content").header("content-range", "bytes 0-6/7").header("etag", "\"1\""),
/// ]);
///
/// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
/// let downloaded = world.transfer(&api, &mut Download::new(space, "F1"))?;
/// assert_eq!((downloaded.length, world.file()), (7, &b"content"[..]));
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
///
/// # What happens
///
/// 1. [`GetFile`] says how long the file is, unless [`look_up`](Self::look_up) is off or [`length`](Self::length) is
///    set.
/// 2. The first range is fetched from a link. Its answer says how long the object is, and has a validator (an ETag, or
///    else a Last-Modified).
/// 3. The other ranges are fetched, any number at the same time. Each asks for that validator's content and no other. A
///    link is renewed when less than five minutes of its hour are left, and once if it is refused.
/// 4. The SHA-256 is made on the way where ranges come in order, and otherwise by reading the sink, as soon as ranges
///    join up.
///
/// The download is complete when it has its length and, if [`sha256`](Self::sha256) is set, that hash. Until then the
/// bytes belong under another name. No call of the service says what hash a file has, so it is up to the caller to
/// remember it; [`Uploaded::sha256`](crate::flow::Uploaded::sha256) has it.
///
/// # When it isn't that file
///
/// - Another length than that of the file's record, or of [`length`](Self::length): an error of kind
///   [`Moderated`](crate::ErrorKind::Moderated). Content moderation delivers a warning file in place of a file that it
///   judged to be sensitive or illegal. The record is read once more first, since the file may have changed.
/// - Another hash: [`Content`](crate::ErrorKind::Content).
/// - The file changes while it is downloaded, or a server that took ranges before sends the whole: the download begins
///   anew, once. If it happens again, the error is [`Content`](crate::ErrorKind::Content).
///
/// Nothing is ever written at a wrong place: an answer goes to the sink only if its head says that it is the range that
/// was asked for.
///
/// # Links from elsewhere
///
/// [`Download::link`] is for links that other calls give, for example of shares, revisions and archives. Such a link
/// can't be renewed: when it is refused, the error is [`Link`](crate::ErrorKind::Link), and
/// [`with_link`](Self::with_link) goes on with another one for the same content.
///
/// # Resuming
///
/// [`records`](Transfer::records) is the state, and [`Download::resume`] goes on from any prefix of it. The ranges that
/// it has are expected to be in the sink. Without a validator it isn't known whether the object is still the same one,
/// so the download begins anew then, unless a hash is set, which will tell.
///
/// # What is our reading
///
/// No page says that links take ranges; the object store in general does. A server that doesn't is asked for the whole
/// by the first range, and sends it. No page says in which unit the record has its size, which is taken as bytes: if
/// that is wrong, turn [`look_up`](Self::look_up) off.
#[derive(Debug)]
#[must_use]
pub struct Download {
    source: Source,
    settings: Settings,
    sink: Sink,
    course: Course<Downloaded>,

    log: Vec<Record>,
    link: Option<Link>,
    /// What the file's record says, once it was looked up.
    recorded: Option<u64>,
    /// Whether that is to be done now, and how many times it was.
    is_look_due: bool,
    looks: u32,
    found: Option<Found>,
    /// How many bytes are in the sink.
    there: u64,
    restarts: u32,
    hasher: Hasher,
    running: Running<Doing>,
}

/// What the caller says of the sink.
#[derive(Debug, Clone, Copy)]
struct Sink {
    is_readable: bool,
    is_in_order: bool,
    /// Whether its hash is wanted although none is expected.
    is_hashed: bool,
}

#[derive(Debug)]
enum Source {
    File(DownloadFile),
    Link,
}

#[derive(Debug, Clone, Copy)]
struct Settings {
    range_size: u64,
    length: Option<u64>,
    sha256: Option<Digest>,
    look_up: bool,
}

/// What the object store said of the file.
#[derive(Debug)]
struct Found {
    total: u64,
    validator: Option<HeaderValue>,
    /// What isn't there and not on the way.
    gaps: Gaps,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Look,
    /// Something that counts no longer.
    Stale,
    /// A range, by its ends, and whether it is hashed on the way.
    Range {
        first: u64,
        end: u64,
        is_tapped: bool,
    },
    Hash,
}

/// What a download has resulted in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// How many bytes it has.
    pub length: u64,
    /// The SHA-256 of what is in the sink; `None` if it couldn't be made.
    pub sha256: Option<Digest>,
    /// What was compared.
    pub verified: Verified,
}

/// What a download was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verified {
    /// The SHA-256 that was set.
    Sha256,
    /// Only the length: no hash was set, or the sink can't be read.
    Length,
}

impl Download {
    /// How many bytes a range has unless [`range_size`](Self::range_size) says otherwise: 16 MiB.
    pub const RANGE_SIZE: u64 = 16 * 1024 * 1024;

    /// Downloads a file of a space.
    pub fn new(space: impl IntoParam<SpaceId>, file: impl IntoParam<FileId>) -> Self {
        let file = DownloadFile { space: space.into_param(), id: file.into_param(), share_folder: None };
        Self::of(Source::File(file), None)
    }

    /// Downloads from a link that another call has given, and that can't be renewed.
    pub fn link(link: impl IntoParam<Secret>) -> Self {
        Self::of(Source::Link, Some(Link::of_unknown_age(link.into_param())))
    }

    fn of(source: Source, link: Option<Link>) -> Self {
        let look_up = matches!(source, Source::File(_));
        Self {
            source,
            settings: Settings { range_size: Self::RANGE_SIZE, length: None, sha256: None, look_up },
            sink: Sink { is_readable: true, is_in_order: false, is_hashed: true },
            course: Course::new(),
            log: Vec::new(),
            link,
            recorded: None,
            is_look_due: true,
            looks: 0,
            found: None,
            there: 0,
            restarts: 0,
            hasher: Hasher::new(),
            running: Running::new(),
        }
    }

    /// Goes on from a stored state: from [`records`](Transfer::records), or any prefix of it. A download from a link
    /// needs [`with_link`](Self::with_link) as well. Settings are those of the beginning; options have to be set again.
    pub fn resume(records: impl IntoIterator<Item = Record>) -> Result<Self, Error> {
        let mut records = records.into_iter();
        let Some(Record(Entry::Download(header))) = records.next() else {
            return Err(unusable("it isn't that of a download"));
        };
        if header.version != VERSION {
            return Err(unusable("another version of this program has stored it"));
        }
        let DownloadHeader { range_size, length, sha256, look_up, .. } = header;
        let source = header.file.clone().map_or(Source::Link, Source::File);
        let mut download = Self::of(source, None);
        download.settings = Settings { range_size: range_size.max(1), length, sha256, look_up };
        download.log.push(Record(Entry::Download(header)));
        records.for_each(|Record(entry)| download.learn(entry));
        let is_unknown = download.found.as_ref().is_some_and(|found| found.validator.is_none()) && sha256.is_none();
        if is_unknown && download.course.is_open() {
            download.learn(Entry::Anew);
        }
        Ok(download)
    }

    options!(course.options);

    /// Gives the link to begin with, for example one that was fetched together with those of other files. For a
    /// download from a link it replaces one that is no longer good: it must lead to the same content.
    pub fn with_link(mut self, link: impl IntoParam<Secret>) -> Self {
        self.link = Some(Link::of_unknown_age(link.into_param()));
        self
    }

    /// Sets the shared folder that the file is in.
    pub fn share_folder_id(mut self, id: impl Into<String>) -> Self {
        if let Source::File(file) = &mut self.source {
            file.share_folder = Some(id.into());
        }
        self
    }

    /// Sets how many bytes the file must have, instead of asking the service.
    pub fn length(mut self, bytes: u64) -> Self {
        self.settings.length = Some(bytes);
        self
    }

    /// Sets the SHA-256 that the file must have.
    pub fn sha256(mut self, sha256: Digest) -> Self {
        self.settings.sha256 = Some(sha256);
        self
    }

    /// Sets whether the service is asked first how long the file is; true unless set. Without it, a warning file of
    /// content moderation isn't recognised by its length.
    pub fn look_up(mut self, on: bool) -> Self {
        self.settings.look_up = on;
        self
    }

    /// Sets how many bytes each range has, at least 1; a resumed download keeps its size.
    pub fn range_size(mut self, bytes: u64) -> Self {
        self.settings.range_size = bytes;
        self
    }

    /// Sets whether the sink can be read; true unless set. If it can't, the hash is made only on the way, which takes
    /// [`in_order`](Self::in_order).
    pub fn readable(mut self, on: bool) -> Self {
        self.sink.is_readable = on;
        self
    }

    /// Fetches one range after the other, for a sink that takes bytes only in order. It can't begin anew once there is
    /// something in it.
    pub fn in_order(mut self) -> Self {
        self.sink.is_in_order = true;
        self
    }

    /// Sets whether the SHA-256 is made although none is expected; true unless set.
    pub fn hash(mut self, on: bool) -> Self {
        self.sink.is_hashed = on;
        self
    }

    /// Sets how long the whole download may take, counted from its first step. There is no deadline unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.course.patience = Some(deadline);
        self
    }

    /// The one way in which anything lasting is learned, now or from a stored state.
    fn learn(&mut self, entry: Entry) {
        match &entry {
            Entry::Found { total, validator } => {
                let validator = validator.as_ref().and_then(|text| HeaderValue::from_str(text).ok());
                self.found = Some(Found { total: *total, validator, gaps: Gaps::new(*total) });
            }
            Entry::Range { first, len } => {
                let end = first.saturating_add(*len);
                if let Some(found) = &mut self.found {
                    let before = found.gaps.len();
                    found.gaps.fill(*first, end);
                    self.there = self.there.saturating_add(before.saturating_sub(found.gaps.len()));
                }
            }
            Entry::Hashed { to, midstate, .. } => {
                if let Some(hasher) = Hasher::resume(*to, *midstate) {
                    self.hasher = hasher;
                }
            }
            Entry::Anew => {
                (self.found, self.there, self.hasher) = (None, 0, Hasher::new());
            }
            Entry::Received { sha256 } => {
                let length = self.found.as_ref().map_or(0, |found| found.total);
                let is_compared = sha256.is_some() && *sha256 == self.settings.sha256;
                let verified = if is_compared { Verified::Sha256 } else { Verified::Length };
                self.course.succeed(Downloaded { length, sha256: *sha256, verified });
            }
            // Not of a download.
            _ => return,
        }
        self.log.push(Record(entry));
    }

    fn fail(&mut self, error: Error) {
        self.course.fail(error);
    }

    /// Whether there is anything to hash for.
    fn wants_hash(&self) -> bool {
        self.sink.is_hashed || self.settings.sha256.is_some()
    }

    /// Whether something feeds the hash.
    fn is_hashing(&self) -> bool {
        self.running.iter().any(|doing| matches!(doing, Doing::Hash | Doing::Range { is_tapped: true, .. }))
    }

    /// How long the file must be, as far as that is known before the object store says it.
    fn expected_length(&self) -> Option<u64> {
        self.settings.length.or(self.recorded)
    }

    fn take_back(&mut self) {
        for doing in self.running.lost() {
            self.is_missing(doing);
        }
    }

    /// What was to come of this won't.
    fn is_missing(&mut self, doing: Doing) {
        if let (Doing::Range { first, end, .. }, Some(found)) = (doing, &mut self.found) {
            found.gaps.open(first, end.min(found.total));
        }
    }

    fn choose(&mut self, now: Now) -> Result<Next<Downloaded>, Error> {
        self.set_out()?;
        let Some(found) = &self.found else {
            // The first range says how long it is, and what it is: nothing else until then, and nothing from before.
            if !self.running.is_idle() {
                return Ok(Next::Busy);
            }
            let looks = self.settings.look_up && self.settings.length.is_none();
            if looks && std::mem::replace(&mut self.is_look_due, false) {
                if let Some(job) = self.look(now) {
                    return Ok(Next::Run(job));
                }
            }
            return Ok(Next::Run(self.fetch(0, self.settings.range_size)));
        };
        let total = found.total;
        let joined = self.joined();
        let is_all_there = joined == total;
        let unhashed = joined.saturating_sub(self.hasher.fed());
        let is_worth_it = unhashed >= self.settings.range_size.min(SEGMENT) || is_all_there && unhashed > 0;
        if self.wants_hash() && self.sink.is_readable && !self.is_hashing() && is_worth_it {
            return Ok(Next::Read(self.read(unhashed)));
        }
        if self.running.is_idle() || !self.sink.is_in_order {
            let range = self.found.as_mut().and_then(|found| found.gaps.take(self.settings.range_size));
            if let Some((first, end)) = range {
                return Ok(Next::Run(self.fetch(first, end)));
            }
        }
        if !self.running.is_idle() {
            return Ok(Next::Busy);
        }
        self.verify(total)?;
        Ok(self.course.give())
    }

    /// All of it is there: is it right?
    fn verify(&mut self, total: u64) -> Result<(), Error> {
        let sha256 = (self.wants_hash() && self.hasher.fed() == total).then(|| self.hasher.clone().finish());
        if let (Some(wanted), Some(sha256)) = (self.settings.sha256, sha256) {
            if wanted != sha256 {
                return Err(Error::content(format!("the file has the SHA-256 {sha256}, and should have {wanted}")));
            }
        }
        self.learn(Entry::Received { sha256 });
        Ok(())
    }

    fn set_out(&mut self) -> Result<(), Error> {
        if self.log.is_empty() {
            let Settings { range_size, length, sha256, look_up } = self.settings;
            if range_size == 0 {
                return Err(InvalidParam::new("range_size", "0", "at least 1 byte").into());
            }
            let file = match &self.source {
                Source::File(file) => Some(file.clone()),
                Source::Link => None,
            };
            let header = DownloadHeader { version: VERSION, file, range_size, length, sha256, look_up };
            self.log.push(Record(Entry::Download(header)));
        }
        Ok(())
    }

    /// Up to where all bytes are there.
    fn joined(&self) -> u64 {
        let Some(found) = &self.found else { return 0 };
        let on_the_way = self.running.iter().filter_map(|doing| match doing {
            Doing::Range { first, .. } => Some(*first),
            Doing::Look | Doing::Hash | Doing::Stale => None,
        });
        found.gaps.first().into_iter().chain(on_the_way).min().unwrap_or(found.total).min(found.total)
    }

    /// Asks how long the file is. A link has no record that could be asked for.
    fn look(&mut self, now: Now) -> Option<Job> {
        let Source::File(file) = &self.source else { return None };
        self.looks = self.looks.saturating_add(1);
        let op = GetFile::new(&file.id, &file.space);
        let op = match &file.share_folder {
            Some(id) => op.share_folder_id(id.as_str()),
            None => op,
        };
        let options = self.course.options(now);
        let flow = JobFlow::new(Ask::new(op, options, |detail, _, _| What::Looked(Box::new(detail))));
        Some(Job { id: self.running.begin(Doing::Look), flow, bytes: 0 })
    }

    fn fetch(&mut self, first: u64, end: u64) -> Job {
        let len = end.saturating_sub(first);
        let is_tapped = self.wants_hash() && self.hasher.fed() == first && !self.is_hashing();
        let mut expected = Expected::new(first, len);
        expected.alone = self.found.is_none();
        match &self.found {
            None => expected.total = self.expected_length(),
            Some(found) => (expected.total, expected.validator) = (Some(found.total), found.validator.clone()),
        }
        if is_tapped {
            expected.seen = Seen::new(Some(self.hasher.clone()));
        }
        let ask = match &self.source {
            Source::Link => LinkAsk::Never,
            Source::File(file) => {
                let op = GetDownloadUrls::new(&file.space, vec![file.id.clone()]);
                let op = match &file.share_folder {
                    Some(id) => op.share_folder_id(id.as_str()),
                    None => op,
                };
                LinkAsk::File(op, file.id.clone())
            }
        };
        let carry = Carry::new(
            Cargo::Get { expected, got: 0 },
            ask,
            self.link.clone(),
            self.course.options.clone(),
            self.course.end,
        );
        let id = self.running.begin(Doing::Range { first, end, is_tapped });
        Job { id, flow: JobFlow::new(carry), bytes: len }
    }

    fn read(&mut self, unhashed: u64) -> Reading {
        let (fed, len) = (self.hasher.fed(), unhashed.min(SEGMENT));
        let state = ReadState::Hash(self.hasher.clone(), None);
        Reading::new(self.running.begin(Doing::Hash), fed, len, false, state)
    }

    fn got(&mut self, doing: Doing, got: Got) {
        let Doing::Range { first, end, is_tapped } = doing else {
            return self.fail(Error::misuse("the result is that of another piece of work"));
        };
        self.link = got.link.or_else(|| self.link.take());
        if self.found.is_none() {
            let validator = got.validator.and_then(|value| value.to_str().ok().map(str::to_owned));
            self.learn(Entry::Found { total: got.total, validator });
        } else if let Some(found) = &mut self.found {
            // What was asked for and didn't come is missing again.
            found.gaps.open(first, end.min(found.total));
        }
        self.learn(Entry::Range { first: got.first, len: got.len });
        if let Some(hasher) = got.hasher.filter(|_| is_tapped) {
            self.hashed(hasher);
        }
    }

    fn hashed(&mut self, hasher: Hasher) {
        match hasher.midstate() {
            Some(midstate) => self.learn(Entry::Hashed { to: hasher.fed(), midstate, pre_hash: None }),
            None => self.hasher = hasher,
        }
    }

    fn looked(&mut self, detail: &FileDetail) {
        let size = detail.size.and_then(|size| u64::try_from(size).ok());
        self.recorded = size;
    }

    /// The object has another length than it should have.
    fn is_of_other_length(&mut self, total: u64) {
        if self.settings.length.is_none() && self.looks == 1 {
            // The record is read once more: the file may have changed since.
            self.is_look_due = true;
        } else {
            self.fail(Error::moderated(total, self.expected_length().unwrap_or_default()));
        }
    }

    /// The content is another one than before, or can't be had in ranges: begins anew, once. `got` is how much of the
    /// range went to the sink.
    fn begin_anew(&mut self, got: u64, why: &str) {
        let is_sink_empty = self.there == 0 && got == 0;
        if self.restarts > 0 || self.sink.is_in_order && !is_sink_empty {
            return self.fail(Error::content(why));
        }
        self.restarts = 1;
        (self.is_look_due, self.looks) = (true, 0);
        // What is under way may still write what was there before: it has to end first.
        self.running.iter_mut().for_each(|doing| *doing = Doing::Stale);
        self.learn(Entry::Anew);
    }
}

impl Transfer for Download {
    type Outcome = Downloaded;

    fn next(&mut self, api: &Api, now: Now) -> Next<Downloaded> {
        let step = self.course.step(api, now);
        self.take_back();
        match step {
            Err(error) => return Next::Done(Err(error)),
            Ok(true) => match self.choose(now) {
                Ok(next) => return next,
                Err(error) => self.fail(error),
            },
            Ok(false) => {}
        }
        self.course.give()
    }

    fn done(&mut self, work: Id, result: Result<Worked, Error>) {
        let Some(doing) = self.running.end(&work).filter(|doing| *doing != Doing::Stale) else { return };
        let what = match result {
            Ok(worked) => worked.into_what(),
            Err(error) => {
                self.is_missing(doing);
                return self.fail(error);
            }
        };
        match what {
            What::Got(got) => self.got(doing, got),
            What::Hashed(hasher, _) if doing == Doing::Hash => self.hashed(hasher),
            What::Looked(detail) if doing == Doing::Look => self.looked(&detail),
            What::OtherLength(total) if self.found.is_none() => self.is_of_other_length(total),
            What::Changed(got) => self.begin_anew(got, "the file changes while it is downloaded"),
            What::RangeIgnored(got) => self.begin_anew(got, "the object store sends all where it is asked for a range"),
            _ => self.fail(Error::misuse("the result is that of another piece of work")),
        }
    }

    fn records(&self) -> &[Record] {
        &self.log
    }

    fn progress(&self) -> Progress {
        let total = self.found.as_ref().map(|found| found.total).or_else(|| self.expected_length());
        let is_there = self.found.as_ref().is_some_and(|found| self.there == found.total);
        let stage = if !self.course.is_open() {
            Stage::Ended
        } else if is_there {
            Stage::Verifying
        } else {
            Stage::Moving
        };
        Progress { stage, moved: self.there, hashed: self.hasher.fed(), total }
    }
}
