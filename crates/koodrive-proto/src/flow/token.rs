//! Gets the credentials for the next attempt, and renews tokens: with the service's own call, or with the caller's
//! request.
//!
//! One flow renews the token for all: the leader, which holds the lease. The others are followers and check every 20 ms
//! whether there is a new token. A leader that is dropped gives the lease back. One that nobody drives any more loses
//! it when its step should be over, and the next follower becomes the leader.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method, StatusCode};

use crate::api::{Api, Claim, Lease, Options, Stamp, Waited};
use crate::auth::{AccessToken, Credentials, Prepared, Refresh, Renew, Way};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::flow::attempts::{ATTEMPT_TIMEOUT, Attempts, Next, Round, State, Work};
use crate::flow::{Event, Step};
use crate::ops::accounts::RefreshToken;
use crate::ops::sessions::RefreshSession;
use crate::schema::{Safety, Target};
use crate::time::Now;
use crate::wire::Notes;

/// The server that issues the caller's own tokens.
const TOKEN_SERVER: Target = Target::Elsewhere("token server");

/// How soon a follower checks again whether there is a new token.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long a leader may be late before others take over.
const GRACE: Duration = Duration::from_secs(1);
/// How long followers wait for a leader's next step, at most.
const LONGEST_STEP: Duration = Duration::from_secs(120);
/// How long an early renewal may hold up the call that does it, while the token still works.
const EARLY: Duration = Duration::from_secs(10);

/// The state of the flow that renews the token for all.
#[derive(Debug)]
pub(super) struct Leading {
    lease: Lease,
    renewal: Renewal,
}

impl Round<'_> {
    /// Sends the request once there are credentials, for which it may have waited.
    pub(super) fn take_credentials_and_send(&mut self, waited: Option<&Waited>) -> Next {
        if self.left() == Some(Duration::ZERO) {
            return Step::Done(Error::deadline());
        }
        if let Some(credentials) = &self.flow.renewing {
            let credentials = Arc::clone(credentials);
            return self.send(&credentials, None, false);
        }
        if !self.takes_credentials() {
            return self.send(&self.api.holder().current().credentials, None, false);
        }
        let claim = self.api.holder().claim(self.now.elapsed, waited, self.flow.refused_with.as_ref());
        if let (None, Claim::Follow(_) | Claim::Lead(_)) = (waited, &claim) {
            // A request that can't be built needs no token.
            let stamp = self.api.stamp(self.now.utc);
            if let Err(error) = (self.build)(&self.flow.options, &stamp) {
                return Step::Done(error);
            }
        }
        match claim {
            Claim::Use { grant, in_doubt } => {
                let credentials = Arc::clone(&grant.credentials);
                self.send(&credentials, Some(grant), in_doubt)
            }
            Claim::Follow(grant) => {
                let waits = waited.filter(|waited| Arc::ptr_eq(&waited.grant, &grant));
                let since = waits.map_or(self.now.elapsed, |waited| waited.since);
                self.flow.state = State::Following(Waited { grant, since });
                Step::Wait(self.left().map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN)))
            }
            Claim::Failed(problem) => Step::Done(Error::not_renewed(problem)),
            Claim::Lead(lease) => {
                // The renewal is for all flows: of this call's options, only the time that is left counts.
                let left = self.left();
                let deadline = if lease.early {
                    // What comes of it, the call still has to be sent.
                    Some(left.map_or(EARLY, |left| EARLY.min(left.checked_div(2).unwrap_or_default())))
                } else {
                    left
                };
                let timeout = self.flow.options.attempt_timeout.map(|timeout| timeout.max(ATTEMPT_TIMEOUT));
                let options = Options { deadline, attempt_timeout: timeout, ..Options::default() };
                match Renewal::new(&lease.grant.credentials, options) {
                    Some(renewal) => self.lead_renewal(Box::new(Leading { lease, renewal }), Event::Start),
                    None => Step::Done(Error::misuse("these credentials can't be renewed")),
                }
            }
        }
    }

    /// Takes the renewal one step further.
    pub(super) fn lead_renewal(&mut self, mut leading: Box<Leading>, event: Event) -> Next {
        let holder = self.api.holder();
        if matches!(event, Event::Start | Event::Elapsed) && !holder.holds(&leading.lease) {
            // The flow is late, or back from being cancelled, and another one has taken over.
            return self.take_credentials_and_send(None);
        }
        let came_back = matches!(event, Event::Start) && leading.renewal.is_outstanding();
        let step = leading.renewal.resume(self.api, self.now, event);
        let busy_for = match &step {
            Step::Send(outgoing) => outgoing.timeout,
            Step::Wait(time) => *time,
            Step::Done(_) => Duration::ZERO,
        };
        let until = self.now.elapsed.saturating_add(busy_for.min(LONGEST_STEP)).saturating_add(GRACE);
        holder.extend(&leading.lease, until);
        let result = match step {
            Step::Send(outgoing) => {
                self.flow.state = State::Leading(leading);
                return Step::Send(outgoing);
            }
            Step::Wait(time) => {
                self.flow.state = State::Leading(leading);
                return Step::Wait(time);
            }
            Step::Done(result) => result,
        };
        let renewed = result.and_then(|credentials| Ok((Prepared::new(credentials.clone())?, credentials)));
        let error = match renewed {
            Ok((prepared, credentials)) => {
                if holder.renewed(&leading.lease, prepared) {
                    leading.renewal.tell(&credentials);
                }
                return self.take_credentials_and_send(None);
            }
            Err(error) => error,
        };
        if came_back && error.kind() == ErrorKind::Interrupted {
            // Only this renewal was cancelled, and the call didn't run: it goes on, or waits for another flow's.
            drop(leading);
            return self.take_credentials_and_send(None);
        }
        let works = leading.lease.early && error.kind() != ErrorKind::Misuse && self.left() != Some(Duration::ZERO);
        if error.is_own() && !works {
            // Only this call's time is over: another flow may lead.
            return Step::Done(Error::while_renewing(error));
        }
        let error = Arc::new(error);
        if holder.not_renewed(&leading.lease, &error, self.now.elapsed) || self.flow.refused_with.is_none() {
            self.take_credentials_and_send(None)
        } else {
            Step::Done(Error::not_renewed(error))
        }
    }
}

