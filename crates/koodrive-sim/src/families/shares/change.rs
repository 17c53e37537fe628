//! Making shares, changing and cancelling them, and leaving them.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::ops::shares::{ShareScope, ShareStatus};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::log::{self, Action};
use crate::families::files::tree;
use crate::families::shares::read::{code, link, link_url};
use crate::families::shares::{Hidden, NEEDED, Permission, Receivers, Share, is_received, own, remove, status};
use crate::families::{messages, permissions, spaces, users};
use crate::reply::{Refusal, Reply};
use crate::store::Store;
use crate::times;

/// How many cancelled shares a user has at most; older ones are dropped.
const CANCELLED: usize = 100;

/// `CreateShare`
pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let (space_id, now) = (call.required("containerId"), call.now);
    spaces::usable(call.store, &space_id, call.user_id)?;
    let mut file_ids: Vec<String> = Vec::new();
    let mut name = None;
    for id in call.texts("fileIds").unwrap_or_default() {
        let file = tree::live(call.store, &space_id, &id)?;
        permissions::check_all(call.store, call.user_id, &space_id, &id, NEEDED)?;
        name.get_or_insert_with(|| file.name.clone());
        if !file_ids.contains(&id) {
            file_ids.push(id);
        }
    }
    let id = call.store.next_id();
    let mut share = Share {
        sharer: call.user_id.to_owned(),
        space_id,
        file_ids,
        name: name.unwrap_or_default(),
        scope: call.text("scope").and_then(|scope| scope.parse().ok()).unwrap_or_default(),
        receivers: Receivers::default(),
        short_url: Hidden(call.store.next_id()),
        extract_code: Hidden(call.required("extractCode")),
        comment: call.required("comment"),
        permission: Permission { preview: true, edit: true, download: true },
        created: now,
        updated: now,
        expires: end(call)?.unwrap_or(now),
        cancelled: false,
        views: 0,
        downloads: 0,
        saves: 0,
    };
    share.permission.change(call);
    if ShareScope::from(share.scope) == ShareScope::Named {
        share.receivers.change(call)?;
    }
    let answer = json!({
        "shareId": id,
        "shortUrl": share.short_url,
        "linkUrl": link_url(&share),
        "extractCode": code(&share),
        "comment": share.comment,
        "expireTime": times::millis(share.expires),
    });
    for file in &share.file_ids {
        log::note(call.store, file, call.user_id, Action::Share, now);
    }
    call.store.shares.insert(&*id, share);
    announce(call.store, &id, &BTreeSet::new(), now);
    Ok(link(answer))
}

/// `UpdateShare`
pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let id = call.required("shareId");
    let mut share = own(call, &id)?;
    if share.cancelled {
        return Err(Refusal::new("13000309", "the share was cancelled"));
    }
    let known = receivers(call.store, &share);
    if ShareScope::from(share.scope) == ShareScope::Named {
        share.receivers.change(call)?;
    }
    share.permission.change(call);
    share.extract_code = call.text("extractCode").map_or(share.extract_code, Hidden);
    share.comment = call.text("comment").unwrap_or(share.comment);
    share.expires = end(call)?.unwrap_or(share.expires);
    share.updated = call.now;
    call.store.shares.insert(&*id, share.clone());
    announce(call.store, &id, &known, call.now);
    let status = match status(call.store, &share) {
        ShareStatus::UntilExpiry if share.expires <= call.now => ShareStatus::Expired,
        status => status,
    };
    Ok(link(json!({
        "shareId": id,
        "shortUrl": share.short_url,
        "extractCode": code(&share),
        "createTime": times::millis(share.created),
        "updateTime": times::millis(share.updated),
        "expireTime": times::millis(share.expires),
        "linkUrl": link_url(&share),
        "shareTime": times::millis(share.created),
        "scope": share.scope,
        "displayName": share.name,
        "status": status.number(),
        "viewCnt": share.views.to_string(),
        "downloadCnt": share.downloads.to_string(),
        "saveCnt": share.saves.to_string(),
    })))
}

