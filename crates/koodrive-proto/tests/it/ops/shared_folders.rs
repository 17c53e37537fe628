//! Shared folders.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::shared_folders::{
    CreateSharedFolder, DeleteSharedFolder, GetSharedFolder, ListSharedFolders, RenameSharedFolder, SharedFolderFilter,
    SharedFolderStatus,
};

use crate::common::{SPACE, message, noted, parse, wire};

#[test]
fn create_shared_folder() {
    assert_eq!(
        wire(&CreateSharedFolder::new(SPACE, "Family")),
        "POST /sharefolder/create\n{\"shareType\":0,\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\
         \"name\":\"Family\"}",
    );
    assert_eq!(
        message(&CreateSharedFolder::new(SPACE, "👪")),
        "name: got a text with an emoji, allowed: not empty, not `.` or `..`, none of < > | : * ? \" /, no emoji, line end, \
         backspace or tab",
    );
    // The example: the group is a number on the wire, and two ids of the folder have names of their own.
    let (created, notes) = noted::<CreateSharedFolder>(
        r#"{"id": "1765148493107805441", "data": {"tenantId": "c937", "creator": "1644817543959100032",
            "createTime": "2025-09-01T02:34:57.815Z", "groupId": 1765148492881313000, "id": "1765148493107805441",
            "shareFolderId": "F1"}, "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    let data = created.data.unwrap();
    assert_eq!((created.id.as_deref(), data.id), (Some("1765148493107805441"), created.id.clone()));
    assert!(data.group_id.is_some_and(|id| id == "1765148492881313000"));
    assert!(data.share_folder_id.is_some_and(|id| id == "F1"));
}

/// The id is a text, though the example has a list.
#[test]
fn rename_and_delete_a_shared_folder() {
    assert_eq!(
        wire(&RenameSharedFolder::new("1757156480072657793", "Photos")),
        "POST /sharefolder/rename\n{\"id\":\"1757156480072657793\",\"fileName\":\"Photos\"}",
    );
    assert_eq!(
        message(&RenameSharedFolder::new("1", "x".repeat(32))),
        "fileName: got 32 characters, allowed: 1 to 31 characters",
    );
    let renamed = parse::<RenameSharedFolder>(r#"{"id": "1757156480072657793", "code": 0, "msg": "success"}"#);
    assert_eq!(renamed.unwrap().id.as_deref(), Some("1757156480072657793"));
    assert_eq!(wire(&DeleteSharedFolder::new("1")), "POST /sharefolder/delete\n{\"id\":\"1\"}");
}

#[test]
fn list_shared_folders() {
    let mut op = ListSharedFolders::new(0, 2);
    assert_eq!(wire(&op), "GET /sharefolder/list?offset=0&limit=2");
    assert_eq!(
        wire(&op.clone().key_word("a b").status(SharedFolderStatus::Deleted).query_type(SharedFolderFilter::All)),
        "GET /sharefolder/list?offset=0&limit=2&keyWord=a%20b&status=1&queryType=0",
    );
    assert_eq!(message(&op.clone().limit(1001)), "limit: got 1001, allowed: 1 to 1000");
    assert_eq!(
        message(&op.clone().key_word("k".repeat(33))),
        "keyWord: got 33 characters, allowed: 0 to 32 characters",
    );

    let full = parse::<ListSharedFolders>(r#"{"folders": [{"id": "1"}, {"id": "2"}], "code": 0}"#).unwrap();
    assert_eq!(ListSharedFolders::key(&full.folders[1]), Some("2"));
    assert_eq!(op.turn(&full).unwrap(), Turn::Perhaps);
    assert_eq!(wire(&op), "GET /sharefolder/list?offset=2&limit=2");
    let short = parse::<ListSharedFolders>(r#"{"folders": [{"id": "3"}], "code": 0}"#).unwrap();
    assert_eq!(op.turn(&short).unwrap(), Turn::Unsure);
    let empty = parse::<ListSharedFolders>(r#"{"folders": [], "code": 0}"#).unwrap();
    assert_eq!(op.turn(&empty).unwrap(), Turn::Last);
}

/// The id of the owner is a number on the wire, all other ids are texts.
#[test]
fn get_shared_folder() {
    assert_eq!(wire(&GetSharedFolder::new("1757156480072657793")), "GET /sharefolder/metadata/1757156480072657793");
    assert_eq!(
        message(&GetSharedFolder::new("1".repeat(101))),
        "shareFolderId: got 101 characters, allowed: 1 to 100 characters",
    );
    let (answer, notes) = noted::<GetSharedFolder>(
        r#"{"sharefolder": {"id": "1", "ownerId": 1644817543959100032, "groupId": "1765148492881313000", "status": 1,
            "shareFolderFileId": "F1", "maxMember": 10}, "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    let folder = answer.folder.unwrap();
    assert_eq!(folder.status, Some(SharedFolderStatus::Deleted));
    assert!(folder.owner_id.is_some_and(|id| id == "1644817543959100032"));
    assert!(folder.group_id.is_some_and(|id| id == "1765148492881313000"));
}
