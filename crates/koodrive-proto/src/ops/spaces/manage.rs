//! The spaces of one owner.

use crate::ops::spaces::{SpaceStatus, SpaceType};
use crate::param::{FileId, Quoted, SpaceId};
use crate::{answer, operation};

operation! {
    /// Reads one space of an owner.
    ///
    /// The enterprise manual calls the path parameter `owner_id` in its 2024 version. Its current query table could not
    /// be read, nor could the end of the carrier manual's answer.
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
        /// Whose kind of space it is. The carrier manual lists `Individual` only.
        kind: SpaceType = "type";
        /// The id of the space. Needed for [`SpaceType::Individual`] when the owner has several.
        container_id: SpaceId = "containerId",
    }
}

answer! {
    /// One space.
    Space {
        /// Whose kind of space it is.
        kind: Option<SpaceType> = "type",
        /// Its state. This page lists no values; UpdateSpace's are taken.
        status: Option<SpaceStatus>,
        /// The id of its department, user or group.
        owner_id: Option<String>,
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// The id of the business root folder, which holds ordinary files.
        biz_root_file_id: Option<FileId>,
        /// The id of the business safe folder, which holds encrypted files.
        biz_sbox_file_id: Option<FileId>,
        /// The size in GB; [`capacity_kb`](Self::capacity_kb) comes on top. Carrier manual; the enterprise manual has
        /// no unit.
        capacity: Option<i64>,
        /// What the size has beyond whole GB, in KB by its name. The carrier manual mentions it beside `capacity`; its
        /// own row could not be read.
        capacity_kb: Option<i64>,
        /// How much is used. No unit on the page; our reading of the examples is KB. Enterprise manual.
        space_used: Option<i64>,
        /// The id of the tenant. Enterprise manual.
        tenant_id: Option<String>,
        /// Who created it. Enterprise manual.
        creator: Option<String>,
        /// When it was created; the format is not documented. Enterprise manual.
        create_time: Option<String>,
        /// Who changed it last. Enterprise manual.
        modifier: Option<String>,
        /// When it was changed last; the format is not documented. Enterprise manual.
        update_time: Option<String>,
        /// The id of the root folder. Enterprise manual.
        root_file_id: Option<FileId>,
        /// Typed as a String, without a format. Enterprise manual of 2024 only.
        administrators: Option<String>,
    }
}

operation! {
    /// Reads the spaces of an owner, all of one kind.
    ///
    /// A GET with a JSON body, as the page's table has it. By its name and answer it reads several spaces at once, but
    /// it takes one owner only. The page calls the owner a user in the request, and a department, a user or a group in
    /// the answer.
    ///
    /// Source: batchGetSpace, enterprise (undated, the layout of 2025-10 or later); the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::{GetSpaces, SpaceType};
    /// GetSpaces::new("1289173650183882753", SpaceType::Individual);
    /// ```
    GET "/koodrive/ose/v1/space/batchGetSpace" GetSpaces = "batchGetSpace" -> Vec<SpaceInfo> as data;
    AppOrToken, ReadOnly, Enterprise Partial;
    body {
        /// The id of the department, user or group that owns them.
        owner_id: String = "ownerId",
        /// Whose kind of space it is. A JSON string on the wire, where GetSpace and UpdateSpace have a number.
        kind: Quoted<SpaceType> = "type";
        /// The id of the space. Needed for [`SpaceType::Individual`] when the owner has several.
        container_id: SpaceId = "containerId",
    }
}

answer! {
    /// One of several spaces: as [`Space`], without its `capacity_kb` and `administrators`.
    SpaceInfo {
        /// Whose kind of space it is.
        kind: Option<SpaceType> = "type",
        /// Its state. This page lists no values; UpdateSpace's are taken.
        status: Option<SpaceStatus>,
        /// The id of its department, user or group.
        owner_id: Option<String>,
        /// The id of the space.
        container_id: Option<SpaceId>,
        /// The id of the business root folder, which holds ordinary files.
        biz_root_file_id: Option<FileId>,
        /// The id of the business safe folder, which holds encrypted files.
        biz_sbox_file_id: Option<FileId>,
        /// The size. No unit on this page; elsewhere it is GB.
        capacity: Option<i64>,
        /// How much is used. No unit on the page; our reading of other pages' examples is KB.
        space_used: Option<i64>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// Who created it.
        creator: Option<String>,
        /// When it was created; the format is not documented.
        create_time: Option<String>,
        /// Who changed it last.
        modifier: Option<String>,
        /// When it was changed last; the format is not documented.
        update_time: Option<String>,
        /// The id of the root folder.
        root_file_id: Option<FileId>,
    }
}

operation! {
    /// Changes the size or the state of a space.
    ///
    /// What isn't set stays as it is. The page's example is announced as "update the space size to 1 GB", yet it sends
    /// a status of 1, which disables the space, and no size.
    ///
    /// Source: UpdateSpace, carrier (2026-02-12) and enterprise (2025-12-12; that `containerId` is optional, by the
    /// carrier manual only).
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
        /// Whose kind of space it is: `Individual`, or `Department` by the enterprise manual.
        kind: SpaceType [0..=1] = "type";
        /// The new size in GB, 1 to 104857600 (100 PB); unit and range are the carrier manual's. A JSON string on the
        /// wire.
        capacity: Quoted<u64> [1..=104_857_600, "GB"],
        /// The new state. A JSON string on the wire, as the tables say; the examples send a number.
        status: SpaceStatus,
        /// The id of the space. Not said whether it is needed when the owner has several.
        container_id: SpaceId = "containerId",
    }
}

operation! {
    /// Deletes one space of an owner.
    ///
    /// Not sent again when its answer got lost: without `container_id` a second run could meet another space.
    ///
    /// The carrier manual's table allows `Individual` only, while its example deletes a department's space. The
    /// enterprise page DeleteGroupSpace shows this address with type 2, which no table lists; it is refused here.
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
        /// Whose kind of space it is: `Individual`, or `Department` by the enterprise manual.
        kind: SpaceType [0..=1] = "type";
        /// The id of the space. Needed when a user has several individual spaces.
        container_id: SpaceId = "containerId",
    }
}
