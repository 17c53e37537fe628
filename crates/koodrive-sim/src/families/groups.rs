//! What the service does with user groups, and with their members.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::call::{Answer, Call};
use crate::reply::Reply;
use crate::store::{Row, Store};

/// A group of users, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// 0 is a group, which can have a space, and 1 a user group.
    pub(crate) source_type: i64,
    pub(crate) owner_id: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
}

impl Row for Group {}

/// A member of a group, under [`member_id`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) group_id: String,
    pub(crate) user_id: String,
    pub(crate) role: i64,
    /// The permission template.
    pub(crate) template: String,
    /// The permissions themselves, where they differ from the template's.
    pub(crate) capabilities: Option<Json>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
}

impl Row for Member {
    /// Members are listed under their group.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.group_id)
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    Ok(Reply::documented(call.meta))
}

pub(crate) fn member_id(group_id: &str, user_id: &str) -> String {
    format!("{group_id}/{user_id}")
}

/// Whether a user belongs to a group. The owner does without being listed.
pub(crate) fn has_member(store: &Store, group_id: &str, user_id: &str) -> bool {
    store.group_members.contains(&member_id(group_id, user_id))
        || store.groups.get(group_id).is_some_and(|group| group.owner_id == user_id)
}
