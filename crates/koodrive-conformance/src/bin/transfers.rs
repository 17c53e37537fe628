//! Large files; start it with `cargo xtask long transfers`.

use std::io;
use std::process::ExitCode;

use koodrive_conformance::big;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => big::run(&mut io::stdout().lock()),
        // A process that is measured.
        [transport, endpoint, mib] => big::measured(transport, endpoint, mib),
        _ => Err("usage: transfers".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
