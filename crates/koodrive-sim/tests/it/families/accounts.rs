use koodrive_proto::ops::accounts::{
    AccountSession, AuthType, CodeType, DeregisterAccount, GetAccount, GetRegistrationResult, Login, LoginAnswer,
    Logout, ModifyPassword, NewAccount, RefreshToken, RegisterAccount, RegisterUsers, RegisteredAccount,
    RegistrationResults, ResetPassword, UpdateAccount, ValidateCode,
};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_proto::ops::users::{CountUsers, GetUser, UpdateUser, UserStatus};
use koodrive_sim::Simulator;

use crate::families::{self, ADMIN, Drive, NOBODY};

const PHONE: &str = "0027188460901";

/// The token that proves the check of a code.
fn proof(drive: &Drive, kind: CodeType) -> String {
    let checked = drive.call("", &ValidateCode::new("request", kind).code("4719")).unwrap();
    assert_eq!(checked.verified, Some(true));
    checked.token.unwrap().as_str().to_owned()
}

fn register(proof: &str) -> RegisterAccount {
    RegisterAccount::new(PHONE).firstname("mike").surname("01").captcha_token(proof).password("01ASDAa1")
}

fn registered(drive: &Drive) -> (String, String) {
    let RegisteredAccount { user_id, phone, session_info, .. } =
        drive.call("", &register(&proof(drive, CodeType::Registration))).unwrap();
    assert_eq!(phone.as_deref(), Some(PHONE));
    (user_id.unwrap().as_str().to_owned(), token(session_info.unwrap()))
}

fn token(session: AccountSession) -> String {
    session.access_token.unwrap().as_str().to_owned()
}

fn login(password: &str) -> Login {
    Login::new(PHONE, AuthType::Password).password(password)
}

#[test]
fn codes_prove_something_once_and_for_a_while() {
    let mut drive = Drive::new();
    let check =
        |drive: &Drive, code: &str| drive.call("", &ValidateCode::new("r", CodeType::Registration).code(code)).unwrap();
    let failures = |drive: &Drive| check(drive, "4718").fail_count;
    assert_eq!((failures(&drive), failures(&drive)), (Some(1), Some(2)));
    drive.pass(5 * 60);
    assert_eq!((failures(&drive), check(&drive, "4718").verified), (Some(1), Some(false)));
    let right = check(&drive, "4719");
    assert_eq!((right.verified, right.fail_count), (Some(true), None));
    assert_eq!(right.expire_at.as_deref(), Some("2025-11-20T07:10:00.000"));
    let proof = right.token.unwrap();

    drive.pass(5 * 60 - 1);
    let wrong = Login::new(PHONE, AuthType::VerificationCode).captcha_token(proof.as_str());
    assert_eq!(drive.code_for("", &wrong), "13000102", "for another purpose");
    drive.call("", &register(proof.as_str())).unwrap();
    assert_eq!(drive.code_for("", &register(proof.as_str())), "13000102", "used");
    let late = check(&drive, "4719").token.unwrap();
    assert_eq!(drive.code_for("", &register(late.as_str())), "13000102", "the phone number has an account");
    drive.pass(5 * 60);
    let other = RegisterAccount::new("1").firstname("a").captcha_token(late.as_str()).password("b");
    assert_eq!(drive.code_for("", &other), "13000102");
    for nothing in ["", "none"] {
        assert_eq!(
            drive.code_for("", &Login::new(PHONE, AuthType::VerificationCode).captcha_token(nothing)),
            "13000102"
        );
    }
}

