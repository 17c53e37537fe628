//! Archives.

use koodrive_proto::ops::archives::ListArchive;
use koodrive_proto::ops::jobs::UncompressedType;

use crate::common::{SPACE, noted, wire};

/// The list at once, or the id of a task; and texts for numbers.
#[test]
fn list_archive() {
    let op = ListArchive::new(SPACE, "f");
    let body = "{\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"fileId\":\"f\"";
    assert_eq!(wire(&op), format!("POST /archive/listFile\n{body}}}"));
    let op = op.password("p7");
    assert_eq!(wire(&op), format!("POST /archive/listFile\n{body},\"pwd\":\"p7\"}}"));
    assert!(!format!("{op:?}").contains("p7"), "{op:?}");

    let entry = r#"{"name": "a.txt", "type": "2", "updateAt": "1692337429007", "fileSize": "7"}"#;
    for list in [format!("[{entry}]"), entry.to_owned()] {
        let body = format!(r#"{{"data": {{"uncompressedFileList": {list}, "progress": 100}}, "code": "0"}}"#);
        let (answer, notes) = noted::<ListArchive>(&body);
        assert_eq!(notes, [""; 0]);
        assert_eq!((answer.progress, answer.task_id), (Some(100), None));
        let entry = &answer.entries[0];
        assert_eq!((entry.name.as_deref(), &entry.kind), (Some("a.txt"), &Some(UncompressedType::Folder)));
        assert_eq!((entry.update_at, entry.file_size), (Some(1_692_337_429_007), Some(7)));
    }
    let (answer, notes) = noted::<ListArchive>(
        r#"{"data": {"taskId": "1428103989525998336", "taskKey": "k", "taskValue": {"a": 1}}, "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((answer.task_id.as_deref(), answer.task_key.as_deref()), (Some("1428103989525998336"), Some("k")));
    assert!(answer.entries.is_empty() && answer.task_value.is_some());
}
