//! Calls as state machines without I/O: everything that happens between a request and its result.
//!
//! | flow | what it does |
//! | --- | --- |
//! | [`Call`] | sends one operation, and retries it where that is safe |
//! | [`Pages`] | reads a listing, page by page |
//! | [`Until`] | polls until a job has ended |
//! | [`Resolve`], [`Children`] | turns names into ids: a path, or names in one folder |
//! | [`ListFolder`], [`MakeFolder`] | lists a folder, or makes one that may be there already |
//! | [`Links`] | fetches links for downloading any number of files |
//! | [`Zip`] | has files and folders packed into one zip, and waits for it |
//!
//! Along the way, each flow keeps deadlines, corrects a wrong clock, renews a token that was refused or is about to
//! expire, and tells an [`Observer`]. No flow uses sockets, and the time is an argument: the feature `testing` offers a
//! world in virtual time.
//!
//! # What is sent again, and why
//!
#![doc = include_str!("../retry.md")]
//!
//! A request that was refused for its date or its token is sent again with another, whatever the operation, since it
//! didn't run. Nothing below the flows may repeat a request, since it can't know whether that is safe.
//! [`retry`](crate::retry) says more.
//!
//! # A transport of your own
//!
//! A transport drives a [`Flow`] with one loop: it resumes the flow with an [`Event`], does what the [`Step`] says, and
//! resumes it with what came of that. This one is short, and `koodrive_sim::check_transport` finds no fault with it: it
//! is for `http://`, speaks HTTP/1.0, in which no answer comes in chunks, and has a connection and a thread for each
//! request (`Lack::Reuse`). `crates/koodrive-stacks` in the repository has complete ones to copy: over `std::net`,
//! reqwest, curl, and layers of tower.
//!
//! ```
//! use std::{io::{Read, Write}, net::TcpStream, time::Instant};
//! use koodrive_proto::flow::{Cause, Event, Failure, Now, Outgoing, Reached, Step};
//! use koodrive_proto::{Api, Error, Flow, http, http::Request};
//! use koodrive_proto::bytes::Bytes;
//! use koodrive_proto::chrono::Utc;
//! use koodrive_proto::error::BoxError;
//!
//! fn run<F: Flow + ?Sized>(api: &Api, started: Instant, flow: &mut F) -> Result<F::Output, Error> {
//!     let mut event = Event::Start;
//!     loop {
//!         let now = Now { utc: Utc::now(), elapsed: started.elapsed() };
//!         event = match flow.resume(api, now, event) {
//!             Step::Done(result) => return result,
//!             Step::Wait(time) => { std::thread::sleep(time); Event::Elapsed }
//!             Step::Send(outgoing) => exchange(outgoing).map_or_else(Event::Failed, Event::Response),
//!         };
//!     }
//! }
//!
//! fn exchange(outgoing: Outgoing) -> Result<http::Response<Bytes>, Failure> {
//!     let (timeout, limit) = (outgoing.timeout, outgoing.limit);
//!     let request = outgoing.into_memory()?;
//!     if request.uri().scheme_str() != Some("http") {
//!         return Err(Failure::new(Reached::No, Cause::Local, "this transport knows no TLS"));
//!     }
//!     let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']);
//!     let address = (host, request.uri().port_u16().unwrap_or(80));
//!     let stream = TcpStream::connect(address).map_err(|error| Failure::new(Reached::No, Cause::Network, error))?;
//!     stream.set_read_timeout(Some(timeout)).map_err(|error| Failure::new(Reached::No, Cause::Local, error))?;
//!     let (sender, answer) = std::sync::mpsc::channel();
//!     std::thread::spawn(move || sender.send(talk(stream, &request, limit)));
//!     let answer = answer.recv_timeout(timeout).map_err(|late| Failure::new(Reached::Maybe, Cause::Timeout, late))?;
//!     answer.map_err(|error| Failure::new(Reached::Maybe, Cause::Network, error))
//! }
//!
//! fn talk(mut stream: TcpStream, request: &Request<Bytes>, limit: u64) -> Result<http::Response<Bytes>, BoxError> {
//!     let path = request.uri().path_and_query().ok_or("no path")?;
//!     let mut bytes = format!("{} {path} HTTP/1.0\r\n", request.method()).into_bytes();
//!     for (name, value) in request.headers() {
//!         bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
//!     }
//!     stream.write_all(&[&bytes, &b"\r\n"[..], request.body()].concat())?;
//!     bytes.clear();
//!     stream.take(limit.saturating_add(64 << 10)).read_to_end(&mut bytes)?;
//!     let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no answer")?;
//!     let mut lines = bytes[..end].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
//!     let status = lines.next().and_then(|line| line.get(9..12)).ok_or("no status")?;
//!     let mut answer = http::Response::builder().status(status);
//!     for line in lines {
//!         let colon = line.iter().position(|byte| *byte == b':').ok_or("no header")?;
//!         answer = answer.header(&line[..colon], line[colon + 1..].trim_ascii());
//!     }
//!     let mut answer = answer.body(Bytes::from(bytes).slice(end + 4..))?;
//!     if let Some(length) = answer.headers().get("content-length") {
//!         // The core sees whether there is less.
//!         let length = length.to_str()?.parse()?;
//!         answer.body_mut().truncate(length);
//!     }
//!     Ok(answer)
//! }
//! # use koodrive_proto::{Call, Credentials, ops::spaces::GetSpaceUsageOverview};
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! # let endpoint = format!("http://{}", listener.local_addr().unwrap());
//! # std::thread::spawn(move || for (number, stream) in listener.incoming().enumerate() {
//! #     let (mut stream, mut head) = (stream.unwrap(), Vec::new());
//! #     while !head.ends_with(b"\r\n\r\n") {
//! #         head.push(0);
//! #         stream.read_exact(head.last_mut().map(std::slice::from_mut).unwrap()).unwrap();
//! #     }
//! #     let answer: &[u8] = if number == 0 { b"HTTP/1.0 503 Later\r\nserver: s\r\n\r\n" }
//! #         else { b"HTTP/1.0 200 OK\r\nserver: s\r\n\r\n{\"code\": 0, \"data\":{\"totalUsed\":7}}" };
//! #     stream.write_all(answer).unwrap();
//! # });
//! # let api = Api::new(endpoint, Credentials::app("app", "secret", "1")).unwrap();
//! # let usage = run(&api, Instant::now(), &mut Call::new(&GetSpaceUsageOverview::new())).unwrap();
//! # assert_eq!(usage.total_used, Some(7));
//! ```
//!
//! The async version is the same code with `.await`. Every transport has these duties towards its flows;
//! `koodrive_sim::check_transport` checks in a test of yours whether it does them, and `koodrive_sim::check_transfers`
//! the last one of them, if it moves files:
//!
//! - **Send the request unchanged**: no other header, no cookie, no redirect, no repetition, no decompression.
//!   `koodrive-hyper` and `koodrive-ureq` show how to make hyper and ureq do that.
//! - **Say honestly whether the server can have seen the request**: [`Reached::No`] only if no byte of it was written.
//!   When in doubt, say [`Reached::Maybe`]: operations that may run only once are then not repeated. [`Cause::Local`]
//!   is for what would fail again because this side doesn't want it: a certificate that isn't trusted, an answer that
//!   is too large. It is never repeated. [`Trouble`] has a table of what happens, and words for it.
//! - **Keep [`Outgoing::timeout`]**, from connecting to the last byte of the answer, and report [`Cause::Timeout`] when
//!   it is exceeded. (In the example, connecting has a time of its own.) [`Outgoing::idle`] matters only with a source
//!   or a sink.
//! - **Stop reading at [`Outgoing::limit`]**, and report [`Failure::too_large`].
//! - **Keep what is secret**: a failure's source must not hold the address, whose query can be a cursor or a token.
//! - **Report an answer that breaks off**, as [`Cause::Network`]. A body shorter than its Content-Length is one: the
//!   core sees to that, if the transport leaves the header as it was. Only the transport can see chunks that break off,
//!   or that an answer without a length ends by a reset.
//! - **Return the answer as it came**, refusals too, with all its headers and bytes; and to each request its own.
//! - **Tell the time** in [`Now::elapsed`] with a clock that never jumps, the same one for all flows of an [`Api`].
//! - **Provide a seed** with [`Api::or_random_seed`], so that not all clients pause alike.
//! - **Let flows be dropped.** A flow that is dropped releases what it held, for example the lease to renew the token.
//!   One that is kept may be run again: it continues, or ends with [`Interrupted`](crate::ErrorKind::Interrupted).
//! - **Carry what is too large for memory**, if your transport moves files. Read a [`Body::Source`] from the source
//!   that the driver was given, count it with [`ExactLength`](crate::transfer::ExactLength), and report a source that
//!   is too short or can't be read, and a sink that can't be written, by [`Failure::of_file`]. For a [`Deliver::Sink`],
//!   ask [`Deliver::place`] between the head and the body, and write where it says. Report in [`Failure::delivered`]
//!   how much was written. Keep [`Outgoing::idle`]: it is the time without a byte moving, while the timeout of a large
//!   part is long. A transport that has no sources and sinks refuses these as above.
//!
//! # Transfers
//!
//! [`Upload`] and [`Download`] are coordinators: more than one of their requests can be under way, so they aren't
//! flows, but hand out flows. A driver runs them, on threads or as futures, and needs no lock. It is written once for
//! both:
//!
//! ```
//! use koodrive_proto::flow::{Id, Job, Next, Now, Reading, Record, Transfer, Worked};
//! use koodrive_proto::{Api, Error};
//! use std::sync::mpsc::channel;
//! use std::thread::scope;
//!
//! /// What came of a piece of work.
//! type Done = (Id, Result<Worked, Error>);
//!
//! fn drive<T: Transfer>(
//!     api: &Api,
//!     transfer: &mut T,
//!     slots: usize,
//!     now: impl Fn() -> Now,
//!     store: impl Fn(&[Record]),           // appends what is new to a file
//!     run: impl Fn(Job) -> Done + Sync,      // runs the flow, as above, with the source or sink; never panics
//!     read: impl Fn(Reading) -> Done + Sync, // reads and feeds, as `Reading` shows; never panics
//! ) -> Result<T::Outcome, Error> {
//!     scope(|threads| {
//!         let (report, reports) = channel();
//!         let (mut running, run, read) = (0, &run, &read);
//!         let mut end = None;
//!         loop {
//!             while running < slots && end.is_none() {
//!                 let next = transfer.next(api, now());
//!                 store(transfer.records());
//!                 let report = report.clone();
//!                 match next {
//!                     Next::Done(result) => { end = Some(result); break }
//!                     Next::Busy if running == 0 => return Err(Error::misuse("busy with nothing")),
//!                     Next::Busy => break,
//!                     Next::Read(reading) => drop(threads.spawn(move || report.send(read(reading)))),
//!                     Next::Run(job) => drop(threads.spawn(move || report.send(run(job)))),
//!                 }
//!                 running += 1;
//!             }
//!             // What is still under way counts as well.
//!             if running == 0 { return end.unwrap_or_else(|| Err(Error::misuse("nothing to do"))) }
//!             let (id, result) = reports.recv().map_err(|_| Error::misuse("all threads are gone"))?;
//!             running -= 1;
//!             transfer.done(id, result);
//!             store(transfer.records());
//!         }
//!     })
//! }
//! ```
//!
//! The example `transfer` of koodrive-sim is this driver with sockets and a file. Other contracts were considered: one
//! flow with several requests outstanding would put a scheduler into the loop of every transport; a function for each
//! stage would have the order, the resuming and the lost answers twice, and nothing of it could be tested without
//! sockets.
//!
//! The store for the state is a file that is locked while in use, and to which [`Record::to_line`] is appended. If the
//! process is killed, at most the parts under way are sent again. Whoever drops work without [`Transfer::done`], as a
//! cancelled future does, gives it back: the same transfer hands it out again.

