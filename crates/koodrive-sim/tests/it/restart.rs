//! A simulator that is opened on a directory again, and set up in the same way each time.

use std::path::Path;

use koodrive_proto::chrono::Utc;
use koodrive_proto::ops::sessions::RefreshSession;
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaces, SpaceType};
use koodrive_proto::ops::users::DeleteUser;
use koodrive_sim::Simulator;

use crate::families::{ADMIN, Drive};

fn open(directory: &Path) -> Drive {
    let simulator = Simulator::open(directory).unwrap().token("Bearer token-of-7", ADMIN).token("Bearer of-8", "8");
    let simulator = simulator.session("Bearer of-9", "9", "the-session").space("9", SpaceType::Individual, 2);
    Drive { simulator, now: Utc::now() }
}

#[test]
fn what_calls_have_changed_is_not_set_up_again() {
    let directory = std::env::temp_dir().join(format!("koodrive-sim-restart-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    let spaces = |drive: &Drive| drive.ok(&GetSpaces::new("9", SpaceType::Individual));

    let drive = open(&directory);
    let refreshed = drive.with("Bearer of-9", "9", &RefreshSession::new("the-session")).unwrap();
    let token = refreshed.access_token.unwrap();
    drive.ok(&DeleteUser::new("8"));
    let own = spaces(&drive).remove(0).container_id.unwrap();
    drive.ok(&DeleteSpace::new("9", SpaceType::Individual).container_id(own));
    assert_eq!(spaces(&drive).len(), 1);
    drop(drive);

    for _ in 0..2 {
        let drive = open(&directory);
        assert_eq!(spaces(&drive).len(), 1);
        let call = |token: &str, user: &str| drive.with(token, user, &GetSpaces::new("9", SpaceType::Individual));
        call(token.as_str(), "9").unwrap();
        assert_eq!(call("Bearer of-9", "9").unwrap_err(), "APIGW.0301");
        assert_eq!(call("Bearer of-8", "8").unwrap_err(), "APIGW.0301");
    }
    // What is new is set up.
    let drive = open(&directory);
    let simulator = drive.simulator.token("Bearer another", "8").token("Bearer of-10", "10");
    let drive = Drive { simulator, now: drive.now };
    let call = |token: &str, user: &str| drive.with(token, user, &GetSpaces::new("9", SpaceType::Individual));
    call("Bearer of-10", "10").unwrap();
    assert_eq!(call("Bearer another", "8").unwrap_err(), "APIGW.0301");
    drop(drive);
    std::fs::remove_dir_all(&directory).unwrap();
}
