use koodrive_proto::operation::Paged;
use koodrive_proto::ops::files::{NewPart, PageInfo};
use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
use koodrive_proto::ops::revisions::{
    CompleteRevision, CreateRevision, DeleteRevision, GetRevision, KeepPolicy, ListRevisions, RestoreRevision,
    Revision, RevisionReason, UpdateRevision,
};

use koodrive_proto::ops::spaces::{CreateGroupSpace, NewGroupUser};
use koodrive_sim::RevisionConflict;

use super::{ADMIN, Drive};

const SUM: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Shelf {
    drive: Drive,
    space: String,
    file: String,
}

impl Shelf {
    fn new() -> Self {
        let mut drive = Drive::new().user("8");
        let space = drive.space_of(ADMIN);
        let file = drive.file(ADMIN, &space, "root", "a.txt", 4);
        drive.pass(10);
        Self { drive, space, file }
    }

    fn create(&self, kilobytes: u64) -> CreateRevision {
        CreateRevision::new(&*self.space, &*self.file, kilobytes * 1024)
    }

    /// Gives the file a new content of so many kilobytes.
    fn write(&mut self, kilobytes: u64) {
        self.drive.ok(&self.create(kilobytes));
        self.drive.ok(&CompleteRevision::new(&*self.file));
        self.drive.pass(10);
    }

    fn list(&self) -> Vec<Revision> {
        self.drive.ok(&ListRevisions::new(&*self.space, &*self.file)).revisions
    }

    /// The numbers and sizes in kilobytes of all revisions.
    fn sizes(&self) -> Vec<(i64, i64)> {
        self.list().iter().map(|one| (one.revision_version.unwrap(), one.size.unwrap() / 1024)).collect()
    }

    fn id(&self, at: usize) -> String {
        self.list()[at].revision_id.clone().unwrap()
    }
}

#[test]
fn a_file_has_its_contents_one_after_the_other() {
    let mut shelf = Shelf::new();
    let only = &shelf.list()[0];
    assert_eq!((only.latest_version, only.create_reason), (Some(true), Some(RevisionReason::Created)));
    assert_eq!((only.name.as_deref(), only.extension.as_deref()), (Some("a.txt"), Some("txt")));
    assert_eq!(only.created_at, Some(1_763_622_000_000));
    let first = shelf.id(0);

    // Until the upload is complete, nothing changes.
    let create =
        shelf.create(6).sha256(SUM).proof_code("proof").keep_policy(KeepPolicy::Forever).mime_type("text/html");
    let created = shelf.drive.ok(&create.multi_parts([NewPart::new(1, 6 * 1024)]));
    assert!(created.upload_id.is_some() && created.multi_parts[0].upload_url.is_some());
    assert_eq!(shelf.sizes(), [(1, 4)]);
    let wrong = CompleteRevision::new(&*shelf.file).sha256(SUM.replace('e', "f"));
    assert_eq!(shelf.drive.code(&wrong), "13000402");
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(1, 4)], 4 + 6));
    shelf.drive.ok(&CompleteRevision::new(&*shelf.file).sha256(SUM.to_uppercase()));
    assert_eq!(shelf.drive.code(&CompleteRevision::new(&*shelf.file)), "13000401");
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(2, 6), (1, 4)], 10));
    let file = shelf.drive.detail(&shelf.space, &shelf.file);
    assert_eq!((file.size, file.mime_type.as_deref()), (Some(6 * 1024), Some("text/html")));
    assert_eq!(file.edited_time.as_deref(), Some("2025-11-20T07:00:10.000Z"));
    assert_eq!((shelf.id(1), shelf.list()[0].keep_forever), (first.clone(), Some(true)));

    // The ids may be written without the dot, as in some texts.
    let get = |id: &str| GetRevision::new(&*shelf.space, &*shelf.file, id);
    let old = shelf.drive.ok(&get(&first.replace('.', "")));
    assert_eq!((old.size, old.latest_version), (Some(4 * 1024), Some(false)));
    assert!(old.download_url.is_some() && shelf.list()[0].download_url.is_none());
    assert_eq!(shelf.drive.code(&get("1.2")), "13000309");

    // An earlier content becomes the newest one, and the other stays.
    shelf.drive.pass(10);
    shelf.drive.ok(&RestoreRevision::new(&*shelf.space, &*shelf.file, &*first));
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(3, 4), (2, 6), (1, 4)], 14));
    let newest = &shelf.list()[0];
    assert_eq!((newest.create_reason, newest.latest_version), (Some(RevisionReason::Restored), Some(true)));
    assert_eq!(shelf.drive.detail(&shelf.space, &shelf.file).size, Some(4 * 1024));

    let newest = shelf.id(0);
    assert_eq!(shelf.drive.code(&DeleteRevision::new(&*shelf.space, &*shelf.file, newest)), "13000102");
    let delete = DeleteRevision::new(&*shelf.space, &*shelf.file, &*first);
    shelf.drive.ok(&delete);
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(3, 4), (2, 6)], 10));
    assert_eq!(shelf.drive.code(&delete), "13000309");
}

