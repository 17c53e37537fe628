//! The [`Api`]: one KooDrive, as one caller sees it.

mod clock;
mod holder;
mod options;
mod random;
mod request;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use http::{HeaderName, HeaderValue, Uri};

use crate::auth::{self, Credentials, Prepared};
use crate::check::{InvalidParam, counted};
use crate::endpoint::{Endpoint, Hosts};
use crate::error::Error;
use crate::observer::Observer;
use crate::param::Language;
use crate::retry::RetryPolicy;

pub(crate) use holder::{Claim, Grant, Holder, Lease, Refusal, Waited};
pub(crate) use options::Options;
pub(crate) use request::Stamp;

/// One KooDrive, as one caller sees it: where it is, who calls, and in which language.
///
/// `Api` is `Sync`, and its methods take `&self` once it is configured, so share one between threads and tasks. It
/// opens no connection and reads no clock.
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
/// // Dated back by 30 s, since a date in the server's future is refused.
/// assert_eq!(request.headers()["x-date"], "20251103T070110Z");
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug)]
pub struct Api {
    settings: Arc<Settings>,
    holder: Arc<Holder>,
    shared: Arc<Mutex<Shared>>,
}

/// What is set once. The `Api`s of several users share it.
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
    answer_limit: u64,
    object_hosts: Hosts,
    observer: Observers,
}

/// What calls change, apart from the credentials. It is never locked while anything is built, signed or parsed.
#[derive(Debug)]
struct Shared {
    clock_offset: TimeDelta,
    /// The state of the random number generator, once there is a seed.
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
    /// How many bytes an answer may have unless [`answer_limit`](Self::answer_limit) says otherwise: 16 MiB.
    pub const ANSWER_LIMIT: u64 = 16 * 1024 * 1024;

