//! Listings and polls through the clients: pages, entries, streams. And every listing that is declared.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use koodrive_proto::check::FromParams;
use koodrive_proto::flow::{Body, Pages, Until};
use koodrive_proto::operation::Paged;
use koodrive_proto::ops::files::CreateDirectory;
use koodrive_proto::ops::jobs::{CreateJob, GetJob, JobDetail, JobFile, JobType, TaskInfo};
use koodrive_proto::ops::spaces::{GetSpace, GetSpaceUsageByQuota, GetSpaceUsageByUser, SpaceType};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::{ErrorKind, Operation, RetryPolicy, TraceId, WithHead, http, operation};
use koodrive_sim::facts;
use koodrive_sim::{Fault, Faults, Server};
use serde_json::{Value as Json, json};

use crate::common::{USER, api, api_for, simulator};

/// A job that is over, or soon will be.
fn job(endpoint: &str) -> GetJob {
    let drive = koodrive_ureq::Client::new(api(endpoint));
    let space = drive.call(&GetSpace::new(USER, SpaceType::Individual)).unwrap().container_id.unwrap();
    let folder = drive.call(&CreateDirectory::new("New", space.clone())).unwrap().id.unwrap();
    let task = TaskInfo::new([JobFile::new(folder)], space.clone());
    GetJob::new(drive.call(&CreateJob::new(JobType::Copy, task, space)).unwrap())
}

/// 25 spaces of different sizes beside the 5 that are always there, which are of 1 GB each.
fn server() -> Server {
    let simulator =
        (2..27).fold(simulator(), |simulator, size| simulator.space(&size.to_string(), SpaceType::Group, size));
    Server::start(simulator).unwrap()
}

fn listing() -> GetSpaceUsageByQuota {
    GetSpaceUsageByQuota::new().limit(10)
}

#[test]
fn blocking() {
    let server = server();
    let drive = koodrive_ureq::Client::new(api(&server.endpoint()));
    let sizes: Vec<_> = drive.pages(listing()).map(|page| page.unwrap().groups.len()).collect();
    assert_eq!(sizes, [10, 10, 6]);
    let quotas: Vec<_> = drive.pages(listing()).items().map(|group| group.unwrap().quota.unwrap()).collect();
    assert_eq!(quotas, (1..27).collect::<Vec<_>>());
    // Only what is wanted is asked for.
    let before = server.ledger().len();
    assert_eq!(drive.pages(listing()).items().take(3).count(), 3);
    assert_eq!(server.ledger().len(), before + 1);
    // Put away and taken up.
    let mut pages = drive.pages(listing());
    pages.next().unwrap().unwrap();
    let request = pages.request().unwrap().clone();
    assert_eq!(drive.pages(request).items().count(), 16);
    // Options go with each request.
    let trace_id = TraceId::from_bytes([3; 29]);
    drive.pages(Pages::new(listing()).trace_id(trace_id.clone())).for_each(drop);
    assert_eq!(server.ledger().iter().filter(|entry| entry.trace_id.as_deref() == Some(trace_id.as_str())).count(), 4);

    // An error is the last of it, and tells where to go on.
    let mut pages = drive.pages(Pages::new(listing()).retry(RetryPolicy::none()));
    pages.next().unwrap().unwrap();
    server.simulator().set_faults(Some(Faults::new(1).rate(Fault::Unavailable, 1.0)));
    assert_eq!(pages.next().unwrap().unwrap_err().kind(), ErrorKind::Api);
    server.simulator().set_faults(None);
    assert!(pages.next().is_none() && pages.next().is_none());
    assert_eq!(pages.request().unwrap().offset, Some(10));
    assert!(format!("{pages:?}").contains("offset"));

    let job = job(&server.endpoint());
    assert!(drive.until(&job, Duration::from_secs(60), JobDetail::is_over).unwrap().is_over());
    let mut asked = 0;
    let mut third = Until::new(job.clone(), Duration::from_secs(60), |_| {
        asked += 1;
        asked == 3
    })
    .pauses(Duration::ZERO, Duration::ZERO);
    drive.run(&mut third).unwrap();
    let never = drive.until(&job, Duration::from_millis(10), |_| false).unwrap_err();
    assert_eq!(never.kind(), ErrorKind::Deadline);
}

/// All entries of a stream.
async fn collect<S: Stream + Unpin>(mut stream: S) -> Vec<S::Item> {
    let mut all = Vec::new();
    while let Some(item) = poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
        all.push(item);
    }
    all
}

fn sendable<T: Send + 'static>(value: T) -> T {
    value
}

