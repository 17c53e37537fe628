use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
use koodrive_proto::ops::messages::*;
use koodrive_proto::ops::moderation::{FileVerdict, ModerateFiles, Verdict};
use koodrive_proto::ops::shared_folders::{DeleteSharedFolder, SharedFolder};
use koodrive_proto::ops::shares::{CreateShare, ShareScope};
use koodrive_proto::ops::spaces::{DeleteSpace, SpaceType};
use koodrive_proto::param::UserId;

use crate::families::backup::register;
use crate::families::invitations::{family, join, person};
use crate::families::shares::share;
use crate::families::{ADMIN, Drive};

/// Brings a user so many messages: a file of theirs is judged again and again.
fn bring(drive: &mut Drive, user: &str, count: usize) {
    register(drive, user, "root", &[("a.jpg", "image/jpeg")]);
    for verdict in [Verdict::HighSensitivity, Verdict::LowSensitivity].into_iter().cycle().take(count) {
        drive.pass(1);
        drive.ok(&ModerateFiles::new([FileVerdict::new(format!("{:064}", 5), 1024, verdict)]));
    }
}

#[test]
fn messages_are_read_and_deleted() {
    let mut drive = Drive::new().user("8");
    bring(&mut drive, "8", 5);
    let count = |drive: &Drive| drive.call("8", &GetUnreadMessageCount::new()).unwrap().count;
    assert_eq!(count(&drive), Some(5));
    assert_eq!(drive.ok(&GetUnreadMessageCount::new()).count, Some(0));

    let mut list = ListMessages::new().page_size(2).page_cursor("0");
    let mut messages = Vec::new();
    loop {
        let page = drive.call("8", &list).unwrap();
        messages.extend(page.messages);
        match page.next_cursor {
            Some(cursor) => list = list.page_cursor(cursor),
            None => break,
        }
    }
    assert_eq!(messages[0].create_time.as_deref(), Some("2025-11-20T07:00:05.000Z"));
    assert_eq!(
        (messages[0].kind.clone(), messages[0].state),
        (Some(MessageType::Management), Some(MessageState::Unread))
    );
    assert!(messages[0].text.as_deref().unwrap().contains("a.jpg"));
    let ids: Vec<String> = messages.into_iter().map(|message| message.id.unwrap()).collect();
    assert_eq!(ids.len(), 5);
    let listed = |drive: &Drive, list: &ListMessages| -> Vec<String> {
        drive.call("8", list).unwrap().messages.into_iter().map(|message| message.id.unwrap()).collect()
    };
    let space = drive.space_of(ADMIN);
    let folder = drive.folder(&space, "root", "Photos");
    share(&drive, &CreateShare::new(ShareScope::Named, [&*folder], &*space, 1).user_ids(["8"]));
    let sharing = listed(&drive, &ListMessages::new().filter_type(MessageType::Sharing));
    assert_eq!((sharing.len(), count(&drive)), (1, Some(6)));
    let delete = DeleteMessages::new([&*sharing[0]]);
    assert_eq!(drive.call("8", &delete).unwrap().messages[0].changed, Some(true));

    let changed = |answer: ChangedMessages| answer.messages.iter().map(|message| message.changed).collect::<Vec<_>>();
    let read = ReadMessages::new([&*ids[0], &ids[1], "1"]);
    // Messages are their receiver's.
    assert_eq!(changed(drive.ok(&read)), [Some(false); 3]);
    assert_eq!(changed(drive.call("8", &read).unwrap()), [Some(true), Some(true), Some(false)]);
    assert_eq!(changed(drive.call("8", &read).unwrap()), [Some(false); 3]);
    assert_eq!(listed(&drive, &ListMessages::new().state(MessageState::Read)), ids[..2]);
    assert_eq!(listed(&drive, &ListMessages::new().state(MessageState::Unread)), ids[2..]);

    let delete = DeleteMessages::new([&*ids[4], "1"]);
    assert_eq!(changed(drive.call("8", &delete).unwrap()), [Some(true), Some(false)]);
    assert_eq!(count(&drive), Some(2));
    drive.call("8", &UpdateMessageStates::new(AllMessages::MarkRead)).unwrap();
    assert_eq!((count(&drive), listed(&drive, &ListMessages::new()).len()), (Some(0), 4));
    drive.ok(&UpdateMessageStates::new(AllMessages::Delete));
    assert_eq!(listed(&drive, &ListMessages::new()).len(), 4);
    drive.call("8", &UpdateMessageStates::new(AllMessages::Delete)).unwrap();
    assert_eq!(listed(&drive, &ListMessages::new()), [""; 0]);
}

#[test]
fn members_are_notified_of_deleted_folders() {
    let (mut drive, mike) = person(Drive::new(), "0027188460901");
    let folders: Vec<SharedFolder> = ["Home", "Garden", "Trips"].map(|name| family(&drive, name)).into();
    for folder in &folders {
        join(&drive, folder, &mike, "0027188460901");
    }
    let list = ListUnreadNotifications::new(NotificationType::All, 2);
    assert_eq!(drive.call(&mike, &list).unwrap().notifications, []);
    // However the sharing ends: by itself, with the folder, or with the space.
    drive.ok(&DeleteSharedFolder::new(&**folders[0].id.as_ref().unwrap()));
    let space = drive.space_of(ADMIN);
    let task = TaskInfo::new([JobFile::new(folders[1].share_folder_file_id.clone().unwrap())], &*space);
    drive.ok(&CreateJob::new(JobType::Delete, task, space).action_type(JobAction::Delete));
    drive.pass(1);
    drive.ok(&DeleteSpace::new(ADMIN, SpaceType::Individual));

    // The newest first, to everybody but the owner.
    let page = drive.call(&mike, &list).unwrap();
    let rest = drive.call(&mike, &list.clone().cursor(page.next_cursor.unwrap())).unwrap();
    assert_eq!((rest.tenant_id.as_deref(), rest.next_cursor), (Some("40086000004871666"), None));
    let told: Vec<Notification> = page.notifications.into_iter().chain(rest.notifications).collect();
    let member = |told: &Notification, name: &str| told.info.as_ref().unwrap().0[name].as_str().unwrap().to_owned();
    for (told, folder) in told.iter().zip(folders.iter().rev()) {
        assert_eq!(told.message_type, Some(NotificationType::SharedFolderDeleted));
        assert_eq!(told.owner_id.as_ref().map(UserId::as_str), Some(&*mike));
        let told = ["name", "shareFolderId"].map(|name| member(told, name));
        assert_eq!(told, [folder.name.clone().unwrap(), folder.id.clone().unwrap()]);
    }
    assert_eq!((told.len(), drive.ok(&list).notifications.len()), (3, 0));

    let read = UpdateNotification::new(member(&told[0], "id"));
    assert_eq!(drive.code(&read), "13000309");
    drive.call(&mike, &read).unwrap();
    let left = drive.call(&mike, &list).unwrap();
    assert_eq!((left.notifications, left.next_cursor), (told[1..].to_vec(), None));
    assert_eq!(drive.code_for(&mike, &UpdateNotification::new("1")), "13000309");
}
