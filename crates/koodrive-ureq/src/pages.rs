use std::fmt;
use std::iter::FusedIterator;

use koodrive_proto::operation::Paged;
use koodrive_proto::{Error, flow};

use crate::Client;

/// The pages of a listing, one after the other, as [`Client::pages`] returns them.
///
/// Each page is requested when it is needed, and none is kept. After an error the listing ends;
/// [`request`](Self::request) then tells where to continue.
#[must_use]
pub struct Pages<O: Paged> {
    client: Client,
    flow: flow::Pages<O>,
}

impl<O: Paged> Pages<O> {
    pub(crate) fn new(client: Client, flow: flow::Pages<O>) -> Self {
        Self { client, flow: flow.fused() }
    }

    /// Returns the entries of all pages.
    pub fn items(self) -> Items<O> {
        Items { client: self.client, flow: self.flow.items() }
    }

    /// Returns the request of the next page; `None` after the last, and if the next page can't be requested.
    pub fn request(&self) -> Option<&O> {
        self.flow.request()
    }
}

impl<O: Paged> Iterator for Pages<O> {
    type Item = Result<O::Output, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.client.run(&mut self.flow).transpose()
    }
}

impl<O: Paged> FusedIterator for Pages<O> {}

impl<O: Paged + fmt::Debug> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("flow", &self.flow).finish_non_exhaustive()
    }
}

/// The entries of a listing, one after the other, across all its pages; [`Pages::items`] returns them.
#[must_use]
pub struct Items<O: Paged> {
    client: Client,
    flow: flow::Items<O>,
}

impl<O: Paged> Items<O> {
    /// Returns the request of the page after the one that the current entries come from; after an error, of the page
    /// that failed. `None` if there is no such page, or if it can't be requested.
    pub fn request(&self) -> Option<&O> {
        self.flow.request()
    }
}

impl<O: Paged> Iterator for Items<O> {
    type Item = Result<O::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.client.run(&mut self.flow).transpose()
    }
}

impl<O: Paged> FusedIterator for Items<O> {}

impl<O: Paged + fmt::Debug> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("flow", &self.flow).finish_non_exhaustive()
    }
}
