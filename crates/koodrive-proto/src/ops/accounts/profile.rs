//! What an account says of its user, and its end.

use crate::operation;
use crate::ops::accounts::AccountUser;
use crate::param::UserId;

operation! {
    /// Reads the account of a user, by the user's id or by the phone number.
    ///
    /// If both are set, the id counts. The page doesn't say whose account is read if neither is set. It lists only the
    /// headers Authorization, whose prefix it writes as `AT+`, and X-Traceid.
    ///
    /// Source: GetUserInfo, carrier (2026-04-16).
    ///
    /// ```
    /// # use koodrive_proto::ops::accounts::GetAccount;
    /// GetAccount::new().user_id("1882575898755117312");
    /// GetAccount::new().phone("0027188460911");
    /// ```
    GET "/koodrive/ose/v1/user/info" GetAccount = "GetUserInfo" -> AccountUser as data;
    TokenAlone, ReadOnly, Carrier Full;
    query {;
        /// The phone number of the user; the example of the answer has `0027188460911`.
        phone: String,
        /// The id of the user, which counts even if `phone` is set.
        user_id: UserId = "userId",
    }
}

operation! {
    /// Changes the name or the e-mail address of a user.
    ///
    /// The page doesn't say what happens to what isn't set; our reading is that it stays as it is. It lists only the
    /// headers Authorization, whose prefix it writes as `AT+`, and X-Traceid.
    ///
    /// Source: ModifyUserInfo, carrier (2026-04-16); the name of the member for the e-mail address could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::accounts::UpdateAccount;
    /// UpdateAccount::new("1716086185916545921").surname("18168538439");
    /// ```
    PUT "/koodrive/ose/v1/user/info" UpdateAccount = "ModifyUserInfo" -> ();
    TokenAlone, Idempotent, Carrier Full;
    body {
        /// The id of the user.
        user_id: UserId = "userId";
        /// The new first name.
        firstname: String,
        /// The new surname.
        surname: String,
        /// The new e-mail address. Its name on the wire is that of the sibling calls, since the page's could not be
        /// read.
        email: String,
    }
}

operation! {
    /// Removes the account of a user.
    ///
    /// The operation [`DeleteUser`](crate::ops::users::DeleteUser) deletes a user as well; the pages don't say how the
    /// two differ. The page doesn't say whether the access token has to be that of the user. It lists only the header
    /// Authorization, whose prefix it writes as `AT+`.
    ///
    /// Source: DeregisterUser, carrier (2026-04-16).
    ///
    /// ```
    /// # use koodrive_proto::ops::accounts::DeregisterAccount;
    /// DeregisterAccount::new("1883470834908008705");
    /// ```
    DELETE "/koodrive/ose/v1/user/delete" DeregisterAccount = "DeregisterUser" -> ();
    TokenAlone, Idempotent, Carrier Full;
    query {
        /// The id of the user.
        user_id: UserId = "userId",
    }
}