#[test]
fn signing_in_and_out() {
    let mut drive = Drive::new();
    let (id, first) = registered(&drive);
    let works = |drive: &Drive, token: &str| drive.with(token, &id, &GetUser::new(&*id)).is_ok();
    assert!(works(&drive, &first));
    assert_eq!(drive.with(&first, &id, &GetSpace::new(&*id, SpaceType::Individual)).unwrap().capacity, Some(1));
    assert_eq!(drive.ok(&CountUsers::new()).total, Some(1), "the account is in no department");

    // With a password or a code.
    let LoginAnswer { user_info, session_info, .. } = drive.call("", &login("01ASDAa1")).unwrap();
    let (user, session) = (user_info.unwrap(), session_info.unwrap());
    assert_eq!((user.user_id.unwrap().as_str(), user.firstname.as_deref()), (&*id, Some("mike")));
    assert_eq!((session.expires_in, session.issued_at.as_deref()), (Some(1800), Some("1763622000000")));
    for password in ["01ASDAa2", ""] {
        assert_eq!(drive.code_for("", &login(password)), "13000102");
    }
    assert_eq!(drive.code_for("", &Login::new("1", AuthType::Password).password("01ASDAa1")), "13000102");
    let by_code = Login::new(PHONE, AuthType::VerificationCode).captcha_token(&*proof(&drive, CodeType::Login));
    let by_code = token(drive.call("", &by_code).unwrap().session_info.unwrap());
    assert!(works(&drive, &by_code));

    // 1800 seconds, however often it is used. Then it is exchanged, once.
    let refresh = RefreshToken::new(session.refresh_token.clone().unwrap().as_str());
    let second = token(session);
    for _ in 0..2 {
        drive.pass(899);
        assert!(works(&drive, &second));
    }
    drive.pass(2);
    assert!(!works(&drive, &second));
    let third = token(drive.with(&second, &id, &refresh).unwrap().session());
    assert!(works(&drive, &third));
    assert_eq!(drive.with(&second, &id, &refresh).unwrap_err(), "APIGW.0301");

    // One token ends, on its own or with another one.
    let fourth = token(drive.call("", &login("01ASDAa1")).unwrap().session_info.unwrap());
    drive.with(&fourth, &id, &Logout::new(&*id).access_token(&*third)).unwrap();
    assert!(!works(&drive, &third) && works(&drive, &fourth));
    for logout in [Logout::new(&*id).access_token(&*third), Logout::new(ADMIN).access_token(&*fourth)] {
        assert_eq!(drive.with(&fourth, &id, &logout).unwrap_err(), "13000309");
    }
    drive.with(&fourth, &id, &Logout::new(&*id).access_token(&*fourth)).unwrap();
    assert!(!works(&drive, &fourth));

    drive.ok(&UpdateUser::new(&*id).status(UserStatus::Frozen));
    assert_eq!(drive.code_for("", &login("01ASDAa1")), "13000102");
}

#[test]
fn what_an_account_says_and_its_passwords() {
    let drive = Drive::new();
    let (id, first) = registered(&drive);
    drive.ok(&UpdateAccount::new(&*id).firstname("Ann").email("a@b.example"));
    let names = |get: GetAccount| {
        let account = drive.with(&first, &id, &get).unwrap();
        (
            account.user_id.unwrap().as_str().to_owned(),
            account.firstname.unwrap(),
            account.surname.unwrap(),
            account.email.unwrap(),
        )
    };
    let expected = (id.clone(), "Ann".to_owned(), "01".to_owned(), "a@b.example".to_owned());
    for get in [GetAccount::new(), GetAccount::new().phone(PHONE), GetAccount::new().user_id(&*id).phone("1")] {
        assert_eq!(names(get), expected);
    }
    assert_eq!(drive.ok(&GetUser::new(&*id)).name.as_deref(), Some("Ann 01"));
    for get in [GetAccount::new(), GetAccount::new().phone("1"), GetAccount::new().user_id(NOBODY).phone(PHONE)] {
        assert_eq!(drive.code(&get), "13000309");
    }
    assert_eq!(drive.code(&UpdateAccount::new(NOBODY)), "13000309");

    // A new password ends what the old one let in.
    let modify = |old: &str, new: &str| ModifyPassword::new(&*id).old_password(old).new_password(new);
    assert_eq!(drive.with(&first, &id, &modify("wrong", "second")).unwrap_err(), "13000102");
    assert_eq!(drive.code(&ModifyPassword::new(NOBODY).old_password("a").new_password("b")), "13000309");
    drive.with(&first, &id, &modify("01ASDAa1", "second")).unwrap();
    assert_eq!(drive.with(&first, &id, &GetAccount::new()).unwrap_err(), "APIGW.0301");
    assert_eq!(drive.code_for("", &login("01ASDAa1")), "13000102");
    let second = token(drive.call("", &login("second")).unwrap().session_info.unwrap());

    let reset = |phone: &str| {
        ResetPassword::new(phone).captcha_token(&*proof(&drive, CodeType::PasswordReset)).new_password("third")
    };
    assert_eq!(drive.code_for("", &reset("1")), "13000309");
    assert_eq!(drive.code_for("", &reset(PHONE).captcha_token("another")), "13000102");
    drive.call("", &reset(PHONE)).unwrap();
    assert_eq!(drive.with(&second, &id, &GetAccount::new()).unwrap_err(), "APIGW.0301");
    let third = token(drive.call("", &login("third")).unwrap().session_info.unwrap());

    drive.with(&third, &id, &DeregisterAccount::new(&*id)).unwrap();
    assert_eq!(drive.with(&third, &id, &GetAccount::new()).unwrap_err(), "APIGW.0301");
    assert_eq!(
        (drive.code_for("", &login("third")), drive.code(&GetUser::new(&*id))),
        ("13000102".into(), "13000309".into())
    );
    assert_eq!(drive.code(&GetSpace::new(&*id, SpaceType::Individual)), "13000301");
    assert_eq!(drive.code(&DeregisterAccount::new(&*id)), "13000309");
    assert_ne!(registered(&drive).0, id, "the number is free again");
    let shown = format!("{:?} {:?}", drive.simulator, drive.simulator.ledger());
    assert!(!shown.contains("third") && !shown.contains("01ASDAa1"));
}

