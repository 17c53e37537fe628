use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::auth::{AccessToken, Credentials};
use crate::error::Error;
use crate::param::Secret;

/// How a token is renewed when the service refuses it or its life is about to end.
///
/// One call renews it, and the others that need it wait for that. It goes with [`Credentials::refresh`]:
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
    /// By the id of the session, which CreateSession answers: the enterprise edition's
    /// [`RefreshSession`](crate::ops::sessions::RefreshSession).
    ///
    /// The manual says that such a token lives 20 minutes, and that each call starts another 20; so it is renewed
    /// before a call that comes more than 19 minutes after the last, unless [`AccessToken::sliding`] or
    /// [`AccessToken::valid_for`] says otherwise. Whether a session can still be refreshed once its token has expired
    /// is not documented.
    pub fn session(session_id: impl Into<Secret>) -> Self {
        Self::new(Way::Session(session_id.into()))
    }

    /// By the refresh token, which Login answers: the carrier edition's
    /// [`RefreshToken`](crate::ops::accounts::RefreshToken).
    ///
    /// Each answer brings another refresh token; [`on_renewal`](Self::on_renewal) tells of it. Whether the old one can
    /// be used again is not documented: a renewal whose answer is lost, or whose call is dropped or runs out of time
    /// just then, may mean that the user has to sign in anew.
    pub fn token(refresh_token: impl Into<Secret>) -> Self {
        Self::new(Way::Token(refresh_token.into()))
    }

    /// By a request of your own, to whatever issues the tokens.
    pub fn by(renew: impl Renew + 'static) -> Self {
        Self::new(Way::Own(Arc::new(renew)))
    }

    fn new(way: Way) -> Self {
        Self { way, listener: None }
    }

    /// Is told the credentials after each renewal, to keep them for the next start of the program:
    /// [`Credentials::access_token`] and [`Credentials::refresh_secret`] have what is secret of them.
    ///
    /// It should be quick, since a call waits for it. [`Api::credentials`](crate::Api::credentials) has the newest at
    /// any time.
    #[must_use]
    pub fn on_renewal(mut self, listener: impl Fn(&Credentials) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// The same with another secret.
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

/// A request that renews a token, and what its answer means: for [`Refresh::by`].
pub trait Renew: Send + Sync {
    /// The request, to any host.
    ///
    /// It is sent as it is; only Host is added if it is missing, and Content-Length if there is a body or the method
    /// has one (`POST`, `PUT`, `PATCH`). It is sent again only if the server can't have seen it or answers 429.
    fn request(&self, token: &AccessToken, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error>;

    /// Reads the answer, whatever its status: the credentials from now on, with what renews them the next time.
    fn parse(&self, response: &http::Response<Bytes>, now: DateTime<Utc>) -> Result<Credentials, Error>;
}

/// How long a token lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    Unknown,
    /// From when it was first used.
    Fixed(Duration),
    /// From when it was last used.
    Sliding(Duration),
}

impl Lifetime {
    /// The enterprise manual's.
    pub(crate) const SESSION: Self = Self::Sliding(Duration::from_secs(20 * 60));

    /// How much of it is left.
    pub(crate) fn left(self, first_used: Duration, last_used: Duration, now: Duration) -> Left {
        let (life, since) = match self {
            Self::Unknown => return Left::Enough,
            Self::Fixed(life) => (life, first_used),
            Self::Sliding(life) => (life, last_used),
        };
        let age = now.saturating_sub(since);
        // Early enough for a slow call, and not all the time where lives are short.
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

/// What is left of a token's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Enough,
    /// It still works, and it is time for another.
    Little,
    Nothing,
}
