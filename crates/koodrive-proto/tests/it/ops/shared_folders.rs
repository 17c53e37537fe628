//! Shared folders.

use koodrive_proto::ops::shared_folders::CreateSharedFolder;

use crate::common::{SPACE, message, wire};

#[test]
fn create_shared_folder() {
    assert_eq!(
        wire(&CreateSharedFolder::new(SPACE, "Family")),
        "POST /sharefolder/create\n{\"shareType\":0,\"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\
         \"name\":\"Family\"}",
    );
    assert_eq!(
        message(&CreateSharedFolder::new(SPACE, "👪")),
        "name: got a text with an emoji, allowed: not empty, not `.` or `..`, none of < > | : * ? \" /, no emoji, line end, \
         backspace or tab",
    );
}
