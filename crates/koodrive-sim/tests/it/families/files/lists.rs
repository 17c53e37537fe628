//! Listing, searching and counting.

use koodrive_proto::ops::files::{
    CountedType, CreateFile, FileArea, FilePage, FileSort, FileType, GetFolderStats, ListGroupFiles, ListPersonalFiles,
    OnConflict, PageInfo, RenameFile, SearchFiles, SearchFilter, SearchPageInfo, SearchType, SortDirection, SortType,
};
use koodrive_proto::ops::groups::{CreateUserGroup, GroupKind};
use koodrive_proto::ops::messages::ListMessages;
use koodrive_proto::ops::spaces::{GetSpace, GetSpaceUsageByQuota, SpaceType};
use koodrive_proto::ops::tasks::ListTasks;
use serde_json::json;

use super::{file, folder, pages, raw};
use crate::families::{ADMIN, Drive};

fn names(page: &FilePage) -> Vec<&str> {
    page.files.iter().map(|file| file.file_name.as_deref().unwrap()).collect()
}

#[test]
fn folders_are_listed_in_every_order() {
    let mut drive = Drive::new();
    let space = drive.space_of(ADMIN);
    let top = folder(&drive, "top", "root");
    for (name, size) in [("b.txt", 300), ("a.zip", 200), ("c.jpg", 100)] {
        drive.pass(60);
        file(&drive, name, &top, size);
    }
    drive.pass(60);
    let sub = folder(&drive, "d", &top);
    let list = |parent: &str| ListPersonalFiles::new(FileArea::Space, &*space, parent);
    let sorted = |by: SortType, direction: SortDirection| {
        let sort = FileSort::new().sort_type(by).sort_direction(direction);
        let page = drive.ok(&list(&top).sort_info(sort));
        assert_eq!((page.search_completed, page.next_cursor.as_deref()), (Some(true), None));
        names(&page).join(" ")
    };
    drive.ok(&RenameFile::new(&*sub, &*space, "D"));
    let orders = [
        (SortType::Name, "D a.zip b.txt c.jpg"),
        (SortType::Size, "D c.jpg a.zip b.txt"),
        (SortType::Created, "b.txt a.zip c.jpg D"),
        (SortType::Modified, "b.txt a.zip c.jpg D"),
        (SortType::Format, "D c.jpg b.txt a.zip"),
    ];
    for (by, order) in orders {
        assert_eq!(sorted(by, SortDirection::Ascending), order);
        let reverse: Vec<&str> = order.split(' ').rev().collect();
        assert_eq!(sorted(by, SortDirection::Descending), reverse.join(" "));
    }
    // Unless an order is asked for, what changed last comes first.
    assert_eq!(names(&drive.ok(&list(&top))), ["D", "c.jpg", "a.zip", "b.txt"]);
    let by = FileSort::new().sort_type(SortType::Recycled);
    assert_eq!(drive.code(&list(&top).sort_info(by)), "13000102");
    assert_eq!(names(&drive.ok(&list(&top).file_type(FileType::Folder))), ["D"]);
    assert_eq!(names(&drive.ok(&list("root"))), ["top"]);
    // A page of no entries would have no end. A cursor is one of this operation and of this order.
    let two = PageInfo::new().page_size(2);
    assert_eq!(drive.code(&list(&top).page_info(two.clone().page_size(0))), "13000102");
    assert_eq!(drive.code(&GetSpaceUsageByQuota::new().limit(0)), "13000102");
    let by_name = |direction| FileSort::new().sort_type(SortType::Name).sort_direction(direction);
    let by_name = [SortDirection::Ascending, SortDirection::Descending].map(by_name);
    let cursor = drive.ok(&list(&top).page_info(two.clone()).sort_info(by_name[0].clone())).next_cursor.unwrap();
    let next = list(&top).page_info(two.page_cursor(&*cursor));
    assert_eq!(names(&drive.ok(&next.clone().sort_info(by_name[0].clone()))), ["b.txt", "c.jpg"]);
    assert_eq!(drive.code(&next.clone().sort_info(by_name[1].clone())), "13000102");
    assert_eq!(drive.code(&next), "13000102");
    // And of this folder and these filters; only the size of the page may change.
    let three = PageInfo::new().page_size(3).page_cursor(&*cursor);
    let by = |list: ListPersonalFiles| list.page_info(three.clone()).sort_info(by_name[0].clone());
    assert_eq!(names(&drive.ok(&by(list(&top)))), ["b.txt", "c.jpg"]);
    for other in [list("root"), list(&sub), list(&top).file_type(FileType::Picture)] {
        assert_eq!(drive.code(&by(other)), "13000102");
    }
    assert_eq!(drive.code(&ListMessages::new().page_cursor(&*cursor)), "13000102");
    assert_eq!(drive.code(&ListTasks::new().page_cursor(5)), "13000102");
    let page = drive.ok(&list(&sub));
    assert_eq!((page.category.as_deref(), page.files.len()), (Some("drive#fileList"), 0));

    // The example's request, with empty texts and a fileName.
    let example = |name: &str| {
        json!({
            "pageInfo": {"pageSize": "10", "pageCursor": ""}, "sortInfo": {"sortType": "", "sortDirection": ""},
            "containerId": space, "parentFileId": top, "fileType": "", "fileName": name,
        })
    };
    let found = |name: &str| raw(&drive, "/koodrive/ose/v1/files/0", &example(name))["files"].as_array().unwrap().len();
    assert_eq!((found(""), found(".ZIP"), found("none")), (4, 1, 0));
    // Its cursor is one of this fileName.
    let mut first = example(".");
    first["pageInfo"]["pageSize"] = 1.into();
    let cursor = &raw(&drive, "/koodrive/ose/v1/files/0", &first)["nextCursor"];
    let second = |name: &str| {
        let mut second = example(name);
        second["pageInfo"]["pageCursor"] = cursor.clone();
        raw(&drive, "/koodrive/ose/v1/files/0", &second)
    };
    assert_eq!(second(".")["files"].as_array().unwrap().len(), 2);
    assert_eq!(second("")["code"], 13_000_102);
    // What the table doesn't list, and how the files are shown, doesn't matter to it.
    let mut second = example(".");
    second["pageInfo"]["pageCursor"] = cursor.clone();
    for (object, name) in [("pageInfo", "x"), ("sortInfo", "x")] {
        second[object][name] = 1.into();
    }
    second["x"] = 1.into();
    second["imageProcess"] = "image/resize,h_1".into();
    assert_eq!(raw(&drive, "/koodrive/ose/v1/files/0", &second)["files"].as_array().unwrap().len(), 2);
    // The order is in an object, and matters.
    second["sortInfo"]["sortType"] = 1.into();
    assert_eq!(raw(&drive, "/koodrive/ose/v1/files/0", &second)["code"], 13_000_102);

    assert_eq!(drive.code(&list("none")), "13000309");
    let file = drive.ok(&list(&top).file_type(FileType::Miscellaneous)).files[0].id.clone().unwrap();
    assert_eq!(drive.code(&list(file.as_str())), "13000304");
    assert_eq!(drive.code(&ListGroupFiles::new(ADMIN, FileArea::Space, &*space, "root")), "13000415");
    let recycled = ListPersonalFiles::new(FileArea::RecycleBin, &*space, &*top);
    assert_eq!(drive.code(&recycled), "13000303");
    let page = PageInfo::new().page_cursor("0|[61");
    assert_eq!(drive.code(&list(&top).page_info(page)), "13000102");
}

