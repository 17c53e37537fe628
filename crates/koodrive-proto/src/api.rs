//! The [`Api`]: one KooDrive, as one caller sees it.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue};

use crate::auth::{self, CanonicalRequest, Credentials, Prepared};
use crate::check::InvalidParam;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::operation::{Auth, Meta, OWN_HEADERS, Operation};
use crate::param::{Kind, Language, TraceId};
use crate::wire::XDate;

const LANGUAGE: HeaderName = HeaderName::from_static("language");
const X_DATE: HeaderName = HeaderName::from_static("x-date");
const X_TRACEID: HeaderName = HeaderName::from_static("x-traceid");
const X_USER_ID: HeaderName = HeaderName::from_static("x-user-id");

/// One KooDrive as one caller sees it: where it is, who calls, in which language.
///
/// `Sync`, and everything takes `&self`: share one between threads and tasks. It opens no connection and reads no clock.
///
/// ```
/// use koodrive_proto::chrono::{TimeZone, Utc};
/// use koodrive_proto::ops::spaces::{SpaceType, UpdateSpace};
/// use koodrive_proto::{Api, Credentials, Operation};
///
/// let credentials = Credentials::app("my-app", "my-secret", "1505084218764547200");
/// let api = Api::new("https://intl.myhuaweicloud-koodrive.com", credentials)?;
///
/// let op = UpdateSpace::new("1289173650183882753", SpaceType::Individual).capacity(10);
/// let now = Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap();
/// let request = api.request(&op, now)?;
///
/// assert_eq!(request.uri().path(), "/koodrive/ose/v1/space/1289173650183882753");
/// assert_eq!(request.body(), r#"{"type":1,"capacity":"10"}"#);
/// // Dated 30 s back, since a date in the server's future is refused.
/// assert_eq!(request.headers()["x-date"], "20251103T070110Z");
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug)]
pub struct Api {
    endpoint: Endpoint,
    credentials: Prepared,
    language: Option<Language>,
    agent_name: Option<HeaderValue>,
    user_agent: HeaderValue,
    signed_headers: Vec<HeaderName>,
    date_back: TimeDelta,
}

impl Api {
    /// A KooDrive at `https://host`, optionally with a port.
    ///
    /// Fails if the endpoint is no such address, or if the credentials can't be sent: a secret or user id that is empty,
    /// or characters that no header can carry.
    pub fn new(endpoint: impl AsRef<str>, credentials: Credentials) -> Result<Self, Error> {
        Ok(Self {
            endpoint: endpoint.as_ref().parse()?,
            credentials: Prepared::new(credentials)?,
            language: None,
            agent_name: None,
            user_agent: HeaderValue::from_static(concat!("koodrive-rust/", env!("CARGO_PKG_VERSION"))),
            signed_headers: auth::SIGNED_HEADERS.iter().map(|name| HeaderName::from_static(name)).collect(),
            date_back: TimeDelta::seconds(30),
        })
    }

    /// The language of the service's messages. Without it, the service uses `en-US`.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// The name of the operator's agent: `x-hw-agentName`, which some of the carrier manual's calls want.
    ///
    /// It goes with the calls whose page lists it, and with no others. The page DeleteUser gives two values: `standard`
    /// for the standard agent, `IOH` for Indonesia's IOH.
    ///
    /// ```
    /// # use koodrive_proto::{Api, Credentials};
    /// let api = Api::new("https://drive.example", Credentials::anonymous())?.agent_name("standard")?;
    /// # Ok::<(), koodrive_proto::Error>(())
    /// ```
    pub fn agent_name(mut self, name: &str) -> Result<Self, Error> {
        let valid = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        let value = HeaderValue::from_str(name).ok().filter(|_| valid).ok_or_else(|| {
            let got = format!("{} characters that are no such name", name.chars().count());
            InvalidParam::new("x-hw-agentName", got, "visible ASCII characters, without blanks")
        })?;
        self.agent_name = Some(value);
        Ok(self)
    }

    /// The value of User-Agent. The default is `koodrive-rust/` and the version of this crate.
    pub fn user_agent(mut self, user_agent: &str) -> Result<Self, Error> {
        self.user_agent = HeaderValue::from_str(user_agent).map_err(Error::build)?;
        Ok(self)
    }

    /// How far back requests are dated: 30 s unless set.
    ///
    /// The service refuses a date that is later than its own clock, and one older than 15 minutes; so this is how much a
    /// clock may run ahead of the service's. More than 15 minutes makes every request too old, and a negative span dates
    /// it ahead.
    #[must_use]
    pub fn date_back(mut self, by: TimeDelta) -> Self {
        self.date_back = by;
        self
    }

    /// The headers that are signed; `host`, `x-date` and `x-user-id` unless set.
    ///
    /// `x-date` and `x-user-id` must be among them. Leave `host` out where a proxy rewrites it.
    pub fn signed_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Result<Self, Error> {
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        auth::check_signed(&names.iter().map(HeaderName::as_str).collect::<Vec<_>>()).map_err(Error::build)?;
        self.signed_headers = names;
        Ok(self)
    }

