//! Bodies of requests: bytes, or a range of a source that is read while it is sent.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};

use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::Full;
use hyper::rt::Sleep;
use koodrive_files::{CHUNK, RateLimit, Source, read_full};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::Failure;
use koodrive_proto::transfer::{ExactLength, WrongLength};
use tokio::task::JoinHandle;

use crate::ends::Lane;
use crate::watch::{Own, Watch};

/// The body of a request, as a [`Service`](tower_service::Service) gets it: bytes in memory, or a range of a source.
///
/// Its length is known. A source is read on the blocking threads of tokio, and only while the call is waited for; if it
/// can't be read or ends too early, the body ends with an error, and must not be sent as if it were complete.
#[derive(Debug, Default)]
pub struct RequestBody {
    content: Content,
    watch: Option<Arc<Watch>>,
}

#[derive(Debug)]
enum Content {
    Memory(Full<Bytes>),
    Source {
        feed: Weak<Feed>,
        left: u64,
        /// While the source is waited for.
        own: Option<Own>,
    },
}

impl Default for Content {
    fn default() -> Self {
        Self::Memory(Full::default())
    }
}

impl RequestBody {
    pub(crate) fn memory(bytes: Bytes, watch: &Arc<Watch>) -> Self {
        Self { content: Content::Memory(Full::new(bytes)), watch: Some(Arc::clone(watch)) }
    }

    /// The body that is fed, as long as the feed is kept.
    pub(crate) fn fed(feed: &Arc<Feed>, watch: &Arc<Watch>) -> Self {
        let left = feed.lock().exact.left();
        let content = Content::Source { feed: Arc::downgrade(feed), left, own: None };
        Self { content, watch: Some(Arc::clone(watch)) }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Self { content, watch } = &mut *self;
        if let Some(watch) = watch {
            watch.moved();
        }
        match content {
            Content::Memory(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Content::Source { left: 0, .. } => Poll::Ready(None),
            Content::Source { feed: from, left, own } => {
                // hyper would send all of it, although the answer is there already.
                let Some(feed) = from.upgrade() else { return Poll::Ready(Some(Err("the call is over".into()))) };
                if own.is_none() {
                    *own = watch.as_ref().map(Own::new);
                }
                let chunk = ready!(feed.lock().poll(cx));
                *own = None;
                match &chunk {
                    Ok(chunk) => *left = left.saturating_sub(chunk.len() as u64),
                    // There is no more of it, but it isn't complete either.
                    Err(_) => *from = Weak::new(),
                }
                Poll::Ready(Some(chunk.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Memory(body) => body.is_end_stream(),
            Content::Source { left, .. } => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Memory(body) => body.size_hint(),
            Content::Source { left, .. } => SizeHint::with_exact(*left),
        }
    }
}

/// A range of a source, of which a chunk is read ahead.
pub(crate) struct Feed(Mutex<Feeding>);

struct Feeding {
    source: Arc<dyn Source>,
    lane: Lane<'static>,
    watch: Arc<Watch>,
    offset: u64,
    /// Counts what was read.
    exact: ExactLength,
    /// How many bytes are being read.
    reading: Option<(usize, JoinHandle<io::Result<Bytes>>)>,
    /// What was read, and may have to wait for the rate limit.
    ready: Option<Bytes>,
    wait: Option<Pin<Box<dyn Sleep>>>,
    failure: Option<Failure>,
}

impl Feed {
    pub(crate) fn new(source: &Arc<dyn Source>, lane: &Lane<'_>, watch: &Arc<Watch>, offset: u64, len: u64) -> Self {
        if let Some(moving) = &lane.moving {
            moving.reset();
        }
        let (limit, moving, held) = (lane.limit.clone(), lane.moving.clone(), lane.held.clone());
        Self(Mutex::new(Feeding {
            source: Arc::clone(source),
            lane: Lane { limit, moving, held, ..Lane::default() },
            watch: Arc::clone(watch),
            offset,
            exact: ExactLength::new(len),
            reading: None,
            ready: None,
            wait: None,
            failure: None,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Feeding> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the source didn't give what it had to, whatever became of that in the HTTP client.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.lock().failure.take()
    }

    /// Whether the HTTP client got all of it.
    pub(crate) fn is_taken(&self) -> bool {
        let feeding = self.lock();
        feeding.exact.left() == 0 && feeding.ready.is_none()
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Feed(..)")
    }
}

impl Feeding {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, BoxError>> {
        if self.ready.is_none() {
            match ready!(self.poll_read(cx)) {
                Ok(chunk) => self.ready = Some(chunk),
                Err(error) => return Poll::Ready(Err(self.failed(error))),
            }
        }
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(cx));
            self.wait = None;
        }
        let chunk = self.ready.take().unwrap_or_default();
        self.lane.moved(chunk.len() as u64);
        Poll::Ready(Ok(chunk))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if self.reading.is_none() {
            self.read()?;
        }
        let Some((wanted, reading)) = &mut self.reading else { return Poll::Pending };
        let (wanted, read) = (*wanted, ready!(Pin::new(reading).poll(cx)));
        self.reading = None;
        let chunk = read.unwrap_or_else(|error| Err(io::Error::other(error)))?;
        self.exact.feed(&chunk).map_err(io::Error::other)?;
        if chunk.len() < wanted {
            self.exact.finish().map_err(io::Error::other)?;
        }
        let timer = self.watch.timer();
        self.wait = self.lane.limit.as_ref().map(|limit| timer.sleep(limit.take(chunk.len(), timer.now())));
        // Ahead of when it is asked for.
        if self.exact.left() > 0 {
            self.read()?;
        }
        Poll::Ready(Ok(chunk))
    }

    /// Begins to read the next chunk.
    fn read(&mut self) -> io::Result<()> {
        let most = self.lane.limit.as_ref().map_or(CHUNK, RateLimit::chunk);
        let wanted = usize::try_from(self.exact.left()).map_or(most, |left| left.min(most));
        let (source, at) = (Arc::clone(&self.source), self.at());
        let work = move || {
            let mut buffer = vec![0; wanted];
            let read = read_full(|position, buffer| source.read_at(position, buffer), at, &mut buffer)?;
            buffer.truncate(read);
            Ok(buffer.into())
        };
        self.reading = Some((wanted, self.lane.spawn(work)?));
        Ok(())
    }

    /// Up to where the source was read.
    fn at(&self) -> u64 {
        self.offset.saturating_add(self.exact.fed())
    }

    fn failed(&mut self, error: io::Error) -> BoxError {
        let what = match error.get_ref().and_then(|error| error.downcast_ref::<WrongLength>()) {
            Some(_) => format!("the source is shorter than it was, from byte {} on", self.offset),
            None => format!("the source can't be read from byte {} on", self.at()),
        };
        let words = format!("{what}: {error}");
        self.failure = Some(Failure::of_file(what, error));
        words.into()
    }
}
