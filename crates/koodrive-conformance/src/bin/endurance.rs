//! The endurance run; start it with `cargo xtask long endurance`.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let minutes = std::env::args().nth(1).map_or(Ok(60), |minutes| minutes.parse());
    let Ok(minutes) = minutes else {
        eprintln!("usage: endurance [MINUTES]");
        return ExitCode::from(2);
    };
    let time = Duration::from_secs(60 * minutes);
    match koodrive_conformance::endurance::run(time, 15, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
