use std::fmt;

use crate::transport::Lack;

/// What the checks of a transport have found.
///
/// It prints as a text that says, for each check that has failed, what the server did, what a transport has to do then,
/// and what this one did.
#[derive(Debug)]
#[must_use]
pub struct Report {
    results: Vec<Checked>,
    /// The checks that were asked for, and don't exist.
    unknown: Vec<String>,
    /// The checks that exist.
    known: Vec<&'static str>,
}

/// What one check has found.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) name: &'static str,
    pub(super) server: &'static str,
    pub(super) owes: &'static str,
    pub(super) finding: Finding,
}

#[derive(Debug)]
pub(super) enum Finding {
    Passed,
    /// It may be so, but could be better.
    Noted(String),
    /// The machine can't do it.
    Skipped(String),
    /// The transport has declared it.
    Lacks(Lack, String),
    /// The transport has declared a lack that the check didn't find.
    NotLacking(Lack),
    Failed(String),
}

impl Report {
    /// With the checks that were asked for in vain, and those that there are.
    pub(super) fn new(results: Vec<Checked>, unknown: Vec<String>, known: Vec<&'static str>) -> Self {
        Self { results, unknown, known }
    }

    /// Returns whether no check has failed, and there were all that were asked for.
    pub fn is_ok(&self) -> bool {
        self.unknown.is_empty() && self.failures().is_empty()
    }

    /// Returns the names of the checks that have failed.
    pub fn failures(&self) -> Vec<&'static str> {
        let failed = self.results.iter().filter(|checked| matches!(checked.finding, Finding::Failed(_)));
        failed.map(|checked| checked.name).collect()
    }

    /// Panics with the whole report unless it [is ok](Self::is_ok).
    ///
    /// # Panics
    /// Panics if a check has failed, or doesn't exist.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.unknown.is_empty() || !self.failures().is_empty(), "{self}");
        assert!(self.is_ok(), "the transport doesn't keep the contract\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Checked { name, server, owes, finding } in &self.results {
            match finding {
                Finding::Passed => writeln!(f, "ok      {name}")?,
                Finding::Noted(what) => writeln!(f, "ok      {name}, though this one {what}")?,
                Finding::Skipped(why) => writeln!(f, "skipped {name}: {why}")?,
                Finding::Lacks(lack, what) => writeln!(f, "lacks   {name}, as declared by Lack::{lack:?}: {what}")?,
                Finding::NotLacking(lack) => writeln!(f, "ok      {name}, which Lack::{lack:?} needn't excuse")?,
                Finding::Failed(what) => {
                    writeln!(f, "FAILED  {name}")?;
                    writeln!(f, "        the server {server}")?;
                    writeln!(f, "        a transport {owes}")?;
                    writeln!(f, "        this one {what}")?;
                }
            }
        }
        if !self.unknown.is_empty() {
            let unknown: Vec<String> = self.unknown.iter().map(|name| format!("`{name}`")).collect();
            writeln!(f, "no check is named {}; there are {}", unknown.join(", "), self.known.join(", "))?;
        }
        let failed = self.failures().len();
        write!(f, "{failed} of {} checks failed", self.results.len())
    }
}
