//! Builds requests: checked, dated, and signed or with a token.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue};

use crate::api::{Api, Options};
use crate::auth::{self, CanonicalRequest, Prepared};
use crate::check::InvalidParam;
use crate::error::Error;
use crate::operation::Operation;
use crate::schema::{Auth, Kind, Meta, OPERATIONS_HEADERS, OWN_HEADERS};
use crate::wire::{DateError, XDate};

const LANGUAGE: HeaderName = HeaderName::from_static("language");
const X_DATE: HeaderName = HeaderName::from_static("x-date");
const X_TRACEID: HeaderName = HeaderName::from_static("x-traceid");
const X_USER_ID: HeaderName = HeaderName::from_static("x-user-id");

/// The date of a request, and the credentials that it is sent with.
pub(crate) struct Stamp {
    pub(crate) date: Result<XDate, DateError>,
    pub(crate) credentials: Arc<Prepared>,
}

/// What an operation contributes to its request.
struct Draft {
    path_and_query: String,
    headers: HeaderMap,
    body: Option<Bytes>,
}

impl Api {
    /// Returns the request of an operation: checked, built, dated and signed. Send it unchanged, or the signature no
    /// longer matches.
    ///
    /// For a language, trace id or header of a single request, see [`Call::request`](crate::Call::request).
    pub fn request<O: Operation>(&self, op: &O, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
        self.build(op, &Options::default(), &self.stamp(now))
    }

    pub(crate) fn build<O: Operation>(
        &self,
        op: &O,
        options: &Options,
        stamp: &Stamp,
    ) -> Result<http::Request<Bytes>, Error> {
        let describe = || -> Result<Draft, Error> {
            op.check()?;
            let mut path_and_query = String::with_capacity(128);
            op.path_and_query(&mut path_and_query);
            let mut headers = HeaderMap::new();
            op.headers(&mut headers)?;
            Ok(Draft { path_and_query, headers, body: op.body()? })
        };
        describe().and_then(|draft| self.assemble(O::META, draft, options, stamp)).map_err(|error| error.on(O::META))
    }

    /// Not generic, so that one copy serves all operations.
    fn assemble(
        &self,
        meta: &'static Meta,
        draft: Draft,
        options: &Options,
        stamp: &Stamp,
    ) -> Result<http::Request<Bytes>, Error> {
        let settings = &*self.settings;
        let credentials = stamp.credentials.fit(meta.auth)?;
        let uri = settings.endpoint.uri(draft.path_and_query)?;

        // Host comes first, as RFC 9110 recommends; the others have the same order in all transports.
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(HOST, settings.endpoint.host_header());
        headers.insert(USER_AGENT, settings.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = draft.body.unwrap_or_default();
        let length = HeaderValue::from(body.len());
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(CONTENT_LENGTH, length);
        } else if matches!(meta.method, http::Method::POST | http::Method::PUT | http::Method::PATCH) {
            headers.insert(CONTENT_LENGTH, length);
        }
        if let Some(language) = options.language.as_ref().or(settings.language.as_ref()) {
            headers.insert(LANGUAGE, language.to_header());
        }
        if let Some(trace_id) = &options.trace_id {
            headers.insert(X_TRACEID, HeaderValue::from_str(trace_id.as_str()).map_err(Error::build)?);
        }
        // An operation written by hand may have a body that isn't JSON; a caller can't know that.
        extend(&mut headers, &draft.headers, &[OWN_HEADERS])?;
        if let Some(name) = options.headers.keys().find(|name| draft.headers.contains_key(*name)) {
            return Err(Error::build(format!("the header {name} can't be set: it is a parameter of the operation")));
        }
        extend(&mut headers, &options.headers, &[OWN_HEADERS, OPERATIONS_HEADERS])?;
        self.name_agent(meta, &mut headers)?;

        let mut request = http::Request::new(body);
        *request.method_mut() = meta.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        self.authorize(&mut request, credentials, meta.auth, stamp.date.clone())?;
        Ok(request)
    }

    /// Adds the agent's name if the operation takes it and the call didn't set its own.
    fn name_agent(&self, meta: &'static Meta, headers: &mut HeaderMap) -> Result<(), Error> {
        let Some(field) = meta.params.iter().find(|field| field.kind == Kind::AgentName) else { return Ok(()) };
        let name: HeaderName = field.name.parse().map_err(Error::build)?;
        match &self.settings.agent_name {
            _ if headers.contains_key(&name) => {}
            Some(value) => drop(headers.insert(name, value.clone())),
            // If another manual describes the call without it, the caller may follow that one.
            None if field.required && field.only.is_none() => {
                return Err(InvalidParam::new(field.name, "nothing", "the name that Api::agent_name sets").into());
            }
            None => {}
        }
        Ok(())
    }

    /// Adds the user, the date, and the token or signature.
    fn authorize(
        &self,
        request: &mut http::Request<Bytes>,
        credentials: &Prepared,
        auth: Auth,
        date: Result<XDate, DateError>,
    ) -> Result<(), Error> {
        let (Prepared::App { user_id, .. } | Prepared::Token { user_id, .. }) = credentials else {
            return Ok(());
        };
        if auth != Auth::TokenAlone {
            let date = date.map_err(Error::build)?.to_string();
            request.headers_mut().insert(X_USER_ID, user_id.clone());
            request.headers_mut().insert(X_DATE, HeaderValue::from_str(&date).map_err(Error::build)?);
        }
        let value = match credentials {
            Prepared::App { app_id, key, .. } => {
                // What this request doesn't have, such as the type of a body, can't be signed.
                let signed = self.settings.signed_headers.iter().filter(|name| request.headers().contains_key(*name));
                let signed: Vec<&str> = signed.map(HeaderName::as_str).collect();
                let canonical =
                    CanonicalRequest::new(request.method(), request.uri(), request.headers(), &signed, request.body())
                        .map_err(Error::build)?;
                let mut value = HeaderValue::from_str(&key.authorization(app_id, &canonical)).map_err(Error::build)?;
                value.set_sensitive(true);
                value
            }
            Prepared::Token { token, .. } => auth::token_header(token)?,
            Prepared::Anonymous => return Ok(()),
        };
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }

    /// The date and credentials of a request that is sent now.
    pub(crate) fn stamp(&self, now: DateTime<Utc>) -> Stamp {
        self.stamp_with(now, Arc::clone(&self.holder.current().credentials))
    }

    pub(crate) fn stamp_with(&self, now: DateTime<Utc>, credentials: Arc<Prepared>) -> Stamp {
        Stamp { date: self.date(now), credentials }
    }
}

/// Adds headers in place of those that are there; `refused` lists which can't be set, and why.
fn extend(headers: &mut HeaderMap, more: &HeaderMap, refused: &[&[(&str, &str)]]) -> Result<(), Error> {
    for name in more.keys() {
        if let Some((_, why)) = refused.iter().flat_map(|list| *list).find(|(refused, _)| name == refused) {
            return Err(Error::build(format!("the header {name} can't be set: {why}")));
        }
        for (at, value) in more.get_all(name).iter().enumerate() {
            if at == 0 {
                headers.insert(name, value.clone());
            } else {
                headers.append(name, value.clone());
            }
        }
    }
    Ok(())
}
