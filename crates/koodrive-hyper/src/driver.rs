//! The driver of transfers: one owner that hands out work, and polls it as futures.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use koodrive_files::{
    CHUNK, Files, INTERVAL, Meter, Options, Reporter, Sink, Source, StateFile, Stop, Window, read_full,
};
use koodrive_proto::Error;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Id, Job, Next, Reading, Record, Stage, Transfer, Worked};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc;

use crate::ends::{Ends, Lane, Output, blocking};
use crate::{Client, Driven};

impl Client {
    /// Runs a transfer of your own: an [`Upload`](koodrive_proto::flow::Upload), a
    /// [`Download`](koodrive_proto::flow::Download), or what you make of them.
    ///
    /// Each piece of its work is a future within this one, at most [`Options::parallel`] at a time. Bytes come from and
    /// go to `ends`, on tokio's threads for what may block. When the transfer has new records, all of its records are
    /// passed to `store`, old and new, before the new ones are relied upon; if it can't store them, the transfer ends
    /// with its error. [`Options::state`] and [`Options::spool`] are for the calls that know their files.
    ///
    /// After an error or a stop, calls that are under way come to their end, and what moves bytes is given up. The same
    /// transfer, or one that is resumed from the stored records, goes on. The same holds if the future is dropped: then
    /// nothing runs on but a chunk that is read or written at that moment. A call that is under way then is given up,
    /// too. If that is the one that creates a file, even if it still connects, nobody knows whether it does: resumed
    /// from its records, the transfer ends with an error of kind [`Unknown`](koodrive_proto::ErrorKind::Unknown). A
    /// stop by [`Options::stop`] waits for what came of such a call.
    pub async fn transfer<T>(
        &self,
        transfer: &mut T,
        ends: Ends,
        options: &Options,
        mut store: impl FnMut(&[Record]) -> Result<(), Error> + Send,
    ) -> Result<T::Outcome, Error>
    where
        T: Transfer + Send,
        T::Outcome: Send,
    {
        self.drive(transfer, Way { lane: Lane::of(ends), stream: None }, options, Store::Callers(&mut store)).await
    }

    pub(crate) async fn drive<T>(
        &self,
        transfer: &mut T,
        mut way: Way<'_>,
        options: &Options,
        mut store: Store<'_>,
    ) -> Result<T::Outcome, Error>
    where
        T: Transfer + Send,
        T::Outcome: Send,
    {
        let (busy, mut all_over) = mpsc::channel::<Infallible>(1);
        way.lane.held = Some(Arc::new((store.file(), busy)));
        way.lane.limit.clone_from(&options.rate_limit);
        let meter = Arc::default();
        let desk = Desk { client: self, way, meter, options, stops: AtomicBool::new(false) };
        let result = desk.run(transfer, &mut store).await;
        drop(desk);
        // What was given up may still read or write a chunk. Afterwards, nothing does.
        all_over.recv().await;
        result
    }
}

/// How the bytes of a transfer go.
pub(crate) struct Way<'a> {
    pub(crate) lane: Lane<'a>,
    /// Where the source of the lane gets its bytes from, if that can be read only once.
    pub(crate) stream: Option<&'a Stream<dyn AsyncRead + Send + Unpin + 'a>>,
}

impl From<Arc<dyn Source>> for Way<'_> {
    fn from(source: Arc<dyn Source>) -> Self {
        Self { lane: Lane { source: Some(source), ..Lane::default() }, stream: None }
    }
}

/// Where records are stored.
pub(crate) enum Store<'a> {
    Nowhere,
    Callers(&'a mut (dyn FnMut(&[Record]) -> Result<(), Error> + Send)),
    File(Arc<Mutex<StateFile>>),
}

impl From<Option<StateFile>> for Store<'_> {
    fn from(file: Option<StateFile>) -> Self {
        file.map_or(Self::Nowhere, |file| Self::File(Arc::new(Mutex::new(file))))
    }
}

