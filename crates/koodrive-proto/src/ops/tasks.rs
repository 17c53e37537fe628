//! Background tasks of the enterprise edition: handing over what a user has to another user, and importing users.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreateTask`] | starts a task |
//! | [`GetTask`] | reads a task, to see its state |
//! | [`ListTasks`] | lists tasks |
//! | [`GetHandoverRecipient`] | reads who takes over what a user has |
//! | [`GetTaskResult`] | reads how the import of users went |
//!
//! ```
//! # use koodrive_proto::ops::tasks::*;
//! let create = CreateTask::new().task_type(TaskType::ImportUsers).org_id("o").org_user_id("u");
//! // The answer has the id. Read the task until it is over, then see who could not be imported.
//! let task = GetTask::new("1534087020903704704");
//! let result = GetTaskResult::new().task_id("1534087020903704704");
//! ```
//!
//! Unlike most others, the manual's pages createTask and getTaskLIst mark the header Authorization as optional. It is
//! sent nevertheless.

use crate::check::{InvalidParam, require};
use crate::error::Error;
use crate::operation::{Paged, Turn, turn_cursor};
use crate::param::UserId;
use crate::{answer, choices, operation};

operation! {
    /// Starts a background task. The answer has its id.
    ///
    /// The task either hands over what one user has to another user and deletes the first user, or it imports users. A
    /// hand-over needs `src_user_id` and `dst_user_id`; an import needs `org_id` and `org_user_id`. On the page,
    /// `task_type` is optional, though it decides what else is required; the page doesn't say what happens without it.
    ///
    /// Source: createTask, enterprise (2025-08-28).
    ///
    /// ```
    /// # use koodrive_proto::ops::tasks::{CreateTask, TaskType};
    /// CreateTask::new()
    ///     .task_type(TaskType::HandOver)
    ///     .src_user_id("1397687227244555008")
    ///     .dst_user_id("1507947856550550784");
    /// ```
    POST "/koodrive/ose/v1/task/create" CreateTask = "createTask" -> CreatedTask;
    AppOrToken, Once, Enterprise Full;
    body {;
        /// What the task does.
        task_type: TaskType = "taskType",
        /// The user who is deleted. Required for [`TaskType::HandOver`].
        src_user_id: UserId = "srcUserId",
        /// The user who takes over. Required for [`TaskType::HandOver`].
        dst_user_id: UserId = "dstUserId",
        /// The id of a result, for [`TaskType::ImportUsers`]. The page doesn't say which result.
        result_id: String = "resultId",
        /// The id of the organization. Required for [`TaskType::ImportUsers`].
        org_id: String = "orgId",
        /// OrgID's id of the user who creates the task. Required for [`TaskType::ImportUsers`].
        org_user_id: String = "orgUserId",
    }
    && type_has_its_ids
}

/// A hand-over needs two users; an import needs an organization and a user of the organization.
fn type_has_its_ids(task: &CreateTask) -> Result<(), InvalidParam> {
    match task.task_type {
        Some(TaskType::HandOver) => require(task, &["srcUserId", "dstUserId"], "with taskType 0"),
        Some(TaskType::ImportUsers) => require(task, &["orgId", "orgUserId"], "with taskType 1"),
        _ => Ok(()),
    }
}

answer! {
    /// A new task.
    CreatedTask {
        /// The id of the task.
        task_id: Option<String>,
    }
}

operation! {
    /// Reads one task, to see its state.
    ///
    /// [`Until`](crate::flow::Until) repeats this until [`is_over`](Task::is_over). In the path, the id is where
    /// [`ListTasks`] has `list` and [`GetTaskResult`] has `result`.
    ///
    /// Of the members of a [`Task`], the page doesn't list `init_params`, `locale` and the times. It lists only
    /// [`TaskType::HandOver`], but a task of any kind is read.
    ///
    /// Source: getTaskDetail, enterprise (2025-08-28).
    ///
    /// ```
    /// # use koodrive_proto::ops::tasks::GetTask;
    /// GetTask::new("1534087020903704704");
    /// ```
    GET "/koodrive/ose/v1/task/{task_id}" GetTask = "getTaskDetail" -> Task;
    AppOrToken, ReadOnly, Enterprise Full;
    path {
        /// The id of the task, from the answer of [`CreateTask`].
        task_id: String,
    }
}

operation! {
    /// Lists tasks, page by page.
    ///
    /// The cursor of the next page is [`next_cursor`](TaskPage::next_cursor), a number in a text. Pages before the last
    /// one may be short or even empty.
    ///
    /// The manual's page doesn't say how several states are written; here the name of the parameter is repeated for
    /// each. The page's example of the request has one state, and its method is `GTE`.
    ///
    /// Source: getTaskLIst, enterprise (2025-10-21); only the first lines of the answer's example could be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::tasks::{ListTasks, TaskStatus};
    /// ListTasks::new().status([TaskStatus::New, TaskStatus::Executing]).page_size(10);
    /// ```
    GET "/koodrive/ose/v1/task/list" ListTasks = "getTaskLIst" -> TaskPage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {;
        /// Only tasks of this kind are listed. The manual's page lists only [`TaskType::HandOver`] here, though the
        /// answer may have imports as well.
        task_type: TaskType [0] = "taskType",
        /// Only tasks in one of these states are listed.
        status: Vec<TaskStatus>,
        /// How many tasks a page may have, at most 100.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor from the answer with the previous page.
        page_cursor: i64 = "pageCursor",
    }
}

