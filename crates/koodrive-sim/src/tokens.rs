//! Tokens and their state: to whom they belong, how long they are valid, and what they are exchanged for.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::ops::accounts::RefreshToken;
use koodrive_proto::ops::sessions::RefreshSession;
use koodrive_proto::{Meta, Operation};
use serde_json::json;

use crate::call::Call;
use crate::mix::mix;
use crate::reply::{Refusal, Reply};

/// The lifetime of a token in the carrier manual's examples, in seconds.
const EXPIRES_IN: i64 = 1800;

#[derive(Default)]
pub(crate) struct Tokens {
    /// The tokens, by the whole value of Authorization.
    all: BTreeMap<String, Token>,
    sessions: BTreeMap<String, Session>,
    pub(crate) lifetime: Option<TimeDelta>,
    /// How many tokens were issued, from which the next one is derived.
    issued: u64,
}

struct Token {
    user_id: String,
    kind: Issued,
    /// When its lifetime began. For a token that was not issued here, that is its first call.
    since: Option<DateTime<Utc>>,
    expired: bool,
}

enum Issued {
    Plain,
    Session,
    /// A token of the carrier edition, with its refresh token.
    Pair {
        refresh_token: String,
    },
}

/// A session of the enterprise edition.
struct Session {
    user_id: String,
    token: String,
    /// The token that the current one replaced. It still refreshes the session, since the answer may not have arrived.
    before: Option<String>,
}

/// Whether a call exchanges tokens, for which they may have expired.
pub(crate) fn refreshes(meta: &Meta) -> bool {
    [RefreshSession::META.name, RefreshToken::META.name].contains(&meta.name)
}

impl Tokens {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn add(&mut self, authorization: &str, user_id: &str) {
        self.insert(authorization.to_owned(), user_id.to_owned(), Issued::Plain, None);
    }

    pub(crate) fn add_session(&mut self, authorization: &str, user_id: &str, session_id: &str) {
        let session = Session { user_id: user_id.to_owned(), token: authorization.to_owned(), before: None };
        if let Some(replaced) = self.sessions.insert(session_id.to_owned(), session) {
            self.all.remove(&replaced.token);
        }
        self.insert(authorization.to_owned(), user_id.to_owned(), Issued::Session, None);
    }

    pub(crate) fn add_pair(&mut self, authorization: &str, user_id: &str, refresh_token: &str) {
        let kind = Issued::Pair { refresh_token: refresh_token.to_owned() };
        self.insert(authorization.to_owned(), user_id.to_owned(), kind, None);
    }

    fn insert(&mut self, authorization: String, user_id: String, kind: Issued, since: Option<DateTime<Utc>>) {
        self.all.insert(authorization, Token { user_id, kind, since, expired: false });
    }

    /// Refuses all existing tokens from now on.
    pub(crate) fn expire(&mut self) {
        self.all.values_mut().for_each(|token| token.expired = true);
    }

    /// Returns the user to whom a token belongs, if the call accepts it.
    pub(crate) fn user(&self, meta: &Meta, authorization: &str, now: DateTime<Utc>) -> Result<String, Refusal> {
        let before = || self.sessions.values().find(|session| session.before.as_deref() == Some(authorization));
        match self.all.get(authorization) {
            Some(token) if refreshes(meta) && !matches!(token.kind, Issued::Plain) => Ok(token.user_id.clone()),
            Some(token) if token.has_expired(self.lifetime, now) => Err(Refusal::token("the token has expired")),
            Some(token) => Ok(token.user_id.clone()),
            None => match before().filter(|_| refreshes(meta)) {
                Some(session) => Ok(session.user_id.clone()),
                None => Err(Refusal::token("the token is not known")),
            },
        }
    }

    /// Notes a call that was let in. The first one begins a token's lifetime, and each one renews it for an enterprise
    /// token. A call that exchanges a token doesn't revive it.
    pub(crate) fn used(&mut self, meta: &Meta, authorization: &str, now: DateTime<Utc>) {
        if let Some(token) = self.all.get_mut(authorization).filter(|_| !refreshes(meta)) {
            let slides = !matches!(token.kind, Issued::Pair { .. });
            // Calls may be noted in another order than they arrived in.
            token.since = Some(token.since.map_or(now, |since| if slides { since.max(now) } else { since }));
        }
    }

    /// Executes a call that exchanges a token.
    pub(crate) fn run(&mut self, call: &Call<'_>, authorization: &str) -> Result<Reply, Refusal> {
        let session = call.meta.name == RefreshSession::META.name;
        let plain = matches!(self.all.get(authorization), Some(Token { kind: Issued::Plain, .. }));
        let is_pair = |token: &Token| matches!(token.kind, Issued::Pair { .. });
        let none = if session { self.sessions.is_empty() } else { !self.all.values().any(is_pair) };
        if plain && none {
            return Ok(Reply::documented(call.meta));
        }
        let secret = |name| call.text(name).unwrap_or_default();
        if session {
            self.refresh_session(authorization, &secret("x-session-id"), call.now)
        } else {
            self.refresh_token(authorization, &secret("refreshToken"), call.now)
        }
    }

    fn refresh_session(&mut self, authorization: &str, id: &str, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let session = self.sessions.get(id).ok_or_else(|| Refusal::token("the session is not known"))?;
        if session.token != authorization && session.before.as_deref() != Some(authorization) {
            return Err(Refusal::token("the token is not the session's latest"));
        }
        let (user_id, replaced) = (session.user_id.clone(), session.token.clone());
        let token = format!("Bearer {}", self.hex());
        let before = Some(authorization.to_owned());
        self.sessions.insert(id.to_owned(), Session { user_id: user_id.clone(), token: token.clone(), before });
        self.all.remove(&replaced);
        self.insert(token.clone(), user_id, Issued::Session, Some(now));
        Ok(Reply::default().with("accessToken", token))
    }

    fn refresh_token(&mut self, authorization: &str, secret: &str, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let user_id = match self.all.get(authorization) {
            Some(Token { kind: Issued::Pair { refresh_token }, user_id, .. }) if refresh_token == secret => {
                user_id.clone()
            }
            _ => return Err(Refusal::token("the refresh token is not the token's, or has been used")),
        };
        let (token, refresh_token) = (format!("AT {}", self.hex()), self.hex());
        self.all.remove(authorization);
        self.insert(token.clone(), user_id, Issued::Pair { refresh_token: refresh_token.clone() }, Some(now));
        // As in the example; according to the table, these are in `data` itself.
        let session = json!({
            "accessToken": token,
            "expiresIn": self.lifetime.map_or(EXPIRES_IN, |lifetime| lifetime.num_seconds()),
            "issuedAt": now.timestamp_millis().to_string(),
            "refreshToken": refresh_token,
        });
        Ok(Reply::default().with("data", json!({"sessionInfo": session})))
    }

    /// Returns 48 digits that were never used before.
    fn hex(&mut self) -> String {
        self.issued += 1;
        let [a, b, c] = [0, 1, 2].map(|part| mix(self.issued * 3 + part));
        format!("{a:016x}{b:016x}{c:016x}")
    }
}

impl Token {
    fn has_expired(&self, lifetime: Option<TimeDelta>, now: DateTime<Utc>) -> bool {
        let over = |lifetime| now.signed_duration_since(self.since.unwrap_or(now)) >= lifetime;
        self.expired || lifetime.is_some_and(over)
    }
}
