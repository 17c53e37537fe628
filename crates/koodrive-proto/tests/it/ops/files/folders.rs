//! Folders, renaming and the recycle bin.

use koodrive_proto::Operation;
use koodrive_proto::chrono::{TimeZone, Utc};
use koodrive_proto::ops::files::{
    ClearRecycleBin, CountedType, CreateDirectory, FileType, GetFolderStats, OnConflict, RenameFile,
    SmartFolderAttribute,
};

use crate::common::{SPACE, message, noted, wire};

#[test]
fn create_directory() {
    let op = CreateDirectory::new("2026", SPACE);
    let body = "{\"fileType\":\"10\",\"fileName\":\"2026\",\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\"";
    assert_eq!(wire(&op), format!("POST /directory\n{body}}}"));
    let full = op
        .clone()
        .share_folder_id("s")
        .created_time(Utc.timestamp_millis_opt(1_692_337_429_007).unwrap())
        .description("d")
        .mime_type("m")
        .edited_time("e")
        .parent_folder("p")
        .rename_mode(OnConflict::Rename)
        .hidden(false)
        .smart_folder_attr([SmartFolderAttribute::new().name(1).kind(2).value("v").sort(3)]);
    assert_eq!(
        wire(&full),
        format!(
            "POST /directory\nx-hw-share-folder-id: s\n{body},\"createdTime\":\"2023-08-18T05:43:49.007Z\",\
             \"description\":\"d\",\"mimeType\":\"m\",\"editedTime\":\"e\",\"parentFolder\":[\"p\"],\"renameMode\":2,\
             \"hidden\":false,\"smartFolderAttr\":[{{\"name\":1,\"type\":2,\"value\":\"v\",\"sort\":3}}]}}"
        ),
    );
    for (op, expected) in [
        (op.clone().file_name("x".repeat(251)), "fileName: got 251 characters, allowed: 1 to 250 characters"),
        (op.clone().description("⭐"), "description: got a text with an emoji, allowed: no emoji"),
        (op.clone().description("x".repeat(513)), "description: got 513 characters, allowed: 0 to 512 characters"),
        (op.clone().parent_folder(["a", "b"]), "parentFolder: got 2 entries, allowed: 0 to 1 entry"),
        (op.clone().rename_mode(OnConflict::KeepSame), "renameMode: got 4 (KeepSame), allowed: 2 (Rename), 3 (Refuse)"),
        (
            op.created_time("2023-08-18T05:43:49Z"),
            "createdTime: got another form, or no such date, allowed: a date and time as yyyy-MM-ddTHH:mm:ss.SSSZ",
        ),
    ] {
        assert_eq!(message(&op), expected);
    }
}

#[test]
fn get_folder_stats() {
    let op = GetFolderStats::new("root", SPACE);
    let line = "GET /files/statsDir?fileId=root&containerId=IAAB5thdWzxEoAsiA1681759183084696448";
    assert_eq!(wire(&op), line);
    let full = op
        .clone()
        .recursive(false)
        .include_dir_count(false)
        .include_file_count(true)
        .include_total_size(true)
        .kind(CountedType::File)
        .extensions(["jpg", "png"])
        .categories([FileType::Picture, FileType::Video])
        .hidden(false)
        .is_recycled(true)
        .share_folder_id("s");
    assert_eq!(
        wire(&full),
        format!(
            "{line}&recursive=false&includeDirCount=false&includeFileCount=true&includeTotalSize=true&type=1\
             &extensions=jpg%2Cpng&categorys=15%2C20&hidden=false&isRecycled=true\nx-hw-share-folder-id: s"
        ),
    );
    let many = op.extensions(vec!["a"; 101]);
    assert_eq!(message(&many), "extensions: got 101 entries, allowed: 1 to 100 entries");
    // Numbers in the examples, texts in the tables.
    let (stats, notes) = noted::<GetFolderStats>(
        r#"{"code": 0, "data": {"totalSize": "9007199254740993", "subDirCount": 1, "subFileCount": "0"}}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(
        (stats.total_size, stats.sub_dir_count, stats.sub_file_count),
        (Some(9_007_199_254_740_993), Some(1), Some(0)),
    );
}

#[test]
fn rename_file() {
    let op = RenameFile::new("f", SPACE, "下载");
    let body = "{\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"name\":\"下载\"";
    assert_eq!(wire(&op), format!("POST /files/rename/f\n{body}}}"));
    assert_eq!(
        wire(&op.clone().rename_mode(OnConflict::Refuse).share_folder_id("s")),
        format!("POST /files/rename/f\nx-hw-share-folder-id: s\n{body},\"renameMode\":3}}"),
    );
    let refused = |name: &str, got: &str| {
        let allowed = "not empty, not `.` or `..`, none of < > | : \" * ? / \\";
        assert_eq!(message(&op.clone().name(name)), format!("name: got {got}, allowed: {allowed}"));
    };
    for char in "<>|:\"*?/".chars() {
        refused(&format!("a{char}"), "a text with one of < > | : \" * ? /");
    }
    for (name, got) in
        [("a\\", "a text with a backslash"), (".", "`.` or `..`"), ("..", "`.` or `..`"), ("", "an empty text")]
    {
        refused(name, got);
    }
    assert_eq!(op.clone().name("...").check(), Ok(()));
    let long = op.clone().name("x".repeat(251));
    assert_eq!(message(&long), "name: got 251 characters, allowed: 1 to 250 characters");
    let same = op.rename_mode(OnConflict::KeepSame);
    assert_eq!(message(&same), "renameMode: got 4 (KeepSame), allowed: 2 (Rename), 3 (Refuse)");
}

/// One name in the tables, another one in the examples.
#[test]
fn clear_recycle_bin() {
    assert_eq!(wire(&ClearRecycleBin::new("c")), "POST /files/recycle\n{\"container\":\"c\"}");
    assert_eq!(
        wire(&ClearRecycleBin::new("c").container_id("c").share_folder_id("s")),
        "POST /files/recycle\nx-hw-share-folder-id: s\n{\"container\":\"c\",\"containerId\":\"c\"}",
    );
}
