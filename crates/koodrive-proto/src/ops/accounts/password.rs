//! Passwords.

use crate::operation;
use crate::param::{Secret, UserId};

operation! {
    /// Changes the password of a user who knows the old one.
    ///
    /// The page has no rules for passwords. It lists only the headers Authorization, whose prefix it writes as `AT+`,
    /// and X-Traceid. It doesn't say whether the access token is still valid afterwards.
    ///
    /// Source: ModifyPassword, carrier (2026-04-16).
    ///
    /// ```
    /// # use koodrive_proto::ops::accounts::ModifyPassword;
    /// ModifyPassword::new("1883425186359837185").old_password("123qweASD1").new_password("123qweASD13");
    /// ```
    POST "/koodrive/ose/v1/password/modify" ModifyPassword -> ();
    TokenAlone, Once, Carrier Full;
    body {
        /// The id of the user.
        user_id: UserId = "userId",
        {
            /// The password until now.
            old_password: Secret = "oldPassword",
            /// The password from now on.
            new_password: Secret = "newPassword",
        }
    }
}

operation! {
    /// Sets a new password for a user who isn't signed in and has shown that the phone is theirs.
    ///
    /// The request needs no credentials, but it needs the name of the operator's agent, which
    /// [`Api::agent_name`](crate::Api::agent_name) sets. The page doesn't list the headers X-User-Id, X-Date and
    /// language, and has no rules for passwords.
    ///
    /// Source: ResetPassword, carrier (2026-04-16).
    ///
    /// ```
    /// # use koodrive_proto::ops::accounts::ResetPassword;
    /// ResetPassword::new("0027188460911").captcha_token("8VKh3YgjNs+VJqbCqo/ouhqB").new_password("aASD27188460911");
    /// ```
    POST "/koodrive/ose/v1/password/reset" ResetPassword -> ();
    None, Once, Carrier Full;
    header {
        "x-hw-agentName" = agent,
    }
    body {
        /// The phone number; the page gives no format.
        phone_number: String = "phoneNumber",
        {
            /// The token from the answer of [`ValidateCode`](super::ValidateCode), for a code of the kind
            /// [`PasswordReset`](super::CodeType::PasswordReset).
            captcha_token: Secret = "captchaToken",
            /// The new password.
            new_password: Secret = "newPwd",
        }
    }
}