pub(crate) struct Renewal {
    old: Arc<Prepared>,
    refresh: Refresh,
    how: How,
    attempts: Attempts,
}

enum How {
    Session(RefreshSession),
    Token(RefreshToken),
    Own(Arc<dyn Renew>, AccessToken),
}

impl Renewal {
    /// Returns `None` for credentials that can't be renewed.
    pub(crate) fn new(old: &Arc<Prepared>, options: Options) -> Option<Self> {
        let (token, refresh) = old.renewable()?;
        let how = match &refresh.way {
            Way::Session(id) => How::Session(RefreshSession::new(id.clone())),
            Way::Token(refresh_token) => How::Token(RefreshToken::new(refresh_token.clone())),
            Way::Own(renew) => How::Own(Arc::clone(renew), token.clone()),
        };
        let refresh = refresh.clone();
        Some(Self { old: Arc::clone(old), refresh, how, attempts: Attempts::renewing(options, Arc::clone(old)) })
    }

    pub(crate) fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Credentials, Error>> {
        let Self { old, refresh, how, attempts } = self;
        let missing = |what: &str| Error::decode(&format!("the answer has no {what}"));
        match how {
            How::Session(op) => attempts.drive(op, api, now, event).map(|answer| {
                let token = answer?.access_token.ok_or_else(|| missing("accessToken"))?;
                let token = AccessToken::as_issued(token.as_str());
                old.with_token(token, Some(refresh.clone())).ok_or_else(|| missing("user"))
            }),
            How::Token(op) => attempts.drive(op, api, now, event).map(|answer| {
                let answer = answer?.session();
                let token = answer.access_token.ok_or_else(|| missing("accessToken"))?;
                let mut token = AccessToken::as_issued(token.as_str());
                if let Some(life) =
                    answer.expires_in.and_then(|seconds| u64::try_from(seconds).ok()).filter(|life| *life > 0)
                {
                    token = token.valid_for(Duration::from_secs(life));
                }
                // A refresh token that couldn't be read is never sent back.
                let next = answer.refresh_token.filter(|next| !next.as_str().contains(char::REPLACEMENT_CHARACTER));
                let next = next.map_or_else(|| refresh.clone(), |next| refresh.with(Way::Token(next)));
                old.with_token(token, Some(next)).ok_or_else(|| missing("user"))
            }),
            How::Own(renew, token) => {
                let server_time = api.server_time(now.utc);
                let build = |_: &Options, _: &Stamp| renew.request(token, server_time).and_then(complete);
                let parse = |response: &http::Response<Bytes>, _: &mut Notes| {
                    let (status, headers) = (response.status(), response.headers());
                    renew.parse(response, server_time).map_err(|error| match status {
                        StatusCode::TOO_MANY_REQUESTS => {
                            Error::api(status, None, None).with_response(status, headers, response.body())
                        }
                        _ => error,
                    })
                };
                attempts.resume(
                    &Work { target: TOKEN_SERVER, safety: Safety::Once, build: &build, parse: &parse },
                    api,
                    now,
                    event,
                )
            }
        }
    }

    /// Whether the answer is outstanding.
    fn is_outstanding(&self) -> bool {
        matches!(self.attempts.state, State::Outstanding(_))
    }

    /// Passes new credentials to the function of `Refresh::on_renewal`.
    pub(crate) fn tell(&self, credentials: &Credentials) {
        self.refresh.tell(credentials);
    }
}

/// Adds the headers that every transport would otherwise add in its own way.
fn complete(mut request: http::Request<Bytes>) -> Result<http::Request<Bytes>, Error> {
    let endpoint = Endpoint::of(request.uri());
    let host = endpoint.map_err(|_| Error::build("the request that renews the token needs an absolute address"))?;
    let length = request.body().len();
    let has_body = length > 0 || matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
    let headers = request.headers_mut();
    headers.entry(HOST).or_insert_with(|| host.host_header());
    if has_body {
        headers.entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
    }
    Ok(request)
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").field("attempts", &self.attempts).finish_non_exhaustive()
    }
}
