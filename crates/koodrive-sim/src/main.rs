//! A KooDrive on loopback, as a program: `koodrive-sim --listen 127.0.0.1:0 --app ID:SECRET:USER`.

mod cli;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use koodrive_sim::{Entry, Server};

use cli::Options;

/// How long running requests may go on after the end was demanded.
const GRACE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    if let Err(error) = outlive_size_limit() {
        eprintln!("koodrive-sim: can't wait for signals: {error}");
        return ExitCode::FAILURE;
    }
    let (code, message) = match cli::options() {
        Ok(None) => (1, print(cli::USAGE)),
        Ok(Some(options)) => (1, serve(options)),
        Err(error) => (2, Err(format!("{error}\n\nTry koodrive-sim --help."))),
    };
    match message {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("koodrive-sim: {message}");
            ExitCode::from(code)
        }
    }
}

fn serve(options: Options) -> Result<(), String> {
    let Options { listen, mut simulator, verbose, explain, callers } = options;
    if !callers {
        eprintln!("koodrive-sim: nobody may call: let somebody in with --token or --app");
    }
    if verbose || explain {
        simulator = simulator.explain(explain).on_entry(move |entry| log(entry, verbose, explain));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("can't start: {error}"))?;
    // From here on a signal ends the program in good order.
    let signals =
        runtime.block_on(async { Signals::new() }).map_err(|error| format!("can't wait for signals: {error}"))?;
    let server = Server::bind(simulator, listen).map_err(|error| {
        format!("can't listen on {listen}: {error}; choose another address with --listen, or port 0 for a free port")
    })?;
    print(&format!("listening on {}", server.endpoint()))?;
    runtime.block_on(signals.wait());
    // What calls changed was written before they were answered, so there is nothing to save.
    server.stop(GRACE);
    Ok(())
}

/// Lets a write beyond `ulimit -f` fail, as on a full disk, instead of ending the program without a word.
fn outlive_size_limit() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        // The number of SIGXFSZ on nearly all systems. Once somebody has waited for a signal, it ends no program.
        const SIGXFSZ: i32 = 25;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let _ = runtime.block_on(async { signal(SignalKind::from_raw(SIGXFSZ)) })?;
    }
    Ok(())
}

/// Prints what happened. A stderr that nobody reads is no reason to stop.
fn log(entry: &Entry, verbose: bool, explain: bool) {
    let mut text = String::new();
    if verbose {
        let _ = writeln!(text, "{entry}");
    }
    if let Some(explained) = entry.explained.as_ref().filter(|_| explain) {
        let _ = write!(text, "{} {} was refused:\n{explained}", entry.method, entry.path);
    }
    let _ = io::stderr().write_all(text.as_bytes());
}

fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| format!("can't print: {error}"))
}

/// What ends the program: Ctrl-C and, where there is such a thing, SIGTERM.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn wait(self) {
        // If Ctrl-C can't be waited for, the program ends.
        let _ = tokio::signal::ctrl_c().await;
    }
}
