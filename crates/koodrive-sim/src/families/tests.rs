//! What is deleted leaves nothing behind: one of everything is made, something is deleted, and all records are looked
//! through for its id.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::http::Request;
use koodrive_proto::ops::accounts::{GetRegistrationResult, NewAccount, RegisterUsers};
use koodrive_proto::ops::albums::{
    AddAlbumContent, AlbumKind, AlbumType, CreateAlbum, ListAlbums, MediaKind, OwnedFile,
};
use koodrive_proto::ops::backup::{
    AddBackupScopes, BackupModule, BackupScope, BindBackupDevice, CreateBackupFile, CreateBackupLock,
    CreateBackupRecord, ListBackupFiles,
};
use koodrive_proto::ops::benefits::{PackageChange, PackageOperation, ReverseOrder};
use koodrive_proto::ops::departments::{CreateDepartment, DeleteDepartment};
use koodrive_proto::ops::favorites::{FileToStar, StarFiles};
use koodrive_proto::ops::files::{
    CompleteFile, CreateDirectory, CreateFile, FileType, NewPart, OnConflict, UploadPart,
};
use koodrive_proto::ops::groups::{CreateUserGroup, GroupKind};
use koodrive_proto::ops::invitations::{ConfirmInvitation, InvitationReply, InviteMember};
use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
use koodrive_proto::ops::permissions::{
    AmendModRole, Capabilities, SetInitialMemberPermission, TeamSpaceType, UpdatePermissions,
};
use koodrive_proto::ops::revisions::{CompleteRevision, CreateRevision};
use koodrive_proto::ops::sessions::CreateSession;
use koodrive_proto::ops::share_links::{CreateShareTask, SaveTarget, ShareTaskType};
use koodrive_proto::ops::shared_folders::{CreateSharedFolder, DeleteSharedFolder, ListSharedFolders, SharedFolder};
use koodrive_proto::ops::shares::{CreateShare, ExitShare, ShareScope};
use koodrive_proto::ops::spaces::{CreateSpace, DeleteGroupSpace, DeleteSpace, GetSpace, SpaceType};
use koodrive_proto::ops::tasks::{CreateTask, TaskType};
use koodrive_proto::ops::users::{DeleteUser, UpdateUser};
use koodrive_proto::schema::Auth;
use koodrive_proto::{Api, Credentials, Operation};
use serde_json::Value as Json;

use crate::Simulator;
use crate::families::departments::ROOT;
use crate::store::Store;

/// A user who isn't deleted.
const OTHER: &str = "7";
const MOBILE: &str = "0027188460901";

/// What may be deleted: a user, the user's space, the department's space, the user's group, the group of the user's
/// shared folder, and the department.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    User,
    Space,
    TeamSpace,
    Group,
    Family,
    Department,
}

use Kind::{Department, Family, Group, Space, TeamSpace, User};

const KINDS: [Kind; 6] = [User, Space, TeamSpace, Group, Family, Department];

/// Which ids are in the records of each table, once one of everything was made.
const MENTIONED: &[(&str, &[Kind])] = &[
    ("counters", &[]),
    ("tokens", &[User]),
    // Tokens only, which say whose they are.
    ("sessions", &[]),
    ("users", &[User, Department]),
    ("accounts", &[User]),
    ("verifications", &[]),
    ("registrations", &[User]),
    ("departments", &[Department]),
    ("groups", &[User, Group, Family]),
    ("group_members", &[User, Group, Family]),
    ("spaces", &[User, Space, TeamSpace, Group, Department]),
    ("templates", &[]),
    ("grants", &[User, TeamSpace]),
    ("initial_permissions", &[User, Group, Department]),
    ("shared_folders", &[User, Space, Family]),
    ("invitations", &[User, Family]),
    ("files", &[User, Space, TeamSpace]),
    ("uploads", &[User, Space, TeamSpace]),
    // Under the ids of uploads, and without any other.
    ("multiparts", &[]),
    ("parts", &[]),
    ("contents", &[]),
    ("file_operations", &[User]),
    ("favorites", &[User]),
    ("lost_favorites", &[User]),
    ("revisions", &[User]),
    // Under the ids of files, and without any other.
    ("revision_uploads", &[]),
    ("jobs", &[User, Space]),
    ("job_files", &[]),
    ("tasks", &[User]),
    ("due", &[]),
    ("shares", &[User, Space, TeamSpace, Group, Family, Department]),
    ("share_tasks", &[User, Space]),
    ("messages", &[User]),
    ("notifications", &[User]),
    ("albums", &[User, Space, Group, Family]),
    ("album_files", &[]),
    ("backup_devices", &[User]),
    ("backup_scopes", &[]),
    ("backup_locks", &[User]),
    ("backup_records", &[User]),
    ("backup_files", &[]),
    ("verdicts", &[]),
    ("orders", &[User]),
    // What operators say of their users, as long as it is kept.
    ("reconciliations", &[]),
    ("audit_log", &KINDS),
];

