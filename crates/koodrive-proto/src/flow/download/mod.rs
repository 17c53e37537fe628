//! Downloads: ranges of a link, which together are a file.
//!
//! `mod.rs` has what the caller sets and what is known, `next.rs` what comes next, `learn.rs` what comes of it.

mod gaps;
mod learn;
mod next;

use std::time::Duration;

use http::HeaderValue;

use crate::api::Api;
use crate::error::Error;
use crate::flow::course::Course;
use crate::flow::link::Link;
use crate::flow::record::{DownloadFile, DownloadHeader, Entry, VERSION, unusable};
use crate::flow::work::{Running, What};
use crate::flow::{Id, Next, Progress, Record, Stage, Transfer, Worked, options};
use crate::param::{FileId, IntoParam, Secret, SpaceId};
use crate::time::Now;
use crate::transfer::{Digest, Hasher};

use gaps::Gaps;

/// Why a download begins anew.
const CHANGES: &str = "the file changes while it is downloaded";

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
/// 1. [`GetFile`](crate::ops::files::GetFile) says how long the file is, unless [`look_up`](Self::look_up) is off or
///    [`length`](Self::length) is set.
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
/// - The file changes while it is downloaded (another ETag, Last-Modified or length), or a server that took ranges
///   before sends the whole: the download begins anew, once. If it happens again, the error is
///   [`Content`](crate::ErrorKind::Content).
///
/// A server that has no strong ETags leaves a gap: a file that changes within a second, or to a content that has the
/// same weak ETag, and keeps its length, can't be told from the one before. Only [`sha256`](Self::sha256) sees that.
/// The object store that the manuals show is one with strong ETags.
///
/// Nothing is ever written at a wrong place: an answer goes to the sink only if its head says that it is the range that
/// was asked for.
///
/// # Links from elsewhere
///
/// [`Download::link`] is for links that other calls give, for example of shares, revisions and archives. Such a link
/// can't be renewed: when it is refused, the error is [`Link`](crate::ErrorKind::Link). Then
/// `Download::resume(records)?.with_link(link)` goes on with another one for the same content.
///
/// # Resuming
///
/// [`records`](Transfer::records) is the state, and [`Download::resume`] goes on from any prefix of it. The ranges that
/// it has are expected to be in the sink. Without a strong ETag it isn't known whether the object is still the same
/// one, so the download begins anew then, unless a hash is set, which will tell.
///
/// # Options
///
/// Trace id, language, headers, timeouts and limits are for the calls of the service. Ranges have a time of their own
/// by their length, and get none of the headers; the retry policy is for both.
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
    /// Whether the first step was made.
    is_set_out: bool,
    /// How many bytes are in the sink.
    there: u64,
    restarts: u32,
    hasher: Hasher,
    running: Running<Doing>,
}

