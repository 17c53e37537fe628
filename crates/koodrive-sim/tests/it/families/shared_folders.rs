use koodrive_proto::ops::shared_folders::*;
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpace, SpaceType};
use koodrive_proto::param::UserId;

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
