use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use koodrive_proto::http::{Method, StatusCode, request};

use crate::Fault;

/// A request that the simulator received.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When it was received, by the simulator's clock.
    pub at: DateTime<Utc>,
    /// The operation; `None` if the address is not known.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: Method,
    /// The path, without the query.
    pub path: String,
    /// The caller, once authenticated.
    pub user_id: Option<String>,
    /// The request's X-Traceid.
    pub trace_id: Option<String>,
    /// The status of the answer, even if a fault held it back or replaced it; 444 if there was no answer to hold back.
    pub status: StatusCode,
    /// Why the request was refused; `None` if it was executed.
    pub refused: Option<String>,
    /// Whether the answer was the manual's example, since the simulator keeps no state for this operation.
    pub documented: bool,
    /// What is wrong with a signature that was refused, with the texts that were expected; only after
    /// [`Simulator::explain`](crate::Simulator::explain).
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
            documented: false,
            explained: None,
            fault: None,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: VecDeque<Entry>,
    count: u64,
}

impl Ledger {
    /// Enough for long tests, but bounded for a simulator that runs for weeks.
    const CAPACITY: usize = 100_000;

    pub(crate) fn push(&mut self, entry: Entry) {
        if self.entries.len() == Self::CAPACITY {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.count += 1;
    }

    /// Forgets the requests, but goes on counting them.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }

    /// The number of the request that is being answered.
    pub(crate) fn next_number(&self) -> u64 {
        self.count + 1
    }
}
