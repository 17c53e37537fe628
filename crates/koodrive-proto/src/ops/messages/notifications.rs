//! Notifications of the carrier edition.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::param::UserId;
use crate::wire::Unseen;
use crate::{answer, choices, operation};

operation! {
    /// Lists the notifications that the user has not read, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](NotificationPage::next_cursor). So far, there are only
    /// notifications about shared folders that were deleted.
    ///
    /// The table of the answer lists no id, though [`UpdateNotification`] needs one. It may be in
    /// [`info`](Notification::info), whose members are not described.
    ///
    /// Source: GetUnreadNotification, carrier (2026-02-03); the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::messages::{ListUnreadNotifications, NotificationType};
    /// ListUnreadNotifications::new(NotificationType::All, 100);
    /// ```
    GET "/koodrive/ose/v1/notification/getUnread" ListUnreadNotifications = "GetUnreadNotification" -> NotificationPage;
    AppOrToken, ReadOnly, Carrier Full;
    query {
        /// Only notifications of this kind are listed.
        message_type: NotificationType = "messageType",
        /// How many notifications a page may have.
        page_size: u32 [1..=100] = "pageSize";
        /// The cursor from the answer with the previous page; not set for the first page.
        cursor: String,
    }
}

choices! {
    /// What a notification is about.
    pub enum NotificationType: number {
        /// Anything; only in requests.
        All = 0,
        /// A shared folder was deleted.
        SharedFolderDeleted = 1,
    }
}

impl Paged for ListUnreadNotifications {
    type Item = Notification;

    fn turn(&mut self, page: &NotificationPage) -> Result<Turn, Error> {
        turn_cursor(&mut self.cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut NotificationPage) -> &mut Vec<Notification> {
        &mut page.notifications
    }
}

answer! {
    /// A page of notifications.
    NotificationPage {
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// The notifications.
        notifications: Vec<Notification>,
        /// The cursor of the next page. What the last page has instead is not documented; a missing or empty cursor is
        /// taken as the end.
        next_cursor: Option<String>,
    }
}

answer! {
    /// A notification.
    Notification {
        /// What the notification is about.
        message_type: Option<NotificationType>,
        /// The user whom the notification is for.
        owner_id: Option<UserId>,
        /// The content. Its members are not described.
        info: Option<Unseen>,
    }
}

operation! {
    /// Marks a notification as read.
    ///
    /// This is a POST without a body that may be repeated: a notification that has been read stays so. The page doesn't
    /// say where the id comes from: see [`ListUnreadNotifications`].
    ///
    /// Source: UpdateNotification, carrier (2026-02-12); the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::messages::UpdateNotification;
    /// UpdateNotification::new("1761671075730667265");
    /// ```
    POST "/koodrive/ose/v1/notification/update/{notificationId}" UpdateNotification -> ();
    AppOrToken, Idempotent, Carrier Full;
    path {
        /// The id of the notification.
        notification_id: String = "notificationId",
    }
}
