//! Messages.

use koodrive_proto::ops::messages::DeleteMessages;

use crate::common::{request, wire};

/// A DELETE with a body.
#[test]
fn delete_messages() {
    assert_eq!(wire(&DeleteMessages::new(["1", "2"])), "DELETE /message/batchDelete\n{\"ids\":[\"1\",\"2\"]}");
    let delete = request(&DeleteMessages::new("1"));
    assert_eq!(delete.headers()["content-type"], "application/json");
    assert_eq!(delete.headers()["content-length"], "13");
}
