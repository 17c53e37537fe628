//! Downloads a folder with all that is in it from the real service or a simulator, and shows how far it is.
//!
//! Set `KOODRIVE_ENDPOINT`, `KOODRIVE_USER_ID`, and either `KOODRIVE_APP_ID` with `KOODRIVE_APP_SECRET` or
//! `KOODRIVE_TOKEN` (the whole value of the Authorization header, as a sign-in call answered it). Then run
//! `cargo run -p koodrive-ureq --example download_folder -- FkbdCAceMj89bprz5xLJASID1eaRqjlRP photos`.
//!
//! Press Ctrl-C, and run it again: it goes on from the directory `photos.koodrive-state`, which is removed once all is
//! there. It prints what was moved, and what wasn't and why; then it fails.

mod common;

use std::path::PathBuf;
use std::process::ExitCode;

use koodrive_ureq::files::Options;
use koodrive_ureq::files::tree::{Existing, FolderFrom};
use koodrive_ureq::proto::param::SpaceId;
use lexopt::prelude::{Long, Short, Value, ValueExt};

const USAGE: &str = "\
usage: download_folder [--space ID] [--state DIR] [--parallel N] [--replace] FOLDER_ID TARGET

  --space     the space, which is a personal one; your own unless given
  --state     where the state is stored to resume from; TARGET.koodrive-state unless given
  --parallel  how many small files, or ranges of a large one, are received at a time; 4 unless given
  --replace   replaces files that are there; they stay unless given";

struct Arguments {
    space: Option<SpaceId>,
    state: Option<PathBuf>,
    parallel: usize,
    existing: Existing,
    folder_id: String,
    target: PathBuf,
}

fn main() -> ExitCode {
    common::main("download_folder", USAGE, parse, run)
}

fn run(arguments: Arguments) -> common::Result<ExitCode> {
    let drive = common::client()?;
    let space = arguments.space.map_or_else(|| common::own_space(&drive), Ok)?;
    let from = FolderFrom::new(space).folder(arguments.folder_id).existing(arguments.existing);
    let state = arguments.state.unwrap_or_else(|| common::state_beside(&arguments.target));
    let (options, bar) = common::with_bar(Options::new().state(state).parallel(arguments.parallel));
    let report = drive.download_folder(&from, &arguments.target, &options);
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
    let (mut space, mut state, mut parallel) = (None, None, Options::PARALLEL);
    let (mut existing, mut folder_id, mut target) = (Existing::Refuse, None, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("space") => space = Some(common::filled("--space", parser.value()?)?.string()?.into()),
            Long("state") => state = Some(common::filled("--state", parser.value()?)?.into()),
            Long("parallel") => parallel = parser.value()?.parse()?,
            Long("replace") => existing = Existing::Replace,
            Value(value) if folder_id.is_none() => folder_id = Some(common::filled("FOLDER_ID", value)?.string()?),
            Value(value) if target.is_none() => target = Some(common::filled("TARGET", value)?.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    let folder_id = folder_id.ok_or("FOLDER_ID is missing")?;
    let target: PathBuf = target.ok_or("TARGET is missing")?;
    Ok(Some(Arguments { space, state, parallel, existing, folder_id, target }))
}
