//! Revisions.

use koodrive_proto::Operation;
use koodrive_proto::chrono::{TimeZone, Utc};
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::files::{NewPart, PageInfo};
use koodrive_proto::ops::revisions::{
    CompleteRevision, CreateRevision, DeleteRevision, GetRevision, KeepPolicy, ListRevisions, RestoreRevision,
    RevisionFields, RevisionReason, UpdateRevision, UrlType,
};

use crate::common::{message, noted, wire};

#[test]
fn one_revision() {
    let body = "{\"containerId\":\"s\",\"fileId\":\"f\",\"revisionId\":\"1.2\"";
    assert_eq!(wire(&DeleteRevision::new("s", "f", "1.2")), format!("POST /revision/deleteRevision\n{body}}}"));
    assert_eq!(wire(&RestoreRevision::new("s", "f", "1.2")), format!("POST /revision/restoreRevision\n{body}}}"));
    assert_eq!(
        wire(&UpdateRevision::new("s", "f", "1.2", false)),
        format!("POST /revision/updateRevision\n{body},\"keepForever\":false}}"),
    );
    let op = GetRevision::new("s", "f", "1.2");
    assert_eq!(wire(&op), format!("POST /revision/getRevision\n{body}}}"));
    assert_eq!(
        wire(&op.clone().url_type(UrlType::Internal).fields(RevisionFields::All)),
        format!("POST /revision/getRevision\n{body},\"urlType\":2,\"fields\":\"*\"}}"),
    );
    assert_eq!(message(&op.url_type(UrlType::Other(3))), "urlType: got 3, allowed: 1 (External), 2 (Internal)");

    // The members are at the top level, and nobody sees the link.
    let (revision, notes) = noted::<GetRevision>(
        r#"{"containerId": "s", "fileId": "f", "revisionId": "1.2", "revisionVersion": "3", "keepForever": false,
            "latestVersion": true, "createReason": 2, "createdAt": 1763131768673, "size": 22106481,
            "downloadUrl": "https://obs.example/a?sign=7"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(revision.create_reason, Some(RevisionReason::Restored));
    assert_eq!((revision.revision_version, revision.created_at), (Some(3), Some(1_763_131_768_673)));
    assert!(!format!("{revision:?}").contains("sign=7"), "{revision:?}");
}

#[test]
fn list_revisions() {
    let mut op = ListRevisions::new("s", "f");
    let body = "{\"containerId\":\"s\",\"fileId\":\"f\"";
    assert_eq!(wire(&op), format!("POST /revision/listRevision\n{body}}}"));
    let whole = op.clone().page_info(PageInfo::new().page_size(100).page_cursor("c")).fields(RevisionFields::All);
    assert_eq!(
        wire(&whole),
        format!(
            "POST /revision/listRevision\n{body},\"pageInfo\":{{\"pageSize\":100,\"pageCursor\":\"c\"}},\
             \"fields\":\"*\"}}"
        ),
    );
    assert_eq!(
        message(&op.clone().page_info(PageInfo::new().page_size(101))),
        "pageInfo.pageSize: got 101, allowed: 1 to 100",
    );
    let error = message(&op.clone().fields(RevisionFields::Other("fileId".to_owned())));
    assert_eq!(error, "fields: got a text of 6 characters that is not listed, allowed: * (All)");

    let page = noted::<ListRevisions>(r#"{"revisionList": [{"revisionId": "1.2"}], "nextPageCursor": "d"}"#).0;
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), format!("POST /revision/listRevision\n{body},\"pageInfo\":{{\"pageCursor\":\"d\"}}}}"));
    assert_eq!(ListRevisions::key(&page.revisions[0]), Some("1.2"));
    let last = noted::<ListRevisions>(r#"{"revisionList": [{"revisionId": "1.1"}], "nextPageCursor": ""}"#).0;
    assert_eq!(op.turn(&last).unwrap(), Turn::Last);
}

#[test]
fn upload_a_revision() {
    assert_eq!(wire(&CompleteRevision::new("f")), "POST /revision/completeRevision\n{\"fileId\":\"f\"}");
    assert_eq!(
        wire(&CompleteRevision::new("f").sha256("ab")),
        "POST /revision/completeRevision\n{\"fileId\":\"f\",\"sha256\":\"ab\"}",
    );
    let fixed = "POST /revision/createRevision\n{\"uploadMode\":\"multipart\",\"uploadType\":1,\
                 \"containerId\":\"s\",\"fileId\":\"f\"";
    let op = CreateRevision::new("s", "f", 6_291_456);
    assert_eq!(wire(&op), format!("{fixed},\"length\":6291456}}"));
    let whole = op
        .clone()
        .keep_policy(KeepPolicy::Automatic)
        .sha256("ab")
        .pre_hash("cd")
        .proof_code("ef")
        .mime_type("text/plain")
        .created_time(Utc.with_ymd_and_hms(2023, 8, 18, 5, 43, 49).unwrap())
        .multi_parts([NewPart::new(1, 6_291_456)]);
    assert_eq!(
        wire(&whole),
        format!(
            "{fixed},\"length\":6291456,\"keepPolicy\":0,\"sha256\":\"ab\",\"preHash\":\"cd\",\"proofCode\":\"ef\",\
             \"mimeType\":\"text/plain\",\"createdTime\":\"2023-08-18T05:43:49Z\",\
             \"multiParts\":[{{\"partNumber\":1,\"partSize\":6291456}}]}}"
        ),
    );
    assert_eq!(
        message(&op.clone().length(214_748_364_801_u64)),
        "length: got 214748364801, allowed: 0 to 214748364800 bytes",
    );
    assert_eq!(
        message(&op.clone().created_time("2023-08-18 05:43:49")),
        "createdTime: got another form, or no such date, allowed: a date and time as yyyy-MM-ddTHH:mm:ssZ",
    );
}

/// The proof belongs to the hash, and parts follow the rules of those of a new file.
#[test]
fn proof_and_parts_of_a_revision() {
    let op = CreateRevision::new("s", "f", 1).sha256("ab");
    assert_eq!(message(&op), "proofCode: got nothing, allowed: any text; it is required with sha256");
    assert_eq!(op.clone().proof_code("ef").check(), Ok(()));
    assert_eq!(op.length(0_u64).check(), Ok(()), "an empty file needs no proof");
    assert_eq!(
        message(&CreateRevision::new("s", "f", 2).multi_parts([NewPart::new(1, 1), NewPart::new(2, 1)])),
        "multiParts[0].partSize: got 1, allowed: 5242880 to 5368709120 bytes; only the last part may be smaller",
    );
    assert_eq!(
        message(&CreateRevision::new("s", "f", 2).multi_parts([NewPart::new(1, 1)])),
        "multiParts[0].partSize: got 1, allowed: 5242880 to 5368709120 bytes; only the last part may be smaller",
    );

    // The length says which part is the last, also where some are left out.
    let sparse = |length: u64, last: u64| {
        let first = NewPart::new(1, 5_242_880).part_offset(0);
        let third = NewPart::new(3, last).part_offset(10_485_760).hash_ctx([7; 8]);
        CreateRevision::new("s", "f", length).multi_parts([third, first])
    };
    assert_eq!(sparse(10_485_767, 7).check(), Ok(()));
    assert_eq!(sparse(100_000_000, 5_242_880).check(), Ok(()));
    for last in [7, 5_242_881] {
        assert!(message(&sparse(100_000_000, last)).starts_with(&format!("multiParts[0].partSize: got {last}, ")));
    }

    let (created, notes) = noted::<CreateRevision>(
        r#"{"fileId": "f", "uploadId": "u", "multiParts": [{"partNumber": 1, "uploadUrl": "https://obs.example/a?sign=7"}],
            "code": 0, "msg": "success"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((created.multi_parts[0].part_number, created.rapid_upload), (Some(1), None));
    assert!(created.multi_parts[0].upload_url.is_some() && !format!("{created:?}").contains("sign=7"));
}
