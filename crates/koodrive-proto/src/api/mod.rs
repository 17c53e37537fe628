//! The [`Api`]: one KooDrive, as one caller sees it.

mod clock;
mod session;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue};

use crate::auth::{self, CanonicalRequest, Credentials, Prepared};
use crate::check::InvalidParam;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::flow::{Now, Observer};
use crate::operation::{Auth, Meta, OWN_HEADERS, Operation};
use crate::param::{Kind, Language, TraceId};
use crate::retry::RetryPolicy;
use crate::wire::{DateError, XDate};

use clock::Measurement;
pub(crate) use session::{Claim, Lease, Session};

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
    settings: Arc<Settings>,
    session: Session,
    shared: Arc<Mutex<Shared>>,
}

/// What is set once. Another user's `Api` shares it.
#[derive(Debug, Clone)]
struct Settings {
    endpoint: Endpoint,
    language: Option<Language>,
    agent_name: Option<HeaderValue>,
    user_agent: HeaderValue,
    signed_headers: Vec<HeaderName>,
    date_back: TimeDelta,
    clock_correction: bool,
    retry: RetryPolicy,
    observer: Observers,
}

/// What calls change beside the session. Never locked while anything is built, signed or parsed.
#[derive(Debug)]
struct Shared {
    clock_offset: TimeDelta,
    /// The state of the random numbers, once there is a seed.
    random: Option<u64>,
}

#[derive(Clone)]
struct Observers(Option<Arc<dyn Observer>>);

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some(..)" } else { "None" })
    }
}

impl Api {
    /// A KooDrive at `https://host`, optionally with a port.
    ///
    /// Fails if the endpoint is no such address, or if the credentials can't be sent: a secret or user id that is empty,
    /// or characters that no header can carry.
    pub fn new(endpoint: impl AsRef<str>, credentials: Credentials) -> Result<Self, Error> {
        let settings = Settings {
            endpoint: endpoint.as_ref().parse()?,
            language: None,
            agent_name: None,
            user_agent: HeaderValue::from_static(concat!("koodrive-rust/", env!("CARGO_PKG_VERSION"))),
            signed_headers: auth::SIGNED_HEADERS.iter().map(|name| HeaderName::from_static(name)).collect(),
            date_back: TimeDelta::seconds(30),
            clock_correction: true,
            retry: RetryPolicy::default(),
            observer: Observers(None),
        };
        Ok(Self {
            settings: Arc::new(settings),
            session: Session::new(Prepared::new(credentials)?),
            shared: Arc::new(Mutex::new(Shared { clock_offset: TimeDelta::zero(), random: None })),
        })
    }

    /// The same KooDrive for another caller: settings and clock are shared, credentials are not.
    ///
    /// One for each user: two for the same would renew his token against each other.
    pub fn with_credentials(&self, credentials: Credentials) -> Result<Self, Error> {
        Ok(Self {
            settings: Arc::clone(&self.settings),
            session: Session::new(Prepared::new(credentials)?),
            shared: Arc::clone(&self.shared),
        })
    }

    /// From now on, calls with these credentials: for a token that was renewed elsewhere, or a secret that was changed.
    ///
    /// Calls that are under way go on with them at their next attempt, also those that wait for a token.
    pub fn set_credentials(&self, credentials: Credentials) -> Result<(), Error> {
        self.session.replace(Prepared::new(credentials)?);
        Ok(())
    }

