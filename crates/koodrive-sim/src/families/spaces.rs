//! What the service does with spaces.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use koodrive_proto::ops::spaces::{SpaceStatus, SpaceType};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::{departments, files, groups};
use crate::page;
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

/// When the spaces that exist from the beginning were created, taken from the example of GetSpaceUsageByUser.
pub(crate) const CREATED: &str = "2025-11-12T08:37:14.613Z";
const EXPIRES: &str = "2035-11-12T08:37:14.613Z";

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

/// Removes the spaces of an owner who is gone, with all files in them.
pub(crate) fn remove_of(store: &mut Store, owner_id: &str, kind: SpaceType) {
    let is_theirs = |(_, space): &(&str, &Space)| space.kind == kind.number();
    let spaces: Vec<String> = store.spaces.under(owner_id).filter(is_theirs).map(|(id, _)| id.to_owned()).collect();
    for id in spaces {
        files::delete_space(store, &id);
        store.spaces.remove(&id);
    }
}

/// Finds a space that a user may work in: the user's own, and those of the user's departments and groups.
pub(crate) fn usable<'a>(store: &'a Store, space_id: &str, user_id: &str) -> Result<&'a Space, Refusal> {
    let space = store.spaces.get(space_id).ok_or_else(|| Refusal::new("13000301", ""))?;
    if space.status != SpaceStatus::Normal.as_str() {
        return Err(Refusal::new("13000301", "it is disabled"));
    }
    let department = || store.users.get(user_id).map_or("", |user| &user.department_id);
    let may = match SpaceType::from(space.kind) {
        SpaceType::Individual => space.owner_id == user_id,
        SpaceType::Department => departments::is_within(store, department(), &space.owner_id),
        _ => groups::has_member(store, &space.owner_id, user_id),
    };
    if may { Ok(space) } else { Err(Refusal::new("13000410", "the space is somebody else's")) }
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
        "GetSpace" => {
            let id = find(call)?;
            Ok(Reply::data(call.store.spaces.get(&id).map(|space| info(&id, space))))
        }
        "GetSpaces" => {
            let spaces: Vec<Json> = matching(call).map(|(id, space)| info(id, space)).collect();
            Ok(Reply::data(spaces))
        }
        "UpdateSpace" => update(call),
        "DeleteSpace" => {
            let id = find(call)?;
            files::delete_space(call.store, &id);
            call.store.spaces.remove(&id);
            Ok(Reply::default())
        }
        "GetSpaceUsageOverview" => Ok(Reply::data(usage(call.store.spaces.values()))),
        "GetSpaceUsageByQuota" => {
            let mut groups: BTreeMap<u64, Vec<&Space>> = BTreeMap::new();
            for space in call.store.spaces.values() {
                groups.entry(space.capacity_gb).or_default().push(space);
            }
            let rows = groups.iter().map(|(quota, spaces)| {
                let mut row = usage(spaces.iter().copied());
                row["quota"] = json!(quota.to_string());
                row
            });
            Ok(page(call, rows.collect()))
        }
        "GetSpaceUsageByUser" => {
            let users: Option<BTreeSet<String>> = call.texts("userIds").map(|ids| ids.into_iter().collect());
            let rows = call.store.spaces.values().filter(|space| space.kind == SpaceType::Individual.number());
            let rows = rows.filter(|space| users.as_ref().is_none_or(|users| users.contains(&space.owner_id)));
            Ok(page(call, rows.map(quota).collect()))
        }
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn update(call: &mut Call<'_>) -> Answer {
    let (id, now) = (find(call)?, call.now);
    let (capacity, status) = (call.number("capacity"), call.text("status"));
    call.store.spaces.update(&id, |space| {
        space.capacity_gb = capacity.unwrap_or(space.capacity_gb);
        space.status = status.unwrap_or_else(|| space.status.clone());
        space.updated = now;
    });
    Ok(Reply::default())
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

/// SpaceInfo, in which every member has the type String.
fn info(id: &str, space: &Space) -> Json {
    json!({
        "type": space.kind.to_string(),
        "status": space.status,
        "ownerId": space.owner_id,
        "containerId": id,
        "capacity": space.capacity_gb.to_string(),
        "spaceUsed": (space.used / 1024).to_string(),
        "createTime": times::millis(space.created),
        "updateTime": times::millis(space.updated),
    })
}

/// UserSpaceQuota, with the quota in KB as in the enterprise example.
fn quota(space: &Space) -> Json {
    json!({
        "quota": (u128::from(space.capacity_gb) * 1024 * 1024).to_string(),
        "userId": space.owner_id,
        "used": space.used / 1024,
        "createTime": CREATED,
        "effectiveTime": CREATED,
        "expirationTime": EXPIRES,
    })
}

/// SpaceQuotaUsage, by the reading that fits the examples: a count, GB, KB.
fn usage<'a>(spaces: impl IntoIterator<Item = &'a Space>) -> Json {
    let (mut count, mut capacity_gb, mut used_kb) = (0, 0_u64, 0_u64);
    for space in spaces {
        count += 1;
        capacity_gb = capacity_gb.saturating_add(space.capacity_gb);
        used_kb = used_kb.saturating_add(space.used / 1024);
    }
    json!({"totalAllocation": count, "totalCapacity": capacity_gb, "totalUsed": used_kb})
}

/// Returns `limit` entries from `offset` on, with the number of all entries.
fn page(call: &Call<'_>, rows: Vec<Json>) -> Reply {
    let total = rows.len();
    Reply::data(page::by_offset(call, rows, "offset", "limit")).with("total", total)
}
