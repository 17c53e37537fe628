//! The program behind `cargo xtask coverage` and `cargo xtask table`.

use std::process::ExitCode;

use koodrive_coverage as coverage;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => coverage::run(&mut std::io::stdout().lock()),
        ["--write"] => coverage::write(),
        ["--table"] => coverage::write_table(),
        _ => Err("usage: coverage [--write | --table]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coverage: {error}");
            ExitCode::FAILURE
        }
    }
}
