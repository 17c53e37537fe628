//! What a transfer hands out to its driver, and how the driver answers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Weak};

use crate::api::Api;
use crate::error::{BoxError, Error};
use crate::flow::link::Link;
use crate::flow::{Event, Flow, Record, Step};
use crate::ops::files::FileDetail;
use crate::param::FileId;
use crate::time::Now;
use crate::transfer::{Digest, ExactLength, Hasher, PreHash, WrongLength};

/// A transfer: an [`Upload`](crate::flow::Upload) or a [`Download`](crate::flow::Download), as a coordinator without
/// I/O that hands out work.
///
/// One owner calls [`next`](Self::next), does what it gets on threads or as futures, at most as many at a time as it
/// likes, and passes each result to [`done`](Self::done). It asks again after each `done`. So there is no lock, and
/// nothing has to be woken up. See [the module](crate::flow#transfers) for a driver.
pub trait Transfer {
    /// What the transfer results in.
    type Outcome;

    /// Returns what to do now. After [`Next::Done`] it is [`Misuse`](crate::ErrorKind::Misuse).
    fn next(&mut self, api: &Api, now: Now) -> Next<Self::Outcome>;

    /// Takes the result of a piece of work.
    ///
    /// What finishes after [`Next::Done`] with an error should be passed on all the same: it counts when the transfer
    /// is resumed.
    fn done(&mut self, work: Id, result: Result<Worked, Error>);

    /// Returns the state to be stored: a header, and what was learned since. It only grows, and every prefix of it can
    /// be gone on from.
    ///
    /// Store what is new before the work that [`next`](Self::next) returned is begun, and after each
    /// [`done`](Self::done). A download's bytes have to be in the sink before the record that says so: whoever wants to
    /// survive a power cut flushes the sink first. There are no links, tokens or other secrets in it.
    fn records(&self) -> &[Record];

    /// Returns how far it is.
    fn progress(&self) -> Progress;
}

impl<T: Transfer + ?Sized> Transfer for &mut T {
    type Outcome = T::Outcome;

    fn next(&mut self, api: &Api, now: Now) -> Next<Self::Outcome> {
        (**self).next(api, now)
    }

    fn done(&mut self, work: Id, result: Result<Worked, Error>) {
        (**self).done(work, result);
    }

    fn records(&self) -> &[Record] {
        (**self).records()
    }

    fn progress(&self) -> Progress {
        (**self).progress()
    }
}

/// What the driver of a transfer has to do next.
#[derive(Debug)]
#[must_use]
pub enum Next<O> {
    /// Read bytes of the source, or for a download of the sink, and feed them.
    Read(Reading),
    /// Run a flow.
    Run(Job),
    /// Wait for some of the work that is under way. It comes only while there is some: a driver that sees it otherwise
    /// ends with [`Error::misuse`].
    Busy,
    /// The transfer has ended. After an error, the driver lets what is under way finish or stops it (drops its future,
    /// or makes its exchange fail), and passes what comes of it to [`Transfer::done`] all the same.
    Done(Result<O, Error>),
}

/// How far a transfer is. What the work under way has moved isn't in it: a bar adds the bytes of each job's current
/// attempt, and never goes back, since a range that breaks off goes on where it was. At [`Stage::Ended`] it is full,
/// also where nothing had to be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is going on.
    pub stage: Stage,
    /// How many bytes have been sent or received, in parts that are finished.
    pub moved: u64,
    /// How many bytes have been hashed.
    pub hashed: u64,
    /// How many bytes there are; `None` if that isn't known yet.
    pub total: Option<u64>,
    /// How many parts or ranges are finished.
    pub parts: u64,
    /// How many parts or ranges there are, as far as that is known.
    pub parts_total: Option<u64>,
}

impl Progress {
    /// Creates that of a transfer at that stage that has moved nothing, for transfers written by hand.
    pub fn new(stage: Stage) -> Self {
        Self { stage, moved: 0, hashed: 0, total: None, parts: 0, parts_total: None }
    }
}

/// What is going on in a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// The source is hashed, before anything is sent.
    Hashing,
    /// Parts are sent, or ranges received.
    Moving,
    /// All parts are there, and the service puts them together.
    Completing,
    /// All ranges are there, and are read once more for their hash.
    Verifying,
    /// It has ended.
    Ended,
}

