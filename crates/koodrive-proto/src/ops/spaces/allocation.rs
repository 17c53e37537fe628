//! How the capacity of the enterprise is divided among the kinds of spaces.

use crate::ops::spaces::SpaceType;
use crate::{answer, object, operation};

operation! {
    /// Reports for each kind of space how much capacity there is, and how much of it is given out.
    ///
    /// The table has a list, the example one object; here both are read.
    ///
    /// Source: GetSpaceAllocation, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::Operation;
    /// # use koodrive_proto::ops::spaces::GetSpaceAllocation;
    /// let answer = r#"{"data": {"type": "0", "allocateCapacity": "1000", "totalCapacity": "2000"}, "code": 0}"#;
    /// let kinds = GetSpaceAllocation::parse(&koodrive_proto::http::Response::new(answer))?;
    /// assert_eq!(kinds[0].total_capacity, Some(2000)); // GB
    /// # Ok::<(), koodrive_proto::Error>(())
    /// ```
    GET "/koodrive/ose/v1/space/allocation/get" GetSpaceAllocation -> Vec<SpaceAllocation> as data;
    AppOrToken, ReadOnly, Enterprise Full;
}

answer! {
    /// The capacity for one kind of space.
    SpaceAllocation {
        /// The kind of space. This page lists no values; those of the sibling calls are used.
        kind: Option<SpaceType> = "type",
        /// How much is given out, in GB.
        allocate_capacity: Option<i64>,
        /// How much there is in all, in GB.
        total_capacity: Option<i64>,
    }
}

operation! {
    /// Moves capacity that isn't given out from one kind of space to others.
    ///
    /// The page's example sends one target instead of a list, and moves from users to users, with a text for the size;
    /// the page doesn't say what that does. Here a list is sent, as in the table, and the size is a number.
    ///
    /// Source: TransferUnallocatedSpace, enterprise (2025-12-12); whether `expandCapacity` is required could not be
    /// read.
    ///
    /// ```
    /// # use koodrive_proto::ops::spaces::{SpaceType, TransferTarget, TransferUnallocatedSpace};
    /// let more = [TransferTarget::new(SpaceType::Department, 500), TransferTarget::new(SpaceType::Group, 500)];
    /// TransferUnallocatedSpace::new(SpaceType::Individual, more);
    /// ```
    POST "/koodrive/ose/v1/space/allocation/transfer" TransferUnallocatedSpace -> ();
    AppOrToken, Once, Enterprise Full;
    body {
        /// The kind of space that the capacity is taken from. Its values are those of the targets.
        origin_type: SpaceType = "originType",
        /// What gets the capacity. The page doesn't say how many targets a request may have.
        targets: Vec<TransferTarget> = "target",
    }
}

object! {
    /// How much capacity one kind of space gets.
    TransferTarget = "TransferUnusedSapaceData" {
        /// The kind of space.
        kind: SpaceType = "type",
        /// How much capacity is added, in GB. Our reading is that it is required.
        expand_capacity: u32 = "expandCapacity",
    }
}
