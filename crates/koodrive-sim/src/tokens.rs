//! Tokens and sessions: to whom they belong, how long they are valid, what they are exchanged for, and what ends them.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::ops::accounts::RefreshToken;
use koodrive_proto::ops::sessions::RefreshSession;
use koodrive_proto::{Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call, Settings};
use crate::mix::mix;
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};

/// The lifetime of a token in the enterprise manual, from the last call on.
const ENTERPRISE: TimeDelta = TimeDelta::minutes(20);

/// The lifetime of a token in the carrier manual's examples.
const CARRIER: TimeDelta = TimeDelta::seconds(1800);

/// After how long the use of a token is written to disk again.
const STEP: TimeDelta = TimeDelta::seconds(10);

/// How many tokens a user can get by signing in; the next one ends the oldest.
const MOST: usize = 100;

/// A token, under the whole value of Authorization.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    user_id: String,
    kind: Kind,
    /// Whether a call issued it. Without a lifetime that was set, other tokens are valid for ever.
    issued: bool,
    /// When its lifetime began. For a token that was not issued here, that is its first call.
    since: Option<DateTime<Utc>>,
    /// The `since` that was last written to disk.
    #[serde(skip)]
    written: Option<DateTime<Utc>>,
    expired: bool,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Plain,
    /// A token of a session, which is given by its id.
    Session(String),
    /// A token of the carrier edition, with its refresh token.
    Pair(String),
}

impl Row for Token {
    /// Tokens are listed under their user.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }
}

/// A session of the enterprise edition, under its id.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    token: String,
    /// The token that the current one replaced. It still refreshes the session, since the answer may not have arrived.
    before: Option<String>,
}

impl Row for Session {}

/// Whether a call exchanges tokens, for which they may have expired.
fn refreshes(meta: &Meta) -> bool {
    [RefreshSession::META.name, RefreshToken::META.name].contains(&meta.name)
}

/// Lets a user call with a token that has no session, unless it is somebody else's.
pub(crate) fn add(store: &mut Store, authorization: &str, user_id: &str) {
    if is_free(store, authorization, user_id) {
        insert(store, authorization, user_id, Kind::Plain, None);
    }
}

/// Lets a user call with a token of a session, unless one of them is somebody else's. A session of the same id
/// ends.
pub(crate) fn add_session(store: &mut Store, authorization: &str, user_id: &str, session_id: &str) {
    let is_own = session_owner(store, session_id).is_none_or(|owner| owner == user_id);
    if !is_own || !is_free(store, authorization, user_id) {
        return;
    }
    end_session(store, session_id);
    store.sessions.insert(session_id, Session { token: authorization.to_owned(), before: None });
    insert(store, authorization, user_id, Kind::Session(session_id.to_owned()), None);
}

/// Lets a user call with a token that has a refresh token, unless it is somebody else's.
pub(crate) fn add_pair(store: &mut Store, authorization: &str, user_id: &str, refresh_token: &str) {
    if is_free(store, authorization, user_id) {
        insert(store, authorization, user_id, Kind::Pair(refresh_token.to_owned()), None);
    }
}

/// The user of a session.
pub(crate) fn session_owner<'a>(store: &'a Store, session_id: &str) -> Option<&'a str> {
    owner(store, &store.sessions.get(session_id)?.token)
}

fn is_free(store: &Store, authorization: &str, user_id: &str) -> bool {
    owner(store, authorization).is_none_or(|owner| owner == user_id)
}

/// Puts a token, which was issued at a time unless it is from elsewhere.
fn insert(store: &mut Store, authorization: &str, user_id: &str, kind: Kind, since: Option<DateTime<Utc>>) {
    let token =
        Token { user_id: user_id.to_owned(), kind, issued: since.is_some(), since, written: since, expired: false };
    store.tokens.insert(authorization, token);
}

/// Refuses all existing tokens from now on.
pub(crate) fn expire(store: &mut Store) {
    let all: Vec<String> = store.tokens.iter().map(|(authorization, _)| authorization.to_owned()).collect();
    for authorization in all {
        store.tokens.update(&authorization, |token| token.expired = true);
    }
}

/// Returns the user to whom a token belongs, if the call accepts it.
pub(crate) fn user(
    store: &Store,
    settings: &Settings,
    meta: &Meta,
    authorization: &str,
    now: DateTime<Utc>,
) -> Result<String, Refusal> {
    let unknown = || Refusal::token("the token is not known");
    let token = store.tokens.get(authorization).ok_or_else(unknown)?;
    if !refreshes(meta) || token.kind == Kind::Plain {
        if let Kind::Session(id) = &token.kind {
            store.sessions.get(id).filter(|session| session.token == authorization).ok_or_else(unknown)?;
        }
        if token.has_expired(settings, now) {
            return Err(Refusal::token("the token has expired"));
        }
    }
    Ok(token.user_id.clone())
}

/// Notes a call that was let in. The first one begins a token's lifetime, and each one renews it for an enterprise
/// token. A call that exchanges a token doesn't revive it.
///
/// What is written to disk may lag behind by a [`STEP`], since most calls would change nothing else.
pub(crate) fn used(store: &mut Store, meta: &Meta, authorization: &str, now: DateTime<Utc>) {
    let Some(token) = store.tokens.get(authorization).filter(|_| !refreshes(meta)) else { return };
    let slides = !matches!(token.kind, Kind::Pair(_));
    // Calls may be noted in another order than they arrived in.
    let since = token.since.map_or(now, |since| if slides { since.max(now) } else { since });
    if token.written.is_some_and(|written| since.signed_duration_since(written) < STEP) {
        store.tokens.touch(authorization, |token| token.since = Some(since));
    } else {
        store.tokens.update(authorization, |token| (token.since, token.written) = (Some(since), Some(since)));
    }
}

