//! What answers say of spaces: one by one, in lists, and in sums.

use std::collections::{BTreeMap, BTreeSet};

use koodrive_proto::ops::spaces::SpaceType;
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::tree;
use crate::families::spaces::manage::capacity;
use crate::families::spaces::{self, CREATED, Space};
use crate::families::{TENANT, departments, groups, users};
use crate::page;
use crate::reply::{Refusal, Reply};
use crate::store::Store;
use crate::times;

const EXPIRES: &str = "2035-11-12T08:37:14.613Z";

/// What most answers have about a space, with sizes in GB and in KB.
fn common(id: &str, space: &Space) -> Json {
    json!({
        "status": space.status.parse::<u64>().unwrap_or_default(),
        "containerId": id,
        "bizRootFileId": tree::folder_id(id, "root"),
        "bizSboxFileId": tree::folder_id(id, "sbox"),
        "capacity": space.capacity_gb,
        "spaceUsed": space.used / 1024,
        "tenantId": TENANT,
        "creator": space.creator,
        "createTime": times::millis(space.created),
        "modifier": space.modifier,
        "updateTime": times::millis(space.updated),
    })
}

/// SpaceInfo, in which every member has the type String.
pub(super) fn info(id: &str, space: &Space) -> Json {
    let mut info = common(id, space);
    info["type"] = space.kind.to_string().into();
    info["status"] = space.status.clone().into();
    info["ownerId"] = space.owner_id.clone().into();
    info["capacity"] = space.capacity_gb.to_string().into();
    info["spaceUsed"] = (space.used / 1024).to_string().into();
    info["rootFileId"] = tree::folder_id(id, "root").into();
    info
}

/// CreateSpaceRspInfo, which has numbers and no times.
pub(super) fn created(id: &str, space: &Space, operator: &str) -> Json {
    let mut info = without_times(common(id, space));
    info["type"] = space.kind.into();
    info["ownerId"] = space.owner_id.clone().into();
    info["rootFileId"] = tree::folder_id(id, "root").into();
    info["operatorId"] = operator.parse::<u64>().ok().into();
    info
}

fn without_times(mut info: Json) -> Json {
    if let Json::Object(members) = &mut info {
        members.retain(|name, _| !["createTime", "updateTime"].contains(&name.as_str()));
    }
    info
}

/// ListOwnerSpaces: SpaceInfoV2, which has no times.
pub(super) fn of_owner(call: &Call<'_>) -> Reply {
    let kind = call.text("type").and_then(|kind| kind.parse::<i64>().ok());
    let spaces = call.store.spaces.under(&call.required("owner_id"));
    let spaces = spaces.filter(|(_, space)| kind.is_none_or(|kind| kind == space.kind));
    Reply::data(spaces.map(|(id, space)| without_times(info(id, space))).collect::<Vec<_>>())
}

/// ListDepartmentSpaces: every department, with its space if it has one.
pub(super) fn departments(call: &Call<'_>) -> Answer {
    let store = &*call.store;
    let word = call.text("keyWord").unwrap_or_default();
    let mut rows = Vec::new();
    for (id, department) in store.departments.iter() {
        let administrators: Vec<&str> =
            store.users.under(id).filter(|(_, user)| user.role == 0).map(|(_, user)| user.name.as_str()).collect();
        if !department.name.contains(&word) && !administrators.iter().any(|name| name.contains(&word)) {
            continue;
        }
        let space = store.spaces.under(id).find(|(_, space)| space.kind == SpaceType::Department.number());
        let mut row = json!({"tenantId": TENANT});
        if let Some((space_id, space)) = space {
            row = common(space_id, space);
            row["ownerId"] = id.into();
            row["userNum"] = spaces::users_of(store, space).len().into();
            if !administrators.is_empty() {
                row["administrators"] = administrators.join(",").into();
            }
        }
        row["id"] = id.into();
        row["parentId"] = department.parent_id.clone().into();
        row["name"] = department.name.clone().into();
        rows.push(row);
    }
    listed(call, "departments", rows)
}

/// ListUserSpaces: the users of a department with their spaces. Without a department, its administrator gets their own
/// one, and others all.
pub(super) fn of_users(call: &Call<'_>) -> Answer {
    let store = &*call.store;
    let own = store.users.get(call.user_id).filter(|user| user.role == 0).map(|user| user.department_id.clone());
    let department = call.text("deptId").or(own);
    let direct = call.flag("isDirect").unwrap_or(false);
    let (word, status) = (call.text("keyWord").unwrap_or_default(), call.text("spaceStatus"));
    let mut rows = Vec::new();
    for (space_id, space) in store.spaces.iter().filter(|(_, space)| space.kind == SpaceType::Individual.number()) {
        let Some(user) = store.users.get(&space.owner_id) else { continue };
        let fits = status.as_ref().is_none_or(|status| *status == space.status)
            && (user.name.contains(&word) || user.mobile.contains(&word))
            && department.as_ref().is_none_or(|id| {
                if direct { user.department_id == *id } else { departments::is_within(store, &user.department_id, id) }
            });
        if fits {
            rows.push(json!({
                "id": space_id,
                "userId": space.owner_id,
                "name": user.name,
                "deptId": user.department_id,
                "deptName": departments::name(store, &user.department_id),
                "mobile": users::masked(&user.mobile),
                "role": user.role,
                "status": user.status,
                "containerId": space_id,
                "capacity": space.capacity_gb,
                "spaceUsed": space.used / 1024,
                "spaceStatus": space.status,
                "tenantId": TENANT,
            }));
        }
    }
    let total = rows.len().to_string();
    Ok(listed(call, "users", rows)?.with("total", total))
}

