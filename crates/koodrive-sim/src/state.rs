//! What a simulator knows and remembers, and how it is kept.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::quirks::Quirks;
use crate::storage::Room;
use crate::storage::blobs::Blobs;
use crate::storage::content;
use crate::{call, families, faults, ledger, store};

/// How many steps of jobs and the like that are due are done before one call. Whatever is left comes before the next.
const MOST_DUE: usize = 10_000;

/// How the notes of what was set up begin.
const SET_UP: &str = "set up: ";

#[derive(Default)]
pub(crate) struct State {
    pub(crate) store: store::Store,
    pub(crate) settings: call::Settings,
    /// How far its clock is ahead of the real one.
    pub(crate) clock_offset: TimeDelta,
    /// The bytes of files, which nobody needs this state for.
    pub(crate) blobs: Arc<Blobs>,
    /// Where the store is written to, if it is.
    journal: Option<store::Journal>,
    /// What earlier runs on the same directory have set up, which isn't set up again.
    earlier: BTreeSet<String>,
    /// Whether a drive in a directory can be put back; one in memory always can.
    pub(crate) is_resettable: bool,
    /// All records as they were before the first call, and what they are read from again.
    beginning: Option<Vec<store::Change>>,
    /// The bytes that these records have, which therefore stay.
    lasting: BTreeSet<u64>,
    /// Bytes that are to be removed once it is written that nothing has them any more: a restart needs them before.
    waiting: Vec<u64>,
    pub(crate) faults: Option<faults::Progress>,
    pub(crate) quirks: Option<Quirks>,
    pub(crate) ledger: ledger::Ledger,
}

impl State {
    /// The spaces that the manual's examples mention, and nobody.
    pub(crate) fn new() -> Self {
        let mut state = Self::default();
        families::prepare(&mut state.store);
        state.store.commit();
        state
    }

