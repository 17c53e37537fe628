use koodrive_proto::http::Request;
use koodrive_proto::ops::backup::*;
use koodrive_proto::ops::files::{CreateFile, FileType, GetFile, OnConflict};
use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
use koodrive_proto::ops::spaces::{SpaceStatus, SpaceType, UpdateSpace};
use serde_json::{Value as Json, json};

use crate::families::{ADMIN, Drive, token};

/// Registers files in the drive, by names and media types and with 1024 bytes each, and returns their ids.
pub(crate) fn register(drive: &Drive, user: &str, parent: &str, files: &[(&str, &str)]) -> Vec<String> {
    let device = drive.call(user, &BindBackupDevice::new("helper")).unwrap().device_id.unwrap();
    let lock = drive.call(user, &CreateBackupLock::new(BackupModule::Folder)).unwrap().lock_id.unwrap();
    let record = CreateBackupRecord::new(BackupModule::Folder, &*device).lock_id(&*lock);
    let record = drive.call(user, &record).unwrap().record_id.unwrap();
    for (name, mime_type) in files {
        let file = CreateBackupFile::new(&*record, *name).lock_id(&*lock).parent_folder([parent]);
        let file = file.mime_type(*mime_type).length(1024_u64).sha256(format!("{:064}", name.len()));
        drive.call(user, &file).unwrap();
    }
    drive.call(user, &ReleaseBackupLock::new(&*lock)).unwrap();
    let list = drive.call(user, &ListBackupFiles::new(&*record, 100)).unwrap();
    list.files.into_iter().map(|file| file.file_id.unwrap().as_str().to_owned()).collect()
}

/// Sends a body that the client's own types would refuse, and returns the code of the answer.
pub(crate) fn post(drive: &Drive, path: &str, body: &Json) -> Json {
    let request = Request::post(path).header("authorization", token(ADMIN)).header("x-user-id", ADMIN);
    let request = request.header("content-type", "application/json").body(body.to_string().into()).unwrap();
    let response = drive.simulator.handle(request, drive.now);
    serde_json::from_slice::<Json>(response.body()).unwrap()["code"].clone()
}

#[test]
fn devices_and_scopes() {
    let mut drive = Drive::new().user("8");
    let phone = drive.ok(&BindBackupDevice::new("phone_1").device_name("Magic v3").device_os("android"));
    let id = phone.device_id.as_deref().unwrap();
    assert_eq!(phone.create_time.as_deref(), Some("2025-11-20T07:00:00.000Z"));

    // The code is the device: binding it again renames it.
    drive.pass(60);
    let again = drive.ok(&BindBackupDevice::new("phone_1").device_name("Mine"));
    assert_eq!((again.device_id.as_deref(), again.create_time), (Some(id), phone.create_time));
    assert_eq!((again.device_name.as_deref(), again.device_os), (Some("Mine"), None));
    let other = drive.ok(&BindBackupDevice::new("phone_2")).device_id;
    let devices = drive.ok(&ListBackupDevices::new());
    assert_eq!(devices.into_iter().map(|device| device.device_id).collect::<Vec<_>>(), [Some(id.to_owned()), other]);
    assert_eq!(drive.call("8", &ListBackupDevices::new()).unwrap(), []);

    let scope = |target: &str| BackupScope::new(target).local_path("/DCIM");
    drive.ok(&AddBackupScopes::new(id, BackupModule::Album, [scope("/A"), scope("/B"), scope("/A")]));
    drive.ok(&AddBackupScopes::new(id, BackupModule::Folder, [scope("/A")]));
    let path = format!("/koodrive/ose/v1/backup/device/{id}/scope");
    let pathless = json!({"moduleCode": "101", "scopeList": [{"targetFolderPath": "/C"}, {"targetFolderPath": ""}]});
    assert_eq!(post(&drive, &path, &pathless), 13_000_102);
    let list = |module| drive.ok(&ListBackupScopes::new(id, module)).scopes;
    let album = list(BackupModule::Album);
    let paths: Vec<_> = album.iter().map(|scope| scope.target_folder_path.as_deref().unwrap()).collect();
    assert_eq!(paths, ["/A", "/B"]);
    let first = album[0].scope_id.clone().unwrap();
    let gone = drive.ok(&DeleteBackupScopes::new(id, [first.as_str(), "1", "2"]));
    assert_eq!(gone.scope_ids, [first]);
    assert_eq!(gone.failed.iter().map(|failed| failed.scope_id.as_deref()).collect::<Vec<_>>(), [Some("1")]);
    assert_eq!((list(BackupModule::Album).len(), list(BackupModule::Folder).len()), (1, 1));

    // Nobody else has the device, and it is gone with its scopes.
    assert_eq!(drive.code_for("8", &ListBackupScopes::new(id, BackupModule::Album)), "13000309");
    assert_eq!(drive.code_for("8", &UnbindBackupDevice::new(id)), "13000309");
    assert_eq!(drive.ok(&UnbindBackupDevice::new(id)).device_name.as_deref(), Some("Mine"));
    assert_eq!(drive.code(&UnbindBackupDevice::new(id)), "13000309");
    assert_eq!(drive.ok(&ListBackupDevices::new()).len(), 1);
    assert_eq!(drive.code(&ListBackupScopes::new(id, BackupModule::Album)), "13000309");
}

