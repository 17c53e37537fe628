//! What somebody may not reach is out of reach on all ways.

use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::ops::albums::{
    AddAlbumContent, AlbumKind, AlbumType, CreateAlbum, ListAlbumContent, ListAlbums, OwnedFile,
};
use koodrive_proto::ops::backup::{
    BackupModule, BindBackupDevice, CreateBackupFile, CreateBackupLock, CreateBackupRecord, DeleteBackupRecord,
    ListBackupFiles,
};
use koodrive_proto::ops::favorites::{FileToStar, ListStarredFiles, StarFiles};
use koodrive_proto::ops::files::{
    ClearRecycleBin, FileArea, GetDownloadUrls, GetFile, GetFolderStats, ListGroupFiles, SearchFiles, SearchFilter,
    SearchPageInfo, SearchType,
};
use koodrive_proto::ops::groups::{
    AddUserGroupMembers, DeleteUserGroup, FormerMember, GroupKind, ListUserGroupMembers, RemoveUserGroupMembers,
    UpdateUserGroup,
};
use koodrive_proto::ops::invitations::RemoveMember;
use koodrive_proto::ops::jobs::{CreateJob, GetJob, JobAction, JobFile, JobResult, JobType, ListJobs, TaskInfo};
use koodrive_proto::ops::moderation::{FileVerdict, ListModeratedFiles, ModerateFiles, Verdict};
use koodrive_proto::ops::permissions::{AmendModRole, Capabilities, TeamSpaceType, UpdatePermissions};
use koodrive_proto::ops::portal::{ListRecentFiles, ListRelatedFiles, RecentStatus};
use koodrive_proto::ops::share_links::{
    CreateShareTask, DownloadShareFile, GetShareTask, ListShareFiles, SaveTarget, ShareTaskFileStatus, ShareTaskType,
};
use koodrive_proto::ops::shares::{CreateShare, ListSharesWithMe, ShareScope, ShareStatus};
use koodrive_proto::ops::spaces::{CreateGroupSpace, DeleteGroupSpace, GetSpaceByContainer, NewGroupUser, SpaceType};

use super::backup::register;
use super::invitations::{family, join, person};
use super::{ADMIN, Drive};

/// A drive with the space of a group, of which a second user is a member who may do everything.
struct Team {
    drive: Drive,
    space: String,
    group: String,
}

impl Team {
    fn new() -> Self {
        let drive = Drive::new().user("8").user("9");
        let users = [NewGroupUser::new("8", -1).capabilities(Capabilities::all())];
        let space = drive.ok(&CreateGroupSpace::new("Sales", users)).id.unwrap();
        let group = drive.ok(&GetSpaceByContainer::new(&*space)).owner_id.unwrap();
        Self { drive, space, group }
    }

    fn set(&self, file: &str, capabilities: Capabilities) {
        let role = AmendModRole::new(8, AmendModRole::ANONYMOUS).capabilities(capabilities);
        self.drive.ok(&UpdatePermissions::new([role], TeamSpaceType::Group, &*self.space).file_id(file));
    }

    /// Takes the second user out of the group.
    fn leave(&self) {
        self.drive.ok(&RemoveUserGroupMembers::new(&*self.group, [FormerMember::new(8)]));
    }

    /// Has something done to a file, and returns how that ended.
    fn done(&mut self, user: &str, kind: JobType, action: JobAction, file: &str, from: &str, to: &str) -> JobResult {
        let task = TaskInfo::new([JobFile::new(file).file_path(format!("/root/{file}"))], from);
        let job = CreateJob::new(kind, task, to).action_type(action);
        let id = self.drive.call(user, &job).unwrap();
        self.drive.pass(1);
        self.drive.call(user, &GetJob::new(id)).unwrap().job_info.unwrap().task_result_code.unwrap()
    }

    fn names(&self, user: &str, area: FileArea, folder: &str) -> Vec<String> {
        let list = ListGroupFiles::new(&*self.group, area, &*self.space, folder).team_type(SpaceType::Group);
        let files = self.drive.call(user, &list).unwrap().files;
        files.into_iter().map(|file| file.file_name.unwrap()).collect()
    }
}

