//! Giving spaces to owners, changing and deleting them, and the capacity that there is for each kind.

use std::borrow::Cow;

use koodrive_proto::ops::spaces::SpaceType;
use serde_json::Value as Json;

use crate::call::{self, Answer, Call};
use crate::families::permissions::{self, Permit};
use crate::families::spaces::{self, read};
use crate::families::{groups, shared_folders};
use crate::reply::{Refusal, Reply};
use crate::store::Store;

/// How much there is for each kind of space, in GB, until it is transferred: ten times the largest space.
const TOTAL_GB: u64 = 10 * 104_857_600;

/// The size of a group's space if the call doesn't say it.
const GROUP_GB: u64 = 1;

/// Returns how much there is for a kind of space, and how much of it is given out, in GB.
pub(super) fn capacity(store: &Store, kind: SpaceType) -> (u64, u64) {
    let total = store.counters.get(&counter(kind)).copied().unwrap_or(TOTAL_GB);
    let spaces = store.spaces.values().filter(|space| space.kind == kind.number());
    (total, spaces.fold(0, |sum, space| sum.saturating_add(space.capacity_gb)))
}

fn counter(kind: SpaceType) -> String {
    format!("capacity {}", kind.number())
}

/// Refuses to give out more than there is.
fn check_capacity(store: &Store, kind: SpaceType, more_gb: u64) -> Result<(), Refusal> {
    let (total, given) = capacity(store, kind);
    if given.checked_add(more_gb).is_some_and(|given| given <= total) {
        Ok(())
    } else {
        Err(Refusal::new("13000311", format!("{given} GB of {total} GB are given out")))
    }
}

/// Gives a new space to an owner, who exists.
fn allot(call: &mut Call<'_>, owner_id: &str, kind: SpaceType, capacity_gb: u64) -> Result<String, Refusal> {
    if capacity_gb == 0 {
        return Err(Refusal::new("13000102", "a space has at least 1 GB"));
    }
    check_capacity(call.store, kind, capacity_gb)?;
    let id = spaces::add(call.store, owner_id, kind, capacity_gb, call.now);
    let user_id = call.user_id;
    call.store.spaces.update(&id, |space| {
        user_id.clone_into(&mut space.creator);
        user_id.clone_into(&mut space.modifier);
    });
    Ok(id)
}

/// CreateSpace: another space for a user, or the space of a department or group.
pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let owner_id = call.required("ownerId");
    let kind = SpaceType::from(call.required("type").parse::<i64>().unwrap_or_default());
    let store = &*call.store;
    let has_space = store.spaces.under(&owner_id).any(|(_, space)| space.kind == kind.number());
    let exists = match kind {
        SpaceType::Individual => has_space || store.users.contains(&owner_id),
        SpaceType::Department => has_space || store.departments.contains(&owner_id),
        // The group of a shared folder is nobody's to see.
        _ => has_space || (store.groups.contains(&owner_id) && !shared_folders::has_group(store, &owner_id)),
    };
    if !exists {
        return Err(Refusal::new("13000309", "there is no such owner"));
    }
    if has_space && kind != SpaceType::Individual {
        return Err(Refusal::new("13000102", "the department or group has a space already"));
    }
    let capacity = call.number("capacity").unwrap_or_default();
    let id = allot(call, &owner_id, kind, capacity)?;
    let capabilities = call.json("capabilities").map(Cow::into_owned);
    if let Some(capabilities) = capabilities.filter(|_| kind != SpaceType::Individual) {
        let permit = permissions::read(call.store, permissions::ANONYMOUS, Some(&capabilities))?;
        permissions::begin_with(call.store, &owner_id, permit, call.user_id);
    }
    Ok(Reply::data(call.store.spaces.get(&id).map(|space| read::created(&id, space, call.user_id))))
}

pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let (id, now, user_id) = (spaces::find(call)?, call.now, call.user_id);
    let (capacity, status) = (call.number("capacity"), call.text("status"));
    if let (Some(capacity), Some(space)) = (capacity, call.store.spaces.get(&id)) {
        let more = capacity.saturating_sub(space.capacity_gb);
        if more > 0 {
            check_capacity(call.store, SpaceType::from(space.kind), more)?;
        }
    }
    call.store.spaces.update(&id, |space| {
        space.capacity_gb = capacity.unwrap_or(space.capacity_gb);
        space.status = status.unwrap_or_else(|| space.status.clone());
        user_id.clone_into(&mut space.modifier);
        space.updated = now;
    });
    Ok(Reply::default())
}

/// CreateGroupSpace: a group that the caller owns, its members, and its space.
pub(super) fn create_group(call: &mut Call<'_>) -> Answer {
    let (now, owner_id) = (call.now, call.user_id.to_owned());
    let (name, icon) = (call.required("name"), call.text("iconUrl").unwrap_or_default());
    let capacity = call.number("capacity").unwrap_or(GROUP_GB);
    let users = call.objects("addGroupUsers");
    let group_id = groups::create(call.store, &name, 0, &owner_id, now);
    call.store.groups.update(&group_id, |group| group.icon_url = icon);
    let mut failed: Vec<Json> = Vec::new();
    for user in users {
        let text = |name: &str| user.get(name).and_then(call::text).unwrap_or_default();
        let (user_id, template) = (text("userId"), text("template"));
        let capabilities = user.get("capabilities").filter(|sent| sent.is_object());
        let Permit { template, capabilities } = permissions::read(call.store, &template, capabilities)?;
        let store = &mut *call.store;
        if user_id != owner_id
            && !groups::add_member(store, &group_id, &user_id, groups::ORDINARY, &template, capabilities, now)
        {
            failed.push(user_id.into());
        }
    }
    let id = allot(call, &group_id, SpaceType::Group, capacity)?;
    Ok(Reply::default().with("id", id).with("failedList", failed))
}

/// DeleteGroupSpace: the space goes, and the group with it.
pub(super) fn delete_group(call: &mut Call<'_>) -> Answer {
    let group_id = call.required("groupId");
    groups::changeable(call.store, &group_id)?;
    if !call.store.spaces.under(&group_id).any(|(_, space)| space.kind == SpaceType::Group.number()) {
        return Err(Refusal::new("13000301", "the group has none"));
    }
    groups::remove(call.store, &group_id);
    Ok(Reply::default())
}

/// TransferUnallocatedSpace: takes capacity that isn't given out from one kind of space, and gives it to others.
pub(super) fn transfer(call: &mut Call<'_>) -> Answer {
    let origin = SpaceType::from(call.required("originType").parse::<i64>().unwrap_or_default());
    for target in call.objects("target") {
        let number = |name: &str| target.get(name).and_then(call::text).and_then(|text| text.parse::<u64>().ok());
        let kind = SpaceType::from(number("type").and_then(|kind| i64::try_from(kind).ok()).unwrap_or_default());
        let more = number("expandCapacity").unwrap_or_default();
        check_capacity(call.store, origin, more)?;
        let less = capacity(call.store, origin).0 - more;
        call.store.counters.insert(counter(origin), less);
        let more = capacity(call.store, kind).0.saturating_add(more);
        call.store.counters.insert(counter(kind), more);
    }
    Ok(Reply::default())
}
