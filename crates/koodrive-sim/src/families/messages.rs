//! What the service does with messages and notifications.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::call::{Answer, Call};
use crate::reply::Reply;
use crate::store::{Row, Store};

/// A message to a user, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) user_id: String,
    pub(crate) title: String,
    pub(crate) content: String,
    pub(crate) read: bool,
    pub(crate) created: DateTime<Utc>,
}

impl Row for Message {
    /// Messages are listed under who gets them.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    Ok(Reply::documented(call.meta))
}

/// Sends a message to a user.
pub(crate) fn tell(store: &mut Store, user_id: &str, title: &str, content: &str, now: DateTime<Utc>) {
    let message = Message {
        user_id: user_id.to_owned(),
        title: title.to_owned(),
        content: content.to_owned(),
        read: false,
        created: now,
    };
    let id = store.next_id();
    store.messages.insert(id, message);
}
