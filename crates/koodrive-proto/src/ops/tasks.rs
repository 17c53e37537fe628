//! Background tasks of the enterprise edition: handing over what a user has, and importing users.
//!
//! The pages mark the header Authorization as optional, unlike most others; it is sent all the same.

use crate::check::{InvalidParam, require};
use crate::error::Error;
use crate::operation::{Paged, turn_cursor};
use crate::param::UserId;
use crate::{answer, choices, operation};

operation! {
    /// Starts a background task and answers its id.
    ///
    /// The task either hands over what a user has to another user and deletes the first, or imports users. The first
    /// needs `src_user_id` and `dst_user_id`, the second `org_id` and `org_user_id`. `task_type` is optional on the
    /// page, though it decides what else is required; what is done without it is not documented.
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
        /// What to do.
        task_type: TaskType = "taskType",
        /// The user who is deleted. Required for [`TaskType::HandOver`].
        src_user_id: UserId = "srcUserId",
        /// The user who takes over. Required for [`TaskType::HandOver`].
        dst_user_id: UserId = "dstUserId",
        /// The id of a result, for [`TaskType::ImportUsers`]. The page doesn't say of which.
        result_id: String = "resultId",
        /// The id of the organization. Required for [`TaskType::ImportUsers`].
        org_id: String = "orgId",
        /// OrgID's id of the user who creates the task. Required for [`TaskType::ImportUsers`].
        org_user_id: String = "orgUserId",
    }
    && type_has_its_ids
}

/// A hand-over needs two users, an import an organization and a user of it.
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
    /// Lists tasks, page by page.
    ///
    /// Goes on with [`next_cursor`](TaskPage::next_cursor), a number in a text; pages before the last may be short or
    /// even empty.
    ///
    /// How several states are written is not documented; here the name is repeated. The example of the request has one
    /// state, and a method `GTE`.
    ///
    /// Source: getTaskLIst, enterprise (2025-10-21); the answer's example could not be read but for its first lines.
    ///
    /// ```
    /// # use koodrive_proto::ops::tasks::{ListTasks, TaskStatus};
    /// ListTasks::new().status([TaskStatus::New, TaskStatus::Executing]).page_size(10);
    /// ```
    GET "/koodrive/ose/v1/task/list" ListTasks = "getTaskLIst" -> TaskPage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {;
        /// Only tasks of this kind. The page lists [`TaskType::HandOver`] only, though imports are answered as well.
        task_type: TaskType [0] = "taskType",
        /// Only tasks in one of these states.
        status: Vec<TaskStatus>,
        /// How many tasks, at most 100.
        page_size: u32 [1..=100] | 100 = "pageSize",
        /// The cursor that the page before answered.
        page_cursor: i64 = "pageCursor",
    }
}

impl Paged for ListTasks {
    type Item = Task;

    fn turn(&mut self, page: &TaskPage) -> Result<bool, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }

    fn items(page: TaskPage) -> Vec<Task> {
        page.tasks
    }
}

answer! {
    /// A page of tasks.
    TaskPage {
        /// The tasks: `taskList` in the table, `taskListDtos` in the example.
        tasks: Vec<Task> = "taskList" | "taskListDtos",
        /// The cursor of the next page; none on the last. A text here, a number in the request.
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
        /// What it does.
        task_type: Option<TaskType>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// KooDrive's own id of a user, by the page getTaskDetail. Which user is not documented.
        user_id: Option<UserId>,
        /// How far it is.
        status: Option<TaskStatus>,
        /// With what it was started; described as an extension only.
        init_params: Option<String>,
        /// The country of the user.
        locale: Option<String>,
        /// The result: by the page getTaskDetail a code of 18xxxxxx if it failed, and nothing if it succeeded.
        result_code: Option<String>,
        /// When it was created; the format is not documented.
        create_time: Option<String>,
        /// When it began; the format is not documented.
        start_time: Option<String>,
        /// When it ended; the format is not documented.
        end_time: Option<String>,
    }
}

choices! {
    /// How far a task is.
    pub enum TaskStatus: number {
        /// Not begun.
        New = 0,
        /// At it.
        Executing = 1,
        /// Over, and well.
        Succeeded = 2,
        /// Over, and failed.
        Failed = 3,
    }
}

choices! {
    /// What a task does.
    pub enum TaskType: number {
        /// Hands over what a user has to another user, and deletes the first.
        HandOver = 0,
        /// Imports users.
        ImportUsers = 1,
    }
}
