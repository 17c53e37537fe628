//! A simple transport, as in koodrive-sim's example `transfer`: HTTP/1.0, a connection for each request, and the body
//! sent before an answer is looked for.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use koodrive_proto::flow::{Body, Cause, Failure, Outgoing, Place, Placed, Reached};
use koodrive_proto::http::Response;
use koodrive_proto::transfer::WrongLength;
use koodrive_sim::Ends;

use super::Answer;

/// How many bytes are read or written at a time.
const CHUNK: usize = 256 * 1024;

/// Sends one request over a connection of its own, with a body from the source, and an answer to it.
pub(crate) fn exchange(outgoing: &Outgoing, ends: &Ends) -> Answer {
    let address = outgoing.request.uri().authority().map(|host| host.as_str().to_owned()).unwrap_or_default();
    let unreached = |error: io::Error| Failure::new(Reached::No, Cause::Network, error);
    let stream = TcpStream::connect(address).map_err(unreached)?;
    stream.set_read_timeout(Some(outgoing.idle)).map_err(unreached)?;
    stream.set_write_timeout(Some(outgoing.idle)).map_err(unreached)?;
    send(&stream, outgoing, ends)?;
    let mut stream = BufReader::new(stream);
    let (parts, ()) = head(&mut stream).map_err(failed)?.into_parts();
    let mut body = Vec::new();
    match outgoing.deliver.place(&parts) {
        Place::Nowhere => {}
        Place::Memory => {
            stream.take(outgoing.limit + 1).read_to_end(&mut body).map_err(failed)?;
        }
        Place::Sink(placed) => {
            let is_sized = parts.headers.contains_key("content-length");
            let mut there = 0;
            fill(stream, placed, is_sized, ends, &mut there).map_err(|mut failure| {
                failure.delivered = there;
                failure
            })?;
        }
    }
    Ok(Response::from_parts(parts, body.into()))
}

/// Writes the body of an answer to the sink, and counts what is there.
fn fill(
    mut stream: impl Read,
    mut placed: Placed,
    is_sized: bool,
    ends: &Ends,
    there: &mut u64,
) -> Result<(), Failure> {
    let wrong = |error: WrongLength| failed(io::Error::other(error));
    let mut buffer = vec![0; CHUNK];
    // Without a length, only the end of the connection says that there is no more.
    while placed.left() > 0 || !is_sized {
        let read = stream.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            break;
        }
        let at = placed.feed(&buffer[..read]).map_err(wrong)?;
        ends.write_at(at, &buffer[..read]).map_err(|error| Failure::of_file("the sink can't be written", error))?;
        *there = placed.fed();
    }
    placed.finish().map_err(wrong)
}

/// What came of a request of which something was sent.
fn failed(error: io::Error) -> Failure {
    let cause = match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Cause::Timeout,
        _ => Cause::Network,
    };
    Failure::new(Reached::Maybe, cause, error)
}

fn send(mut stream: &TcpStream, outgoing: &Outgoing, ends: &Ends) -> Result<(), Failure> {
    let request = &outgoing.request;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut bytes = format!("{} {path} HTTP/1.0\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    let local = |error: io::Error| Failure::of_file("the source can't be read", error);
    match request.body() {
        Body::Bytes(body) => {
            bytes.extend(body);
            stream.write_all(&bytes).map_err(failed)
        }
        Body::Source { offset, len } => {
            stream.write_all(&bytes).map_err(failed)?;
            let (mut at, end) = (*offset, offset + len);
            let mut buffer = vec![0; CHUNK];
            while at < end {
                let wanted = usize::try_from(end - at).map_or(CHUNK, |left| left.min(CHUNK));
                read_exact_at(ends, &mut buffer[..wanted], at).map_err(local)?;
                stream.write_all(&buffer[..wanted]).map_err(failed)?;
                at += wanted as u64;
            }
            Ok(())
        }
    }
}

fn read_exact_at(ends: &Ends, mut buffer: &mut [u8], mut at: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match ends.read_at(at, buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => (at, buffer) = (at + read as u64, &mut buffer[read..]),
        }
    }
    Ok(())
}

/// Reads status and headers.
fn head(stream: &mut impl BufRead) -> io::Result<Response<()>> {
    let mut stream = stream.take(64 * 1024);
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut answer = Response::builder().status(line.get(9..12).unwrap_or_default());
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => answer = answer.header(name, value.trim()),
            None if line.trim_end().is_empty() && line.ends_with('\n') => {
                return answer.body(()).map_err(io::Error::other);
            }
            None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
    }
}
