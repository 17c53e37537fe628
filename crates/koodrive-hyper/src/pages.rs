use std::fmt;
use std::vec;

use koodrive_proto::Error;
use koodrive_proto::flow::{self, Paged};

use crate::Client;

/// The pages of a listing, one after the other, as [`Client::pages`] gives them.
///
/// Each is asked for when it is wanted, and none is kept. After an error it ends; [`request`](Self::request) then tells where
/// to go on. Dropping the future of [`next`](Self::next) loses no page.
#[must_use]
pub struct Pages<O> {
    client: Client,
    flow: flow::Pages<O>,
    over: bool,
}

impl<O: Paged> Pages<O> {
    pub(crate) fn new(client: Client, flow: flow::Pages<O>) -> Self {
        Self { client, flow, over: false }
    }

    /// The next page; `None` after the last and after an error.
    pub async fn next(&mut self) -> Option<Result<O::Output, Error>> {
        if self.over {
            return None;
        }
        let page = self.client.run(&mut self.flow).await.transpose();
        self.over = !matches!(page, Some(Ok(_)));
        page
    }

    /// The entries of all pages.
    pub fn items(self) -> Items<O> {
        Items { pages: self, page: Vec::new().into_iter() }
    }

    /// The request of the next page; `None` after the last.
    pub fn request(&self) -> Option<&O> {
        self.flow.request()
    }
}

impl<O: fmt::Debug> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("flow", &self.flow).field("over", &self.over).finish_non_exhaustive()
    }
}

/// The entries of a listing, one after the other, whatever pages they come in: [`Pages::items`].
#[must_use]
pub struct Items<O: Paged> {
    pages: Pages<O>,
    page: vec::IntoIter<O::Item>,
}

impl<O: Paged> Items<O> {
    /// The request of the page after the one that these entries come from; after an error, of the page that failed.
    pub fn request(&self) -> Option<&O> {
        self.pages.request()
    }

    /// The next entry; `None` after the last and after an error.
    pub async fn next(&mut self) -> Option<Result<O::Item, Error>> {
        loop {
            if let Some(item) = self.page.next() {
                return Some(Ok(item));
            }
            match self.pages.next().await? {
                Ok(page) => self.page = O::items(page).into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<O: Paged + fmt::Debug> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).field("left", &self.page.len()).finish()
    }
}

#[cfg(feature = "stream")]
mod stream {
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    use futures_core::Stream;
    use futures_core::stream::FusedStream;
    use koodrive_proto::Error;
    use koodrive_proto::flow::Paged;

    use super::{Items, Pages};

    type Next<S, T> = Pin<Box<dyn Future<Output = (S, Option<T>)> + Send>>;

    /// A stream of what a function gives that takes its state and hands it back.
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

    impl<O: Paged<Output: Send> + Send + 'static> Pages<O> {
        /// As a stream. Feature `stream`.
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
        /// As a stream. Feature `stream`.
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
