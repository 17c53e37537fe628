//! The state on disk: `state.json` with all records, and `journal.jsonl` with what changed since, a line for each call
//! that changes something.
//!
//! A call's line is written in one piece before the call is answered, so a kill at any time leaves either the whole
//! call or nothing of it: a last line without its end is ignored. When the journal has grown, the records are written
//! anew, under another name first. The old journal may be read after that once more; as its lines hold whole records,
//! the result is the same.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};
use serde_json::Value as Json;

use crate::store::Store;

const STATE: &str = "state.json";
const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock";

/// The first line of the records; another version of the simulator may write others.
const HEAD: &str = r#"["koodrive-sim",1]"#;

/// How large a journal may become, unless the records themselves are larger.
const LARGE: u64 = 16 << 20;

/// A directory that this process alone writes to.
#[derive(Debug)]
pub(crate) struct Journal {
    directory: PathBuf,
    file: File,
    /// How much of the journal is whole.
    length: u64,
    /// The size of the records when they were last written.
    state: u64,
    /// Whether something could not be written that stands all the same.
    behind: bool,
    /// Holds the lock until it is closed.
    _lock: File,
}

impl Journal {
    /// Opens a directory, which is created unless it is there, and reads its records into an empty store.
    pub(crate) fn open(directory: &Path, store: &mut Store) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(directory.join(LOCK))?;
        match FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(io::ErrorKind::WouldBlock, "another simulator uses the directory"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        read(&directory.join(STATE), store, true)?;
        read(&directory.join(JOURNAL), store, false)?;
        store.commit();
        let file = OpenOptions::new().create(true).append(true).open(directory.join(JOURNAL))?;
        let mut journal =
            Self { directory: directory.to_owned(), file, length: 0, state: 0, behind: false, _lock: lock };
        journal.rewrite(store)?;
        Ok(journal)
    }

    /// Writes what changed in the store. If that fails, nothing of it stays on disk.
    pub(crate) fn save(&mut self, store: &Store) -> io::Result<()> {
        if self.behind {
            return self.rewrite(store);
        }
        let changes = store.changes();
        if !changes.is_empty() {
            let mut line = serde_json::to_vec(&changes)?;
            line.push(b'\n');
            if let Err(error) = self.file.write_all(&line) {
                // If not even this can be done, the line still has no end, and a new journal is needed.
                self.behind = self.file.set_len(self.length).is_err();
                return Err(error);
            }
            self.length += line.len() as u64;
        }
        if self.length > self.state.max(LARGE) {
            // All is in the journal, so this can be tried again later.
            let _ = self.rewrite(store);
        }
        Ok(())
    }

    /// Notes that something stands that could not be written.
    pub(crate) fn fall_behind(&mut self) {
        self.behind = true;
    }

