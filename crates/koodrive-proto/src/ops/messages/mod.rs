//! Messages to the user in the enterprise edition, and notifications in the carrier edition.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`GetUnreadMessageCount`] | counts the messages that the user has not read |
//! | [`ListMessages`] | lists the user's messages |
//! | [`ReadMessages`] | marks messages as read |
//! | [`DeleteMessages`] | deletes messages |
//! | [`UpdateMessageStates`] | marks all messages as read, or deletes all |
//! | [`ListUnreadNotifications`] | lists the notifications that the user has not read |
//! | [`UpdateNotification`] | marks a notification as read |
//!
//! ```
//! # use koodrive_proto::ops::messages::*;
//! // What is new, and that it has been read.
//! let list = ListMessages::new().state(MessageState::Unread).filter_type(MessageType::Sharing);
//! let read = ReadMessages::new(["1765148493107805441", "1765148493107805442"]);
//! // All others as well.
//! let read_all = UpdateMessageStates::new(AllMessages::MarkRead);
//! ```
//!
//! The enterprise manual's pages of this family don't list the header X-Traceid, and give no examples.

mod change;
mod list;
mod notifications;

pub use change::*;
pub use list::*;
pub use notifications::*;