#[test]
fn a_lock_is_held_by_one() {
    let mut drive = Drive::new().user("8");
    let take = |drive: &Drive| drive.ok(&CreateBackupLock::new(BackupModule::Album)).lock_id.unwrap();
    let first = take(&drive);
    assert!(first.len() == 40 && first.ends_with("@101"), "{first}");
    assert_eq!(drive.code(&CreateBackupLock::new(BackupModule::Album)), "13000102");
    // Others, and other kinds of data, have locks of their own.
    drive.call("8", &CreateBackupLock::new(BackupModule::Album)).unwrap();
    let folders = drive.ok(&CreateBackupLock::new(BackupModule::Folder)).lock_id.unwrap();
    assert_eq!(drive.code_for("8", &ReleaseBackupLock::new(&*first)), "13000309");

    // Renewed after 9 minutes, it is still held after 18, but not after 19.
    drive.pass(540);
    drive.ok(&RenewBackupLock::new(&*first));
    drive.pass(540);
    assert_eq!(drive.code(&CreateBackupLock::new(BackupModule::Album)), "13000102");
    drive.pass(60);
    let device = drive.ok(&BindBackupDevice::new("phone")).device_id.unwrap();
    let record = |lock: &str| CreateBackupRecord::new(BackupModule::Album, &*device).lock_id(lock);
    assert_eq!(drive.code(&record(&first)), "13000309");
    // A renewal counts from the end: the lock lives on for what is left of ten minutes.
    drive.pass(300);
    drive.ok(&RenewBackupLock::new(&*first));
    drive.ok(&record(&first));
    drive.pass(300);
    assert_eq!(drive.code(&record(&first)), "13000309");
    let second = take(&drive);
    assert_eq!(drive.code(&RenewBackupLock::new(&*first)), "13000309");

    assert_eq!(drive.code(&record(&folders)), "13000309");
    drive.ok(&ReleaseBackupLock::new(&*second));
    assert_eq!(drive.code(&ReleaseBackupLock::new(&*second)), "13000309");
    let folders = {
        drive.ok(&ReleaseBackupLock::new(&*folders));
        drive.ok(&CreateBackupLock::new(BackupModule::Folder)).lock_id.unwrap()
    };
    assert_eq!(drive.code(&record(&folders)), "13000102");
}

