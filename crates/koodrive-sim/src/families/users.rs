//! What the service does with users.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::spaces::SpaceType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::upload;
use crate::families::{
    ORGANIZATION, accounts, albums, backup, departments, favorites, groups, invitations, jobs, messages, permissions,
    share_links, shares, spaces,
};
use crate::mix::mix_text;
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::{page, tokens};

/// How many users the organization may have at the beginning, and how many more an expansion allows.
const PLACES: u64 = 1000;

const ORDINARY: i64 = 1;
const ENABLED: i64 = 0;

/// A user, under the id that goes into X-User-Id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    /// The id of the account in OrgID.
    pub(crate) account_id: String,
    pub(crate) name: String,
    pub(crate) mobile: String,
    /// The department; empty without one. Those without are not in the organization.
    pub(crate) department_id: String,
    /// 0 is a department administrator, 1 an ordinary user, 2 a super administrator.
    pub(crate) role: i64,
    /// 0 is enabled.
    pub(crate) status: i64,
    pub(crate) created: DateTime<Utc>,
}

impl Row for User {
    /// Users are listed under their department.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.department_id)
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateUser" => create(call),
        "PreverifyUserImport" => preverify(call),
        "ListUsers" => list(call),
        "CountUsers" => {
            let department = call.text("deptId").unwrap_or_else(|| departments::ROOT.to_owned());
            departments::find(call.store, &department)?;
            Ok(Reply::default().with("total", within(call.store, &department).count()))
        }
        "GetUser" => {
            let id = call.required("userId");
            let mut data = info(call.store, &id, find(call.store, &id)?);
            data["orgId"] = ORGANIZATION.into();
            Ok(Reply::data(data))
        }
        "GetUserMobile" => {
            let mobile = &find(call.store, &call.required("userId"))?.mobile;
            // The example begins with the operator's digits, without those of the country, and hides the others.
            let shown: String = mobile.trim_start_matches("0086").chars().take(3).collect();
            Ok(Reply::default().with("mobile", format!("{shown}********")))
        }
        "UpdateUser" => update(call),
        "DeleteUser" => {
            let id = call.required("userId");
            find(call.store, &id)?;
            remove(call.store, &id);
            Ok(Reply::default())
        }
        "ExpandUserQuota" => {
            if call.required("orgId") != ORGANIZATION {
                return Err(Refusal::new("13000309", "there is no such organization"));
            }
            call.store.counters.insert("places", places(call.store) + PLACES);
            Ok(Reply::default())
        }
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn create(call: &mut Call<'_>) -> Answer {
    let account = call.required("userId");
    let department = call.text("modifyUserInfoReq.deptId").unwrap_or_else(|| departments::ROOT.to_owned());
    let role = number(call, "modifyUserInfoReq.role").unwrap_or(ORDINARY);
    departments::find(call.store, &department)?;
    if by_account(call.store, &account).is_some() {
        return Err(Refusal::new("13000102", "the account is a user already"));
    }
    if free_places(call.store) == 0 {
        return Err(Refusal::new("13000102", "the organization has as many users as it may have"));
    }
    let mut user = new(&account, &department, call.now);
    user.role = role;
    let id = call.store.next_id();
    call.store.users.insert(&*id, user);
    Ok(Reply::data(json!({"id": id})))
}

/// Checks users one by one, as if those before were imported already.
fn preverify(call: &Call<'_>) -> Answer {
    let above = call.required("curDeptId");
    departments::find(call.store, &above)?;
    let exists = |name: &str| {
        let mut named = call.store.departments.iter().filter(|(_, department)| department.name == name);
        named.any(|(id, _)| departments::is_within(call.store, id, &above))
    };
    let mut places = free_places(call.store);
    let mut check = |user: &Map<String, Json>| {
        let capacity = user.get("personalCapacity").and_then(crate::call::text).and_then(|text| text.parse().ok());
        let allocates = user.get("isAllocateCapacity").is_some_and(|flag| *flag == true || *flag == "true");
        let department = user.get("targetDeptName").and_then(Json::as_str).filter(|name| !name.is_empty());
        if department.is_some_and(|name| !exists(name)) {
            return Err("there is no such department");
        }
        if allocates != (capacity.unwrap_or(0_u64) > 0) {
            return Err("the capacity is not what isAllocateCapacity says");
        }
        places = places.checked_sub(1).ok_or("the organization has as many users as it may have")?;
        Ok(())
    };
    let rows = call.objects("users");
    let rows = rows.iter().map(|user| match check(user) {
        Ok(()) => json!({"isSuccess": 0}),
        Err(reason) => json!({"isSuccess": 1, "reason": reason}),
    });
    Ok(Reply::data(rows.collect::<Vec<_>>()))
}

fn list(call: &Call<'_>) -> Answer {
    let department = call.text("deptId").unwrap_or_else(|| departments::ROOT.to_owned());
    departments::find(call.store, &department)?;
    let (direct, word) = (call.flag("isDirect").unwrap_or(false), call.text("keyWord").unwrap_or_default());
    let users = within(call.store, &department)
        .filter(|(_, user)| !direct || user.department_id == department)
        .filter(|(_, user)| user.name.contains(&word));
    let users: Vec<(&str, &User)> = users.collect();
    let total = users.len();
    let users = page::by_offset(call, users, "offset", "limit")?;
    let list: Vec<Json> = users.into_iter().map(|(id, user)| info(call.store, id, user)).collect();
    Ok(Reply::default().with("list", list).with("total", total))
}

fn update(call: &mut Call<'_>) -> Answer {
    let (id, department) = (call.required("userId"), call.text("deptId"));
    let (role, status) = (number(call, "role"), number(call, "status"));
    find(call.store, &id)?;
    if let Some(department) = &department {
        departments::find(call.store, department)?;
    }
    call.store.users.update(&id, |user| {
        user.department_id = department.unwrap_or_else(|| user.department_id.clone());
        user.role = role.unwrap_or(user.role);
        user.status = status.unwrap_or(user.status);
    });
    Ok(Reply::default())
}

fn number(call: &Call<'_>, path: &str) -> Option<i64> {
    call.text(path)?.parse().ok()
}

/// How many users the organization may have.
pub(crate) fn places(store: &Store) -> u64 {
    store.counters.get("places").copied().unwrap_or(PLACES)
}

fn free_places(store: &Store) -> u64 {
    let taken = within(store, departments::ROOT).count();
    places(store).saturating_sub(u64::try_from(taken).unwrap_or(u64::MAX))
}

/// Returns the users of a department and of those below it.
fn within<'a>(store: &'a Store, department: &str) -> impl Iterator<Item = (&'a str, &'a User)> {
    store.users.iter().filter(move |(_, user)| departments::is_within(store, &user.department_id, department))
}

