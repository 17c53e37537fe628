use koodrive_proto::ops::files::SortDirection;
use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
use koodrive_proto::ops::shares::{
    CancelShares, CreateShare, ExitShare, GetShareByMe, GetShareWithMe, ListSharesByMe, ListSharesWithMe, ShareLink,
    SharePermission, ShareScope, ShareStatus, UpdateShare,
};
use koodrive_proto::ops::spaces::{SpaceStatus, SpaceType, UpdateSpace};
use koodrive_proto::param::FileId;

use crate::families::{ADMIN, Drive, root};

const DAY: i64 = 24 * 3600;

/// Begins to put a file of the first user into the recycle bin, which takes the time of a job.
pub(super) fn recycle(drive: &Drive, id: &str) {
    let space = &*drive.space_of(ADMIN);
    let task = TaskInfo::new([JobFile::new(id).file_path(format!("/root/{id}"))], space);
    drive.ok(&CreateJob::new(JobType::Delete, task, space).action_type(JobAction::Recycle));
}

/// Shares a file of the first user.
pub(super) fn share(drive: &Drive, share: &CreateShare) -> ShareLink {
    drive.ok(share).share_link.unwrap()
}

fn new(drive: &Drive, scope: ShareScope, files: &[&str], days: u32) -> CreateShare {
    CreateShare::new(scope, files.to_vec(), drive.space_of(ADMIN), days)
}

fn by_me(drive: &Drive) -> Vec<(String, ShareStatus)> {
    let shares = drive.ok(&ListSharesByMe::new()).share_links.into_iter();
    shares.map(|share| (share.share_id.unwrap(), share.status.unwrap())).collect()
}

fn with(drive: &Drive, user: &str) -> Vec<(String, ShareStatus)> {
    let shares = drive.call(user, &ListSharesWithMe::new()).unwrap().share_links.into_iter();
    shares.map(|share| (share.share_id.unwrap(), share.status.unwrap())).collect()
}

