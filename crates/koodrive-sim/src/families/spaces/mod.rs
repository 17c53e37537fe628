//! What the service does with spaces.

mod manage;
mod read;

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::spaces::{SpaceStatus, SpaceType};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::call::{Answer, Call};
use crate::families::{departments, files, groups, permissions, shared_folders, shares};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

/// When the spaces that exist from the beginning were created, taken from the example of GetSpaceUsageByUser.
pub(crate) const CREATED: &str = "2025-11-12T08:37:14.613Z";
/// Who created the spaces that exist from the beginning, taken from the same example.
const CREATOR: &str = "369528171409614001";

/// A space, under its containerId.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Space {
    /// A user, a department or a group.
    pub(crate) owner_id: String,
    /// The number of a [`SpaceType`].
    pub(crate) kind: i64,
    /// A [`SpaceStatus`].
    pub(crate) status: String,
    pub(crate) capacity_gb: u64,
    /// Bytes of all files, those in the recycle bin included.
    pub(crate) used: u64,
    pub(crate) creator: String,
    pub(crate) modifier: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
}

impl Row for Space {
    /// Spaces are listed under their owner.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.owner_id)
    }
}

/// Puts the spaces of the owners in the manual's examples: a user and a department with the same id, and two users.
pub(crate) fn prepare(store: &mut Store) {
    for (owner, kind, used_kb) in [
        ("1289173650183882753", SpaceType::Individual, 654_777),
        ("1289173650183882753", SpaceType::Department, 0),
        ("232323", SpaceType::Individual, 0),
        ("34343434", SpaceType::Individual, 0),
    ] {
        let id = add(store, owner, kind, 1, times::read(CREATED).unwrap_or_default());
        store.spaces.update(&id, |space| space.used = used_kb * 1024);
    }
}

/// Adds a space, and returns its id.
pub(crate) fn add(store: &mut Store, owner_id: &str, kind: SpaceType, capacity_gb: u64, now: DateTime<Utc>) -> String {
    let id = store.next_id();
    let space = Space {
        owner_id: owner_id.to_owned(),
        kind: kind.number(),
        status: SpaceStatus::Normal.as_str().to_owned(),
        capacity_gb,
        used: 0,
        creator: CREATOR.to_owned(),
        modifier: CREATOR.to_owned(),
        created: now,
        updated: now,
    };
    store.spaces.insert(&*id, space);
    id
}

/// Adds a user's own space, unless they have one.
pub(crate) fn add_own(store: &mut Store, user_id: &str, now: DateTime<Utc>) {
    let is_own = |space: &Space| space.kind == SpaceType::Individual.number();
    if !store.spaces.under(user_id).any(|(_, space)| is_own(space)) {
        add(store, user_id, SpaceType::Individual, 1, now);
    }
}

/// Removes a space with everything that is in it, the recycle bin and shared folders included.
fn remove(store: &mut Store, id: &str) {
    shared_folders::forget_space(store, id);
    shares::forget_space(store, id);
    files::forget_space(store, id);
    permissions::forget(store, id);
    store.spaces.remove(id);
}

/// Removes the spaces of an owner who is gone, with all files in them, and what new members might have done there.
pub(crate) fn remove_of(store: &mut Store, owner_id: &str, kind: SpaceType) {
    let is_theirs = |(_, space): &(&str, &Space)| space.kind == kind.number();
    let spaces: Vec<String> = store.spaces.under(owner_id).filter(is_theirs).map(|(id, _)| id.to_owned()).collect();
    for id in spaces {
        remove(store, &id);
    }
    if kind != SpaceType::Individual {
        store.initial_permissions.remove(owner_id);
    }
}

/// Finds a space that a user may work in: the user's own, and those of the user's departments and groups.
pub(crate) fn usable<'a>(store: &'a Store, space_id: &str, user_id: &str) -> Result<&'a Space, Refusal> {
    let space = normal(store, space_id)?;
    if is_user(store, space, user_id) { Ok(space) } else { Err(Refusal::new("13000410", "it is somebody else's")) }
}

/// Finds a space that a user may work in, if only in a folder that is shared with them: what the call does there, it
/// may do after [`permissions::check_file`] only.
pub(crate) fn enterable<'a>(store: &'a Store, space_id: &str, user_id: &str) -> Result<&'a Space, Refusal> {
    if shared_folders::are_shared(store, space_id, user_id) {
        normal(store, space_id)
    } else {
        usable(store, space_id, user_id)
    }
}

/// Finds a space that is not disabled.
fn normal<'a>(store: &'a Store, space_id: &str) -> Result<&'a Space, Refusal> {
    let space = store.spaces.get(space_id).ok_or_else(|| Refusal::new("13000301", ""))?;
    let is_normal = space.status == SpaceStatus::Normal.as_str();
    if is_normal { Ok(space) } else { Err(Refusal::new("13000301", "it is disabled")) }
}