impl Store<'_> {
    pub(crate) fn file(&self) -> Option<Arc<Mutex<StateFile>>> {
        if let Self::File(file) = self { Some(Arc::clone(file)) } else { None }
    }
}

/// What came of a piece of work.
type Done = (Id, Result<Worked, Error>);

/// A piece of work under way, whose result is `None` if it was made to end.
struct Work<'w> {
    is_call: bool,
    future: Pin<Box<dyn Future<Output = Option<Done>> + Send + 'w>>,
}

/// What all work of a transfer needs.
struct Desk<'d, 'a> {
    client: &'d Client,
    way: Way<'a>,
    meter: Arc<Meter>,
    options: &'d Options,
    /// Whether work is to end as soon as it can.
    stops: AtomicBool,
}

impl Desk<'_, '_> {
    async fn run<T>(&self, transfer: &mut T, store: &mut Store<'_>) -> Result<T::Outcome, Error>
    where
        T: Transfer + Send,
        T::Outcome: Send,
    {
        let is_stopped = || self.options.stop.as_ref().is_some_and(Stop::is_stopped);
        let mut reporter = Reporter::new(self.options);
        let mut running: Vec<Work<'_>> = Vec::new();
        let mut stored = 0;
        let mut end = None;
        loop {
            if end.is_none() && is_stopped() {
                end = Some(Err(Error::stopped()));
            }
            while end.is_none() && running.len() < self.options.slots() {
                let next = transfer.next(&self.client.api, self.client.now());
                let is_stored = self.store(transfer, &mut stored, store).await;
                match (next, is_stored) {
                    (Next::Done(Err(error)), _) | (_, Err(error)) => end = Some(Err(error)),
                    (Next::Done(outcome), Ok(())) => end = Some(outcome),
                    (Next::Busy, Ok(())) if running.is_empty() => {
                        end = Some(Err(Error::misuse("the transfer is busy, and none of its work is under way")));
                    }
                    (Next::Busy, Ok(())) => break,
                    (Next::Read(reading), Ok(())) => running.push(self.read(reading)),
                    (Next::Run(job), Ok(())) => running.push(self.work(job)),
                }
            }
            if end.is_some() && !self.stops.swap(true, Ordering::Relaxed) {
                // What has finished counts, and what only asks may have an effect.
                let finished = poll_fn(|cx| Poll::Ready(poll_all(&mut running, cx))).await;
                pass(transfer, finished);
                let has_failed = matches!(end, Some(Err(_)));
                running.retain(|work| work.is_call && has_failed);
                if let Err(error) = self.store(transfer, &mut stored, store).await {
                    end = end.filter(Result::is_err).or(Some(Err(error)));
                }
            }
            let mut progress = transfer.progress();
            let is_over = running.is_empty() && end.is_some();
            if is_over {
                progress.stage = Stage::Ended;
            }
            let done = matches!(end, Some(Ok(_))).into();
            reporter.tell(&progress, self.meter.under_way(), Files { done, total: 1 }, self.client.timer.now());
            if let Some(end) = end.take_if(|_| is_over) {
                return end;
            }
            let finished = self.wait(&mut running, reporter.is_on()).await;
            pass(transfer, finished);
            if let Err(error) = self.store(transfer, &mut stored, store).await {
                end.get_or_insert(Err(error));
            }
        }
    }

    /// Waits until some work has finished, or something else is to be done.
    async fn wait(&self, running: &mut Vec<Work<'_>>, tells: bool) -> Vec<Done> {
        let is_ending = self.stops.load(Ordering::Relaxed);
        let mut stopped = self.options.stop.as_ref().filter(|_| !is_ending).map(Stop::stopped);
        let mut tick = tells.then(|| self.client.timer.sleep(INTERVAL));
        let count = running.len();
        poll_fn(|cx| {
            let finished = poll_all(running, cx);
            let is_told = tick.as_mut().is_some_and(|tick| tick.as_mut().poll(cx).is_ready());
            let is_stopped = stopped.as_mut().is_some_and(|stopped| Pin::new(stopped).poll(cx).is_ready());
            if running.len() < count || is_told || is_stopped { Poll::Ready(finished) } else { Poll::Pending }
        })
        .await
    }

    /// Stores what is new. The transfer is borrowed for writing, so that it needn't be `Sync`.
    async fn store<T: Transfer>(
        &self,
        transfer: &mut T,
        stored: &mut usize,
        store: &mut Store<'_>,
    ) -> Result<(), Error> {
        let count = transfer.records().len();
        if count <= *stored {
            return Ok(());
        }
        // What a record says is in the sink has to survive whatever the record survives.
        let sink = match &self.way.lane.output {
            Output::Sink(sink) if self.options.durable => Some(Arc::clone(sink)),
            _ => None,
        };
        let sync = move || sink.map_or(Ok(()), |sink| sink.sync()).map_err(|error| Error::local_io(UNSYNCED, error));
        match store {
            Store::Nowhere => {}
            Store::Callers(store) => {
                if self.options.durable {
                    blocking(sync).await?;
                }
                store(transfer.records())?;
            }
            Store::File(file) => {
                let file = Arc::clone(file);
                let new: Vec<Record> = transfer.records().iter().skip(lock(&file).stored()).cloned().collect();
                blocking(move || sync().and_then(|()| lock(&file).append(&new))).await?;
            }
        }
        *stored = count;
        Ok(())
    }

    fn work(&self, mut job: Job) -> Work<'_> {
        let is_call = job.bytes == 0;
        let moving = (!is_call).then(|| Arc::new(self.meter.begin()));
        let lane = Lane { moving, ..self.way.lane.clone() };
        let future = async move {
            match self.client.run_on(&mut job.flow, &lane, &self.stops).await {
                Driven::Done(result) => Some((job.id, result)),
                // A call that nobody has seen had no effect. If it were dropped, the state would say that it may have.
                Driven::Stopped { is_seen } => (is_call && !is_seen).then(|| (job.id, Err(Error::stopped()))),
            }
        };
        Work { is_call, future: Box::pin(future) }
    }

