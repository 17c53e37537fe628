//! The spaces of one owner, and one space.

use crate::ops::spaces::{SpaceStatus, SpaceType};
use crate::param::{FileId, Quoted, SpaceId};
use crate::{answer, operation};

operation! {
    /// Reads one space of an owner.
    ///
    /// The enterprise manual of 2024 calls the path parameter `owner_id`. The current query table of that manual could
    /// not be read, and neither could the end of the answer in the carrier manual, nor any example.
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
    /// Reads one space by its id.
    ///
    /// The page says that this call is only for calls between machines. The answer has neither `capacity_kb` nor
    /// `administrators`, and no unit for `capacity`.
    ///
    /// Source: GetSpaceByContainerID, enterprise (undated, the layout of 2025-10 or later); the example of the answer
    /// could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::GetSpaceByContainer;
    /// GetSpaceByContainer::new("IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b");
    /// ```
    GET "/koodrive/ose/v1/space/container/{containerId}" GetSpaceByContainer = "GetSpaceByContainerID" -> Space as data;
    AppOrToken, ReadOnly, Enterprise Partial;
    path {
        /// The id of the space.
        container_id: SpaceId = "containerId",
    }
}

operation! {
    /// Lists all spaces of an owner; a user may have several.
    ///
    /// Of all calls, this is the only one with version 2 in its address. The whole list comes at once. The page doesn't
    /// list the headers X-Traceid and language.
    ///
    /// The page calls the owner a user in the request, and a department, a user or a group in the answer. Its table has
    /// a list of spaces, but the end of its example is that of one object; here both are read.
    ///
    /// Source: GetSpaceV2, enterprise (2025-12-12); most of the example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::{ListOwnerSpaces, SpaceType};
    /// ListOwnerSpaces::new("1289173650183882753").kind(SpaceType::Individual);
    /// ```
    GET "/koodrive/ose/v2/space/{owner_id}" ListOwnerSpaces = "GetSpaceV2" -> Vec<OwnerSpace> as data;
    AppOrToken, ReadOnly, Enterprise Partial;
    path {
        /// The id of the department, user or group that owns them.
        owner_id: String,
    }
    query {;
        /// Only spaces of this kind are listed.
        kind: SpaceType = "type",
    }
}

answer! {
    /// A space of an owner. It has fewer members than [`Space`].
    OwnerSpace {
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
        /// The size. The page has no unit; the carrier manual has GB for GetSpace.
        capacity: Option<i64>,
        /// How much is used. The page has no unit; our reading of the examples of sibling calls is KB.
        space_used: Option<i64>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// Who created the space.
        creator: Option<String>,
        /// Who last changed the space.
        modifier: Option<String>,
        /// The id of the root folder.
        root_file_id: Option<FileId>,
        /// A name; the example has `121-2`. It is not in the table, and the page doesn't say what it names.
        name: Option<String>,
    }
}