mod ask;
mod attempts;
mod call;
mod carry;
mod children;
mod course;
mod download;
mod folder;
mod intact;
mod link;
mod links;
mod options;
mod pages;
mod place;
mod record;
mod resolve;
mod token;
mod until;
mod upload;
mod work;
mod zip;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::api::Api;
use crate::error::Error;
use crate::schema::Target;

pub use crate::error::{Cause, Failure, Reached, Trouble};
pub use crate::observer::{Attempt, Observer, Outcome, Reason};
pub use crate::time::Now;
pub use call::Call;
pub use children::{Children, Found, InSpace};
pub use download::{Download, Downloaded, Verified};
pub use folder::{ListFolder, Listed, MadeFolder, MakeFolder};
pub use links::Links;
pub(crate) use options::options;
pub use pages::{Items, Pages};
pub use place::{Deliver, Expected, Place, Placed};
pub use record::{Record, Stored};
pub use resolve::{PathError, Resolve, Resolved};
pub use until::Until;
pub use upload::{How, NewContent, Upload, Uploaded};
pub use work::{Id, Job, JobFlow, Next, Progress, Reading, Stage, Transfer, Worked};
pub use zip::Zip;

/// Work that takes requests to finish, as a state machine.
///
/// It has one entry point, and passes owned values in and out. A wrong event results in an error of kind
/// [`Misuse`](crate::ErrorKind::Misuse), never in a panic.
pub trait Flow {
    /// The result of the flow.
    type Output;

