//! Messages of the enterprise edition.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::{answer, choices, operation};

operation! {
    /// Counts the messages that the user has not read.
    ///
    /// Source: getUnreadCount, enterprise (2025-12-12); the page gives no examples.
    ///
    /// ```
    /// # use koodrive_proto::ops::messages::GetUnreadMessageCount;
    /// GetUnreadMessageCount::new();
    /// ```
    GET "/koodrive/ose/v1/message/unreadCount" GetUnreadMessageCount = "getUnreadCount" -> UnreadMessages;
    AppOrToken, ReadOnly, Enterprise Full;
}

answer! {
    /// The answer of [`GetUnreadMessageCount`].
    UnreadMessages {
        /// How many messages the user has not read.
        count: Option<i64>,
    }
}

operation! {
    /// Lists the user's messages, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](MessagePage::next_cursor). Pages before the last one may be short
    /// or even empty. Listing a message doesn't mark it as read, as far as the page says.
    ///
    /// Source: listMessages, enterprise (2025-12-12); the page gives no examples.
    ///
    /// ```
    /// # use koodrive_proto::ops::messages::{ListMessages, MessageState, MessageType};
    /// ListMessages::new().filter_type(MessageType::System).state(MessageState::Unread).page_size(20);
    /// ```
    GET "/koodrive/ose/v1/message/list" ListMessages = "listMessages" -> MessagePage;
    AppOrToken, ReadOnly, Enterprise Full;
    query {;
        /// How many messages a page may have, at most 100.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor from the answer with the previous page.
        page_cursor: String | "0" = "pageCursor",
        /// Only messages of this kind are listed.
        filter_type: MessageType = "filterType",
        /// Only messages in this state are listed.
        state: MessageState,
    }
}

choices! {
    /// What a message is about.
    pub enum MessageType: text {
        /// Sharing.
        Sharing = "000",
        /// Teams.
        Team = "001",
        /// The system.
        System = "002",
        /// Management.
        Management = "003",
    }
}

choices! {
    /// Whether a message has been read.
    pub enum MessageState: number {
        /// It has not been read.
        Unread = 0,
        /// It has been read.
        Read = 1,
    }
}

impl Paged for ListMessages {
    type Item = Message;

    fn turn(&mut self, page: &MessagePage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut MessagePage) -> &mut Vec<Message> {
        &mut page.messages
    }

    fn key(item: &Message) -> Option<&str> {
        item.id.as_deref()
    }
}

answer! {
    /// A page of messages.
    MessagePage {
        /// The messages. The table types them as one object; a list and one object are both read.
        messages: Vec<Message>,
        /// The cursor of the next page; the last page has none.
        next_cursor: Option<String>,
    }
}

answer! {
    /// A message.
    Message {
        /// The id of the message.
        id: Option<String>,
        /// Who sent the message. It is not documented whether this is a name or an id.
        sender: Option<String>,
        /// What the message is about.
        kind: Option<MessageType> = "type",
        /// The text of the message.
        text: Option<String> = "context",
        /// Whether the message has been read.
        state: Option<MessageState>,
        /// When the message was received; the format is not documented.
        create_time: Option<String>,
    }
}
