//! What came of the transfer of a folder.

use std::fmt;

use koodrive_proto::Error;

use crate::tree::remote::{is_taken, split};

/// Something to tell about a file or folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Notice {
    /// Where it is in the folder that is moved, with `/` between names.
    pub path: String,
    /// What there is to tell.
    pub why: String,
}

impl Notice {
    /// Creates one.
    pub fn new(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { path: path.into(), why: why.into() }
    }

    /// Tells that an entry has another name in the drive than here.
    pub(super) fn renamed(path: &str, name: &str) -> Self {
        Self::new(path, format!("its name in the drive is {name:?}"))
    }
}

impl fmt::Display for Notice {
    /// The path is quoted, and characters that aren't seen are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.path, self.why)
    }
}

/// Notices as an error. [`Error::get_ref`] has it where a folder can't be moved for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notices(pub Vec<Notice>);

impl Notices {
    /// Creates the error that so many entries have a problem; `what` is which.
    pub(crate) fn into_error(self, what: &str) -> Error {
        let (count, plural) = (self.0.len(), if self.0.len() == 1 { "entry" } else { "entries" });
        Error::local_io(&format!("{count} {plural} {what}"), self)
    }
}

impl fmt::Display for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(at, notice)| {
            if at > 0 {
                f.write_str("; ")?;
            }
            notice.fmt(f)
        })
    }
}

impl std::error::Error for Notices {}

/// What came of the transfer of a folder, file by file where there is something to tell.
///
/// It displays as lines for a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "files may have failed"]
#[non_exhaustive]
pub struct FolderReport {
    /// How many folders were made, or were there already.
    pub folders: u64,
    /// How many files were moved, now and in the runs before that this one went on from.
    pub files: u64,
    /// How many bytes these files have.
    pub bytes: u64,
    /// How many of these files were finished before, and weren't moved again.
    pub unchanged: u64,
    /// What isn't moved by the rule: links, special files.
    pub skipped: Vec<Notice>,
    /// What got another name.
    pub renamed: Vec<Notice>,
    /// What wasn't moved, since something else is in its place.
    pub conflicts: Vec<Notice>,
    /// What couldn't be moved.
    pub failed: Vec<Notice>,
}

impl FolderReport {
    /// Counts a file that was moved, or one that was `unchanged` since an earlier run.
    pub fn moved(&mut self, bytes: u64, unchanged: bool) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.unchanged += u64::from(unchanged);
    }

    /// Takes down why a file wasn't moved: a name that is taken is a conflict.
    pub fn not_moved(&mut self, path: impl Into<String>, error: &Error) {
        let list = if is_taken(error) { &mut self.conflicts } else { &mut self.failed };
        list.push(Notice::new(path, error.to_string()));
    }

    /// Takes down that a file has another name in the drive, if it has.
    pub fn named(&mut self, path: &str, name: &str) {
        if split(path).1 != name {
            self.renamed.push(Notice::renamed(path, name));
        }
    }

    /// Whether all was moved that is to be moved by the rule.
    pub fn is_complete(&self) -> bool {
        self.conflicts.is_empty() && self.failed.is_empty()
    }

    /// Returns an error, with all of its [`Notices`], if something wasn't moved.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_complete() {
            return Ok(());
        }
        let missing = [&self.failed[..], &self.conflicts[..]].concat();
        Err(Notices(missing).into_error("of the folder could not be moved"))
    }
}

impl fmt::Display for FolderReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let Self { folders, files, bytes, unchanged, .. } = self;
        write!(
            f,
            "{files} file{} in {folders} folder{}, {bytes} byte{}",
            plural(*files),
            plural(*folders),
            plural(*bytes)
        )?;
        if *unchanged > 0 {
            write!(f, "; {unchanged} of the files had been moved before")?;
        }
        let lists = [
            ("skipped", &self.skipped),
            ("renamed", &self.renamed),
            ("in the way of others", &self.conflicts),
            ("failed", &self.failed),
        ];
        for (what, notices) in lists.into_iter().filter(|(_, notices)| !notices.is_empty()) {
            write!(f, "\n{what} ({}):", notices.len())?;
            for notice in notices {
                write!(f, "\n  {notice}")?;
            }
        }
        Ok(())
    }
}