    /// Continues after an event, up to the next step that takes time.
    ///
    /// [`Event::Start`] while a request is outstanding means that the driver was cancelled and came back.
    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Self::Output, Error>>;
}

impl<F: Flow + ?Sized> Flow for &mut F {
    type Output = F::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Self::Output, Error>> {
        (**self).resume(api, now, event)
    }
}

impl<F: Flow + ?Sized> Flow for Box<F> {
    type Output = F::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Self::Output, Error>> {
        (**self).resume(api, now, event)
    }
}

/// What happened since the last step.
pub enum Event {
    /// The driver begins, or comes back after it was cancelled.
    Start,
    /// The time of a [`Step::Wait`] is over.
    Elapsed,
    /// The answer to a [`Step::Send`].
    Response(http::Response<Bytes>),
    /// There is no answer to a [`Step::Send`].
    Failed(Failure),
}

impl fmt::Debug for Event {
    /// Shows of an answer its status, the names of its headers and the length of its body: values can be tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Elapsed => f.write_str("Elapsed"),
            Self::Response(response) => f
                .debug_struct("Response")
                .field("status", &response.status().as_u16())
                .field("headers", &response.headers().keys().collect::<Vec<_>>())
                .field("body_bytes", &response.body().len())
                .finish(),
            Self::Failed(failure) => f.debug_tuple("Failed").field(failure).finish(),
        }
    }
}

