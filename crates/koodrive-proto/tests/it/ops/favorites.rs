//! Favourites.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::favorites::{FileToStar, ListStarredFiles, StarFiles, StarSort, StarStatus};
use koodrive_proto::ops::files::{FileType, SortDirection};

use crate::common::{message, noted, wire};

#[test]
fn star_files() {
    let op = StarFiles::new(true, [FileToStar::new("f").container_id("s"), FileToStar::new("g")]);
    assert_eq!(
        wire(&op),
        "POST /star/batch\n{\"starred\":true,\
         \"subRequestList\":[{\"fileId\":\"f\",\"containerId\":\"s\"},{\"fileId\":\"g\"}]}",
    );
    let many = |count| (0..count).map(|id| FileToStar::new(format!("f{id}"))).collect::<Vec<_>>();
    assert_eq!(
        message(&StarFiles::new(false, many(101))),
        "subRequestList: got 101 entries, allowed: 1 to 100 entries"
    );
    // Once is enough, wherever the file is.
    let twice = [FileToStar::new("f"), FileToStar::new("g").container_id("s"), FileToStar::new("g")];
    assert_eq!(
        message(&op.files(twice)),
        "subRequestList[2].fileId: got the file of subRequestList[1], allowed: each file only once",
    );

    let (answer, notes) = noted::<StarFiles>(
        r#"{"status": 1, "subResponseList": [{"fileId": "f", "code": "0", "message": "success"},
            {"fileId": "g", "code": "13000309", "message": "Resource not found."}]}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(answer.status, Some(StarStatus::PartlySucceeded));
    assert_eq!(answer.files.iter().map(|file| file.code).collect::<Vec<_>>(), [Some(0), Some(13_000_309)]);
}

#[test]
fn list_starred_files() {
    let mut op = ListStarredFiles::new();
    assert_eq!(wire(&op), "GET /star/files");
    let whole = op
        .clone()
        .page_size(100)
        .page_cursor("c")
        .sort_type(StarSort::Starred)
        .sort_direction(SortDirection::Ascending)
        .file_type(FileType::SmartFolder)
        .image_process("i");
    assert_eq!(
        wire(&whole),
        "GET /star/files?pageSize=100&pageCursor=c&sortType=1&sortDirection=1&fileType=11&imageProcess=i",
    );
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");

    let (page, notes) = noted::<ListStarredFiles>(
        r#"{"nextCursor": "d", "autoDeleted": 1, "starFiles": [{"category": "drive#file", "id": "f", "fileType": "26",
            "favorite": true, "containers": ["s"], "keychains": [{"a": 1}], "dataType": 11}], "code": "0"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((page.auto_deleted, page.files[0].data_type), (Some(1), Some(11)));
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /star/files?pageCursor=d");
    // An empty page is not the end, one without a cursor is.
    let empty = noted::<ListStarredFiles>(r#"{"starFiles": [], "nextCursor": "e"}"#).0;
    assert_eq!(op.turn(&empty).unwrap(), Turn::Next);
    assert_eq!(op.turn(&noted::<ListStarredFiles>(r#"{"starFiles": [{"id": "g"}]}"#).0).unwrap(), Turn::Last);
}
