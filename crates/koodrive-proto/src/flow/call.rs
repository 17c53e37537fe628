use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::api::{Api, Options};
use crate::error::Error;
use crate::flow::attempts::{ATTEMPT_TIMEOUT, Attempts};
use crate::flow::{Event, Flow, Step, options};
use crate::operation::Operation;
use crate::time::Now;

/// One operation: sent, and retried where that is safe ([`retry`](crate::retry) has the table).
///
/// All options of a single call are set here. The request is built, dated and signed when it is sent, anew for each
/// attempt. If the service refuses a date because this side's clock is wrong, the date is corrected; if it refuses a
/// token that can be renewed, the token is renewed.
///
/// ```
/// use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
/// use koodrive_proto::{Call, Language, RetryPolicy, TraceId};
/// use std::time::Duration;
///
/// let op = GetSpaceUsageOverview::new();
/// let call = Call::new(&op)
///     .trace_id(TraceId::from_bytes([7; 29]))
///     .language(Language::ZH_CN)
///     .deadline(Duration::from_secs(10))
///     .retry(RetryPolicy::default().max_attempts(2));
/// # let _ = call;
/// ```
///
/// If the answer to the first attempt was lost, a second attempt can meet what the first has done: a `DELETE` may then
/// be answered with "not found". [`Error::attempts`] is more than 1 in that case.
///
/// # Cancelling
///
/// A call whose driver was cancelled (the future was dropped) may be driven again, and continues where it was. If an
/// answer was outstanding, it sends the request again, which the retry policy doesn't count. However, a
/// [`Once`](crate::schema::Safety::Once) operation that may have run ends with
/// [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted).
#[derive(Debug)]
#[must_use]
pub struct Call<'a, O> {
    op: &'a O,
    attempts: Attempts,
}

impl<'a, O: Operation> Call<'a, O> {
    /// How long an attempt may take unless [`attempt_timeout`](Self::attempt_timeout) says otherwise: 30 s.
    pub const ATTEMPT_TIMEOUT: Duration = ATTEMPT_TIMEOUT;

    /// Creates a call with the [`Api`]'s settings.
    pub fn new(op: &'a O) -> Self {
        Self { op, attempts: Attempts::new(Options::default()) }
    }

    options!(attempts.options);

    /// Sets how long the whole call may take, with all its attempts and pauses, counted from its first step. There is
    /// no deadline unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.attempts.options.deadline = Some(deadline);
        self
    }

    /// Returns the request of this call, for callers who send it themselves.
    pub fn request(&self, api: &Api, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
        api.build(self.op, &self.attempts.options, &api.stamp(now))
    }
}

impl<O: Operation> Flow for Call<'_, O> {
    type Output = O::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<O::Output, Error>> {
        self.attempts.drive(self.op, api, now, event)
    }
}
