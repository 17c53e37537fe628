//! Sessions of the enterprise edition: an authorization code from OrgID is exchanged for an access token, and each
//! access token for the next one.

use crate::param::{Secret, UserId};
use crate::{answer, choices, operation};

operation! {
    /// Exchanges an authorization code from OrgID for a session and its access token.
    ///
    /// The path ends with a slash, as it does in the page's table; in the page's example it doesn't. The request needs
    /// no credentials: the page lists neither Authorization nor X-User-Id nor X-Date. The access token includes its
    /// prefix (`Bearer ` in the example): send it with [`AccessToken::as_issued`](crate::AccessToken::as_issued). The
    /// page doesn't say how long the token is valid.
    ///
    /// The page of 2024 has an older form of the answer, without `data`; this form is not read.
    ///
    /// Source: createSession, enterprise (2025-12-12); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::sessions::CreateSession;
    /// CreateSession::new("FrbMohdqi86v6sMZlFSSuG3E0");
    /// ```
    POST "/koodrive/ose/v1/session/" CreateSession = "createSession" -> Session as data;
    None, Once, Enterprise Partial;
    body {
        /// The authorization code.
        code: Secret;
        /// The host and port of the front end. They are in the page's example, but not in its table.
        domain: String,
    }
}

answer! {
    /// A session, with its access token and its user.
    Session {
        /// The access token with its prefix; the example has `Bearer 6ebb…`.
        access_token: Option<Secret>,
        /// The id of the session, with which [`RefreshSession`] refreshes it.
        session_id: Option<Secret>,
        /// The user's id; the one in the example looks like OrgID's.
        user_id: Option<String>,
        /// The user of the session.
        user_info: Option<SessionUser>,
    }
}

answer! {
    /// The user of a session.
    SessionUser {
        /// The role of the user.
        role: Option<Role>,
        /// The user's name.
        user_name: Option<String>,
        /// KooDrive's own id of the user.
        inner_user_id: Option<UserId>,
        /// The user's id outside KooDrive.
        user_id: Option<String>,
        /// The code of the tenant, which is an enterprise.
        tenant_id: Option<String>,
        /// The id of the organization.
        org_id: Option<String>,
        /// The name of the organization.
        org_name: Option<String>,
        /// The tenant's set of database objects.
        x_hw_schema: Option<String>,
        /// A number of users.
        user_count: Option<i64>,
        /// The id of the department.
        dept_id: Option<String>,
    }
}

choices! {
    /// The role of a user.
    pub enum Role: text {
        /// An administrator; the English version of the page says a common administrator.
        Administrator = "0",
        /// An ordinary user.
        User = "1",
        /// A super administrator.
        SuperAdministrator = "2",
    }
}

operation! {
    /// Exchanges a session's access token for a new one.
    ///
    /// Send the request with the access token that is to be replaced. The page lists neither X-User-Id nor X-Date, and
    /// a signature is not accepted. The page doesn't say whether an expired token is still accepted, nor whether the
    /// old token continues to work.
    ///
    /// A second run issues one more token for the same session, and only the last token is used. Our reading is that
    /// the request may be repeated.
    ///
    /// The new token is at the top level of the answer, while [`CreateSession`] has it under `data`. The page's example
    /// of the token is `Bearer+013b…` without quotes, which isn't valid JSON; the page of [`CreateSession`] has the
    /// form `Bearer 6ebb…` with a blank. Send the token with [`AccessToken::as_issued`](crate::AccessToken::as_issued).
    /// The page of 2024 doesn't list Authorization, but its example has it.
    ///
    /// Source: refreshSession, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::{AccessToken, Api, Credentials, Error};
    /// # use koodrive_proto::chrono::Utc;
    /// # use koodrive_proto::ops::sessions::RefreshSession;
    /// let token = AccessToken::as_issued("Bearer 6ebb6266dd5cdefa1d7126af2eb6173ce0a054d8ba4295be");
    /// let api = Api::new("https://drive.example", Credentials::token(token, "1505084218764547200"))?;
    /// let request = api.request(&RefreshSession::new("b49d0aee67d90c07be"), Utc::now())?;
    /// assert_eq!(request.headers()["x-session-id"], "b49d0aee67d90c07be");
    /// # Ok::<(), Error>(())
    /// ```
    POST "/koodrive/ose/v1/session/refresh" RefreshSession = "refreshSession" -> RefreshedSession;
    TokenAlone, Idempotent, Enterprise Full;
    header {
        /// The id of the session, from the answer of [`CreateSession`].
        session_id: Secret = "x-session-id",
    }
}

answer! {
    /// The answer of [`RefreshSession`].
    RefreshedSession {
        /// The new access token with its prefix.
        access_token: Option<Secret>,
    }
}
