use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use zeroize::Zeroizing;

use crate::auth::SigningKey;
use crate::auth::refresh::{Left, Lifetime, Refresh, Way};
use crate::error::Error;
use crate::param::Secret;
use crate::schema::Auth;

/// Who calls, and what proves it.
///
/// `Debug` shows no secret, there is no `Display`, and secrets are wiped from memory when they are dropped.
#[derive(Clone)]
pub struct Credentials(Caller);

#[derive(Clone)]
enum Caller {
    App { app_id: String, app_secret: Zeroizing<String>, user_id: String },
    Token { token: AccessToken, user_id: String, refresh: Option<Refresh> },
    Anonymous,
}

impl Credentials {
    /// Creates credentials that sign every request with the AppSecret, on behalf of a KooDrive user.
    ///
    /// The enterprise manual allows this for everything but its session calls and get-js-sdk-info; the carrier manual
    /// has no such list. How AppId and AppSecret are issued is not documented.
    pub fn app(app_id: impl Into<String>, app_secret: impl Into<String>, user_id: impl Into<String>) -> Self {
        let app_secret = Zeroizing::new(app_secret.into());
        Self(Caller::App { app_id: app_id.into(), app_secret, user_id: user_id.into() })
    }

    /// Creates credentials that send a token with every request, and the id of the KooDrive user to whom it belongs,
    /// which the manual's pages list as mandatory.
    pub fn token(token: AccessToken, user_id: impl Into<String>) -> Self {
        Self(Caller::Token { token, user_id: user_id.into(), refresh: None })
    }

    /// Sets how the token is renewed. Without this, a refused token is an error.
    ///
    /// It has no effect on credentials without a token.
    #[must_use]
    pub fn refresh(mut self, how: Refresh) -> Self {
        if let Caller::Token { refresh, .. } = &mut self.0 {
            *refresh = Some(how);
        }
        self
    }

    /// Creates credentials that send nothing. They suit only operations that need no credentials.
    pub fn anonymous() -> Self {
        Self(Caller::Anonymous)
    }

    /// Returns the token, if these credentials have one.
    pub fn access_token(&self) -> Option<&AccessToken> {
        match &self.0 {
            Caller::Token { token, .. } => Some(token),
            Caller::App { .. } | Caller::Anonymous => None,
        }
    }

    /// Returns the session id or refresh token that renews the token, so that you can keep it for the next start of the
    /// program.
    pub fn refresh_secret(&self) -> Option<&Secret> {
        match &self.0 {
            Caller::Token { refresh: Some(refresh), .. } => refresh.secret(),
            _ => None,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Caller::App { app_id, user_id, .. } => {
                f.debug_struct("App").field("app_id", app_id).field("user_id", user_id).finish_non_exhaustive()
            }
            Caller::Token { user_id, refresh, .. } => {
                f.debug_struct("Token").field("user_id", user_id).field("refresh", refresh).finish_non_exhaustive()
            }
            Caller::Anonymous => f.write_str("Anonymous"),
        }
    }
}

/// A token, as it is sent in the Authorization header.
///
/// The manual describes the header as `Bearer+{access_token}` (on the carrier manual's sign-in pages:
/// `AT+{access_token}`). Its request examples show a literal plus, and the sign-in calls answer a token that starts
/// with `Bearer ` or `AT `. Which form the service takes could not be tried. It is best to send a token that a sign-in
/// call answered unchanged.
///
/// ```
/// use koodrive_proto::{AccessToken, Credentials};
///
/// let token = AccessToken::as_issued("Bearer 6ebb6266dd5cdefa1d7126af2eb6173ce0a054d8ba4295be");
/// assert_eq!(format!("{token:?}"), "AccessToken(..)");
/// Credentials::token(token, "1505084218764547200");
/// ```
#[derive(Clone)]
pub struct AccessToken {
    value: Zeroizing<String>,
    lifetime: Lifetime,
}

