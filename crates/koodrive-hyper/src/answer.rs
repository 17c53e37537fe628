//! Bodies of answers: collected in memory, or written to where they belong while more comes.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use koodrive_files::CHUNK;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Cause, Failure, Placed, Reached};
use tokio::task::JoinHandle;

use crate::ends::{Lane, Output};
use crate::watch::{Own, Watch};

/// The body of an answer, with its types erased.
pub(crate) type AnswerBody = Pin<Box<dyn HttpBody<Data = Bytes, Error = BoxError> + Send>>;

/// A write under way: where it began, how many bytes it has written, and what ended it.
type Writing = (u64, JoinHandle<io::Result<(u64, Option<io::Error>)>>);

/// Where bytes can't be written, and why.
struct Unwritten(u64, io::Error);

impl From<Unwritten> for Failure {
    fn from(Unwritten(at, error): Unwritten) -> Self {
        Self::of_file(format!("what was received can't be written from byte {at} on"), error)
    }
}

/// How many frames are written at once, at most. A small one can keep a buffer of hyper's that is much larger.
const FRAMES: usize = 64;

/// Collects a body, up to a limit.
pub(crate) async fn collect(
    mut body: AnswerBody,
    limit: u64,
    failure: impl Fn(BoxError) -> Failure,
) -> Result<Bytes, Failure> {
    // Most answers are one frame.
    let (mut first, mut all) = (Bytes::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(&failure)?.into_data() else { continue };
        let length = first.len().max(all.len()).saturating_add(data.len());
        if length as u64 > limit {
            return Err(Failure::too_large(limit));
        }
        if first.is_empty() {
            first = data;
        } else {
            if all.is_empty() {
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&data);
        }
    }
    Ok(if all.is_empty() { first } else { all.into() })
}

/// What came for a sink: a little of it waits to be written, and a little is written meanwhile.
///
/// It outlives the exchange, so that whatever ends that, what has come is written before somebody is told how much.
pub(crate) struct Landing<'l, 'a> {
    lane: &'l Lane<'a>,
    watch: Arc<Watch>,
    placed: Option<Placed>,
    waiting: VecDeque<(u64, Bytes)>,
    size: usize,
    writing: Option<Writing>,
    /// How many bytes are in the sink.
    written: u64,
}

impl<'l, 'a> Landing<'l, 'a> {
    pub(crate) fn new(lane: &'l Lane<'a>, watch: &Arc<Watch>) -> Self {
        let watch = Arc::clone(watch);
        Self { lane, watch, placed: None, waiting: VecDeque::new(), size: 0, writing: None, written: 0 }
    }

    /// Takes a body to its place.
    pub(crate) async fn receive(
        &mut self,
        placed: Placed,
        mut body: AnswerBody,
        failure: impl Fn(BoxError) -> Failure,
    ) -> Result<(), Failure> {
        self.placed = Some(placed);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(&failure)?.into_data() else { continue };
            let length = data.len();
            self.take(data)?;
            if self.size >= CHUNK || self.waiting.len() >= FRAMES {
                let _own = Own::new(&self.watch);
                self.write().await?;
            }
            if let Some(limit) = &self.lane.limit {
                let _own = Own::new(&self.watch);
                let timer = self.watch.timer();
                timer.sleep(limit.take(length, timer.now())).await;
            }
        }
        Ok(())
    }

    fn take(&mut self, data: Bytes) -> Result<(), Failure> {
        let Some(placed) = &mut self.placed else { return Ok(()) };
        let at = placed.feed(&data).map_err(|error| Failure::new(Reached::Maybe, Cause::Network, error))?;
        self.size = self.size.saturating_add(data.len());
        self.waiting.push_back((at, data));
        Ok(())
    }

    /// Writes what waits, or begins to do so. May be cancelled and done again.
    async fn write(&mut self) -> Result<(), Unwritten> {
        self.is_written().await?;
        match (&self.lane.output, self.waiting.front()) {
            (Output::Sink(sink), Some((begin, _))) => {
                let (sink, begin, frames) = (Arc::clone(sink), *begin, std::mem::take(&mut self.waiting));
                let work = move || {
                    let mut written = 0;
                    for (at, data) in frames {
                        if let Err(error) = sink.write_at(at, &data) {
                            return Ok((written, Some(error)));
                        }
                        written += data.len() as u64;
                    }
                    Ok((written, None))
                };
                let writing = self.lane.spawn(work).map_err(|error| Unwritten(begin, error))?;
                self.writing = Some((begin, writing));
            }
            (Output::Writer(writer), _) => {
                while let Some((at, data)) = self.waiting.front() {
                    if let Err(error) = writer.write_at(*at, data).await {
                        let at = *at;
                        self.waiting.clear();
                        return Err(Unwritten(at, error));
                    }
                    self.lane.moved(data.len() as u64);
                    self.written = self.written.saturating_add(data.len() as u64);
                    self.waiting.pop_front();
                }
            }
            (Output::Sink(_) | Output::Nowhere, _) => {}
        }
        self.size = 0;
        Ok(())
    }

    /// Waits until what is being written is there. After an error, nothing more is written.
    async fn is_written(&mut self) -> Result<(), Unwritten> {
        let Some((begin, writing)) = &mut self.writing else { return Ok(()) };
        let (begin, written) = (*begin, writing.await);
        self.writing = None;
        let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
        let (written, error) = written.unwrap_or_else(|error| (0, Some(error)));
        self.lane.moved(written);
        self.written = self.written.saturating_add(written);
        let Some(error) = error else { return Ok(()) };
        self.waiting.clear();
        Err(Unwritten(begin.saturating_add(written), error))
    }

    /// Writes the rest, and says how much is there if the exchange has failed.
    pub(crate) async fn settle<T>(mut self, mut result: Result<T, Failure>) -> Result<T, Failure> {
        let mut written = self.write().await;
        if written.is_ok() {
            written = self.is_written().await;
        }
        if let Err(error) = written {
            result = Err(error.into());
        } else if let (Ok(_), Some(placed)) = (&result, self.placed) {
            let finished = placed.finish();
            result = finished.map_err(|error| Failure::new(Reached::Maybe, Cause::Network, error)).and(result);
        }
        result.map_err(|mut failure| {
            failure.delivered = self.written;
            failure
        })
    }
}
