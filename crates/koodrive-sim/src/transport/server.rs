//! A server that does what a script says, and notes what it sees. Each of its connections has a thread.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

/// What a TLS handshake begins with. Nobody speaks TLS here.
const TLS: u8 = 0x16;

/// What happens on a connection; it is closed afterwards.
pub(super) type Script = dyn Fn(&mut Peer) -> io::Result<()> + Send + Sync;

/// A name in lower case, and a value.
pub(super) type Header = (String, Vec<u8>);

/// A request, as it arrived.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Which request it is, counted over all connections from 0 on.
    pub(super) number: usize,
    pub(super) line: String,
    pub(super) headers: Vec<Header>,
    pub(super) body: Vec<u8>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| &**value)
    }

    /// Whether the transport waits before it sends the body.
    pub(super) fn expects(&self) -> bool {
        self.header("expect").is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"))
    }

    /// The last segment of the path.
    pub(super) fn name(&self) -> &str {
        let path = self.line.split(' ').nth(1).unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }
}

#[derive(Default)]
struct Notes {
    connections: AtomicUsize,
    requests: AtomicUsize,
    /// The requests that arrived completely, or at least their heads.
    heads: AtomicUsize,
    /// The transport speaks HTTP/1.0.
    old: AtomicBool,
    /// The bytes that were read, complete requests or not.
    read: AtomicU64,
    /// The bytes that the system took.
    written: AtomicU64,
    seen: Mutex<Vec<Seen>>,
    /// Another handle of each open connection, by its number.
    open: Mutex<Vec<(usize, TcpStream)>>,
    stopped: AtomicBool,
}

/// The server; it ends all its connections when it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    notes: Arc<Notes>,
}

impl Server {
    pub(super) fn start(script: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static) -> io::Result<Self> {
        Self::bind(Ipv4Addr::LOCALHOST.into(), script)
    }

