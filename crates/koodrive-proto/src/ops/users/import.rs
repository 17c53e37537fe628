//! Checking users before they are imported.

use crate::check::InvalidParam;
use crate::{answer, object, operation};

operation! {
    /// Checks users before they are imported: their departments, and the spaces that they are to get.
    ///
    /// This is a POST that only checks. [`CreateTask`](crate::ops::tasks::CreateTask) imports users.
    ///
    /// The page lists neither X-User-Id nor X-Date, and a signature is not accepted. Its examples aren't valid JSON: a
    /// comma is missing in that of the request, and a pair of braces in that of the answer.
    ///
    /// Source: batchImportUserPreVerify, enterprise (2025-03-07).
    ///
    /// ```
    /// # use koodrive_proto::ops::users::{ImportedUser, PreverifyUserImport};
    /// PreverifyUserImport::new(1575416580416769793, [ImportedUser::new(10, true).target_dept_name("Dept")]);
    /// ```
    POST "/koodrive/ose/v1/users/batchimport/preverify" PreverifyUserImport = "batchImportUserPreVerify"
        -> Vec<ImportCheck> as data;
    TokenAlone, ReadOnly, Enterprise Full;
    body {
        /// The id of the department that was chosen. It is a number here and a text in most other calls.
        cur_dept_id: i64 = "curDeptId",
        /// The users to import.
        users: Vec<ImportedUser>,
    }
    && only_a_space_has_a_size
}

/// Who gets no space has a size of 0.
fn only_a_space_has_a_size(op: &PreverifyUserImport) -> Result<(), InvalidParam> {
    for (at, user) in op.users.iter().enumerate() {
        if !user.is_allocate_capacity && user.personal_capacity != 0 {
            let name = format!("users[{at}].personalCapacity");
            return Err(InvalidParam::new(name, user.personal_capacity.to_string(), "0 with isAllocateCapacity false"));
        }
    }
    Ok(())
}

object! {
    /// A user to import.
    ImportedUser = "ImportUserInfo" {
        /// The size of the space that the user gets, and 0 if they get none. No unit is documented; it may be GB, as in
        /// the console.
        personal_capacity: u32 = "personalCapacity",
        /// Whether the user gets a space of their own.
        is_allocate_capacity: bool = "isAllocateCapacity";
        /// The name of the department that the user is to be in.
        target_dept_name: String = "targetDeptName",
    }
}

answer! {
    /// What the check says about one user; the answer has no name or id, so our reading is that the order is that of
    /// the request.
    ImportCheck {
        /// Whether the user passes the check. What the numbers mean isn't documented; the example has 0 in a call that
        /// succeeded.
        is_success: Option<i64>,
        /// Why the user doesn't pass the check.
        reason: Option<String>,
    }
}
