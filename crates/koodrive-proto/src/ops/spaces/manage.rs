//! Giving a space to an owner, changing it, and deleting it.

use crate::ops::permissions::Capabilities;
use crate::ops::spaces::{SpaceStatus, SpaceType};
use crate::param::{FileId, Quoted, SpaceId};
use crate::{answer, operation};

operation! {
    /// Gives a space to a department or a user.
    ///
    /// The page is about departments and users, and CreateGroupSpace is for groups, but the table lists
    /// [`SpaceType::Group`] as well. The page doesn't say whether an owner who has a space gets another one.
    ///
    /// The answer is `None` if there is no `data`, as in the example of the page of 2024.
    ///
    /// Source: CreateSpace, enterprise (undated, the layout of 2025-10 or later); the end of the table of permissions
    /// could not be read, and its row `viewPermission` is taken from the page InitialMemberPermission. The newest
    /// example of the answer could not be read either.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::{CreateSpace, SpaceType};
    /// // 1 GB.
    /// CreateSpace::new("1289173650183882753", SpaceType::Department, 1);
    /// ```
    POST "/koodrive/ose/v1/space/{ownerId}" CreateSpace -> Option<CreatedSpace> as data;
    AppOrToken, Once, Enterprise Partial;
    path {
        /// The id of the owner.
        owner_id: String = "ownerId",
    }
    body {
        /// What kind of space it is.
        kind: SpaceType = "type",
        /// The size in GB; the unit is from the heading of the example. This is a JSON string on the wire, as in the
        /// table; the example sends a number.
        capacity: Quoted<u64>;
        /// What users may do in the space. The page doesn't say what applies without it.
        capabilities: Capabilities,
    }
}

answer! {
    /// A new space.
    CreatedSpace {
        /// What kind of space it is.
        kind: Option<SpaceType> = "type",
        /// The state of the space. This page lists no values; those of UpdateSpace are used.
        status: Option<SpaceStatus>,
        /// The id of the department, user or group that owns it.
        owner_id: Option<String>,
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// The id of the business root folder, which holds ordinary files.
        biz_root_file_id: Option<FileId>,
        /// The id of the business safe folder, which holds encrypted files.
        biz_sbox_file_id: Option<FileId>,
        /// The size; no unit is documented. In the request it is GB.
        capacity: Option<i64>,
        /// How much is used; no unit is documented.
        space_used: Option<i64>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// Who created the space.
        creator: Option<String>,
        /// Who last changed the space.
        modifier: Option<String>,
        /// The id of the root folder.
        root_file_id: Option<FileId>,
        /// The id of the operator. It is an Integer, although ids have 64 bits.
        operator_id: Option<i64>,
    }
}

operation! {
    /// Changes the size or the state of a space.
    ///
    /// The pages announce that their examples set the size to 1 GB, but these have no size, and a status of 1, which
    /// disables the space.
    ///
    /// Source: UpdateSpace, carrier (2026-02-12) and enterprise (2025-12-12; only the carrier manual says that
    /// `containerId` is optional).
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::{SpaceStatus, SpaceType, UpdateSpace};
    /// // 10 GB, and usable.
    /// UpdateSpace::new("1289173650183882753", SpaceType::Individual).capacity(10).status(SpaceStatus::Normal);
    /// ```
    PUT "/koodrive/ose/v1/space/{ownerId}" UpdateSpace -> ();
    AppOrToken, Idempotent, Carrier Full, Enterprise Full;
    path {
        /// The id of the user or department that owns it.
        owner_id: String = "ownerId",
    }
    body {
        /// What kind of space it is: `Individual`, or, by the enterprise manual, `Department`.
        kind: SpaceType [0..=1] = "type";
        /// The new size in GB, 1 to 104857600 (100 PB); the unit and the range are from the carrier manual. This is a
        /// JSON string on the wire.
        capacity: Quoted<u64> [1..=104_857_600, "GB"],
        /// The new state. This is a JSON string on the wire, as in the tables; the examples send a number.
        status: SpaceStatus,
        /// The id of the space. The pages don't say whether it is needed when the owner has several spaces.
        container_id: SpaceId = "containerId",
    }
}

operation! {
    /// Deletes one space of an owner.
    ///
    /// The request isn't sent again when its answer was lost: without `container_id`, a second run could delete another
    /// space.
    ///
    /// The carrier manual's table allows only `Individual`, while its example deletes the space of a department. The
    /// enterprise page DeleteGroupSpace shows this address with type 2, which no table lists; this type is refused
    /// here.
    ///
    /// Source: DeleteSpace, carrier and enterprise (2025-10-22).
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::{DeleteSpace, SpaceType};
    /// DeleteSpace::new("1289173650183882753", SpaceType::Individual).container_id("1309243162258308352");
    /// ```
    DELETE "/koodrive/ose/v1/space/{ownerId}" DeleteSpace -> ();
    AppOrToken, Once, Carrier Full, Enterprise Full;
    path {
        /// The id of the user or department that owns it.
        owner_id: String = "ownerId",
    }
    query {
        /// What kind of space it is: `Individual`, or, by the enterprise manual, `Department`.
        kind: SpaceType [0..=1] = "type";
        /// The id of the space. Needed when a user has several individual spaces.
        container_id: SpaceId = "containerId",
    }
}
