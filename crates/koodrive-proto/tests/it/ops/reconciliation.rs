//! Reconciliation: a form with a file, written by hand, and what was found.

use koodrive_proto::Operation;
use koodrive_proto::check::FromParams;
use koodrive_proto::operation::{Paged, Received, Turn};
use koodrive_proto::ops::reconciliation::{DiffType, ListReconciliationDiffs, VerifyReconciliationData};

use crate::common::{message, noted, request, wire};

/// A form with a file, whose boundary follows from the content.
#[test]
fn verify_reconciliation_data() {
    let sheet: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let op = VerifyReconciliationData::new(sheet.clone(), "2025-07").file_name("jul\"y\r\n.XLS");
    let request = request(&op);
    let kind = request.headers()["content-type"].to_str().unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"data\"; filename=\"jul%22y%0D%0A.XLS\"\r\n\
         Content-Type: application/vnd.ms-excel\r\n\r\n"
    );
    let tail = format!(
        "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"billingCycle\"\r\n\r\n2025-07\r\n--{boundary}--\r\n"
    );
    assert_eq!(*request.body(), [head.as_bytes(), &sheet, tail.as_bytes()].concat());
    assert_eq!(request.headers()["content-length"], request.body().len().to_string());
    // And back, byte by byte.
    let (parts, body) = request.into_parts();
    let received = Received::read(VerifyReconciliationData::META, &parts, &body).unwrap();
    VerifyReconciliationData::META.check(&received).unwrap();
    let back = VerifyReconciliationData::from_params(&received).unwrap();
    assert_eq!(back, op);
    assert!(!format!("{back:?}").contains("[0, 1"), "{back:?}");

    let op = VerifyReconciliationData::new("x", "2025-13");
    assert_eq!(message(&op), "billingCycle: got another form, or no such month, allowed: a month as yyyy-MM");
    let op = VerifyReconciliationData::new("x", "2025-12").file_name("sheet.csv");
    assert_eq!(message(&op), "data: got a file with another name, allowed: a file whose name ends in .xlsx or .xls",);
}

#[test]
fn list_reconciliation_diffs() {
    let mut op = ListReconciliationDiffs::new("1465526652212121");
    assert_eq!(wire(&op), "GET /reconciliation/diff/getList?batchNo=1465526652212121");
    assert_eq!(
        wire(&op.clone().page_size(1000).page_cursor("")),
        "GET /reconciliation/diff/getList?batchNo=1465526652212121&pageSize=1000&pageCursor=",
    );
    assert_eq!(message(&op.clone().page_size(1001)), "pageSize: got 1001, allowed: 1 to 1000");

    let (mut page, notes) = noted::<ListReconciliationDiffs>(
        r#"{"diffList": [{"kdOrderId": "k", "diffType": "1"}, {"carrierOrderId": "c", "diffType": 3}], "total": "3",
            "nextPageCursor": "n"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(page.total, Some(3));
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /reconciliation/diff/getList?batchNo=1465526652212121&pageCursor=n");
    let found: Vec<_> =
        ListReconciliationDiffs::items(&mut page).drain(..).filter_map(|found| found.diff_type).collect();
    assert_eq!(found, [DiffType::NotAtOperator, DiffType::Entitlements]);
    let last = noted::<ListReconciliationDiffs>(r#"{"diffList": [{"kdOrderId": "l"}], "nextPageCursor": ""}"#).0;
    assert_eq!(op.turn(&last).unwrap(), Turn::Last);
}
