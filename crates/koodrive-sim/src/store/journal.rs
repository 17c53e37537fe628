//! The state on disk: `state.json` with all records, and `journal.jsonl` with what changed since, a line for each call
//! that changes something.
//!
//! A call's line is written in one piece before the call is answered, so a kill at any time leaves either the whole
//! call or nothing of it: a last line without its end is ignored. When the journal has grown, the records are written
//! anew, under another name first. The old journal may be read after that once more; as its lines hold whole records,
//! the result is the same.
//!
//! While nothing can be written, as on a full disk, what changes nothing goes on, and calls that change something are
//! refused. What stands all the same, such as the use of a token, goes into the next line that can be written.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};
use serde_json::Value as Json;

use crate::store::{Change, Store};

const STATE: &str = "state.json";
const NEW: &str = "state.json.new";
const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock";

/// The first line of the records. Its number grows when the records change in such a way that older ones can't be read.
const HEAD: &str = r#"["koodrive-sim",3]"#;

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
    /// What stands although it could not be written: records by their tables and ids.
    owed: BTreeMap<(&'static str, String), Option<Json>>,
    /// Whether the journal can't be added to, since its last line has no end, or it isn't about these records.
    broken: bool,
    /// Holds the lock until it is closed.
    _lock: File,
}

impl Journal {
    /// Whether a directory has records.
    pub(crate) fn is_in(directory: &Path) -> bool {
        directory.join(STATE).exists()
    }

    /// Whether all that stands is on disk.
    pub(crate) fn is_up_to_date(&self) -> bool {
        !self.broken && self.owed.is_empty()
    }

    /// Opens a directory, which is created unless it is there, and reads its records into an empty store.
    pub(crate) fn open(directory: &Path, store: &mut Store) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let lock = private(OpenOptions::new().create(true).truncate(false).write(true), &directory.join(LOCK))?;
        match FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(io::ErrorKind::WouldBlock, "another simulator uses the directory"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let (state, journal) = (directory.join(STATE), directory.join(JOURNAL));
        let known = read(&state, store, true)?;
        let length = read(&journal, store, false)?.unwrap_or(0);
        store.commit();
        let file = private(OpenOptions::new().create(true).append(true), &journal)?;
        // The records come before the first line of a journal, so they can't be missing beside one.
        if known.is_none() && file.metadata()?.len() > 0 {
            return Err(damaged(&state, 1, "it is missing"));
        }
        let (directory, owed) = (directory.to_owned(), BTreeMap::new());
        let mut journal = Self { directory, file, length, state: known.unwrap_or(0), owed, broken: false, _lock: lock };
        let written = journal.rewrite(store);
        if known.is_none() {
            written?;
        } else if written.is_err() {
            // A full disk: everything is there already, so it can be read at least.
            journal.broken = journal.file.set_len(length).is_err();
        }
        Ok(journal)
    }

    /// Writes what changed in the store. If that fails, nothing of it stays on disk.
    pub(crate) fn save(&mut self, store: &Store) -> io::Result<()> {
        let changes = store.changes();
        if changes.is_empty() {
            return Ok(());
        }
        if self.broken {
            return self.rewrite(store);
        }
        let owed = self.owed.iter().map(|((table, id), row)| (*table, id.as_str(), row));
        let changes = owed.chain(changes.iter().map(|(table, id, row)| (*table, id.as_str(), row)));
        let mut line = serde_json::to_vec(&changes.collect::<Vec<_>>())?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            // If not even this can be done, the line still has no end, and a new journal is needed.
            self.broken = self.file.set_len(self.length).is_err();
            return Err(error);
        }
        self.length += line.len() as u64;
        self.owed.clear();
        if self.length > self.state.max(LARGE) {
            // All is in the journal, so this can be tried again later.
            let _ = self.rewrite(store);
        }
        Ok(())
    }

    /// Lets nothing be written, as on a full disk, or all again.
    #[cfg(test)]
    pub(crate) fn fill(&mut self, is_full: bool) {
        let (journal, new) = (self.directory.join(JOURNAL), self.directory.join(NEW));
        let _ = fs::remove_dir(&new);
        self.file = OpenOptions::new().append(true).open(&journal).unwrap();
        if is_full {
            self.file = File::open(&journal).unwrap();
            fs::create_dir(&new).unwrap();
        }
    }

    /// Notes changes that stand although they could not be written.
    pub(crate) fn owe(&mut self, changes: Vec<Change>) {
        self.owed.extend(changes.into_iter().map(|(table, id, row)| ((table, id), row)));
    }

    /// Writes the records of another store, which takes the place of the one before.
    pub(crate) fn replace(&mut self, store: &Store) {
        self.broken = self.rewrite(store).is_err();
    }

    /// Writes all records, and begins a new journal.
    fn rewrite(&mut self, store: &Store) -> io::Result<()> {
        let new = self.directory.join(NEW);
        let mut out = BufWriter::new(private(OpenOptions::new().create(true).truncate(true).write(true), &new)?);
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
        self.owed.clear();
        self.broken = false;
        Ok(())
    }
}

/// Opens a file that nobody else may read: there are tokens in it.
pub(crate) fn private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

        let file = options.mode(0o600).open(path)?;
        // It may be an old one. Where this isn't allowed, the file is somebody else's to protect.
        let _ = file.set_permissions(fs::Permissions::from_mode(0o600));
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

