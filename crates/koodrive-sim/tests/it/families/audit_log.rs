use koodrive_proto::ops::audit_log::*;
use koodrive_proto::ops::backup::{BindBackupDevice, ListBackupDevices, UnbindBackupDevice};
use koodrive_proto::ops::files::SortDirection;
use koodrive_proto::ops::spaces::{GetSpace, SpaceType, UpdateSpace};

use crate::families::{ADMIN, Drive};

#[test]
fn what_changed_something_is_noted() {
    let mut drive = Drive::new().user("8");
    let total = |drive: &Drive, list: &ListAuditLogs| drive.ok(list).total.unwrap();
    drive.ok(&UpdateSpace::new(ADMIN, SpaceType::Individual).capacity(10));
    drive.pass(60);
    let device = drive.call("8", &BindBackupDevice::new("phone")).unwrap().device_id.unwrap();
    // Neither what only reads nor what is refused is noted.
    drive.ok(&ListBackupDevices::new());
    drive.code(&GetSpace::new("9", SpaceType::Individual));
    drive.code(&UnbindBackupDevice::new(&*device));
    drive.pass(60);
    drive.call("8", &UnbindBackupDevice::new(&*device)).unwrap();

    let page = drive.ok(&ListAuditLogs::new());
    let named = |page: &AuditLogPage| -> Vec<String> {
        page.entries.iter().map(|entry| entry.operation.clone().unwrap()).collect()
    };
    assert_eq!(
        (page.total, named(&page).join(" ")),
        (Some(3), "UnbindBackupDevice BindBackupDevice UpdateSpace".into())
    );
    let newest = &page.entries[0];
    assert_eq!((newest.operator_id.as_deref(), newest.resource.as_deref()), (Some("8"), Some(&*device)));
    assert_eq!(newest.operate_time.as_deref(), Some("2025-11-20T07:02:00.000Z"));
    assert_eq!((newest.operate_result, page.entries[1].resource.as_deref()), (Some(0), None));

    let list = ListAuditLogs::new();
    let at = "2025-11-20T07:01:00.000Z";
    assert_eq!(total(&drive, &list.clone().oper_time_from(at)), 2);
    assert_eq!(total(&drive, &list.clone().oper_time_to(at)), 2);
    assert_eq!(total(&drive, &list.clone().oper_time_from(at).oper_time_to(at)), 1);
    assert_eq!(drive.code(&list.clone().oper_time_from("yesterday")), "13000102");
    assert_eq!(total(&drive, &list.clone().operator_name(newest.operator_name.clone().unwrap())), 2);
    assert_eq!(total(&drive, &list.clone().operations(["UpdateSpace", "UnbindBackupDevice"])), 2);
    assert_eq!(total(&drive, &list.clone().excluded_operations(["UpdateSpace"])), 2);
    assert_eq!(total(&drive, &list.clone().operate_result("1")), 0);
    assert_eq!(total(&drive, &list.clone().operator_ip(newest.operator_ip.clone().unwrap())), 3);
    assert_eq!(total(&drive, &list.clone().operator_ip("10.0.0.1")), 0);

    // Pages count from 0. All of the example's filters are empty.
    let empty = list.operator_name("").operations(Vec::<String>::new()).operate_result("").operator_ip("");
    let ascending = empty.sort_info(AuditSort::new().sort_direction(SortDirection::Ascending));
    let page = |number| drive.ok(&ascending.clone().page_info(AuditPageInfo::new(number).page_size(2)));
    assert_eq!(named(&page(0)), ["UpdateSpace", "BindBackupDevice"]);
    assert_eq!(named(&page(1)), ["UnbindBackupDevice"]);
    assert_eq!((named(&page(2)).len(), page(2).total), (0, Some(3)));
}
