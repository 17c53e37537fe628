use koodrive_proto::ops::groups::{
    AddUserGroupMembers, ChangeStatus, CreateUserGroup, DeleteUserGroup, FormerMember, GroupKind, GroupMember,
    GroupRole, ListUserGroupMembers, ListUserGroups, Pinning, RemoveUserGroupMembers, UpdateUserGroup,
};
use koodrive_proto::ops::permissions::{AmendModRole, Capabilities};
use koodrive_proto::ops::users::DeleteUser;

use crate::families::{ADMIN, Drive, NOBODY};

fn create(drive: &Drive, name: &str, kind: GroupKind) -> String {
    drive.ok(&CreateUserGroup::new(name, kind)).id.unwrap().as_str().to_owned()
}

/// The names of a user's groups on all pages, with the total.
fn names(drive: &Drive, user: &str, mut list: ListUserGroups) -> (Vec<String>, i64) {
    let mut names = Vec::new();
    loop {
        let page = drive.call(user, &list).unwrap();
        assert!(page.groups.len() <= usize::try_from(list.page_size.unwrap()).unwrap());
        names.extend(page.groups.into_iter().map(|group| group.group_name.unwrap()));
        match page.next_cursor {
            Some(cursor) => list.page_cursor = Some(cursor),
            None => return (names, page.total.unwrap()),
        }
    }
}

fn add(group: &str, users: &[i64]) -> AddUserGroupMembers {
    let users =
        users.iter().map(|user| AmendModRole::new(*user, AmendModRole::ANONYMOUS).capabilities(Capabilities::all()));
    AddUserGroupMembers::new(group, users.collect::<Vec<_>>())
}

fn members(drive: &Drive, group: &str) -> Vec<GroupMember> {
    drive.ok(&ListUserGroupMembers::new(group, 0, 100)).members
}

fn ids(members: Vec<GroupMember>) -> Vec<String> {
    members.into_iter().map(|member| member.user_id.unwrap().as_str().to_owned()).collect()
}

#[test]
fn groups_are_listed_for_those_who_joined() {
    let drive = Drive::new().user("8");
    let list = |size: u32| ListUserGroups::new(GroupKind::Group).page_size(size);
    let groups: Vec<String> = ["a", "b", "ab", "c"].map(|name| create(&drive, name, GroupKind::Group)).into();
    create(&drive, "u", GroupKind::UserGroup);
    for size in [1, 2, 3, 4, 100] {
        assert_eq!(names(&drive, ADMIN, list(size)), (["a", "b", "ab", "c"].map(str::to_owned).into(), 4), "{size}");
    }
    assert_eq!(names(&drive, ADMIN, list(1).group_name("b")).0, ["b", "ab"]);
    assert_eq!(names(&drive, ADMIN, ListUserGroups::new(GroupKind::UserGroup)).0, ["u"]);
    assert_eq!(drive.code(&list(1).page_cursor("7")), "13000102");
    assert_eq!(names(&drive, "8", list(1)).1, 0);
    drive.ok(&add(&groups[1], &[8]));
    assert_eq!(names(&drive, "8", list(1)).0, ["b"]);

    // Pinned for one member only.
    drive.ok(&UpdateUserGroup::new(&*groups[3], "new", GroupKind::Group).top(Pinning::Pinned).icon_url("http://i"));
    drive.ok(&add(&groups[3], &[8]));
    assert_eq!(names(&drive, ADMIN, list(1)).0, ["new", "a", "b", "ab"]);
    assert_eq!(names(&drive, "8", list(1)).0, ["b", "new"]);
    drive.ok(&UpdateUserGroup::new(&*groups[3], "new", GroupKind::Group).top(Pinning::InOrder));
    assert_eq!(names(&drive, ADMIN, list(1)).0, ["a", "b", "ab", "new"]);
    let update = UpdateUserGroup::new(&*groups[3], "new", GroupKind::UserGroup);
    assert_eq!(drive.code(&update), "13000309", "of another kind");
    assert_eq!(drive.code(&UpdateUserGroup::new(NOBODY, "new", GroupKind::Group)), "13000309");

    drive.ok(&DeleteUserGroup::new(&*groups[3]));
    assert_eq!(names(&drive, "8", list(1)).0, ["b"]);
    assert_eq!(drive.code(&DeleteUserGroup::new(&*groups[3])), "13000309");
    assert_eq!(drive.code(&ListUserGroupMembers::new(&*groups[3], 0, 1)), "13000309");
}

