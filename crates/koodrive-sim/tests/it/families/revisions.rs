use koodrive_proto::http::Method;
use koodrive_proto::operation::Paged;
use koodrive_proto::ops::files::{GetUploadUrls, NewPart, PageInfo};
use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
use koodrive_proto::ops::revisions::{
    CompleteRevision, CreateRevision, DeleteRevision, GetRevision, KeepPolicy, ListRevisions, RestoreRevision,
    Revision, RevisionReason, UpdateRevision,
};

use koodrive_proto::ops::spaces::{CreateGroupSpace, NewGroupUser};
use koodrive_proto::transfer::{Digest, Hasher, proof_range};
use koodrive_sim::RevisionConflict;

use super::{ADMIN, Drive};

/// So many kilobytes of a content.
fn content(kilobytes: u64, byte: u8) -> Vec<u8> {
    vec![byte; usize::try_from(kilobytes * 1024).unwrap()]
}

fn sum(content: &[u8]) -> String {
    Digest::of(content).to_string()
}

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
        let bytes = kilobytes * 1024;
        CreateRevision::new(&*self.space, &*self.file, bytes).multi_parts([NewPart::new(1, bytes)])
    }

    /// Begins the upload of a content, and sends it.
    fn send(&self, create: &CreateRevision, content: &[u8]) {
        let created = self.drive.ok(create);
        assert_eq!(created.rapid_upload, Some(false));
        self.drive.send_parts(&created.multi_parts, content);
    }

    /// Gives the file a new content of so many kilobytes.
    fn write(&mut self, kilobytes: u64) {
        self.send(&self.create(kilobytes), &content(kilobytes, 0));
        self.drive.ok(&CompleteRevision::new(&*self.file));
        self.drive.pass(10);
    }

    /// The link to the content that the file has now.
    fn link(&self) -> String {
        self.drive.link(&self.space, &self.file)
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
    let (old, new) = (content(4, 0), content(6, 1));
    let old_link = shelf.link();
    let create = shelf.create(6).sha256(sum(&new)).proof_code("wrong").keep_policy(KeepPolicy::Forever);
    shelf.send(&create.mime_type("text/html"), &content(6, 2));
    assert_eq!(shelf.sizes(), [(1, 4)]);
    let wrong = CompleteRevision::new(&*shelf.file).sha256(sum(&old));
    assert_eq!(shelf.drive.code(&wrong), "13000402");
    // What was sent isn't what was announced. Other links for the same upload mend it.
    assert_eq!(shelf.drive.code(&CompleteRevision::new(&*shelf.file)), "13000402");
    let again = shelf.drive.ok(&GetUploadUrls::new(&*shelf.file, [NewPart::new(1, 6 * 1024)]));
    shelf.drive.send_parts(&again.multi_parts, &new);
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(1, 4)], 4 + 6));
    shelf.drive.ok(&CompleteRevision::new(&*shelf.file).sha256(sum(&new).to_uppercase()));
    assert_eq!(shelf.drive.code(&CompleteRevision::new(&*shelf.file)), "13000401");
    assert_eq!(shelf.drive.code(&GetUploadUrls::new(&*shelf.file, [NewPart::new(1, 1)])), "13000401");
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(2, 6), (1, 4)], 10));
    // A link leads to what the file was when it was asked for.
    assert_eq!((shelf.drive.read(&old_link), shelf.drive.read(&shelf.link())), (old.clone(), new.clone()));
    let file = shelf.drive.detail(&shelf.space, &shelf.file);
    assert_eq!((file.size, file.mime_type.as_deref()), (Some(6 * 1024), Some("text/html")));
    assert_eq!(file.edited_time.as_deref(), Some("2025-11-20T07:00:10.000Z"));
    assert_eq!((shelf.id(1), shelf.list()[0].keep_forever), (first.clone(), Some(true)));

    // The ids may be written without the dot, as in some texts.
    let get = |id: &str| GetRevision::new(&*shelf.space, &*shelf.file, id);
    let earlier = shelf.drive.ok(&get(&first.replace('.', "")));
    assert_eq!((earlier.size, earlier.latest_version), (Some(4 * 1024), Some(false)));
    assert!(shelf.list()[0].download_url.is_none());
    let earlier = earlier.download_url.unwrap();
    assert_eq!(shelf.drive.read(earlier.as_str()), old);
    assert_eq!(shelf.drive.code(&get("1.2")), "13000309");

    // An earlier content becomes the newest one, and the other stays.
    shelf.drive.pass(10);
    shelf.drive.ok(&RestoreRevision::new(&*shelf.space, &*shelf.file, &*first));
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(3, 4), (2, 6), (1, 4)], 14));
    let newest = &shelf.list()[0];
    assert_eq!((newest.create_reason, newest.latest_version), (Some(RevisionReason::Restored), Some(true)));
    assert_eq!(shelf.drive.detail(&shelf.space, &shelf.file).size, Some(4 * 1024));
    assert_eq!(shelf.drive.read(&shelf.link()), old);

    let newest = shelf.id(0);
    assert_eq!(shelf.drive.code(&DeleteRevision::new(&*shelf.space, &*shelf.file, newest)), "13000102");
    let delete = DeleteRevision::new(&*shelf.space, &*shelf.file, &*first);
    shelf.drive.ok(&delete);
    assert_eq!((shelf.sizes(), shelf.drive.used(ADMIN)), (vec![(3, 4), (2, 6)], 10));
    assert_eq!(shelf.drive.code(&delete), "13000309");
    // The content is that of another revision, too. Bytes that nothing has any more are gone.
    assert_eq!(shelf.drive.read(earlier.as_str()), old);
    let second = shelf.id(1);
    let second_link = shelf.drive.ok(&get(&second)).download_url.unwrap();
    shelf.drive.ok(&DeleteRevision::new(&*shelf.space, &*shelf.file, second));
    assert_eq!(shelf.drive.to_link(&Method::GET, second_link.as_str(), &[], b"").status(), 404);
}

