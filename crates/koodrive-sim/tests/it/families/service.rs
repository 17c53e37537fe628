use koodrive_proto::ops::service::*;
use koodrive_proto::ops::spaces::{SpaceType, UpdateSpace};
use koodrive_proto::ops::users::{CreateUser, Placement};

use crate::families::backup::register;
use crate::families::{ADMIN, Drive, root};

#[test]
fn quotas_are_counted_and_settings_kept() {
    let drive = Drive::new();
    let status = drive.ok(&GetServiceStatus::new());
    assert_eq!((status.status, status.space_capacity), (Some(ServiceState::Normal), Some(10_240)));
    let tenant = status.tenant_id.unwrap();

    let before = drive.ok(&GetQuotaUsage::new());
    assert_eq!(before.package_download_expires, Some(7));
    assert_eq!((before.user_max_count, status.user_count), (Some(1000), Some(1000)));
    register(&drive, ADMIN, "root", &[("a.jpg", "image/jpeg"), ("b.jpg", "image/jpeg")]);
    drive.ok(&UpdateSpace::new(ADMIN, SpaceType::Individual).capacity(10));
    let after = drive.ok(&GetQuotaUsage::new());
    let grown = |figure: fn(&QuotaUsage) -> Option<i64>| figure(&after).unwrap() - figure(&before).unwrap();
    assert_eq!((grown(|usage| usage.space_used), grown(|usage| usage.personal_space_used)), (2, 2));
    assert_eq!((grown(|usage| usage.space_quota_used), grown(|usage| usage.personal_space_quota_used)), (9, 9));
    assert_eq!((grown(|usage| usage.dept_space_used), grown(|usage| usage.dept_space_quota_used)), (0, 0));
    drive.ok(&CreateUser::new("10086", Placement::new().dept_id(root(&drive))));
    let joined = drive.ok(&GetQuotaUsage::new()).user_count.unwrap();
    assert_eq!(joined, after.user_count.unwrap() + 1);

    drive.ok(&SetPackageDownloadExpires::new().package_download_expires(14).tenant_id(tenant));
    assert_eq!(drive.ok(&GetQuotaUsage::new()).package_download_expires, Some(14));
    assert_eq!(drive.code(&SetPackageDownloadExpires::new().tenant_id("1")), "13000309");
    assert_eq!(drive.ok(&GetQuotaUsage::new()).package_download_expires, Some(14));

    // A code works once, so each answer has another one.
    let config = || drive.ok(&GetJsSdkInfo::new()).orgid_config.unwrap().as_str().to_owned();
    assert_ne!(config(), config());
}
