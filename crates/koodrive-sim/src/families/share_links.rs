//! What the service does with links to shares, for users who have signed in and, with the same functions, for those who
//! haven't.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::ops::jobs::{JobResult, JobStatus};
use koodrive_proto::ops::share_links::ShareTaskType;
use koodrive_proto::ops::shares::ShareStatus;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::archives::package;
use crate::families::files::log::{self, Action};
use crate::families::files::{File, tree};
use crate::families::shares::{self, Share};
use crate::families::{due, permissions, service, spaces, users};
use crate::mix::mix;
use crate::page::{self, Entry, Sort};
use crate::reply::{Refusal, Reply};
use crate::storage::{Links, Room, content};
use crate::store::{Row, Store};
use crate::times;

/// How many seconds a token is valid that an extract code was exchanged for.
const VALID: i64 = 3600;

/// How many tasks a share keeps; older ones that have ended are dropped.
const TASKS: usize = 100;

/// A task with files of a share, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    share_id: String,
    /// Empty if nobody had signed in.
    user_id: String,
    space_id: String,
    file_ids: Vec<String>,
    work: Work,
    created: DateTime<Utc>,
    begins: DateTime<Utc>,
    ends: DateTime<Utc>,
    /// What became of the files, in their order, as soon as the task has ended.
    results: Option<Vec<Outcome>>,
    /// Why the first file failed, or else why there is no package. No answer tells it, but the ledger does.
    reason: Option<String>,
    /// The id of the content that is a package, as long as it is kept.
    pub(crate) package: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Work {
    Pack { zip_name: String },
    Save { space_id: String, folder: String },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Outcome {
    Packed,
    /// The id of the copy.
    Saved(String),
    Failed,
}

impl Row for Task {
    /// Tasks are listed under their share.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.share_id)
    }

    /// Tasks are found by who created them, and by their packages.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        let package = self.package.as_deref().map(content::holder_key);
        [Cow::Borrowed(&*self.user_id)].into_iter().chain(package.map(Cow::Owned)).collect()
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "VisitShare" => find_valid(call).map(|_| Reply::default()),
        "VisitPublicShare" => {
            let (id, _) = find_valid(call)?;
            call.store.shares.update(&id, |share| share.views += 1);
            Ok(Reply::default())
        }
        "GetShareInfo" => {
            let (id, share) = find(call)?;
            let mut link = link(call.store, &id, &share);
            link["expireDate"] = days(&share).to_string().into();
            Ok(Reply::default().with("link", link))
        }
        // The members after these could not be read.
        "GetPublicShareInfo" => {
            let (id, share) = find(call)?;
            let link = json!({
                "shareId": id,
                "shortUrl": share.short_url,
                "shareTime": times::millis(share.created),
                "ownerId": share.sharer,
            });
            Ok(Reply::default().with("link", link))
        }
        "VerifyExtractCode" | "VerifyPublicExtractCode" => verify(call),
        "ListShareFiles" | "ListPublicShareFiles" => list(call),
        "DownloadShareFile" | "DownloadPublicShareFile" => download(call),
        "CreateShareTask" | "CreatePublicShareTask" => create_task(call),
        "GetShareTask" | "GetPublicShareTask" => read_task(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Finds the share that a call names, by the code of its link or by its id, if it is for the caller.
fn find(call: &Call<'_>) -> Result<(String, Share), Refusal> {
    let code = ["shortUrl", "shortcode", "X-Share-Shorturl"].into_iter().find_map(|name| call.text(name));
    let id = call.required("shareId");
    let found = match &code {
        Some(code) => shares::by_link(call.store, code),
        None => call.store.shares.get(&id).map(|share| (id.as_str(), share)),
    };
    let (id, share) = found.ok_or_else(|| Refusal::new("13000309", "there is no such share"))?;
    if !shares::is_for(call.store, share, call.user_id) {
        return Err(Refusal::new("13000410", "the share is for others"));
    }
    Ok((id.to_owned(), share.clone()))
}

/// Finds a share that can still be opened.
pub(crate) fn find_valid(call: &Call<'_>) -> Result<(String, Share), Refusal> {
    let (id, share) = find(call)?;
    let gone = |what| Err(Refusal::new("13000309", what));
    match shares::status(call.store, &share) {
        ShareStatus::UntilExpiry if call.now < share.expires => Ok((id, share)),
        ShareStatus::UntilExpiry => gone("the share has ended"),
        ShareStatus::FileDeleted => gone("the files of the share are gone"),
        _ => gone("the share is no longer valid"),
    }
}

/// Finds a share that the call can open: one that is still valid, and whose extract code, if it has one, was exchanged
/// for the call's token.
pub(crate) fn find_open(call: &Call<'_>) -> Result<(String, Share), Refusal> {
    let (id, share) = find_valid(call)?;
    check_token(call, &id, &share)?;
    Ok((id, share))
}

/// Finds a file of a share: one that was shared itself, or one in a folder that was.
pub(crate) fn find_file<'a>(store: &'a Store, share: &Share, id: &str) -> Result<&'a File, Refusal> {
    check_shared(store, share, id)?;
    shares::open(store, share, id)
}

