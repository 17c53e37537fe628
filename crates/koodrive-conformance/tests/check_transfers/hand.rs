//! A transport over `std::net` that moves files, and what can be wrong with one.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Failure, Outgoing, Place, Reached};
use koodrive_proto::http::{Response, header, response};
use koodrive_sim::Ends;

use super::Answer;

const CHUNK: usize = 64 * 1024;

/// How long it waits for a 100 Continue.
const PAUSE: Duration = Duration::from_secs(2);

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    /// It announces the body in chunks, and sends it so.
    Chunks,
    /// It wants a 100 Continue before no body at all.
    ExpectsForNothing,
    /// It sends as much as it has read.
    SendsMore,
    /// It takes a short read for the end of the source.
    ReadsOnce,
    /// It fills up what it can't read.
    Pads,
    /// It forgets about a connection on which something went wrong, and doesn't close it.
    Forgets,
    /// It uses every connection again.
    KeepsAll,
    /// It takes the first head for the answer.
    TakesInterim,
    /// It sends no body before it was told to.
    Waits,
    /// It sends the body after a refusal.
    SendsAnyway,
    /// It writes a range to the beginning of the sink.
    WritesAtZero,
    /// It bounds what goes to the sink, like what goes into memory.
    Limits,
    /// It returns what went to the sink as well.
    Returns,
    /// It writes every success to the sink.
    AsksNobody,
    /// It reads what goes nowhere.
    Drains,
    /// It reads no refusal if there is a sink.
    LeavesRefusals,
    /// It doesn't count what goes to the sink.
    WritesMore,
    /// It reads up to the length that the range has.
    StopsEarly,
    /// It goes on if the sink is full.
    SkipsFull,
}

#[derive(Debug)]
pub(crate) struct Hand {
    fault: Fault,
    pool: Mutex<HashMap<String, Vec<BufReader<Timed>>>>,
}

impl Hand {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, pool: Mutex::default() }
    }

    pub(crate) fn exchange(&self, outgoing: &Outgoing, ends: &Ends) -> Answer {
        let address = outgoing.request.uri().authority().unwrap().to_string();
        let kept = self.pool.lock().unwrap().get_mut(&address).and_then(Vec::pop);
        let mut stream = kept.map_or_else(|| Timed::connect(&address), Ok)?;
        (stream.get_mut().end, stream.get_mut().idle) = (Instant::now() + outgoing.timeout, outgoing.idle);
        let mut talk = Talk { fault: self.fault, stream, reusable: true };
        let answer = talk.talk(outgoing, ends);
        if talk.reusable && answer.is_ok() || self.fault == Fault::KeepsAll {
            self.pool.lock().unwrap().entry(address).or_default().push(talk.stream);
        } else if self.fault == Fault::Forgets {
            std::mem::forget(talk.stream);
        }
        answer
    }
}

/// A connection with a deadline, and an idle time.
#[derive(Debug)]
struct Timed {
    stream: TcpStream,
    end: Instant,
    idle: Duration,
}

impl Timed {
    fn connect(address: &str) -> Result<BufReader<Self>, Failure> {
        let stream = TcpStream::connect(address);
        let stream = stream.map_err(|error| Failure::new(Reached::No, Cause::Network, error))?;
        let timed = Self { stream, end: Instant::now(), idle: Duration::ZERO };
        Ok(BufReader::with_capacity(CHUNK, timed))
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.idle.min(self.end.saturating_duration_since(Instant::now()));
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn failed(error: io::Error) -> Failure {
    let cause = match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Cause::Timeout,
        _ => Cause::Network,
    };
    Failure::new(Reached::Maybe, cause, error)
}

fn local(error: impl Into<koodrive_proto::error::BoxError>) -> Failure {
    Failure::new(Reached::Maybe, Cause::Local, error)
}

/// How much of a body is still to come.
enum Left {
    Length(u64),
    Chunks,
    Close,
}

struct Talk {
    fault: Fault,
    stream: BufReader<Timed>,
    /// Whether the connection can be used again.
    reusable: bool,
}

impl Talk {
    fn talk(&mut self, outgoing: &Outgoing, ends: &Ends) -> Answer {
        let early = self.send(outgoing, ends)?;
        let parts = match early {
            Some(parts) => parts,
            None => self.last_head()?,
        };
        self.receive(parts, outgoing, ends)
    }

