use koodrive_proto::ops::files::{OnConflict, RenameFile};
use koodrive_proto::ops::groups::{GroupKind, ListUserGroups};
use koodrive_proto::ops::jobs::{CreateJob, GetJob, JobAction, JobFile, JobResult, JobType, TaskInfo};
use koodrive_proto::ops::shared_folders::*;
use koodrive_proto::ops::spaces::{CreateSpace, DeleteSpace, GetSpace, SpaceType};
use koodrive_proto::param::UserId;

use super::invitations::{family, join, person};
use crate::families::{ADMIN, Drive};

#[test]
fn a_folder_is_shared_until_its_owner_deletes_it() {
    let drive = Drive::new().user("8");
    let space = drive.ok(&GetSpace::new(ADMIN, SpaceType::Individual)).container_id.unwrap();
    let create = |name: &str| CreateSharedFolder::new(space.clone(), name);
    let created = drive.ok(&create("Family"));
    let id = created.id.unwrap();
    let data = created.data.unwrap();
    assert_eq!((data.id.as_ref(), data.creator.as_deref()), (Some(&id), Some(ADMIN)));
    assert_eq!(drive.code(&create("Family")), "13000405");
    assert_eq!(drive.code_for("8", &create("Mine")), "13000410");
    assert_eq!(drive.code(&CreateSharedFolder::new("404", "Mine")), "13000301");
    drive.ok(&create("Friends"));
    drive.ok(&create("Work"));

    let folder = drive.ok(&GetSharedFolder::new(&*id)).folder.unwrap();
    assert_eq!((folder.name.as_deref(), folder.share_folder_file_id), (Some("Family"), data.share_folder_id));
    assert_eq!((folder.group_id, folder.container_id), (data.group_id, Some(space.clone())));
    assert_eq!(folder.owner_id.as_ref().map(UserId::as_str), Some(ADMIN));
    assert_eq!(drive.code_for("8", &GetSharedFolder::new(&*id)), "13000410");
    assert_eq!(drive.code(&GetSharedFolder::new("404")), "13000309");

    drive.ok(&RenameSharedFolder::new(&*id, "Us"));
    drive.ok(&RenameSharedFolder::new(&*id, "Us"));
    assert_eq!(drive.code(&RenameSharedFolder::new(&*id, "Work")), "13000405");
    assert_eq!(drive.code_for("8", &RenameSharedFolder::new(&*id, "Mine")), "13000410");
    let names = |list: &ListSharedFolders| {
        drive.ok(list).folders.into_iter().map(|folder| folder.name.unwrap()).collect::<Vec<_>>()
    };
    let list = ListSharedFolders::new(0, 2);
    assert_eq!(names(&list), ["Us", "Friends"]);
    assert_eq!(names(&ListSharedFolders::new(2, 2)), ["Work"]);
    assert_eq!(names(&list.clone().key_word("r")), ["Friends", "Work"]);
    assert_eq!(names(&list.clone().query_type(SharedFolderFilter::Created)).len(), 2);
    assert_eq!(names(&list.clone().query_type(SharedFolderFilter::Joined)), [""; 0]);
    assert_eq!(names(&list.status(SharedFolderStatus::Deleted)), [""; 0]);

    assert_eq!(drive.code_for("8", &DeleteSharedFolder::new(&*id)), "13000410");
    drive.ok(&DeleteSharedFolder::new(&*id));
    assert_eq!(drive.code(&DeleteSharedFolder::new(&*id)), "13000309");
    // With the space, what is shared in it goes as well.
    drive.ok(&DeleteSpace::new(ADMIN, SpaceType::Individual));
    assert_eq!(names(&ListSharedFolders::new(0, 2)), [""; 0]);
}

/// Has something done to a file of the first user's space, and returns how that ended.
fn done(
    drive: &mut Drive,
    kind: JobType,
    action: Option<JobAction>,
    file: &str,
    folder: &str,
) -> (JobResult, Option<i64>) {
    let space = &*drive.space_of(ADMIN);
    let task = TaskInfo::new([JobFile::new(file).file_path(format!("/root/{file}"))], space);
    let job = CreateJob::new(kind, task.new_file_path(format!("/root/{folder}")), space);
    let id = drive.ok(&action.into_iter().fold(job, CreateJob::action_type));
    drive.pass(1);
    let info = drive.ok(&GetJob::new(id)).job_info.unwrap();
    (info.task_result_code.unwrap(), info.result_code)
}

