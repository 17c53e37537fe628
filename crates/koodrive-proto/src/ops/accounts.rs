//! Accounts of the carrier edition: signing in with account and password.
//!
//! The page lists no error codes of its own.

use serde::{Deserialize, Serialize};

use crate::param::Secret;
use crate::{choices, operation};

operation! {
    /// Signs a user in, and answers an access token and a refresh token.
    ///
    /// Needs no credentials, but the name of the operator's agent:
    /// [`Api::agent_name`](crate::Api::agent_name). The page lists no X-User-Id, X-Date or language. The access token comes
    /// with its prefix (`AT ` in the example): send it with [`AccessToken::as_issued`](crate::AccessToken::as_issued).
    ///
    /// Both `password` and `captcha_token` are optional on the page; which one is needed follows from `auth_type`, by our
    /// reading. The page's example of the request is no valid JSON (a comma too many).
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

/// Who has signed in, and the tokens.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct LoginAnswer {
    /// The user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_info: Option<AccountUser>,
    /// The tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_info: Option<AccountSession>,
}

/// A user who has signed in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct AccountUser {
    /// The user's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firstname: Option<String>,
    /// The surname.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// The phone number, as `0027188460911` in the example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The e-mail address; empty in the example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// The tokens of a session.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct AccountSession {
    /// The access token with its prefix, as `AT 3b91…` in the example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Secret>,
    /// How long it is valid: in seconds by the example's 1800, no unit is documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
    /// When it was issued: milliseconds since 1970 in the example, no format is documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<String>,
    /// The refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
}
