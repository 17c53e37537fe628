//! Invitations of the carrier edition: asking people to join a shared folder, their replies, and taking members out.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`InviteMember`] | invites a person into a shared folder |
//! | [`ListInvitees`] | lists those whom the owner has invited |
//! | [`ListPendingInvitations`] | lists the invitations that the caller has not answered |
//! | [`GetInvitation`] | reads one invitation |
//! | [`ConfirmInvitation`] | accepts or declines an invitation |
//! | [`RemoveMember`] | takes a member out of a shared folder |
//!
//! A shared folder is named by the id of its user group. Its owner finds that in the answer of
//! [`GetSharedFolder`](crate::ops::shared_folders::GetSharedFolder), and who is invited finds it in the invitation:
//!
//! ```
//! # use koodrive_proto::ops::invitations::{ConfirmInvitation, InvitationReply, InviteMember, ListInvitees};
//! # use koodrive_proto::ops::invitations::ListPendingInvitations;
//! // The owner invites somebody.
//! InviteMember::new("1763204937392700288", "0027821234567");
//! // This person looks for invitations, and accepts one.
//! ListPendingInvitations::new();
//! ConfirmInvitation::new("1763204937392700288", "1765143000000000001", InvitationReply::Join);
//! // The owner sees who has accepted.
//! ListInvitees::new("1763204937392700288");
//! ```
//!
//! In the tables, the ids of groups and invitations are numbers in paths and queries, and texts in bodies and answers;
//! here they are texts everywhere. Times have the form `Sat Aug 30 10:04:26 UTC 2025` in the examples.

use crate::param::{GroupId, UserId};
use crate::schema::Rule;
use crate::{answer, choices, operation, text};

operation! {
    /// Invites a person, named by a mobile number, into a shared folder.
    ///
    /// This is a POST without a body: by the table, `mobile` is in the query, while the example writes it as
    /// `param:mobile=…` behind the path.
    ///
    /// Source: UserGroupInvite, carrier (2026-02-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::invitations::InviteMember;
    /// InviteMember::new("1763204937392700288", "0027821234567");
    /// ```
    POST "/koodrive/ose/v1/usergroupsInvite/invite/{groupId}" InviteMember = "UserGroupInvite" -> SentInvitation;
    AppOrToken, Once, Carrier Full;
    path {
        /// The id of the shared folder's user group.
        group_id: GroupId = "groupId",
    }
    query {
        /// The mobile number of the person.
        mobile: MobileNumber,
    }
}

text! {
    /// A mobile number with its country: an international area code of 4 digits such as `0027`, and the number itself.
    pub struct MobileNumber: Rule::new("digits: a code of 4 such as 0027, and the number", "0027821234567", |number| {
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            Err("a text with something else than digits")
        } else if number.len() <= 4 {
            Err("a text of 4 digits or fewer")
        } else {
            Ok(())
        }
    });
}

answer! {
    /// The answer of [`InviteMember`].
    SentInvitation {
        /// The id of the invitation.
        invite_id: Option<String>,
    }
}

operation! {
    /// Lists those whom the owner of a shared folder has invited.
    ///
    /// The listing has no pages.
    ///
    /// Source: InviteList, carrier (2026-02-12); only the beginning of the answer's example could be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::invitations::ListInvitees;
    /// ListInvitees::new("1763204937392700288");
    /// ```
    GET "/koodrive/ose/v1/usergroupsInvite/inviteList/{groupId}" ListInvitees = "InviteList" -> Invitees;
    AppOrToken, ReadOnly, Carrier Partial;
    path {
        /// The id of the shared folder's user group.
        group_id: GroupId = "groupId",
    }
}

answer! {
    /// The answer of [`ListInvitees`].
    Invitees {
        /// Those who were invited.
        details: Vec<Invitee>,
    }
}

answer! {
    /// Somebody who was invited.
    Invitee {
        /// When the invitation was made.
        create_time: Option<String>,
        /// When the invitation expires; the example has `Sat Aug 30 10:04:26 UTC 2025`.
        expire_time: Option<String>,
        /// The id of the invitation.
        invite_id: Option<String>,
        /// The mobile number of the person, masked: `0027176****932`.
        invitee_phone: Option<String>,
        /// What has become of the invitation.
        status: Option<InvitationStatus>,
    }
}

choices! {
    /// What has become of an invitation.
    pub enum InvitationStatus: number {
        /// It has not been answered.
        Pending = 0,
        /// It was accepted.
        Accepted = 1,
        /// It was declined.
        Rejected = 2,
    }
}

