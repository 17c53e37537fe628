//! A world in virtual time for tests, ours and yours, with a server that does what you say. Feature `testing`.
//!
//! Flows run in it without a network and without waiting; a pause of an hour takes no time.
//!
//! ```
//! use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
//! use koodrive_proto::testing::{Reply, World};
//! use koodrive_proto::{Api, Call, Credentials};
//! use std::time::Duration;
//!
//! let api = Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200"))?;
//! let mut world = World::script([
//!     Reply::status(503, "<html>"),
//!     Reply::status(429, "").header("retry-after", "30"),
//!     Reply::ok(r#"{"code": 0, "data": {"totalUsed": 7}}"#).after(Duration::from_secs(2)),
//! ]);
//!
//! let usage = world.run(&api, &mut Call::new(&GetSpaceUsageOverview::new()))?;
//! assert_eq!(usage.total_used, Some(7));
//! assert_eq!(world.visits().len(), 3);
//! assert!(world.now().elapsed > Duration::from_secs(32));
//! # Ok::<(), koodrive_proto::Error>(())
//! ```

#![expect(clippy::panic, reason = "a tool for tests says by a panic what is wrong with them")]

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::DATE;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::api::Api;
use crate::error::{Cause, Error, Failure, Reached};
use crate::flow::{Body, Deliver, Event, Flow, Next, Outgoing, Place, Step, Transfer};
use crate::schema::Target;
use crate::time::Now;

/// A server, and the time.
pub struct World {
    server: Box<dyn FnMut(&Visit) -> Reply + Send>,
    begin: DateTime<Utc>,
    elapsed: Duration,
    server_ahead: TimeDelta,
    latency: Duration,
    visits: Vec<Visit>,
    file: Vec<u8>,
}

/// A request that the server received.
#[derive(Debug)]
#[non_exhaustive]
pub struct Visit {
    /// The index of the flow, in [`World::run_all`].
    pub flow: usize,
    /// When it was sent, by the world's time.
    pub sent: Duration,
    /// When the server received it, by its own clock.
    pub server_time: DateTime<Utc>,
    /// Where the request goes: to KooDrive, with an operation, or elsewhere.
    pub target: Target,
    /// The number of the attempt.
    pub attempt: u32,
    /// The request.
    pub request: http::Request<Body>,
}

/// What happens to a request.
#[derive(Debug)]
pub struct Reply {
    after: Duration,
    date: bool,
    what: What,
}

#[derive(Debug)]
enum What {
    Answer(http::Response<Bytes>),
    Failure(Reached, Cause),
    Silence,
}

impl Reply {
    /// Answers with status 200 and this body.
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self::status(200, body)
    }

    /// Answers with a status and a body.
    ///
    /// # Panics
    /// Panics if there is no such status.
    pub fn status(status: u16, body: impl Into<Bytes>) -> Self {
        let Ok(status) = StatusCode::from_u16(status) else { panic!("no such status: {status}") };
        let mut response = http::Response::new(body.into());
        *response.status_mut() = status;
        Self::of(What::Answer(response))
    }

    /// Doesn't answer: the connection fails.
    pub fn failed(reached: Reached, cause: Cause) -> Self {
        Self::of(What::Failure(reached, cause))
    }

    /// Doesn't answer until the timeout of the attempt.
    pub fn silence() -> Self {
        Self::of(What::Silence)
    }

    fn of(what: What) -> Self {
        Self { after: Duration::ZERO, date: true, what }
    }

    /// Adds a header to the answer.
    ///
    /// # Panics
    /// Panics if the header isn't valid, or if there is no answer to carry it.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (&mut self.what, name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            (What::Answer(response), Ok(name), Ok(value)) => drop(response.headers_mut().append(name, value)),
            _ => panic!("no such header: {name}: {value}"),
        }
        self
    }

    /// Leaves out the Date. Otherwise an answer that has no Date gets one, by the server's clock.
    #[must_use]
    pub fn without_date(mut self) -> Self {
        self.date = false;
        self
    }

    /// Sets how long the server takes to answer; no time unless set.
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }
}

/// What happens to a flow at some time.
enum Happening {
    Event(Event),
    Arrival(Box<Outgoing>, Duration),
}

impl World {
    /// More steps than any flow needs that ends at all.
    const STEPS: usize = 10_000_000;

