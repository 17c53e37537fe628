//! Bodies of answers: collected in memory, or written to where they belong while more comes.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use koodrive_files::CHUNK;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Cause, Failure, Placed, Reached};
use koodrive_proto::transfer::WrongLength;

use crate::ends::{Lane, Output};
use crate::watch::{Own, Watch};

/// The body of an answer, with its types erased.
pub(crate) type AnswerBody = Pin<Box<dyn HttpBody<Data = Bytes, Error = BoxError> + Send>>;

/// Bytes that are being written.
struct Writing<'a> {
    at: u64,
    length: u64,
    future: Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>,
}

fn unwritten(at: u64, error: io::Error) -> Failure {
    Failure::of_file(format!("what was received can't be written from byte {at} on"), error)
}

fn wrong_length(error: WrongLength) -> Failure {
    Failure::new(Reached::Maybe, Cause::Network, error)
}

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

/// What came for a sink: about a chunk of it waits to be written, and as much is written meanwhile.
///
/// It outlives the exchange, so that whatever ends that, what is being written is there before somebody is told how
/// much.
pub(crate) struct Landing<'l, 'a> {
    lane: &'l Lane<'a>,
    watch: Arc<Watch>,
    placed: Option<Placed>,
    /// Frames are joined: a sink may take its time for each write, however small.
    waiting: Vec<u8>,
    writing: Option<Writing<'a>>,
    /// How many bytes are in the sink.
    written: u64,
}

impl<'l, 'a> Landing<'l, 'a> {
    pub(crate) fn new(lane: &'l Lane<'a>, watch: &Arc<Watch>) -> Self {
        Self { lane, watch: Arc::clone(watch), placed: None, waiting: Vec::new(), writing: None, written: 0 }
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
            for piece in data.chunks(CHUNK) {
                self.waiting.extend_from_slice(piece);
                if self.waiting.len() >= CHUNK {
                    let _own = Own::new(&self.watch);
                    self.write().await?;
                }
            }
            if let Some(limit) = &self.lane.limit {
                let _own = Own::new(&self.watch);
                let timer = self.watch.timer();
                timer.sleep(limit.take(data.len(), timer.now())).await;
            }
        }
        Ok(())
    }

    /// Writes what waits, or begins to do so. May be cancelled and done again.
    async fn write(&mut self) -> Result<(), Failure> {
        self.is_written().await?;
        self.begin()?;
        // It writes only while it is waited for.
        if matches!(self.lane.output, Output::Writer(_)) {
            self.is_written().await?;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Failure> {
        let Some(placed) = self.placed.as_mut().filter(|_| !self.waiting.is_empty()) else { return Ok(()) };
        let data = std::mem::take(&mut self.waiting);
        let (at, length) = (placed.feed(&data).map_err(wrong_length)?, data.len() as u64);
        let future: Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>> = match &self.lane.output {
            Output::Nowhere => return Ok(()),
            Output::Writer(writer) => {
                let writer = *writer;
                Box::pin(async move { writer.write_at(at, &data).await })
            }
            Output::Sink(sink) => {
                let sink = Arc::clone(sink);
                let writing = self.lane.spawn(move || sink.write_at(at, &data));
                let writing = writing.map_err(|error| unwritten(at, error))?;
                Box::pin(async move { writing.await.unwrap_or_else(|error| Err(io::Error::other(error))) })
            }
        };
        self.writing = Some(Writing { at, length, future });
        Ok(())
    }

    /// Waits until what is being written is there. After an error, nothing more is written.
    async fn is_written(&mut self) -> Result<(), Failure> {
        let Some(Writing { at, length, future }) = &mut self.writing else { return Ok(()) };
        let (at, length, result) = (*at, *length, future.await);
        self.writing = None;
        if let Err(error) = result {
            self.waiting.clear();
            return Err(unwritten(at, error));
        }
        self.lane.moved(length);
        self.written = self.written.saturating_add(length);
        Ok(())
    }

    /// Writes the rest, and says how much is there if the exchange has failed.
    pub(crate) async fn settle<T>(mut self, mut result: Result<T, Failure>) -> Result<T, Failure> {
        let is_late = matches!(&result, Err(failure) if failure.cause == Cause::Timeout);
        if is_late && self.writing.is_some() {
            // There is no more time for another write.
            self.waiting.clear();
        }
        let mut written = self.write().await;
        if written.is_ok() {
            written = self.is_written().await;
        }
        if let Err(failure) = written {
            result = Err(failure);
        } else if let (Ok(_), Some(placed)) = (&result, self.placed) {
            result = placed.finish().map_err(wrong_length).and(result);
        }
        result.map_err(|mut failure| {
            failure.delivered = self.written;
            failure
        })
    }
}
