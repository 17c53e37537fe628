use koodrive_proto::ops::accounts::{CodeType, RegisterAccount, ValidateCode};
use koodrive_proto::ops::albums::{AddAlbumContent, AlbumKind, AlbumType, CreateAlbum, ListAlbums, OwnedFile};
use koodrive_proto::ops::files::{
    CompleteFile, CreateDirectory, CreateFile, FileType, GetFile, GetFolderStats, GetUploadUrls, NewPart, OnConflict,
};
use koodrive_proto::ops::invitations::*;
use koodrive_proto::ops::messages::ListMessages;
use koodrive_proto::ops::previews::{CreateThumbnailTask, GetFilePreviewUrl};
use koodrive_proto::ops::shared_folders::{
    CreateSharedFolder, DeleteSharedFolder, ListSharedFolders, SharedFolder, SharedFolderFilter,
};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};

use crate::families::{ADMIN, Drive, token};

/// Lets somebody in who has a mobile number, and returns their id.
pub(super) fn person(drive: Drive, mobile: &str) -> (Drive, String) {
    let checked = drive.call("", &ValidateCode::new("request", CodeType::Registration).code("4719")).unwrap();
    let proof = checked.token.unwrap();
    let account = RegisterAccount::new(mobile).firstname("mike").surname(mobile).captcha_token(proof.as_str());
    let id = drive.call("", &account.password("01ASDAa1")).unwrap().user_id.unwrap().as_str().to_owned();
    (drive.user(&id), id)
}

/// Makes a folder that the first user shares.
pub(super) fn family(drive: &Drive, name: &str) -> SharedFolder {
    let space = drive.ok(&GetSpace::new(ADMIN, SpaceType::Individual)).container_id.unwrap();
    drive.ok(&CreateSharedFolder::new(space, name));
    drive.ok(&ListSharedFolders::new(0, 100)).folders.pop().unwrap()
}

/// Lets a person join a shared folder.
pub(super) fn join(drive: &Drive, folder: &SharedFolder, user: &str, mobile: &str) {
    let group = folder.group_id.clone().unwrap();
    let id = drive.ok(&InviteMember::new(group.clone(), mobile)).invite_id.unwrap();
    drive.call(user, &ConfirmInvitation::new(group, id, InvitationReply::Join)).unwrap();
}

