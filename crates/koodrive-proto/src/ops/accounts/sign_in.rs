//! Signing in, staying signed in, and signing out.

use crate::ops::accounts::{AccountSession, AccountUser};
use crate::param::{Secret, UserId};
use crate::{answer, choices, operation};

operation! {
    /// Signs a user in. The answer has an access token and a refresh token.
    ///
    /// The request needs no credentials, but it needs the name of the operator's agent, which
    /// [`Api::agent_name`](crate::Api::agent_name) sets. The page doesn't list the headers X-User-Id, X-Date and
    /// language. The access token includes its prefix (`AT ` in the example): send it with
    /// [`AccessToken::as_issued`](crate::AccessToken::as_issued).
    ///
    /// On the page, both `password` and `captcha_token` are optional. Our reading is that `auth_type` decides which one
    /// is needed. The page's example of the request isn't valid JSON: it has a comma too many.
    ///
    /// Source: Login, carrier (2026-05-15); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::{Api, Credentials, Error};
    /// # use koodrive_proto::chrono::Utc;
    /// # use koodrive_proto::ops::accounts::{AuthType, Login};
    /// let api = Api::new("https://drive.example", Credentials::anonymous())?.agent_name("standard")?;
    /// let op = Login::new("0027188460911", AuthType::Password).password("123qweASD143");
    /// let request = api.request(&op, Utc::now())?;
    /// assert_eq!(request.headers()["x-hw-agentname"], "standard");
    /// # Ok::<(), Error>(())
    /// ```
    POST "/koodrive/ose/v1/auth/login" Login -> LoginAnswer as data;
    None, Once, Carrier Full;
    header {
        "x-hw-agentName" = agent,
    }
    body {
        /// The name of the account, or a mobile number.
        account: String,
        /// How the user proves who they are.
        auth_type: AuthType = "authType";
        /// The password.
        password: Secret,
        /// The token of a verification code, from the answer of [`ValidateCode`](super::ValidateCode).
        captcha_token: Secret = "captchaToken",
    }
}

choices! {
    /// How a user proves who they are.
    pub enum AuthType: text {
        /// With a password.
        Password = "1",
        /// With a verification code.
        VerificationCode = "2",
    }
}

answer! {
    /// The answer of [`Login`]: who has signed in, and the tokens of the session.
    LoginAnswer {
        /// The user who has signed in.
        user_info: Option<AccountUser>,
        /// The tokens of the session.
        session_info: Option<AccountSession>,
    }
}

operation! {
    /// Exchanges a refresh token for a new access token and a new refresh token.
    ///
    /// Send the request with the access token that is to be replaced. The page writes the prefix of this token as
    /// `AT+`, and its example as `AT `. The page doesn't list the headers X-User-Id, X-Date and language. It doesn't
    /// say whether an expired access token is still accepted, nor whether a refresh token works only once, so the
    /// request isn't sent again automatically.
    ///
    /// The page's table has the tokens in `data`, and its example has them in `data.sessionInfo`;
    /// [`RefreshedToken::session`] finds them in either place. The table types `code` as a String, but the example has
    /// a number.
    ///
    /// Source: RefreshToken, carrier (2026-04-16).
    ///
    /// ```
    /// # use koodrive_proto::{Error, Operation, http};
    /// # use koodrive_proto::ops::accounts::RefreshToken;
    /// let body = r#"{"data": {"sessionInfo": {"accessToken": "AT 3b91", "expiresIn": 1800}}, "code": 0}"#;
    /// let response = http::Response::new(body);
    /// let session = RefreshToken::parse(&response)?.session();
    /// assert_eq!(session.access_token.unwrap().as_str(), "AT 3b91");
    /// # Ok::<(), Error>(())
    /// ```
    POST "/koodrive/ose/v1/auth/refreshToken" RefreshToken -> RefreshedToken as data;
    TokenAlone, Once, Carrier Full;
    body {
        /// The refresh token, from the answer of [`Login`].
        refresh_token: Secret = "refreshToken",
    }
}

answer! {
    /// The answer of [`RefreshToken`], with the members of the page's table and those of its example.
    RefreshedToken {
        /// The tokens, where the page's example has them.
        session_info: Option<AccountSession>,
        /// The access token, where the page's table has it.
        access_token: Option<Secret>,
        /// How long the access token is valid, where the page's table has it.
        expires_in: Option<i64>,
        /// When the access token was issued, where the page's table has it.
        issued_at: Option<String>,
        /// The refresh token, where the page's table has it.
        refresh_token: Option<Secret>,
    }
}

impl RefreshedToken {
    /// Returns the new tokens, from wherever the answer has them.
    pub fn session(self) -> AccountSession {
        let Self { session_info, access_token, expires_in, issued_at, refresh_token } = self;
        let inner = session_info.unwrap_or_default();
        AccountSession {
            access_token: inner.access_token.or(access_token),
            expires_in: inner.expires_in.or(expires_in),
            issued_at: inner.issued_at.or(issued_at),
            refresh_token: inner.refresh_token.or(refresh_token),
        }
    }
}

operation! {
    /// Signs a user out: an access token is valid no longer.
    ///
    /// The token to invalidate is in the body; the request itself is sent with a token as well. The page doesn't say
    /// whether the two have to be the same, nor what happens to the refresh token. The page writes the prefix of the
    /// token as `AT+` in the header, and as `AT ` in its example of the body. It doesn't list the headers X-User-Id,
    /// X-Date and language.
    ///
    /// The request isn't sent again when its answer was lost, since its own token may be invalid by then.
    ///
    /// Source: Logout, carrier (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::accounts::Logout;
    /// Logout::new("1882575898755117312").access_token("AT 3b911d723003f70a1265124148fdfe486c108b64bf8d0de3");
    /// ```
    POST "/koodrive/ose/v1/auth/logout" Logout -> ();
    TokenAlone, Once, Carrier Full;
    body {
        /// The id of the user, from the answer of [`Login`].
        user_id: UserId = "userId",
        {
            /// The access token to invalidate, with its prefix.
            access_token: Secret = "accessToken",
        }
    }
}
