//! Bodies by source, and answers into a sink.

mod drops;
mod early;
mod idle;
mod sinks;
mod sources;

use std::io;

use koodrive_proto::flow::{Body, Cause, Deliver, Expected, Outgoing, Reached};
use koodrive_proto::http::{HeaderValue, Method, header};

use super::{Check, Checks, Problem, SLOW, answered, caused, describe, failed, get, is, maybe, once, reply, saw};
use crate::transport::drive::{Answer, Drive};
use crate::transport::ends::{Ends, contents};
use crate::transport::server::{Peer, Seen, Server};

pub(super) const CHECKS: Checks = &[sources::CHECKS, early::CHECKS, sinks::CHECKS, idle::CHECKS, drops::CHECKS];

/// More than all buffers on the way hold.
const LARGE: u64 = 16 * 1024 * 1024;

/// A PUT of a range of the source, as the core writes them.
fn put(server: &Server, path: &str, offset: u64, len: u64) -> Outgoing {
    let mut outgoing = get(server, path);
    *outgoing.request.method_mut() = Method::PUT;
    *outgoing.request.body_mut() = Body::Source { offset, len };
    outgoing.request.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(len));
    outgoing
}

/// A GET of a range for the sink.
fn range(server: &Server, path: &str, first: u64, most: u64) -> Outgoing {
    let mut outgoing = get(server, path);
    if let Ok(range) = HeaderValue::try_from(format!("bytes={first}-{}", first + most - 1)) {
        outgoing.request.headers_mut().insert(header::RANGE, range);
    }
    outgoing.deliver = Deliver::Sink(Expected::new(first, most));
    outgoing
}

/// How an answer says where it ends.
#[derive(Clone, Copy)]
enum Framing {
    Length,
    Chunks,
    Close,
}

/// The head of an answer that has so many bytes of a file.
fn partial(framing: Framing, first: u64, len: u64) -> String {
    let range = format!("content-range: bytes {first}-{}/{}", first + len - 1, first + len + 1000);
    format!("HTTP/1.1 206 Partial Content\r\netag: \"1\"\r\n{range}\r\n{}\r\n", framing.header(len))
}

impl Framing {
    fn header(self, len: u64) -> String {
        match self {
            Self::Length => format!("content-length: {len}\r\n"),
            Self::Chunks => "transfer-encoding: chunked\r\n".to_owned(),
            Self::Close => String::new(),
        }
    }

    /// Some of the body.
    fn frame(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Chunks => [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat(),
            Self::Length | Self::Close => bytes.to_vec(),
        }
    }

    /// The end of the body.
    fn end(self) -> &'static [u8] {
        if let Self::Chunks = self { b"0\r\n\r\n" } else { b"" }
    }
}

/// Reads the head of a request, and lets the transport go on with its body if it wants to be told.
fn body_begins(peer: &mut Peer) -> io::Result<Seen> {
    let head = peer.head()?;
    if head.expects() {
        peer.write(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    Ok(head)
}

/// That a transfer ended with this status, and these bytes are in the sink from there on.
fn sank(answer: Answer, ends: &Ends, status: u16, first: u64, bytes: &[u8]) -> Result<(), String> {
    is(&answered(answer)?, status, b"")?;
    match ends.sink(first)? {
        sink if sink == bytes => Ok(()),
        sink => Err(format!("wrote {} bytes to the sink that aren't the {} sent", sink.len(), bytes.len())),
    }
}

/// That the failure of a transfer says how much is in the sink, which is the beginning of these bytes. Returns how much
/// that is.
fn broken_off(
    answer: Answer,
    cause: Cause,
    server: &Server,
    ends: &Ends,
    first: u64,
    bytes: &[u8],
) -> Result<u64, String> {
    let failure = failed(answer)?;
    let (said, delivered) = (describe(&failure), failure.delivered);
    maybe(Err(failure), Some(cause), server)?;
    let sink = ends.sink(first)?;
    if !bytes.starts_with(&sink) {
        return Err(format!("wrote {} bytes to the sink that aren't those sent", sink.len()));
    }
    match sink.len() as u64 {
        there if there == delivered => Ok(there),
        there => Err(format!("said {said} with {delivered} bytes delivered, but {there} are in the sink")),
    }
}

/// That the next request is answered, and as it should be.
fn next(drive: &mut dyn Drive, server: &Server) -> Result<(), String> {
    let what = |problem| format!("for the next request {problem}");
    let mut outgoing = get(server, "/next");
    (outgoing.timeout, outgoing.idle) = (SLOW, SLOW);
    let answer = answered(drive.exchange(outgoing)?).map_err(what)?;
    is(&answer, 200, b"next").map_err(what)
}

/// The answer to that.
fn next_answer(peer: &mut Peer) -> io::Result<()> {
    peer.write(&reply("200 OK", "", "next"))
}
