//! The driver of transfers.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope};
use std::time::Instant;

use koodrive_files::{CHUNK, Files, INTERVAL, Meter, Moving, Options, Reporter, Stop};
use koodrive_proto::Error;
use koodrive_proto::flow::{Id, Job, Next, Reading, Record, Stage, Transfer, Worked};

use crate::Client;
use crate::ends::{Context, Driven, Ends};

impl Client {
    /// Runs a transfer: an [`Upload`](koodrive_proto::flow::Upload), a [`Download`](koodrive_proto::flow::Download), or
    /// one of your own. [`upload_file`](Self::upload_file) and the others like it do this with sources, sinks and
    /// states of files.
    ///
    /// `store` is called with all records of the transfer whenever there are new ones, before the work that they are
    /// about goes on; an error of it ends the transfer. With [`Options::durable`], the sink is written through first.
    /// [`Options::state`] and [`Options::spool`] don't matter here.
    ///
    /// Each part under way has a thread; the calling thread only waits, stores and tells progress. A panic of the
    /// source or the sink is passed on to it, once the other parts have been stopped.
    ///
    /// After an error or a stop, parts that are under way are given up at their next chunk. The transfer has ended
    /// then; its records are good to go on from.
    ///
    /// ```no_run
    /// # use koodrive_proto::flow::Download;
    /// # use koodrive_ureq::{Ends, files::{Memory, Options}};
    /// # fn example(drive: &koodrive_ureq::Client) -> Result<(), koodrive_proto::Error> {
    /// let (mut download, memory) = (Download::link("https://obs.example/o?signature=..."), Memory::new());
    /// let options = Options::new().parallel(2);
    /// let downloaded = drive.transfer(&mut download, Ends::sink(&memory), &options, |_| Ok(()))?;
    /// println!("{} bytes", downloaded.length);
    /// # Ok(())
    /// # }
    /// ```
    pub fn transfer<T: Transfer>(
        &self,
        transfer: &mut T,
        ends: Ends<'_>,
        options: &Options,
        store: impl FnMut(&[Record]) -> Result<(), Error>,
    ) -> Result<T::Outcome, Error> {
        self.transfer_with(transfer, ends, options, store, |_| {})
    }

    /// Runs a transfer, and calls `stepped` after each step of it.
    pub(crate) fn transfer_with<T: Transfer>(
        &self,
        transfer: &mut T,
        ends: Ends<'_>,
        options: &Options,
        store: impl FnMut(&[Record]) -> Result<(), Error>,
        stepped: impl FnMut(&T),
    ) -> Result<T::Outcome, Error> {
        let crew = Crew { client: self, ends, options, ended: Stop::new(), meter: Arc::default() };
        let reporter = Reporter::new(options);
        let mut driver = Driver { crew: &crew, transfer, store, stepped, reporter, stored: 0, running: 0, end: None };
        thread::scope(|scope| {
            // Whatever ends this, a panic too: nobody is waited for longer than a chunk takes.
            let _ends = Ending(&crew.ended);
            driver.run(scope)
        })
    }
}

/// What came of a piece of work.
enum Report {
    /// The bytes that it moved count as under way until the transfer counts them.
    Done(Id, Result<Worked, Error>, Option<Moving>),
    /// It was stopped.
    Dropped,
}

/// What all threads of a transfer share.
struct Crew<'a> {
    client: &'a Client,
    ends: Ends<'a>,
    options: &'a Options,
    /// Stops what is under way once the transfer has ended.
    ended: Stop,
    meter: Arc<Meter>,
}

/// Stops it whatever happens.
pub(crate) struct Ending<'a>(pub(crate) &'a Stop);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Crew<'_> {
    fn context(&self) -> Context<'_> {
        Context {
            stops: [self.options.stop.as_ref(), Some(&self.ended)],
            rate_limit: self.options.rate_limit.as_ref(),
            ..Context::new(self.ends)
        }
    }

    fn is_stopped(&self) -> bool {
        self.options.stop.as_ref().is_some_and(Stop::is_stopped)
    }

    fn run(&self, mut job: Job) -> Report {
        let moving = (job.bytes > 0).then(|| self.meter.begin());
        let mut context = Context { moving, ..self.context() };
        match self.client.drive(&mut job.flow, &context) {
            Driven::Done(result) => Report::Done(job.id, result, context.moving.take()),
            // A call that nobody has seen had no effect. If it were dropped, the state would say that it may have had.
            Driven::Stopped { is_seen: false } if job.bytes == 0 => Report::Done(job.id, Err(Error::stopped()), None),
            Driven::Stopped { .. } => Report::Dropped,
        }
    }

    fn read(&self, mut reading: Reading) -> Report {
        let context = self.context();
        let mut buffer = vec![0; CHUNK];
        // One more byte than wanted, where there mustn't be one: then the source has grown.
        while (reading.left() > 0 || reading.is_last()) && !reading.is_over() {
            if context.is_stopped() {
                return Report::Dropped;
            }
            let wanted = reading.left().saturating_add(u64::from(reading.is_last()));
            let wanted = usize::try_from(wanted).map_or(CHUNK, |wanted| wanted.min(CHUNK));
            match self.ends.read_at(reading.position(), &mut buffer[..wanted]) {
                Ok(0) => break,
                Ok(read) => reading.feed(&buffer[..read.min(wanted)]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let (id, result) = reading.failed(error);
                    return Report::Done(id, result, None);
                }
            }
        }
        let (id, result) = reading.finish();
        Report::Done(id, result, None)
    }
}

