//! What is about the transfers of this crate alone: they are one future that is `Send`, and what is left when it ends
//! or is dropped. What both transports have to do is checked in koodrive-conformance.

use std::future::{Future, poll_fn};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use koodrive_hyper::files::tree::FolderFrom;
use koodrive_hyper::files::{Memory, Options, RateLimit, Sink, Source, StateFile, Stop, UploadTo};
use koodrive_hyper::{Client, Ends};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Download, Outgoing, Reached, Upload, Uploaded};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_proto::schema::Target;
use koodrive_proto::{Api, Credentials, ErrorKind, http};
use koodrive_sim::{OneRequest, Server, Simulator};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const USER: &str = "1505084218764547200";
const PART: u64 = 5 * 1024 * 1024;

struct Drive {
    server: Server,
    client: Client,
    space: String,
    /// Removed at the end.
    folder: tempfile::TempDir,
}

impl Drive {
    async fn start() -> Self {
        let server = Server::start(Simulator::new().app("my-app", "my-secret", USER)).unwrap();
        let client = client(&server.endpoint());
        let space = client.call(&GetSpace::new(USER, SpaceType::Individual)).await.unwrap().container_id.unwrap();
        Self { server, client, space: space.as_str().to_owned(), folder: tempfile::tempdir().unwrap() }
    }

    fn to(&self) -> UploadTo {
        UploadTo::new(self.space.as_str()).name("film.mp4").part_size(PART)
    }

    fn state(&self) -> Options {
        Options::new().state(self.folder.path().join("state"))
    }

    fn download(&self, uploaded: &Uploaded) -> Download {
        Download::new(self.space.as_str(), &uploaded.file_id).range_size(PART)
    }

    fn count(&self, operation: &str) -> usize {
        self.server.ledger().iter().filter(|entry| entry.operation == Some(operation)).count()
    }
}

fn client(endpoint: &str) -> Client {
    Client::new(Api::new(endpoint, Credentials::app("my-app", "my-secret", USER)).unwrap())
}

/// Four parts.
fn content() -> Vec<u8> {
    (0..4 * PART).map(|at| u8::try_from(at.wrapping_mul(at) >> 7 & 0xff).unwrap()).collect()
}

fn sent<T: Send>(future: T) -> T {
    future
}

/// Polls a future until something has happened, and drops it.
async fn until<F: Future<Output: std::fmt::Debug>>(happened: &AtomicBool, future: F) {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(early) => panic!("it has ended: {early:?}"),
        Poll::Pending if happened.load(Ordering::Relaxed) => Poll::Ready(()),
        Poll::Pending => Poll::Pending,
    })
    .await;
}

/// Options that tell when the first part is there, while the others still take their time.
fn first_part(options: Options) -> (Options, Arc<AtomicBool>) {
    let happened = Arc::new(AtomicBool::new(false));
    let (tell, options) = (Arc::clone(&happened), options.parallel(2).rate_limit(RateLimit::new(4 * PART)));
    (options.on_progress(move |event| tell.store(event.parts > 0, Ordering::Relaxed)), happened)
}

