//! A KooDrive on loopback: `koodrive-sim --listen 127.0.0.1:0 --app ID:SECRET:USER`.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use chrono::TimeDelta;
use koodrive_sim::{Server, Simulator};
use lexopt::prelude::{Long, Short, ValueExt};

const USAGE: &str = "\
A KooDrive on loopback, for tests.

usage: koodrive-sim [OPTIONS]

  --listen ADDR             where to listen; port 0 takes a free one [127.0.0.1:0]
  --app ID:SECRET:USER      lets an application sign on behalf of a user; may be given again
  --token VALUE:USER        lets a user call with a token; VALUE is the whole Authorization value; may be given again
  --clock-offset SECONDS    sets its clock ahead, or back with a negative number [0]
  --help                    prints this

Prints `listening on http://ADDR` once it is ready, and serves until it is stopped.";

struct Options {
    listen: SocketAddr,
    simulator: Simulator,
}

fn main() -> ExitCode {
    match options().map_err(|error| error.to_string()).and_then(|options| {
        let Some(Options { listen, simulator }) = options else {
            println!("{USAGE}");
            return Ok(());
        };
        serve(listen, simulator).map_err(|error| format!("can't listen on {listen}: {error}"))
    }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("koodrive-sim: {message}\n\nTry koodrive-sim --help.");
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options { listen: SocketAddr::from(([127, 0, 0, 1], 0)), simulator: Simulator::new() };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("listen") => options.listen = parser.value()?.parse()?,
            Long("app") => {
                let value = parser.value()?.string()?;
                let parts = value.split_once(':').and_then(|(id, rest)| Some((id, rest.rsplit_once(':')?)));
                let Some((id, (secret, user))) =
                    parts.filter(|(id, (secret, user))| !id.is_empty() && !secret.is_empty() && !user.is_empty())
                else {
                    return Err("--app takes ID:SECRET:USER, none of them empty".into());
                };
                options.simulator = options.simulator.app(id, secret, user);
            }
            Long("token") => {
                let value = parser.value()?.string()?;
                let parts = value.rsplit_once(':').filter(|(value, user)| !value.is_empty() && !user.is_empty());
                let Some((value, user)) = parts else {
                    return Err("--token takes VALUE:USER, neither of them empty".into());
                };
                options.simulator = options.simulator.token(value, user);
            }
            Long("clock-offset") => {
                let seconds: i64 = parser.value()?.parse()?;
                let offset = TimeDelta::try_seconds(seconds).ok_or("--clock-offset is too large")?;
                options.simulator = options.simulator.clock_offset(offset);
            }
            Long("help") | Short('h') => return Ok(None),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Some(options))
}

fn serve(listen: SocketAddr, simulator: Simulator) -> io::Result<()> {
    let server = Server::bind(simulator, listen)?;
    let mut out = io::stdout();
    writeln!(out, "listening on {}", server.endpoint())?;
    out.flush()?;
    // Until Ctrl-C, or for ever where there is no such signal.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(tokio::signal::ctrl_c())
}
