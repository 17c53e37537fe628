//! A KooDrive on loopback, for the tests of programs that use one: a library to embed, and a program.
//!
//! ```
//! use koodrive_sim::{Server, Simulator};
//!
//! let simulator = Simulator::new().app("my-app", "my-secret", "1505084218764547200");
//! let server = Server::start(simulator)?;
//! println!("{}", server.endpoint()); // http://127.0.0.1:…
//! // ... call it with any client; it stops when `server` is dropped.
//! assert!(server.ledger().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It is written from the manuals, and was never compared with the service. It checks what the service is documented to
//! check:
//!
//! - The token or signature, and a signature's X-Date against the simulator's own clock, which can be set off. It
//!   refuses with HTTP 401.
//! - Parameters against their limits, a malformed X-Traceid or X-Date, and a body that isn't a JSON object. It refuses
//!   with HTTP 400 and code 13000102.
//!
//! With a token, X-Date may be missing or old: the manual's pages list it "for app authentication". Tokens expire
//! ([`Simulator::token_lifetime`], [`Simulator::expire_tokens`]), and are exchanged for new ones if the simulator knows
//! what renews them ([`Simulator::session`], [`Simulator::refresh_token`]). A token that is refused gets HTTP 401 and
//! `APIGW.0301`.
//!
//! The simulator can also imitate what goes wrong between a client and a service that works: connections that are
//! refused or reset, throttling, and answers that are late, cut off or garbage. They occur as often as a plan of
//! [`Faults`] says, and the same seed always brings the same faults ([`Simulator::faults`], [`Simulator::set_faults`]).
//! The [ledger](Entry) tells in any case what was executed.
//!
//! ```
//! use koodrive_sim::{Fault, Faults, Server, Simulator};
//!
//! // Of 100 requests, five are executed without an answer and ten are throttled.
//! let faults = Faults::new(7).rate(Fault::ResetAfter, 0.05).rate(Fault::Throttle, 0.1);
//! let server = Server::start(Simulator::new().app("my-app", "my-secret", "1505084218764547200").faults(faults))?;
//! // ... call it, then look at what was executed:
//! assert_eq!(server.ledger().iter().filter(|entry| entry.refused.is_none()).count(), 0);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Answers can also have [`Quirks`]: other ways to write the same, such as a code that is a text, which a client has to
//! bear.
//!
//! To see what a client does, print each [`Entry`] ([`Simulator::on_entry`]); to see why its signature is refused, see
//! [`Simulator::explain`]. The program has `--verbose` and `--explain` for this, and `docs/simulator.md` in the
//! repository shows how to call it from other languages. How much a [`Server`] bears of clients that are slow, many or
//! hostile is said by [`Limits`].
//!
//! Where the manuals leave something open, the simulator follows the reading that the docs of [`koodrive_proto::ops`]
//! give. Where they contradict themselves, it accepts both: a number may come as a text and the other way round.
//!
//! Whoever writes a transport of their own checks it with [`check_transport`], against a server that misbehaves in
//! worse ways than a simulator does.
//!
//! # What it does
//!
//! All operations of [`koodrive_proto::ops`] work on one state: users with their departments and groups; spaces, their
//! quotas and who may do what in them; files and folders with revisions, favourites and a recycle bin; jobs, which take
//! time by the simulator's clock ([`Simulator::job_time`]) and can be cancelled; shares, links to them and what
//! visitors do; shared folders and invitations; sign-in and sessions; messages, albums, backups, moderation and the
//! audit log. A call that is refused changes nothing. Time passes with the real clock, and as much more as a test
//! wants:
//!
//! ```
//! use koodrive_proto::chrono::TimeDelta;
//! use koodrive_sim::{Server, Simulator};
//!
//! let server = Server::start(Simulator::new().app("my-app", "my-secret", "1505084218764547200"))?;
//! // ... share a file for seven days; then:
//! server.simulator().advance(TimeDelta::days(8));
//! // ... the share has expired. And for the next test:
//! server.simulator().reset();
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! `src/families/` has a file for each module of operations, which says what they do. What no page documents is listed
//! in `GUESSES.md` in the crate's folder: programs shouldn't rely on it. The contents of files are not kept: uploads
//! are complete without bytes, and the links of uploads and downloads lead nowhere.
//!
//! The documented example is answered by `RefreshSession` and `RefreshToken` alone, and only if neither
//! [`Simulator::session`] nor [`Simulator::refresh_token`] was set; [`Entry::documented`] tells. An address of no
//! operation is answered with 404 and `APIGW.0101`, as the gateway does.
//!
//! What a drive has from its beginning can be given as JSON ([`Simulator::seed`]), and its state can be kept in a
//! directory ([`Simulator::open`]).