#[test]
fn revisions_are_listed_by_page_and_cleaned_up_unless_they_are_kept() {
    let mut shelf = Shelf::new();
    let first = shelf.id(0);
    shelf.drive.ok(&UpdateRevision::new(&*shelf.space, &*shelf.file, &*first, true));
    for size in 1..=4 {
        shelf.write(size);
    }
    let mut list = ListRevisions::new(&*shelf.space, &*shelf.file).page_info(PageInfo::new().page_size(2));
    let mut numbers = Vec::new();
    for more in [true, true, false] {
        let page = shelf.drive.ok(&list);
        list.turn(&page).unwrap();
        numbers.push(page.revisions.iter().map(|one| one.revision_version.unwrap()).collect::<Vec<_>>());
        assert_eq!(page.next_page_cursor.is_some_and(|cursor| !cursor.is_empty()), more);
    }
    assert_eq!(numbers, [vec![5, 4], vec![3, 2], vec![1]]);

    for _ in 0..100 {
        shelf.write(1);
    }
    let numbers = |shelf: &Shelf| {
        let mut page = ListRevisions::new(&*shelf.space, &*shelf.file);
        let mut numbers = Vec::new();
        while let Ok(found) = shelf.drive.call(ADMIN, &page) {
            numbers.extend(found.revisions.iter().map(|one| one.revision_version.unwrap()));
            if found.next_page_cursor.as_deref().is_none_or(str::is_empty) {
                break;
            }
            page.turn(&found).unwrap();
        }
        numbers
    };
    // The newest hundred, and what is kept.
    let expected: Vec<i64> = (6..=105).rev().chain([1]).collect();
    assert_eq!(numbers(&shelf), expected);
    shelf.drive.ok(&UpdateRevision::new(&*shelf.space, &*shelf.file, &*first, false));
    shelf.write(1);
    assert_eq!(numbers(&shelf), (7..=106).rev().collect::<Vec<_>>());
}

#[test]
fn an_upload_that_takes_too_long_is_given_up() {
    let day = 24 * 3600;
    let mut shelf = Shelf::new();
    shelf.drive.ok(&shelf.create(6));
    shelf.drive.pass(day);
    // Another one, which has as long.
    shelf.drive.ok(&shelf.create(5));
    shelf.drive.pass(7 * day - 1);
    shelf.drive.ok(&CompleteRevision::new(&*shelf.file));
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(2, 5), (1, 4)], 9));
    shelf.drive.ok(&shelf.create(6));
    assert_eq!(shelf.drive.used(ADMIN), 9 + 6);
    shelf.drive.pass(7 * day);
    assert_eq!(shelf.drive.code(&CompleteRevision::new(&*shelf.file)), "13000401");
    assert_eq!(shelf.drive.used(ADMIN), 9);
}

#[test]
fn the_owner_of_the_simulator_says_what_becomes_of_two_uploads_at_once() {
    let mut shelf = Shelf::new();
    let (first, second) = ("a".repeat(64), "b".repeat(64));
    let create = |shelf: &Shelf, sum: &str| shelf.create(6).sha256(sum).proof_code("proof");
    let complete = |shelf: &Shelf, sum: &str| CompleteRevision::new(&*shelf.file).sha256(sum);
    shelf.drive.ok(&create(&shelf, &first));
    shelf.drive.ok(&create(&shelf, &second));
    assert_eq!(shelf.drive.code(&complete(&shelf, &first)), "13000402");
    shelf.drive.ok(&complete(&shelf, &second));
    assert_eq!(shelf.drive.code(&complete(&shelf, &first)), "13000401");

    shelf.drive.simulator = shelf.drive.simulator.revision_conflict(RevisionConflict::Refuse);
    shelf.drive.ok(&create(&shelf, &first));
    assert_eq!(shelf.drive.code(&create(&shelf, &second)), "13000403");
    shelf.drive.ok(&complete(&shelf, &first));
    shelf.drive.ok(&create(&shelf, &second));
}

