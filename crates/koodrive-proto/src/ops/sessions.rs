//! Sessions of the enterprise edition: an authorization code from OrgID is exchanged for an access token, and each
//! access token for the next one.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`GetAuthCodeURL`] | gives the address where the user signs in with OrgID |
//! | [`CreateSession`] | exchanges an authorization code for a session and its access token |
//! | [`CheckSession`] | checks an access token, and tells whose it is |
//! | [`RefreshSession`] | exchanges an access token for a new one |
//! | [`LogOff`] | ends the session |
//!
//! ```
//! # use koodrive_proto::ops::sessions::*;
//! // A browser opens the address in the answer. OrgID then redirects it to the front end, with a code.
//! let address = GetAuthCodeURL::new("drive.example");
//! // The answer has the access token and the id of the session.
//! let session = CreateSession::new("FrbMohdqi86v6sMZlFSSuG3E0").domain("drive.example:8080");
//! let me = CheckSession::new();
//! let next_token = RefreshSession::new("b49d0aee67d90c07be");
//! let end = LogOff::new();
//! ```

use crate::param::{Secret, UserId};
use crate::{answer, choices, operation};

operation! {
    /// Gives the address where a user signs in with OrgID, to get an authorization code.
    ///
    /// The address is for a browser. The code is not in this answer: OrgID hands it out after the user has signed in,
    /// and [`CreateSession`] exchanges it. The address in the example has nothing that could be used only once, so this
    /// only reads, and may be repeated. The request needs no credentials: the page lists neither Authorization nor
    /// X-User-Id nor X-Date.
    ///
    /// Source: getAuthCodeURL, enterprise (2024-07-30); newer versions could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::sessions::GetAuthCodeURL;
    /// GetAuthCodeURL::new("drive.example");
    /// ```
    GET "/koodrive/ose/v1/session/authCodeURL" GetAuthCodeURL = "getAuthCodeURL" -> SignInAddress;
    None, ReadOnly, Enterprise Full;
    query {
        /// The domain name of the front end.
        domain: String,
    }
}

answer! {
    /// The answer of [`GetAuthCodeURL`]: where the user signs in.
    SignInAddress {
        /// The address for the browser. Its query says what is asked for, by which client, and where OrgID sends the
        /// browser afterwards.
        uri: Option<String>,
        /// The host of OrgID; the example has `https://` before it.
        org_id_host: Option<String>,
    }
}

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
        role: Option<SessionRole>,
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
        /// The tenant's set of database objects. The page authSession doesn't list it.
        x_hw_schema: Option<String>,
        /// A number of users.
        user_count: Option<i64>,
        /// The id of the department.
        dept_id: Option<String>,
    }
}

choices! {
    /// The role of the user of a session; its numbers are fewer than those of
    /// [`UserRole`](crate::ops::users::UserRole).
    pub enum SessionRole: text {
        /// An administrator; the English version of the page says a common administrator.
        Administrator = "0",
        /// An ordinary user.
        User = "1",
        /// A super administrator.
        SuperAdministrator = "2",
    }
}

operation! {
    /// Checks the access token of a session, and tells whose it is.
    ///
    /// The page lists neither X-User-Id nor X-Date, and a signature is not accepted. Its example of the answer lacks a
    /// comma, so it isn't valid JSON, and the id of the department is a number there. The page of 2024 has other types
    /// for some members; they are read as well.
    ///
    /// Source: authSession, enterprise (2025-03-14, from a guide that has a copy of the page).
    ///
    /// ```
    /// # use koodrive_proto::ops::sessions::CheckSession;
    /// CheckSession::new();
    /// ```
    GET "/koodrive/ose/v1/session/auth" CheckSession = "authSession" -> SessionUser as data;
    TokenAlone, ReadOnly, Enterprise Full;
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

operation! {
    /// Ends the session of the access token.
    ///
    /// This is a GET that changes something. It isn't sent again when its answer was lost: a second run would be
    /// refused because of the token, and if the client then got a new token, it would end the session of that one.
    ///
    /// On the page, Authorization is optional, though it says which session ends. It is always sent. The page lists
    /// neither X-User-Id nor X-Date, and a signature is not accepted.
    ///
    /// Source: logout, enterprise (2024-07-30); newer versions could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::sessions::LogOff;
    /// LogOff::new();
    /// ```
    GET "/koodrive/ose/v1/session/logoff" LogOff = "logout" -> LoggedOff;
    TokenAlone, Once, Enterprise Full;
}

answer! {
    /// The answer of [`LogOff`].
    LoggedOff {
        /// What failed. It is in the table, but not in the example, and no format is documented.
        failed: Vec<String> = "failedList",
    }
}
