//! The bytes of bodies: read from a source while a request is sent, written to a sink while an answer is read.

use std::io::{self, Read};

use koodrive_files::{Sink, Source};
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Cause, Failure, Placed, Reached};
use koodrive_proto::transfer::ExactLength;

use crate::ends::{Context, Halted};

/// Why an exchange ended early.
pub(crate) enum Broken {
    /// ureq says so; with how many bytes are in the sink.
    Http(ureq::Error, u64),
    /// It was ended here.
    Here(Failure),
}

impl From<ureq::Error> for Broken {
    fn from(error: ureq::Error) -> Self {
        Self::Http(error, 0)
    }
}

impl Broken {
    fn local(words: String, source: impl Into<BoxError>, delivered: u64) -> Self {
        let mut failure = Failure::of_file(words, source);
        failure.delivered = delivered;
        Self::Here(failure)
    }

    fn halted() -> Self {
        Self::Here(Failure::new(Reached::Maybe, Cause::Local, Halted))
    }

    /// The server says that it has what it wasn't sent.
    pub(crate) fn early() -> Self {
        Self::Here(Failure::new(Reached::Maybe, Cause::Network, "the server answered before it had the body"))
    }

    fn wrong_length(wrong: impl Into<BoxError>, delivered: u64) -> Self {
        let mut failure = Failure::new(Reached::Maybe, Cause::Network, wrong);
        failure.delivered = delivered;
        Self::Here(failure)
    }
}

/// A range of a source, as the body of a request.
pub(crate) struct SourceBody<'a> {
    source: &'a dyn Source,
    context: &'a Context<'a>,
    offset: u64,
    exact: ExactLength,
    /// What went wrong on this side. ureq only passes on that something did.
    pub(crate) broken: Option<Broken>,
}

impl<'a> SourceBody<'a> {
    pub(crate) fn new(source: &'a dyn Source, context: &'a Context<'a>, offset: u64, len: u64) -> Self {
        Self { source, context, offset, exact: ExactLength::new(len), broken: None }
    }

    /// Counts anew: what an earlier attempt has sent is sent again.
    pub(crate) fn begin(&self) {
        if let Some(moving) = &self.context.moving {
            moving.reset();
        }
    }

    /// Returns how many bytes are still to be sent.
    pub(crate) fn left(&self) -> u64 {
        self.exact.left()
    }

    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        let room = buffer.len().min(self.context.chunk());
        let wanted = usize::try_from(self.exact.left()).map_or(room, |left| left.min(room));
        if wanted == 0 {
            return Ok(0);
        }
        let position = self.offset.saturating_add(self.exact.fed());
        let read = loop {
            match self.source.read_at(position, &mut buffer[..wanted]) {
                Ok(read) => break read.min(wanted),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let words = format!("the source can't be read from byte {position} on");
                    return Err(Broken::local(words, error, 0));
                }
            }
        };
        let fed = if read == 0 { self.exact.finish() } else { self.exact.feed(&buffer[..read]) };
        fed.map_err(|wrong| {
            let words = format!("the source is shorter than it was, from byte {} on", self.offset);
            Broken::local(words, wrong, 0)
        })?;
        if self.context.wait_for(read) {
            return Err(Broken::halted());
        }
        self.context.moved(read);
        Ok(read)
    }
}

impl Read for SourceBody<'_> {
    /// An end that comes early is an error: ureq would ask for more for ever.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.next(buffer).map_err(|broken| {
            self.broken = Some(broken);
            io::Error::other("the body ended early")
        })
    }
}

/// Writes the body of an answer to its place in the sink.
pub(crate) fn write(
    mut placed: Placed,
    mut body: impl Read,
    sink: &dyn Sink,
    context: &Context<'_>,
) -> Result<(), Broken> {
    let mut buffer = vec![0; context.chunk()];
    loop {
        let delivered = placed.fed();
        let chunk = match body.read(&mut buffer) {
            Ok(0) => return placed.finish().map_err(|wrong| Broken::wrong_length(wrong, delivered)),
            Ok(read) => &buffer[..read],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Broken::Http(error.into(), delivered)),
        };
        let position = placed.feed(chunk).map_err(|wrong| Broken::wrong_length(wrong, delivered))?;
        sink.write_at(position, chunk).map_err(|error| {
            let words = format!("what was received can't be written from byte {position} on");
            Broken::local(words, error, delivered)
        })?;
        context.moved(chunk.len());
        if context.wait_for(chunk.len()) {
            return Err(Broken::halted());
        }
    }
}
