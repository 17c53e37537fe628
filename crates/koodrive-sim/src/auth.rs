//! Authentication by token or signature, as the manual describes it.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use koodrive_proto::auth::{Authorization, SCHEME, VerifyError};
use koodrive_proto::schema::Auth;
use koodrive_proto::wire::{DateError, XDate};
use koodrive_proto::{Meta, http};

use crate::explain::{Explanation, OTHERS, describe, explain};
use crate::families::users;
use crate::reply::Refusal;
use crate::{Simulator, tokens};

impl Simulator {
    /// Returns the calling user, or `None` for an operation that needs no credentials.
    pub(crate) fn authenticate(
        &self,
        meta: &Meta,
        parts: &http::request::Parts,
        body: &Bytes,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, Refusal> {
        self.check_credentials(meta, parts, body, now).map_err(|refusal| {
            let Some(authorization) = signature(parts).filter(|_| self.explain) else { return refusal };
            let is_user = |id: &str| self.state().store.users.contains(id);
            let users: Vec<String> =
                self.state().store.users.iter().take(OTHERS).map(|(id, _)| id.to_owned()).collect();
            refusal.explained(explain(&self.apps, is_user, &users, authorization, parts, body, now))
        })
    }

    fn check_credentials(
        &self,
        meta: &Meta,
        parts: &http::request::Parts,
        body: &Bytes,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, Refusal> {
        if meta.auth == Auth::None {
            return Ok(None);
        }
        let authorization = text(parts, "authorization").ok_or_else(|| Refusal::token("Authorization is missing"))?;
        let signed = authorization.starts_with(SCHEME);
        match meta.auth {
            Auth::App if !signed => return Err(Refusal::token("this call takes a signature")),
            Auth::Token | Auth::TokenAlone if signed => return Err(Refusal::signature("this call takes a token")),
            _ => {}
        }
        if signed {
            self.check_signature(authorization, parts, body, now)?;
        }
        let given = text(parts, "x-user-id");
        let mut state = self.state();
        let user_id = if signed {
            // An application signs on behalf of any user.
            let given = given.filter(|id| state.store.users.contains(id));
            given.ok_or_else(|| Refusal::signature("X-User-Id is not a user's id"))?.to_owned()
        } else {
            tokens::user(&state.store, &state.settings, meta, authorization, now)?
        };
        // The manual's pages list X-User-Id with tokens too; whether it is required there is not known.
        if given.is_some_and(|given| given != user_id) {
            return Err(Refusal::token("X-User-Id is not the token's user"));
        }
        if !users::may_sign_in(&state.store, &user_id) {
            let refusal = if signed { Refusal::signature } else { Refusal::token };
            return Err(refusal("the user is disabled"));
        }
        if !signed {
            state.begin();
            tokens::used(&mut state.store, meta, authorization, now);
            state.keep();
        }
        Ok(Some(user_id))
    }

    fn check_signature(
        &self,
        authorization: &str,
        parts: &http::request::Parts,
        body: &Bytes,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let header = Authorization::parse(authorization).map_err(|error| Refusal::signature(error.to_string()))?;
        let app = self.apps.get(header.app_id()).ok_or_else(|| Refusal::signature("the AppId is not known"))?;
        header.verify(parts, body, &app.key).map_err(|error| match &error {
            VerifyError::Mismatch(canonical) => Refusal::signature(error.to_string()).explained(Explanation::expected(
                parts,
                canonical.signed_headers(),
                body,
            )),
            VerifyError::Canonical(wrong) => Refusal::signature(describe(wrong)),
            _ => Refusal::signature(error.to_string()),
        })?;
        let sent = text(parts, "x-date").unwrap_or_default();
        let date: XDate = sent.parse().map_err(|error: DateError| Refusal::signature(error.to_string()))?;
        date.check(now).map_err(|error| {
            let server = XDate::new(now).map(|now| now.to_string()).unwrap_or_default();
            Refusal::signature(format!("signature expired, signature time:{sent},server time:{server}"))
                .because(error.to_string())
        })
    }
}

/// Authorization, if it is a signature or was meant to be one: also that of another service, SDK-HMAC-SHA256 or
/// AWS4-HMAC-SHA256, or in small letters.
pub(crate) fn signature(parts: &http::request::Parts) -> Option<&str> {
    text(parts, "authorization").filter(|text| text.to_ascii_uppercase().contains(SCHEME))
}

pub(crate) fn text<'a>(parts: &'a http::request::Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}
