//! What the service does with the tenant's subscription: quotas, and settings for all users.

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::ops::spaces::SpaceType;
use serde_json::json;

use crate::call::{Answer, Call};
use crate::families::departments::ROOT;
use crate::families::{ORGANIZATION, ORGANIZATION_NAME, TENANT, due, jobs, share_links, users};
use crate::mix::mix;
use crate::reply::{Refusal, Reply};
use crate::store::Store;
use crate::times;

/// What the tenant has bought, as in the example of GetQuotaUsage: GB for all spaces, and for those of departments, of
/// users and of groups.
const CAPACITY_GB: [u64; 4] = [10_240, 6144, 2048, 2048];

const PACKAGE_EXPIRES: &str = "packageDownloadExpires";

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "GetServiceStatus" => Ok(status(call)),
        "GetQuotaUsage" => Ok(usage(call)),
        "SetPackageDownloadExpires" => set_package_expires(call),
        "GetJsSdkInfo" => Ok(js_sdk_info(call)),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// How many days packages for download are kept.
fn package_expires(store: &Store) -> u64 {
    store.counters.get(PACKAGE_EXPIRES).copied().unwrap_or(7)
}

/// Until when a package for download is kept that was packed at a time.
pub(crate) fn package_ends(store: &Store, packed: DateTime<Utc>) -> DateTime<Utc> {
    let days = i64::try_from(package_expires(store)).ok().and_then(TimeDelta::try_days);
    times::after(packed, days.unwrap_or(TimeDelta::MAX))
}

fn status(call: &Call<'_>) -> Reply {
    let mut status = json!({
        "status": 0,
        "spaceCapacity": CAPACITY_GB[0],
        "userCount": users::places(call.store),
        // GB of the spaces that users, groups and departments have at first.
        "personalSpaceSize": 1,
        "groupSpaceSize": 0,
        "departmentSpaceSize": 1,
        "organizationName": ORGANIZATION_NAME,
        "organizationId": ORGANIZATION,
        "tenantId": TENANT,
        "aiAvailable": false,
        "wpsAvailable": false,
        "productType": "1",
        "manualAuditOpen": "true",
        "publicShareFlag": "true",
        "aiFlag": "false",
        "telcomFlag": "false",
    });
    if let Some(root) = call.store.departments.get(ROOT) {
        status["rootDeptCode"] = root.account_id.as_str().into();
    }
    Reply::data(status)
}

/// The quotas in GB, and what is used in KB, as the numbers of the example fit together.
fn usage(call: &Call<'_>) -> Reply {
    let usage = |kind: Option<SpaceType>| {
        let kind = kind.map(|kind| kind.number());
        let spaces = call.store.spaces.values().filter(|space| kind.is_none_or(|kind| kind == space.kind));
        spaces.fold((0_u64, 0_u64), |(quota, used), space| {
            (quota.saturating_add(space.capacity_gb), used.saturating_add(space.used / 1024))
        })
    };
    let [capacity, departments_gb, personal_gb, groups_gb] = CAPACITY_GB;
    let (all, departments) = (usage(None), usage(Some(SpaceType::Department)));
    let (personal, groups) = (usage(Some(SpaceType::Individual)), usage(Some(SpaceType::Group)));
    Reply::data(json!({
        "spaceCapacity": capacity,
        "spaceQuotaUsed": all.0,
        "spaceUsed": all.1,
        "deptSpaceQuota": departments_gb,
        "deptSpaceQuotaUsed": departments.0,
        "deptSpaceUsed": departments.1,
        "personalSpaceQuota": personal_gb,
        "personalSpaceQuotaUsed": personal.0,
        "personalSpaceUsed": personal.1,
        "groupSpaceQuota": groups_gb,
        "groupSpaceQuotaUsed": groups.0,
        "groupSpaceUsed": groups.1,
        "reservedSpaceQuota": 0,
        "userCount": users::count(call.store),
        "userMaxCount": users::places(call.store),
        "packageDownloadExpires": package_expires(call.store),
        "productType": "1",
    }))
}

fn set_package_expires(call: &mut Call<'_>) -> Answer {
    if call.text("tenantId").is_some_and(|tenant| tenant != TENANT) {
        return Err(Refusal::new("13000309", "there is no such tenant"));
    }
    let days = call.number(PACKAGE_EXPIRES).unwrap_or(7);
    // The packages that are there already end at another time, too.
    let packages = jobs::packages(call.store).chain(share_links::packages(call.store));
    let packages: Vec<(String, DateTime<Utc>)> = packages.map(|(id, packed)| (id.to_owned(), packed)).collect();
    for (id, packed) in &packages {
        due::cancel(call.store, package_ends(call.store, *packed), id);
    }
    call.store.counters.insert(PACKAGE_EXPIRES, days);
    for (id, packed) in &packages {
        due::schedule(call.store, package_ends(call.store, *packed), id);
    }
    Ok(Reply::default())
}

/// What starts OrgID's SDK, with a new code each time. There is no SDK at the address.
fn js_sdk_info(call: &mut Call<'_>) -> Reply {
    let seed = call.store.next_id().parse().unwrap_or_default();
    let hex = |part: u64| format!("{:016x}{:016x}", mix(mix(seed) ^ part), mix(mix(seed) ^ (part + 1)));
    let transaction = call.now.timestamp_millis().to_string();
    let config = json!({"sdk_auth_code": hex(2), "organization_source": "HUAWEI_ID"});
    Reply::data(json!({
        "page_token_key": transaction,
        "page_token": hex(0),
        "js_sdk_url": "https://orgid.example/jssdk/jssdk.umd.js",
        "retry_js_sdk_url": "https://orgid.example/jssdk/jssdk.umd.js",
        "transaction_id": transaction,
        "orgid_config": config.to_string(),
    }))
}
