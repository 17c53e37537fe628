use koodrive_proto::ops::favorites::{FileToStar, ListStarredFiles, StarFiles, StarStatus};
use koodrive_proto::ops::files::{FileArea, FileType, ListPersonalFiles, SortDirection};
use koodrive_proto::ops::spaces::{DeleteSpace, SpaceType};

use crate::families::files::{file, pages};
use crate::families::{ADMIN, Drive};

#[test]
fn files_are_marked() {
    let drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    let ids: Vec<String> = ["a", "b"].iter().map(|name| file(&drive, name, "root", 1)).collect();
    let top = drive.folder(&space, "root", "top");
    let mark =
        |starred, ids: &[&str]| StarFiles::new(starred, ids.iter().map(|id| FileToStar::new(*id)).collect::<Vec<_>>());
    let listed = |list: &ListStarredFiles| {
        let page = drive.ok(list);
        page.files.into_iter().map(|file| file.file_name.unwrap()).collect::<Vec<_>>().join(" ")
    };
    let all = drive.ok(&mark(true, &[&ids[1], &top, &ids[0]]));
    assert_eq!((all.status, all.files.len()), (Some(StarStatus::Succeeded), 3));
    assert_eq!((all.files[0].code, all.files[0].message.as_deref()), (Some(0), Some("success")));
    // The last one that was marked comes first; marking again changes nothing.
    drive.ok(&mark(true, &[&ids[1]]));
    assert_eq!(listed(&ListStarredFiles::new()), "a top b");
    assert_eq!(listed(&ListStarredFiles::new().sort_direction(SortDirection::Ascending)), "b top a");
    assert_eq!(listed(&ListStarredFiles::new().file_type(FileType::Folder)), "top");
    let pages = pages(&drive, ListStarredFiles::new().page_size(2));
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((pages[0][0].favorite, pages[0][0].recycled), (Some(true), Some(false)));
    assert_eq!(pages[0][0].file_type, Some(FileType::Miscellaneous));

    let some = drive.ok(&mark(true, &["none", &ids[0]]));
    assert_eq!((some.status, some.files[0].code), (Some(StarStatus::PartlySucceeded), Some(13_000_309)));
    let own = drive.call("8", &mark(true, &[&ids[0]])).unwrap();
    assert_eq!((own.status, own.files[0].code), (Some(StarStatus::Failed), Some(13_000_410)));
    let elsewhere = FileToStar::new(&*ids[0]).container_id("none");
    assert_eq!(drive.ok(&StarFiles::new(true, [elsewhere])).files[0].code, Some(13_000_302));

    drive.ok(&mark(false, &[&ids[1], "none"]));
    assert_eq!(listed(&ListStarredFiles::new()), "a top");
    let page = drive.ok(&ListPersonalFiles::new(FileArea::Space, &*space, "root"));
    let flags = page.files.iter().map(|file| (file.file_name.as_deref().unwrap(), file.favorite.unwrap()));
    assert_eq!(flags.collect::<Vec<_>>(), [("top", true), ("b", false), ("a", true)]);
    assert_eq!(drive.call("8", &ListStarredFiles::new()).unwrap().files.len(), 0);

    // What is lost because the files were deleted is said once.
    drive.ok(&DeleteSpace::new(ADMIN, SpaceType::Individual));
    let page = drive.ok(&ListStarredFiles::new());
    assert_eq!((page.auto_deleted, page.files.len()), (Some(2), 0));
    assert_eq!(drive.ok(&ListStarredFiles::new()).auto_deleted, Some(0));
}
