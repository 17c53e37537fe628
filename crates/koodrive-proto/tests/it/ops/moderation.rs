//! Moderation.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::moderation::{
    FileFeature, FileVerdict, GetModeratedFiles, Judge, ListModeratedFiles, ModerateFiles, Verdict,
};

use crate::common::{message, noted, parse, wire};

const SHA256: &str = "6247ade6b2ef00bcd7ca618af137f8c0154395f4edc2b2f64566f7b676b33a10";

/// Numbers in the body, as the tables have them; the examples send texts.
#[test]
fn verdicts_on_files() {
    let normal = FileVerdict::new(SHA256, 0, Verdict::Normal);
    let high = FileVerdict::new("b", 528_263, Verdict::HighSensitivity).detail("{}").file_id("f");
    let op = ModerateFiles::new([normal.clone(), high]);
    assert_eq!(
        wire(&op),
        format!(
            "POST /audit/batch\n{{\"list\":[{{\"sha256\":\"{SHA256}\",\"size\":0,\"auditResult\":1}},\
             {{\"sha256\":\"b\",\"size\":528263,\"auditResult\":3,\"auditDetail\":\"{{}}\",\"fileId\":\"f\"}}]}}"
        ),
    );
    let unknown = normal.clone().verdict(Verdict::Other(4));
    assert_eq!(
        message(&ModerateFiles::new([normal, unknown])),
        "list[1].auditResult: got 4, allowed: 1 (Normal), 2 (LowSensitivity), 3 (HighSensitivity)",
    );
    parse::<ModerateFiles>(r#"{ "code": 0, "msg": "success" }"#).unwrap();

    let op = GetModeratedFiles::new([FileFeature::new(SHA256, 413_774), FileFeature::new("b", 1).file_id("f")]);
    assert_eq!(
        wire(&op),
        format!(
            "POST /audit/batchGet\n{{\"featureList\":[{{\"sha256\":\"{SHA256}\",\"size\":413774}},\
             {{\"sha256\":\"b\",\"size\":1,\"fileId\":\"f\"}}]}}"
        ),
    );
    let (answer, notes) = noted::<GetModeratedFiles>(
        r#"{"data": {"auditList": [{"sha256": "a", "size": 1, "auditLevel": 99, "auditResult": 1,
            "auditDetail": "{}"}]}, "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((answer.files[0].judge, answer.files[0].verdict), (Some(Judge::Appeal), Some(Verdict::Normal)));
    assert_eq!(answer.files[0].detail.as_deref(), Some("{}"));
}

/// The list is at the top of the answer here; the links open files, so no Debug shows them.
#[test]
fn list_moderated_files() {
    let mut op = ListModeratedFiles::new();
    assert_eq!(wire(&op), "GET /audit");
    op = op.page_size(1).cursor("1").has_url(false);
    assert_eq!(wire(&op), "GET /audit?pageSize=1&cursor=1&hasUrl=false");
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");

    let (mut page, notes) = noted::<ListModeratedFiles>(
        r#"{"auditList": [{"sha256": "a", "size": 11239, "auditLevel": 10, "auditResult": 3, "auditDetail": "d",
            "downloadUrl": "https://h/f?signature=s3cr3t"}], "nextCursor": "2", "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert!(!format!("{page:?}").contains("s3cr3t"), "{page:?}");
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /audit?pageSize=1&cursor=2&hasUrl=false");
    let file = ListModeratedFiles::items(&mut page).remove(0);
    assert_eq!((ListModeratedFiles::key(&file), file.size), (Some("a"), Some(11_239)));
    assert_eq!((file.judge, file.verdict), (Some(Judge::Machine), Some(Verdict::HighSensitivity)));
    assert_eq!(file.download_url.unwrap().as_str(), "https://h/f?signature=s3cr3t");
    let last = noted::<ListModeratedFiles>(r#"{"auditList": [{"sha256": "b"}], "code": 0}"#).0;
    assert_eq!(op.turn(&last).unwrap(), Turn::Last);
}
