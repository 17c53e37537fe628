use std::{fmt, mem, vec};

use crate::api::{Api, Options};
use crate::error::{Error, ErrorKind};
use crate::flow::attempts::Attempts;
use crate::flow::{Event, Flow, Step, options, step};
use crate::operation::{Paged, Turn};
use crate::time::Now;
use crate::wire::Notes;

/// A listing, page by page: each run returns the next page, and `None` after the last.
///
/// It holds a few requests and at most one page, so a listing may be of any length. A run that ends with an error
/// leaves the listing where it was: the next run requests the same page again. A run that is cancelled loses no page,
/// and the next one requests it anew. If you save the [`request`](Self::request), another program can continue the
/// listing.
///
/// A listing ends if the server goes in circles. If the next page can't be requested, every further run ends with an
/// error of kind [`Decode`](crate::ErrorKind::Decode) that says why, so that nobody takes a part of the listing for all
/// of it:
///
/// - The cursor of the next page can't be read, or it leads back to a page that was answered before.
/// - The server answers a page again that it answered before, so it ignores the cursor, offset or number. (Once, the
///   same page may come again, since new entries can have moved the others; it is left out.) If entries have no
///   [`key`](Paged::key), a page is compared only with the one before; and if they are all alike, that is an error only
///   after the eighth such page.
/// - There were 1,000 pages in a row without any entry.
///
/// A server that makes up new entries without end can do so; [`at_most`](Self::at_most) bounds that.
///
/// ```
/// use koodrive_proto::flow::Pages;
/// use koodrive_proto::ops::jobs::ListJobs;
///
/// let pages = Pages::new(ListJobs::new(0, 100)).at_most(10);
/// assert_eq!(pages.request(), Some(&ListJobs::new(0, 100)));
/// ```
#[must_use]
pub struct Pages<O: Paged> {
    op: O,
    attempts: Attempts,
    way: Way,
    circle: Circle<O>,
    repeats: Repeats<O::Item>,
    /// How many pages were read, and how many may be.
    read: u64,
    most: u64,
    /// Whether a page was skipped, since it was the one before.
    skipped: bool,
    /// Whether an error ends the listing, and whether one has.
    fused: bool,
    failed: bool,
}

/// What comes after the pages so far.
#[derive(Debug)]
enum Way {
    /// The page that `op` requests, by what the page before it said.
    On(Turn),
    /// Nothing: that was the last page.
    Over,
    /// More, but it can't be requested; the error tells why, until it is told.
    Stuck(Option<Error>),
}

impl<O: Paged> Pages<O> {
    /// Creates a listing that begins with the page that the request names.
    pub fn new(op: O) -> Self {
        Self {
            op,
            attempts: Attempts::new(Options::default()),
            way: Way::On(Turn::Next),
            circle: Circle::new(),
            repeats: Repeats::new(),
            read: 0,
            most: u64::MAX,
            skipped: false,
            fused: false,
            failed: false,
        }
    }

    /// Creates a listing that a flow reads among other requests of its own.
    pub(super) fn within(attempts: Attempts, op: O) -> Self {
        Self { attempts, ..Self::new(op) }
    }

    /// Returns what the next request of that flow goes on with.
    pub(super) fn into_attempts(self) -> Attempts {
        self.attempts
    }

    options!(attempts.options);

    /// Sets how long each page may take, with all attempts and pauses. There is no deadline unless set.
    pub fn page_deadline(mut self, deadline: std::time::Duration) -> Self {
        self.attempts.options.deadline = Some(deadline);
        self
    }

    /// Makes the listing end after so many pages. If there may be more, [`request`](Self::request) still returns the
    /// request of the next one.
    pub fn at_most(mut self, pages: u64) -> Self {
        self.most = self.read.saturating_add(pages);
        self
    }

    /// Makes the listing end after an error, as an iterator does: from then on it returns `None`.
    /// [`request`](Self::request) tells where to continue.
    pub fn fused(mut self) -> Self {
        self.fused = true;
        self
    }

    /// Returns the entries of all pages, one after the other.
    pub fn items(self) -> Items<O> {
        Items { pages: self.fused(), page: Vec::new().into_iter() }
    }

    /// Returns the request of the next page; `None` after the last, and if the next page can't be requested, which is
    /// the error of the next run.
    pub fn request(&self) -> Option<&O> {
        matches!(self.way, Way::On(_)).then_some(&self.op)
    }

