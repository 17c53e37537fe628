use koodrive_proto::ops::files::{GetDownloadUrls, RenameFile};
use koodrive_proto::ops::portal::{ListRecentFiles, ListRelatedFiles, RecentAction, RecentStatus};
use koodrive_proto::ops::spaces::{SpaceStatus, SpaceType, UpdateSpace};

use crate::families::files::{file, space};
use crate::families::{ADMIN, Drive};

#[test]
fn recent_files() {
    let mut drive = Drive::new().user("8");
    let space = space(&drive);
    let ids: Vec<String> = ["a", "b", "c"].iter().map(|name| file(&drive, name, "root", 1)).collect();
    // Creating and renaming are neither viewing nor editing.
    drive.ok(&RenameFile::new(&*ids[2], &*space, "d"));
    assert_eq!(drive.ok(&ListRecentFiles::new()).list.len(), 0);
    for at in [0, 1, 0] {
        drive.pass(60);
        drive.ok(&GetDownloadUrls::new(&*space, [&*ids[at]]));
    }
    let list = drive.ok(&ListRecentFiles::new()).list;
    assert_eq!(list.len(), 2);
    let file = list[0].file.as_ref().unwrap();
    assert_eq!((file.id.as_ref().unwrap().as_str(), file.name.as_deref()), (&*ids[0], Some("a")));
    assert_eq!((file.owner.as_deref(), file.container_name.as_deref()), (Some("user 7"), Some("")));
    assert_eq!((file.container_type, file.favorite), (Some(SpaceType::Individual), Some(false)));
    assert_eq!(list[0].operate_time.as_deref(), Some("2025-11-20T07:03:00.000Z"));
    assert_eq!((list[0].oper_type, list[0].status), (Some(RecentAction::Viewed), None));
    assert_eq!(list[1].file.as_ref().unwrap().name.as_deref(), Some("b"));
    assert_eq!(drive.call("8", &ListRecentFiles::new()).unwrap().list.len(), 0);

    drive.ok(&UpdateSpace::new(ADMIN, SpaceType::Individual).status(SpaceStatus::Disabled));
    let list = drive.ok(&ListRecentFiles::new()).list;
    assert_eq!(list[0].status, Some(RecentStatus::SpaceUnusable));
}

#[test]
fn nothing_is_related_before_somebody_shares() {
    let page = Drive::new().ok(&ListRelatedFiles::new().page_cursor("0"));
    assert_eq!((page.total, page.records.len(), page.next_cursor), (Some(0), 0, None));
}