/// Refuses what a share doesn't have.
fn check_shared(store: &Store, share: &Share, id: &str) -> Result<(), Refusal> {
    let is_shared = tree::id_path(store, id).iter().any(|above| share.file_ids.contains(above));
    if is_shared { Ok(()) } else { Err(Refusal::new("13000309", "the share has no such file")) }
}

fn verify(call: &mut Call<'_>) -> Answer {
    let (id, share) = find_valid(call)?;
    // No code is empty, so this refuses a share without one as well.
    if call.required("extractCode") != share.extract_code.0 {
        return Err(Refusal::new("13000102", "extractCode is wrong"));
    }
    let ends = call.now.timestamp_millis().saturating_add(VALID * 1000);
    Ok(Reply::default().with("kdstoken", token(&id, &share, u64::try_from(ends).unwrap_or(0))))
}

/// Returns the token that an extract code is exchanged for. It says when it ends, and is another one when the code is,
/// so nothing has to be kept.
fn token(share_id: &str, share: &Share, ends: u64) -> String {
    let text = format!("{share_id} {ends} {}", share.extract_code.0);
    let seal = |seed| text.bytes().fold(seed, |seal, byte| mix(seal ^ u64::from(byte)));
    format!("{ends:016x}{:016x}", seal(ends))
}

fn check_token(call: &Call<'_>, id: &str, share: &Share) -> Result<(), Refusal> {
    if share.extract_code.0.is_empty() {
        return Ok(());
    }
    let given = call.text("kdstoken").ok_or_else(|| Refusal::new("13000102", "kdstoken is missing"))?;
    let ends = given.get(..16).and_then(|ends| u64::from_str_radix(ends, 16).ok());
    match ends.filter(|ends| given == token(id, share, *ends)) {
        None => Err(Refusal::new("13000102", "kdstoken is none of this share")),
        Some(ends) if i128::from(ends) <= i128::from(call.now.timestamp_millis()) => {
            Err(Refusal::new("13000102", "kdstoken has expired"))
        }
        Some(_) => Ok(()),
    }
}

fn list(call: &mut Call<'_>) -> Answer {
    let (id, share) = find_open(call)?;
    let files: Vec<(&str, &File)> = match call.text("parentFolder") {
        None => shares::live(call.store, &share).collect(),
        Some(folder) if find_file(call.store, &share, &folder)?.is_folder() => {
            let files = tree::children(call.store, &share.space_id, &folder);
            files.filter(|(id, _)| shares::open(call.store, &share, id).is_ok()).collect()
        }
        Some(_) => return Err(Refusal::new("13000304", "it is no folder")),
    };
    let (part, sort_type) = (call.required("fileName"), call.number("sortType"));
    let (by, key): (_, fn(&File) -> String) = match sort_type {
        Some(1) => ("name", |file| file.name.clone()),
        Some(2) => ("size", |file| page::rank(file.size)),
        _ => ("edited", |file| times::order(file.edited)),
    };
    let entries = files.into_iter().filter(|(_, file)| file.name.contains(&part)).map(|(id, file)| Entry {
        key: key(file),
        id: id.to_owned(),
        row: (id, file),
    });
    let sort = Sort::new(by, call.number("sortDirection") != Some(1));
    let (files, next) = page::by_cursor(call, entries.collect(), sort, "pageCursor", "pageSize")?;
    let rows = files.into_iter().map(|(id, file)| file_info(id, file, call.links)).collect();
    if call.flag("refreshCount") == Some(true) {
        call.store.shares.update(&id, |share| share.views += 1);
    }
    Ok(Reply::members(page::cursor_members("files", rows, next)).with("link", link(call.store, &id, &share)))
}