    fn read(&self, reading: Reading) -> Work<'_> {
        match self.way.stream {
            Some(stream) => Work { is_call: false, future: Box::pin(stream.read(reading)) },
            None => Work { is_call: false, future: Box::pin(self.read_chunks(reading)) },
        }
    }

    /// Reads the source, or the sink of a download, and hashes on the same threads.
    async fn read_chunks(&self, reading: Reading) -> Option<Done> {
        let lane = &self.way.lane;
        let origin = match (&lane.source, &lane.output) {
            (Some(source), _) => Origin::Source(Arc::clone(source)),
            (None, Output::Sink(sink)) => Origin::Sink(Arc::clone(sink)),
            (None, _) => {
                return Some(reading.failed("this transfer was given no source, and no sink that can be read"));
            }
        };
        let origin = Arc::new(origin);
        let shared = Arc::new(Mutex::new(reading));
        let mut buffer = Vec::new();
        let failure = loop {
            let (reading, origin) = (Arc::clone(&shared), Arc::clone(&origin));
            let work = move || {
                let is_more = read_chunk(&mut lock(&reading), &origin, &mut buffer)?;
                Ok((is_more, buffer))
            };
            let read = match lane.spawn(work) {
                Ok(read) => read.await.unwrap_or_else(|error| Err(io::Error::other(error))),
                Err(error) => Err(error),
            };
            match read {
                Ok((true, same)) => buffer = same,
                Ok((false, _)) => break None,
                Err(error) => break Some(error),
            }
        };
        let reading = Arc::into_inner(shared)?.into_inner().unwrap_or_else(PoisonError::into_inner);
        Some(match failure {
            None => reading.finish(),
            Some(error) => reading.failed(error),
        })
    }
}

const UNSYNCED: &str = "what was received can't be written through to the disk";