#[test]
fn who_is_invited_joins_and_leaves() {
    let drive = Drive::new();
    let folder = family(&drive, "Family");
    let (drive, mike) = person(drive, "0027188460901");
    let group = folder.group_id.as_ref().unwrap();
    let space = folder.container_id.as_ref().unwrap();
    let file = folder.share_folder_file_id.as_ref().unwrap();

    let invite = InviteMember::new(group.clone(), "0027188460901");
    assert_eq!(drive.code_for(&mike, &invite), "13000410");
    let first = drive.ok(&invite).invite_id.unwrap();
    let second = drive.ok(&invite).invite_id.unwrap();
    assert_eq!(drive.code(&GetInvitation::new(&*first)), "13000309", "the second took its place");
    let detail = drive.ok(&GetInvitation::new(&*second)).detail.unwrap();
    assert_eq!((detail.share_folder_name.as_deref(), detail.group_id.as_ref()), (Some("Family"), Some(group)));
    assert_eq!(detail.create_time.as_deref(), Some("Thu Nov 20 07:00:00 UTC 2025"));
    assert_eq!(detail.expire_time.as_deref(), Some("Fri Nov 21 07:00:00 UTC 2025"));
    assert_eq!(drive.call(&mike, &ListPendingInvitations::new()).unwrap().details, [detail]);
    assert!(drive.ok(&ListPendingInvitations::new()).details.is_empty());
    let invitees = || drive.ok(&ListInvitees::new(group.clone())).details;
    let phones: Vec<_> = invitees().into_iter().map(|invitee| (invitee.invitee_phone, invitee.status)).collect();
    assert_eq!(phones, [(Some("0027188****01".to_owned()), Some(InvitationStatus::Pending))]);
    assert_eq!(drive.code_for(&mike, &ListInvitees::new(group.clone())), "13000410");

    // Before and after.
    let enter = GetFile::new(file.clone(), space.clone());
    assert_eq!(drive.code_for(&mike, &enter), "13000410");
    let join = ConfirmInvitation::new(group.clone(), &*second, InvitationReply::Join);
    assert_eq!(drive.code(&join), "13000410");
    assert_eq!(drive.code_for(&mike, &ConfirmInvitation::new("404", &*second, InvitationReply::Join)), "13000309");
    drive.call(&mike, &join).unwrap();
    assert_eq!(drive.code_for(&mike, &join), "13000309");
    assert_eq!(invitees()[0].status, Some(InvitationStatus::Accepted));
    assert!(drive.call(&mike, &ListPendingInvitations::new()).unwrap().details.is_empty());
    assert_eq!(drive.code(&invite), "13000102");
    let joined = ListSharedFolders::new(0, 9).query_type(SharedFolderFilter::Joined);
    assert_eq!(drive.call(&mike, &joined).unwrap().folders, std::slice::from_ref(&folder));

    // A member works in the folder, and nowhere else in the space.
    drive.call(&mike, &enter).unwrap();
    let inside = CreateDirectory::new("Photos", space.clone()).parent_folder([file.clone()]);
    let made = drive.call(&mike, &inside).unwrap().id.unwrap();
    drive.call(&mike, &GetFile::new(made.clone(), space.clone())).unwrap();
    let outside = CreateDirectory::new("Private", space.clone());
    assert_eq!(drive.code_for(&mike, &outside), "13000410");
    let private = drive.ok(&outside).id.unwrap();
    assert_eq!(drive.code_for(&mike, &GetFile::new(private, space.clone())), "13000410");

    let leave = |caller: &str, member: &str| RemoveMember::new(group.clone(), member).owner_id(caller);
    assert_eq!(drive.code_for(&mike, &leave(&mike, ADMIN)), "13000410");
    assert_eq!(drive.code_for(&mike, &leave(ADMIN, &mike)), "13000410");
    assert_eq!(drive.code(&leave(ADMIN, "404")), "13000309");
    drive.call(&mike, &leave(&mike, &mike)).unwrap();
    assert_eq!(drive.code_for(&mike, &enter), "13000410");
    let again = drive.ok(&invite).invite_id.unwrap();
    drive.call(&mike, &ConfirmInvitation::new(group.clone(), again, InvitationReply::Join)).unwrap();
    drive.ok(&leave(ADMIN, &mike));
    assert_eq!(drive.code_for(&mike, &enter), "13000410");

    // They were told: of three invitations and of being taken out, of two joinings and of leaving.
    let told = |user: &str| drive.call(user, &ListMessages::new()).unwrap().messages.len();
    assert_eq!((told(&mike), told(ADMIN)), (4, 3));
}

#[test]
fn invitations_are_declined_expire_and_end() {
    let drive = Drive::new();
    let folder = family(&drive, "Family");
    let (mut drive, mike) = person(drive, "0027188460901");
    let group = folder.group_id.unwrap();
    let invite = InviteMember::new(group.clone(), "0027188460901");
    let reply = |id: &str, reply| ConfirmInvitation::new(group.clone(), id, reply);
    let pending = |drive: &Drive| drive.call(&mike, &ListPendingInvitations::new()).unwrap().details.len();

    let id = drive.ok(&invite).invite_id.unwrap();
    drive.call(&mike, &reply(&id, InvitationReply::Decline)).unwrap();
    assert_eq!(drive.ok(&ListInvitees::new(group.clone())).details[0].status, Some(InvitationStatus::Rejected));
    assert_eq!(drive.code_for(&mike, &reply(&id, InvitationReply::Join)), "13000309");

    let id = drive.ok(&invite).invite_id.unwrap();
    drive.pass(24 * 3600 - 1);
    assert_eq!(pending(&drive), 1);
    drive.pass(1);
    assert_eq!(pending(&drive), 0);
    assert_eq!(drive.code_for(&mike, &reply(&id, InvitationReply::Join)), "13000309");

    let id = drive.ok(&invite).invite_id.unwrap();
    drive.ok(&DeleteSharedFolder::new(folder.id.unwrap()));
    assert_eq!(pending(&drive), 0);
    assert_eq!(drive.code(&GetInvitation::new(id)), "13000309");
    assert_eq!(drive.code(&invite), "13000309");
}

