//! The audit log.

use koodrive_proto::flow::{Body, Pages};
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::audit_log::{AuditPageInfo, AuditSort, AuditSortType, ListAuditLogs};
use koodrive_proto::ops::files::SortDirection;
use koodrive_proto::testing::{Reply, World};
use serde_json::{Value as Json, json};

use crate::common::{api, message, noted, wire};

#[test]
fn list_audit_logs() {
    let op = ListAuditLogs::new();
    assert_eq!(wire(&op), "POST /auditlog\n{}");
    let whole = op
        .clone()
        .oper_time_from("2025-01-01T00:00:01.000Z")
        .oper_time_to("2026-01-01T00:00:01.000Z")
        .operator_name("")
        .operations(Vec::<String>::new())
        .excluded_operations(["a"])
        .operate_result("0")
        .operator_ip("10.0.0.1")
        .page_info(AuditPageInfo::new(0))
        .sort_info(AuditSort::new().sort_type(AuditSortType::Operated).sort_direction(SortDirection::Descending));
    assert_eq!(
        wire(&whole),
        "POST /auditlog\n{\"operTimeFrom\":\"2025-01-01T00:00:01.000Z\",\"operTimeTo\":\"2026-01-01T00:00:01.000Z\",\
         \"operatorName\":\"\",\"operations\":[],\"excludedOperations\":[\"a\"],\"operateResult\":\"0\",\
         \"operatorIP\":\"10.0.0.1\",\"pageInfo\":{\"pageNum\":0,\"pageSize\":10},\
         \"sortInfo\":{\"sortType\":1,\"sortDirection\":2}}",
    );
    let page = op.page_info(AuditPageInfo::new(0).page_size(101));
    assert_eq!(message(&page), "pageInfo.pageSize: got 101, allowed: 1 to 100");
}

/// The first page may be the only one; later ones are counted from 0.
#[test]
fn pages_of_the_audit_log() {
    let page =
        |total: i64| noted::<ListAuditLogs>(&format!(r#"{{"total": {total}, "logInfoList": [{{"logId": "1"}}]}}"#)).0;
    let mut op = ListAuditLogs::new().page_info(AuditPageInfo::new(0));
    assert_eq!(op.turn(&page(1)).unwrap(), Turn::Last);
    assert_eq!(op.turn(&page(11)).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "POST /auditlog\n{\"pageInfo\":{\"pageNum\":1,\"pageSize\":10}}");
    assert_eq!(op.turn(&page(11)).unwrap(), Turn::Unsure);
    // Without a size, the second page has as many as the first.
    op = ListAuditLogs::new();
    assert_eq!(op.turn(&page(2)).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "POST /auditlog\n{\"pageInfo\":{\"pageNum\":1,\"pageSize\":1}}");

    // Whether the service counts from 0 or from 1, and whatever its own size is, no entry is lost and none comes twice.
    for (first, total, own) in [(0, 25, 10), (0, 20, 10), (1, 25, 10), (1, 20, 10), (0, 25, 5), (0, 25, 20), (1, 25, 7)]
    {
        let mut world = World::new(move |visit| {
            let Body::Bytes(body) = visit.request.body() else { unreachable!("a body in memory") };
            let body: Json = serde_json::from_slice(body).unwrap();
            let number = body["pageInfo"]["pageNum"].as_u64().unwrap_or(first).saturating_sub(first);
            let size = body["pageInfo"]["pageSize"].as_u64().unwrap_or(own);
            let entries: Vec<Json> =
                (number * size..(number * size + size).min(total)).map(|id| json!({"logId": id.to_string()})).collect();
            Reply::ok(json!({"total": total, "logInfoList": entries, "code": 0}).to_string())
        });
        let (api, mut entries, mut ids) = (api(), Pages::new(ListAuditLogs::new()).items(), Vec::new());
        while let Some(entry) = world.run(&api, &mut entries).unwrap() {
            ids.push(entry.log_id.unwrap().parse::<u64>().unwrap());
        }
        assert_eq!(ids, (0..total).collect::<Vec<_>>(), "from {first}");
    }
}
