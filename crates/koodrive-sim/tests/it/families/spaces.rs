use koodrive_proto::ops::departments::{CreateDepartment, ListDepartments};
use koodrive_proto::ops::files::{CreateDirectory, GetFile, GetFileOperations};
use koodrive_proto::ops::permissions::{
    AmendModRole, Capabilities, ListUserPermissions, TeamSpaceType, UpdatePermissions,
};
use koodrive_proto::ops::spaces::*;
use koodrive_proto::ops::users::{UpdateUser, UserRole};
use koodrive_proto::param::{DepartmentId, SpaceId};

use crate::families::{ADMIN, Drive};

const INDIVIDUAL: SpaceType = SpaceType::Individual;

/// The department that has a space from the beginning.
const DEPARTMENT: &str = "1289173650183882753";

#[test]
fn a_user_has_several_spaces() {
    let drive = Drive::new().user("8");
    let first = drive.ok(&GetSpace::new(ADMIN, INDIVIDUAL)).container_id.unwrap();
    let before = drive.ok(&GetSpaceUsageOverview::new());
    let created = drive.ok(&CreateSpace::new(ADMIN, INDIVIDUAL, 5)).unwrap();
    let second = created.container_id.unwrap();
    assert_eq!((created.owner_id.as_deref(), created.capacity, created.space_used), (Some(ADMIN), Some(5), Some(0)));
    assert_eq!((created.creator.as_deref(), created.operator_id), (Some(ADMIN), Some(7)));

    // Now each call has to say which one is meant.
    assert_eq!(drive.code(&GetSpace::new(ADMIN, INDIVIDUAL)), "13000102");
    assert_eq!(drive.code(&DeleteSpace::new(ADMIN, INDIVIDUAL)), "13000102");
    let space = drive.ok(&GetSpace::new(ADMIN, INDIVIDUAL).container_id(second.clone()));
    assert_eq!((space.capacity, &space.biz_root_file_id), (Some(5), &created.biz_root_file_id));
    assert_eq!(drive.ok(&GetSpaceByContainer::new(second.clone())), space);
    assert_eq!(drive.ok(&GetSpaces::new(ADMIN, INDIVIDUAL)).len(), 2);
    let owned = |kind| {
        let owned = drive.ok(&ListOwnerSpaces::new(ADMIN).kind(kind));
        owned.into_iter().filter_map(|space| space.container_id).collect::<Vec<SpaceId>>()
    };
    assert_eq!((owned(INDIVIDUAL), owned(SpaceType::Group)), (vec![first, second.clone()], vec![]));

    // A change is read back, and says who made it.
    let update = UpdateSpace::new(ADMIN, INDIVIDUAL).container_id(second.clone());
    drive.call("8", &update.clone().capacity(10).status(SpaceStatus::Disabled)).unwrap();
    let space = drive.ok(&GetSpaceByContainer::new(second.clone()));
    assert_eq!((space.capacity, space.status), (Some(10), Some(SpaceStatus::Disabled)));
    assert_eq!((space.creator.as_deref(), space.modifier.as_deref()), (Some(ADMIN), Some("8")));

    let usage = drive.ok(&GetSpaceUsageOverview::new());
    assert_eq!(usage.total_allocation, before.total_allocation.map(|count| count + 1));
    assert_eq!(usage.total_capacity, before.total_capacity.map(|capacity| capacity + 10));
    let groups = drive.ok(&GetSpaceUsageByQuota::new().offset(1).limit(1));
    assert_eq!((groups.total, groups.groups[0].quota, groups.groups[0].total_allocation), (Some(2), Some(10), Some(1)));
    let users = drive.ok(&GetSpaceUsageByUser::new().user_ids([ADMIN, "8"]).offset(1).limit(5));
    let quotas: Vec<_> = users.users.iter().map(|user| user.quota).collect();
    assert_eq!((users.total, quotas), (Some(3), vec![Some(1 << 20), Some(10 << 20)]));

    // What is disabled refuses, and is deleted with what is in it.
    let folder = CreateDirectory::new("Work", second.clone());
    assert_eq!(drive.code(&folder), "13000301");
    drive.ok(&update.status(SpaceStatus::Normal));
    let folder = GetFile::new(drive.ok(&folder).id.unwrap(), second.clone());
    drive.ok(&folder);
    drive.ok(&DeleteSpace::new(ADMIN, INDIVIDUAL).container_id(second.clone()));
    assert_eq!(drive.code(&GetSpaceByContainer::new(second)), "13000301");
    assert_eq!(drive.code(&GetFileOperations::new(folder.file_id)), "13000309");
    assert_eq!(drive.ok(&GetSpaceUsageOverview::new()), before);
}

#[test]
fn owners_exist_and_a_department_has_one_space() {
    let drive = Drive::new();
    for kind in [SpaceType::Department, INDIVIDUAL, SpaceType::Group] {
        assert_eq!(drive.code(&CreateSpace::new("404", kind, 1)), "13000309");
    }
    assert_eq!(drive.code(&CreateSpace::new(ADMIN, INDIVIDUAL, 0)), "13000102");
    assert_eq!(drive.code(&CreateSpace::new(DEPARTMENT, SpaceType::Department, 1)), "13000102");
    drive.ok(&DeleteSpace::new(DEPARTMENT, SpaceType::Department));
    assert_eq!(drive.code(&GetSpace::new(DEPARTMENT, SpaceType::Department)), "13000301");
}

