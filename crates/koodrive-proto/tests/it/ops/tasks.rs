//! Background tasks.

use koodrive_proto::ErrorKind;
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::tasks::{
    CreateTask, GetHandoverRecipient, GetTask, GetTaskResult, ListTasks, TaskStatus, TaskType,
};

use crate::common::{message, noted, parse, wire};

/// What is required depends on the kind of the task.
#[test]
fn create_task() {
    let hand_over = CreateTask::new().task_type(TaskType::HandOver).src_user_id("1");
    let source = CreateTask::new().task_type(TaskType::HandOver).dst_user_id("2");
    assert_eq!(message(&source), "srcUserId: got nothing, allowed: a text; it is required with taskType 0");
    assert_eq!(message(&hand_over), "dstUserId: got nothing, allowed: a text; it is required with taskType 0");
    assert_eq!(
        wire(&hand_over.dst_user_id("2")),
        "POST /task/create\n{\"taskType\":0,\"srcUserId\":\"1\",\"dstUserId\":\"2\"}",
    );
    let without = |text: &str| format!("{text}: got nothing, allowed: a text; it is required with taskType 1");
    let import = CreateTask::new().task_type(TaskType::ImportUsers).result_id("r");
    assert_eq!(message(&import.clone().org_id("o")), without("orgUserId"));
    let import = import.org_user_id("u");
    assert_eq!(message(&import), without("orgId"));
    assert_eq!(
        wire(&import.org_id("o")),
        "POST /task/create\n{\"taskType\":1,\"resultId\":\"r\",\"orgId\":\"o\",\"orgUserId\":\"u\"}",
    );
    // What is done without a kind, and what it needs, nobody knows.
    assert_eq!(wire(&CreateTask::new()), "POST /task/create\n{}");
    let answer = r#"{ "taskId" : "1534087020903704704", "code" : 0, "msg" : "成功" }"#;
    assert_eq!(parse::<CreateTask>(answer).unwrap().task_id.as_deref(), Some("1534087020903704704"));
}

/// A list in the query, a list with two names in the answer, a cursor that is a text there and a number here.
#[test]
fn list_tasks() {
    assert_eq!(wire(&ListTasks::new()), "GET /task/list");
    let mut op = ListTasks::new().task_type(TaskType::HandOver).page_size(10);
    op = op.status([TaskStatus::Succeeded, TaskStatus::Failed]);
    assert_eq!(wire(&op), "GET /task/list?taskType=0&status=2&status=3&pageSize=10");
    assert_eq!(
        message(&op.clone().task_type(TaskType::ImportUsers)),
        "taskType: got 1 (ImportUsers), allowed: 0 (HandOver)",
    );
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");
    assert_eq!(
        message(&op.clone().status([TaskStatus::New, TaskStatus::Other(4)])),
        "status[1]: got 4, allowed: 0 (New), 1 (Executing), 2 (Succeeded), 3 (Failed)",
    );

    for name in ["taskList", "taskListDtos"] {
        let (mut page, notes) = noted::<ListTasks>(&format!(
            r#"{{"{name}": [{{"taskId": "1", "taskType": 1, "status": "3", "resultCode": "18000205"}}],
                "nextCursor": "1534087020903704704", "code": "0"}}"#,
        ));
        assert_eq!(notes, [""; 0]);
        assert_eq!(op.turn(&page).unwrap(), Turn::Next);
        assert_eq!(op.page_cursor, Some(1_534_087_020_903_704_704));
        op.page_cursor = None;
        let task = ListTasks::items(&mut page).remove(0);
        assert_eq!((task.task_type, task.status), (Some(TaskType::ImportUsers), Some(TaskStatus::Failed)));
        assert_eq!(task.result_code.as_deref(), Some("18000205"));
    }
    // An empty page is not the end, and a cursor that is no number is an error.
    assert_eq!(op.turn(&noted::<ListTasks>(r#"{"taskList": [], "nextCursor": "7"}"#).0).unwrap(), Turn::Next);
    assert!(wire(&op).ends_with("&pageCursor=7"));
    assert_eq!(op.turn(&noted::<ListTasks>(r#"{"taskList": [{"taskId": "2"}]}"#).0).unwrap(), Turn::Last);
    let other = noted::<ListTasks>(r#"{"nextCursor": "a"}"#).0;
    assert_eq!(op.turn(&other).unwrap_err().kind(), ErrorKind::Decode);
}

/// The example, and which states end the polling.
#[test]
fn get_task() {
    assert_eq!(wire(&GetTask::new("1534087020903704704")), "GET /task/1534087020903704704");
    let (task, notes) = noted::<GetTask>(
        r#"{ "taskId" : "1534087020903704704", "taskName" : "lym0412normal", "taskType" : 0,
            "tenantId" : "d5ac574bd2934a69baa4f23c55daa8d4", "userId" : "1395497048157130881", "status" : 3,
            "resultCode" : "18000205", "code" : 0, "msg" : "成功" }"#,
    );
    assert_eq!(notes, [""; 0]);
    assert!(task.user_id.as_ref().is_some_and(|id| id == "1395497048157130881"));
    assert_eq!((task.is_over(), task.result_code.as_deref()), (true, Some("18000205")));
    for (state, is_over) in [("0", false), ("1", false), ("2", true), ("3", true), ("4", false), ("null", false)] {
        let task = parse::<GetTask>(&format!(r#"{{"taskId": "1", "status": {state}, "code": 0}}"#)).unwrap();
        assert_eq!(task.is_over(), is_over, "{state}");
    }
}

#[test]
fn what_became_of_a_task() {
    assert_eq!(wire(&GetHandoverRecipient::new("7")), "GET /task/dstUserInfo/7");
    let answer = r#"{ "id" : "1507947856550550784", "name" : "zujian2", "code" : 0, "msg" : "Success." }"#;
    let recipient = parse::<GetHandoverRecipient>(answer).unwrap();
    assert!(recipient.id.is_some_and(|id| id == "1507947856550550784"));

    assert_eq!(wire(&GetTaskResult::new()), "GET /task/result");
    assert_eq!(wire(&GetTaskResult::new().task_id("1215215")), "GET /task/result?taskId=1215215");
    // The example, with the commas that it lacks, and with a reason.
    let (result, notes) = noted::<GetTaskResult>(
        r#"{"data": {"successCount": 1, "failCount": 1, "failInfoList": [{"userName": "ss", "desc": "d"}]},
            "code": 0, "msg": "成功"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((result.success_count, result.fail_count), (Some(1), Some(1)));
    assert_eq!(result.failures[0].reason.as_deref(), Some("d"));
}
