//! What the service does with invitations into shared folders, and with those who joined.
//!
//! People are invited by their mobile number, so an invitation can be there before its user is.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::shared_folders::{self, MOST_MEMBERS};
use crate::families::users::{self, User};
use crate::families::{groups, messages};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

/// How long an invitation can be answered.
const LIFETIME: TimeDelta = TimeDelta::days(1);

/// How many invitations into a folder are kept.
const MOST: usize = 100;

const PENDING: u64 = 0;
const ACCEPTED: u64 = 1;
const REJECTED: u64 = 2;

/// An invitation into a shared folder, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub(crate) group_id: String,
    /// Who invites.
    pub(crate) inviter: String,
    /// Who is invited, with the code of the country: `0027821234567`.
    pub(crate) mobile: String,
    /// 0 is pending, 1 accepted, 2 rejected.
    pub(crate) status: u64,
    pub(crate) created: DateTime<Utc>,
}

impl Row for Invitation {
    /// Invitations are listed under the group of the shared folder.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.group_id)
    }

    /// Invitations are found by who invites.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed(&self.inviter)]
    }
}

impl Invitation {
    fn expires(&self) -> DateTime<Utc> {
        times::after(self.created, LIFETIME)
    }

    fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.status == PENDING && now < self.expires()
    }

    /// Whether it is for a user, whose number may lack the code of the country.
    fn is_for(&self, user: &User) -> bool {
        !user.mobile.is_empty() && (self.mobile == user.mobile || self.mobile.get(4..) == Some(&*user.mobile))
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "InviteMember" => invite(call),
        "ListInvitees" => list(call),
        "GetInvitation" => {
            let id = call.required("inviteId");
            let invitation = find(call.store, &id)?;
            Ok(Reply::default().with("detail", info(call.store, &id, invitation)?))
        }
        "ListPendingInvitations" => Ok(Reply::default().with("details", pending(call)?)),
        "ConfirmInvitation" => answer(call),
        "RemoveMember" => remove(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn invite(call: &mut Call<'_>) -> Answer {
    let (group_id, mobile, now) = (call.required("groupId"), call.required("mobile"), call.now);
    let folder = shared_folders::of_group(call.store, &group_id)?.1;
    let name = shared_folders::name(call.store, folder);
    if !groups::has_member(call.store, &group_id, call.user_id) {
        return Err(Refusal::new("13000410", "only members invite into a shared folder"));
    }
    check_room(call.store, &group_id)?;
    let invitation = Invitation {
        group_id: group_id.clone(),
        inviter: call.user_id.to_owned(),
        mobile: mobile.clone(),
        status: PENDING,
        created: now,
    };
    let invited = call.store.users.iter().find(|(_, user)| invitation.is_for(user)).map(|(id, _)| id.to_owned());
    if invited.as_ref().is_some_and(|user_id| groups::has_member(call.store, &group_id, user_id)) {
        return Err(Refusal::new("13000102", "this person is a member already"));
    }
    // A person has one invitation at a time.
    let earlier = call.store.invitations.under(&group_id).filter(|(_, earlier)| earlier.mobile == mobile);
    for id in earlier.map(|(id, _)| id.to_owned()).collect::<Vec<_>>() {
        call.store.invitations.remove(&id);
    }
    let id = call.store.next_id();
    call.store.invitations.insert(&*id, invitation);
    call.store.invitations.keep_latest(Some(&group_id), MOST);
    if let Some(user_id) = invited {
        let text = format!("{} invites you into the shared folder {name}.", users::name(call.store, call.user_id));
        messages::tell(call.store, &user_id, "Invitation", &text, now);
    }
    Ok(Reply::default().with("inviteId", id))
}

/// Withdraws the invitations by a user who is gone.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    store.invitations.remove_keyed(user_id);
}

/// Refuses another member if there are as many as there may be.
fn check_room(store: &Store, group_id: &str) -> Result<(), Refusal> {
    if store.group_members.under(group_id).count() < MOST_MEMBERS {
        Ok(())
    } else {
        Err(Refusal::new("13000102", format!("a shared folder has at most {MOST_MEMBERS} members")))
    }
}

fn find<'a>(store: &'a Store, id: &str) -> Result<&'a Invitation, Refusal> {
    store.invitations.get(id).ok_or_else(|| Refusal::new("13000309", "there is no such invitation"))
}

