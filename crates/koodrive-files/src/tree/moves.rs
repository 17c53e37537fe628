//! The files of a folder on their way: which one is next, and what came of each.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use koodrive_proto::flow::{Download, Downloaded, Progress, Stage, Uploaded};
use koodrive_proto::{Error, ErrorKind};

use crate::options::{Options, UploadTo};
use crate::prepare;
use crate::progress::{Files, Meter, Moving, Reporter};
use crate::state::StateFile;
use crate::stop::Stop;
use crate::tree::download::{DownloadPlan, FolderFrom};
use crate::tree::remote::MadeFolders;
use crate::tree::report::FolderReport;
use crate::tree::state::FolderState;
use crate::tree::upload::UploadPlan;

/// The files of a folder, of which a driver moves several at a time.
///
/// Its one owner takes what is [`next`](Self::next) until there is nothing to take, moves it on threads or as futures,
/// and hands back what came of it by [`done`](Self::done); when nothing is left and nothing under way, it calls
/// [`finish`](Self::finish). All of them read and write files, and so they block.
///
/// What goes wrong with a file is in the report. Three things end it all: a stop, a [`FolderState`] that can't be
/// stored, and credentials that are refused.
pub struct Moves {
    way: Way,
    /// Of those that are still to be moved, which ones they are: some move at a time.
    small: VecDeque<usize>,
    /// These move alone.
    large: VecDeque<usize>,
    state: Option<FolderState>,
    report: FolderReport,
    options: Options,
    /// Stops what is under way once all has ended.
    ended: Stop,
    end: Option<Error>,
    reporter: Reporter,
    moving: Arc<Meter>,
    hashed: Arc<AtomicU64>,
    bytes: Option<u64>,
    files: usize,
}

enum Way {
    Up(Box<UploadPlan>, MadeFolders),
    Down(DownloadPlan, FolderFrom),
}

/// A file that is to be moved now.
#[derive(Debug)]
#[non_exhaustive]
pub struct FileMove {
    /// What is to be done.
    pub work: FileWork,
    /// With which options: its own state, its share of the slots, and what stops it.
    pub options: Options,
    /// What is handed back to [`Moves::done`].
    pub ticket: Ticket,
}

/// How a file is moved.
#[derive(Debug)]
pub enum FileWork {
    /// It is uploaded.
    Upload {
        /// From here.
        source: PathBuf,
        /// As this.
        to: Box<UploadTo>,
    },
    /// It is downloaded.
    Download {
        /// By this.
        download: Box<Download>,
        /// As this file.
        target: PathBuf,
    },
}

/// Tells which file it is.
#[derive(Debug)]
pub struct Ticket {
    at: usize,
    /// What it has moved counts as under way until it is done.
    moving: Option<Arc<Moving>>,
}

/// What came of a file that was moved.
#[derive(Debug)]
pub struct Moved {
    length: u64,
    uploaded: Option<Uploaded>,
    state: Option<StateFile>,
}

impl Moved {
    /// It was uploaded. Its state is still there, if it had one.
    pub fn uploaded(uploaded: Uploaded, state: Option<StateFile>) -> Self {
        Self { length: uploaded.length, uploaded: Some(uploaded), state }
    }

    /// It was downloaded, and has its name. Its state is still there, if it had one.
    pub fn downloaded(downloaded: &Downloaded, state: Option<StateFile>) -> Self {
        Self { length: downloaded.length, uploaded: None, state }
    }
}

impl Moves {
    /// Those of an upload, once its folders are made.
    pub fn upload(plan: UploadPlan, made: MadeFolders, state: Option<FolderState>, options: &Options) -> Self {
        let report = plan.report(&made);
        let is_small: Vec<bool> = plan.tree.files.iter().map(|file| plan.is_small(file)).collect();
        let bytes = Some(plan.bytes());
        Self { bytes, ..Self::new(Way::Up(Box::new(plan), made), &is_small, report, state, options) }
    }