fn damaged(path: &Path, line: usize, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}, line {line}: {what}", path.display()))
}

/// Tells what a first line is that isn't [`HEAD`].
fn wrong_head(line: &[u8]) -> &'static str {
    match serde_json::from_slice::<(String, u64)>(line) {
        Ok((name, _)) if name == "koodrive-sim" => {
            "the records were written by another version of the simulator; remove the directory, or name another one"
        }
        _ => "these are no records of the simulator",
    }
}

/// Reads the lines of a file, and returns their length, unless the file is absent. Only a journal can end in the middle
/// of a line.
fn read(path: &Path, store: &mut Store, is_state: bool) -> io::Result<Option<u64>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let damaged = |number: usize, what: &str| damaged(path, number, what);
    let mut length = 0;
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
        length += line.len() as u64 + 1;
        if is_state && number == 1 {
            if line != HEAD.as_bytes() {
                return Err(damaged(number, wrong_head(line)));
            }
            continue;
        }
        let changes: Vec<(String, String, Option<Json>)> =
            serde_json::from_slice(line).map_err(|error| damaged(number, &error.to_string()))?;
        for (table, id, row) in changes {
            store.load(&table, &id, row).map_err(|error| damaged(number, &error))?;
        }
    }
    Ok(Some(length))
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
            fs::write(directory.0.join(STATE), format!("{HEAD}\n")).unwrap();
            fs::write(directory.journal(), kept).unwrap();
            assert_eq!(directory.open().unwrap().1, states[lines], "{end}");
            assert_eq!(fs::metadata(directory.journal()).unwrap().len(), 0);
            // The records were written, but the old journal is still there.
            fs::write(directory.journal(), kept).unwrap();
            assert_eq!(directory.open().unwrap().1, states[lines], "{end}, again");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_the_files() {
        use std::os::unix::fs::PermissionsExt;

        let directory = Directory::new("private");
        drop(directory.open().unwrap());
        // As an older version, or another umask, may have left them.
        fs::set_permissions(directory.journal(), fs::Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(directory.0.join(STATE), fs::Permissions::from_mode(0o644)).unwrap();
        drop(directory.open().unwrap());
        for file in fs::read_dir(&directory.0).unwrap().map(Result::unwrap) {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
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
        // Nothing is read of what follows the head of another version.
        for version in [2, 4] {
            let refused = refused(STATE, &format!("[\"koodrive-sim\",{version}]\n[[\"pets\",\"1\",{{}}]]\n"));
            let wanted = "state.json, line 1: the records were written by another version of the simulator; \
                          remove the directory, or name another one";
            assert!(refused.ends_with(wanted), "{refused}");
        }
        assert!(refused(STATE, "[\"others\",2]\n").ends_with("line 1: these are no records of the simulator"));
        assert!(refused(STATE, &format!("{HEAD}\n[[\"users\"")).ends_with("line 2: the end is missing"));
        // Without the records, the journal alone would be fragments.
        fs::write(directory.journal(), "[[\"counters\",\"ids\",7]]\n").unwrap();
        fs::remove_file(directory.0.join(STATE)).unwrap();
        assert!(directory.open().unwrap_err().to_string().ends_with("state.json, line 1: it is missing"));
        assert!(!directory.0.join(STATE).exists());
        fs::write(directory.journal(), "").unwrap();
        directory.open().unwrap();
    }

    #[test]
    fn what_could_not_be_written_comes_later() {
        let directory = Directory::new("owed");
        let (mut journal, _) = directory.open().unwrap();
        let mut store = Store::default();
        let set = |store: &mut Store, journal: &mut Journal, id: &str, value: u64| {
            store.counters.insert(id, value);
            let saved = journal.save(store);
            if saved.is_err() {
                journal.owe(store.changes());
            }
            store.commit();
            saved.is_ok()
        };
        journal.fill(true);
        assert!(!set(&mut store, &mut journal, "ids", 1));
        assert!(!set(&mut store, &mut journal, "others", 2));
        journal.save(&store).unwrap();
        assert!(journal.broken, "a line may have been begun");
        journal.fill(false);
        fs::create_dir(directory.0.join(NEW)).unwrap();
        journal.broken = false;
        assert!(set(&mut store, &mut journal, "ids", 3));
        let line = "[[\"counters\",\"ids\",1],[\"counters\",\"others\",2],[\"counters\",\"ids\",3]]\n";
        assert_eq!(fs::read_to_string(directory.journal()).unwrap(), line);
        assert!(set(&mut store, &mut journal, "more", 4));
        drop(journal);

        // The records can be read and added to while they can't be written anew.
        fs::write(directory.journal(), fs::read_to_string(directory.journal()).unwrap() + "[[\"half").unwrap();
        let (mut journal, records) = directory.open().unwrap();
        assert_eq!(records, ["counters ids 3", "counters more 4", "counters others 2"]);
        assert!(set(&mut store, &mut journal, "more", 5));
        fs::remove_dir(directory.0.join(NEW)).unwrap();
        // Other records take the place of all.
        let mut other = Store::default();
        other.counters.insert("ids", 9);
        other.commit();
        drop(journal);
        let (mut journal, records) = directory.open().unwrap();
        assert_eq!(records, ["counters ids 3", "counters more 5", "counters others 2"]);
        journal.replace(&other);
        drop(journal);
        assert_eq!(directory.open().unwrap().1, ["counters ids 9"]);
    }
}