#[test]
fn what_is_given_out_is_taken_from_the_capacity() {
    let drive = Drive::new();
    let capacity = || {
        let kinds = drive.ok(&GetSpaceAllocation::new());
        let unused = kinds.iter().map(|kind| kind.total_capacity.unwrap() - kind.allocate_capacity.unwrap());
        <[i64; 3]>::try_from(unused.collect::<Vec<_>>()).unwrap()
    };
    // The department's space and those of four users have 1 GB each.
    let total = 1_048_576_000;
    assert_eq!(capacity(), [total - 1, total - 4, total]);
    let transfer = |targets: Vec<TransferTarget>| TransferUnallocatedSpace::new(INDIVIDUAL, targets);
    let to = |kind, size: i64| TransferTarget::new(kind, u32::try_from(size).unwrap());
    let (department, group) = (SpaceType::Department, SpaceType::Group);
    assert_eq!(drive.code(&transfer(vec![to(group, 9), to(department, total - 12)])), "13000311");
    assert_eq!(capacity(), [total - 1, total - 4, total], "what is refused has no effect");
    drive.ok(&transfer(vec![to(group, 9), to(department, total - 20), to(INDIVIDUAL, 7)]));
    assert_eq!(capacity(), [2 * total - 21, 7, total + 9]);

    let space = drive.ok(&CreateSpace::new(ADMIN, INDIVIDUAL, 5)).unwrap().container_id.unwrap();
    assert_eq!(drive.code(&CreateSpace::new(ADMIN, INDIVIDUAL, 3)), "13000311");
    let update = UpdateSpace::new(ADMIN, INDIVIDUAL).container_id(space.clone());
    assert_eq!(drive.code(&update.clone().capacity(8)), "13000311");
    drive.ok(&update.clone().capacity(7));
    assert_eq!(capacity()[1], 0);
    drive.ok(&update.capacity(1));
    assert_eq!(capacity()[1], 6);
    drive.ok(&DeleteSpace::new(ADMIN, INDIVIDUAL).container_id(space));
    assert_eq!(capacity()[1], 7);
}

#[test]
fn a_group_works_in_a_space() {
    let drive = Drive::new().user("8").user("9");
    let user = |id: &str| NewGroupUser::new(id, AmendModRole::ANONYMOUS).capabilities(Capabilities::all());
    let group = CreateGroupSpace::new("Sales", [user("8"), user("404"), user(ADMIN)]).capacity(20).icon_url("icon");
    let created = drive.ok(&group);
    assert_eq!(created.failed_list, ["404"]);
    let space = drive.ok(&GetSpaceByContainer::new(created.id.unwrap()));
    let group_id = space.owner_id.unwrap();
    assert_eq!((space.kind, space.capacity), (Some(SpaceType::Group), Some(20)));

    let names = |caller: &str, kind: Option<TeamType>, word: &str, offset: u32| {
        let mut list = ListTeamSpaces::new(offset, 2).key_word(word);
        list.team_type = kind;
        let page = drive.call(caller, &list).unwrap();
        (page.total, page.teams.into_iter().map(|team| team.group_name.unwrap()).collect::<Vec<_>>())
    };
    drive.ok(&CreateGroupSpace::new("Support", [user("8")]));
    drive.call("8", &CreateGroupSpace::new("Cooks", Vec::<NewGroupUser>::new())).unwrap();
    assert_eq!(names("8", None, "", 0), (Some(3), vec!["Sales".into(), "Support".into()]));
    assert_eq!(names("8", None, "", 2), (Some(3), vec!["Cooks".into()]));
    assert_eq!(names("8", Some(TeamType::Owned), "", 0), (Some(1), vec!["Cooks".into()]));
    assert_eq!(names("8", Some(TeamType::Joined), "upp", 0), (Some(1), vec!["Support".into()]));
    assert_eq!(names("8", None, "user 7", 0).0, Some(2), "by the name of the owner");
    assert_eq!(names("9", None, "", 0), (Some(0), vec![]));
    let team = drive.call("8", &ListTeamSpaces::new(0, 1)).unwrap().teams.remove(0);
    assert_eq!((team.id.as_deref(), team.role, team.user_num), (Some(&*group_id), Some(2), Some(2)));
    assert_eq!((team.owner_name.as_deref(), team.icon_url.as_deref()), (Some("user 7"), Some("icon")));
    assert_eq!(drive.code(&ListGroupSpaces::new(0, 10)), "13000410");
    drive.ok(&UpdateUser::new(ADMIN).role(UserRole::SuperAdministrator));
    let page = drive.ok(&ListGroupSpaces::new(1, 1).key_word("s"));
    assert_eq!((page.total, page.groups_total, page.assigned_capacity), (Some(3), Some(3), Some(22)));
    assert_eq!((page.groups[0].group_name.as_deref(), page.groups_max), (Some("Support"), page.max_capacity));
    assert_eq!(drive.ok(&ListGroupSpaces::new(0, 9).key_word("user 8")).groups.len(), 1);

    assert_eq!(drive.code(&DeleteGroupSpace::new("404")), "13000309");
    drive.ok(&DeleteGroupSpace::new(&*group_id));
    assert_eq!(drive.code(&DeleteGroupSpace::new(&*group_id)), "13000309");
    assert_eq!(names("8", Some(TeamType::Joined), "", 0), (Some(1), vec!["Support".into()]));
}