/// What may still tell of something that is gone: logs, and who made what others have.
const STAYS: &[(&str, &str)] = &[
    ("audit_log", "resource"),
    ("audit_log", "user_id"),
    ("audit_log", "user_name"),
    ("file_operations", "user_id"),
    ("files", "creator"),
    ("files", "editor"),
    ("initial_permissions", "user_id"),
    ("orders", "carrier_user_id"),
    ("revisions", "creator"),
    ("revisions", "editor"),
    ("spaces", "creator"),
    ("spaces", "modifier"),
    ("tasks", "source"),
    ("tasks", "user_id"),
    // Jobs and tasks of others tell where they worked.
    ("jobs", "source"),
    ("jobs", "target"),
    ("share_tasks", "work"),
];

struct Drive {
    simulator: Simulator,
    now: DateTime<Utc>,
}

impl Drive {
    fn call<O: Operation>(&self, user: &str, operation: &O) -> O::Output {
        let credentials = match O::META.auth {
            Auth::None => Credentials::anonymous(),
            _ => Credentials::app("app", "secret", user),
        };
        let api = Api::new("http://h", credentials).unwrap().agent_name("standard").unwrap();
        let response = self.simulator.handle(api.request(operation, self.now).unwrap(), self.now);
        O::parse(&response).unwrap_or_else(|error| panic!("{}: {error}", O::META.name))
    }

    fn folder(&self, user: &str, space: &str, name: &str) -> String {
        self.call(user, &CreateDirectory::new(name, space)).id.unwrap().to_string()
    }

    /// Begins an upload of a file, or uploads it.
    fn upload(&self, user: &str, space: &str, folder: &str, name: &str, completes: bool) -> String {
        let create = CreateFile::new(name, FileType::Picture, folder, 1024_u64).auto_rename(OnConflict::Refuse);
        let created = self.call(user, &create.container_id(space).multi_parts([NewPart::new(1, 1024)]));
        let id = created.file_id.unwrap().to_string();
        self.send(&created.multi_parts[0]);
        if completes {
            self.call(user, &CompleteFile::new(&*id));
        }
        id
    }

    /// Sends the only part of an upload.
    fn send(&self, part: &UploadPart) {
        let link = Request::put(part.upload_url.as_ref().unwrap().as_str());
        let part = link.header("host", "h").header("content-length", 1024).body(vec![1; 1024].into()).unwrap();
        assert_eq!(self.simulator.handle(part, self.now).status(), 200);
    }

    fn shared_folder(&self, user: &str, space: &str, name: &str) -> SharedFolder {
        self.call(user, &CreateSharedFolder::new(space, name));
        self.call(user, &ListSharedFolders::new(0, 9)).folders.pop().unwrap()
    }

    /// Returns the tables whose records have a text, with the members of the records in which it is.
    fn mentions(&self, id: &str) -> Vec<(&'static str, String)> {
        let state = self.simulator.state();
        let mut found = Vec::new();
        for (table, row_id, row) in state.store.records() {
            if row_id.contains(id) {
                found.push((table, "id".to_owned()));
            }
            match row {
                Json::Object(members) => {
                    let members = members.into_iter().filter(|(_, value)| value.to_string().contains(id));
                    found.extend(members.map(|(name, _)| (table, name)));
                }
                value if value.to_string().contains(id) => found.push((table, String::new())),
                _ => {}
            }
        }
        found
    }
}