#[test]
fn a_denied_folder_is_shut_from_above() {
    let mut team = Team::new();
    let space = &*team.space.clone();
    let top = &*team.drive.folder(space, "root", "top");
    let secret = &*team.drive.folder(space, top, "secret");
    let salary = &*team.drive.file(ADMIN, space, secret, "salary", 1);
    let open = &*team.drive.file(ADMIN, space, top, "open", 1);
    let share = CreateShare::new(ShareScope::Link, [top], space, 1);
    let shared = team.drive.call("8", &share).unwrap().share_link.unwrap();
    let (link, share_id) = (shared.short_url.unwrap().as_str().to_owned(), shared.share_id.unwrap());
    let in_share = |team: &Team, folder: &str| {
        let page = team.drive.call("9", &ListShareFiles::new(&*link).parent_folder(folder));
        let files = page.map_err(|error| error.code().unwrap().to_owned())?.files;
        Ok(files.into_iter().map(|file| file.file_name.unwrap()).collect::<Vec<_>>())
    };
    assert_eq!(in_share(&team, secret), Ok(vec!["salary".to_owned()]));
    team.set(secret, Capabilities::none());
    assert_eq!(team.drive.code_for("8", &GetFile::new(salary, space)), "13000410");

    // It is neither listed nor found nor counted.
    let search = |filter: SearchFilter| {
        SearchFiles::new(SearchType::Team, SearchPageInfo::new(100, "")).filter(filter).recursive(true)
    };
    let found = |team: &Team, user: &str| {
        team.drive.call(user, &search(SearchFilter::new().container_id(space))).unwrap().total.unwrap()
    };
    assert_eq!((found(&team, ADMIN), found(&team, "8")), (4, 2));
    let count = |user: &str| {
        let stats = team.drive.call(user, &GetFolderStats::new(top, space)).unwrap();
        (stats.sub_dir_count.unwrap(), stats.sub_file_count.unwrap(), stats.total_size.unwrap())
    };
    assert_eq!((count(ADMIN), count("8")), ((1, 2, 2048), (0, 1, 1024)));
    assert_eq!(team.names("8", FileArea::Space, top), ["open"]);

    // Nothing is done to the folder above that would be done to it as well.
    let theirs = &*team.drive.space_of("8");
    for (kind, action, to) in [
        (JobType::Copy, JobAction::Copy, theirs),
        (JobType::Move, JobAction::Move, theirs),
        (JobType::Delete, JobAction::Recycle, space),
        (JobType::Delete, JobAction::Delete, space),
    ] {
        assert_eq!(team.done("8", kind, action, top, space, to), JobResult::Failed, "{kind:?} {action:?}");
    }
    assert_eq!(team.drive.code_for("8", &share), "13000410");

    // Nor does a link lead there that was open before.
    assert_eq!(in_share(&team, top), Ok(vec!["open".to_owned()]));
    assert_eq!(in_share(&team, secret), Err("13000410".to_owned()));
    assert_eq!(team.drive.code_for("9", &DownloadShareFile::new(&*share_id, salary)), "13000410");
    team.drive.call("9", &DownloadShareFile::new(&*share_id, open)).unwrap();
    let pack = CreateShareTask::new(ShareTaskType::Pack, space, [top], &*share_id).zip_name("p.zip");
    assert_eq!(team.drive.code_for("9", &pack), "13000410");

    // In the recycle bin it is as it was: not listed, and not cleared by who may not delete it.
    assert_eq!(team.done(ADMIN, JobType::Delete, JobAction::Recycle, salary, space, space), JobResult::Succeeded);
    assert_eq!(team.done("8", JobType::Delete, JobAction::Recycle, open, space, space), JobResult::Succeeded);
    assert_eq!(team.names(ADMIN, FileArea::RecycleBin, "root").len(), 2);
    assert_eq!(team.names("8", FileArea::RecycleBin, "root"), ["open"]);
    let clear = CreateJob::new(JobType::ClearRecycleBin, TaskInfo::new(Vec::<JobFile>::new(), space), space);
    let job = team.drive.call("8", &clear).unwrap();
    let files = team.drive.call("8", &GetJob::new(job)).unwrap().task_infos;
    assert_eq!(files.into_iter().map(|file| file.file_id.unwrap().to_string()).collect::<Vec<_>>(), [open]);
    team.drive.call("8", &ClearRecycleBin::new(space)).unwrap();
    assert_eq!(team.names(ADMIN, FileArea::RecycleBin, "root"), ["salary"]);
    team.drive.ok(&ClearRecycleBin::new(space));
    assert_eq!(team.names(ADMIN, FileArea::RecycleBin, "root"), [""; 0]);
}

