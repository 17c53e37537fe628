//! Packages of the carrier edition: what an operator tells KooDrive about the packages of its users.

use crate::{object, operation};

operation! {
    /// Tells KooDrive which packages an operator's users have ordered.
    ///
    /// The page is titled as a notification to the operator, and is a call of the operator's to KooDrive. Whether a
    /// batch or an operation with a serial number that was sent before is taken for the same is not documented, so a
    /// call is not sent again when its answer got lost. No language is listed.
    ///
    /// Nothing is taken from the answer, which could not be read: [`WithHead`](crate::WithHead) keeps its body.
    ///
    /// Source: reverseOrder, carrier (2026-02-12); the members of a package behind `package_id`, the answer and the
    /// examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::benefits::{PackageChange, PackageOperation, ReverseOrder};
    /// let order = PackageOperation::new("op-0001").carrier_user_id("62811");
    /// ReverseOrder::new([order.package_change_list([PackageChange::new("gold")])], "batch-0001");
    /// ```
    POST "/koodrive/ose/v1/carrier/operation/reverseOrder" ReverseOrder = "reverseOrder" -> ();
    AppOrToken, Once, Carrier Partial;
    body {
        /// What happened, at most 50 operations.
        operation_list: Vec<PackageOperation> [1..=50] = "operationList",
        /// The serial number of the batch, at most 64 characters.
        batch_sn: String [1..=64] = "batchSN",
    }
}

object! {
    /// What happened to one user's package.
    PackageOperation = "ReverseOperationAllPropertiesInfo" {
        /// The serial number of the operation.
        operation_sn: String = "operationSN";
        /// The user's id on the operator's side. Whether it is required could not be read.
        carrier_user_id: String = "carrierUserId",
        /// The package, at most one.
        package_change_list: Vec<PackageChange> [0..=1] = "packageChangeList",
    }
}

object! {
    /// An order of a package. More members could not be read; the service may require one of them.
    PackageChange = "PackageChangeInfo" {
        "changeType" = 1,
        /// The id of the package on the operator's side, unique there. Whether it is required could not be read.
        package_id: String = "packageId",
    }
}
