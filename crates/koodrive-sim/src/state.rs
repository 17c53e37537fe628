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
    /// All records as they were before the first call, and what they are read from again.
    beginning: Option<Vec<store::Change>>,
    /// The bytes that these records have, which therefore stay.
    lasting: BTreeSet<u64>,
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
        state.journal = Some(store::Journal::open(directory, &mut state.store)?);
        if state.store.counters.len() == 0 {
            families::prepare(&mut state.store);
            state.save()?;
        }
        state.blobs = Arc::new(Blobs::open(directory.join("objects"), &content::blobs(&state.store))?);
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

    /// Keeps the records as they are before the first call.
    pub(crate) fn begin(&mut self) {
        if self.beginning.is_none() {
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

    /// Removes bytes that no record has any more.
    fn remove(&self, unused: Vec<u64>) {
        self.blobs.remove(unused.into_iter().filter(|blob| !self.lasting.contains(blob)));
    }

    /// Puts all records back to what they were before the first call.
    pub(crate) fn reset(&mut self) {
        let Some(records) = &self.beginning else { return };
        self.store = store::Store::default();
        for (table, id, row) in records {
            // They were written by the same tables.
            let _ = self.store.load(table, id, row.clone());
        }
        self.store.commit();
        if let Some(journal) = &mut self.journal {
            journal.replace(&self.store);
        }
        self.blobs.retain(&self.lasting);
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
