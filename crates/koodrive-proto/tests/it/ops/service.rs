//! The service of the enterprise edition.

use koodrive_proto::ops::service::{
    GetJsSdkInfo, GetQuotaUsage, GetServiceStatus, ServiceState, SetPackageDownloadExpires,
};

use crate::common::{message, noted, request_with_token, wire};

/// A required parameter with a default, which is sent.
#[test]
fn set_package_download_expires() {
    let op = SetPackageDownloadExpires::new();
    assert_eq!(wire(&op), "POST /org/package\n{\"packageDownloadExpires\":7}");
    assert_eq!(
        wire(&op.clone().package_download_expires(30).tenant_id("t")),
        "POST /org/package\n{\"packageDownloadExpires\":30,\"tenantId\":\"t\"}",
    );
    assert_eq!(message(&op.package_download_expires(31)), "packageDownloadExpires: got 31, allowed: 1 to 30");
}

/// Numbers and flags that the page of 2024 has as texts.
#[test]
fn status_and_quotas() {
    assert_eq!(wire(&GetServiceStatus::new()), "GET /service");
    let (status, notes) = noted::<GetServiceStatus>(
        r#"{"data": {"status": 1, "departmentSpaceSize": "0", "aiAvailable": "true", "manualAuditOpen": "1"}, "code": "0"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(status.status, Some(ServiceState::Frozen));
    assert_eq!((status.department_space_size, status.ai_available), (Some(0), Some(true)));

    assert_eq!(wire(&GetQuotaUsage::new()), "GET /service/quotaUsed");
    let (usage, notes) = noted::<GetQuotaUsage>(
        r#"{"data": {"spaceUsed": 7753298, "spaceCapacity": "10240", "packageDownloadExpires": 7, "productType": "1"},
            "code": 0, "msg": "success"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((usage.space_used, usage.space_capacity), (Some(7_753_298), Some(10_240)));
    assert_eq!(usage.package_download_expires, Some(7));
}

/// Sent with a token only, and what opens something is hidden, also in JSON within a text.
#[test]
fn get_js_sdk_info() {
    let request = request_with_token(&GetJsSdkInfo::new());
    assert_eq!(request.uri().path(), "/koodrive/ose/v1/sdk/get-js-sdk-info");
    let config = r#"{\"sdk_auth_code\":\"043\",\"organization_source\":\"HUAWEI_ID\"}"#;
    let (info, notes) = noted::<GetJsSdkInfo>(&format!(
        r#"{{"data": {{"page_token_key": "17", "page_token": "752", "js_sdk_url": "https://h/jssdk.umd.js",
            "orgid_config": "{config}"}}, "code": 0}}"#
    ));
    assert_eq!(notes, [""; 0]);
    assert_eq!(info.orgid_config.as_ref().unwrap().as_str(), config.replace('\\', ""));
    assert_eq!((info.page_token_key.as_deref(), info.page_token.as_ref().unwrap().as_str()), (Some("17"), "752"));
    let debug = format!("{info:?}");
    assert!(!debug.contains("752") && !debug.contains("043") && debug.contains("jssdk"), "{debug}");
}
