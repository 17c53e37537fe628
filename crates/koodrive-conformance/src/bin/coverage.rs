//! `cargo xtask coverage`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match koodrive_conformance::coverage::run(&mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coverage: {error}");
            ExitCode::FAILURE
        }
    }
}
