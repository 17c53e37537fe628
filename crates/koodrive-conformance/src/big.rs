//! Files that are too large for CI: 300 MB while things go wrong, 5 GiB, and how much memory they take.

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use koodrive_files::{Options, Sink, Source, UploadTo};
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::Download;
use koodrive_proto::ops::files::OnConflict;
use koodrive_proto::ops::spaces::{GetSpace, SpaceType, UpdateSpace};
use koodrive_proto::param::SpaceId;
use koodrive_proto::{Api, Call, Credentials, Error, RetryPolicy};
use koodrive_sim::{Fault, Faults, Server, Simulator};

use crate::files::Files;
use crate::{Async, Blocking, Transport as _};

const APP: (&str, &str, &str) = ("my-app", "my-secret", "1505084218764547200");
const MIB: u64 = 1024 * 1024;
/// The size of parts and ranges.
const PART: u64 = 8 * MIB;
/// By how much the memory for 1 GiB may exceed that for 16 MiB.
const MORE: u64 = 32 * MIB;

/// Bytes that are made as they are read, and compared as they are written, so that they take no room here.
#[derive(Debug)]
struct Made {
    length: u64,
    wrong: AtomicU64,
}

impl Made {
    fn new(length: u64) -> Arc<Self> {
        Arc::new(Self { length, wrong: AtomicU64::new(0) })
    }

    fn fill(position: u64, buffer: &mut [u8]) {
        // A word for every eight bytes, by SplitMix64.
        for (at, byte) in (position..).zip(buffer) {
            let mixed = (at / 8).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = mixed.to_le_bytes()[(at % 8) as usize];
        }
    }
}

impl Source for Made {
    fn length(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(position).min(buffer.len() as u64);
        let buffer = &mut buffer[..usize::try_from(left).unwrap_or_default()];
        Self::fill(position, buffer);
        Ok(buffer.len())
    }
}

impl Sink for Made {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let mut expected = vec![0; bytes.len()];
        Self::fill(position, &mut expected);
        self.wrong.fetch_add(u64::from(expected != bytes), Ordering::Relaxed);
        Ok(())
    }
}

/// Runs all of it.
pub fn run(out: &mut impl Write) -> Result<(), BoxError> {
    for length in [300_000_000, 5 * 1024 * MIB] {
        there_and_back::<Blocking>(out, length)?;
        there_and_back::<Async>(out, length)?;
    }
    memory::<Blocking>(out)?;
    memory::<Async>(out)
}

fn serve(folder: &Path) -> Result<Server, BoxError> {
    let (app, secret, user) = APP;
    Ok(Server::start(Simulator::open(folder)?.app(app, secret, user))?)
}

fn client<T: Files>(endpoint: &str) -> Result<T, BoxError> {
    let (app, secret, user) = APP;
    let policy =
        RetryPolicy::default().first_pause(Duration::from_millis(10)).longest_pause(Duration::from_millis(100));
    Ok(T::new(Api::new(endpoint, Credentials::app(app, secret, user))?.retry(policy)))
}

/// The caller's space, with room for all.
fn space<T: Files>(drive: &T) -> Result<SpaceId, BoxError> {
    drive.run(Call::new(&UpdateSpace::new(APP.2, SpaceType::Individual).capacity(100)))?;
    let space = drive.run(Call::new(&GetSpace::new(APP.2, SpaceType::Individual)))?;
    Ok(space.container_id.ok_or("the space has no id")?)
}

/// Goes on until it has succeeded, as a person would who sees that it may pass.
fn until_done<O>(mut attempt: impl FnMut() -> Result<O, Error>) -> Result<(O, u32), BoxError> {
    for runs in 1..50 {
        if let Ok(outcome) = attempt() {
            return Ok((outcome, runs));
        }
    }
    Err(attempt().err().map_or_else(|| "it was about to succeed".into(), Into::into))
}

