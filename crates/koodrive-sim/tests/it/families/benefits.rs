use koodrive_proto::ops::benefits::*;

use crate::families::Drive;

/// An operation by which a user orders a package.
pub(crate) fn order(operation: &str, user: &str, package: &str) -> PackageOperation {
    PackageOperation::new(operation).carrier_user_id(user).package_change_list([PackageChange::new(package)])
}

#[test]
fn a_package_runs_out_once() {
    let drive = Drive::new();
    let batch = ReverseOrder::new([order("op-1", "62811", "gold"), order("op-2", "62812", "gold")], "batch-1");
    drive.ok(&batch);
    assert_eq!(drive.code(&NotifyPackageExpiry::new("62811", "silver")), "13000309");
    drive.ok(&NotifyPackageExpiry::new("62811", "gold"));
    assert_eq!(drive.code(&NotifyPackageExpiry::new("62811", "gold")), "13000309");

    // The same operations bring nothing, whichever batch they come with; another one does.
    drive.ok(&batch);
    drive.ok(&ReverseOrder::new([order("op-1", "62811", "gold")], "batch-2"));
    assert_eq!(drive.code(&NotifyPackageExpiry::new("62811", "gold")), "13000309");
    drive.ok(&ReverseOrder::new([order("op-3", "62811", "gold")], "batch-1"));
    drive.ok(&NotifyPackageExpiry::new("62811", "gold"));
    drive.ok(&NotifyPackageExpiry::new("62812", "gold"));
}