/// Returns when a call lets a share end, if it does: a time of its own wins over the days.
fn end(call: &Call<'_>) -> Result<Option<DateTime<Utc>>, Refusal> {
    if let Some(time) = call.text("expireTime") {
        let time = times::read(&time).ok_or_else(|| Refusal::new("13000102", "expireTime is no time"))?;
        return Ok(Some(time));
    }
    let days = call.text("validDays").and_then(|days| days.parse().ok()).filter(|days| *days > 0);
    Ok(days.map(|days| times::after(call.now, TimeDelta::try_days(days).unwrap_or(TimeDelta::MAX))))
}

/// Does something with each share of a call, and answers what became of it.
pub(super) fn each(
    call: &mut Call<'_>,
    text: &str,
    act: fn(&mut Call<'_>, &str) -> bool,
    number: fn(u64) -> Json,
) -> Reply {
    let mut results = Vec::new();
    for id in call.texts("shareIds").unwrap_or_default() {
        let (code, message) = if act(call, &id) { (0, "success") } else { (13_000_309, "Resource not found.") };
        results.push(json!({"shareId": id, "code": number(code), text: message}));
    }
    Reply::default().with("subResponseList", results)
}

/// Cancels a share. It is still listed, but of the cancelled shares only the latest ones.
pub(super) fn cancel(call: &mut Call<'_>, id: &str) -> bool {
    let now = call.now;
    if own(call, id).map_or(true, |share| share.cancelled) {
        return false;
    }
    call.store.shares.update(id, |share| {
        share.cancelled = true;
        share.updated = now;
    });
    let cancelled = call.store.shares.under(call.user_id).filter(|(_, share)| share.cancelled);
    let mut cancelled: Vec<_> = cancelled.map(|(id, share)| (share.updated, id.to_owned())).collect();
    cancelled.sort();
    let many = cancelled.len().saturating_sub(CANCELLED);
    for (_, oldest) in cancelled.into_iter().take(many) {
        remove(call.store, &oldest);
    }
    true
}

/// Removes the caller from a share.
pub(super) fn exit(call: &mut Call<'_>, id: &str) -> bool {
    let user_id = call.user_id.to_owned();
    let received = call.store.shares.get(id).is_some_and(|share| is_received(call.store, share, &user_id));
    received && call.store.shares.update(id, |share| share.receivers.left.extend([user_id]))
}

/// Returns the users who received a share.
fn receivers(store: &Store, share: &Share) -> BTreeSet<String> {
    store.users.iter().map(|(id, _)| id).filter(|id| is_received(store, share, id)).map(str::to_owned).collect()
}

/// Tells those who receive a share and didn't before.
fn announce(store: &mut Store, id: &str, known: &BTreeSet<String>, now: DateTime<Utc>) {
    let Some(share) = store.shares.get(id).cloned() else { return };
    let text = format!("{} shared {} with you.", users::name(store, &share.sharer), share.name);
    for user_id in receivers(store, &share).difference(known) {
        messages::tell(store, user_id, "New share", &text, now);
    }
}

#[cfg(test)]
mod tests {
    use koodrive_proto::ops::spaces::SpaceType;

    use super::*;
    use crate::families::departments::Department;
    use crate::families::groups::{self, Member};
    use crate::families::shares::{read, received};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_702_286_245_529).unwrap()
    }

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    /// Three users, of whom one belongs to a department below another one, and one to a group and to a number.
    fn store() -> Store {
        let mut store = Store::default();
        for id in ["7", "8", "9"] {
            users::add(&mut store, id, now());
        }
        for (id, parent) in [("1", ""), ("2", "1")] {
            let (parent_id, account_id) = (parent.to_owned(), id.to_owned());
            store.departments.insert(id, Department { name: String::new(), parent_id, account_id });
        }
        store.users.update("8", |user| user.department_id = "2".to_owned());
        store.users.update("9", |user| user.mobile = "13800001234".to_owned());
        let member = Member {
            group_id: "3".to_owned(),
            user_id: "9".to_owned(),
            role: 1,
            template: String::new(),
            capabilities: None,
            created: now(),
            updated: now(),
            pinned: false,
        };
        store.group_members.insert(groups::member_id("3", "9"), member);
        store
    }

    fn share(receivers: Receivers) -> Share {
        Share {
            sharer: "7".to_owned(),
            space_id: String::new(),
            file_ids: Vec::new(),
            name: "report".to_owned(),
            scope: ShareScope::Named.number(),
            receivers,
            short_url: Hidden("1808628918203192832".to_owned()),
            extract_code: Hidden("a1B2c3D4".to_owned()),
            comment: String::new(),
            permission: Permission { preview: true, edit: true, download: true },
            created: now(),
            updated: now(),
            expires: now(),
            cancelled: false,
            views: 0,
            downloads: 0,
            saves: 0,
        }
    }

    #[test]
    fn whom_a_share_is_for() {
        let store = store();
        let nobody = Receivers::default;
        for (receivers, expected) in [
            (nobody(), vec![]),
            (Receivers { user_ids: ids(&["7", "8", "10"]), ..nobody() }, vec!["8"]),
            (Receivers { dept_ids: ids(&["1"]), ..nobody() }, vec!["8"]),
            (Receivers { group_ids: ids(&["3"]), ..nobody() }, vec!["9"]),
            (Receivers { phone_numbers: ids(&["13800001234", ""]), ..nobody() }, vec!["9"]),
            (Receivers { user_ids: ids(&["8", "9"]), left: ["8".to_owned()].into(), ..nobody() }, vec!["9"]),
        ] {
            assert_eq!(super::receivers(&store, &share(receivers)).into_iter().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn receivers_are_told_once() {
        let mut store = store();
        let messages = |store: &Store| ["7", "8", "9"].map(|id| store.messages.under(id).count());
        let received = |store: &Store| ["7", "8", "9"].map(|id| received(store, id).len());
        let first = share(Receivers { user_ids: ids(&["7", "8"]), ..Receivers::default() });
        store.shares.insert("1", first);
        announce(&mut store, "1", &BTreeSet::new(), now());
        assert_eq!((messages(&store), received(&store)), ([0, 1, 0], [0, 1, 0]));
        store.shares.update("1", |share| share.receivers.user_ids = ids(&["9"]));
        announce(&mut store, "1", &["8".to_owned()].into(), now());
        assert_eq!((messages(&store), received(&store)), ([0, 1, 1], [0, 0, 1]));
        store.shares.update("1", |share| share.receivers.user_ids = ids(&["8", "9"]));
        announce(&mut store, "1", &["9".to_owned()].into(), now());
        assert_eq!((messages(&store), received(&store)), ([0, 2, 1], [0, 1, 1]));
    }

    #[test]
    fn a_share_needs_who_shares() {
        let mut store = store();
        let space_id = spaces::add(&mut store, "7", SpaceType::Individual, 1, now());
        let share = Share { space_id, ..share(Receivers::default()) };
        assert_eq!(status(&store, &share), ShareStatus::FileDeleted);
        store.users.update("7", |user| user.status = 1);
        assert_eq!(status(&store, &share), ShareStatus::Invalid);
        store.users.update("7", |user| user.status = 0);
        assert_eq!(status(&store, &share), ShareStatus::FileDeleted);
        store.users.remove("7");
        assert_eq!(status(&store, &share), ShareStatus::Invalid);
    }

    #[test]
    fn what_is_secret_is_hidden() {
        let mut store = store();
        let share = share(Receivers::default());
        let shown = format!("{share:?}");
        assert!(!shown.contains("a1B2c3D4") && !shown.contains("1808628918203192832"), "{shown}");
        store.users.update("7", |user| user.mobile.clear());
        assert_eq!(read::received(&store, "1", &share)["ownerMobile"], Json::Null);
        store.users.update("7", |user| user.mobile = "13900005678".to_owned());
        assert_eq!(read::received(&store, "1", &share)["ownerMobile"], "139****5678");
    }
}
