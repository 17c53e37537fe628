//! Invitations into shared folders.

use koodrive_proto::ops::invitations::{
    ConfirmInvitation, GetInvitation, InvitationReply, InvitationStatus, InviteMember, ListInvitees,
    ListPendingInvitations, RemoveMember,
};

use crate::common::{message, noted, parse, wire};

#[test]
fn wire_forms_of_invitations() {
    let op = InviteMember::new("1763204937392700288", "0027821234567");
    assert_eq!(wire(&op), "POST /usergroupsInvite/invite/1763204937392700288?mobile=0027821234567");
    for (number, got) in [
        ("+27821234567", "a text with something else than digits"),
        ("0027", "a text of 4 digits or fewer"),
        ("", "a text of 4 digits or fewer"),
    ] {
        assert_eq!(
            message(&op.clone().mobile(number)),
            format!("mobile: got {got}, allowed: digits: a code of 4 such as 0027, and the number"),
        );
    }
    assert_eq!(wire(&ListInvitees::new("7")), "GET /usergroupsInvite/inviteList/7");
    assert_eq!(wire(&ListPendingInvitations::new()), "GET /usergroupsInvite/inviteConfrimList");
    assert_eq!(wire(&GetInvitation::new("8")), "GET /usergroupsInvite/detail/8");
    let op = ConfirmInvitation::new("7", "8", InvitationReply::Decline);
    assert_eq!(wire(&op), "POST /usergroupsInvite/inviteConfirm/7\n{\"inviteId\":\"8\",\"confirm\":0}");
    assert_eq!(message(&op.confirm(InvitationReply::Other(2))), "confirm: got 2, allowed: 0 (Decline), 1 (Join)");
    assert_eq!(
        wire(&RemoveMember::new("7", "2").owner_id("1")),
        "POST /usergroupsInvite/deleteMember?groupId=7&deleteUserId=2&ownerId=1",
    );
    assert_eq!(message(&RemoveMember::new("7", "2")), "ownerId: got nothing, allowed: a text; it is required");
}

/// A list in the table is an object with another name in the example.
#[test]
fn answers_about_invitations() {
    let sent = parse::<InviteMember>(r#"{"inviteId": "17651****7249", "code": 0, "msg": "success"}"#).unwrap();
    assert_eq!(sent.invite_id.as_deref(), Some("17651****7249"));

    let invitation =
        r#"{"expireTime": "Tue Sep 02 02:25:46 UTC 2025", "shareFolderName": "2025", "inviteId": "1765143"}"#;
    let (one, notes) = noted::<GetInvitation>(&format!(r#"{{"detail": {invitation}, "code": 0}}"#));
    let detail = one.detail.unwrap();
    assert_eq!((detail.invite_id.as_deref(), notes.len()), (Some("1765143"), 0));
    for body in [format!(r#"{{"detail": {invitation}}}"#), format!(r#"{{"details": [{invitation}], "code": 0}}"#)] {
        let (pending, notes) = noted::<ListPendingInvitations>(&body);
        assert_eq!((&pending.details[..], notes.len()), (std::slice::from_ref(&detail), 0), "{body}");
    }

    let invitees =
        noted::<ListInvitees>(r#"{"details": [{"inviteePhone": "0027176****932", "status": 2}], "code": 0}"#).0;
    assert_eq!(invitees.details[0].status, Some(InvitationStatus::Rejected));
}
