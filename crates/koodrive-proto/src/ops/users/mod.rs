//! Users: the people who may use KooDrive.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreateUser`] | adds an OrgID account as a user |
//! | [`PreverifyUserImport`] | checks users before they are imported |
//! | [`ListUsers`] | lists the users of a department or of the organization |
//! | [`CountUsers`] | counts the users of a department or of the organization |
//! | [`GetUser`] | reads one user |
//! | [`GetUserMobile`] | reads the mobile number of a user |
//! | [`UpdateUser`] | enables or disables a user, or changes department and role |
//! | [`DeleteUser`] | deletes a user and everything that belongs to them |
//! | [`ExpandUserQuota`] | changes how many users an organization may have |
//!
//! The carrier manual has only [`GetUser`], [`UpdateUser`] and [`DeleteUser`]; users register in its family
//! [`accounts`](crate::ops::accounts). A user has two ids, KooDrive's own and that of OrgID: see [`User`].
//!
//! ```
//! use koodrive_proto::ops::users::*;
//!
//! // An account of OrgID becomes a user of a department.
//! let placement = Placement::new().dept_id("1243693141656107521").role(UserRole::User);
//! CreateUser::new("1008600000029937613", placement);
//! // The listing of the department has KooDrive's own id of the user.
//! ListUsers::new(0, 100).dept_id("1243693141656107521");
//! // With this id, the user is given another role, and in the end disabled and deleted.
//! UpdateUser::new("1316083732377070977").role(UserRole::DepartmentAdministrator);
//! UpdateUser::new("1316083732377070977").status(UserStatus::Disabled);
//! DeleteUser::new("1316083732377070977");
//! ```

mod import;
mod manage;
mod read;

pub use import::*;
pub use manage::*;
pub use read::*;

use crate::choices;

choices! {
    /// The role of a user in the enterprise edition.
    pub enum UserRole: number {
        /// An administrator of a department.
        DepartmentAdministrator = 0,
        /// An ordinary user.
        User = 1,
        /// A super administrator, whom [`UpdateUser`] also calls a system administrator.
        SuperAdministrator = 2,
        /// A cloud-drive administrator. Listed only for [`CreateUser`].
        DriveAdministrator = 3,
        /// A member with management rights.
        Manager = 5,
    }
}

choices! {
    /// Whether a user may sign in.
    pub enum UserStatus: number {
        /// The user may sign in.
        Enabled = 0,
        /// The user may not sign in. Listed by the enterprise manual.
        Disabled = 1,
        /// The user may not sign in. Listed by the carrier manual.
        Frozen = 7,
    }
}
