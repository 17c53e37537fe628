//! The options of the program, and what it says about them.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use koodrive_proto::auth::SCHEME;
use koodrive_proto::wire::XDate;
use koodrive_sim::{RevisionConflict, Simulator};
use lexopt::prelude::{Long, Short, ValueExt};

pub(crate) const USAGE: &str = "\
A KooDrive on loopback, for tests.

usage: koodrive-sim [OPTIONS]

  --listen ADDR             where to listen; port 0 takes a free one [127.0.0.1:0]
  --app ID:SECRET:USER      lets an application sign on behalf of a user; may be given again
  --token VALUE:USER        lets a user call with a token; VALUE is the whole Authorization value; may be given again
  --session VALUE:USER:SESSION
                            like --token, for one that POST /koodrive/ose/v1/session/refresh exchanges; may be given again
  --seed-data FILE          departments, users, groups and files to begin with, as JSON; docs/simulator.md has an example
  --data DIR                keeps the state and the bytes of files in a directory, over restarts; a kill leaves no half of
                            a call behind. Users and tokens are set up, and the FILE of --seed-data is read, only the
                            first time. Without it, there is room for 1 GiB of bytes in memory
  --link-lifetime SECONDS   how long links to the object store live, by its clock, up to 604800 [3600]
  --storage-key ACCESS:SECRET
                            the keys with which these links are signed, so that others can sign some, too, for the region
                            `region` and the bucket `objects` [made up, and kept in DIR]
  --token-lifetime SECONDS  how long a token lives, by its clock: from each call to the next [as documented, or for ever if
                            it was given here]
  --clock-offset SECONDS    sets its clock ahead, or back with a negative number [0]
  --revision-conflict WHICH what becomes of an upload of a revision when another one of the same file begins: replace, so
                            that only the new one can be completed, or refuse, which is 13000403 for the new one [replace]
  --fault SPEC              lets things go wrong: shares of requests, as all=30% or reset-after=5%,throttle=10%, and beside
                            them slow-by=250ms, retry-after=0s and seed=7; the faults are refuse, reset-before, reset-after,
                            throttle, unavailable, slow, truncate, wrong-length, garbage,
                            gateway-timeout. reset-after@CompleteFile=100% is for one operation, which has no others then;
                            those of the object store are PutPart, GetObject and HeadObject
  --quirk SPEC              writes answers in other ways that mean the same and that clients have to bear: shares of answers, as
                            all=20% or code-as-text=50%,nulls=10%, and seed=7; the quirks are code-as-text, no-code, msg,
                            numbers-as-texts, texts-as-numbers, flags-as-texts, nulls, one-for-list, object-for-empty-list,
                            no-data, unknown-members, order, white-space, byte-order-mark
  --verbose                 prints a line for each call, with the reason of each refusal, to stderr
  --explain                 says what is wrong with a signature that is refused, and what should have been signed: in the
                            answer, and on stderr
  --help                    prints this

Prints `listening on http://ADDR` once it is ready, and serves until Ctrl-C or SIGTERM; then it lets running requests end,
unless a second signal comes, which ends it at once with exit code 1.

Try it, with the simulator in one terminal and a call in another:

  koodrive-sim --listen 127.0.0.1:8087 --verbose --token 'Bearer my-token:1505084218764547200'
  curl -H 'Authorization: Bearer my-token' http://127.0.0.1:8087/koodrive/ose/v1/space/usage/overview

docs/simulator.md shows more calls, also from Python and with a signature; docs/operations.md lists all operations. Both
are in the repository.";

pub(crate) struct Options {
    pub(crate) listen: SocketAddr,
    pub(crate) simulator: Simulator,
    pub(crate) verbose: bool,
    pub(crate) explain: bool,
    /// Whether there is anybody whose calls are let in.
    pub(crate) callers: bool,
}

/// What is set up once it is known where the state is.
type Setting = Box<dyn FnOnce(Simulator) -> Simulator>;