/// ListTeamSpaces: the spaces of departments and groups in which the caller may work.
pub(super) fn teams(call: &Call<'_>) -> Answer {
    let store = &*call.store;
    let (kind, word) = (call.number("teamType"), call.text("keyWord").unwrap_or_default());
    let mut rows = Vec::new();
    for (id, space) in store.spaces.iter().filter(|(_, space)| space.kind != SpaceType::Individual.number()) {
        let role = groups::role(store, &space.owner_id, call.user_id);
        let group = match (space.kind == SpaceType::Department.number(), role) {
            (true, _) => 0,
            (false, 0) => 1,
            (false, _) => 2,
        };
        if !spaces::is_user(store, space, call.user_id) || kind.is_some_and(|kind| kind != group) {
            continue;
        }
        let mut row = team(store, id, space);
        if mentions(&row, &word) {
            let group = store.groups.get(&space.owner_id);
            let member = store.group_members.get(&groups::member_id(&space.owner_id, call.user_id));
            row["iconUrl"] = group.map_or("", |group| &group.icon_url).into();
            row["top"] = i32::from(member.is_some_and(|member| member.pinned)).into();
            row["role"] = role.into();
            rows.push(row);
        }
    }
    let total = rows.len().to_string();
    Ok(listed(call, "teams", rows)?.with("total", total))
}

/// ListGroupSpaces, which only a super administrator may call.
pub(super) fn of_groups(call: &Call<'_>) -> Answer {
    let store = &*call.store;
    if store.users.get(call.user_id).is_none_or(|user| user.role != 2) {
        return Err(Refusal::new("13000410", "only the tenant's administrator may list all groups"));
    }
    let word = call.text("keyWord").unwrap_or_default();
    let spaces = store.spaces.iter().filter(|(_, space)| space.kind == SpaceType::Group.number());
    let rows: Vec<Json> = spaces.map(|(id, space)| team(store, id, space)).collect();
    let count = rows.len();
    let (total, given) = capacity(store, SpaceType::Group);
    let reply = listed(call, "groups", rows.into_iter().filter(|row| mentions(row, &word)).collect())?;
    // A space has at least 1 GB, so there can be as many as there are GB.
    Ok(reply
        .with("groupsTotal", count)
        .with("groupsMax", total)
        .with("assignedCapacity", given.to_string())
        .with("maxCapacity", total.to_string()))
}

/// What lists say of the space of a department or group.
fn team(store: &Store, id: &str, space: &Space) -> Json {
    let (name, owner_id, owner_name) = if let Some(group) = store.groups.get(&space.owner_id) {
        (group.name.clone(), group.owner_id.clone(), users::name(store, &group.owner_id))
    } else {
        let name = departments::name(store, &space.owner_id);
        (name.clone(), space.owner_id.clone(), name)
    };
    let mut row = common(id, space);
    row["id"] = space.owner_id.clone().into();
    row["spaceUsed"] = (space.used / 1024).to_string().into();
    row["userNum"] = spaces::users_of(store, space).len().into();
    row["ownerId"] = owner_id.into();
    row["ownerName"] = owner_name.into();
    row["groupName"] = name.into();
    row
}

/// Whether a search word is in the name of a space or of its owner.
fn mentions(row: &Json, word: &str) -> bool {
    ["groupName", "ownerName"].iter().any(|name| row[*name].as_str().is_some_and(|text| text.contains(word)))
}

/// GetSpaceAllocation, with texts for the numbers, as in the example, and a list for the three kinds.
pub(super) fn allocation(call: &Call<'_>) -> Reply {
    let kinds = [SpaceType::Department, SpaceType::Individual, SpaceType::Group];
    let rows = kinds.into_iter().map(|kind| {
        let (total, given) = capacity(call.store, kind);
        json!({
            "type": kind.number().to_string(),
            "allocateCapacity": given.to_string(),
            "totalCapacity": total.to_string(),
        })
    });
    Reply::data(rows.collect::<Vec<_>>())
}

pub(super) fn usage_by_quota(call: &Call<'_>) -> Answer {
    let mut groups: BTreeMap<u64, Vec<&Space>> = BTreeMap::new();
    for space in call.store.spaces.values() {
        groups.entry(space.capacity_gb).or_default().push(space);
    }
    let rows = groups.iter().map(|(quota, spaces)| {
        let mut row = usage(spaces.iter().copied());
        row["quota"] = json!(quota.to_string());
        row
    });
    listed(call, "data", rows.collect())
}

pub(super) fn usage_by_user(call: &Call<'_>) -> Answer {
    let users: Option<BTreeSet<String>> = call.texts("userIds").map(|ids| ids.into_iter().collect());
    let rows = call.store.spaces.values().filter(|space| space.kind == SpaceType::Individual.number());
    let rows = rows.filter(|space| users.as_ref().is_none_or(|users| users.contains(&space.owner_id)));
    listed(call, "data", rows.map(quota).collect())
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
pub(super) fn usage<'a>(spaces: impl IntoIterator<Item = &'a Space>) -> Json {
    let (mut count, mut capacity_gb, mut used_kb) = (0, 0_u64, 0_u64);
    for space in spaces {
        count += 1;
        capacity_gb = capacity_gb.saturating_add(space.capacity_gb);
        used_kb = used_kb.saturating_add(space.used / 1024);
    }
    json!({"totalAllocation": count, "totalCapacity": capacity_gb, "totalUsed": used_kb})
}

/// Returns `limit` entries from `offset` on, with the number of all entries.
fn listed(call: &Call<'_>, name: &str, rows: Vec<Json>) -> Answer {
    let total = rows.len();
    Ok(Reply::default().with(name, page::by_offset(call, rows, "offset", "limit")?).with("total", total))
}
