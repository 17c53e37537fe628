//! Recycle bins and the spaces of teams, with a state that other families' calls would lead to.

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::ops::favorites::{FileToStar, ListStarredFiles, StarFiles};
use koodrive_proto::ops::files::{
    ClearRecycleBin, FileArea, FileSort, GetDownloadUrls, GetFile, GetFolderStats, ListGroupFiles, ListPersonalFiles,
    RenameFile, SearchFiles, SearchFilter, SearchPageInfo, SearchType, SortDirection, SortType,
};
use koodrive_proto::ops::portal::{ListRecentFiles, ListRelatedFiles, RecentStatus};
use koodrive_proto::ops::spaces::SpaceType;
use koodrive_proto::{AccessToken, Api, Credentials, Error, Operation};

use super::{File, log, tree};
use crate::Simulator;
use crate::families::portal::{self, Related};
use crate::families::{groups, spaces};
use crate::store::Store;

struct Drive {
    simulator: Simulator,
    now: DateTime<Utc>,
    space: String,
}

impl Drive {
    fn new() -> Self {
        let simulator = Simulator::new().token("Bearer 7", "7");
        let space = simulator.state().store.spaces.under("7").next().unwrap().0.to_owned();
        Self { simulator, now: DateTime::from_timestamp(1_763_622_000, 0).unwrap(), space }
    }

    fn change<T>(&mut self, change: impl FnOnce(&mut Store, &str, DateTime<Utc>) -> T) -> T {
        self.now += TimeDelta::minutes(1);
        change(&mut self.simulator.state().store, &self.space, self.now)
    }

    fn add(&mut self, name: &str, parent: &str, size: Option<u64>) -> String {
        self.change(|store, space, now| {
            let file = match size {
                Some(size) => File { size, ..File::new(space, parent, name, "7", now) },
                None => File::folder(space, parent, name, "7", now),
            };
            tree::add(store, file).unwrap()
        })
    }

    fn recycle(&mut self, id: &str) {
        self.change(|store, _, now| tree::recycle(store, id, now).unwrap());
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        let credentials = Credentials::token(AccessToken::as_issued("Bearer 7".to_owned()), "7");
        let request = Api::new("http://127.0.0.1", credentials).unwrap().request(operation, self.now).unwrap();
        O::parse(&self.simulator.handle(request, self.now))
    }

    #[track_caller]
    fn ok<O: Operation>(&self, operation: &O) -> O::Output {
        self.call(operation).unwrap()
    }

    #[track_caller]
    fn code<O: Operation>(&self, operation: &O) -> String {
        self.call(operation).err().and_then(|error| error.code().map(str::to_owned)).unwrap()
    }