/// Reads the options; returns `None` if only help is wanted. The error says what is wrong with an option.
pub(crate) fn options() -> Result<Option<Options>, lexopt::Error> {
    let mut listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let (mut verbose, mut explain, mut callers) = (false, false, false);
    let (mut data, mut seed): (Option<PathBuf>, Option<PathBuf>) = (None, None);
    let mut settings: Vec<Setting> = Vec::new();
    let mut tokens: Vec<(String, String)> = Vec::new();
    let mut sessions: Vec<(String, String)> = Vec::new();
    let mut given = BTreeSet::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        if let Long(name) = &argument {
            if ONCE.contains(name) && !given.insert((*name).to_owned()) {
                let join = if matches!(*name, "fault" | "quirk") { ": join the specs by a comma" } else { "" };
                return Err(format!("--{name} can't be given twice{join}").into());
            }
        }
        match argument {
            Long("listen") => {
                let value = parser.value()?.string()?;
                listen = value.parse().map_err(|_| "--listen takes IP:PORT, as 127.0.0.1:8080 or [::1]:0")?;
            }
            Long("app") => {
                let (id, setting) = app(&parser.value()?.string()?)?;
                if !given.insert(format!("the application {id}")) {
                    return Err("--app takes each ID only once".into());
                }
                settings.push(setting);
                callers = true;
            }
            Long("token") => {
                let (owned, setting) = token(&parser.value()?.string()?)?;
                tokens.push(owned);
                settings.push(setting);
                callers = true;
            }
            Long("session") => {
                let (owned, session, setting) = session(&parser.value()?.string()?)?;
                sessions.push((session, owned.1.clone()));
                tokens.push(owned);
                settings.push(setting);
                callers = true;
            }
            Long("token-lifetime") => {
                let seconds = parser.value()?.string()?;
                let lifetime =
                    seconds.parse().ok().and_then(TimeDelta::try_seconds).filter(|life| *life > TimeDelta::zero());
                let lifetime =
                    lifetime.ok_or("--token-lifetime takes a whole number of seconds, from 1 on, as 1200")?;
                settings.push(Box::new(move |simulator| simulator.token_lifetime(lifetime)));
            }
            Long("link-lifetime") => settings.push(link_lifetime(&parser.value()?.string()?)?),
            Long("storage-key") => settings.push(storage_key(&parser.value()?.string()?)?),
            Long("clock-offset") => {
                let seconds = parser.value()?.string()?;
                let seconds =
                    seconds.parse().map_err(|_| "--clock-offset takes a whole number of seconds, as 3600 or -3600")?;
                let offset = TimeDelta::try_seconds(seconds)
                    .filter(|&offset| Utc::now().checked_add_signed(offset).is_some_and(|now| XDate::new(now).is_ok()));
                let offset =
                    offset.ok_or("--clock-offset leaves the years 0000 to 9999: take a smaller number of seconds")?;
                settings.push(Box::new(move |simulator| simulator.clock_offset(offset)));
            }
            Long("revision-conflict") => settings.push(revision_conflict(&parser.value()?.string()?)?),
            Long("fault") => {
                let spec = parser.value()?.string()?;
                let faults = spec.parse().map_err(|error| format!("--fault: {error}"))?;
                settings.push(Box::new(move |simulator| simulator.faults(faults)));
            }
            Long("quirk") => {
                let spec = parser.value()?.string()?;
                let quirks = spec.parse().map_err(|error| format!("--quirk: {error}"))?;
                settings.push(Box::new(move |simulator| simulator.quirks(quirks)));
            }
            Long("data") => {
                let directory: PathBuf = parser.value()?.into();
                if directory.as_os_str().is_empty() {
                    return Err("--data takes a directory; . is the current one".into());
                }
                data = Some(directory);
            }
            Long("seed-data") => seed = Some(parser.value()?.into()),
            Long("verbose") | Short('v') => verbose = true,
            Long("explain") => explain = true,
            Long("help") | Short('h') => return Ok(None),
            _ => return Err(argument.unexpected()),
        }
    }
    if has_twice(&mut tokens) {
        return Err("--token and --session take each VALUE only once".into());
    }
    if has_twice(&mut sessions) {
        return Err("--session takes each SESSION only once".into());
    }
    callers |= data.is_some() || seed.is_some();
    let begun = begin(data.as_deref(), seed.as_deref())?;
    check_owners(&begun, &tokens, &sessions)?;
    let simulator = settings.into_iter().fold(begun, |simulator, setting| setting(simulator));
    Ok(Some(Options { listen, simulator, verbose, explain, callers }))
}

/// Refuses tokens and sessions that somebody else has already, each of which comes with its user here.
fn check_owners(
    simulator: &Simulator,
    tokens: &[(String, String)],
    sessions: &[(String, String)],
) -> Result<(), String> {
    for (value, user) in tokens {
        if let Some(owner) = simulator.token_owner(value).filter(|owner| owner != user) {
            let given = format!("--token and --session give user {user} a VALUE that user {owner} has already");
            return Err(format!("{given}, by --seed-data or --data"));
        }
    }
    for (session, user) in sessions {
        if let Some(owner) = simulator.session_owner(session).filter(|owner| owner != user) {
            return Err(format!("--session gives user {user} a SESSION that user {owner} has already, by --data"));
        }
    }
    Ok(())
}

/// Options that are given once at most.
const ONCE: [&str; 10] = [
    "clock-offset",
    "data",
    "fault",
    "link-lifetime",
    "listen",
    "quirk",
    "revision-conflict",
    "seed-data",
    "storage-key",
    "token-lifetime",
];

/// Whether two of them have the same name.
fn has_twice(owned: &mut [(String, String)]) -> bool {
    owned.sort();
    owned.windows(2).any(|pair| matches!(pair, [(name, _), (next, _)] if name == next))
}