    /// Creates a world with a server that answers as the function says. At the beginning it is 2025-11-03 07:01:40 UTC,
    /// by all clocks.
    pub fn new(server: impl FnMut(&Visit) -> Reply + Send + 'static) -> Self {
        Self {
            server: Box::new(server),
            begin: DateTime::from_timestamp(1_762_153_300, 0).unwrap_or_default(),
            elapsed: Duration::ZERO,
            server_ahead: TimeDelta::zero(),
            latency: Duration::from_millis(5),
            visits: Vec::new(),
            file: Vec::new(),
        }
    }

    /// Creates a world with a server that gives these replies, one after the other.
    ///
    /// # Panics
    /// Panics if there are more requests than replies.
    pub fn script(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: VecDeque<Reply> = replies.into_iter().collect();
        Self::new(move |visit| {
            let Some(reply) = replies.pop_front() else { panic!("a request more than the script has: {visit:?}") };
            reply
        })
    }

    /// Sets how far the server's clock is ahead of this side's, or behind if the time is negative.
    #[must_use]
    pub fn server_ahead(mut self, by: TimeDelta) -> Self {
        self.server_ahead = by;
        self
    }

    /// Sets how long a request takes to the server, and an answer back: 5 ms each unless set.
    #[must_use]
    pub fn latency(mut self, each_way: Duration) -> Self {
        self.latency = each_way;
        self
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) {
        self.elapsed = self.elapsed.saturating_add(time);
    }

    /// Returns the current time of this side.
    pub fn now(&self) -> Now {
        Now { utc: self.utc(TimeDelta::zero()), elapsed: self.elapsed }
    }

    /// Returns every request that the server received, in order.
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// Sets the bytes of the file on this side: the source of an upload, or what is in the sink of a download.
    #[must_use]
    pub fn with_file(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.file = bytes.into();
        self
    }

    /// Returns the bytes of the file on this side.
    pub fn file(&self) -> &[u8] {
        &self.file
    }

    /// Runs a transfer to its end, one piece of work after the other. Its source or sink is the world's file.
    ///
    /// The server sees a part of an upload as [`Body::Source`]; what it answers to a range of a download is written to
    /// the file.
    ///
    /// # Panics
    /// Panics if the transfer never ends.
    pub fn transfer<T: Transfer>(&mut self, api: &Api, transfer: &mut T) -> Result<T::Outcome, Error> {
        for _ in 0..Self::STEPS {
            let (id, result) = match transfer.next(api, self.now()) {
                Next::Done(result) => return result,
                Next::Busy => return Err(Error::misuse("the transfer waits for work that isn't under way")),
                Next::Read(mut reading) => {
                    let range = index(reading.position())..index(reading.position().saturating_add(reading.left()));
                    // The end is where the file has to end.
                    let end = if reading.is_last() { self.file.len() } else { range.end.min(self.file.len()) };
                    reading.feed(self.file.get(range.start..end).unwrap_or_default());
                    reading.finish()
                }
                Next::Run(mut job) => {
                    let result = self.run(api, &mut job.flow);
                    (job.id, result)
                }
            };
            transfer.done(id, result);
        }
        panic!("the transfer never ends");
    }

    /// Puts an answer where it goes, as a transport does.
    fn deliver(&mut self, deliver: &Deliver, response: http::Response<Bytes>) -> Event {
        let (head, body) = response.into_parts();
        let mut placed = match deliver.place(&head) {
            Place::Memory => return Event::Response(http::Response::from_parts(head, body)),
            Place::Nowhere => return Event::Response(http::Response::from_parts(head, Bytes::new())),
            Place::Sink(placed) => placed,
        };
        match placed.feed(&body) {
            Err(wrong) => return Event::Failed(Failure::new(Reached::Maybe, Cause::Network, wrong)),
            Ok(at) => {
                let (at, end) = (index(at), index(at).saturating_add(body.len()));
                self.file.resize(self.file.len().max(end), 0);
                if let Some(place) = self.file.get_mut(at..end) {
                    place.copy_from_slice(&body);
                }
            }
        }
        match placed.finish() {
            Ok(()) => Event::Response(http::Response::from_parts(head, Bytes::new())),
            Err(wrong) => {
                let mut failure = Failure::new(Reached::Maybe, Cause::Network, wrong);
                failure.delivered = u64::try_from(body.len()).unwrap_or(u64::MAX);
                Event::Failed(failure)
            }
        }
    }

    /// Runs a flow to its end.
    ///
    /// # Panics
    /// Panics if the flow never ends.
    pub fn run<F: Flow + ?Sized>(&mut self, api: &Api, flow: &mut F) -> Result<F::Output, Error> {
        match self.run_all(api, [flow]).pop() {
            Some(result) => result,
            None => panic!("the flow has not ended"),
        }
    }