    /// Finds out what comes after a page. `turn` is what the page before it said.
    fn turn(&mut self, mut page: O::Output, turn: Turn) -> Result<Turned<O::Output>, Error> {
        let items = O::items(&mut page);
        let (is_empty, repeat) = (items.is_empty(), self.repeats.by(items, O::key));
        // Some servers give their last page for any page beyond.
        let is_last = matches!(repeat, Some(Repeat::Same | Repeat::Again)) && !self.skipped;
        if (turn == Turn::Unsure && is_last) || (turn != Turn::Next && is_empty) {
            self.way = Way::Over;
            return Ok(Turned::End);
        }
        // Entries that came in meanwhile can have moved the others by exactly one page, if there was another one.
        let may_move = turn == Turn::Next || self.read > 1;
        let moved = repeat == Some(Repeat::Same) && may_move && !self.skipped;
        if let Some(repeat) = repeat.filter(|_| !moved) {
            self.way = Way::Stuck(None);
            return Err(Error::decode(repeat.problem()).on(O::META));
        }
        if self.circle.earlier.is_none() {
            self.circle.closes(&self.op);
        }
        // A problem is reported after this page, which could be read.
        let stuck = |error: Error| Way::Stuck(Some(error.on(O::META)));
        self.way = match self.op.turn(&page) {
            Ok(Turn::Last) if names_cursor(&self.attempts.notes) => {
                stuck(Error::decode("the cursor of the next page can't be read"))
            }
            Ok(Turn::Last) => Way::Over,
            Ok(_) if self.circle.closes(&self.op) => {
                stuck(Error::decode("the cursor of the next page leads back to a page that was answered before"))
            }
            Ok(turn) => Way::On(turn),
            Err(error) => stuck(error),
        };
        self.skipped = moved;
        if moved {
            return Ok(Turned::Skip);
        }
        self.read = self.read.saturating_add(1);
        Ok(Turned::Page(page))
    }
}

/// What a page is.
enum Turned<P> {
    Page(P),
    /// The page before, once more.
    Skip,
    /// Only a sign that there is no other page.
    End,
}

/// Whether a member that couldn't be read is a cursor: `nextCursor`, `nextPageCursor`.
fn names_cursor(notes: &Notes) -> bool {
    let is_cursor = |path: &str| path.ends_with("Cursor") && !path.contains('[');
    notes.paths().iter().any(|note| note.split(':').next().is_some_and(is_cursor))
}

/// Whether KooDrive itself says that there is no such page.
fn denies_page(error: &Error) -> bool {
    let status = error.status().map(|status| status.as_u16());
    let is_own = error.code().is_some_and(|code| !code.starts_with("APIGW")) || error.body().trim_ascii().is_empty();
    error.kind() == ErrorKind::Api && matches!(status, Some(400 | 404 | 416)) && is_own && !error.is_retryable()
}

/// Notices circles, however long they are, by Brent's algorithm: it remembers one point of the way, and twice as long
/// each time.
struct Circle<T> {
    earlier: Option<T>,
    since: u64,
    span: u64,
}

impl<T: Clone + PartialEq> Circle<T> {
    fn new() -> Self {
        Self { earlier: None, since: 0, span: 1 }
    }

    /// Goes on to a point, and returns whether that closes the circle.
    fn closes(&mut self, next: &T) -> bool {
        if self.earlier.as_ref() == Some(next) {
            return true;
        }
        self.since = self.since.saturating_add(1);
        if self.earlier.is_none() || self.since == self.span {
            self.earlier = Some(next.clone());
            self.since = 0;
            self.span = self.span.saturating_mul(2);
        }
        false
    }
}

/// What tells a page from others.
#[derive(Clone, PartialEq)]
enum Mark<T> {
    /// How many entries it has, and the keys of the first and the last of them.
    Keys(usize, String, String),
    Entries(Vec<T>),
}

/// How a listing doesn't advance.
#[derive(Clone, Copy, PartialEq)]
enum Repeat {
    /// The page is the one before.
    Same,
    /// A page before that.
    Again,
    /// One of many that are alike.
    Alike,
    /// Too many pages were empty.
    Empty,
}

impl Repeat {
    fn problem(self) -> &'static str {
        match self {
            Self::Same | Self::Again | Self::Alike => "the server answered the same page again, not the next one",
            Self::Empty => "1000 pages in a row were empty",
        }
    }
}

/// Notices pages that don't advance.
struct Repeats<T> {
    before: Option<Mark<T>>,
    circle: Circle<Mark<T>>,
    /// How many pages in a row were like the one before.
    alike: u32,
    /// How many pages in a row were empty.
    empty: u32,
}

