//! Users.

use koodrive_proto::ops::users::DeleteUser;

use crate::common::{api, now, parse, wire};

/// With the name of the agent if there is one, and without it otherwise.
#[test]
fn delete_user() {
    let op = DeleteUser::new("1244780780316557312");
    assert_eq!(wire(&op), "DELETE /users/1244780780316557312\nx-hw-agentname: standard");
    let request = api().request(&op, now()).unwrap();
    assert!(!request.headers().contains_key("x-hw-agentname") && request.body().is_empty());
    parse::<DeleteUser>(r#"{"code": 0, "msg": "success"}"#).unwrap();
}