/// The right to a piece of work. Work whose `Id` is dropped without [`Transfer::done`] is handed out again.
#[derive(Debug)]
pub struct Id {
    number: u64,
    lease: Arc<()>,
}

/// A flow to run. Its output goes to [`Transfer::done`] with its id.
#[non_exhaustive]
pub struct Job {
    /// The right to this work.
    pub id: Id,
    /// What to run. It needs the source or the sink if it moves bytes. Pauses, retries and the renewal of its link are
    /// inside it, so that a paused part holds its place.
    pub flow: JobFlow,
    /// How many bytes of the file it moves; 0 if it is only a call.
    pub bytes: u64,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("id", &self.id.number).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// The flow of a [`Job`].
pub struct JobFlow(Box<dyn Flow<Output = Worked> + Send>);

impl JobFlow {
    pub(super) fn new(flow: impl Flow<Output = Worked> + Send + 'static) -> Self {
        Self(Box::new(flow))
    }
}

impl Flow for JobFlow {
    type Output = Worked;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Worked, Error>> {
        self.0.resume(api, now, event)
    }
}

impl fmt::Debug for JobFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JobFlow(..)")
    }
}

/// What came of a piece of work: opaque, for [`Transfer::done`].
#[derive(Debug)]
pub struct Worked(Box<What>);

impl Worked {
    pub(super) fn new(what: What) -> Self {
        Self(Box::new(what))
    }

    pub(super) fn into_what(self) -> What {
        *self.0
    }
}

#[derive(Debug)]
pub(super) enum What {
    Hashed(Hasher, Option<PreHash>),
    Proved(Digest),
    Created(Created),
    /// The request would have gone out with another identity than its proof was made for.
    ProveAgain,
    Links(Vec<(u32, Link)>),
    Sent(u32),
    Completed,
    Looked(Box<FileDetail>),
    Got(Got),
    /// The content is another than before; so many bytes of the range are in the sink.
    Changed(u64),
    /// The server sends the whole where it was asked for a range; so many bytes of that are in the sink.
    RangeIgnored(u64),
    /// It has this length, and not the one of the record.
    OtherLength(u64),
}

/// The answer to a create call.
#[derive(Debug)]
pub(super) enum Created {
    Instant { file_id: FileId, name: String },
    AlreadyThere { file_id: FileId, name: String },
    Upload { file_id: FileId, name: String, links: Vec<(u32, Link)> },
}

/// A range of a download.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) first: u64,
    pub(super) len: u64,
    pub(super) total: u64,
    pub(super) validator: Option<http::HeaderValue>,
    pub(super) link: Option<Link>,
    /// The hash up to the end of the range.
    pub(super) hasher: Option<Hasher>,
}

/// Bytes to be read and fed, on any thread.
///
/// ```
/// use koodrive_proto::Error;
/// use koodrive_proto::flow::{Id, Reading, Worked};
/// use std::io;
///
/// /// `read_at` fills a buffer with bytes of the file from a position on, and says how many there were.
/// fn read(
///     mut reading: Reading,
///     read_at: impl Fn(u64, &mut [u8]) -> io::Result<usize>,
/// ) -> (Id, Result<Worked, Error>) {
///     let mut buffer = vec![0; 256 * 1024];
///     // One more byte than wanted, where there mustn't be one: then the source has grown.
///     while reading.left() > 0 || reading.is_last() {
///         let more = u64::from(reading.is_last());
///         let wanted = usize::try_from(reading.left() + more).map_or(buffer.len(), |n| n.min(buffer.len()));
///         match read_at(reading.position(), &mut buffer[..wanted]) {
///             Ok(0) => break, // `finish` says what is missing
///             Ok(read) => reading.feed(&buffer[..read]),
///             Err(error) => return reading.failed(error),
///         }
///         if reading.is_over() {
///             break;
///         }
///     }
///     reading.finish()
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Reading {
    id: Id,
    offset: u64,
    exact: ExactLength,
    wrong: Option<WrongLength>,
    is_last: bool,
    is_sink: bool,
    state: Box<ReadState>,
}

#[derive(Debug)]
pub(super) enum ReadState {
    Hash(Hasher, Option<PreHash>),
    Proof(Hasher),
}

impl Reading {
    pub(super) fn new(id: Id, offset: u64, len: u64, is_last: bool, state: ReadState) -> Self {
        Self { id, offset, exact: ExactLength::new(len), wrong: None, is_last, is_sink: false, state: Box::new(state) }
    }

