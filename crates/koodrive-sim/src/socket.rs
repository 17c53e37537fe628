//! A connection as the server sees it: with or without TLS, with a time limit for what is written, and with refusals of
//! its own for what isn't HTTP.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use chrono::Utc;
use koodrive_proto::http::StatusCode;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::Simulator;
use crate::faults::{Broken, head};
use crate::reply::Refusal;
use crate::storage::Object;

/// A connection with or without TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn tcp(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

#[cfg(feature = "tls")]
impl Stream for tokio_rustls::server::TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Makes a connection end with RST instead of FIN when it is dropped.
pub(crate) fn reset(stream: &TcpStream) {
    // Where this isn't supported, the connection still ends.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

pub(crate) struct Socket<S> {
    stream: S,
    simulator: Simulator,
    /// What is written in place of hyper's own refusal, and how much of it was.
    instead: Vec<u8>,
    written: usize,
    /// When the client must have taken something; `None` while it does.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Whether bytes of files were sent, which may look like anything, so that nothing is replaced any more.
    is_opaque: Arc<AtomicBool>,
}

impl<S: Stream> Socket<S> {
    pub(crate) fn new(stream: S, simulator: Simulator, is_opaque: Arc<AtomicBool>) -> Self {
        Self { stream, simulator, instead: Vec::new(), written: 0, stalled: None, is_opaque }
    }

    /// Ends a connection whose last answer was written. What the client still sends is read and dropped for a while:
    /// if it were left unread, the system would reset the connection, and the answer could get lost.
    pub(crate) async fn end(mut self) {
        let mut rest = async || -> io::Result<()> {
            self.stream.shutdown().await?;
            let mut buffer = vec![0; 16 * 1024];
            while self.stream.read(&mut buffer).await? > 0 {}
            Ok(())
        };
        // Either way the connection is dropped.
        let _ = timeout(self.simulator.limits.write, rest()).await;
    }

    /// Ends a connection as a fault demands.
    pub(crate) async fn break_off(mut self, broken: &Broken) {
        match broken {
            Broken::Reset => reset(self.stream.tcp()),
            Broken::Answer(head, body) => {
                // This fails only if the client has left, or if the bytes can't be read.
                let _ = self.send(head, body.clone()).await;
                let _ = self.shutdown().await;
            }
        }
    }

    async fn send(&mut self, head: &[u8], mut body: Object) -> io::Result<()> {
        self.write_all(head).await?;
        while body.left() > 0 {
            let bytes = body.next()?;
            self.write_all(&bytes).await?;
        }
        Ok(())
    }

    /// Ends a connection on which something else than HTTP/1 arrived, or half a head.
    pub(crate) async fn refuse(mut self, status: StatusCode) {
        if self.instead.is_empty() {
            let answer = self.refusal(status);
            // This fails only if the client has left.
            let _ = self.write_all(&answer).await;
        }
        self.end().await;
    }

    fn refusal(&self, status: StatusCode) -> Vec<u8> {
        let detail = match status {
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
                "the head is larger than 64 KiB, has more than 100 headers, or announces too long a body"
            }
            StatusCode::URI_TOO_LONG => "the address is too long",
            StatusCode::REQUEST_TIMEOUT => "the head did not arrive in time",
            _ => "this is not a valid request of HTTP/1.1",
        };
        let refusal = Refusal::new("APIGW.0201", detail).with_status(status);
        let response = self.simulator.refuse_unread(refusal, Utc::now());
        [&head(&response, response.body().len() as u64), &response.body()[..]].concat()
    }

    /// Gives up on a client that has taken nothing for too long.
    fn limit<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.stalled = None;
            return done;
        }
        let time = self.simulator.limits.write;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(time)));
        ready!(stalled.as_mut().poll(cx));
        // What is written afterwards fails at once.
        stalled.as_mut().reset(Instant::now());
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: Stream> AsyncRead for Socket<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: Stream> AsyncWrite for Socket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.instead.is_empty() {
            let refusal = if this.is_opaque.load(Ordering::Relaxed) { None } else { bare_refusal(buf) };
            let Some((at, status)) = refusal else {
                let done = Pin::new(&mut this.stream).poll_write(cx, buf);
                return this.limit(cx, done);
            };
            this.instead = [&buf[..at], &this.refusal(status)].concat();
        }
        while this.written < this.instead.len() {
            let done = Pin::new(&mut this.stream).poll_write(cx, &this.instead[this.written..]);
            this.written += ready!(this.limit(cx, done))?;
        }
        // It is the last that hyper writes.
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        self.limit(cx, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.limit(cx, done)
    }
}

/// Finds the answer that hyper gives on its own to what isn't HTTP: it has a status, but nothing in it. It is the last
/// one on its connection, and comes in one piece, perhaps behind the end of others. No answer of the simulator ends
/// like this, as all of them have a body.
fn bare_refusal(buf: &[u8]) -> Option<(usize, StatusCode)> {
    const BEGIN: &[u8] = b"HTTP/1.1 ";
    let head = buf.strip_suffix(b"\r\n\r\n")?;
    let from = head.len().saturating_sub(200);
    let at = from + head[from..].windows(BEGIN.len()).rposition(|part| part == BEGIN)?;
    let mut lines = head[at..].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let status = StatusCode::from_bytes(lines.next()?.get(BEGIN.len()..BEGIN.len() + 3)?).ok()?;
    (status.is_client_error() && lines.any(|line| line == b"content-length: 0")).then_some((at, status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_refusal_at_the_end_is_replaced() {
        let bare = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\
                    date: Mon, 03 Nov 2025 07:01:40 GMT\r\n\r\n";
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        assert_eq!(bare_refusal(bare.as_bytes()), Some((0, status)));
        let whole = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(bare_refusal([whole, bare].concat().as_bytes()), Some((whole.len(), status)));
        for other in [
            [bare, whole].concat(),
            bare.replace("length: 0", "length: 10"),
            bare.replace("431", "200"),
            bare.replace("431", "x"),
            bare[9..].to_owned(),
            bare[..bare.len() - 1].to_owned(),
            "\r\n\r\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(bare_refusal(other.as_bytes()), None, "{other}");
        }
    }
}
