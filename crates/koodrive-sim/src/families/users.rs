//! What the service does with users.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::call::{Answer, Call};
use crate::reply::Reply;
use crate::store::{Row, Store};

/// A user, under the id that goes into X-User-Id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    /// The id of the account in OrgID.
    pub(crate) account_id: String,
    pub(crate) name: String,
    pub(crate) mobile: String,
    /// The department; empty without one.
    pub(crate) department_id: String,
    /// 0 is a department administrator, 1 an ordinary user, 2 a super administrator.
    pub(crate) role: i64,
    /// 0 is enabled.
    pub(crate) status: i64,
    pub(crate) created: DateTime<Utc>,
}

impl Row for User {
    /// Users are listed under their department.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.department_id)
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    Ok(Reply::documented(call.meta))
}

/// Adds a user with an id of the caller's choice, unless there is one.
pub(crate) fn add(store: &mut Store, id: &str, now: DateTime<Utc>) {
    if !store.users.contains(id) {
        let user = User {
            account_id: id.to_owned(),
            name: format!("user {id}"),
            mobile: String::new(),
            department_id: String::new(),
            role: 1,
            status: 0,
            created: now,
        };
        store.users.insert(id, user);
    }
}

/// Returns a user's name, or the id if there is no such user.
pub(crate) fn name(store: &Store, id: &str) -> String {
    store.users.get(id).map_or_else(|| id.to_owned(), |user| user.name.clone())
}
