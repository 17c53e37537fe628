//! Uploads a folder with all that is in it to the real service or a simulator, and shows how far it is.
//!
//! Set `KOODRIVE_ENDPOINT`, `KOODRIVE_USER_ID`, and either `KOODRIVE_APP_ID` with `KOODRIVE_APP_SECRET` or
//! `KOODRIVE_TOKEN` (the whole value of the Authorization header, as a sign-in call answered it). Then run
//! `cargo run -p koodrive-ureq --example upload_folder -- photos`.
//!
//! Press Ctrl-C, and run it again: it goes on from the directory `photos.koodrive-state`, which is removed once all is
//! there. It prints what was moved, and what wasn't and why; then it fails.

mod common;

use std::path::PathBuf;
use std::process::ExitCode;

use koodrive_ureq::files::{Options, UploadTo};
use koodrive_ureq::proto::flow::Upload;
use koodrive_ureq::proto::ops::files::OnConflict;
use koodrive_ureq::proto::param::SpaceId;
use lexopt::prelude::{Long, Short, Value, ValueExt};

const USAGE: &str = "\
usage: upload_folder [--space ID] [--folder ID] [--state DIR] [--parallel N]
                     [--on-conflict rename|refuse|skip] PATH

  --space        the space; your own unless given
  --folder       the folder in it; the root folder unless given
  --state        where the state is stored to resume from; PATH.koodrive-state unless given
  --parallel     how many small files, or parts of a large one, are sent at a time; 4 unless given
  --on-conflict  if the name of a file is taken: rename the new file, refuse (unless given), or skip a file that is
                 there with the same content, and rename another one";

struct Arguments {
    space: Option<SpaceId>,
    folder: String,
    state: Option<PathBuf>,
    parallel: usize,
    on_conflict: OnConflict,
    path: PathBuf,
}

fn main() -> ExitCode {
    common::main("upload_folder", USAGE, parse, run)
}

fn run(arguments: Arguments) -> common::Result<ExitCode> {
    let drive = common::client()?;
    let space = arguments.space.map_or_else(|| common::own_space(&drive), Ok)?;
    let mut to = UploadTo::new(space).folder(arguments.folder).on_conflict(arguments.on_conflict);
    if arguments.on_conflict != OnConflict::Rename {
        // Files that were just being begun at a Ctrl-C are begun again: none comes to be there twice, since the name of
        // one that is there is taken.
        to = to.with(Upload::create_again);
    }
    let state = arguments.state.unwrap_or_else(|| common::state_beside(&arguments.path));
    let (options, bar) = common::with_bar(Options::new().state(state).parallel(arguments.parallel));
    let report = drive.upload_folder(&arguments.path, &to, &options);
    bar.finish_and_clear();
    let report = report?;
    let text = report.to_string();
    common::print(text.lines()).map_err(|error| {
        let moved = text.lines().next().unwrap_or_default();
        format!("{moved}; the whole report can't be printed: {error}")
    })?;
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns `None` if the usage is asked for.
fn parse() -> Result<Option<Arguments>, lexopt::Error> {
    let (mut space, mut folder, mut state) = (None, "root".to_owned(), None);
    let (mut parallel, mut on_conflict, mut path) = (Options::PARALLEL, OnConflict::Refuse, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("space") => space = Some(common::filled("--space", parser.value()?)?.string()?.into()),
            Long("folder") => folder = common::filled("--folder", parser.value()?)?.string()?,
            Long("state") => state = Some(common::filled("--state", parser.value()?)?.into()),
            Long("parallel") => parallel = parser.value()?.parse()?,
            Long("on-conflict") => {
                on_conflict = match parser.value()?.string()?.as_str() {
                    "rename" => OnConflict::Rename,
                    "refuse" => OnConflict::Refuse,
                    "skip" => OnConflict::KeepSame,
                    other => return Err(format!("--on-conflict is rename, refuse or skip, not {other}").into()),
                }
            }
            Value(value) if path.is_none() => path = Some(common::filled("PATH", value)?.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    let path = path.ok_or("PATH is missing")?;
    Ok(Some(Arguments { space, folder, state, parallel, on_conflict, path }))
}
