//! What a drive has from its beginning, given as JSON.

use koodrive_proto::ops::departments::ListDepartments;
use koodrive_proto::ops::files::{FileArea, GetFolderStats, ListPersonalFiles};
use koodrive_proto::ops::groups::ListUserGroupMembers;
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_proto::ops::users::GetUser;

use crate::families::Drive;

const COMPANY: &str = r#"{
    "departments": [{"id": "20", "name": "Sales", "capacity_gb": 100}, {"id": "21", "name": "Abroad", "parent": "20"}],
    "users": [
        {"id": "40", "name": "Ann", "department": "20", "role": 0, "token": "Bearer token-of-40"},
        {"id": "41", "department": "21", "capacity_gb": 2}
    ],
    "groups": [{"id": "30", "name": "Fair", "owner": "40", "members": ["41", "40"], "capacity_gb": 5}],
    "files": [
        {"owner": "40", "path": "/Reports/2025/plan.docx", "size": 2048, "created": "2025-01-02 03:04:05"},
        {"owner": "40", "path": "/Reports/2025/old/"},
        {"owner": "40", "path": "notes.txt", "size": 1024},
        {"owner": "20", "path": "/Inbox/"}
    ]
}"#;

#[test]
fn a_company() {
    let drive = Drive::new();
    drive.simulator.seed(COMPANY).unwrap();
    let user = drive.ok(&GetUser::new("40"));
    assert_eq!((user.name.as_deref(), user.dept_name.as_deref()), (Some("Ann"), Some("Sales")));
    let below = drive.ok(&ListDepartments::new().department_id("20")).departments;
    assert_eq!(below.iter().map(|department| department.name.as_deref()).collect::<Vec<_>>(), [Some("Abroad")]);
    assert_eq!(drive.ok(&ListUserGroupMembers::new("30", 0, 10)).members.len(), 2);
    let space = |id, kind| drive.call("40", &GetSpace::new(id, kind)).unwrap();
    assert_eq!(space("41", SpaceType::Individual).capacity, Some(2));
    assert_eq!(space("30", SpaceType::Group).capacity, Some(5));
    assert_eq!(space("20", SpaceType::Department).capacity, Some(100));
    assert!(drive.call("40", &GetSpace::new("21", SpaceType::Department)).is_err_and(|error| error.is_not_found()));

    let own = space("40", SpaceType::Individual);
    let id = own.container_id.unwrap();
    assert_eq!((own.capacity, own.space_used), (Some(1), Some(3)));
    let stats = drive.call("40", &GetFolderStats::new("root", id.clone())).unwrap();
    assert_eq!((stats.sub_dir_count, stats.sub_file_count), (Some(3), Some(2)));
    let files =
        |folder: &str| drive.call("40", &ListPersonalFiles::new(FileArea::Space, id.clone(), folder)).unwrap().files;
    let reports = files("root").into_iter().find(|file| file.file_name.as_deref() == Some("Reports")).unwrap();
    let year = files(reports.id.unwrap().as_str()).remove(0);
    let plan = files(year.id.unwrap().as_str()).into_iter().find(|file| file.size.is_some()).unwrap();
    assert_eq!((plan.file_name.as_deref(), plan.size), (Some("plan.docx"), Some(2048)));
    assert_eq!(plan.created_time.as_deref(), Some("2025-01-02T03:04:05.000Z"));

    // The same again: nothing of it may be there already.
    let error = drive.simulator.seed(COMPANY).unwrap_err();
    assert_eq!(error.to_string(), r#"departments[0].id: "20" is there already"#);
}

#[test]
fn mistakes_are_named_and_nothing_is_added() {
    let drive = Drive::new();
    for (text, message) in [
        ("7", "invalid type: integer"),
        (r#"{"user": []}"#, "unknown field `user`"),
        (r#"{"users": [{"id": 7}]}"#, "invalid type: integer `7`, expected a string at line 1 column 19"),
        (r#"{"users": [{"id": ""}]}"#, "users[0].id: it is empty"),
        (r#"{"users": [{"id": "50"}, {"id": "50"}]}"#, r#"users[1].id: "50" is there already"#),
        (r#"{"users": [{"id": "50", "department": "9"}]}"#, r#"users[0].department: there is no department "9""#),
        (r#"{"users": [{"id": "50", "token": ""}]}"#, "users[0].token: it is empty"),
        (r#"{"users": [{"id": "50", "token": "HMAC-SHA256 t"}]}"#, "users[0].token: it must be visible ASCII"),
        (r#"{"users": [{"id": "50", "token": "t\n"}]}"#, "users[0].token: it must be visible ASCII characters"),
        (r#"{"users": [{"id": "50", "token": "t"}, {"id": "51", "token": "t"}]}"#, "users[1].token: somebody has it"),
        (r#"{"users": [{"id": "50", "capacity_gb": 0}]}"#, "users[0].capacity_gb: it is 0; allowed: from 1 on"),
        (r#"{"departments": [{"id": "9", "name": "", "parent": "8"}]}"#, "departments[0].parent: there is no"),
        (r#"{"groups": [{"id": "9", "name": "", "owner": "8"}]}"#, r#"groups[0].owner: there is no user "8""#),
        (r#"{"groups": [{"id": "9", "name": "", "owner": "7", "members": ["8"]}]}"#, "groups[0].members: there is no"),
        (r#"{"files": [{"owner": "8", "path": "a"}]}"#, r#"files[0].owner: "8" has no space"#),
        (r#"{"files": [{"owner": "7", "path": "/"}]}"#, "files[0].path: it has no name"),
        (r#"{"files": [{"owner": "7", "path": "a/b?"}]}"#, "files[0].path: fileName: got "),
        (r#"{"files": [{"owner": "7", "path": "a", "created": "today"}]}"#, r#"files[0].created: "today"; as 2025"#),
        (r#"{"files": [{"owner": "7", "path": "a"}, {"owner": "7", "path": "a"}]}"#, "files[1].path: it is there"),
        (r#"{"files": [{"owner": "7", "path": "a"}, {"owner": "7", "path": "a/b"}]}"#, r#"path: "a" is a file"#),
        (r#"{"files": [{"owner": "7", "path": "a", "size": 2000000000}]}"#, "files[0].path: Insufficient space."),
    ] {
        let error = drive.simulator.seed(text).expect_err(text).to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
    // Nor does a later token take one away.
    drive.simulator.seed(r#"{"users": [{"id": "60", "token": "Bearer of-60"}]}"#).unwrap();
    let simulator = drive.simulator.clone().token("Bearer of-60", "61").session("Bearer of-60", "61", "s");
    let simulator = simulator.refresh_token("Bearer of-60", "61", "r").token("Bearer of-61", "61");
    let owners = ["Bearer of-60", "Bearer of-61", "Bearer"].map(|token| simulator.token_owner(token));
    assert_eq!(owners, [Some("60".to_owned()), Some("61".to_owned()), None]);
    // Nothing of these stayed.
    drive.simulator.seed(r#"{"users": [{"id": "50"}], "files": [{"owner": "7", "path": "a/b"}]}"#).unwrap();
}