#[test]
fn who_leaves_sees_nothing_in_what_was_kept() {
    let mut team = Team::new();
    let space = &*team.space.clone();
    let own = &*team.drive.space_of("8");
    let picture = register(&team.drive, "8", "root", &[("a.jpg", "image/jpeg")]).remove(0);
    assert_eq!(team.done("8", JobType::Move, JobAction::Move, &picture, own, space), JobResult::Succeeded);

    // A package, a star, a look, an album, a share and a link for moderators.
    let packing = TaskInfo::new([JobFile::new(&*picture).file_path(format!("/root/{picture}"))], space);
    let package = team.drive.call("8", &CreateJob::new(JobType::PackageDownload, packing, space)).unwrap();
    team.drive.pass(1);
    let Team { drive, .. } = &team;
    drive.call("8", &StarFiles::new(true, [FileToStar::new(&*picture)])).unwrap();
    drive.call("8", &GetDownloadUrls::new(space, [&*picture])).unwrap();
    drive.call("8", &CreateAlbum::new(AlbumType::Manual, AlbumKind::Personal).name("Ours")).unwrap();
    let list = ListAlbums::new(AlbumKind::Personal, AlbumType::Manual);
    let album = drive.call("8", &list).unwrap().albums.remove(0).id.unwrap();
    drive.call("8", &AddAlbumContent::new(&*album, [OwnedFile::new(&*picture)])).unwrap();
    let named = CreateShare::new(ShareScope::Named, [&*picture], space, 1).user_ids(["9"]);
    drive.call("8", &named.clone().extract_code("a1B2c3D4")).unwrap();
    drive.call("8", &named).unwrap();
    drive.ok(&ModerateFiles::new([FileVerdict::new(format!("{:064}", 5), 1024, Verdict::HighSensitivity)]));

    let seen = |team: &Team| {
        let drive = &team.drive;
        let starred = drive.call("8", &ListStarredFiles::new()).unwrap().files.len();
        let recent = drive.call("8", &ListRecentFiles::new()).unwrap().list.remove(0);
        let recent = (recent.status, recent.file.unwrap().name);
        let cover = drive.call("8", &list).unwrap().albums[0].cover_img.is_some();
        let content = drive.call("8", &ListAlbumContent::new(&*album)).unwrap().total.unwrap();
        let moderated = drive.call("8", &ListModeratedFiles::new().has_url(true)).unwrap().files.remove(0);
        let packed = drive.call("8", &GetJob::new(&*package)).unwrap().job_info.unwrap().download_url;
        (starred, recent, cover, content, moderated.download_url.is_some(), packed.is_some())
    };
    let received = |team: &Team| {
        let shares = team.drive.call("9", &ListSharesWithMe::new()).unwrap().share_links;
        shares.into_iter().map(|share| (share.status.unwrap(), share.files.len())).collect::<Vec<_>>()
    };
    let linked = |team: &Team| {
        let records = team.drive.call("9", &ListRelatedFiles::new()).unwrap().records;
        records.into_iter().map(|record| record.files.len()).collect::<Vec<_>>()
    };
    let name = Some("a.jpg".to_owned());
    assert_eq!(seen(&team), (1, (None, name), true, 1, true, true));
    assert_eq!(received(&team), [(ShareStatus::UntilExpiry, 1); 2]);
    // The share with an extract code has no links here.
    assert_eq!(linked(&team), [1, 0]);
    // Somebody else has none of it, even knowing the content.
    assert_eq!(team.drive.call("9", &ListModeratedFiles::new().has_url(true)).unwrap().files[0].download_url, None);

    team.leave();
    let nothing = (0, (Some(RecentStatus::SpaceUnusable), None), false, 0, false, false);
    assert_eq!(seen(&team), nothing);
    assert_eq!(received(&team), [(ShareStatus::Invalid, 0); 2]);
    assert_eq!(linked(&team), [0; 0]);
    // Nor what becomes of it.
    assert_eq!(team.done(ADMIN, JobType::Delete, JobAction::Recycle, &picture, space, space), JobResult::Succeeded);
    assert_eq!(seen(&team), nothing);
    team.drive.ok(&ClearRecycleBin::new(space));
    let packed = team.drive.call("8", &GetJob::new(&*package)).unwrap().job_info.unwrap().download_url;
    assert_eq!(packed, None);
}

