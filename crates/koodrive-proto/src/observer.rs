use std::time::Duration;

use http::StatusCode;

use crate::error::{Cause, Reached};
use crate::retry::RetryRule;
use crate::schema::Target;
use crate::wire::Notes;

/// An observer, which is told of every attempt of every call, for logs, metrics and traces. See
/// [`Api::observer`](crate::Api::observer).
///
/// The flows tell it, whichever transport drives them. It gets no secret: no header, no query, no body. It should be
/// quick, since the flow waits for it. If a flow is dropped while an answer is outstanding, the observer hears no more
/// of that attempt.
///
/// ```
/// use koodrive_proto::flow::{Attempt, Observer, Outcome};
/// use std::time::Duration;
///
/// struct Log;
///
/// impl Observer for Log {
///     fn ended(&self, attempt: &Attempt, outcome: &Outcome, took: Duration) {
///         println!("{} #{}: {outcome:?} after {} ms", attempt.target, attempt.number, took.as_millis());
///     }
/// }
///
/// # let credentials = koodrive_proto::Credentials::anonymous();
/// let api = koodrive_proto::Api::new("https://drive.example", credentials)?.observer(Log);
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
pub trait Observer: Send + Sync {
    /// Called when an attempt is about to be sent.
    fn sending(&self, attempt: &Attempt) {
        let _ = attempt;
    }

    /// Called when an attempt has ended; `took` is how long it lasted.
    fn ended(&self, attempt: &Attempt, outcome: &Outcome, took: Duration) {
        let _ = (attempt, outcome, took);
    }

    /// Called when an answer was read, but some of it wasn't as documented and was left out.
    ///
    /// This is worth reporting as an issue, since the manuals don't say everything.
    fn noted(&self, attempt: &Attempt, notes: &Notes) {
        let _ = (attempt, notes);
    }

    /// Called when a call is going to be sent again after a pause.
    fn repeating(&self, attempt: &Attempt, reason: &Reason, pause: Duration) {
        let _ = (attempt, reason, pause);
    }
}

/// Logs what in an answer wasn't as documented: each path of each operation once, with `[]` for all entries of a list.
#[cfg(feature = "tracing")]
pub(crate) fn log(target: Target, notes: &Notes) {
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};

    /// A limit, for answers that always have new paths.
    const LIMIT: usize = 1000;
    static LOGGED: Mutex<BTreeSet<(&str, String)>> = Mutex::new(BTreeSet::new());

    let mut news = Vec::new();
    {
        // The lock isn't held while the log is written, since a subscriber may make calls itself.
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        for note in notes.paths() {
            if logged.len() >= LIMIT {
                break;
            }
            let entry = (target.name(), without_indexes(note));
            if logged.insert(entry.clone()) {
                news.push(entry);
            }
        }
    }
    for (name, path) in news {
        tracing::warn!(koodrive.operation = name, "an answer is not as documented: {path}");
    }
}

/// Removes the indexes: `files[7].size` becomes `files[].size`.
#[cfg(feature = "tracing")]
fn without_indexes(path: &str) -> String {
    let mut index = false;
    let kept = |char: &char| {
        index &= char.is_ascii_digit();
        let kept = !index;
        index |= *char == '[';
        kept
    };
    path.chars().filter(kept).collect()
}

/// One of the requests of a call.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attempt {
    /// Where the request goes: to KooDrive, with an operation, or elsewhere.
    pub target: Target,
    /// The number of the attempt; 1 for the first.
    pub number: u32,
}

impl Attempt {
    pub(crate) fn new(target: Target, number: u32) -> Self {
        Self { target, number }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// There was an answer, which may be a refusal.
    Answered(StatusCode),
    /// There was no answer.
    Failed(Reached, Cause),
    /// The driver was cancelled before there was an answer.
    Cancelled,
}

/// Why a call is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A row of [the table](crate::retry::RULES) applies.
    Rule(&'static RetryRule),
    /// The service refused the date, and this side's clock was wrong.
    Clock,
    /// The service refused the token, and there is a new one or a way to get one.
    Token,
    /// The link to the object store was refused, and a new one can be had.
    Link,
    /// The driver was cancelled, and came back.
    Resumed,
}