/// Begins a session of the enterprise edition, and returns its token and its id.
pub(crate) fn begin_session(store: &mut Store, user_id: &str, now: DateTime<Utc>) -> (String, String) {
    make_room(store, user_id);
    let (token, id) = (format!("Bearer {}", hex(store)), hex(store));
    store.sessions.insert(&*id, Session { token: token.clone(), before: None });
    insert(store, &token, user_id, Kind::Session(id.clone()), Some(now));
    (token, id)
}

/// Issues a token of the carrier edition with a refresh token, and returns them as SessionInfo.
pub(crate) fn begin_pair(store: &mut Store, settings: &Settings, user_id: &str, now: DateTime<Utc>) -> Json {
    make_room(store, user_id);
    let (token, refresh_token) = (format!("AT {}", hex(store)), hex(store));
    insert(store, &token, user_id, Kind::Pair(refresh_token.clone()), Some(now));
    json!({
        "accessToken": token,
        "expiresIn": settings.token_lifetime.unwrap_or(CARRIER).num_seconds(),
        "issuedAt": now.timestamp_millis().to_string(),
        "refreshToken": refresh_token,
    })
}

/// Executes RefreshSession: the session has another token from now on.
pub(crate) fn refresh_session(call: &mut Call<'_>) -> Answer {
    let (authorization, id, now) = (call.token, call.required("x-session-id"), call.now);
    if call.store.sessions.len() == 0 && is_plain(call) {
        return Ok(Reply::documented(call.meta));
    }
    let store = &mut *call.store;
    let session = store.sessions.get(&id).ok_or_else(|| Refusal::token("the session is not known"))?.clone();
    let known = [Some(&session.token), session.before.as_ref()];
    if !known.into_iter().flatten().any(|token| token == authorization) {
        return Err(Refusal::token("the token is not the session's latest"));
    }
    for token in known.into_iter().flatten().filter(|token| *token != authorization) {
        store.tokens.remove(token);
    }
    let token = format!("Bearer {}", hex(store));
    store.sessions.insert(&*id, Session { token: token.clone(), before: Some(authorization.to_owned()) });
    insert(store, &token, call.user_id, Kind::Session(id), Some(now));
    Ok(Reply::default().with("accessToken", token))
}

/// Executes RefreshToken: both tokens are replaced.
pub(crate) fn refresh_token(call: &mut Call<'_>) -> Answer {
    let secret = call.required("refreshToken");
    if is_plain(call) && !call.store.tokens.values().any(|token| matches!(token.kind, Kind::Pair(_))) {
        return Ok(Reply::documented(call.meta));
    }
    match call.store.tokens.get(call.token) {
        Some(Token { kind: Kind::Pair(refresh_token), .. }) if *refresh_token == secret => {}
        _ => return Err(Refusal::token("the refresh token is not the token's, or has been used")),
    }
    call.store.tokens.remove(call.token);
    // As in the example; according to the table, these are in `data` itself.
    let session = begin_pair(call.store, call.settings, call.user_id, call.now);
    Ok(Reply::data(json!({"sessionInfo": session})))
}

fn is_plain(call: &Call<'_>) -> bool {
    call.store.tokens.get(call.token).is_some_and(|token| token.kind == Kind::Plain)
}

/// Returns to whom a token belongs, whether it has expired or not.
pub(crate) fn owner<'a>(store: &'a Store, authorization: &str) -> Option<&'a str> {
    store.tokens.get(authorization).map(|token| token.user_id.as_str())
}

/// Ends the session of a token, or a token with its refresh token. A token without either stays.
pub(crate) fn sign_off(store: &mut Store, authorization: &str) {
    match store.tokens.get(authorization).map(|token| token.kind.clone()) {
        Some(Kind::Session(id)) => end_session(store, &id),
        Some(Kind::Pair(_)) => drop(store.tokens.remove(authorization)),
        Some(Kind::Plain) | None => {}
    }
}

/// Ends all sessions and tokens of a user.
pub(crate) fn end_all(store: &mut Store, user_id: &str) {
    let tokens: Vec<String> = store.tokens.under(user_id).map(|(authorization, _)| authorization.to_owned()).collect();
    for token in tokens {
        sign_off(store, &token);
        store.tokens.remove(&token);
    }
}

fn end_session(store: &mut Store, id: &str) {
    if let Some(session) = store.sessions.remove(id) {
        for token in [Some(session.token), session.before].into_iter().flatten() {
            store.tokens.remove(&token);
        }
    }
}

/// Ends the user's oldest token if there are too many.
fn make_room(store: &mut Store, user_id: &str) {
    let issued = || store.tokens.under(user_id).filter(|(_, token)| token.issued);
    if issued().count() >= MOST {
        let oldest = issued().min_by_key(|(_, token)| token.since).map(|(token, _)| token.to_owned());
        sign_off(store, &oldest.unwrap_or_default());
    }
}

/// Returns 48 digits that were never used before.
pub(crate) fn hex(store: &mut Store) -> String {
    let count = store.counters.get("tokens").copied().unwrap_or(0) + 1;
    store.counters.insert("tokens", count);
    let [a, b, c] = [0, 1, 2].map(|part| mix(count * 3 + part));
    format!("{a:016x}{b:016x}{c:016x}")
}

impl Token {
    fn has_expired(&self, settings: &Settings, now: DateTime<Utc>) -> bool {
        let documented = if matches!(self.kind, Kind::Pair(_)) { CARRIER } else { ENTERPRISE };
        let lifetime = settings.token_lifetime.or_else(|| self.issued.then_some(documented));
        let over = |lifetime| now.signed_duration_since(self.since.unwrap_or(now)) >= lifetime;
        self.expired || lifetime.is_some_and(over)
    }
}
