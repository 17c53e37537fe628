use koodrive_proto::ops::departments::{
    CreateDepartment, DeleteDepartment, GetDepartment, ListDepartments, UpdateDepartment,
};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_proto::ops::users::{CreateUser, DeleteUser, Placement};

use crate::families::{Drive, NOBODY, department, root};

fn names(drive: &Drive, list: &ListDepartments) -> Vec<String> {
    drive.ok(list).departments.into_iter().map(|department| department.name.unwrap()).collect()
}

#[test]
fn a_tree_with_a_space_for_each() {
    let drive = Drive::new();
    let root = root(&drive);
    let sales = department(&drive, "Sales", &root);
    let east = department(&drive, "East", &sales);
    let west = department(&drive, "West", &sales);
    assert_eq!(drive.code(&CreateDepartment::new("x", NOBODY)), "13000309");

    // Without a department only the root, else those directly below.
    assert_eq!(names(&drive, &ListDepartments::new()), ["KooDrive"]);
    assert_eq!(names(&drive, &ListDepartments::new().department_id(&*root)), ["Sales"]);
    assert_eq!(names(&drive, &ListDepartments::new().department_id(&*sales)), ["East", "West"]);
    assert_eq!(names(&drive, &ListDepartments::new().department_id(&*sales).key_word("es")), ["West"]);
    assert_eq!(names(&drive, &ListDepartments::new().department_id(&*west)), [""; 0]);
    assert_eq!(drive.code(&ListDepartments::new().department_id(NOBODY)), "13000309");

    let read = drive.ok(&GetDepartment::new(&*east));
    assert_eq!((read.id.unwrap().as_str(), read.parent_id.unwrap().as_str()), (&*east, &*sales));
    let account_id = read.dept_id.unwrap();
    assert!(account_id.len() == 32 && account_id != *east, "OrgID's id is another one: {account_id}");
    assert_eq!(drive.ok(&GetDepartment::new(&*root)).parent_id, None);
    assert_eq!(drive.code(&GetDepartment::new(NOBODY)), "13000309");
    let space = |id: &str| GetSpace::new(id, SpaceType::Department);
    assert_eq!(drive.ok(&space(&east)).capacity, Some(1));
    assert_eq!(drive.code(&space(&root)), "13000301");

    // Moved with what is below, but not below itself.
    let update = |id: &str, parent: &str| UpdateDepartment::new(id).name("New").parent_id(parent);
    drive.ok(&update(&east, &root));
    assert_eq!(names(&drive, &ListDepartments::new().department_id(&*root)), ["Sales", "New"]);
    for (id, parent) in [(&sales, &sales), (&sales, &west), (&root, &west)] {
        assert_eq!(drive.code(&update(id, parent)), "13000102");
    }
    assert_eq!(
        (drive.code(&update(NOBODY, &root)), drive.code(&update(&east, NOBODY))),
        ("13000309".into(), "13000309".into())
    );

    // Deleted only when nothing and nobody is in it, and with its space.
    let user = drive.ok(&CreateUser::new("1008", Placement::new().dept_id(&*west))).unwrap().id.unwrap();
    for id in [&root, &sales, &west] {
        assert_eq!(drive.code(&DeleteDepartment::new(&**id)), "13000102");
    }
    drive.ok(&DeleteUser::new(&*user));
    for id in [&west, &sales] {
        drive.ok(&DeleteDepartment::new(&**id));
        assert_eq!(
            (drive.code(&space(id)), drive.code(&GetDepartment::new(&**id))),
            ("13000301".into(), "13000309".into())
        );
    }
    assert_eq!(names(&drive, &ListDepartments::new().department_id(&*root)), ["New"]);
}
