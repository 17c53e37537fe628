//! What the examples `upload_async` and `download_async` share.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use koodrive_hyper::Client;
use koodrive_hyper::files::Options;
use koodrive_hyper::proto::flow::Stage;
use koodrive_hyper::proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_hyper::proto::param::SpaceId;
use koodrive_hyper::proto::{AccessToken, Api, Credentials};
use lexopt::prelude::ValueExt;

pub(crate) type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

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

/// Prints to stdout, which may be full or closed.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| format!("stdout can't be written: {error}"))
}

/// Says why it ends, as far as stderr can be written.
pub(crate) fn end(code: u8, why: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{why}");
    code.into()
}

/// Escapes control characters, which a name from the server may have: it is on one line, and changes no terminal.
pub(crate) fn shown(text: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}

/// Returns the text of an argument, which mustn't be empty.
pub(crate) fn filled(what: &str, value: OsString) -> Result<String, lexopt::Error> {
    let text = value.string()?;
    if text.is_empty() { Err(format!("{what} is empty").into()) } else { Ok(text) }
}

/// Asks for the caller's own space.
pub(crate) async fn own_space(drive: &Client) -> Result<SpaceId> {
    let space = drive.call(&GetSpace::new(get("KOODRIVE_USER_ID")?, SpaceType::Individual)).await?;
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
