use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::auth::SigningKey;
use koodrive_proto::ops::spaces::SpaceType;
use koodrive_proto::{Secret, http};

use crate::families::{spaces, users};
use crate::ledger::Entry;
use crate::limits::Limits;
use crate::state::State;
use crate::storage::blobs::Blobs;
use crate::storage::http::is_object;
use crate::storage::{Key, LONGEST, Room};
use crate::{Faults, Quirks, RevisionConflict, SeedError, faults, seed, times, tokens};

/// A simulated KooDrive without sockets: a function from requests to answers, with a state.
///
/// [`Server`](crate::Server) puts it on a socket. Clones share one state.
#[derive(Clone)]
pub struct Simulator {
    pub(crate) apps: BTreeMap<String, App>,
    pub(crate) limits: Limits,
    pub(crate) explain: bool,
    pub(crate) on_entry: Option<Arc<OnEntry>>,
    pub(crate) storage_key: Key,
    pub(crate) blobs: Arc<Blobs>,
    state: Arc<Mutex<State>>,
}

type OnEntry = dyn Fn(&Entry) + Send + Sync;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) key: SigningKey,
    /// For explanations only.
    pub(crate) secret: Secret,
}

impl Default for Simulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Simulator {
    /// Creates a KooDrive that nobody may use yet, with the spaces that the manual's examples mention.
    pub fn new() -> Self {
        Self::with(State::new(), Key::random())
    }

    fn with(state: State, storage_key: Key) -> Self {
        let (apps, limits, blobs) = (BTreeMap::new(), Limits::new(), Arc::clone(&state.blobs));
        let state = Arc::new(Mutex::new(state));
        Self { apps, limits, explain: false, on_entry: None, storage_key, blobs, state }
    }

    /// Opens a KooDrive that keeps its state in a directory, which is created unless it is there.
    ///
    /// What a call changes is written before the call is answered, so a program that is killed leaves no half of it
    /// behind. Written is what calls can change, tokens included, and the bytes of files, but not applications, faults
    /// and the clock. When a token was last used is written up to ten seconds late, so that not every call writes. Only
    /// one simulator at a time can use a directory; another one fails with [`io::ErrorKind::WouldBlock`].
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
        let state = State::open(directory)?;
        Ok(Self::with(state, Key::open(directory)?))
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
    ///
    /// A token that another user has already, from [`seed`](Self::seed) or an earlier run, stays that user's:
    /// [`token_owner`](Self::token_owner) tells.
    #[must_use]
    pub fn token(self, authorization: &str, user_id: &str) -> Self {
        let what = format!("token {authorization} of {user_id}");
        self.state().set_up(&what, |store| tokens::add(store, authorization, user_id));
        self.add_user(user_id)
    }

    /// Like [`token`](Self::token), for a token of an enterprise session, which
    /// [`RefreshSession`](koodrive_proto::ops::sessions::RefreshSession) exchanges for a new one.
    ///
    /// Once it is exchanged, a call with it is refused. However, it can still refresh the session again until the new
    /// one was used for that, since an answer can be lost.
    ///
    /// A session that another user has already, from an earlier run, stays that user's:
    /// [`session_owner`](Self::session_owner) tells.
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

    /// Returns the user to whom a token belongs, whether it has expired or not.
    pub fn token_owner(&self, authorization: &str) -> Option<String> {
        tokens::owner(&self.state().store, authorization).map(str::to_owned)
    }

