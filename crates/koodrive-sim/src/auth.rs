//! Authentication by token or signature, as the manual describes it.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use koodrive_proto::auth::{Authorization, SCHEME, VerifyError};
use koodrive_proto::schema::Auth;
use koodrive_proto::wire::{DateError, XDate};
use koodrive_proto::{Meta, http};

use crate::Simulator;
use crate::reply::Refusal;

impl Simulator {
    /// Returns the calling user, or `None` for an operation that needs no credentials.
    pub(crate) fn authenticate(
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
        let user_id = if signed {
            self.check_signature(authorization, parts, body, now)?.clone()
        } else {
            self.state().tokens.user(meta, authorization, now)?
        };
        // The manual's pages list X-User-Id with tokens too; whether it is required there is not known.
        match text(parts, "x-user-id") {
            Some(given) if given == user_id => {}
            None if !signed => {}
            _ if signed => return Err(Refusal::signature("X-User-Id is not the application's user")),
            _ => return Err(Refusal::token("X-User-Id is not the token's user")),
        }
        if !signed {
            self.state().tokens.used(meta, authorization, now);
        }
        Ok(Some(user_id))
    }

    fn check_signature(
        &self,
        authorization: &str,
        parts: &http::request::Parts,
        body: &Bytes,
        now: DateTime<Utc>,
    ) -> Result<&String, Refusal> {
        let header = Authorization::parse(authorization).map_err(|error| Refusal::signature(error.to_string()))?;
        let app = self.apps.get(header.app_id()).ok_or_else(|| Refusal::signature("the AppId is not known"))?;
        header.verify(parts, body, &app.key).map_err(|error| {
            let refusal = Refusal::signature(error.to_string());
            match &error {
                VerifyError::Mismatch(canonical) => {
                    refusal.because(format!("{error}; the canonical request here is\n{canonical}"))
                }
                _ => refusal,
            }
        })?;
        let sent = text(parts, "x-date").unwrap_or_default();
        let date: XDate = sent.parse().map_err(|error: DateError| Refusal::signature(error.to_string()))?;
        date.check(now).map_err(|error| {
            let server = XDate::new(now).map(|now| now.to_string()).unwrap_or_default();
            Refusal::signature(format!("signature expired, signature time:{sent},server time:{server}"))
                .because(error.to_string())
        })?;
        Ok(&app.user_id)
    }
}

pub(crate) fn text<'a>(parts: &'a http::request::Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}
