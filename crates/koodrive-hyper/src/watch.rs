//! Watches what an exchange moves: for its idle time, and so that nothing but an answer keeps its connection busy.
//!
//! hyper reads interim answers (1xx) without limit, and without letting other tasks run, and the zeros before the size
//! of a chunk as well. So a connection that the pool makes counts what it reads without the head of the answer being
//! there, or anything of its body. It finds the exchange that it serves in its [`Seat`], which hyper hands out with the
//! connection. Connections of a foreign service are not watched.

use std::future::Future;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Instant;
use std::{fmt, io};

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Timer, Write};
use hyper_util::client::legacy::connect::{CaptureConnection, Connected, Connection};
use koodrive_proto::http::{Extensions, Uri};
use tower_service::Service;

/// How many bytes may come before and with the head of an answer.
pub(crate) const HEAD_LIMIT: usize = 64 * 1024;

/// How many headers an answer may have.
pub(crate) const HEADERS_LIMIT: usize = 128;

/// After how many reads without anything of the body what is read is counted, which takes a copy of it.
const READS: usize = 8;

/// An exchange, as its connection sees it.
pub(crate) struct Watch {
    timer: Arc<dyn Timer + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Clone, Copy)]
struct State {
    /// When the last byte moved.
    last: Instant,
    /// Whether the service was called.
    called: bool,
    /// Whether the head of the answer is there.
    head: bool,
    /// How many bytes came for the head, or since something of the body came.
    unused: usize,
    /// How many lines of a head came.
    lines: usize,
    /// How many reads there were since something of the body came.
    reads: usize,
    /// How many on this side hold the exchange up.
    own: usize,
}

impl Watch {
    pub(crate) fn new(timer: Arc<dyn Timer + Send + Sync>) -> Self {
        let last = timer.now();
        let state = Mutex::new(State { last, called: false, head: false, unused: 0, lines: 0, reads: 0, own: 0 });
        Self { timer, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the service is called from here on.
    pub(crate) fn call(&self) {
        self.state().called = true;
    }

    pub(crate) fn is_called(&self) -> bool {
        self.state().called
    }

    /// Notes that something moved, in either direction.
    pub(crate) fn moved(&self) {
        self.state().last = self.timer.now();
    }

    /// Notes that the head of the answer is there, or something of its body.
    pub(crate) fn got(&self) {
        let last = self.timer.now();
        let mut state = self.state();
        *state = State { last, head: true, unused: 0, reads: 0, ..*state };
    }

    /// When the last byte moved that the other side could move: now, while this side holds the exchange up.
    pub(crate) fn last(&self) -> Instant {
        let state = self.state();
        if state.own > 0 { self.timer.now() } else { state.last }
    }

    pub(crate) fn timer(&self) -> &(dyn Timer + Send + Sync) {
        &*self.timer
    }

    /// Whether what came may be a head that is too large.
    pub(crate) fn may_be_large(&self) -> bool {
        let state = self.state();
        // On a connection that isn't watched, nothing is counted.
        state.unused == 0 || state.unused >= HEAD_LIMIT || state.lines > HEADERS_LIMIT
    }

    /// How many bytes came so far without being used, if they have to be counted.
    fn counted(&self) -> Option<usize> {
        let mut state = self.state();
        state.reads = state.reads.saturating_add(1);
        (!state.head || state.reads > READS).then_some(state.unused)
    }

    fn read(&self, bytes: &[u8]) {
        let last = self.timer.now();
        let mut state = self.state();
        if !state.head {
            // The body's frames tell what moves from then on.
            state.last = last;
            state.lines = state.lines.saturating_add(bytes.split(|&byte| byte == b'\n').skip(1).count());
        }
        state.unused = state.unused.saturating_add(bytes.len());
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// While there is one, the exchange is held up by this side, so that it isn't idle: by a disk, or the rate limit.
#[derive(Debug)]
pub(crate) struct Own(Arc<Watch>);

impl Own {
    pub(crate) fn new(watch: &Arc<Watch>) -> Self {
        watch.state().own += 1;
        Self(Arc::clone(watch))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let last = self.0.timer.now();
        let mut state = self.0.state();
        *state = State { last, own: state.own.saturating_sub(1), ..*state };
    }
}

/// The exchange that a connection serves, if it serves one: the last one that took the seat.
#[derive(Clone, Default)]
pub(crate) struct Seat(Arc<Mutex<Option<Arc<Watch>>>>);

impl Seat {
    pub(crate) fn take(&self, watch: &Arc<Watch>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(watch));
    }

    fn watch(&self) -> Option<Arc<Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Gives an exchange the seat of its connection, and says whether there is a connection.
pub(crate) fn seated(connection: &CaptureConnection, watch: &Arc<Watch>) -> bool {
    let metadata = connection.connection_metadata();
    let Some(connected) = metadata.as_ref() else { return false };
    let mut extras = Extensions::new();
    connected.get_extras(&mut extras);
    if let Some(seat) = extras.get::<Seat>() {
        seat.take(watch);
    }
    true
}

/// Sees to it that a connection isn't used for another exchange.
pub(crate) fn use_up(connection: &CaptureConnection) {
    if let Some(connected) = connection.connection_metadata().as_ref() {
        connected.poison();
    }
}

/// A connector whose connections have a seat.
#[derive(Clone)]
pub(crate) struct Watching<C>(pub(crate) C);

impl<C: Service<Uri, Future: Unpin>> Service<Uri> for Watching<C> {
    type Response = Watched<C::Response>;
    type Error = C::Error;
    type Future = Connecting<C::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Connecting<C::Future> {
        Connecting(self.0.call(uri))
    }
}

pub(crate) struct Connecting<F>(F);

impl<F: Future<Output = Result<T, E>> + Unpin, T, E> Future for Connecting<F> {
    type Output = Result<Watched<T>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_ok(|io| Watched { io, seat: Seat::default() })
    }
}

/// A connection with a seat.
pub(crate) struct Watched<T> {
    pub(crate) io: T,
    pub(crate) seat: Seat,
}

impl<T: Connection> Connection for Watched<T> {
    fn connected(&self) -> Connected {
        self.io.connected().extra(self.seat.clone())
    }
}

impl<T: Read + Unpin> Read for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut target: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let watch = self.seat.watch();
        let Some((watch, count)) = watch.as_ref().and_then(|watch| Some((watch, watch.counted()?))) else {
            return Pin::new(&mut self.io).poll_read(cx, target);
        };
        if count > HEAD_LIMIT {
            return Poll::Ready(Err(io::Error::other(Flooded)));
        }
        // hyper's cursor doesn't tell how much was read into it, so a buffer of our own is between.
        let mut bytes = [MaybeUninit::uninit(); 16 * 1024];
        let room = target.remaining().min(bytes.len());
        let mut read = ReadBuf::uninit(&mut bytes[..room]);
        ready!(Pin::new(&mut self.io).poll_read(cx, read.unfilled()))?;
        let filled = read.filled();
        if !filled.is_empty() {
            watch.read(filled);
        }
        target.put_slice(filled);
        Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> Watched<T> {
    fn wrote(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let (Poll::Ready(Ok(1..)), Some(watch)) = (&result, self.seat.watch()) {
            watch.moved();
        }
        result
    }
}

impl<T: Write + Unpin> Write for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.wrote(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.io).poll_write_vectored(cx, parts);
        self.wrote(result)
    }
}

/// More came than may come without being used.
#[derive(Debug)]
pub(crate) struct Flooded;

impl fmt::Display for Flooded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing of an answer within {HEAD_LIMIT} bytes")
    }
}

impl std::error::Error for Flooded {}
