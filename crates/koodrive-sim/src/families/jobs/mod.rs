//! What the service does with jobs.
//!
//! A job waits for half of its time and then runs, by the simulator's clock. While it runs, its files are dealt with
//! one after the other, at equal distances; what could be done stays done if the job is cancelled.

mod work;

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::ops::jobs::{JobAction, JobResult, JobStatus, JobType};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call, text};
use crate::families::archives::{self, package};
use crate::families::files::{self, change, tree};
use crate::families::{TENANT, due, permissions, service, shared_folders, spaces};
use crate::page;
use crate::reply::{Refusal, Reply};
use crate::storage::{Links, Room, content};
use crate::store::{Row, Store};
use crate::times;

/// A job starts only while there are fewer jobs and fewer files of jobs; the oldest jobs that have ended are dropped
/// for it.
const MOST: usize = 10_000;
const MOST_FILES: usize = 100_000;

/// How many files of packages one call looks at to see whether they may be downloaded.
const MOST_CHECKED: usize = 10_000;

/// How many files a call may name for a job.
const FILES: usize = 1000;

/// What the kinds of jobs can do. Without an action, a job does the first one.
const ACTIONS: [(JobType, &[JobAction]); 7] = [
    (JobType::Copy, &[JobAction::Copy]),
    (JobType::Delete, &[JobAction::Recycle, JobAction::Delete]),
    (JobType::Move, &[JobAction::Move]),
    (JobType::Restore, &[]),
    (JobType::Decompress, &[JobAction::LookIntoArchive, JobAction::ExtractAll, JobAction::ExtractPart]),
    (JobType::PackageDownload, &[]),
    (JobType::ClearRecycleBin, &[JobAction::ClearRecycleBin]),
];

/// A job, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    user_id: String,
    /// The number of a [`JobType`].
    kind: i64,
    /// The number of a [`JobAction`].
    action: Option<i64>,
    source: String,
    target: String,
    /// The folder of the target space into which files are copied, moved and extracted.
    folder: String,
    /// What is extracted from an archive.
    paths: Vec<String>,
    /// How many files the job has, and how many of them were dealt with, in their order.
    files: usize,
    done: usize,
    failed: usize,
    /// The code of the first failure.
    failure: Option<String>,
    /// Why it failed, or else why there is no package. No answer tells it, but the ledger does.
    reason: Option<String>,
    /// The id of the content that is a package, as long as it is kept.
    pub(crate) package: Option<String>,
    created: DateTime<Utc>,
    /// When it begins and ends, unless it is cancelled.
    begins: DateTime<Utc>,
    ends: DateTime<Utc>,
    /// When it ended, in whatever way.
    ended: Option<DateTime<Utc>>,
    cancelled: bool,
}

impl Row for Job {
    /// Jobs are listed under who started them.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }

    /// A job is found by its package.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        self.package.iter().map(|content| Cow::Owned(content::holder_key(content))).collect()
    }
}

/// A file of a job, under [`file_key`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct JobFile {
    job_id: String,
    file_id: String,
    /// 0 is waiting, 1 is done, 2 has failed.
    status: u8,
    /// What came of it.
    new_file_id: Option<String>,
}

impl Row for JobFile {
    /// Files are listed under their job.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.job_id)
    }
}

fn file_key(job_id: &str, number: usize) -> String {
    format!("{job_id}/{number:010}")
}

impl Job {
    fn status(&self, now: DateTime<Utc>) -> JobStatus {
        match self.ended {
            Some(_) if self.cancelled => JobStatus::Cancelled,
            Some(_) => JobStatus::Finished,
            None if now < self.begins => JobStatus::Waiting,
            None => JobStatus::Running,
        }
    }

    /// How much of its running time has passed, in percent.
    fn progress(&self, now: DateTime<Utc>) -> i64 {
        let whole = (self.ends - self.begins).num_milliseconds();
        let passed = (self.ended.unwrap_or(now) - self.begins).num_milliseconds();
        if self.ended.is_some() && !self.cancelled { 100 } else { share(passed, 100, whole).clamp(0, 99) }
    }