    /// The token credentials as they are now, which differ from the first ones once the token was renewed: to be kept for the
    /// next start of the program. `None` if requests are signed, or need none.
    pub fn credentials(&self) -> Option<Credentials> {
        self.session.current().0.to_token()
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// The language of the service's messages. Without it, the service uses `en-US`.
    #[must_use]
    pub fn language(self, language: Language) -> Self {
        self.set(|settings| settings.language = Some(language))
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
    pub fn agent_name(self, name: &str) -> Result<Self, Error> {
        let valid = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        let value = HeaderValue::from_str(name).ok().filter(|_| valid).ok_or_else(|| {
            let got = format!("{} characters that are no such name", name.chars().count());
            InvalidParam::new("x-hw-agentName", got, "visible ASCII characters, without blanks")
        })?;
        Ok(self.set(|settings| settings.agent_name = Some(value)))
    }

    /// The value of User-Agent. The default is `koodrive-rust/` and the version of this crate.
    pub fn user_agent(self, user_agent: &str) -> Result<Self, Error> {
        let value = HeaderValue::from_str(user_agent).map_err(Error::build)?;
        Ok(self.set(|settings| settings.user_agent = value))
    }

    /// How far back requests are dated: 30 s unless set.
    ///
    /// The service refuses a date that is later than its own clock, and one older than 15 minutes; so this is how much a
    /// clock may run ahead of the service's. More than 15 minutes makes every request too old, and a negative span dates
    /// it ahead.
    #[must_use]
    pub fn date_back(self, by: TimeDelta) -> Self {
        self.set(|settings| settings.date_back = by)
    }

    /// Whether requests are dated by the server's clock, as far as its answers tell; true unless set.
    ///
    /// The Date of every answer is compared with the middle of its round trip. Where the service refuses a date for lying
    /// outside its window, the call is dated anew and sent once more.
    #[must_use]
    pub fn clock_correction(self, on: bool) -> Self {
        self.set(|settings| settings.clock_correction = on)
    }

    /// What is added to this side's clock for the dates of requests: how far the server's clock is ahead, or behind if it is
    /// negative.
    pub fn clock_offset(&self) -> TimeDelta {
        self.shared().clock_offset
    }

    /// Sets the [`clock_offset`](Self::clock_offset), say to one that was measured before. Answers go on changing it unless
    /// [`clock_correction`](Self::clock_correction) is off.
    pub fn set_clock_offset(&self, offset: TimeDelta) {
        self.shared().clock_offset = offset;
    }

    /// Learns the server's time from an answer of the endpoint's, as flows do by themselves: for those who send requests by
    /// hand. `sent` and `received` are the time before and after.
    pub fn measure_clock(&self, headers: &HeaderMap, sent: Now, received: Now) {
        self.measure(headers, sent, received);
    }

    /// How often and how soon calls are sent again, unless [`Call::retry`](crate::Call::retry) says otherwise.
    #[must_use]
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.set(|settings| settings.retry = policy)
    }

    /// Who is told of every attempt.
    #[must_use]
    pub fn observer(self, observer: impl Observer + 'static) -> Self {
        self.set(|settings| settings.observer = Observers(Some(Arc::new(observer))))
    }

    /// The seed of the random parts of pauses, for tests. Clients bring one that differs from process to process.
    #[must_use]
    pub fn random_seed(self, seed: u64) -> Self {
        self.shared().random = Some(seed);
        self
    }

    /// A seed, unless there is one: for clients.
    #[must_use]
    pub fn or_random_seed(self, seed: u64) -> Self {
        self.shared().random.get_or_insert(seed);
        self
    }

    /// The headers that are signed; `host`, `x-date` and `x-user-id` unless set.
    ///
    /// `x-date` and `x-user-id` must be among them. Leave `host` out where a proxy rewrites it.
    pub fn signed_headers(self, names: impl IntoIterator<Item = HeaderName>) -> Result<Self, Error> {
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        auth::check_signed(&names.iter().map(HeaderName::as_str).collect::<Vec<_>>()).map_err(Error::build)?;
        Ok(self.set(|settings| settings.signed_headers = names))
    }

    /// Where it is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.settings.endpoint
    }

    /// The request of an operation: checked, built, dated and signed. Send it as it is, or the signature breaks.
    ///
    /// For a language, trace id or header of one request, see [`Call::request`](crate::Call::request).
    pub fn request<O: Operation>(&self, op: &O, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
        self.build_now(op, &Options::default(), now)
    }