#[test]
fn a_package_is_shut_with_its_files() {
    let mut team = Team::new();
    let space = &*team.space.clone();
    let folder = &*team.drive.folder(space, "root", "folder");
    let inside = &*team.drive.file(ADMIN, space, folder, "inside", 1);
    let packing = TaskInfo::new([JobFile::new(folder).file_path(format!("/root/{folder}"))], space);
    let job = team.drive.call("8", &CreateJob::new(JobType::PackageDownload, packing, space)).unwrap();
    let share = team.drive.call("8", &CreateShare::new(ShareScope::Link, [folder], space, 1)).unwrap();
    let share = &*share.share_link.unwrap().share_id.unwrap();
    let pack = CreateShareTask::new(ShareTaskType::Pack, space, [folder], share).zip_name("p.zip");
    let task = team.drive.call("9", &pack).unwrap().task_id.unwrap();
    team.drive.pass(1);
    let links = |team: &Team| {
        let own = team.drive.call("8", &GetJob::new(&*job)).unwrap().job_info.unwrap().download_url;
        let listed = team.drive.call("8", &ListJobs::new(0, 1)).unwrap().remove(0).download_url;
        let shared =
            team.drive.call("9", &GetShareTask::new(&*task).share_id(share)).unwrap().job.unwrap().download_url;
        [own.is_some(), listed.is_some(), shared.is_some()]
    };
    assert_eq!(links(&team), [true; 3]);
    // Who may not have a part of it may not have the package.
    team.set(inside, Capabilities::none());
    assert_eq!(links(&team), [false; 3]);
    // A right that is still there is enough, even if the file is gone.
    team.set(inside, Capabilities::all());
    assert_eq!(team.done(ADMIN, JobType::Delete, JobAction::Delete, folder, space, space), JobResult::Succeeded);
    assert_eq!(links(&team), [true; 3]);
}

#[test]
fn a_call_looks_at_so_many_packed_files_only() {
    let mut team = Team::new();
    team.drive.simulator = team.drive.simulator.job_time(TimeDelta::zero());
    let space = &*team.space.clone();
    let (part, whole) = (team.drive.folder(space, "root", "part"), team.drive.folder(space, "root", "whole"));
    let files: Vec<String> = (0..48).map(|n| team.drive.file(ADMIN, space, &part, &n.to_string(), 1)).collect();
    // 51 copies of 49 files each, which are 2,500 with the folder.
    let copying = TaskInfo::new([JobFile::new(&*part)], space).new_file_path(format!("/root/{whole}"));
    for _ in 0..51 {
        team.drive.ok(&CreateJob::new(JobType::Copy, copying.clone(), space));
    }
    // Permissions may differ now.
    team.set(&files[0], Capabilities::all());
    let packing = TaskInfo::new(vec![JobFile::new(&*whole); 3], space);
    for _ in 0..6 {
        team.drive.call("8", &CreateJob::new(JobType::PackageDownload, packing.clone(), space)).unwrap();
    }
    let jobs = team.drive.call("8", &ListJobs::new(0, 100)).unwrap();
    let has_link: Vec<bool> = jobs.iter().map(|job| job.download_url.is_some()).collect();
    assert_eq!(has_link, [true, true, true, true, false, false], "10,000 files");
    assert_eq!(jobs[0].content_num, Some(1), "a folder that is named three times");
    let oldest = team.drive.call("8", &GetJob::new(jobs[5].task_id.clone().unwrap())).unwrap();
    assert!(oldest.job_info.unwrap().download_url.is_some());
}

