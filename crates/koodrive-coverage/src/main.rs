//! The program behind `cargo xtask coverage`, `cargo xtask table` and `cargo xtask openapi`.

use std::process::ExitCode;

use koodrive_coverage as coverage;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => coverage::run(&mut std::io::stdout().lock()),
        ["--write"] => coverage::write(),
        ["--table"] => coverage::write_table(),
        ["--openapi"] => coverage::write_openapi(),
        _ => Err("usage: coverage [--write | --table | --openapi]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coverage: {error}");
            ExitCode::FAILURE
        }
    }
}
