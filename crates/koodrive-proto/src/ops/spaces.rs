//! Spaces: what a department, a user or a group may store, and how much of it is used.
//!
//! Sizes come in gigabytes and kilobytes, often side by side, and the manuals contradict themselves about which is which.
//! Each field says what is documented and what our reading is. None of it could be tried on the service itself.
//!
//! The manuals have one table of error codes for all calls ([`codes`](crate::error::codes())). By their texts these fit here:
//! 13000102 (a parameter is not allowed), 13000301 (no such space), 13000410 (the user may not act on the space),
//! 13000412 (the space is not activated).

use crate::error::Error;
use crate::operation::{turn_offset, Paged};
use crate::param::Quoted;
use crate::{answer, choices, operation};

operation! {
    /// Reads one space of an owner.
    ///
    /// The enterprise manual calls the path parameter `owner_id` in its 2024 version. Its current query table could not be
    /// read, nor could the end of the carrier manual's answer.
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
        container_id: String = "containerId",
    }
}

operation! {
    /// Changes the size or the state of a space.
    ///
    /// What isn't set stays as it is. The page's example is announced as "update the space size to 1 GB", yet it sends a
    /// status of 1, which disables the space, and no size.
    ///
    /// Source: UpdateSpace, carrier (2026-02-12) and enterprise (2025-12-12; that `containerId` is optional, by the carrier
    /// manual only).
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
        /// The new size in GB, 1 to 104857600 (100 PB); unit and range are the carrier manual's. A JSON string on the wire.
        capacity: Quoted<u64> [1..=104_857_600, "GB"],
        /// The new state. A JSON string on the wire, as the tables say; the examples send a number.
        status: SpaceStatus,
        /// The id of the space. Not said whether it is needed when the owner has several.
        container_id: String = "containerId",
    }
}

operation! {
    /// Deletes one space of an owner.
    ///
    /// Not sent again when its answer got lost: without `container_id` a second run could meet another space.
    ///
    /// The carrier manual's table allows `Individual` only, while its example deletes a department's space. The enterprise
    /// page DeleteGroupSpace shows this address with type 2, which no table lists; it is refused here.
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
        container_id: String = "containerId",
    }
}

operation! {
    /// Sums up number, capacity and use of the spaces.
    ///
    /// See [`SpaceUsage`] about the units. The enterprise page's example has no `data`.
    ///
    /// Source: GetSpaceUsageByOverview, carrier (2026-02-12) and enterprise (2025-10-22; gone from its Chinese index of
    /// 2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::Operation;
    /// # use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
    /// let answer = r#"{"data": {"totalAllocation": 43, "totalCapacity": 1051187, "totalUsed": 33085606},
    ///     "code": 0, "msg": "success"}"#;
    /// let usage = GetSpaceUsageOverview::parse(&koodrive_proto::http::Response::new(answer))?;
    /// assert_eq!(usage.total_used, Some(33_085_606)); // KB
    /// # Ok::<(), koodrive_proto::Error>(())
    /// ```
    GET "/koodrive/ose/v1/space/usage/overview" GetSpaceUsageOverview = "GetSpaceUsageByOverview" -> SpaceUsage as data;
    AppOrToken, ReadOnly, Carrier Full, Enterprise Full;
}

operation! {
    /// Groups the spaces by their quota and sums up each group.
    ///
    /// No range is documented for `limit` and `offset`. The carrier manual's example is cut after the second group.
    ///
    /// Source: GetSpaceUsageByQuota, carrier (2026-02-12) and enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::GetSpaceUsageByQuota;
    /// GetSpaceUsageByQuota::new().limit(10).offset(0);
    /// ```
    GET "/koodrive/ose/v1/space/usage/quota" GetSpaceUsageByQuota -> SpaceUsageByQuota;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Full;
    query {;
        /// How many groups.
        limit: u32 => Enterprise,
        /// How many groups to skip.
        offset: u32 => Enterprise,
    }
}

impl Paged for GetSpaceUsageByQuota {
    type Item = SpaceUsage;

    fn turn(&mut self, page: &SpaceUsageByQuota) -> Result<bool, Error> {
        let limit = self.limit.map(u64::from);
        Ok(turn_offset(self.offset.get_or_insert_default(), limit, page.groups.len(), page.total))
    }

    fn items(page: SpaceUsageByQuota) -> Vec<SpaceUsage> {
        page.groups
    }
}