    /// What a directory has, or the same as a new one.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let mut state = Self::default();
        let objects = directory.join("objects");
        if !store::Journal::is_in(directory) {
            Blobs::check_new(&objects)?;
        }
        state.journal = Some(store::Journal::open(directory, &mut state.store)?);
        if state.store.counters.len() == 0 {
            families::prepare(&mut state.store);
            state.save()?;
        }
        state.blobs = Arc::new(Blobs::open(objects, &content::blobs(&state.store))?);
        let notes = state.store.counters.iter().map(|(id, _)| id).filter(|id| id.starts_with(SET_UP));
        state.earlier = notes.map(str::to_owned).collect();
        Ok(state)
    }

    /// Sets something up, unless an earlier run on the same directory has done so: what calls have made of it since
    /// is to stay.
    pub(crate) fn set_up(&mut self, what: &str, set_up: impl FnOnce(&mut store::Store)) {
        let note = format!("{SET_UP}{what}");
        if !self.earlier.contains(&note) {
            set_up(&mut self.store);
            if self.journal.is_some() {
                self.store.counters.insert(note, 1);
            }
            self.keep();
        }
    }

    /// Lets what changed in the store stand, if it can be written where it is to be written.
    pub(crate) fn save(&mut self) -> io::Result<()> {
        let unused = content::sweep(&mut self.store);
        let saved = self.journal.as_mut().map_or(Ok(()), |journal| journal.save(&self.store));
        if saved.is_ok() {
            self.store.commit();
            self.remove(unused);
        } else {
            self.undo();
        }
        saved
    }

    /// Takes back what changed in the store, with the bytes that were stored for it.
    pub(crate) fn undo(&mut self) {
        content::undo(&mut self.store, &self.blobs);
    }

    /// Keeps the records as they are before the first call, if they may be needed again.
    pub(crate) fn begin(&mut self) {
        if self.beginning.is_none() && (self.journal.is_none() || self.is_resettable) {
            let records = self.store.records().map(|(table, id, row)| (table, id.to_owned(), Some(row)));
            self.beginning = Some(records.collect());
            self.lasting = content::blobs(&self.store).into_keys().collect();
        }
    }

    /// Does what is due, which stands whatever becomes of the call that comes after it.
    pub(crate) fn settle(&mut self, limit: u64, now: DateTime<Utc>) {
        self.begin();
        for _ in 0..MOST_DUE {
            let room = Room { blobs: &self.blobs, limit };
            if !families::due::settle(&mut self.store, room, now) {
                break;
            }
            self.keep();
        }
    }

    /// Removes bytes that no record has any more, here and on disk.
    fn remove(&mut self, unused: Vec<u64>) {
        self.waiting.extend(unused.into_iter().filter(|blob| !self.lasting.contains(blob)));
        if self.journal.as_ref().is_none_or(store::Journal::is_up_to_date) {
            self.blobs.remove(std::mem::take(&mut self.waiting));
        }
    }

    /// Puts all records back to what they were before the first call. Ids that were given out aren't given out again,
    /// so that nothing that still has one, such as a link, leads to something else.
    pub(crate) fn reset(&mut self) {
        assert!(
            self.journal.is_none() || self.is_resettable,
            "a drive in a directory can be reset only if it was made resettable"
        );
        let Some(records) = &self.beginning else { return };
        let given = self.store.given_out();
        self.store = store::Store::default();
        for (table, id, row) in records {
            // They were written by the same tables.
            let _ = self.store.load(table, id, row.clone());
        }
        for (counter, count) in given {
            self.store.counters.insert(counter, count);
        }
        self.store.commit();
        if let Some(journal) = &mut self.journal {
            journal.replace(&self.store);
        }
        self.remove(self.blobs.others(&self.lasting));
    }

    /// Lets what changed in the store stand even if it can't be written: then it is written with the next call that
    /// changes something.
    pub(crate) fn keep(&mut self) {
        let unused = content::sweep(&mut self.store);
        if let Some(journal) = &mut self.journal {
            if journal.save(&self.store).is_err() {
                journal.owe(self.store.changes());
            }
        }
        self.store.commit();
        self.remove(unused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::content::Stored;

    /// Begins an upload with five bytes, and returns their number.
    fn begin(state: &mut State, upload_id: &str) -> u64 {
        let mut writer = state.blobs.write(5, 0).unwrap();
        writer.write(b"bytes").unwrap();
        let blob = writer.finish().unwrap();
        content::begin(&mut state.store, upload_id, "F1");
        content::send(&mut state.store, upload_id, 1, Stored::Blob(blob, 5));
        state.save().unwrap();
        blob
    }

    #[test]
    fn bytes_stay_until_it_is_written_that_they_are_gone() {
        let directory = std::env::temp_dir().join(format!("koodrive-sim-waiting-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        let open = || {
            let mut state = State::open(&directory).unwrap();
            state.is_resettable = true;
            state.begin();
            state
        };
        let fill = |state: &mut State, is_full| state.journal.as_mut().unwrap().fill(is_full);
        let is_there = |blob: u64| directory.join(format!("objects/{blob}")).exists();
        let mut state = open();
        let (one, two) = (begin(&mut state, "1"), begin(&mut state, "2"));
        fill(&mut state, true);
        content::end(&mut state.store, "1");
        state.keep();
        assert!(state.blobs.get(one).is_some() && is_there(one));
        state.reset();
        assert!(is_there(one) && is_there(two));
        // A kill, and a restart on the full disk.
        drop(state);
        let mut state = open();
        assert!(state.blobs.get(one).is_some() && state.blobs.get(two).is_some());
        content::end(&mut state.store, "1");
        state.keep();
        fill(&mut state, false);
        let three = begin(&mut state, "3");
        // The drive may be put back to when it had the first two.
        assert!(is_there(one) && is_there(two));
        drop(state);
        let mut state = open();
        assert!(!is_there(one) && is_there(two) && is_there(three));
        let four = begin(&mut state, "4");
        fill(&mut state, true);
        content::end(&mut state.store, "4");
        state.keep();
        assert!(is_there(four));
        fill(&mut state, false);
        begin(&mut state, "5");
        assert!(!is_there(four), "what waited is done once all is written");
        drop(state);
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
