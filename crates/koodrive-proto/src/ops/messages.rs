//! Messages to the user. Enterprise edition.
//!
//! The pages list no error codes of their own, and no X-Traceid.

use serde::{Deserialize, Serialize};

use crate::operation;

operation! {
    /// Deletes messages.
    ///
    /// A DELETE with a JSON body, though the manual elsewhere says that DELETE needs none. How many ids it takes at a time is
    /// not documented. The answer's table has neither `code` nor `msg`; both are read if they come.
    ///
    /// Source: batchDeleteMessage, enterprise (2025-12-12); the page gives no examples.
    ///
    /// ```
    /// # use koodrive_proto::ops::messages::DeleteMessages;
    /// DeleteMessages::new(["1765148493107805441", "1765148493107805442"]);
    /// ```
    DELETE "/koodrive/ose/v1/message/batchDelete" DeleteMessages = "batchDeleteMessage" -> ChangedMessages;
    AppOrToken, Idempotent, Enterprise Full;
    body {
        /// The messages.
        ids: Vec<String>,
    }
}

/// What became of each message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ChangedMessages {
    /// The messages.
    pub messages: Vec<ChangedMessage>,
}

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ChangedMessage {
    /// The id of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether the change took effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<bool>,
}