    /// Bytes that a download has written.
    pub(super) fn of_sink(id: Id, offset: u64, len: u64, state: ReadState) -> Self {
        Self { is_sink: true, ..Self::new(id, offset, len, false, state) }
    }

    /// Returns where to read next.
    pub fn position(&self) -> u64 {
        self.offset.saturating_add(self.exact.fed())
    }

    /// Returns how many bytes are still to be fed, at most 64 MiB.
    pub fn left(&self) -> u64 {
        self.exact.left()
    }

    /// Returns whether the source must end behind these bytes. A driver that finds more there feeds it, so that
    /// [`finish`](Self::finish) says so.
    pub fn is_last(&self) -> bool {
        self.is_last
    }

    /// Returns whether there were more bytes than there must be, so that reading on makes no sense.
    pub fn is_over(&self) -> bool {
        self.wrong.is_some()
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        match self.exact.feed(bytes) {
            Err(wrong) => self.wrong = Some(wrong),
            Ok(()) => match &mut *self.state {
                ReadState::Hash(hasher, pre) => {
                    hasher.feed(bytes);
                    if let Some(pre) = pre {
                        pre.feed(bytes);
                    }
                }
                ReadState::Proof(hasher) => hasher.feed(bytes),
            },
        }
    }

    /// Returns the result, for [`Transfer::done`].
    pub fn finish(self) -> (Id, Result<Worked, Error>) {
        let result = match (self.wrong, self.exact.finish()) {
            (Some(WrongLength::Long { .. }), _) => Err(Error::local("the source is longer than it was")),
            (_, Err(wrong)) if self.is_sink => Err(Error::local(format!(
                "what was written isn't there: from byte {} on {wrong}; remove the stored state, and begin anew",
                self.offset
            ))),
            (Some(wrong), _) | (None, Err(wrong)) => {
                Err(Error::local(format!("the source is shorter than it was: from byte {} on {wrong}", self.offset)))
            }
            (None, Ok(())) => Ok(Worked::new(match *self.state {
                ReadState::Hash(hasher, pre) => What::Hashed(hasher, pre),
                ReadState::Proof(hasher) => What::Proved(hasher.finish()),
            })),
        };
        (self.id, result)
    }

    /// Returns the result that it couldn't be read, for [`Transfer::done`].
    pub fn failed(self, source: impl Into<BoxError>) -> (Id, Result<Worked, Error>) {
        let what = format!("the file can't be read from byte {} on", self.position());
        (self.id, Err(Error::local_io(&what, source)))
    }
}

/// What is under way, by lease: whoever drops an [`Id`] gives its work back.
#[derive(Debug)]
pub(super) struct Running<T> {
    count: u64,
    under_way: BTreeMap<u64, (T, Weak<()>)>,
}

impl<T> Running<T> {
    pub(super) fn new() -> Self {
        Self { count: 0, under_way: BTreeMap::new() }
    }

    pub(super) fn begin(&mut self, doing: T) -> Id {
        self.count = self.count.saturating_add(1);
        let lease = Arc::new(());
        self.under_way.insert(self.count, (doing, Arc::downgrade(&lease)));
        Id { number: self.count, lease }
    }

    /// Ends a piece of work. Another transfer's `Id` ends nothing here.
    pub(super) fn end(&mut self, id: &Id) -> Option<T> {
        let (_, lease) = self.under_way.get(&id.number)?;
        let is_ours = std::ptr::eq(lease.as_ptr(), Arc::as_ptr(&id.lease));
        is_ours.then(|| self.under_way.remove(&id.number)).flatten().map(|(doing, _)| doing)
    }

    /// Takes what was dropped without a result.
    pub(super) fn lost(&mut self) -> Vec<T> {
        let is_lost = |entry: &(&u64, &(T, Weak<()>))| entry.1.1.strong_count() == 0;
        let lost: Vec<u64> = self.under_way.iter().filter(is_lost).map(|(number, _)| *number).collect();
        // What whoever dropped it did before is seen from here on.
        fence(Ordering::Acquire);
        lost.iter().filter_map(|number| self.under_way.remove(number)).map(|(doing, _)| doing).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.under_way.values().map(|(doing, _)| doing)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.under_way.values_mut().map(|(doing, _)| doing)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }
}
