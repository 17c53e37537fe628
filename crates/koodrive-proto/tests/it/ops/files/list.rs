//! Listings and search.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::files::{
    FileAction, FileArea, FileSort, FileType, GetFileOperations, ListGroupFiles, ListPersonalFiles, PageInfo,
    SearchFiles, SearchFilter, SearchPageInfo, SearchType, SortDirection, SortType,
};
use koodrive_proto::ops::spaces::SpaceType;

use crate::common::{SPACE, message, noted, wire};

/// Cursors, sorting, and a path that other paths look like.
#[test]
fn list_personal_files() {
    let op = ListPersonalFiles::new(FileArea::RecycleBin, SPACE, "root");
    let body = "{\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"parentFileId\":\"root\"";
    assert_eq!(wire(&op), format!("POST /files/1\n{body}}}"));
    let op = op
        .page_info(PageInfo::new().page_size(10).page_cursor("[a|b,c]"))
        .sort_info(FileSort::new().sort_type(SortType::Recycled).sort_direction(SortDirection::Descending))
        .file_type(FileType::SmartFolder)
        .image_process("image/resize,m_lfit,h_128,w_128");
    assert_eq!(
        wire(&op),
        format!(
            "POST /files/1\n{body},\"pageInfo\":{{\"pageSize\":10,\"pageCursor\":\"[a|b,c]\"}},\
             \"sortInfo\":{{\"sortType\":5,\"sortDirection\":2}},\"fileType\":\"11\",\
             \"imageProcess\":\"image/resize,m_lfit,h_128,w_128\"}}"
        ),
    );
    // An object without members is an object.
    let op = ListPersonalFiles::new(FileArea::Space, SPACE, "root").page_info(PageInfo::new());
    assert_eq!(wire(&op), format!("POST /files/0\n{body},\"pageInfo\":{{}}}}"));
}

/// Parameters in the path, the query and the body, and a cursor that is nested in the body.
#[test]
fn list_group_files() {
    let mut op = ListGroupFiles::new("7", FileArea::Space, SPACE, "sbox");
    let body = "{\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"parentFileId\":\"sbox\"";
    assert_eq!(wire(&op), format!("POST /files/7/0\n{body}}}"));
    let full = op
        .clone()
        .area(FileArea::RecycleBin)
        .team_type(SpaceType::Group)
        .page_info(PageInfo::new().page_size(10))
        .sort_info(FileSort::new().sort_type(SortType::Format))
        .file_type(FileType::Folder)
        .image_process("i")
        .hidden(true);
    assert_eq!(
        wire(&full),
        format!(
            "POST /files/7/1?team_type=2\n{body},\"pageInfo\":{{\"pageSize\":10}},\"sortInfo\":{{\"sortType\":6}},\
             \"fileType\":\"10\",\"imageProcess\":\"i\",\"hidden\":true}}"
        ),
    );
    let individual = op.clone().team_type(SpaceType::Individual);
    assert_eq!(message(&individual), "team_type: got 1 (Individual), allowed: 0 (Department), 2 (Group)");
    let long = op.clone().container_id("x".repeat(65));
    assert_eq!(message(&long), "containerId: got 65 characters, allowed: 1 to 64 characters");

    let (page, notes) = noted::<ListGroupFiles>(
        r#"{"category": "drive#fileList", "nextCursor": "0|[9,11][J0,=]", "searchCompleted": false, "files": [
            {"id": "f1", "properties": {"createUser": "3"}, "favorite": false, "parentFolder": ["p"],
             "owners": [{"me": true}], "lastEditor": {"userId": "NDEz"}, "fileType": "10"}], "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    let file = &page.files[0];
    assert_eq!((file.favorite, file.owners[0].me), (Some(false), Some(true)));
    assert_eq!(file.properties["createUser"], "3");
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), format!("POST /files/7/0\n{body},\"pageInfo\":{{\"pageCursor\":\"0|[9,11][J0,=]\"}}}}"));
    for last in [r#"{"files": [{"id": "f2"}], "nextCursor": ""}"#, r#"{"files": []}"#] {
        assert_eq!(op.turn(&noted::<ListGroupFiles>(last).0).unwrap(), Turn::Last, "{last}");
    }
}

#[test]
fn get_file_operations() {
    let mut op = GetFileOperations::new("f/1");
    assert_eq!(wire(&op), "GET /files/f%2F1/operations");
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");
    op = op.page_size(1);
    let (mut page, notes) = noted::<GetFileOperations>(
        r#"{"operations": [{"id": "o1", "operator": "7", "operateType": "6"}, {"operateType": "99"}],
            "nextCursor": "c", "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /files/f%2F1/operations?pageCursor=c&pageSize=1");
    let done = std::mem::take(GetFileOperations::items(&mut page));
    assert_eq!(GetFileOperations::key(&done[0]), Some("o1"));
    assert_eq!(done[0].operate_type, Some(FileAction::SaveShared));
    assert!(matches!(done[1].operate_type, Some(FileAction::Other(_))));
    assert_eq!(op.turn(&noted::<GetFileOperations>(r#"{"operations": [{"id": "o2"}]}"#).0).unwrap(), Turn::Last);
}

#[test]
fn search_files() {
    let op = SearchFiles::new(SearchType::Team, SearchPageInfo::new(100, ""));
    assert_eq!(
        wire(&op),
        "POST /files/search\n{\"searchType\":\"team\",\"pageInfo\":{\"pageSize\":100,\"pageCursor\":\"\"}}",
    );
    let filter = SearchFilter::new().key_word("报告").container_id(SPACE).parent_folder("f").file_type(FileType::Word);
    let op = op
        .share_folder_id("s")
        .filter(filter.update_time_range("?").owner_id("o"))
        .sort_info(FileSort::new().sort_type(SortType::Name))
        .recursive(true)
        .image_process("i")
        .recycled(false);
    assert_eq!(
        wire(&op),
        "POST /files/search\nx-hw-share-folder-id: s\n{\"searchType\":\"team\",\
         \"pageInfo\":{\"pageSize\":100,\"pageCursor\":\"\"},\"filter\":{\"keyWord\":\"报告\",\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"parentFolder\":\"f\",\"fileType\":\"26\",\
         \"updateTimeRange\":\"?\",\"ownerId\":\"o\"},\"sortInfo\":{\"sortType\":1},\"recursived\":true,\
         \"imageProcess\":\"i\",\"recycled\":false}",
    );
    let op = SearchFiles::new(SearchType::Personal, SearchPageInfo::new(101, ""));
    assert_eq!(message(&op), "pageInfo.pageSize: got 101, allowed: 1 to 100");
    let op = op.page_info(SearchPageInfo::new(1, "")).filter(SearchFilter::new().parent_folder("f"));
    assert_eq!(
        message(&op),
        "filter.containerId: got nothing, allowed: the id of a space; it is required with filter.parentFolder",
    );
    let op = op.filter(SearchFilter::new().file_type(FileType::SmartFolder));
    assert!(message(&op).starts_with("filter.fileType: got 11 (SmartFolder), allowed: 10 (Folder), 15 (Picture), "));
    let op = op.filter(SearchFilter::new().key_word("ü".repeat(81)));
    assert_eq!(message(&op), "filter.keyWord: got 81 characters, allowed: 0 to 80 characters");
    assert_eq!(
        message(&op.share_folder_id("ü")),
        "x-hw-share-folder-id: got a text that no header can carry, allowed: \
        visible ASCII characters, with blanks only between them"
    );
}
