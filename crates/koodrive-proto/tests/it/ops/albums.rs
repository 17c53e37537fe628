//! Albums.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::albums::{AlbumSort, ListAlbumContent};
use koodrive_proto::ops::files::SortDirection;

use crate::common::{message, noted, wire};

#[test]
fn list_album_content() {
    let mut op = ListAlbumContent::new("a/1");
    assert_eq!(wire(&op), "GET /album/a%2F1/list");
    assert_eq!(
        wire(&op.clone().page_size(100).page_cursor("").sort_type(AlbumSort::Modified)),
        "GET /album/a%2F1/list?pageSize=100&pageCursor=&sortType=3",
    );
    assert_eq!(message(&op.clone().page_size(0)), "pageSize: got 0, allowed: 1 to 100");
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");

    op = op.sort_direction(SortDirection::Ascending);
    let (mut page, notes) = noted::<ListAlbumContent>(
        r#"{"contentList": [{"id": "f1", "takeTime": "2025-09-01", "owner": "7"}, {"id": "f2"}],
            "nextPageCursor": "[1,\"b\"]", "total": 3}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(page.total, Some(3));
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /album/a%2F1/list?pageCursor=%5B1%2C%22b%22%5D&sortDirection=1");
    let files = std::mem::take(ListAlbumContent::items(&mut page));
    assert!(files[0].id.as_ref().is_some_and(|id| id == "f1") && files[1].take_time.is_none());
    assert_eq!(files[0].take_time.as_deref(), Some("2025-09-01"));

    // An empty page is not the end, one without a cursor is.
    let empty = noted::<ListAlbumContent>(r#"{"contentList": [], "nextPageCursor": "c", "code": 0}"#).0;
    assert_eq!(op.turn(&empty).unwrap(), Turn::Next);
    for last in [r#"{"contentList": [{"id": "f3"}], "nextPageCursor": ""}"#, r#"{"contentList": [{"id": "f3"}]}"#] {
        assert_eq!(op.turn(&noted::<ListAlbumContent>(last).0).unwrap(), Turn::Last, "{last}");
    }
}
