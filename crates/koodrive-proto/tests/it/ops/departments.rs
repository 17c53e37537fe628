//! Departments of an organization.

use koodrive_proto::ops::departments::{
    CreateDepartment, DeleteDepartment, GetDepartment, ListDepartments, UpdateDepartment,
};

use crate::common::{noted, parse, wire};

#[test]
fn departments_one_by_one() {
    assert_eq!(
        wire(&CreateDepartment::new("test16", "1245")),
        "POST /departments\n{\"name\":\"test16\",\"parentId\":\"1245\"}",
    );
    let created = parse::<CreateDepartment>(r#"{"data": {"id": "1319"}, "code": 0, "msg": "success"}"#).unwrap();
    assert!(created.id.is_some_and(|id| id == "1319"));
    assert_eq!(
        wire(&UpdateDepartment::new("1319").name("test17").parent_id("1243")),
        "PUT /departments/1319\n{\"name\":\"test17\",\"parentId\":\"1243\"}",
    );
    assert_eq!(wire(&DeleteDepartment::new("1319")), "DELETE /departments/1319");

    // Beside the code, with two ids.
    assert_eq!(wire(&GetDepartment::new("1319")), "GET /departments/1319");
    let (department, notes) = noted::<GetDepartment>(
        r#"{"id": "1319", "orgId": "919", "deptId": "a4fd", "parentId": "1245", "name": "test16", "tenantId": "400",
            "code": 0, "msg": "success"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert!(department.id.is_some_and(|id| id == "1319") && department.parent_id.is_some_and(|id| id == "1245"));
    assert_eq!((department.dept_id.as_deref(), department.name.as_deref()), (Some("a4fd"), Some("test16")));
}

/// No pages; a list with two names, whose entries have codes of their own, which don't count as failures.
#[test]
fn list_departments() {
    assert_eq!(wire(&ListDepartments::new()), "GET /departmentList");
    assert_eq!(
        wire(&ListDepartments::new().department_id("1245").key_word("test")),
        "GET /departmentList?departmentId=1245&keyWord=test",
    );
    for name in ["list", "data"] {
        let body = format!(r#"{{"{name}": [{{"id": "1248", "deptId": "b06f", "code": 7, "msg": "m"}}], "code": "0"}}"#);
        let (mut answer, notes) = noted::<ListDepartments>(&body);
        assert_eq!(notes, [""; 0]);
        let department = answer.departments.remove(0);
        assert!(department.id.is_some_and(|id| id == "1248"));
        assert_eq!((department.dept_id.as_deref(), department.code), (Some("b06f"), Some(7)));
    }
}
