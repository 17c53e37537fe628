use koodrive_proto::ops::benefits::ReverseOrder;
use koodrive_proto::ops::reconciliation::*;

use crate::families::benefits::order;
use crate::families::{ADMIN, Drive};

#[test]
fn a_sheet_is_compared_with_the_orders_of_its_month() {
    let mut drive = Drive::new();
    let orders = [order("op-1", ADMIN, "gold"), order("op-2", "62812", "gold"), order("op-3", "62813", "gold")];
    drive.ok(&ReverseOrder::new(orders, "batch-1"));
    let sheet = "op-1,7,gold\nop-2,62812,silver,2025-11-20 07:00:00\nop-4,62814,gold\nno order\n";
    let verify = |month: &str| VerifyReconciliationData::new(sheet, month);
    // November isn't over.
    assert_eq!(drive.code(&verify("2025-11")), "13000102");
    drive.pass(15 * 24 * 3600);
    drive.ok(&ReverseOrder::new([order("op-5", "62815", "gold")], "batch-2"));

    let number = drive.ok(&verify("2025-11")).batch_no.unwrap();
    let first = drive.ok(&ListReconciliationDiffs::new(&*number).page_size(2));
    let rest = ListReconciliationDiffs::new(&*number).page_size(2).page_cursor(first.next_page_cursor.unwrap());
    let rest = drive.ok(&rest);
    assert_eq!((first.total, rest.next_page_cursor), (Some(3), None));
    let diffs: Vec<_> = first.differences.into_iter().chain(rest.differences).collect();
    let found: Vec<_> = diffs
        .iter()
        .map(|diff| {
            (diff.diff_type.clone().unwrap(), diff.carrier_order_id.as_deref(), diff.carrier_user_id.as_deref())
        })
        .collect();
    assert_eq!(
        found,
        [
            (DiffType::Entitlements, Some("op-2"), Some("62812")),
            (DiffType::NotAtOperator, None, Some("62813")),
            (DiffType::NotAtHuawei, Some("op-4"), Some("62814")),
        ]
    );
    assert_eq!(diffs[0].carrier_order_time.as_deref(), Some("2025-11-20 07:00:00"));
    let ours: Vec<bool> = diffs.iter().map(|diff| diff.kd_order_id.is_some()).collect();
    assert_eq!(ours, [true, true, false]);

    // In October there were no orders here. What isn't text has none at all.
    assert_eq!(drive.ok(&verify("2025-10")).batch_no.map(|number| number == "0"), Some(false));
    let number = drive.ok(&VerifyReconciliationData::new(vec![0x50, 0x4b, 0xff], "2025-11")).batch_no.unwrap();
    let page = drive.ok(&ListReconciliationDiffs::new(number));
    assert_eq!(page.total, Some(3));
    assert_eq!(page.differences[0].kd_user_id.as_deref(), Some(ADMIN));
    assert!(page.differences.iter().all(|diff| diff.diff_type == Some(DiffType::NotAtOperator)));
    assert_eq!(drive.code(&ListReconciliationDiffs::new("1")), "13000309");
}
