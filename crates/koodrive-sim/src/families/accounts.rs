//! What the service does with accounts of carrier users.
//!
//! Nobody sends verification codes here: the code is always the one of the manual's example, `4719`.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::ops::accounts::{AuthType, CodeType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::call::{self, Answer, Call};
use crate::families::users::{self, User};
use crate::families::{due, spaces};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;
use crate::tokens;

/// The verification code in the manual's example.
const CODE: &str = "4719";

/// How long a checked code proves something, and for how long failed checks are counted.
const PERIOD: TimeDelta = TimeDelta::minutes(5);

/// How many requests for codes are remembered.
const VERIFICATIONS: usize = 1000;

/// How many tasks that register users are kept.
const TASKS: usize = 100;

/// The state of a task that registers users, as CreateTask's family numbers them.
const EXECUTING: &str = "1";
const SUCCESS: &str = "2";

/// An account, under its phone number.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    user_id: String,
    firstname: String,
    surname: String,
    email: String,
    /// Without one, only a verification code lets the user in.
    password: Option<Password>,
}

/// A password as it is kept: something random, and the SHA-256 of both in hex. It has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
struct Password {
    salt: String,
    sha256: String,
}

impl Password {
    fn new(store: &mut Store, password: &str) -> Self {
        let salt = tokens::hex(store);
        let sha256 = Self::hash(&salt, password);
        Self { salt, sha256 }
    }

    fn hash(salt: &str, password: &str) -> String {
        let hash = Sha256::new().chain_update(salt).chain_update(password).finalize();
        hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    fn is(&self, password: &str) -> bool {
        Self::hash(&self.salt, password) == self.sha256
    }
}

impl Account {
    /// Whether this is the password; there may be none.
    fn has(&self, password: Option<&str>) -> bool {
        self.password.as_ref().zip(password).is_some_and(|(known, given)| known.is(given))
    }
}

impl Row for Account {
    /// An account is listed under its user.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }
}

/// The checks of a verification code, under the id of the request that sent it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Verification {
    /// The token that proves a check; empty until one succeeds.
    token: String,
    /// What the code is for, as CodeType numbers it.
    kind: String,
    failures: u32,
    until: DateTime<Utc>,
}

impl Row for Verification {
    /// A verification is listed under its token.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.token)
    }
}

/// A task that registers users, under its id.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Registration {
    /// When all of them are registered.
    due: DateTime<Utc>,
    done: bool,
    entries: Vec<Entry>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    id: String,
    user: NewUser,
    outcome: Outcome,
}

#[derive(Clone, Serialize, Deserialize)]
struct NewUser {
    phone: String,
    firstname: String,
    surname: String,
    email: String,
    password: Option<Password>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
enum Outcome {
    Waiting,
    Registered(String),
    /// The phone number has an account already.
    Skipped,
    Failed,
}

impl Row for Registration {
    /// Tasks are listed by whether they are done.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(if self.done { "done" } else { "waiting" })
    }