/// What the driver has to do next.
#[derive(Debug)]
#[must_use]
#[expect(clippy::large_enum_variant, reason = "moved once per request, which a box wouldn't make cheaper")]
pub enum Step<T> {
    /// Send this request.
    Send(Outgoing),
    /// Wait for this long.
    Wait(Duration),
    /// The flow has ended, with this result.
    Done(T),
}

impl<T> Step<T> {
    /// Returns the same step with another result.
    pub fn map<U>(self, then: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Send(outgoing) => Step::Send(outgoing),
            Self::Wait(time) => Step::Wait(time),
            Self::Done(result) => Step::Done(then(result)),
        }
    }
}

/// The `?` of flows: passes steps that take time to the driver, and returns the result of an inner flow.
macro_rules! step {
    ($step:expr) => {
        match $step {
            $crate::flow::Step::Send(outgoing) => return $crate::flow::Step::Send(outgoing),
            $crate::flow::Step::Wait(time) => return $crate::flow::Step::Wait(time),
            $crate::flow::Step::Done(result) => result,
        }
    };
}

pub(crate) use step;

/// A request that a transport has to send.
#[non_exhaustive]
pub struct Outgoing {
    /// The request, complete. Send it unchanged.
    pub request: http::Request<Body>,
    /// Where the request goes, for logs and limits.
    pub target: Target,
    /// The number of the attempt; 1 for the first.
    pub attempt: u32,
    /// How long the exchange may take, from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// How long the exchange may go without a byte moving, in either direction. It is less than `timeout` only if a
    /// source or a sink is used, whose bytes may take long.
    pub idle: Duration,
    /// How many bytes an answer in memory may have. A larger one is a failure with [`Cause::Local`].
    pub limit: u64,
    /// Where the answer goes.
    pub deliver: Deliver,
}

impl Outgoing {
    /// Creates a request with its body in memory, whose answer is delivered in memory.
    pub fn new(
        request: http::Request<Bytes>,
        target: impl Into<Target>,
        attempt: u32,
        timeout: Duration,
        limit: u64,
    ) -> Self {
        Self {
            request: request.map(Body::Bytes),
            target: target.into(),
            attempt,
            timeout,
            idle: timeout,
            limit,
            deliver: Deliver::Memory,
        }
    }

    /// Returns the request, for transports that carry bodies and answers in memory only. Fails for a flow that wants
    /// more, before anything is sent.
    pub fn into_memory(self) -> Result<http::Request<Bytes>, Failure> {
        let (parts, body) = self.request.into_parts();
        match (body, self.deliver) {
            (Body::Bytes(body), Deliver::Memory) => Ok(http::Request::from_parts(parts, body)),
            _ => Err(Failure::new(Reached::No, Cause::Local, "this call brought no source or sink for a big body")),
        }
    }
}

impl fmt::Debug for Outgoing {
    /// Leaves out the query and the values of headers: they can hold tokens, and a link may be presigned. The path is
    /// shown only if it is KooDrive's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.request.uri().path();
        f.debug_struct("Outgoing")
            .field("target", &self.target.name())
            .field("method", self.request.method())
            .field("host", &self.request.uri().host())
            .field("path", &Some(path).filter(|_| self.target.is_service()))
            .field("headers", &self.request.headers().keys().collect::<Vec<_>>())
            .field("body", self.request.body())
            .field("attempt", &self.attempt)
            .field("timeout", &self.timeout)
            .field("idle", &self.idle)
            .field("limit", &self.limit)
            .field("deliver", &self.deliver)
            .finish()
    }
}

/// The body of a request. A large body isn't carried, but refers to a source.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// The body is these bytes.
    Bytes(Bytes),
    /// The body is a range of the source that the driver was given.
    Source {
        /// Where the range begins.
        offset: u64,
        /// How many bytes it has.
        len: u64,
    },
}

impl fmt::Debug for Body {
    /// Shows only the length, since bodies can hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Source { offset, len } => write!(f, "Source({len} bytes from {offset} on)"),
        }
    }
}
