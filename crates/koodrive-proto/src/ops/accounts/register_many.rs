//! Registering many users.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::param::{Secret, UserId};
use crate::{answer, object, operation};

operation! {
    /// Starts a task that registers up to 1000 users. The answer is its id, with which [`GetRegistrationResult`] reads
    /// the results.
    ///
    /// The request is signed; the page doesn't mention tokens. It doesn't say what password a user has who is
    /// registered without one, nor what happens to a user who is registered already.
    ///
    /// Source: BatchRegisterUser, carrier (2026-04-16).
    ///
    /// ```
    /// # use koodrive_proto::ops::accounts::{NewAccount, RegisterUsers};
    /// let first = NewAccount::new("1884609076404").firstname("1204").surname("1204").password("Q!@1assword");
    /// RegisterUsers::new([first, NewAccount::new("1884609076405").firstname("1205")]);
    /// ```
    POST "/koodrive/ose/v1/user/batchRegister/create" RegisterUsers = "BatchRegisterUser" -> String as data;
    App, Once, Carrier Full;
    body {
        /// The users, up to 1000 of them.
        user_list: Vec<NewAccount> [1..=1000] = "userList",
    }
}

object! {
    /// A user to register.
    NewAccount = "RegisterUserInfo" {
        /// The phone number. The example has `1884609076404`, while those of signing in begin with `00`.
        phone: String,
        {
            /// The first name.
            firstname: String,
        };
        /// The surname.
        surname: String,
        /// The e-mail address.
        email: String,
        /// The password.
        password: Secret,
    }
}

operation! {
    /// Lists the results of a task that registers users, page by page.
    ///
    /// To wait for the task, poll with [`Until`](crate::flow::Until) and [`is_over`](RegistrationResults::is_over) and
    /// a `page_size` of 1; then list the results from the beginning.
    ///
    /// The cursor of the next page is [`next_page_cursor`](RegistrationResults::next_page_cursor), which the text about
    /// the query calls `nextCursor`. The example begins with a cursor of `0`. The request is signed; the page doesn't
    /// mention tokens.
    ///
    /// Source: GetBatchRegisterUserResult, carrier (2026-04-16); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::flow::Until;
    /// # use koodrive_proto::ops::accounts::{GetRegistrationResult, RegistrationResults};
    /// # use std::time::Duration;
    /// let op = GetRegistrationResult::new("1882735962480556672").page_size(1);
    /// let until = Until::new(op, Duration::from_secs(600), RegistrationResults::is_over);
    /// # let _ = until;
    /// ```
    GET "/koodrive/ose/v1/user/batchRegister/get" GetRegistrationResult = "GetBatchRegisterUserResult"
        -> RegistrationResults as data;
    App, ReadOnly, Carrier Full;
    query {
        /// The id of the task, from the answer of [`RegisterUsers`].
        task_id: String = "taskId";
        /// The cursor from the answer with the previous page; not set, or `0`, for the first page.
        cursor: String,
        /// How many results a page may have.
        page_size: u32 [1..=1000] | 1000 = "pageSize",
    }
}

impl Paged for GetRegistrationResult {
    type Item = Registration;

    fn turn(&mut self, page: &RegistrationResults) -> Result<Turn, Error> {
        turn_cursor(&mut self.cursor, page.next_page_cursor.as_deref())
    }

    fn items(page: &mut RegistrationResults) -> &mut Vec<Registration> {
        &mut page.register_list
    }

    fn key(item: &Registration) -> Option<&str> {
        item.id.as_deref()
    }
}

answer! {
    /// A page of the results of a task that registers users.
    RegistrationResults {
        /// The cursor of the next page. What the last page has instead is not documented; a missing or empty cursor is
        /// taken as the end.
        next_page_cursor: Option<String>,
        /// The results, one for each user.
        register_list: Vec<Registration>,
        /// The task itself.
        task_info: Option<RegistrationTask>,
    }
}

impl RegistrationResults {
    /// Returns whether the task has ended, in whatever way. Use it with [`Until`](crate::flow::Until).
    ///
    /// The page lists no values of the status, so this goes by the counts: our reading is that each user is counted as
    /// registered, failed or skipped in the end. A task that ends without having counted all of them doesn't count as
    /// ended.
    pub fn is_over(&self) -> bool {
        self.task_info.as_ref().is_some_and(|task| {
            let counts = [task.success_count, task.fail_count, task.skip_count];
            let counted = counts.into_iter().flatten().fold(0_i64, i64::saturating_add);
            task.total_count.is_some_and(|total| total > 0 && counted >= total)
        })
    }
}

answer! {
    /// What became of one user of a task that registers users.
    Registration {
        /// The id of the part of the task that registers this user.
        id: Option<String>,
        /// The id of the new user.
        user_id: Option<UserId>,
        /// The phone number.
        phone: Option<String>,
        /// An error code, only if the user could not be registered. No values are documented.
        code: Option<String>,
        /// Why the user could not be registered.
        reason: Option<String>,
    }
}

answer! {
    /// A task that registers users.
    RegistrationTask {
        /// The id of the task.
        task_id: Option<String>,
        /// The state of the task. No values are documented.
        status: Option<String>,
        /// How many users the task is about.
        total_count: Option<i64>,
        /// How many users were registered.
        success_count: Option<i64>,
        /// How many users could not be registered.
        fail_count: Option<i64>,
        /// How many users were skipped. The page doesn't say which.
        skip_count: Option<i64>,
    }
}