    pub(crate) fn build_now<O: Operation>(
        &self,
        op: &O,
        options: &Options,
        now: DateTime<Utc>,
    ) -> Result<http::Request<Bytes>, Error> {
        self.build(op, options, &self.stamp(now))
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

    /// Not generic: one copy serves all operations.
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

        // Host first, as RFC 9110 asks; the others in one order for all transports.
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
        // An operation by hand may have another body than JSON; a caller can't know.
        extend(&mut headers, &draft.headers, |name| OWN_HEADERS.contains(&name.as_str()))?;
        extend(&mut headers, &options.headers, |name| OWN_HEADERS.contains(&name.as_str()) || name == CONTENT_TYPE)?;
        self.name_agent(meta, &mut headers)?;

        let mut request = http::Request::new(body);
        *request.method_mut() = meta.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        self.authorize(&mut request, credentials, meta.auth, stamp.date.clone())?;
        Ok(request)
    }

    /// Adds the agent's name where the operation wants it and the call didn't bring its own.
    fn name_agent(&self, meta: &'static Meta, headers: &mut HeaderMap) -> Result<(), Error> {
        let Some(field) = meta.params.iter().find(|field| field.kind == Kind::AgentName) else { return Ok(()) };
        let name: HeaderName = field.name.parse().map_err(Error::build)?;
        match &self.settings.agent_name {
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
                let signed: Vec<&str> = self.settings.signed_headers.iter().map(HeaderName::as_str).collect();
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

/// For flows.
impl Api {
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.settings.retry
    }

    pub(crate) fn observe(&self, tell: impl FnOnce(&dyn Observer)) {
        if let Some(observer) = &self.settings.observer.0 {
            tell(&**observer);
        }
    }

    /// The next random number: SplitMix64.
    pub(crate) fn random(&self) -> u64 {
        let mut shared = self.shared();
        let state = shared.random.unwrap_or_default().wrapping_add(0x9e37_79b9_7f4a_7c15);
        shared.random = Some(state);
        drop(shared);
        let mixed = (state ^ state.wrapping_shr(30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed.wrapping_shr(27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed.wrapping_shr(31)
    }

    /// The server's time, as far as it is known.
    pub(crate) fn server_time(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        clock::shift(now, self.clock_offset())
    }

    /// Date and credentials of a request that is sent now.
    fn stamp(&self, now: DateTime<Utc>) -> Stamp {
        self.stamp_with(now, self.session.current().0)
    }

    pub(crate) fn stamp_with(&self, now: DateTime<Utc>, credentials: Arc<Prepared>) -> Stamp {
        Stamp { date: self.date(now, self.clock_offset()), credentials }
    }

    /// The X-Date of a request that is sent now.
    fn date(&self, now: DateTime<Utc>, offset: TimeDelta) -> Result<XDate, DateError> {
        let back = self.settings.date_back;
        let end = if back > TimeDelta::zero() { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        XDate::new(clock::shift(now, offset).checked_sub_signed(back).unwrap_or(end))
    }

    fn measure(&self, headers: &HeaderMap, sent: Now, received: Now) -> Option<Measurement> {
        let measured = Some(headers).filter(|_| self.settings.clock_correction)?;
        let measured = Measurement::new(measured, sent, received)?;
        let mut shared = self.shared();
        if !measured.agrees(shared.clock_offset) {
            shared.clock_offset = measured.offset;
        }
        drop(shared);
        Some(measured)
    }

    /// Whether a refusal may be the clock's fault, and another date of now would mend it. Takes over the server's time then.
    pub(crate) fn correct_clock(&self, error: &Error, date: XDate, sent: Now, received: Now) -> bool {
        let Some(measured) = error.headers().and_then(|headers| self.measure(headers, sent, received)) else {
            return false;
        };
        let another = self.date(received.utc, measured.offset);
        let mends = error.may_be_the_date() && another.is_ok_and(|another| measured.mends(date, another));
        if mends {
            self.set_clock_offset(measured.offset);
        }
        mends
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // Nothing that is done under the lock panics half-way.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When and by whom a request is sent.
pub(crate) struct Stamp {
    pub(crate) date: Result<XDate, DateError>,
    pub(crate) credentials: Arc<Prepared>,
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
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

impl fmt::Debug for Options {
    /// Shows the names of headers only: their values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Options")
            .field("language", &self.language)
            .field("trace_id", &self.trace_id)
            .field("headers", &names)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("deadline", &self.deadline)
            .field("retry", &self.retry)
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
