use koodrive_proto::Credentials;
use koodrive_proto::ops::groups::{CreateUserGroup, GroupKind, ListUserGroupMembers};
use koodrive_proto::ops::sessions::{CheckSession, CreateSession};
use koodrive_proto::ops::spaces::{GetSpace, GetSpaceUsageOverview, SpaceType};
use koodrive_proto::ops::users::{
    CountUsers, CreateUser, DeleteUser, ExpandUserQuota, GetUser, GetUserMobile, ImportedUser, ListUsers, Placement,
    PreverifyUserImport, UpdateUser, UserRole, UserStatus,
};

use crate::families::{ADMIN, Drive, NOBODY, department, root};

fn create(drive: &Drive, account: &str, department: &str) -> String {
    drive.ok(&CreateUser::new(account, Placement::new().dept_id(department))).unwrap().id.unwrap()
}

/// The ids of all pages.
fn list(drive: &Drive, mut list: ListUsers) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        list.offset = u32::try_from(ids.len()).unwrap();
        let page = drive.ok(&list);
        ids.extend(page.users.into_iter().map(|user| user.id.unwrap()));
        if ids.len() >= usize::try_from(page.total.unwrap()).unwrap() {
            return ids;
        }
    }
}

#[test]
fn the_life_of_a_user() {
    let drive = Drive::new();
    let root = root(&drive);
    let sales = department(&drive, "Sales", &root);
    let placement = Placement::new().dept_id(&*sales).role(UserRole::Manager);
    let id = drive.ok(&CreateUser::new("10086000", placement)).unwrap().id.unwrap();
    let user = drive.ok(&GetUser::new(&*id));
    assert_eq!((user.id.as_deref(), user.user_id.as_deref()), (Some(&*id), Some("10086000")));
    assert_eq!((user.dept_id.unwrap().as_str(), user.dept_name.as_deref()), (&*sales, Some("Sales")));
    assert_eq!((user.role, user.status), (Some(UserRole::Manager), Some(UserStatus::Enabled)));
    let (mobile, short) = (user.mobile.unwrap(), drive.ok(&GetUserMobile::new(&*id)).mobile.unwrap());
    assert!(mobile.len() == 15 && mobile.starts_with("008613") && &mobile[7..11] == "****", "{mobile}");
    assert_eq!(short, format!("{}********", &mobile[4..7]));
    // Without a placement in the root department, with an ordinary role.
    let other = drive.ok(&CreateUser::new("10086001", Placement::new())).unwrap().id.unwrap();
    let user = drive.ok(&GetUser::new(&*other));
    assert_eq!((user.dept_id.unwrap().as_str(), user.role), (&*root, Some(UserRole::User)));
    assert_eq!(drive.code(&CreateUser::new("10086000", Placement::new())), "13000102");
    assert_eq!(drive.code(&CreateUser::new("10086002", Placement::new().dept_id(NOBODY))), "13000309");

    // The user calls, signed or with a token, and has no space unless one is given.
    let signed = |user: &str| drive.send(Credentials::app("app", "secret", user), &GetSpaceUsageOverview::new());
    assert_eq!((signed(&id).status(), signed(NOBODY).status()), (200.try_into().unwrap(), 401.try_into().unwrap()));
    let token = drive.call("", &CreateSession::new("10086000")).unwrap().access_token.unwrap();
    let check = || drive.with(token.as_str(), &id, &CheckSession::new()).map(|me| me.user_id.unwrap());
    assert_eq!(check().as_deref(), Ok("10086000"));
    let space = GetSpace::new(&*id, SpaceType::Individual);
    assert_eq!(drive.code(&space), "13000301");

    // Changed one by one.
    drive.ok(&UpdateUser::new(&*id).role(UserRole::SuperAdministrator));
    drive.ok(&UpdateUser::new(&*id).dept_id(root.parse::<i64>().unwrap()));
    let user = drive.ok(&GetUser::new(&*id));
    assert_eq!((user.dept_id.unwrap().as_str(), user.role), (&*root, Some(UserRole::SuperAdministrator)));
    assert_eq!(drive.code(&UpdateUser::new(&*id).dept_id(7)), "13000309");
    for status in [UserStatus::Disabled, UserStatus::Frozen] {
        drive.ok(&UpdateUser::new(&*id).status(status));
        assert_eq!(drive.ok(&GetUser::new(&*id)).status, Some(status));
        assert_eq!((check().unwrap_err(), signed(&id).status().as_u16()), ("APIGW.0301".into(), 401));
        assert_eq!(drive.code_for("", &CreateSession::new("10086000")), "13000102");
    }
    drive.ok(&UpdateUser::new(&*id).status(UserStatus::Enabled));
    assert_eq!(check().as_deref(), Ok("10086000"));

    // Deleted with everything.
    let group = drive.with(token.as_str(), &id, &CreateUserGroup::new("g", GroupKind::Group)).unwrap().id.unwrap();
    drive.ok(&DeleteUser::new(&*id));
    assert_eq!((check().unwrap_err(), signed(&id).status().as_u16()), ("APIGW.0301".into(), 401));
    assert_eq!(drive.code(&ListUserGroupMembers::new(group.as_str(), 0, 1)), "13000309");
    for code in [
        drive.code(&DeleteUser::new(&*id)),
        drive.code(&GetUser::new(&*id)),
        drive.code(&GetUserMobile::new(&*id)),
        drive.code(&UpdateUser::new(&*id)),
    ] {
        assert_eq!(code, "13000309");
    }
}

