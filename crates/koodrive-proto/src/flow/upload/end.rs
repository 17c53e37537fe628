//! The call that completes an upload, and what decides when it has no answer.

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::flow::record::Entry;
use crate::flow::upload::{NewContent, Upload};
use crate::ops::files::FileDetail;
use crate::retry;

/// How many times the service is asked, at most, what came of the call.
const ROUNDS: u32 = 6;
/// The pause before the first time; it doubles.
const PAUSE: Duration = Duration::from_secs(1);

/// What to do if the file doesn't tell whether the upload is complete.
const IN_DOUBT: &str = "it isn't known whether the upload was completed: all parts are there, so look at the file or its \
                        revisions, or resume";

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

    /// It was refused, and had no effect.
    pub(super) fn refused(&mut self) {
        *self = Self::default();
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
        if error.kind() == ErrorKind::Deadline {
            self.fail(error);
        } else if is_gone || retry::may_have_run(&error) {
            self.doubt(error);
        } else {
            self.learn(Entry::NotCompleted);
            self.fail(error);
        }
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
        let length = self.content.length();
        let size = detail.size.and_then(|size| u64::try_from(size).ok());
        let is_there = match (size, &self.content) {
            (None, NewContent::File(_)) if length == 0 => Some(true),
            (Some(size), _) if size != length => Some(false),
            (Some(_), NewContent::File(_)) => Some(true),
            // The revision before may have the same length.
            (Some(_), NewContent::Revision(_)) => {
                let before = self.settings.edited.as_ref();
                before.zip(detail.edited_time.as_ref()).map(|(before, now)| before != now)
            }
            (None, _) => None,
        };
        match is_there {
            Some(true) => self.learn(Entry::Completed),
            Some(false) => self.complete_again(),
            None => {
                let trouble = self.ending.trouble.take();
                self.fail(Error::unknown(IN_DOUBT, trouble));
            }
        }
    }

    pub(super) fn not_looked(&mut self, error: Error) {
        if error.is_not_found() || error.code() == Some("13000302") {
            self.complete_again();
        } else if error.kind() == ErrorKind::Deadline {
            self.fail(error);
        } else {
            self.fail(Error::unknown(IN_DOUBT, Some(error)));
        }
    }

    /// It isn't there: once more, if that may help.
    fn complete_again(&mut self) {
        self.ending.is_in_doubt = false;
        if self.ending.rounds >= ROUNDS {
            let error = self.ending.trouble.take();
            self.fail(error.unwrap_or_else(|| Error::unknown(IN_DOUBT, None)));
        } else {
            self.ending.is_gone = false;
            self.ending.rounds = self.ending.rounds.saturating_add(1);
        }
    }
}