    /// Writes all records, and begins a new journal.
    fn rewrite(&mut self, store: &Store) -> io::Result<()> {
        let new = self.directory.join("state.json.new");
        let mut out = BufWriter::new(File::create(&new)?);
        writeln!(out, "{HEAD}")?;
        for record in store.records() {
            serde_json::to_writer(&mut out, &[record])?;
            out.write_all(b"\n")?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        self.state = file.metadata()?.len();
        fs::rename(&new, self.directory.join(STATE))?;
        self.file.set_len(0)?;
        self.length = 0;
        self.behind = false;
        Ok(())
    }
}

/// Reads the lines of a file that may be absent. Only a journal can end in the middle of a line.
fn read(path: &Path, store: &mut Store, is_state: bool) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let damaged = |number: usize, what: &str| {
        let message = format!("{}, line {number}: {what}", path.display());
        io::Error::new(io::ErrorKind::InvalidData, message)
    };
    let mut lines = BufReader::new(file);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            if is_state && number == 1 {
                return Err(damaged(number, "it is empty"));
            }
            break;
        }
        let Some(line) = line.strip_suffix(b"\n") else {
            if is_state {
                return Err(damaged(number, "the end is missing"));
            }
            break;
        };
        if is_state && number == 1 {
            if line != HEAD.as_bytes() {
                return Err(damaged(number, "these are no records of this version of the simulator"));
            }
            continue;
        }
        let changes: Vec<(String, String, Option<Json>)> =
            serde_json::from_slice(line).map_err(|error| damaged(number, &error.to_string()))?;
        for (table, id, row) in changes {
            store.load(&table, &id, row).map_err(|error| damaged(number, &error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use koodrive_proto::ops::spaces::SpaceType;

    use super::*;
    use crate::families::{spaces, users};

    /// A directory that is removed at the end.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("koodrive-sim-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        fn open(&self) -> io::Result<(Journal, Vec<String>)> {
            let mut store = Store::default();
            let journal = Journal::open(&self.0, &mut store)?;
            Ok((journal, all(&store)))
        }

        fn journal(&self) -> PathBuf {
            self.0.join(JOURNAL)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn all(store: &Store) -> Vec<String> {
        store.records().map(|(table, id, row)| format!("{table} {id} {row}")).collect()
    }

    /// Changes a store as a few calls would, and returns all records after each.
    fn calls(journal: &mut Journal) -> Vec<Vec<String>> {
        let now = DateTime::from_timestamp_millis(1_702_286_245_529).unwrap();
        let mut store = Store::default();
        let mut states = vec![all(&store)];
        let mut done = |store: &mut Store| {
            journal.save(store).unwrap();
            store.commit();
            states.push(all(store));
        };
        users::add(&mut store, "7", now);
        let space = spaces::add(&mut store, "7", SpaceType::Individual, 1, now);
        done(&mut store);
        store.users.update("7", |user| user.name = "Ünïcode \n\"报告\"".to_owned());
        done(&mut store);
        spaces::add(&mut store, "7", SpaceType::Individual, 2, now);
        store.spaces.remove(&space);
        done(&mut store);
        store.users.remove("7");
        done(&mut store);
        states
    }

    #[test]
    fn wherever_the_journal_ends_whole_calls_are_there() {
        let directory = Directory::new("torn");
        let (mut journal, before) = directory.open().unwrap();
        assert_eq!(before, [""; 0]);
        let states = calls(&mut journal);
        drop(journal);
        let written = fs::read(directory.journal()).unwrap();
        let is_border = |end: usize| {
            written.get(end.saturating_sub(2)..).is_some_and(|rest| rest.iter().take(3).any(|byte| *byte == b'\n'))
        };
        for end in (0..=written.len()).filter(|end| end % 11 == 0 || is_border(*end)) {
            let kept = written.get(..end).unwrap();
            let lines = kept.split(|byte| *byte == b'\n').count() - 1;
            // As a kill at any moment leaves it: nothing rewritten yet, then read twice.
            fs::remove_file(directory.0.join(STATE)).unwrap();
            fs::write(directory.journal(), kept).unwrap();
            assert_eq!(directory.open().unwrap().1, states[lines], "{end}");
            assert_eq!(fs::metadata(directory.journal()).unwrap().len(), 0);
            // The records were written, but the old journal is still there.
            fs::write(directory.journal(), kept).unwrap();
            assert_eq!(directory.open().unwrap().1, states[lines], "{end}, again");
        }
    }

    #[test]
    fn damage_and_others_are_refused() {
        let directory = Directory::new("damage");
        let (journal, _) = directory.open().unwrap();
        assert_eq!(directory.open().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(journal);
        let refused = |name: &str, text: &str| {
            let path = directory.0.join(name);
            let old = fs::read(&path).unwrap();
            fs::write(&path, text).unwrap();
            let error = directory.open().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{text}");
            assert_eq!(fs::read(&path).unwrap(), text.as_bytes(), "left as it is");
            fs::write(&path, old).unwrap();
            error.to_string()
        };
        assert!(refused(JOURNAL, "[]\n[\n[]\n").contains("journal.jsonl, line 2: "));
        assert!(refused(JOURNAL, "[[\"pets\",\"1\",null]]\n").ends_with("line 1: there is no table pets"));
        assert!(refused(JOURNAL, "[[\"users\",\"1\",{}]]\n").contains("line 1: users 1: missing field"));
        assert!(refused(STATE, "").ends_with("line 1: it is empty"));
        assert!(refused(STATE, "[\"koodrive-sim\",2]\n").contains("no records of this version"));
        assert!(refused(STATE, &format!("{HEAD}\n[[\"users\"")).ends_with("line 2: the end is missing"));
        directory.open().unwrap();
    }

    #[test]
    fn what_could_not_be_written_comes_later() {
        let directory = Directory::new("behind");
        let (mut journal, _) = directory.open().unwrap();
        let mut store = Store::default();
        store.counters.insert("ids", 1);
        store.commit();
        journal.fall_behind();
        store.counters.insert("others", 2);
        journal.save(&store).unwrap();
        drop(journal);
        assert_eq!(directory.open().unwrap().1, ["counters ids 1", "counters others 2"]);
    }
}
