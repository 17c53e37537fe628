use std::collections::VecDeque;
use std::fmt;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use koodrive_proto::http::{Method, StatusCode, request};
use koodrive_proto::ops;
use koodrive_proto::schema::Place;
use koodrive_proto::wire::XDate;
use percent_encoding::percent_decode_str;

use crate::Fault;

/// A request that the simulator received.
///
/// `Display` shows it in one line: when it came and what it was, the status, why it was refused, and why the job failed
/// that it asked for. It shows neither the query nor what is secret in the path; `Debug` shows no secret either.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When it was received, by the simulator's clock.
    pub at: DateTime<Utc>,
    /// The operation, or that of the object store: `PutPart`, `GetObject` or `HeadObject`; `None` if the address is not
    /// known.
    pub operation: Option<&'static str>,
    /// The method; `-` if the head wasn't understood.
    pub method: Method,
    /// The path, without the query; `-` if the head wasn't understood.
    pub path: String,
    /// The caller, once authenticated.
    pub user_id: Option<String>,
    /// The request's X-Traceid.
    pub trace_id: Option<String>,
    /// The status of the answer, even if a fault held it back or replaced it; 444 if there was no answer to hold back.
    pub status: StatusCode,
    /// Why the request was refused; `None` if it was executed.
    pub refused: Option<String>,
    /// Why the job or task of a share failed that was asked for, wholly or in part; its answer has only a code.
    pub failure: Option<String>,
    /// Whether the answer was the manual's example, since the simulator keeps no state for this operation.
    pub documented: bool,
    /// The texts that a signature that was refused should have been made of, in several lines; after
    /// [`Simulator::explain`](crate::Simulator::explain) also what is wrong.
    pub explained: Option<String>,
    /// The fault that affected the request.
    pub fault: Option<Fault>,
}

impl Entry {
    pub(crate) fn new(at: DateTime<Utc>, parts: &request::Parts) -> Self {
        let trace_id = parts.headers.get("x-traceid").map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
        Self {
            at,
            operation: None,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            user_id: None,
            trace_id,
            status: StatusCode::OK,
            refused: None,
            failure: None,
            documented: false,
            explained: None,
            fault: None,
        }
    }

    /// The bytes of its texts.
    fn size(&self) -> usize {
        let texts = [&self.user_id, &self.trace_id, &self.refused, &self.failure, &self.explained];
        self.path.len() + texts.into_iter().flatten().map(String::len).sum::<usize>()
    }

    /// Returns the path without what is secret in it: the names of secret parameters stand for their values. All is
    /// left out that follows a name behind which any operation has a secret, or something like it, if it isn't where
    /// the operation's own address has it.
    pub fn shown_path(&self) -> String {
        let meta = ops::ALL.iter().find(|meta| Some(meta.name) == self.operation);
        let template = meta.map_or("", |meta| meta.path).split('/').chain(std::iter::repeat(""));
        let mut hidden = false;
        let segments = self.path.split('/').zip(template).map(|(given, expected)| {
            let name = percent_decode_str(given).decode_utf8_lossy().to_ascii_lowercase();
            let is_before = |secret: &PathSecret| name == secret.behind || name == secret.folder;
            let is_name = SECRETS.iter().any(is_before);
            let is_like = SECRETS.iter().any(|secret| name.contains(secret.folder));
            // What the operation's own address has is no slip.
            let is_free = meta.is_none() || expected.starts_with('{');
            let is_hidden = is_free && !is_name && (hidden || is_like);
            hidden |= is_free && (is_name || is_like);
            if SECRETS.iter().any(|secret| secret.parameter == expected) {
                expected.to_owned()
            } else if is_hidden {
                "{...}".to_owned()
            } else {
                given.escape_debug().to_string()
            }
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

/// A secret in a path: `{name}`, and the two segments before it.
struct PathSecret {
    parameter: String,
    folder: &'static str,
    behind: &'static str,
}

static SECRETS: LazyLock<Vec<PathSecret>> = LazyLock::new(|| {
    let secrets = ops::ALL.iter().flat_map(|meta| {
        let fields = meta.params.iter().filter(|field| field.place == Place::Path && field.kind.is_secret());
        fields.filter_map(|field| {
            let parameter = format!("{{{}}}", field.name);
            let mut before = meta.path.split_once(&*parameter)?.0.trim_end_matches('/').rsplit('/');
            let (behind, folder) = (before.next()?, before.next()?);
            Some(PathSecret { parameter, folder, behind })
        })
    });
    secrets.collect()
});

/// Shows the path as [`Entry::shown_path`] does.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("at", &self.at)
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.shown_path())
            .field("user_id", &self.user_id)
            .field("trace_id", &self.trace_id)
            .field("fault", &self.fault)
            .field("refused", &self.refused)
            .field("failure", &self.failure)
            .field("explained", &self.explained)
            .field("documented", &self.documented)
            .field("status", &self.status)
            .finish()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, operation, method, status, .. } = self;
        if let Ok(at) = XDate::new(*at) {
            write!(f, "{at} ")?;
        }
        write!(f, "{method} {} {} {}", self.shown_path(), operation.unwrap_or("-"), status.as_u16())?;
        if let Some(user_id) = &self.user_id {
            write!(f, ", user {user_id}")?;
        }
        if let Some(fault) = self.fault {
            write!(f, ", fault {fault}")?;
        }
        if let Some(refused) = &self.refused {
            write!(f, ", refused: {refused}")?;
        }
        if let Some(failure) = &self.failure {
            write!(f, ", the job failed: {failure}")?;
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: VecDeque<Entry>,
    /// The bytes of their texts.
    size: usize,
    count: u64,
}

impl Ledger {
    /// Enough for long tests, but bounded for a simulator that runs for weeks.
    const CAPACITY: usize = 100_000;

    /// How many bytes all their texts may have; a request alone has far fewer.
    const TEXTS: usize = 64 << 20;

    pub(crate) fn push(&mut self, entry: Entry) {
        self.size += entry.size();
        self.entries.push_back(entry);
        self.count += 1;
        while self.entries.len() > Self::CAPACITY || self.size > Self::TEXTS {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.size -= oldest.size();
        }
    }

    /// Forgets the requests, but goes on counting them.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.size = 0;
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }

    /// The number of the request that is being answered.
    pub(crate) fn next_number(&self) -> u64 {
        self.count + 1
    }
}

#[cfg(test)]
mod tests {
    use koodrive_proto::bytes::Bytes;
    use koodrive_proto::http::Request;

    use super::*;

    #[test]
    fn large_requests_push_out_more_of_the_oldest() {
        let request = Request::get("/".repeat(60_000)).body(Bytes::new()).unwrap();
        let (parts, _) = request.into_parts();
        let mut ledger = Ledger::default();
        for _ in 0..2000 {
            ledger.push(Entry::new(DateTime::default(), &parts));
        }
        assert_eq!((ledger.entries.len(), ledger.next_number()), (Ledger::TEXTS / 60_000, 2001));
        ledger.clear();
        ledger.push(Entry::new(DateTime::default(), &parts));
        assert_eq!((ledger.entries.len(), ledger.size), (1, 60_000));
    }
}