operation! {
    /// Reports quota and use of the spaces of the named users.
    ///
    /// Only reads, though it is a POST. What it reports on without `user_ids` is not documented. The ends of the examples
    /// could not be read.
    ///
    /// Source: GetSpaceUsageByUser, carrier (2026-02-12) and enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::GetSpaceUsageByUser;
    /// GetSpaceUsageByUser::new().user_ids(["232323", "34343434"]).limit(10).offset(0);
    /// ```
    POST "/koodrive/ose/v1/space/usage/user" GetSpaceUsageByUser -> SpaceUsageByUser;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    body {;
        /// The users, 1 to 50 of them.
        user_ids: Vec<String> [1..=50] = "userIds",
        /// How many. In the carrier manual's example, though not in its table.
        limit: u32 => Enterprise,
        /// How many to skip. In the carrier manual's example, though not in its table.
        offset: u32 => Enterprise,
    }
}

impl Paged for GetSpaceUsageByUser {
    type Item = UserSpaceQuota;

    fn turn(&mut self, page: &SpaceUsageByUser) -> Result<bool, Error> {
        let limit = self.limit.map(u64::from);
        Ok(turn_offset(self.offset.get_or_insert_default(), limit, page.users.len(), page.total))
    }

    fn items(page: SpaceUsageByUser) -> Vec<UserSpaceQuota> {
        page.users
    }
}

choices! {
    /// Whose kind of space it is.
    pub enum SpaceType: number {
        /// A department's. Enterprise manual.
        Department = 0,
        /// A user's.
        Individual = 1,
        /// A group's. Enterprise manual, and only for some calls.
        Group = 2,
    }
}

choices! {
    /// The state of a space.
    pub enum SpaceStatus: text {
        /// Allotted and usable.
        Normal = "0",
        /// Allotted, and access is refused.
        Disabled = "1",
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
        container_id: Option<String>,
        /// The id of the business root folder, which holds ordinary files.
        biz_root_file_id: Option<String>,
        /// The id of the business safe folder, which holds encrypted files.
        biz_sbox_file_id: Option<String>,
        /// The size in GB; [`capacity_kb`](Self::capacity_kb) comes on top. Carrier manual; the enterprise manual has no unit.
        capacity: Option<i64>,
        /// What the size has beyond whole GB, in KB by its name. The carrier manual mentions it beside `capacity`; its own row
        /// could not be read.
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
        root_file_id: Option<String>,
        /// Typed as a String, without a format. Enterprise manual of 2024 only.
        administrators: Option<String>,
    }
}

answer! {
    /// Sums over spaces.
    ///
    /// The carrier manual documents KB for all three totals. Its own examples don't fit that: 43 spaces would have 43 KB, and
    /// 33085606 KB would be used of 1051187 KB. Our reading, which fits all examples: `total_allocation` counts spaces,
    /// `total_capacity` is in GB, `total_used` in KB. The enterprise manual has no units.
    SpaceUsage {
        /// What is allotted. Documented in KB; our reading is the number of spaces.
        total_allocation: Option<i64>,
        /// The sum of the quotas. Documented in KB; our reading is GB.
        total_capacity: Option<i64>,
        /// How much is used, in KB.
        total_used: Option<i64>,
        /// The quota of each space in GB. Listed for the overview too, whose example doesn't have it.
        quota: Option<i64>,
    }
}

answer! {
    /// Spaces grouped by their quota.
    SpaceUsageByQuota {
        /// The groups.
        groups: Vec<SpaceUsage> = "data",
        /// How many there are in all.
        total: Option<i64>,
    }
}

answer! {
    /// Quota and use by user.
    SpaceUsageByUser {
        /// The users' spaces.
        users: Vec<UserSpaceQuota> = "data",
        /// How many there are in all.
        total: Option<i64>,
    }
}

answer! {
    /// Quota and use of one user.
    UserSpaceQuota {
        /// The quota. No unit is documented; the enterprise example's 1048576 would be 1 GB in KB, while the sibling calls
        /// give quotas in GB.
        quota: Option<i64>,
        /// The user.
        user_id: Option<String>,
        /// How much is used. No unit is documented, and the type is Double.
        used: Option<f64>,
        /// When it was activated; the format is not documented.
        create_time: Option<String>,
        /// From when it is valid, as `2025-11-12T08:37:14.613Z` in the example.
        effective_time: Option<String>,
        /// Until when it is valid.
        expiration_time: Option<String>,
    }
}