/// A file goes up and comes down again; a small enough one while things go wrong.
fn there_and_back<T: Files>(out: &mut impl Write, length: u64) -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let server = serve(&folder.path().join("drive"))?;
    let drive: T = client(&server.endpoint())?;
    let space = space(&drive)?;
    let is_small = length < 1024 * MIB;
    if is_small {
        // Three of ten exchanges with the object store. A lost answer of the create call would be for people to decide.
        let mut faults = Faults::new(17).retry_after(Duration::ZERO);
        for fault in [Fault::ResetBefore, Fault::ResetAfter, Fault::Throttle] {
            faults = faults.rate_of("PutPart", fault, 0.1);
        }
        for fault in [Fault::ResetBefore, Fault::Truncate, Fault::Unavailable] {
            faults = faults.rate_of("GetObject", fault, 0.1);
        }
        server.simulator().set_faults(Some(faults));
    }
    let options = Options::new().state(folder.path().join("state"));
    let to = UploadTo::new(&space).name("film.mp4").part_size(PART).instant(!is_small).on_conflict(OnConflict::Rename);
    let made = Made::new(length);

    let begun = Instant::now();
    let (uploaded, runs) = until_done(|| drive.upload_source(made.clone(), &to, &options))?;
    let (up, parts) =
        (begun.elapsed(), server.ledger().iter().filter(|entry| entry.operation == Some("PutPart")).count());
    let begun = Instant::now();
    let download = || Download::new(&space, &uploaded.file_id).range_size(PART);
    let (downloaded, more_runs) = until_done(|| drive.download_sink(download(), made.clone(), &options))?;
    writeln!(
        out,
        "{}: {length} bytes up in {:.1} s ({runs} runs, {parts} PUTs for {} parts), down in {:.1} s ({more_runs} runs)",
        T::NAME,
        up.as_secs_f64(),
        length.div_ceil(PART),
        begun.elapsed().as_secs_f64()
    )?;
    if downloaded.length != length || made.wrong.load(Ordering::Relaxed) > 0 {
        return Err("other bytes came down".into());
    }
    Ok(())
}

/// Measures processes that move files of two sizes.
fn memory<T: Files>(out: &mut impl Write) -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let server = serve(folder.path())?;
    let mut peaks = Vec::new();
    for mib in [16, 1024] {
        let program = std::env::current_exe()?;
        let output = Command::new(program).args([T::NAME, &server.endpoint(), &mib.to_string()]).output()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let peak: u64 = text.parse().map_err(|_| format!("{text}{}", String::from_utf8_lossy(&output.stderr)))?;
        writeln!(out, "{}: {mib} MiB up and down: {} KiB of memory at most", T::NAME, peak / 1024)?;
        peaks.push(peak);
    }
    if peaks[1] > peaks[0] + MORE { Err("a large file takes more memory than a small one".into()) } else { Ok(()) }
}

/// What such a process does: prints how many bytes of memory it had at most.
pub fn measured(transport: &str, endpoint: &str, mib: &str) -> Result<(), BoxError> {
    let length = mib.parse::<u64>()? * MIB;
    match transport {
        Blocking::NAME => move_both_ways::<Blocking>(endpoint, length)?,
        Async::NAME => move_both_ways::<Async>(endpoint, length)?,
        other => return Err(format!("no such transport: {other}").into()),
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
    println!("{}", peak.unwrap_or(0_u64) * 1024);
    Ok(())
}

fn move_both_ways<T: Files>(endpoint: &str, length: u64) -> Result<(), BoxError> {
    let drive: T = client(endpoint)?;
    let space = space(&drive)?;
    let made = Made::new(length);
    let to = UploadTo::new(&space).name("film.mp4").part_size(PART).on_conflict(OnConflict::Rename).instant(false);
    let uploaded = drive.upload_source(made.clone(), &to, &Options::new())?;
    drive.download_sink(Download::new(&space, &uploaded.file_id).range_size(PART), made, &Options::new())?;
    Ok(())
}