    fn listed(&self, list: &ListPersonalFiles) -> String {
        self.ok(list).files.into_iter().map(|file| file.file_name.unwrap()).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn a_recycle_bin_is_listed_counted_and_cleared() {
    let mut drive = Drive::new();
    let space = drive.space.clone();
    let folder = drive.add("folder", "root", None);
    let inside = drive.add("inside.txt", &folder, Some(10));
    let file = drive.add("a.txt", "root", Some(1));
    drive.ok(&StarFiles::new(true, [FileToStar::new(&*file), FileToStar::new(&*inside)]));
    drive.ok(&GetDownloadUrls::new(&*space, [&*file]));
    drive.recycle(&file);
    drive.recycle(&folder);
    // The name is free again, and may be in the bin twice.
    let again = drive.add("a.txt", "root", Some(100));
    drive.recycle(&again);

    let bin = |folder: &str| ListPersonalFiles::new(FileArea::RecycleBin, &*space, folder);
    let by = |by: SortType| FileSort::new().sort_type(by).sort_direction(SortDirection::Ascending);
    assert_eq!(drive.listed(&bin("root").sort_info(by(SortType::Recycled))), "a.txt folder a.txt");
    assert_eq!(drive.listed(&bin("root").sort_info(by(SortType::Size))), "folder a.txt a.txt");
    assert_eq!(drive.listed(&bin(&folder)), "inside.txt");
    assert!(drive.ok(&bin(&folder)).files[0].recycled.unwrap());
    let space_list = |folder: &str| ListPersonalFiles::new(FileArea::Space, &*space, folder);
    assert_eq!(drive.listed(&space_list("root")), "");
    assert_eq!(drive.code(&space_list(&folder)), "13000305");
    assert_eq!(drive.ok(&GetFile::new(&*inside, &*space)).recycled, Some(true));
    assert_eq!(drive.code(&RenameFile::new(&*inside, &*space, "b")), "13000306");
    assert_eq!(drive.ok(&GetDownloadUrls::new(&*space, [&*inside])).downloads[0].code, Some(13_000_306));

    let search = SearchFiles::new(SearchType::Personal, SearchPageInfo::new(100, ""));
    let search = search.filter(SearchFilter::new().key_word("txt")).recycled(true);
    assert_eq!(drive.ok(&search).total, Some(2));
    assert_eq!(drive.ok(&search.clone().recursive(true)).total, Some(3));
    assert_eq!(drive.ok(&search.recursive(true).recycled(false)).total, Some(0));

    let stats = |id: &str| GetFolderStats::new(id, &*space);
    assert_eq!(drive.ok(&stats("root").is_recycled(true)).total_size, Some(111));
    assert_eq!(drive.ok(&stats("root")).total_size, Some(0));
    assert_eq!(drive.ok(&stats(&folder).is_recycled(true)).total_size, Some(10));
    assert_eq!(drive.ok(&stats(&folder).is_recycled(false)).total_size, Some(0));
    assert_eq!(drive.ok(&stats(&folder)).total_size, Some(10));

    let starred = drive.ok(&ListStarredFiles::new());
    assert!(starred.files.iter().all(|file| file.recycled == Some(true)));
    assert_eq!((starred.files.len(), starred.auto_deleted), (2, Some(0)));
    let recent = drive.ok(&ListRecentFiles::new()).list;
    assert_eq!((recent.len(), recent[0].status), (1, Some(RecentStatus::FileDeleted)));

    assert_eq!(drive.code(&ClearRecycleBin::new(&*space).container_id("other")), "13000102");
    drive.ok(&ClearRecycleBin::new(&*space).container_id(&*space));
    assert_eq!(drive.listed(&bin("root")), "");
    assert_eq!(drive.code(&GetFile::new(&*inside, &*space)), "13000309");
    assert_eq!(drive.ok(&ListStarredFiles::new()).auto_deleted, Some(2));
    assert_eq!(drive.ok(&ListRecentFiles::new()).list.len(), 0);
    let store = &drive.simulator.state().store;
    assert_eq!(store.spaces.get(&space).unwrap().used, 0);
    assert_eq!((store.files.len(), store.file_operations.len()), (0, 0));
}

#[test]
fn a_team_has_a_space_of_its_own() {
    let mut drive = Drive::new();
    let own = drive.space.clone();
    drive.space = drive.change(|store, _, now| {
        let group = groups::Group {
            name: "friends".to_owned(),
            source_type: 0,
            owner_id: "7".to_owned(),
            created: now,
            updated: now,
        };
        store.groups.insert("g", group);
        spaces::add(store, "g", SpaceType::Group, 1, now)
    });
    let space = drive.space.clone();
    let id = drive.add("plan.txt", "root", Some(1));
    drive.change(|store, space, now| {
        let file = File { hidden: true, ..File::new(space, "root", "hidden plan.txt", "8", now) };
        let hidden = tree::add(store, file).unwrap();
        log::note(store, &hidden, "7", log::Action::Edit, now);
        log::note(store, &hidden, "8", log::Action::Edit, now);
    });
    let list = |kind| ListGroupFiles::new("g", FileArea::Space, &*space, "root").team_type(kind);
    assert_eq!(drive.ok(&list(SpaceType::Group)).files.len(), 1);
    assert_eq!(drive.ok(&list(SpaceType::Group).hidden(true)).files.len(), 2);
    assert_eq!(drive.code(&list(SpaceType::Department)), "13000415");
    assert_eq!(drive.code(&ListPersonalFiles::new(FileArea::Space, &*space, "root")), "13000410");

    let search = SearchFiles::new(SearchType::Team, SearchPageInfo::new(100, ""));
    let filter = SearchFilter::new().key_word("PLAN");
    let found = drive.ok(&search.clone().filter(filter.clone())).files;
    let file = &found[0];
    assert_eq!((found.len(), file.id.as_ref().unwrap().as_str()), (1, &*id));
    assert_eq!((file.team_name.as_deref(), file.team_id.as_deref()), (Some("friends"), Some("g")));
    assert_eq!((file.owner.as_deref(), file.container_type), (Some("user 7"), Some(SpaceType::Group)));
    assert_eq!(drive.code(&search.clone().filter(filter.clone().container_id(&*own))), "13000415");
    let personal = SearchFiles::new(SearchType::Personal, SearchPageInfo::new(100, ""));
    assert_eq!(drive.ok(&personal.clone().filter(filter.clone())).total, Some(0));
    assert_eq!(drive.code(&personal.filter(filter.container_id(&*space))), "13000410");

    let recent = drive.ok(&ListRecentFiles::new()).list.remove(0).file.unwrap();
    assert_eq!((recent.container_name.as_deref(), recent.collaborator_id.as_deref()), (Some("friends"), Some("8")));
}

#[test]
fn received_shares_are_related() {
    let mut drive = Drive::new();
    let id = drive.add("a.txt", "root", Some(1));
    for (share, name, days) in [("1", "Holiday", Some(1)), ("2", "holiday 2", None), ("3", "Work", None)] {
        drive.change(|store, _, now| {
            let related = Related {
                user_id: "7".to_owned(),
                share_id: share.to_owned(),
                operator: "8".to_owned(),
                display_name: name.to_owned(),
                file_ids: vec![id.clone(), "gone".to_owned()],
                expires: days.map(|days| now + TimeDelta::days(days)),
                at: now,
            };
            portal::relate(store, related);
        });
    }
    let list = ListRelatedFiles::new().page_size(2);
    let page = drive.ok(&list);
    let names: Vec<&str> = page.records.iter().map(|record| record.display_name.as_deref().unwrap()).collect();
    assert_eq!((names, page.total), (vec!["Work", "holiday 2"], Some(3)));
    assert_eq!((page.records[0].operator.as_deref(), page.records[0].files.len()), (Some("8"), 1));
    let next = drive.ok(&list.clone().page_cursor(page.next_cursor.unwrap()));
    assert_eq!((next.records[0].id.as_deref(), next.next_cursor), (Some("1"), None));
    assert_eq!(next.records[0].expire_time.as_deref(), Some("2025-11-21T07:02:00.000Z"));
    let holidays = list.display_name("HOLI").sort_direction(SortDirection::Ascending);
    assert_eq!(drive.ok(&holidays).total, Some(2));
    drive.now += TimeDelta::days(2);
    assert_eq!(drive.ok(&holidays).total, Some(1));
    drive.change(|store, _, _| portal::forget_share(store, "2"));
    assert_eq!(drive.ok(&holidays).total, Some(0));
}