pub mod facts;

mod auth;
mod call;
mod explain;
mod families;
mod faults;
mod ledger;
mod limits;
mod mix;
mod page;
mod quirks;
mod reply;
mod route;
mod seed;
mod server;
mod socket;
mod store;
mod times;
mod tokens;
mod transport;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::auth::SigningKey;
use koodrive_proto::operation::Received;
use koodrive_proto::ops::spaces::SpaceType;
use koodrive_proto::wire::XDate;
use koodrive_proto::{InvalidParam, Secret, TraceId, http};

pub use faults::{Fault, Faults};
pub use ledger::Entry;
pub use limits::Limits;
pub use quirks::{Quirk, Quirks};
pub use seed::SeedError;
pub use server::Server;
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
pub use transport::{CheckTransport, Lack, OneRequest, Report, check_transport, check_transport_async};

use call::Call;
use families::{audit_log, spaces, users};
use reply::{Refusal, Reply};

/// How many steps of jobs and the like that are due are done before one call. Whatever is left comes before the next.
const MOST_DUE: usize = 10_000;

/// A simulated KooDrive without sockets: a function from requests to answers, with a state.
///
/// [`Server`] puts it on a socket. Clones share one state.
#[derive(Clone)]
pub struct Simulator {
    apps: BTreeMap<String, App>,
    limits: Limits,
    explain: bool,
    on_entry: Option<Arc<OnEntry>>,
    state: Arc<Mutex<State>>,
}

/// How the notes of what was set up begin.
const SET_UP: &str = "set up: ";

type OnEntry = dyn Fn(&Entry) + Send + Sync;

#[derive(Clone)]
struct App {
    key: SigningKey,
    /// For [`explain`] only.
    secret: Secret,
}

#[derive(Default)]
struct State {
    store: store::Store,
    settings: call::Settings,
    /// How far its clock is ahead of the real one.
    clock_offset: TimeDelta,
    /// Where the store is written to, if it is.
    journal: Option<store::Journal>,
    /// What earlier runs on the same directory have set up, which isn't set up again.
    earlier: BTreeSet<String>,
    /// All records as they were before the first call, and what they are read from again.
    beginning: Option<Vec<store::Change>>,
    faults: Option<faults::Progress>,
    quirks: Option<Quirks>,
    ledger: ledger::Ledger,
}

impl State {
    /// Sets something up, unless an earlier run on the same directory has done so: what calls have made of it since
    /// is to stay.
    fn set_up(&mut self, what: &str, set_up: impl FnOnce(&mut store::Store)) {
        let note = format!("{SET_UP}{what}");
        if !self.earlier.contains(&note) {
            set_up(&mut self.store);
            if self.journal.is_some() {
                self.store.counters.insert(note, 1);
            }
            self.keep();
        }
    }

    /// Lets what changed in the store stand, if it can be written where it is to be written.
    fn save(&mut self) -> io::Result<()> {
        let saved = self.journal.as_mut().map_or(Ok(()), |journal| journal.save(&self.store));
        if saved.is_ok() {
            self.store.commit();
        } else {
            self.store.rollback();
        }
        saved
    }

    /// Keeps the records as they are before the first call.
    fn begin(&mut self) {
        if self.beginning.is_none() {
            let records = self.store.records().map(|(table, id, row)| (table, id.to_owned(), Some(row)));
            self.beginning = Some(records.collect());
        }
    }

    /// Puts all records back to what they were before the first call.
    fn reset(&mut self) {
        let Some(records) = &self.beginning else { return };
        self.store = store::Store::default();
        for (table, id, row) in records {
            // They were written by the same tables.
            let _ = self.store.load(table, id, row.clone());
        }
        self.store.commit();
        if let Some(journal) = &mut self.journal {
            journal.replace(&self.store);
        }
    }

    /// Lets what changed in the store stand even if it can't be written: then it is written with the next call that
    /// changes something.
    fn keep(&mut self) {
        if let Some(journal) = &mut self.journal {
            if journal.save(&self.store).is_err() {
                journal.owe(self.store.changes());
            }
        }
        self.store.commit();
    }
}

impl Default for Simulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Simulator {
    /// Creates a KooDrive that nobody may use yet, with the spaces that the manual's examples mention.
    pub fn new() -> Self {
        let mut state = State::default();
        families::prepare(&mut state.store);
        state.store.commit();
        Self::with(state)
    }