#[test]
fn departments_work_in_spaces() {
    let drive = Drive::new().user("8").user("9");
    let root = drive.ok(&ListDepartments::new()).departments.remove(0).id.unwrap();
    let department = |name: &str, above: &DepartmentId| drive.ok(&CreateDepartment::new(name, above)).id.unwrap();
    let sales = department("Sales", &root);
    let north = department("North", &sales);
    drive.ok(&UpdateUser::new("8").dept_id(north.as_str().parse::<i64>().unwrap()));
    drive.ok(&UpdateUser::new("9")
        .dept_id(sales.as_str().parse::<i64>().unwrap())
        .role(UserRole::DepartmentAdministrator));
    let capabilities = Capabilities::none().list_child_node_permission(true);
    // They get spaces of 1 GB with their departments.
    for department in [&sales, &north] {
        drive.ok(&DeleteSpace::new(department.as_str(), SpaceType::Department));
    }
    let create = CreateSpace::new(sales.as_str(), SpaceType::Department, 2).capabilities(capabilities);
    let space = drive.ok(&create).unwrap().container_id.unwrap();

    // Each department is listed, with its space if it has one.
    let list = |word: &str, offset| {
        let page = drive.ok(&ListDepartmentSpaces::new(offset, 2).key_word(word));
        let row = |row: DepartmentSpace| (row.name.unwrap(), row.container_id, row.user_num);
        (page.total, page.departments.into_iter().map(row).collect::<Vec<_>>())
    };
    let (with, without) = (("Sales".to_owned(), Some(space.clone()), Some(2)), ("North".to_owned(), None, None));
    assert_eq!(list("", 1), (Some(3), vec![with.clone(), without.clone()]));
    assert_eq!(list("Nor", 0), (Some(1), vec![without]));
    assert_eq!(list("user 9", 0), (Some(1), vec![with]), "by the name of the administrator");

    // Who is in the department or below it works there, by the permissions that it has.
    let teams = |user: &str| {
        let page = drive.call(user, &ListTeamSpaces::new(0, 9).team_type(TeamType::Department)).unwrap();
        page.teams.into_iter().map(|team| team.container_id.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((teams("8"), teams(ADMIN)), (vec![space.clone()], vec![]));
    let folder = CreateDirectory::new("Offers", space.clone());
    assert_eq!(drive.code(&folder), "13000410", "outside of the department");
    assert_eq!(drive.code_for("8", &folder), "13000410", "without the permission");
    let role = AmendModRole::new(8, AmendModRole::ANONYMOUS).capabilities(Capabilities::all());
    drive.ok(&UpdatePermissions::new([role], TeamSpaceType::Department, space.clone()));
    drive.call("8", &folder).unwrap();
    assert_eq!(drive.code_for("9", &folder), "13000410");
    let granted = ListUserPermissions::new(TeamSpaceType::Department, space.clone()).dept_id(&sales);
    let granted: Vec<_> = drive.ok(&granted).users.into_iter().map(|user| (user.dept_name, user.dept_role)).collect();
    assert_eq!(granted, [(Some("North".to_owned()), Some(1)), (Some("Sales".to_owned()), Some(0))]);

    // The spaces of users, by department.
    let users = |user: &str, list: &ListUserSpaces| {
        let page = drive.call(user, list).unwrap();
        (page.total, page.users.into_iter().map(|user| user.user_id.unwrap().as_str().to_owned()).collect::<Vec<_>>())
    };
    let all = ListUserSpaces::new(0, 2);
    assert_eq!(users(ADMIN, &all), (Some(3), vec![ADMIN.to_owned(), "8".to_owned()]));
    assert_eq!(users(ADMIN, &ListUserSpaces::new(2, 2)), (Some(3), vec!["9".to_owned()]));
    assert_eq!(users("9", &all).1, ["8", "9"], "their own department");
    assert_eq!(users(ADMIN, &all.clone().dept_id(&sales)).1, ["8", "9"]);
    assert_eq!(users(ADMIN, &all.clone().dept_id(&sales).is_direct(true)).1, ["9"]);
    assert_eq!(users(ADMIN, &all.clone().key_word("user 8")).1, ["8"]);
    drive.ok(&UpdateSpace::new("8", INDIVIDUAL).status(SpaceStatus::Disabled));
    assert_eq!(users(ADMIN, &all.space_status("1")).1, ["8"]);
}
