//! HTTP/1.1 over `std::net`: for `http://` only, with a connection for each request.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::Utc;
use koodrive_proto::flow::{Cause, Event, Failure, Now, Outgoing, Reached, Step};
use koodrive_proto::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use koodrive_proto::{Api, Error, Flow};

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
    let (timeout, limit) = (outgoing.timeout.min(Duration::from_secs(86_400)), outgoing.limit);
    let request = outgoing.into_memory()?;
    if request.uri().scheme_str() != Some("http") {
        return Err(Failure::new(Reached::No, Cause::Local, "this transport is for http:// only"));
    }
    let end = Instant::now() + timeout;
    let stream = connect(&request, timeout).map_err(|error| failure(Reached::No, error, limit))?;
    talk(Timed { stream, end }, &request, limit).map_err(|error| failure(Reached::Maybe, error, limit))
}

fn failure(reached: Reached, error: io::Error, limit: u64) -> Failure {
    match error.kind() {
        ErrorKind::FileTooLarge => Failure::too_large(limit),
        // Which of both it is depends on the system.
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::new(reached, Cause::Timeout, error),
        _ => Failure::new(reached, Cause::Network, error),
    }
}

fn connect(request: &Request<Bytes>, timeout: Duration) -> io::Result<TcpStream> {
    let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']);
    let addresses = (host, request.uri().port_u16().unwrap_or(80)).to_socket_addrs()?;
    let unknown = Err(ErrorKind::AddrNotAvailable.into());
    let stream = addresses.fold(unknown, |made, next| made.or_else(|_| TcpStream::connect_timeout(&next, timeout)))?;
    stream.set_write_timeout(Some(timeout)).map(|()| stream)
}

/// A connection with one end for all that is read.
struct Timed {
    stream: TcpStream,
    end: Instant,
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
        self.stream.set_read_timeout(Some(left.ok_or(ErrorKind::TimedOut)?))?;
        self.stream.read(buffer)
    }
}

fn talk(mut timed: Timed, request: &Request<Bytes>, limit: u64) -> io::Result<Response<Bytes>> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut bytes = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    timed.stream.write_all(&[&bytes, &b"\r\n"[..], request.body()].concat())?;

    let mut stream = BufReader::new(timed);
    let mut answer = head(&mut stream)?;
    while answer.status().is_informational() {
        answer = head(&mut stream)?;
    }
    let header = |name| answer.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let mut body = Vec::new();
    if *request.method() == Method::HEAD || matches!(answer.status().as_u16(), 204 | 304) {
        // There is none.
    } else if header(header::TRANSFER_ENCODING).is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        loop {
            let size = String::from_utf8_lossy(&line(&mut stream)?).into_owned();
            let size = size.split(';').next().unwrap_or_default().trim();
            match u64::from_str_radix(size, 16).map_err(io::Error::other)? {
                0 => break,
                size if part(&mut stream, size, &mut body, limit)? == size && line(&mut stream)?.is_empty() => {}
                _ => return Err(ErrorKind::UnexpectedEof.into()),
            }
        }
    } else {
        // The core sees whether it is shorter than announced.
        let length = header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        part(&mut stream, length.unwrap_or(u64::MAX), &mut body, limit)?;
    }
    Ok(answer.map(|()| body.into()))
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
    let status = status.strip_prefix(b"HTTP/1.").and_then(|rest| StatusCode::from_bytes(rest.get(2..5)?).ok());
    let mut answer = Response::new(());
    *answer.status_mut() = status.ok_or(ErrorKind::InvalidData)?;
    loop {
        let line = line(&mut stream)?;
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return if line.is_empty() { Ok(answer) } else { Err(ErrorKind::InvalidData.into()) };
        };
        let name = HeaderName::from_bytes(&line[..colon]).map_err(io::Error::other)?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).map_err(io::Error::other)?;
        answer.headers_mut().append(name, value);
    }
}

/// Reads a line, and removes its end.
fn line(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    stream.take(64 * 1024).read_until(b'\n', &mut line)?;
    if line.ends_with(b"\n") { Ok(line.trim_ascii_end().to_vec()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}