operation! {
    /// Lists the invitations that the caller has not answered yet.
    ///
    /// The listing has no pages. The path is spelled `inviteConfrimList` everywhere on the page, and so it is here.
    ///
    /// The page's table has a list `details`. Its example has one object `detail`, as that of [`GetInvitation`] has;
    /// this form is read as a list of one.
    ///
    /// Source: InviteConfrimList, carrier (2026-02-12); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::invitations::ListPendingInvitations;
    /// ListPendingInvitations::new();
    /// ```
    GET "/koodrive/ose/v1/usergroupsInvite/inviteConfrimList" ListPendingInvitations = "InviteConfrimList"
        -> PendingInvitations;
    AppOrToken, ReadOnly, Carrier Partial;
}

answer! {
    /// The answer of [`ListPendingInvitations`].
    PendingInvitations {
        /// The invitations, which are called `details` in the table and `detail` in the example.
        details: Vec<Invitation> = "details" | "detail",
    }
}

answer! {
    /// An invitation into a shared folder.
    Invitation {
        /// When the invitation was made. It is in the tables; the beginnings of the examples don't have it.
        create_time: Option<String>,
        /// When the invitation expires; the example has `Tue Sep 02 02:25:46 UTC 2025`.
        expire_time: Option<String>,
        /// The mobile number of the person who invites. It is documented as masked (`0027176****932`), but the example
        /// has what looks like an encrypted text in Base64.
        inviter_phone: Option<String>,
        /// The name of the shared folder.
        share_folder_name: Option<String>,
        /// The id of the invitation.
        invite_id: Option<String>,
        /// The id of the shared folder's user group.
        group_id: Option<GroupId>,
    }
}

operation! {
    /// Reads one invitation.
    ///
    /// The id in the page's example is one that other pages have as the id of a user group.
    ///
    /// Source: InviteDetail, carrier (2026-02-03); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::invitations::GetInvitation;
    /// GetInvitation::new("1763204937392700288");
    /// ```
    GET "/koodrive/ose/v1/usergroupsInvite/detail/{inviteId}" GetInvitation = "InviteDetail" -> FoundInvitation;
    AppOrToken, ReadOnly, Carrier Partial;
    path {
        /// The id of the invitation.
        invite_id: String = "inviteId",
    }
}

answer! {
    /// The answer of [`GetInvitation`].
    FoundInvitation {
        /// The invitation.
        detail: Option<Invitation>,
    }
}

operation! {
    /// Accepts or declines an invitation.
    ///
    /// Source: InviteConfirm, carrier (2026-02-12); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::invitations::{ConfirmInvitation, InvitationReply};
    /// ConfirmInvitation::new("1763204937392700288", "1765143000000000001", InvitationReply::Decline);
    /// ```
    POST "/koodrive/ose/v1/usergroupsInvite/inviteConfirm/{groupId}" ConfirmInvitation = "InviteConfirm" -> ();
    AppOrToken, Once, Carrier Partial;
    path {
        /// The id of the shared folder's user group, from the answer of [`ListPendingInvitations`].
        group_id: GroupId = "groupId",
    }
    body {
        /// The id of the invitation, from the answer of [`InviteMember`] or [`ListPendingInvitations`].
        invite_id: String = "inviteId",
        /// What the caller replies.
        confirm: InvitationReply,
    }
}

choices! {
    /// What one replies to an invitation.
    pub enum InvitationReply: number {
        /// Declines it.
        Decline = 0,
        /// Accepts it, and joins the shared folder.
        Join = 1,
    }
}

operation! {
    /// Takes a member out of a shared folder, or lets the caller leave it.
    ///
    /// If `owner_id` and `delete_user_id` are the same, the user leaves; otherwise the owner of the group removes the
    /// member. So `owner_id` can hardly be the owner of the folder in the first case; our reading is that it is the id
    /// of the user who makes the call. The table requires it, and the example doesn't have it.
    ///
    /// This is a POST without a body: by the table, all parameters are in the query, while the example writes them
    /// behind `param;`.
    ///
    /// Source: ShareFolderDeleteMember, carrier (2026-02-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::invitations::RemoveMember;
    /// // The user 1505084218764547200 removes the user 1700618280076834305.
    /// RemoveMember::new("1763204937392700288", "1700618280076834305").owner_id("1505084218764547200");
    /// ```
    POST "/koodrive/ose/v1/usergroupsInvite/deleteMember" RemoveMember = "ShareFolderDeleteMember" -> ();
    AppOrToken, Once, Carrier Full;
    query {
        /// The id of the shared folder's user group.
        group_id: GroupId = "groupId",
        /// The id of the member to remove.
        delete_user_id: UserId = "deleteUserId",
        {
            /// The id of the user who makes the call, by our reading.
            owner_id: UserId = "ownerId",
        }
    }
}
