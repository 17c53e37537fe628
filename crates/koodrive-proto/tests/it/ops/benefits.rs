//! Packages.

use koodrive_proto::ops::benefits::{NotifyPackageExpiry, PackageChange, PackageOperation, ReverseOrder};

use crate::common::{message, parse, wire};

/// Objects in objects, with a value in the innermost that nobody gives.
#[test]
fn reverse_order() {
    let order = PackageOperation::new("op").carrier_user_id("u").package_change_list([PackageChange::new("gold")]);
    assert_eq!(
        wire(&ReverseOrder::new([order.clone(), PackageOperation::new("other")], "b")),
        "POST /carrier/operation/reverseOrder\n{\"operationList\":[{\"operationSN\":\"op\",\"carrierUserId\":\"u\",\
         \"packageChangeList\":[{\"changeType\":1,\"packageId\":\"gold\"}]},{\"operationSN\":\"other\"}],\
         \"batchSN\":\"b\"}",
    );
    let two = order.clone().package_change_list([PackageChange::new("gold"), PackageChange::new("silver")]);
    assert_eq!(
        message(&ReverseOrder::new([order.clone(), two], "b")),
        "operationList[1].packageChangeList: got 2 entries, allowed: 0 to 1 entry",
    );
    assert_eq!(
        message(&ReverseOrder::new(vec![order.clone(); 51], "b")),
        "operationList: got 51 entries, allowed: 1 to 50 entries",
    );
    assert_eq!(
        message(&ReverseOrder::new([order], "b".repeat(65))),
        "batchSN: got 65 characters, allowed: 1 to 64 characters",
    );
    parse::<ReverseOrder>(r#"{"code": 0, "msg": "success"}"#).unwrap();
}

#[test]
fn notify_package_expiry() {
    assert_eq!(
        wire(&NotifyPackageExpiry::new("189642158555241211", "14")),
        "POST /carrier/users/notifyPackageExpire\n{\"type\":2,\"carrierUserId\":\"189642158555241211\",\
         \"packageId\":\"14\"}",
    );
    // The table types the code as a text, the example has a number.
    for code in ["0", r#""0""#] {
        parse::<NotifyPackageExpiry>(&format!(r#"{{"code": {code}, "msg": "成功"}}"#)).unwrap();
    }
    parse::<NotifyPackageExpiry>(r#"{"code": "13000102", "msg": "Verify parameters failed."}"#).unwrap_err();
}
