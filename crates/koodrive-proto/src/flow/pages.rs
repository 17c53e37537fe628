use std::{fmt, vec};

use crate::api::{Api, Options};
use crate::error::Error;
use crate::flow::attempts::Attempts;
use crate::flow::{Event, Flow, Step, options, step};
use crate::operation::Paged;
use crate::time::Now;

/// A listing, page by page: each run returns the next page, and `None` after the last.
///
/// It holds one request and no page, so a listing may be of any length. A run that ends with an error leaves the
/// listing where it was: the next run requests the same page again. But if the cursor of the next page can't be used,
/// every further run ends with an error, so that nobody takes a part of the listing for all of it. A run that is
/// cancelled loses no page, and the next one requests it anew. If you save the [`request`](Self::request), another
/// program can continue the listing.
///
/// ```
/// use koodrive_proto::flow::Pages;
/// use koodrive_proto::ops::jobs::ListJobs;
///
/// let pages = Pages::new(ListJobs::new(0, 100));
/// assert_eq!(pages.request(), Some(&ListJobs::new(0, 100)));
/// ```
#[derive(Debug)]
#[must_use]
pub struct Pages<O> {
    op: O,
    attempts: Attempts,
    way: Way,
    /// Whether an error ends the listing, and whether one has.
    fused: bool,
    failed: bool,
}

/// What comes after the pages so far.
#[derive(Debug)]
enum Way {
    /// The page that `op` requests.
    On,
    /// Nothing: that was the last page.
    Over,
    /// More, but it can't be requested; the error tells why, until it is told.
    Stuck(Option<Error>),
}

impl<O: Paged> Pages<O> {
    /// Creates a listing that begins with the page that the request names.
    pub fn new(op: O) -> Self {
        Self { op, attempts: Attempts::new(Options::default()), way: Way::On, fused: false, failed: false }
    }

    options!(attempts.options);

    /// Sets how long each page may take, with all attempts and pauses. There is no deadline unless set.
    pub fn page_deadline(mut self, deadline: std::time::Duration) -> Self {
        self.attempts.options.deadline = Some(deadline);
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
        matches!(self.way, Way::On).then_some(&self.op)
    }
}

impl<O: Paged> From<O> for Pages<O> {
    fn from(op: O) -> Self {
        Self::new(op)
    }
}

impl<O: Paged> Flow for Pages<O> {
    type Output = Option<O::Output>;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Self::Output, Error>> {
        if self.failed || matches!(self.way, Way::Over) {
            return Step::Done(match event {
                Event::Start => Ok(None),
                _ => Err(Error::misuse("the listing is over")),
            });
        }
        if let Way::Stuck(error) = &mut self.way {
            self.failed = self.fused;
            let again = || Error::decode("the listing is incomplete: its next page can't be requested").on(O::META);
            return Step::Done(Err(error.take().unwrap_or_else(again)));
        }
        let result = step!(self.attempts.drive(&self.op, api, now, event));
        self.attempts.renew();
        Step::Done(match result {
            Ok(page) => {
                match self.op.turn(&page) {
                    Ok(true) => {}
                    Ok(false) => self.way = Way::Over,
                    // Reported after this page, which could be read.
                    Err(error) => self.way = Way::Stuck(Some(error.on(O::META))),
                }
                Ok(Some(page))
            }
            Err(error) => {
                self.failed |= self.fused;
                Err(error)
            }
        })
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
                Ok(Some(page)) => self.page = O::items(page).into_iter(),
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
