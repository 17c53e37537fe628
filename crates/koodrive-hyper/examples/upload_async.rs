//! Uploads a file to the real service or a simulator, async, in parts at the same time, and shows how far it is.
//!
//! Set `KOODRIVE_ENDPOINT`, `KOODRIVE_USER_ID`, and either `KOODRIVE_APP_ID` with `KOODRIVE_APP_SECRET` or
//! `KOODRIVE_TOKEN` (the whole value of the Authorization header, as a sign-in call answered it). Then run
//! `cargo run -p koodrive-hyper --example upload_async -- film.mp4`.
//!
//! Press Ctrl-C, and run it again: it goes on from `film.mp4.koodrive-state`, which is removed at the end. The last two
//! lines of stdout are the name that the file got, with control characters escaped, and its id.

mod common;

use std::path::PathBuf;
use std::process::ExitCode;

use koodrive_hyper::files::{Options, UploadTo};
use koodrive_hyper::proto::ops::files::OnConflict;
use koodrive_hyper::proto::param::SpaceId;
use lexopt::prelude::{Long, Short, Value, ValueExt};

const USAGE: &str = "\
usage: upload_async [--space ID] [--folder ID] [--state FILE] [--part-size BYTES] [--parallel N]
                    [--on-conflict rename|refuse|skip] PATH

  --space        the space; your own unless given
  --folder       the folder in it; the root folder unless given
  --state        where the state is stored to resume from; PATH.koodrive-state unless given
  --part-size    bytes of a part, at least 5 MiB
  --parallel     how many parts are sent at a time; 4 unless given
  --on-conflict  if the name is taken: rename the new file, refuse (unless given), or skip a file that is there with
                 the same content, and rename another one";

struct Arguments {
    space: Option<SpaceId>,
    folder: String,
    state: Option<PathBuf>,
    part_size: Option<u64>,
    parallel: usize,
    on_conflict: OnConflict,
    path: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match parse() {
        Ok(Some(arguments)) => run(arguments).await,
        Ok(None) => common::print(USAGE).map_err(Into::into),
        Err(error) => return common::end(2, &format!("upload_async: {}\n{USAGE}", common::shown(&error.to_string()))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => common::end(1, &format!("upload_async: {}", common::shown(&error.to_string()))),
    }
}

async fn run(arguments: Arguments) -> common::Result<()> {
    let drive = common::client()?;
    let space = match arguments.space {
        Some(space) => space,
        None => common::own_space(&drive).await?,
    };
    let mut to = UploadTo::new(space).folder(arguments.folder).on_conflict(arguments.on_conflict);
    if let Some(bytes) = arguments.part_size {
        to = to.part_size(bytes);
    }
    let state = arguments.state.unwrap_or_else(|| common::state_beside(&arguments.path));
    let (options, bar) = common::with_bar(Options::new().state(state).parallel(arguments.parallel));
    let uploaded = drive.upload_file(&arguments.path, &to, &options).await;
    bar.finish_and_clear();
    let uploaded = uploaded?;
    let (name, id) = (common::shown(&uploaded.name), common::shown(uploaded.file_id.as_str()));
    // The state is gone, so nothing else tells the id.
    common::print(&format!("{name}\n{id}"))
        .map_err(|error| format!("{name} is uploaded, and its id is {id}, but {error}").into())
}

/// Reads the arguments; `None` if the usage is asked for.
fn parse() -> Result<Option<Arguments>, lexopt::Error> {
    let (mut space, mut folder, mut state, mut part_size) = (None, "root".to_owned(), None, None);
    let (mut parallel, mut on_conflict, mut path) = (Options::PARALLEL, OnConflict::Refuse, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Long("space") => space = Some(common::filled("--space", parser.value()?)?.into()),
            Long("folder") => folder = common::filled("--folder", parser.value()?)?,
            Long("state") => state = Some(parser.value()?.into()),
            Long("part-size") => part_size = Some(parser.value()?.parse()?),
            Long("parallel") => parallel = parser.value()?.parse()?,
            Long("on-conflict") => {
                on_conflict = match parser.value()?.string()?.as_str() {
                    "rename" => OnConflict::Rename,
                    "refuse" => OnConflict::Refuse,
                    "skip" => OnConflict::KeepSame,
                    other => return Err(format!("--on-conflict is rename, refuse or skip, not {other}").into()),
                }
            }
            Value(value) if path.is_none() => path = Some(value.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    let path = path.ok_or("PATH is missing")?;
    Ok(Some(Arguments { space, folder, state, part_size, parallel, on_conflict, path }))
}
