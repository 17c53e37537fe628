//! The smallest input of an operation, rules between its parameters included.

use serde_json::{Map, Value as Json};

use crate::check::FromParams;
use crate::operation::Operation;

/// Returns the smallest input of an operation: for tests, simulators and tools.
///
/// [`Meta::example`](crate::Meta::example) has what the table asks for. This is the same, with what the rules between
/// the parameters find missing then.
///
/// ```
/// use koodrive_proto::operation::{Operation, example};
/// use koodrive_proto::ops::permissions::ListUserPermissions;
///
/// let smallest = serde_json::json!({"spaceType": 0, "containerId": "1", "deptId": "1"});
/// assert_eq!(serde_json::Value::from(example::<ListUserPermissions>()), smallest);
/// ```
pub fn example<O: Operation + FromParams>() -> Map<String, Json> {
    let mut input = O::META.example();
    // Each round finds one more of them.
    for _ in O::META.params {
        let Err(error) = O::from_params(&input).and_then(|op| op.check()) else { break };
        let missing = O::META.params.iter().find(|field| field.name == error.name());
        let Some(field) = missing.filter(|field| !input.contains_key(field.name)) else { break };
        input.insert(field.name.to_owned(), field.example());
    }
    input
}
