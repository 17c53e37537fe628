//! Messages to the user. Enterprise edition.
//!
//! The pages list no X-Traceid.

use crate::{answer, operation};

operation! {
    /// Deletes messages.
    ///
    /// A DELETE with a JSON body, though the manual elsewhere says that DELETE needs none. How many ids it takes at a
    /// time is not documented. The answer's table has neither `code` nor `msg`; both are read if they come.
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

answer! {
    /// What became of each message.
    ChangedMessages {
        /// The messages.
        messages: Vec<ChangedMessage>,
    }
}

answer! {
    /// What became of one message.
    ChangedMessage {
        /// The id of the message.
        id: Option<String>,
        /// Whether the change took effect.
        changed: Option<bool>,
    }
}