    /// Sends the request, unless it is answered before its body.
    fn send(&mut self, outgoing: &Outgoing, ends: &Ends) -> Result<Option<response::Parts>, Failure> {
        let request = &outgoing.request;
        let path = request.uri().path_and_query().unwrap();
        let mut head = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
        let chunks = self.fault == Fault::Chunks && matches!(request.body(), Body::Source { .. });
        for (name, value) in request.headers() {
            match name {
                &header::CONTENT_LENGTH if chunks => head.extend(b"transfer-encoding: chunked\r\n"),
                _ => head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat()),
            }
        }
        let Body::Source { offset, len } = *request.body() else {
            let Body::Bytes(body) = request.body() else { unreachable!() };
            let bytes = [&head, &b"\r\n"[..], body].concat();
            return self.stream.get_mut().write_all(&bytes).map_err(failed).map(|()| None);
        };
        let expects = len > 0 || self.fault == Fault::ExpectsForNothing;
        head.extend(if expects { &b"expect: 100-continue\r\n\r\n"[..] } else { b"\r\n" });
        self.stream.get_mut().write_all(&head).map_err(failed)?;
        let early = if expects { self.continues()? } else { None };
        if early.is_some() && self.fault != Fault::SendsAnyway {
            self.reusable = false;
            return Ok(early);
        }
        self.body(offset, len, ends, chunks)?;
        Ok(early)
    }

    /// Waits for a 100 Continue, but not for ever.
    fn continues(&mut self) -> Result<Option<response::Parts>, Failure> {
        if self.fault != Fault::Waits {
            let idle = std::mem::replace(&mut self.stream.get_mut().idle, PAUSE);
            let came = self.stream.fill_buf().map(<[u8]>::len);
            self.stream.get_mut().idle = idle;
            match came.map_err(failed) {
                Err(failure) if failure.cause == Cause::Timeout => return Ok(None),
                came => came?,
            };
        }
        let parts = self.head()?;
        Ok(Some(parts).filter(|parts| !parts.status.is_informational()))
    }

    fn body(&mut self, offset: u64, len: u64, ends: &Ends, chunks: bool) -> Result<(), Failure> {
        let (mut at, end, mut buffer) = (offset, offset + len, vec![0; CHUNK]);
        while at < end {
            let left = usize::try_from(end - at).unwrap_or(CHUNK);
            let wanted = if self.fault == Fault::SendsMore { CHUNK } else { left.min(CHUNK) };
            let read = match ends.read_at(at, &mut buffer[..wanted]) {
                Ok(0) | Err(_) if self.fault == Fault::Pads => wanted,
                Ok(0) => return Err(local("the source has ended")),
                Ok(read) if self.fault == Fault::ReadsOnce && read < wanted => return Err(local("a short read")),
                read => read.map_err(local)?,
            };
            let size = if chunks { format!("{read:x}\r\n") } else { String::new() };
            let end: &[u8] = if chunks { b"\r\n" } else { b"" };
            let bytes = [size.as_bytes(), &buffer[..read], end].concat();
            self.stream.get_mut().write_all(&bytes).map_err(failed)?;
            at += read as u64;
        }
        if chunks { self.stream.get_mut().write_all(b"0\r\n\r\n").map_err(failed) } else { Ok(()) }
    }

    fn last_head(&mut self) -> Result<response::Parts, Failure> {
        loop {
            let parts = self.head()?;
            if !parts.status.is_informational() || self.fault == Fault::TakesInterim {
                return Ok(parts);
            }
        }
    }

    fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        self.stream.read_line(&mut line).map_err(failed)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(failed(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    fn head(&mut self) -> Result<response::Parts, Failure> {
        let mut answer = Response::builder().status(self.line()?.get(9..12).unwrap_or_default());
        while let Some((name, value)) = self.line()?.split_once(": ") {
            answer = answer.header(name, value);
        }
        let answer = answer.body(()).map_err(|error| Failure::new(Reached::Maybe, Cause::Network, error))?;
        Ok(answer.into_parts().0)
    }

    fn receive(&mut self, parts: response::Parts, outgoing: &Outgoing, ends: &Ends) -> Answer {
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let mut left = match (text(header::TRANSFER_ENCODING), length) {
            (Some(_), _) => Left::Chunks,
            (None, Some(length)) => Left::Length(length),
            (None, None) => Left::Close,
        };
        self.reusable &= !matches!(left, Left::Close) && text(header::CONNECTION) != Some("close");
        let mut body = Vec::new();
        match outgoing.deliver.place(&parts) {
            _ if self.fault == Fault::AsksNobody && parts.status.is_success() => {
                while let Some(chunk) = self.chunk(&mut left)? {
                    ends.write_at(5_000_000_000, &chunk).map_err(local)?;
                }
            }
            Place::Nowhere if self.fault == Fault::Drains => while self.chunk(&mut left)?.is_some() {},
            Place::Nowhere => self.reusable = false,
            Place::Memory if self.fault == Fault::LeavesRefusals && parts.status.as_u16() == 404 => {
                self.reusable = false;
            }
            Place::Memory => {
                while let Some(chunk) = self.chunk(&mut left)? {
                    body.extend(chunk);
                    if body.len() as u64 > outgoing.limit {
                        return Err(Failure::too_large(outgoing.limit));
                    }
                }
            }
            Place::Sink(mut placed) => {
                let first = placed.feed(&[]).unwrap();
                let mut there = 0;
                while let Some(chunk) = self.chunk(&mut left).map_err(|failure| having(failure, there))? {
                    let mut at = match placed.feed(&chunk) {
                        Err(_) if self.fault == Fault::WritesMore => first + there,
                        at => at.map_err(|error| having(failed(io::Error::other(error)), there))?,
                    };
                    if self.fault == Fault::WritesAtZero {
                        at -= first;
                    }
                    match ends.write_at(at, &chunk) {
                        Err(_) if self.fault == Fault::SkipsFull => {}
                        written => written.map_err(|error| having(local(error), there))?,
                    }
                    there += chunk.len() as u64;
                    if self.fault == Fault::Limits && there > outgoing.limit {
                        return Err(having(Failure::too_large(outgoing.limit), there));
                    }
                    if self.fault == Fault::Returns {
                        body.extend(chunk);
                    }
                    if self.fault == Fault::StopsEarly && placed.left() == 0 {
                        break;
                    }
                }
                placed.finish().map_err(|error| having(failed(io::Error::other(error)), there))?;
            }
        }
        Ok(Response::from_parts(parts, Bytes::from(body)))
    }

    /// The next piece of the body.
    fn chunk(&mut self, left: &mut Left) -> Result<Option<Vec<u8>>, Failure> {
        let most = match left {
            Left::Length(0) => return Ok(None),
            Left::Length(left) => usize::try_from(*left).unwrap_or(CHUNK).min(CHUNK),
            Left::Close => CHUNK,
            Left::Chunks => {
                let size = usize::from_str_radix(&self.line()?, 16);
                let size = size.map_err(|error| Failure::new(Reached::Maybe, Cause::Network, error))?;
                let mut chunk = vec![0; size];
                self.stream.read_exact(&mut chunk).map_err(failed)?;
                self.line()?;
                return Ok(Some(chunk).filter(|chunk| !chunk.is_empty()));
            }
        };
        let mut chunk = vec![0; most];
        let read = self.stream.read(&mut chunk).map_err(failed)?;
        chunk.truncate(read);
        match left {
            Left::Length(_) if read == 0 => Err(failed(io::ErrorKind::UnexpectedEof.into())),
            Left::Length(left) => {
                *left -= read as u64;
                Ok(Some(chunk))
            }
            _ => Ok(Some(chunk).filter(|chunk| !chunk.is_empty())),
        }
    }
}

/// With how much is in the sink.
fn having(mut failure: Failure, delivered: u64) -> Failure {
    failure.delivered = delivered;
    failure
}
