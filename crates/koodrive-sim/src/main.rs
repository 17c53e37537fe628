//! A KooDrive on loopback, as a program: `koodrive-sim --listen 127.0.0.1:0 --app ID:SECRET:USER`.

mod cli;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use koodrive_sim::{Entry, Server};

use cli::Options;

/// How long running requests may go on after the end was demanded.
const GRACE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    if let Err(error) = outlive_size_limit() {
        complain(&format!("can't wait for signals: {error}"));
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
            complain(&message);
            ExitCode::from(code)
        }
    }
}

fn serve(options: Options) -> Result<(), String> {
    let Options { listen, mut simulator, verbose, explain, callers } = options;
    if !callers {
        complain("nobody may call: let somebody in with --token or --app");
    }
    let mut log = None;
    if verbose || explain {
        let (print, end) = Log::start().map_err(|error| format!("can't start: {error}"))?;
        simulator = simulator.explain(explain).on_entry(move |entry| print.entry(entry, verbose, explain));
        log = Some(end);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("can't start: {error}"))?;
    // From here on a signal ends the program in good order.
    let mut signals =
        runtime.block_on(async { Signals::new() }).map_err(|error| format!("can't wait for signals: {error}"))?;
    let server = Server::bind(simulator, listen).map_err(|error| {
        format!("can't listen on {listen}: {error}; choose another address with --listen, or port 0 for a free port")
    })?;
    print(&format!("listening on {}", server.endpoint()))?;
    runtime.block_on(signals.next());
    // What calls changed was written before they were answered, so there is nothing to save, and a second signal may
    // end it at once.
    let stopped = runtime.spawn_blocking(move || server.stop(GRACE));
    let ended = runtime.block_on(async {
        tokio::select! {
            _ = stopped => {
                if let Some(log) = log {
                    log.wait().await;
                }
                Ok(())
            }
            () = signals.next() => Err("ended by a second signal; what was running is cut off".to_owned()),
            () = tokio::time::sleep(2 * GRACE) => Ok(()),
        }
    });
    runtime.shutdown_background();
    ended
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

/// Prints what happened on a thread of its own, so that nobody has to wait for a stderr that is read slowly or never.
struct Log {
    texts: mpsc::Sender<String>,
    waiting: Arc<Waiting>,
}

/// What was not printed yet.
#[derive(Default)]
struct Waiting {
    bytes: AtomicUsize,
    /// The texts that were dropped because too much waited.
    dropped: AtomicUsize,
}

/// Ends once all is printed.
struct LogEnd(tokio::sync::oneshot::Receiver<()>);

impl Log {
    /// How many bytes wait at most; what comes on top is dropped and counted.
    const LIMIT: usize = 4 << 20;

    fn start() -> io::Result<(Self, LogEnd)> {
        let (texts, received) = mpsc::channel::<String>();
        let waiting = Arc::new(Waiting::default());
        let (end, ended) = tokio::sync::oneshot::channel();
        let log = Self { texts, waiting: Arc::clone(&waiting) };
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            for text in received {
                // A stderr that was closed is no reason to stop.
                let _ = io::stderr().write_all(text.as_bytes());
                waiting.bytes.fetch_sub(Self::cost(&text), Ordering::Relaxed);
            }
            let _ = io::stderr().write_all(waiting.missing().as_bytes());
            drop(end);
        })?;
        Ok((log, LogEnd(ended)))
    }

    fn entry(&self, entry: &Entry, verbose: bool, explain: bool) {
        let mut text = String::new();
        if verbose {
            let _ = writeln!(text, "{entry}");
        }
        if let Some(explained) = entry.explained.as_ref().filter(|_| explain) {
            let _ = write!(text, "{} {} was refused:\n{explained}", entry.method, entry.shown_path());
        }
        if text.is_empty() {
            return;
        }
        if self.waiting.bytes.load(Ordering::Relaxed) + Self::cost(&text) > Self::LIMIT {
            self.waiting.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        text.insert_str(0, &self.waiting.missing());
        self.waiting.bytes.fetch_add(Self::cost(&text), Ordering::Relaxed);
        // This fails only if the thread has ended, which it does after this.
        let _ = self.texts.send(text);
    }

    /// The bytes of a text, with what it costs to keep it.
    fn cost(text: &str) -> usize {
        text.len() + 64
    }
}

impl Waiting {
    /// Says what was dropped since this was said last.
    fn missing(&self) -> String {
        match self.dropped.swap(0, Ordering::Relaxed) {
            0 => String::new(),
            dropped => format!("koodrive-sim: {dropped} calls are missing here: stderr was full\n"),
        }
    }
}

impl LogEnd {
    /// Waits for what is still to be printed, but not for a stderr that nobody reads.
    async fn wait(self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.0).await;
    }
}

/// Says what is wrong. A stderr that can't be written is no reason to stop.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "koodrive-sim: {text}");
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

    async fn next(&mut self) {
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

    async fn next(&mut self) {
        // If Ctrl-C can't be waited for, the program ends.
        let _ = tokio::signal::ctrl_c().await;
    }
}
