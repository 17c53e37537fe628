//! What the examples that move files and folders share.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use koodrive_ureq::Client;
use koodrive_ureq::files::Options;
use koodrive_ureq::proto::flow::Stage;
use koodrive_ureq::proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_ureq::proto::param::SpaceId;
use koodrive_ureq::proto::{AccessToken, Api, Credentials};

pub(crate) type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Runs an example: reads its arguments, `None` to show the usage, and does what they say. Returns how it ends.
pub(crate) fn main<A>(
    name: &str,
    usage: &str,
    parse: impl FnOnce() -> Result<Option<A>, lexopt::Error>,
    run: impl FnOnce(A) -> Result<ExitCode>,
) -> ExitCode {
    let ended = match parse() {
        Ok(Some(arguments)) => run(arguments),
        Ok(None) => print(usage.lines()).map(|()| ExitCode::SUCCESS).map_err(Into::into),
        Err(error) => {
            // Without a stderr, nobody can be told.
            let _ = writeln!(io::stderr(), "{name}: {}\n{usage}", escaped(error));
            return ExitCode::from(2);
        }
    };
    ended.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "{name}: {}", escaped(error));
        ExitCode::FAILURE
    })
}

/// Prints lines to stdout, which may be full or closed.
pub(crate) fn print<'a>(lines: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for line in lines {
        writeln!(stdout, "{}", escaped(line))?;
    }
    stdout.flush()
}

/// Escapes control characters: a name from the service may have any, also those that steer a terminal.
fn escaped(text: impl fmt::Display) -> String {
    let escape = |char: char| if char.is_control() { char.escape_default().to_string() } else { char.to_string() };
    text.to_string().chars().map(escape).collect()
}

/// Refuses an argument that is empty, as one is if a script's variable isn't set.
pub(crate) fn filled(what: &str, value: OsString) -> Result<OsString, lexopt::Error> {
    if value.is_empty() { Err(format!("{what} is empty").into()) } else { Ok(value) }
}

fn get(name: &str) -> Result<String> {
    Ok(env::var(name).map_err(|_| format!("set {name}"))?)
}

/// Reads the endpoint and the credentials from the environment.
pub(crate) fn client() -> Result<Client> {
    let user_id = get("KOODRIVE_USER_ID")?;
    let credentials = match env::var("KOODRIVE_TOKEN") {
        Ok(token) => Credentials::token(AccessToken::as_issued(token), user_id),
        Err(_) => Credentials::app(get("KOODRIVE_APP_ID")?, get("KOODRIVE_APP_SECRET")?, user_id),
    };
    Ok(Client::new(Api::new(get("KOODRIVE_ENDPOINT")?, credentials)?))
}

/// Asks for the caller's own space.
pub(crate) fn own_space(drive: &Client) -> Result<SpaceId> {
    let space = drive.call(&GetSpace::new(get("KOODRIVE_USER_ID")?, SpaceType::Individual))?;
    Ok(space.container_id.ok_or("you have no space of your own; choose one with --space")?)
}

/// Returns where the state is stored unless the caller chooses: beside the file.
pub(crate) fn state_beside(path: &Path) -> PathBuf {
    let mut state = OsString::from(path);
    state.push(".koodrive-state");
    state.into()
}

/// Adds a bar, which is drawn to stderr if that is a terminal.
pub(crate) fn with_bar(options: Options) -> (Options, ProgressBar) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg:10} {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let shown = bar.clone();
    let options = options.on_progress(move |event| {
        let (what, position) = match event.stage {
            Stage::Hashing => ("hashing", event.hashed),
            Stage::Verifying => ("verifying", event.hashed),
            Stage::Moving => ("moving", event.moved),
            Stage::Completing => ("completing", event.moved),
            _ => return,
        };
        shown.set_message(what);
        shown.set_length(event.total.unwrap_or_default());
        shown.set_position(position);
    });
    (options, bar)
}