#[test]
fn a_backup_is_filled_completed_and_deleted() {
    let mut drive = Drive::new().user("8");
    let device = drive.ok(&BindBackupDevice::new("phone")).device_id.unwrap();
    let lock = drive.ok(&CreateBackupLock::new(BackupModule::Album)).lock_id.unwrap();
    let begin =
        CreateBackupRecord::new(BackupModule::Album, &*device).lock_id(&*lock).properties(r#"{"battery":"87"}"#);
    let record = drive.ok(&begin);
    let id = record.record_id.as_deref().unwrap();
    assert_eq!((record.status, record.end_time), (Some(BackupStatus::New), None));
    assert_eq!(record.device.and_then(|device| device.machine_code).as_deref(), Some("phone"));

    let before = drive.used(ADMIN);
    let add = |name: &str| CreateBackupFile::new(id, name).lock_id(&*lock).length(1024_u64).description("first");
    assert_eq!(drive.code(&add("folder").file_type("10")), "13000102");
    for name in ["a.jpg", "b.jpg", "a.jpg"] {
        drive.ok(&add(name));
    }
    assert_eq!(drive.code(&add("c.jpg").parent_folder(["nowhere"])), "13000309");
    assert_eq!(drive.code(&add("c.jpg").length(1_u64 << 40)), "13000311");
    assert_eq!(drive.code_for("8", &add("c.jpg")), "13000309");
    assert_eq!(drive.used(ADMIN), before + 3);

    let page = drive.ok(&ListBackupFiles::new(id, 2));
    let rest = drive.ok(&ListBackupFiles::new(id, 2).cursor(page.next_cursor.clone().unwrap()));
    assert_eq!(rest.next_cursor, None);
    let files: Vec<_> = page.files.into_iter().chain(rest.files).collect();
    let names: Vec<_> = files.iter().map(|file| file.file_name.as_deref().unwrap()).collect();
    assert_eq!(names, ["a.jpg", "b.jpg", "a_20251120_150000.jpg"]);
    assert_eq!((files[0].size, files[0].description.as_deref()), (Some(1024), Some("first")));

    drive.pass(5);
    drive.ok(&CompleteBackup::new(id).lock_id(&*lock));
    assert_eq!(drive.code(&CompleteBackup::new(id).lock_id(&*lock)), "13000102");
    assert_eq!(drive.code(&add("d.jpg")), "13000102");
    let record = drive.ok(&GetBackupRecord::new(id));
    assert_eq!((record.status, record.version), (Some(BackupStatus::Completed), Some(2)));
    assert_eq!(record.end_time.as_deref(), Some("2025-11-20T07:00:05.000Z"));
    assert_eq!(record.properties.as_deref(), Some(r#"{"battery":"87"}"#));
    assert_eq!(drive.code_for("8", &GetBackupRecord::new(id)), "13000309");

    // The newest comes first. The device can be gone.
    let tablet = drive.ok(&BindBackupDevice::new("tablet")).device_id.unwrap();
    let second = drive.ok(&CreateBackupRecord::new(BackupModule::Album, &*tablet).lock_id(&*lock)).record_id.unwrap();
    drive.ok(&UnbindBackupDevice::new(&*tablet));
    let list = ListBackupRecords::new(BackupModule::Album, 1);
    let page = drive.ok(&list);
    assert_eq!(page.records[0].record_id.as_deref(), Some(&*second));
    assert_eq!(page.records[0].device, None);
    let page = drive.ok(&list.clone().cursor(page.next_cursor.unwrap()));
    assert_eq!((page.records[0].record_id.as_deref(), page.next_cursor), (Some(id), None));
    let records = |list: &ListBackupRecords| drive.ok(list).records.len();
    assert_eq!(records(&ListBackupRecords::new(BackupModule::Folder, 10)), 0);
    assert_eq!(records(&ListBackupRecords::new(BackupModule::Album, 10)), 2);
    assert_eq!(records(&ListBackupRecords::new(BackupModule::Album, 10).device_id(&*device)), 1);

    drive.ok(&DeleteBackupRecord::new(id).lock_id(&*lock));
    assert_eq!(drive.code(&GetBackupRecord::new(id)), "13000309");
    assert_eq!(drive.code(&ListBackupFiles::new(id, 10)), "13000309");
    assert_eq!(drive.used(ADMIN), before);

    drive.ok(&UpdateSpace::new(ADMIN, SpaceType::Individual).status(SpaceStatus::Disabled));
    assert_eq!(drive.code(&CreateBackupFile::new(&*second, "e.jpg").lock_id(&*lock)), "13000301");
}

#[test]
fn what_is_said_of_a_file_is_no_content() {
    let mut drive = Drive::new();
    let space = drive.space_of(ADMIN);
    let said = register(&drive, ADMIN, "root", &[("a.jpg", "image/jpeg")]).remove(0);
    let bring = CreateFile::new("a.jpg", FileType::Picture, "root", 1024).sha256(format!("{:064}", 5));
    let brought = drive.ok(&bring.auto_rename(OnConflict::KeepSame).container_id(&*space));
    assert_eq!((brought.exist, brought.file_name.as_deref()), (Some(false), Some("a_20251120_150000.jpg")));
    // The bytes that are made up in its place don't go with the file.
    let link = drive.link(&space, &said);
    let delete = CreateJob::new(JobType::Delete, TaskInfo::new([JobFile::new(&*said)], &*space), &*space);
    drive.ok(&delete.action_type(JobAction::Delete));
    drive.pass(9);
    assert_eq!(drive.code(&GetFile::new(&*said, &*space)), "13000309");
    assert_eq!(drive.read(&link).len(), 1024);
}
