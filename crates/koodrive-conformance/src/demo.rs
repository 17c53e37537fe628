//! The main job on a simulator, through both transports: prints and checks each request and each result.

use std::io::{self, Write};

use koodrive_files::{Options, Stop, UploadTo};
use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Body, Download, Event, Now, Outgoing, Step, Verified};
use koodrive_proto::ops::files::OnConflict;
use koodrive_proto::ops::spaces::{GetSpace, GetSpaceUsageOverview, SpaceStatus, SpaceType, SpaceUsage, UpdateSpace};
use koodrive_proto::{
    Api, Call, Credentials, Endpoint, Error, ErrorKind, Flow, Language, Operation, Sent, TraceId, http,
};
use koodrive_sim::{Server, Simulator};

use crate::files::Files;
use crate::{Async, Blocking, Transport};

const APP_ID: &str = "demo-app";
const APP_SECRET: &str = "demo-secret";
const USER_ID: &str = "1505084218764547200";
const OWNER_ID: &str = "1289173650183882753";

/// Runs the demo; fails if anything isn't as expected.
pub fn run(out: &mut impl Write) -> Result<(), BoxError> {
    through::<Blocking>(out)?;
    through::<Async>(out)?;
    writeln!(out, "All as expected.")?;
    Ok(())
}

fn through<T: Files>(out: &mut impl Write) -> Result<(), BoxError> {
    let server = Server::start(Simulator::new().app(APP_ID, APP_SECRET, USER_ID))?;
    writeln!(out, "=== {} → a simulator at {}\n", T::NAME, server.endpoint())?;
    let api = |secret: &str| -> Result<Api, Error> {
        Ok(Api::new(server.endpoint(), Credentials::app(APP_ID, secret, USER_ID))?.language(Language::EN_US))
    };
    let mut show = Show { out, transport: T::new(api(APP_SECRET)?), step: 0 };

    let before = show.call("How much is used?", &GetSpaceUsageOverview::new())?;
    show.usage(&before)?;

    let update = UpdateSpace::new(OWNER_ID, SpaceType::Individual).capacity(10);
    show.call("Set a space to 10 GB.", &update)?;
    show.result("done")?;

    let space = show.call("Read the space back.", &GetSpace::new(OWNER_ID, SpaceType::Individual))?;
    expect("the space has 10 GB", space.capacity == Some(10) && space.status == Some(SpaceStatus::Normal))?;
    show.result("10 GB, in its normal state")?;

    let after = show.call("And the overview again.", &GetSpaceUsageOverview::new())?;
    show.usage(&after)?;
    let grown = after.total_capacity.zip(before.total_capacity).map(|(after, before)| after - before);
    expect("the capacity has grown from 1 GB to 10 GB", grown == Some(9))?;

    for capacity in [0, 104_857_601] {
        let update = UpdateSpace::new(OWNER_ID, SpaceType::Individual).capacity(capacity);
        let error = show.refused(&format!("Refused before it is sent: a size of {capacity} GB."), &update)?;
        expect("it is a parameter's error", error.kind() == ErrorKind::Param)?;
        expect("nothing was sent", error.was_sent() == Sent::No && error.attempts() == 0)?;
    }

    show.transport = T::new(api("another secret")?);
    let error = show.refused("Refused by the service: a wrong AppSecret.", &GetSpaceUsageOverview::new())?;
    expect("it is an authentication error", error.is_unauthorized() && error.code() == Some("APIGW.0303"))?;

    show.transport = T::new(api(APP_SECRET)?.date_back(TimeDelta::minutes(16)).clock_correction(false));
    let title = "Refused by the service: a date 16 minutes old, with clock correction off.";
    let error = show.refused(title, &GetSpaceUsageOverview::new())?;
    expect("it is an authentication error", error.is_unauthorized() && error.code() == Some("APIGW.0303"))?;
    expect("it is the date", error.message().is_some_and(|message| message.contains("signature expired")))?;

    let an_hour_slow = api(APP_SECRET)?;
    an_hour_slow.set_clock_offset(TimeDelta::hours(-1));
    show.transport = T::new(an_hour_slow);
    let late = show.call(
        "A clock that is an hour slow is corrected by the answer, and the call sent once more.",
        &GetSpaceUsageOverview::new(),
    )?;
    show.usage(&late)?;

    let executed: Vec<_> = server
        .ledger()
        .into_iter()
        .filter(|entry| entry.refused.is_none())
        .filter_map(|entry| entry.operation)
        .collect();
    let expected =
        ["GetSpaceUsageOverview", "UpdateSpace", "GetSpace", "GetSpaceUsageOverview", "GetSpaceUsageOverview"];
    expect("the simulator executed each call once, and no refused one", executed == expected)?;
    file::<T>(&server, out)
}

