//! Accounts of the carrier edition: registering, signing in and out, passwords, and what an account says of its user.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`ValidateCode`] | checks a verification code |
//! | [`RegisterAccount`] | registers a user and signs them in |
//! | [`Login`] | signs a user in |
//! | [`RefreshToken`] | exchanges a refresh token for new tokens |
//! | [`Logout`] | signs a user out |
//! | [`GetAccount`] | reads the account of a user |
//! | [`UpdateAccount`] | changes the name or the e-mail address of a user |
//! | [`ModifyPassword`] | changes the password of a user who knows the old one |
//! | [`ResetPassword`] | sets a new password after a verification |
//! | [`DeregisterAccount`] | removes the account of a user |
//! | [`RegisterUsers`] | starts a task that registers many users |
//! | [`GetRegistrationResult`] | lists the results of such a task, page by page |
//!
//! Verification codes are sent to a phone. The operation that sends them is not documented.
//!
//! ```
//! use koodrive_proto::ops::accounts::*;
//!
//! // A user types in the code that was sent to their phone; the answer has a token.
//! ValidateCode::new("1893584627570952064", CodeType::Registration).code("4719");
//! // With this token, the user is registered, and has signed in.
//! RegisterAccount::new("0027188460901").firstname("mike").captcha_token("8VKh3YgjNs").password("01ASDAa1");
//! // Next time, they sign in with their password.
//! Login::new("0027188460901", AuthType::Password).password("01ASDAa1");
//! // Before the access token has expired, it is exchanged, and in the end it is invalidated.
//! RefreshToken::new("0e0e72d3c7e9e4444df6bc3fb111eaee18eb7b2393a939cb");
//! Logout::new("1893595880502717057").access_token("AT e7ccb8b9b650fb67898c033d0e4f2fe9ee9523fdda9e1cb8");
//! ```

mod password;
mod profile;
mod register;
mod register_many;
mod sign_in;

pub use password::*;
pub use profile::*;
pub use register::*;
pub use register_many::*;
pub use sign_in::*;

use crate::answer;
use crate::param::{Secret, UserId};

answer! {
    /// A user, as the account knows them.
    AccountUser {
        /// The user's id.
        user_id: Option<UserId>,
        /// The first name.
        firstname: Option<String>,
        /// The surname.
        surname: Option<String>,
        /// The phone number; the example has `0027188460911`.
        phone: Option<String>,
        /// The e-mail address; it may be empty.
        email: Option<String>,
    }
}

answer! {
    /// The tokens of a session.
    AccountSession {
        /// The access token with its prefix; the example has `AT 3b91…`.
        access_token: Option<Secret>,
        /// How long the access token is valid. No unit is documented; the example's 1800 suggests seconds.
        expires_in: Option<i64>,
        /// When the access token was issued. No format is documented; the example has milliseconds since 1970.
        issued_at: Option<String>,
        /// The refresh token.
        refresh_token: Option<Secret>,
    }
}
