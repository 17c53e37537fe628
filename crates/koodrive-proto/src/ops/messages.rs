//! Messages to the user, in the enterprise edition.
//!
//! The manual's pages of this family don't list the header X-Traceid.

use crate::{answer, operation};

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
    /// The answer of [`DeleteMessages`]: what happened to each message.
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
        /// Whether the change took effect.
        changed: Option<bool>,
    }
}
