//! Sessions of the enterprise edition: from an authorization code of OrgID's to an access token, and to the next one.

use crate::param::{Secret, UserId};
use crate::{answer, choices, operation};

operation! {
    /// Exchanges an authorization code of OrgID's for a session and its access token.
    ///
    /// The path ends with a slash, as the page's table has it; its example has none. Needs no credentials: the page
    /// lists neither Authorization nor X-User-Id nor X-Date. The access token comes with its prefix (`Bearer ` in the
    /// example): send it with [`AccessToken::as_issued`](crate::AccessToken::as_issued). How long it is valid is not
    /// said.
    ///
    /// The page of 2024 has an older form of the answer, without `data`; it is not read.
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
        /// Host and port of the front end: in the page's example, though not in its table.
        domain: String,
    }
}

answer! {
    /// A session.
    Session {
        /// The access token with its prefix, as `Bearer 6ebb…` in the example.
        access_token: Option<Secret>,
        /// The id of the session, which refreshes it.
        session_id: Option<Secret>,
        /// The user's id; the example's looks like OrgID's.
        user_id: Option<String>,
        /// The user.
        user_info: Option<SessionUser>,
    }
}

answer! {
    /// The user of a session.
    SessionUser {
        /// What the user is.
        role: Option<Role>,
        /// The name.
        user_name: Option<String>,
        /// KooDrive's own id of the user.
        inner_user_id: Option<UserId>,
        /// The user's id outside of KooDrive.
        user_id: Option<String>,
        /// The code of the tenant, an enterprise.
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
    /// What a user is.
    pub enum Role: text {
        /// An administrator; the English page says a common one.
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
    /// Send it with the access token that is to be replaced. The page lists neither X-User-Id nor X-Date, and a
    /// signature is not taken. Whether a token that has expired is still taken, and whether the old one works on, is
    /// not said.
    ///
    /// Running it again issues one more token for the same session, and only the last one is used: by our reading it
    /// may be repeated.
    ///
    /// The new token stands at the top of the answer, where [`CreateSession`] has it under `data`. The page's example
    /// of it is `Bearer+013b…` without quotes, which is no JSON; `Bearer 6ebb…` with a blank is the form of the other
    /// page. Send it with [`AccessToken::as_issued`](crate::AccessToken::as_issued). The page of 2024 lists no
    /// Authorization, but its example has one.
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
        /// The id of the session, which [`CreateSession`] answers.
        session_id: Secret = "x-session-id",
    }
}

answer! {
    /// What [`RefreshSession`] answers.
    RefreshedSession {
        /// The new access token with its prefix.
        access_token: Option<Secret>,
    }
}
