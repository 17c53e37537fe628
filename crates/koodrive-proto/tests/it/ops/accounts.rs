//! Accounts of the carrier edition, and their tokens.

use koodrive_proto::http::Method;
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::accounts::{
    AuthType, CodeType, DeregisterAccount, GetAccount, GetRegistrationResult, Login, Logout, ModifyPassword,
    NewAccount, RefreshToken, RegisterAccount, RegisterUsers, ResetPassword, UpdateAccount, ValidateCode,
};
use koodrive_proto::{ErrorKind, Operation};

use crate::common::{api, is_anonymous, message, noted, now, parse, request, request_with_token, wire};

/// With a token, and with neither user nor date: the method, the path behind the version, and the body.
fn wire_with_token<O: Operation>(op: &O) -> String {
    let request = request_with_token(op);
    let path = request.uri().path_and_query().unwrap().as_str().strip_prefix("/koodrive/ose/v1").unwrap();
    format!("{} {path} {}", request.method(), String::from_utf8_lossy(request.body())).trim_end().to_owned()
}

/// No credentials, no date; the agent's name.
#[test]
fn login() {
    let login = Login::new("0027188460911", AuthType::Password).password("123qweASD143");
    assert_eq!(
        wire(&login),
        "POST /auth/login\nx-hw-agentname: standard\n\
         {\"account\":\"0027188460911\",\"authType\":\"1\",\"password\":\"123qweASD143\"}",
    );
    assert_eq!(
        wire(&Login::new("a", AuthType::VerificationCode).captcha_token("t")),
        "POST /auth/login\nx-hw-agentname: standard\n{\"account\":\"a\",\"authType\":\"2\",\"captchaToken\":\"t\"}",
    );
    assert!(!format!("{login:?}").contains("123qwe"), "{login:?}");
    assert!(is_anonymous(&request(&login)));
}

