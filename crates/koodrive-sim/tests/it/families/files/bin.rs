use koodrive_proto::ops::favorites::{FileToStar, ListStarredFiles, StarFiles};
use koodrive_proto::ops::files::{
    ClearRecycleBin, FileArea, FileSort, GetDownloadUrls, GetFile, GetFileOperations, GetFolderStats,
    ListPersonalFiles, RenameFile, SearchFiles, SearchFilter, SearchPageInfo, SearchType, SortDirection, SortType,
};
use koodrive_proto::ops::portal::{ListRecentFiles, RecentStatus};

use super::{file, folder};
use crate::families::{ADMIN, Drive, shares};

/// Puts a file into the recycle bin, and lets time pass.
fn recycle(drive: &mut Drive, id: &str) {
    shares::recycle(drive, id);
    drive.pass(60);
}

#[test]
fn a_recycle_bin_is_listed_counted_and_cleared() {
    let mut drive = Drive::new();
    let space = drive.space_of(ADMIN);
    let folder = folder(&drive, "folder", "root");
    let inside = file(&drive, "inside.txt", &folder, 10);
    let first = file(&drive, "a.txt", "root", 1);
    drive.ok(&StarFiles::new(true, [FileToStar::new(&*first), FileToStar::new(&*inside)]));
    drive.ok(&GetDownloadUrls::new(&*space, [&*first]));
    recycle(&mut drive, &first);
    recycle(&mut drive, &folder);
    // The name is free again, and may be in the bin twice.
    let again = file(&drive, "a.txt", "root", 2000);
    recycle(&mut drive, &again);

    let listed = |list: &ListPersonalFiles| {
        let files = drive.ok(list).files.into_iter();
        files.map(|file| (file.file_name.unwrap(), file.recycled.unwrap())).collect::<Vec<_>>()
    };
    let bin = |folder: &str| ListPersonalFiles::new(FileArea::RecycleBin, &*space, folder);
    let by = |by: SortType| bin("root").sort_info(FileSort::new().sort_type(by));
    let names = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), true)).collect::<Vec<_>>();
    assert_eq!(listed(&by(SortType::Recycled)), names(&["a.txt", "folder", "a.txt"]));
    assert_eq!(listed(&by(SortType::Size)), names(&["folder", "a.txt", "a.txt"]));
    let descending = FileSort::new().sort_type(SortType::Recycled).sort_direction(SortDirection::Descending);
    assert_eq!(drive.ok(&bin("root").sort_info(descending)).files[0].id.as_ref().unwrap().as_str(), again);
    assert_eq!(listed(&bin(&folder)), names(&["inside.txt"]));
    let space_list = |folder: &str| ListPersonalFiles::new(FileArea::Space, &*space, folder);
    assert_eq!(listed(&space_list("root")), []);
    assert_eq!(drive.code(&space_list(&folder)), "13000305");
    assert_eq!(drive.ok(&GetFile::new(&*inside, &*space)).recycled, Some(true));
    assert_eq!(drive.code(&RenameFile::new(&*inside, &*space, "b")), "13000306");
    assert_eq!(drive.ok(&GetDownloadUrls::new(&*space, [&*inside])).downloads[0].code, Some(13_000_306));

    let search = SearchFiles::new(SearchType::Personal, SearchPageInfo::new(100, ""));
    let search = search.filter(SearchFilter::new().key_word("txt")).recycled(true);
    assert_eq!(drive.ok(&search).total, Some(2));
    assert_eq!(drive.ok(&search.clone().recursive(true)).total, Some(3));
    assert_eq!(drive.ok(&search.recursive(true).recycled(false)).total, Some(0));

    let count = |count: GetFolderStats| drive.ok(&count).total_size;
    let stats = |id: &str| GetFolderStats::new(id, &*space);
    assert_eq!(count(stats("root").is_recycled(true)), Some(2011));
    assert_eq!(count(stats("root")), Some(0));
    assert_eq!(count(stats(&folder).is_recycled(true)), Some(10));
    assert_eq!(count(stats(&folder).is_recycled(false)), Some(0));
    assert_eq!(count(stats(&folder)), Some(10));

    let starred = drive.ok(&ListStarredFiles::new());
    assert!(starred.files.iter().all(|file| file.recycled == Some(true)));
    assert_eq!((starred.files.len(), starred.auto_deleted), (2, Some(0)));
    let recent = drive.ok(&ListRecentFiles::new()).list;
    assert_eq!((recent.len(), recent[0].status), (1, Some(RecentStatus::FileDeleted)));

    assert_eq!(drive.code(&ClearRecycleBin::new(&*space).container_id("other")), "13000102");
    assert_eq!(drive.used(ADMIN), 1);
    drive.ok(&ClearRecycleBin::new(&*space).container_id(&*space));
    assert_eq!((listed(&bin("root")), drive.used(ADMIN)), (vec![], 0));
    assert_eq!(drive.code(&GetFile::new(&*inside, &*space)), "13000309");
    assert_eq!(drive.code(&GetFileOperations::new(&*first)), "13000309");
    assert_eq!(drive.ok(&ListStarredFiles::new()).auto_deleted, Some(2));
    assert_eq!(drive.ok(&ListStarredFiles::new()).auto_deleted, Some(0));
    assert_eq!(drive.ok(&ListRecentFiles::new()).list.len(), 0);
}
