//! What the service does with background tasks: handing over what a user has, and importing users.
//!
//! A task is new for half of the time of a job, is executed for the other half, and takes effect at its end.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::spaces::SpaceType;
use koodrive_proto::ops::tasks::{TaskStatus, TaskType};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::{File, tree};
use crate::families::{TENANT, due, users};
use crate::page;
use crate::reply::{Refusal, Reply};
use crate::store::{FIRST_ID, Row, Store};
use crate::times;

/// How many tasks are kept; the oldest ones that have ended are dropped.
const MOST: usize = 10_000;

/// The result of a task that failed, taken from the example of GetTask. No other code is known.
const FAILURE: &str = "18000205";

/// A task, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    /// The number of a [`TaskType`].
    kind: i64,
    /// Who created it.
    user_id: String,
    /// The user who is handed over; empty for an import.
    source: String,
    /// The user who takes over; empty for an import.
    target: String,
    /// The name of the user who is handed over.
    name: String,
    created: DateTime<Utc>,
    begins: DateTime<Utc>,
    ended: Option<DateTime<Utc>>,
    failed: bool,
}

impl Row for Task {
    /// Tasks are listed under the user who is handed over.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source)
    }
}

impl Task {
    fn status(&self, now: DateTime<Utc>) -> TaskStatus {
        match self.ended {
            Some(_) if self.failed => TaskStatus::Failed,
            Some(_) => TaskStatus::Succeeded,
            None if now < self.begins => TaskStatus::New,
            None => TaskStatus::Executing,
        }
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateTask" => create(call),
        "ListTasks" => list(call),
        "GetTask" => get(call),
        "GetHandoverRecipient" => recipient(call),
        "GetTaskResult" => result(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn create(call: &mut Call<'_>) -> Answer {
    let kind = call.text("taskType").and_then(|kind| kind.parse::<i64>().ok()).map(TaskType::from);
    let (source, target, name) = match kind {
        Some(TaskType::HandOver) => {
            let (source, target) = (call.required("srcUserId"), call.required("dstUserId"));
            if source == target {
                return Err(Refusal::new("13000102", "srcUserId and dstUserId are the same"));
            }
            for id in [&source, &target] {
                if !call.store.users.contains(id) {
                    return Err(Refusal::new("13000309", format!("there is no user {id}")));
                }
            }
            let name = users::name(call.store, &source);
            (source, target, name)
        }
        Some(TaskType::ImportUsers) => (String::new(), String::new(), String::new()),
        _ => return Err(Refusal::new("13000102", "taskType is needed: 0 or 1")),
    };
    let (store, now, time) = (&mut *call.store, call.now, call.settings.job_time);
    let task = Task {
        kind: if source.is_empty() { TaskType::ImportUsers } else { TaskType::HandOver }.number(),
        user_id: call.user_id.to_owned(),
        source,
        target,
        name,
        created: now,
        begins: times::after(now, time / 2),
        ended: None,
        failed: false,
    };
    let id = store.next_id();
    due::schedule(store, times::after(now, time), &id);
    store.tasks.insert(&*id, task);
    while store.tasks.len() > MOST {
        let oldest = store.tasks.iter().find(|(_, task)| task.ended.is_some()).map(|(id, _)| id.to_owned());
        let Some(oldest) = oldest else { break };
        store.tasks.remove(&oldest);
    }
    Ok(Reply::default().with("taskId", id))
}

/// Does what a task is for. It is over then.
///
/// What a task that fails has changed is taken back, so nothing may have changed since the last commit.
pub(crate) fn step(store: &mut Store, id: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut task = store.tasks.get(id)?.clone();
    if task.kind == TaskType::HandOver.number() {
        task.failed = hand_over(store, &task.source, &task.target, now).is_err();
        if task.failed {
            store.rollback();
        }
    }
    task.ended = Some(now);
    store.tasks.insert(id, task);
    None
}

/// Moves the files of a user into a folder of another user's space, and deletes the user with the rest.
fn hand_over(store: &mut Store, source: &str, target: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
    let own = |store: &Store, user: &str| {
        let spaces = store.spaces.under(user).filter(|(_, space)| space.kind == SpaceType::Individual.number());
        spaces.map(|(id, _)| id.to_owned()).collect::<Vec<_>>()
    };
    if !store.users.contains(source) || !store.users.contains(target) {
        return Err(Refusal::new("13000309", "the user is gone"));
    }
    let (from, to) = (own(store, source), own(store, target));
    for space in &from {
        let files: Vec<String> = tree::children(store, space, "root").map(|(id, _)| id.to_owned()).collect();
        if !files.is_empty() {
            let to = to.first().ok_or_else(|| Refusal::new("13000301", "the recipient has no space"))?;
            let name = users::name(store, source);
            let name = tree::free_name(store, to, "root", &name, tree::Clash::Rename, None, now)?;
            let folder = tree::add(store, File::folder(to, "root", &name, target, now))?;
            for id in files {
                tree::move_to(store, &id, to, &folder, now)?;
            }
        }
    }
    users::remove(store, source);
    Ok(())
}

fn find<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Task, Refusal> {
    call.store.tasks.get(id).ok_or_else(|| Refusal::new("13000309", "there is no such task"))
}

fn list(call: &Call<'_>) -> Answer {
    let (kind, wanted, before) =
        (call.text("taskType"), call.texts("status"), call.text("pageCursor").filter(|cursor| cursor != "0"));
    let size = page::size(call, "pageSize", 100)?;
    // The cursor is a number: the id of the last task of a page. Ids grow, and the newest comes first.
    if before.as_ref().is_some_and(|before| before.parse().map_or(true, |id: u64| id < FIRST_ID)) {
        return Err(Refusal::new("13000102", "the cursor is none of this listing"));
    }
    let tasks = call.store.tasks.iter().rev().filter(|(id, _)| before.as_ref().is_none_or(|before| *id < &**before));
    let tasks = tasks.filter(|(_, task)| kind.as_ref().is_none_or(|kind| *kind == task.kind.to_string()));
    let fits = |task: &Task| {
        let status = task.status(call.now).number().to_string();
        wanted.as_ref().is_none_or(|wanted| wanted.contains(&status))
    };
    let mut tasks: Vec<(&str, &Task)> = tasks.filter(|(_, task)| fits(task)).take(size + 1).collect();
    let more = tasks.len() > size;
    tasks.truncate(size);
    let next = tasks.last().filter(|_| more).map(|(id, _)| *id);
    let reply = match next {
        Some(next) => Reply::default().with("nextCursor", next),
        None => Reply::default(),
    };
    let rows: Vec<Json> = tasks
        .into_iter()
        .map(|(id, task)| {
            let mut row = info(id, task, call.now);
            row["createTime"] = times::millis(task.created).into();
            if task.begins <= task.ended.unwrap_or(call.now) {
                row["startTime"] = times::millis(task.begins).into();
            }
            if let Some(ended) = task.ended {
                row["endTime"] = times::millis(ended).into();
            }
            row
        })
        .collect();
    Ok(reply.with("taskList", rows))
}

fn get(call: &Call<'_>) -> Answer {
    let id = call.required("task_id");
    Ok(Reply::members(info(&id, find(call, &id)?, call.now)))
}

/// What GetTask and ListTasks have in common.
fn info(id: &str, task: &Task, now: DateTime<Utc>) -> Json {
    let mut info = json!({
        "taskId": id,
        "taskType": task.kind,
        "tenantId": TENANT,
        "userId": task.user_id,
        "status": task.status(now).number(),
    });
    if !task.name.is_empty() {
        info["taskName"] = task.name.as_str().into();
    }
    if task.failed {
        info["resultCode"] = FAILURE.into();
    }
    info
}

fn recipient(call: &Call<'_>) -> Answer {
    let id = call.required("src_user_id");
    let task = call.store.tasks.under(&id).map(|(_, task)| task).rfind(|task| !task.failed);
    let task = task.ok_or_else(|| Refusal::new("13000309", "nothing of the user is handed over"))?;
    Ok(Reply::members(json!({"id": task.target, "name": users::name(call.store, &task.target)})))
}

/// The users to import are in a file that no documented call sends, so nobody is imported.
fn result(call: &Call<'_>) -> Answer {
    let id = call.text("taskId").ok_or_else(|| Refusal::new("13000102", "taskId is needed"))?;
    if find(call, &id)?.kind != TaskType::ImportUsers.number() {
        return Err(Refusal::new("13000309", "the task is no import"));
    }
    Ok(Reply::data(json!({"successCount": 0, "failCount": 0, "failInfoList": []})))
}