impl Paged for ListTasks {
    type Item = Task;

    fn turn(&mut self, page: &TaskPage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: &mut TaskPage) -> &mut Vec<Task> {
        &mut page.tasks
    }

    fn key(item: &Task) -> Option<&str> {
        item.task_id.as_deref()
    }
}

answer! {
    /// A page of tasks.
    TaskPage {
        /// The tasks, which are called `taskList` in the table and `taskListDtos` in the example.
        tasks: Vec<Task> = "taskList" | "taskListDtos",
        /// The cursor of the next page; the last page has none. It is a text here and a number in the request.
        next_cursor: Option<String>,
    }
}

answer! {
    /// A task.
    Task {
        /// The id of the task.
        task_id: Option<String>,
        /// The name of the task.
        task_name: Option<String>,
        /// What the task does.
        task_type: Option<TaskType>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// KooDrive's own id of a user, according to the page getTaskDetail. It is not documented which user.
        user_id: Option<UserId>,
        /// The state of the task.
        status: Option<TaskStatus>,
        /// What the task was started with. The table describes it only as an extension.
        init_params: Option<String>,
        /// The country of the user.
        locale: Option<String>,
        /// The result: according to the page getTaskDetail, a code of the form 18xxxxxx if the task failed, and nothing
        /// if it succeeded.
        result_code: Option<String>,
        /// When the task was created; the format is not documented.
        create_time: Option<String>,
        /// When the task began; the format is not documented.
        start_time: Option<String>,
        /// When the task ended; the format is not documented.
        end_time: Option<String>,
    }
}

impl Task {
    /// Returns whether the task has ended, in whatever way. Use it with [`Until`](crate::flow::Until).
    ///
    /// A state that isn't known counts as not ended.
    pub fn is_over(&self) -> bool {
        matches!(self.status, Some(TaskStatus::Succeeded | TaskStatus::Failed))
    }
}

operation! {
    /// Reads who takes over what a user has.
    ///
    /// The page doesn't say what is answered if nothing of the user is handed over.
    ///
    /// Source: getHandoverDstUserInfo, enterprise (2025-08-28).
    ///
    /// ```
    /// # use koodrive_proto::ops::tasks::GetHandoverRecipient;
    /// GetHandoverRecipient::new("1397687227244555008");
    /// ```
    GET "/koodrive/ose/v1/task/dstUserInfo/{src_user_id}"
        GetHandoverRecipient = "getHandoverDstUserInfo" -> HandoverRecipient;
    AppOrToken, ReadOnly, Enterprise Full;
    path {
        /// The user whose belongings are handed over.
        src_user_id: UserId,
    }
}

answer! {
    /// The user who takes over.
    HandoverRecipient {
        /// The id of the user.
        id: Option<UserId>,
        /// The name of the user.
        name: Option<String>,
    }
}

operation! {
    /// Reads how the import of users went.
    ///
    /// Always set `task_id`. On the page it is optional, and the page doesn't say what is answered without it. It is
    /// `taskId` in the table and `taskid` in the example; here it is sent as in the table.
    ///
    /// The example of the answer lacks commas, so it isn't valid JSON. Its `code` and `msg` are not in the table.
    ///
    /// Source: getTaskResult, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::tasks::GetTaskResult;
    /// GetTaskResult::new().task_id("1534087020903704704");
    /// ```
    GET "/koodrive/ose/v1/task/result" GetTaskResult = "getTaskResult" -> ImportResult as data;
    AppOrToken, ReadOnly, Enterprise Full;
    query {;
        /// The id of the task, from the answer of [`CreateTask`].
        task_id: String = "taskId",
    }
}

answer! {
    /// How the import of users went.
    ImportResult {
        /// How many users were imported.
        success_count: Option<i64>,
        /// How many users could not be imported.
        fail_count: Option<i64>,
        /// The users who could not be imported.
        failures: Vec<ImportFailure> = "failInfoList",
    }
}

answer! {
    /// A user who could not be imported.
    ImportFailure {
        /// The name of the user.
        user_name: Option<String>,
        /// The reason.
        reason: Option<String> = "desc",
    }
}

choices! {
    /// The state of a task.
    pub enum TaskStatus: number {
        /// The task has not begun.
        New = 0,
        /// The task is running.
        Executing = 1,
        /// The task succeeded.
        Succeeded = 2,
        /// The task failed.
        Failed = 3,
    }
}

choices! {
    /// What a task does.
    pub enum TaskType: number {
        /// Hands over what one user has to another user, and deletes the first user.
        HandOver = 0,
        /// Imports users.
        ImportUsers = 1,
    }
}