impl AccessToken {
    /// Creates a token that is sent unchanged: for what a sign-in call answered, including its prefix.
    pub fn as_issued(value: impl Into<String>) -> Self {
        Self { value: Zeroizing::new(value.into()), lifetime: Lifetime::Unknown }
    }

    /// Creates a token that is sent as `Bearer+` and the token, as the manual's request examples show it. This was not
    /// tried on the service.
    pub fn bearer(token: impl Into<String>) -> Self {
        Self::joined("Bearer+", token)
    }

    /// Creates a token that is sent as the scheme, a blank, and the token, as RFC 6750 defines it:
    /// `AccessToken::with_scheme("AT", token)`.
    pub fn with_scheme(scheme: &str, token: impl Into<String>) -> Self {
        Self::joined(&format!("{scheme} "), token)
    }

    fn joined(prefix: &str, token: impl Into<String>) -> Self {
        let token = Zeroizing::new(token.into());
        if token.is_empty() || has_blanks_around(&token) {
            // Such a token is refused when it is used, which a prefix would hide.
            return Self { value: token, lifetime: Lifetime::Unknown };
        }
        // Large enough from the start: growing would leave behind a copy that nobody wipes.
        let mut value = Zeroizing::new(String::with_capacity(prefix.len().saturating_add(token.len())));
        value.push_str(prefix);
        value.push_str(&token);
        Self { value, lifetime: Lifetime::Unknown }
    }

    /// Sets how long the token is valid, counted from the first call that uses it. It is renewed shortly before the end
    /// (1 minute, or a tenth of its lifetime if that is less), if there is a way to renew it.
    ///
    /// The carrier edition's sign-in answers 1800 as `expiresIn`: seconds by our reading, since no unit is documented.
    #[must_use]
    pub fn valid_for(mut self, time: Duration) -> Self {
        self.lifetime = Lifetime::Fixed(time);
        self
    }

    /// Sets how long the token is valid after the last call that used it: 20 minutes in the enterprise edition.
    #[must_use]
    pub fn sliding(mut self, time: Duration) -> Self {
        self.lifetime = Lifetime::Sliding(time);
        self
    }

    pub(crate) fn left(&self, first_used: Duration, last_used: Duration, now: Duration) -> Left {
        self.lifetime.left(first_used, last_used, now)
    }

    /// Returns the value of the Authorization header, so that you can keep a renewed token for the next start of the
    /// program. It is secret.
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(..)")
    }
}

/// Credentials that were checked and are ready to use.
pub(crate) enum Prepared {
    App { app_id: String, key: SigningKey, user_id: HeaderValue },
    Token { token: AccessToken, user_id: HeaderValue, refresh: Option<Refresh> },
    Anonymous,
}

impl Prepared {
    pub(crate) fn new(credentials: Credentials) -> Result<Self, Error> {
        match credentials.0 {
            Caller::App { app_id, app_secret, user_id } => {
                let ends = |byte: u8| matches!(byte, b',' | b';' | b'=');
                tidy("AppId", &app_id)?;
                if !app_id.bytes().all(|byte| byte.is_ascii_graphic() && !ends(byte)) {
                    return Err(Error::credentials(
                        "AppId must be visible ASCII characters, without blanks and without , ; =",
                    ));
                }
                tidy("AppSecret", &app_secret)?;
                let key =
                    SigningKey::new(app_secret.as_bytes()).ok_or_else(|| Error::credentials("AppSecret is empty"))?;
                Ok(Self::App { app_id, key, user_id: user_header(&user_id)? })
            }
            Caller::Token { mut token, user_id, refresh } => {
                token_header(&token)?;
                match refresh.as_ref().map(|refresh| &refresh.way) {
                    Some(Way::Session(id)) => tidy("the session id", id.as_str())?,
                    Some(Way::Token(token)) => tidy("the refresh token", token.as_str())?,
                    Some(Way::Own(_)) | None => {}
                }
                if let (Lifetime::Unknown, Some(Refresh { way: Way::Session(_), .. })) = (token.lifetime, &refresh) {
                    token.lifetime = Lifetime::SESSION;
                }
                Ok(Self::Token { token, user_id: user_header(&user_id)?, refresh })
            }
            Caller::Anonymous => Ok(Self::Anonymous),
        }
    }