/// Whether a user may work in a space that is not disabled.
pub(crate) fn is_user(store: &Store, space: &Space, user_id: &str) -> bool {
    let department = || store.users.get(user_id).map_or("", |user| &user.department_id);
    match SpaceType::from(space.kind) {
        SpaceType::Individual => space.owner_id == user_id,
        SpaceType::Department => departments::is_within(store, department(), &space.owner_id),
        _ => groups::has_member(store, &space.owner_id, user_id),
    }
}

/// Returns the users for whom [`is_user`] is true.
pub(crate) fn users_of(store: &Store, space: &Space) -> BTreeSet<String> {
    match SpaceType::from(space.kind) {
        SpaceType::Individual => BTreeSet::from([space.owner_id.clone()]),
        SpaceType::Department => {
            let (mut users, mut departments) = (BTreeSet::new(), vec![space.owner_id.as_str()]);
            while let Some(id) = departments.pop() {
                users.extend(store.users.under(id).map(|(id, _)| id.to_owned()));
                departments.extend(store.departments.under(id).map(|(id, _)| id));
            }
            users
        }
        _ => groups::members(store, &space.owner_id).map(str::to_owned).collect(),
    }
}

/// Counts bytes that come into a space. Refuses what is more than its capacity.
pub(crate) fn take(store: &mut Store, space_id: &str, bytes: u64) -> Result<(), Refusal> {
    let space = store.spaces.get(space_id).ok_or_else(|| Refusal::new("13000301", ""))?;
    let used = space.used.checked_add(bytes).filter(|used| *used <= space.capacity_gb.saturating_mul(1 << 30));
    let used = used.ok_or_else(|| Refusal::new("13000311", ""))?;
    store.spaces.update(space_id, |space| space.used = used);
    Ok(())
}

/// Counts bytes that leave a space.
pub(crate) fn give_back(store: &mut Store, space_id: &str, bytes: u64) {
    store.spaces.update(space_id, |space| space.used = space.used.saturating_sub(bytes));
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateSpace" => manage::create(call),
        "UpdateSpace" => manage::update(call),
        "DeleteSpace" => {
            let id = find(call)?;
            remove(call.store, &id);
            Ok(Reply::default())
        }
        "CreateGroupSpace" => manage::create_group(call),
        "DeleteGroupSpace" => manage::delete_group(call),
        "GetSpaceAllocation" => Ok(read::allocation(call)),
        "TransferUnallocatedSpace" => manage::transfer(call),
        "GetSpace" => {
            let id = find(call)?;
            Ok(Reply::data(call.store.spaces.get(&id).map(|space| read::info(&id, space))))
        }
        "GetSpaceByContainer" => {
            let id = call.required("containerId");
            let space = call.store.spaces.get(&id).ok_or_else(|| Refusal::new("13000301", ""))?;
            Ok(Reply::data(read::info(&id, space)))
        }
        "GetSpaces" => {
            let spaces: Vec<Json> = matching(call).map(|(id, space)| read::info(id, space)).collect();
            Ok(Reply::data(spaces))
        }
        "ListOwnerSpaces" => Ok(read::of_owner(call)),
        "ListDepartmentSpaces" => read::departments(call),
        "ListUserSpaces" => read::of_users(call),
        "ListTeamSpaces" => read::teams(call),
        "ListGroupSpaces" => read::of_groups(call),
        "GetSpaceUsageOverview" => Ok(Reply::data(read::usage(call.store.spaces.values()))),
        "GetSpaceUsageByQuota" => read::usage_by_quota(call),
        "GetSpaceUsageByUser" => read::usage_by_user(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Finds the spaces that a call may mean.
fn matching<'a>(call: &'a Call<'_>) -> impl Iterator<Item = (&'a str, &'a Space)> {
    let container = call.text("containerId");
    let kind: Option<i64> = call.text("type").and_then(|kind| kind.parse().ok());
    call.store
        .spaces
        .under(&call.required("ownerId"))
        .filter(move |(id, space)| Some(space.kind) == kind && container.as_ref().is_none_or(|wanted| wanted == id))
}

/// Finds the one space that a call means.
fn find(call: &Call<'_>) -> Result<String, Refusal> {
    let mut matching = matching(call);
    match (matching.next(), matching.next()) {
        (Some((id, _)), None) => Ok(id.to_owned()),
        (None, _) => Err(Refusal::new("13000301", "")),
        (Some(_), Some(_)) => Err(Refusal::new("13000102", "containerId is needed: the owner has several spaces")),
    }
}
