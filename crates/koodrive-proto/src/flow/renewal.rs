//! The renewal of a token: the service's own call, or the caller's request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method, StatusCode};

use crate::api::{Api, Options, Stamp};
use crate::auth::{AccessToken, Credentials, Prepared, Refresh, Renew, Way};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::flow::attempts::{Attempts, Work};
use crate::flow::{Event, Now, Step};
use crate::operation::{Auth, Meta, Safety};
use crate::ops::accounts::RefreshToken;
use crate::ops::sessions::RefreshSession;
use crate::wire::Notes;

/// What goes to whatever issues the caller's tokens.
const OWN: &Meta = &Meta::new("RenewToken", "", Method::POST, "/", Auth::None, Safety::Once);

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
    /// `None` for credentials that can't be renewed.
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
                if let Some(life) = answer.expires_in.and_then(|seconds| u64::try_from(seconds).ok()) {
                    token = token.valid_for(Duration::from_secs(life));
                }
                // One that couldn't be read is never sent back.
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
                attempts.resume(&Work { meta: OWN, build: &build, parse: &parse }, api, now, event)
            }
        }
    }

    /// Tells who wants to know of new credentials.
    pub(crate) fn tell(&self, credentials: &Credentials) {
        self.refresh.tell(credentials);
    }
}

/// Adds what every transport would add in its own way.
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
