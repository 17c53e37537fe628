//! What the examples that move files and folders share.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use koodrive_ureq::Client;
use koodrive_ureq::files::Options;
use koodrive_ureq::proto::flow::Stage;
use koodrive_ureq::proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_ureq::proto::param::SpaceId;
use koodrive_ureq::proto::{AccessToken, Api, Credentials};

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
