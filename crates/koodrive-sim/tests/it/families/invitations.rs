use koodrive_proto::ops::accounts::{CodeType, RegisterAccount, ValidateCode};
use koodrive_proto::ops::files::{CreateDirectory, GetFile};
use koodrive_proto::ops::invitations::*;
use koodrive_proto::ops::messages::ListMessages;
use koodrive_proto::ops::shared_folders::{
    CreateSharedFolder, DeleteSharedFolder, ListSharedFolders, SharedFolder, SharedFolderFilter,
};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};

use crate::families::{ADMIN, Drive};

/// Lets somebody in who has a mobile number, and returns their id.
fn person(drive: Drive, mobile: &str) -> (Drive, String) {
    let checked = drive.call("", &ValidateCode::new("request", CodeType::Registration).code("4719")).unwrap();
    let proof = checked.token.unwrap();
    let account = RegisterAccount::new(mobile).firstname("mike").surname(mobile).captcha_token(proof.as_str());
    let id = drive.call("", &account.password("01ASDAa1")).unwrap().user_id.unwrap().as_str().to_owned();
    (drive.user(&id), id)
}

/// A drive with a folder that is shared.
fn family() -> (Drive, SharedFolder) {
    let drive = Drive::new();
    let space = drive.ok(&GetSpace::new(ADMIN, SpaceType::Individual)).container_id.unwrap();
    drive.ok(&CreateSharedFolder::new(space, "Family"));
    let folder = drive.ok(&ListSharedFolders::new(0, 1)).folders.remove(0);
    (drive, folder)
}

#[test]
fn who_is_invited_joins_and_leaves() {
    let (drive, folder) = family();
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
    let (drive, folder) = family();
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
fn a_family_is_full() {
    let (mut drive, folder) = family();
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
