//! What the service does with user groups, and with their members.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::spaces::SpaceType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::call::{self, Answer, Call};
use crate::families::permissions::{self, Permit};
use crate::families::{albums, shared_folders, shares, spaces, users};
use crate::page::{self, Entry, Sort};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

pub(crate) const OWNER: i64 = 0;
const ADMINISTRATOR: i64 = 1;
pub(crate) const ORDINARY: i64 = 2;

/// A group of users, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// 0 is a group, which can have a space, and 1 a user group.
    pub(crate) source_type: i64,
    pub(crate) owner_id: String,
    /// The address of the picture; empty without one.
    pub(crate) icon_url: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
}

impl Row for Group {}

/// A member of a group, under [`member_id`]. The owner is one as well.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) group_id: String,
    pub(crate) user_id: String,
    pub(crate) role: i64,
    /// The permission template.
    pub(crate) template: String,
    /// The permissions themselves, where they differ from the template's.
    pub(crate) capabilities: Option<Json>,
    /// Whether the member has pinned the group to the top.
    pub(crate) pinned: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
}

impl Row for Member {
    /// Members are listed under their group.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.group_id)
    }

    /// The groups of a user are found by the user.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed(&self.user_id)]
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateUserGroup" => {
            let (name, kind) = (call.required("groupName"), number(call, "sourceType").unwrap_or_default());
            let id = create(call.store, &name, kind, call.user_id, call.now);
            Ok(Reply::default().with("id", id))
        }
        "ListUserGroups" => list(call),
        "UpdateUserGroup" => update(call),
        "DeleteUserGroup" => {
            let id = call.required("groupId");
            changeable(call.store, &id)?;
            remove(call.store, &id);
            Ok(Reply::default())
        }
        "AddUserGroupMembers" => add_members(call),
        "RemoveUserGroupMembers" => remove_members(call),
        "ListUserGroupMembers" => list_members(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Lists the groups that the caller has joined, those pinned to the top first.
fn list(call: &Call<'_>) -> Answer {
    let (kind, name) = (number(call, "sourceType"), call.text("groupName").unwrap_or_default());
    let joined = call.store.group_members.keyed(call.user_id).filter_map(|(_, member)| {
        let group = call.store.groups.get(&member.group_id)?;
        let fits = Some(group.source_type) == kind && group.name.contains(&name);
        fits.then_some((member.group_id.as_str(), group, member))
    });
    let rows: Vec<Entry> = joined
        .map(|(id, group, member)| Entry {
            key: page::rank(u64::from(!member.pinned)),
            id: id.to_owned(),
            row: json!({
                "id": id,
                "groupName": group.name,
                "ownerId": group.owner_id,
                "createdTime": times::millis(group.created),
                "updatedTime": times::millis(group.updated),
            }),
        })
        .collect();
    let total = rows.len();
    let (rows, next) = page::by_cursor(call, rows, Sort::new("", false), "pageCursor", "pageSize")?;
    Ok(Reply::members(page::cursor_members("userGroupList", rows, next)).with("total", total))
}

/// Changes the group, and the role or the pin of a member: of the one that is named, or else of the caller.
fn update(call: &mut Call<'_>) -> Answer {
    let (id, name, icon) = (call.required("groupId"), call.required("groupName"), call.text("iconUrl"));
    let (kind, role, top) = (number(call, "sourceType"), number(call, "role"), number(call, "top"));
    let user_id = call.text("userId").unwrap_or_else(|| call.user_id.to_owned());
    let (now, store) = (call.now, &mut *call.store);
    let group = changeable(store, &id)?;
    if Some(group.source_type) != kind {
        return Err(Refusal::new("13000309", "there is no such group of this kind"));
    }
    let owner_id = group.owner_id.clone();
    if role.is_some() || top.is_some() {
        let member = member_id(&id, &user_id);
        let changed = store.group_members.update(&member, |member| {
            member.role = role.unwrap_or(member.role);
            member.pinned = top.map_or(member.pinned, |top| top == 1);
            member.updated = now;
        });
        if !changed {
            return Err(Refusal::new("13000309", "the user is no member of the group"));
        }
    }
    let handed_over = role == Some(OWNER) && user_id != owner_id;
    if handed_over {
        store.group_members.update(&member_id(&id, &owner_id), |member| member.role = ADMINISTRATOR);
    } else if role.is_some_and(|role| role != OWNER) && user_id == owner_id {
        return Err(Refusal::new("13000102", "the group needs an owner"));
    }
    store.groups.update(&id, |group| {
        group.name = name;
        group.icon_url = icon.unwrap_or_else(|| group.icon_url.clone());
        group.updated = now;
        if handed_over {
            group.owner_id = user_id;
        }
    });
    Ok(Reply::default())
}

fn add_members(call: &mut Call<'_>) -> Answer {
    let (id, users) = (call.required("group_id"), call.objects("amendModRoles"));
    changeable(call.store, &id)?;
    Ok(change(&users, |user_id, user| {
        let template = user.get("template").and_then(call::text).unwrap_or_default();
        let capabilities = user.get("capabilities").filter(|set| !set.is_null()).cloned();
        let permit = permissions::read(call.store, &template, capabilities.as_ref());
        permit.is_ok_and(|Permit { template, capabilities }| {
            add_member(call.store, &id, user_id, ORDINARY, &template, capabilities, call.now)
        })
    }))
}

fn remove_members(call: &mut Call<'_>) -> Answer {
    let (id, users) = (call.required("groupId"), call.objects("amendModRoles"));
    let owner_id = changeable(call.store, &id)?.owner_id.clone();
    Ok(change(&users, |user_id, _| {
        user_id != owner_id && call.store.group_members.remove(&member_id(&id, user_id)).is_some()
    }))
}

/// Changes members one by one, and tells for whom it failed.
fn change(users: &[Map<String, Json>], mut change: impl FnMut(&str, &Map<String, Json>) -> bool) -> Reply {
    let mut failed = Vec::new();
    for user in users {
        let user_id = user.get("userId").and_then(call::text).unwrap_or_default();
        if !change(&user_id, user) {
            failed.push(user_id);
        }
    }
    let status = match failed.len() {
        0 => 0,
        some if some < users.len() => 1,
        _ => 2,
    };
    Reply::default().with("status", status).with("failedList", failed)
}

/// Lists the members in the order of their ids.
fn list_members(call: &Call<'_>) -> Answer {
    let (id, word) = (call.required("groupId"), call.text("keyWord").unwrap_or_default());
    find(call.store, &id)?;
    let members = call.store.group_members.under(&id).map(|(_, member)| member);
    let members: Vec<&Member> =
        members.filter(|member| users::name(call.store, &member.user_id).contains(&word)).collect();
    let total = members.len();
    let members = page::by_offset(call, members, "offset", "limit")?;
    let rows: Vec<Json> = members.into_iter().map(|member| member_info(call.store, member)).collect();
    Ok(Reply::default().with("userGroupMemberInfos", rows).with("total", total))
}

fn member_info(store: &Store, member: &Member) -> Json {
    let mut info = json!({
        "userId": member.user_id,
        "userName": users::name(store, &member.user_id),
        "createdTime": times::millis(member.created),
        "updatedTime": times::millis(member.updated),
        "role": member.role,
        "top": i32::from(member.pinned),
    });
    if let Some(user) = store.users.get(&member.user_id) {
        info["mobile"] = users::masked(&user.mobile).into();
        if let Some(department) = store.departments.get(&user.department_id) {
            info["deptId"] = user.department_id.as_str().into();
            info["deptName"] = department.name.as_str().into();
        }
    }
    info
}

fn number(call: &Call<'_>, path: &str) -> Option<i64> {
    call.text(path)?.parse().ok()
}

/// Creates a group, whose owner is its first member, and returns its id.
pub(crate) fn create(store: &mut Store, name: &str, source_type: i64, owner_id: &str, now: DateTime<Utc>) -> String {
    let id = store.next_id();
    put(store, &id, name, source_type, owner_id, now);
    id
}

/// Creates a group under an id of the caller's choice.
pub(crate) fn put(store: &mut Store, id: &str, name: &str, source_type: i64, owner_id: &str, now: DateTime<Utc>) {
    let group = Group {
        name: name.to_owned(),
        source_type,
        owner_id: owner_id.to_owned(),
        icon_url: String::new(),
        created: now,
        updated: now,
    };
    store.groups.insert(id, group);
    add_member(store, id, owner_id, OWNER, "", None, now);
}

/// Adds a member, and returns whether that is possible: for a user who is there, and no member yet.
pub(crate) fn add_member(
    store: &mut Store,
    group_id: &str,
    user_id: &str,
    role: i64,
    template: &str,
    capabilities: Option<Json>,
    now: DateTime<Utc>,
) -> bool {
    let id = member_id(group_id, user_id);
    if !store.users.contains(user_id) || store.group_members.contains(&id) {
        return false;
    }
    let member = Member {
        group_id: group_id.to_owned(),
        user_id: user_id.to_owned(),
        role,
        template: template.to_owned(),
        capabilities,
        pinned: false,
        created: now,
        updated: now,
    };
    store.group_members.insert(id, member);
    true
}

/// Removes a group, with its members, its space, its albums, and the shared folder that it is for.
pub(crate) fn remove(store: &mut Store, id: &str) {
    shared_folders::end(store, id);
    albums::forget_group(store, id);
    shares::forget_receiver(store, shares::GROUP, id);
    spaces::remove_of(store, id, SpaceType::Group);
    store.group_members.remove_under(id);
    store.groups.remove(id);
}

/// Takes a user out of all groups. The groups that they own are removed.
pub(crate) fn leave_all(store: &mut Store, user_id: &str) {
    for id in store.group_members.ids_keyed(user_id) {
        let Some(member) = store.group_members.remove(&id) else { continue };
        if store.groups.get(&member.group_id).is_some_and(|group| group.owner_id == user_id) {
            remove(store, &member.group_id);
        }
    }
}

/// Returns the users who belong to a group.
pub(crate) fn members<'a>(store: &'a Store, group_id: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    store.group_members.under(group_id).map(|(_, member)| member.user_id.as_str())
}