#[test]
fn asynchronous() {
    let server = server();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let drive = koodrive_hyper::Client::new(api(&server.endpoint()));
        let mut pages = sendable(drive.pages(listing()));
        let mut sizes = Vec::new();
        while let Some(page) = pages.next().await {
            sizes.push(page.unwrap().groups.len());
        }
        assert_eq!(sizes, [10, 10, 6]);
        let mut items = drive.pages(listing()).items();
        assert_eq!(items.next().await.unwrap().unwrap().quota, Some(1));

        let quotas = collect(sendable(drive.pages(listing()).items().into_stream())).await;
        let quotas: Vec<_> = quotas.into_iter().map(|group| group.unwrap().quota.unwrap()).collect();
        assert_eq!(quotas, (1..27).collect::<Vec<_>>());
        let mut stream = sendable(drive.pages(GetSpaceUsageByUser::new().limit(2)).into_stream());
        assert!(!stream.is_terminated());
        assert_eq!(collect(&mut stream).await.len(), 2);
        assert!(stream.is_terminated() && collect(stream).await.is_empty());

        // Dropped while a page is under way, the listing goes on with that page.
        let mut pages = drive.pages(listing());
        server.simulator().set_faults(Some(Faults::new(1).rate(Fault::Slow, 1.0).slow_by(Duration::from_secs(3600))));
        let before = server.ledger().len();
        tokio::select! {
            page = pages.next() => panic!("{page:?}"),
            () = async { while server.ledger().len() == before { tokio::time::sleep(Duration::from_millis(1)).await; } } => {}
        }
        server.simulator().set_faults(None);
        assert_eq!(pages.next().await.unwrap().unwrap().groups[0].quota, Some(1));
        assert_eq!(pages.next().await.unwrap().unwrap().groups[0].quota, Some(11));

        // An error ends it.
        server.simulator().set_faults(Some(Faults::new(1).rate(Fault::Garbage, 1.0)));
        assert_eq!(pages.next().await.unwrap().unwrap_err().kind(), ErrorKind::Decode);
        server.simulator().set_faults(None);
        assert!(pages.next().await.is_none());

        let job = job(&server.endpoint());
        assert!(drive.until(&job, Duration::from_secs(60), JobDetail::is_over).await.unwrap().is_over());
        let never = sendable(drive.clone());
        let never = never.until(&job, Duration::from_millis(10), |_| false).await.unwrap_err();
        assert_eq!(never.kind(), ErrorKind::Deadline);
    });
}

/// Every listing over three pages, made of what is documented, and an empty one: all entries are read, and each request
/// is another one.
#[derive(Default)]
struct Listings {
    all: Vec<&'static str>,
    read: Vec<&'static str>,
}

impl Visitor for Listings {
    fn operation<O: Operation + FromParams>(&mut self) {}

    fn listing<O: Paged + FromParams>(&mut self) {
        const PAGES: u64 = 3;
        let name = O::META.name;
        self.all.push(name);
        let responses = facts::operation(name).unwrap()["responses"].as_array().unwrap();
        for response in responses {
            let (table, _) = facts::sample(&response["by_status"]["200"]["fields"]);
            let mut first = Json::Object(table);
            first["code"] = json!(0);
            let parsed = WithHead::<O>::parse(&http::Response::new(first.to_string()));
            let count = O::items(&mut parsed.unwrap().output).len();
            if count == 0 {
                // This manual's table of the answer could not be read.
                continue;
            }
            let total = PAGES * u64::try_from(count).unwrap();
            let mut number = 0;
            let mut world = World::new(move |_| {
                let mut page = if number < PAGES { first.clone() } else { json!({"code": 0, "data": {}}) };
                change(&mut page, "", 1000 * number, total);
                number += 1;
                Reply::ok(page.to_string())
            });
            let op = O::from_params(&operation::example::<O>()).unwrap();
            let api = api_for(O::META, "https://drive.example");
            let (mut pages, mut found) = (Pages::new(op), 0);
            while let Some(mut page) = world.run(&api, &mut pages).unwrap_or_else(|error| panic!("{error}")) {
                found += O::items(&mut page).len();
            }
            assert_eq!(u64::try_from(found).unwrap(), total, "{name}: {found} entries");
            let mut asked: Vec<String> = world.visits().iter().map(asked).collect();
            assert!(asked.len() <= 4, "{name}: {asked:?}");
            asked.sort();
            let all = asked.len();
            asked.dedup();
            assert_eq!(asked.len(), all, "{name}: {asked:?}");
            if self.read.last() != Some(&name) {
                self.read.push(name);
            }
        }
    }
}

/// What a request asks for.
fn asked(visit: &Visit) -> String {
    let Body::Bytes(body) = visit.request.body() else { panic!("another body") };
    format!("{} {}", visit.request.uri(), String::from_utf8_lossy(body))
}

/// Makes another page of an answer: other values, and the total of all pages.
fn change(json: &mut Json, name: &str, number: u64, total: u64) {
    match json {
        Json::Object(members) => members.iter_mut().for_each(|(name, member)| change(member, name, number, total)),
        Json::Array(items) => items.iter_mut().for_each(|item| change(item, "", number, total)),
        _ if name == "code" => {}
        _ if ["total", "totalcount", "totalnum"].contains(&name.to_ascii_lowercase().as_str()) => *json = total.into(),
        Json::Number(old) => *json = (old.as_u64().unwrap_or_default() + number).into(),
        Json::String(old) => *old = format!("{}", old.parse::<u64>().map_or(number, |old| old + number)),
        _ => {}
    }
}

#[test]
fn every_listing_turns_its_pages() {
    let mut listings = Listings::default();
    ops::visit(&mut listings);
    assert_eq!(listings.read, listings.all);
    assert!(listings.all.len() > 5);
}