/// What the caller says of the sink.
#[derive(Debug, Clone)]
struct Sink {
    /// Which one it is.
    mark: String,
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
            sink: Sink { mark: String::new(), is_readable: true, is_in_order: false, is_hashed: true },
            course: Course::new(),
            log: Vec::new(),
            link,
            recorded: None,
            is_look_due: true,
            looks: 0,
            found: None,
            is_set_out: false,
            there: 0,
            restarts: 0,
            hasher: Hasher::new(),
            running: Running::new(),
        }
    }

    /// Goes on from a stored state: from [`records`](Transfer::records), or any prefix of it. A download from a link
    /// needs [`with_link`](Self::with_link) as well.
    ///
    /// Length, hash, look-up and the size of ranges are those of the beginning. What is said of the sink
    /// ([`readable`](Self::readable), [`in_order`](Self::in_order), [`hash`](Self::hash)), the deadline and the options
    /// have to be set again.
    pub fn resume(records: impl IntoIterator<Item = Record>) -> Result<Self, Error> {
        let mut records = records.into_iter();
        let Some(Record(Entry::Download(header))) = records.next() else {
            return Err(unusable("it isn't that of a download"));
        };
        if header.version != VERSION {
            return Err(unusable("another version of this program has stored it"));
        }
        let DownloadHeader { range_size, length, sha256, look_up, .. } = *header;
        let sink = header.sink.clone();
        let source = header.file.clone().map_or(Source::Link, Source::File);
        let mut download = Self::of(source, None);
        download.settings = Settings { range_size: range_size.max(1), length, sha256, look_up };
        download.sink.mark = sink;
        download.log.push(Record(Entry::Download(header)));
        for Record(entry) in records {
            download.check_stored(&entry)?;
            download.learn(entry);
        }
        Ok(download)
    }

    /// Goes on from a stored state like [`resume`](Self::resume), with the options, the deadline, the link and what is
    /// said of the sink of this one.
    ///
    /// The state of another file is refused, and so is one that has another length or hash to expect. If that one has
    /// nothing in the sink, this one begins anew instead, without records: then nothing of the state counts.
    pub fn resumed(self, records: impl IntoIterator<Item = Record>) -> Result<Self, Error> {
        let records: Vec<Record> = records.into_iter().collect();
        let is_begun = Record::is_begun(&records);
        let mut resumed = match Self::resume(records).and_then(|resumed| resumed.agreeing(&self)) {
            Ok(resumed) => resumed,
            Err(_) if !is_begun => return Ok(self),
            Err(error) => return Err(error),
        };
        (resumed.course.options, resumed.course.patience) = (self.course.options, self.course.patience);
        let mark = std::mem::take(&mut resumed.sink.mark);
        (resumed.sink, resumed.link) = (Sink { mark, ..self.sink }, self.link);
        Ok(resumed)
    }

    /// Fails unless it is of the same file as another one, and expects what that does.
    fn agreeing(self, other: &Self) -> Result<Self, Error> {
        let is_same = match (&self.source, &other.source) {
            (Source::File(stored), Source::File(given)) => stored == given,
            (Source::Link, Source::Link) => true,
            _ => false,
        };
        if !is_same {
            return Err(unusable("it is that of another file"));
        }
        let (stored, given) = (&self.settings, &other.settings);
        let agrees = given.length.is_none_or(|length| stored.length == Some(length))
            && given.sha256.is_none_or(|sha256| stored.sha256 == Some(sha256));
        if agrees { Ok(self) } else { Err(unusable("it expects another length or hash")) }
    }

    /// Whether something was written to the sink of this [mark](Self::sink_mark), so that it can be gone on with.
    pub fn is_in_sink(&self, mark: &str) -> bool {
        self.sink.mark == mark && self.found.is_some()
    }

    /// Says which sink it is, by a text that no other has: of a file, by what its system knows it. If a resumed
    /// download went to another one, or it didn't say, nothing of what was written there counts.
    pub fn sink_mark(mut self, mark: impl Into<String>) -> Self {
        let mark = mark.into();
        if self.is_new() {
            self.sink.mark = mark;
        } else if self.sink.mark != mark {
            if self.found.is_some() {
                self.learn(Entry::Anew);
            }
            self.learn(Entry::Mark(mark));
        }
        self
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
        if self.is_new() {
            self.settings.length = Some(bytes);
        }
        self
    }

    /// Sets the SHA-256 that the file must have.
    pub fn sha256(mut self, sha256: Digest) -> Self {
        if self.is_new() {
            self.settings.sha256 = Some(sha256);
        }
        self
    }

    /// Sets whether the service is asked first how long the file is; true unless set. Without it, a warning file of
    /// content moderation isn't recognised by its length.
    pub fn look_up(mut self, on: bool) -> Self {
        if self.is_new() {
            self.settings.look_up = on;
        }
        self
    }

    /// Sets how many bytes each range has, at least 1; a resumed download keeps its size.
    pub fn range_size(mut self, bytes: u64) -> Self {
        if self.is_new() {
            self.settings.range_size = bytes;
        }
        self
    }

    /// Sets whether the sink can be read; true unless set. If it can't, the hash is made only on the way, which takes
    /// [`in_order`](Self::in_order).
    pub fn readable(mut self, on: bool) -> Self {
        self.sink.is_readable = on;
        self
    }

    /// Fetches one range after the other, for a sink that takes bytes only in order. It can't begin anew once there is
    /// something in it. After an attempt was cancelled or work was dropped, places come again that have been written:
    /// pass over the bytes that the sink has.
    pub fn in_order(mut self) -> Self {
        self.sink.is_in_order = true;
        self
    }

    /// Sets whether the SHA-256 is made although none is expected; true unless set.
    pub fn hash(mut self, on: bool) -> Self {
        self.sink.is_hashed = on;
        self
    }

    /// Whether it isn't resumed: only then settings count.
    fn is_new(&self) -> bool {
        self.log.is_empty()
    }

    /// Sets how long the whole download may take, counted from its first step. There is no deadline unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.course.patience = Some(deadline);
        self
    }
}

impl Transfer for Download {
    type Outcome = Downloaded;

    fn next(&mut self, api: &Api, now: Now) -> Next<Downloaded> {
        let step = self.course.step(api, now);
        self.take_back();
        match step {
            Err(error) => return Next::Done(Err(error)),
            Ok(true) => match self.choose() {
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
            What::OtherLength(_) => self.begin_anew(0, CHANGES),
            What::Changed(got) => self.begin_anew(got, CHANGES),
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
        let parts = self.there.checked_div(self.settings.range_size).unwrap_or_default();
        let parts_total = total.map(|total| total.div_ceil(self.settings.range_size.max(1)));
        // The last one is shorter.
        let parts = if is_there { parts_total.unwrap_or(parts) } else { parts };
        Progress { stage, moved: self.there, hashed: self.hasher.fed(), total, parts, parts_total }
    }
}