/// The number of users of the organization.
pub(crate) fn count(store: &Store) -> usize {
    within(store, departments::ROOT).count()
}

pub(crate) fn find<'a>(store: &'a Store, id: &str) -> Result<&'a User, Refusal> {
    store.users.get(id).ok_or_else(|| Refusal::new("13000309", "there is no such user"))
}

/// Finds a user by the id of their account in OrgID.
pub(crate) fn by_account<'a>(store: &'a Store, account_id: &str) -> Option<(&'a str, &'a User)> {
    store.users.iter().find(|(_, user)| user.account_id == account_id)
}

/// Whether a user is there and enabled.
pub(crate) fn may_sign_in(store: &Store, id: &str) -> bool {
    store.users.get(id).is_some_and(|user| user.status == ENABLED)
}

/// Adds a user of the organization with an id of the caller's choice, unless there is one.
pub(crate) fn add(store: &mut Store, id: &str, now: DateTime<Utc>) {
    if !store.users.contains(id) {
        store.users.insert(id, new(id, departments::ROOT, now));
    }
}

/// An ordinary user, with a name and a mobile number that OrgID might have.
pub(crate) fn new(account_id: &str, department_id: &str, now: DateTime<Utc>) -> User {
    User {
        account_id: account_id.to_owned(),
        name: format!("user {account_id}"),
        mobile: format!("0086{}", 13_000_000_000 + mix_text(account_id) % 1_000_000_000),
        department_id: department_id.to_owned(),
        role: ORDINARY,
        status: ENABLED,
        created: now,
    }
}

/// Removes a user, and everything that belongs to them. What they made elsewhere, such as a file in a team's space,
/// still says that they made it, as do the logs.
pub(crate) fn remove(store: &mut Store, id: &str) {
    tokens::end_all(store, id);
    shares::forget_user(store, id);
    share_links::forget_user(store, id);
    jobs::forget_user(store, id);
    upload::forget_user(store, id);
    spaces::remove_of(store, id, SpaceType::Individual);
    groups::leave_all(store, id);
    permissions::forget_user(store, id);
    invitations::forget_user(store, id);
    accounts::forget_user(store, id);
    favorites::forget_user(store, id);
    messages::forget_user(store, id);
    albums::forget_user(store, id);
    backup::forget_user(store, id);
    store.users.remove(id);
}

/// Returns a user's name, or the id if there is no such user.
pub(crate) fn name(store: &Store, id: &str) -> String {
    store.users.get(id).map_or_else(|| id.to_owned(), |user| user.name.clone())
}

/// Returns a mobile number as the examples show it: with four digits hidden.
pub(crate) fn masked(mobile: &str) -> String {
    mobile.chars().enumerate().map(|(at, digit)| if (7..11).contains(&at) { '*' } else { digit }).collect()
}

/// UserInfo. By the reading that fits the examples, `id` is KooDrive's, and `userId` is OrgID's.
fn info(store: &Store, id: &str, user: &User) -> Json {
    let mut info = json!({
        "id": id,
        "userId": user.account_id,
        "name": user.name,
        "mobile": masked(&user.mobile),
        "role": user.role,
        "status": user.status,
    });
    if let Some(department) = store.departments.get(&user.department_id) {
        info["deptId"] = user.department_id.as_str().into();
        info["deptName"] = department.name.as_str().into();
    }
    info
}
