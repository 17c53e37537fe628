//! Marking messages as read, and deleting them.

use crate::{answer, choices, operation};

operation! {
    /// Marks messages as read.
    ///
    /// This is a POST that may be repeated: a message that has been read stays so. The page doesn't say how many ids a
    /// request may have. Its table of the answer has neither `code` nor `msg`; both are read if they are there.
    ///
    /// Source: batchReadMessage, enterprise (2025-10-21); the page gives no examples.
    ///
    /// ```
    /// # use koodrive_proto::ops::messages::ReadMessages;
    /// ReadMessages::new(["1765148493107805441", "1765148493107805442"]);
    /// ```
    POST "/koodrive/ose/v1/message/batchRead" ReadMessages = "batchReadMessage" -> ChangedMessages;
    AppOrToken, Idempotent, Enterprise Full;
    body {
        /// The ids of the messages.
        ids: Vec<String>,
    }
}

operation! {
    /// Deletes messages.
    ///
    /// This is a DELETE with a JSON body, though the manual says elsewhere that DELETE needs none. The page doesn't say
    /// how many ids a request may have. Its table of the answer has neither `code` nor `msg`; both are read if they are
    /// there.
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
        /// The ids of the messages.
        ids: Vec<String>,
    }
}

answer! {
    /// The answer of [`ReadMessages`] and [`DeleteMessages`]: what happened to each message.
    ChangedMessages {
        /// What happened to each message.
        messages: Vec<ChangedMessage>,
    }
}

answer! {
    /// What happened to one message.
    ChangedMessage {
        /// The id of the message.
        id: Option<String>,
        /// Whether the change took effect. It is not documented what a message has that was read or deleted before.
        changed: Option<bool>,
    }
}

operation! {
    /// Marks all unread messages as read, or deletes all messages.
    ///
    /// Deleting all includes those that have not been read. The request isn't sent again when its answer was lost: a
    /// second run would also change messages that arrived in between. This is a POST without a body.
    ///
    /// Source: updateSpecificMessageState, enterprise (2025-12-12); the page gives no examples.
    ///
    /// ```
    /// # use koodrive_proto::ops::messages::{AllMessages, UpdateMessageStates};
    /// UpdateMessageStates::new(AllMessages::MarkRead);
    /// ```
    POST "/koodrive/ose/v1/message/specific" UpdateMessageStates = "updateSpecificMessageState" -> ();
    AppOrToken, Once, Enterprise Full;
    query {
        /// What to do with all messages.
        operate: AllMessages,
    }
}

choices! {
    /// What to do with all messages.
    pub enum AllMessages: number {
        /// Marks all unread messages as read.
        MarkRead = 0,
        /// Deletes all messages.
        Delete = 1,
    }
}
