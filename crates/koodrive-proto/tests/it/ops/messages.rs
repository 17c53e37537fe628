//! Messages.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::messages::*;

use crate::common::{message, noted, parse, request, wire};

/// A DELETE with a body.
#[test]
fn delete_messages() {
    assert_eq!(wire(&DeleteMessages::new(["1", "2"])), "DELETE /message/batchDelete\n{\"ids\":[\"1\",\"2\"]}");
    let delete = request(&DeleteMessages::new("1"));
    assert_eq!(delete.headers()["content-type"], "application/json");
    assert_eq!(delete.headers()["content-length"], "13");
}

/// Some messages by their ids, and all at once in a POST without a body.
#[test]
fn changing_messages() {
    assert_eq!(wire(&ReadMessages::new(["1", "2"])), "POST /message/batchRead\n{\"ids\":[\"1\",\"2\"]}");
    let answer = r#"{"messages": [{"id": "1", "changed": true}, {"id": "2", "changed": false}]}"#;
    let changed: Vec<_> = parse::<ReadMessages>(answer).unwrap().messages.iter().map(|each| each.changed).collect();
    assert_eq!(changed, [Some(true), Some(false)]);

    assert_eq!(wire(&UpdateMessageStates::new(AllMessages::MarkRead)), "POST /message/specific?operate=0");
    let delete = UpdateMessageStates::new(AllMessages::Delete);
    assert_eq!(wire(&delete), "POST /message/specific?operate=1");
    assert_eq!(request(&delete).headers()["content-length"], "0");
    assert_eq!(message(&delete.operate(AllMessages::Other(2))), "operate: got 2, allowed: 0 (MarkRead), 1 (Delete)");
}

#[test]
fn list_messages() {
    assert_eq!(wire(&GetUnreadMessageCount::new()), "GET /message/unreadCount");
    assert_eq!(parse::<GetUnreadMessageCount>(r#"{"count": "3", "code": "0"}"#).unwrap().count, Some(3));

    let mut op = ListMessages::new();
    assert_eq!(wire(&op), "GET /message/list");
    op = op.page_size(20).page_cursor("0").filter_type(MessageType::Management).state(MessageState::Unread);
    assert_eq!(wire(&op), "GET /message/list?pageSize=20&pageCursor=0&filterType=003&state=0");
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");

    // A list, and one object instead of it, as the table has it.
    let entry = r#"{"id": "1", "sender": "s", "type": "001", "context": "c", "state": 1, "createTime": "t"}"#;
    for (messages, cursor) in [(format!("[{entry}]"), "a"), (entry.to_owned(), "b")] {
        let (mut page, notes) =
            noted::<ListMessages>(&format!(r#"{{"messages": {messages}, "nextCursor": "{cursor}", "code": "0"}}"#));
        assert_eq!(notes, [""; 0]);
        assert_eq!(op.turn(&page).unwrap(), Turn::Next);
        assert_eq!(op.page_cursor.as_deref(), Some(cursor));
        let entry = ListMessages::items(&mut page).remove(0);
        assert_eq!((entry.kind, entry.state), (Some(MessageType::Team), Some(MessageState::Read)));
        assert_eq!((entry.id.as_deref(), entry.text.as_deref()), (Some("1"), Some("c")));
    }
    // An empty page is not the end, one without a cursor is.
    let empty = noted::<ListMessages>(r#"{"messages": [], "nextCursor": "c"}"#).0;
    assert_eq!(op.turn(&empty).unwrap(), Turn::Next);
    let last = noted::<ListMessages>(r#"{"messages": [{"id": "2"}], "code": "0"}"#).0;
    assert_eq!(op.turn(&last).unwrap(), Turn::Last);
}

#[test]
fn notifications() {
    let mut op = ListUnreadNotifications::new(NotificationType::All, 100);
    assert_eq!(wire(&op), "GET /notification/getUnread?messageType=0&pageSize=100");
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");
    let (mut page, notes) = noted::<ListUnreadNotifications>(
        r#"{"tenantId": "t", "notifications": [{"messageType": 1, "ownerId": 1505084218764547200,
            "info": {"notificationId": 1761671075730667265}}], "nextCursor": "k", "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /notification/getUnread?messageType=0&pageSize=100&cursor=k");
    let entry = ListUnreadNotifications::items(&mut page).remove(0);
    assert_eq!(entry.message_type, Some(NotificationType::SharedFolderDeleted));
    assert!(entry.owner_id.is_some_and(|id| id == "1505084218764547200"));
    assert_eq!(entry.info.unwrap().0["notificationId"], 1_761_671_075_730_667_265_i64);
    let last = noted::<ListUnreadNotifications>(r#"{"notifications": [], "code": 0}"#).0;
    assert_eq!(op.turn(&last).unwrap(), Turn::Last);

    let update = UpdateNotification::new("1761671075730667265");
    assert_eq!(wire(&update), "POST /notification/update/1761671075730667265");
    assert_eq!(request(&update).headers()["content-length"], "0");
}
