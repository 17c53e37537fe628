//! Packages of the carrier edition: what operators tell KooDrive about the packages of their users.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`ReverseOrder`] | tells KooDrive which packages users have ordered |
//! | [`NotifyPackageExpiry`] | tells KooDrive that a user's package has run out |
//!
//! ```
//! use koodrive_proto::ops::benefits::{NotifyPackageExpiry, PackageChange, PackageOperation, ReverseOrder};
//!
//! // A user orders a package.
//! let order = PackageOperation::new("op-0001").carrier_user_id("62811");
//! ReverseOrder::new([order.package_change_list([PackageChange::new("14")])], "batch-0001");
//!
//! // The package runs out.
//! NotifyPackageExpiry::new("62811", "14");
//! ```

use crate::{object, operation};

operation! {
    /// Tells KooDrive which packages an operator's users have ordered.
    ///
    /// By its title, the page is about a notification to the operator, but it is the operator who makes this call to
    /// KooDrive. The page doesn't say whether a batch or an operation is recognized as the same one when its serial
    /// number was sent before, so the request isn't sent again when its answer was lost. The page doesn't list the
    /// header language.
    ///
    /// Nothing is taken from the answer, which could not be read; [`WithHead`](crate::WithHead) returns its body.
    ///
    /// Source: reverseOrder, carrier (2026-02-12); the members of a package after `package_id`, the answer and the
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
        /// What happened to the users' packages: at most 50 operations.
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
        /// The package that was ordered, at most one.
        package_change_list: Vec<PackageChange> [0..=1] = "packageChangeList",
    }
}

object! {
    /// An order of a package. Further members could not be read; the service may require one of them.
    PackageChange = "PackageChangeInfo" {
        "changeType" = 1,
        /// The id of the package on the operator's side, unique there. Whether it is required could not be read.
        package_id: String = "packageId",
    }
}

operation! {
    /// Tells KooDrive that a user's package has run out, so that the reservation period begins.
    ///
    /// The operator makes this call; only allow-listed callers may. The only listed kind of notification is 2, the
    /// beginning of the reservation period, which is always sent; the example sends 1. The page doesn't list the header
    /// language.
    ///
    /// Source: notifyPackageExpire, carrier (2026-02-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::benefits::NotifyPackageExpiry;
    /// NotifyPackageExpiry::new("189642158555241211", "14");
    /// ```
    POST "/koodrive/ose/v1/carrier/users/notifyPackageExpire" NotifyPackageExpiry = "notifyPackageExpire" -> ();
    AppOrToken, Once, Carrier Full;
    body {
        "type" = 2,
        /// The user's id on the operator's side.
        carrier_user_id: String = "carrierUserId",
        /// The id of the package on the operator's side, unique there.
        package_id: String = "packageId",
    }
}
