//! What is known about files, and their download.

use koodrive_proto::ops::files::{BatchResult, FileType, GetDownloadUrls, GetFile, GetFullPath};

use crate::common::{SPACE, message, noted, wire};

#[test]
fn get_file() {
    let op = GetFile::new("f", SPACE);
    let body = "{\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\"";
    assert_eq!(wire(&op), format!("POST /files/f/detail\n{body}}}"));
    assert_eq!(
        wire(&op.image_process("i").share_folder_id("s")),
        format!("POST /files/f/detail\nx-hw-share-folder-id: s\n{body},\"imageProcess\":\"i\"}}"),
    );
    // Beside the code, not under `data`.
    let (file, notes) = noted::<GetFile>(
        r#"{"id": "f", "fileName": "a.txt", "fileType": "45", "properties": {"a": "b"}, "parentFolder": "p",
            "owners": [{"me": true}], "lastEditor": {"displayName": "n"}, "size": 7, "attachments": [{"x": 1}],
            "code": 0, "msg": "success"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((file.file_type, file.size), (Some(FileType::Miscellaneous), Some(7)));
    assert_eq!((file.parent_folder.len(), file.attachments.len(), file.owners[0].me), (1, 1, Some(true)));
}

#[test]
fn get_full_path() {
    let op = GetFullPath::new("f&1", SPACE);
    let line = "GET /files/path?fileId=f%261&containerId=IAAB5thdWzxEoAsiA1681759183084696448";
    assert_eq!(wire(&op), line);
    assert_eq!(wire(&op.share_folder_id("s")), format!("{line}\nx-hw-share-folder-id: s"));
}

/// A code of its own for each file, and one for all of them whose 0 isn't success.
#[test]
fn get_download_urls() {
    let op = GetDownloadUrls::new(SPACE, ["f1", "f2"]).share_folder_id("s");
    assert_eq!(
        wire(&op),
        "POST /files/download\nx-hw-share-folder-id: s\n\
         {\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"fileIds\":[\"f1\",\"f2\"]}",
    );
    for count in [0, 101] {
        let op = op.clone().file_ids(vec!["f"; count]);
        assert_eq!(message(&op), format!("fileIds: got {count} entries, allowed: 1 to 100 entries"));
    }
    let (answer, notes) = noted::<GetDownloadUrls>(
        r#"{"downloads": [{"fileId": "f1", "url": "https://obs/a?sign=d3e7", "code": "0", "msg": "ok"},
            {"fileId": "f2", "code": "13000309"}], "batchCode": 0, "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(answer.batch_code, Some(BatchResult::PartlyFailed));
    assert_eq!(answer.downloads[0].url.as_ref().unwrap().as_str(), "https://obs/a?sign=d3e7");
    assert!(!format!("{answer:?}").contains("d3e7"), "{answer:?}");
    assert_eq!((answer.downloads[1].code, answer.downloads[1].url.is_some()), (Some(13_000_309), false));
}
