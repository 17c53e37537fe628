//! What the service does with operators' sheets: it compares their orders of a month with its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::benefits::Order;
use crate::page::{self, Entry, Sort};
use crate::reply::{Refusal, Reply};
use crate::store::Row;

/// How many reconciliations are kept.
const MOST: usize = 20;

/// A reconciliation, under its number: the differences as they are listed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reconciliation {
    diffs: Vec<Json>,
}

impl Row for Reconciliation {}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "VerifyReconciliationData" => verify(call),
        "ListReconciliationDiffs" => list(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// An order by the operator's sheet.
struct Line<'a> {
    user_id: &'a str,
    package_id: &'a str,
    time: &'a str,
}

/// Reads the orders of a sheet by the serial numbers of their operations. The template of sheets isn't public, so a
/// sheet is a text here: `operation,user,package,time` in each line, with or without the time.
fn read(sheet: &str) -> BTreeMap<&str, Line<'_>> {
    let lines = sheet.lines().filter_map(|line| {
        let mut cells = line.split(',').map(str::trim);
        let (operation, user_id, package_id) = (cells.next()?, cells.next()?, cells.next()?);
        Some((operation, Line { user_id, package_id, time: cells.next().unwrap_or_default() }))
    });
    lines.collect()
}

fn verify(call: &mut Call<'_>) -> Answer {
    let cycle = call.required("billingCycle");
    if cycle >= call.now.format("%Y-%m").to_string() {
        return Err(Refusal::new("13000102", "billingCycle: the month is not over"));
    }
    let sheet = call.text("data.content").unwrap_or_default();
    let mut lines = read(&sheet);
    let mut diffs = Vec::new();
    let orders = call.store.orders.iter().filter(|(_, order)| order.ordered.format("%Y-%m").to_string() == cycle);
    for (id, order) in orders {
        let line = lines.remove(order.operation_sn.as_str());
        let same = |line: &Line<'_>| line.user_id == order.carrier_user_id && line.package_id == order.package_id;
        match &line {
            None => diffs.push(diff(call, None, Some((id, order)), "1")),
            Some(line) if !same(line) => {
                diffs.push(diff(call, Some((&order.operation_sn, line)), Some((id, order)), "3"));
            }
            Some(_) => {}
        }
    }
    diffs.extend(lines.iter().map(|(operation, line)| diff(call, Some((operation, line)), None, "2")));
    let id = call.store.next_id();
    call.store.reconciliations.insert(&*id, Reconciliation { diffs });
    call.store.reconciliations.keep_latest(None, MOST);
    Ok(Reply::default().with("batchNo", id))
}

/// What is listed of a difference between the operator's order and the one here.
fn diff(call: &Call<'_>, theirs: Option<(&str, &Line<'_>)>, ours: Option<(&str, &Order)>, kind: &str) -> Json {
    let user_id =
        ours.map(|(_, order)| order.carrier_user_id.as_str()).or_else(|| theirs.map(|(_, line)| line.user_id));
    let members = [
        ("carrierOrderId", theirs.map(|(operation, _)| operation)),
        ("kdOrderId", ours.map(|(id, _)| id)),
        ("carrierUserId", user_id),
        ("carrierOrderTime", theirs.map(|(_, line)| line.time).filter(|time| !time.is_empty())),
        // The users here have the ids that they have at the operator's.
        ("kdUserId", user_id.filter(|id| call.store.users.contains(id))),
    ];
    let mut diff = json!({"diffType": kind});
    for (name, value) in members {
        if let Some(value) = value {
            diff[name] = value.into();
        }
    }
    diff
}

fn list(call: &Call<'_>) -> Answer {
    let found = call.store.reconciliations.get(&call.required("batchNo"));
    let found = found.ok_or_else(|| Refusal::new("13000309", "there is no such reconciliation"))?;
    let entry = |(number, diff): (u64, &Json)| Entry { key: page::rank(number), id: String::new(), row: diff.clone() };
    let (rows, next) = page::by_cursor(
        call,
        (0..).zip(&found.diffs).map(entry).collect(),
        Sort::new("", false),
        "pageCursor",
        "pageSize",
    )?;
    let mut reply = Reply::default().with("diffList", rows).with("total", found.diffs.len());
    if !next.is_empty() {
        reply = reply.with("nextPageCursor", next);
    }
    Ok(reply)
}
