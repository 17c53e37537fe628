//! What the service does with sessions of the enterprise edition.
//!
//! OrgID, where users sign in with a browser, is not simulated: the authorization code of a user is their id in OrgID.

use koodrive_proto::wire::percent_encode;
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::users::{self, User};
use crate::families::{ORGANIZATION, ORGANIZATION_NAME, TENANT};
use crate::mix::mix_text;
use crate::reply::{Refusal, Reply};
use crate::store::Store;
use crate::tokens;

const ORGID_HOST: &str = "https://orgid.example";

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "GetAuthCodeURL" => Ok(address(&call.required("domain"))),
        "CreateSession" => create(call),
        "CheckSession" => {
            let user = users::find(call.store, call.user_id)?;
            let mut data = info(call.store, call.user_id, user);
            // A number in the example, and a text in the table.
            if let Some(number) = data["deptId"].as_str().and_then(|id| id.parse::<u64>().ok()) {
                data["deptId"] = number.into();
            }
            Ok(Reply::data(data))
        }
        "RefreshSession" => tokens::refresh_session(call),
        "LogOff" => {
            tokens::sign_off(call.store, call.token);
            Ok(Reply::default())
        }
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Where a browser would sign in, in the form of the example.
fn address(domain: &str) -> Reply {
    let mut redirect = String::new();
    percent_encode(&format!("https://{domain}/cloudfile/index.html"), &mut redirect);
    let client = mix_text(domain);
    let query = format!("response_type=code&client_id={client:016x}&scope=phone+profile+email&redirect_uri={redirect}");
    Reply::default().with("uri", format!("{ORGID_HOST}/oauth2/authorize?{query}")).with("orgIdHost", ORGID_HOST)
}

fn create(call: &mut Call<'_>) -> Answer {
    let code = call.required("code");
    let user = users::by_account(call.store, &code).filter(|(id, _)| users::may_sign_in(call.store, id));
    let (id, user) = user.ok_or_else(|| Refusal::new("13000102", "the authorization code is no enabled user's"))?;
    let mut user_info = info(call.store, id, user);
    user_info["xHwSchema"] = "koodrive".into();
    let (id, account_id) = (id.to_owned(), user.account_id.clone());
    let (token, session_id) = tokens::begin_session(call.store, &id, call.now);
    Ok(Reply::data(json!({"accessToken": token, "sessionId": session_id, "userId": account_id, "userInfo": user_info})))
}

/// SessionUserInfo and OrgUserInfo.
fn info(store: &Store, id: &str, user: &User) -> Json {
    // These pages know three roles; those with rights in between count as administrators here.
    let role = if user.role == 1 || user.role == 2 { user.role } else { 0 };
    let mut info = json!({
        "role": role.to_string(),
        "userName": user.name,
        "innerUserId": id,
        "userId": user.account_id,
        "tenantId": TENANT,
        "orgId": ORGANIZATION,
        "orgName": ORGANIZATION_NAME,
        "userCount": users::count(store),
    });
    if !user.department_id.is_empty() {
        info["deptId"] = user.department_id.as_str().into();
    }
    info
}
