//! Verification codes, and registering one user.

use crate::ops::accounts::AccountSession;
use crate::param::{Secret, UserId};
use crate::{answer, choices, operation};

operation! {
    /// Checks a verification code. The answer has a token, which other calls take as proof of the verification.
    ///
    /// A code that is wrong may be answered without an error: look at [`verified`](ValidatedCode::verified).
    ///
    /// The request needs no credentials, but it needs the name of the operator's agent, which
    /// [`Api::agent_name`](crate::Api::agent_name) sets. The page doesn't list the headers X-User-Id, X-Date and
    /// language. The English version of the page (2026-04-16) has the path without `/v1`.
    ///
    /// Source: ValidateCode, carrier (2026-05-15).
    ///
    /// ```
    /// # use koodrive_proto::ops::accounts::{CodeType, ValidateCode};
    /// ValidateCode::new("1893584627570952064", CodeType::Registration).code("4719");
    /// ```
    POST "/koodrive/ose/v1/verify/code/validate" ValidateCode -> ValidatedCode as data;
    None, Once, Carrier Full;
    header {
        "x-hw-agentName" = agent,
    }
    body {
        /// The id of the request that sent the code.
        request_id: String = "requestId",
        /// What the code is for.
        code_type: CodeType = "codeType",
        {
            /// The code.
            code: Secret,
        }
    }
}

choices! {
    /// What a verification code is for.
    pub enum CodeType: text {
        /// For registering a user.
        Registration = "1",
        /// For signing in.
        Login = "2",
        /// For resetting a password.
        PasswordReset = "3",
        /// For changing the mobile number.
        MobileChange = "4",
    }
}

answer! {
    /// What became of the check of a verification code.
    ValidatedCode {
        /// Whether the code is right.
        verified: Option<bool>,
        /// The token for [`RegisterAccount`], [`Login`](super::Login) or [`ResetPassword`](super::ResetPassword).
        token: Option<Secret>,
        /// When the token expires, judging by the name; the example has `2026-02-25T08:26:31.514`, and no time zone is
        /// documented.
        expire_at: Option<String>,
        /// How many checks have failed within the period, only if this one failed. How long the period is isn't
        /// documented.
        fail_count: Option<i64>,
    }
}

operation! {
    /// Registers a user and signs them in.
    ///
    /// The request needs no credentials, but it needs the name of the operator's agent, which
    /// [`Api::agent_name`](crate::Api::agent_name) sets. The page doesn't list the headers X-User-Id, X-Date and
    /// language, and has no rules for passwords. The access token in the answer includes its prefix: send it with
    /// [`AccessToken::as_issued`](crate::AccessToken::as_issued).
    ///
    /// Source: RegisterUser, carrier (2026-04-16).
    ///
    /// ```
    /// # use koodrive_proto::ops::accounts::RegisterAccount;
    /// RegisterAccount::new("0027188460901")
    ///     .firstname("mike")
    ///     .captcha_token("dasdq234312313dasdsadsd")
    ///     .password("01ASDAa1");
    /// ```
    POST "/koodrive/ose/v1/user/register" RegisterAccount = "RegisterUser" -> RegisteredAccount as data;
    None, Once, Carrier Full;
    header {
        "x-hw-agentName" = agent,
    }
    body {
        /// The phone number; the example has `0027188460901`.
        phone: String,
        {
            /// The first name.
            firstname: String,
            /// The token from the answer of [`ValidateCode`], for a code of the kind [`CodeType::Registration`].
            captcha_token: Secret = "captchaToken",
            /// The password.
            password: Secret,
        };
        /// The surname.
        surname: String,
        /// The e-mail address; it is empty in the example.
        email: String,
    }
}

answer! {
    /// A user who has just been registered.
    RegisteredAccount {
        /// The user's id.
        user_id: Option<UserId>,
        /// The phone number.
        phone: Option<String>,
        /// The tokens of the session.
        session_info: Option<AccountSession>,
    }
}