    /// Those of a download, with the report that was begun with its plan.
    pub fn download(
        plan: DownloadPlan,
        report: FolderReport,
        from: &FolderFrom,
        state: Option<FolderState>,
        options: &Options,
    ) -> Self {
        let is_small: Vec<bool> = plan.tree.files.iter().map(|file| plan.is_small(file)).collect();
        let bytes = plan.tree.files.iter().all(|file| file.size.is_some()).then(|| plan.bytes());
        Self { bytes, ..Self::new(Way::Down(plan, from.clone()), &is_small, report, state, options) }
    }

    fn new(way: Way, is_small: &[bool], report: FolderReport, state: Option<FolderState>, options: &Options) -> Self {
        let (files, ended) = (is_small.len(), Stop::new());
        let (small, large): (Vec<_>, Vec<_>) = (0..files).partition(|at| is_small[*at]);
        Self {
            way,
            small: small.into(),
            large: large.into(),
            state,
            report,
            options: options.clone(),
            ended,
            end: None,
            reporter: Reporter::new(options),
            moving: Arc::default(),
            hashed: Arc::default(),
            bytes: None,
            files,
        }
    }

    /// Returns what stops all files that are under way. The driver that gives up uses it; [`stop`](Self::stop) does so,
    /// too.
    pub fn ended(&self) -> Stop {
        self.ended.clone()
    }

    /// Returns a file to be moved now, while so many are under way. Those that were moved before, and those that have
    /// no place, are passed over.
    ///
    /// Whoever gets `None` asks again when one of them is finished.
    pub fn next(&mut self, running: usize) -> Option<FileMove> {
        loop {
            if self.end.is_some() || self.small.is_empty() && self.large.is_empty() {
                return None;
            }
            if self.options.stop.as_ref().is_some_and(Stop::is_stopped) {
                self.stop();
                return None;
            }
            let all = self.options.slots();
            let (at, slots) = match self.small.front() {
                Some(_) if running >= all => return None,
                Some(_) => (self.small.pop_front()?, 1),
                None if running > 0 => return None,
                None => (self.large.pop_front()?, all),
            };
            if let Some(work) = self.begin(at) {
                return Some(self.hand_out(at, work, slots));
            }
        }
    }

    /// Returns what is to be done for a file, if anything is.
    fn begin(&mut self, at: usize) -> Option<FileWork> {
        let (state, report) = (self.state.as_ref(), &mut self.report);
        match &self.way {
            Way::Up(plan, made) => {
                let file = &plan.tree.files[at];
                if state.is_some_and(|state| state.is_uploaded(file)) {
                    report.moved(file.length, true);
                    return None;
                }
                let to = plan.to(made, file).map_err(|notice| report.failed.push(notice)).ok()?;
                Some(FileWork::Upload { source: plan.source(file), to: Box::new(to) })
            }
            Way::Down(plan, from) => {
                let file = &plan.tree.files[at];
                if state.is_some_and(|state| state.is_downloaded(file, &plan.path(file))) {
                    report.moved(file.size.unwrap_or_default(), true);
                    return None;
                }
                let conflict = match plan.place(file) {
                    Ok(target) => {
                        return Some(FileWork::Download { download: Box::new(from.download(file)), target });
                    }
                    Err(notice) => notice,
                };
                // It may be in its own way: an earlier run may have ended when only the states didn't know it yet.
                let own = state.and_then(|state| prepare::received(&plan.path(file), &state.of_file(&file.path)));
                if own.is_none() {
                    report.conflicts.push(conflict);
                    return None;
                }
                report.moved(file.size.unwrap_or_default(), true);
                self.remember(at, None, own);
                None
            }
        }
    }

    fn hand_out(&self, at: usize, work: FileWork, slots: usize) -> FileMove {
        let mut options = self.options.clone().parallel(slots).stop(&self.ended);
        options.state = self.state.as_ref().map(|state| state.of_file(self.path(at)));
        options.progress = None;
        let mut ticket = Ticket { at, moving: None };
        if self.reporter.is_on() {
            let (moving, hashed, before) = (Arc::new(self.moving.begin()), Arc::clone(&self.hashed), AtomicU64::new(0));
            ticket.moving = Some(Arc::clone(&moving));
            options = options.on_progress(move |event| {
                moving.set(event.moved);
                let before = before.swap(event.hashed, Ordering::Relaxed);
                hashed.fetch_add(event.hashed.saturating_sub(before), Ordering::Relaxed);
            });
        }
        FileMove { work, options, ticket }
    }