    /// Tasks are found by the users whom they registered.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        let ids = self.entries.iter().filter_map(|entry| match &entry.outcome {
            Outcome::Registered(user_id) => Some(Cow::Borrowed(user_id.as_str())),
            Outcome::Waiting | Outcome::Skipped | Outcome::Failed => None,
        });
        ids.collect()
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "ValidateCode" => Ok(validate(call)),
        "RegisterAccount" => register_one(call),
        "Login" => login(call),
        "RefreshToken" => tokens::refresh_token(call),
        "Logout" => {
            let (user_id, token) = (call.required("userId"), call.required("accessToken"));
            if tokens::owner(call.store, &token) != Some(&*user_id) {
                return Err(Refusal::new("13000309", "the user has no such token"));
            }
            tokens::sign_off(call.store, &token);
            Ok(Reply::default())
        }
        "GetAccount" => {
            let id = call.text("userId").or_else(|| {
                let account = call.store.accounts.get(&call.text("phone")?);
                Some(account.map(|account| account.user_id.clone()).unwrap_or_default())
            });
            let (phone, account) = find(call.store, id.as_deref().unwrap_or(call.user_id))?;
            Ok(Reply::data(info(phone, account)))
        }
        "UpdateAccount" => update(call),
        "ModifyPassword" => {
            let (id, new) = (call.required("userId"), call.required("newPassword"));
            let (phone, account) = find(call.store, &id)?;
            if !account.has(call.text("oldPassword").as_deref()) {
                return Err(Refusal::new("13000102", "the old password is wrong"));
            }
            let phone = phone.to_owned();
            set_password(call.store, &phone, &new);
            Ok(Reply::default())
        }
        "ResetPassword" => {
            let (phone, new) = (call.required("phoneNumber"), call.required("newPwd"));
            take_proof(call, &CodeType::PasswordReset)?;
            if !call.store.accounts.contains(&phone) {
                return Err(Refusal::new("13000309", "the phone number has no account"));
            }
            set_password(call.store, &phone, &new);
            Ok(Reply::default())
        }
        "DeregisterAccount" => {
            let id = call.required("userId");
            find(call.store, &id)?;
            users::remove(call.store, &id);
            Ok(Reply::default())
        }
        "RegisterUsers" => Ok(register_many(call)),
        "GetRegistrationResult" => results(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Checks a verification code. What is older than the period is forgotten.
fn validate(call: &mut Call<'_>) -> Reply {
    let (request, kind, now) = (call.required("requestId"), call.required("codeType"), call.now);
    let is_right = call.text("code").as_deref() == Some(CODE);
    call.store.verifications.retain(|_, verification| verification.until > now);
    if call.store.verifications.len() >= VERIFICATIONS {
        let oldest = call.store.verifications.iter().min_by_key(|(_, verification)| verification.until);
        let oldest = oldest.map(|(id, _)| id.to_owned());
        call.store.verifications.remove(&oldest.unwrap_or_default());
    }
    let failures = call.store.verifications.get(&request).map_or(0, |verification| verification.failures);
    let until = times::after(now, PERIOD);
    if is_right {
        let token = tokens::hex(call.store);
        let verification = Verification { token: token.clone(), kind, failures, until };
        call.store.verifications.insert(request, verification);
        // As in the example, without a zone.
        let until = until.format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
        return Reply::data(json!({"verified": true, "token": token, "expireAt": until}));
    }
    let failures = failures + 1;
    if !call.store.verifications.update(&request, |verification| verification.failures = failures) {
        let verification = Verification { token: String::new(), kind, failures, until };
        call.store.verifications.insert(request, verification);
    }
    Reply::data(json!({"verified": false, "failCount": failures.to_string()}))
}

/// Refuses a captchaToken that doesn't prove a check of a code for this purpose. It proves one only once.
fn take_proof(call: &mut Call<'_>, kind: &CodeType) -> Result<(), Refusal> {
    let is_proof = |(_, proof): &(&str, &Verification)| proof.kind == kind.as_str() && proof.until > call.now;
    let proof = call.text("captchaToken").and_then(|token| call.store.verifications.under(&token).find(is_proof));
    let proof = proof.map(|(id, _)| id.to_owned());
    let proof = proof.ok_or_else(|| Refusal::new("13000102", "captchaToken proves no verification for this call"))?;
    call.store.verifications.remove(&proof);
    Ok(())
}

fn register_one(call: &mut Call<'_>) -> Answer {
    let text = |name: &str| call.text(name).unwrap_or_default();
    let user = NewUser {
        phone: text("phone"),
        firstname: text("firstname"),
        surname: text("surname"),
        email: text("email"),
        password: call.text("password").map(|password| Password::new(call.store, &password)),
    };
    take_proof(call, &CodeType::Registration)?;
    let phone = user.phone.clone();
    if call.store.accounts.contains(&phone) {
        return Err(Refusal::new("13000102", "the phone number has an account already"));
    }
    let id = register(call.store, user, call.now)?;
    let session = tokens::begin_pair(call.store, call.settings, &id, call.now);
    Ok(Reply::data(json!({"userId": id, "phone": phone, "sessionInfo": session})))
}

/// Registers a user with a space of their own, and returns the id.
fn register(store: &mut Store, new: NewUser, now: DateTime<Utc>) -> Result<String, Refusal> {
    let NewUser { phone, firstname, surname, email, password } = new;
    if phone.is_empty() || !phone.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Refusal::new("13000102", "a phone number has only digits"));
    }
    let id = store.next_id();
    let user = User { name: name(&firstname, &surname), mobile: phone.clone(), ..users::new(&id, "", now) };
    store.users.insert(&*id, user);
    store.accounts.insert(phone, Account { user_id: id.clone(), firstname, surname, email, password });
    spaces::add_own(store, &id, now);
    Ok(id)
}

