//! What the service does with shares.

mod change;
mod read;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::{fmt, mem};

use chrono::{DateTime, Utc};
use koodrive_proto::ops::shares::{ShareScope, ShareStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::call::{Answer, Call};
use crate::families::files::{File, tree};
use crate::families::users::User;
use crate::families::{departments, groups, permissions, share_links, spaces};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};

/// A share, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) sharer: String,
    pub(crate) space_id: String,
    pub(crate) file_ids: Vec<String>,
    /// The name of the first file when it was shared.
    pub(crate) name: String,
    /// The number of a [`ShareScope`].
    scope: i64,
    receivers: Receivers,
    /// What opens the link.
    pub(crate) short_url: Hidden,
    /// Empty without one.
    pub(crate) extract_code: Hidden,
    comment: String,
    pub(crate) permission: Permission,
    pub(crate) created: DateTime<Utc>,
    updated: DateTime<Utc>,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) cancelled: bool,
    pub(crate) views: u64,
    pub(crate) downloads: u64,
    pub(crate) saves: u64,
}

impl Row for Share {
    /// Shares are listed under who shares.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.sharer)
    }

    /// Shares are found by the codes of their links, by what they share, and by whom they name.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        let Receivers { user_ids, dept_ids, group_ids, phone_numbers, left } = &self.receivers;
        let mut keys = vec![key(LINK, &self.short_url.0), key(SPACE, &self.space_id)];
        keys.extend(user_ids.iter().chain(left).map(|id| key(USER, id)));
        for (kind, ids) in [(FILE, &self.file_ids), (DEPARTMENT, dept_ids), (GROUP, group_ids), (PHONE, phone_numbers)]
        {
            keys.extend(ids.iter().map(|id| key(kind, id)));
        }
        keys.into_iter().map(Cow::Owned).collect()
    }
}

/// What a sharer must be permitted to do with a file, for as long as it is shared.
const NEEDED: &str = "shareFilePermission";

/// What a share can be found by.
pub(crate) const DEPARTMENT: &str = "department";
pub(crate) const GROUP: &str = "group";
const USER: &str = "user";
const PHONE: &str = "phone";
const LINK: &str = "link";
const SPACE: &str = "space";
const FILE: &str = "file";

fn key(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}

/// A text that `Debug` doesn't show.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hidden(pub(crate) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// What those who open a share may do. By the manual, it has no effect yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Permission {
    preview: bool,
    edit: bool,
    download: bool,
}

impl Permission {
    /// Takes over what a call sets.
    fn change(&mut self, call: &Call<'_>) {
        self.preview = call.flag("permission.preview").unwrap_or(self.preview);
        self.edit = call.flag("permission.edit").unwrap_or(self.edit);
        self.download = call.flag("permission.download").unwrap_or(self.download);
    }
}

/// Whom a share with [`ShareScope::Named`] is for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Receivers {
    user_ids: Vec<String>,
    dept_ids: Vec<String>,
    group_ids: Vec<String>,
    phone_numbers: Vec<String>,
    /// Those who removed themselves.
    left: BTreeSet<String>,
}

impl Receivers {
    /// Takes over the lists that a call sets. Whoever left is back if they are newly named, not if only a department or
    /// group is that they belong to, and not if the list has them still.
    fn change(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let (store, unknown) = (&*call.store, |what| Refusal::new("13000309", format!("there is no such {what}")));
        if let Some(ids) = call.texts("userIds") {
            let ids = all(ids, |id| store.users.contains(id)).ok_or_else(|| unknown("user"))?;
            let before = mem::replace(&mut self.user_ids, ids);
            self.left.retain(|id| before.contains(id) || !self.user_ids.contains(id));
        }
        if let Some(ids) = call.texts("deptIds") {
            self.dept_ids = all(ids, |id| store.departments.contains(id)).ok_or_else(|| unknown("department"))?;
        }
        if let Some(ids) = call.texts("groupIds") {
            self.group_ids = all(ids, |id| store.groups.contains(id)).ok_or_else(|| unknown("group"))?;
        }
        if let Some(numbers) = call.texts("phoneNumbers") {
            let before = mem::replace(&mut self.phone_numbers, numbers);
            let is_new = |number: &String| !before.contains(number) && self.phone_numbers.contains(number);
            let is_named = |user: &User| !user.mobile.is_empty() && is_new(&user.mobile);
            self.left.retain(|id| !store.users.get(id).is_some_and(is_named));
        }
        Ok(())
    }