/// `ShareFile`, in which the link is a text.
fn file_info(id: &str, file: &File, links: Links<'_>) -> Json {
    json!({
        "id": id,
        "fileName": file.name,
        "fileType": file.kind,
        "parentFolder": [tree::folder_id(&file.space_id, &file.parent)],
        "fileSuffix": file.suffix(),
        "size": (!file.is_folder()).then_some(file.size),
        "containers": [file.space_id],
        "downloadLinks": (!file.is_folder()).then(|| links.file(id, file)),
        "editedTime": times::millis(file.edited),
    })
}

fn download(call: &mut Call<'_>) -> Answer {
    let (id, share) = find_open(call)?;
    let file_id = call.required("fileId");
    let file = find_file(call.store, &share, &file_id)?;
    if file.is_folder() {
        return Err(Refusal::new("13000406", ""));
    }
    let link = call.links.file(&file_id, file);
    call.store.shares.update(&id, |share| share.downloads += 1);
    Ok(Reply::default().with("downloadUrl", link))
}

fn create_task(call: &mut Call<'_>) -> Answer {
    let (share_id, share) = find_open(call)?;
    if call.required("containerId") != share.space_id {
        return Err(Refusal::new("13000302", "the files of the share are in another space"));
    }
    let file_ids = call.texts("fileIds").unwrap_or_default();
    for file_id in &file_ids {
        check_file(call.store, &share, file_id)?;
    }
    let missing = |name: &str| Refusal::new("13000102", format!("{name} is missing"));
    let work = if call.number("taskType") == Some(1) {
        Work::Pack { zip_name: call.text("zipName").ok_or_else(|| missing("zipName"))? }
    } else {
        let space_id = call.text("targetFileId.containerId").ok_or_else(|| missing("targetFileId.containerId"))?;
        let folder = call.text("targetFileId.fileId").ok_or_else(|| missing("targetFileId.fileId"))?;
        let folder = target(call.store, call.user_id, &space_id, &folder)?;
        let bytes = file_ids.iter().fold(0_u64, |bytes, id| bytes.saturating_add(tree::size(call.store, id)));
        // Whether there is room.
        spaces::take(call.store, &space_id, bytes)?;
        spaces::give_back(call.store, &space_id, bytes);
        Work::Save { space_id, folder }
    };
    call.store.shares.update(&share_id, |share| match work {
        Work::Pack { .. } => share.downloads += 1,
        Work::Save { .. } => share.saves += 1,
    });
    let time = call.settings.job_time;
    let task = Task {
        share_id,
        user_id: call.user_id.to_owned(),
        space_id: share.space_id,
        file_ids,
        work,
        created: call.now,
        begins: times::after(call.now, time / 2),
        ends: times::after(call.now, time),
        results: None,
        reason: None,
        package: None,
    };
    let (id, store) = (call.store.next_id(), &mut *call.store);
    due::schedule(store, task.ends, &id);
    while store.share_tasks.count(&task.share_id) >= TASKS {
        let ended = store.share_tasks.under(&task.share_id).find(|(_, task)| task.results.is_some());
        let Some(oldest) = ended.map(|(id, _)| id.to_owned()) else { break };
        remove_task(store, &oldest);
    }
    store.share_tasks.insert(&*id, task);
    Ok(Reply::default().with("taskId", id))
}