#[test]
fn pages_lose_and_repeat_nothing() {
    for (direction, before, after) in [(SortDirection::Ascending, "1", "9"), (SortDirection::Descending, "99", "0")] {
        let drive = Drive::new();
        let mut wanted: Vec<String> = (10..35).map(|n| folder(&drive, &n.to_string(), "root")).collect();
        if direction == SortDirection::Descending {
            wanted.reverse();
        }
        let sort = FileSort::new().sort_type(SortType::Name).sort_direction(direction);
        let list = ListPersonalFiles::new(FileArea::Space, &*drive.space_of(ADMIN), "root").sort_info(sort);
        let first = drive.ok(&list.clone().page_info(PageInfo::new().page_size(7)));
        assert_eq!((first.files.len(), first.search_completed), (7, Some(false)));
        // One comes before what was read already, and is missed; the other one comes after it.
        folder(&drive, before, "root");
        wanted.push(folder(&drive, after, "root"));
        let rest = list.page_info(PageInfo::new().page_size(7).page_cursor(first.next_cursor.unwrap()));
        let pages = pages(&drive, rest);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 5]);
        let ids = first.files.into_iter().chain(pages.into_iter().flatten()).map(|file| file.id.unwrap());
        assert_eq!(ids.map(|id| id.as_str().to_owned()).collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn files_are_searched() {
    let mut drive = Drive::new();
    let space = drive.space_of(ADMIN);
    let reports = folder(&drive, "Reports", "root");
    let old = folder(&drive, "old", &reports);
    let ids: Vec<String> = [("report 1.txt", "root"), ("REPORT 2.jpg", &reports), ("report 3.txt", &old)]
        .map(|(name, parent)| {
            drive.pass(3600);
            file(&drive, name, parent, 7)
        })
        .into();
    let search = |filter: SearchFilter| {
        SearchFiles::new(SearchType::Personal, SearchPageInfo::new(100, "")).filter(filter).recursive(true)
    };
    let found = |search: &SearchFiles| {
        let page = drive.ok(search);
        assert_eq!(page.total, Some(i64::try_from(page.files.len()).unwrap()));
        assert_eq!(page.next_page_cursor.as_deref(), Some(""));
        page.files.into_iter().map(|file| file.file_name.unwrap()).collect::<Vec<_>>().join(", ")
    };
    let word = || SearchFilter::new().key_word("rePort");
    // What changed last comes first.
    assert_eq!(found(&search(word())), "report 3.txt, REPORT 2.jpg, report 1.txt, Reports");
    assert_eq!(found(&search(word()).recursive(false)), "report 1.txt, Reports");
    let by_name = FileSort::new().sort_type(SortType::Name).sort_direction(SortDirection::Ascending);
    assert_eq!(found(&search(word()).sort_info(by_name)), "REPORT 2.jpg, Reports, report 1.txt, report 3.txt");
    assert_eq!(found(&search(word().file_type(FileType::Folder))), "Reports");
    assert_eq!(found(&search(word().container_id(&*space).parent_folder(&*old))), "report 3.txt");
    assert_eq!(found(&search(word().owner_id("8"))), "");
    assert_eq!(found(&search(SearchFilter::new().owner_id(ADMIN).key_word("old"))), "old");
    let range = |range: &str| search(word().update_time_range(range));
    assert_eq!(found(&range("2025-11-20 08:30:00,2025-11-20 09:30:00")), "REPORT 2.jpg");
    assert_eq!(found(&range("2025-11-20T09:30:00Z,")), "report 3.txt");
    assert_eq!(drive.code(&range("today")), "13000102");

    let third = drive.ok(&search(SearchFilter::new().key_word("3"))).files.remove(0);
    assert_eq!(
        (third.id.unwrap().as_str(), third.size, third.file_suffix.as_deref()),
        (&*ids[2], Some(7), Some("txt"))
    );
    assert_eq!(third.name_path.unwrap(), format!("/root{space}/Reports/old/report 3.txt"));
    assert_eq!(third.id_path.unwrap(), format!("/DEUI7pa0C24Aroot{space}/{reports}/{old}/{}", ids[2]));
    assert_eq!((third.container_type, third.favorite), (Some(SpaceType::Individual), Some(false)));

    let mut by_three = search(word());
    by_three.page_info = SearchPageInfo::new(3, "");
    let pages = pages(&drive, by_three);
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
    let body = json!({"searchType": "personal", "pageInfo": {"pageSize": 1, "pageCursor": ""},
        "filter": {"parentFolder": "root"}});
    assert_eq!(raw(&drive, "/koodrive/ose/v1/files/search", &body)["code"], 13_000_102);
    assert_eq!(drive.code(&search(SearchFilter::new().container_id("none"))), "13000301");
    let team = SearchFiles::new(SearchType::Team, SearchPageInfo::new(1, ""));
    assert_eq!(found(&team), "");
    assert_eq!(drive.code(&team.filter(SearchFilter::new().container_id(&*space))), "13000415");
}

#[test]
fn folders_are_counted() {
    let drive = Drive::new();
    let space = drive.space_of(ADMIN);
    let top = folder(&drive, "top", "root");
    let sub = folder(&drive, "sub", &top);
    file(&drive, "a.TXT", &top, 1);
    file(&drive, "b.txt", &sub, 10);
    let picture = CreateFile::new("c.jpg", FileType::Picture, &*sub, 100).container_id(&*space);
    drive.upload(ADMIN, picture.auto_rename(OnConflict::Refuse).hidden(true));
    let stats = |id: &str| GetFolderStats::new(id, &*space);
    // Size, folders, files.
    let counted = |stats: &GetFolderStats| {
        let stats = drive.ok(stats);
        (stats.total_size, stats.sub_dir_count, stats.sub_file_count)
    };
    let counts = |size, folders, files| (Some(size), Some(folders), Some(files));
    assert_eq!(counted(&stats("root")), counts(111, 2, 3));
    assert_eq!(counted(&stats(&top)), counts(111, 1, 3));
    assert_eq!(counted(&stats(&top).recursive(false)), counts(1, 1, 1));
    assert_eq!(counted(&stats(&top).kind(CountedType::File)), counts(111, 0, 3));
    assert_eq!(counted(&stats(&top).kind(CountedType::Folder)), counts(0, 1, 0));
    assert_eq!(counted(&stats(&top).extensions(["txt", "png"])), counts(11, 0, 2));
    assert_eq!(counted(&stats(&top).categories([FileType::Folder, FileType::Picture])), counts(100, 1, 1));
    assert_eq!(counted(&stats(&top).hidden(true)), counts(100, 0, 1));
    assert_eq!(counted(&stats(&top).hidden(false)), counts(11, 1, 2));
    assert_eq!(counted(&stats(&top).is_recycled(false)), counts(111, 1, 3));
    assert_eq!(counted(&stats(&top).is_recycled(true)), counts(0, 0, 0));
    let some = stats(&top).include_dir_count(false).include_total_size(false);
    assert_eq!(counted(&some), (None, None, Some(3)));
    assert_eq!(counted(&some.include_file_count(false)), (None, None, None));
    assert_eq!(drive.code(&stats("none")), "13000309");
    assert_eq!(drive.code(&stats("root").is_recycled(true).recursive(false)), "13000102");
}

#[test]
fn a_team_has_a_space_of_its_own() {
    let mut drive = Drive::new().user("8");
    let group = drive.ok(&CreateUserGroup::new("friends", GroupKind::Group)).id.unwrap();
    drive.simulator = drive.simulator.space(group.as_str(), SpaceType::Group, 1);
    let space = drive.ok(&GetSpace::new(group.as_str(), SpaceType::Group)).container_id.unwrap().to_string();
    let id = drive.file(ADMIN, &space, "root", "plan.txt", 1);
    let hidden = CreateFile::new("hidden plan.txt", FileType::Miscellaneous, "root", 1).container_id(&*space);
    drive.upload(ADMIN, hidden.auto_rename(OnConflict::Refuse).hidden(true));

    let list = |kind| ListGroupFiles::new(group.as_str(), FileArea::Space, &*space, "root").team_type(kind);
    assert_eq!(names(&drive.ok(&list(SpaceType::Group))), ["plan.txt"]);
    assert_eq!(drive.ok(&list(SpaceType::Group).hidden(true)).files.len(), 2);
    assert_eq!(drive.code(&list(SpaceType::Department)), "13000415");
    assert_eq!(drive.code_for("8", &list(SpaceType::Group)), "13000410");
    assert_eq!(drive.code(&ListPersonalFiles::new(FileArea::Space, &*space, "root")), "13000410");

    let (personal, team) = (SearchType::Personal, SearchType::Team);
    let search = |of: SearchType, filter| SearchFiles::new(of, SearchPageInfo::new(100, "")).filter(filter);
    let filter = SearchFilter::new().key_word("PLAN");
    let found = drive.ok(&search(team.clone(), filter.clone())).files;
    let file = &found[0];
    assert_eq!((found.len(), file.id.as_ref().unwrap().as_str()), (1, &*id));
    assert_eq!((file.team_name.as_deref(), file.team_id.as_deref()), (Some("friends"), Some(group.as_str())));
    assert_eq!((file.owner.as_deref(), file.container_type), (Some("user 7"), Some(SpaceType::Group)));
    let own = filter.clone().container_id(drive.space_of(ADMIN));
    assert_eq!(drive.code(&search(team.clone(), own)), "13000415");
    assert_eq!(drive.call("8", &search(team, filter.clone())).unwrap().total, Some(0));
    assert_eq!(drive.ok(&search(personal.clone(), filter.clone())).total, Some(0));
    assert_eq!(drive.code(&search(personal, filter.container_id(&*space))), "13000410");
}
