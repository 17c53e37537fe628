use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::auth::{AccessToken, Credentials};
use crate::error::Error;
use crate::param::Secret;

/// How a token is renewed when the service refuses it or when it is about to expire.
///
/// A call that was refused renews the token, for all. Others that were refused wait for that, and fail with it; calls
/// that weren't refused wait for a second at most, and then try the old token, since a refusal can have other reasons.
/// An operation that a renewal doesn't help, for example because the user has no right to it, causes no other renewal
/// for a minute while other operations are accepted. Set it with [`Credentials::refresh`]:
///
/// ```
/// use koodrive_proto::{AccessToken, Credentials, Refresh};
///
/// let token = AccessToken::as_issued("Bearer 6ebb6266dd5cdefa1d7126af2eb6173ce0a054d8ba4295be");
/// let credentials = Credentials::token(token, "1505084218764547200").refresh(Refresh::session("b49f…"));
/// ```
#[derive(Clone)]
pub struct Refresh {
    pub(crate) way: Way,
    listener: Option<Arc<Listener>>,
}

type Listener = dyn Fn(&Credentials) + Send + Sync;

#[derive(Clone)]
pub(crate) enum Way {
    Session(Secret),
    Token(Secret),
    Own(Arc<dyn Renew>),
}

impl Refresh {
    /// Renews with the id of the session, which CreateSession answers: the enterprise edition's
    /// [`RefreshSession`](crate::ops::sessions::RefreshSession).
    ///
    /// The manual says that such a token is valid for 20 minutes, and that each call starts another 20. So the token is
    /// renewed before a call that comes more than 19 minutes after the last one, unless [`AccessToken::sliding`] or
    /// [`AccessToken::valid_for`] says otherwise. Whether a session can still be refreshed once its token has expired
    /// is not documented.
    pub fn session(session_id: impl Into<Secret>) -> Self {
        Self::new(Way::Session(session_id.into()))
    }

    /// Renews with the refresh token, which Login answers: the carrier edition's
    /// [`RefreshToken`](crate::ops::accounts::RefreshToken).
    ///
    /// Each answer brings another refresh token; [`on_renewal`](Self::on_renewal) passes it on. Whether the old one can
    /// be used again is not documented. If the answer to a renewal is lost, or if its call is dropped or runs out of
    /// time at that moment, the user may therefore have to sign in again.
    pub fn token(refresh_token: impl Into<Secret>) -> Self {
        Self::new(Way::Token(refresh_token.into()))
    }

    /// Renews with a request of your own, to whatever server issues the tokens.
    pub fn by(renew: impl Renew + 'static) -> Self {
        Self::new(Way::Own(Arc::new(renew)))
    }

    fn new(way: Way) -> Self {
        Self { way, listener: None }
    }

    /// Sets a function that gets the credentials after each renewal, to keep them for the next start of the program.
    /// [`Credentials::access_token`] and [`Credentials::refresh_secret`] return their secret parts.
    ///
    /// The function should be quick, since a call waits for it. [`Api::credentials`](crate::Api::credentials) returns
    /// the newest credentials at any time.
    #[must_use]
    pub fn on_renewal(mut self, listener: impl Fn(&Credentials) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// The same refresh with another secret.
    pub(crate) fn with(&self, way: Way) -> Self {
        Self { way, ..self.clone() }
    }

    pub(crate) fn tell(&self, credentials: &Credentials) {
        if let Some(listener) = &self.listener {
            listener(credentials);
        }
    }

    pub(crate) fn secret(&self) -> Option<&Secret> {
        match &self.way {
            Way::Session(secret) | Way::Token(secret) => Some(secret),
            Way::Own(_) => None,
        }
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.way {
            Way::Session(_) => "Refresh::session(..)",
            Way::Token(_) => "Refresh::token(..)",
            Way::Own(_) => "Refresh::by(..)",
        })
    }
}

/// A request that renews a token, and what its answer means; for [`Refresh::by`].
pub trait Renew: Send + Sync {
    /// Returns the request, which may go to any host.
    ///
    /// It is sent unchanged, except that Host is added if it is missing, and Content-Length if there is a body or the
    /// method has one (`POST`, `PUT`, `PATCH`). It is sent again only if the server can't have seen it or answers 429.
    fn request(&self, token: &AccessToken, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error>;

    /// Reads the answer, whatever its status. Returns the credentials to use from now on, including what renews them
    /// the next time.
    fn parse(&self, response: &http::Response<Bytes>, now: DateTime<Utc>) -> Result<Credentials, Error>;
}

/// How long a token is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    Unknown,
    /// Counted from its first use.
    Fixed(Duration),
    /// Counted from its last use.
    Sliding(Duration),
}

impl Lifetime {
    /// The lifetime that the enterprise manual documents.
    pub(crate) const SESSION: Self = Self::Sliding(Duration::from_secs(20 * 60));

    /// How much of the lifetime is left.
    pub(crate) fn left(self, first_used: Duration, last_used: Duration, now: Duration) -> Left {
        let (life, since) = match self {
            Self::Unknown => return Left::Enough,
            Self::Fixed(life) => (life, first_used),
            Self::Sliding(life) => (life, last_used),
        };
        let age = now.saturating_sub(since);
        // Early enough for a slow call, but not constantly if lifetimes are short.
        let early = life.checked_div(10).unwrap_or_default().min(Duration::from_secs(60));
        if age >= life {
            Left::Nothing
        } else if age >= life.saturating_sub(early) {
            Left::Little
        } else {
            Left::Enough
        }
    }
}

/// What is left of a token's lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Enough,
    /// The token still works, but it is time to renew it.
    Little,
    Nothing,
}