    /// Runs flows concurrently, starting all of them now, and returns their results in the order of the flows. A flow
    /// is dropped when it has ended.
    ///
    /// # Panics
    /// Panics if the flows never end.
    pub fn run_all<F: Flow>(&mut self, api: &Api, flows: impl IntoIterator<Item = F>) -> Vec<Result<F::Output, Error>> {
        let mut flows: Vec<Option<F>> = flows.into_iter().map(Some).collect();
        let mut results: BTreeMap<usize, Result<F::Output, Error>> = BTreeMap::new();
        // Events at the same time happen in the order in which they were caused.
        let mut agenda = Agenda::default();
        for index in 0..flows.len() {
            agenda.add(self.elapsed, index, Happening::Event(Event::Start));
        }
        for _ in 0..Self::STEPS {
            let Some((at, index, happening)) = agenda.next() else {
                return results.into_values().collect();
            };
            self.elapsed = self.elapsed.max(at);
            let event = match happening {
                Happening::Event(event) => event,
                Happening::Arrival(outgoing, sent) => {
                    let (at, event) = self.arrive(index, *outgoing, sent);
                    agenda.add(at, index, Happening::Event(event));
                    continue;
                }
            };
            let Some(Some(flow)) = flows.get_mut(index) else { continue };
            match flow.resume(api, self.now(), event) {
                Step::Send(outgoing) => {
                    // The attempt may time out before it arrives.
                    let way = outgoing.timeout.min(self.latency);
                    let arrival = Happening::Arrival(Box::new(outgoing), self.elapsed);
                    agenda.add(self.elapsed.saturating_add(way), index, arrival);
                }
                Step::Wait(time) => {
                    agenda.add(self.elapsed.saturating_add(time), index, Happening::Event(Event::Elapsed));
                }
                Step::Done(result) => {
                    results.insert(index, result);
                    if let Some(flow) = flows.get_mut(index) {
                        *flow = None;
                    }
                }
            }
        }
        panic!("the flows never end");
    }

    /// The server's part: returns when the flow gets its event, and which.
    fn arrive(&mut self, flow: usize, outgoing: Outgoing, sent: Duration) -> (Duration, Event) {
        let Outgoing { request, target, attempt, timeout, deliver, .. } = outgoing;
        let server_time = self.utc(self.server_ahead);
        let visit = Visit { flow, sent, server_time, target, attempt, request };
        let reply = (self.server)(&visit);
        self.visits.push(visit);
        let over = sent.saturating_add(timeout);
        let at = sent.saturating_add(self.latency).saturating_add(reply.after).saturating_add(self.latency);
        let late = over < at;
        match (late, reply.what) {
            (false, What::Answer(mut response)) => {
                let taken = TimeDelta::from_std(reply.after).unwrap_or_default();
                let date = server_time.checked_add_signed(taken).unwrap_or(server_time);
                let date = HeaderValue::from_str(&date.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
                if let (true, false, Ok(date)) = (reply.date, response.headers().contains_key(DATE), date) {
                    response.headers_mut().insert(DATE, date);
                }
                (at, self.deliver(&deliver, response))
            }
            (false, What::Failure(reached, cause)) => (at, failed(reached, cause, "the world says so")),
            (false, What::Silence) => (over, failed(Reached::Maybe, Cause::Timeout, "silence")),
            (true, _) => (over, failed(Reached::Maybe, Cause::Timeout, "the answer comes too late")),
        }
    }

    fn utc(&self, ahead: TimeDelta) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.elapsed).unwrap_or(TimeDelta::MAX);
        let moved = passed.checked_add(&ahead).and_then(|by| self.begin.checked_add_signed(by));
        moved.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// A position in the file, which is in memory.
fn index(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn failed(reached: Reached, cause: Cause, why: &str) -> Event {
    Event::Failed(Failure::new(reached, cause, why))
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now())
            .field("server_ahead", &self.server_ahead)
            .field("visits", &self.visits)
            .finish_non_exhaustive()
    }
}

/// Future events, by time.
#[derive(Default)]
struct Agenda {
    entries: BTreeMap<(Duration, u64), (usize, Happening)>,
    count: u64,
}

impl Agenda {
    fn add(&mut self, at: Duration, flow: usize, happening: Happening) {
        self.count = self.count.saturating_add(1);
        self.entries.insert((at, self.count), (flow, happening));
    }

    fn next(&mut self) -> Option<(Duration, usize, Happening)> {
        let ((at, _), (flow, happening)) = self.entries.pop_first()?;
        Some((at, flow, happening))
    }
}
