//! The service of the enterprise edition: its state, its quotas, and settings for all users.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`GetServiceStatus`] | reads the state of the service and its switches |
//! | [`GetQuotaUsage`] | reads how much of the quotas is used |
//! | [`SetPackageDownloadExpires`] | sets how long packages for download are kept |
//! | [`GetJsSdkInfo`] | reads what a web page needs to start OrgID's SDK |
//!
//! ```
//! # use koodrive_proto::ops::service::{GetQuotaUsage, GetServiceStatus, SetPackageDownloadExpires};
//! GetServiceStatus::new();
//! // `packageDownloadExpires` is in the answer…
//! GetQuotaUsage::new();
//! // … and can be changed.
//! SetPackageDownloadExpires::new().package_download_expires(14);
//! ```

use crate::param::Secret;
use crate::{answer, choices, operation};

operation! {
    /// Reads the state of the tenant's subscription, its quotas and its switches.
    ///
    /// The page has no unit for the sizes; [`GetQuotaUsage`] has the capacity of the tenant in GB. The last four
    /// switches are only in the table of 2025-12. The page of 2024 types `departmentSpaceSize`, `aiAvailable` and
    /// `wpsAvailable` as texts, which are read as well. The page doesn't list the header X-Traceid.
    ///
    /// Source: GetService, enterprise (2025-12-12); the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::service::GetServiceStatus;
    /// GetServiceStatus::new();
    /// ```
    GET "/koodrive/ose/v1/service" GetServiceStatus = "GetService" -> ServiceStatus as data;
    AppOrToken, ReadOnly, Enterprise Partial;
}

answer! {
    /// The state of the service.
    ServiceStatus {
        /// Whether the service can be used.
        status: Option<ServiceState>,
        /// The quota for all spaces; GB, judging by [`QuotaUsage::space_capacity`].
        space_capacity: Option<i64>,
        /// How many users there may be in OrgID.
        user_count: Option<i64>,
        /// The size that the space of a team has at first; 0 means that none is opened.
        group_space_size: Option<i64>,
        /// The size that the space of a user has at first; 0 means that none is opened.
        personal_space_size: Option<i64>,
        /// The name of the organization.
        organization_name: Option<String>,
        /// The id of the organization.
        organization_id: Option<String>,
        /// The code of the root department, which OrgID creates together with the organization.
        root_dept_code: Option<String>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// The size that the space of a department has at first; 0 means that none is opened.
        department_space_size: Option<i64>,
        /// Whether AI is enabled.
        ai_available: Option<bool>,
        /// Whether WPS is enabled.
        wps_available: Option<bool>,
        /// The type of the product; no values are documented.
        product_type: Option<String>,
        /// The switch of manual moderation, a text without documented values.
        manual_audit_open: Option<String>,
        /// The switch of sharing, a text without documented values.
        public_share_flag: Option<String>,
        /// The switch of AI, a text without documented values.
        ai_flag: Option<String>,
        /// The switch of a feature for a South African operator, a text without documented values.
        telcom_flag: Option<String>,
    }
}

choices! {
    /// Whether the service can be used.
    pub enum ServiceState: number {
        /// It can, also after it was unfrozen.
        Normal = 0,
        /// It is frozen: the data is kept, but the service can't be used.
        Frozen = 1,
    }
}

operation! {
    /// Reads how much of the quotas for spaces and users is given out and used.
    ///
    /// Only `space_capacity` has a unit. In the example, the quotas add up to it, so they are in GB as well; what is
    /// used is not, and KB would fit. The page of 2024 types all numbers as texts, which are read as well. The page
    /// marks the header Authorization as optional, and doesn't list the header language.
    ///
    /// Source: GetQuotaUsed, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::Operation;
    /// # use koodrive_proto::ops::service::GetQuotaUsage;
    /// let answer = r#"{"data": {"spaceUsed": 7753298, "spaceCapacity": 10240, "spaceQuotaUsed": 327}, "code": 0}"#;
    /// let usage = GetQuotaUsage::parse(&koodrive_proto::http::Response::new(answer))?;
    /// assert_eq!(usage.space_capacity, Some(10240)); // GB
    /// # Ok::<(), koodrive_proto::Error>(())
    /// ```
    GET "/koodrive/ose/v1/service/quotaUsed" GetQuotaUsage = "GetQuotaUsed" -> QuotaUsage as data;
    AppOrToken, ReadOnly, Enterprise Full;
}

