//! Where the bytes of a flow come from and go to, and the threads that read and write files.

use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};

use koodrive_files::{Moving, Options, RateLimit, Sink, Source, Stop, not_yet_written};
use koodrive_proto::Error;
use tokio::io::AsyncWrite;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Where large bodies come from and large answers go to, for [`Client::run_with`](crate::Client::run_with).
///
/// To keep a sink, pass a clone of its [`Arc`]: that is a sink, too.
///
/// ```
/// use koodrive_hyper::Ends;
/// use koodrive_hyper::files::Memory;
/// use std::sync::Arc;
///
/// let sink = Arc::new(Memory::new());
/// let ends = Ends::sink(Arc::clone(&sink));
/// # let _ = ends;
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Ends {
    pub(crate) source: Option<Arc<dyn Source>>,
    pub(crate) sink: Option<Arc<dyn Sink>>,
}

impl Ends {
    /// Neither a source nor a sink.
    pub fn none() -> Self {
        Self::default()
    }

    /// Bodies come from this source.
    pub fn source(source: impl Source + 'static) -> Self {
        Self { source: Some(Arc::new(source)), sink: None }
    }

    /// Answers go to this sink.
    pub fn sink(sink: impl Sink + 'static) -> Self {
        Self { source: None, sink: Some(Arc::new(sink)) }
    }
}

impl fmt::Debug for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, sink) = (self.source.is_some(), self.sink.is_some());
        f.debug_struct("Ends").field("source", &source).field("sink", &sink).finish()
    }
}

/// Where received bytes go.
#[derive(Clone, Default)]
pub(crate) enum Output<'a> {
    #[default]
    Nowhere,
    Sink(Arc<dyn Sink>),
    Writer(&'a Writer<dyn AsyncWrite + Send + Unpin + 'a>),
}

/// The way of the bytes of one flow.
#[derive(Clone, Default)]
pub(crate) struct Lane<'a> {
    pub(crate) source: Option<Arc<dyn Source>>,
    pub(crate) output: Output<'a>,
    pub(crate) limit: Option<RateLimit>,
    /// Counts what moves.
    pub(crate) moving: Option<Arc<Moving>>,
    /// What is kept until a read or a write has ended that nobody waits for any more: locks.
    pub(crate) held: Option<Arc<dyn Any + Send + Sync>>,
}

impl Lane<'_> {
    pub(crate) fn of(ends: Ends) -> Self {
        let output = ends.sink.map_or(Output::Nowhere, Output::Sink);
        Self { source: ends.source, output, ..Self::default() }
    }

    pub(crate) fn moved(&self, bytes: u64) {
        if let Some(moving) = &self.moving {
            moving.add(bytes);
        }
    }

    /// Reads or writes on a thread that may block. It comes to its end, even if the future is dropped.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<JoinHandle<io::Result<T>>> {
        let held = self.held.clone();
        spawn(move || {
            let result = work();
            drop(held);
            result
        })
    }
}

fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    let runtime = Handle::try_current();
    let runtime = runtime.map_err(|_| io::Error::other("files need a tokio runtime, and none runs here"))?;
    Ok(runtime.spawn_blocking(work))
}

/// Does something that may block, to its end.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let failed = |error| Error::local_io("files can't be read and written", error);
    spawn(work).map_err(failed)?.await.unwrap_or_else(|error| Err(failed(io::Error::other(error))))
}

/// Waits for something, or for the stop.
pub(crate) fn or_stop<'w, T>(
    options: &Options,
    work: impl Future<Output = Result<T, Error>> + Send + 'w,
) -> impl Future<Output = Result<T, Error>> + Send + 'w {
    let mut stopped = options.stop.as_ref().map(Stop::stopped);
    let mut work = Box::pin(work);
    poll_fn(move |cx| {
        let is_stopped = stopped.as_mut().is_some_and(|stopped| Pin::new(stopped).poll(cx).is_ready());
        if is_stopped { Poll::Ready(Err(Error::stopped())) } else { work.as_mut().poll(cx) }
    })
}

/// What can only be written, and in order.
pub(crate) struct Writer<W: ?Sized>(Mutex<Written<W>>);

struct Written<W: ?Sized> {
    /// How many bytes were written.
    end: u64,
    writer: W,
}

impl<W> Writer<W> {
    pub(crate) fn new(writer: W) -> Self {
        Self(Mutex::new(Written { end: 0, writer }))
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Writer<W> {
    fn lock(&self) -> MutexGuard<'_, Written<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what of these bytes wasn't written yet. May be cancelled and done again.
    pub(crate) async fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        poll_fn(|cx| {
            let mut written = self.lock();
            loop {
                let rest = not_yet_written(written.end, position, bytes)?;
                if rest.is_empty() {
                    return Poll::Ready(Ok(()));
                }
                match ready!(Pin::new(&mut written.writer).poll_write(cx, rest))? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    more => written.end = written.end.saturating_add(more as u64),
                }
            }
        })
        .await
    }

    pub(crate) async fn flush(&self) -> io::Result<()> {
        poll_fn(|cx| Pin::new(&mut self.lock().writer).poll_flush(cx)).await
    }
}
