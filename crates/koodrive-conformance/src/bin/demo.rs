//! The demo; run it with `cargo xtask demo`.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    match koodrive_conformance::demo::run(&mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
