//! Departments of an organization in the enterprise edition, each with a space for its members.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreateDepartment`] | creates a department and its space |
//! | [`ListDepartments`] | lists the departments directly below one |
//! | [`GetDepartment`] | reads one department |
//! | [`UpdateDepartment`] | renames or moves a department |
//! | [`DeleteDepartment`] | deletes a department and its space |
//!
//! A department has two ids: KooDrive's own, which all requests take, and that of OrgID, which answers call `deptId`.
//!
//! ```
//! use koodrive_proto::ops::departments::*;
//!
//! // The departments below the root, by whose ids those further below are found, level by level.
//! ListDepartments::new();
//! ListDepartments::new().department_id("1245640257345455489");
//! // The answer has the id of the new department.
//! CreateDepartment::new("test16", "1245640257345455489");
//! // A department that is renamed stays where it is only if its parent is sent again.
//! UpdateDepartment::new("1319678187126486144").name("test17").parent_id("1245640257345455489");
//! DeleteDepartment::new("1319678187126486144");
//! ```

use crate::param::DepartmentId;
use crate::{answer, operation};

operation! {
    /// Creates a department and allots a space to it.
    ///
    /// The page has no rules for names, and doesn't say how large the space is. Its example of the answer isn't valid
    /// JSON. The page of 2024 has `failedList` in place of `data`; this form is not read.
    ///
    /// Source: CreateDepartment, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::departments::CreateDepartment;
    /// CreateDepartment::new("test16", "1245640257345455489");
    /// ```
    POST "/koodrive/ose/v1/departments" CreateDepartment -> CreatedDepartment as data;
    AppOrToken, Once, Enterprise Full;
    body {
        /// The name of the department.
        name: String,
        /// KooDrive's own id of the department above it.
        parent_id: DepartmentId = "parentId",
    }
}

answer! {
    /// The answer of [`CreateDepartment`].
    CreatedDepartment {
        /// The id of the new department.
        id: Option<DepartmentId>,
    }
}

operation! {
    /// Lists the departments directly below one. To reach those further below, list again for each of them.
    ///
    /// The page has nothing about paging; our reading is that the answer has all of them. The manual of 2024 calls the
    /// list `data`; both names are read.
    ///
    /// Source: GetDepartmentList, enterprise (2025-12-12); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::departments::ListDepartments;
    /// ListDepartments::new().department_id("1245640257345455489").key_word("test");
    /// ```
    GET "/koodrive/ose/v1/departmentList" ListDepartments = "GetDepartmentList" -> Departments;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {;
        /// KooDrive's own id of the department above. Without it, the page says that only the id of the root department
        /// comes back; the English version says that the root department is taken.
        department_id: DepartmentId = "departmentId",
        /// What to search for in the names.
        key_word: String = "keyWord",
    }
}

answer! {
    /// The departments directly below one.
    Departments {
        /// The departments.
        departments: Vec<ListedDepartment> = "list" | "data",
    }
}

answer! {
    /// A department in a listing.
    ListedDepartment {
        /// KooDrive's own id of the department.
        id: Option<DepartmentId>,
        /// The id of the organization in OrgID.
        org_id: Option<String>,
        /// The id of the department in OrgID, which is not KooDrive's own.
        dept_id: Option<String>,
        /// KooDrive's own id of the department above it.
        parent_id: Option<DepartmentId>,
        /// The name of the department.
        name: Option<String>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// A code, in the table only; no values are documented.
        code: Option<i64>,
        /// What the code means, in the table only.
        msg: Option<String>,
    }
}

operation! {
    /// Reads one department.
    ///
    /// Source: GetDepartment, enterprise (undated, of 2025 or later).
    ///
    /// ```
    /// # use koodrive_proto::ops::departments::GetDepartment;
    /// GetDepartment::new("1319678187126486144");
    /// ```
    GET "/koodrive/ose/v1/departments/{department_id}" GetDepartment -> Department;
    AppOrToken, ReadOnly, Enterprise Full;
    path {
        /// KooDrive's own id of the department.
        department_id: DepartmentId,
    }
}

answer! {
    /// A department.
    Department {
        /// KooDrive's own id of the department.
        id: Option<DepartmentId>,
        /// The id of the organization in OrgID.
        org_id: Option<String>,
        /// The id of the department in OrgID, which is not KooDrive's own.
        dept_id: Option<String>,
        /// KooDrive's own id of the department above it.
        parent_id: Option<DepartmentId>,
        /// The name of the department.
        name: Option<String>,
        /// The id of the tenant.
        tenant_id: Option<String>,
    }
}

operation! {
    /// Renames a department, or moves it below another one.
    ///
    /// Both the name and the department above are required, so send again what is to stay as it is. The page has no
    /// rules for names.
    ///
    /// Source: UpdateDepartment, enterprise (undated, the layout of 2025-10 or later).
    ///
    /// ```
    /// # use koodrive_proto::ops::departments::UpdateDepartment;
    /// UpdateDepartment::new("1319678187126486144").name("test16").parent_id("1243696974704704000");
    /// ```
    PUT "/koodrive/ose/v1/departments/{department_id}" UpdateDepartment -> ();
    AppOrToken, Idempotent, Enterprise Full;
    path {
        /// KooDrive's own id of the department.
        department_id: DepartmentId,
    }
    body {
        {
            /// The name of the department.
            name: String,
            /// KooDrive's own id of the department above it.
            parent_id: DepartmentId = "parentId",
        }
    }
}

operation! {
    /// Deletes a department and its space.
    ///
    /// The page doesn't say what happens to the users of the department and to the departments below it.
    ///
    /// Source: DeleteDepartment, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::departments::DeleteDepartment;
    /// DeleteDepartment::new("1319678187126486144");
    /// ```
    DELETE "/koodrive/ose/v1/departments/{department_id}" DeleteDepartment -> ();
    AppOrToken, Idempotent, Enterprise Full;
    path {
        /// KooDrive's own id of the department.
        department_id: DepartmentId,
    }
}
