//! Moves a file up to a simulator and down again, in parts at the same time, over nothing but the core and std's
//! threads and sockets: what a transport of one's own does for transfers.
//!
//! `cargo run -p koodrive-sim --example transfer -- --size 300000000 --part-size 15000000 --parallel 4`

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::FileExt;
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::thread::{scope, sleep};
use std::time::Instant;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::Utc;
use koodrive_proto::flow::{
    Body, Cause, Download, Event, Failure, Flow, Next, Now, Outgoing, Place, Placed, Reached, Reading, Record, Step,
    Transfer, Upload,
};
use koodrive_proto::http::Response;
use koodrive_proto::ops::files::{CreateFile, FileType, OnConflict};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_proto::transfer::{Plan, WrongLength};
use koodrive_proto::{Api, Call, Credentials, Error};
use koodrive_sim::{Server, Simulator};
use lexopt::prelude::{Long, ValueExt};

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// How many bytes are read or written at a time.
const CHUNK: usize = 256 * 1024;

/// What a piece of work needs: time, and the file that is the source or the sink.
#[derive(Clone, Copy)]
struct Io<'a> {
    api: &'a Api,
    started: Instant,
    file: &'a File,
}

/// The driver: runs a transfer with so many threads at a time, and stores its state as it goes.
fn drive<T: Transfer>(
    io: Io<'_>,
    slots: usize,
    transfer: &mut T,
    mut store: impl FnMut(&[Record]),
) -> Result<T::Outcome, Error> {
    scope(|threads| {
        let (report, reports) = channel();
        let (mut running, mut end) = (0, None);
        loop {
            while running < slots && end.is_none() {
                let next = transfer.next(io.api, io.now());
                store(transfer.records());
                let report = report.clone();
                match next {
                    Next::Done(result) => {
                        end = Some(result);
                        break;
                    }
                    Next::Busy if running == 0 => return Err(Error::misuse("busy, with nothing under way")),
                    Next::Busy => break,
                    Next::Read(reading) => drop(threads.spawn(move || report.send(io.read(reading)))),
                    Next::Run(mut job) => {
                        drop(threads.spawn(move || {
                            let result = io.run(&mut job.flow);
                            report.send((job.id, result))
                        }));
                    }
                }
                running += 1;
            }
            // What is still under way counts as well.
            if running == 0 {
                return end.unwrap_or_else(|| Err(Error::misuse("nothing to do")));
            }
            let Ok((id, result)) = reports.recv() else { return Err(Error::misuse("all threads are gone")) };
            running -= 1;
            transfer.done(id, result);
            store(transfer.records());
        }
    })
}

impl Io<'_> {
    fn now(&self) -> Now {
        Now { utc: Utc::now(), elapsed: self.started.elapsed() }
    }

    /// Runs a flow, as every transport does.
    fn run<F: Flow>(&self, flow: &mut F) -> Result<F::Output, Error> {
        let mut event = Event::Start;
        loop {
            event = match flow.resume(self.api, self.now(), event) {
                Step::Done(result) => return result,
                Step::Wait(time) => {
                    sleep(time);
                    Event::Elapsed
                }
                Step::Send(outgoing) => self.exchange(&outgoing).map_or_else(Event::Failed, Event::Response),
            };
        }
    }

    /// Reads and feeds what a transfer wants to hash.
    fn read(&self, mut reading: Reading) -> (koodrive_proto::flow::Id, Result<koodrive_proto::flow::Worked, Error>) {
        let mut buffer = vec![0; CHUNK];
        // One more byte than wanted, where there mustn't be one: then the source has grown.
        while (reading.left() > 0 || reading.is_last()) && !reading.is_over() {
            let wanted = reading.left() + u64::from(reading.is_last());
            let wanted = usize::try_from(wanted).map_or(CHUNK, |wanted| wanted.min(CHUNK));
            match self.file.read_at(&mut buffer[..wanted], reading.position()) {
                Ok(0) => break,
                Ok(read) => reading.feed(&buffer[..read]),
                Err(error) => return reading.failed(error),
            }
        }
        reading.finish()
    }

    /// Sends one request over a connection of its own, with a body from the file, and an answer to it.
    fn exchange(&self, outgoing: &Outgoing) -> Result<Response<Bytes>, Failure> {
        let unreached = |error: io::Error| Failure::new(Reached::No, Cause::Network, error);
        let address = outgoing.request.uri().authority().map(|host| host.as_str().to_owned()).unwrap_or_default();
        let stream = TcpStream::connect(address).map_err(unreached)?;
        stream.set_read_timeout(Some(outgoing.idle)).map_err(unreached)?;
        stream.set_write_timeout(Some(outgoing.idle)).map_err(unreached)?;
        self.send(&stream, outgoing)?;
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
                self.fill(stream, placed, is_sized, &mut there).map_err(|mut failure| {
                    failure.delivered = there;
                    failure
                })?;
            }
        }
        Ok(Response::from_parts(parts, body.into()))
    }

    /// Writes the body of an answer to the file, and counts what is there.
    fn fill(&self, mut stream: impl Read, mut placed: Placed, is_sized: bool, there: &mut u64) -> Result<(), Failure> {
        let wrong = |error: WrongLength| failed(io::Error::other(error));
        let mut buffer = vec![0; CHUNK];
        // Without a length, only the end of the connection says that there is no more.
        while placed.left() > 0 || !is_sized {
            let read = stream.read(&mut buffer).map_err(failed)?;
            if read == 0 {
                break;
            }
            let at = placed.feed(&buffer[..read]).map_err(wrong)?;
            let written = self.file.write_all_at(&buffer[..read], at);
            written.map_err(|error| Failure::of_file("the file can't be written", error))?;
            *there = placed.fed();
        }
        placed.finish().map_err(wrong)
    }

    fn send(&self, mut stream: &TcpStream, outgoing: &Outgoing) -> Result<(), Failure> {
        let request = &outgoing.request;
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let mut bytes = format!("{} {path} HTTP/1.0\r\n", request.method()).into_bytes();
        for (name, value) in request.headers() {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        bytes.extend(b"\r\n");
        let unreadable = |error: io::Error| Failure::of_file("the file can't be read", error);
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
                    self.file.read_exact_at(&mut buffer[..wanted], at).map_err(unreadable)?;
                    stream.write_all(&buffer[..wanted]).map_err(failed)?;
                    at += wanted as u64;
                }
                Ok(())
            }
        }
    }
}

