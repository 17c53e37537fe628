//! Reconciliation: a form with a file, written by hand.

use koodrive_proto::Operation;
use koodrive_proto::check::FromParams;
use koodrive_proto::operation::Received;
use koodrive_proto::ops::reconciliation::VerifyReconciliationData;

use crate::common::{message, request};

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
