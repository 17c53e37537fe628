//! What the service does with the audit log: who changed what and when, the latest 100,000 entries.

use chrono::{DateTime, Utc};
use koodrive_proto::schema::Safety;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::{TENANT, users};
use crate::page;
use crate::reply::{Refusal, Reply};
use crate::store::Row;
use crate::times;

/// How many entries are kept.
const MOST: usize = 100_000;

/// Where calls come from. Requests reach the simulator without their sender's address.
const IP: &str = "127.0.0.1";

/// Only calls that succeeded are noted.
const SUCCESS: u64 = 0;

/// A call that changed something, under the entry's id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LogEntry {
    /// Empty if the call needed no credentials.
    user_id: String,
    user_name: String,
    operation: String,
    /// What the call was about; empty if its parameters have no id.
    resource: String,
    time: DateTime<Utc>,
}

impl Row for LogEntry {}

/// Notes a call that was executed, unless its kind changes nothing.
pub(crate) fn note(call: &mut Call<'_>) {
    if call.meta.safety == Safety::ReadOnly {
        return;
    }
    let is_id = |name: &str| name == "id" || name.ends_with("Id") && name != "tenantId";
    let resource = call.meta.params.iter().filter(|field| is_id(field.name)).find_map(|field| call.text(field.name));
    let entry = LogEntry {
        user_id: call.user_id.to_owned(),
        user_name: users::name(call.store, call.user_id),
        operation: call.meta.name.to_owned(),
        resource: resource.unwrap_or_default(),
        time: call.now,
    };
    let id = call.store.next_id();
    call.store.audit_log.insert(id, entry);
    call.store.audit_log.keep_latest(None, MOST);
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "ListAuditLogs" => list(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn list(call: &Call<'_>) -> Answer {
    let time = |name: &str| match call.text(name).map(|text| times::read(&text)) {
        Some(None) => Err(Refusal::new("13000102", format!("{name}: no time, as 2025-01-01T00:00:01.000Z"))),
        time => Ok(time.flatten()),
    };
    let texts = |name: &str| call.texts(name).filter(|texts| !texts.is_empty());
    let (from, to) = (time("operTimeFrom")?, time("operTimeTo")?);
    let (operations, excluded) = (texts("operations"), texts("excludedOperations"));
    let (name, result, ip) = (call.text("operatorName"), call.text("operateResult"), call.text("operatorIP"));
    let fits = |entry: &LogEntry| {
        from.is_none_or(|from| from <= entry.time)
            && to.is_none_or(|to| entry.time <= to)
            && name.as_ref().is_none_or(|name| *name == entry.user_name)
            && operations.as_ref().is_none_or(|names| names.contains(&entry.operation))
            && excluded.as_ref().is_none_or(|names| !names.contains(&entry.operation))
            && result.as_ref().is_none_or(|result| *result == SUCCESS.to_string())
            && ip.as_ref().is_none_or(|ip| ip == IP)
    };
    let mut entries: Vec<(&str, &LogEntry)> = call.store.audit_log.iter().filter(|(_, entry)| fits(entry)).collect();
    // By time, which can go back if somebody sets the clock.
    entries.sort_by_key(|(_, entry)| entry.time);
    if call.number("sortInfo.sortDirection") != Some(1) {
        entries.reverse();
    }
    let total = entries.len();
    // Pages count from 0 here.
    let page = page::by_number(call, entries, ("pageInfo.pageNum", 0), "pageInfo.pageSize", 10)?;
    let rows: Vec<Json> = page.into_iter().map(|(id, entry)| info(id, entry)).collect();
    Ok(Reply::default().with("total", total).with("logInfoList", rows))
}

fn info(id: &str, entry: &LogEntry) -> Json {
    let mut info = json!({
        "logId": id,
        "tenantId": TENANT,
        "operateTime": times::millis(entry.time),
        "operation": entry.operation,
        "operateResult": SUCCESS,
        "operatorIP": IP,
    });
    let known = [("operatorName", &entry.user_name), ("operatorId", &entry.user_id), ("resource", &entry.resource)];
    for (name, value) in known.into_iter().filter(|(_, value)| !value.is_empty()) {
        info[name] = value.as_str().into();
    }
    info
}