/// Ends a task whose time has come, or drops its package, and returns when there is more to do.
pub(crate) fn step_task(store: &mut Store, room: Room<'_>, id: &str) -> Option<DateTime<Utc>> {
    let mut task = store.share_tasks.get(id)?.clone();
    if task.results.is_some() {
        task.package = None;
        store.share_tasks.insert(id, task);
        return None;
    }
    let mut reason = None;
    let results = task.file_ids.iter().map(|file_id| {
        finish(store, &task, file_id).unwrap_or_else(|refusal| {
            reason.get_or_insert(refusal.reason);
            Outcome::Failed
        })
    });
    let mut results: Vec<Outcome> = results.collect();
    task.reason = reason;
    if matches!(task.work, Work::Pack { .. }) {
        let packed = task.file_ids.iter().zip(&results).filter(|(_, result)| matches!(result, Outcome::Packed));
        let packed: Vec<String> = packed.map(|(id, _)| id.clone()).collect();
        match package::make(store, room, &packed, task.ends) {
            Ok(package) => task.package = Some(package),
            Err(error) => {
                task.reason = Some(format!("there is no package: {error}"));
                results.fill(Outcome::Failed);
            }
        }
    }
    task.results = Some(results);
    let next = next(store, &task);
    store.share_tasks.insert(id, task);
    next
}

/// When there is something to do: to end the task, or to drop its package.
fn next(store: &Store, task: &Task) -> Option<DateTime<Utc>> {
    match task.results {
        None => Some(task.ends),
        Some(_) => task.package.is_some().then(|| service::package_ends(store, task.ends)),
    }
}

/// Returns the ids of the tasks whose packages are kept, and when these were made.
pub(crate) fn packages(store: &Store) -> impl Iterator<Item = (&str, DateTime<Utc>)> {
    store.share_tasks.iter().filter(|(_, task)| task.package.is_some()).map(|(id, task)| (id, task.ends))
}

/// Refuses a file that a share doesn't have, or not with everything below it.
fn check_file(store: &Store, share: &Share, file_id: &str) -> Result<(), Refusal> {
    check_shared(store, share, file_id)?;
    shares::open_all(store, share, file_id).map(|_| ())
}

/// Finds the folder into which a user saves.
fn target(store: &Store, user_id: &str, space_id: &str, folder: &str) -> Result<String, Refusal> {
    spaces::usable(store, space_id, user_id)?;
    let folder = tree::folder(store, space_id, folder)?;
    permissions::check_file(store, user_id, space_id, &folder, "addChildNodePermission")?;
    Ok(folder)
}

/// Packs or saves one file, if that is still possible.
fn finish(store: &mut Store, task: &Task, file_id: &str) -> Result<Outcome, Refusal> {
    let share = store.shares.get(&task.share_id).ok_or_else(|| Refusal::new("13000309", "the share is gone"))?;
    check_file(store, share, file_id)?;
    let Work::Save { space_id, folder } = &task.work else { return Ok(Outcome::Packed) };
    let folder = target(store, &task.user_id, space_id, folder)?;
    let id = tree::copy(store, file_id, space_id, &folder, &task.user_id, task.ends)?;
    log::note(store, file_id, &task.user_id, Action::SaveShared, task.ends);
    Ok(Outcome::Saved(id))
}

fn remove_task(store: &mut Store, id: &str) {
    let Some(task) = store.share_tasks.remove(id) else { return };
    if let Some(next) = next(store, &task) {
        due::cancel(store, next, id);
    }
}

/// Removes what belongs to a share that is gone.
pub(crate) fn forget(store: &mut Store, share_id: &str) {
    for id in store.share_tasks.ids_under(share_id) {
        remove_task(store, &id);
    }
}

/// Removes the tasks of a user who is gone.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    for id in store.share_tasks.ids_keyed(user_id) {
        remove_task(store, &id);
    }
}

