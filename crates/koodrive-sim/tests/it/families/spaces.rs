use koodrive_proto::ops::spaces::{GetSpace, SpaceType, UpdateSpace};

use crate::families::{ADMIN, Drive};

#[test]
fn a_change_is_read_back() {
    let drive = Drive::new();
    drive.ok(&UpdateSpace::new(ADMIN, SpaceType::Individual).capacity(10));
    assert_eq!(drive.ok(&GetSpace::new(ADMIN, SpaceType::Individual)).capacity, Some(10));
    assert_eq!(drive.code(&GetSpace::new("8", SpaceType::Individual)), "13000301");
}