    /// When the next file is dealt with, or when the job ends if there is none.
    fn next(&self) -> DateTime<Utc> {
        let whole = (self.ends - self.begins).num_milliseconds();
        if self.done + 1 >= self.files {
            return self.ends;
        }
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        times::after(self.begins, TimeDelta::milliseconds(share(whole, count(self.done + 1), count(self.files))))
    }

    fn result(&self) -> JobResult {
        match self.failed {
            0 => JobResult::Succeeded,
            failed if failed < self.files => JobResult::PartlyFailed,
            _ => JobResult::Failed,
        }
    }

    fn has_result(&self) -> bool {
        self.ended.is_some() && !self.cancelled
    }
}

/// `number * part / whole`
fn share(number: i64, part: i64, whole: i64) -> i64 {
    let share = i128::from(number) * i128::from(part) / i128::from(whole.max(1));
    i64::try_from(share).unwrap_or(i64::MAX)
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateJob" => create(call),
        "ListJobs" => list(call),
        "GetJob" => get(call),
        "CancelJob" => cancel(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn create(call: &mut Call<'_>) -> Answer {
    let kind = call.text("taskType").and_then(|kind| kind.parse::<i64>().ok()).map(JobType::from);
    let action = call.text("actionType").and_then(|action| action.parse::<i64>().ok()).map(JobAction::from);
    let actions = ACTIONS.iter().find(|(known, _)| Some(*known) == kind);
    let (kind, actions) = *actions.ok_or_else(|| Refusal::new("13000102", "there is no such taskType"))?;
    if action.is_some_and(|action| !actions.contains(&action)) {
        return Err(Refusal::new("13000102", "the actionType is none of the taskType"));
    }
    let action = action.or_else(|| actions.first().copied());
    let paths = call.texts("taskInfo.uncompressFilePaths").unwrap_or_default();
    if action == Some(JobAction::ExtractPart) && paths.is_empty() {
        return Err(Refusal::new("13000102", "actionType 503 needs taskInfo.uncompressFilePaths"));
    }
    let (source, target) = (call.required("taskInfo.srcContainerId"), call.required("dstContainerId"));
    files::enter(call, &source)?;
    files::enter(call, &target)?;
    let path = call.text("taskInfo.newFilePath").unwrap_or_default();
    let folder = path.rsplit('/').find(|id| !id.is_empty()).unwrap_or("root").to_owned();
    let folder = tree::folder(call.store, &target, &shared_folders::inside(call, &target, folder))?;
    let files = call.objects("taskInfo.fileInfo");
    let mut files: Vec<String> = files.iter().filter_map(|file| file.get("fileId").and_then(text)).collect();
    if files.len() > FILES {
        return Err(Refusal::new("13000102", format!("{} files, allowed in one job: up to {FILES}", files.len())));
    }
    let mut named = BTreeSet::new();
    files.retain(|id| named.insert(id.clone()));
    if kind == JobType::ClearRecycleBin && files.is_empty() {
        files = change::clearable(call, &source)?;
    }
    let plan = Plan { kind, action, source, target, folder, paths };
    Ok(Reply::data(start(call, plan, files)?))
}

/// What a job is to do.
pub(crate) struct Plan {
    pub(crate) kind: JobType,
    pub(crate) action: Option<JobAction>,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) folder: String,
    pub(crate) paths: Vec<String>,
}

/// Starts a job, and returns its id.
pub(crate) fn start(call: &mut Call<'_>, plan: Plan, files: Vec<String>) -> Result<String, Refusal> {
    let (store, now, time) = (&mut *call.store, call.now, call.settings.job_time);
    while store.jobs.len() >= MOST || store.job_files.len() >= MOST_FILES {
        let oldest = store.jobs.iter().find(|(_, job)| job.ended.is_some()).map(|(id, _)| id.to_owned());
        remove(store, &oldest.ok_or_else(|| Refusal::new("13000102", "too many jobs haven't ended yet"))?);
    }
    let job = Job {
        user_id: call.user_id.to_owned(),
        kind: plan.kind.number(),
        action: plan.action.map(|action| action.number()),
        source: plan.source,
        target: plan.target,
        folder: plan.folder,
        paths: plan.paths,
        files: files.len(),
        done: 0,
        failed: 0,
        failure: None,
        reason: None,
        package: None,
        created: now,
        begins: times::after(now, time / 2),
        ends: times::after(now, time),
        ended: None,
        cancelled: false,
    };
    let id = store.next_id();
    for (number, file_id) in files.into_iter().enumerate() {
        let file = JobFile { job_id: id.clone(), file_id, status: 0, new_file_id: None };
        store.job_files.insert(file_key(&id, number), file);
    }
    due::schedule(store, job.next(), &id);
    store.jobs.insert(&*id, job);
    Ok(id)
}

fn remove(store: &mut Store, id: &str) {
    let Some(job) = store.jobs.remove(id) else { return };
    if let Some(next) = next(store, &job) {
        due::cancel(store, next, id);
    }
    store.job_files.remove_under(id);
}

/// When there is something to do: to deal with the next file, to end the job, or to drop its package.
fn next(store: &Store, job: &Job) -> Option<DateTime<Utc>> {
    match job.ended {
        None => Some(job.next()),
        Some(ended) => job.package.is_some().then(|| service::package_ends(store, ended)),
    }
}

/// Returns the ids of the jobs whose packages are kept, and when these were made.
pub(crate) fn packages(store: &Store) -> impl Iterator<Item = (&str, DateTime<Utc>)> {
    store.jobs.iter().filter(|(_, job)| job.package.is_some()).filter_map(|(id, job)| Some((id, job.ended?)))
}

/// Removes the jobs of a user who is gone.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    for id in store.jobs.ids_under(user_id) {
        remove(store, &id);
    }
}

