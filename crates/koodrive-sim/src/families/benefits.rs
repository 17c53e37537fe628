//! What the service does with the packages of operators' users.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::call::{self, Answer, Call};
use crate::reply::{Refusal, Reply};
use crate::store::Row;

/// How many orders are kept.
const MOST: usize = 10_000;

/// An order of a package by a user of the operator, under the id that it has here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The serial number of the operation that brought it.
    pub(crate) operation_sn: String,
    pub(crate) carrier_user_id: String,
    pub(crate) package_id: String,
    pub(crate) ordered: DateTime<Utc>,
    /// When the package ran out, and the reservation period began.
    expired: Option<DateTime<Utc>>,
}

impl Row for Order {
    /// Orders are listed under their user.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.carrier_user_id)
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "ReverseOrder" => {
            for operation in call.objects("operationList") {
                order(call, &operation);
            }
            Ok(Reply::default())
        }
        "NotifyPackageExpiry" => expire(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Notes what a user orders, unless the operation is known.
fn order(call: &mut Call<'_>, operation: &Map<String, Json>) {
    let text = |object: &Map<String, Json>, name: &str| object.get(name).and_then(call::text).unwrap_or_default();
    let (operation_sn, carrier_user_id) = (text(operation, "operationSN"), text(operation, "carrierUserId"));
    if call.store.orders.under(&carrier_user_id).any(|(_, order)| order.operation_sn == operation_sn) {
        return;
    }
    let changes = operation.get("packageChangeList").and_then(Json::as_array);
    for change in changes.into_iter().flatten().filter_map(Json::as_object) {
        let order = Order {
            operation_sn: operation_sn.clone(),
            carrier_user_id: carrier_user_id.clone(),
            package_id: text(change, "packageId"),
            ordered: call.now,
            expired: None,
        };
        let id = call.store.next_id();
        call.store.orders.insert(id, order);
    }
    call.store.orders.keep_latest(None, MOST);
}

/// Ends all orders of a package that a user has; there has to be one that hasn't run out.
fn expire(call: &mut Call<'_>) -> Answer {
    let (package_id, now) = (call.required("packageId"), call.now);
    let orders = call.store.orders.under(&call.required("carrierUserId"));
    let orders = orders.filter(|(_, order)| order.package_id == package_id && order.expired.is_none());
    let ids: Vec<String> = orders.map(|(id, _)| id.to_owned()).collect();
    if ids.is_empty() {
        return Err(Refusal::new("13000309", "the user has no such package"));
    }
    for id in ids {
        call.store.orders.update(&id, |order| order.expired = Some(now));
    }
    Ok(Reply::default())
}