/// Returns the ids of the groups that a user belongs to.
pub(crate) fn of<'a>(store: &'a Store, user_id: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    store.group_members.keyed(user_id).map(|(_, member)| member.group_id.as_str())
}

pub(crate) fn find<'a>(store: &'a Store, id: &str) -> Result<&'a Group, Refusal> {
    store.groups.get(id).ok_or_else(|| Refusal::new("13000309", "there is no such group"))
}

/// Finds a group that calls may change. The members of a shared folder are changed by invitations, and nothing else.
pub(crate) fn changeable<'a>(store: &'a Store, id: &str) -> Result<&'a Group, Refusal> {
    if shared_folders::has_group(store, id) {
        return Err(Refusal::new("13000410", "it is the group of a shared folder"));
    }
    find(store, id)
}

pub(crate) fn member_id(group_id: &str, user_id: &str) -> String {
    format!("{group_id}/{user_id}")
}

/// Whether a user belongs to a group.
pub(crate) fn has_member(store: &Store, group_id: &str, user_id: &str) -> bool {
    store.group_members.contains(&member_id(group_id, user_id))
}

/// Returns a user's role in a group, which is that of an ordinary member for others.
pub(crate) fn role(store: &Store, group_id: &str, user_id: &str) -> i64 {
    store.group_members.get(&member_id(group_id, user_id)).map_or(ORDINARY, |member| member.role)
}
