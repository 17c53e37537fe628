//! What comes next in a download.

use crate::check::InvalidParam;
use crate::error::Error;
use crate::flow::ask::Ask;
use crate::flow::carry::{Ask as LinkAsk, Cargo, Carry};
use crate::flow::download::{Doing, Download, Downloaded, Found, Settings, Source};
use crate::flow::place::{Seen, is_strong};
use crate::flow::record::{DownloadHeader, Entry, VERSION};
use crate::flow::work::{ReadState, What};
use crate::flow::{Expected, Job, JobFlow, Next, Reading, Record};
use crate::ops::files::{GetDownloadUrls, GetFile};
use crate::transfer::Hasher;

/// How many bytes are hashed at a time, at most.
const SEGMENT: u64 = 64 * 1024 * 1024;

impl Download {
    pub(super) fn take_back(&mut self) {
        for doing in self.running.lost() {
            self.is_missing(doing);
        }
    }

    /// What was to come of this won't.
    pub(super) fn is_missing(&mut self, doing: Doing) {
        if let (Doing::Range { first, end, .. }, Some(found)) = (doing, &mut self.found) {
            found.gaps.open(first, end.min(found.total));
        }
    }

    pub(super) fn choose(&mut self) -> Result<Next<Downloaded>, Error> {
        self.set_out()?;
        let Some(found) = &self.found else {
            // The first range says how long it is, and what it is: nothing else until then, and nothing from before.
            if !self.running.is_idle() {
                return Ok(Next::Busy);
            }
            let looks = self.settings.look_up && self.settings.length.is_none();
            if looks && std::mem::replace(&mut self.is_look_due, false) {
                if let Some(job) = self.look() {
                    return Ok(Next::Run(job));
                }
            }
            return Ok(Next::Run(self.fetch(0, self.settings.range_size)));
        };
        let total = found.total;
        let joined = self.joined();
        let is_all_there = joined == total;
        let unhashed = joined.saturating_sub(self.hasher.fed());
        let is_worth_it = unhashed >= self.settings.range_size.min(SEGMENT) || is_all_there && unhashed > 0;
        if self.wants_hash() && self.sink.is_readable && !self.is_hashing() && is_worth_it {
            return Ok(Next::Read(self.read(unhashed)));
        }
        if self.running.is_idle() || !self.sink.is_in_order {
            let range = self.found.as_mut().and_then(|found| found.gaps.take(self.settings.range_size));
            if let Some((first, end)) = range {
                return Ok(Next::Run(self.fetch(first, end)));
            }
        }
        if !self.running.is_idle() {
            return Ok(Next::Busy);
        }
        self.verify(total)?;
        Ok(self.course.give())
    }

    /// All of it is there: is it right?
    pub(super) fn verify(&mut self, total: u64) -> Result<(), Error> {
        if self.there != total {
            return Err(Error::misuse("ranges are missing, and nothing fetches them"));
        }
        let sha256 = (self.wants_hash() && self.hasher.fed() == total).then(|| self.hasher.clone().finish());
        if let (Some(wanted), Some(sha256)) = (self.settings.sha256, sha256) {
            if wanted != sha256 {
                return Err(Error::content(format!("the file has the SHA-256 {sha256}, and should have {wanted}")));
            }
        }
        self.learn(Entry::Received { sha256 });
        Ok(())
    }

    pub(super) fn set_out(&mut self) -> Result<(), Error> {
        if self.log.is_empty() {
            let Settings { range_size, length, sha256, look_up } = self.settings;
            if range_size == 0 {
                return Err(InvalidParam::new("range_size", "0", "at least 1 byte").into());
            }
            let file = match &self.source {
                Source::File(file) => Some(file.clone()),
                Source::Link => None,
            };
            let sink = self.sink.mark.clone();
            let header = DownloadHeader { version: VERSION, file, range_size, length, sha256, look_up, sink };
            self.log.push(Record(Entry::Download(Box::new(header))));
        }
        if !std::mem::replace(&mut self.is_set_out, true) {
            if self.sink.is_readable {
                // What is in the sink is read again: the hash is to be that of its bytes, whatever happened to them.
                self.hasher = Hasher::new();
            }
            // Resumed: is it still the same?
            let is_known = |found: &Found| found.validator.as_ref().is_some_and(is_strong);
            if self.settings.sha256.is_none() && self.found.as_ref().is_some_and(|found| !is_known(found)) {
                if self.sink.is_in_order && self.there > 0 {
                    return Err(Error::content(
                        "without a strong ETag it isn't known whether the file has changed: empty the sink, and begin without the state",
                    ));
                }
                self.learn(Entry::Anew);
            }
        }
        Ok(())
    }

    /// Up to where all bytes are there.
    pub(super) fn joined(&self) -> u64 {
        let Some(found) = &self.found else { return 0 };
        let on_the_way = self.running.iter().filter_map(|doing| match doing {
            Doing::Range { first, .. } => Some(*first),
            Doing::Look | Doing::Hash | Doing::Stale => None,
        });
        found.gaps.first().into_iter().chain(on_the_way).min().unwrap_or(found.total).min(found.total)
    }

    /// Asks how long the file is. A link has no record that could be asked for.
    pub(super) fn look(&mut self) -> Option<Job> {
        let Source::File(file) = &self.source else { return None };
        self.looks = self.looks.saturating_add(1);
        let op = GetFile::new(&file.id, &file.space);
        let op = match &file.share_folder {
            Some(id) => op.share_folder_id(id.as_str()),
            None => op,
        };
        let options = self.course.options.clone();
        let flow = JobFlow::new(Ask::new(op, options, self.course.end, |detail, _, _| What::Looked(Box::new(detail))));
        Some(Job { id: self.running.begin(Doing::Look), flow, bytes: 0 })
    }

    pub(super) fn fetch(&mut self, first: u64, end: u64) -> Job {
        let len = end.saturating_sub(first);
        let is_tapped = self.wants_hash() && self.hasher.fed() == first && !self.is_hashing();
        let mut expected = Expected::new(first, len);
        expected.alone = self.found.is_none();
        match &self.found {
            None => expected.total = self.expected_length(),
            Some(found) => (expected.total, expected.validator) = (Some(found.total), found.validator.clone()),
        }
        if is_tapped {
            expected.seen = Seen::new(Some(self.hasher.clone()));
        }
        let ask = match &self.source {
            Source::Link => LinkAsk::Never,
            Source::File(file) => {
                let op = GetDownloadUrls::new(&file.space, vec![file.id.clone()]);
                let op = match &file.share_folder {
                    Some(id) => op.share_folder_id(id.as_str()),
                    None => op,
                };
                LinkAsk::File(op, file.id.clone())
            }
        };
        let carry = Carry::new(
            Cargo::Get { expected, got: 0, base: None },
            ask,
            self.link.clone(),
            self.course.options.clone(),
            self.course.end,
        );
        let id = self.running.begin(Doing::Range { first, end, is_tapped });
        Job { id, flow: JobFlow::new(carry), bytes: len }
    }

    pub(super) fn read(&mut self, unhashed: u64) -> Reading {
        let (fed, len) = (self.hasher.fed(), unhashed.min(SEGMENT));
        let state = ReadState::Hash(self.hasher.clone(), None);
        Reading::of_sink(self.running.begin(Doing::Hash), fed, len, state)
    }
}