fn name(firstname: &str, surname: &str) -> String {
    format!("{firstname} {surname}").trim().to_owned()
}

fn login(call: &mut Call<'_>) -> Answer {
    let phone = call.required("account");
    if call.text("authType").as_deref() == Some(AuthType::VerificationCode.as_str()) {
        take_proof(call, &CodeType::Login)?;
    } else {
        let password = call.text("password");
        let account = call.store.accounts.get(&phone);
        account
            .filter(|account| account.has(password.as_deref()))
            .ok_or_else(|| Refusal::new("13000102", "the account or the password is wrong"))?;
    }
    let account = call.store.accounts.get(&phone);
    let account = account.filter(|account| users::may_sign_in(call.store, &account.user_id));
    let account = account.ok_or_else(|| Refusal::new("13000102", "there is no such account, or it is disabled"))?;
    let (user_id, user_info) = (account.user_id.clone(), info(&phone, account));
    let session = tokens::begin_pair(call.store, call.settings, &user_id, call.now);
    Ok(Reply::data(json!({"userInfo": user_info, "sessionInfo": session})))
}

fn update(call: &mut Call<'_>) -> Answer {
    let id = call.required("userId");
    let (firstname, surname, email) = (call.text("firstname"), call.text("surname"), call.text("email"));
    let phone = find(call.store, &id)?.0.to_owned();
    let mut shown = String::new();
    call.store.accounts.update(&phone, |account| {
        account.firstname = firstname.unwrap_or_else(|| account.firstname.clone());
        account.surname = surname.unwrap_or_else(|| account.surname.clone());
        account.email = email.unwrap_or_else(|| account.email.clone());
        shown = name(&account.firstname, &account.surname);
    });
    call.store.users.update(&id, |user| user.name = shown);
    Ok(Reply::default())
}

/// Sets a password, which ends all sessions of the user.
fn set_password(store: &mut Store, phone: &str, password: &str) {
    let password = Password::new(store, password);
    let mut user_id = String::new();
    store.accounts.update(phone, |account| {
        account.password = Some(password);
        user_id.clone_from(&account.user_id);
    });
    tokens::end_all(store, &user_id);
}

fn register_many(call: &mut Call<'_>) -> Reply {
    let mut entries = Vec::new();
    for user in call.objects("userList") {
        let user = new_user(call.store, &user);
        entries.push(Entry { id: call.store.next_id(), user, outcome: Outcome::Waiting });
    }
    let id = call.store.next_id();
    let due = times::after(call.now, call.settings.job_time);
    due::schedule(call.store, due, &id);
    call.store.registrations.insert(&*id, Registration { due, done: false, entries });
    let done = call.store.registrations.under("done");
    let too_many = call.store.registrations.len().saturating_sub(TASKS);
    let oldest: Vec<String> = done.take(too_many).map(|(id, _)| id.to_owned()).collect();
    for id in oldest {
        call.store.registrations.remove(&id);
    }
    Reply::data(id)
}