/// Deals with the next file of a job, or drops its package, and returns when there is more to do.
///
/// What a file that fails has changed is taken back, so nothing may have changed since the last commit.
pub(crate) fn step(store: &mut Store, room: Room<'_>, id: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut job = store.jobs.get(id)?.clone();
    if job.ended.is_some() {
        job.package = None;
        store.jobs.insert(id, job);
        return None;
    }
    let key = file_key(id, job.done);
    if let Some(mut file) = store.job_files.get(&key).cloned() {
        match work::on_file(store, room, &job, &file.file_id, now) {
            Ok(new_file_id) => (file.status, file.new_file_id) = (1, new_file_id),
            Err(refusal) => {
                content::undo(store, room.blobs);
                file.status = 2;
                job.failed += 1;
                job.failure.get_or_insert_with(|| refusal.code.to_owned());
                job.reason.get_or_insert(refusal.reason);
            }
        }
        job.done += 1;
        store.job_files.insert(key, file);
    }
    if job.done >= job.files {
        if job.kind == JobType::PackageDownload.number() && job.result() != JobResult::Failed {
            pack(store, room, id, &mut job, now);
        }
        job.ended = Some(now);
        job.paths = Vec::new();
    }
    let next = next(store, &job);
    store.jobs.insert(id, job);
    next
}

/// Makes the package of what could be packed. If it can't be made, all has failed.
fn pack(store: &mut Store, room: Room<'_>, id: &str, job: &mut Job, now: DateTime<Utc>) {
    let files = store.job_files.under(id).filter(|(_, file)| file.status == 1);
    let files: Vec<String> = files.map(|(_, file)| file.file_id.clone()).collect();
    match package::make(store, room, &files, now) {
        Ok(package) => job.package = Some(package),
        Err(error) => job.reason = Some(format!("there is no package: {error}")),
    }
    if job.package.is_none() {
        job.failed = job.files;
        job.failure.get_or_insert_with(|| "13000408".to_owned());
        for key in store.job_files.ids_under(id) {
            store.job_files.update(&key, |file| file.status = 2);
        }
    }
}

/// Finds a job of the caller, whose id is a parameter.
fn find<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Job, Refusal> {
    let job = call.store.jobs.get(id).filter(|job| job.user_id == call.user_id);
    job.ok_or_else(|| Refusal::new("13000309", "the caller has no such job"))
}