fn revision_conflict(which: &str) -> Result<Setting, &'static str> {
    let conflict = match which {
        "replace" => RevisionConflict::Replace,
        "refuse" => RevisionConflict::Refuse,
        _ => return Err("--revision-conflict takes replace or refuse"),
    };
    Ok(Box::new(move |simulator| simulator.revision_conflict(conflict)))
}

/// Reads ID:SECRET:USER, in which the secret may have colons, and returns the id as well.
fn app(value: &str) -> Result<(String, Setting), &'static str> {
    let parts = value.split_once(':').and_then(|(id, rest)| Some((id, rest.rsplit_once(':')?)));
    let (id, (secret, user)) = parts
        .filter(|(id, (secret, user))| !id.is_empty() && !secret.is_empty() && !user.is_empty())
        .ok_or("--app takes ID:SECRET:USER, none of them empty, as my-app:my-secret:1505084218764547200")?;
    if id.contains(',') || !is_sent(id) || !is_sent(user) {
        return Err(
            "--app takes an ID and a USER of visible ASCII characters, the ID without commas: no call could use others",
        );
    }
    let (app, secret, user) = (id.to_owned(), secret.to_owned(), user.to_owned());
    Ok((id.to_owned(), Box::new(move |simulator| simulator.app(&app, &secret, &user))))
}

fn link_lifetime(text: &str) -> Result<Setting, &'static str> {
    let seconds = text.parse().ok().filter(|seconds| (1..=604_800).contains(seconds));
    let seconds = seconds.ok_or("--link-lifetime takes a whole number of seconds, from 1 to 604800")?;
    Ok(Box::new(move |simulator| simulator.link_lifetime(Duration::from_secs(seconds))))
}

/// Reads ACCESS:SECRET, in which the secret may have colons.
fn storage_key(text: &str) -> Result<Setting, &'static str> {
    let is_access = |access: &str| !access.is_empty() && access.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let (access, secret) = text.split_once(':').filter(|(access, secret)| is_access(access) && !secret.is_empty()).ok_or(
        "--storage-key takes ACCESS:SECRET, neither of them empty, ACCESS of letters and digits, as AKEXAMPLE:my-secret",
    )?;
    let (access, secret) = (access.to_owned(), secret.to_owned());
    Ok(Box::new(move |simulator| simulator.storage_key(&access, &secret)))
}

/// Reads VALUE:USER, in which the value may have colons, and returns both of them as well.
fn token(text: &str) -> Result<((String, String), Setting), &'static str> {
    let parts = text.rsplit_once(':').filter(|(value, user)| !value.is_empty() && !user.is_empty());
    let (value, user) =
        parts.ok_or("--token takes VALUE:USER, neither of them empty, as 'Bearer my-token:1505084218764547200'")?;
    if value.starts_with(SCHEME) || !is_sent(value) || !is_sent(user) {
        return Err(UNUSABLE);
    }
    let owned = (value.to_owned(), user.to_owned());
    let (token, user) = owned.clone();
    Ok((owned, Box::new(move |simulator| simulator.token(&token, &user))))
}

/// Reads VALUE:USER:SESSION, in which the value may have colons, and returns all of them as well.
fn session(text: &str) -> Result<((String, String), String, Setting), &'static str> {
    let parts: Vec<&str> = text.rsplitn(3, ':').filter(|part| !part.is_empty()).collect();
    let [session, user, value] = parts[..] else {
        return Err("--session takes VALUE:USER:SESSION, none of them empty, as 'Bearer my-token:7:my-session'");
    };
    if value.starts_with(SCHEME) || ![value, user, session].into_iter().all(is_sent) {
        return Err(UNUSABLE);
    }
    let (owned, id) = ((value.to_owned(), user.to_owned()), session.to_owned());
    let (token, user) = owned.clone();
    Ok((owned, session.to_owned(), Box::new(move |simulator| simulator.session(&token, &user, &id))))
}

const UNUSABLE: &str = "--token and --session take visible ASCII characters, and no VALUE that begins with HMAC-SHA256, as \
                        signatures do: no call could use others";

/// Whether a header can have such a value, and it arrives unchanged.
fn is_sent(value: &str) -> bool {
    value.trim() == value && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// Opens the directory if there is one, and reads the seed data unless that was done in an earlier run.
fn begin(data: Option<&Path>, seed: Option<&Path>) -> Result<Simulator, String> {
    let simulator = match data {
        Some(directory) => {
            Simulator::open(directory).map_err(|error| format!("--data {}: {error}", directory.display()))?
        }
        None => Simulator::new(),
    };
    if let Some(file) = seed.filter(|_| !simulator.is_seeded()) {
        let wrong = |error: &dyn Display| format!("--seed-data {}: {error}", file.display());
        let json = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
        simulator.seed(&json).map_err(|error| wrong(&error))?;
    }
    Ok(simulator)
}