/// What came of a request of which something was sent.
fn failed(error: io::Error) -> Failure {
    let cause = match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Cause::Timeout,
        _ => Cause::Network,
    };
    Failure::new(Reached::Maybe, cause, error)
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

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("transfer: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<()> {
    let (mut size, mut part_size, mut slots) = (300_000_000, 15_000_000, 4);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("size") => size = arguments.value()?.parse()?,
            Long("part-size") => part_size = arguments.value()?.parse()?,
            Long("parallel") => slots = arguments.value()?.parse()?,
            _ => return Err(argument.unexpected().into()),
        }
    }
    // Before a file of that size is written.
    Plan::new(size, Some(part_size))?;
    let folder = std::env::temp_dir().join(format!("koodrive-transfer-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let result = there_and_back(&folder, size, part_size, slots.max(1));
    std::fs::remove_dir_all(&folder)?;
    result
}

fn there_and_back(folder: &std::path::Path, size: u64, part_size: u64, slots: usize) -> Result<()> {
    let user = "1505084218764547200";
    let simulator = Simulator::open(&folder.join("drive"))?.app("my-app", "my-secret", user);
    let server = Server::start(simulator)?;
    let api = Api::new(server.endpoint(), Credentials::app("my-app", "my-secret", user))?;
    let started = Instant::now();
    let source = File::options().read(true).write(true).create_new(true).open(folder.join("source"))?;
    let line = "Not all parts of a file are the same.\n".repeat(10_000);
    for at in (0..size).step_by(line.len()) {
        let len = usize::try_from(size - at).map_or(line.len(), |left| left.min(line.len()));
        source.write_all_at(&line.as_bytes()[..len], at)?;
    }

    let io = Io { api: &api, started, file: &source };
    let space = io.run(&mut Call::new(&GetSpace::new(user, SpaceType::Individual)))?;
    let space = space.container_id.ok_or("the space has no id")?;
    let begun = Instant::now();
    let file =
        CreateFile::new("film.mp4", FileType::Video, "root", size).auto_rename(OnConflict::Refuse).container_id(&space);
    let mut upload = Upload::new(file).part_size(part_size);
    // Whoever is killed goes on from here, by `Upload::resume(Record::read_lines(..).records, ..)`.
    let (mut state, mut stored) = (File::create_new(folder.join("state"))?, 0);
    let uploaded = drive(io, slots, &mut upload, |records| {
        for record in records.iter().skip(stored) {
            if let Err(error) = state.write_all(record.to_line().as_bytes()) {
                eprintln!("the state isn't stored: {error}");
            }
        }
        stored = records.len();
    })?;
    let took = begun.elapsed();
    println!("{:?} {size} bytes as {} in {took:.1?}, with {stored} records", uploaded.how, uploaded.file_id);

    let begun = Instant::now();
    let sink = File::options().read(true).write(true).create_new(true).open(folder.join("sink"))?;
    let mut download = Download::new(&space, &uploaded.file_id).range_size(part_size);
    if let Some(sha256) = uploaded.sha256 {
        download = download.sha256(sha256);
    }
    let downloaded = drive(Io { file: &sink, ..io }, slots, &mut download, |_| {})?;
    let parts = server.ledger().iter().filter(|entry| entry.operation == Some("PutPart")).count();
    println!(
        "{parts} parts; {} bytes back in {:.1?}, verified by {:?}",
        downloaded.length,
        begun.elapsed(),
        downloaded.verified
    );
    Ok(())
}