    /// Where it is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The request of an operation: checked, built, dated and signed. Send it as it is, or the signature breaks.
    ///
    /// For a language, trace id or header of one request, see [`Call::request`](crate::Call::request).
    pub fn request<O: Operation>(&self, op: &O, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
        self.build(op, &Options::default(), now)
    }

    pub(crate) fn build<O: Operation>(
        &self,
        op: &O,
        options: &Options,
        now: DateTime<Utc>,
    ) -> Result<http::Request<Bytes>, Error> {
        let describe = || -> Result<Draft, Error> {
            op.check()?;
            let mut path_and_query = String::with_capacity(128);
            op.path_and_query(&mut path_and_query);
            let mut headers = HeaderMap::new();
            op.headers(&mut headers)?;
            Ok(Draft { path_and_query, headers, body: op.body()? })
        };
        describe().and_then(|draft| self.assemble(O::META, draft, options, now)).map_err(|error| error.on(O::META))
    }

    /// Not generic: one copy serves all operations.
    fn assemble(
        &self,
        meta: &'static Meta,
        draft: Draft,
        options: &Options,
        now: DateTime<Utc>,
    ) -> Result<http::Request<Bytes>, Error> {
        let credentials = self.credentials.fit(meta.auth)?;
        let uri = self.endpoint.uri(draft.path_and_query)?;

        // Host first, as RFC 9110 asks; the others in one order for all transports.
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(HOST, self.endpoint.host_header());
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = draft.body.unwrap_or_default();
        let length = HeaderValue::from(body.len());
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(CONTENT_LENGTH, length);
        } else if matches!(meta.method, http::Method::POST | http::Method::PUT | http::Method::PATCH) {
            headers.insert(CONTENT_LENGTH, length);
        }
        if let Some(language) = options.language.as_ref().or(self.language.as_ref()) {
            headers.insert(LANGUAGE, language.to_header());
        }
        if let Some(trace_id) = &options.trace_id {
            headers.insert(X_TRACEID, HeaderValue::from_str(trace_id.as_str()).map_err(Error::build)?);
        }
        // An operation by hand may have another body than JSON; a caller can't know.
        extend(&mut headers, &draft.headers, |name| OWN_HEADERS.contains(&name.as_str()))?;
        extend(&mut headers, &options.headers, |name| OWN_HEADERS.contains(&name.as_str()) || name == CONTENT_TYPE)?;
        self.name_agent(meta, &mut headers)?;

        let mut request = http::Request::new(body);
        *request.method_mut() = meta.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        self.authorize(&mut request, credentials, meta.auth, now)?;
        Ok(request)
    }

    /// Adds the agent's name where the operation wants it and the call didn't bring its own.
    fn name_agent(&self, meta: &'static Meta, headers: &mut HeaderMap) -> Result<(), Error> {
        let Some(field) = meta.params.iter().find(|field| field.kind == Kind::AgentName) else { return Ok(()) };
        let name: HeaderName = field.name.parse().map_err(Error::build)?;
        match &self.agent_name {
            _ if headers.contains_key(&name) => {}
            Some(value) => drop(headers.insert(name, value.clone())),
            // Where another manual describes the call without it, the caller may go by that one.
            None if field.required && field.only.is_none() => {
                return Err(InvalidParam::new(field.name, "nothing", "the name that Api::agent_name sets").into());
            }
            None => {}
        }
        Ok(())
    }

    /// Adds user, date, and token or signature.
    fn authorize(
        &self,
        request: &mut http::Request<Bytes>,
        credentials: &Prepared,
        auth: Auth,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let (Prepared::App { user_id, .. } | Prepared::Token { user_id, .. }) = credentials else {
            return Ok(());
        };
        if auth != Auth::TokenAlone {
            let sent = now.checked_sub_signed(self.date_back).unwrap_or(DateTime::<Utc>::MIN_UTC);
            let date = XDate::new(sent).map_err(Error::build)?.to_string();
            request.headers_mut().insert(X_USER_ID, user_id.clone());
            request.headers_mut().insert(X_DATE, HeaderValue::from_str(&date).map_err(Error::build)?);
        }
        let value = match credentials {
            Prepared::App { app_id, key, .. } => {
                let signed: Vec<&str> = self.signed_headers.iter().map(HeaderName::as_str).collect();
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
}

/// What an operation says of its request.
struct Draft {
    path_and_query: String,
    headers: HeaderMap,
    body: Option<Bytes>,
}

/// What one call may set.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) language: Option<Language>,
    pub(crate) trace_id: Option<TraceId>,
    pub(crate) headers: HeaderMap,
}

impl fmt::Debug for Options {
    /// Shows the names of headers only: their values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Options")
            .field("language", &self.language)
            .field("trace_id", &self.trace_id)
            .field("headers", &names)
            .finish()
    }
}

fn extend(headers: &mut HeaderMap, more: &HeaderMap, refused: impl Fn(&HeaderName) -> bool) -> Result<(), Error> {
    for name in more.keys() {
        if refused(name) {
            return Err(Error::build(format!("the header {name} follows from the request and can't be set")));
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