async fn let_go<T>(shared: &Arc<T>) {
    while Arc::strong_count(shared) > 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_future_leaves_a_state_and_nothing_that_runs() {
    let drive = Drive::start().await;
    let source = Arc::new(content());
    let (options, happened) = first_part(drive.state());
    until(&happened, sent(drive.client.upload_source(Arc::clone(&source), &drive.to(), &options))).await;
    let_go(&source).await;
    let uploaded = drive.client.upload_source(Arc::clone(&source), &drive.to(), &drive.state()).await.unwrap();
    // Those that were under way are sent again, and no others.
    assert!((4..=6).contains(&drive.count("PutPart")), "{}", drive.count("PutPart"));

    let target = drive.folder.path().join("film.mp4");
    let (options, happened) = first_part(drive.state());
    until(&happened, sent(drive.client.download_file(drive.download(&uploaded), &target, &options))).await;
    assert!(!target.exists());
    let downloaded = drive.client.download_file(drive.download(&uploaded), &target, &drive.state()).await.unwrap();
    assert!((4..=6).contains(&drive.count("GetObject")), "{}", drive.count("GetObject"));
    assert_eq!(downloaded.sha256, uploaded.sha256);
    assert!(std::fs::read(&target).unwrap() == *source);
    assert_eq!(std::fs::read_dir(drive.folder.path()).unwrap().count(), 1, "neither a state nor a part is left");

    let (to, options, bytes) = (drive.to(), Options::new(), &source[..]);
    drop(sent(drive.client.upload_reader(bytes, None, &to, &options)));
    drop(sent(drive.client.download_sink(drive.download(&uploaded), Memory::new(), &options)));
    drop(sent(drive.client.download_writer(drive.download(&uploaded), Vec::new(), &options)));
    let transfer = &mut drive.download(&uploaded);
    drop(sent(drive.client.transfer(transfer, Ends::none(), &options, |_| Ok(()))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_folder_goes_on_with_the_files_that_were_not_finished() {
    let drive = Drive::start().await;
    let (up, down) = (drive.folder.path().join("up"), drive.folder.path().join("down"));
    std::fs::create_dir(&up).unwrap();
    for number in 0..40 {
        std::fs::write(up.join(number.to_string()), [number; 1000]).unwrap();
    }
    let half = || {
        let happened = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&happened);
        (drive.state().on_progress(move |event| tell.store(event.files >= 20, Ordering::Relaxed)), happened)
    };
    // A create call that is dropped is one of which nobody knows what came of it.
    let to = UploadTo::new(drive.space.as_str()).instant(false).with(Upload::create_again);
    let (options, happened) = half();
    until(&happened, sent(drive.client.upload_folder(&up, &to, &options))).await;
    let report = drive.client.upload_folder(&up, &to, &drive.state()).await.unwrap();
    assert!(report.is_complete() && report.files == 40 && report.unchanged >= 20, "{report}");
    assert!((40..=44).contains(&drive.count("CreateFile")), "{}", drive.count("CreateFile"));

    let from = FolderFrom::new(drive.space.as_str());
    let (options, happened) = half();
    until(&happened, sent(drive.client.download_folder(&from, &down, &options))).await;
    let report = drive.client.download_folder(&from, &down, &drive.state()).await.unwrap();
    assert!(report.is_complete() && report.files == 40 && report.unchanged >= 20, "{report}");
    assert!((40..=44).contains(&drive.count("GetObject")), "{}", drive.count("GetObject"));
    for number in 0..40 {
        assert_eq!(std::fs::read(down.join(format!("up/{number}"))).unwrap(), [number; 1000]);
    }
    assert_eq!(std::fs::read_dir(drive.folder.path()).unwrap().count(), 2, "neither a state nor a part is left");
}

/// A sink whose writes wait.
struct Gate {
    memory: Memory,
    entered: UnboundedSender<()>,
    opened: Mutex<Receiver<()>>,
}

impl Sink for Gate {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        // Nobody listens any more after the first, nor sends when it is open for good.
        let _ = self.entered.send(());
        let _ = self.opened.lock().unwrap().recv();
        self.memory.write_at(position, bytes)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunk_that_is_written_at_the_drop_keeps_the_state_locked() {
    let drive = Drive::start().await;
    let uploaded = drive.client.upload_source(content(), &drive.to(), &Options::new()).await.unwrap();
    let ((entered, mut has_entered), (open, opened)) = (unbounded_channel(), channel());
    let gate = Arc::new(Gate { memory: Memory::new(), entered, opened: Mutex::new(opened) });
    let (options, state) = (drive.state().parallel(1), drive.folder.path().join("state"));
    let call = drive.client.download_sink(drive.download(&uploaded), Arc::clone(&gate), &options);
    tokio::select! {
        early = call => panic!("it has ended: {early:?}"),
        _ = has_entered.recv() => {}
    }
    let locked = StateFile::open(&state, false).unwrap_err();
    assert!(locked.to_string().contains("is in use by another transfer"), "{locked}");
    drop(open);
    let_go(&gate).await;
    StateFile::open(&state, false).unwrap();
}

/// A server that does one thing for each connection, after it has read the head of the request.
fn server(act: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut head) = (stream.unwrap(), Vec::new());
            while !head.ends_with(b"\r\n\r\n") {
                head.push(0);
                stream.read_exact(head.last_mut().map(std::slice::from_mut).unwrap()).unwrap();
            }
            act(stream);
        }
    });
    endpoint
}

/// A server that stands still would hold it up for a minute otherwise, and then the error is another.
#[tokio::test]
async fn a_stop_waits_for_nobody() {
    let stop = Stop::new();
    let (stopping, kept) = (stop.clone(), Mutex::new(Vec::new()));
    let endpoint = server(move |stream| {
        stopping.stop();
        kept.lock().unwrap().push(stream);
    });
    let download = Download::link(format!("{endpoint}/o")).length(5);
    let options = Options::new().stop(&stop);
    let error = client(&endpoint).download_sink(download, Memory::new(), &options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
}

/// Stops, and then stands still.
struct Halting(Stop);

impl AsyncRead for Halting {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.stop();
        Poll::Pending
    }
}