/// The old token and no date.
#[test]
fn refresh_token() {
    let token = request_with_token(&RefreshToken::new("0e0e72d3"));
    assert_eq!((token.method(), token.uri().path()), (&Method::POST, "/koodrive/ose/v1/auth/refreshToken"));
    assert_eq!(token.body(), r#"{"refreshToken":"0e0e72d3"}"#);

    let error = api().request(&RefreshToken::new("0e0e72d3"), now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
}

#[test]
fn tokens_in_answers() {
    let session =
        parse::<Login>(r#"{"data": {"sessionInfo": {"accessToken": "AT 3b91", "expiresIn": "1800"}}}"#).unwrap();
    let session = session.session_info.unwrap();
    assert_eq!((session.access_token.unwrap().as_str(), session.expires_in), ("AT 3b91", Some(1800)));

    // In `data` as the table has it, in `data.sessionInfo` as the example has it.
    let tokens =
        r#"{"accessToken": "AT 3b91", "expiresIn": 1800, "issuedAt": "1772006999088", "refreshToken": "0e0e"}"#;
    let table = parse::<RefreshToken>(&format!(r#"{{"data": {tokens}}}"#)).unwrap().session();
    let example = parse::<RefreshToken>(&format!(r#"{{"data": {{"sessionInfo": {tokens}}}}}"#)).unwrap().session();
    assert_eq!(table, example);
    assert_eq!((table.expires_in, table.refresh_token.as_ref().unwrap().as_str()), (Some(1800), "0e0e"));
    let both = parse::<RefreshToken>(&format!(r#"{{"data": {{"sessionInfo": {{}}, {}}}"#, &tokens[1..])).unwrap();
    assert_eq!(both.session(), table);
}

/// Each with a token only. Neither token nor password is shown.
#[test]
fn calls_with_a_token() {
    let logout = Logout::new("188").access_token("AT 3b91");
    assert_eq!(wire_with_token(&logout), r#"POST /auth/logout {"userId":"188","accessToken":"AT 3b91"}"#);
    let modify = ModifyPassword::new("188").old_password("old-1").new_password("new-1");
    assert_eq!(
        wire_with_token(&modify),
        r#"POST /password/modify {"userId":"188","oldPassword":"old-1","newPassword":"new-1"}"#,
    );
    assert_eq!(
        ModifyPassword::new("188").old_password("old-1").check().unwrap_err().to_string(),
        "newPassword: got nothing, allowed: any text; it is required",
    );
    let debug = format!("{logout:?} {modify:?}");
    assert!(!["3b91", "old-1", "new-1"].iter().any(|secret| debug.contains(secret)), "{debug}");

    assert_eq!(wire_with_token(&GetAccount::new()), "GET /user/info");
    assert_eq!(
        wire_with_token(&GetAccount::new().phone("0027").user_id("188")),
        "GET /user/info?phone=0027&userId=188",
    );
    assert_eq!(wire_with_token(&UpdateAccount::new("188")), r#"PUT /user/info {"userId":"188"}"#);
    assert_eq!(
        wire_with_token(&UpdateAccount::new("188").firstname("f").surname("s").email("e@x")),
        r#"PUT /user/info {"userId":"188","firstname":"f","surname":"s","email":"e@x"}"#,
    );
    assert_eq!(wire_with_token(&DeregisterAccount::new("188")), "DELETE /user/delete?userId=188");
}

/// No credentials, no date; the agent's name.
#[test]
fn calls_without_credentials() {
    let agent = "x-hw-agentname: standard";
    let validate = ValidateCode::new("189", CodeType::MobileChange).code("4719");
    assert_eq!(
        wire(&validate),
        format!("POST /verify/code/validate\n{agent}\n{{\"requestId\":\"189\",\"codeType\":\"4\",\"code\":\"4719\"}}"),
    );
    let register = RegisterAccount::new("0027").firstname("mike").captcha_token("c-1").password("p-1");
    assert_eq!(
        wire(&register),
        format!(
            "POST /user/register\n{agent}\n{{\"phone\":\"0027\",\"firstname\":\"mike\",\"captchaToken\":\"c-1\",\
             \"password\":\"p-1\"}}"
        ),
    );
    assert!(wire(&register.clone().surname("01").email("")).ends_with(r#","surname":"01","email":""}"#));
    let reset = ResetPassword::new("0027").captcha_token("c-1").new_password("p-1");
    assert_eq!(
        wire(&reset),
        format!(
            "POST /password/reset\n{agent}\n{{\"phoneNumber\":\"0027\",\"captchaToken\":\"c-1\",\"newPwd\":\"p-1\"}}"
        ),
    );
    assert!(is_anonymous(&request(&validate)) && is_anonymous(&request(&register)) && is_anonymous(&request(&reset)));
    let debug = format!("{validate:?} {register:?} {reset:?}");
    assert!(!["4719", "c-1", "p-1"].iter().any(|secret| debug.contains(secret)), "{debug}");

    // A wrong code is told in the answer, with a number in a text.
    let answer = parse::<ValidateCode>(r#"{"data": {"verified": false, "failCount": "2"}, "code": 0}"#).unwrap();
    assert_eq!((answer.verified, answer.fail_count, answer.token), (Some(false), Some(2), None));
    let answer =
        parse::<RegisterAccount>(r#"{"data": {"userId": "189", "sessionInfo": {"accessToken": "AT e7cc"}}}"#).unwrap();
    assert_eq!(answer.session_info.unwrap().access_token.unwrap().as_str(), "AT e7cc");
}

/// Signed, with a list of objects; the answer is a text.
#[test]
fn register_users() {
    let full = NewAccount::new("0027").firstname("1").surname("s").email("e@x").password("p-1");
    let op = RegisterUsers::new([full, NewAccount::new("0028").firstname("2")]);
    assert_eq!(
        wire(&op),
        "POST /user/batchRegister/create\n{\"userList\":[{\"phone\":\"0027\",\"firstname\":\"1\",\"surname\":\"s\",\
         \"email\":\"e@x\",\"password\":\"p-1\"},{\"phone\":\"0028\",\"firstname\":\"2\"}]}",
    );
    assert!(!format!("{op:?}").contains("p-1"), "{op:?}");
    for count in [0, 1001] {
        let op = RegisterUsers::new(vec![NewAccount::new("0027").firstname("1"); count]);
        assert_eq!(message(&op), format!("userList: got {count} entries, allowed: 1 to 1000 entries"));
    }
    let answer = r#"{"data": "1893596414966089600", "code": 0, "msg": "Success"}"#;
    assert_eq!(parse::<RegisterUsers>(answer).unwrap(), "1893596414966089600");
}

/// Page by page, until each user is counted.
#[test]
fn get_registration_result() {
    let mut op = GetRegistrationResult::new("188");
    assert_eq!(wire(&op), "GET /user/batchRegister/get?taskId=188");
    op = op.cursor("0").page_size(1);
    assert_eq!(wire(&op), "GET /user/batchRegister/get?taskId=188&cursor=0&pageSize=1");
    assert_eq!(message(&op.clone().page_size(1001)), "pageSize: got 1001, allowed: 1 to 1000");

    let (mut page, notes) = noted::<GetRegistrationResult>(
        r#"{"data": {"nextPageCursor": "7", "registerList": [
                {"id": "a", "userId": "189", "phone": "0027"},
                {"id": "b", "phone": "0028", "code": 13000102, "reason": "r"}],
            "taskInfo": {"taskId": "188", "status": "1", "totalCount": 4, "successCount": 1, "failCount": 1}}}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /user/batchRegister/get?taskId=188&cursor=7&pageSize=1");
    assert!(!page.is_over());
    page.task_info.as_mut().unwrap().skip_count = Some(2);
    assert!(page.is_over());
    let second = GetRegistrationResult::items(&mut page).remove(1);
    assert_eq!((second.user_id, second.code.as_deref()), (None, Some("13000102")));

    // The last page has no cursor. Before anybody is counted, nothing is over.
    for last in [r#"{"data": {"nextPageCursor": ""}}"#, r#"{"data": {"taskInfo": {"totalCount": 0, "failCount": 0}}}"#]
    {
        let page = noted::<GetRegistrationResult>(last).0;
        assert_eq!((op.turn(&page).unwrap(), page.is_over()), (Turn::Last, false), "{last}");
    }
}