impl<T: Clone + PartialEq> Repeats<T> {
    /// How many pages of entries that can't be told apart may be alike.
    const ALIKE: u32 = 8;
    const EMPTY: u32 = 1_000;

    fn new() -> Self {
        Self { before: None, circle: Circle::new(), alike: 0, empty: 0 }
    }

    fn by(&mut self, page: &[T], key: impl Fn(&T) -> Option<&str>) -> Option<Repeat> {
        let key = |item| key(item).filter(|key| !key.is_empty());
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            self.before = None;
            self.empty = self.empty.saturating_add(1);
            return (self.empty > Self::EMPTY).then_some(Repeat::Empty);
        };
        self.empty = 0;
        let mark = match (key(first), key(last)) {
            (Some(first), Some(last)) => Mark::Keys(page.len(), first.to_owned(), last.to_owned()),
            _ => Mark::Entries(page.to_vec()),
        };
        let is_same = self.before.as_ref() == Some(&mark);
        self.alike = if is_same { self.alike.saturating_add(1) } else { 0 };
        let repeat = match &mark {
            Mark::Keys(..) if is_same => Some(Repeat::Same),
            Mark::Keys(..) => self.circle.closes(&mark).then_some(Repeat::Again),
            // Entries that are all alike may well be followed by more of them.
            Mark::Entries(entries) if entries.iter().all(|entry| entry == first) => {
                (self.alike >= Self::ALIKE).then_some(Repeat::Alike)
            }
            Mark::Entries(_) => is_same.then_some(Repeat::Same),
        };
        self.before = Some(mark);
        repeat
    }
}

impl<O: Paged> From<O> for Pages<O> {
    fn from(op: O) -> Self {
        Self::new(op)
    }
}

impl<O: Paged> Flow for Pages<O> {
    type Output = Option<O::Output>;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<Self::Output, Error>> {
        loop {
            let turn = match &mut self.way {
                Way::Stuck(error) if !self.failed => {
                    self.failed = self.fused;
                    let again = || Error::decode("the listing is incomplete: its next page can't be requested");
                    return Step::Done(Err(error.take().unwrap_or_else(|| again().on(O::META))));
                }
                Way::On(turn) if !self.failed && self.read < self.most => *turn,
                _ => {
                    return Step::Done(match event {
                        Event::Start => Ok(None),
                        _ => Err(Error::misuse("the listing is over")),
                    });
                }
            };
            let result = step!(self.attempts.drive(&self.op, api, now, event));
            let result = match result {
                Ok(page) => self.turn(page, turn),
                Err(error) if turn != Turn::Next && denies_page(&error) => {
                    self.way = Way::Over;
                    Ok(Turned::End)
                }
                Err(error) => Err(error),
            };
            self.attempts.renew();
            return Step::Done(match result {
                Ok(Turned::Page(page)) => Ok(Some(page)),
                Ok(Turned::End) => Ok(None),
                Ok(Turned::Skip) => {
                    event = Event::Start;
                    continue;
                }
                Err(error) => {
                    self.failed |= self.fused;
                    Err(error)
                }
            });
        }
    }
}

impl<O: Paged + fmt::Debug> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("op", &self.op)
            .field("attempts", &self.attempts)
            .field("way", &self.way)
            .field("read", &self.read)
            .field("fused", &self.fused)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// The entries of a listing, across all its pages: each run returns the next entry, and `None` after the last and after
/// an error. [`Pages::items`] creates it.
#[must_use]
pub struct Items<O: Paged> {
    pages: Pages<O>,
    page: vec::IntoIter<O::Item>,
}

impl<O: Paged> Items<O> {
    /// Returns the request of the page after the one that the current entries come from; after an error, of the page
    /// that failed. `None` if there is no such page, or if it can't be requested because its cursor can't be read.
    pub fn request(&self) -> Option<&O> {
        self.pages.request()
    }
}

impl<O: Paged> Flow for Items<O> {
    type Output = Option<O::Item>;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<Self::Output, Error>> {
        loop {
            if let Event::Start = event {
                if let Some(item) = self.page.next() {
                    return Step::Done(Ok(Some(item)));
                }
            }
            match step!(self.pages.resume(api, now, event)) {
                Ok(Some(mut page)) => self.page = mem::take(O::items(&mut page)).into_iter(),
                Ok(None) => return Step::Done(Ok(None)),
                Err(error) => return Step::Done(Err(error)),
            }
            event = Event::Start;
        }
    }
}

impl<O: Paged + fmt::Debug> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).field("left", &self.page.len()).finish()
    }
}