#[test]
fn a_share_from_its_beginning_to_its_end() {
    let mut drive = Drive::new().user("8").user("9");
    let space = drive.space_of(ADMIN);
    let (one, two) = (drive.folder(&space, "root", "one"), drive.folder(&space, "root", "two"));
    let create = new(&drive, ShareScope::Named, &[&one, &two], 7);
    let create =
        create.user_ids(["8"]).extract_code("a1B2c3D4").comment("Look").permission(SharePermission::new().edit(false));
    let made = share(&drive, &create);
    let id = made.share_id.unwrap();
    assert_eq!(made.extract_code.unwrap().as_str(), "a1B2c3D4");
    assert_eq!(
        (made.comment.as_deref(), made.expire_time.as_deref()),
        (Some("Look"), Some("2025-11-27T07:00:00.000Z"))
    );

    let mine = drive.ok(&ListSharesByMe::new()).share_links.remove(0);
    assert_eq!((mine.share_id.as_ref(), mine.display_name.as_deref()), (Some(&id), Some("one")));
    assert_eq!(mine.share_time.as_deref(), Some("2025-11-20T07:00:00.000Z"));
    assert_eq!((mine.scope, mine.status), (Some(ShareScope::Named), Some(ShareStatus::UntilExpiry)));
    assert_eq!((mine.view_count, mine.container_name.as_deref()), (Some(0), Some("user 7")));
    assert_eq!(mine.extract_code.unwrap().as_str(), "a1B2c3D4");
    assert_eq!(mine.permission.map(|may| (may.preview, may.edit)), Some((Some(true), Some(false))));
    let files: Vec<(Option<FileId>, Option<bool>)> =
        mine.files.into_iter().map(|file| (file.id, file.recycled)).collect();
    assert_eq!(files, [(Some(one.as_str().into()), Some(false)), (Some(two.as_str().into()), Some(false))]);

    let detail = drive.ok(&GetShareByMe::new(&*id)).share_link.unwrap();
    assert_eq!(detail.users.iter().map(|user| user.name.as_deref()).collect::<Vec<_>>(), [Some("user 8")]);
    assert_eq!((detail.depts.len(), detail.groups.len(), detail.comment.as_deref()), (0, 0, Some("Look")));
    let theirs = drive.call("8", &GetShareWithMe::new(&*id)).unwrap().share_link.unwrap();
    assert_eq!((theirs.owner_name.as_deref(), theirs.display_name.as_deref()), (Some("user 7"), Some("one")));
    let listed = drive.call("8", &ListSharesWithMe::new().display_name("n")).unwrap().share_links.remove(0);
    assert_eq!(
        (listed.owner_id.unwrap().as_str(), listed.scope, listed.files.len()),
        ("7", Some(ShareScope::Named), 2)
    );
    assert_eq!(drive.call("8", &ListSharesWithMe::new().display_name("two")).unwrap().share_links.len(), 0);

    // What belongs to others isn't found.
    assert_eq!((with(&drive, ADMIN), with(&drive, "9")), (vec![], vec![]));
    assert_eq!(drive.code_for("8", &GetShareByMe::new(&*id)), "13000309");
    assert_eq!(drive.code_for("9", &GetShareWithMe::new(&*id)), "13000309");
    assert_eq!(drive.code_for("8", &UpdateShare::new(&*id, 1)), "13000309");
    let results = drive.call("8", &CancelShares::new().share_ids([&*id])).unwrap().shares;
    assert_eq!(results.iter().map(|share| share.code).collect::<Vec<_>>(), [Some(13_000_309)]);

    // A change leaves what it doesn't set.
    drive.pass(DAY);
    let changed = drive.ok(&UpdateShare::new(&*id, 0).comment("Look again").user_ids(["8", "9"])).share_link.unwrap();
    assert_eq!(changed.expire_time.as_deref(), Some("2025-11-27T07:00:00.000Z"));
    assert_eq!(
        (changed.create_time.as_deref(), changed.update_time.as_deref()),
        (Some("2025-11-20T07:00:00.000Z"), Some("2025-11-21T07:00:00.000Z"))
    );
    assert_eq!(changed.extract_code.unwrap().as_str(), "a1B2c3D4");
    assert_eq!(changed.status, Some(ShareStatus::UntilExpiry));
    let changed = drive.ok(&UpdateShare::new(&*id, 10).extract_code("AAAA1111")).share_link.unwrap();
    assert_eq!(changed.expire_time.as_deref(), Some("2025-12-01T07:00:00.000Z"));
    assert_eq!(changed.extract_code.unwrap().as_str(), "AAAA1111");
    let detail = drive.ok(&GetShareByMe::new(&*id)).share_link.unwrap();
    assert_eq!((detail.users.len(), detail.comment.as_deref()), (2, Some("Look again")));

    // A receiver leaves, and is named again.
    let results = drive.call("8", &ExitShare::new([&*id, "1"])).unwrap().shares;
    let results: Vec<_> = results.into_iter().map(|share| (share.share_id.unwrap(), share.code)).collect();
    assert_eq!(results, [(id.clone(), Some(0)), ("1".to_owned(), Some(13_000_309))]);
    assert_eq!((with(&drive, "8").len(), with(&drive, "9").len()), (0, 1));
    drive.ok(&UpdateShare::new(&*id, 0).user_ids(["8", "9"]));
    assert_eq!((with(&drive, "8").len(), with(&drive, "9").len()), (0, 1));
    let root = root(&drive);
    drive.ok(&UpdateShare::new(&*id, 0).user_ids(["9"]).dept_ids([&*root]));
    assert_eq!((with(&drive, "8").len(), with(&drive, "9").len()), (0, 1));
    drive.ok(&UpdateShare::new(&*id, 0).user_ids(["8"]).dept_ids([""; 0]));
    assert_eq!((with(&drive, "8").len(), with(&drive, "9").len()), (1, 0));

    // It ends by itself, and a new end opens it again.
    drive.pass(10 * DAY);
    let changed = drive.ok(&UpdateShare::new(&*id, 0)).share_link.unwrap();
    assert_eq!(changed.status, Some(ShareStatus::Expired));
    let changed = drive.ok(&UpdateShare::new(&*id, 0).expire_time("2026-01-01 00:00:00")).share_link.unwrap();
    assert_eq!(
        (changed.status, changed.expire_time.as_deref()),
        (Some(ShareStatus::UntilExpiry), Some("2026-01-01T00:00:00.000Z"))
    );

    // The status follows what happens to the files, to the space, and to the share.
    recycle(&drive, &one);
    drive.pass(1);
    assert_eq!(by_me(&drive), [(id.clone(), ShareStatus::UntilExpiry)]);
    recycle(&drive, &two);
    drive.pass(1);
    assert_eq!(by_me(&drive), [(id.clone(), ShareStatus::FileDeleted)]);
    drive.ok(&UpdateSpace::new(ADMIN, SpaceType::Individual).status(SpaceStatus::Disabled));
    assert_eq!(by_me(&drive), [(id.clone(), ShareStatus::Invalid)]);
    drive.ok(&UpdateSpace::new(ADMIN, SpaceType::Individual).status(SpaceStatus::Normal));
    assert_eq!(with(&drive, "8"), [(id.clone(), ShareStatus::FileDeleted)]);
    let results = drive.ok(&CancelShares::new().share_ids([&*id, &*id])).shares;
    let codes: Vec<_> = results.iter().map(|share| share.code).collect();
    assert_eq!(codes, [Some(0), Some(13_000_309)]);
    assert_eq!(with(&drive, "8"), [(id.clone(), ShareStatus::Invalid)]);
    assert_eq!(drive.code(&UpdateShare::new(&*id, 1)), "13000309");
    assert_eq!(drive.ok(&CancelShares::new()).shares.len(), 0);
}