fn list(call: &Call<'_>) -> Answer {
    let (kind, status) = (call.text("type"), call.text("status"));
    let fits = |wanted: &Option<String>, number: i64| wanted.as_ref().is_none_or(|text| *text == number.to_string());
    let jobs = call.store.jobs.under(call.user_id).rev();
    let jobs = jobs.filter(|(_, job)| fits(&kind, job.kind) && fits(&status, job.status(call.now).number()));
    let jobs = page::by_offset(call, jobs.collect(), "offset", "limit")?;
    let mut left = MOST_CHECKED;
    let rows: Vec<Json> = jobs.into_iter().map(|(id, job)| info(call.store, id, job, call.links, &mut left)).collect();
    Ok(Reply::data(rows))
}

fn get(call: &Call<'_>) -> Answer {
    let id = call.required("job_id");
    let job = find(call, &id)?;
    let files: Vec<Json> = call
        .store
        .job_files
        .under(&id)
        .map(|(_, file)| {
            let mut row = json!({
                "fileId": file.file_id,
                "status": file.status.to_string(),
                "srcContainerId": job.source,
            });
            if let Some(new) = &file.new_file_id {
                row["newFileId"] = json!(new);
            }
            row
        })
        .collect();
    let mut left = MOST_CHECKED;
    let mut data = json!({"jobInfo": info(call.store, &id, job, call.links, &mut left), "taskInfos": files});
    if job.kind == JobType::Decompress.number() && job.has_result() {
        let mut done = call.store.job_files.under(&id).filter(|(_, file)| file.status == 1);
        // The archive as it is now, as far as the caller may still look at it.
        if let Some(Ok(contents)) = done.next().map(|(_, file)| archives::look(call, &job.source, &file.file_id)) {
            data["uncompressedFileList"] = archives::tree(&contents);
        }
    }
    Ok(Reply::data(data).noting(job.reason.as_deref()))
}

/// JobDetailInfo, which ListJobs calls JobInfo. It has a link only if there are enough files left that the call may
/// look at.
fn info(store: &Store, id: &str, job: &Job, links: Links<'_>, left: &mut usize) -> Json {
    let now = links.now;
    let status = job.status(now);
    let mut info = json!({
        "taskId": id,
        "userId": format!("{TENANT}-{}", job.user_id),
        "taskType": job.kind,
        "status": status.number(),
        "progress": job.progress(now),
        "contentNum": job.files,
        "containerId": job.target,
        "tenantId": TENANT,
        "createTime": times::digits(job.created),
    });
    if let Some(action) = job.action {
        info["actionType"] = action.into();
    }
    if job.begins <= job.ended.unwrap_or(now) {
        info["beginTime"] = times::digits(job.begins).into();
    }
    if let Some(ended) = job.ended {
        info["endTime"] = times::digits(ended).into();
    }
    if let Some(code) = job.failure.as_ref().and_then(|code| code.parse::<u64>().ok()) {
        info["resultCode"] = code.into();
    }
    if job.has_result() {
        info["taskResultCode"] = job.result().number().into();
        if let Some(package) = job.package.as_ref().filter(|_| may_download(store, id, job, left)) {
            info["downloadUrl"] = links.object(package, "package.zip").into();
        }
    }
    info
}

/// Whether who had files packed may still download them, as far as they are still there.
fn may_download(store: &Store, id: &str, job: &Job, left: &mut usize) -> bool {
    let may = |packed: &JobFile| match store.files.get(&packed.file_id).filter(|_| packed.status == 1) {
        Some(file) => {
            let (user_id, id) = (&job.user_id, &packed.file_id);
            permissions::check_some(store, user_id, &file.space_id, id, work::needed(JobType::PackageDownload), left)
                .is_ok()
        }
        // It takes time to look for it, too.
        None => left.checked_sub(1).map(|less| *left = less).is_some(),
    };
    spaces::enterable(store, &job.source, &job.user_id).is_ok()
        && store.job_files.under(id).map(|(_, file)| file).all(may)
}

fn cancel(call: &mut Call<'_>) -> Answer {
    let (id, now) = (call.required("jobId"), call.now);
    let job = find(call, &id)?;
    if job.ended.is_some() {
        return Err(Refusal::new("13000102", "the job has ended already"));
    }
    let next = job.next();
    due::cancel(call.store, next, &id);
    call.store.jobs.update(&id, |job| {
        job.ended = Some(now);
        job.cancelled = true;
        job.paths = Vec::new();
    });
    Ok(Reply::default())
}