    /// Takes what came of a file. The folder's state says that it is moved before the file's own is removed.
    pub fn done(&mut self, ticket: Ticket, result: Result<Moved, Error>) {
        let Ticket { at, moving } = ticket;
        if let Some(moving) = moving {
            moving.reset();
        }
        let Moved { length, uploaded, state } = match result {
            Ok(moved) => moved,
            Err(error) if ends_all(&error) => return self.end(error),
            Err(error) => {
                let path = self.path(at).to_owned();
                return self.report.not_moved(path, &error);
            }
        };
        self.remember(at, uploaded.as_ref(), state);
        self.report.moved(length, false);
        if let Some(uploaded) = uploaded {
            let path = self.path(at).to_owned();
            self.report.named(&path, &uploaded.name);
        }
    }

    /// Stores that a file was moved, and removes its own state then.
    fn remember(&mut self, at: usize, uploaded: Option<&Uploaded>, own: Option<StateFile>) {
        let stored = match (&self.way, &mut self.state) {
            (_, None) => Ok(()),
            (Way::Up(plan, _), Some(state)) => {
                let id = uploaded.map_or("", |uploaded| uploaded.file_id.as_str());
                state.uploaded(&plan.tree.files[at], id)
            }
            (Way::Down(plan, _), Some(state)) => {
                let file = &plan.tree.files[at];
                state.downloaded(file, &plan.path(file))
            }
        };
        if let Err(error) = stored.and_then(|()| own.map_or(Ok(()), StateFile::remove)) {
            self.end(error);
        }
    }

    fn path(&self, at: usize) -> &str {
        match &self.way {
            Way::Up(plan, _) => &plan.tree.files[at].path,
            Way::Down(plan, _) => &plan.tree.files[at].path,
        }
    }

    /// Stops all.
    pub fn stop(&mut self) {
        self.end(Error::stopped());
    }

    /// Ends all with an error, and stops what is under way; the first error counts.
    pub fn end(&mut self, error: Error) {
        self.ended.stop();
        self.end.get_or_insert(error);
    }

    /// Whether somebody is told of progress.
    pub fn is_told(&self) -> bool {
        self.reporter.is_on()
    }

    /// Tells how far all files are together, if that is due.
    pub fn tell(&mut self, now: Instant) {
        self.tell_stage(Stage::Moving, now);
    }

    fn tell_stage(&mut self, stage: Stage, now: Instant) {
        let mut progress = Progress::new(stage);
        progress.moved = self.report.bytes;
        progress.hashed = self.hashed.load(Ordering::Relaxed);
        progress.total = self.bytes;
        let files = Files { done: self.report.files, total: self.files as u64 };
        self.reporter.tell(&progress, self.moving.under_way(), files, now);
    }

    /// Ends it: with the error that has ended all, or with the report. If all was moved, the state is removed.
    pub fn finish(mut self, now: Instant) -> Result<FolderReport, Error> {
        self.tell_stage(Stage::Ended, now);
        if let Some(error) = self.end {
            return Err(error);
        }
        // What is finished first is a matter of chance.
        for notices in [&mut self.report.renamed, &mut self.report.conflicts, &mut self.report.failed] {
            notices.sort_unstable();
        }
        match self.state.filter(|_| self.report.is_complete()) {
            Some(state) => state.remove().map(|()| self.report),
            None => Ok(self.report),
        }
    }
}

/// Whether an error is none of one file only.
fn ends_all(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::Credentials) || error.is_unauthorized()
}

impl fmt::Debug for Moves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.small.len() + self.large.len();
        f.debug_struct("Moves").field("left", &left).field("report", &self.report).finish_non_exhaustive()
    }
}