/// The one who owns the transfer, and runs on the calling thread.
struct Driver<'a, T: Transfer, S, F> {
    crew: &'a Crew<'a>,
    transfer: &'a mut T,
    store: S,
    stepped: F,
    reporter: Reporter,
    /// How many records are stored.
    stored: usize,
    running: usize,
    end: Option<Result<T::Outcome, Error>>,
}

impl<'a, T, S, F> Driver<'a, T, S, F>
where
    T: Transfer,
    S: FnMut(&[Record]) -> Result<(), Error>,
    F: FnMut(&T),
{
    fn run<'s>(&mut self, scope: &'s Scope<'s, 'a>) -> Result<T::Outcome, Error> {
        let (report, reports) = channel();
        loop {
            self.hand_out(scope, &report);
            if self.running == 0 {
                if let Some(result) = self.end.take() {
                    self.tell(u64::from(result.is_ok()), true);
                    return result;
                }
            }
            self.tell(0, false);
            self.take_one(&reports);
        }
    }

    /// Hands out work, as much as is wanted at a time.
    fn hand_out<'s>(&mut self, scope: &'s Scope<'s, 'a>, report: &Sender<thread::Result<Report>>) {
        let crew = self.crew;
        while self.end.is_none() && self.running < crew.options.slots() {
            if crew.is_stopped() {
                return self.finish(Err(Error::stopped()));
            }
            let next = self.transfer.next(crew.client.api(), crew.client.now());
            let next = match (next, self.store()) {
                (Next::Done(Err(error)), _) | (_, Err(error)) => Next::Done(Err(error)),
                (next, Ok(())) => next,
            };
            let started = match next {
                Next::Done(result) => return self.finish(result),
                Next::Busy if self.running > 0 => return,
                Next::Busy => return self.finish(Err(Error::misuse("the transfer waits, with nothing under way"))),
                Next::Read(reading) => start(scope, report, move || crew.read(reading)),
                Next::Run(job) => start(scope, report, move || crew.run(job)),
            };
            match started {
                Ok(()) => self.running += 1,
                Err(error) => self.finish(Err(error)),
            }
        }
    }

    /// Takes what came of one piece of work, or looks whether the transfer was stopped.
    fn take_one(&mut self, reports: &Receiver<thread::Result<Report>>) {
        let is_watched = self.reporter.is_on() || self.crew.options.stop.is_some();
        let report = if is_watched { reports.recv_timeout(INTERVAL).ok() } else { reports.recv().ok() };
        if self.crew.is_stopped() {
            self.finish(Err(Error::stopped()));
        }
        let Some(report) = report else { return };
        self.running -= 1;
        match report.unwrap_or_else(|panic| resume_unwind(panic)) {
            Report::Done(id, result, moving) => {
                self.transfer.done(id, result);
                drop(moving);
                if let Err(error) = self.store() {
                    self.finish(Err(error));
                }
            }
            Report::Dropped => {}
        }
    }

    /// Stores what is new.
    fn store(&mut self) -> Result<(), Error> {
        let records = self.transfer.records();
        if records.len() > self.stored {
            if let Some(sink) = self.crew.ends.sink.filter(|_| self.crew.options.durable) {
                let failed = |error| Error::local_io("what was received can't be written through to the disk", error);
                sink.sync().map_err(failed)?;
            }
            (self.store)(records)?;
            self.stored = records.len();
        }
        (self.stepped)(self.transfer);
        Ok(())
    }

    /// Ends the transfer, and what is under way; the first result counts.
    fn finish(&mut self, result: Result<T::Outcome, Error>) {
        self.crew.ended.stop();
        self.end.get_or_insert(result);
    }

    fn tell(&mut self, done: u64, has_ended: bool) {
        if self.reporter.is_on() {
            let mut progress = self.transfer.progress();
            if has_ended {
                progress.stage = Stage::Ended;
            }
            let files = Files { done, total: 1 };
            self.reporter.tell(&progress, self.crew.meter.under_way(), files, Instant::now());
        }
    }
}

/// Does a piece of work on a thread of its own, and reports what came of it, or its panic.
pub(crate) fn start<'s, R: Send + 's>(
    scope: &'s Scope<'s, '_>,
    report: &Sender<thread::Result<R>>,
    work: impl FnOnce() -> R + Send + 's,
) -> Result<(), Error> {
    let report = report.clone();
    let run = move || {
        // What was torn apart by a panic is looked at by nobody but whoever catches it.
        let result = catch_unwind(AssertUnwindSafe(work));
        // Nobody waits for it after a panic.
        drop(report.send(result));
    };
    let started = thread::Builder::new().name("koodrive transfer".to_owned()).spawn_scoped(scope, run);
    started
        .map(drop)
        .map_err(|error| Error::local_io("no thread can be started for a part; move fewer at a time", error))
}
