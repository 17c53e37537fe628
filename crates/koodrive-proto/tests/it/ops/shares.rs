//! Shares.

use koodrive_proto::chrono::{TimeZone, Utc};
use koodrive_proto::ops::shares::{CancelShares, CreateShare, SharePermission, ShareScope};

use crate::common::{SPACE, api, message, noted, now, wire};

#[test]
fn create_share() {
    let op = CreateShare::new(ShareScope::Named, ["f"], SPACE, 365)
        .extract_code("a1B2c3D4")
        .expire_time(Utc.with_ymd_and_hms(2026, 1, 31, 23, 59, 0).unwrap().naive_utc())
        .comment("c")
        .expired_type("e")
        .phone_numbers(["1"])
        .dept_ids(["2"])
        .group_ids(["3"])
        .user_ids(["4"])
        .permission(SharePermission::new().preview(true).edit(false).download(true));
    assert_eq!(
        wire(&op),
        "POST /share\nx-hw-agentname: standard\n{\"scope\":3,\"fileIds\":[\"f\"],\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"validDays\":365,\"extractCode\":\"a1B2c3D4\",\
         \"expireTime\":\"2026-01-31 23:59:00\",\"comment\":\"c\",\"expiredType\":\"e\",\"phoneNumbers\":[\"1\"],\
         \"deptIds\":[\"2\"],\"groupIds\":[\"3\"],\"userIds\":[\"4\"],\
         \"permission\":{\"preview\":true,\"edit\":false,\"download\":true}}",
    );
    assert!(!format!("{op:?}").contains("a1B2"), "{op:?}");
    let op = CreateShare::new(ShareScope::Link, ["f"], SPACE, 0);
    assert_eq!(message(&op), "validDays: got 0, allowed: 1 to 365 days");
    assert_eq!(
        message(&op.valid_days(1).extract_code("a1B2c3D!")),
        "extractCode: got a text with another character, allowed: ASCII letters and digits",
    );
}

/// Ids that only one manual requires, and a code of its own for each.
#[test]
fn cancel_shares() {
    let header = "POST /share/cancel\nx-hw-agentname: standard";
    assert_eq!(wire(&CancelShares::new().share_ids(["1", "2"])), format!("{header}\n{{\"shareIds\":[\"1\",\"2\"]}}"));
    assert_eq!(wire(&CancelShares::new()), format!("{header}\n{{}}"));
    for count in [0, 101] {
        let op = CancelShares::new().share_ids(vec!["1"; count]);
        assert_eq!(message(&op), format!("shareIds: got {count} entries, allowed: 1 to 100 entries"));
    }
    // The enterprise edition has no agents.
    let request = api().request(&CancelShares::new().share_ids("1"), now()).unwrap();
    assert!(!request.headers().contains_key("x-hw-agentname"));

    let (answer, notes) = noted::<CancelShares>(
        r#"{"subResponseList": [{"shareId": "1689759841444195840", "code": 0, "msg": "success"},
            {"shareId": "2", "code": "13000309", "msg": "Resource not found."}], "code": "0", "msg": "Success."}"#,
    );
    assert_eq!(notes, [""; 0]);
    let codes: Vec<_> = answer.shares.iter().map(|share| (share.share_id.as_deref(), share.code)).collect();
    assert_eq!(codes, [(Some("1689759841444195840"), Some(0)), (Some("2"), Some(13_000_309))]);
}
