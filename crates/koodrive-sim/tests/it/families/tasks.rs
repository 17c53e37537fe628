use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::operation::Paged;
use koodrive_proto::ops::spaces::{GetSpace, SpaceType, UpdateSpace};
use koodrive_proto::ops::tasks::{
    CreateTask, GetHandoverRecipient, GetTask, GetTaskResult, ListTasks, TaskStatus, TaskType,
};

use super::{ADMIN, Drive};

fn hand_over(from: &str, to: &str) -> CreateTask {
    CreateTask::new().task_type(TaskType::HandOver).src_user_id(from).dst_user_id(to)
}

#[test]
fn a_user_is_handed_over_with_all_files_and_deleted() {
    let mut drive = Drive::new().user("8").user("9");
    let (theirs, ours) = (drive.space_of("8"), drive.space_of(ADMIN));
    let file = drive.file("8", &theirs, "root", "a.txt", 4);
    drive.file("8", &theirs, "root", "b.txt", 2);
    assert_eq!(drive.code(&GetHandoverRecipient::new("8")), "13000309");

    let id = drive.ok(&hand_over("8", ADMIN)).task_id.unwrap();
    let status = |drive: &Drive| drive.ok(&GetTask::new(&*id)).status.unwrap();
    assert_eq!(status(&drive), TaskStatus::New);
    drive.now += TimeDelta::milliseconds(400);
    assert_eq!(status(&drive), TaskStatus::Executing);
    assert_eq!(drive.names("8", &theirs, "root"), ["a.txt", "b.txt"]);
    drive.pass(1);
    let task = drive.ok(&GetTask::new(&*id));
    assert_eq!((task.status, task.result_code), (Some(TaskStatus::Succeeded), None));
    assert_eq!((task.task_name.as_deref(), task.task_type), (Some("user 8"), Some(TaskType::HandOver)));

    let folder = drive.detail(&ours, &file).parent_folder.remove(0);
    assert_eq!(drive.names(ADMIN, &ours, "root"), ["user 8"]);
    assert_eq!(drive.names(ADMIN, &ours, folder.as_str()), ["a.txt", "b.txt"]);
    assert_eq!(drive.used(ADMIN), 6);
    assert_eq!(drive.code(&GetSpace::new("8", SpaceType::Individual)), "13000301");
    let recipient = drive.ok(&GetHandoverRecipient::new("8"));
    assert_eq!((recipient.id.unwrap().as_str(), recipient.name.as_deref()), (ADMIN, Some("user 7")));

    assert_eq!(drive.code(&hand_over("8", ADMIN)), "13000309");
    assert_eq!(drive.code(&hand_over("9", "9")), "13000102");
    assert_eq!(drive.code(&CreateTask::new()), "13000102");
    assert_eq!(drive.code(&GetTask::new("1")), "13000309");
}

#[test]
fn a_hand_over_that_does_not_fit_changes_nothing() {
    let mut drive = Drive::new().user("8");
    let (theirs, ours) = (drive.space_of("8"), drive.space_of(ADMIN));
    drive.ok(&UpdateSpace::new("8", SpaceType::Individual).capacity(2));
    let files = r#"{"files": [
        {"owner": "8", "path": "1.bin", "size": 536870912}, {"owner": "8", "path": "2.bin", "size": 1073741824}
    ]}"#;
    drive.simulator.seed(files).unwrap();
    let id = drive.ok(&hand_over("8", ADMIN)).task_id.unwrap();
    drive.pass(1);
    let task = drive.ok(&GetTask::new(id));
    assert_eq!((task.status, task.result_code.as_deref()), (Some(TaskStatus::Failed), Some("18000205")));
    assert_eq!(drive.names(ADMIN, &ours, "root").len(), 0);
    assert_eq!(drive.names("8", &theirs, "root"), ["1.bin", "2.bin"]);
    assert_eq!((drive.used("8"), drive.used(ADMIN)), (1536 * 1024, 0));
    assert_eq!(drive.code(&GetHandoverRecipient::new("8")), "13000309");
}

#[test]
fn tasks_are_listed_by_page_and_imports_have_results() {
    let mut drive = Drive::new().user("8").user("9");
    let import = CreateTask::new().task_type(TaskType::ImportUsers).org_id("o").org_user_id("u").result_id("r");
    let mut ids: Vec<String> = (0..4).map(|_| drive.ok(&import).task_id.unwrap()).collect();
    drive.pass(1);
    ids.push(drive.ok(&hand_over("8", "9")).task_id.unwrap());
    ids.reverse();
    let result = drive.ok(&GetTaskResult::new().task_id(&*ids[1]));
    assert_eq!((result.success_count, result.fail_count, result.failures.len()), (Some(0), Some(0), 0));
    assert_eq!(drive.code(&GetTaskResult::new()), "13000102");
    assert_eq!(drive.code(&GetTaskResult::new().task_id(&*ids[0])), "13000309");

    let mut list = ListTasks::new().page_size(2);
    let mut listed = Vec::new();
    for more in [true, true, false] {
        let page = drive.ok(&list);
        list.turn(&page).unwrap();
        assert_eq!(page.next_cursor.is_some(), more);
        listed.extend(page.tasks.into_iter().map(|task| (task.task_id.unwrap(), task.end_time.is_some())));
    }
    assert_eq!(listed, ids.iter().enumerate().map(|(at, id)| (id.clone(), at > 0)).collect::<Vec<_>>());
    let count = |list: ListTasks| drive.ok(&list).tasks.len();
    assert_eq!(count(ListTasks::new().task_type(TaskType::HandOver)), 1);
    assert_eq!(count(ListTasks::new().status([TaskStatus::New, TaskStatus::Succeeded])), 5);
    assert_eq!(count(ListTasks::new().status([TaskStatus::Succeeded])), 4);
    assert_eq!(count(ListTasks::new().status([TaskStatus::Failed])), 0);
}