    /// Creates an `Api` for a KooDrive at `https://host`, optionally with a port.
    ///
    /// Fails if the endpoint is no such address, or if the credentials can't be sent: if a secret or user id is empty,
    /// or has characters that no header can carry.
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
            answer_limit: Self::ANSWER_LIMIT,
            object_hosts: Hosts::default(),
            observer: Observers(None),
        };
        Ok(Self {
            settings: Arc::new(settings),
            holder: Arc::new(Holder::new(Prepared::new(credentials)?)),
            shared: Arc::new(Mutex::new(Shared { clock_offset: TimeDelta::zero(), random: None })),
        })
    }

    /// Creates an `Api` for another caller of the same KooDrive: settings and clock are shared, credentials are not.
    ///
    /// Use one `Api` per user: two for the same user would invalidate each other's token.
    pub fn with_credentials(&self, credentials: Credentials) -> Result<Self, Error> {
        Ok(Self {
            settings: Arc::clone(&self.settings),
            holder: Arc::new(Holder::new(Prepared::new(credentials)?)),
            shared: Arc::clone(&self.shared),
        })
    }

    /// Replaces the credentials, for example by a token that was renewed elsewhere or a secret that was changed.
    ///
    /// Calls that are under way use them from their next attempt on, including those that wait for a token.
    pub fn set_credentials(&self, credentials: Credentials) -> Result<(), Error> {
        self.holder.replace(Prepared::new(credentials)?);
        Ok(())
    }

    /// Returns the current token credentials, to be kept for the next start of the program. They differ from the first
    /// ones once the token was renewed. `None` if requests are signed, or need no credentials.
    pub fn credentials(&self) -> Option<Credentials> {
        self.holder.current().credentials.to_token()
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Sets the language of the service's messages. Without it, the service uses `en-US`.
    #[must_use]
    pub fn language(self, language: Language) -> Self {
        self.set(|settings| settings.language = Some(language))
    }

    /// Sets the name of the operator's agent: the header `x-hw-agentName`, which some calls of the carrier manual
    /// require.
    ///
    /// It is sent with the calls whose page lists it, and with no others. The page DeleteUser gives two values:
    /// `standard` for the standard agent, and `IOH` for Indonesia's IOH.
    ///
    /// ```
    /// # use koodrive_proto::{Api, Credentials};
    /// let api = Api::new("https://drive.example", Credentials::anonymous())?.agent_name("standard")?;
    /// # Ok::<(), koodrive_proto::Error>(())
    /// ```
    pub fn agent_name(self, name: &str) -> Result<Self, Error> {
        let valid = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        let value = HeaderValue::from_str(name).ok().filter(|_| valid).ok_or_else(|| {
            let length = counted(name.chars().count(), "character", "characters");
            let got = format!("a text of {length} that is no such name");
            InvalidParam::new("x-hw-agentName", got, "visible ASCII characters, without blanks")
        })?;
        Ok(self.set(|settings| settings.agent_name = Some(value)))
    }

    /// Sets the value of User-Agent. The default is `koodrive-rust/` and the version of this crate.
    pub fn user_agent(self, user_agent: &str) -> Result<Self, Error> {
        let value = HeaderValue::from_str(user_agent)
            .map_err(|_| Error::build("the value of User-Agent must be visible ASCII characters and blanks"))?;
        Ok(self.set(|settings| settings.user_agent = value))
    }

    /// Sets how far back requests are dated: 30 s unless set.
    ///
    /// The service refuses a date that is later than its own clock, and one that is older than 15 minutes. So this is
    /// how much a clock may run ahead of the service's. More than 15 minutes makes every request too old, and a
    /// negative span dates requests ahead.
    #[must_use]
    pub fn date_back(self, by: TimeDelta) -> Self {
        self.set(|settings| settings.date_back = by)
    }

    /// Sets whether requests are dated by the server's clock, as far as its answers tell the time; true unless set.
    ///
    /// The Date of every answer is compared with the middle of its round trip. If the service refuses a date because it
    /// is outside its window, the call is dated anew and sent once more.
    #[must_use]
    pub fn clock_correction(self, on: bool) -> Self {
        self.set(|settings| settings.clock_correction = on)
    }

    /// Sets how many times calls are retried and how soon, unless [`Call::retry`](crate::Call::retry) says otherwise.
    #[must_use]
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.set(|settings| settings.retry = policy)
    }

    /// Sets how many bytes an answer may have, unless [`Call::answer_limit`](crate::Call::answer_limit) says otherwise.
    ///
    /// A larger answer is an error: nothing of it is kept, and the call isn't sent again. The default is
    /// [`ANSWER_LIMIT`](Self::ANSWER_LIMIT); the manuals name no limit.
    #[must_use]
    pub fn answer_limit(self, bytes: u64) -> Self {
        self.set(|settings| settings.answer_limit = bytes)
    }

    /// Sets which hosts the links of transfers may lead to; any public one unless set.
    ///
    /// The bytes of files don't pass through KooDrive: they are sent to and come from an object store, by links that
    /// the service gives. `*.` stands for all hosts below a domain. A link isn't followed if it isn't https while the
    /// endpoint is. Nor is one to a loopback or private address, or to a name without a dot, while the endpoint is a
    /// public one, unless exactly that host is named here. Names of hosts aren't looked up for that.
    ///
    /// ```
    /// # use koodrive_proto::{Api, Credentials};
    /// let api = Api::new("https://drive.example", Credentials::anonymous())?.object_hosts(["*.myhuaweicloud.com"])?;
    /// # Ok::<(), koodrive_proto::Error>(())
    /// ```
    pub fn object_hosts<S: AsRef<str>>(self, hosts: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let hosts = Hosts::new(hosts)?;
        Ok(self.set(|settings| settings.object_hosts = hosts))
    }

    /// Sets an observer, which is told of every attempt.
    #[must_use]
    pub fn observer(self, observer: impl Observer + 'static) -> Self {
        self.set(|settings| settings.observer = Observers(Some(Arc::new(observer))))
    }

    /// Sets the seed of the jitter in pauses, for tests. Clients use a seed that differs from process to process.
    #[must_use]
    pub fn random_seed(self, seed: u64) -> Self {
        self.shared().random = Some(seed);
        self
    }

    /// Sets the seed, unless there is one already; for clients.
    #[must_use]
    pub fn or_random_seed(self, seed: u64) -> Self {
        self.shared().random.get_or_insert(seed);
        self
    }

    /// Sets which headers are signed; `host`, `x-date` and `x-user-id` unless set.
    ///
    /// `x-date` and `x-user-id` must be among them. Leave out `host` if a proxy rewrites it. A header that a request
    /// doesn't have is left out of what that request signs: `content-type` of a `GET`, for example.
    pub fn signed_headers(self, names: impl IntoIterator<Item = HeaderName>) -> Result<Self, Error> {
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        auth::check_signed(&names.iter().map(HeaderName::as_str).collect::<Vec<_>>()).map_err(Error::build)?;
        Ok(self.set(|settings| settings.signed_headers = names))
    }

    /// Returns the address of the service.
    pub fn endpoint(&self) -> &Endpoint {
        &self.settings.endpoint
    }
}

/// What flows use.
impl Api {
    pub(crate) fn holder(&self) -> &Arc<Holder> {
        &self.holder
    }

    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.settings.retry
    }

    /// Reads a link that the service gave: returns its address and the server, if it is one to follow.
    pub(crate) fn admit(&self, link: &str) -> Result<(Uri, Endpoint), Error> {
        self.settings
            .endpoint
            .admit(link, &self.settings.object_hosts)
            .map_err(|why| Error::link(format!("the link isn't followed: {why}")))
    }

    pub(crate) fn user_agent_header(&self) -> HeaderValue {
        self.settings.user_agent.clone()
    }

    pub(crate) fn limit_of_answers(&self) -> u64 {
        self.settings.answer_limit
    }

    pub(crate) fn observe(&self, tell: impl FnOnce(&dyn Observer)) {
        if let Some(observer) = &self.settings.observer.0 {
            tell(&**observer);
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // No code panics half-way while it holds the lock.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
