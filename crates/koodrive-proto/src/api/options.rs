use std::fmt;
use std::time::Duration;

use http::HeaderMap;

use crate::param::{Language, TraceId};
use crate::retry::RetryPolicy;

/// The options of one call.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) language: Option<Language>,
    pub(crate) trace_id: Option<TraceId>,
    pub(crate) headers: HeaderMap,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) answer_limit: Option<u64>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

impl fmt::Debug for Options {
    /// Shows only the names of headers, since their values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Options")
            .field("language", &self.language)
            .field("trace_id", &self.trace_id)
            .field("headers", &names)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("answer_limit", &self.answer_limit)
            .field("deadline", &self.deadline)
            .field("retry", &self.retry)
            .finish()
    }
}