    fn has(&self, store: &Store, user_id: &str) -> bool {
        let Some(user) = store.users.get(user_id).filter(|_| !self.left.contains(user_id)) else { return false };
        self.user_ids.iter().any(|id| id == user_id)
            || self.dept_ids.iter().any(|id| departments::is_within(store, &user.department_id, id))
            || self.group_ids.iter().any(|id| groups::has_member(store, id, user_id))
            || (!user.mobile.is_empty() && self.phone_numbers.contains(&user.mobile))
    }
}

/// Returns the ids if all of them are known.
fn all(ids: Vec<String>, known: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    ids.iter().all(|id| known(id)).then_some(ids)
}

/// Whether a user may open a share, as long as it can be opened. An empty id is somebody who hasn't signed in.
pub(crate) fn is_for(store: &Store, share: &Share, user_id: &str) -> bool {
    match ShareScope::from(share.scope) {
        ShareScope::Link => true,
        _ if user_id.is_empty() => false,
        ShareScope::Enterprise => true,
        _ => share.sharer == user_id || share.receivers.has(store, user_id),
    }
}

/// Finds the share to which a link leads, with its id.
pub(crate) fn by_link<'a>(store: &'a Store, code: &str) -> Option<(&'a str, &'a Share)> {
    store.shares.keyed(&key(LINK, code)).next()
}

/// Returns the shares that a user received, with their ids.
pub(crate) fn received<'a>(store: &'a Store, user_id: &str) -> BTreeMap<&'a str, &'a Share> {
    let Some(user) = store.users.get(user_id) else { return BTreeMap::new() };
    let mut keys = vec![key(USER, user_id), key(PHONE, &user.mobile)];
    keys.extend(departments::chain(store, &user.department_id).map(|id| key(DEPARTMENT, id)));
    keys.extend(groups::of(store, user_id).map(|id| key(GROUP, id)));
    let named = keys.iter().flat_map(|key| store.shares.keyed(key));
    named.filter(|(_, share)| is_received(store, share, user_id)).collect()
}

/// Removes a share, with its tasks.
fn remove(store: &mut Store, id: &str) {
    store.shares.remove(id);
    share_links::forget(store, id);
}

/// Removes the shares of a user who is gone, and takes the user out of the receivers of others.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    for id in store.shares.ids_under(user_id) {
        remove(store, &id);
    }
    forget_receiver(store, USER, user_id);
}

/// Takes a [`DEPARTMENT`] or a [`GROUP`] that is gone out of the receivers of all shares.
pub(crate) fn forget_receiver(store: &mut Store, kind: &str, gone: &str) {
    for id in store.shares.ids_keyed(&key(kind, gone)) {
        store.shares.update(&id, |Share { receivers, .. }| match kind {
            DEPARTMENT => receivers.dept_ids.retain(|id| id != gone),
            GROUP => receivers.group_ids.retain(|id| id != gone),
            _ => {
                receivers.user_ids.retain(|id| id != gone);
                receivers.left.remove(gone);
            }
        });
    }
}

/// Removes the shares of files of a space that is deleted.
pub(crate) fn forget_space(store: &mut Store, space_id: &str) {
    for id in store.shares.ids_keyed(&key(SPACE, space_id)) {
        remove(store, &id);
    }
}