    pub(super) fn bind(
        address: IpAddr,
        script: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((address, 0))?;
        let server = Self { address: listener.local_addr()?, notes: Arc::default() };
        let (notes, script): (_, Arc<Script>) = (Arc::clone(&server.notes), Arc::new(script));
        thread::Builder::new().name("check-transport-server".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                if notes.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let number = notes.connections.fetch_add(1, Ordering::SeqCst);
                let (notes, script) = (Arc::clone(&notes), Arc::clone(&script));
                if let Ok(open) = stream.try_clone() {
                    lock(&notes.open).push((number, open));
                }
                let _ = stream.set_nodelay(true);
                thread::spawn(move || {
                    let mut peer = Peer { stream, notes, last: false };
                    // An error means that the client has left, or that the check is over.
                    let _ = script(&mut peer);
                    // Only the last handle closes a connection.
                    lock(&peer.notes.open).retain(|(open, _)| *open != number);
                });
            }
        })?;
        Ok(server)
    }

    /// The same answer to every request; connections stay open.
    pub(super) fn answering(answer: impl Into<Vec<u8>>) -> io::Result<Self> {
        let answer = answer.into();
        Self::start(move |peer| {
            loop {
                peer.request()?;
                peer.write(&answer)?;
            }
        })
    }

    /// One answer, whole or not, after which the connection is closed.
    pub(super) fn closing(answer: impl Into<Vec<u8>>) -> io::Result<Self> {
        let answer = answer.into();
        Self::start(move |peer| {
            peer.request()?;
            peer.write(&answer)
        })
    }

    pub(super) fn connections(&self) -> usize {
        self.notes.connections.load(Ordering::SeqCst)
    }

    pub(super) fn requests(&self) -> usize {
        self.notes.requests.load(Ordering::SeqCst)
    }

    /// Like [`requests`](Self::requests), with those whose bodies weren't read.
    pub(super) fn heads(&self) -> usize {
        self.notes.heads.load(Ordering::SeqCst)
    }

    /// Whether a request was one of HTTP/1.0, which knows neither chunks nor interim answers.
    pub(super) fn old(&self) -> bool {
        self.notes.old.load(Ordering::SeqCst)
    }

    pub(super) fn read(&self) -> u64 {
        self.notes.read.load(Ordering::SeqCst)
    }

    pub(super) fn written(&self) -> u64 {
        self.notes.written.load(Ordering::SeqCst)
    }

    /// Waits until all connections are closed, if that takes no longer than this.
    pub(super) fn all_closed(&self, time: Duration) -> bool {
        let begun = Instant::now();
        while !lock(&self.notes.open).is_empty() {
            if begun.elapsed() > time {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
        true
    }

    /// The requests that arrived completely.
    pub(super) fn seen(&self) -> Vec<Seen> {
        lock(&self.notes.seen).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.notes.stopped.store(true, Ordering::SeqCst);
        for (_, stream) in lock(&self.notes.open).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the thread that accepts connections.
        let _ = TcpStream::connect(self.address);
    }
}

/// A connection to the transport.
pub(super) struct Peer {
    stream: TcpStream,
    notes: Arc<Notes>,
    /// The transport wants no further answer on this connection, and waits for its end.
    last: bool,
}

impl Peer {
    /// Reads a request, and lets the transport go on with its body if it wants to be told.
    pub(super) fn request(&mut self) -> io::Result<Seen> {
        let head = self.head()?;
        if head.expects() {
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        self.body(head)
    }

    /// Reads a request, or the beginning of a TLS handshake, and tells which it was: only the former is noted as such.
    pub(super) fn is_tls(&mut self) -> io::Result<bool> {
        let mut buffer = vec![0; 64 * 1024];
        let count = self.stream.peek(&mut buffer)?;
        if buffer[..count].first() != Some(&TLS) {
            return self.request().map(|_| false);
        }
        // If anything is left unread, the connection ends with RST.
        let count = self.stream.read(&mut buffer)?;
        self.notes.read.fetch_add(count as u64, Ordering::SeqCst);
        Ok(true)
    }

    /// Reads the head of a request only.
    pub(super) fn head(&mut self) -> io::Result<Seen> {
        if self.last {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            self.notes.read.fetch_add(1, Ordering::SeqCst);
            head.push(byte[0]);
        }
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
        let line = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let mut headers = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
            let (name, value) = line.split_at(colon);
            let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
            headers.push((String::from_utf8_lossy(name).to_lowercase(), value.to_vec()));
        }
        let seen = Seen { line, headers, ..Seen::default() };
        let old = seen.line.ends_with("HTTP/1.0");
        self.notes.heads.fetch_add(1, Ordering::SeqCst);
        self.notes.old.fetch_or(old, Ordering::SeqCst);
        self.last = old || seen.header("connection") == Some(b"close");
        Ok(seen)
    }

    /// Reads the body of a request, and notes the request. A body in chunks stays as it is.
    pub(super) fn body(&mut self, mut seen: Seen) -> io::Result<Seen> {
        let chunked = seen.header("transfer-encoding").is_some();
        let length = seen.header("content-length").and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        let length: usize = length.unwrap_or_default();
        let mut buffer = vec![0; 64 * 1024];
        while if chunked { !seen.body.ends_with(b"0\r\n\r\n") } else { seen.body.len() < length } {
            let most = if chunked { 1 } else { buffer.len().min(length - seen.body.len()) };
            let count = self.stream.read(&mut buffer[..most])?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.notes.read.fetch_add(count as u64, Ordering::SeqCst);
            seen.body.extend_from_slice(&buffer[..count]);
        }
        let mut all = lock(&self.notes.seen);
        seen.number = self.notes.requests.fetch_add(1, Ordering::SeqCst);
        all.push(seen.clone());
        Ok(seen)
    }

    /// Reads something, and returns how much. At the end of the connection, that is nothing.
    pub(super) fn some(&mut self) -> io::Result<u64> {
        let count = self.stream.read(&mut vec![0; 256 * 1024])? as u64;
        self.notes.read.fetch_add(count, Ordering::SeqCst);
        Ok(count)
    }

    /// Closes the connection as servers do that still have something to read, and returns how much that was.
    pub(super) fn linger(&mut self) -> io::Result<u64> {
        self.stream.shutdown(Shutdown::Write)?;
        self.rest()
    }

    /// Reads to the end of the connection, and returns how much that was.
    pub(super) fn rest(&mut self) -> io::Result<u64> {
        let mut all = 0;
        loop {
            match self.some()? {
                0 => return Ok(all),
                count => all += count,
            }
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for part in bytes.chunks(64 * 1024) {
            self.stream.write_all(part)?;
            self.notes.written.fetch_add(part.len() as u64, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Writes the same over and over, with pauses, for some time.
    pub(super) fn trickle(&mut self, bytes: &[u8], time: Duration) -> io::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < time {
            self.write(bytes)?;
            self.wait(Duration::from_millis(50))?;
        }
        Ok(())
    }

    /// Waits, at most until the check is over.
    pub(super) fn wait(&self, time: Duration) -> io::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < time {
            if self.notes.stopped.load(Ordering::SeqCst) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            thread::sleep(Duration::from_millis(10).min(time));
        }
        Ok(())
    }

    /// Lets the connection end with RST instead of FIN.
    pub(super) fn reset(&self) -> io::Result<()> {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