    fn with(state: State) -> Self {
        let state = Arc::new(Mutex::new(state));
        Self { apps: BTreeMap::new(), limits: Limits::new(), explain: false, on_entry: None, state }
    }

    /// Opens a KooDrive that keeps its state in a directory, which is created unless it is there.
    ///
    /// What a call changes is written before the call is answered, so a program that is killed leaves no half of it
    /// behind. Written is what calls can change, tokens included, but not applications, faults and the clock. When a
    /// token was last used is written up to ten seconds late, so that not every call writes. Only one simulator at a
    /// time can use a directory; another one fails with [`io::ErrorKind::WouldBlock`].
    ///
    /// Users, tokens and spaces that an earlier run on the directory has set up aren't set up again, so that a program
    /// can set up the same each time: what calls have renewed or deleted since stays so.
    ///
    /// ```no_run
    /// use koodrive_sim::Simulator;
    ///
    /// let simulator = Simulator::open("drive".as_ref())?.app("my-app", "my-secret", "1505084218764547200");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn open(directory: &Path) -> io::Result<Self> {
        let mut state = State::default();
        state.journal = Some(store::Journal::open(directory, &mut state.store)?);
        let is_new = state.store.counters.len() == 0;
        if is_new {
            families::prepare(&mut state.store);
            state.save()?;
        }
        let notes = state.store.counters.iter().map(|(id, _)| id).filter(|id| id.starts_with(SET_UP));
        state.earlier = notes.map(str::to_owned).collect();
        Ok(Self::with(state))
    }

    /// Lets an application sign on behalf of a user, who gets a space of 1 GB, and of all other users of the drive.
    ///
    /// # Panics
    /// Panics if the secret is empty.
    #[must_use]
    pub fn app(mut self, app_id: &str, app_secret: &str, user_id: &str) -> Self {
        let key = SigningKey::new(app_secret).expect("the AppSecret is not empty");
        self.apps.insert(app_id.to_owned(), App { key, secret: app_secret.into() });
        self.add_user(user_id)
    }

    /// Lets a user call with a token, and gives them a space of 1 GB. `authorization` is the whole value of the header.
    ///
    /// The token has no session, so signing off doesn't end it. The user can also sign in with a call, see
    /// [`CreateSession`](koodrive_proto::ops::sessions::CreateSession): in this simulator, the authorization code of a
    /// user is their id in OrgID, which is `user_id` here.
    #[must_use]
    pub fn token(self, authorization: &str, user_id: &str) -> Self {
        let what = format!("token {authorization} of {user_id}");
        self.state().set_up(&what, |store| tokens::add(store, authorization, user_id));
        self.add_user(user_id)
    }

    /// Like [`token`](Self::token), for a token of an enterprise session, which
    /// [`RefreshSession`](koodrive_proto::ops::sessions::RefreshSession) exchanges for a new one.
    ///
    /// From then on, a call with the old token is refused. However, the old token can still refresh the session again
    /// until the new one was used for that, since an answer can be lost.
    #[must_use]
    pub fn session(self, authorization: &str, user_id: &str, session_id: &str) -> Self {
        let what = format!("token {authorization} of {user_id} in session {session_id}");
        self.state().set_up(&what, |store| tokens::add_session(store, authorization, user_id, session_id));
        self.add_user(user_id)
    }

    /// Like [`token`](Self::token), for a carrier token with a refresh token, which
    /// [`RefreshToken`](koodrive_proto::ops::accounts::RefreshToken) exchanges for a new pair.
    ///
    /// From then on, both of the old ones are refused.
    #[must_use]
    pub fn refresh_token(self, authorization: &str, user_id: &str, refresh_token: &str) -> Self {
        let what = format!("token {authorization} of {user_id} with {refresh_token}");
        self.state().set_up(&what, |store| tokens::add_pair(store, authorization, user_id, refresh_token));
        self.add_user(user_id)
    }

    /// Sets how long tokens are valid, by the simulator's clock.
    ///
    /// Unless this is set, tokens that a call has issued are valid as long as the manuals say, which is 20 minutes in
    /// the enterprise edition and 1800 seconds in the carrier edition, and other tokens forever.
    ///
    /// Each call that is let in renews the lifetime of a token of the enterprise edition, but not of a carrier's. For
    /// the latter, this is also the `expiresIn` that is answered. The lifetime of a token that was issued here begins
    /// at once, that of other tokens with their first call.
    #[must_use]
    pub fn token_lifetime(self, lifetime: TimeDelta) -> Self {
        self.state().settings.token_lifetime = Some(lifetime);
        self
    }

    /// Refuses all existing tokens from now on. They can still be refreshed.
    pub fn expire_tokens(&self) {
        let mut state = self.state();
        tokens::expire(&mut state.store);
        state.keep();
    }

    fn add_user(self, user_id: &str) -> Self {
        // The records that exist from the beginning are as old as the manual's examples.
        let since = times::read(spaces::CREATED).unwrap_or_default();
        self.state().set_up(&format!("user {user_id}"), |store| {
            users::add(store, user_id, since);
            spaces::add_own(store, user_id, since);
        });
        self
    }

    /// Adds departments, users, groups and files from a JSON document, all of them or none.
    ///
    /// Everything but ids, names, owners and paths can be left out. A user gets a space of 1 GB unless another size is
    /// given, a department or a group only with one. A path that ends with a slash is a folder.
    ///
    /// ```
    /// use koodrive_sim::Simulator;
    ///
    /// let simulator = Simulator::new();
    /// simulator.seed(r#"{
    ///     "departments": [{"id": "20", "name": "Sales", "capacity_gb": 100}],
    ///     "users": [{"id": "7", "name": "Ann", "department": "20", "role": 0, "token": "Bearer of-ann"}],
    ///     "groups": [{"id": "30", "name": "Fair", "owner": "7", "members": [], "capacity_gb": 5}],
    ///     "files": [{"owner": "7", "path": "/Reports/plan.docx", "size": 20000}, {"owner": "20", "path": "/Inbox/"}]
    /// }"#)?;
    /// # Ok::<(), koodrive_sim::SeedError>(())
    /// ```
    pub fn seed(&self, json: &str) -> Result<(), SeedError> {
        let seed = seed::Seed::read(json)?;
        let mut state = self.state();
        let planted = seed.plant(&mut state.store, times::read(spaces::CREATED).unwrap_or_default());
        if planted.is_ok() {
            state.store.counters.insert("seeds", 1);
            state.keep();
        } else {
            state.store.rollback();
        }
        planted
    }

    /// Whether [`seed`](Self::seed) has added something, in an earlier run on the same directory or in this one.
    pub fn is_seeded(&self) -> bool {
        self.state().store.counters.contains("seeds")
    }

    /// Adds a space, which is empty and usable.
    #[must_use]
    pub fn space(self, owner_id: &str, kind: SpaceType, capacity_gb: u64) -> Self {
        let since = times::read(spaces::CREATED).unwrap_or_default();
        let what = format!("space of {owner_id}, {}, {capacity_gb} GB", kind.number());
        self.state().set_up(&what, |store| drop(spaces::add(store, owner_id, kind, capacity_gb, since)));
        self
    }

    /// Sets how long a job takes by the simulator's clock, half a second unless set.
    #[must_use]
    pub fn job_time(self, time: TimeDelta) -> Self {
        self.state().settings.job_time = time;
        self
    }

    /// Sets the simulator's clock ahead, or back with a negative offset.
    #[must_use]
    pub fn clock_offset(self, offset: TimeDelta) -> Self {
        self.state().clock_offset = offset;
        self
    }

    /// Moves the simulator's clock on, and that of all its clones, or back with a negative step.
    ///
    /// ```
    /// # use koodrive_sim::Simulator;
    /// # use koodrive_proto::chrono::TimeDelta;
    /// let simulator = Simulator::new().token("Bearer 6ebb6266", "7").token_lifetime(TimeDelta::minutes(20));
    /// // ... call it with the token; then
    /// simulator.advance(TimeDelta::minutes(21));
    /// // ... and it is refused.
    /// ```
    pub fn advance(&self, step: TimeDelta) {
        let mut state = self.state();
        let end = if step < TimeDelta::zero() { TimeDelta::MIN } else { TimeDelta::MAX };
        state.clock_offset = state.clock_offset.checked_add(&step).unwrap_or(end);
    }

    /// Sets whether the refusal of a signature says what was expected and what is wrong, as far as it can be told:
    /// in a member `explain` of the answer, and in [`Entry::explained`].
    ///
    /// It holds the canonical request and the string to sign, and the mistake that leads to the signature that was sent
    /// if it is a usual one. It also tells what else is wrong: a date outside the window, or an AppId or user that
    /// isn't known. It never holds the secret or the right signature, but the whole query of the request.
    #[must_use]
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }

    /// Calls a function for each request, with what is entered in the ledger, before it is answered: for a log, for
    /// example. What it calls may use the simulator.
    #[must_use]
    pub fn on_entry(mut self, f: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        self.on_entry = Some(Arc::new(f));
        self
    }

    /// Sets how much a [`Server`] bears of its clients.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets a plan of faults, which occur on the sockets of a [`Server`], but not in [`handle`](Self::handle).
    #[must_use]
    pub fn faults(self, faults: Faults) -> Self {
        self.set_faults(Some(faults));
        self
    }

    /// Sets or removes a plan of faults from now on. A plan begins anew, even if the same one is set again.
    pub fn set_faults(&self, faults: Option<Faults>) {
        self.state().faults = faults.map(faults::Progress::new);
    }

    /// Sets a plan of quirks: other ways to write the same answers, which a client has to bear.
    #[must_use]
    pub fn quirks(self, quirks: Quirks) -> Self {
        self.set_quirks(Some(quirks));
        self
    }

    /// Sets or removes a plan of quirks from now on.
    pub fn set_quirks(&self, quirks: Option<Quirks>) {
        self.state().quirks = quirks;
    }

    /// Puts the drive back to what it was before its first call, so that many tests can use one: what was set up stays,
    /// what calls changed is gone. Tokens are as they were, too. Faults, quirks, the clock and the
    /// ledger stay.
    pub fn reset(&self) {
        self.state().reset();
    }

    /// Empties the ledger.
    pub fn clear_ledger(&self) {
        self.state().ledger.clear();
    }

    /// Returns the latest 100,000 requests, oldest first; fewer if their texts have more than 64 MB.
    pub fn ledger(&self) -> Vec<Entry> {
        self.state().ledger.entries()
    }

    /// Answers a request that arrives at `now`, by the real clock.
    pub fn handle(&self, request: http::Request<Bytes>, now: DateTime<Utc>) -> http::Response<Bytes> {
        self.execute(request, None, now)
    }

    pub(crate) fn execute(
        &self,
        request: http::Request<Bytes>,
        fault: Option<Fault>,
        now: DateTime<Utc>,
    ) -> http::Response<Bytes> {
        let now = self.now(now);
        let (parts, body) = request.into_parts();
        let mut entry = Entry::new(now, &parts);
        entry.fault = fault;
        let result = self.answer(&parts, &body, now, &mut entry);
        self.finish(&parts, entry, result)
    }

    /// Answers a request that is not executed because of a fault.
    pub(crate) fn skip(
        &self,
        parts: &http::request::Parts,
        hit: faults::Hit,
        now: DateTime<Utc>,
    ) -> http::Response<Bytes> {
        let mut entry = Entry::new(self.now(now), parts);
        entry.operation = route::find(&parts.method, parts.uri.path()).ok().map(|meta| meta.name);
        entry.fault = Some(hit.fault);
        entry.refused = Some(format!("fault: {}", hit.fault));
        let state = self.state();
        let response = reply::date(hit.instead(state.ledger.next_number()), entry.at);
        entry.status = response.status();
        self.enter(state, entry);
        response
    }

    /// Whether a new connection is refused.
    pub(crate) fn refuses_connection(&self) -> bool {
        self.state().faults.as_mut().is_some_and(faults::Progress::connection)
    }

    pub(crate) fn draw_fault(&self, parts: &http::request::Parts) -> Option<faults::Hit> {
        let trace_id = parts.headers.get("x-traceid").map(http::HeaderValue::as_bytes);
        self.state().faults.as_mut()?.request(trace_id)
    }

    /// Answers a request that can't be handled at all.
    pub(crate) fn refuse(
        &self,
        parts: &http::request::Parts,
        refusal: Refusal,
        now: DateTime<Utc>,
    ) -> http::Response<Bytes> {
        let mut entry = Entry::new(self.now(now), parts);
        entry.operation = route::find(&parts.method, parts.uri.path()).ok().map(|meta| meta.name);
        self.finish(parts, entry, Err(refusal))
    }

    /// Answers what can't even be read as a request.
    pub(crate) fn refuse_unread(&self, refusal: Refusal, now: DateTime<Utc>) -> http::Response<Bytes> {
        let mut parts = http::Request::new(()).into_parts().0;
        parts.method = http::Method::from_bytes(b"-").unwrap_or_default();
        let mut entry = Entry::new(self.now(now), &parts);
        "-".clone_into(&mut entry.path);
        entry.refused = Some(refusal.reason.clone());
        let state = self.state();
        let response = reply::date(refusal.into_response(state.ledger.next_number()), entry.at);
        entry.status = response.status();
        self.enter(state, entry);
        response
    }

    /// The time by the simulator's clock, up to the first or last date that there is.
    fn now(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        times::after(real, self.state().clock_offset)
    }

    fn finish(
        &self,
        parts: &http::request::Parts,
        mut entry: Entry,
        result: Result<Reply, Refusal>,
    ) -> http::Response<Bytes> {
        let now = entry.at;
        let chinese = parts.headers.get("language").is_some_and(|language| language.as_bytes().starts_with(b"zh"));
        let state = self.state();
        let number = state.ledger.next_number();
        let response = match result {
            Ok(reply) => {
                entry.documented = reply.documented;
                reply.into_response(chinese)
            }
            Err(mut refusal) => {
                entry.refused = Some(refusal.reason.clone());
                entry.explained = refusal.explained.as_ref().map(ToString::to_string);
                refusal.explained = refusal.explained.filter(|_| self.explain);
                refusal.into_response(number)
            }
        };
        let response = match &state.quirks {
            Some(quirks) => quirks.apply(entry.operation.unwrap_or_default(), number, response),
            None => response,
        };
        entry.status = response.status();
        self.enter(state, entry);
        reply::date(response, now)
    }

    fn enter(&self, mut state: MutexGuard<'_, State>, entry: Entry) {
        let shown = self.on_entry.as_ref().map(|_| entry.clone());
        state.ledger.push(entry);
        drop(state);
        if let (Some(on_entry), Some(entry)) = (&self.on_entry, shown) {
            on_entry(&entry);
        }
    }

    fn answer(
        &self,
        parts: &http::request::Parts,
        body: &Bytes,
        now: DateTime<Utc>,
        entry: &mut Entry,
    ) -> Result<Reply, Refusal> {
        let meta = route::find(&parts.method, parts.uri.path())?;
        entry.operation = Some(meta.name);
        entry.user_id = self.authenticate(meta, parts, body, now)?;
        if let Some(date) = parts.headers.get("x-date") {
            if String::from_utf8_lossy(date.as_bytes()).parse::<XDate>().is_err() {
                let form = "yyyyMMdd'T'HHmmss'Z', as 20251103T070140Z";
                return Err(Refusal::parameter(&InvalidParam::new("X-Date", "another form", form)));
            }
        }
        if let Some(trace_id) = parts.headers.get("x-traceid") {
            let text = String::from_utf8_lossy(trace_id.as_bytes());
            TraceId::new(text).map_err(|invalid| Refusal::parameter(&invalid))?;
        }
        let received = Received::read(meta, parts, body).map_err(|invalid| Refusal::parameter(&invalid))?;
        meta.check(&received).map_err(|invalid| families::refuse(meta, &received, &invalid))?;
        call::check_texts(meta, &received)?;
        let mut state = self.state();
        state.begin();
        // What is due happens before the call, and stands whatever becomes of that.
        for _ in 0..MOST_DUE {
            if !families::due::settle(&mut state.store, now) {
                break;
            }
            state.keep();
        }
        let State { store, settings, .. } = &mut *state;
        let user_id = entry.user_id.as_deref().unwrap_or_default();
        let token = auth::text(parts, "authorization").unwrap_or_default();
        let mut call = Call { meta, received, user_id, token, now, settings, store };
        let answer = families::run(&mut call);
        // What is refused has no effect, however far it came.
        if answer.is_err() {
            call.store.rollback();
            return answer;
        }
        audit_log::note(&mut call);
        let saved = state.save();
        saved.map_err(|error| Refusal::new("13000201", format!("the state can't be saved: {error}"))).and(answer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            // A call that panicked half-way has no effect.
            let mut state = poisoned.into_inner();
            state.store.rollback();
            self.state.clear_poison();
            state
        })
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Simulator")
            .field("apps", &self.apps.keys())
            .field("tokens", &state.store.tokens.len())
            .field("clock_offset", &state.clock_offset)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_leaves_no_half_of_a_call() {
        let simulator = Simulator::new();
        let ids = |simulator: &Simulator| simulator.state().store.counters.get("ids").copied();
        let before = ids(&simulator);
        let clone = simulator.clone();
        let panicked = std::thread::spawn(move || {
            let mut state = clone.state();
            state.store.next_id();
            panic!("half-way");
        });
        assert!(panicked.join().is_err());
        assert_eq!(ids(&simulator), before);
    }
}
