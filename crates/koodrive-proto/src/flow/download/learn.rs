//! What a download learns, from its work and from a stored state.

use crate::error::Error;
use crate::flow::Record;
use crate::flow::download::gaps::Gaps;
use crate::flow::download::{Doing, Download, Downloaded, Found, Verified};
use crate::flow::place::{from_text, to_text};
use crate::flow::record::{Entry, unusable};
use crate::flow::work::Got;
use crate::ops::files::FileDetail;
use crate::transfer::Hasher;

impl Download {
    /// Refuses a stored record that can't be of this download.
    pub(super) fn check_stored(&self, entry: &Entry) -> Result<(), Error> {
        let total = self.found.as_ref().map(|found| found.total);
        let is_possible = match entry {
            Entry::Range { first, len } => total.is_some() && first.checked_add(*len) <= total,
            Entry::Hashed { to, .. } => total.is_some_and(|total| *to <= total && to % 64 == 0),
            Entry::Received { .. } => total == Some(self.there),
            _ => true,
        };
        if is_possible { Ok(()) } else { Err(unusable("it was changed")) }
    }

    /// The one way in which anything lasting is learned, now or from a stored state.
    pub(super) fn learn(&mut self, entry: Entry) {
        match &entry {
            Entry::Found { total, validator } => {
                let validator = validator.as_deref().and_then(from_text);
                (self.there, self.hasher) = (0, Hasher::new());
                self.found = Some(Found { total: *total, validator, gaps: Gaps::new(*total) });
            }
            Entry::Range { first, len } => {
                let end = first.saturating_add(*len);
                if let Some(found) = &mut self.found {
                    self.there = self.there.saturating_add(found.gaps.fill(*first, end));
                }
            }
            Entry::Hashed { to, midstate, .. } => {
                if let Some(hasher) = Hasher::resume(*to, *midstate) {
                    self.hasher = hasher;
                }
            }
            Entry::Anew => {
                (self.found, self.there, self.hasher) = (None, 0, Hasher::new());
                self.course.reopen();
            }
            Entry::Mark(mark) => self.sink.mark.clone_from(mark),
            Entry::Received { sha256 } => {
                let length = self.found.as_ref().map_or(0, |found| found.total);
                let is_compared = sha256.is_some() && *sha256 == self.settings.sha256;
                let verified = if is_compared { Verified::Sha256 } else { Verified::Length };
                self.course.succeed(Downloaded { length, sha256: *sha256, verified });
            }
            // Not of a download.
            _ => return,
        }
        self.log.push(Record(entry));
    }

    pub(super) fn fail(&mut self, error: Error) {
        self.course.fail(error);
    }

    /// Whether there is anything to hash for.
    pub(super) fn wants_hash(&self) -> bool {
        self.sink.is_hashed || self.settings.sha256.is_some()
    }

    /// Whether something feeds the hash.
    pub(super) fn is_hashing(&self) -> bool {
        self.running.iter().any(|doing| matches!(doing, Doing::Hash | Doing::Range { is_tapped: true, .. }))
    }

    /// How long the file must be, as far as that is known before the object store says it.
    pub(super) fn expected_length(&self) -> Option<u64> {
        self.settings.length.or(self.recorded)
    }

    pub(super) fn got(&mut self, doing: Doing, got: Got) {
        let Doing::Range { first, end, is_tapped } = doing else {
            return self.fail(Error::misuse("the result is that of another piece of work"));
        };
        self.link = got.link.or_else(|| self.link.take());
        if self.found.is_none() {
            let validator = got.validator.as_ref().map(to_text);
            self.learn(Entry::Found { total: got.total, validator });
        } else if let Some(found) = &mut self.found {
            // What was asked for and didn't come is missing again.
            found.gaps.open(first, end.min(found.total));
        }
        self.learn(Entry::Range { first: got.first, len: got.len });
        if let Some(hasher) = got.hasher.filter(|_| is_tapped) {
            self.hashed(hasher);
        }
    }

    pub(super) fn hashed(&mut self, hasher: Hasher) {
        match hasher.midstate() {
            Some(midstate) => self.learn(Entry::Hashed { to: hasher.fed(), midstate, pre_hash: None }),
            None => self.hasher = hasher,
        }
    }

    pub(super) fn looked(&mut self, detail: &FileDetail) {
        let size = detail.size.and_then(|size| u64::try_from(size).ok());
        self.recorded = size;
    }

    /// The object has another length than it should have.
    pub(super) fn is_of_other_length(&mut self, total: u64) {
        if self.settings.length.is_none() && self.looks == 1 {
            // The record is read once more: the file may have changed since.
            self.is_look_due = true;
        } else {
            self.fail(Error::moderated(total, self.expected_length().unwrap_or_default()));
        }
    }

    /// The content is another one than before, or can't be had in ranges: begins anew, once. `got` is how much of the
    /// range went to the sink.
    pub(super) fn begin_anew(&mut self, got: u64, why: &str) {
        let is_sink_empty = self.there == 0 && got == 0;
        if self.restarts > 0 || self.sink.is_in_order && !is_sink_empty {
            return self.fail(Error::content(why));
        }
        self.restarts = 1;
        (self.is_look_due, self.looks) = (true, 0);
        // What is under way may still write what was there before: it has to end first.
        self.running.iter_mut().for_each(|doing| *doing = Doing::Stale);
        self.learn(Entry::Anew);
    }
}
