//! What a drive has from its beginning, as a JSON file says it.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use koodrive_proto::Operation;
use koodrive_proto::auth::SCHEME;
use koodrive_proto::ops::files::CreateDirectory;
use koodrive_proto::ops::spaces::SpaceType;
use koodrive_proto::transfer::Digest;
use serde::Deserialize;
use serde_json::json;

use crate::families::departments::{self, Department};
use crate::families::files::{File, tree, upload};
use crate::families::{groups, spaces, users};
use crate::reply::Refusal;
use crate::storage::content::Stored;
use crate::storage::{self, Object, Room};
use crate::store::Store;
use crate::{times, tokens};

/// The size from which on the hash of a file isn't computed without need.
const LARGE: u64 = 1 << 20;

/// A file that can't be used, and why: the place in it, what is there, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedError(String);

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SeedError {}

/// Everything that a file can have.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Seed {
    departments: Vec<DepartmentSeed>,
    users: Vec<UserSeed>,
    groups: Vec<GroupSeed>,
    files: Vec<FileSeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DepartmentSeed {
    id: String,
    name: String,
    /// The id of the department above; the root department unless given.
    parent: Option<String>,
    capacity_gb: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserSeed {
    id: String,
    name: Option<String>,
    mobile: Option<String>,
    department: Option<String>,
    role: Option<i64>,
    capacity_gb: Option<u64>,
    /// The whole value of the Authorization header.
    token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupSeed {
    id: String,
    name: String,
    owner: String,
    #[serde(default)]
    members: Vec<String>,
    capacity_gb: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSeed {
    /// The user, department or group in whose space it is.
    owner: String,
    /// The names from the root on, with slashes. What ends with a slash is a folder; folders above are made.
    path: String,
    size: Option<u64>,
    /// The content; otherwise the simulator makes up as many bytes as `size` says.
    text: Option<String>,
    sha256: Option<String>,
    created: Option<String>,
}

impl Seed {
    pub(crate) fn read(text: &str) -> Result<Self, SeedError> {
        serde_json::from_str(text).map_err(|error| SeedError(error.to_string()))
    }

    /// Puts everything into a store, whose changes are to be taken back if this fails.
    pub(crate) fn plant(&self, store: &mut Store, room: Room<'_>, now: DateTime<Utc>) -> Result<(), SeedError> {
        each("departments", &self.departments, |seed| department(store, seed, now))?;
        each("users", &self.users, |seed| user(store, seed, now))?;
        each("groups", &self.groups, |seed| group(store, seed, now))?;
        each("files", &self.files, |seed| file(store, room, seed, now))
    }
}

/// Which member is wrong, and what is wrong with it.
type Wrong = (&'static str, String);

fn each<T>(list: &str, seeds: &[T], mut plant: impl FnMut(&T) -> Result<(), Wrong>) -> Result<(), SeedError> {
    for (number, seed) in seeds.iter().enumerate() {
        plant(seed).map_err(|(member, what)| SeedError(format!("{list}[{number}].{member}: {what}")))?;
    }
    Ok(())
}

fn department(store: &mut Store, seed: &DepartmentSeed, now: DateTime<Utc>) -> Result<(), Wrong> {
    is_new(&seed.id, store.departments.contains(&seed.id))?;
    let parent_id = seed.parent.clone().unwrap_or_else(|| departments::ROOT.to_owned());
    if !store.departments.contains(&parent_id) {
        return Err(("parent", format!("there is no department {parent_id:?} before this one")));
    }
    let department = Department { name: seed.name.clone(), parent_id, account_id: seed.id.clone() };
    store.departments.insert(&*seed.id, department);
    space(store, &seed.id, SpaceType::Department, seed.capacity_gb, now)
}

fn user(store: &mut Store, seed: &UserSeed, now: DateTime<Utc>) -> Result<(), Wrong> {
    is_new(&seed.id, store.users.contains(&seed.id))?;
    let department_id = seed.department.clone().unwrap_or_default();
    if !department_id.is_empty() && !store.departments.contains(&department_id) {
        return Err(("department", format!("there is no department {department_id:?}")));
    }
    let mut user = users::new(&seed.id, &department_id, now);
    user.name = seed.name.clone().unwrap_or(user.name);
    user.mobile = seed.mobile.clone().unwrap_or(user.mobile);
    user.role = seed.role.unwrap_or(user.role);
    store.users.insert(&*seed.id, user);
    match seed.token.as_deref() {
        Some("") => return Err(("token", "it is empty".to_owned())),
        Some(token) if token.starts_with(SCHEME) || !is_sent(token) => {
            let rule = "it must be visible ASCII characters, and not begin with HMAC-SHA256, as signatures do";
            return Err(("token", rule.to_owned()));
        }
        Some(token) if tokens::owner(store, token).is_some() => {
            return Err(("token", "somebody has it already".to_owned()));
        }
        Some(token) => tokens::add(store, token, &seed.id),
        None => {}
    }
    space(store, &seed.id, SpaceType::Individual, Some(seed.capacity_gb.unwrap_or(1)), now)
}

fn group(store: &mut Store, seed: &GroupSeed, now: DateTime<Utc>) -> Result<(), Wrong> {
    is_new(&seed.id, store.groups.contains(&seed.id))?;
    let known = |id: &str| store.users.contains(id);
    if !known(&seed.owner) {
        return Err(("owner", format!("there is no user {:?}", seed.owner)));
    }
    if let Some(unknown) = seed.members.iter().find(|id| !known(id)) {
        return Err(("members", format!("there is no user {unknown:?}")));
    }
    groups::put(store, &seed.id, &seed.name, 0, &seed.owner, now);
    for member in seed.members.iter().filter(|id| **id != seed.owner) {
        groups::add_member(store, &seed.id, member, groups::ORDINARY, "", None, now);
    }
    space(store, &seed.id, SpaceType::Group, seed.capacity_gb, now)
}

fn file(store: &mut Store, room: Room<'_>, seed: &FileSeed, now: DateTime<Utc>) -> Result<(), Wrong> {
    let space_id = store.spaces.under(&seed.owner).next().map(|(id, _)| id.to_owned());
    let space_id = space_id.ok_or_else(|| ("owner", format!("{:?} has no space", seed.owner)))?;
    let created = match seed.created.as_deref() {
        Some(text) => times::read(text).ok_or_else(|| ("created", format!("{text:?}; as 2025-11-12T08:37:14.613Z")))?,
        None => now,
    };
    let names: Vec<&str> = seed.path.split('/').filter(|name| !name.is_empty()).collect();
    let Some((last, above)) = names.split_last() else { return Err(("path", "it has no name".to_owned())) };
    for name in &names {
        let input = json!({"fileName": name, "fileType": "10", "containerId": space_id});
        CreateDirectory::META.check(&input).map_err(|invalid| ("path", invalid.to_string()))?;
    }
    let refused = |refusal: Refusal| ("path", refusal.message());
    let mut parent = "root".to_owned();
    for name in above {
        parent = folder(store, &space_id, &parent, name, &seed.owner, created)?;
    }
    if seed.path.ends_with('/') {
        folder(store, &space_id, &parent, last, &seed.owner, created)?;
        return Ok(());
    }
    if tree::named(store, &space_id, &parent, last).is_some() {
        return Err(("path", "it is there already".to_owned()));
    }
    let mut file = File::new(&space_id, &parent, last, &seed.owner, created);
    file.size = size(seed)?;
    let id = tree::add(store, file.clone()).map_err(refused)?;
    (file.content, file.sha256) = content(store, room, seed, file.size, created)?;
    store.files.insert(id, file);
    Ok(())
}

fn size(seed: &FileSeed) -> Result<u64, Wrong> {
    let text = seed.text.as_ref().map(|text| text.len() as u64);
    match (seed.size, text) {
        (Some(size), Some(text)) if size != text => Err(("size", format!("{size}, but the text has {text} bytes"))),
        (size, text) => Ok(text.or(size).unwrap_or(0)),
    }
}

/// Returns the id of a file's content, and the hash of it. That of a large file which is made up is known only if it
/// was asked for.
fn content(
    store: &mut Store,
    room: Room<'_>,
    seed: &FileSeed,
    size: u64,
    now: DateTime<Utc>,
) -> Result<(Option<String>, Option<String>), Wrong> {
    let wanted = upload::lower(seed.sha256.clone());
    let (id, sha256) = if let Some(text) = &seed.text {
        let text = Bytes::copy_from_slice(text.as_bytes());
        let id = storage::keep_bytes(store, room, &text, now).map_err(|error| ("text", error.to_string()))?;
        (id, Digest::of(&text).to_string())
    } else if wanted.is_some() || size <= LARGE {
        let made = vec![Stored::Made(size)];
        let sha256 = storage::content::object(room.blobs, &made).and_then(Object::hash);
        let sha256 = sha256.map_err(|error| ("size", error.to_string()))?.to_string();
        (storage::content::keep(store, &sha256, made, now), sha256)
    } else {
        return Ok((None, None));
    };
    if wanted.is_some_and(|wanted| wanted != sha256) {
        return Err(("sha256", format!("that of its bytes is {sha256}")));
    }
    Ok((Some(id), Some(sha256)))
}

/// Returns the folder of a name, which is made unless it is there.
fn folder(
    store: &mut Store,
    space_id: &str,
    parent: &str,
    name: &str,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<String, Wrong> {
    match tree::named(store, space_id, parent, name) {
        Some((id, file)) if file.is_folder() => Ok(id.to_owned()),
        Some(_) => Err(("path", format!("{name:?} is a file"))),
        None => tree::add(store, File::folder(space_id, parent, name, owner, now))
            .map_err(|refusal| ("path", refusal.message())),
    }
}

fn space(
    store: &mut Store,
    owner: &str,
    kind: SpaceType,
    capacity_gb: Option<u64>,
    now: DateTime<Utc>,
) -> Result<(), Wrong> {
    match capacity_gb {
        Some(0) => Err(("capacity_gb", "it is 0; allowed: from 1 on, or none for no space".to_owned())),
        Some(capacity_gb) => {
            spaces::add(store, owner, kind, capacity_gb, now);
            Ok(())
        }
        None => Ok(()),
    }
}

/// Whether a header can have such a value, and it arrives unchanged.
fn is_sent(value: &str) -> bool {
    value.trim() == value && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

fn is_new(id: &str, known: bool) -> Result<(), Wrong> {
    match id {
        "" => Err(("id", "it is empty".to_owned())),
        _ if known => Err(("id", format!("{id:?} is there already"))),
        _ => Ok(()),
    }
}