impl AsyncWrite for Halting {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.stop();
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_stop_doesnt_wait_for_a_stream() {
    let drive = Drive::start().await;
    for length in [None, Some(5)] {
        let stop = Stop::new();
        let options = Options::new().stop(&stop);
        let error = drive.client.upload_reader(Halting(stop), length, &drive.to(), &options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    }
    let uploaded = drive.client.upload_source(vec![0; 5], &drive.to(), &Options::new()).await.unwrap();
    let stop = Stop::new();
    let options = Options::new().stop(&stop);
    let error = drive.client.download_writer(drive.download(&uploaded), Halting(stop), &options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
}

fn put(endpoint: &str, len: u64) -> OneRequest {
    let limit = Duration::from_secs(20);
    let request = http::Request::put(format!("{endpoint}/o")).header("content-length", len);
    let memory = http::Request::new(Bytes::new());
    let mut outgoing = Outgoing::new(memory, Target::Elsewhere("object store"), 1, limit, 1024);
    outgoing.request = request.body(Body::Source { offset: 0, len }).unwrap();
    OneRequest::new(outgoing)
}

/// hyper goes on to send a body whose answer is there already. Nor is a success one of bytes that nobody has got.
#[tokio::test]
async fn a_source_is_let_go_with_the_answer() {
    for status in ["403 No", "200 OK"] {
        let kept = Mutex::new(Vec::new());
        let endpoint = server(move |mut stream| {
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").unwrap();
            kept.lock().unwrap().push(stream);
        });
        let source = Arc::new(vec![0; 32 * 1024 * 1024]);
        let mut flow = put(&endpoint, source.len() as u64);
        let result = client(&endpoint).run_with(&mut flow, Ends::source(Arc::clone(&source))).await;
        match flow.answer(result) {
            Ok(answer) => assert_eq!(answer.status(), 403),
            Err(failure) => {
                assert_eq!((status, failure.reached, failure.cause), ("200 OK", Reached::Maybe, Cause::Network));
                assert_eq!(failure.source.to_string(), "the server answered before it had the body");
            }
        }
        let_go(&source).await;
    }
}

/// A source that says that it has given more than it was asked for.
struct Boastful;

impl Source for Boastful {
    fn length(&self) -> io::Result<u64> {
        Ok(5)
    }

    fn read_at(&self, _: u64, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(buffer.len() + 1)
    }
}

#[tokio::test]
async fn a_source_that_gives_too_much_has_grown() {
    let drive = Drive::start().await;
    let error = drive.client.upload_source(Boastful, &drive.to(), &Options::new()).await.unwrap_err();
    assert!(error.to_string().contains("longer"), "{error}");
    let endpoint = server(|mut stream| {
        stream.read_exact(&mut [0; 5]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    let mut flow = put(&endpoint, 5);
    let result = drive.client.run_with(&mut flow, Ends::source(Boastful)).await;
    assert_eq!(flow.answer(result).unwrap().status(), 200);
}

/// A source that panics.
struct Bad;

impl Source for Bad {
    fn length(&self) -> io::Result<u64> {
        Ok(5)
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        panic!("there is a bug in the source")
    }
}

#[tokio::test]
async fn a_panic_of_a_source_is_its_error() {
    let drive = Drive::start().await;
    for instant in [true, false] {
        let error = drive.client.upload_source(Bad, &drive.to().instant(instant), &Options::new()).await.unwrap_err();
        assert!(error.to_string().contains("there is a bug in the source"), "{error}");
    }
    let endpoint = server(|stream| assert_eq!(io::copy(&mut &stream, &mut io::sink()).unwrap(), 0));
    let mut flow = put(&endpoint, 5);
    let result = drive.client.run_with(&mut flow, Ends::source(Bad)).await;
    let failure = flow.answer(result).unwrap_err();
    assert_eq!(failure.cause, Cause::Local);
    assert!(failure.source.to_string().contains("there is a bug in the source"), "{}", failure.source);
}

/// Takes a few bytes at a time, and is never ready twice in a row.
#[derive(Default)]
struct Slow {
    bytes: Vec<u8>,
    room: usize,
    is_ready: bool,
    is_flushed: bool,
}

impl AsyncWrite for Slow {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.is_ready = !self.is_ready;
        if self.is_ready {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let most = bytes.len().min(10_007).min(self.room - self.bytes.len());
        self.bytes.extend(&bytes[..most]);
        Poll::Ready(Ok(most))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_flushed = true;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::Error::other("nobody asked for that")))
    }
}

#[tokio::test]
async fn a_writer_gets_the_bytes_in_order() {
    let drive = Drive::start().await;
    let bytes = content();
    let uploaded = drive.client.upload_reader(&bytes[..], None, &drive.to(), &Options::new()).await.unwrap();
    let mut slow = Slow { room: usize::MAX, ..Slow::default() };
    let downloaded = drive.client.download_writer(drive.download(&uploaded), &mut slow, &Options::new()).await.unwrap();
    assert!(slow.bytes == bytes && slow.is_flushed);
    assert_eq!(downloaded.sha256, uploaded.sha256);

    let mut full = Slow { room: 100_000, ..Slow::default() };
    let error = drive.client.download_writer(drive.download(&uploaded), &mut full, &Options::new()).await.unwrap_err();
    assert!(error.to_string().contains("what was received can't be written from byte"), "{error}");
    assert!(full.bytes == bytes[..100_000] && !full.is_flushed);
    let refused =
        drive.client.download_writer(drive.download(&uploaded), Vec::new(), &drive.state()).await.unwrap_err();
    assert!(refused.to_string().contains("takes no state"), "{refused}");
}
