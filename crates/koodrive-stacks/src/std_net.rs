//! HTTP/1.1 over `std::net`: for `http://` only, with a connection for each request.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use koodrive_proto::flow::{Cause, Event, Failure, Now, Outgoing, Reached, Step};
use koodrive_proto::http::header::{CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use koodrive_proto::http::{Method, Request, Response, Version};
use koodrive_proto::{Api, Error, Flow, bytes::Bytes, chrono::Utc};

/// Drives a flow to its end. `started` is the same for all flows of an [`Api`].
pub fn run<F: Flow + ?Sized>(api: &Api, started: Instant, flow: &mut F) -> Result<F::Output, Error> {
    let mut event = Event::Start;
    loop {
        let now = Now { utc: Utc::now(), elapsed: started.elapsed() };
        event = match flow.resume(api, now, event) {
            Step::Done(result) => return result,
            Step::Wait(time) => {
                std::thread::sleep(time);
                Event::Elapsed
            }
            Step::Send(outgoing) => exchange(outgoing).map_or_else(Event::Failed, Event::Response),
        };
    }
}

/// Sends a request, and reads its answer.
pub fn exchange(outgoing: Outgoing) -> Result<Response<Bytes>, Failure> {
    let (end, limit) = (Instant::now() + outgoing.timeout.min(Duration::from_secs(86_400)), outgoing.limit);
    let request = outgoing.into_memory()?;
    if request.uri().scheme_str() != Some("http") {
        return Err(Failure::new(Reached::No, Cause::Local, "this transport is for http:// only"));
    }
    let failed = |reached| {
        move |error: io::Error| match error.kind() {
            ErrorKind::FileTooLarge => Failure::too_large(limit),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::new(reached, Cause::Timeout, error),
            _ => Failure::new(reached, Cause::Network, error),
        }
    };
    let stream = connect(&request, end).map_err(failed(Reached::No))?;
    talk(Timed(stream, end), &request, limit).map_err(failed(Reached::Maybe))
}

fn connect(request: &Request<Bytes>, end: Instant) -> io::Result<TcpStream> {
    let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']);
    let addresses = (host, request.uri().port_u16().unwrap_or(80)).to_socket_addrs()?;
    let unknown = Err(ErrorKind::AddrNotAvailable.into());
    addresses.fold(unknown, |made, next| made.or_else(|_| TcpStream::connect_timeout(&next, left(end)?)))
}

fn left(end: Instant) -> io::Result<Duration> {
    end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()).ok_or(ErrorKind::TimedOut.into())
}

/// A connection, and the end of its time.
struct Timed(TcpStream, Instant);

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.set_read_timeout(Some(left(self.1)?))?;
        self.0.read(buffer)
    }
}

fn talk(mut timed: Timed, request: &Request<Bytes>, limit: u64) -> io::Result<Response<Bytes>> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut bytes = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    for part in [&bytes, &b"\r\n"[..], request.body()].concat().chunks(16 * 1024) {
        timed.0.set_write_timeout(Some(left(timed.1)?))?;
        timed.0.write_all(part)?;
    }
    let mut stream = BufReader::new(timed);
    let mut answer = head(&mut stream)?;
    while answer.status().is_informational() {
        answer = head(&mut stream)?;
    }
    let values = |name| answer.headers().get_all(name).iter().map(HeaderValue::as_bytes).collect::<Vec<_>>();
    let (codings, mut lengths, mut body) = (values(TRANSFER_ENCODING), values(CONTENT_LENGTH), Vec::new());
    lengths.dedup();
    match (&codings[..], &lengths[..]) {
        _ if *request.method() == Method::HEAD || matches!(answer.status().as_u16(), 204 | 304) => {}
        ([], []) => drop(part(&mut stream, u64::MAX, &mut body, limit)?),
        // The core sees whether it is shorter than announced.
        ([], [length]) => drop(part(&mut stream, number(length, 10)?, &mut body, limit)?),
        ([coding], _) if coding.eq_ignore_ascii_case(b"chunked") && answer.version() == Version::HTTP_11 => loop {
            let size = line(&mut stream)?;
            match number(size.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii(), 16)? {
                0 => break,
                size if part(&mut stream, size, &mut body, limit)? == size && line(&mut stream)?.is_empty() => {}
                _ => return Err(ErrorKind::UnexpectedEof.into()),
            }
        },
        _ => return Err(ErrorKind::InvalidData.into()),
    }
    Ok(answer.map(|()| body.into()))
}

fn number(digits: &[u8], radix: u32) -> io::Result<u64> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'));
    digits.and_then(|digits| u64::from_str_radix(digits, radix).ok()).ok_or(ErrorKind::InvalidData.into())
}

/// Reads up to `size` more bytes of a body, and returns how many there were.
fn part(stream: &mut impl Read, size: u64, body: &mut Vec<u8>, limit: u64) -> io::Result<u64> {
    let rest = limit - body.len() as u64;
    let count = stream.take(size.min(rest.saturating_add(1))).read_to_end(body)? as u64;
    if count > rest { Err(ErrorKind::FileTooLarge.into()) } else { Ok(count) }
}

fn head(stream: &mut impl BufRead) -> io::Result<Response<()>> {
    let mut stream = stream.take(64 * 1024);
    let status = line(&mut stream)?;
    let version = if status.starts_with(b"HTTP/1.0") { Version::HTTP_10 } else { Version::HTTP_11 };
    let code = status.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5)).ok_or(ErrorKind::InvalidData)?;
    let mut answer = Response::builder().version(version).status(code);
    loop {
        let line = line(&mut stream)?;
        if line.is_empty() {
            return answer.body(()).map_err(io::Error::other);
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or(ErrorKind::InvalidData)?;
        answer = answer.header(&line[..colon], line[colon + 1..].trim_ascii());
    }
}

/// Reads a line, and removes its end.
fn line(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    stream.take(64 * 1024).read_until(b'\n', &mut line)?;
    if line.ends_with(b"\n") { Ok(line.trim_ascii_end().to_vec()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}
