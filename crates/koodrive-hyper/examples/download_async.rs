//! Downloads a file from the real service or a simulator, async, in ranges at the same time, and shows how far it is.
//!
//! Set `KOODRIVE_ENDPOINT`, `KOODRIVE_USER_ID`, and either `KOODRIVE_APP_ID` with `KOODRIVE_APP_SECRET` or
//! `KOODRIVE_TOKEN` (the whole value of the Authorization header, as a sign-in call answered it). Then run
//! `cargo run -p koodrive-hyper --example download_async -- FkiferVNK5NwXck7XXBhPLIRhV1GayJPc film.mp4`.
//!
//! Press Ctrl-C, and run it again: it goes on from `film.mp4.koodrive-state`, which is removed at the end. Until then
//! the target is what it was. The last line of stdout is the SHA-256 of the file.

mod common;

use std::path::PathBuf;
use std::process::ExitCode;

use koodrive_hyper::files::Options;
use koodrive_hyper::proto::flow::Download;
use koodrive_hyper::proto::param::SpaceId;
use lexopt::prelude::{Long, Short, Value, ValueExt};

const USAGE: &str = "\
usage: download_async [--space ID] [--state FILE] [--parallel N] FILE_ID TARGET

  --space     the space; your own unless given
  --state     where the state is stored to resume from; TARGET.koodrive-state unless given
  --parallel  how many ranges are received at a time; 4 unless given";

struct Arguments {
    space: Option<SpaceId>,
    state: Option<PathBuf>,
    parallel: usize,
    file_id: String,
    target: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match parse() {
        Ok(Some(arguments)) => run(arguments).await,
        Ok(None) => common::print(USAGE).map_err(Into::into),
        Err(error) => {
            return common::end(2, &format!("download_async: {}\n{USAGE}", common::shown(&error.to_string())));
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => common::end(1, &format!("download_async: {}", common::shown(&error.to_string()))),
    }
}

async fn run(arguments: Arguments) -> common::Result<()> {
    let drive = common::client()?;
    let space = match arguments.space {
        Some(space) => space,
        None => common::own_space(&drive).await?,
    };
    let state = arguments.state.unwrap_or_else(|| common::state_beside(&arguments.target));
    let (options, bar) = common::with_bar(Options::new().state(state).parallel(arguments.parallel));
    let download = Download::new(space, arguments.file_id);
    let downloaded = drive.download_file(download, &arguments.target, &options).await;
    bar.finish_and_clear();
    let sha256 = downloaded?.sha256.ok_or("the file has no SHA-256")?;
    common::print(&sha256.to_string()).map_err(|error| format!("the file is downloaded, but {error}").into())
}

/// Reads the arguments; `None` if the usage is asked for.
fn parse() -> Result<Option<Arguments>, lexopt::Error> {
    let (mut space, mut state, mut parallel) = (None, None, Options::PARALLEL);
    let (mut file_id, mut target) = (None, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Long("space") => space = Some(common::filled("--space", parser.value()?)?.into()),
            Long("state") => state = Some(parser.value()?.into()),
            Long("parallel") => parallel = parser.value()?.parse()?,
            Value(value) if file_id.is_none() => file_id = Some(common::filled("FILE_ID", value)?),
            Value(value) if target.is_none() => target = Some(value.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    let (file_id, target) = (file_id.ok_or("FILE_ID is missing")?, target.ok_or("TARGET is missing")?);
    Ok(Some(Arguments { space, state, parallel, file_id, target }))
}