#[test]
fn parts_and_proofs_are_checked_as_for_files() {
    const PART: u64 = 5 << 20;
    let shelf = Shelf::new();
    let bytes: Vec<u8> = (0..PART + 100).map(|at| (at % 251) as u8).collect();
    let mut hasher = Hasher::new();
    hasher.feed(&bytes[..5 << 20]);
    let state = hasher.midstate().unwrap().words();
    let create = |state: [u32; 8]| {
        let parts = [NewPart::new(1, PART).part_offset(0_u64), NewPart::new(2, 100).part_offset(PART).hash_ctx(state)];
        CreateRevision::new(&*shelf.space, &*shelf.file, PART + 100).multi_parts(parts)
    };
    let complete = CompleteRevision::new(&*shelf.file);
    shelf.send(&create([7; 8]), &bytes);
    assert_eq!(shelf.drive.code(&complete), "13000402");
    let first = shelf.drive.ok(&create(state)).multi_parts;
    shelf.drive.send_parts(&first[..1], &bytes);
    assert_eq!(shelf.drive.code(&complete), "13000402");
    shelf.drive.send_parts(&first[1..], &bytes[5 << 20..]);
    shelf.drive.ok(&complete);

    // The content is known now, for who can prove to have it.
    let range = proof_range(&format!("Bearer token-of-{ADMIN}"), PART + 100).unwrap();
    let proof = sum(&bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]);
    let instant = create(state).sha256(sum(&bytes)).proof_code(&*proof).mime_type("text/html");
    let created = shelf.drive.ok(&instant);
    assert_eq!((created.rapid_upload, created.upload_id, created.multi_parts.len()), (Some(true), None, 0));
    assert_eq!(shelf.list()[0].revision_version, Some(3));
    let file = shelf.drive.detail(&shelf.space, &shelf.file);
    assert_eq!((file.mime_type.as_deref(), file.size), (Some("text/html"), Some(5 * 1024 * 1024 + 100)));
    assert_eq!(shelf.drive.read(&shelf.link()), bytes);
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
    shelf.send(&shelf.create(5), &content(5, 0));
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
    let (first, second) = (content(6, 1), content(6, 2));
    let create = |shelf: &Shelf, content: &[u8]| shelf.create(6).sha256(sum(content)).proof_code("wrong");
    let complete = |shelf: &Shelf, content: &[u8]| CompleteRevision::new(&*shelf.file).sha256(sum(content));
    let lost = shelf.drive.ok(&create(&shelf, &first)).multi_parts;
    shelf.send(&create(&shelf, &second), &second);
    let late = lost[0].upload_url.as_ref().unwrap().as_str();
    assert_eq!(shelf.drive.to_link(&Method::PUT, late, &[], &first).status(), 404);
    assert_eq!(shelf.drive.code(&complete(&shelf, &first)), "13000402");
    shelf.drive.ok(&complete(&shelf, &second));
    assert_eq!(shelf.drive.code(&complete(&shelf, &first)), "13000401");

    shelf.drive.simulator = shelf.drive.simulator.revision_conflict(RevisionConflict::Refuse);
    shelf.send(&create(&shelf, &first), &first);
    assert_eq!(shelf.drive.code(&shelf.create(7)), "13000403");
    shelf.drive.ok(&complete(&shelf, &first));
    shelf.drive.ok(&shelf.create(7));
}

#[test]
fn revisions_go_with_their_file_and_count_where_it_is() {
    let mut shelf = Shelf::new();
    shelf.write(6);
    shelf.send(&shelf.create(10), &content(10, 0));
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
    let megabyte = 1024;
    let large = r#"{"files": [{"owner": "7", "path": "large", "size": 1072693248}]}"#;
    shelf.drive.simulator.seed(large).unwrap();
    assert_eq!(shelf.drive.used(ADMIN), 1023 * megabyte + 4);
    assert_eq!(shelf.drive.code(&shelf.create(1024 - 3)), "13000311");
    shelf.write(1024 - 4);
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
    assert_eq!(shelf.drive.used(ADMIN), 1023 * megabyte);
}
