use koodrive_proto::ops::files::{
    ClearRecycleBin, CompleteFile, CreateDirectory, CreateFile, FileType, GetFile, GetUploadUrls, NewPart, OnConflict,
    RenameFile,
};
use koodrive_proto::ops::jobs::{CreateJob, GetJob, JobFile, JobResult, JobType, TaskInfo};
use koodrive_proto::ops::permissions::*;
use koodrive_proto::ops::spaces::{CreateGroupSpace, GetSpace, GetSpaceByContainer, NewGroupUser, SpaceType};
use koodrive_proto::param::{SpaceId, UserId};

use crate::families::{ADMIN, Drive};

fn reader() -> Capabilities {
    Capabilities::none().list_child_node_permission(true).view_permission(true)
}

fn named(drive: &Drive, list: &ListPermissionTemplates) -> Vec<String> {
    drive.ok(list).templates.into_iter().map(|template| template.name.unwrap()).collect()
}

#[test]
fn templates_come_and_go() {
    let mut drive = Drive::new();
    let list = ListPermissionTemplates::new(0, 100);
    assert_eq!(named(&drive, &list), ["Manage", "Upload", "View"]);
    for name in ["Readers", "Writers"] {
        drive.pass(60);
        let create = CreatePermissionTemplate::new(name, TemplateType::Custom, "10001", reader());
        drive.ok(&create.description("May look"));
    }
    let custom = list.clone().template_type(TemplateType::Custom);
    assert_eq!(named(&drive, &custom.clone().order_by_time(TimeOrder::Descending)), ["Writers", "Readers"]);
    let sorted = list.clone().order_by_time(TimeOrder::Ascending).pre_before(false);
    assert_eq!(named(&drive, &sorted), ["Readers", "Writers", "Manage", "Upload", "View"]);
    let mut page = sorted.clone();
    (page.offset, page.limit) = (1, 2);
    assert_eq!((named(&drive, &page), drive.ok(&page).total), (vec!["Writers".into(), "Manage".into()], Some(5)));
    let template = drive.ok(&custom).templates.remove(0);
    let id: i64 = template.id.as_ref().unwrap().parse().unwrap();
    assert_eq!((template.company.as_deref(), template.description.as_deref()), (Some("10001"), Some("May look")));
    assert_eq!(template.create_time.as_deref(), Some("2025-11-20T07:01:00.000Z"));
    let granted = template.capabilities.unwrap();
    assert_eq!((granted.view_permission, granted.delete_permission), (Some(true), Some(false)));

    // What isn't sent stays as it is.
    drive.ok(&EditPermissionTemplate::new(id, "Guests").capabilities(reader().upload_permission(true)));
    let read = drive.ok(&GetPermissionTemplates::new([id])).remove(0);
    assert_eq!((read.name.as_deref(), read.description.as_deref()), (Some("Guests"), Some("May look")));
    assert_eq!(read.capabilities.unwrap().upload_permission, Some(true));
    drive.ok(&ModifyPermissionTemplateStatus::new(id, TemplateStatus::Disabled));
    assert_eq!(named(&drive, &custom.status(TemplateStatus::Disabled)), ["Guests"]);

    let preset: i64 = drive.ok(&list).templates[0].id.as_ref().unwrap().parse().unwrap();
    assert_eq!(drive.code(&EditPermissionTemplate::new(preset, "Mine")), "13000102");
    assert_eq!(drive.code(&DeletePermissionTemplates::new([id, preset])), "13000102");
    drive.ok(&DeletePermissionTemplates::new([id, 404]));
    assert_eq!(drive.code(&GetPermissionTemplates::new([preset, id])), "13000309");
    assert_eq!(drive.code(&EditPermissionTemplate::new(id, "Mine")), "13000309");
    assert_eq!(drive.code(&ModifyPermissionTemplateStatus::new(id, TemplateStatus::Enabled)), "13000309");
    assert_eq!(drive.code(&GetPermissionTemplateUse::new(id.to_string())), "13000309");
}