/// ListInvitees, which is for the owner.
fn list(call: &Call<'_>) -> Answer {
    let group_id = call.required("groupId");
    if shared_folders::of_group(call.store, &group_id)?.1.owner_id != call.user_id {
        return Err(Refusal::new("13000410", "only the owner sees who was invited"));
    }
    let rows = call.store.invitations.under(&group_id).map(|(id, invitation)| {
        json!({
            "createTime": times::in_words(invitation.created),
            "expireTime": times::in_words(invitation.expires()),
            "inviteId": id,
            "inviteePhone": users::masked(&invitation.mobile),
            "status": invitation.status,
        })
    });
    Ok(Reply::default().with("details", rows.collect::<Vec<_>>()))
}

/// Returns the invitations that the caller can answer.
fn pending(call: &Call<'_>) -> Result<Vec<Json>, Refusal> {
    let store = &*call.store;
    let Some(user) = store.users.get(call.user_id) else { return Ok(Vec::new()) };
    let open = store.invitations.iter().filter(|(_, invitation)| {
        let is_there = shared_folders::of_group(store, &invitation.group_id).is_ok();
        invitation.is_for(user) && invitation.is_open(call.now) && is_there
    });
    open.map(|(id, invitation)| info(store, id, invitation)).collect()
}

fn info(store: &Store, id: &str, invitation: &Invitation) -> Result<Json, Refusal> {
    let folder = shared_folders::of_group(store, &invitation.group_id)?.1;
    let mobile = store.users.get(&invitation.inviter).map_or("", |user| &user.mobile);
    Ok(json!({
        "createTime": times::in_words(invitation.created),
        "expireTime": times::in_words(invitation.expires()),
        "inviterPhone": users::masked(mobile),
        "shareFolderName": shared_folders::name(store, folder),
        "inviteId": id,
        "groupId": invitation.group_id,
    }))
}

fn answer(call: &mut Call<'_>) -> Answer {
    let (group_id, id, joins) =
        (call.required("groupId"), call.required("inviteId"), call.number("confirm") == Some(1));
    let (user_id, now) = (call.user_id, call.now);
    let invitation = find(call.store, &id)?;
    let folder = shared_folders::of_group(call.store, &group_id)?.1;
    if !call.store.users.get(user_id).is_some_and(|user| invitation.is_for(user)) {
        return Err(Refusal::new("13000410", "the invitation is for somebody else"));
    }
    if invitation.group_id != group_id || !invitation.is_open(now) {
        return Err(Refusal::new("13000309", "the invitation is not open, or is into another group"));
    }
    let (name, inviter) = (shared_folders::name(call.store, folder), invitation.inviter.clone());
    let status = if joins { ACCEPTED } else { REJECTED };
    if joins {
        check_room(call.store, &group_id)?;
        groups::add_member(call.store, &group_id, user_id, groups::ORDINARY, "", None, now);
    }
    call.store.invitations.update(&id, |invitation| invitation.status = status);
    let does = if joins { "joins" } else { "doesn't join" };
    let text = format!("{} {does} the shared folder {name}.", users::name(call.store, user_id));
    messages::tell(call.store, &inviter, "Reply to an invitation", &text, now);
    Ok(Reply::default())
}

/// Takes a member out. The caller, whom `ownerId` names, is the owner of the group or that member.
fn remove(call: &mut Call<'_>) -> Answer {
    let (caller, group_id) = (call.required("ownerId"), call.required("groupId"));
    let (member, now) = (call.required("deleteUserId"), call.now);
    let folder = shared_folders::of_group(call.store, &group_id)?.1;
    let (owner, name) = (folder.owner_id.clone(), shared_folders::name(call.store, folder));
    if caller != call.user_id || (caller != member && caller != owner) {
        return Err(Refusal::new("13000410", "a member leaves, or the owner takes them out"));
    }
    if member == owner {
        return Err(Refusal::new("13000102", "the owner doesn't leave a shared folder, but deletes it"));
    }
    if call.store.group_members.remove(&groups::member_id(&group_id, &member)).is_none() {
        return Err(Refusal::new("13000309", "there is no such member"));
    }
    let (told, text) = if caller == member {
        (owner, format!("{} has left the shared folder {name}.", users::name(call.store, &member)))
    } else {
        (member, format!("You were taken out of the shared folder {name}."))
    };
    messages::tell(call.store, &told, "Shared folder", &text, now);
    Ok(Reply::default())
}