fn poll_all(running: &mut Vec<Work<'_>>, cx: &mut Context<'_>) -> Vec<Done> {
    let mut finished = Vec::new();
    running.retain_mut(|work| match work.future.as_mut().poll(cx) {
        Poll::Pending => true,
        Poll::Ready(result) => {
            finished.extend(result);
            false
        }
    });
    finished
}

fn pass<T: Transfer>(transfer: &mut T, finished: Vec<Done>) {
    for (id, result) in finished {
        transfer.done(id, result);
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is hashed.
enum Origin {
    Source(Arc<dyn Source>),
    Sink(Arc<dyn Sink>),
}

/// Reads and hashes some bytes. Returns whether there are more to read.
fn read_chunk(reading: &mut Reading, origin: &Origin, buffer: &mut Vec<u8>) -> io::Result<bool> {
    buffer.resize(wanted(reading), 0);
    let read_at = |position, buffer: &mut [u8]| match origin {
        Origin::Source(source) => source.read_at(position, buffer),
        Origin::Sink(sink) => sink.read_at(position, buffer),
    };
    let read = read_full(read_at, reading.position(), buffer)?;
    reading.feed(&buffer[..read]);
    Ok(read == buffer.len() && !reading.is_over() && wanted(reading) > 0)
}

/// How many bytes to read next: one more than wanted, where there mustn't be one. Then the source has grown.
fn wanted(reading: &Reading) -> usize {
    let wanted = reading.left().saturating_add(reading.is_last().into());
    usize::try_from(wanted).map_or(CHUNK, |wanted| wanted.min(CHUNK))
}

/// A reader that can be read once, and what is kept of it.
pub(crate) struct Stream<R: ?Sized> {
    window: Arc<Window>,
    reader: Reader<R>,
}

impl<R> Stream<R> {
    pub(crate) fn new(reader: Reader<R>, length: u64) -> Self {
        Self { window: Arc::new(Window::new(length)), reader }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Stream<R> {
    pub(crate) fn window(&self) -> &Arc<Window> {
        &self.window
    }

    /// Reads on, and keeps what is read. If it was read before, what was sent then is passed over.
    async fn read(&self, mut reading: Reading) -> Option<Done> {
        let mut buffer = vec![0; CHUNK];
        loop {
            let at = self.window.end();
            let passed = reading.position().checked_sub(at);
            let passed = usize::try_from(passed.unwrap_or_default()).map_or(CHUNK, |passed| passed.min(CHUNK));
            let wanted = if passed > 0 { passed } else { wanted(&reading) };
            if at > reading.position() {
                return Some(reading.failed("these bytes of the stream were read already"));
            }
            let read = match self.reader.fill(&mut buffer[..wanted]).await {
                Ok(read) => &buffer[..read],
                Err(error) => return Some(reading.failed(error)),
            };
            let kept = usize::try_from(reading.left()).map_or(read.len(), |left| left.min(read.len()));
            if passed == 0 {
                reading.feed(read);
            }
            self.window.push(Bytes::copy_from_slice(&read[..kept]));
            if passed > 0 {
                self.window.forget(self.window.end());
            }
            if read.len() < wanted || wanted == 0 || reading.is_over() {
                return Some(reading.finish());
            }
        }
    }
}

/// A reader, of which one piece of work reads at a time.
pub(crate) struct Reader<R: ?Sized>(Mutex<R>);

impl<R> Reader<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self(Mutex::new(reader))
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Reader<R> {
    /// Fills a buffer, or as much of it as there is to the end. Returns how much.
    pub(crate) async fn fill(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        poll_fn(|cx| {
            let mut reader = lock(&self.0);
            loop {
                let before = buffer.filled().len();
                if buffer.remaining() > 0 {
                    ready!(Pin::new(&mut *reader).poll_read(cx, &mut buffer))?;
                }
                if buffer.filled().len() == before {
                    return Poll::Ready(Ok(before));
                }
            }
        })
        .await
    }
}