#[test]
fn what_can_be_shared_with_whom() {
    let mut drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    let (here, gone) = (drive.folder(&space, "root", "here"), drive.folder(&space, "root", "gone"));
    recycle(&drive, &gone);
    drive.pass(1);
    let theirs = drive.space_of("8");
    let link = |files: &[&str]| new(&drive, ShareScope::Link, files, 1);
    assert_eq!(drive.code(&link(&["F1"])), "13000309");
    assert_eq!(drive.code(&link(&[&here, &gone])), "13000306");
    assert_eq!(drive.code(&CreateShare::new(ShareScope::Link, [&*here], "1", 1)), "13000301");
    assert_eq!(drive.code(&CreateShare::new(ShareScope::Link, [&*here], &*theirs, 1)), "13000410");
    assert_eq!(drive.code_for("8", &CreateShare::new(ShareScope::Link, [&*here], &*theirs, 1)), "13000302");
    let named = || new(&drive, ShareScope::Named, &[&here], 1);
    for unknown in [named().user_ids(["10"]), named().dept_ids(["1"]), named().group_ids(["1"])] {
        assert_eq!(drive.code(&unknown), "13000309");
    }
    assert_eq!(by_me(&drive), []);

    // Those who only got a link don't see it here.
    share(&drive, &link(&[&here]).user_ids(["8"]));
    share(&drive, &new(&drive, ShareScope::Enterprise, &[&here], 1));
    assert_eq!(with(&drive, "8"), []);
}

#[test]
fn listings_have_pages_in_both_directions() {
    let mut drive = Drive::new().user("8");
    let mut ids = Vec::new();
    for number in 0..5 {
        let folder = drive.folder(&drive.space_of(ADMIN), "root", &format!("folder {number}"));
        ids.push(share(&drive, &new(&drive, ShareScope::Named, &[&folder], 1).user_ids(["8"])).share_id.unwrap());
        drive.pass(1);
    }
    let (mut cursor, mut read) = (Some("0".to_owned()), Vec::new());
    while let Some(at) = cursor {
        let list = ListSharesByMe::new().page_size(2).page_cursor(at).sort_direction(SortDirection::Ascending);
        let page = drive.ok(&list);
        assert!(page.share_links.len() <= 2);
        read.extend(page.share_links.into_iter().map(|share| share.share_id.unwrap()));
        cursor = page.next_cursor;
    }
    assert_eq!(read, ids);
    let first = drive.call("8", &ListSharesWithMe::new().page_size(3)).unwrap();
    let second = ListSharesWithMe::new().page_size(3).page_cursor(first.next_cursor.unwrap());
    let second = drive.call("8", &second).unwrap();
    assert_eq!((first.share_links.len(), second.share_links.len(), second.next_cursor), (3, 2, None));
    let shares = first.share_links.into_iter().chain(second.share_links);
    assert!(shares.map(|share| share.share_id.unwrap()).eq(ids.into_iter().rev()));
    assert_eq!(drive.code(&ListSharesByMe::new().page_cursor("1")), "13000102");
}
