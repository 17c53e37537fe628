//! Shares.

use koodrive_proto::chrono::{TimeZone, Utc};
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::files::{FileType, SortDirection, ThumbnailSize};
use koodrive_proto::ops::shares::{
    CancelShares, CreateShare, ExitShare, GetShareByMe, GetShareWithMe, ListSharesByMe, ListSharesWithMe,
    SharePermission, ShareScope, ShareSort, ShareStatus, UpdateShare,
};

use crate::common::{SPACE, api, message, noted, now, parse, wire};

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

#[test]
fn list_shares_by_me() {
    assert_eq!(wire(&ListSharesByMe::new()), "GET /share");
    let mut op = ListSharesByMe::new()
        .page_size(100)
        .page_cursor("0")
        .sort_type(ShareSort::Shared)
        .sort_direction(SortDirection::Ascending)
        .display_name("d")
        .image_process("image/resize,w_128")
        .usage(ThumbnailSize::SuperLarge);
    assert_eq!(
        wire(&op),
        "GET /share?pageSize=100&pageCursor=0&sortType=4&sortDirection=1&displayName=d&\
         imageProcess=image%2Fresize%2Cw_128&usage=superLargeThumbnail",
    );
    assert_eq!(message(&op.clone().page_size(101)), "pageSize: got 101, allowed: 1 to 100");
    let other = op.clone().sort_type(ShareSort::Other(1));
    assert_eq!(message(&other), "sortType: got 1, allowed: 4 (Shared)");

    let (mut page, notes) = noted::<ListSharesByMe>(
        r#"{"shareLinks": [{"shareId": "1", "shortUrl": "5ecre7", "linkUrl": "https://h/5ecre7", "scope": 2,
            "extractCode": "5ecre7", "status": 0, "viewCnt": 3, "files": [{"id": "f", "fileType": "10",
            "downloadLinks": [{"downloadLink": "https://h/5ecre7"}], "recycled": false}]}, {"shareId": "2"}],
            "nextCursor": "2", "code": "0"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert!(!format!("{page:?}").contains("5ecre7"), "{page:?}");
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(op.page_cursor.as_deref(), Some("2"));
    let shares = ListSharesByMe::items(&mut page);
    assert_eq!(ListSharesByMe::key(&shares[1]), Some("2"));
    assert_eq!((&shares[0].scope, shares[0].view_count), (&Some(ShareScope::Enterprise), Some(3)));
    assert_eq!(shares[0].files[0].file_type, Some(FileType::Folder));
    assert_eq!(
        op.turn(&parse::<ListSharesByMe>(r#"{"shareLinks": [], "nextCursor": "3"}"#).unwrap()).unwrap(),
        Turn::Next
    );
    assert_eq!(
        op.turn(&parse::<ListSharesByMe>(r#"{"shareLinks": [{"shareId": "4"}]}"#).unwrap()).unwrap(),
        Turn::Last
    );
}

/// Numbers that are texts here.
#[test]
fn list_shares_with_me() {
    assert_eq!(wire(&ListSharesWithMe::new()), "GET /share/received");
    let mut op = ListSharesWithMe::new()
        .page_size(1)
        .page_cursor("0")
        .sort_type(ShareSort::Shared)
        .sort_direction(SortDirection::Descending)
        .display_name("d")
        .image_process("i");
    assert_eq!(
        wire(&op),
        "GET /share/received?pageSize=1&pageCursor=0&sortType=4&sortDirection=2&displayName=d&imageProcess=i",
    );
    assert_eq!(message(&op.clone().page_size(0)), "pageSize: got 0, allowed: 1 to 100");
    let (mut page, notes) = noted::<ListSharesWithMe>(
        r#"{"shareLinks": [{"shareId": "1", "ownerId": "7", "scope": "3", "viewCnt": "12", "saveCnt": 1}],
            "nextCursor": "1"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    let share = ListSharesWithMe::items(&mut page).remove(0);
    assert_eq!(ListSharesWithMe::key(&share), Some("1"));
    assert_eq!((share.scope, share.view_count, share.save_count), (Some(ShareScope::Named), Some(12), Some(1)));
    assert_eq!(op.turn(&parse::<ListSharesWithMe>(r#"{"nextCursor": ""}"#).unwrap()).unwrap(), Turn::Last);
}

#[test]
fn one_share() {
    assert_eq!(wire(&GetShareByMe::new("a/1")), "GET /share/a%2F1");
    assert_eq!(wire(&GetShareWithMe::new("1")), "GET /share/received/1");
    let (answer, notes) = noted::<GetShareByMe>(
        r#"{"shareLink": {"shareId": "1", "depts": [{"id": 2, "name": "d"}], "groups": {"id": "3"}, "users": [],
            "permission": {"preview": true, "edit": false}, "extractCode": "5ecre7"}, "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert!(!format!("{answer:?}").contains("5ecre7"), "{answer:?}");
    let share = answer.share_link.unwrap();
    assert!(share.depts[0].id.as_ref().is_some_and(|id| id == "2"));
    assert!(share.groups[0].id.as_ref().is_some_and(|id| id == "3") && share.users.is_empty());
    let share =
        parse::<GetShareWithMe>(r#"{"shareLink": {"status": 2, "ownerName": "o"}}"#).unwrap().share_link.unwrap();
    assert_eq!((share.status, share.owner_name.as_deref()), (Some(ShareStatus::Invalid), Some("o")));
}

#[test]
fn update_share() {
    let header = "PUT /share/1\nx-hw-agentname: standard";
    let op = UpdateShare::new("1", 0);
    assert_eq!(wire(&op), format!("{header}\n{{\"validDays\":0}}"));
    assert_eq!(message(&op.clone().valid_days(366)), "validDays: got 366, allowed: 0 to 365 days");
    let op = op
        .extract_code("a1B2c3D4")
        .comment("c")
        .dept_ids(["2"])
        .group_ids(["3"])
        .user_ids(["4"])
        .permission(SharePermission::new().edit(true))
        .expire_time("2024-06-03T02:00:39.952Z");
    assert_eq!(
        wire(&op),
        format!(
            "{header}\n{{\"validDays\":0,\"extractCode\":\"a1B2c3D4\",\"comment\":\"c\",\"deptIds\":[\"2\"],\
             \"groupIds\":[\"3\"],\"userIds\":[\"4\"],\"permission\":{{\"edit\":true}},\
             \"expireTime\":\"2024-06-03T02:00:39.952Z\"}}"
        ),
    );
    assert!(!format!("{op:?}").contains("a1B2"), "{op:?}");
    assert_eq!(message(&op.extract_code("a1B2c3D")), "extractCode: got 7 characters, allowed: exactly 8 characters",);
    let (answer, notes) = noted::<UpdateShare>(
        r#"{"shareLink": {"shareId": "1", "scope": 1, "status": 3, "viewCnt": "5", "saveCnt": "0"}, "code": "0"}"#,
    );
    assert_eq!(notes, [""; 0]);
    let share = answer.share_link.unwrap();
    assert_eq!((share.status, share.view_count, share.save_count), (Some(ShareStatus::Expired), Some(5), Some(0)));
}

/// Codes that are texts, and a `message` in place of `msg`.
#[test]
fn exit_share() {
    assert_eq!(wire(&ExitShare::new(["1", "2"])), "POST /share/exit\n{\"shareIds\":[\"1\",\"2\"]}");
    let (answer, notes) = noted::<ExitShare>(
        r#"{"subResponseList": [{"shareId": "1", "code": "0", "message": "success"}, {"code": "13000309"}], "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((answer.shares[0].code, answer.shares[0].message.as_deref()), (Some(0), Some("success")));
    assert_eq!((answer.shares[1].code, answer.shares[1].share_id.as_deref()), (Some(13_000_309), None));
}
