//! The renewal of a token: the service's own call, or the caller's request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method};

use crate::api::{Api, Options, Stamp};
use crate::auth::{AccessToken, Credentials, Prepared, Refresh, Renew, Way};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::flow::attempts::{Attempts, Work};
use crate::flow::{Event, Now, Step};
use crate::operation::{Auth, Meta, Safety};
use crate::ops::accounts::RefreshToken;
use crate::ops::sessions::RefreshSession;

/// What goes to whatever issues the caller's tokens.
const OWN: &Meta = &Meta::new("RenewToken", "", Method::POST, "/", Auth::None, Safety::Once);

pub(crate) struct Renewal {
    old: Arc<Prepared>,
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
        let (token, Refresh(way)) = old.renewable()?;
        let how = match way {
            Way::Session(id) => How::Session(RefreshSession::new(id.clone())),
            Way::Token(refresh_token) => How::Token(RefreshToken::new(refresh_token.clone())),
            Way::Own(renew) => How::Own(Arc::clone(renew), token.clone()),
        };
        Some(Self { old: Arc::clone(old), how, attempts: Attempts::renewing(options, Arc::clone(old)) })
    }

    pub(crate) fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Credentials, Error>> {
        let Self { old, how, attempts } = self;
        let missing = |what: &str| Error::decode(&format!("the answer has no {what}"));
        match how {
            How::Session(op) => attempts.drive(op, api, now, event).map(|answer| {
                let token = answer?.access_token.ok_or_else(|| missing("accessToken"))?;
                old.with_token(AccessToken::as_issued(token.as_str()), None).ok_or_else(|| missing("user"))
            }),
            How::Token(op) => attempts.drive(op, api, now, event).map(|answer| {
                let answer = answer?.session();
                let token = answer.access_token.ok_or_else(|| missing("accessToken"))?;
                let mut token = AccessToken::as_issued(token.as_str());
                if let Some(life) = answer.expires_in.and_then(|seconds| u64::try_from(seconds).ok()) {
                    token = token.valid_for(Duration::from_secs(life));
                }
                let refresh = answer.refresh_token.map(Refresh::token);
                old.with_token(token, refresh).ok_or_else(|| missing("user"))
            }),
            How::Own(renew, token) => {
                let server_time = api.server_time(now.utc);
                let build = |_: &Options, _: &Stamp| renew.request(token, server_time).and_then(complete);
                let parse = |response: &http::Response<bytes::Bytes>| renew.parse(response, server_time);
                attempts.resume(&Work { meta: OWN, build: &build, parse: &parse }, api, now, event)
            }
        }
    }
}

/// Adds what every transport would add in its own way.
fn complete(mut request: http::Request<bytes::Bytes>) -> Result<http::Request<bytes::Bytes>, Error> {
    let host = Endpoint::of(request.uri())?.host_header();
    let length = request.body().len();
    let headers = request.headers_mut();
    headers.entry(HOST).or_insert(host);
    if length > 0 {
        headers.entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
    }
    Ok(request)
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").field("attempts", &self.attempts).finish_non_exhaustive()
    }
}