answer! {
    /// The quotas of a tenant, and how much of them is given out and used.
    QuotaUsage {
        /// How much of the quota is given out; GB, judging by the example.
        space_quota_used: Option<i64>,
        /// How many users have been created in OrgID.
        user_count: Option<i64>,
        /// The capacity that the tenant has bought, in GB.
        space_capacity: Option<i64>,
        /// How many users the tenant has bought.
        user_max_count: Option<i64>,
        /// How much is used in all; our reading of the example is KB.
        space_used: Option<i64>,
        /// The quota for the spaces of departments; GB, judging by the example.
        dept_space_quota: Option<i64>,
        /// The quota for the spaces of users; GB, judging by the example.
        personal_space_quota: Option<i64>,
        /// The quota for the spaces of groups; GB, judging by the example.
        group_space_quota: Option<i64>,
        /// The quota that is reserved; GB, judging by the others.
        reserved_space_quota: Option<i64>,
        /// How much the spaces of departments use; our reading of the example is KB.
        dept_space_used: Option<i64>,
        /// How much of the quota is given out to departments; GB, judging by the example.
        dept_space_quota_used: Option<i64>,
        /// How much the spaces of users use; our reading of the example is KB.
        personal_space_used: Option<i64>,
        /// How much of the quota is given out to users; GB, judging by the example.
        personal_space_quota_used: Option<i64>,
        /// How much the spaces of groups use; our reading of the example is KB.
        group_space_used: Option<i64>,
        /// How much of the quota is given out to groups; GB, judging by the example.
        group_space_quota_used: Option<i64>,
        /// How long packages for download are kept, as [`SetPackageDownloadExpires`] has set it; days, by our reading.
        package_download_expires: Option<i64>,
        /// The type of the product; no values are documented, and the example has `1`.
        product_type: Option<String>,
    }
}

operation! {
    /// Sets how long the temporary archive of a package download is kept.
    ///
    /// The page requires `package_download_expires` and gives it a default, which is sent unless another value is set.
    /// It has no unit; our reading is days. It doesn't say for whom the setting is made without `tenant_id`, which its
    /// example doesn't send.
    ///
    /// Source: SetPackageDownloadExpires, enterprise (undated, the layout of 2025).
    ///
    /// ```
    /// # use koodrive_proto::ops::service::SetPackageDownloadExpires;
    /// SetPackageDownloadExpires::new().package_download_expires(6);
    /// ```
    POST "/koodrive/ose/v1/org/package" SetPackageDownloadExpires -> ();
    AppOrToken, Idempotent, Enterprise Full;
    body {
        {
            /// How long the archive is kept; days, by our reading.
            package_download_expires: u32 [1..=30] | 7 = "packageDownloadExpires",
        };
        /// The id of the tenant.
        tenant_id: String = "tenantId",
    }
}

operation! {
    /// Reads the addresses and the values that a web page needs to start OrgID's SDK for JavaScript.
    ///
    /// The code in `orgid_config` works only once: each start of the SDK takes a new answer. A second run of the
    /// request issues one more code, and the last one is used.
    ///
    /// The page lists neither X-User-Id nor X-Date nor language, and a signature is not accepted. The example of the
    /// request has the path without `v1`; the path here is that of the table.
    ///
    /// Source: getJsSdkInfo, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::Operation;
    /// # use koodrive_proto::ops::service::GetJsSdkInfo;
    /// let answer = r#"{"data": {"orgid_config": "{\"sdk_auth_code\":\"043\"}"}, "code": 0}"#;
    /// let info = GetJsSdkInfo::parse(&koodrive_proto::http::Response::new(answer))?;
    /// // What the web page gets.
    /// assert_eq!(info.orgid_config.as_ref().map(|config| config.as_str()), Some(r#"{"sdk_auth_code":"043"}"#));
    /// assert!(!format!("{info:?}").contains("043"));
    /// # Ok::<(), koodrive_proto::Error>(())
    /// ```
    GET "/koodrive/ose/v1/sdk/get-js-sdk-info" GetJsSdkInfo = "getJsSdkInfo" -> JsSdkInfo as data;
    TokenAlone, Idempotent, Enterprise Full;
}

answer! {
    /// What a web page needs to start OrgID's SDK.
    JsSdkInfo {
        /// The key that belongs to the token of the page; the example has the same number as in
        /// [`transaction_id`](Self::transaction_id).
        page_token_key: Option<String> = "page_token_key",
        /// The token of the page.
        page_token: Option<Secret> = "page_token",
        /// The address of the SDK.
        js_sdk_url: Option<String> = "js_sdk_url",
        /// A second address of the SDK, in case the first one fails, judging by the name.
        retry_js_sdk_url: Option<String> = "retry_js_sdk_url",
        /// The id of the transaction.
        transaction_id: Option<String> = "transaction_id",
        /// The configuration of the SDK, a JSON document in a text. Its `sdk_auth_code` works only once.
        orgid_config: Option<Secret> = "orgid_config",
    }
}