    /// Returns the value of the header that identifies the caller, to which a proof of content is bound.
    pub(crate) fn identity(&self) -> Option<&str> {
        match self {
            Self::App { user_id, .. } => user_id.to_str().ok(),
            Self::Token { token, .. } => Some(token.as_str()),
            Self::Anonymous => None,
        }
    }

    /// Returns the token and how it is renewed, if these are such credentials.
    pub(crate) fn renewable(&self) -> Option<(&AccessToken, &Refresh)> {
        match self {
            Self::Token { token, refresh: Some(refresh), .. } => Some((token, refresh)),
            _ => None,
        }
    }

    /// Returns the credentials that these were made from, if they hold a token.
    pub(crate) fn to_token(&self) -> Option<Credentials> {
        let Self::Token { token, refresh, .. } = self else { return None };
        self.with_token(token.clone(), refresh.clone())
    }

    /// Returns the credentials with another token, which has the lifetime of this one unless it has its own.
    pub(crate) fn with_token(&self, mut new: AccessToken, refresh: Option<Refresh>) -> Option<Credentials> {
        let Self::Token { user_id, token, .. } = self else { return None };
        if new.lifetime == Lifetime::Unknown {
            new.lifetime = token.lifetime;
        }
        let user_id = user_id.to_str().ok()?.to_owned();
        Some(Credentials(Caller::Token { token: new, user_id, refresh }))
    }

    /// Returns the credentials to send with a call, or why these don't fit it.
    pub(crate) fn fit(&self, auth: Auth) -> Result<&Self, Error> {
        match (self, auth) {
            (_, Auth::None) => Ok(&Self::Anonymous),
            (Self::App { .. }, Auth::App | Auth::AppOrToken)
            | (Self::Token { .. }, Auth::Token | Auth::TokenAlone | Auth::AppOrToken) => Ok(self),
            (Self::App { .. }, Auth::Token | Auth::TokenAlone) => {
                Err(Error::credentials("takes a token, not a signature"))
            }
            (Self::Token { .. }, Auth::App) => Err(Error::credentials("takes a signature, not a token")),
            (Self::Anonymous, _) => Err(Error::credentials("needs credentials, and the Api has none")),
        }
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::App { .. } => "App(..)",
            Self::Token { .. } => "Token(..)",
            Self::Anonymous => "Anonymous",
        })
    }
}

/// Refuses what is empty, and what was read from a file or pasted with blanks or line ends around it. The service would
/// only say that a signature or a token is wrong.
fn tidy(what: &str, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        Err(Error::credentials(format!("{what} is empty")))
    } else if has_blanks_around(text) {
        Err(Error::credentials(format!("{what} begins or ends with a blank, a line end or the like: remove it")))
    } else {
        Ok(())
    }
}

fn has_blanks_around(text: &str) -> bool {
    // U+FEFF is what some editors put at the beginning of a file, and others come with what is copied from a page.
    let unseen = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}'];
    let blank = |char: char| char.is_whitespace() || char.is_control() || unseen.contains(&char);
    text.starts_with(blank) || text.ends_with(blank)
}

fn user_header(user_id: &str) -> Result<HeaderValue, Error> {
    tidy("the user id", user_id)?;
    let valid = user_id.bytes().all(|byte| byte.is_ascii_graphic());
    HeaderValue::from_str(user_id)
        .ok()
        .filter(|_| valid)
        .ok_or_else(|| Error::credentials("the user id must be visible ASCII characters, without blanks"))
}

pub(crate) fn token_header(token: &AccessToken) -> Result<HeaderValue, Error> {
    let text = token.as_str();
    tidy("the token", text)?;
    let valid = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    let mut value = HeaderValue::from_str(text)
        .ok()
        .filter(|_| valid)
        .ok_or_else(|| Error::credentials("the token must be visible ASCII characters"))?;
    value.set_sensitive(true);
    Ok(value)
}
