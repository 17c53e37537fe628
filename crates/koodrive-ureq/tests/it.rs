//! What only koodrive-ureq does: asking before a body, and its threads. Everything else is tried for all transports, in
//! koodrive-conformance.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use koodrive_sim::OneRequest;
use koodrive_ureq::files::{Memory, Options, Source, Stop};
use koodrive_ureq::proto::bytes::Bytes;
use koodrive_ureq::proto::flow::{Body, Cause, Download, Failure, Outgoing, Reached, Upload};
use koodrive_ureq::proto::http::{Request, Response};
use koodrive_ureq::proto::ops::files::{CreateFile, FileType, OnConflict};
use koodrive_ureq::proto::schema::Target;
use koodrive_ureq::proto::{Api, Credentials, ErrorKind};
use koodrive_ureq::{Client, Ends};

const DONE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A server that answers each request by its head, on a connection of its own. It tells the heads.
fn server(answer: impl Fn(&str, &mut BufReader<TcpStream>) + Send + 'static) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (heads, seen) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut head) = (BufReader::new(stream.unwrap()), String::new());
            while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
            if heads.send(head.to_lowercase()).is_err() {
                return;
            }
            answer(&head, &mut stream);
        }
    });
    (address, seen)
}

fn client(address: &str) -> Client {
    let config = Client::config().timeout_await_100(Some(Duration::from_millis(1))).build();
    let credentials = Credentials::app("my-app", "my-secret", "1505084218764547200");
    Client::with_config(Api::new(address, credentials).unwrap(), config)
}

/// Puts a source to a server.
fn put(drive: &Client, address: &str, source: &[u8]) -> Response<Bytes> {
    try_put(drive, address, source).unwrap()
}

fn try_put(drive: &Client, address: &str, source: &[u8]) -> Result<Response<Bytes>, Failure> {
    let request = Request::put(address).header("content-length", source.len()).body(Bytes::new()).unwrap();
    let time = Duration::from_secs(60);
    let mut outgoing = Outgoing::new(request, Target::Elsewhere("object store"), 1, time, 1000);
    *outgoing.request.body_mut() = Body::Source { offset: 0, len: source.len() as u64 };
    let mut flow = OneRequest::new(outgoing);
    let result = drive.run_with(&mut flow, Ends::source(&source));
    flow.answer(result)
}

/// Reads the body of a request.
fn body(head: &str, stream: &mut BufReader<TcpStream>) -> Vec<u8> {
    let length = head.to_lowercase().split_once("content-length: ").unwrap().1.lines().next().unwrap().parse();
    let mut body = vec![0; length.unwrap()];
    stream.read_exact(&mut body).unwrap();
    body
}

#[test]
fn a_refused_part_costs_no_body() {
    let (bodies, sent) = channel();
    let (address, heads) = server(move |_, stream| {
        stream.get_mut().write_all(b"HTTP/1.1 403 No\r\ncontent-length: 4\r\n\r\nlate").unwrap();
        // Up to the end of the connection.
        bodies.send(stream.read_to_end(&mut Vec::new()).unwrap()).unwrap();
    });
    let config = Client::config().timeout_await_100(None).build();
    let drive = Client::with_config(Api::new(&address, Credentials::anonymous()).unwrap(), config);
    let answer = put(&drive, &address, &vec![7; 1_000_000]);
    assert_eq!((answer.status().as_u16(), &answer.body()[..]), (403, &b"late"[..]));
    assert!(heads.recv().unwrap().contains("expect: 100-continue"));
    assert_eq!(sent.recv().unwrap(), 0);
}

#[test]
fn a_server_that_does_not_say_whether_it_wants_a_body_is_not_asked_each_time() {
    let (address, heads) = server(|head, stream| {
        body(head, stream);
        stream.get_mut().write_all(DONE).unwrap();
    });
    let drive = client(&address);
    let is_asked = |len: usize| {
        assert_eq!(put(&drive, &address, &vec![7; len]).status().as_u16(), 200);
        heads.recv().unwrap().contains("expect: 100-continue")
    };
    assert!(!is_asked(64 * 1024), "a small body is sent at once");
    assert!(is_asked(64 * 1024 + 1));
    for _ in 0..64 {
        assert!(!is_asked(64 * 1024 + 1));
    }
    assert!(is_asked(64 * 1024 + 1));
}

#[test]
fn a_server_that_refuses_to_be_asked_gets_the_body() {
    let (bodies, sent) = channel();
    let (address, heads) = server(move |head, stream| {
        if head.to_lowercase().contains("expect: 100-continue") {
            stream.get_mut().write_all(b"HTTP/1.1 417 No\r\ncontent-length: 4\r\n\r\nwhat").unwrap();
        } else {
            bodies.send(body(head, stream)).unwrap();
            stream.get_mut().write_all(DONE).unwrap();
        }
    });
    let config = Client::config().timeout_await_100(None).build();
    let drive = Client::with_config(Api::new(&address, Credentials::anonymous()).unwrap(), config);
    let source: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    for _ in 0..2 {
        assert_eq!(put(&drive, &address, &source).status().as_u16(), 200);
        assert!(sent.recv().unwrap() == source);
    }
    let asked: Vec<_> = heads.try_iter().map(|head| head.contains("expect: 100-continue")).collect();
    assert_eq!(asked, [true, false, false]);

    // A refusal of what wasn't asked for is an answer as any other.
    let (address, heads) = server(|head, stream| {
        body(head, stream);
        stream.get_mut().write_all(b"HTTP/1.1 417 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    });
    assert_eq!(put(&drive, &address, &[7; 1000]).status().as_u16(), 417);
    assert_eq!(heads.try_iter().count(), 1);
}

#[test]
fn a_success_before_the_body_is_none() {
    let (address, _heads) = server(|_, stream| stream.get_mut().write_all(DONE).unwrap());
    let config = Client::config().timeout_await_100(None).build();
    let drive = Client::with_config(Api::new(&address, Credentials::anonymous()).unwrap(), config);
    let failure = try_put(&drive, &address, &vec![7; 1_000_000]).unwrap_err();
    assert_eq!((failure.reached, failure.cause), (Reached::Maybe, Cause::Network), "{failure:?}");
    assert!(format!("{failure:?}").contains("the server answered before it had the body"), "{failure:?}");
}

/// A source that breaks where it is read.
struct Broken;

impl Source for Broken {
    fn length(&self) -> std::io::Result<u64> {
        Ok(10)
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
        panic!("the source is broken")
    }
}

#[test]
fn a_panic_of_the_source_is_passed_on() {
    let drive = client("http://127.0.0.1:9");
    let file = CreateFile::new("a", FileType::Miscellaneous, "root", 10).auto_rename(OnConflict::Refuse);
    let mut upload = Upload::new(file.container_id("IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236"));
    let run = || drive.transfer(&mut upload, Ends::source(&Broken), &Options::new(), |_| Ok(()));
    let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the source is broken"));
}

#[test]
fn a_stop_ends_the_pause_before_a_retry() {
    let (address, heads) = server(|_, stream| {
        let busy = b"HTTP/1.1 503 Busy\r\nretry-after: 3600\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.get_mut().write_all(busy).unwrap();
    });
    let (drive, stop) = (client(&address), Stop::new());
    let (link, options) = (format!("{address}/o"), Options::new().stop(&stop));
    let transfer = thread::spawn(move || drive.download_sink(Download::link(link), &Memory::new(), &options));
    heads.recv().unwrap();
    stop.stop();
    assert_eq!(transfer.join().unwrap().unwrap_err().kind(), ErrorKind::Interrupted);
}