#[test]
fn members_come_and_go() {
    let mut drive = Drive::new().user("8").user("9");
    let group = create(&drive, "a", GroupKind::UserGroup);
    drive.pass(60);
    let added = drive.ok(&add(&group, &[8, 9, 404]));
    assert_eq!((added.status, added.failed_list), (Some(ChangeStatus::SomeSucceeded), vec!["404".to_owned()]));
    let added = drive.ok(&add(&group, &[8]));
    assert_eq!((added.status, added.failed_list), (Some(ChangeStatus::AllFailed), vec!["8".to_owned()]));
    assert_eq!(drive.code(&add(NOBODY, &[8])), "13000309");
    let found = members(&drive, &group);
    assert_eq!(found[1].created_time.as_deref(), Some("2025-11-20T07:01:00.000Z"));
    assert_eq!((found[0].role, found[1].role), (Some(GroupRole::Owner), Some(GroupRole::Member)));
    assert_eq!((found[1].user_name.as_deref(), found[1].dept_name.as_deref()), (Some("user 8"), Some("KooDrive")));
    assert_eq!(ids(found), [ADMIN, "8", "9"]);
    let page = drive.ok(&ListUserGroupMembers::new(&*group, 1, 1));
    assert_eq!((ids(page.members), page.total), (vec!["8".to_owned()], Some(3)));
    let page = drive.ok(&ListUserGroupMembers::new(&*group, 0, 9).key_word("r 9"));
    assert_eq!((ids(page.members), page.total), (vec!["9".to_owned()], Some(1)));

    // There is one owner.
    let role = |user: &str, role| UpdateUserGroup::new(&*group, "a", GroupKind::UserGroup).user_id(user).role(role);
    let roles = || members(&drive, &group).into_iter().map(|member| member.role.unwrap()).collect::<Vec<_>>();
    drive.ok(&role("9", GroupRole::Administrator));
    assert_eq!(roles(), [GroupRole::Owner, GroupRole::Member, GroupRole::Administrator]);
    assert_eq!(drive.code(&role(ADMIN, GroupRole::Member)), "13000102");
    assert_eq!(drive.code(&role("404", GroupRole::Member)), "13000309");
    drive.ok(&role("8", GroupRole::Owner));
    assert_eq!(roles(), [GroupRole::Administrator, GroupRole::Owner, GroupRole::Administrator]);

    let remove = |users: &[i64]| {
        let users: Vec<FormerMember> = users.iter().map(|user| FormerMember::new(*user)).collect();
        let removed = drive.ok(&RemoveUserGroupMembers::new(&*group, users));
        (removed.status.unwrap(), removed.failed_list)
    };
    assert_eq!(remove(&[8, 9]), (ChangeStatus::SomeSucceeded, vec!["8".to_owned()]), "the owner stays");
    assert_eq!(remove(&[7]), (ChangeStatus::AllSucceeded, vec![]));
    assert_eq!(remove(&[7]), (ChangeStatus::AllFailed, vec!["7".to_owned()]));
    assert_eq!(ids(members(&drive, &group)), ["8"]);
    assert_eq!(drive.code(&RemoveUserGroupMembers::new(NOBODY, [FormerMember::new(8)])), "13000309");

    // Whoever is deleted leaves, and the owner's groups are deleted as well.
    drive.ok(&add(&group, &[9]));
    drive.ok(&DeleteUser::new("9"));
    assert_eq!(ids(members(&drive, &group)), ["8"]);
    drive.ok(&DeleteUser::new("8"));
    assert_eq!(drive.code(&ListUserGroupMembers::new(&*group, 0, 1)), "13000309");
}