#[test]
fn members_work_inside_the_folder_with_all_families() {
    let (drive, mike) = person(Drive::new(), "0027188460901");
    let shared = family(&drive, "Family");
    join(&drive, &shared, &mike, "0027188460901");
    let (id, space) = (&*shared.id.unwrap(), &*shared.container_id.unwrap().to_string());
    let folder = &*shared.share_folder_file_id.unwrap().to_string();
    let outside = drive.file(ADMIN, space, "root", "outside.jpg", 1);

    // With the header, the root is the folder, for the owner as well.
    let create = CreateFile::new("a.jpg", FileType::Picture, "root", 1024_u64).auto_rename(OnConflict::Refuse);
    let create = create.container_id(space);
    assert_eq!(drive.code_for(&mike, &create), "13000410");
    let create = create.share_folder_id(id);
    let file = &*drive.call(&mike, &create).unwrap().file_id.unwrap().to_string();
    let links = drive.call(&mike, &GetUploadUrls::new(file, [NewPart::new(1, 1024)])).unwrap();
    drive.send_parts(&links.multi_parts, &[0; 1024]);
    drive.call(&mike, &CompleteFile::new(file)).unwrap();
    drive.ok(&CreateDirectory::new("Trips", space).share_folder_id(id));
    assert_eq!(drive.names(ADMIN, space, folder), ["Trips", "a.jpg"]);
    let stats = drive.call(&mike, &GetFolderStats::new("root", space).share_folder_id(id)).unwrap();
    assert_eq!((stats.sub_dir_count, stats.sub_file_count), (Some(1), Some(1)));

    // The header names a folder of the caller's.
    for (user, header, code) in [(&*mike, "404", "13000309"), (ADMIN, "404", "13000309"), ("8", id, "13000410")] {
        let drive = Drive { simulator: drive.simulator.clone().token(&token("8"), "8"), now: drive.now };
        assert_eq!(drive.code_for(user, &create.clone().share_folder_id(header)), code, "{user}");
        assert_eq!(drive.code_for(user, &GetFilePreviewUrl::new(file).share_folder_id(header)), code, "{user}");
    }

    drive.call(&mike, &GetFilePreviewUrl::new(file).share_folder_id(id)).unwrap();
    assert_eq!(drive.code_for(&mike, &GetFilePreviewUrl::new(&*outside)), "13000410");
    drive.call(&mike, &CreateThumbnailTask::new(file, space, &*mike)).unwrap();
    assert_eq!(drive.code_for(&mike, &CreateThumbnailTask::new(&*outside, space, &*mike)), "13000410");
    let album = CreateAlbum::new(AlbumType::Manual, AlbumKind::Personal).name("Ours");
    assert_eq!(drive.code_for(&mike, &album.clone().share_folder_id(404)), "13000309");
    drive.call(&mike, &album.share_folder_id(id.parse::<i64>().unwrap())).unwrap();
    let albums = drive.call(&mike, &ListAlbums::new(AlbumKind::Personal, AlbumType::Manual)).unwrap().albums;
    let album = albums[0].id.as_deref().unwrap();
    drive.call(&mike, &AddAlbumContent::new(album, [OwnedFile::new(file)])).unwrap();
    assert_eq!(drive.code_for(&mike, &AddAlbumContent::new(album, [OwnedFile::new(&*outside)])), "13000410");
}

#[test]
fn so_many_invitations_are_kept() {
    let drive = Drive::new();
    let group = family(&drive, "Family").group_id.unwrap();
    let invite = |number: u32| InviteMember::new(group.clone(), format!("0027{number:09}"));
    let ids: Vec<String> = (0..101).map(|number| drive.ok(&invite(number)).invite_id.unwrap()).collect();
    let kept = drive.ok(&ListInvitees::new(group.clone())).details;
    assert_eq!(kept.into_iter().map(|invitee| invitee.invite_id.unwrap()).collect::<Vec<_>>(), ids[1..]);
}

#[test]
fn a_family_is_full() {
    let mut drive = Drive::new();
    let folder = family(&drive, "Family");
    let group = folder.group_id.unwrap();
    assert_eq!(folder.max_member, Some(10));
    // The last two are invited while there is one place.
    let mut people = Vec::new();
    for number in 0..10 {
        let mobile = format!("002718846090{number}");
        let id;
        (drive, id) = person(drive, &mobile);
        people.push((id, InviteMember::new(group.clone(), mobile)));
    }
    let ids: Vec<String> = people.iter().map(|(_, invite)| drive.ok(invite).invite_id.unwrap()).collect();
    for (number, ((user, invite), id)) in people.iter().zip(ids).enumerate() {
        let join = ConfirmInvitation::new(group.clone(), id, InvitationReply::Join);
        if number < 9 {
            drive.call(user, &join).unwrap();
        } else {
            assert_eq!(drive.code_for(user, &join), "13000102");
            assert_eq!(drive.code(invite), "13000102");
        }
    }
}