/// Moves a file up in parallel, with an interruption, and down again.
fn file<T: Files>(server: &Server, out: &mut impl Write) -> Result<(), BoxError> {
    const PART: u64 = 5 * 1024 * 1024;
    const PARTS: u64 = 6;
    writeln!(out, "A file of {PARTS} parts goes up, two at a time, and is interrupted.\n")?;
    let drive = T::new(Api::new(server.endpoint(), Credentials::app(APP_ID, APP_SECRET, USER_ID))?);
    let space = drive.run(Call::new(&GetSpace::new(USER_ID, SpaceType::Individual)))?.container_id;
    let space = space.ok_or("the space has no id")?;
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    // Its length and that of a part have no factor in common, so that no two parts are the same.
    let line = "This isn't a film yet, but many lines.\n";
    let content: Vec<u8> = line.bytes().cycle().take(usize::try_from(PART * PARTS)?).collect();
    std::fs::write(path("film.mp4"), &content)?;

    let parts = || server.ledger().iter().filter(|entry| entry.operation == Some("PutPart")).count();
    let stop = Stop::new();
    let options = Options::new().parallel(2).state(path("state"));
    let to = UploadTo::new(&space).part_size(PART).on_conflict(OnConflict::Refuse);
    let stopping = options.clone().stop(&stop.clone()).on_progress(move |event| {
        if event.parts >= 2 {
            stop.stop();
        }
    });
    match drive.upload_file(&path("film.mp4"), &to, &stopping) {
        Ok(_) => return Err("the upload was not interrupted".into()),
        Err(error) => writeln!(out, "   ✗ {error}\n")?,
    }
    let before = parts();
    writeln!(out, "It goes on from its state, and comes down again.\n")?;
    let uploaded = drive.upload_file(&path("film.mp4"), &to, &options)?;
    writeln!(out, "   ✓ {} parts were sent before, and {} now\n", before, parts() - before)?;
    expect("only parts under way are sent again", parts() as u64 <= PARTS + 2)?;

    let sha256 = uploaded.sha256.ok_or("there is no hash")?;
    let download = Download::new(&space, &uploaded.file_id).range_size(PART).sha256(sha256);
    let downloaded = drive.download_file(download, &path("copy.mp4"), &options)?;
    expect("the hash was compared", downloaded.verified == Verified::Sha256)?;
    expect("both files are equal", std::fs::read(path("copy.mp4"))? == content)?;
    writeln!(out, "   ✓ {} bytes, SHA-256 {sha256}\n", downloaded.length)?;
    Ok(())
}

fn expect(what: &str, holds: bool) -> Result<(), BoxError> {
    if holds { Ok(()) } else { Err(format!("not as expected: {what}").into()) }
}

/// Prints what is sent and what comes back.
struct Show<'a, W, T> {
    out: &'a mut W,
    transport: T,
    step: u8,
}

impl<W: Write, T: Transport> Show<'_, W, T> {
    fn attempt<O: Operation>(&mut self, title: &str, op: &O) -> io::Result<Result<O::Output, Error>> {
        self.step += 1;
        writeln!(self.out, "{}. {title}\n", self.step)?;
        let call = Call::new(op).trace_id(TraceId::from_bytes([self.step; 29]));
        let mut printed = Ok(());
        let flow = Printing { flow: call, out: &mut *self.out, printed: &mut printed };
        let result = self.transport.run(flow);
        printed.map(|()| result)
    }

    fn call<O: Operation>(&mut self, title: &str, op: &O) -> Result<O::Output, BoxError> {
        Ok(self.attempt(title, op)??)
    }

    fn refused<O: Operation>(&mut self, title: &str, op: &O) -> Result<Error, BoxError> {
        match self.attempt(title, op)? {
            Ok(_) => Err(format!("{} was not refused", O::META.name).into()),
            Err(error) => {
                writeln!(self.out, "   ✗ {error}\n")?;
                Ok(error)
            }
        }
    }

    fn result(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "   ✓ {text}\n")
    }

    fn usage(&mut self, usage: &SpaceUsage) -> io::Result<()> {
        let number = |value: Option<i64>| value.map_or_else(|| "?".to_owned(), |value| value.to_string());
        self.result(&format!(
            "{} spaces, {} GB in all, {} KB used",
            number(usage.total_allocation),
            number(usage.total_capacity),
            number(usage.total_used),
        ))
    }
}

/// A flow that prints the requests of another.
struct Printing<'a, F, W> {
    flow: F,
    out: &'a mut W,
    printed: &'a mut io::Result<()>,
}

impl<F: Flow, W: Write> Flow for Printing<'_, F, W> {
    type Output = F::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<F::Output, Error>> {
        let step = self.flow.resume(api, now, event);
        if let Step::Send(outgoing) = &step {
            if self.printed.is_ok() {
                *self.printed = print(self.out, api.endpoint(), outgoing);
            }
        }
        step
    }
}

fn print(out: &mut impl Write, endpoint: &Endpoint, outgoing: &Outgoing) -> io::Result<()> {
    let request = &outgoing.request;
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    writeln!(out, "   {} {path} HTTP/1.1   ({}, to {endpoint})", request.method(), outgoing.target.name())?;
    for (name, value) in request.headers() {
        let text = value.to_str().unwrap_or_default();
        match text.split_once(' ') {
            Some((scheme, _)) if value.is_sensitive() => writeln!(out, "   {name}: {scheme} (hidden)")?,
            None if value.is_sensitive() => writeln!(out, "   {name}: (hidden)")?,
            _ => writeln!(out, "   {name}: {text}")?,
        }
    }
    match request.body() {
        Body::Bytes(bytes) if !bytes.is_empty() => writeln!(out, "\n   {}\n", String::from_utf8_lossy(bytes)),
        _ => writeln!(out),
    }
}
