//! How much is allotted and used.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_offset};
use crate::param::UserId;
use crate::{answer, operation};

operation! {
    /// Sums up the number, the capacity and the use of the spaces.
    ///
    /// See [`SpaceUsage`] about the units. The example of the enterprise page has no `data`; such an answer is an error
    /// of kind [`Decode`](crate::ErrorKind::Decode).
    ///
    /// Source: GetSpaceUsageByOverview, carrier (2026-02-12) and enterprise (2025-10-22; no longer in the Chinese index
    /// of 2025-12-12).
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

answer! {
    /// Sums over spaces.
    ///
    /// The carrier manual documents KB for all three totals. Its own examples contradict this: 43 spaces would have 43
    /// KB, and 33085606 KB would be used of 1051187 KB. Our reading, which fits all examples, is that
    /// `total_allocation` counts spaces, `total_capacity` is in GB, and `total_used` is in KB. The enterprise manual
    /// has no units.
    SpaceUsage {
        /// What is allotted. It is documented in KB; our reading is the number of spaces.
        total_allocation: Option<i64>,
        /// The sum of the quotas. It is documented in KB; our reading is GB.
        total_capacity: Option<i64>,
        /// How much is used, in KB.
        total_used: Option<i64>,
        /// The quota of each space in GB. It is listed for the overview as well, but the example of the overview
        /// doesn't have it.
        quota: Option<i64>,
    }
}

operation! {
    /// Groups the spaces by their quota and sums up each group.
    ///
    /// The pages don't give a range for `limit` and `offset`; the carrier manual has neither of them. Its example is
    /// cut off after the second group, and the enterprise page's has no groups.
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
        /// How many groups a page may have.
        limit: u32 => Enterprise,
        /// How many groups to skip.
        offset: u32 => Enterprise,
    }
}

impl Paged for GetSpaceUsageByQuota {
    type Item = SpaceUsage;

    fn turn(&mut self, page: &SpaceUsageByQuota) -> Result<Turn, Error> {
        let limit = self.limit.map(u64::from);
        let turn = turn_offset(self.offset.get_or_insert_default(), limit, page.groups.len(), page.total);
        // If the total counts spaces, it is larger than the number of groups even if they are all on this page.
        let spaces = page.groups.iter().try_fold(0_i64, |sum, group| sum.checked_add(group.total_allocation?));
        Ok(if turn == Turn::Next && page.total == spaces { Turn::Unsure } else { turn })
    }

    fn items(page: &mut SpaceUsageByQuota) -> &mut Vec<SpaceUsage> {
        &mut page.groups
    }
}

answer! {
    /// Spaces grouped by their quota.
    SpaceUsageByQuota {
        /// The groups.
        groups: Vec<SpaceUsage> = "data",
        /// How many there are in all: groups, or perhaps the spaces in them, since the enterprise manual says that it
        /// is the number of allotments.
        total: Option<i64>,
    }
}

operation! {
    /// Reports the quota and the use of the spaces of the named users.
    ///
    /// This is a POST that only reads. The pages don't say what it reports on without `user_ids`. The ends of the
    /// examples could not be read.
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
        /// The ids of the users, 1 to 50 of them. The range is from the carrier manual.
        user_ids: Vec<UserId> [1..=50] = "userIds",
        /// How many entries a page may have. It is in the carrier manual's example, but not in its table.
        limit: u32 => Enterprise,
        /// How many entries to skip. It is in the carrier manual's example, but not in its table.
        offset: u32 => Enterprise,
    }
}

// An entry has no id: a user may have several spaces.
impl Paged for GetSpaceUsageByUser {
    type Item = UserSpaceQuota;

    fn turn(&mut self, page: &SpaceUsageByUser) -> Result<Turn, Error> {
        let limit = self.limit.map(u64::from);
        Ok(turn_offset(self.offset.get_or_insert_default(), limit, page.users.len(), page.total))
    }

    fn items(page: &mut SpaceUsageByUser) -> &mut Vec<UserSpaceQuota> {
        &mut page.users
    }
}

answer! {
    /// A page of the quota and the use of users' spaces.
    SpaceUsageByUser {
        /// The quota and the use of each user.
        users: Vec<UserSpaceQuota> = "data",
        /// How many entries there are in all.
        total: Option<i64>,
    }
}

answer! {
    /// The quota and the use of one user.
    UserSpaceQuota {
        /// The quota. No unit is documented; the 1048576 in the enterprise manual's example would be 1 GB in KB, while
        /// the sibling calls give quotas in GB.
        quota: Option<i64>,
        /// The id of the user.
        user_id: Option<UserId>,
        /// How much is used. No unit is documented, and the type is Double.
        used: Option<f64>,
        /// The time of activation; the format is not documented.
        create_time: Option<String>,
        /// The start of validity; the example has `2025-11-12T08:37:14.613Z`.
        effective_time: Option<String>,
        /// The end of validity.
        expiration_time: Option<String>,
    }
}