#[test]
fn many_are_registered_in_a_while() {
    let mut drive = Drive::new();
    registered(&drive);
    let new = |phone: &str| NewAccount::new(phone).firstname("1204").password("Q!@1assword");
    let users = [new("1"), new(PHONE), new("2"), new("1"), new("x"), NewAccount::new("3").firstname("1205")];
    let task = drive.ok(&RegisterUsers::new(users));
    let results = |drive: &Drive, get: &GetRegistrationResult| -> RegistrationResults { drive.ok(get) };
    let get = GetRegistrationResult::new(&*task).page_size(4);
    let first = results(&drive, &get);
    assert!(!first.is_over() && first.register_list.is_empty() && first.next_page_cursor.is_none());
    assert_eq!(first.task_info.unwrap().total_count, Some(6));
    let login = Login::new("2", AuthType::Password).password("Q!@1assword");
    assert_eq!(drive.code_for("", &login), "13000102");

    // When its time has come, without anybody looking.
    drive.pass(1);
    let user = drive.call("", &login).unwrap().user_info.unwrap().user_id;
    let first = results(&drive, &get.clone().cursor("0"));
    assert!(first.is_over());
    let info = first.task_info.unwrap();
    assert_eq!((info.success_count, info.skip_count, info.fail_count), (Some(3), Some(2), Some(1)));
    let mut list = first.register_list;
    let rest = results(&drive, &get.clone().cursor(first.next_page_cursor.unwrap()));
    assert_eq!((list.len(), rest.register_list.len(), rest.next_page_cursor), (4, 2, None));
    list.extend(rest.register_list);
    let phones: Vec<&str> = list.iter().map(|row| row.phone.as_deref().unwrap()).collect();
    assert_eq!(phones, ["1", PHONE, "2", "1", "x", "3"]);
    let is_new: Vec<bool> = list.iter().map(|row| row.user_id.is_some()).collect();
    assert_eq!(is_new, [true, false, true, false, false, true]);
    assert_eq!((list[2].user_id.clone(), list[4].code.as_deref()), (user, Some("13000102")));
    // Without a password only a code lets in.
    assert_eq!(drive.code_for("", &Login::new("3", AuthType::Password)), "13000102");
    let code = Login::new("3", AuthType::VerificationCode).captcha_token(&*proof(&drive, CodeType::Login));
    drive.call("", &code).unwrap();
    assert_eq!(drive.code(&get.cursor("x")), "13000102");
    assert_eq!(drive.code(&GetRegistrationResult::new(NOBODY)), "13000309");
}

#[test]
fn passwords_are_not_kept() {
    let directory = std::env::temp_dir().join(format!("koodrive-sim-passwords-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    let open =
        || Simulator::open(&directory).unwrap().token(&families::token(ADMIN), ADMIN).app("app", "secret", ADMIN);
    let drive = Drive { simulator: open(), ..Drive::new() };
    let (id, _) = registered(&drive);
    drive.ok(&RegisterUsers::new([NewAccount::new("2").firstname("1204").password("Q!@1assword")]));
    drive.ok(&ModifyPassword::new(&*id).old_password("01ASDAa1").new_password("second"));
    drop(drive);
    let written = || ["journal.jsonl", "state.json"].map(|name| std::fs::read_to_string(directory.join(name)).unwrap());
    let journal = written().concat();
    let drive = Drive { simulator: open(), ..Drive::new() };
    let all = journal + &written().concat();
    assert!(all.contains("sha256"));
    for password in ["01ASDAa1", "second", "Q!@1assword"] {
        assert!(!all.contains(password), "{password}");
    }
    drive.call("", &Login::new(PHONE, AuthType::Password).password("second")).unwrap();
    assert_eq!(drive.code_for("", &Login::new(PHONE, AuthType::Password).password("01ASDAa1")), "13000102");
    std::fs::remove_dir_all(&directory).unwrap();
}
