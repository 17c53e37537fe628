//! Files: their upload, listings and search.

use koodrive_proto::Operation;
use koodrive_proto::ops::files::{
    CreateFile, FileArea, FileSort, FileType, ListPersonalFiles, NewPart, OnConflict, PageInfo, SearchFiles,
    SearchFilter, SearchPage, SearchType, SortDirection, SortType,
};

use crate::common::{SPACE, message, wire};

/// The smallest part but for the last.
const MIN: u64 = 5_242_880;

/// A list of objects, constants, and a choice about conflicts.
#[test]
fn create_file() {
    let op = CreateFile::new("ü.zip", FileType::Archive, "root", 12_582_913)
        .auto_rename(OnConflict::KeepSame)
        .container_id(SPACE);
    assert_eq!(
        wire(&op),
        "POST /files/create\n{\"uploadMode\":\"multipart\",\"uploadType\":1,\"fileName\":\"ü.zip\",\"fileType\":\"35\",\
         \"parentFolder\":[\"root\"],\"length\":12582913,\"autoRename\":4,\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\"}",
    );
    let parts = [
        NewPart::new(1, 6_291_456).part_offset(0),
        NewPart::new(2, 6_291_457).part_offset(6_291_456).hash_ctx([u32::MAX; 8]).part_id("p"),
    ];
    let op = op
        .share_folder_id("s")
        .created_time("2023-08-18T05:43:49Z")
        .description("d")
        .mime_type("application/zip")
        .sha256("ab")
        .pre_hash("cd")
        .proof_code("ef")
        .multi_parts(parts)
        .hidden(false)
        .parent_folder(["other"])
        .file_name("renamed.zip");
    assert_eq!(
        wire(&op),
        "POST /files/create\nx-hw-share-folder-id: s\n{\"uploadMode\":\"multipart\",\"uploadType\":1,\
         \"fileName\":\"renamed.zip\",\"fileType\":\"35\",\"parentFolder\":[\"other\"],\"length\":12582913,\"autoRename\":4,\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"createdTime\":\"2023-08-18T05:43:49Z\",\
         \"description\":\"d\",\"mimeType\":\"application/zip\",\"sha256\":\"ab\",\"multiParts\":[\
         {\"partNumber\":1,\"partSize\":6291456,\"partOffset\":0},\
         {\"partNumber\":2,\"partSize\":6291457,\"partOffset\":6291456,\"hashCtx\":[4294967295,4294967295,4294967295,\
         4294967295,4294967295,4294967295,4294967295,4294967295],\"partId\":\"p\"}],\
         \"preHash\":\"cd\",\"proofCode\":\"ef\",\"hidden\":false}",
    );
}

#[test]
fn parts_of_a_file() {
    let file = |parts: Vec<NewPart>| {
        CreateFile::new("a", FileType::Video, "root", 1)
            .auto_rename(OnConflict::Refuse)
            .container_id(SPACE)
            .multi_parts(parts)
    };
    // The last by its number may be smaller, also empty.
    assert_eq!(file(vec![NewPart::new(2, 0), NewPart::new(1, MIN)]).check(), Ok(()));
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN - 1), NewPart::new(2, MIN)])),
        "multiParts[0].partSize: got 5242879, allowed: 5242880 to 5368709120 bytes; only the last part may be smaller",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN), NewPart::new(10_001, 5)])),
        "multiParts[1].partNumber: got 10001, allowed: 1 to 10000",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, 5_368_709_121)])),
        "multiParts[0].partSize: got 5368709121, allowed: 0 to 5368709120 bytes",
    );
    // At the same time: multiples of 64, and the state of the hash.
    let second = NewPart::new(2, 1).part_offset(MIN).hash_ctx([0; 8]);
    assert_eq!(file(vec![NewPart::new(1, MIN).part_offset(0), second.clone()]).check(), Ok(()));
    assert_eq!(file(vec![NewPart::new(1, MIN + 1), NewPart::new(2, 1)]).check(), Ok(()), "one after the other");
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN + 1).part_offset(0), second.clone()])),
        "multiParts[0].partSize: got 5242881, allowed: a multiple of 64 bytes in all but the last of parts with an offset",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN).part_offset(0), NewPart::new(2, 1).part_offset(MIN)])),
        "multiParts[1].hashCtx: got nothing, allowed: the state of the hash, in all parts with an offset that isn't 0",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN), second.clone()])),
        "multiParts[0].partOffset: got nothing, allowed: 0: in each of parts with an offset, the bytes before it",
    );
    assert_eq!(
        message(&file(vec![second.clone().part_offset(64), NewPart::new(1, MIN).part_offset(0)])),
        "multiParts[0].partOffset: got 64, allowed: 5242880: in each of parts with an offset, the bytes before it",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(3, MIN), NewPart::new(1, MIN), NewPart::new(3, MIN)])),
        "multiParts[2].partNumber: got 3, allowed: a number of its own",
    );
    assert_eq!(
        message(&file(vec![NewPart::new(1, MIN), second.hash_ctx([0; 5])])),
        "multiParts[1].hashCtx: got 5 entries, allowed: exactly 8 entries",
    );
    let op = file(vec![]).file_type(FileType::Folder);
    assert!(message(&op).starts_with("fileType: got 10 (Folder), allowed: 15 (Picture), 20 (Video), "));
    let op = file(vec![]).parent_folder(["a", "b"]);
    assert_eq!(message(&op), "parentFolder: got 2 entries, allowed: exactly 1 entry");
}

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

#[test]
fn search_files() {
    let op = SearchFiles::new(SearchType::Team, SearchPage::new(100, ""));
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
    let op = SearchFiles::new(SearchType::Personal, SearchPage::new(101, ""));
    assert_eq!(message(&op), "pageInfo.pageSize: got 101, allowed: 1 to 100");
    let op = op.page_info(SearchPage::new(1, "")).filter(SearchFilter::new().parent_folder("f"));
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
