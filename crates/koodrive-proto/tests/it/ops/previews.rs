//! Previews and thumbnails.

use koodrive_proto::ops::previews::{
    CreateThumbnailTask, CreateVideoThumbnailTask, GetFilePreviewUrl, GetShareFilePreviewUrl,
};

use crate::common::{SPACE, is_anonymous, noted, request, wire};

#[test]
fn get_file_preview_url() {
    let op = GetFilePreviewUrl::new("f");
    assert_eq!(wire(&op), "GET /files/preview/f/link");
    let op = op.share_short_url("s1h2").share_folder_id("s");
    assert_eq!(wire(&op), "GET /files/preview/f/link\nx-hw-share-folder-id: s");
    assert_eq!(request(&op).headers()["x-share-shorturl"], "s1h2");
    let (answer, notes) = noted::<GetFilePreviewUrl>(r#"{"link": "https://obs/a?sign=d3e7", "code": 0}"#);
    assert_eq!(notes, [""; 0]);
    assert_eq!(answer.link.as_ref().unwrap().as_str(), "https://obs/a?sign=d3e7");
    assert!(!format!("{op:?} {answer:?}").contains(['1', '7']), "{op:?} {answer:?}");
}

/// For anybody who has the code and the token, which is why neither is shown.
#[test]
fn get_share_file_preview_url() {
    let op = GetShareFilePreviewUrl::new("2der/t", "f", "561b");
    let agent = "\nx-hw-agentname: standard";
    assert_eq!(wire(&op), format!("GET /files/preview/share/2der%2Ft?fileId=f&kdstoken=561b{agent}"));
    let op = op.parent_folder("p");
    assert_eq!(wire(&op), format!("GET /files/preview/share/2der%2Ft?fileId=f&kdstoken=561b&parentFolder=p{agent}"));
    assert!(is_anonymous(&request(&op)));
    assert!(!format!("{op:?}").contains(['2', '5']), "{op:?}");
}

#[test]
fn thumbnails() {
    let body = "{\"fileId\":\"f\",\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"userId\":\"7\"}";
    let op = CreateThumbnailTask::new("f", SPACE, "7");
    assert_eq!(wire(&op), format!("POST /document/thumbnail\n{body}"));
    let header = "\nx-hw-share-folder-id: s";
    assert_eq!(wire(&op.share_folder_id("s")), format!("POST /document/thumbnail{header}\n{body}"));
    let op = CreateVideoThumbnailTask::new("f", SPACE, "7");
    assert_eq!(wire(&op), format!("POST /video/thumbnail\n{body}"));
    assert_eq!(wire(&op.share_folder_id("s")), format!("POST /video/thumbnail{header}\n{body}"));
}