/// Makes one of everything. Returns the ids of what can be deleted, in the order of [`Kind`].
fn everything() -> (Drive, [String; 6]) {
    let now = DateTime::from_timestamp(1_763_622_000, 0).unwrap();
    let mut drive = Drive { simulator: Simulator::new().app("app", "secret", OTHER), now };

    // A user with an account and a session, in a department that has a space.
    let batch = drive.call(OTHER, &RegisterUsers::new([NewAccount::new(MOBILE).firstname("Ann")]));
    drive.now += TimeDelta::seconds(1);
    let registered = drive.call(OTHER, &GetRegistrationResult::new(batch)).register_list.remove(0);
    let user = &*registered.user_id.unwrap().to_string();
    drive.call(OTHER, &CreateSession::new(user));
    let department = &*drive.call(OTHER, &CreateDepartment::new("Sales", ROOT)).id.unwrap().to_string();
    drive.call(OTHER, &UpdateUser::new(user).dept_id(department.parse::<i64>().unwrap()));
    let space_of = |owner: &str, kind| drive.call(OTHER, &GetSpace::new(owner, kind)).container_id.unwrap().to_string();
    let (space, team) = (&*space_of(user, SpaceType::Individual), &*space_of(department, SpaceType::Department));
    let theirs = &*space_of(OTHER, SpaceType::Individual);

    // A group with a space, a shared folder, and one of somebody else, which ends.
    let group = drive.call(user, &CreateUserGroup::new("Fair", GroupKind::Group));
    let group = &*group.id.unwrap().to_string();
    drive.call(OTHER, &CreateSpace::new(group, SpaceType::Group, 1));
    let family = drive.shared_folder(user, space, "Family");
    let family = &*family.group_id.unwrap().to_string();
    drive.call(user, &InviteMember::new(family, "0027188460902"));
    let ended = drive.shared_folder(OTHER, theirs, "Ended");
    let invited = drive.call(OTHER, &InviteMember::new(ended.group_id.clone().unwrap(), MOBILE)).invite_id.unwrap();
    drive.call(user, &ConfirmInvitation::new(ended.group_id.unwrap(), invited, InvitationReply::Join));
    drive.call(OTHER, &DeleteSharedFolder::new(ended.id.unwrap()));

    // Permissions.
    let (all, anonymous) = (Capabilities::all(), SetInitialMemberPermission::ANONYMOUS);
    for owner in [group, department] {
        let initial = SetInitialMemberPermission::new(owner.parse::<i64>().unwrap(), anonymous);
        drive.call(user, &initial.capabilities(all.clone()));
    }
    let role = AmendModRole::new(user.parse::<i64>().unwrap(), AmendModRole::ANONYMOUS).capabilities(all);
    drive.call(OTHER, &UpdatePermissions::new([role], TeamSpaceType::Department, team));

    // Files, finished or not, with revisions, marks, and one that is deleted for good.
    let folder = &*drive.folder(user, space, "Pictures");
    let file = &*drive.upload(user, space, folder, "a.jpg", true);
    drive.upload(user, space, folder, "b.jpg", false);
    let joint = &*drive.upload(user, team, "root", "c.jpg", true);
    drive.upload(user, team, "root", "d.jpg", false);
    let revised = CreateRevision::new(team, joint, 1024_u64).multi_parts([NewPart::new(1, 1024)]);
    drive.send(&drive.call(user, &revised).multi_parts[0]);
    drive.call(user, &CompleteRevision::new(joint));
    drive.call(user, &CreateRevision::new(space, file, 2048_u64));
    let gone = &*drive.folder(user, space, "Gone");
    drive.call(user, &StarFiles::new(true, [FileToStar::new(file), FileToStar::new(gone), FileToStar::new(joint)]));
    let task = TaskInfo::new([JobFile::new(gone)], space);
    drive.call(user, &CreateJob::new(JobType::Delete, task, space).action_type(JobAction::Delete));
    drive.now += TimeDelta::seconds(1);

    // Shares from and to the user, of whom one is left, with tasks.
    let share = |sharer: &str, space: &str, file: &str| {
        let share = CreateShare::new(ShareScope::Named, [file], space, 1).user_ids([user, OTHER]);
        let share = share.group_ids([group, family]).dept_ids([department]);
        drive.call(sharer, &share).share_link.unwrap().share_id.unwrap()
    };
    share(user, space, file);
    share(user, team, joint);
    let shown = &*drive.upload(OTHER, theirs, "root", "e.jpg", true);
    drive.call(user, &ExitShare::new([share(OTHER, theirs, shown)]));
    let received = share(OTHER, theirs, shown);
    let save = CreateShareTask::new(ShareTaskType::Save, theirs, [shown], received);
    drive.call(user, &save.target(SaveTarget::new("root", space)));

    // Albums and backups.
    let album = CreateAlbum::new(AlbumType::Manual, AlbumKind::Personal).name("Summer");
    drive.call(user, &album);
    for group in [group, family] {
        drive.call(user, &CreateAlbum::new(AlbumType::Manual, AlbumKind::Shared).name("Ours").group_id(group));
    }
    let collecting = CreateAlbum::new(AlbumType::Collecting, AlbumKind::Personal).scope_dir([folder]);
    let root = crate::families::files::tree::folder_id(space, "root");
    drive.call(user, &collecting.scope_parent_folder_id(root).scope_kind([MediaKind::Picture]));
    let album = drive.call(user, &ListAlbums::new(AlbumKind::Personal, AlbumType::Manual)).albums.remove(0).id.unwrap();
    drive.call(user, &AddAlbumContent::new(album, [OwnedFile::new(file)]));
    let device = &*drive.call(user, &BindBackupDevice::new("phone")).device_id.unwrap();
    drive.call(user, &AddBackupScopes::new(device, BackupModule::Album, [BackupScope::new("/A")]));
    let lock = &*drive.call(user, &CreateBackupLock::new(BackupModule::Album)).lock_id.unwrap();
    let record = CreateBackupRecord::new(BackupModule::Album, device).lock_id(lock);
    let record = &*drive.call(user, &record).record_id.unwrap();
    drive.call(user, &CreateBackupFile::new(record, "f.jpg").lock_id(lock));
    assert_eq!(drive.call(user, &ListBackupFiles::new(record, 9)).files.len(), 1);

    // What tells of the user and stays.
    drive.call(user, &CreateTask::new().task_type(TaskType::ImportUsers).org_id("o").org_user_id("u").result_id("r"));
    let order = PackageOperation::new("1").carrier_user_id(user).package_change_list([PackageChange::new("gold")]);
    drive.call(user, &ReverseOrder::new([order], "1"));
    let ids = [user, space, team, group, family, department].map(str::to_owned);
    (drive, ids)
}