#[test]
fn a_share_follows_its_file_and_its_sharer() {
    let mut team = Team::new();
    let space = &*team.space.clone();
    let (one, two) = (&*team.drive.folder(space, "root", "one"), &*team.drive.folder(space, "root", "two"));
    let file = &*team.drive.file(ADMIN, space, one, "file", 1);
    let share = |file: &str| CreateShare::new(ShareScope::Named, [file], space, 1).user_ids(["9"]);
    team.drive.call("8", &share(file)).unwrap();
    let linked = |team: &Team| team.drive.call("9", &ListRelatedFiles::new()).unwrap().records.len();
    assert_eq!(linked(&team), 1);
    // What the sharer may no longer share is no longer shared.
    team.set(one, Capabilities::all().share_file_permission(false));
    assert_eq!(linked(&team), 0);
    assert_eq!(team.drive.code_for("8", &share(file)), "13000410");
    team.set(one, Capabilities::all());
    assert_eq!(linked(&team), 1);
    // Neither is what goes to another space.
    let own = &*team.drive.space_of("8");
    assert_eq!(team.done("8", JobType::Move, JobAction::Move, file, space, own), JobResult::Succeeded);
    assert_eq!(linked(&team), 0);

    // A folder that goes out of a shared one before a task ends isn't saved.
    team.drive.simulator = team.drive.simulator.clone().job_time(TimeDelta::seconds(10));
    let inner = &*team.drive.folder(space, two, "inner");
    let id = team.drive.call("8", &share(two)).unwrap().share_link.unwrap().share_id.unwrap();
    let target = SaveTarget::new("root", team.drive.space_of("9"));
    let save = CreateShareTask::new(ShareTaskType::Save, space, [inner], &*id).target(target);
    let task = team.drive.call("9", &save).unwrap().task_id.unwrap();
    team.drive.simulator = team.drive.simulator.clone().job_time(TimeDelta::zero());
    assert_eq!(team.done(ADMIN, JobType::Move, JobAction::Move, inner, space, space), JobResult::Succeeded);
    team.drive.pass(10);
    let task = team.drive.call("9", &GetShareTask::new(task).share_id(id)).unwrap();
    assert_eq!(task.files[0].status, Some(ShareTaskFileStatus::Failed));
}

#[test]
fn a_task_ends_where_its_user_may_work() {
    let mut team = Team::new();
    team.drive.simulator = team.drive.simulator.job_time(TimeDelta::seconds(10));
    let (from, to) = (&*team.drive.space_of(ADMIN), &*team.space.clone());
    let file = &*team.drive.file(ADMIN, from, "root", "file", 1);
    let share = team.drive.ok(&CreateShare::new(ShareScope::Link, [file], from, 1)).share_link.unwrap();
    let id = &*share.share_id.unwrap();
    let save = CreateShareTask::new(ShareTaskType::Save, from, [file], id).target(SaveTarget::new("root", to));
    let [first, second] = [0, 1].map(|_| {
        let task = team.drive.call("8", &save).unwrap().task_id.unwrap();
        team.drive.pass(6);
        task
    });
    team.leave();
    team.drive.pass(10);
    let status =
        |task: String| team.drive.call("8", &GetShareTask::new(task).share_id(id)).unwrap().files[0].status.clone();
    assert_eq!(status(first), Some(ShareTaskFileStatus::Succeeded));
    assert_eq!(status(second), Some(ShareTaskFileStatus::Failed));
    assert_eq!(team.names(ADMIN, FileArea::Space, "root"), ["file"]);
}

