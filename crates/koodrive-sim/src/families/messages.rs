//! What the service does with messages, of the enterprise edition, and with notifications, of the carrier edition.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::messages::MessageType;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::TENANT;
use crate::page::{self, Entry, Sort};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

/// How many messages, and how many notifications, a user has at most; older ones are dropped.
const MOST: usize = 1000;

/// A message to a user, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    user_id: String,
    /// A [`MessageType`].
    kind: String,
    text: String,
    read: bool,
    created: DateTime<Utc>,
}

impl Row for Message {
    /// Messages are listed under who gets them.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }
}

/// A notification of a user that a shared folder was deleted, under its id. There are no others so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Notification {
    user_id: String,
    share_folder_id: String,
    name: String,
    read: bool,
}

impl Row for Notification {
    /// Notifications are listed under who gets them.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }
}

/// What a message is about, by its title.
fn kind(title: &str) -> MessageType {
    match title {
        "New share" | "Shared folder" | "Invitation" | "Reply to an invitation" => MessageType::Sharing,
        "Sensitive file" => MessageType::Management,
        _ => MessageType::System,
    }
}

/// Sends a message to a user, unless they are gone. The title isn't shown, but decides what kind of message it is.
pub(crate) fn tell(store: &mut Store, user_id: &str, title: &str, content: &str, now: DateTime<Utc>) {
    if !store.users.contains(user_id) {
        return;
    }
    let message = Message {
        user_id: user_id.to_owned(),
        kind: kind(title).as_str().to_owned(),
        text: content.to_owned(),
        read: false,
        created: now,
    };
    let id = store.next_id();
    store.messages.insert(id, message);
    store.messages.keep_latest(Some(user_id), MOST);
}

/// Notifies a user that a shared folder was deleted.
pub(crate) fn notify_deletion(store: &mut Store, user_id: &str, share_folder_id: &str, name: &str) {
    let notification = Notification {
        user_id: user_id.to_owned(),
        share_folder_id: share_folder_id.to_owned(),
        name: name.to_owned(),
        read: false,
    };
    let id = store.next_id();
    store.notifications.insert(id, notification);
    store.notifications.keep_latest(Some(user_id), MOST);
}

/// Removes all messages to a user who is gone.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    store.messages.remove_under(user_id);
    store.notifications.remove_under(user_id);
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "GetUnreadMessageCount" => {
            let unread = call.store.messages.under(call.user_id).filter(|(_, message)| !message.read);
            Ok(Reply::default().with("count", unread.count()))
        }
        "ListMessages" => list(call),
        "ReadMessages" => Ok(change(call, read)),
        "DeleteMessages" => Ok(change(call, delete)),
        "UpdateMessageStates" => Ok(change_all(call)),
        "ListUnreadNotifications" => list_notifications(call),
        "UpdateNotification" => read_notification(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn list(call: &Call<'_>) -> Answer {
    let (kind, state) = (call.text("filterType"), call.number("state"));
    let fits = |message: &Message| {
        kind.as_ref().is_none_or(|kind| *kind == message.kind)
            && state.is_none_or(|state| state == u64::from(message.read))
    };
    let messages = call.store.messages.under(call.user_id).filter(|(_, message)| fits(message));
    let rows = messages.map(|(id, message)| Entry { key: id.to_owned(), id: String::new(), row: (id, message) });
    let (messages, next) = page::by_cursor(call, rows.collect(), Sort::new("", true), "pageCursor", "pageSize")?;
    let row = |(id, message): (&str, &Message)| {
        json!({
            "id": id,
            "sender": "KooDrive",
            "type": message.kind,
            "context": message.text,
            "state": u64::from(message.read),
            "createTime": times::millis(message.created),
        })
    };
    let rows = messages.into_iter().map(row).collect();
    Ok(Reply::members(page::cursor_members("messages", rows, next)))
}

/// Changes the messages that a call names, and tells which of them it changed.
fn change(call: &mut Call<'_>, change: fn(&mut Store, &str) -> bool) -> Reply {
    let ids = call.texts("ids").unwrap_or_default();
    let change = |id: String| {
        let own = call.store.messages.get(&id).is_some_and(|message| message.user_id == call.user_id);
        let changed = own && change(call.store, &id);
        json!({"id": id, "changed": changed})
    };
    let messages: Vec<Json> = ids.into_iter().map(change).collect();
    Reply::default().with("messages", messages)
}

fn change_all(call: &mut Call<'_>) -> Reply {
    let change = if call.number("operate") == Some(1) { delete } else { read };
    for id in call.store.messages.ids_under(call.user_id) {
        change(call.store, &id);
    }
    Reply::default()
}

/// Returns whether the message had not been read.
fn read(store: &mut Store, id: &str) -> bool {
    let unread = store.messages.get(id).is_some_and(|message| !message.read);
    unread && store.messages.update(id, |message| message.read = true)
}

fn delete(store: &mut Store, id: &str) -> bool {
    store.messages.remove(id).is_some()
}

fn list_notifications(call: &Call<'_>) -> Answer {
    // Whatever kind is asked for: all of them tell that a shared folder was deleted.
    let unread = call.store.notifications.under(call.user_id).filter(|(_, notification)| !notification.read);
    let rows = unread.map(|(id, notification)| {
        let info = json!({"id": id, "shareFolderId": notification.share_folder_id, "name": notification.name});
        let mut row = json!({"messageType": 1, "info": info});
        // The id of a user is a number here.
        if let Ok(user_id) = notification.user_id.parse::<u64>() {
            row["ownerId"] = user_id.into();
        }
        Entry { key: id.to_owned(), id: String::new(), row }
    });
    let (rows, next) = page::by_cursor(call, rows.collect(), Sort::new("", true), "cursor", "pageSize")?;
    Ok(Reply::members(page::cursor_members("notifications", rows, next)).with("tenantId", TENANT))
}

fn read_notification(call: &mut Call<'_>) -> Answer {
    let id = call.required("notificationId");
    let own = call.store.notifications.get(&id).is_some_and(|notification| notification.user_id == call.user_id);
    if !own {
        return Err(Refusal::new("13000309", "there is no such notification"));
    }
    call.store.notifications.update(&id, |notification| notification.read = true);
    Ok(Reply::default())
}