#[test]
fn listing_and_counting() {
    let drive = Drive::new();
    let root = root(&drive);
    let sales = department(&drive, "Sales", &root);
    let east = department(&drive, "East", &sales);
    let users: Vec<String> = (0..5).map(|n| create(&drive, &format!("100{n}"), &sales)).collect();
    let below = create(&drive, "2000", &east);
    let mut all = users.clone();
    all.push(below.clone());
    for size in [1, 2, 5, 6, 100] {
        assert_eq!(list(&drive, ListUsers::new(0, size).dept_id(&*sales)), all, "{size}");
    }
    assert_eq!(list(&drive, ListUsers::new(0, 2).dept_id(&*sales).is_direct(true)), users);
    assert_eq!(list(&drive, ListUsers::new(0, 2).key_word("2000")), [below]);
    assert_eq!(list(&drive, ListUsers::new(0, 2).is_direct(true)), [ADMIN], "those of the root");
    assert_eq!(list(&drive, ListUsers::new(0, 3)).len(), 7);
    let count = |department: &str| drive.ok(&CountUsers::new().dept_id(department)).total;
    assert_eq!((count(&sales), count(&east), count(&root), count("")), (Some(6), Some(1), Some(7), Some(7)));
    assert_eq!(drive.code(&ListUsers::new(0, 1).dept_id(NOBODY)), "13000309");
    assert_eq!(drive.code(&CountUsers::new().dept_id(NOBODY)), "13000309");
}

#[test]
fn the_organization_has_so_many_places() {
    let drive = Drive::new();
    let root = root(&drive);
    department(&drive, "Sales", &root);
    let above = root.parse::<i64>().unwrap();
    let check = |users: Vec<ImportedUser>| {
        let checks = drive.ok(&PreverifyUserImport::new(above, users));
        checks.into_iter().map(|check| (check.is_success, check.reason.is_some())).collect::<Vec<_>>()
    };
    let (passes, fails) = ((Some(0), false), (Some(1), true));
    let user = |name: &str| ImportedUser::new(10, true).target_dept_name(name);
    let others = [user("Sales"), user("West"), ImportedUser::new(0, false), ImportedUser::new(0, true)];
    assert_eq!(check(others.to_vec()), [passes, fails, passes, fails]);
    assert_eq!(drive.code(&PreverifyUserImport::new(7, others)), "13000309");

    for n in 0..998 {
        create(&drive, &format!("account-{n}"), &root);
    }
    assert_eq!(check(vec![user("Sales"), user("Sales")]), [passes, fails], "one place is left");
    let last = create(&drive, "last", &root);
    assert_eq!(drive.code(&CreateUser::new("more", Placement::new())), "13000102");
    drive.ok(&DeleteUser::new(&*last));
    create(&drive, "last", &root);
    assert_eq!(drive.code(&ExpandUserQuota::new(NOBODY)), "13000309");
    drive.ok(&ExpandUserQuota::new("9190086000001210958"));
    create(&drive, "more", &root);
    assert_eq!(drive.ok(&CountUsers::new()).total, Some(1001));
}
