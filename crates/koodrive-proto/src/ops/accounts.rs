//! Accounts of the carrier edition: signing in with account and password, and staying signed in.

use crate::param::{Secret, UserId};
use crate::{answer, choices, operation};

operation! {
    /// Signs a user in, and answers an access token and a refresh token.
    ///
    /// Needs no credentials, but the name of the operator's agent: [`Api::agent_name`](crate::Api::agent_name). The
    /// page lists no X-User-Id, X-Date or language. The access token comes with its prefix (`AT ` in the example): send
    /// it with [`AccessToken::as_issued`](crate::AccessToken::as_issued).
    ///
    /// Both `password` and `captcha_token` are optional on the page; which one is needed follows from `auth_type`, by
    /// our reading. The page's example of the request is no valid JSON (a comma too many).
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
        /// The name of the account or a mobile number.
        account: String,
        /// How the user proves who he is.
        auth_type: AuthType = "authType";
        /// The password.
        password: Secret,
        /// The token of a verification code that was verified.
        captcha_token: Secret = "captchaToken",
    }
}

choices! {
    /// How a user proves who he is.
    pub enum AuthType: text {
        /// With a password.
        Password = "1",
        /// With a verification code.
        VerificationCode = "2",
    }
}

answer! {
    /// Who has signed in, and the tokens.
    LoginAnswer {
        /// The user.
        user_info: Option<AccountUser>,
        /// The tokens.
        session_info: Option<AccountSession>,
    }
}

answer! {
    /// A user who has signed in.
    AccountUser {
        /// The user's id.
        user_id: Option<UserId>,
        /// The first name.
        firstname: Option<String>,
        /// The surname.
        surname: Option<String>,
        /// The phone number, as `0027188460911` in the example.
        phone: Option<String>,
        /// The e-mail address; empty in the example.
        email: Option<String>,
    }
}

answer! {
    /// The tokens of a session.
    AccountSession {
        /// The access token with its prefix, as `AT 3b91…` in the example.
        access_token: Option<Secret>,
        /// How long it is valid: in seconds by the example's 1800, no unit is documented.
        expires_in: Option<i64>,
        /// When it was issued: milliseconds since 1970 in the example, no format is documented.
        issued_at: Option<String>,
        /// The refresh token.
        refresh_token: Option<Secret>,
    }
}

operation! {
    /// Exchanges a refresh token for a new access token and a new refresh token.
    ///
    /// Send it with the access token that is to be replaced, whose prefix the page writes as `AT+`, and its example as
    /// `AT `. The page lists no X-User-Id, X-Date or language. Whether an access token that has expired is still taken
    /// is not said, and neither is whether a refresh token works once only: it is not sent again by itself.
    ///
    /// The page's table puts the tokens into `data`, its example into `data.sessionInfo`: [`RefreshedToken::session`]
    /// finds them in both. The table types `code` as a String, the example has a number.
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
        /// The refresh token, which [`Login`] answers.
        refresh_token: Secret = "refreshToken",
    }
}

answer! {
    /// What [`RefreshToken`] answers, as its table has it and as its example has it.
    RefreshedToken {
        /// The tokens, in the example.
        session_info: Option<AccountSession>,
        /// The access token, in the table.
        access_token: Option<Secret>,
        /// How long it is valid, in the table.
        expires_in: Option<i64>,
        /// When it was issued, in the table.
        issued_at: Option<String>,
        /// The refresh token, in the table.
        refresh_token: Option<Secret>,
    }
}

impl RefreshedToken {
    /// The new tokens, wherever they stand.
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
