//! What the service does with the portal: files that a user met lately, and shares that others gave to the user.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::call::{Answer, Call};
use crate::reply::Reply;
use crate::store::{Row, Store};

/// A share as the user sees who received it, under [`related_id`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Related {
    /// Who received it.
    pub(crate) user_id: String,
    pub(crate) share_id: String,
    /// Who shared.
    pub(crate) operator: String,
    pub(crate) display_name: String,
    pub(crate) file_ids: Vec<String>,
    pub(crate) expires: Option<DateTime<Utc>>,
    pub(crate) at: DateTime<Utc>,
}

impl Row for Related {
    /// Received shares are listed under the user.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(&self.share_id))
    }
}

fn related_id(share_id: &str, user_id: &str) -> String {
    format!("{share_id}/{user_id}")
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    Ok(Reply::documented(call.meta))
}

/// Shows a share to a user who received it.
pub(crate) fn relate(store: &mut Store, related: Related) {
    store.related.insert(related_id(&related.share_id, &related.user_id), related);
}

/// Shows a share to nobody any longer.
pub(crate) fn forget_share(store: &mut Store, share_id: &str) {
    let ids: Vec<String> = store.related.keyed(share_id).map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        store.related.remove(&id);
    }
}