#[test]
fn members_have_permissions() {
    let drive = Drive::new().user("8").user("9");
    let list = ListPermissionTemplates::new(0, 100);
    drive.ok(&CreatePermissionTemplate::new("Readers", TemplateType::Custom, "10001", reader()));
    let template = drive.ok(&list.template_type(TemplateType::Custom)).templates.remove(0).id.unwrap();
    let number: i64 = template.parse().unwrap();
    let users = [NewGroupUser::new("8", number), NewGroupUser::new("9", -1).capabilities(reader())];
    let space = drive.ok(&CreateGroupSpace::new("Sales", users)).id.unwrap();
    let group = drive.ok(&GetSpaceByContainer::new(&*space)).owner_id.unwrap();

    let used = || drive.ok(&GetPermissionTemplateUse::new(&*template)).in_use;
    assert_eq!(used(), Some(true));
    assert_eq!(drive.code(&DeletePermissionTemplates::new([number])), "13000102");

    // The listing goes over pages, and can be narrowed.
    let list = ListUserPermissions::new(TeamSpaceType::Group, &*space).group_id(&*group);
    let rows = |list: &ListUserPermissions| {
        let row = |user: UserPermission| (user.user_id.unwrap().to_string(), user.template_name, user.group_role);
        drive.ok(list).users.into_iter().map(row).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    let manager = ("7".to_owned(), some("Manage"), Some(0));
    let readers = ("8".to_owned(), some("Readers"), Some(2));
    let first = drive.ok(&list.clone().count(2));
    assert_eq!(rows(&list.clone().count(2)), [manager, readers.clone()]);
    let second = drive.ok(&list.clone().count(2).cursor(first.next_cursor.unwrap()));
    assert_eq!((second.users.len(), second.next_cursor), (1, None));
    let anonymous = &second.users[0];
    assert_eq!(
        (anonymous.template_id.as_deref(), anonymous.description.as_deref()),
        (Some("-1"), Some("list, preview"))
    );
    assert_eq!(anonymous.capabilities[0].upload_permission, Some(false));
    assert_eq!(rows(&list.clone().template_id(&*template)), std::slice::from_ref(&readers));
    assert_eq!(rows(&list.clone().user_name("user 8")), [readers]);

    // Others get other permissions.
    let update = |role: AmendModRole| UpdatePermissions::new([role], TeamSpaceType::Group, &*space);
    let upload = reader().upload_permission(true);
    drive.ok(&update(AmendModRole::new(8, -1).capabilities(upload)));
    let granted = drive.ok(&list.clone().user_name("user 8")).users.remove(0).capabilities.remove(0);
    assert_eq!((granted.upload_permission, granted.view_permission), (Some(true), Some(true)));
    assert_eq!(used(), Some(false));
    assert_eq!(drive.code(&update(AmendModRole::new(8, -1))), "13000102");
    assert_eq!(drive.code(&update(AmendModRole::new(8, 404))), "13000309");
    assert_eq!(drive.code(&update(AmendModRole::new(404, number))), "13000309");
    assert_eq!(drive.code(&update(AmendModRole::new(8, number)).file_id("F404")), "13000309");
    drive.ok(&ModifyPermissionTemplateStatus::new(number, TemplateStatus::Disabled));
    assert_eq!(drive.code(&update(AmendModRole::new(8, number))), "13000102");

    // Space and team belong together.
    let own = drive.ok(&GetSpace::new(ADMIN, SpaceType::Individual)).container_id.unwrap();
    assert_eq!(drive.code(&ListUserPermissions::new(TeamSpaceType::Group, own.clone()).group_id(&*group)), "13000415");
    assert_eq!(drive.code(&list.clone().group_id("404")), "13000415");
    assert_eq!(
        drive.code(&UpdatePermissions::new(Vec::<AmendModRole>::new(), TeamSpaceType::Department, &*space)),
        "13000415"
    );
    assert_eq!(
        drive.code(&UpdatePermissions::new(Vec::<AmendModRole>::new(), TeamSpaceType::Group, "404")),
        "13000301"
    );
}

#[test]
fn new_members_begin_with_what_is_set() {
    let drive = Drive::new();
    let space = drive.ok(&CreateGroupSpace::new("Sales", Vec::<NewGroupUser>::new())).id.unwrap();
    let group = drive.ok(&GetSpaceByContainer::new(&*space)).owner_id.unwrap();
    let number: i64 = group.parse().unwrap();
    let get = GetInitialMemberPermission::new(&*group);
    let initial = drive.ok(&get);
    assert_eq!((initial.template_name.as_deref(), initial.user_id), (Some("Manage"), None));
    assert_eq!(initial.container_id.as_ref().map(SpaceId::as_str), Some(&*space));

    let anonymous = SetInitialMemberPermission::ANONYMOUS;
    drive.ok(&SetInitialMemberPermission::new(number, anonymous).capabilities(reader()));
    let initial = drive.ok(&get);
    assert_eq!((initial.template_id.as_deref(), initial.space_type), (Some("-1"), Some(TeamSpaceType::Group)));
    assert_eq!(initial.user_id.as_ref().map(UserId::as_str), Some(ADMIN));
    assert_eq!(initial.space_id.as_deref(), Some(&*group));
    assert_eq!(initial.capabilities.unwrap().upload_permission, Some(false));
    assert_eq!(drive.code(&SetInitialMemberPermission::new(number, "404")), "13000309");
    assert_eq!(drive.code(&SetInitialMemberPermission::new(404, "404")), "13000309");
    assert_eq!(drive.code(&GetInitialMemberPermission::new("404")), "13000309");
}

#[test]
fn files_follow_the_permissions() {
    let mut drive = Drive::new().user("8");
    let users = [NewGroupUser::new("8", -1).capabilities(reader())];
    let space = drive.ok(&CreateGroupSpace::new("Sales", users)).id.unwrap();
    let make = |name: &str, parent: &str| CreateDirectory::new(name, &*space).parent_folder([parent]);
    let open = drive.ok(&make("Open", "root")).id.unwrap().as_str().to_owned();
    let inner = drive.ok(&make("Inner", &open)).id.unwrap().as_str().to_owned();

    // The member may look at what is in the space, and change nothing.
    let read = GetFile::new(&*inner, &*space);
    let rename = RenameFile::new(&*inner, &*space, "Renamed");
    drive.call("8", &read).unwrap();
    assert_eq!(drive.code_for("8", &make("Mine", "root")), "13000410");
    assert_eq!(drive.code_for("8", &rename), "13000410");
    assert_eq!(drive.code_for("8", &ClearRecycleBin::new(&*space)), "13000410");
    let files = TaskInfo::new([JobFile::new(&*inner).file_path(format!("/root/{open}/{inner}"))], &*space);
    let job = drive.call("8", &CreateJob::new(JobType::Delete, files, &*space)).unwrap();
    drive.pass(60);
    let info = drive.call("8", &GetJob::new(job)).unwrap().job_info.unwrap();
    assert_eq!((info.task_result_code, info.result_code), (Some(JobResult::Failed), Some(13_000_410)));

    // Nor go on with what somebody else uploads, until uploading is permitted.
    let create = CreateFile::new("a.jpg", FileType::Picture, &*open, 7_u64).auto_rename(OnConflict::Refuse);
    let upload = drive.ok(&create.container_id(&*space)).file_id.unwrap();
    let more = GetUploadUrls::new(upload.clone(), [NewPart::new(1, 7)]);
    assert_eq!(drive.code_for("8", &more), "13000410");
    assert_eq!(drive.code_for("8", &CompleteFile::new(upload.clone())), "13000410");

    // In one folder, and all below it, the member may do more; in one below that, nothing.
    let update = |file: &str, capabilities| {
        let role = AmendModRole::new(8, AmendModRole::ANONYMOUS).capabilities(capabilities);
        drive.ok(&UpdatePermissions::new([role], TeamSpaceType::Group, &*space).file_id(file));
    };
    update(&open, Capabilities::all());
    drive.call("8", &rename).unwrap();
    drive.send_parts(&drive.call("8", &more).unwrap().multi_parts, b"picture");
    drive.call("8", &CompleteFile::new(upload)).unwrap();
    assert_eq!(drive.code_for("8", &make("Mine", "root")), "13000410");
    update(&inner, Capabilities::none());
    drive.call("8", &make("Mine", &open)).unwrap();
    assert_eq!(drive.code_for("8", &read), "13000410");
    drive.ok(&read);

    let group = drive.ok(&GetSpaceByContainer::new(&*space)).owner_id.unwrap();
    let list = ListUserPermissions::new(TeamSpaceType::Group, &*space).group_id(group).user_name("user 8");
    let permitted = |list: &ListUserPermissions| drive.ok(list).users[0].capabilities[0].delete_permission;
    assert_eq!((permitted(&list), permitted(&list.clone().file_id(open))), (Some(false), Some(true)));
    let own = drive.ok(&GetSpace::new(ADMIN, SpaceType::Individual)).container_id.unwrap();
    let other = drive.ok(&CreateDirectory::new("Mine", own)).id.unwrap();
    assert_eq!(drive.code(&list.clone().file_id(other)), "13000411");
}
