//! The call that completes an upload, and what decides when it has no answer.

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::flow::record::Entry;
use crate::flow::upload::Upload;
use crate::ops::files::FileDetail;
use crate::retry;

/// How many times the service is asked, at most, what came of the call.
const ROUNDS: u32 = 6;
/// The pause before the first time; it doubles.
const PAUSE: Duration = Duration::from_secs(1);

/// How far the end of an upload is.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// Whether it has to be found out whether it had an effect.
    pub(super) is_in_doubt: bool,
    /// Whether the service says that there is no such upload any more.
    is_gone: bool,
    /// How many times it was in doubt.
    pub(super) rounds: u32,
    /// Why.
    trouble: Option<Error>,
}

impl Ending {
    /// The complete call was about to be sent when the state was stored.
    pub(super) fn begun(&mut self) {
        self.is_in_doubt = true;
        self.rounds = self.rounds.max(1);
    }

    /// It is sent now, and was in doubt so many times.
    pub(super) fn sending(&mut self, rounds: u32) {
        (self.is_in_doubt, self.rounds) = (false, rounds);
    }

    /// Whether the file is looked at, before the call is repeated.
    ///
    /// For a revision that says little, since the revision before may have the same length; so the call is repeated
    /// first. It names the SHA-256, so it can complete no other revision.
    pub(super) fn looks(&self, is_file: bool) -> bool {
        self.is_in_doubt && (is_file || self.is_gone)
    }

    /// How long the service is given before it is asked.
    pub(super) fn pause(&self) -> Duration {
        match self.rounds.checked_sub(1) {
            None => Duration::ZERO,
            Some(doublings) => PAUSE.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)),
        }
    }
}

impl Upload {
    /// The complete call failed.
    pub(super) fn not_completed(&mut self, error: Error) {
        // There is no such upload any more, if an earlier call has completed it.
        let is_gone = self.ending.rounds > 0 && matches!(error.code(), Some("13000401" | "13000403"));
        self.ending.is_gone |= is_gone;
        let is_in_doubt = is_gone || retry::may_have_run(&error) && error.kind() != ErrorKind::Deadline;
        if is_in_doubt { self.doubt(error) } else { self.fail(error) }
    }

    fn doubt(&mut self, error: Error) {
        self.ending.rounds = self.ending.rounds.saturating_add(1);
        if self.ending.rounds > ROUNDS {
            return self.fail(error);
        }
        self.ending.is_in_doubt = true;
        self.ending.trouble = Some(error);
    }

    /// The file says whether the upload was completed.
    pub(super) fn looked(&mut self, detail: &FileDetail) {
        let is_there = detail.size.and_then(|size| u64::try_from(size).ok()) == Some(self.content.length());
        if is_there { self.learn(Entry::Completed) } else { self.complete_again() }
    }

    pub(super) fn not_looked(&mut self, error: Error) {
        if error.is_not_found() || error.code() == Some("13000302") { self.complete_again() } else { self.fail(error) }
    }

    /// It isn't there: once more, if that may help.
    fn complete_again(&mut self) {
        self.ending.is_in_doubt = false;
        if self.ending.rounds >= ROUNDS {
            let error = self.ending.trouble.take();
            self.fail(error.unwrap_or_else(|| Error::unknown("it isn't known whether the upload is complete", None)));
        } else {
            self.ending.is_gone = false;
            self.ending.rounds = self.ending.rounds.saturating_add(1);
        }
    }
}