fn read_task(call: &mut Call<'_>) -> Answer {
    let (share_id, share) = find(call)?;
    check_token(call, &share_id, &share)?;
    let id = call.required("taskId");
    let is_meant = |task: &&Task| task.share_id == share_id && task.user_id == call.user_id;
    let task = call.store.share_tasks.get(&id).filter(is_meant);
    let task = task.ok_or_else(|| Refusal::new("13000309", "there is no such task"))?;
    let job = job(call.store, &share, &id, task, call.links);
    Ok(Reply::members(json!({"jobInfo": job, "taskInfos": first_file(task)})).noting(task.reason.as_deref()))
}

fn job(store: &Store, share: &Share, id: &str, task: &Task, links: Links<'_>) -> Json {
    let now = links.now;
    let results = task.results.as_deref();
    let status = match results {
        Some(_) => JobStatus::Finished,
        None if now < task.begins => JobStatus::Waiting,
        None => JobStatus::Running,
    };
    let (kind, zip_name) = match &task.work {
        Work::Pack { zip_name } => (ShareTaskType::Pack, Some(zip_name)),
        Work::Save { .. } => (ShareTaskType::Save, None),
    };
    let result = results.map(|results| {
        let failed = results.iter().filter(|result| matches!(result, Outcome::Failed)).count();
        match failed {
            0 => JobResult::Succeeded,
            failed if failed < results.len() => JobResult::PartlyFailed,
            _ => JobResult::Failed,
        }
    });
    let total = (task.ends - task.created).num_milliseconds().max(1);
    let progress = if results.is_some() { 100 } else { (now - task.created).num_milliseconds().max(0) * 100 / total };
    let is_packed = result.is_some_and(|result| result != JobResult::Failed);
    let package = task.package.as_ref().filter(|_| is_packed && may_download(store, share, task));
    json!({
        "userId": Some(&task.user_id).filter(|id| !id.is_empty()),
        "taskId": id,
        "taskType": kind.number(),
        "taskStatus": status.number(),
        "taskResultCode": result.map(|result| result.number()),
        "createTime": times::digits(task.created),
        "startTime": (status != JobStatus::Waiting).then(|| times::digits(task.begins)),
        "endTime": results.map(|_| times::digits(task.ends)),
        "progress": progress,
        "downloadUrl": zip_name.zip(package).map(|(name, package)| links.object(package, name)),
    })
}

/// Whether the sharer may still share what a task packed, as far as it is still there.
fn may_download(store: &Store, share: &Share, task: &Task) -> bool {
    let results = task.results.as_deref().unwrap_or_default();
    let mut packed = task.file_ids.iter().zip(results).filter(|(_, result)| matches!(result, Outcome::Packed));
    packed.all(|(id, _)| shares::may_share(store, share, id))
}

/// The tables have one object, whatever the number of files: here it is the first file that failed, or the first one.
fn first_file(task: &Task) -> Json {
    let results = task.results.as_deref().unwrap_or_default();
    let place = results.iter().position(|result| matches!(result, Outcome::Failed)).unwrap_or(0);
    let (status, copy) = match results.get(place) {
        None => ("0", None),
        Some(Outcome::Packed) => ("1", None),
        Some(Outcome::Saved(id)) => ("1", Some(id)),
        Some(Outcome::Failed) => ("2", None),
    };
    json!({
        "fileId": task.file_ids.get(place),
        "status": status,
        "newFileId": copy,
        "srcContainerId": task.space_id,
    })
}

/// `CommonShareLink`.
fn link(store: &Store, id: &str, share: &Share) -> Json {
    json!({
        "shareId": id,
        "shortUrl": share.short_url,
        "shareTime": times::millis(share.created),
        "ownerId": share.sharer,
        "ownerName": users::name(store, &share.sharer),
        "permission": share.permission,
        "expireTime": times::millis(share.expires),
        "status": shares::status(store, share).number(),
    })
}

/// How many days a share lasts, parts of days included.
fn days(share: &Share) -> i64 {
    let day = TimeDelta::days(1).num_milliseconds();
    ((share.expires - share.created).num_milliseconds().max(0) + day - 1) / day
}
