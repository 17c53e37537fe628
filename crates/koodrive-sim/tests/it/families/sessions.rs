use koodrive_proto::ops::sessions::{CheckSession, CreateSession, GetAuthCodeURL, LogOff, RefreshSession, SessionRole};
use koodrive_proto::ops::users::{CreateUser, GetUser, Placement};

use crate::families::{ADMIN, Drive, root};

#[test]
fn from_the_address_to_the_end_of_the_session() {
    let mut drive = Drive::new();
    let address = drive.call("", &GetAuthCodeURL::new("drive.example:8080")).unwrap();
    let (uri, host) = (address.uri.unwrap(), address.org_id_host.unwrap());
    assert!(uri.starts_with(&format!("{host}/oauth2/authorize?response_type=code&client_id=")), "{uri}");
    assert!(uri.ends_with("redirect_uri=https%3A%2F%2Fdrive.example%3A8080%2Fcloudfile%2Findex.html"), "{uri}");

    // The code of a user is their id in OrgID.
    let id = drive.ok(&CreateUser::new("1008600000029937613", Placement::new())).unwrap().id.unwrap();
    assert_eq!(drive.code_for("", &CreateSession::new("FrbMohdqi86v6sMZlFSSuG3E0")), "13000102");
    let session = drive.call("", &CreateSession::new("1008600000029937613").domain("drive.example")).unwrap();
    assert_eq!(session.user_id.as_deref(), Some("1008600000029937613"));
    let user = session.user_info.unwrap();
    assert_eq!(user.inner_user_id.unwrap().as_str(), id);
    let (first, session_id) = (session.access_token.unwrap(), session.session_id.unwrap());
    assert!(first.as_str().len() == 55 && first.as_str().starts_with("Bearer ") && session_id.as_str().len() == 48);

    // Who has signed in, and nobody else with this token.
    let me = drive.with(first.as_str(), &id, &CheckSession::new()).unwrap();
    assert_eq!((me.role.as_ref(), me.user_count), (Some(&SessionRole::User), Some(2)));
    assert_eq!((me.inner_user_id.unwrap().as_str(), me.dept_id), (&*id, Some(root(&drive))));
    assert_eq!(drive.with(first.as_str(), ADMIN, &GetUser::new(ADMIN)).unwrap_err(), "APIGW.0301");

    // 20 minutes from the last call on; then it can still be refreshed.
    let works = |drive: &Drive, token: &str| drive.with(token, &id, &CheckSession::new()).is_ok();
    for _ in 0..3 {
        drive.pass(20 * 60 - 1);
        assert!(works(&drive, first.as_str()));
    }
    drive.pass(20 * 60);
    assert!(!works(&drive, first.as_str()));
    let refresh = RefreshSession::new(session_id.as_str());
    let second = drive.with(first.as_str(), &id, &refresh).unwrap().access_token.unwrap();
    assert!(works(&drive, second.as_str()) && !works(&drive, first.as_str()));

    // The end, of this session only.
    let other = drive.call("", &CreateSession::new("1008600000029937613")).unwrap().access_token.unwrap();
    assert!(drive.with(second.as_str(), &id, &LogOff::new()).unwrap().failed.is_empty());
    for token in [&first, &second] {
        assert!(!works(&drive, token.as_str()));
        assert_eq!(drive.with(token.as_str(), &id, &refresh).unwrap_err(), "APIGW.0301");
    }
    assert!(works(&drive, other.as_str()));
    // What was set up as a token without a session stays.
    drive.ok(&LogOff::new());
    drive.ok(&CheckSession::new());
}

#[test]
fn the_oldest_of_many_sessions_ends() {
    let mut drive = Drive::new();
    let mut tokens = Vec::new();
    for _ in 0..101 {
        drive.pass(1);
        tokens.push(drive.call("", &CreateSession::new(ADMIN)).unwrap().access_token.unwrap());
    }
    let works = |token: usize| drive.with(tokens[token].as_str(), ADMIN, &CheckSession::new()).is_ok();
    assert!(!works(0) && works(1) && works(100));
    drive.ok(&CheckSession::new());
}
