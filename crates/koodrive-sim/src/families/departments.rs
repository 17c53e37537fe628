//! What the service does with departments.
//!
//! The organization is the root department with all those below it.

use std::borrow::Cow;

use koodrive_proto::ops::spaces::SpaceType;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::{ORGANIZATION, ORGANIZATION_NAME, TENANT, shares, spaces};
use crate::mix::{mix, mix_text};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};

/// The department that exists from the beginning, taken from the example of CreateDepartment.
pub(crate) const ROOT: &str = "1245640257345455489";

/// The size of a new department's space.
const CAPACITY_GB: u64 = 1;

/// A department, under its KooDrive id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Department {
    pub(crate) name: String,
    /// The department above; empty for the root.
    pub(crate) parent_id: String,
    /// The id of the department in OrgID.
    pub(crate) account_id: String,
}

impl Row for Department {
    /// Departments are listed under the one above.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.parent_id)
    }
}

/// Puts the root department, which has no space.
pub(crate) fn prepare(store: &mut Store) {
    add(store, ROOT, ORGANIZATION_NAME, "");
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateDepartment" => create(call),
        "ListDepartments" => list(call),
        "GetDepartment" => {
            let id = call.required("department_id");
            Ok(Reply::members(info(&id, find(call.store, &id)?)))
        }
        "UpdateDepartment" => update(call),
        "DeleteDepartment" => delete(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn create(call: &mut Call<'_>) -> Answer {
    let (name, parent) = (call.required("name"), call.required("parentId"));
    find(call.store, &parent)?;
    let id = call.store.next_id();
    add(call.store, &id, &name, &parent);
    spaces::add(call.store, &id, SpaceType::Department, CAPACITY_GB, call.now);
    Ok(Reply::data(json!({"id": id})))
}

/// Lists the departments directly below one, or, by the newer page, only the root if none is given.
fn list(call: &Call<'_>) -> Answer {
    let above = call.text("departmentId").unwrap_or_default();
    if !above.is_empty() {
        find(call.store, &above)?;
    }
    let word = call.text("keyWord").unwrap_or_default();
    let below = call.store.departments.under(&above).filter(|(_, department)| department.name.contains(&word));
    let list: Vec<Json> = below.map(|(id, department)| info(id, department)).collect();
    Ok(Reply::default().with("list", list))
}

fn update(call: &mut Call<'_>) -> Answer {
    let (id, name, parent) = (call.required("department_id"), call.required("name"), call.required("parentId"));
    find(call.store, &id)?;
    find(call.store, &parent)?;
    if is_within(call.store, &parent, &id) {
        return Err(Refusal::new("13000102", "a department can't be below itself"));
    }
    call.store.departments.update(&id, |department| {
        department.name = name;
        department.parent_id = parent;
    });
    Ok(Reply::default())
}

fn delete(call: &mut Call<'_>) -> Answer {
    let id = call.required("department_id");
    find(call.store, &id)?;
    let reason = if id == ROOT {
        Some("the root department stays")
    } else if call.store.departments.under(&id).next().is_some() {
        Some("there are departments below it")
    } else if call.store.users.under(&id).next().is_some() {
        Some("it has users")
    } else {
        None
    };
    if let Some(reason) = reason {
        return Err(Refusal::new("13000102", reason));
    }
    remove(call.store, &id);
    Ok(Reply::default())
}

/// Removes a department in which nobody is, with its space.
fn remove(store: &mut Store, id: &str) {
    shares::forget_receiver(store, shares::DEPARTMENT, id);
    spaces::remove_of(store, id, SpaceType::Department);
    store.departments.remove(id);
}

fn add(store: &mut Store, id: &str, name: &str, parent_id: &str) {
    let number = mix_text(id);
    let account_id = format!("{number:016x}{:016x}", mix(number));
    store.departments.insert(id, Department { name: name.to_owned(), parent_id: parent_id.to_owned(), account_id });
}

pub(crate) fn find<'a>(store: &'a Store, id: &str) -> Result<&'a Department, Refusal> {
    store.departments.get(id).ok_or_else(|| Refusal::new("13000309", "there is no such department"))
}

/// Returns a department and those above it, from below.
pub(crate) fn chain<'a>(store: &'a Store, id: &'a str) -> impl Iterator<Item = &'a str> {
    // No department stands below itself, so this ends.
    std::iter::successors(Some(id), |id| Some(store.departments.get(id)?.parent_id.as_str()))
}

/// Whether a department is another one, or stands below it.
pub(crate) fn is_within(store: &Store, id: &str, above: &str) -> bool {
    chain(store, id).any(|id| id == above)
}

/// DepartmentInfo. In a listing, the table has a code and a message as well, which the example leaves out.
fn info(id: &str, department: &Department) -> Json {
    let mut info = json!({
        "id": id,
        "orgId": ORGANIZATION,
        "deptId": department.account_id,
        "name": department.name,
        "tenantId": TENANT,
    });
    if !department.parent_id.is_empty() {
        info["parentId"] = department.parent_id.as_str().into();
    }
    info
}

/// Returns a department's name; empty if there is no such department.
pub(crate) fn name(store: &Store, id: &str) -> String {
    store.departments.get(id).map(|department| department.name.clone()).unwrap_or_default()
}
