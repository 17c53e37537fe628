//! Albums.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::albums::{
    AddAlbumContent, AlbumKind, AlbumSort, AlbumType, CreateAlbum, DeleteAlbum, DeleteAlbumContent, ListAlbumContent,
    ListAlbums, MediaKind, OwnedFile, UpdateAlbum,
};
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

/// Numbers and lists of numbers as JSON strings; what is required depends on the type and on the kind.
#[test]
fn create_album() {
    let manual = CreateAlbum::new(AlbumType::Manual, AlbumKind::Personal);
    assert_eq!(
        wire(&manual.clone().name("Summer").share_folder_id(1_765_148_492_881_313_001_i64)),
        "POST /album/create\n{\"type\":\"2\",\"albumKind\":\"1\",\"name\":\"Summer\",\
         \"shareFolderId\":1765148492881313001}",
    );
    assert_eq!(message(&manual), "name: got nothing, allowed: a text; it is required with type 2");
    assert_eq!(message(&manual.name("x".repeat(21))), "name: got 21 characters, allowed: 1 to 20 characters");

    let collecting = CreateAlbum::new(AlbumType::Collecting, AlbumKind::Shared);
    let is_missing = |op: &CreateAlbum, name: &str, rest: &str| {
        assert_eq!(message(op), format!("{name}: got nothing, allowed: {rest}"));
    };
    is_missing(&collecting, "scopeDir", "a list; it is required with type 1");
    let collecting = collecting.scope_dir(["f1", "f2"]);
    is_missing(&collecting, "scopeParentFolderId", "a text; it is required with type 1");
    let collecting = collecting.scope_parent_folder_id("p");
    is_missing(&collecting, "scopeKind", "entries with `,` between them; it is required with type 1");
    let collecting = collecting.scope_kind([MediaKind::Picture, MediaKind::Video]);
    is_missing(&collecting, "groupId", "a text; it is required with albumKind 2");
    assert_eq!(
        wire(&collecting.clone().group_id("g")),
        "POST /album/create\n{\"type\":\"1\",\"albumKind\":\"2\",\"scopeDir\":[\"f1\",\"f2\"],\
         \"scopeParentFolderId\":\"p\",\"scopeKind\":\"1,2\",\"groupId\":\"g\"}",
    );
    assert_eq!(message(&collecting.scope_dir(vec!["f"; 31])), "scopeDir: got 31 entries, allowed: 1 to 30 entries",);
}

/// Two of the paths have no `album` in them.
#[test]
fn change_an_album() {
    assert_eq!(wire(&UpdateAlbum::new("a")), "POST /a/update\n{}");
    let update = UpdateAlbum::new("a")
        .scope_parent_folder_id("p")
        .scope_dir(["f"])
        .scope_kind([MediaKind::Video])
        .name("n")
        .cover_image_url("https://h/c");
    assert_eq!(
        wire(&update),
        "POST /a/update\n{\"scopeParentFolderId\":\"p\",\"scopeDirList\":[\"f\"],\"scopeKind\":\"2\",\
         \"name\":\"n\",\"coverImageUrl\":\"https://h/c\"}",
    );
    assert_eq!(wire(&DeleteAlbum::new("a")), "DELETE /album/a");

    let file = OwnedFile::new("f1").owner_id("7");
    assert_eq!(
        wire(&AddAlbumContent::new("a", [file.clone(), OwnedFile::new("f2")])),
        "POST /album/a/add\n{\"fileIds\":[{\"fileId\":\"f1\",\"ownerId\":\"7\"},{\"fileId\":\"f2\"}]}",
    );
    assert_eq!(
        message(&AddAlbumContent::new("a", [file.clone(), OwnedFile::new("f".repeat(65))])),
        "fileIds[1].fileId: got 65 characters, allowed: 1 to 64 characters",
    );
    assert_eq!(
        message(&AddAlbumContent::new("a", vec![file; 101])),
        "fileIds: got 101 entries, allowed: 1 to 100 entries",
    );
    assert_eq!(wire(&DeleteAlbumContent::new("a", ["f1", "f2"])), "DELETE /a/batchDelete\n{\"ids\":[\"f1\",\"f2\"]}",);
    assert_eq!(
        message(&DeleteAlbumContent::new("a", vec!["f"; 1001])),
        "ids: got 1001 entries, allowed: 1 to 1000 entries",
    );
}

/// Pages with numbers, the first of which needs none.
#[test]
fn list_albums() {
    let mut op = ListAlbums::new(AlbumKind::Personal, AlbumType::Manual);
    assert_eq!(wire(&op), "GET /album/list?albumKind=1&albumType=2");
    assert_eq!(
        wire(&op.clone().group_id("g").page_size(100).page_num(7)),
        "GET /album/list?albumKind=1&albumType=2&groupId=g&pageSize=100&pageNum=7",
    );
    assert_eq!(message(&op.clone().page_num(0)), "pageNum: got 0, allowed: 1 to 4294967295");
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");

    let (mut page, notes) = noted::<ListAlbums>(
        r#"{"albumList": [{"id": "a1", "name": "Summer", "coverImg": "https://h/c", "albumType": 2, "albumKind": "1"},
            {"id": "a2", "albumType": 1, "scopeDir": ["f1", {"id": "f2"}]}], "total": 3}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /album/list?albumKind=1&albumType=2&pageNum=2");
    let albums = std::mem::take(ListAlbums::items(&mut page));
    assert_eq!(ListAlbums::key(&albums[1]), Some("a2"));
    assert!(albums[0].album_kind == Some(AlbumKind::Personal) && albums[1].album_type == Some(AlbumType::Collecting));
    assert_eq!(albums[1].scope_dir.len(), 2);
    assert!(!format!("{albums:?}").contains("https"), "a cover may be a link that opens a picture");
    assert_eq!(op.turn(&page).unwrap(), Turn::Last);

    // One album of one: with a size, that is all.
    let page = noted::<ListAlbums>(r#"{"albumList": [{"id": "a1"}], "total": 1, "code": 0}"#).0;
    let op = ListAlbums::new(AlbumKind::Personal, AlbumType::Manual);
    for (mut op, turn) in [(op.clone(), Turn::Unsure), (op.page_size(10), Turn::Last)] {
        assert_eq!(op.turn(&page).unwrap(), turn);
    }
}