#[test]
fn a_family_has_the_name_of_its_folder_and_no_space() {
    let drive = Drive::new();
    let folder = family(&drive, "Family");
    let (mut drive, mike) = person(drive, "0027188460901");
    join(&drive, &folder, &mike, "0027188460901");
    let (space, id) = (drive.space_of(ADMIN), folder.share_folder_file_id.unwrap().to_string());
    let names = |drive: &Drive| {
        let group = drive.call(&mike, &ListUserGroups::new(GroupKind::UserGroup)).unwrap().groups.remove(0);
        let shared = drive.call(&mike, &ListSharedFolders::new(0, 1)).unwrap().folders.remove(0);
        (group.group_name.unwrap(), shared.name.unwrap())
    };
    let both = |name: &str| (name.to_owned(), name.to_owned());
    assert_eq!(names(&drive), both("Family"));
    drive.call(&mike, &RenameFile::new(&*id, &*space, "Us")).unwrap();
    assert_eq!(names(&drive), both("Us"));
    // Also if it gets another name than the one that was asked for.
    drive.folder(&space, "root", "Taken");
    drive.ok(&RenameFile::new(&*id, &*space, "Taken").rename_mode(OnConflict::Rename));
    assert_eq!(names(&drive), both("Taken_20251120_150000"));
    let other = drive.folder(&space, "root", "Other");
    drive.folder(&space, &other, "Taken_20251120_150000");
    assert_eq!(done(&mut drive, JobType::Move, None, &id, &other).0, JobResult::Succeeded);
    assert_eq!(names(&drive), both("Taken_20251120_150000_20251120_150000"));
    assert_eq!(done(&mut drive, JobType::Delete, Some(JobAction::Recycle), &id, "").0, JobResult::Succeeded);
    drive.folder(&space, &other, "Taken_20251120_150000_20251120_150000");
    assert_eq!(done(&mut drive, JobType::Restore, None, &id, "").0, JobResult::Succeeded);
    assert_eq!(names(&drive), both("Taken_20251120_150000_20251120_150000_20251120_150002"));

    let group = folder.group_id.unwrap().to_string();
    assert_eq!(drive.code(&CreateSpace::new(group, SpaceType::Group, 1)), "13000309");
}

#[test]
fn a_shared_folder_is_in_no_other() {
    let mut drive = Drive::new();
    let space = drive.space_of(ADMIN);
    let [one, two] = ["One", "Two"].map(|name| family(&drive, name).share_folder_file_id.unwrap().to_string());
    let (plain, inner) = (drive.folder(&space, "root", "Plain"), drive.folder(&space, &two, "Inner"));
    let nested = (JobResult::Failed, Some(13_000_307));
    let moved = |drive: &mut Drive, file: &str, folder: &str| done(drive, JobType::Move, None, file, folder);
    assert_eq!(moved(&mut drive, &one, &two), nested);
    assert_eq!(moved(&mut drive, &one, &inner), nested);
    // A plain folder may have one, and doesn't get into another one with it.
    assert_eq!(moved(&mut drive, &one, &plain).0, JobResult::Succeeded);
    assert_eq!(moved(&mut drive, &plain, &two), nested);
    // What comes out of the recycle bin neither.
    assert_eq!(done(&mut drive, JobType::Delete, Some(JobAction::Recycle), &one, "").0, JobResult::Succeeded);
    assert_eq!(moved(&mut drive, &plain, &two).0, JobResult::Succeeded);
    assert_eq!(done(&mut drive, JobType::Restore, None, &one, "").0, JobResult::Succeeded);
    assert_eq!(drive.names(ADMIN, &space, "root"), ["One", "Two"]);
    assert_eq!(drive.names(ADMIN, &space, &plain), [""; 0]);
}