fn new_user(store: &mut Store, user: &Map<String, Json>) -> NewUser {
    let text = |name: &str| user.get(name).and_then(call::text).unwrap_or_default();
    NewUser {
        phone: text("phone"),
        firstname: text("firstname"),
        surname: text("surname"),
        email: text("email"),
        password: Some(text("password")).filter(|text| !text.is_empty()).map(|text| Password::new(store, &text)),
    }
}

/// Registers the users of a task whose time has come.
pub(crate) fn register_due(store: &mut Store, id: &str) {
    let Some(mut task) = store.registrations.get(id).cloned() else { return };
    for entry in &mut task.entries {
        entry.outcome = if store.accounts.contains(&entry.user.phone) {
            Outcome::Skipped
        } else {
            register(store, entry.user.clone(), task.due).map_or(Outcome::Failed, Outcome::Registered)
        };
        entry.user.password = None;
    }
    task.done = true;
    store.registrations.insert(id, task);
}

/// Answers a page of the results. A cursor is the number of results before it.
fn results(call: &Call<'_>) -> Answer {
    let id = call.required("taskId");
    let task = call.store.registrations.get(&id);
    let task = task.ok_or_else(|| Refusal::new("13000309", "there is no such task"))?;
    let (cursor, size) = (call.text("cursor").unwrap_or_else(|| "0".to_owned()), call.number("pageSize"));
    let cursor: usize = cursor.parse().map_err(|_| Refusal::new("13000102", "the cursor is none of ours"))?;
    let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(1000);
    let over = if task.done { task.entries.as_slice() } else { &[] };
    let count = |fits: fn(&Outcome) -> bool| over.iter().filter(|entry| fits(&entry.outcome)).count();
    let mut data = json!({
        "registerList": over.iter().skip(cursor).take(size).map(result).collect::<Vec<_>>(),
        "taskInfo": {
            "taskId": id,
            "status": if task.done { SUCCESS } else { EXECUTING },
            "totalCount": task.entries.len(),
            "successCount": count(|outcome| matches!(outcome, Outcome::Registered(_))),
            "failCount": count(|outcome| *outcome == Outcome::Failed),
            "skipCount": count(|outcome| *outcome == Outcome::Skipped),
        },
    });
    let next = cursor.saturating_add(size);
    if next < over.len() {
        data["nextPageCursor"] = next.to_string().into();
    }
    Ok(Reply::data(data))
}

fn result(entry: &Entry) -> Json {
    let mut result = json!({"id": entry.id, "phone": entry.user.phone});
    match &entry.outcome {
        Outcome::Registered(user_id) => result["userId"] = user_id.as_str().into(),
        Outcome::Failed => {
            result["code"] = "13000102".into();
            result["reason"] = "a phone number has only digits".into();
        }
        Outcome::Waiting | Outcome::Skipped => {}
    }
    result
}

/// Finds the account of a user, with the phone number.
fn find<'a>(store: &'a Store, user_id: &str) -> Result<(&'a str, &'a Account), Refusal> {
    let account = store.accounts.under(user_id).next();
    account.ok_or_else(|| Refusal::new("13000309", "there is no such account"))
}

/// Removes the account of a user who is gone, and what tasks say of them.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    store.accounts.remove_under(user_id);
    let is_theirs = |entry: &Entry| matches!(&entry.outcome, Outcome::Registered(id) if id == user_id);
    for task in store.registrations.ids_keyed(user_id) {
        store.registrations.update(&task, |task| task.entries.retain(|entry| !is_theirs(entry)));
    }
}

/// UserInfo of the carrier edition.
fn info(phone: &str, account: &Account) -> Json {
    json!({
        "userId": account.user_id,
        "firstname": account.firstname,
        "surname": account.surname,
        "phone": phone,
        "email": account.email,
    })
}