#[test]
fn there_is_one_of_everything() {
    assert_eq!(MENTIONED.iter().map(|(table, _)| *table).collect::<Vec<_>>(), Store::TABLES);
    let (drive, ids) = everything();
    for (kind, id) in KINDS.into_iter().zip(&ids) {
        let mentioned: BTreeSet<&str> = drive.mentions(id).into_iter().map(|(table, _)| table).collect();
        let expected = MENTIONED.iter().filter(|(_, kinds)| kinds.contains(&kind));
        assert_eq!(mentioned, expected.map(|(table, _)| *table).collect(), "{kind:?}");
    }
}

#[test]
fn nothing_of_it_is_left() {
    for kind in KINDS {
        let (drive, [user, space, team, group, family, department]) = everything();
        let gone = match kind {
            User => {
                drive.call(OTHER, &DeleteUser::new(&*user));
                vec![user, space, group, family]
            }
            Space => {
                drive.call(OTHER, &DeleteSpace::new(user, SpaceType::Individual));
                vec![space, family]
            }
            TeamSpace => {
                drive.call(OTHER, &DeleteSpace::new(department, SpaceType::Department));
                vec![team]
            }
            Group => {
                drive.call(&user, &DeleteGroupSpace::new(&*group));
                vec![group]
            }
            Family => {
                let shared = drive.call(&user, &ListSharedFolders::new(0, 1)).folders.remove(0);
                drive.call(&user, &DeleteSharedFolder::new(shared.id.unwrap()));
                vec![family]
            }
            Department => {
                drive.call(OTHER, &UpdateUser::new(user).dept_id(ROOT.parse::<i64>().unwrap()));
                drive.call(OTHER, &DeleteDepartment::new(&*department));
                vec![team, department]
            }
        };
        for id in gone {
            let mut left = drive.mentions(&id);
            left.retain(|(table, member)| !STAYS.contains(&(*table, member.as_str())));
            assert_eq!(left, [], "{kind:?} {id}");
        }
    }
}