/// Takes a file that is gone out of all shares.
pub(crate) fn forget_file(store: &mut Store, file_id: &str) {
    for id in store.shares.ids_keyed(&key(FILE, file_id)) {
        store.shares.update(&id, |share| share.file_ids.retain(|id| id != file_id));
    }
}

/// Whether a share is among those that a user received.
fn is_received(store: &Store, share: &Share, user_id: &str) -> bool {
    let is_named = ShareScope::from(share.scope) == ShareScope::Named;
    is_named && share.sharer != user_id && share.receivers.has(store, user_id)
}

/// Whether a share can still be opened. [`ShareStatus::UntilExpiry`] leaves it to the time when the share ends.
pub(crate) fn status(store: &Store, share: &Share) -> ShareStatus {
    let may_share = store.users.get(&share.sharer).is_some_and(|user| user.status == 0)
        && spaces::usable(store, &share.space_id, &share.sharer).is_ok();
    let is_there = |id: &String| tree::live(store, &share.space_id, id).is_ok();
    if share.cancelled || !may_share {
        ShareStatus::Invalid
    } else if live(store, share).next().is_some() {
        ShareStatus::UntilExpiry
    } else if share.file_ids.iter().any(is_there) {
        // The sharer may share none of them any longer.
        ShareStatus::Invalid
    } else {
        ShareStatus::FileDeleted
    }
}

/// Returns the files that were shared, as far as they can be opened.
pub(crate) fn live<'a>(store: &'a Store, share: &'a Share) -> impl Iterator<Item = (&'a str, &'a File)> {
    share.file_ids.iter().filter_map(|id| Some((id.as_str(), open(store, share, id).ok()?)))
}

/// Finds a file that was shared, or that is in a folder that was, unless it is gone, in the recycle bin, or nothing
/// that the sharer may still share.
pub(crate) fn open<'a>(store: &'a Store, share: &Share, id: &str) -> Result<&'a File, Refusal> {
    let file = tree::live(store, &share.space_id, id)?;
    permissions::check_file(store, &share.sharer, &share.space_id, id, NEEDED)?;
    Ok(file)
}

/// Finds a file like [`open`], with everything that is below it.
pub(crate) fn open_all<'a>(store: &'a Store, share: &Share, id: &str) -> Result<&'a File, Refusal> {
    permissions::check_all(store, &share.sharer, &share.space_id, id, NEEDED)?;
    open(store, share, id)
}

/// Whether the sharer may still share a file with everything below it, wherever it is now, unless it is gone.
pub(crate) fn may_share(store: &Store, share: &Share, id: &str) -> bool {
    let may = |file: &File| permissions::check_all(store, &share.sharer, &file.space_id, id, NEEDED).is_ok();
    store.files.get(id).is_none_or(may)
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateShare" => change::create(call),
        "ListSharesByMe" => {
            let shares = call.store.shares.under(call.user_id);
            read::list(call, shares, read::mine)
        }
        "GetShareByMe" => {
            let id = call.required("shareId");
            Ok(read::link(read::detail(call.store, &id, &own(call, &id)?)))
        }
        "UpdateShare" => change::update(call),
        "CancelShares" => Ok(change::each(call, "msg", change::cancel, Json::from)),
        "ListSharesWithMe" => read::list(call, received(call.store, call.user_id).into_iter(), read::received),
        "GetShareWithMe" => {
            let id = call.required("shareId");
            let share = call.store.shares.get(&id).filter(|share| is_received(call.store, share, call.user_id));
            let share = share.ok_or_else(|| Refusal::new("13000309", "there is no such share"))?;
            Ok(read::link(read::from(call.store, share, read::common(call.store, &id, share))))
        }
        "ExitShare" => Ok(change::each(call, "message", change::exit, |code| code.to_string().into())),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Finds a share that the caller made.
fn own(call: &Call<'_>, id: &str) -> Result<Share, Refusal> {
    let share = call.store.shares.get(id).filter(|share| share.sharer == call.user_id);
    share.cloned().ok_or_else(|| Refusal::new("13000309", "there is no such share"))
}
