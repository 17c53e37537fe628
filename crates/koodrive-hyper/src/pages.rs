use std::fmt;

use koodrive_proto::operation::Paged;
use koodrive_proto::{Error, flow};

use crate::Client;

/// The pages of a listing, one after the other, as [`Client::pages`] returns them.
///
/// Each page is requested when it is needed, and none is kept. After an error the listing ends;
/// [`request`](Self::request) then tells where to continue. Dropping the future of [`next`](Self::next) loses no page.
#[must_use]
pub struct Pages<O: Paged> {
    client: Client,
    flow: flow::Pages<O>,
}

impl<O: Paged> Pages<O> {
    pub(crate) fn new(client: Client, flow: flow::Pages<O>) -> Self {
        Self { client, flow: flow.fused() }
    }

    /// Returns the next page; `None` after the last and after an error.
    pub async fn next(&mut self) -> Option<Result<O::Output, Error>> {
        self.client.run(&mut self.flow).await.transpose()
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
    /// Returns the next entry; `None` after the last and after an error.
    pub async fn next(&mut self) -> Option<Result<O::Item, Error>> {
        self.client.run(&mut self.flow).await.transpose()
    }

    /// Returns the request of the page after the one that the current entries come from; after an error, of the page
    /// that failed. `None` if there is no such page, or if it can't be requested.
    pub fn request(&self) -> Option<&O> {
        self.flow.request()
    }
}

impl<O: Paged + fmt::Debug> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("flow", &self.flow).finish_non_exhaustive()
    }
}

#[cfg(feature = "stream")]
mod stream {
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    use futures_core::Stream;
    use futures_core::stream::FusedStream;
    use koodrive_proto::Error;
    use koodrive_proto::operation::Paged;

    use super::{Items, Pages};

    type Next<S, T> = Pin<Box<dyn Future<Output = (S, Option<T>)> + Send>>;

    /// A stream of what a function returns that takes its state and hands it back.
    struct Unfold<S, T> {
        next: fn(S) -> Next<S, T>,
        future: Option<Next<S, T>>,
    }

    fn unfold<S, T>(state: S, next: fn(S) -> Next<S, T>) -> Unfold<S, T> {
        Unfold { next, future: Some(next(state)) }
    }

    impl<S, T> Stream for Unfold<S, T> {
        type Item = T;

        fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
            let Some(future) = &mut self.future else { return Poll::Ready(None) };
            let (state, item) = ready!(future.as_mut().poll(cx));
            self.future = item.is_some().then(|| (self.next)(state));
            Poll::Ready(item)
        }
    }

    impl<S, T> FusedStream for Unfold<S, T> {
        fn is_terminated(&self) -> bool {
            self.future.is_none()
        }
    }

    impl<O: Paged<Item: Send, Output: Send> + Send + 'static> Pages<O> {
        /// Turns the pages into a stream. Feature `stream`.
        pub fn into_stream(self) -> impl FusedStream<Item = Result<O::Output, Error>> + Send + Unpin + 'static {
            unfold(self, |mut pages| {
                Box::pin(async {
                    let page = pages.next().await;
                    (pages, page)
                })
            })
        }
    }

    impl<O: Paged<Item: Send, Output: Send> + Send + 'static> Items<O> {
        /// Turns the entries into a stream. Feature `stream`.
        pub fn into_stream(self) -> impl FusedStream<Item = Result<O::Item, Error>> + Send + Unpin + 'static {
            unfold(self, |mut items| {
                Box::pin(async {
                    let item = items.next().await;
                    (items, item)
                })
            })
        }
    }
}
