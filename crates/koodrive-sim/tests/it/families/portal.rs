use koodrive_proto::ops::files::{GetDownloadUrls, RenameFile, SortDirection};
use koodrive_proto::ops::portal::{ListRecentFiles, ListRelatedFiles, RecentAction, RecentStatus, RelatedAction};
use koodrive_proto::ops::shares::{CancelShares, CreateShare, ShareScope};
use koodrive_proto::ops::spaces::{SpaceStatus, SpaceType, UpdateSpace};

use crate::families::files::file;
use crate::families::shares::share;
use crate::families::{ADMIN, Drive};

#[test]
fn recent_files() {
    let mut drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
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
    let joint = (file.collaborator.as_deref(), file.collaborate_type.clone());
    assert_eq!(joint, (None, None));
    assert_eq!(list[1].file.as_ref().unwrap().name.as_deref(), Some("b"));
    assert_eq!(drive.call("8", &ListRecentFiles::new()).unwrap().list.len(), 0);

    drive.ok(&UpdateSpace::new(ADMIN, SpaceType::Individual).status(SpaceStatus::Disabled));
    let list = drive.ok(&ListRecentFiles::new()).list;
    assert_eq!(list[0].status, Some(RecentStatus::SpaceUnusable));
}

#[test]
fn received_shares_are_related() {
    let mut drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    for (name, days) in [("Holiday", 1), ("holiday 2", 7), ("Work", 7)] {
        drive.pass(60);
        let id = drive.file(ADMIN, &space, "root", name, 1);
        share(&drive, &CreateShare::new(ShareScope::Named, [&*id], &*space, days).user_ids(["8"]));
    }
    let list = ListRelatedFiles::new().page_size(2);
    let listed = |drive: &Drive, list: &ListRelatedFiles| drive.call("8", list).unwrap();
    // The first page may be called 0.
    let page = listed(&drive, &list.clone().page_cursor("0"));
    let names: Vec<&str> = page.records.iter().map(|record| record.display_name.as_deref().unwrap()).collect();
    assert_eq!((names, page.total), (vec!["Work", "holiday 2"], Some(3)));
    let work = &page.records[0];
    assert_eq!((work.operator.as_deref(), work.operate_type), (Some("user 7"), Some(RelatedAction::Shared)));
    let link = work.files[0].download_links[0].download_link.as_ref().unwrap().as_str();
    assert!(link.contains("%22Work%22"), "{link}");
    let next = listed(&drive, &list.clone().page_cursor(page.next_cursor.unwrap()));
    assert_eq!((next.records.len(), next.next_cursor), (1, None));
    assert_eq!(next.records[0].expire_time.as_deref(), Some("2025-11-21T07:01:00.000Z"));
    let holidays = list.display_name("HOLI").sort_direction(SortDirection::Ascending);
    assert_eq!(listed(&drive, &holidays).records[0].display_name.as_deref(), Some("Holiday"));
    drive.pass(24 * 3600);
    assert_eq!(listed(&drive, &holidays).total, Some(1));
    drive.ok(&CancelShares::new().share_ids([work.id.clone().unwrap()]));
    assert_eq!(listed(&drive, &ListRelatedFiles::new()).total, Some(1));
    assert_eq!(drive.ok(&ListRelatedFiles::new()).total, Some(0));
}