#[test]
fn a_backup_is_deleted_as_far_as_it_is_in_the_own_space() {
    let mut team = Team::new();
    let (own, space) = (&*team.drive.space_of("8"), &*team.space.clone());
    let device = team.drive.call("8", &BindBackupDevice::new("phone")).unwrap().device_id.unwrap();
    let lock = &*team.drive.call("8", &CreateBackupLock::new(BackupModule::Album)).unwrap().lock_id.unwrap();
    let record = CreateBackupRecord::new(BackupModule::Album, device).lock_id(lock);
    let record = &*team.drive.call("8", &record).unwrap().record_id.unwrap();
    for name in ["a.jpg", "b.jpg"] {
        team.drive.call("8", &CreateBackupFile::new(record, name).lock_id(lock)).unwrap();
    }
    let files = |team: &Team| team.drive.call("8", &ListBackupFiles::new(record, 9)).unwrap().files;
    let moved = files(&team)[0].file_id.clone().unwrap();
    assert_eq!(team.done("8", JobType::Move, JobAction::Move, moved.as_str(), own, space), JobResult::Succeeded);
    assert_eq!(files(&team).len(), 1);
    team.drive.call("8", &DeleteBackupRecord::new(record).lock_id(lock)).unwrap();
    assert_eq!(team.drive.names("8", own, "root"), [""; 0]);
    assert_eq!(team.names(ADMIN, FileArea::Space, "root"), ["a.jpg"]);
}

#[test]
fn a_shared_folder_stays_its_owners() {
    let (drive, mike) = person(Drive::new().user("9"), "0027188460901");
    let shared = family(&drive, "Family");
    join(&drive, &shared, &mike, "0027188460901");
    let group = &*shared.group_id.clone().unwrap().to_string();
    let (space, theirs) = (&*drive.space_of(ADMIN), &*drive.space_of(&mike));
    let folder = &*shared.share_folder_file_id.clone().unwrap().to_string();
    let file = &*drive.file(&mike, space, folder, "file", 1);
    let mut team = Team { drive, space: String::new(), group: String::new() };

    // A member takes out what is in the folder, but not the folder.
    let (moving, deleting) = ((JobType::Move, JobAction::Move), (JobType::Delete, JobAction::Delete));
    let recycling = (JobType::Delete, JobAction::Recycle);
    for ((kind, action), to) in [(moving, theirs), (deleting, space), (recycling, space)] {
        assert_eq!(team.done(&mike, kind, action, folder, space, to), JobResult::Failed, "{action:?}");
    }
    assert_eq!(team.done(&mike, moving.0, moving.1, file, space, theirs), JobResult::Succeeded);

    // The owner's recycle bin isn't the member's.
    let other = &*team.drive.file(ADMIN, space, "root", "other", 1);
    assert_eq!(team.done(ADMIN, recycling.0, recycling.1, other, space, space), JobResult::Succeeded);
    let clear = CreateJob::new(JobType::ClearRecycleBin, TaskInfo::new(Vec::<JobFile>::new(), space), space);
    assert_eq!(team.drive.code_for(&mike, &clear), "13000410");

    // Nobody changes the family by its group, be the folder in the recycle bin.
    for recycled in [false, true] {
        if recycled {
            assert_eq!(team.done(ADMIN, recycling.0, recycling.1, folder, space, space), JobResult::Succeeded);
        }
        let drive = &team.drive;
        for user in [ADMIN, "9"] {
            let role = AmendModRole::new(9, AmendModRole::ANONYMOUS).capabilities(Capabilities::all());
            assert_eq!(drive.code_for(user, &AddUserGroupMembers::new(group, [role])), "13000410");
            let member = FormerMember::new(mike.parse::<i64>().unwrap());
            assert_eq!(drive.code_for(user, &RemoveUserGroupMembers::new(group, [member])), "13000410");
            let update = UpdateUserGroup::new(group, "Mine", GroupKind::UserGroup);
            assert_eq!(drive.code_for(user, &update), "13000410");
            assert_eq!(drive.code_for(user, &DeleteUserGroup::new(group)), "13000410");
            assert_eq!(drive.code_for(user, &DeleteGroupSpace::new(group)), "13000410");
        }
    }
    let restore = TaskInfo::new([JobFile::new(folder).file_path(format!("/root/{folder}"))], space);
    team.drive.ok(&CreateJob::new(JobType::Restore, restore, space));
    team.drive.pass(1);

    // The owner doesn't leave, and everybody is still there.
    assert_eq!(team.drive.code(&RemoveMember::new(group, ADMIN).owner_id(ADMIN)), "13000102");
    assert_eq!(team.drive.ok(&ListUserGroupMembers::new(group, 0, 100)).members.len(), 2);
}
