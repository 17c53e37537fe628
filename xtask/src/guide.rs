//! Runs what docs/simulator.md prints, and compares what comes with what the page says.
//!
//! The fenced blocks of the page are run in their order, in a folder of their own:
//!
//! | block | what is done with it |
//! | --- | --- |
//! | `sh install` | run as it is, but with `--debug`, which uses what is built anyway, and into that folder |
//! | `sh server` | started in place of the simulator that runs; it has to end well, and to print that it listens |
//! | `sh` | run; it has to succeed |
//! | `python NAME` | written to a file of this name |
//! | `text` or `json` | has to be what the block before has printed |
//! | `text server` | has to be what the simulator has printed to stderr since it was started |
//!
//! The port is replaced by a free one. Dates and hashes differ from run to run: they only have to be there.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const PAGE: &str = "docs/simulator.md";

/// The address that the page shows.
const ADDRESS: &str = "127.0.0.1:8087";

/// Runs the page. With `write`, writes what is printed into it, to be read.
pub(crate) fn run(write: bool) -> Result<(), String> {
    let path = crate::root().join(PAGE);
    let page = fs::read_to_string(&path).map_err(|error| format!("can't read {PAGE}: {error}"))?;
    let blocks = blocks(&page)?;
    let mut guide = Guide::new()?;
    let mut results = Vec::new();
    for block in &blocks {
        let printed = guide.block(block).map_err(|error| format!("{PAGE}:{}: {error}", block.line))?;
        let Some(printed) = printed else { continue };
        if !write && normal(&printed) != normal(&block.text) {
            return Err(format!(
                "{PAGE}:{}: the page says\n{}\nbut this is printed:\n{printed}",
                block.line, block.text
            ));
        }
        results.push((block, printed));
    }
    guide.stop()?;
    println!("{PAGE}: {} blocks, of which {} show what others print", blocks.len(), results.len());
    if results.is_empty() {
        return Err("nothing was compared".to_owned());
    }
    if write {
        fs::write(&path, with_results(&page, &results)).map_err(|error| format!("can't write {PAGE}: {error}"))?;
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Block {
    /// The line of the page on which it begins.
    line: usize,
    language: String,
    /// What stands behind the language.
    name: String,
    text: String,
}

fn blocks(page: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(head), None) => {
                let (language, name) = head.split_once(' ').unwrap_or((head, ""));
                let (language, name) = (language.to_owned(), name.to_owned());
                open = Some(Block { line: at + 1, language, name, text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    open.map_or(Ok(blocks), |block| Err(format!("{PAGE}:{}: the block doesn't end", block.line)))
}

/// The page with what was printed in place of what it says.
fn with_results(page: &str, results: &[(&Block, String)]) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let mut out = String::new();
    let mut at = 0;
    for (block, printed) in results {
        let end = block.line + block.text.lines().count();
        for line in &lines[at..block.line] {
            let _ = writeln!(out, "{line}");
        }
        let _ = writeln!(out, "{}", printed.trim_end());
        at = end;
    }
    for line in &lines[at..] {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// Replaces dates such as 20251103T070140Z, and hashes of 32 or 64 hexadecimal digits.
fn normal(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.trim_end();
    while let Some(first) = rest.chars().next() {
        let hex = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let digits = |from: usize, to: usize| {
            rest.get(from..to).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let is_date = digits(0, 8) && rest[8..].starts_with('T') && digits(9, 15) && rest[15..].starts_with('Z');
        let (length, shown) = match hex {
            _ if is_date => (16, "DATE"),
            32 | 64 => (hex, "HASH"),
            // Not the end of a longer one.
            0 => (first.len_utf8(), &rest[..first.len_utf8()]),
            _ => (hex, &rest[..hex]),
        };
        out.push_str(shown);
        rest = &rest[length..];
    }
    out
}

/// The simulator that runs, and what the last block has printed.
struct Guide {
    folder: PathBuf,
    address: String,
    server: Option<Server>,
    printed: Option<String>,
}

impl Guide {
    fn new() -> Result<Self, String> {
        let folder = crate::target().join("guide");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| format!("can't empty {}: {error}", folder.display()))?;
        }
        fs::create_dir_all(&folder).map_err(|error| format!("can't create {}: {error}", folder.display()))?;
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.map_err(|error| format!("there is no free port: {error}"))?.to_string();
        Ok(Self { folder, address, server: None, printed: None })
    }

    /// Runs a block; or returns what was printed, if the block shows it.
    fn block(&mut self, block: &Block) -> Result<Option<String>, String> {
        let text = block.text.replace(ADDRESS, &self.address);
        match (&*block.language, &*block.name) {
            ("sh", "install") => {
                let mut command = self.shell(&text.replace("cargo install", "cargo install --quiet --debug"));
                command.env("CARGO_INSTALL_ROOT", &self.folder);
                crate::run(command)?;
            }
            ("sh", "server") => {
                self.stop()?;
                let (server, line) = Server::start(self.shell(&format!("exec {text}")))?;
                (self.server, self.printed) = (Some(server), Some(line));
            }
            ("sh", "") => {
                let output = self.shell(&text).output().map_err(|error| format!("can't run sh: {error}"))?;
                let printed = String::from_utf8_lossy(&output.stdout).into_owned();
                if !output.status.success() {
                    return Err(format!("it fails:\n{printed}\n{}", String::from_utf8_lossy(&output.stderr)));
                }
                self.printed = Some(printed);
            }
            ("python", name) if !name.is_empty() => {
                fs::write(self.folder.join(name), text).map_err(|error| format!("can't write {name}: {error}"))?;
            }
            ("text" | "json", "") => {
                let printed = self.printed.take().ok_or("no block before this one prints anything")?;
                return Ok(Some(printed.replace(&self.address, ADDRESS)));
            }
            ("text", "server") => {
                let server = self.server.as_ref().ok_or("no simulator runs")?;
                let expected = normal(&block.text);
                let printed = server.printed(|printed| normal(&printed.replace(&self.address, ADDRESS)) == expected);
                return Ok(Some(printed.replace(&self.address, ADDRESS)));
            }
            (language, name) => return Err(format!("what is to be done with a block of `{language} {name}`?")),
        }
        Ok(None)
    }

    fn shell(&self, text: &str) -> Command {
        let mut path = std::ffi::OsString::from(self.folder.join("bin"));
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new("sh");
        command.args(["-e", "-c", text]).current_dir(&self.folder).env("PATH", path);
        for name in crate::PROXIES {
            command.env_remove(name);
        }
        command
    }

    /// Ends the simulator that runs.
    fn stop(&mut self) -> Result<(), String> {
        self.server.take().map_or(Ok(()), Server::end)
    }
}

/// A simulator that runs, and what it has printed to stderr.
struct Server {
    child: Child,
    printed: Arc<Mutex<String>>,
}

impl Server {
    /// Starts it, and waits for its first line.
    fn start(mut command: Command) -> Result<(Self, String), String> {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| format!("can't run sh: {error}"))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let server = Self { child, printed: Arc::default() };
        let printed = Arc::clone(&server.printed);
        thread::spawn(move || {
            let mut err = err?;
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = err.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..count]);
                printed.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
            }
            Some(())
        });
        let mut line = String::new();
        let read = out.map(|out| BufReader::new(out).read_line(&mut line));
        match read {
            Some(Ok(1..)) => Ok((server, line)),
            _ => Err(format!("it doesn't start: {}", server.printed(|_| false))),
        }
    }

    /// What it has printed to stderr, as soon as it is what is expected, or after a while. It comes through a pipe.
    fn printed(&self, is_expected: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if is_expected(&printed) || begun.elapsed() > Duration::from_secs(2) {
                return printed;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it as SIGTERM does.
    fn end(mut self) -> Result<(), String> {
        let mut kill = Command::new("sh");
        kill.args(["-c", &format!("kill {}", self.child.id())]);
        crate::run(kill)?;
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("the simulator has ended with {status}")) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // This fails only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A\n```sh server\nx\n```\n\n```text\nold\nold\n```\nend\n";

    #[test]
    fn blocks_are_found_and_written() {
        let found = blocks(TEXT).unwrap();
        assert_eq!((found.len(), &*found[0].language, &*found[0].name, &*found[0].text), (2, "sh", "server", "x\n"));
        assert_eq!((found[1].line, &*found[1].language, &*found[1].text), (6, "text", "old\nold\n"));
        let written = with_results(TEXT, &[(&found[1], "new\n\n".to_owned())]);
        assert_eq!(written, TEXT.replace("old\nold", "new"));
        assert!(blocks("```sh\nx\n").is_err());
    }

    #[test]
    fn only_dates_and_hashes_may_differ() {
        let hash = "0f".repeat(32);
        assert_eq!(
            normal(&format!("x-date:20251103T070140Z, {hash}; {}\n\n", &hash[..63])),
            format!("x-date:DATE, HASH; {}", &hash[..63])
        );
        assert_eq!(normal("1505084218764547200 {\"code\":0}"), "1505084218764547200 {\"code\":0}");
        assert!(!blocks(&fs::read_to_string(crate::root().join(PAGE)).unwrap()).unwrap().is_empty());
    }
}
