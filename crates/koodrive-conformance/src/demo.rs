//! The main job on a simulator, through both transports: prints and checks each request and each result.

use std::io::{self, Write};

use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Body, Event, Now, Outgoing, Step};
use koodrive_proto::ops::spaces::{GetSpace, GetSpaceUsageOverview, SpaceStatus, SpaceType, SpaceUsage, UpdateSpace};
use koodrive_proto::{
    Api, Call, Credentials, Endpoint, Error, ErrorKind, Flow, Language, Operation, Sent, TraceId, http,
};
use koodrive_sim::{Server, Simulator};

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

fn through<T: Transport>(out: &mut impl Write) -> Result<(), BoxError> {
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
    expect("the simulator executed each call once, and no refused one", executed == expected)
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
