//! The spaces of one owner.

use crate::ops::spaces::{SpaceStatus, SpaceType};
use crate::param::{FileId, Quoted, SpaceId};
use crate::{answer, operation};

operation! {
    /// Reads one space of an owner.
    ///
    /// The enterprise manual of 2024 calls the path parameter `owner_id`. The current query table of that manual could
    /// not be read, and neither could the end of the answer in the carrier manual.
    ///
    /// Source: GetSpace, carrier (2026-02-12) and enterprise (2024).
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::{GetSpace, SpaceType};
    /// GetSpace::new("1289173650183882753", SpaceType::Individual);
    /// ```
    GET "/koodrive/ose/v1/space/{ownerId}" GetSpace -> Space as data;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    path {
        /// The id of the department, user or group that owns it.
        owner_id: String = "ownerId",
    }
    query {
        /// What kind of space it is. The carrier manual lists only `Individual`.
        kind: SpaceType = "type";
        /// The id of the space. Needed for [`SpaceType::Individual`] when the owner has several spaces.
        container_id: SpaceId = "containerId",
    }
}

answer! {
    /// One space.
    Space {
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
        /// The size in GB, to which [`capacity_kb`](Self::capacity_kb) is added. This is from the carrier manual; the
        /// enterprise manual has no unit.
        capacity: Option<i64>,
        /// What the size has beyond whole GB; in KB, judging by the name. The carrier manual mentions it beside
        /// `capacity`; its own row could not be read.
        capacity_kb: Option<i64>,
        /// How much is used. The page has no unit; our reading of the examples is KB. Listed by the enterprise manual.
        space_used: Option<i64>,
        /// The id of the tenant. Listed by the enterprise manual.
        tenant_id: Option<String>,
        /// Who created the space. Listed by the enterprise manual.
        creator: Option<String>,
        /// When the space was created; the format is not documented. Listed by the enterprise manual.
        create_time: Option<String>,
        /// Who last changed the space. Listed by the enterprise manual.
        modifier: Option<String>,
        /// When the space was last changed; the format is not documented. Listed by the enterprise manual.
        update_time: Option<String>,
        /// The id of the root folder. Listed by the enterprise manual.
        root_file_id: Option<FileId>,
        /// The administrators. The type is String, and no format is documented. Listed only by the enterprise manual of
        /// 2024.
        administrators: Option<String>,
    }
}

operation! {
    /// Reads the spaces of one kind that an owner has.
    ///
    /// This is a GET with a JSON body, as in the page's table. Its name and its answer suggest that it reads several
    /// spaces at once, but it takes only one owner. The page calls the owner a user in the request, and a department, a
    /// user or a group in the answer. The answer has neither `capacity_kb` nor `administrators`, and no unit for
    /// `capacity`.
    ///
    /// Source: batchGetSpace, enterprise (undated, the layout of 2025-10 or later); the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::{GetSpaces, SpaceType};
    /// GetSpaces::new("1289173650183882753", SpaceType::Individual);
    /// ```
    GET "/koodrive/ose/v1/space/batchGetSpace" GetSpaces = "batchGetSpace" -> Vec<Space> as data;
    AppOrToken, ReadOnly, Enterprise Partial;
    body {
        /// The id of the department, user or group that owns them.
        owner_id: String = "ownerId",
        /// What kind of space it is. This is a JSON string on the wire, while GetSpace and UpdateSpace have a number.
        kind: Quoted<SpaceType> = "type";
        /// The id of the space. Needed for [`SpaceType::Individual`] when the owner has several spaces.
        container_id: SpaceId = "containerId",
    }
}

operation! {
    /// Changes the size or the state of a space.
    ///
    /// What isn't set stays as it is. The page announces its example as "update the space size to 1 GB", but the
    /// example sends no size, and a status of 1, which disables the space.
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
