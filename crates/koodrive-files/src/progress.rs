//! How far transfers are, told as they go.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use koodrive_proto::flow::{self, Stage};

use crate::options::{OnProgress, Options};

/// How often progress is told while a part moves: 10 times per second.
pub const INTERVAL: Duration = Duration::from_millis(100);
/// Over how much time the rate is taken.
const SPAN: Duration = Duration::from_secs(5);

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ProgressEvent {
    /// What is going on.
    pub stage: Stage,
    /// How many bytes were moved: those of finished parts, and of what is under way now. It goes back when a part
    /// has to be sent again.
    pub moved: u64,
    /// How many bytes there are; `None` if that isn't known yet.
    pub total: Option<u64>,
    /// How many bytes were hashed.
    pub hashed: u64,
    /// How many parts or ranges are finished. Of a folder, they aren't counted.
    pub parts: u64,
    /// How many parts or ranges there are, as far as that is known.
    pub parts_total: Option<u64>,
    /// How many files are finished.
    pub files: u64,
    /// How many files there are: 1, unless it is a folder.
    pub files_total: u64,
    /// How many bytes per second were moved lately, or hashed in [`Stage::Hashing`] and [`Stage::Verifying`].
    pub rate: u64,
    /// How long the stage will take at that rate; `None` if that can't be said.
    pub left: Option<Duration>,
}

/// Counts the bytes under way in any number of jobs.
#[derive(Debug, Default)]
pub struct Meter(AtomicU64);

impl Meter {
    /// Returns how many bytes the current attempts of all jobs have moved.
    pub fn under_way(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Begins to count those of a job.
    pub fn begin(self: &Arc<Self>) -> Moving {
        Moving { meter: Arc::clone(self), moved: AtomicU64::new(0) }
    }
}

/// Counts the bytes that a job moves. When it is dropped they don't count any more: then its part is finished or lost.
#[derive(Debug)]
pub struct Moving {
    meter: Arc<Meter>,
    moved: AtomicU64,
}

impl Moving {
    /// Counts more bytes.
    pub fn add(&self, bytes: u64) {
        self.moved.fetch_add(bytes, Ordering::Relaxed);
        self.meter.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Sets how many bytes it has moved.
    pub fn set(&self, bytes: u64) {
        let before = self.moved.swap(bytes, Ordering::Relaxed);
        // This wraps around, as it has to if there are fewer.
        self.meter.0.fetch_add(bytes.wrapping_sub(before), Ordering::Relaxed);
    }

    /// Begins anew, as an attempt that sends the part once more does.
    pub fn reset(&self) {
        self.set(0);
    }
}

impl Drop for Moving {
    fn drop(&mut self) {
        self.reset();
    }
}

/// How far all files of a transfer are together.
#[derive(Debug, Clone, Copy)]
pub struct Files {
    /// How many are finished.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// What was told last, and when.
#[derive(Clone, Copy)]
struct Told {
    at: Instant,
    stage: Stage,
    parts: u64,
    files: u64,
}

/// Tells progress when it is due.
pub struct Reporter {
    on: Option<OnProgress>,
    last: Option<Told>,
    speed: Speed,
}

impl Reporter {
    /// Tells whoever the options name.
    pub fn new(options: &Options) -> Self {
        Self { on: options.progress.clone(), last: None, speed: Speed::default() }
    }

    /// Returns whether anybody is told.
    pub fn is_on(&self) -> bool {
        self.on.is_some()
    }

    /// Tells how far it is, if that is due: the stage is another, a part is finished, or time has passed.
    pub fn tell(&mut self, progress: &flow::Progress, under_way: u64, files: Files, now: Instant) {
        let Some(on) = &self.on else { return };
        let told = Told { at: now, stage: progress.stage, parts: progress.parts, files: files.done };
        let is_other = self.last.is_none_or(|last| last.stage != told.stage);
        let is_due = |last: Told| {
            let is_more = (last.parts, last.files) != (told.parts, told.files);
            is_more || now.saturating_duration_since(last.at) >= INTERVAL
        };
        if !is_other && !self.last.is_none_or(is_due) {
            return;
        }
        self.last = Some(told);
        let moved = progress.moved.saturating_add(under_way);
        let done = if matches!(progress.stage, Stage::Hashing | Stage::Verifying) { progress.hashed } else { moved };
        if is_other {
            self.speed = Speed::default();
        }
        let rate = self.speed.of(done, now);
        let rest = progress.total.map(|total| total.saturating_sub(done));
        let left = rest.filter(|_| rate > 0).map(|rest| Duration::from_secs(rest / rate));
        on(&ProgressEvent {
            stage: progress.stage,
            moved: progress.total.map_or(moved, |total| moved.min(total)),
            total: progress.total,
            hashed: progress.hashed,
            parts: progress.parts,
            parts_total: progress.parts_total,
            files: files.done,
            files_total: files.total,
            rate,
            left,
        });
    }
}

impl std::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reporter").finish_non_exhaustive()
    }
}

/// The rate of the last seconds.
#[derive(Debug, Default)]
struct Speed(VecDeque<(Instant, u64)>);

impl Speed {
    fn of(&mut self, done: u64, now: Instant) -> u64 {
        self.0.push_back((now, done));
        // One sample from before the span stays, so that there are two even if little is told.
        while self.0.get(1).is_some_and(|(time, _)| now.saturating_duration_since(*time) >= SPAN) {
            self.0.pop_front();
        }
        let Some((since, before)) = self.0.front() else { return 0 };
        let time = now.saturating_duration_since(*since).as_micros();
        let rate = u128::from(done.saturating_sub(*before)) * 1_000_000;
        rate.checked_div(time).and_then(|rate| u64::try_from(rate).ok()).unwrap_or_default()
    }
}