    /// Returns the user to whom an enterprise session belongs.
    pub fn session_owner(&self, session_id: &str) -> Option<String> {
        tokens::session_owner(&self.state().store, session_id).map(str::to_owned)
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
    /// given, a department or a group only with one. A path that ends with a slash is a folder. What is there already
    /// is refused, and so is a token that somebody has.
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
        let room = Room { blobs: &self.blobs, limit: self.limits.objects };
        let planted = seed.plant(&mut state.store, room, times::read(spaces::CREATED).unwrap_or_default());
        if planted.is_ok() {
            state.store.counters.insert("seeds", 1);
            state.keep();
        } else {
            state.undo();
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

    /// Sets what becomes of the upload of a revision when another one of the same file begins.
    #[must_use]
    pub fn revision_conflict(self, conflict: RevisionConflict) -> Self {
        self.state().settings.revision_conflict = conflict;
        self
    }

    /// Sets how long links to the object store are valid by the simulator's clock, in whole seconds from one on: an
    /// hour unless set, as in the manual's examples, and a week at most, as in S3.
    #[must_use]
    pub fn link_lifetime(self, time: Duration) -> Self {
        let seconds = u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        self.state().settings.link_seconds = seconds.clamp(1, LONGEST);
        self
    }

    /// Sets the access key and the secret key with which links to the object store are signed, so that other programs
    /// can sign links, too: for the region `region` and the bucket `objects`. Unless this is set, nobody knows them.
    ///
    /// # Panics
    /// Panics if one of them is empty, or if the access key has something else than ASCII letters and digits.
    #[must_use]
    pub fn storage_key(mut self, access_key: &str, secret_key: &str) -> Self {
        self.storage_key = Key::new(access_key, secret_key);
        assert!(self.storage_key.is_usable(), "an access key of letters and digits, and a secret key that isn't empty");
        self
    }

    /// Sets the simulator's clock ahead, or back with a negative offset, up to the years 9999 and 0.
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
    /// isn't known. It never holds the secret of an application or the right signature. In what it shows of the
    /// request, `~secret~` stands in place of passwords, access codes, tokens and session ids.
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

    /// Sets how much a [`Server`](crate::Server) bears of its clients.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets a plan of faults, which occur on the sockets of a [`Server`](crate::Server), but not in
    /// [`handle`](Self::handle).
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

    /// Lets a drive in a directory be [`reset`](Self::reset), as one in memory always can be: to what it is before the
    /// next call, if none came before this. All records are in memory twice then, and the bytes of files that are there
    /// stay until the drive is opened again, even if all of them are deleted.
    #[must_use]
    pub fn resettable(self) -> Self {
        self.state().is_resettable = true;
        self
    }

    /// Puts the drive back to what it was before its first call, so that many tests can use one: what was set up stays,
    /// what calls changed is gone. Tokens are as they were, too. Faults, quirks, the clock and the
    /// ledger stay. Ids aren't given out again, so links to what is gone lead to nothing.
    ///
    /// # Panics
    /// Panics if the drive is in a directory, and wasn't made [`resettable`](Self::resettable).
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
        if is_object(request.uri().path()) {
            return self.answer_object(request, now);
        }
        self.execute(request, None, now)
    }

    /// The time by the simulator's clock, up to the first or last one that can be written.
    pub(crate) fn now(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        times::after(real, self.state().clock_offset)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            // A call that panicked half-way has no effect.
            let mut state = poisoned.into_inner();
            state.undo();
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

    #[test]
    fn keys_whose_links_nobody_could_read() {
        for (access, secret) in [("", "secret"), ("A/B", "secret"), ("A B", "secret"), ("AK", "")] {
            let set = || drop(Simulator::new().storage_key(access, secret));
            assert!(std::panic::catch_unwind(set).is_err(), "{access}:{secret}");
        }
    }

    #[test]
    fn the_clock_ends_where_years_have_four_digits() {
        for (offset, wanted) in [
            (TimeDelta::MAX, "9999-12-31T23:59:59.999Z"),
            (TimeDelta::days(9_000_000), "9999-12-31T23:59:59.999Z"),
            (TimeDelta::MIN, "0000-01-01T00:00:00.000Z"),
        ] {
            let now = Simulator::new().clock_offset(offset).now(DateTime::UNIX_EPOCH);
            assert_eq!(times::millis(now), wanted);
        }
    }
}