#[test]
fn revisions_go_with_their_file_and_count_where_it_is() {
    let mut shelf = Shelf::new();
    shelf.write(6);
    shelf.drive.ok(&shelf.create(10));
    let (space, file) = (shelf.space.clone(), shelf.file.clone());
    let team = shelf.drive.ok(&CreateGroupSpace::new("Sales", Vec::<NewGroupUser>::new())).id.unwrap();
    let job = |kind, space: &str, to: &str| CreateJob::new(kind, TaskInfo::new([JobFile::new(&*file)], space), to);
    shelf.drive.ok(&job(JobType::Move, &space, &team));
    shelf.drive.pass(1);
    shelf.space.clone_from(&team);
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(2, 6), (1, 4)], 0));
    shelf.drive.ok(&CompleteRevision::new(&*file));
    let old = shelf.id(1);
    shelf.drive.ok(&DeleteRevision::new(&*team, &*file, old));
    assert_eq!(shelf.sizes(), [(3, 10), (1, 4)]);
    shelf.drive.ok(&job(JobType::Copy, &team, &space));
    shelf.drive.pass(1);
    assert_eq!(shelf.drive.used(ADMIN), 10);
    shelf.drive.ok(&job(JobType::Move, &team, &space));
    shelf.drive.pass(1);
    assert_eq!(shelf.drive.used(ADMIN), 10 + 14);
}

#[test]
fn what_has_no_revisions_is_refused() {
    let mut shelf = Shelf::new();
    let (space, file) = (shelf.space.clone(), shelf.file.clone());
    let folder = shelf.drive.folder(&space, "root", "Folder");
    let list = |space: &str, file: &str| ListRevisions::new(space, file);
    assert_eq!(shelf.drive.code(&list(&space, &folder)), "13000406");
    assert_eq!(shelf.drive.code(&list(&space, "F1")), "13000309");
    assert_eq!(shelf.drive.code(&list("1", &file)), "13000301");
    let others = shelf.drive.space_of("8");
    assert_eq!(shelf.drive.code_for("8", &list(&others, &file)), "13000302");
    assert_eq!(shelf.drive.code_for("8", &list(&space, &file)), "13000410");
    assert_eq!(shelf.drive.code_for("8", &CompleteRevision::new(&*file)), "13000410");

    // Of a space of 1 GB, the other files and the file's own content leave a bit less.
    let gigabyte = 1024 * 1024;
    shelf.drive.file(ADMIN, &space, "root", "b.txt", 1);
    assert_eq!(shelf.drive.code(&shelf.create(gigabyte - 4)), "13000311");
    shelf.write(gigabyte - 5);
    assert_eq!(shelf.drive.used(ADMIN), 1024 * 1024);
    assert_eq!(shelf.drive.code(&shelf.create(1)), "13000311");
    let first = shelf.id(1);
    assert_eq!(shelf.drive.code(&RestoreRevision::new(&*space, &*file, &*first)), "13000311");
    shelf.drive.ok(&DeleteRevision::new(&*space, &*file, first));
    shelf.drive.ok(&shelf.create(1));
    let path = format!("/root/{file}");
    let task = TaskInfo::new([JobFile::new(&*file).file_path(path)], &*space);
    let delete = CreateJob::new(JobType::Delete, task, &*space);
    shelf.drive.ok(&delete.clone().action_type(JobAction::Recycle));
    shelf.drive.pass(1);
    assert_eq!(shelf.drive.code(&CompleteRevision::new(&*file)), "13000306");
    shelf.drive.ok(&delete.action_type(JobAction::Delete));
    shelf.drive.pass(1);
    assert_eq!(shelf.drive.code(&list(&space, &file)), "13000309");
    assert_eq!(shelf.drive.used(ADMIN), 1);
}
